//! All tests of the house, in one binary.

#[path = "all/cli.rs"]
mod cli;
#[path = "all/errors.rs"]
mod errors;
#[path = "all/payment.rs"]
mod payment;
#[path = "all/world.rs"]
mod world;
