//! Compiled programs: instructions, tables, the file, its text form.

pub mod bound;
pub mod cost;
pub mod disassemble;
pub mod file;
pub mod file_error;
pub mod instruction;
pub mod program;
pub mod reference;
pub mod structure;
pub mod verify;
pub mod worked_out;

mod debug_section;
mod fits;
mod sections;
mod table;
mod type_table;
mod wire;
mod word_types;
