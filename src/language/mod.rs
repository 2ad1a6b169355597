//! The script language, from text to running code.

pub mod types;
pub mod syntax;
pub mod builtin;
pub mod check;
pub mod bytecode;
pub mod compile;
pub mod vm;
