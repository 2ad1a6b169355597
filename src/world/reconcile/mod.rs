//! A terminal's journal held against what a host says it has: an extract in CSV.

pub mod compare;
pub mod extract;
