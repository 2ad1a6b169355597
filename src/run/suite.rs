//! Tests written in the language: each in a world of its own, side by side.

use crate::language::bytecode::program::{Entry, Program};
use crate::run::report::{Ended, Result as RunResult};
use crate::run::session::{Session, Terminal};
use crate::run::torture::engine::{Options, torture};
use crate::run::torture::plan::Choice;
use crate::run::torture::story::power_went;
use crate::run::torture::subject::{Subject, setup};
use crate::run::world::dialect_of;
use crate::script_error::error::ScriptError;
use crate::script_error::words::Said;
use crate::world::audit::books::{Standing, Tally};
use crate::world::audit::violation::Violation;
use crate::world::crash::outside::Plant;
use crate::world::port::failure::Failure;
use crate::world::simulation::{Setup, Simulation};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The annotation that repeats a test with the power cut at every moment.
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
    /// How terminal and host stand after it; `None` where no money was to move.
    pub books: Option<Books>,
}

/// The books after a test: everything mended, and what waited sent.
#[derive(Clone, Debug)]
pub struct Books {
    /// How terminal and host stand.
    pub standing: Standing,
    /// What is wrong between them, worst first.
    pub wrong: Vec<Violation>,
}

impl Books {
    /// The host did not do what it said, and nothing else is wrong: a test wants to see what comes of that.
    pub fn is_of_host(&self) -> bool {
        !self.wrong.is_empty() && self.wrong.iter().all(|violation| violation.what.is_of_host())
    }
}

/// Why a test failed.
#[derive(Clone, Debug)]
pub enum Broken {
    /// It ended in an error: an `expect` that does not hold, or anything else.
    Error(Box<ScriptError>),
    /// The world could not be built.
    World(Failure),
    /// After a power cut the books are wrong.
    Disagree {
        /// What is wrong.
        violation: Violation,
        /// The request at or after which the power went; 0 where it did not go.
        request: u32,
        /// True if the world had done it when the power went.
        done: bool,
        /// Where the power went, in words.
        went: Said,
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
        Verdict { title: test.name.to_string(), failure, cuts: 0, books: None }
    })
}

fn one(program: &Program, test: &Entry, seed: u64) -> Verdict {
    let title = test.name.to_string();
    let (ended, books) = match once(program, test, seed) {
        Ok(ended) => ended,
        Err(failure) => return Verdict { title, failure: Some(Broken::World(failure)), cuts: 0, books: None },
    };
    let verdict = |failure, cuts| Verdict { title: title.clone(), failure, cuts, books: books.clone() };
    if let Some(error) = error_of(ended) {
        return verdict(Some(Broken::Error(error)), 0);
    }
    if !test.annotations.iter().any(|annotation| annotation == EVERY_CRASH_POINT) {
        return verdict(None, 0);
    }
    match every_cut(program, test, seed) {
        Ok((cuts, None)) => verdict(None, cuts),
        Ok((cuts, Some(broken))) => verdict(Some(broken), cuts),
        Err(failure) => verdict(Some(Broken::World(failure)), 0),
    }
}

/// Cuts the power at every moment of a test, with nothing else going wrong. Gives how many moments there were.
fn every_cut(program: &Program, test: &Entry, seed: u64) -> Result<(u32, Option<Broken>), Failure> {
    let mut world = setup(program, seed)?;
    // A test says itself what the cashier keys in.
    world.inputs.digits.clear();
    let subject = Subject { program, entry: test, values: Vec::new(), setup: world };
    let report = torture(&subject, &Options::new(Choice::None), Plant::default(), &mut |_| {})?;
    let cuts = u32::try_from(report.points).unwrap_or(u32::MAX);
    let found = report.found.iter().find(|found| !found.violation.what.is_of_host());
    let broken = found.map(|found| {
        let (request, done, went) = match found.origin.cut {
            Some((cut, moment)) => {
                let (request, done) = report.requests.get(cut.at as usize - 1).copied().unwrap_or((0, false));
                (request, done, power_went(moment, cut))
            }
            None => (0, false, Said::new("没有断电", "without a power cut")),
        };
        Broken::Disagree { violation: found.violation.clone(), request, done, went }
    });
    Ok((cuts, broken))
}

/// Runs a test once, and compares the books behind it.
fn once(program: &Program, test: &Entry, seed: u64) -> Result<(Ended, Option<Books>), Failure> {
    let mut setup = Setup::new(dialect_of(program)?);
    setup.seed = seed;
    let simulation = Simulation::start(setup)?;
    let mut watch = |_: &_| {};
    let mut session = Session::simulated(program, simulation, &mut watch);
    let ended = session.run(test.function, &[]);
    Ok((ended, books(session)))
}

/// The books once everything is mended and what waits has been sent: a test may end in the middle of trouble.
fn books(mut session: Session<'_>) -> Option<Books> {
    if session.tally == Tally::default() {
        return None;
    }
    let waits = |session: &Session<'_>| {
        let state = session.ports.journal.state();
        !state.pending.is_empty() || !state.day.notices.is_empty()
    };
    for start in 0..STARTS {
        let world = session.ports.simulation()?;
        world.mend();
        // A terminal without keys, or with old ones, has every reversal refused until somebody signs it in.
        if start > 0 {
            world.sign_in_again();
        }
        session.restart();
        if !waits(&session) {
            break;
        }
    }
    let tally = session.tally;
    let Terminal::Simulated(world) = session.into_terminal();
    let (standing, wrong) = Standing::with_wrong(&world, tally);
    Some(Books { standing, wrong })
}

/// How often the terminal is started after a test while something waits.
const STARTS: u32 = 2;

fn error_of(ended: Ended) -> Option<Box<ScriptError>> {
    match ended.result {
        RunResult::Failed(error) | RunResult::PowerCut(error) => Some(error),
        _ => None,
    }
}
