//! `till dialect`: specifications of other tools read as dialects, and dialects written for them.

pub mod command;
pub mod export;
pub mod jpos;
pub mod jpos_class;
pub mod moov;
pub mod spec;
pub mod wanted;
pub mod write;
