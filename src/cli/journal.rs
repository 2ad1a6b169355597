//! `till journal`: what a terminal's journal says, in words.

use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
use crate::cli::journal_backup;
use crate::cli::journal_clear;
use crate::cli::journal_words::{chip_said, chip_word, ended, in_words};
use crate::cli::style::{Console, Format, counted};
use crate::run::fleet::{terminal_id, terminal_number};
use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::error::ScriptError;
use crate::script_error::render::money_line;
use crate::script_error::words::{Language, Said, Words};
use crate::world::journal::group_log::Held;
use crate::world::journal::history::{End, History, Transaction};
use crate::world::journal::log;
use crate::world::port::calendar::Moment;
use crate::world::port::failure::Failure;
use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};
use std::path::Path;

/// `till journal` on the command line.
pub const COMMAND: Row = Row {
    name: "journal",
    about: Words {
        zh: "读终端日志：每笔交易的结果与钱款",
        en: "Read a terminal's journal: what came of each transaction",
    },
    define,
    go,
};

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    let directory = || {
        Arg::new("directory")
            .required(true)
            .value_name("DIR")
            .value_parser(clap::value_parser!(std::path::PathBuf))
            .help(say(
                "日志目录，即 till run --journal 或 till fleet --log 所给的",
                "The journal's folder, as given to till run --journal or to till fleet --log",
            ))
    };
    let terminal = || {
        Arg::new("terminal").long("terminal").value_name("ID").help(say(
            "till fleet 的日志里的这一台终端，如 20000001",
            "This terminal of the log of till fleet, such as 20000001",
        ))
    };
    let stan =
        |help| Arg::new("stan").value_name("STAN").value_parser(clap::value_parser!(u32).range(1..=999_999)).help(help);
    let list = Command::new("list")
        .about(say("每笔交易一行", "One line for each transaction"))
        .arg(directory())
        .arg(terminal())
        .arg(
            Arg::new("around")
                .long("around")
                .value_name("HH:MM")
                .help(say("此时刻前后 15 分钟内", "Within 15 minutes of this time")),
        )
        .arg(
            Arg::new("amount")
                .long("amount")
                .value_name("AMOUNT")
                .help(say("金额，如 128.00", "The amount, such as 128.00")),
        )
        .arg(
            Arg::new("batch")
                .long("batch")
                .value_name("N")
                .value_parser(clap::value_parser!(u32))
                .help(say("只看此批次", "This batch only")),
        );
    let show = Command::new("show")
        .about(say("一笔交易的全部记录", "Every record of one transaction"))
        .arg(directory())
        .arg(stan(say("流水号", "The trace number")).required(true))
        .arg(terminal());
    let verify = Command::new("verify")
        .about(say("逐条核对校验链", "Walk the chain of checksums"))
        .arg(directory())
        .arg(terminal());
    let export = Command::new("export")
        .about(say("每笔交易一行 JSON，卡号已遮蔽", "A line of JSON for each transaction, card numbers masked"))
        .arg(directory())
        .arg(terminal());
    let named = |name: &'static str, help| Arg::new(name).long(name).required(true).value_name("NAME").help(help);
    let clear = Command::new("clear")
        .about(say(
            "销去一笔主机始终不确认的冲正：须两人，留记录",
            "Close a reversal that no host confirms: it takes two people and leaves a record",
        ))
        .arg(directory())
        .arg(stan(say("流水号", "The trace number")).required(true))
        .arg(named("by", say("提出的人", "Who asks for it")))
        .arg(named("and", say("同意的人，不能是同一人", "Who agrees; not the same person")))
        .arg(
            named("reason", say("原因：查了什么，结果如何", "Why: what was looked at, and what it showed"))
                .value_name("TEXT"),
        );
    let file = |help| command::file(help);
    let backup = Command::new("backup")
        .about(say("整份日志备份成一个文件", "The whole journal as one file"))
        .arg(directory())
        .arg(file(say("备份文件；不得已存在", "The file; it must not be there yet")));
    let restore = Command::new("restore")
        .about(say("从备份恢复；对账之前不做交易", "Restore from a backup; no transaction before a reconciliation"))
        .arg(directory())
        .arg(file(say("备份文件", "The backup")))
        .arg(command::seed(language));
    command
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([
            list.arg(command::format(language)),
            show.arg(command::format(language)),
            verify.arg(command::format(language)),
            export,
            clear.arg(command::format(language)),
            backup.arg(command::format_of(language, &["full", "json"])),
            restore.arg(command::format_of(language, &["full", "json"])),
        ])
        .after_help(say(
            "示例：\n  till journal list 日志\n  till journal list 日志 --around 14:20 --amount 128.00\n  till journal show 日志 17\n  till journal verify 日志\n  till journal backup 日志 备份.till\n  till journal restore 新目录 备份.till",
            "Examples:\n  till journal list journal\n  till journal list journal --around 14:20 --amount 128.00\n  till journal show journal 17\n  till journal verify journal\n  till journal backup journal backup.till\n  till journal restore new-folder backup.till",
        ))
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    let Some((what, matches)) = matches.subcommand() else { return Exit::Usage };
    let directory = command::path(matches, "directory").unwrap_or_default();
    let format = matches.try_get_one::<String>("format").ok().flatten().and_then(|word| Format::parse(word));
    console.flush();
    let console = &Console::new(console.style.language, format.unwrap_or_default());
    match what {
        "list" => match Wanted::read(matches) {
            Ok(wanted) => each(console, matches, &directory, |history, id| list(console, history, &wanted, id)),
            Err(failure) => refused(console, failure, Exit::Usage),
        },
        "show" => {
            let stan = matches.get_one::<u32>("stan").copied().unwrap_or_default();
            each(console, matches, &directory, |history, id| show(console, history, stan, id))
        }
        "backup" => journal_backup::write(console, &directory, &command::path(matches, "file").unwrap_or_default()),
        "restore" => {
            let seed = matches.get_one::<u64>("seed").copied().unwrap_or(0);
            journal_backup::read(console, &directory, &command::path(matches, "file").unwrap_or_default(), seed)
        }
        "verify" => each(console, matches, &directory, |history, id| verify(console, history, id)),
        "clear" => journal_clear::go(console, matches, &directory),
        _ => each(console, matches, &directory, |history, id| export(console, history, id)),
    }
}

/// Calls with the journal of a folder; with that of each terminal, or of the one that was asked for, where the folder holds the
/// log of a fleet.
fn each(
    console: &Console,
    matches: &ArgMatches,
    directory: &Path,
    then: impl Fn(&History, Option<&str>) -> Exit,
) -> Exit {
    let wanted = command::text(matches, "terminal");
    if !log::is_there(directory) {
        return match (History::read(directory), wanted) {
            (Ok(_), Some(id)) => refused(console, no_terminal(&id, "", ""), Exit::Usage),
            (Ok(history), None) => then(&history, None),
            (Err(failure), _) => refused(console, failure, Exit::Surroundings),
        };
    }
    // Of a long log only what was asked for is kept.
    let only = wanted.as_deref().and_then(terminal_number);
    let mut all = match log::read(directory, only) {
        Ok(all) => all,
        Err(failure) => return refused(console, failure, Exit::Surroundings),
    };
    if let Some(id) = wanted.filter(|_| only.is_none_or(|only| !all.contains_key(&only))) {
        if only.is_some() {
            all = log::read(directory, None).unwrap_or_default();
        }
        let end = |number: Option<(&u32, &Held)>| number.map(|(number, _)| terminal_id(*number)).unwrap_or_default();
        let (first, last) = (end(all.first_key_value()), end(all.last_key_value()));
        return refused(console, no_terminal(&id, &first, &last), Exit::Usage);
    }
    let mut exit = Exit::Fine;
    for (number, held) in &all {
        let id = terminal_id(*number);
        exit = exit.max(match History::of_log(held) {
            Ok(history) => then(&history, Some(&id)),
            Err(failure) => refused(console, failure, Exit::Surroundings),
        });
    }
    exit
}

/// There is no such terminal; `first` and `last` are those there are, empty for the journal of a single terminal.
fn no_terminal(id: &str, first: &str, last: &str) -> Failure {
    let detail = match first {
        "" => Said::new(
            "这里是一台终端的日志，不用 --terminal",
            "this is the journal of one terminal: leave --terminal out",
        ),
        _ => Said::new(
            format!("日志里没有 {id}；有 {first} 至 {last}"),
            format!("the log has no {id}; it has {first} to {last}"),
        ),
    };
    Failure::new(storage::ARGUMENT_WRONG).text("name", "--terminal").fact("detail", Fact::Said(detail))
}

/// In front of what is told of one terminal of a fleet.
fn head_line(console: &Console, terminal: Option<&str>) {
    if let Some(id) = terminal {
        console.line(&console.bold(&format!("{} {id}", console.say("终端", "terminal"))));
    }
}

/// A line of JSON, with the terminal in it where it is one of a fleet.
fn json_line(console: &Console, mut line: Value, terminal: Option<&str>) {
    if let (Some(id), Some(fields)) = (terminal, line.as_object_mut()) {
        fields.insert("terminal".to_owned(), json!(id));
    }
    console.line(&line.to_string());
}

pub(super) fn refused(console: &Console, failure: Failure, exit: Exit) -> Exit {
    console.refusal(&ScriptError::of(failure.code, failure.facts));
    exit
}

/// Which transactions are listed.
struct Wanted {
    /// Minutes since midnight.
    around: Option<i64>,
    amount: Option<String>,
    batch: Option<u32>,
}

/// How far a clerk's memory of the time may be off.
const AROUND_MINUTES: i64 = 15;
const DAY_MINUTES: i64 = 24 * 60;

impl Wanted {
    fn read(matches: &ArgMatches) -> Result<Wanted, Failure> {
        let around = match command::text(matches, "around") {
            None => None,
            Some(text) => Some(minutes(&text).ok_or_else(|| misread("--around", &text, "14:20"))?),
        };
        let amount = match command::text(matches, "amount") {
            None => None,
            Some(text) => Some(digits(&text).ok_or_else(|| misread("--amount", &text, "128.00"))?),
        };
        Ok(Wanted { around, amount, batch: matches.get_one("batch").copied() })
    }

    fn fits(&self, transaction: &Transaction) -> bool {
        let near = self.around.is_none_or(|around| {
            let apart = (of_day(transaction.at_ms) - around).rem_euclid(DAY_MINUTES);
            apart.min(DAY_MINUTES - apart) <= AROUND_MINUTES
        });
        let amount = self.amount.as_ref().is_none_or(|wanted| {
            transaction.amount.and_then(|amount| digits(&amount.to_string())).as_ref() == Some(wanted)
        });
        near && amount && self.batch.is_none_or(|batch| transaction.batch == batch)
    }
}

fn minutes(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
}

fn of_day(at_ms: i64) -> i64 {
    at_ms.div_euclid(60_000).rem_euclid(DAY_MINUTES)
}

/// An amount as people type it, `128`, `128.0` or `128.00 CNY`, without currency and needless zeros.
fn digits(text: &str) -> Option<String> {
    let number = text.trim().trim_end_matches(|c: char| c.is_ascii_alphabetic() || c == ' ');
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let plain = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, part) = (whole.trim_start_matches('0'), part.trim_end_matches('0'));
    (!number.is_empty() && plain(whole) && plain(part)).then(|| format!("{whole}.{part}"))
}

pub(super) fn misread(option: &'static str, found: &str, example: &str) -> Failure {
    let detail = Said::new(format!("“{found}”读不懂，应如 {example}"), format!("`{found}` is not like {example}"));
    Failure::new(storage::ARGUMENT_WRONG).text("name", option).fact("detail", Fact::Said(detail))
}

fn list(console: &Console, history: &History, wanted: &Wanted, terminal: Option<&str>) -> Exit {
    let all = history.transactions();
    let listed: Vec<&Transaction> = all.iter().filter(|transaction| wanted.fits(transaction)).collect();
    if console.format == Format::Json {
        let found: Vec<Value> = listed.iter().map(|transaction| as_json(transaction)).collect();
        json_line(console, json!({ "transactions": found, "of": all.len() }), terminal);
        return Exit::Fine;
    }
    head_line(console, terminal);
    let mut heading = String::new();
    for transaction in &listed {
        let date = Moment::from_ms(transaction.at_ms);
        let now = format!(
            "{:04}-{:02}-{:02}  {} {:06}",
            date.year,
            date.month,
            date.day,
            console.say("批次", "batch"),
            transaction.batch
        );
        if now != heading {
            console.line(&console.bold(&now));
            heading = now;
        }
        console.line(&format!("  {}", line(console, transaction)));
    }
    let count = |fits: fn(&End) -> bool| listed.iter().filter(|transaction| fits(&transaction.end)).count();
    let booked = count(|end| matches!(end, End::Booked | End::Unheard));
    let reversed = count(|end| matches!(end, End::Reversed { .. } | End::Cleared { .. }));
    let waiting = count(|end| matches!(end, End::Open | End::Waiting { .. }));
    let nothing = listed.len() - booked - reversed - waiting;
    console.line(&match console.style.language {
        Language::Zh => format!(
            "{} 笔：成立 {booked}，未扣款 {nothing}，已冲正 {reversed}，待冲正 {waiting}（日志共 {} 笔）",
            listed.len(),
            all.len()
        ),
        Language::En => format!(
            "transactions: {} (standing {booked}, not charged {nothing}, reversed {reversed}, to be reversed {waiting}; in the journal {})",
            listed.len(),
            all.len()
        ),
    });
    Exit::Fine
}

/// Time, number, what it was, amount, card, how it ended.
fn line(console: &Console, transaction: &Transaction) -> String {
    let time = Moment::from_ms(transaction.at_ms);
    let amount = transaction.amount.map(|amount| amount.to_string()).unwrap_or_default();
    let card = &transaction.card;
    format!(
        "{:02}:{:02}:{:02}  {:06}  {:<10}  {amount:>14}  {card:<19}  {}",
        time.hour,
        time.minute,
        time.second,
        transaction.stan,
        what(transaction),
        ended(console, transaction)
    )
}

fn what(transaction: &Transaction) -> String {
    match (transaction.kind(), transaction.request) {
        (Some(kind), _) => kind.word().to_owned(),
        (None, Some(request)) if transaction.name.is_empty() => request.to_string(),
        (None, _) => transaction.name.clone(),
    }
}

fn show(console: &Console, history: &History, stan: u32, terminal: Option<&str>) -> Exit {
    let found: Vec<Transaction> =
        history.transactions().into_iter().filter(|transaction| transaction.stan == stan).collect();
    if console.format == Format::Json {
        let found: Vec<Value> = found.iter().map(as_json).collect();
        let exit = if found.is_empty() { Exit::Failed } else { Exit::Fine };
        json_line(console, json!({ "transactions": found }), terminal);
        return exit;
    }
    head_line(console, terminal);
    if found.is_empty() {
        console.line(&match console.style.language {
            Language::Zh => format!("日志里没有流水号 {stan:06} 的动账交易。"),
            Language::En => format!("The journal has no transaction {stan:06} that moves money."),
        });
        return Exit::Failed;
    }
    for transaction in &found {
        console.line(&line(console, transaction));
        for (number, record) in history.records().filter(|(number, _)| transaction.records.contains(number)) {
            console.line(&format!("  #{number:<6} {}", in_words(console, record)));
        }
        if let Some(booked) = &transaction.booked {
            for (name, value) in [
                (console.say("参考号", "reference"), &booked.reference),
                (console.say("授权码", "authorisation"), &booked.authorisation),
            ] {
                if let Some(value) = value {
                    console.line(&format!("  {name}: {value}"));
                }
            }
        }
        if let Some((verdict, end)) = transaction.chip {
            console.line(&format!(
                "  {}: {} · {}",
                console.say("芯片", "chip"),
                verdict.word(),
                chip_said(console, end)
            ));
        }
        console.line(&match transaction.end {
            End::Cleared { .. } => {
                console.say("钱款：以对账结果为准。", "money: as the reconciliation found.").to_owned()
            }
            _ => money_line(transaction.money(), console.style.language),
        });
    }
    Exit::Fine
}

fn verify(console: &Console, history: &History, terminal: Option<&str>) -> Exit {
    let records = history.records().count();
    let first = history.parts.first().map_or(1, |part| part.segment.first);
    let last = first + records as u64 - u64::from(records > 0);
    let torn: usize = history.parts.iter().map(|part| part.torn).sum();
    if console.format == Format::Json {
        let parts: Vec<Value> = history
            .parts
            .iter()
            .map(|part| {
                json!({
                    "file": part.name,
                    "segment": part.segment.number,
                    "first": part.segment.first,
                    "records": part.frames.len(),
                    "bytes": part.bytes,
                    "torn_bytes": part.torn,
                    "room_bytes": part.room,
                })
            })
            .collect();
        json_line(console, json!({ "ok": true, "records": records, "parts": parts }), terminal);
        return Exit::Fine;
    }
    head_line(console, terminal);
    for part in &history.parts {
        console.line(&match console.style.language {
            Language::Zh => {
                format!("{}  第 {} 条起 {} 条，{} 字节", part.name, part.segment.first, part.frames.len(), part.bytes)
            }
            Language::En => {
                format!(
                    "{}  {} from {}, {}",
                    part.name,
                    counted(part.frames.len(), "record"),
                    part.segment.first,
                    counted(part.bytes, "byte")
                )
            }
        });
    }
    if first > 1 {
        console.line(&match console.style.language {
            Language::Zh => format!("第 {first} 条之前的各段不在此处，未核对。"),
            Language::En => format!("What is before record {first} is not here and was not checked."),
        });
    }
    if torn > 0 {
        console.line(&match console.style.language {
            Language::Zh => format!("末尾有 {torn} 字节未写完的记录：断电所致，从未生效，下次打开时截去。"),
            Language::En => format!(
                "{torn} bytes at the end are a record that a power cut tore; it never counted, and the next opening cuts it off."
            ),
        });
    }
    console.line(&match console.style.language {
        Language::Zh => format!("第 {first} 至 {last} 条逐条相符。"),
        Language::En => format!("Records {first} to {last}: every link of the chain holds."),
    });
    Exit::Fine
}

fn export(console: &Console, history: &History, terminal: Option<&str>) -> Exit {
    for transaction in history.transactions() {
        json_line(console, as_json(&transaction), terminal);
    }
    Exit::Fine
}

/// A transaction as programs read it.
pub(super) fn as_json(transaction: &Transaction) -> Value {
    let booked = transaction.booked.as_ref();
    let (end, code) = match &transaction.end {
        End::Open => ("open", None),
        End::Booked => ("booked", None),
        End::Discarded => ("discarded", None),
        End::NeverSent { cause } => ("never_sent", Some(cause.clone())),
        End::Waiting { reason } => ("waiting", Some(reason.to_string())),
        End::Reversed { by } => ("reversed", Some(by.to_string())),
        End::Unheard => ("unheard", None),
        End::Told => ("told", None),
        End::ChipDeclined => ("chip_declined", None),
        End::Refused { by } => ("refused", Some(by.to_string())),
        End::Cleared { .. } => ("cleared", None),
    };
    json!({
        "stan": format!("{:06}", transaction.stan),
        "batch": format!("{:06}", transaction.batch),
        "at_ms": transaction.at_ms,
        "request": transaction.request.map(|request| request.to_string()),
        "kind": transaction.kind().map(|kind| kind.word()),
        "amount": transaction.amount.map(|amount| amount.to_string()),
        "name": transaction.name,
        "card": transaction.card,
        "reference": booked.and_then(|booked| booked.reference.as_deref()),
        "authorisation": booked.and_then(|booked| booked.authorisation.as_deref()),
        "end": end,
        "code": code,
        "taken_back_by": transaction.taken_back_by.map(|stan| format!("{stan:06}")),
        "chip": transaction.chip.map(|(verdict, end)| json!({ "said": verdict.word(), "upload": chip_word(end) })),
        "attempts": transaction.attempts,
        "money": transaction.money().word(),
        "records": transaction.records,
    })
}
