//! The script language, from text to running code.

pub mod builtin;
pub mod bytecode;
pub mod check;
pub mod compile;
pub mod library;
pub mod ready;
pub mod syntax;
pub mod types;
pub mod vm;
