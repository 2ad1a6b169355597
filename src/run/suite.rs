//! Tests written in the language: each in a world of its own, side by side.

use crate::language::bytecode::program::{Entry, Program};
use crate::run::report::{Ended, Result as RunResult};
use crate::run::session::{CutAt, Session};
use crate::run::world::dialect_of;
use crate::script_error::error::ScriptError;
use crate::world::host::ledger::LedgerLine;
use crate::world::port::failure::Failure;
use crate::world::simulation::{Setup, Simulation};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The annotation that repeats a test with the power cut before and after each request.
pub const EVERY_CRASH_POINT: &str = "every_crash_point";

/// What came of one test.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// Its title.
    pub title: String,
    /// `None`: it passed.
    pub failure: Option<Broken>,
    /// How many power cuts it stood, for a test at every crash point.
    pub cuts: u32,
}

/// Why a test failed.
#[derive(Clone, Debug)]
pub enum Broken {
    /// It ended in an error: an `expect` that does not hold, or anything else.
    Error(Box<ScriptError>),
    /// The world could not be built.
    World(Failure),
    /// After a power cut at this request, terminal and host do not agree.
    Disagree {
        /// Number of the request.
        request: u32,
        /// True if the world had done it when the power went.
        done: bool,
        /// What stands at the host.
        host: String,
        /// What stands in the terminal's batch.
        batch: String,
        /// Reversals that still wait.
        pending: usize,
    },
    /// This program has a defect.
    Defect(String),
}

/// Runs the tests whose titles hold `filter`, on as many threads as the machine has cores. Verdicts come in the
/// order of the source, whatever the order in which they were done.
pub fn run(program: &Program, seed: u64, filter: Option<&str>) -> Vec<Verdict> {
    let tests: Vec<&Entry> = program
        .entries
        .iter()
        .filter(|entry| entry.test && filter.is_none_or(|filter| entry.name.contains(filter)))
        .collect();
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(tests.len());
    let next = AtomicUsize::new(0);
    let verdicts: Mutex<Vec<(usize, Verdict)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((at, test)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    tests.get(at).map(|test| (at, *test))
                } {
                    let verdict = guarded(program, test, seed);
                    if let Ok(mut verdicts) = verdicts.lock() {
                        verdicts.push((at, verdict));
                    }
                }
            });
        }
    });
    let mut verdicts = verdicts.into_inner().unwrap_or_default();
    verdicts.sort_by_key(|(at, _)| *at);
    verdicts.into_iter().map(|(_, verdict)| verdict).collect()
}

/// A panic is our defect; it must not take the other tests with it.
fn guarded(program: &Program, test: &Entry, seed: u64) -> Verdict {
    catch_unwind(AssertUnwindSafe(|| one(program, test, seed))).unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned();
        let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| said.to_string()));
        let failure = Some(Broken::Defect(said.unwrap_or_default()));
        Verdict { title: test.name.to_string(), failure, cuts: 0 }
    })
}

fn one(program: &Program, test: &Entry, seed: u64) -> Verdict {
    let title = test.name.to_string();
    let verdict = |failure, cuts| Verdict { title: title.clone(), failure, cuts };
    let (ended, requests) = match once(program, test, seed, None) {
        Ok(done) => (done.ended, done.requests),
        Err(failure) => return verdict(Some(Broken::World(failure)), 0),
    };
    if let Some(error) = error_of(ended) {
        return verdict(Some(Broken::Error(error)), 0);
    }
    if !test.annotations.iter().any(|annotation| annotation == EVERY_CRASH_POINT) {
        return verdict(None, 0);
    }
    let mut cuts = 0;
    for request in 1..=requests {
        for done in [false, true] {
            match once(program, test, seed, Some(CutAt { request, done })) {
                Ok(after) if after.host == after.batch && after.pending == 0 => cuts += 1,
                Ok(after) => {
                    let Once { host, batch, pending, .. } = after;
                    return verdict(Some(Broken::Disagree { request, done, host, batch, pending }), cuts);
                }
                Err(failure) => return verdict(Some(Broken::World(failure)), cuts),
            }
        }
    }
    verdict(None, cuts)
}

/// One run of a test.
struct Once {
    ended: Ended,
    requests: u32,
    host: String,
    batch: String,
    pending: usize,
}

/// Runs a test once. With a power cut, the terminal starts again afterwards and sends what waits.
fn once(program: &Program, test: &Entry, seed: u64, cut: Option<CutAt>) -> Result<Once, Failure> {
    let mut setup = Setup::new(dialect_of(program)?);
    setup.seed = seed;
    let simulation = Simulation::start(setup)?;
    let mut watch = |_: &_| {};
    let mut session = Session::simulated(program, simulation, &mut watch);
    session.power = cut;
    let ended = session.run(test.function, &[]);
    let requests = session.requests;
    if cut.is_some() {
        session.restart();
    }
    let mut said = (String::new(), String::new());
    if let Some(world) = session.ports.simulation() {
        said = (ledger(world.host_ledger()), ledger(world.booked_ledger()));
    }
    let pending = session.ports.journal.state().pending.len();
    Ok(Once { ended, requests, host: said.0, batch: said.1, pending })
}

/// The lines of a ledger by trace number: a notice reaches the host later than what was sold after it.
fn ledger(mut lines: Vec<LedgerLine>) -> String {
    lines.sort_by_key(|line| line.stan);
    format!("{lines:?}")
}

fn error_of(ended: Ended) -> Option<Box<ScriptError>> {
    match ended.result {
        RunResult::Failed(error) | RunResult::PowerCut(error) => Some(error),
        _ => None,
    }
}
