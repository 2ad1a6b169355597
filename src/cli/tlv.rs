//! `till tlv`: chip data as a tree, with names, and bits in words.

use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
use crate::cli::given;
use crate::cli::style::{Console, Format};
use crate::payment::card::masked_digits;
use crate::payment::emv::bits::{self, Meaning};
use crate::payment::emv::dictionary::{Entry, Privacy, Shape, entry};
use crate::payment::emv::dol;
use crate::payment::emv::issuer_script::{self, ScriptFault};
use crate::payment::emv::tag::Tag;
use crate::payment::emv::tlv::{Node, Reader, Reading, TlvError, TlvFault, find, read};
use crate::payment::hex;
use crate::script_error::catalogue::card::CHIP_DATA_DAMAGED;
use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::error::ScriptError;
use crate::script_error::words::{Language, Said, Words};
use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};
use std::io::Write;

/// `till tlv` on the command line.
pub const COMMAND: Row = Row {
    name: "tlv",
    about: Words {
        zh: "解析芯片数据（第 55 域、记录、脚本）", en: "Show chip data: field 55, records, scripts"
    },
    define,
    go,
};

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    command
        .arg(Arg::new("data").required(true).value_name("HEX|FILE|-").help(say(
            "十六进制（可有空格）、文件，或 - 表示标准输入",
            "Hexadecimal digits with or without spaces, a file, or - for standard input",
        )))
        .arg(command::flag(
            "dol",
            say("数据是标签与长度的列表（CDOL、PDOL 等）", "The data are a list of tags and lengths (CDOL, PDOL)"),
        ))
        .arg(command::flag("strict", say("不容许填充、重复与过长的长度", "Refuse filler, tags twice and long lengths")))
        .arg(command::flag(
            "reveal",
            say("显示卡片数据；只用于测试数据", "Show card data; for test data only"),
        ))
        .arg(command::format_of(language, &["full", "json"]))
        .after_help(say(
            "示例：\n  till tlv 9F2701809F360201239505008004800082027C00\n  till tlv 55域.hex\n  till tlv --dol 9F02069F03069F1A029505",
            "Examples:\n  till tlv 9F2701809F360201239505008004800082027C00\n  till tlv field55.hex\n  till tlv --dol 9F02069F03069F1A029505",
        ))
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    let word = command::text(matches, "data").unwrap_or_default();
    let what = Words { zh: "芯片数据", en: "the chip data" };
    let bytes = match given::bytes_or_file(&word, what) {
        Ok(bytes) => bytes,
        Err(error) => return refused(console, &error),
    };
    if matches.get_flag("reveal") {
        let said = console.say(
            "警告：--reveal 显示卡片数据，只用于测试数据；不要保存或发送输出。",
            "warning: --reveal shows card data. For test data only; do not keep or send what follows.",
        );
        let _ = writeln!(std::io::stderr(), "{said}");
    }
    if matches.get_flag("dol") {
        return list(console, &bytes);
    }
    let reader = if matches.get_flag("strict") { Reader::Strict } else { Reader::Lenient };
    let reading = read(&bytes, reader);
    let page = Page::new(console, matches.get_flag("reveal"), &reading);
    match console.format {
        Format::Json => console.line(&page.json(&reading).to_string()),
        _ => page.full(&reading),
    }
    if reading.error.is_none() { Exit::Fine } else { Exit::Refused }
}

/// Writes why nothing could be looked at.
fn refused(console: &Console, error: &ScriptError) -> Exit {
    match console.format {
        Format::Json => console.line(&json!({ "ok": false, "error": coded(console, error) }).to_string()),
        _ => console.refusal(error),
    }
    if error.code == storage::CANNOT_READ.0 { Exit::Surroundings } else { Exit::Refused }
}

fn coded(console: &Console, error: &ScriptError) -> Value {
    json!({ "code": error.code, "message": error.title.in_language(console.style.language) })
}

/// What the pages of one call have in common.
struct Page<'c> {
    console: &'c Console,
    reveal: bool,
    /// Digits of card numbers that stand in their own tags: hidden wherever else they stand, too.
    numbers: Vec<String>,
}

impl Page<'_> {
    fn new<'c>(console: &'c Console, reveal: bool, reading: &Reading<'_>) -> Page<'c> {
        let mut numbers = Vec::new();
        for tag in [0x5A, 0x57, 0x9F6B].map(Tag::new) {
            let digits = find(&reading.nodes, tag).map(|node| digits_of(node.value)).unwrap_or_default();
            numbers.extend(Some(digits).filter(|digits| digits.len() >= 12));
        }
        Page { console, reveal, numbers }
    }

    fn language(&self) -> Language {
        self.console.style.language
    }

    fn full(&self, reading: &Reading<'_>) {
        self.nodes(&reading.nodes, 0);
        for (script, faults) in issuer_script::scripts(&reading.nodes) {
            for fault in faults {
                let which = if script.before_second { "71" } else { "72" };
                let said = self.console.say("脚本有误：", "script: ");
                self.console.line(&format!("{said}{which} {}", script_words(fault).in_language(self.language())));
            }
        }
        for remark in &reading.remarks {
            let said = self.console.say("注意：", "note: ");
            self.console.line(&format!("{said}{}", placed(self.language(), remark)));
        }
        if let Some(error) = &reading.error {
            self.console.refusal(&damaged(error));
        }
    }

    fn nodes(&self, nodes: &[Node<'_>], depth: usize) {
        let indent = "  ".repeat(depth);
        for node in nodes {
            let known = entry(node.tag);
            let name =
                known.map_or(self.console.say("未知标签", "unknown tag"), |known| name(self.language(), known));
            let value = if node.children.is_empty() { self.value(node, known) } else { String::new() };
            let line =
                format!("{indent}{} {name} [{}] {value}", self.console.bold(&node.tag.to_string()), node.value.len());
            self.console.line(line.trim_end());
            for meaning in bits::meanings(node.tag, node.value) {
                self.console.line(&format!("{indent}    {}", self.meaning(&meaning)));
            }
            if node.tag == issuer_script::COMMAND {
                let command = issuer_script::ScriptCommand { bytes: node.value, offset: node.offset };
                if let Some((zh, en)) = command.name() {
                    self.console.line(&format!("{indent}    {}", self.console.say(zh, en)));
                }
            }
            if known.is_some_and(|known| known.shape == Shape::List) {
                for line in list_lines(self.language(), node.value) {
                    self.console.line(&format!("{indent}    {line}"));
                }
            }
            if let Some(said) = known.and_then(|known| length_remark(self.console, known, node.value.len())) {
                self.console.line(&format!("{indent}    {said}"));
            }
            self.nodes(&node.children, depth + 1);
        }
    }

    /// `byte 3, bit 3: online PIN captured`.
    fn meaning(&self, meaning: &Meaning) -> String {
        let byte = meaning.byte;
        let place = match (meaning.mask.count_ones(), self.language()) {
            // The books count bits from 8 down to 1.
            (1, Language::Zh) => format!("字节 {byte} 位 {}", 8 - meaning.mask.leading_zeros()),
            (1, Language::En) => format!("byte {byte} bit {}", 8 - meaning.mask.leading_zeros()),
            (_, Language::Zh) => format!("字节 {byte}"),
            (_, Language::En) => format!("byte {byte}"),
        };
        match self.language() {
            Language::Zh => format!("{place}：{}", meaning.zh),
            Language::En => format!("{place}: {}", meaning.en),
        }
    }

    /// A value as it may be shown.
    fn value(&self, node: &Node<'_>, known: Option<&Entry>) -> String {
        let privacy = known.map_or(Privacy::Open, |known| known.privacy);
        let shown = hex::encode(node.value);
        if self.reveal {
            return self.with_text(known, node.value, shown);
        }
        match privacy {
            Privacy::CardNumber => masked_digits(digits_of(node.value).as_bytes()),
            Privacy::Track => {
                let number = digits_of(node.value);
                format!("{}{}", masked_digits(number.as_bytes()), "*".repeat(shown.len().saturating_sub(number.len())))
            }
            Privacy::Hidden => "*".repeat(shown.len().min(16)),
            Privacy::Open if self.numbers.iter().any(|number| shown.contains(number.as_str())) => {
                // Card data where nobody expects them: nothing of the value is shown.
                "*".repeat(shown.len().min(32))
            }
            Privacy::Open
                if text_of(node.value).is_some_and(|text| self.numbers.iter().any(|n| text.contains(n.as_str()))) =>
            {
                "*".repeat(shown.len().min(32))
            }
            // An unknown value that looks like a card number is taken for one.
            Privacy::Open if known.is_none() && looks_like_a_number(node.value) => "*".repeat(shown.len().min(32)),
            Privacy::Open => self.with_text(known, node.value, shown),
        }
    }

    fn with_text(&self, known: Option<&Entry>, value: &[u8], shown: String) -> String {
        match text_of(value).filter(|_| known.is_some_and(|known| known.shape == Shape::Text)) {
            Some(text) => format!("{shown} \"{text}\""),
            None => shown,
        }
    }

    fn json(&self, reading: &Reading<'_>) -> Value {
        let mut all = json!({ "ok": reading.error.is_none(), "tags": self.json_nodes(&reading.nodes) });
        let remarks: Vec<String> = reading.remarks.iter().map(|remark| placed(self.language(), remark)).collect();
        let scripts: Vec<Value> = issuer_script::scripts(&reading.nodes)
            .into_iter()
            .map(|(script, faults)| {
                json!({
                    "template": if script.before_second { "71" } else { "72" },
                    "identifier": script.identifier.map(|bytes| hex::encode(&bytes)),
                    "commands": script.commands.iter().map(|command| {
                        json!({ "name": command.name().map(|(zh, en)| self.console.say(zh, en)), "offset": command.offset })
                    }).collect::<Vec<_>>(),
                    "faults": faults.into_iter()
                        .map(|fault| script_words(fault).in_language(self.language()).to_owned())
                        .collect::<Vec<_>>(),
                })
            })
            .collect();
        if let Some(members) = all.as_object_mut() {
            if !scripts.is_empty() {
                members.insert("scripts".into(), scripts.into());
            }
            members.insert("warnings".into(), remarks.into());
            if let Some(error) = &reading.error {
                let mut told = coded(self.console, &damaged(error));
                if let Some(told) = told.as_object_mut() {
                    told.insert("layer".into(), "tlv".into());
                    told.insert("offset".into(), error.offset.into());
                    told.insert("path".into(), error.path.iter().map(Tag::to_string).collect::<Vec<_>>().into());
                    if let TlvFault::ValueCut { needed, available } = error.fault {
                        told.insert("needed".into(), needed.into());
                        told.insert("available".into(), available.into());
                    }
                }
                members.insert("error".into(), told);
            }
        }
        all
    }

    fn json_nodes(&self, nodes: &[Node<'_>]) -> Value {
        let each = nodes.iter().map(|node| {
            let known = entry(node.tag);
            let mut one = json!({ "tag": node.tag.to_string(), "offset": node.offset, "length": node.value.len() });
            let Some(members) = one.as_object_mut() else { return one };
            if let Some(known) = known {
                members.insert("name".into(), name(self.language(), known).into());
            }
            if node.children.is_empty() {
                members.insert("value".into(), self.value(node, known).into());
            } else {
                members.insert("tags".into(), self.json_nodes(&node.children));
            }
            let meanings: Vec<String> = bits::meanings(node.tag, node.value).iter().map(|m| self.meaning(m)).collect();
            if !meanings.is_empty() {
                members.insert("bits".into(), meanings.into());
            }
            one
        });
        Value::Array(each.collect())
    }
}

fn name(language: Language, known: &Entry) -> &'static str {
    Words { zh: known.zh, en: known.en }.in_language(language)
}

/// The digits of a packed card number, up to the separator or filler.
fn digits_of(value: &[u8]) -> String {
    hex::encode(value).chars().take_while(char::is_ascii_digit).collect()
}

fn text_of(value: &[u8]) -> Option<&str> {
    std::str::from_utf8(value).ok().filter(|text| !text.is_empty() && text.chars().all(|sign| !sign.is_control()))
}

/// Seven to ten bytes that are all digits, or digits and filler, and pass the check.
fn looks_like_a_number(value: &[u8]) -> bool {
    let packed = digits_of(value);
    let text = text_of(value).map(|text| text.chars().take_while(char::is_ascii_digit).collect::<String>());
    [Some(packed), text].into_iter().flatten().any(|digits| {
        (13..=19).contains(&digits.len())
            && crate::payment::card::Pan::parse(&digits).is_ok_and(|number| number.passes_luhn())
    })
}

fn length_remark(console: &Console, known: &Entry, length: usize) -> Option<String> {
    if (known.min..=known.max).contains(&length) {
        return None;
    }
    let (min, max) = (known.min, known.max);
    let (zh, en) = (format!("长度应为 {min} 到 {max} 字节"), format!("should have {min} to {max} bytes"));
    Some(console.say(&zh, &en).to_owned())
}

/// A fault in words, with its place.
fn placed(language: Language, error: &TlvError) -> String {
    let words = fault_words(error.fault);
    let path: Vec<String> = error.path.iter().map(Tag::to_string).collect();
    let path = if path.is_empty() { String::new() } else { format!(" {}", path.join(" > ")) };
    match language {
        Language::Zh => format!("第 {} 字节{path}：{}", error.offset, words.zh),
        Language::En => format!("byte {}{path}: {}", error.offset, words.en),
    }
}

fn fault_words(fault: TlvFault) -> Said {
    let zh = match fault {
        TlvFault::TagUnended => "标签没有结束".to_owned(),
        TlvFault::LengthMissing => "数据在长度之前就结束了".to_owned(),
        TlvFault::LengthIndefinite => "长度用了不定长形式 80".to_owned(),
        TlvFault::LengthTooLong { bytes } => format!("长度占 {bytes} 字节，最多 2 字节"),
        TlvFault::LengthNotShortest => "长度没有用最短的写法".to_owned(),
        TlvFault::ValueCut { needed, available } => format!("值需要 {needed} 字节，只剩 {available} 字节"),
        TlvFault::TooDeep => "模板嵌套过深".to_owned(),
        TlvFault::Twice => "标签重复出现".to_owned(),
        TlvFault::Filler { byte } => format!("此处有填充字节 {byte:02X}"),
    };
    Said::new(zh, fault.to_string())
}

fn script_words(fault: ScriptFault) -> Said {
    let zh = match fault {
        ScriptFault::Identifier { found } => format!("脚本标识为 {found} 字节，应为 4 字节"),
        ScriptFault::TwoIdentifiers => "脚本有两个标识".to_owned(),
        ScriptFault::NoCommand => "脚本没有命令".to_owned(),
        ScriptFault::Command { found } => format!("{found} 字节不成命令"),
        ScriptFault::Stranger(tag) => format!("{tag} 不应出现在脚本中"),
        ScriptFault::TooLong { found } => format!("脚本共 {found} 字节，超过 128 字节"),
    };
    Said::new(zh, fault.to_string())
}

fn damaged(error: &TlvError) -> ScriptError {
    let path: Vec<String> = error.path.iter().map(Tag::to_string).collect();
    let path = if path.is_empty() { "-".to_owned() } else { path.join(" > ") };
    let offset = i64::try_from(error.offset).unwrap_or(i64::MAX);
    let facts = vec![
        ("offset", Fact::Count(offset)),
        ("path", Fact::Text(path)),
        ("detail", Fact::Said(fault_words(error.fault))),
    ];
    ScriptError::of(CHIP_DATA_DAMAGED, facts)
}

// ── Lists ──

fn list_lines(language: Language, bytes: &[u8]) -> Vec<String> {
    let (entries, _) = dol::read(bytes);
    let line = |wanted: &dol::DolEntry| {
        let name = entry(wanted.tag).map_or("?", |known| name(language, known));
        format!("{} {name} [{}]", wanted.tag, wanted.length)
    };
    entries.iter().map(line).collect()
}

/// Writes a list: which tags the card wants, and how many bytes in all.
fn list(console: &Console, bytes: &[u8]) -> Exit {
    let language = console.style.language;
    let (entries, error) = dol::read(bytes);
    let total: usize = entries.iter().map(|wanted| wanted.length).sum();
    let error = error.map(|error| {
        let (offset, path) = match error {
            dol::DolError::Tag { offset } => (offset, "-".to_owned()),
            dol::DolError::Length { tag, offset } => (offset, tag.to_string()),
        };
        let zh = match error {
            dol::DolError::Tag { .. } => "标签没有结束".to_owned(),
            dol::DolError::Length { .. } => "列表中的长度须为一个字节".to_owned(),
        };
        let en = match error {
            dol::DolError::Tag { .. } => "the tag does not end",
            dol::DolError::Length { .. } => "a length in a list has one byte",
        };
        let offset = i64::try_from(offset).unwrap_or(i64::MAX);
        let detail = ("detail", Fact::Said(Said::new(zh, en)));
        ScriptError::of(CHIP_DATA_DAMAGED, vec![("offset", Fact::Count(offset)), ("path", Fact::Text(path)), detail])
    });
    if console.format == Format::Json {
        let wanted: Vec<Value> = entries
            .iter()
            .map(|wanted| {
                let name = entry(wanted.tag).map(|known| name(language, known));
                json!({ "tag": wanted.tag.to_string(), "name": name, "length": wanted.length, "offset": wanted.offset })
            })
            .collect();
        let mut all = json!({ "ok": error.is_none(), "list": wanted, "bytes": total });
        if let (Some(members), Some(error)) = (all.as_object_mut(), &error) {
            members.insert("error".into(), coded(console, error));
        }
        console.line(&all.to_string());
    } else {
        list_lines(language, bytes).iter().for_each(|line| console.line(line));
        let (zh, en) = (format!("共 {total} 字节"), format!("{total} bytes in all"));
        console.line(console.say(&zh, &en));
        error.iter().for_each(|error| console.refusal(error));
    }
    if error.is_none() { Exit::Fine } else { Exit::Refused }
}
