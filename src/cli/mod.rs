//! The program `till`: one file per command.

pub mod audit;
pub mod build;
pub mod bundle;
pub mod check;
pub mod command;
pub mod commands;
pub mod cost;
#[cfg(feature = "net")]
pub mod diagnose;
pub mod dialect;
pub mod disassemble;
pub mod doctor;
pub mod exit;
pub mod explain;
pub mod fleet;
pub mod fmt;
pub mod given;
#[cfg(feature = "net")]
pub mod host;
#[cfg(feature = "net")]
mod host_log;
pub mod journal;
mod journal_backup;
mod journal_clear;
mod journal_words;
pub mod keys;
pub mod keys_answer;
pub mod keys_card;
pub mod keys_compute;
pub mod keys_derive;
pub mod keys_solve;
pub mod language;
#[cfg(feature = "net")]
mod line_options;
pub mod message;
pub mod profile;
#[cfg(feature = "net")]
pub mod proxy;
pub mod reconcile;
pub mod reproduce;
pub mod run;
mod run_end;
pub mod scripts;
pub mod show;
pub mod style;
pub mod test;
pub mod tlv;
pub mod torture;
mod torture_page;
mod torture_planted;
mod torture_random;
pub mod values;
