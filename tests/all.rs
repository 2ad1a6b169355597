//! All tests of the house, in one binary.

#[path = "all/answers.rs"]
mod answers;
#[path = "all/audit.rs"]
mod audit;
#[path = "all/bundle.rs"]
mod bundle;
#[path = "all/bytecode.rs"]
mod bytecode;
#[path = "all/certificates.rs"]
mod certificates;
#[path = "all/check.rs"]
mod check;
#[path = "all/chip.rs"]
mod chip;
#[path = "all/cli.rs"]
mod cli;
#[path = "all/cost.rs"]
mod cost;
#[path = "all/data.rs"]
mod data;
#[path = "all/determinism.rs"]
mod determinism;
#[path = "all/dialect.rs"]
mod dialect;
#[path = "all/differential.rs"]
mod differential;
#[path = "all/doctor.rs"]
mod doctor;
#[path = "all/documents.rs"]
mod documents;
#[path = "all/errors.rs"]
mod errors;
#[path = "all/examples.rs"]
mod examples;
#[path = "all/exchange.rs"]
mod exchange;
#[path = "all/fleet.rs"]
mod fleet;
#[path = "all/flows.rs"]
mod flows;
#[path = "all/format.rs"]
mod format;
#[path = "all/fuel.rs"]
mod fuel;
#[path = "all/fuzz_corpus.rs"]
mod fuzz_corpus;
#[path = "all/grown.rs"]
mod grown;
#[path = "all/handbook.rs"]
mod handbook;
#[path = "all/house.rs"]
mod house;
#[path = "all/limits.rs"]
mod limits;
#[path = "all/mend.rs"]
mod mend;
#[path = "all/nesting.rs"]
mod nesting;
#[cfg(feature = "net")]
#[path = "all/net.rs"]
mod net;
#[path = "all/paths.rs"]
mod paths;
#[path = "all/payment.rs"]
mod payment;
#[path = "all/ready.rs"]
mod ready;
#[path = "all/recovery.rs"]
mod recovery;
#[path = "all/reference.rs"]
mod reference;
#[path = "all/rehearse.rs"]
mod rehearse;
#[path = "all/reversal.rs"]
mod reversal;
#[path = "all/run.rs"]
mod run;
#[path = "all/sarif.rs"]
mod sarif;
#[path = "all/secrets.rs"]
mod secrets;
#[path = "all/slips.rs"]
mod slips;
#[path = "all/syntax.rs"]
mod syntax;
#[path = "all/texts.rs"]
mod texts;
#[path = "all/torture.rs"]
mod torture;
#[path = "all/trial.rs"]
mod trial;
#[path = "all/verify.rs"]
mod verify;
#[path = "all/vm.rs"]
mod vm;
#[path = "all/volumes.rs"]
mod volumes;
#[path = "all/workloads.rs"]
mod workloads;
#[path = "all/world.rs"]
mod world;
