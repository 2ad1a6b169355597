//! The sockets: all that a running script can touch.

pub mod battery;
pub mod beeper;
pub mod calendar;
pub mod card_reader;
pub mod chips;
pub mod clock;
pub mod day;
pub mod failure;
pub mod host_link;
pub mod journal;
pub mod keypad;
pub mod log;
pub mod parameters;
pub mod pin_pad;
pub mod ports;
pub mod power;
pub mod printer;
pub mod record;
pub mod screen;
pub mod seal;
pub mod waited;
