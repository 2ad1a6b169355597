//! Everything a terminal can say, and what it means: codes, screen texts, questions, each with who does what.

pub mod entry;
pub mod find;
pub mod hear;
pub mod index;
pub mod read;
pub mod shelf;
pub mod sounds;
