//! `till torture`: flows under every fault, with the power cut at every moment.

use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
use crate::cli::scripts;
use crate::cli::style::{Console, Format};
use crate::cli::torture_page as page;
use crate::cli::{check, run};
use crate::cli::{torture_planted, torture_random};
use crate::language::bytecode::program::Program;
use crate::run::program;
use crate::run::torture::engine::{Options, Progress, torture};
use crate::run::torture::plan::Choice;
use crate::run::torture::report::{Found, Report};
use crate::run::torture::story;
use crate::run::torture::subject::{LeftOut, Subject, setup, subjects};
use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::error::ScriptError;
use crate::script_error::source::Sources;
use crate::script_error::words::{Language, Words};
use crate::world::crash::outside::Plant;
use crate::world::fault;
use crate::world::port::failure::Failure;
use crate::world::scenario::{self, Scenario};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

/// `till torture` on the command line.
pub const COMMAND: Row = Row {
    name: "torture",
    about: Words {
        zh: "让流程经受所有故障、在每一时刻断电，再对账",
        en: "Flows under every fault, the power cut at every moment; then the books are compared",
    },
    define,
    go,
};

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    command
        .arg(
            Arg::new("paths")
                .num_args(0..)
                .required_unless_present("planted")
                .value_name("PATH")
                .value_parser(value_parser!(PathBuf))
                .help(say("脚本，或装着脚本的目录", "Scripts, or folders of them")),
        )
        .arg(
            Arg::new("crashes")
                .long("crashes")
                .value_name("1|2")
                .value_parser(value_parser!(u8).range(1..=2))
                .default_value("1")
                .help(say("断电次数；2 为恢复途中再断一次", "Power cuts: with 2, once more while the terminal recovers")),
        )
        .arg(
            Arg::new("faults")
                .long("faults")
                .value_name("all|none|NAME,…")
                .action(ArgAction::Append)
                .help(say("哪些故障；不写为 all", "Which faults; all unless told")),
        )
        .arg(command::flag("random", say("整天整天地随机交易", "Whole days of sales at random")))
        .arg(
            Arg::new("sales")
                .long("sales")
                .value_name("N")
                .value_parser(value_parser!(u64).range(1..=1_000_000_000))
                .requires("random")
                .help(say("随机交易笔数；不写为 10000", "How many sales at random: 10,000 unless told")),
        )
        .arg(command::seed(language))
        .arg(
            Arg::new("shard")
                .long("shard")
                .value_name("I/N")
                .help(say("只做 N 份中的第 I 份", "Only part I of N")),
        )
        .arg(command::flag(
            "planted",
            say("找出有意埋下的错误：检验本命令自己", "Find defects that were planted: a test of this command itself"),
        ))
        .arg(command::path_option("scenario", "FILE", say("场景文件：卡、按键", "A scenario file: cards, keys pressed")))
        .arg(command::path_option(
            "save",
            "DIR",
            say("运行记录写到此目录；不写为当前目录", "Where traces of violations go: here unless told"),
        ))
        .arg(command::format_of(language, &["full", "json"]))
        .after_help(say(
            "示例：\n  till torture scripts\n  till torture scripts/sale.till --crashes 2 --faults silent,late\n  till torture scripts/sale.till --random --seed 7 --sales 100000\n  till torture --planted\n\n全部说明见 docs/torture.md。",
            "Examples:\n  till torture scripts\n  till torture scripts/sale.till --crashes 2 --faults silent,late\n  till torture scripts/sale.till --random --seed 7 --sales 100000\n  till torture --planted\n\ndocs/torture.md says it all.",
        ))
}

/// What the command line said.
pub(super) struct Wanted {
    pub(super) paths: Vec<PathBuf>,
    pub(super) options: Options,
    pub(super) seed: u64,
    pub(super) sales: u64,
    pub(super) save: PathBuf,
    pub(super) scenario: Option<PathBuf>,
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    let wanted = match wanted(matches) {
        Ok(wanted) => wanted,
        Err(failure) => {
            console.refusal(&ScriptError::of(failure.code, failure.facts));
            return Exit::Usage;
        }
    };
    if matches.get_flag("planted") {
        return torture_planted::planted(console);
    }
    let mut files = Vec::new();
    for path in &wanted.paths {
        if let Err((path, error)) = scripts::below(path, &mut files) {
            let facts =
                vec![("path", Fact::Text(path.display().to_string())), ("detail", Fact::Text(error.to_string()))];
            console.refusal(&ScriptError::of(storage::CANNOT_READ, facts));
            return Exit::Surroundings;
        }
    }
    if matches.get_flag("random") {
        return torture_random::random(console, &wanted, &files);
    }
    exhaust(console, &wanted, &files)
}

fn wanted(matches: &ArgMatches) -> Result<Wanted, Failure> {
    let words: Vec<String> = command::texts(matches, "faults")
        .iter()
        .flat_map(|text| text.split(',').map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned))
        .collect();
    let choice = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] | ["all"] => Choice::All,
        ["none"] => Choice::None,
        _ => Choice::Named(words),
    };
    if let Some(unknown) = choice.unknown() {
        // The parser of faults says what is near.
        return Err(fault::parse(unknown).err().unwrap_or_else(|| wrong("--faults", unknown)));
    }
    let shard = match command::text(matches, "shard") {
        None => (1, 1),
        Some(text) => {
            let parts = text.split_once('/').and_then(|(part, of)| Some((part.parse().ok()?, of.parse().ok()?)));
            parts
                .filter(|(part, of): &(u32, u32)| *part >= 1 && part <= of && *of <= 10_000)
                .ok_or_else(|| wrong("--shard", &text))?
        }
    };
    let crashes = matches.get_one::<u8>("crashes").copied().unwrap_or(1);
    Ok(Wanted {
        paths: command::paths(matches, "paths"),
        options: Options { crashes, choice, shard, stop_at_first: false },
        seed: matches.get_one::<u64>("seed").copied().unwrap_or(0),
        sales: matches.get_one::<u64>("sales").copied().unwrap_or(10_000),
        save: command::path(matches, "save").unwrap_or_else(|| PathBuf::from(".")),
        scenario: command::path(matches, "scenario"),
    })
}

fn wrong(name: &str, value: &str) -> Failure {
    let detail = crate::script_error::words::Said::new(format!("不能是“{value}”"), format!("it cannot be `{value}`"));
    Failure::new(storage::ARGUMENT_WRONG).text("name", name).fact("detail", Fact::Said(detail))
}

/// One script that can be tortured.
pub(super) struct Script {
    pub(super) file: PathBuf,
    pub(super) program: Program,
    pub(super) sources: Sources,
}

/// The scripts that build; those that do not are reported.
pub(super) fn scripts_of(console: &Console, files: &[PathBuf]) -> (Vec<Script>, Exit) {
    let mut exit = Exit::Fine;
    let mut found = Vec::new();
    for file in files {
        if file.extension().is_some_and(|extension| extension == "tillc") {
            match run::load(console, file) {
                Ok((program, sources, _)) => found.push(Script { file: file.clone(), program, sources }),
                Err(refused) => exit = exit.max(refused),
            }
            continue;
        }
        let mut built = program::build(file);
        match built.program.take() {
            Some(program) => found.push(Script { file: file.clone(), program, sources: built.sources }),
            None => exit = exit.max(check::report(console, &built).max(Exit::Refused)),
        }
    }
    (found, exit)
}

/// The subjects of a script, in the world that the command line describes.
pub(super) fn subjects_of<'s>(
    script: &'s Script,
    wanted: &Wanted,
) -> Result<(Vec<Subject<'s>>, Vec<LeftOut>), Failure> {
    let mut setup = setup(&script.program, wanted.seed)?;
    if let Some(scenario) = scenario_of(wanted)? {
        if !scenario.cards.is_empty() {
            setup.cards.clear();
        }
        if !scenario.inputs.digits.is_empty() {
            setup.inputs.digits.clear();
        }
        setup.apply(scenario);
    }
    Ok(subjects(&script.program, &setup))
}

/// The scenario that the command line names.
pub(super) fn scenario_of(wanted: &Wanted) -> Result<Option<Scenario>, Failure> {
    let Some(path) = &wanted.scenario else { return Ok(None) };
    let shown = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::new(storage::CANNOT_READ).text("path", shown.clone()).text("detail", error.to_string())
    })?;
    scenario::parse(&shown, &text).map(Some)
}

/// A job of the pool: a subject of a script.
struct Job<'s> {
    script: &'s Script,
    subject: Subject<'s>,
}

fn exhaust(console: &Console, wanted: &Wanted, files: &[PathBuf]) -> Exit {
    let began = Instant::now();
    let (scripts, mut exit) = scripts_of(console, files);
    let mut jobs = Vec::new();
    for script in &scripts {
        match subjects_of(script, wanted) {
            Ok((subjects, left_out)) => {
                for why in left_out {
                    page::left_out(console, &script.file, &why);
                }
                jobs.extend(subjects.into_iter().map(|subject| Job { script, subject }));
            }
            Err(failure) => {
                console.refusal(&ScriptError::of(failure.code, failure.facts));
                return exit.max(Exit::Surroundings);
            }
        }
    }
    if jobs.is_empty() {
        console.line(console.say("没有可以运行的流程。", "There is no flow that can be run."));
        return exit.max(Exit::Usage);
    }
    let meter = Meter::new(jobs.len() as u64);
    let reports = all(&jobs, &wanted.options, &meter);
    meter.clear();
    let mut sum = Report::default();
    for (job, report) in jobs.iter().zip(reports) {
        match report {
            Ok(report) => {
                page::subject(console, &job.script.file, &job.subject.name(), &report);
                for found in &report.found {
                    if found.violation.what.is_of_host() {
                        page::of_host(console, found);
                        continue;
                    }
                    exit = exit.max(Exit::Failed).max(violation(console, wanted, job, found));
                }
                sum.add(report);
            }
            Err(failure) => {
                console.refusal(&ScriptError::of(failure.code, failure.facts));
                exit = exit.max(Exit::Surroundings);
            }
        }
    }
    page::sum(console, wanted, &sum, began.elapsed());
    exit
}

/// Tortures all subjects, on as many threads as the machine has cores; reports come in the order of the subjects.
fn all(jobs: &[Job<'_>], options: &Options, meter: &Meter) -> Vec<Result<Report, Failure>> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from).min(jobs.len());
    let next = AtomicUsize::new(0);
    let reports: Mutex<Vec<(usize, Result<Report, Failure>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((at, job)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    jobs.get(at).map(|job| (at, job))
                } {
                    let name = job.subject.name();
                    let mut before = 0;
                    let report = torture(&job.subject, options, Plant::default(), &mut |progress| {
                        meter.show(&name, progress, &mut before);
                    });
                    meter.over();
                    if let Ok(mut reports) = reports.lock() {
                        reports.push((at, report));
                    }
                }
            });
        }
    });
    let mut reports = reports.into_inner().unwrap_or_default();
    reports.sort_by_key(|(at, _)| *at);
    reports.into_iter().map(|(_, report)| report).collect()
}

/// Plays the shortest way to a violation once more, tells it, and keeps its trace.
fn violation(console: &Console, wanted: &Wanted, job: &Job<'_>, found: &Found) -> Exit {
    let stem = job.script.file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let flow: String =
        job.subject.name().chars().map(|sign| if sign.is_alphanumeric() || sign == '_' { sign } else { '-' }).collect();
    let path = wanted.save.join(format!("{stem}-{flow}-{}.trace", found.violation.what.word()));
    let file = File::create(&path);
    let written = file.as_ref().map(|_| ()).map_err(ToString::to_string);
    let trace = file.ok().map(|file| Box::new(BufWriter::new(file)) as Box<dyn Write>);
    let story = match story::play(&job.subject, Plant::default(), &found.origin, trace) {
        Ok(story) => story,
        Err(failure) => {
            console.refusal(&ScriptError::of(failure.code, failure.facts));
            return Exit::Defect;
        }
    };
    let is_same = story.violations.iter().any(|violation| violation.what == found.violation.what)
        || found.violation.what == crate::world::audit::violation::Wrong::MachineTouchedWorld;
    page::violation(console, &job.script.file, found, &story, &job.script.sources, &path, is_same);
    if let Err(detail) = written.and(story.damage.map_or(Ok(()), Err)) {
        let facts = vec![("path", Fact::Text(path.display().to_string())), ("detail", Fact::Text(detail))];
        console.refusal(&ScriptError::of(storage::CANNOT_WRITE, facts));
        return Exit::Surroundings;
    }
    if is_same { Exit::Failed } else { Exit::Defect }
}

/// A bar on standard error, for eyes only.
pub(super) struct Meter {
    began: Instant,
    points: AtomicU64,
    jobs_done: AtomicU64,
    jobs: u64,
    last_ms: AtomicU64,
    is_seen: bool,
}

/// A bar is drawn so often at most.
const EVERY_MS: u64 = 100;
const BAR: u64 = 24;

impl Meter {
    pub(super) fn new(jobs: u64) -> Meter {
        Meter {
            began: Instant::now(),
            points: AtomicU64::new(0),
            jobs_done: AtomicU64::new(0),
            jobs,
            last_ms: AtomicU64::new(0),
            is_seen: std::io::stderr().is_terminal(),
        }
    }

    pub(super) fn show(&self, name: &str, progress: Progress, before: &mut u64) {
        self.points.fetch_add(progress.points.saturating_sub(*before), Ordering::Relaxed);
        *before = progress.points;
        let now = self.began.elapsed().as_millis() as u64;
        if !self.is_seen || now < self.last_ms.load(Ordering::Relaxed) + EVERY_MS {
            return;
        }
        self.last_ms.store(now, Ordering::Relaxed);
        let points = self.points.load(Ordering::Relaxed);
        let filled = (progress.done * BAR).checked_div(progress.of).unwrap_or(0).min(BAR);
        let bar: String = (0..BAR).map(|at| if at < filled { '#' } else { '-' }).collect();
        let rate = points * 1_000 / now.max(1);
        let done = self.jobs_done.load(Ordering::Relaxed);
        let _ = write!(std::io::stderr(), "\r[{bar}] {done}/{} {name}  {points}  {rate}/s \u{1b}[K", self.jobs);
    }

    pub(super) fn over(&self) {
        self.jobs_done.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn clear(&self) {
        if self.is_seen {
            let _ = write!(std::io::stderr(), "\r\u{1b}[K");
        }
    }
}

/// As a shell takes it.
pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// True if the output is JSON.
pub(super) fn is_json(console: &Console) -> bool {
    console.format == Format::Json
}
