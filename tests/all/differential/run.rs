//! The comparison itself: a hundred thousand programs, and defects that it must find.

use super::build::{Built, build};
use super::compare::run_both;
use super::coverage::Coverage;
use super::generator::program::write;
use super::planted::Planted;
use super::shrink::shrunk;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Instant;
use tillscript::language::bytecode::file;
use tillscript::language::syntax::format::whole::format as formatted;
use tillscript::script_error::source::FileId;

/// How many programs are compared where nobody says otherwise with `TILL_PROGRAMS`.
const PROGRAMS: u64 = 100_000;

/// Each planted defect is found among so many programs.
const PLANTED_AMONG: u64 = 20_000;

/// Of so many programs one is formatted too, and has to compile to the same bytecode.
const FORMATTED: u64 = 8;

/// Of so many refused programs the reasons are shown.
const REASONS_SHOWN: usize = 200;

fn programs() -> u64 {
    std::env::var("TILL_PROGRAMS").ok().and_then(|count| count.parse().ok()).unwrap_or(PROGRAMS)
}

/// What one thread did.
#[derive(Default)]
struct Done {
    runs: usize,
    limits: usize,
    formatted: usize,
    coverage: Coverage,
    /// Programs that the checker refused: why, and the whole page.
    refused: Vec<(String, String)>,
    wrong: Option<String>,
}

/// Compares one program; what is wrong with it, if anything is.
fn one(seed: u64, done: &mut Done) -> Result<(), String> {
    let text = write(seed);
    let built = match build(&text) {
        Ok(built) => built,
        Err(said) => {
            done.refused.push((said.clone(), format!("program {seed} was refused: {said}\n{text}")));
            return Ok(());
        }
    };
    for instruction in built.program.functions.iter().flat_map(|function| &function.code) {
        *done.coverage.instructions.entry(instruction.row().name).or_default() += 1;
    }
    if seed.is_multiple_of(FORMATTED) {
        done.formatted += 1;
        same_when_formatted(seed, &text, &built)?;
    }
    let compared = run_both(&text, &built, seed, None, &mut done.coverage);
    done.runs += compared.runs;
    done.limits += compared.limits;
    match compared.differs {
        None => Ok(()),
        Some(page) => Err(difference(seed, &text, &page, None)),
    }
}

/// The page of a difference: the smallest program that still differs, and both sides where they part.
fn difference(seed: u64, text: &str, page: &str, planted: Option<Planted>) -> String {
    let differs = |text: &str| {
        let built = build(text).ok()?;
        run_both(text, &built, seed, planted, &mut Coverage::default()).differs
    };
    let small = shrunk(text, |text| differs(text).is_some());
    let of_small = differs(&small).unwrap_or_default();
    format!("program {seed} differs: {page}\nthe smallest that does:\n{small}\n\n{of_small}")
}

fn same_when_formatted(seed: u64, text: &str, built: &Built) -> Result<(), String> {
    let once =
        formatted(FileId(0), text).map_err(|said| format!("program {seed} is not formatted: {said:?}\n{text}"))?;
    let again = build(&once).map_err(|said| format!("program {seed}, formatted, is refused: {said}\n{once}"))?;
    let stripped = |built: &Built| {
        let mut program = built.program.clone();
        file::strip(&mut program);
        file::write(&program)
    };
    if stripped(built) != stripped(&again) {
        return Err(format!("program {seed}, formatted, compiles to something else\n{text}\n----\n{once}"));
    }
    Ok(())
}

#[test]
fn a_hundred_thousand_programs_do_the_same_on_both_sides() {
    let (count, next, stop, start) = (programs(), AtomicU64::new(0), AtomicBool::new(false), Instant::now());
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(8);
    let work = || {
        let mut done = Done::default();
        while !stop.load(Ordering::Relaxed) {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= count {
                break;
            }
            if let Err(page) = one(seed, &mut done) {
                stop.store(true, Ordering::Relaxed);
                done.wrong = Some(page);
            }
        }
        done
    };
    // Programs nest deeper than the stack of a thread of its own would carry without optimisation.
    let all: Vec<Done> = std::thread::scope(|scope| {
        let spawn = |_| std::thread::Builder::new().stack_size(64 << 20).spawn_scoped(scope, work).expect("a thread");
        let threads: Vec<_> = (0..threads).map(spawn).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    let mut whole = Done::default();
    for done in all {
        if let Some(page) = done.wrong {
            panic!("{page}");
        }
        whole.runs += done.runs;
        whole.limits += done.limits;
        whole.formatted += done.formatted;
        whole.coverage.join(done.coverage);
        whole.refused.extend(done.refused);
    }
    if let Some((_, page)) = whole.refused.first() {
        let reasons: Vec<&str> = whole.refused.iter().map(|(said, _)| said.trim_end()).take(REASONS_SHOWN).collect();
        panic!("{} programs were refused:\n{}\n\n{page}", whole.refused.len(), reasons.join("\n"));
    }
    println!(
        "{count} programs, {} runs, {} at a limit of the machine, {} formatted, {:.0?} on {threads} threads",
        whole.runs,
        whole.limits,
        whole.formatted,
        start.elapsed()
    );
    println!("{}", whole.coverage.table());
    // Limits are the machine's own: they may end few runs, or the comparison would say little.
    assert!(whole.limits * 1000 <= whole.runs, "{} of {} runs came to a limit", whole.limits, whole.runs);
    // A short run need not meet what is rare.
    if count >= 20_000 {
        let missing: BTreeSet<String> = whole.coverage.missing().into_iter().collect();
        let known: BTreeSet<String> = UNREACHED.iter().map(|(name, _)| name.to_string()).collect();
        assert_eq!(missing, known, "what is not reached, and what is known not to be");
    }
}

/// What no generated program reaches, and why.
const UNREACHED: &[(&str, &str)] =
    &[("day_near", "the second evaluator knows no calendar; `vm::natives` tries it by hand")];

#[test]
fn every_planted_defect_is_found() {
    let mut missing = Planted::ALL.to_vec();
    // However few programs are compared otherwise: this ends where the last defect is found.
    for seed in 0..PLANTED_AMONG {
        if missing.is_empty() {
            break;
        }
        let text = write(seed);
        let Ok(built) = build(&text) else { continue };
        missing.retain(|planted| {
            let compared = run_both(&text, &built, seed, Some(*planted), &mut Coverage::default());
            let Some(page) = compared.differs else { return true };
            println!("{planted:?} is found by program {seed}, {} lines", text.lines().count());
            assert!(page.contains('≠'), "{page}");
            false
        });
    }
    assert!(missing.is_empty(), "{missing:?} are not found");
}

#[test]
fn a_difference_is_shown_small() {
    let (seed, text, page) = (0..2_000)
        .find_map(|seed| {
            let text = write(seed);
            let built = build(&text).ok()?;
            let planted = Some(Planted::RightFirst);
            let differs = run_both(&text, &built, seed, planted, &mut Coverage::default()).differs?;
            Some((seed, text, differs))
        })
        .expect("a planted defect is found");
    let page = difference(seed, &text, &page, Some(Planted::RightFirst));
    let small = page.split("the smallest that does:\n").nth(1).expect("a smaller program");
    assert!(small.contains("≠ machine") && small.contains("≠ reference"), "{page}");
    assert!(small.split("\n\n").next().unwrap_or_default().lines().count() < text.lines().count(), "{page}");
}
