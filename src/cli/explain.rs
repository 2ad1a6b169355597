//! `till explain`: what a code, a screen text or a question means and what to do.

use crate::cli::exit::Exit;
use crate::cli::style::{Console, Format};
use crate::language::check::codes;
use crate::language::library;
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::response::ResponseCode;
use crate::run::source_files;
use crate::run::world::library_dialect;
use crate::script_error::explain::{Wanted as PageWanted, entry_page};
use crate::script_error::fill::inert;
use crate::script_error::handbook::entry::{Entry, Origin, TABLES};
use crate::script_error::handbook::find::{self, Answer, Found};
use crate::script_error::handbook::shelf;
use crate::script_error::words::{Audience, Language, Said};
use crate::script_error::wrap::wrap;
use serde_json::{Value, json};

/// Columns of a page, where there are so many.
const WIDTH: usize = 80;

/// What the command line said.
#[derive(Debug, Default)]
pub struct Wanted {
    /// The words of the question.
    pub words: Vec<String>,
    /// For one person only.
    pub audience: Option<String>,
    /// The table by which response codes are read.
    pub dialect: Option<String>,
    /// All entries in a list.
    pub list: bool,
}

/// Answers a question, or asks back.
pub fn explain(console: &Console, wanted: &Wanted) -> Exit {
    if wanted.list {
        list(console);
        return Exit::Fine;
    }
    let question = wanted.words.join(" ");
    if let Some(exit) = field(console, question.trim()) {
        return exit;
    }
    let found = find::find(&question, wanted.dialect.as_deref());
    if console.format == Format::Json {
        console.line(&as_json(&found).to_string());
        return if found.answers.is_empty() { Exit::Usage } else { Exit::Fine };
    }
    if found.answers.is_empty() {
        ask_back(console, &question, &found, wanted.dialect.as_deref());
        return Exit::Usage;
    }
    if console.format == Format::Short || console.format == Format::Cashier {
        for answer in found.answers.iter().take(if console.format == Format::Cashier { 1 } else { usize::MAX }) {
            short(console, answer.entry);
        }
        return Exit::Fine;
    }
    answers(console, wanted, &found);
    Exit::Fine
}

fn answers(console: &Console, wanted: &Wanted, found: &Found) {
    let language = console.style.language;
    let audience = wanted.audience.as_deref().and_then(audience);
    if let Some(code) = &found.unlisted {
        let said = match language {
            Language::Zh => format!(
                "{code} 不在本手册的任何码表里，没有公开的含义。向收单机构问三件事：{code} 是什么意思，属于哪一类（拒绝、稍后、没收、重签到），钱在哪里。问明之前当作未批准。"
            ),
            Language::En => format!(
                "{code} is in none of the tables of this handbook: it has no public meaning. Ask the acquirer three things: what {code} means, which kind it is (decline, try later, retain, sign in), and where the money is. Until then it is not approved."
            ),
        };
        paragraph(console, &said);
        console.line("");
    }
    let Some((best, others)) = found.answers.split_first() else { return };
    let tables = tables_of(console, best.entry);
    let wanted = PageWanted { language, audience, width: console.style.width.min(WIDTH), tables: &tables };
    console.line(entry_page(best.entry, wanted).trim_end());
    if !others.is_empty() {
        console.line("");
        console.line(&console.bold(console.say("也可能是", "it may also be")));
        others.iter().for_each(|other| offered(console, other));
    }
}

/// One entry as a line of its own: what it is, and the short sentence for the cashier.
fn short(console: &Console, entry: &Entry) {
    let language = console.style.language;
    let first = entry.cashier.first().or(entry.author.first());
    let sentence = first.map(|said| said.in_language(language)).unwrap_or_default();
    if console.format == Format::Cashier {
        paragraph(console, sentence);
    } else {
        console.line(&format!("{}  {}  {sentence}", entry.id, entry.title.in_language(language)));
    }
}

fn offered(console: &Console, answer: &Answer) {
    let language = console.style.language;
    let text = format!("{}  {}", answer.entry.id, answer.entry.title.in_language(language));
    let width = console.style.width.min(WIDTH).saturating_sub(4);
    for (at, line) in wrap(&text, width).into_iter().enumerate() {
        console.line(&format!("{}{line}", if at == 0 { "    " } else { "      " }));
    }
}

fn paragraph(console: &Console, text: &str) {
    for line in wrap(text, console.style.width.min(WIDTH)) {
        console.line(&line);
    }
}

/// No answer is better than a wrong one: what may have been meant, and what to ask.
fn ask_back(console: &Console, question: &str, found: &Found, dialect: Option<&str>) {
    let said = |zh: String, en: String| match console.style.language {
        Language::Zh => paragraph(console, &zh),
        Language::En => paragraph(console, &en),
    };
    if let Some(code) = &found.declared {
        return said(
            format!(
                "{code} 是脚本自己声明的错误：含义与各人该做什么，写在报错那个脚本的 error 声明里，报错时也已列出。"
            ),
            format!(
                "{code} is declared by the script that raised it: its `error` declaration says what it means and who does what, and so does the report."
            ),
        );
    }
    let shown: String = inert(question).chars().take(60).collect();
    match dialect {
        Some(table) => said(format!("在 {table} 里没有找到“{shown}”。"), format!("Nothing in {table} fits `{shown}`.")),
        None => said(format!("没有把握回答“{shown}”。"), format!("Not sure what `{shown}` is about.")),
    }
    if found.choices.is_empty() {
        said(
            "请照抄屏幕上的整行文字，或写两位应答码（如 51）、错误码（如 T5101）。".into(),
            "Type the whole line of the screen as it stands, a response code such as 51, or a code such as T5101."
                .into(),
        );
    } else {
        console.line(console.say("是不是下面的一个？", "Is it one of these?"));
        found.choices.iter().for_each(|choice| offered(console, choice));
        said(
            "都不是的话：屏幕整行写着什么？有两位应答码吗？卡在哪一步？".into(),
            "If none: what is the whole line on the screen? Is there a two-character code? At which step did it stop?"
                .into(),
        );
    }
}

/// `F39`: what a field of the dialect is. Field 39 has an entry of its own.
fn field(console: &Console, word: &str) -> Option<Exit> {
    let digits = word.strip_prefix(['F', 'f'])?;
    let number: u8 = digits.parse().ok().filter(|number| (1..=128).contains(number))?;
    if number == 39 || shelf::find(word).is_some() || console.format == Format::Json {
        return None;
    }
    let dialect: Dialect = library_dialect().ok()?;
    let field = dialect.fields.iter().find(|field| field.number == number);
    let language = console.style.language;
    let Some(field) = field else {
        paragraph(
            console,
            &match language {
                Language::Zh => format!("F{number}：方言 {} 不用这个域。", dialect.name),
                Language::En => format!("F{number}: the dialect {} does not use this field.", dialect.name),
            },
        );
        return Some(Exit::Usage);
    };
    let name = console.say(&field.zh, &field.en);
    let most = field.length.max();
    console.line(&format!("F{number}  {name}"));
    paragraph(
        console,
        &match language {
            Language::Zh => format!(
                "方言 {} 的第 {number} 域，名称 {}，最长 {most}。它是报文里的位置；出错看第 39 域的应答码。",
                dialect.name, field.name
            ),
            Language::En => format!(
                "Field {number} of the dialect {}, named {}, at most {most} long. It is a place in a message; what went wrong stands in field 39, the response code.",
                dialect.name, field.name
            ),
        },
    );
    if field.holds.is_sensitive() {
        paragraph(
            console,
            console.say("内容敏感：不显示、不打印、不写日志。", "It is sensitive: never shown, printed or logged."),
        );
    }
    Some(Exit::Fine)
}

fn list(console: &Console) {
    let language = console.style.language;
    if console.format == Format::Json {
        let all: Vec<Answer> = shelf::all().iter().map(|entry| Answer { entry, score: 1.0 }).collect();
        console.line(&as_json(&Found { answers: all, ..Found::default() }).to_string());
        return;
    }
    for origin in Origin::ALL {
        let entries: Vec<&Entry> = shelf::all().iter().filter(|entry| entry.origin == origin).collect();
        console.line(&console.bold(&format!("{} ({})", origin.name().in_language(language), entries.len())));
        for entry in entries {
            offered(console, &Answer { entry, score: 1.0 });
        }
    }
}

fn audience(word: &str) -> Option<Audience> {
    match word {
        "cashier" => Some(Audience::Cashier),
        "cardholder" => Some(Audience::Cardholder),
        "support" => Some(Audience::Support),
        _ => None,
    }
}

/// The words `--audience` takes.
pub const AUDIENCES: [&str; 3] = ["cashier", "cardholder", "support"];

/// The words `--dialect` takes.
pub fn dialects() -> Vec<&'static str> {
    TABLES.iter().map(|(word, _)| *word).collect()
}

/// What is found, for programs.
fn as_json(found: &Found) -> Value {
    let one = |answer: &Answer| {
        let entry = answer.entry;
        let code = found.unlisted.as_deref().or(entry.code());
        json!({
            "id": entry.id,
            "code": code,
            "tables": entry.codes.iter().flat_map(|listed| listed.tables.iter()).collect::<Vec<_>>(),
            "title": both(&entry.title),
            "from": entry.origin.word(),
            "class": entry.origin.class().word(),
            "score": (f64::from(answer.score) * 1000.0).round() / 1000.0,
            "money": entry.money.word(),
            "money_said": both(&entry.money_said),
            "guidance": {
                "cashier": all_of(&entry.cashier),
                "cardholder": all_of(&entry.cardholder),
                "support": all_of(&entry.support),
                "author": all_of(&entry.author),
            },
            "about": entry.about.as_ref().map(both),
            "causes": entry.why.iter().map(|cause| json!({
                "cause": both(&cause.said),
                "tell": cause.tell.as_ref().map(both),
            })).collect::<Vec<_>>(),
            "avoid": entry.avoid.iter().map(both).collect::<Vec<_>>(),
            "stop": entry.stop.as_ref().map(both),
            "ask": entry.ask.iter().map(both).collect::<Vec<_>>(),
            "see": entry.see,
            "sure": entry.sure.word(),
        })
    };
    let near = |answer: &Answer| json!({ "id": answer.entry.id, "title": both(&answer.entry.title), "score": (f64::from(answer.score) * 1000.0).round() / 1000.0 });
    json!({
        "v": 1,
        "results": found.answers.iter().map(one).collect::<Vec<_>>(),
        "choices": found.choices.iter().map(near).collect::<Vec<_>>(),
        "unlisted": found.unlisted,
    })
}

fn both(said: &Said) -> Value {
    json!({ "zh": said.zh, "en": said.en })
}

fn all_of(steps: &[Said]) -> Value {
    json!({
        "zh": steps.iter().map(|said| said.zh.as_str()).collect::<Vec<_>>(),
        "en": steps.iter().map(|said| said.en.as_str()).collect::<Vec<_>>(),
    })
}

/// What each table of the library says of an entry's code.
fn tables_of(console: &Console, entry: &Entry) -> Vec<String> {
    let mut lines = Vec::new();
    for listed in &entry.codes {
        let Some(code) = ResponseCode::parse(listed.code) else { continue };
        for file in library::FILES.iter().filter(|file| file.path.ends_with(".codes")) {
            let name = file.path.trim_end_matches(".codes");
            if !listed.tables.contains(&name) {
                continue;
            }
            let files = source_files::from_text(file.path, file.text);
            let (tables, _) = codes::tables(&files.units);
            for (_, table) in tables.iter().filter(|(_, table)| table.name == name) {
                let Some(row) = table.row(code) else { continue };
                let meaning = console.say(&row.zh, &row.en);
                lines.push(format!("{}: {} ({}) {meaning}", table.name, row.name, row.category.word()));
            }
        }
    }
    lines
}
