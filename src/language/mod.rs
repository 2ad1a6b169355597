//! The script language, from text to running code.

pub mod syntax;
