//! Everything that can be known to be wrong before a run.

mod cells;
pub mod checked;
pub mod codes;
pub mod dialect;
mod dialect_fields;
mod dialect_rules;
mod dialect_words;
mod lineage;
pub mod message;
