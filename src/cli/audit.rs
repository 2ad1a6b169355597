//! `till audit`: is this slip, and the acquirer behind it, in order?

use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
use crate::cli::given;
use crate::cli::show::padded;
use crate::cli::style::{Console, Format};
use crate::payment::merchant::division::{Division, percent, yuan};
use crate::payment::merchant::examine::{Parsed, Report, examine, reading_words};
use crate::payment::merchant::facts::{self, Facts, Unreadable};
use crate::payment::merchant::finding::{Finding, Strength};
use crate::payment::merchant::outlook::{CHECKS, UNSEEN};
use crate::payment::merchant::pair::Pair;
use crate::script_error::words::{Language, Words};
use crate::script_error::wrap::wrap;
use clap::{Arg, ArgMatches, Command};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{self, BufRead, IsTerminal, Read, Write};

/// `till audit` on the command line.
pub const COMMAND: Row = Row {
    name: "audit",
    about: Words {
        zh: "查看一张签购单与其收单机构是否正常", en: "Look whether a slip and its acquirer are in order"
    },
    define,
    go,
};

/// The most bytes of an answer typed in.
const ANSWER_BYTES_MAX: u64 = 1 << 10;

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    let mut command = command.arg(Arg::new("file").long("file").value_name("FILE|-").help(say(
        "从文件读：每行“名称：值”，可以是抄下的签购单；或 JSON；- 表示标准输入",
        "Facts from a file: a line each, `name: value`, such as a slip typed off; or JSON; - for standard input",
    )));
    for row in facts::ROWS {
        command = command.arg(Arg::new(row.id).long(row.id).value_name("TEXT").help(say(row.ask_zh, row.ask_en)));
    }
    command.arg(command::format_of(language, &["full", "json"])).after_help(say(
        "什么都不给，就逐项提问。\n\n示例：\n  till audit\n  till audit --number 898310058120001 --trade 餐馆 --place 上海 --app-number 898440054110007\n  till audit --amount 1000 --fee 6.00 --card credit\n  till audit --file 签购单.txt --format json",
        "With nothing given it asks, one thing at a time.\n\nExamples:\n  till audit\n  till audit --number 898310058120001 --trade restaurant --place Shanghai --app-number 898440054110007\n  till audit --amount 1000 --fee 6.00 --card credit\n  till audit --file slip.txt --format json",
    ))
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    let mut told = BTreeMap::new();
    let mut unused = 0;
    if let Some(name) = command::text(matches, "file") {
        match from_file(console, &name) {
            Ok((found, left)) => (told, unused) = (found, left),
            Err(exit) => return exit,
        }
    }
    for row in facts::ROWS {
        if let Some(text) = command::text(matches, row.id) {
            told.insert(row.id, text);
        }
    }
    if told.is_empty() && command::text(matches, "file").is_none() {
        told = asked(console);
    }
    if told.values().all(|text| text.trim().is_empty()) {
        console.line(console.say(
            "没有可查的内容。给出一项以上，如 --number；till audit --help 有全部。",
            "There is nothing to look at. Give at least one fact, such as --number; `till audit --help` lists them.",
        ));
        return Exit::Usage;
    }
    let facts = match Facts::read(&told) {
        Ok(facts) => facts,
        Err(wrong) => return unreadable(console, &told, &wrong),
    };
    let report = examine(&facts);
    match console.format {
        Format::Json => console.line(&as_json(console.style.language, &report, unused).to_string()),
        _ => Page { console }.full(&report, unused),
    }
    match report.strongest() {
        Some(strength) if strength >= Strength::Medium => Exit::Failed,
        _ => Exit::Fine,
    }
}

type Told = (BTreeMap<&'static str, String>, usize);

fn from_file(console: &Console, name: &str) -> Result<Told, Exit> {
    let word = if name == "-" { name.to_owned() } else { format!("@{name}") };
    let (bytes, _) = given::characters(&word).map_err(|error| {
        console.refusal(&error);
        Exit::Surroundings
    })?;
    let Ok(text) = std::str::from_utf8(&bytes) else {
        console.line(console.say("文件不是 UTF-8 文本。", "The file is no UTF-8 text."));
        return Err(Exit::Refused);
    };
    let text = text.trim_start_matches('\u{FEFF}');
    if !text.trim_start().starts_with('{') {
        return Ok(facts::from_lines(text));
    }
    let Ok(object) = serde_json::from_str::<Map<String, Value>>(text) else {
        console.line(console.say("文件以 { 开头，却不是 JSON 对象。", "The file begins with { and is no JSON object."));
        return Err(Exit::Refused);
    };
    let mut told = BTreeMap::new();
    let mut unused = 0;
    for (key, value) in &object {
        let row = facts::ROWS.iter().find(|row| row.id == key || row.id.replace('-', "_") == *key);
        match (row, value) {
            (Some(row), Value::String(text)) => drop(told.insert(row.id, text.clone())),
            (Some(row), Value::Number(number)) => drop(told.insert(row.id, number.to_string())),
            (Some(row), Value::Bool(yes)) => drop(told.insert(row.id, if *yes { "yes" } else { "no" }.to_owned())),
            _ => unused += 1,
        }
    }
    Ok((told, unused))
}

/// Asks for each fact on the console; an empty line is "not known", the end of the input is the end of the questions.
fn asked(console: &Console) -> BTreeMap<&'static str, String> {
    let mut told = BTreeMap::new();
    // Questions go beside the result, so that the result alone can be kept in a file.
    let mut err = io::stderr();
    let mut input = io::stdin().lock();
    let shown = io::stdin().is_terminal();
    if shown {
        let said = console.say("不知道的直接按回车。", "Press Enter for what you do not know.");
        let _ = writeln!(err, "{said}");
    }
    for row in facts::ROWS {
        if shown {
            let _ = write!(err, "{}{} ", console.say(row.ask_zh, row.ask_en), console.say("：", ":"));
            let _ = err.flush();
        }
        let mut line = Vec::new();
        match input.by_ref().take(ANSWER_BYTES_MAX).read_until(b'\n', &mut line) {
            Ok(0) | Err(_) => break,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line).trim().to_owned();
        if !text.is_empty() {
            told.insert(row.id, text);
        }
    }
    told
}

fn unreadable(console: &Console, told: &BTreeMap<&'static str, String>, wrong: &[Unreadable]) -> Exit {
    if console.format == Format::Json {
        let list: Vec<Value> = wrong
            .iter()
            .map(|one| json!({ "fact": one.id, "wanted": console.say(one.wanted_zh, one.wanted_en) }))
            .collect();
        console.line(&json!({ "ok": false, "unreadable": list }).to_string());
        return Exit::Usage;
    }
    for one in wrong {
        let text = told.get(one.id).map(|text| facts::without_cards(text)).unwrap_or_default();
        let text: String = text.chars().take(24).collect();
        let wanted = console.say(one.wanted_zh, one.wanted_en);
        let said = match console.style.language {
            Language::Zh => format!("--{}：“{text}”读不懂；应为{wanted}", one.id),
            Language::En => format!("--{}: “{text}” cannot be read; it should be {wanted}", one.id),
        };
        console.line(&said);
    }
    Exit::Usage
}

fn of(language: Language, pair: &Pair) -> &str {
    match language {
        Language::Zh => &pair.zh,
        Language::En => &pair.en,
    }
}

/// Columns of the words in front.
const LABEL_COLUMNS: usize = 12;

struct Page<'c> {
    console: &'c Console,
}

impl Page<'_> {
    fn full(&self, report: &Report, unused: usize) {
        let console = self.console;
        if let Some(parsed) = &report.parsed {
            self.number(parsed);
        }
        if let Some(division) = &report.division {
            self.division(division);
        }
        if report.parsed.is_some() || report.division.is_some() {
            console.line("");
        }
        for finding in &report.findings {
            self.finding(finding);
        }
        if report.strongest().is_none_or(|strength| strength < Strength::Weak) {
            console
                .line(&console.bold(console.say("所给的内容里没有发现不符。", "Nothing in what was given disagrees.")));
        }
        if unused > 0 {
            let said = match console.style.language {
                Language::Zh => format!("有 {unused} 行没有用到。"),
                Language::En => format!("Lines of no use here: {unused}."),
            };
            console.line(&console.dim(&said));
        }
        console.line("");
        console.line(&console.bold(console.say("在别处核对", "To check elsewhere")));
        for (at, check) in CHECKS.iter().enumerate() {
            self.indented(&format!("{}. ", at + 1), console.say(check.zh, check.en));
            self.indented(
                "   ",
                &format!("{}{}", console.say("→ ", "-> "), console.say(check.where_zh, check.where_en)),
            );
        }
        console.line("");
        console.line(&console.bold(console.say("终端上看不到的", "What a terminal cannot see")));
        for (zh, en) in UNSEEN {
            self.indented("- ", console.say(zh, en));
        }
        console.line("");
        self.indented(
            "",
            console.say(
                "以上是提示，不是认定；机构、地区、行业来自公开的表（2026-11）。",
                "These are hints, not a judgement; institutions, regions and trades are from public tables (2026-11).",
            ),
        );
    }

    /// A text behind a front, wrapped below itself.
    fn indented(&self, front: &str, text: &str) {
        let columns = crate::script_error::source::display_width(front);
        let width = self.console.style.width.saturating_sub(columns + 1).clamp(16, 100);
        for (at, line) in wrap(text, width).iter().enumerate() {
            let front = if at == 0 { front.to_owned() } else { " ".repeat(columns) };
            self.console.line(&format!("{front}{line}"));
        }
    }

    fn labelled(&self, label: &str, text: &str) {
        self.indented(&padded(label, LABEL_COLUMNS), text);
    }

    fn number(&self, parsed: &Parsed) {
        let console = self.console;
        let number = &parsed.number;
        let nobody = console.say("不在公开的表中", "in no public list");
        self.labelled(console.say("商户编号", "merchant"), number.text());
        let institution = parsed.institution.map_or(nobody, |row| console.say(row.zh, row.en));
        self.labelled(console.say("  机构", "  acquirer"), &format!("{}  {institution}", number.institution()));
        let region = reading_words(&parsed.region);
        let region = of(console.style.language, &region);
        self.labelled(console.say("  地区", "  region"), &format!("{}  {region}", number.region()));
        let trade = parsed.trade.map_or_else(
            || console.say("不是常见的行业码", "no common trade code").to_owned(),
            |row| {
                let (zh, en) = row.class.names();
                match console.style.language {
                    Language::Zh => format!("{}（{zh}）", row.zh),
                    Language::En => format!("{} ({en})", row.en),
                }
            },
        );
        self.labelled(console.say("  行业", "  trade"), &format!("{}  {trade}", number.trade()));
        self.labelled(console.say("  序号", "  serial"), number.serial());
    }

    fn division(&self, division: &Division) {
        let console = self.console;
        let (amount, fee, rate) = (yuan(division.amount), yuan(division.fee), percent(division.rate));
        let total = match console.style.language {
            Language::Zh => format!("{fee} 元，{amount} 元的 {rate}"),
            Language::En => format!("{fee} yuan, {rate} of {amount}"),
        };
        self.labelled(console.say("手续费", "fee"), &total);
        match division.parts {
            None => self.labelled(
                "",
                console.say(
                    "不知道是借记卡还是贷记卡，没有分开各方所得",
                    "without knowing debit or credit it is not divided",
                ),
            ),
            Some(parts) => {
                let most = |fen: i64| match console.style.language {
                    Language::Zh => format!("最多 {} 元", yuan(fen)),
                    Language::En => format!("at most {}", yuan(fen)),
                };
                self.labelled(console.say("  发卡行", "  issuer"), &most(parts.issuer));
                self.labelled(console.say("  转接方", "  network"), &most(parts.network));
                let left = match (console.style.language, parts.acquirer < 0) {
                    (Language::Zh, false) => format!("至少 {} 元", yuan(parts.acquirer)),
                    (Language::Zh, true) => format!("可能倒贴 {} 元", yuan(-parts.acquirer)),
                    (Language::En, false) => format!("at least {}", yuan(parts.acquirer)),
                    (Language::En, true) => format!("may pay {} itself", yuan(-parts.acquirer)),
                };
                self.labelled(console.say("  收单机构", "  acquirer"), &left);
            }
        }
        let (class_zh, class_en) = division.class.names();
        let (year, month, day) = division.rules.since;
        let rule = match console.style.language {
            Language::Zh => format!("按{class_zh}；{}，{year}-{month:02}-{day:02} 起", division.rules.source),
            Language::En => {
                format!("as {class_en} class; {}, since {year}-{month:02}-{day:02}", division.rules.source)
            }
        };
        self.labelled(console.say("  规定", "  rule"), &rule);
    }

    fn finding(&self, finding: &Finding) {
        let console = self.console;
        let language = console.style.language;
        let name = finding.strength.name();
        let colour = if finding.strength >= Strength::Medium { "31" } else { "33" };
        let front = format!("[{}] ", of(language, &name));
        let columns = crate::script_error::source::display_width(&front);
        let width = console.style.width.saturating_sub(columns + 1).clamp(16, 100);
        for (at, line) in wrap(of(language, &finding.what), width).iter().enumerate() {
            let front = if at == 0 { console.painted(colour, &front) } else { " ".repeat(columns) };
            console.line(&format!("{front}{line}"));
        }
        self.indented("    ", of(language, &finding.why));
        self.indented("    ", &format!("{}{}", console.say("→ ", "-> "), of(language, &finding.next)));
    }
}

fn as_json(language: Language, report: &Report, unused: usize) -> Value {
    let findings: Vec<Value> = report
        .findings
        .iter()
        .map(|finding| {
            json!({
                "id": finding.id,
                "strength": finding.strength.word(),
                "what": of(language, &finding.what),
                "why": of(language, &finding.why),
                "next": of(language, &finding.next),
            })
        })
        .collect();
    let pick = |zh: &'static str, en: &'static str| Words { zh, en }.in_language(language);
    let number = report.parsed.as_ref().map(|parsed| {
        json!({
            "text": parsed.number.text(),
            "institution": { "code": parsed.number.institution(), "name": parsed.institution.map(|row| pick(row.zh, row.en)) },
            "region": { "code": parsed.number.region(), "name": of(language, &reading_words(&parsed.region)) },
            "trade": {
                "code": parsed.number.trade(),
                "name": parsed.trade.map(|row| pick(row.zh, row.en)),
                "class": parsed.trade.map(|row| row.class.names().1),
            },
            "serial": parsed.number.serial(),
        })
    });
    let fee = report.division.as_ref().map(|division| {
        let (year, month, day) = division.rules.since;
        json!({
            "amount": yuan(division.amount),
            "fee": yuan(division.fee),
            "rate": percent(division.rate),
            "class": division.class.names().1,
            "issuer_at_most": division.parts.map(|parts| yuan(parts.issuer)),
            "network_at_most": division.parts.map(|parts| yuan(parts.network)),
            "acquirer_at_least": division.parts.map(|parts| yuan(parts.acquirer)),
            "rule": { "source": division.rules.source, "since": format!("{year}-{month:02}-{day:02}") },
        })
    });
    let checks: Vec<Value> = CHECKS
        .iter()
        .map(|check| json!({ "what": pick(check.zh, check.en), "where": pick(check.where_zh, check.where_en) }))
        .collect();
    let unseen: Vec<&str> = UNSEEN.iter().map(|(zh, en)| pick(zh, en)).collect();
    json!({
        "ok": report.strongest().is_none_or(|strength| strength < Strength::Medium),
        "strongest": report.strongest().map(Strength::word),
        "number": number,
        "fee": fee,
        "findings": findings,
        "checks": checks,
        "unseen": unseen,
        "lines_unused": unused,
    })
}
