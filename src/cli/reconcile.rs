//! `till reconcile`: a terminal's journal held against a host's extract.

use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
use crate::cli::style::{Console, Format};
use crate::script_error::catalogue::storage;
use crate::script_error::error::ScriptError;
use crate::script_error::words::{Language, Words};
use crate::script_error::wrap::wrap;
use crate::world::journal::file::FileJournal;
use crate::world::journal::history::History;
use crate::world::port::failure::Failure;
use crate::world::port::journal::Journal;
use crate::world::port::record::Record;
use crate::world::reconcile::compare::{Compared, Finding, compare};
use crate::world::reconcile::extract::{BYTES_MAX, Extract};
use crate::world::simulation::device_key_of;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::json;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// `till reconcile` on the command line.
pub const COMMAND: Row = Row {
    name: "reconcile",
    about: Words {
        zh: "与主机对账：谁扣了一次、两次、没有扣",
        en: "Hold a journal against a host's extract: who was charged once, twice, or not",
    },
    define,
    go,
};

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    let path = |id: &'static str, name: &'static str, help| {
        Arg::new(id).required(true).value_name(name).value_parser(value_parser!(PathBuf)).help(help)
    };
    command
        .arg(path("directory", "JOURNAL", say("日志目录，即 till run --journal 所给的", "The journal's folder, as given to till run --journal")))
        .arg(path("extract", "EXTRACT.csv", say("主机摘录，格式见 docs/reconcile.md", "The host's extract; docs/reconcile.md has its form")))
        .arg(Arg::new("terminal").long("terminal").value_name("ID").help(say("摘录里只看此终端", "Only entries of this terminal")))
        .arg(
            Arg::new("batch")
                .long("batch")
                .value_name("N")
                .value_parser(value_parser!(u32).range(1..=999_999))
                .help(say("只对此批次", "This batch only")),
        )
        .arg(command::flag("all", say("相符的也列出", "List those that agree too")))
        .arg(command::flag("lift", say("全部相符后，解除恢复备份留下的栅栏", "When all agree, lift the fence that a restore has left")))
        .arg(
            Arg::new("accept")
                .long("accept")
                .value_name("NAME")
                .action(ArgAction::Append)
                .requires("lift")
                .help(say("不相符也解除：须写两人姓名，记入日志", "Lift it although some do not agree: two names, which go into the journal")),
        )
        .arg(command::seed(language))
        .arg(command::format_of(language, &["full", "json"]))
        .after_help(say(
            "示例：\n  till reconcile 日志 主机.csv\n  till reconcile 日志 主机.csv --batch 7 --all --format json",
            "Examples:\n  till reconcile journal host.csv\n  till reconcile journal host.csv --batch 7 --all --format json",
        ))
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    let directory = command::path(matches, "directory").unwrap_or_default();
    let path = command::path(matches, "extract").unwrap_or_default();
    let refused = |failure: Failure, exit: Exit| {
        console.refusal(&ScriptError::of(failure.code, failure.facts));
        exit
    };
    let extract = match read(&path) {
        Ok(extract) => extract,
        Err(failure) => {
            let exit = if failure.code == storage::BAD_EXTRACT { Exit::Refused } else { Exit::Surroundings };
            return refused(failure, exit);
        }
    };
    let history = match History::read(&directory) {
        Ok(history) => history,
        Err(failure) => return refused(failure, Exit::Surroundings),
    };
    let batch = matches.get_one::<u32>("batch").copied();
    let mut transactions = history.transactions();
    transactions.retain(|transaction| batch.is_none_or(|batch| transaction.batch == batch));
    let terminal = command::text(matches, "terminal");
    let mut found = compare(&transactions, &extract, terminal.as_deref());
    found.retain(|line| batch.is_none_or(|batch| line.batch == batch || line.batch == 0));
    show(console, &found, matches.get_flag("all"));
    let agrees = found.iter().all(|line| line.finding.agrees());
    if matches.get_flag("lift") {
        let names = command::texts(matches, "accept");
        let seed = matches.get_one::<u64>("seed").copied().unwrap_or(0);
        return lift(console, &directory, agrees, names, found.len(), seed);
    }
    if agrees { Exit::Fine } else { Exit::Failed }
}

fn read(path: &Path) -> Result<Extract, Failure> {
    let shown = path.display().to_string();
    let cannot = |detail: String| Failure::new(storage::CANNOT_READ).text("path", shown.clone()).text("detail", detail);
    let file = File::open(path).map_err(|error| cannot(error.to_string()))?;
    let mut bytes = Vec::new();
    file.take(BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|error| cannot(error.to_string()))?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(cannot("> 64 MiB".to_owned()));
    }
    Extract::parse(&shown, &bytes)
}

fn show(console: &Console, found: &[Compared], all: bool) {
    let language = console.style.language;
    let counts: Vec<(Finding, usize)> = Finding::ALL
        .into_iter()
        .map(|finding| (finding, found.iter().filter(|line| line.finding == finding).count()))
        .collect();
    let listed = || {
        Finding::ALL
            .into_iter()
            .flat_map(|finding| found.iter().filter(move |line| line.finding == finding))
            .filter(|line| all || !line.finding.agrees())
    };
    if console.format == Format::Json {
        for line in listed() {
            let (about, to_do) = (line.finding.about(), line.finding.to_do());
            let json = json!({
                "v": 1,
                "kind": "reconciled",
                "finding": line.finding.word(),
                "batch": format!("{:06}", line.batch),
                "stan": format!("{:06}", line.stan),
                "terminal": line.terminal.map(|amount| amount.to_string()),
                "host": line.host.map(|amount| amount.to_string()),
                "references": line.references,
                "card": line.card,
                "lines": line.lines,
                "about": { "zh": about.zh, "en": about.en },
                "to_do": { "zh": to_do.zh, "en": to_do.en },
            });
            console.line(&json.to_string());
        }
        let counts: serde_json::Map<String, serde_json::Value> =
            counts.iter().map(|(finding, count)| (finding.word().to_owned(), json!(count))).collect();
        console.line(
            &json!({ "v": 1, "kind": "reconciliation", "transactions": found.len(), "counts": counts }).to_string(),
        );
        return;
    }
    let mut before = None;
    for line in listed() {
        if before.replace(line.finding) != Some(line.finding) {
            let colour = if line.finding.agrees() { "32" } else { "31" };
            console.line(&console.painted(colour, line.finding.about().in_language(language)));
            let to_do = line.finding.to_do().in_language(language);
            if !to_do.is_empty() {
                for text in wrap(to_do, console.style.width.saturating_sub(2)) {
                    console.line(&format!("  {text}"));
                }
            }
        }
        console.line(&one(console, line));
    }
    let agree = found.iter().filter(|line| line.finding.agrees()).count();
    let (transactions, differ) = (found.len(), found.len() - agree);
    let sum = match language {
        Language::Zh => format!("共 {transactions} 笔：相符 {agree}，不相符 {differ}"),
        Language::En => format!("transactions: {transactions} (agreeing {agree}, not agreeing {differ})"),
    };
    console.line(&console.painted(if differ == 0 { "32" } else { "31" }, &sum));
}

/// Batch, trace number, both amounts, references, card.
fn one(console: &Console, line: &Compared) -> String {
    let amount = |amount: Option<crate::payment::amount::Amount>| {
        amount.map_or_else(|| "-".to_owned(), |amount| amount.to_string())
    };
    let mut text = format!(
        "  {:06} {:06}  {} {}  {} {}",
        line.batch,
        line.stan,
        console.say("终端", "terminal"),
        amount(line.terminal),
        console.say("主机", "host"),
        amount(line.host)
    );
    if !line.references.is_empty() {
        text.push_str(&format!("  {} {}", console.say("参考号", "RRN"), line.references.join(", ")));
    }
    if !line.card.is_empty() {
        text.push_str(&format!("  {}", line.card));
    }
    if !line.lines.is_empty() {
        let lines: Vec<String> = line.lines.iter().map(ToString::to_string).collect();
        text.push_str(&format!("  {} {}", console.say("摘录行", "line"), lines.join(", ")));
    }
    text
}

/// Lifts the fence of a restored journal.
fn lift(console: &Console, directory: &Path, agrees: bool, names: Vec<String>, entries: usize, seed: u64) -> Exit {
    let two = matches!(names.as_slice(), [first, second] if first.trim() != second.trim() && !first.trim().is_empty() && !second.trim().is_empty());
    if !agrees && !two {
        console.line(console.say(
            "未解除栅栏：有不相符的。先处理；或由两人确认：--accept 甲 --accept 乙（记入日志）。",
            "The fence stays: some do not agree. Settle them first, or let two people accept it: --accept A --accept B (it goes into the journal).",
        ));
        return Exit::Failed;
    }
    let record = Record::Reconciled {
        by: names.iter().map(|name| name.trim().chars().take(40).collect()).collect(),
        entries: u32::try_from(entries).unwrap_or(u32::MAX),
    };
    let lifted =
        FileJournal::open(directory, &device_key_of(seed)).and_then(|(mut journal, ..)| journal.append(record));
    match lifted {
        Ok(()) => {
            console.line(console.say(
                "栅栏已解除，对账已记入日志。请重新签到。",
                "The fence is lifted, and the reconciliation stands in the journal. Sign in again.",
            ));
            Exit::Fine
        }
        Err(failure) => {
            console.refusal(&ScriptError::of(failure.code, failure.facts));
            Exit::Surroundings
        }
    }
}
