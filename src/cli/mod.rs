//! The program `till`: one file per command.

pub mod build;
pub mod check;
pub mod command;
pub mod commands;
pub mod cost;
pub mod dialect;
pub mod disassemble;
pub mod exit;
pub mod explain;
pub mod fmt;
pub mod given;
pub mod journal;
pub mod keys;
pub mod keys_answer;
pub mod keys_card;
pub mod keys_compute;
pub mod keys_solve;
pub mod language;
pub mod message;
pub mod run;
pub mod scripts;
pub mod show;
pub mod style;
pub mod test;
pub mod tlv;
pub mod values;
