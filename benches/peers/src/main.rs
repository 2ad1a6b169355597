//! Till beside other engines on the same work: they take turns, and the answers are compared.
//!
//! `peers` measures; `peers on ENGINE sample ROW`, `… compile`, `… once` are what it calls, each in a process of its own.
//! `docs/performance.md` says how to run it.

mod driver;
mod engines;
#[allow(dead_code, reason = "the other program counts heap")]
mod sample;
mod work;

use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["engines"] => {
            engines::ENGINES.iter().for_each(|engine| println!("{}", engine.name));
            ExitCode::SUCCESS
        }
        ["on", engine, words @ ..] => match engines::find(engine) {
            Some(engine) => sample::measure(engine, words),
            None => ExitCode::from(3),
        },
        options => driver::measure(options),
    }
}
