//! `till bundle`: what the help desk needs, in one file without card data, and the same seen again from it.

use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
use crate::cli::journal;
use crate::cli::run::{self, Wanted};
use crate::cli::style::{Console, Format, counted};
use crate::payment::hex;
use crate::run::bundle::file::{BUNDLE_BYTES_MAX, Bundle, Ingredients, Made, make};
use crate::run::program;
use crate::run::report::hexadecimal;
use crate::run::trace::TRACE_BYTES_MAX;
use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::error::ScriptError;
use crate::script_error::words::{Language, Said, Words};
use crate::world::journal::history::History;
use crate::world::port::failure::Failure;
use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

/// `till bundle` on the command line.
pub const COMMAND: Row = Row {
    name: "bundle",
    about: Words {
        zh: "给技术支持的一个文件，不含卡号与密钥",
        en: "One file for the help desk, without card data or keys",
    },
    define,
    go,
};

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    let bundle = || command::file(say("支持包文件", "The bundle"));
    let create = Command::new("create")
        .about(say("做一个支持包", "Make a bundle"))
        .arg(command::path_option("journal", "DIR", say("日志目录", "The journal's folder")))
        .arg(
            command::path_option("trace", "FILE", say("运行记录，可多个", "A trace; more than one may be given"))
                .action(clap::ArgAction::Append),
        )
        .arg(
            command::path_option(
                "script",
                "FILE",
                say(
                    "运行记录所用的脚本或字节码，若不在原处；可多个",
                    "The script or bytecode of a trace, if it is not where it was; more than one may be given",
                ),
            )
            .action(clap::ArgAction::Append),
        )
        .arg(Arg::new("last").long("last").value_name("20m").help(say(
            "只要最近这么久的，如 20m、2h、1d；从其中最晚的时刻算起",
            "Only the last so much, such as 20m, 2h or 1d, back from the latest time in it",
        )))
        .arg(
            Arg::new("out")
                .short('o')
                .long("out")
                .value_name("FILE")
                .required(true)
                .value_parser(clap::value_parser!(PathBuf))
                .help(say("写到哪里", "Where it is written")),
        )
        .arg(command::format_of(language, &["full", "json"]));
    let show = Command::new("show")
        .about(say("支持包里有什么", "What a bundle holds"))
        .arg(bundle())
        .arg(command::format_of(language, &["full", "json"]));
    let replay = Command::new("replay")
        .about(say("只凭支持包重现屏幕、报文与错误", "See screens, messages and error again, from the bundle alone"))
        .arg(bundle())
        .arg(
            Arg::new("number")
                .value_name("N")
                .value_parser(clap::value_parser!(u32))
                .help(say("第几份运行记录；不写则全部", "Which trace; all of them if it is left out")),
        )
        .arg(command::format(language));
    command.subcommand_required(true).arg_required_else_help(true).subcommands([create, show, replay]).after_help(say(
        "示例：\n  till bundle create --journal 日志 --trace 一笔.trace --last 20m -o 求助.bundle\n  till bundle show 求助.bundle\n  till bundle replay 求助.bundle",
        "Examples:\n  till bundle create --journal journal --trace one.trace --last 20m -o help.bundle\n  till bundle show help.bundle\n  till bundle replay help.bundle",
    ))
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    let Some((what, matches)) = matches.subcommand() else { return Exit::Usage };
    let format = matches.try_get_one::<String>("format").ok().flatten().and_then(|word| Format::parse(word));
    console.flush();
    let console = &Console::new(console.style.language, format.unwrap_or_default());
    let done = match what {
        "create" => create(console, matches),
        "show" => opened(matches).map(|bundle| show(console, &bundle)),
        _ => opened(matches).and_then(|bundle| replay(console, &bundle, matches.get_one("number").copied())),
    };
    done.unwrap_or_else(|refusal| {
        let exit = refusal.1;
        console.refusal(&ScriptError::of(refusal.0.code, refusal.0.facts));
        exit
    })
}

/// Why a command did not do it, and the exit code that says so.
struct Refusal(Failure, Exit);

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Refusal {
        let refused = [storage::BAD_TRACE, storage::BAD_BUNDLE, storage::BUNDLE_NOT_CLEAN];
        let exit = match failure.code {
            code if refused.contains(&code) => Exit::Refused,
            code if code == storage::ARGUMENT_WRONG => Exit::Usage,
            _ => Exit::Surroundings,
        };
        Refusal(failure, exit)
    }
}

fn read(path: &Path, most: u64) -> Result<String, Failure> {
    let cannot = |detail: String| {
        Failure::new(storage::CANNOT_READ).text("path", path.display().to_string()).text("detail", detail)
    };
    let mut text = String::new();
    let file = File::open(path).map_err(|error| cannot(error.to_string()))?;
    let length = file.take(most + 1).read_to_string(&mut text).map_err(|error| cannot(error.to_string()))?;
    if length as u64 > most { Err(cannot(format!("> {most} bytes"))) } else { Ok(text) }
}

fn wrong(name: &'static str, zh: impl Into<String>, en: impl Into<String>) -> Failure {
    let detail = Said::new(zh.into(), en.into());
    Failure::new(storage::ARGUMENT_WRONG).text("name", name).fact("detail", Fact::Said(detail))
}

/// `20m`, `2h`, `1d` in milliseconds.
fn span(text: &str) -> Result<i64, Failure> {
    let unit = match text.chars().next_back() {
        Some('m') => 60_000,
        Some('h') => 3_600_000,
        Some('d') => 86_400_000,
        _ => 0,
    };
    let number = text.get(..text.len().saturating_sub(1)).and_then(|digits| digits.parse::<u32>().ok());
    match number.and_then(|number| i64::from(number).checked_mul(unit)).filter(|span| *span > 0) {
        Some(span) => Ok(span),
        None => {
            Err(wrong("--last", format!("“{text}”应如 20m、2h、1d"), format!("`{text}` is not like 20m, 2h or 1d")))
        }
    }
}

fn create(console: &Console, matches: &ArgMatches) -> Result<Exit, Refusal> {
    let last = match command::text(matches, "last") {
        Some(text) => Some((text.clone(), span(&text)?)),
        None => None,
    };
    let (directory, paths) = (command::path(matches, "journal"), command::paths(matches, "trace"));
    if directory.is_none() && paths.is_empty() {
        let (zh, en) = ("至少给出 --journal 或 --trace 之一", "give --journal or --trace at least");
        return Err(wrong("--journal", zh, en).into());
    }
    let traces: Vec<String> = paths.iter().map(|path| read(path, TRACE_BYTES_MAX)).collect::<Result<_, _>>()?;
    let (mut transactions, mut device_key) = (Vec::new(), None);
    if let Some(directory) = &directory {
        let history = History::read(directory)?;
        transactions = history.transactions().iter().map(journal::as_json).collect();
        device_key = fs::read(directory.join("device.key")).ok();
    }
    let programs = match programs(console, &traces, &command::paths(matches, "script")) {
        Ok(programs) => programs,
        Err(exit) => return Ok(exit),
    };
    let programs: Vec<_> = programs.into_values().collect();
    let made = make(Ingredients { programs: &programs, traces: &traces, transactions, device_key, last })?;
    if !made.scan.found.is_empty() {
        return Err(not_clean(&made).into());
    }
    let path = command::path(matches, "out").unwrap_or_default();
    fs::write(&path, &made.text).map_err(|error| {
        Failure::new(storage::CANNOT_WRITE).text("path", path.display().to_string()).text("detail", error.to_string())
    })?;
    created(console, &path, &made);
    Ok(Exit::Fine)
}

/// The programs that traces are of, by their digests: from the files named, or from where the script was.
fn programs(
    console: &Console,
    traces: &[String],
    named: &[PathBuf],
) -> Result<BTreeMap<String, crate::language::bytecode::program::Program>, Exit> {
    let heads: Vec<Value> = traces
        .iter()
        .filter_map(|text| text.lines().next())
        .filter_map(|line| serde_json::from_str(line).ok())
        .collect();
    let text = |head: &Value, name: &str| head.get(name).and_then(Value::as_str).map(str::to_owned);
    let wanted: Vec<String> = heads.iter().filter_map(|head| text(head, "program")).collect();
    let mut found = BTreeMap::new();
    for path in named {
        let (program, _, _) = run::load(console, path)?;
        found.insert(hexadecimal(&program.hash), program);
    }
    for path in heads.iter().filter_map(|head| text(head, "script")).map(PathBuf::from) {
        // What is not there, or is another program by now, is told below.
        if wanted.iter().all(|digest| found.contains_key(digest)) || !path.is_file() {
            continue;
        }
        let program = match path.extension().is_some_and(|extension| extension == "tillc") {
            true => program::load(&path).ok().map(|(program, _)| program),
            false => program::build(&path).program,
        };
        found.extend(program.map(|program| (hexadecimal(&program.hash), program)));
    }
    let missing = wanted.iter().filter(|digest| !found.contains_key(*digest)).count();
    if missing > 0 && console.format != Format::Json {
        console.line(&match console.style.language {
            Language::Zh => format!("注意：{missing} 份运行记录的程序没有找到，支持包里不能重放；用 --script 指出当时的脚本或字节码。"),
            Language::En => format!(
                "note: traces without their program: {missing}; they cannot be replayed until --script names script or bytecode of that time."
            ),
        });
    }
    Ok(found)
}

/// At most so many places are named.
const PLACES_MAX: usize = 2;

fn not_clean(made: &Made) -> Failure {
    let places = |language: Language| {
        let mut places: Vec<String> = made
            .scan
            .found
            .iter()
            .take(PLACES_MAX)
            .map(|suspicion| {
                let (zh, en) = suspicion.what.names();
                match language {
                    Language::Zh => format!("{}{zh}", suspicion.path),
                    Language::En => format!("{} {en}", suspicion.path),
                }
            })
            .collect();
        if made.scan.found.len() > PLACES_MAX {
            places.push("…".to_owned());
        }
        places.join(if language == Language::Zh { "；" } else { "; " })
    };
    let detail = Said::new(places(Language::Zh), places(Language::En));
    Failure::new(storage::BUNDLE_NOT_CLEAN).fact("detail", Fact::Said(detail))
}

fn created(console: &Console, path: &Path, made: &Made) {
    let bundle = &made.bundle;
    if console.format == Format::Json {
        let mut value = as_json(bundle);
        value["path"] = json!(path.display().to_string());
        value["texts_scanned"] = json!(made.scan.texts);
        console.line(&value.to_string());
        return;
    }
    console.line(&match console.style.language {
        Language::Zh => format!("已写好 {}（{} 字节）。", path.display(), made.text.len()),
        Language::En => format!("{} is written, {} bytes.", path.display(), made.text.len()),
    });
    counts(console, bundle);
    console.line(&match console.style.language {
        Language::Zh => format!("逐一看过 {} 处文字，没有卡号、磁道或密钥，无论哪种写法。", made.scan.texts),
        Language::En => {
            format!("Texts looked through: {}. No card number, track or key, however written.", made.scan.texts)
        }
    });
}

fn counts(console: &Console, bundle: &Bundle) {
    let (programs, traces) = (bundle.programs.len(), bundle.traces.len());
    let (transactions, cards) = (bundle.transactions.len(), bundle.head.cards);
    console.line(&match console.style.language {
        Language::Zh => {
            format!("程序 {programs} 个，运行记录 {traces} 份，日志交易 {transactions} 笔；{cards} 个卡号换成了假名。")
        }
        Language::En => format!(
            "programs: {programs}, traces: {traces}, transactions of the journal: {transactions}; card numbers replaced: {cards}."
        ),
    });
}

fn opened(matches: &ArgMatches) -> Result<Bundle, Refusal> {
    let path = command::path(matches, "file").unwrap_or_default();
    Ok(Bundle::read(&read(&path, BUNDLE_BYTES_MAX)?)?)
}

fn as_json(bundle: &Bundle) -> Value {
    let programs: Vec<Value> = bundle
        .programs
        .iter()
        .map(|packed| {
            json!({
                "script": packed.script,
                "sha256": packed.sha256,
                "dialect": packed.dialect,
                "dialect_sha256": packed.dialect_sha256,
            })
        })
        .collect();
    let traces: Vec<Value> =
        (1..=bundle.traces.len()).map(|number| json!(Summary::of(bundle, number).json())).collect();
    json!({
        "made_by": bundle.head.made_by,
        "last": bundle.head.last,
        "cards": bundle.head.cards,
        "programs": programs,
        "keys": bundle.keys,
        "transactions": bundle.transactions,
        "traces": traces,
    })
}

/// What a trace is, in a few words.
struct Summary {
    number: usize,
    flow: String,
    script: String,
    requests: usize,
    failures: Vec<String>,
    money: Option<String>,
    replayable: bool,
}

impl Summary {
    fn of(bundle: &Bundle, number: usize) -> Summary {
        let lines = bundle.traces.get(number - 1).map(Vec::as_slice).unwrap_or_default();
        let of_head = |name: &str| {
            let head = lines.first().and_then(|head| head.get(name)).and_then(Value::as_str);
            head.unwrap_or_default().to_owned()
        };
        let codes = lines.iter().filter_map(|line| Some(line.get("failure")?.get("code")?.as_str()?.to_owned()));
        let money = lines.iter().find_map(|line| Some(line.get("end")?.get("money")?.as_str()?.to_owned()));
        Summary {
            number,
            flow: of_head("flow"),
            script: of_head("script"),
            requests: lines.iter().filter(|line| line.get("request").is_some()).count(),
            failures: codes.collect(),
            money,
            replayable: bundle.program_of(number).is_some_and(|digest| bundle.packed(digest).is_some()),
        }
    }

    fn json(&self) -> Value {
        json!({
            "number": self.number,
            "flow": self.flow,
            "script": self.script,
            "requests": self.requests,
            "failures": self.failures,
            "money": self.money,
            "can_be_replayed": self.replayable,
        })
    }
}

fn show(console: &Console, bundle: &Bundle) -> Exit {
    if console.format == Format::Json {
        console.line(&as_json(bundle).to_string());
        return Exit::Fine;
    }
    let last = bundle.head.last.as_deref().unwrap_or(console.say("全部", "all"));
    console.line(&format!("till {}  {last}", bundle.head.made_by));
    counts(console, bundle);
    for packed in &bundle.programs {
        console.line(&console.bold(&packed.script));
        console.line(&format!("  {}  {}", console.say("程序", "program"), packed.sha256));
        if let Some(digest) = &packed.dialect_sha256 {
            console.line(&format!("  {}  {}  {digest}", console.say("方言", "dialect"), packed.dialect));
        }
    }
    for (slot, check_value) in &bundle.keys {
        console.line(&format!("  {slot}  {} {check_value}", console.say("校验值", "check value")));
    }
    if !bundle.transactions.is_empty() {
        console.line(&console.bold(console.say("日志", "journal")));
    }
    for transaction in &bundle.transactions {
        let text = |name: &str| transaction.get(name).and_then(Value::as_str).unwrap_or("-");
        console.line(&format!(
            "  {}  {:<10}  {:>14}  {}  {}",
            text("stan"),
            text("name"),
            text("amount"),
            text("card"),
            text("end")
        ));
    }
    for number in 1..=bundle.traces.len() {
        let summary = Summary::of(bundle, number);
        console.line(&console.bold(&format!("{} {number}", console.say("运行记录", "trace"))));
        let failures = match summary.failures.is_empty() {
            true => console.say("没有故障", "nothing failed").to_owned(),
            false => summary.failures.join(", "),
        };
        let money = summary.money.as_deref().unwrap_or("-");
        console.line(&match console.style.language {
            Language::Zh => format!(
                "  {}（{}）  请求 {} 个  {failures}  钱款 {money}",
                summary.flow, summary.script, summary.requests
            ),
            Language::En => {
                format!(
                    "  {} ({})  {}  {failures}  money {money}",
                    summary.flow,
                    summary.script,
                    counted(summary.requests, "request")
                )
            }
        });
        if !summary.replayable {
            console.line(&format!("  {}", console.say("没有它的程序，不能重放", "its program is not here: no replay")));
        }
    }
    Exit::Fine
}

fn replay(console: &Console, bundle: &Bundle, number: Option<u32>) -> Result<Exit, Refusal> {
    let wanted = match number {
        Some(number) => vec![number as usize],
        None => (1..=bundle.traces.len()).collect(),
    };
    let mut exit = Exit::Fine;
    for (at, number) in wanted.into_iter().enumerate() {
        let Some(trace) = bundle.trace(number) else {
            let of = bundle.traces.len();
            return Err(wrong(
                "N",
                format!("支持包里有 {of} 份运行记录"),
                format!("the bundle has {}", counted(of, "trace")),
            )
            .into());
        };
        let packed = bundle.program_of(number).and_then(|digest| bundle.packed(digest));
        let Some(packed) = packed else {
            let detail = Said::new("支持包里没有这份运行记录的程序", "the bundle has no program of this trace");
            return Err(Failure::new(storage::BAD_BUNDLE).fact("detail", Fact::Said(detail)).into());
        };
        let bytes = hex::decode(packed.bytecode.as_bytes()).unwrap_or_default();
        let (program, sources) = match program::from_bytes(&bytes) {
            Ok(loaded) => loaded,
            Err(error) => {
                console.refusal(&error);
                return Ok(Exit::Refused);
            }
        };
        if at > 0 && console.format == Format::Full {
            console.line("");
        }
        let wanted = Wanted { replay_text: Some(trace), ..Wanted::default() };
        exit = exit.max(run::run_built(console, &wanted, &program, &sources));
    }
    Ok(exit)
}
