//! The program `till`: one file per command.

pub mod language;
pub mod exit;
pub mod commands;
pub mod style;
pub mod values;
pub mod show;
pub mod run;
pub mod check;
pub mod test;
pub mod fmt;
pub mod build;
pub mod disassemble;
pub mod explain;
