//! A second evaluator, slow and obvious, against the machine: generated programs, equal in all that can be seen.

#[path = "differential/build.rs"]
mod build;
#[path = "differential/compare.rs"]
mod compare;
#[path = "differential/coverage.rs"]
mod coverage;
#[path = "differential/dice.rs"]
mod dice;
#[path = "differential/found.rs"]
mod found;
#[path = "differential/generator.rs"]
mod generator;
#[path = "differential/ledger.rs"]
mod ledger;
#[path = "differential/machine.rs"]
mod machine;
#[path = "differential/planted.rs"]
mod planted;
#[path = "differential/reference.rs"]
mod reference;
#[path = "differential/run.rs"]
mod run;
#[path = "differential/seen.rs"]
mod seen;
#[path = "differential/shrink.rs"]
mod shrink;
#[path = "differential/world.rs"]
mod world;
