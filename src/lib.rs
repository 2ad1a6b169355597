//! Runs payment-terminal scripts and explains every way they can fail.

#[cfg(feature = "cli")]
pub mod cli;
pub mod language;
pub mod payment;
pub mod run;
pub mod script_error;
pub mod world;
