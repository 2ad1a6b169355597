//! All tests of the house, in one binary.

#[path = "all/bytecode.rs"]
mod bytecode;
#[path = "all/check.rs"]
mod check;
#[path = "all/dialect.rs"]
mod dialect;
#[path = "all/errors.rs"]
mod errors;
#[path = "all/payment.rs"]
mod payment;
#[path = "all/vm.rs"]
mod vm;
