//! `till fleet`: many terminals in one process, their journals in one log on one disk.

use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
use crate::cli::run::{Refusal, Wanted, flow, load, setup};
#[cfg(feature = "net")]
use crate::cli::run::{remote, remote_wanted, with_host};
use crate::cli::style::{Console, Format};
use crate::cli::torture_page::grouped;
use crate::cli::values::arguments;
use crate::language::bytecode::program::Program;
use crate::payment::amount::Amount;
use crate::payment::currency::Currency;
use crate::run::fleet::{Done, Fleet, terminal_id};
use crate::run::world::dialect_of;
use crate::script_error::error::ScriptError;
use crate::script_error::source::Sources;
use crate::script_error::words::{Language, Words};
use crate::world::audit::books::Standing;
use crate::world::journal::log::Log;
use crate::world::simulation::device_key_of;
use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::json;
use std::path::Path;
use std::time::{Duration, Instant};

/// `till fleet` on the command line.
pub const COMMAND: Row = Row {
    name: "fleet",
    about: Words {
        zh: "许多终端同时运行一个流程，日志同在一块磁盘上",
        en: "Many terminals at once, their journals on one disk",
    },
    define,
    go,
};

/// Terminals of one fleet: each is a thread.
const TERMINALS_MOST: i64 = 1_000;

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    let command = command
        .args(command::flow(language))
        .arg(
            command::path_option(
                "log",
                "DIR",
                say("所有终端的日志所在的目录；下次接着用", "The folder of all their journals; the next time goes on with it"),
            )
            .required(true),
        )
        .arg(
            Arg::new("terminals")
                .long("terminals")
                .value_name("N")
                .value_parser(value_parser!(u32).range(1..=TERMINALS_MOST))
                .default_value("8")
                .hide_default_value(true)
                .help(say("终端数；不写为 8", "How many terminals: 8 unless told")),
        )
        .arg(
            Arg::new("runs")
                .long("runs")
                .value_name("N")
                .value_parser(value_parser!(u64).range(0..=100_000_000))
                .default_value("1000")
                .hide_default_value(true)
                .help(say(
                    "流程共运行几次；不写为 1000；0 则只发出等候的冲正",
                    "How often the flow runs in all: 1,000 unless told; with 0 only reversals that wait go out",
                )),
        )
        .arg(
            Arg::new("card")
                .long("card")
                .value_name("NAME|FILE")
                .help(say("出示的卡：卡档名或文件", "The card that is presented: a profile or a file")),
        )
        .arg(command::seed(language))
        .arg(command::format_of(language, &["full", "json"]))
        .after_help(say(
            "示例：\n  till fleet scripts/sale.till amount=1.00CNY --log 日志 --terminals 64 --runs 20000\n  till fleet scripts/sale.till amount=1.00CNY --log 日志 --host tcp://127.0.0.1:8583\n\n全部说明见 docs/journal.md。",
            "Examples:\n  till fleet scripts/sale.till amount=1.00CNY --log log --terminals 64 --runs 20000\n  till fleet scripts/sale.till amount=1.00CNY --log log --host tcp://127.0.0.1:8583\n\ndocs/journal.md says it all.",
        ));
    #[cfg(feature = "net")]
    let command = with_host(command, language);
    command
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    let wanted = Wanted {
        file: command::path(matches, "file").unwrap_or_default(),
        words: command::texts(matches, "words"),
        card: command::text(matches, "card"),
        seed: matches.get_one::<u64>("seed").copied(),
        #[cfg(feature = "net")]
        remote: remote_wanted(matches),
        ..Wanted::default()
    };
    let (program, sources, exit) = match load(console, &wanted.file) {
        Ok(loaded) => loaded,
        Err(exit) => return exit,
    };
    let terminals = matches.get_one::<u32>("terminals").copied().unwrap_or(8);
    let runs = matches.get_one::<u64>("runs").copied().unwrap_or(1_000);
    let log = command::path(matches, "log").unwrap_or_default();
    match work(&wanted, &program, &log, terminals, runs) {
        Ok(worked) => exit.max(show(console, &worked, &sources)),
        Err(refusal) => {
            console.refusal(&ScriptError::of(refusal.failure.code, refusal.failure.facts));
            exit.max(refusal.exit)
        }
    }
}

/// What was done, and what it took.
struct Worked {
    flow: String,
    terminals: u32,
    done: Done,
    syncs: u64,
    took: Duration,
}

fn work(wanted: &Wanted, program: &Program, log: &Path, terminals: u32, runs: u64) -> Result<Worked, Refusal> {
    let (name, words) = match wanted.words.split_first() {
        Some((first, rest)) if !first.contains('=') => (Some(first.as_str()), rest),
        _ => (None, wanted.words.as_slice()),
    };
    let entry = flow(program, name)?;
    let types = program.functions.get(usize::from(entry.function)).map(|function| function.parameters.as_slice());
    let values = arguments(&entry.parameters, types.unwrap_or_default(), &program.types, words)?;
    let setup = setup(dialect_of(program)?, wanted)?;
    #[cfg(feature = "net")]
    let remote = remote(wanted, &setup)?;
    let log = Log::open(log, &device_key_of(setup.seed))?;
    let fleet = Fleet {
        program,
        entry: &entry,
        values,
        setup,
        group: log.group.clone(),
        held: log.held.clone(),
        key: log.key.clone(),
        #[cfg(feature = "net")]
        remote,
    };
    let began = Instant::now();
    let done = fleet.run(terminals, runs, &|_, _| {})?;
    Ok(Worked { flow: entry.name.to_string(), terminals, done, syncs: log.group.syncs(), took: began.elapsed() })
}

fn show(console: &Console, worked: &Worked, sources: &Sources) -> Exit {
    let done = &worked.done;
    let exit = match &done.stopped {
        Some(_) => Exit::Surroundings,
        None if !done.wrong.is_empty() => Exit::Failed,
        None => Exit::Fine,
    };
    let exit = if done.pending > 0 { exit.max(Exit::ReversalsWait) } else { exit };
    if console.format == Format::Json {
        let wrong: Vec<_> = done
            .wrong
            .iter()
            .map(|(terminal, violation)| json!({ "terminal": terminal_id(*terminal), "what": violation.what.word() }))
            .collect();
        let line = json!({
            "v": 1,
            "kind": "fleet",
            "flow": worked.flow,
            "terminals": worked.terminals,
            "runs": done.runs,
            "sales": done.tally.begun,
            "approved": done.tally.approved,
            "declined": done.tally.declined,
            "reversed": done.tally.reversed,
            "pending": done.pending,
            "slips": done.tally.slips,
            "booked_minor": done.booked,
            "failed": done.failed,
            "records": done.records,
            "syncs": worked.syncs,
            "milliseconds": worked.took.as_millis() as u64,
            "compared": done.compared,
            "wrong": wrong,
            "stopped": done.stopped.as_ref().map(|error| error.code.clone()),
        });
        console.line(&line.to_string());
        return exit;
    }
    let language = console.style.language;
    let milliseconds = (worked.took.as_millis() as u64).max(1);
    let (terminals, runs) = (grouped(u64::from(worked.terminals)), grouped(done.runs));
    let rate = grouped(done.runs * 1_000 / milliseconds);
    let flow = &worked.flow;
    console.line(&match language {
        Language::Zh => format!("{terminals} 台终端，{flow} 运行 {runs} 次，每秒 {rate} 次，用时 {milliseconds} ms"),
        Language::En => {
            let [of_one, run] = [worked.terminals == 1, done.runs == 1].map(|is_one| if is_one { "" } else { "s" });
            format!("{terminals} terminal{of_one}, {runs} run{run} of {flow}: {rate} a second; {milliseconds} ms.")
        }
    });
    let standing = Standing { tally: done.tally, unknown: done.pending, ..Standing::default() };
    console.line(&standing.counts(language));
    for (code, count) in &done.failed {
        console.line(&format!("{code} × {}", grouped(*count)));
    }
    let (records, syncs) = (grouped(done.records), grouped(worked.syncs));
    let each = done.records as f64 / (worked.syncs as f64).max(1.0);
    console.line(&match language {
        Language::Zh => format!("日志 {records} 条，落盘 {syncs} 次，每次 {each:.1} 条"),
        Language::En => format!("journals: {records} records in {syncs} syncs of the log, {each:.1} to a sync"),
    });
    let booked = Amount::new(done.booked, Currency::CNY).to_string();
    let total = console.say("各终端日志已入账合计 ", "all journals have booked ");
    console.line(&format!("{total}{booked}"));
    for (terminal, violation) in &done.wrong {
        let line = format!("{}: {}", terminal_id(*terminal), violation.said().in_language(language));
        console.line(&console.painted("31", &line));
    }
    if done.wrong.is_empty() && done.compared == worked.terminals {
        let line = console.say("每台终端的日志与主机一致", "at every terminal journal and host agree");
        console.line(&console.painted("32", line));
    } else if done.stopped.is_none() && done.wrong.is_empty() {
        console.line(console.say(
            "主机的账本不在这里，未比对；请用主机的清单，或看 till host 结束时的合计",
            "the host's books are not here, so nothing was compared: `till host` says at its end what stands",
        ));
    }
    if let Some(error) = &done.stopped {
        console.script_error(error, sources);
    }
    exit
}
