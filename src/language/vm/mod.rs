//! The machine: a function from (run, event) to (run, request).

pub mod value;
