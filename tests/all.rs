//! All tests of the house, in one binary.

#[path = "all/payment.rs"]
mod payment;
