//! Everything that can be known to be wrong before a run.

pub mod checked;
