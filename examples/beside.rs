//! Till's part in the comparison of `benches/peers`: `beside sample ROW`, `beside compile`, `beside once`.

#[path = "../benches/peers/src/sample.rs"]
#[allow(dead_code, reason = "the other example counts heap")]
mod sample;
#[path = "../benches/peers/src/till.rs"]
mod till;
#[path = "../benches/peers/src/work.rs"]
#[allow(dead_code, reason = "what the scripts of other engines need")]
mod work;

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    sample::measure(&till::ENGINE, &words)
}
