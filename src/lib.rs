//! Runs payment-terminal scripts and explains every way they can fail.

pub mod language;
pub mod payment;
pub mod script_error;
pub mod world;
