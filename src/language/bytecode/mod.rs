//! Compiled programs: instructions, tables, the file, its text form.

pub mod file;
pub mod instruction;
pub mod program;
