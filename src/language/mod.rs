//! The script language, from text to running code.

pub mod builtin;
pub mod bytecode;
pub mod check;
pub mod compile;
pub mod syntax;
pub mod library;
pub mod types;
pub mod vm;
