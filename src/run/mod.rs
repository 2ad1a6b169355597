//! Puts program, world and journal together.

pub mod source_files;
pub mod program;
pub mod vault;
pub mod happening;
pub mod answer;
pub mod wire;
mod message_words;
pub mod exchange;
pub mod recovery;
pub mod reversible;
pub mod devices;
pub mod fixtures;
pub mod session;
pub mod report;
pub mod trace;
pub mod world;
pub mod suite;
