//! All tests of the house, in one binary.

#[path = "all/cli.rs"]
mod cli;
#[path = "all/dialect.rs"]
mod dialect;
#[path = "all/errors.rs"]
mod errors;
#[path = "all/payment.rs"]
mod payment;
#[path = "all/syntax.rs"]
mod syntax;
#[path = "all/vm.rs"]
mod vm;
#[path = "all/world.rs"]
mod world;
