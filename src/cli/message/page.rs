//! A message as a page for a person: names, values, what they mean, what is wrong.

use crate::cli::message::decode::Read;
use crate::cli::message::mac::{self, Verdict};
use crate::cli::message::wanted::wording;
use crate::cli::show::padded;
use crate::cli::style::Console;
use crate::payment::hex;
use crate::payment::iso8583::decode::Decoded;
use crate::payment::iso8583::decode_error::{DecodeError, PartKey};
use crate::payment::iso8583::describe::{Reveal, Wording, currency_of, field_value, part_name, part_value};
use crate::payment::iso8583::dialect::Mti;
use crate::payment::iso8583::field::{Field, Holds};
use crate::payment::iso8583::header;
use crate::payment::iso8583::layout::Layout;
use crate::run::known_dialects::Known;
use crate::run::message_words::of_unpack;
use crate::run::wire_words::{code, counted, of_begin, of_remark, of_what_if};
use crate::script_error::catalogue::keys::BAD_MAC;
use crate::script_error::source::display_width;
use crate::script_error::words::{Language, Said};
use crate::script_error::wrap::wrap;

/// Columns of a field's number.
const NUMBER: usize = 6;
/// The widest column of names.
const NAMES: usize = 30;
/// A page narrower than this has names and values on lines of their own.
const NARROW: usize = 44;

/// One line of the page: what is in front, what it is called, what it holds.
pub struct Line {
    /// `F60`, ` .1`.
    pub number: String,
    /// The name.
    pub name: String,
    /// The value.
    pub value: String,
}

/// Writes a message.
pub fn decoded(console: &Console, read: &Read, bytes: &[u8], reveal: Reveal) {
    let decoded = &read.decoded;
    title(console, read, bytes.len());
    let mut lines = front(console, &read.known, decoded);
    lines.extend(field_lines(&read.known, decoded, wording(console), reveal));
    table(console, &lines);
    let language = console.style.language;
    for remark in &read.remarks {
        let said = of_remark(*remark);
        say(console, "33", console.say("注意", "note"), said.in_language(language));
    }
    for problem in &decoded.part_problems {
        say(console, "33", console.say("注意", "note"), of_unpack(problem).in_language(language));
    }
    if let Some(seen) = &read.mac {
        let said = mac::said(seen, &read.known.dialect);
        let wrong = format!("{}[{}]", console.say("错误", "error"), BAD_MAC.0);
        let (colour, label) = match seen.verdict {
            Verdict::Wrong => ("31", wrong.as_str()),
            Verdict::Right => ("32", "MAC"),
            _ => ("2", "MAC"),
        };
        say(console, colour, label, said.in_language(language));
    }
    for problem in &decoded.problems {
        problem_lines(console, problem, bytes, reveal);
    }
    for change in &read.changes {
        say(console, "36", console.say("或可", "try"), of_what_if(change).in_language(language));
    }
    if !decoded.is_ok() {
        let understood = decoded.fields.len();
        let announced = decoded.present.map_or(0, |present| present.count());
        let (left_zh, left_en) = match decoded.left.len() {
            0 => ("没有剩余字节".to_owned(), "nothing is left".to_owned()),
            left => (format!("剩 {left} 字节未解"), format!("left: {}", counted(left))),
        };
        let noun = if understood == 1 { "field" } else { "fields" };
        let zh = format!("读懂 {understood} 个域，位图中有 {announced} 个；{left_zh}");
        let en = format!("{understood} {noun} understood of {announced} in the bitmap; {left_en}");
        say(console, "2", console.say("共", "so far"), console.say(&zh, &en));
    }
}

fn title(console: &Console, read: &Read, bytes: usize) {
    let decoded = &read.decoded;
    let language = console.style.language;
    let begin = of_begin(decoded.begin);
    let about = match language {
        Language::Zh => format!("{}，{bytes} 字节，{}", read.known.dialect.name, begin.zh),
        Language::En => format!("{}, {bytes} bytes, {}", read.known.dialect.name, begin.en),
    };
    let mti = decoded.mti.map_or("----".to_owned(), |mti| mti.to_string());
    let name = message_name(&read.known, decoded).unwrap_or_default();
    let name = name.in_language(language);
    let head = if name.is_empty() { mti } else { format!("{mti} {name}") };
    let width = console.style.width;
    if display_width(&head) + display_width(&about) + 2 <= width {
        let gap = width - display_width(&head) - display_width(&about);
        console.line(&format!("{}{}{}", console.bold(&head), " ".repeat(gap.min(4)), console.dim(&about)));
    } else {
        console.line(&console.bold(&head));
        console.line(&console.dim(&about));
    }
}

/// The name of the message: that of its rule.
pub fn message_name(known: &Known, decoded: &Decoded) -> Option<Said> {
    let mti = decoded.mti?;
    let is_reply = mti.0 / 10 % 2 == 1;
    let request = if is_reply { Mti(mti.0 - 10) } else { mti };
    let rule = known.dialect.rule(request, decoded.text(3))?;
    Some(if is_reply {
        Said::new(format!("{}应答", rule.zh), format!("{}, reply", rule.en))
    } else {
        Said::new(rule.zh.as_str(), rule.en.as_str())
    })
}

/// Length, TPDU and header.
fn front(console: &Console, known: &Known, decoded: &Decoded) -> Vec<Line> {
    let line = |number: &str, zh: &str, en: &str, value: String| Line {
        number: number.to_owned(),
        name: console.say(zh, en).to_owned(),
        value,
    };
    let mut lines = Vec::new();
    if let Some((announced, found)) = decoded.length {
        let (zh, en) = match announced == found {
            true => (format!("{announced}"), format!("{announced}")),
            false => (format!("{announced}，实有 {found}"), format!("{announced}, {found} are there")),
        };
        lines.push(line("", "长度", "length", console.say(&zh, &en).to_owned()));
    }
    if let [kind, target @ .., s1, s2] = decoded.tpdu.as_slice() {
        let (target, source) = (hex::encode(target), hex::encode(&[*s1, *s2]));
        let zh = format!("{}  目的 {target}  源 {source}", hex::encode(&[*kind]));
        let en = format!("{}  to {target}  from {source}", hex::encode(&[*kind]));
        lines.push(line("", "TPDU", "TPDU", console.say(&zh, &en).to_owned()));
    }
    if !decoded.header.is_empty() {
        lines.push(line("", "报文头", "header", hex::encode(&decoded.header)));
    }
    for (part, place) in header::places(&known.dialect.framing.header_parts) {
        if let Some(text) = header::text(part, place, &decoded.header) {
            lines.push(line("   .", &part.zh, &part.en, text));
        }
    }
    if decoded.host_command != 0 {
        let command = command(decoded.host_command);
        lines.push(line("", "主机要求", "the host asks", console.say(command.0, command.1).to_owned()));
    }
    lines
}

/// What the digit in the header of a reply asks the terminal to do, as the Chinese POS interfaces have it.
pub fn command(digit: u8) -> (&'static str, &'static str) {
    match digit {
        0 => ("无", "nothing"),
        1 => ("下传终端参数", "download parameters"),
        2 => ("上传终端状态", "upload the terminal's status"),
        3 => ("重新签到", "sign in again"),
        4 => ("更新 CA 公钥", "update CA public keys"),
        5 => ("下载 IC 卡参数", "download chip parameters"),
        6 => ("TMS 软件下载", "download software"),
        7 => ("下载黑名单或卡 BIN", "download the block list or card BINs"),
        _ => ("未知指令", "a command that nobody knows"),
    }
}

/// Every field and its parts.
pub fn field_lines(known: &Known, decoded: &Decoded, wording: Wording, reveal: Reveal) -> Vec<Line> {
    let currency = currency_of(decoded.text(49));
    let mut lines = Vec::new();
    for found in &decoded.fields {
        let Some(field) = known.dialect.field(found.number) else { continue };
        let mut value = field_value(field, found.value.as_bytes(), currency, wording, reveal);
        if field.holds == Holds::ResponseCode
            && let Some((zh, en)) = decoded.text(found.number).and_then(|code| known.meaning(code))
        {
            value.push_str("  ");
            value.push_str(if wording == Wording::Zh { zh } else { en });
        }
        lines.push(Line { number: format!("F{}", found.number), name: name_of(field, wording), value });
        let layout = decoded.mti.and_then(|mti| Layout::of(&field.layouts, mti));
        for part in found.parts.iter().flat_map(|parts| &parts.values) {
            let declared = layout.and_then(|layout| layout.part(part.key)).map(|part| &part.field);
            lines.push(Line {
                number: format!(" .{}", key_text(part.key)),
                name: part_name(declared, part.key, wording).to_owned(),
                value: part_value(field, declared, part.key, part.value.as_bytes(), wording, reveal),
            });
            let inner_layout = declared.and_then(|declared| declared.layouts.first());
            for inner in part.parts.iter().flat_map(|parts| &parts.values) {
                let declared_inner = inner_layout.and_then(|layout| layout.part(inner.key)).map(|part| &part.field);
                let content = inner.value.as_bytes();
                lines.push(Line {
                    number: format!("  .{}.{}", key_text(part.key), key_text(inner.key)),
                    name: part_name(declared_inner, inner.key, wording).to_owned(),
                    value: part_value(declared.unwrap_or(field), declared_inner, inner.key, content, wording, reveal),
                });
            }
        }
    }
    lines
}

fn key_text(key: PartKey) -> String {
    key.to_string()
}

fn name_of(field: &Field, wording: Wording) -> String {
    match wording {
        Wording::Zh => field.zh.clone(),
        Wording::En => field.en.clone(),
    }
}

/// Numbers, names and values in columns, within the width of the console.
pub fn table(console: &Console, lines: &[Line]) {
    let width = console.style.width;
    let names = lines.iter().map(|line| display_width(&line.name)).max().unwrap_or(0).min(NAMES).min(width * 2 / 5);
    let numbers = lines.iter().map(|line| line.number.len() + 1).max().unwrap_or(0).max(NUMBER);
    let front = numbers + names + 2;
    for line in lines {
        let number = padded(&line.number, numbers);
        let fits = display_width(&line.name) <= names;
        if width >= NARROW && fits {
            let mut values = wrap_value(&line.value, width - front).into_iter();
            let first = values.next().unwrap_or_default();
            let name = padded(&line.name, names);
            console.line(format!("{}{}  {first}", console.dim(&number), console.dim(&name)).trim_end());
            values.for_each(|more| console.line(&format!("{}{more}", " ".repeat(front))));
        } else {
            for (at, name) in wrap(&line.name, width.saturating_sub(numbers)).iter().enumerate() {
                let number = if at == 0 { number.clone() } else { " ".repeat(numbers) };
                console.line(&format!("{}{}", console.dim(&number), console.dim(name)));
            }
            let indent = if width >= NARROW { front } else { numbers + 2 };
            for value in wrap_value(&line.value, width.saturating_sub(indent)) {
                console.line(&format!("{}{value}", " ".repeat(indent)));
            }
        }
    }
}

/// A value over as many lines as it needs; a long row of digits has no spaces to break at.
fn wrap_value(value: &str, width: usize) -> Vec<String> {
    let width = width.max(8);
    let mut lines = Vec::new();
    for line in wrap(value, width) {
        let (mut part, mut used) = (String::new(), 0);
        for character in line.chars() {
            let columns = display_width(character.encode_utf8(&mut [0; 4]));
            if used + columns > width {
                lines.push(std::mem::take(&mut part));
                used = 0;
            }
            part.push(character);
            used += columns;
        }
        lines.push(part);
    }
    lines
}

/// A problem with its code, where it is, and the field that may be the cause.
fn problem_lines(console: &Console, problem: &DecodeError, bytes: &[u8], reveal: Reveal) {
    let language = console.style.language;
    let (code, _) = code(problem);
    let label = format!("{}[{code}]", console.say("错误", "error"));
    say(console, "31", &label, of_unpack(problem).in_language(language));
    if reveal == Reveal::TestData {
        let from = problem.offset.saturating_sub(8);
        let window = bytes.get(from..bytes.len().min(problem.offset + 8)).unwrap_or_default();
        let spaced: Vec<String> = window.iter().map(|byte| hex::encode(&[*byte])).collect();
        console.line(&format!("  {from:>5} | {}", spaced.join(" ")));
        console.line(&format!("        | {}^^", " ".repeat(3 * (problem.offset - from))));
    }
    if let Some(suspect) = problem.suspect.filter(|suspect| Some(*suspect) != problem.field) {
        let zh = format!("前面的 F{suspect} 长度可变：若它的长度有误，从它起都会错位");
        let en =
            format!("F{suspect} in front has a length of its own: if that is wrong, all behind it is out of place");
        say(console, "2", console.say("可疑", "suspect"), console.say(&zh, &en));
    }
}

/// A labelled sentence, wrapped.
pub fn say(console: &Console, colour: &str, label: &str, text: &str) {
    let front = display_width(label) + 2;
    let room = console.style.width.saturating_sub(front).max(12);
    for (at, line) in wrap(text, room).iter().enumerate() {
        if at == 0 {
            console.line(&format!("{}{}{line}", console.painted(colour, label), console.say("：", ": ")));
        } else {
            console.line(&format!("{}{line}", " ".repeat(front)));
        }
    }
}
