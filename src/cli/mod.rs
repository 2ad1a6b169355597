//! The program `till`: one file per command.

pub mod build;
pub mod check;
pub mod command;
pub mod commands;
pub mod cost;
pub mod disassemble;
pub mod exit;
pub mod explain;
pub mod fmt;
pub mod journal;
pub mod language;
pub mod reproduce;
pub mod run;
pub mod scripts;
pub mod show;
pub mod style;
pub mod test;
pub mod values;
