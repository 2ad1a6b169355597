//! Puts program, world and journal together.

pub mod answer;
pub mod bundle;
mod certificate;
mod chip;
pub mod content;
pub mod cost;
pub mod day;
pub mod devices;
#[cfg(feature = "net")]
pub mod diagnose;
pub mod doctor;
pub mod echo;
pub mod exchange;
pub mod fixtures;
pub mod fleet;
pub mod happening;
pub mod known_dialects;
pub mod library;
pub mod mend;
pub mod message_words;
pub mod program;
pub mod recovery;
pub mod report;
pub mod reversible;
pub mod session;
pub mod source_files;
pub mod spending;
mod stray;
pub mod suite;
pub mod torture;
pub mod trace;
mod upload;
pub mod vault;
pub mod wire;
pub mod wire_words;
pub mod world;
