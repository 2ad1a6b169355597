//! `till explain`: what a code, a screen text or a question means and what to do.

use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
use crate::cli::style::{Console, Format};
use crate::language::check::codes;
use crate::language::library;
use crate::payment::emv::bits;
use crate::payment::emv::dictionary::{self, Privacy};
use crate::payment::emv::tag::Tag;
use crate::payment::hex;
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::response::ResponseCode;
use crate::run::source_files;
use crate::run::world::library_dialect;
use crate::script_error::explain::{Wanted as PageWanted, entry_page, suggestion};
use crate::script_error::fill::inert;
use crate::script_error::handbook::entry::{Entry, Origin, TABLES};
use crate::script_error::handbook::find::{self, Answer, Found};
use crate::script_error::handbook::shelf;
use crate::script_error::words::{Audience, Language, Said, Words};
use crate::script_error::wrap::wrap;
use crate::world::terminal::log;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};

/// `till explain` on the command line.
pub const COMMAND: Row = Row {
    name: "explain",
    about: Words { zh: "解释代码、屏幕文字或问题", en: "Explain a code, a screen text or a question" },
    define,
    go,
};

/// The words `--audience` takes.
const AUDIENCES: [&str; 3] = ["cashier", "cardholder", "support"];

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    let tables = TABLES.iter().map(|(word, _)| *word);
    command
        .arg(
            Arg::new("words")
                .required_unless_present("list")
                .num_args(1..)
                .value_name("WORDS")
                .help(say("代码、屏幕上的整行字，或一句问话", "A code, a line of the screen, or a question")),
        )
        .arg(
            Arg::new("audience")
                .long("audience")
                .value_name("WHO")
                .value_parser(AUDIENCES)
                .hide_possible_values(language == Language::Zh)
                .help(say("只给一种人看：cashier、cardholder、support", "For one person only")),
        )
        .arg(
            Arg::new("dialect")
                .long("dialect")
                .value_name("TABLE")
                .value_parser(PossibleValuesParser::new(tables))
                .hide_possible_values(language == Language::Zh)
                .help(say("按哪张码表解释应答码，如 cn_pos、visa", "The table by which response codes are read")),
        )
        .arg(command::flag("list", say("列出全部条目", "List all entries")))
        .arg(command::format(language))
        .after_help(say(
            "示例：\n  till explain 余额不足\n  till explain pos机脚本错误是什么意思\n  till explain 77 --dialect mastercard\n  till explain TVR 0000008000\n  till explain T5101 --audience cashier",
            "Examples:\n  till explain 51\n  till explain call issuer\n  till explain 77 --dialect mastercard\n  till explain TVR 0000008000\n  till explain T5101 --audience cashier",
        ))
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    let text = |id| command::text(matches, id);
    let words = command::texts(matches, "words");
    let (audience, dialect, list) = (text("audience"), text("dialect"), matches.get_flag("list"));
    explain(console, &Wanted { words, audience, dialect, list })
}

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
    if let Some(found) = field(question.trim()).or_else(|| tag(question.trim())) {
        show_looked_up(console, &found);
        return Exit::Fine;
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
    // A pasted line may hold a card number: it is not said back.
    let shown: String = log::masked(&inert(question)).chars().take(60).collect();
    match dialect {
        Some(table) => said(format!("在 {table} 里没有找到“{shown}”。"), format!("Nothing in {table} fits `{shown}`.")),
        None => said(format!("没有把握回答“{shown}”。"), format!("Not sure what `{shown}` is about.")),
    }
    // A slip in a code or a name of ours is near one of them.
    let near = suggestion(question).and_then(shelf::find).map(|entry| Answer { entry, score: 0.4 });
    let mut choices: Vec<Answer> = near.into_iter().collect();
    choices.extend(found.choices.iter().filter(|choice| near.is_none_or(|near| near.entry.id != choice.entry.id)));
    if choices.is_empty() {
        said(
            "请照抄屏幕上的整行文字，或写两位应答码（如 51）、错误码（如 T5101）。".into(),
            "Type the whole line of the screen as it stands, a response code such as 51, or a code such as T5101."
                .into(),
        );
    } else {
        console.line(console.say("是不是下面的一个？", "Is it one of these?"));
        choices.iter().for_each(|choice| offered(console, choice));
        said(
            "都不是的话：屏幕整行写着什么？有两位应答码吗？卡在哪一步？".into(),
            "If none: what is the whole line on the screen? Is there a two-character code? At which step did it stop?"
                .into(),
        );
    }
}

/// What is looked up in a table and needs no search: a field, a tag, the bits of a value.
struct LookedUp {
    id: String,
    title: Said,
    lines: Vec<Said>,
    see: Vec<&'static str>,
}

/// `F55`: what a field of the dialect is. Field 39 has an entry of its own.
fn field(word: &str) -> Option<LookedUp> {
    let digits = word.strip_prefix(['F', 'f'])?;
    let number: u8 = digits.parse().ok().filter(|number| (1..=128).contains(number) && *number != 39)?;
    let dialect: Dialect = library_dialect().ok()?;
    let id = format!("F{number}");
    let Some(field) = dialect.fields.iter().find(|field| field.number == number) else {
        let (zh, en) = (
            format!("方言 {} 不用这个域", dialect.name),
            format!("the dialect {} does not use this field", dialect.name),
        );
        return Some(LookedUp { id, title: Said::new(zh, en), lines: Vec::new(), see: vec!["F39"] });
    };
    let (name, most) = (&field.name, field.length.max());
    let mut lines = vec![Said::new(
        format!(
            "方言 {} 的第 {number} 域，名称 {name}，最长 {most}。它是报文里的位置；出错看第 39 域的应答码。",
            dialect.name
        ),
        format!(
            "Field {number} of the dialect {}, named {name}, at most {most} long. It is a place in a message; what went wrong stands in field 39, the response code.",
            dialect.name
        ),
    )];
    if field.holds.is_sensitive() {
        lines.push(Said::new(
            "内容敏感：不显示、不打印、不写日志。",
            "It is sensitive: never shown, printed or logged.",
        ));
    }
    Some(LookedUp { id, title: Said::new(field.zh.as_str(), field.en.as_str()), lines, see: vec!["F39"] })
}

/// Short names of tags that people say.
const SPOKEN: &[(&str, u32)] = &[
    ("TVR", 0x95),
    ("TSI", 0x9B),
    ("AIP", 0x82),
    ("CID", 0x9F27),
    ("CVMR", 0x9F34),
    ("AUC", 0x9F07),
    ("TTQ", 0x9F66),
    ("ARC", 0x8A),
    ("ATC", 0x9F36),
    ("AFL", 0x94),
    ("AID", 0x4F),
];

/// `9F27`, `TVR 0000008000`: what a tag is, and what the bits of its value say.
fn tag(question: &str) -> Option<LookedUp> {
    let mut words = question.split([' ', '=', ':', '：']).filter(|word| !word.is_empty());
    let first = words.next()?.to_uppercase();
    let (named, value) = match first.as_str() {
        "TAG" => (words.next()?.to_uppercase(), words.next()),
        _ => (first.clone(), words.next()),
    };
    if words.next().is_some() {
        return None;
    }
    let spoken = SPOKEN.iter().find(|(word, _)| *word == named).map(|(_, number)| Tag::new(*number));
    let tag = spoken.or_else(|| Tag::parse(&named))?;
    let entry = dictionary::entry(tag)?;
    // Two characters alone are a response code first; digits alone are one even where no table has them.
    let alone = value.is_none() && spoken.is_none() && first != "TAG" && named.len() == 2;
    let digits = named.bytes().all(|byte| byte.is_ascii_digit());
    if alone && (digits || !shelf::of_response(&named, None).is_empty()) {
        return None;
    }
    let mut lines = Vec::new();
    let mut see = Vec::new();
    if let Some(value) = value {
        let bytes = hex::decode(value.as_bytes())?;
        if !bits::has_words(tag) {
            lines.push(Said::new("这个标签的值没有逐位的含义。", "The bits of this tag's value have no words."));
        }
        for meaning in bits::meanings(tag, &bytes) {
            lines.push(Said::new(
                format!("第 {} 字节 {:02X}：{}", meaning.byte, meaning.bits, meaning.zh),
                format!("byte {}, {:02X}: {}", meaning.byte, meaning.bits, meaning.en),
            ));
        }
        if bits::has_words(tag) && lines.is_empty() {
            lines.push(Said::new("没有置位：没有什么要说的。", "No bit is set: nothing is wrong by it."));
        }
        if tag == Tag::new(0x95) {
            let last = bytes.get(4).copied().unwrap_or(0);
            let entries = [(0x40, "tvr-issuer-auth"), (0x20, "tvr-script-before"), (0x10, "tvr-script-after")];
            see.extend(entries.iter().filter(|(mask, _)| last & mask != 0).map(|(_, id)| *id));
        }
    } else if bits::has_words(tag) {
        lines.push(Said::new(
            format!("写上它的值就能逐位解释：till explain {named} 十六进制"),
            format!("With its value the bits are read out: till explain {named} HEX"),
        ));
    }
    if entry.privacy != Privacy::Open {
        lines.push(Said::new(
            "内容敏感：不要抄写、拍照或发送它的值。",
            "It is sensitive: do not write down, photograph or send its value.",
        ));
    }
    Some(LookedUp { id: tag.to_string(), title: Said::new(entry.zh, entry.en), lines, see })
}

fn show_looked_up(console: &Console, found: &LookedUp) {
    let language = console.style.language;
    if console.format == Format::Json {
        let value = json!({ "v": 1, "results": [{
            "id": found.id,
            "code": null,
            "title": both(&found.title),
            "class": "any",
            "score": 1.0,
            "money": "no_transaction",
            "guidance": {},
            "avoid": [],
            "facts": found.lines.iter().map(both).collect::<Vec<_>>(),
            "see": found.see,
        }], "choices": [], "unlisted": null });
        console.line(&value.to_string());
        return;
    }
    paragraph(console, &format!("{}  {}", found.id, found.title.in_language(language)));
    for line in &found.lines {
        paragraph(console, line.in_language(language));
    }
    let see: Vec<Answer> =
        found.see.iter().filter_map(|id| shelf::find(id)).map(|entry| Answer { entry, score: 1.0 }).collect();
    if !see.is_empty() {
        console.line("");
        console.line(console.say("相关", "related"));
        see.iter().for_each(|other| offered(console, other));
    }
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
