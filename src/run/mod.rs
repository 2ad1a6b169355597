//! Puts program, world and journal together.

pub mod answer;
pub mod cost;
pub mod devices;
#[cfg(feature = "net")]
pub mod diagnose;
pub mod exchange;
pub mod fixtures;
pub mod happening;
pub mod mend;
pub mod message_words;
pub mod program;
pub mod recovery;
pub mod report;
pub mod reversible;
pub mod session;
pub mod source_files;
mod stray;
pub mod suite;
pub mod trace;
pub mod vault;
pub mod wire;
pub mod world;
