//! Runs payment-terminal scripts and explains every way they can fail.

pub mod script_error;
pub mod payment;
pub mod language;
