//! Till's part in the comparison of `benches/peers`: `held COUNT` says how many bytes a sale that waits takes.

#[path = "../benches/peers/src/sample.rs"]
#[allow(dead_code, reason = "the other example measures time")]
mod sample;
#[path = "../benches/peers/src/till.rs"]
mod till;
#[path = "../benches/peers/src/work.rs"]
#[allow(dead_code, reason = "what the scripts of other engines need")]
mod work;

use std::process::ExitCode;

fn main() -> ExitCode {
    let count = std::env::args().nth(1).and_then(|word| word.parse().ok()).unwrap_or(10_000);
    sample::hold(&till::ENGINE, count, |hold| allocation_counter::measure(hold).bytes_current)
}
