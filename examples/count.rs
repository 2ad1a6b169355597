//! Counts instructions of fixed cases under valgrind, and compares them with `benches/counts.txt`.
//!
//! ```console
//! $ cargo run --release --example count               # the cases
//! $ cargo run --release --example count -- sale 1000  # does a case so many times, for a profiler
//! $ cargo run --release --example count -- check      # counts, compares, fails at 3 % more or less
//! $ cargo run --release --example count -- bless      # counts, and writes the file
//! ```
//!
//! The count of one unit is what twice as many rounds execute more, divided: start and set-up drop out.

#[path = "../benches/support/mod.rs"]
mod support;

use std::path::PathBuf;
use std::process::{Command, ExitCode, Stdio};
use support::cases::{self, CASES, Case};

/// What is kept, and rounds enough to count it.
const KEPT: &[(&str, u64)] = &[
    ("loop", 20),
    ("strings", 2),
    ("table64", 10),
    ("match64", 10),
    ("luhn", 10),
    ("sale", 1_000),
    ("sale_luhn", 1_000),
    // A thousand runs come and go in each round: what the allocator gives back to the system, and when, has to drown in many.
    ("suspend", 64),
    ("write", 1_000),
    ("lines2000", 1),
    ("pack", 1_000),
    ("unpack", 1_000),
];

/// Counts that differ by more are told. One codegen unit lays the machine's loop out the same whatever else changes.
const TOLERANCE: f64 = 0.03;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["check"] => check(),
        ["bless"] => bless(),
        [name, rounds] => match (cases::find(name), rounds.parse()) {
            (Some(case), Ok(rounds)) => {
                println!("{}", repeat(case, rounds));
                ExitCode::SUCCESS
            }
            _ => usage(),
        },
        _ => usage(),
    }
}

fn usage() -> ExitCode {
    eprintln!("count CASE ROUNDS | count check | count bless");
    for case in CASES {
        eprintln!("  {:10} {} a round: {}", case.name, case.units, case.unit);
    }
    ExitCode::from(2)
}

/// Does a case so many times; gives what all rounds gave together.
fn repeat(case: &Case, rounds: u64) -> u64 {
    let mut round = (case.set_up)();
    (0..rounds).fold(0, |sum, _| sum.wrapping_add(round()))
}

/// Instructions that this program executes for a case, under valgrind; `None` where there is no valgrind.
fn instructions(case: &Case, rounds: u64) -> Option<u64> {
    let own = std::env::current_exe().expect("this program has a path");
    let mut command = Command::new("valgrind");
    command.args(["--tool=callgrind", "--callgrind-out-file=/dev/null"]).arg(own);
    // Where hash tables and the like take their seed from must not matter: nothing here is seeded at random.
    let output = command.args([case.name, &rounds.to_string()]).stdout(Stdio::null()).output().ok()?;
    let said = String::from_utf8_lossy(&output.stderr);
    let counted = said.lines().find_map(|line| line.split_once("Collected : "))?.1.trim().parse();
    Some(counted.expect("valgrind gives a number"))
}

/// Instructions for one unit.
fn unit(case: &Case, rounds: u64) -> Option<f64> {
    let (once, twice) = (instructions(case, rounds)?, instructions(case, 2 * rounds)?);
    Some((twice.saturating_sub(once)) as f64 / (rounds * case.units) as f64)
}

fn kept() -> impl Iterator<Item = (&'static Case, u64)> {
    KEPT.iter().map(|(name, rounds)| (cases::find(name).expect("a case that is kept is a case"), *rounds))
}

fn file() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/counts.txt")
}

/// Counts move with the compiler.
fn compiler() -> String {
    let output = Command::new("rustc").arg("--version").output();
    output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_string()).unwrap_or_default()
}

fn has_valgrind() -> bool {
    Command::new("valgrind").arg("--version").output().is_ok_and(|output| output.status.success())
}

fn bless() -> ExitCode {
    if !has_valgrind() {
        eprintln!("there is no valgrind here: nothing was counted, nothing written");
        return ExitCode::FAILURE;
    }
    let mut text = String::from(
        "# Instructions for one unit of each case, counted by valgrind.\n\
         # Written by `cargo run --release --example count -- bless`; `.ci/run` compares.\n",
    );
    text.push_str(&format!("compiler = {}\n", compiler()));
    for (case, rounds) in kept() {
        let Some(count) = unit(case, rounds) else {
            eprintln!("{}: valgrind gave no count", case.name);
            return ExitCode::FAILURE;
        };
        println!("{:10} {count:12.1}  {}", case.name, case.unit);
        text.push_str(&format!("{} = {count:.1}\n", case.name));
    }
    std::fs::write(file(), text).expect("the file can be written");
    ExitCode::SUCCESS
}

fn check() -> ExitCode {
    if !has_valgrind() {
        println!("counts: skipped, there is no valgrind here");
        return ExitCode::SUCCESS;
    }
    let text = std::fs::read_to_string(file()).expect("benches/counts.txt can be read");
    let known = |name: &str| text.lines().filter_map(|line| line.split_once(" = ")).find(|(key, _)| *key == name);
    let (was, is) = (known("compiler").map_or("", |(_, value)| value), compiler());
    if was != is {
        println!("counts: skipped, they were taken with {was}, and this is {is}");
        return ExitCode::SUCCESS;
    }
    let mut differ = false;
    println!("{:10} {:>12} {:>12} {:>8}", "case", "kept", "counted", "");
    for (case, rounds) in kept() {
        let before: Option<f64> = known(case.name).and_then(|(_, value)| value.parse().ok());
        let (Some(before), Some(count)) = (before, unit(case, rounds)) else {
            println!("{:10} is not in the file, or could not be counted", case.name);
            differ = true;
            continue;
        };
        let change = count / before - 1.0;
        let told = change.abs() > TOLERANCE;
        differ |= told;
        println!(
            "{:10} {before:12.1} {count:12.1} {:+7.1}%{}",
            case.name,
            100.0 * change,
            if told { "  <- differs" } else { "" }
        );
    }
    if differ {
        println!("If that is meant: cargo run --release --example count -- bless, and say in the change why.");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
