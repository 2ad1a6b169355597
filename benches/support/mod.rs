//! What the benchmarks and the counts measure: the cases, the host that does nothing, and long sources.
//!
//! Each binary that uses it uses a part of it.
#![allow(dead_code, reason = "each of the binaries uses a part")]

pub(crate) mod cases;
pub(crate) mod long_source;
pub(crate) mod no_op_host;
