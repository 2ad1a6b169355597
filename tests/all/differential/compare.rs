//! One program, both sides.

use super::build::{Built, TRADE, build};
use super::dice::Dice;
use super::generator::program::write;
use super::machine;
use super::planted::Planted;
use super::reference::evaluator::Evaluator;
use super::reference::value::Value;
use super::seen::{self, Seen};
use super::world::{Scripted, value_of};
use std::collections::BTreeSet;
use tillscript::language::check::checked::{FunctionId, FunctionKind};
use tillscript::language::vm::value::Value as Border;

/// What came of running a program on both sides.
pub(super) struct Compared {
    pub(super) runs: usize,
    pub(super) limits: usize,
    /// The first run that differed.
    pub(super) differs: Option<String>,
}

/// Runs a program with inputs of its own on both sides.
pub(super) fn run_both(
    text: &str,
    built: &Built,
    seed: u64,
    planted: Option<Planted>,
    kinds: &mut BTreeSet<&'static str>,
) -> Compared {
    let mut compared = Compared { runs: 0, limits: 0, differs: None };
    let functions = built.checked.functions.iter().enumerate();
    let entries = functions.filter(|(_, signature)| {
        signature.file.0 == 0 && (signature.kind == FunctionKind::Test || signature.public && signature.name == "main")
    });
    for (at, signature) in entries {
        let turns = if signature.kind == FunctionKind::Test { 1 } else { 3 };
        for turn in 0..turns {
            let seed = seed.wrapping_mul(31).wrapping_add(turn + 1);
            let mut dice = Dice::new(seed ^ 0xA5A5);
            let types = &built.checked.types;
            let arguments: Vec<Border> =
                signature.parameters.iter().map(|(_, ty)| value_of(types, ty, &mut dice)).collect();
            let (machine, reference) = both(text, built, at as u16, &arguments, seed, planted, kinds);
            compared.runs += 1;
            if seen::is_limit(&machine) {
                compared.limits += 1;
            } else if machine != reference {
                let page = seen::side_by_side(text, &machine, &reference);
                compared.differs = Some(format!("{} with {arguments:?}, world {seed}\n{page}", signature.name));
                return compared;
            }
        }
    }
    compared
}

fn both(
    text: &str,
    built: &Built,
    function: u16,
    arguments: &[Border],
    seed: u64,
    planted: Option<Planted>,
    kinds: &mut BTreeSet<&'static str>,
) -> (Seen, Seen) {
    let types = &built.checked.types;
    let mut world = Scripted { types, seed, asked: 0 };
    let machine = machine::run(&built.program, function, arguments, &mut world);
    let mut world = Scripted { types, seed, asked: 0 };
    let texts = [text, TRADE];
    let mut evaluator = Evaluator::new(&built.checked, &texts, &mut world, planted);
    let ended = evaluator.run(FunctionId(function), arguments.iter().map(Value::from_border).collect());
    kinds.append(&mut evaluator.seen);
    (machine, seen::of_reference(evaluator, ended))
}

#[test]
fn smoke() {
    let count: u64 = std::env::var("TILL_PROGRAMS").ok().and_then(|count| count.parse().ok()).unwrap_or(300);
    let from: u64 = std::env::var("TILL_SEED").ok().and_then(|count| count.parse().ok()).unwrap_or(0);
    let mut kinds = BTreeSet::new();
    let (mut bad, mut differ, mut runs) = (0, 0, 0);
    let start = std::time::Instant::now();
    for seed in from..from + count {
        let text = write(seed);
        if std::env::var("TILL_SHOW").is_ok() {
            println!("{text}");
        }
        match build(&text) {
            Err(said) => {
                bad += 1;
                if bad < 12 {
                    let lines: Vec<String> = text.lines().enumerate().map(|(at, line)| format!("{:3} {line}", at + 1)).collect();
                    let first = said.lines().next().unwrap_or("");
                    let line: usize = first.split(':').nth(1).and_then(|n| n.parse().ok()).unwrap_or(1);
                    println!("seed {seed}: {first}");
                    for line in lines.iter().skip(line.saturating_sub(3)).take(5) {
                        println!("{line}");
                    }
                }
            }
            Ok(built) => {
                let compared = run_both(&text, &built, seed, None, &mut kinds);
                runs += compared.runs;
                if let Some(page) = compared.differs {
                    differ += 1;
                    if differ < 6 {
                        println!("seed {seed} differs: {page}");
                    }
                }
            }
        }
    }
    println!("{count} programs, {bad} refused, {differ} differ, {runs} runs, {:?}", start.elapsed());
}

#[test]
fn show() {
    let Some(seed) = std::env::var("TILL_SEED").ok().and_then(|seed| seed.parse().ok()) else { return };
    println!("{}", write(seed));
}
