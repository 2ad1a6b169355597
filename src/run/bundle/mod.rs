//! The bundle a shop sends to its help desk: programs, traces, a slice of the journal, without card data or keys.

pub mod file;
pub mod pseudonym;
pub mod scan;
