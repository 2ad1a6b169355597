//! Bytes of a sale that waits, `held ENGINE COUNT`. Its allocator counts, and it is a program of its own so that counting
//! slows nothing else.

mod engines;
#[allow(dead_code, reason = "the other program measures time")]
mod sample;
#[allow(dead_code, reason = "the other program measures time")]
mod work;

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [engine, count] = words.as_slice() else { return ExitCode::from(2) };
    let Some(engine) = engines::find(engine) else { return ExitCode::from(3) };
    let count = count.parse().expect("a count");
    sample::hold(engine, count, |hold| allocation_counter::measure(hold).bytes_current)
}
