//! A simulated terminal, one file per device.

pub mod battery;
pub mod beeper;
pub mod card_reader;
pub mod chip;
pub mod clock;
pub mod keypad;
pub mod log;
pub mod pin_pad;
pub mod power;
pub mod printer;
pub mod screen;
pub mod storage;
