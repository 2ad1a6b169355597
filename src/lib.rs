//! Runs payment-terminal scripts and explains every way they can fail.

pub mod payment;
