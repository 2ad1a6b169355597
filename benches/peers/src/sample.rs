//! One figure of one engine, in a process of its own.

use crate::work::Engine;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Does what the words ask of an engine: `sample ROW`, `compile`, `once`.
pub(crate) fn measure(engine: &Engine, words: &[&str]) -> ExitCode {
    match words {
        ["sample", row] => sample(engine, row),
        ["compile"] => compile(engine),
        ["once"] => once(engine),
        _ => ExitCode::from(2),
    }
}

/// Prints the nanoseconds of a round, the rounds, and what a round gave.
fn sample(engine: &Engine, row: &str) -> ExitCode {
    let Some(mut round) = engine.set_up(row) else {
        return ExitCode::from(3);
    };
    let check = round();
    let (ns, rounds) = best(&mut round, Duration::from_millis(40));
    println!("{ns:.3} {rounds} {check}");
    ExitCode::SUCCESS
}

/// The best of three, each about as long as the warm-up before them.
fn best(round: &mut dyn FnMut() -> u64, warm_up: Duration) -> (f64, u64) {
    let began = Instant::now();
    let mut rounds = 0;
    while began.elapsed() < warm_up {
        round();
        rounds += 1;
    }
    // A slow one is not made to wait for itself three times more: the turns repeat it.
    if rounds == 1 && began.elapsed() > Duration::from_millis(300) {
        return (began.elapsed().as_nanos() as f64, 1);
    }
    let time = |round: &mut dyn FnMut() -> u64| {
        let began = Instant::now();
        for _ in 0..rounds {
            std::hint::black_box(round());
        }
        began.elapsed().as_nanos() as f64 / rounds as f64
    };
    let times = [time(round), time(round), time(round)];
    (times.into_iter().fold(f64::INFINITY, f64::min), rounds)
}

/// Prints heap bytes and resident bytes of one sale that waits, and what all gave. `heap` does what it is given, and says
/// how many bytes of heap remain in use by it.
pub(crate) fn hold(engine: &Engine, count: usize, heap: fn(&mut dyn FnMut()) -> i64) -> ExitCode {
    let Some(holder) = engine.holder else {
        return ExitCode::from(3);
    };
    let mut holder = holder();
    // One before, so that what is made once is there.
    holder.hold(1);
    holder.release();
    let before = resident();
    let heap = heap(&mut || holder.hold(count)) / count as i64;
    let held = resident().saturating_sub(before);
    println!("{heap} {} {}", held / count as u64, holder.release());
    ExitCode::SUCCESS
}

/// From nothing to the result of one sale.
fn once(engine: &Engine) -> ExitCode {
    let Some(mut round) = engine.set_up("sale") else {
        return ExitCode::from(3);
    };
    println!("{}", round());
    ExitCode::SUCCESS
}

/// Bytes of memory that this process really has.
fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096
}

/// Prints the nanoseconds of a compilation and the bytes compiled.
fn compile(engine: &Engine) -> ExitCode {
    let Some(compile) = engine.compile else {
        return ExitCode::from(3);
    };
    let (bytes, mut round) = compile();
    let check = round();
    let (ns, rounds) = best(&mut round, Duration::from_millis(1));
    println!("{ns:.0} {bytes} {} {rounds}", check.min(1));
    ExitCode::SUCCESS
}
