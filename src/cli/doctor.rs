//! `till doctor`: can this terminal work, and what to do where it cannot.

use crate::cli::check::report;
use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
use crate::cli::run::{Refusal, Wanted, setup};
#[cfg(feature = "net")]
use crate::cli::run::{remote, remote_wanted, with_host};
use crate::cli::show::padded;
use crate::cli::style::{Console, Format};
use crate::language::bytecode::program::Program;
use crate::run::doctor::verdict::{Checked, Verdict};
use crate::run::happening::{Happening, Sentence};
use crate::run::program;
use crate::run::report::{Ended, Result as RunResult};
use crate::run::session::Session;
use crate::run::world::dialect_of;
use crate::script_error::catalogue::{internal, storage};
use crate::script_error::code::Fact;
use crate::script_error::error::ScriptError;
use crate::script_error::render::audience_name;
use crate::script_error::source::Sources;
use crate::script_error::words::{Audience, Language, Said, Words};
use crate::script_error::wrap::wrap;
use crate::world::journal::names;
use crate::world::port::failure::Failure;
use crate::world::simulation::{Setup, Simulation};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::path::Path;

/// `till doctor` on the command line.
pub const COMMAND: Row = Row {
    name: "doctor",
    about: Words {
        zh: "终端体检：能否工作，怎么办", en: "Check whether a terminal can work, and what to do"
    },
    define,
    go,
};

/// The script that is run; it is there for everybody to copy.
const SCRIPT: &str = include_str!("../../scripts/doctor.till");
/// Its name in reports.
const NAME: &str = "scripts/doctor.till";
/// The words `--audience` takes.
const AUDIENCES: [&str; 2] = ["cashier", "support"];
/// The words `--format` takes.
const FORMATS: [&str; 3] = ["full", "short", "json"];
/// Columns of the verdict, and of what was looked at.
const COLUMNS: [usize; 2] = [13, 18];
/// A narrower console gets what was found in a line of its own.
const NARROW: usize = 60;

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    let command = command
        .arg(
            Arg::new("fault")
                .long("fault")
                .value_name("NAME")
                .action(ArgAction::Append)
                .help(say("按名称设置故障，可写多次", "Make something go wrong, by name; may be given more than once")),
        )
        .arg(command::path_option("scenario", "FILE", say("场景文件：故障、电量、时间", "A scenario file: faults, battery, clock")))
        .arg(command::path_option("journal", "DIR", say("终端的日志目录；不改账，不发冲正", "The terminal's journal; no book changes, no reversal is sent")))
        .arg(
            Arg::new("audience")
                .long("audience")
                .value_name("WHO")
                .value_parser(AUDIENCES)
                .hide_possible_values(language == Language::Zh)
                .help(say("指引只给一种人看：cashier、support", "Guidance for one person only")),
        )
        .arg(command::format_of(language, &FORMATS))
        .arg(command::seed(language))
        .after_help(say(
            "示例：\n  till doctor\n  till doctor --fault low-battery --fault paper-out --lang zh\n  till doctor --journal 日志 --audience cashier\n  till doctor --host tcp://127.0.0.1:9009 --backup-host tcp://127.0.0.1:9010\n\n只发送回响测试（08xx），不动账。见 docs/doctor.md。",
            "Examples:\n  till doctor\n  till doctor --fault low-battery --fault paper-out\n  till doctor --journal journal --audience cashier\n  till doctor --host tcp://127.0.0.1:9009 --backup-host tcp://127.0.0.1:9010\n\nOnly echoes (08xx) are sent; no money moves. See docs/doctor.md.",
        ));
    #[cfg(feature = "net")]
    let command = with_host(command, language);
    command
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    let wanted = Wanted {
        faults: command::texts(matches, "fault"),
        scenario: command::path(matches, "scenario"),
        journal: command::path(matches, "journal"),
        seed: matches.get_one::<u64>("seed").copied(),
        #[cfg(feature = "net")]
        remote: remote_wanted(matches),
        ..Wanted::default()
    };
    let audience = match command::text(matches, "audience").as_deref() {
        Some("cashier") => Some(Audience::Cashier),
        Some(_) => Some(Audience::Support),
        None => None,
    };
    examine(console, &wanted, audience)
}

/// Runs the script, and shows what it found.
fn examine(console: &Console, wanted: &Wanted, audience: Option<Audience>) -> Exit {
    let mut built = program::build_text(NAME, SCRIPT);
    let Some(program) = built.program.take() else { return report(console, &built).max(Exit::Defect) };
    let (simulation, unopened) = match world(&program, wanted) {
        Ok(world) => world,
        Err(refusal) => {
            console.refusal(&ScriptError::of(refusal.failure.code, refusal.failure.facts));
            return refusal.exit;
        }
    };
    if console.format == Format::Full {
        let page = console.say(
            "模拟终端，测试密钥。只发送回响测试，不动账。",
            "Simulated terminal with test keys. Only echoes are sent; no money moves.",
        );
        console.line(&console.dim(page));
    }
    let checks: RefCell<Vec<Checked>> = RefCell::default();
    let mut watch = |what: &Happening| {
        if let Happening::Checked(checked) = what {
            if console.format != Format::Json {
                // One code may stand at two lines; what to do about it is said once.
                let said = checks.borrow().iter().any(|other| other.support == checked.support);
                show(console, checked, audience, !said);
            }
            checks.borrow_mut().push(checked.as_ref().clone());
        }
    };
    let Some(entry) = program::flow(&program, None) else { return Exit::Defect };
    let mut session = Session::simulated(&program, simulation, &mut watch);
    session.examination.unopened = unopened;
    session.holds_back = true;
    let ended = session.run(entry.function, &[]);
    drop(session);
    let checks = checks.into_inner();
    let exit = conclude(console, &checks, &ended, &built.sources);
    #[cfg(feature = "net")]
    point_to_diagnose(console, wanted, &checks);
    exit
}

/// The world, and why the terminal's journal could not be opened, if so: then it has an empty one in memory.
fn world(program: &Program, wanted: &Wanted) -> Result<(Simulation, Option<Failure>), Refusal> {
    let setup = setup(dialect_of(program)?, wanted)?;
    if let Some(directory) = &setup.directory {
        has_a_journal(directory)?;
    }
    #[cfg(feature = "net")]
    let remote = remote(wanted, &setup)?;
    let without = Setup { directory: None, ..setup.clone() };
    let (mut simulation, unopened) = match Simulation::start(setup) {
        Ok(simulation) => (simulation, None),
        Err(failure) if is_of_the_journal(&failure) => (Simulation::start(without)?, Some(failure)),
        Err(failure) => return Err(failure.into()),
    };
    // A look changes nothing.
    simulation.keep_nothing();
    #[cfg(feature = "net")]
    if let Some(remote) = remote {
        simulation.connect(remote);
    }
    Ok((simulation, unopened))
}

/// A look makes no journal where there is none.
fn has_a_journal(directory: &Path) -> Result<(), Failure> {
    let there = |name: &str| directory.join(name).exists();
    // Without the active segment the journal is damaged, or about to turn; opening it tells.
    if there(names::ACTIVE) || there(names::NEXT) || names::archived(directory).is_ok_and(|all| !all.is_empty()) {
        return Ok(());
    }
    let detail = Said::new("这里没有日志", "there is no journal here");
    let failure = Failure::new(storage::CANNOT_READ).text("path", directory.display().to_string());
    Err(failure.fact("detail", Fact::Said(detail)))
}

/// What is told as a line of the journal instead of keeping the doctor from looking at all.
fn is_of_the_journal(failure: &Failure) -> bool {
    [
        storage::JOURNAL_DAMAGED,
        storage::JOURNAL_IN_USE,
        storage::JOURNAL_FAILED,
        storage::STORAGE_FULL,
        storage::CANNOT_WRITE,
    ]
    .contains(&failure.code)
}

fn of(sentence: &Sentence, language: Language) -> &str {
    match language {
        Language::Zh => &sentence.zh,
        Language::En => &sentence.en,
    }
}

/// The line, and what to do where something is to be done.
fn show(console: &Console, checked: &Checked, audience: Option<Audience>, guides: bool) {
    let language = console.style.language;
    let width = console.style.width;
    let verdict = padded(checked.verdict.name().in_language(language), COLUMNS[0]);
    let colour = match checked.verdict {
        Verdict::Ok => "32",
        Verdict::Warning => "33",
        Verdict::Failed => "31",
        Verdict::NotChecked => "2",
    };
    let name = of(&checked.name, language);
    let code = checked.code.as_ref().map(|code| format!("{code} ")).unwrap_or_default();
    let found = format!("{code}{}", of(&checked.found, language));
    if console.format == Format::Short {
        console.line(&format!("{}: {}: {found}", checked.verdict.word(), checked.check));
        return;
    }
    let verdict = console.painted(colour, &verdict);
    if width < NARROW {
        console.line(&format!("{verdict}{name}"));
        indented(console, &found, 2);
    } else {
        let before = COLUMNS[0] + COLUMNS[1];
        let mut lines = wrap(&found, width.saturating_sub(before)).into_iter();
        console.line(&format!("{verdict}{}{}", padded(name, COLUMNS[1]), lines.next().unwrap_or_default()));
        lines.for_each(|line| console.line(&format!("{}{line}", " ".repeat(before))));
    }
    for (who, guidance) in [(Audience::Cashier, &checked.cashier), (Audience::Support, &checked.support)] {
        let wanted = guides && audience.is_none_or(|wanted| wanted == who);
        let Some(guidance) = guidance.as_ref().filter(|_| wanted) else { continue };
        let colon = console.say("：", ": ");
        let text = format!("{}{colon}{}", audience_name(who).in_language(language), of(guidance, language));
        indented(console, &text, if width < NARROW { 2 } else { COLUMNS[0] });
    }
}

fn indented(console: &Console, text: &str, columns: usize) {
    for line in wrap(text, console.style.width.saturating_sub(columns)) {
        console.line(&format!("{}{line}", " ".repeat(columns)));
    }
}

/// What it comes to.
fn conclude(console: &Console, checks: &[Checked], ended: &Ended, sources: &Sources) -> Exit {
    let count = |verdict: Verdict| checks.iter().filter(|checked| checked.verdict == verdict).count();
    let (failed, warnings, unchecked) = (count(Verdict::Failed), count(Verdict::Warning), count(Verdict::NotChecked));
    let mut exit = if failed > 0 { Exit::Failed } else { Exit::Fine };
    // The script says that checks failed in an error of its own; the lines above have said it better.
    if let RunResult::Failed(error) | RunResult::PowerCut(error) = &ended.result
        && !(failed > 0 && error.code.starts_with('E'))
    {
        exit = exit.max(if error.code == internal::INTERNAL_DEFECT.0 { Exit::Defect } else { Exit::Failed });
        console.script_error(error, sources);
    }
    if console.format == Format::Json {
        let ready = exit == Exit::Fine;
        let page = json!({
            "v": 1,
            "kind": "doctor",
            "ready": ready,
            "failed": failed,
            "warnings": warnings,
            "not_checked": unchecked,
            "checks": checks.iter().map(as_json).collect::<Vec<_>>(),
        });
        console.line(&page.to_string());
        return exit;
    }
    let language = console.style.language;
    let said = match language {
        Language::Zh if failed > 0 => format!("不能工作：{failed} 项不合格，{warnings} 项警告，{unchecked} 项没有查。"),
        Language::Zh => format!("可以工作：{warnings} 项警告，{unchecked} 项没有查。"),
        Language::En if failed > 0 => {
            format!("Not fit for work. Failed: {failed}; warnings: {warnings}; not checked: {unchecked}.")
        }
        Language::En => format!("Fit for work. Warnings: {warnings}; not checked: {unchecked}."),
    };
    let colour = if failed > 0 { "31" } else { "32" };
    for line in wrap(&said, console.style.width) {
        console.line(&console.painted(colour, &line));
    }
    exit
}

/// Bytes that host and terminal read differently: another command tries which.
#[cfg(feature = "net")]
fn point_to_diagnose(console: &Console, wanted: &Wanted, checks: &[Checked]) {
    let frame = checks.iter().any(|checked| checked.check == "frame" && checked.code.is_some());
    if let (true, Some(host), Format::Full) = (frame, wanted.remote.hosts.first(), console.format) {
        let said = console.say("试出帧与报文头的改法：", "To find framing and header that work: ");
        console.line(&format!("{said}till diagnose {host}"));
    }
}

fn as_json(checked: &Checked) -> Value {
    let both = |sentence: &Sentence| json!({"zh": sentence.zh, "en": sentence.en});
    json!({
        "check": checked.check,
        "name": both(&checked.name),
        "verdict": checked.verdict.word(),
        "found": both(&checked.found),
        "code": checked.code,
        "cashier": checked.cashier.as_ref().map(both),
        "support": checked.support.as_ref().map(both),
    })
}
