//! Whole runs of every script we have, for tests that hold of any run.

use std::cell::RefCell;
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::rc::Rc;
use tillscript::language::bytecode::program::{Entry, Program};
use tillscript::language::types::Type;
use tillscript::language::vm::value::Value;
use tillscript::payment::amount::Amount;
use tillscript::run::happening::Happening;
use tillscript::run::program::{build, flow};
use tillscript::run::report::Ended;
use tillscript::run::session::Session;
use tillscript::run::trace::{Head, Recorder};
use tillscript::run::world::dialect_of;
use tillscript::world::simulation::{Setup, Simulation};
use tillscript::world::stage::Presented;
use tillscript::world::{fault, profile};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every script that runs: those we ship, those of the pages, those that show an error.
pub(super) fn programs() -> Vec<(String, Program)> {
    let mut paths = Vec::new();
    for folder in ["scripts", "tests/flows", "tests/errors/examples", "tests/bytecode"] {
        let Ok(entries) = fs::read_dir(root().join(folder)) else { continue };
        for path in entries.map(|entry| entry.expect("an entry").path()) {
            if path.extension().is_some_and(|extension| extension == "till") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let named = paths.into_iter().filter_map(|path| {
        let name = path.strip_prefix(root()).unwrap_or(&path).display().to_string();
        Some((name, build(&path).program?))
    });
    named.collect()
}

/// One shipped script.
pub(super) fn script(name: &str) -> Program {
    build(&root().join("scripts").join(name)).program.expect("a shipped script")
}

/// Some value of each type a user can hand in; `None` where one cannot.
pub(super) fn arguments(program: &Program, entry: &Entry) -> Option<Vec<Value>> {
    let function = program.functions.get(usize::from(entry.function))?;
    function
        .parameters
        .iter()
        .map(|ty| match ty {
            Type::Amount => Amount::parse("100.00CNY").ok().map(Value::Amount),
            Type::Int => Some(Value::Int(3)),
            Type::Duration => Some(Value::Int(1_000)),
            Type::Bool => Some(Value::Bool(true)),
            Type::Text => Some(Value::Text("12".into())),
            Type::Digits(length) => Some(Value::Text(format!("{:0>1$}", 1, usize::from(*length)))),
            _ => None,
        })
        .collect()
}

/// A world in which these things go wrong.
pub(super) fn world(program: &Program, faults: &[&str], seed: u64) -> Setup {
    let mut setup = Setup::new(dialect_of(program).expect("a dialect"));
    setup.seed = seed;
    setup.faults = faults.iter().map(|name| fault::parse(name).expect("a fault")).collect();
    setup
}

/// What came of a run.
#[derive(Debug, PartialEq)]
pub(super) struct Done {
    pub(super) ended: Ended,
    pub(super) trace: String,
    pub(super) host: String,
    pub(super) batch: String,
}

#[derive(Clone, Default)]
struct Shared(Rc<RefCell<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Runs a function once. `rewrite`: the run is written to bytes and read back at every request.
pub(super) fn run(program: &Program, function: u16, arguments: &[Value], setup: Setup, rewrite: bool) -> Done {
    let shared = Shared::default();
    let head = Head::new(String::new(), String::new(), String::new(), arguments.to_vec(), setup.seed);
    let simulation = Simulation::start(setup).expect("a world");
    let mut watch = |_: &Happening| {};
    let mut session = Session::simulated(program, simulation, &mut watch);
    session.record(Recorder::start(Box::new(shared.clone()), &head));
    session.rewrite = rewrite;
    let ended = session.run(function, arguments);
    let recorder = session.take_recorder().expect("the recorder");
    recorder.end(ended.money.word(), ended.pending, "", session.now_ms()).expect("memory takes everything");
    let world = session.ports.simulation().expect("simulated");
    let (host, batch) = (format!("{:?}", world.host_ledger()), format!("{:?}", world.batch_ledger()));
    let trace = String::from_utf8(shared.0.borrow().clone()).expect("JSON");
    Done { ended, trace, host, batch }
}

/// Every kind of fault, spelled out.
pub(super) fn faults() -> Vec<String> {
    let mut names = vec![String::new()];
    for row in fault::ROWS {
        match row.name {
            "reply" => {
                names.extend(["00", "05", "51", "41", "91", "A0", "Z9", "10"].map(|code| format!("reply:{code}")))
            }
            "power-cut" => names.extend(
                tillscript::world::port::power::PowerPoint::ALL
                    .into_iter()
                    .map(|point| format!("power-cut:{}", point.word())),
            ),
            "reversal-code" => names.push("reversal-code:25".to_owned()),
            name => names.push(name.to_string()),
        }
    }
    names
}

/// A run that a page of `tests/flows` types in, as far as it is a run in a world of its own.
pub(super) struct Typed {
    pub(super) line: String,
    pub(super) program: Program,
    pub(super) function: u16,
    pub(super) arguments: Vec<Value>,
    pub(super) setup: Setup,
}

/// The runs of the pages.
pub(super) fn typed() -> Vec<Typed> {
    let mut found = Vec::new();
    let mut pages: Vec<PathBuf> = fs::read_dir(root().join("tests/flows"))
        .expect("the pages")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    pages.sort();
    for page in pages.iter().filter(|page| page.extension().is_some_and(|extension| extension == "console")) {
        let text = fs::read_to_string(page).expect("a page");
        let runs = text.lines().filter_map(|line| line.strip_prefix("$ till run "));
        found.extend(runs.filter_map(typed_in));
    }
    found
}

fn typed_in(line: &str) -> Option<Typed> {
    let mut words = line.split_whitespace();
    let program = build(&root().join(words.next()?)).program?;
    let (mut named, mut amount, mut faults, mut card, mut seed) = (None, None, Vec::new(), None, 0);
    while let Some(word) = words.next() {
        match word {
            "--fault" => faults.push(words.next()?),
            "--card" => card = Some(words.next()?),
            "--seed" => seed = words.next()?.parse().ok()?,
            "--lang" | "--format" => {
                words.next()?;
            }
            // A run in a folder, or one that is a replay, depends on others.
            other if other.starts_with("--") => return None,
            other => match other.split_once('=') {
                Some((_, value)) => amount = Some(Value::Amount(Amount::parse(value).ok()?)),
                None => named = Some(other),
            },
        }
    }
    let mut setup = world(&program, &faults, seed);
    if let Some(card) = card {
        let card = profile::load(card).ok()?;
        setup.cards = vec![Presented { card, entry: None, pin: None }];
    }
    let function = flow(&program, named)?.function;
    Some(Typed { line: line.to_string(), function, arguments: amount.into_iter().collect(), setup, program })
}
