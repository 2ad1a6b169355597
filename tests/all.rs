//! All tests of the house, in one binary.

#[path = "all/bytecode.rs"]
mod bytecode;
#[path = "all/check.rs"]
mod check;
#[path = "all/cli.rs"]
mod cli;
#[path = "all/dialect.rs"]
mod dialect;
#[path = "all/documents.rs"]
mod documents;
#[path = "all/errors.rs"]
mod errors;
#[path = "all/examples.rs"]
mod examples;
#[path = "all/format.rs"]
mod format;
#[path = "all/house.rs"]
mod house;
#[path = "all/mend.rs"]
mod mend;
#[path = "all/paths.rs"]
mod paths;
#[path = "all/payment.rs"]
mod payment;
#[path = "all/reference.rs"]
mod reference;
#[path = "all/run.rs"]
mod run;
#[path = "all/sarif.rs"]
mod sarif;
#[path = "all/slips.rs"]
mod slips;
#[path = "all/syntax.rs"]
mod syntax;
#[path = "all/trial.rs"]
mod trial;
#[path = "all/verify.rs"]
mod verify;
#[path = "all/vm.rs"]
mod vm;
#[path = "all/world.rs"]
mod world;
