//! Numbers, strings, bytes, tags, field names.

use super::builder::{Builder, Node, Nodes};
use crate::language::syntax::grammar::Rule;
use crate::language::syntax::tree::{ExpressionKind, FieldName, Name, StringLiteral, StringPart};
use crate::script_error::catalogue::source;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::Span;

/// What a number without a currency can be.
#[derive(Clone, Copy)]
pub(super) enum Number {
    Whole(i64),
    Mti(u16),
    /// All digits, and how many of them stood behind the point.
    Decimal(i64, u8),
    /// Hundredths of a percent.
    Percent(i64),
    /// Milliseconds.
    Duration(i64),
}

/// Why a number is none.
pub(super) struct Why {
    zh: &'static str,
    en: &'static str,
    /// What was probably meant.
    meant: Option<String>,
}

fn why(zh: &'static str, en: &'static str) -> Why {
    Why { zh, en, meant: None }
}

/// Units of time and their milliseconds.
const UNITS: [(&str, i64); 4] = [("ms", 1), ("s", 1_000), ("min", 60_000), ("h", 3_600_000)];

const TOO_LARGE: (&str, &str) = ("数字过大", "too large a number");

fn too_large() -> Why {
    why(TOO_LARGE.0, TOO_LARGE.1)
}

/// Reads a number as the grammar cut it out: digits, perhaps a point and digits, perhaps letters, perhaps `%`.
pub(super) fn number(text: &str) -> Result<Number, Why> {
    let (text, percent) = match text.strip_suffix('%') {
        Some(text) => (text, true),
        None => (text, false),
    };
    let (whole, rest) = digits(text);
    let (behind, unit) = match rest.strip_prefix('.') {
        Some(rest) => {
            let (behind, unit) = digits(rest);
            (Some(behind), unit)
        }
        None => (None, rest),
    };
    if !unit.is_empty() {
        return with_unit(text, whole, behind, unit, percent);
    }
    let leading_zero = whole.len() > 1 && whole.starts_with('0');
    if leading_zero && whole.len() == 4 && behind.is_none() && !percent {
        return whole.parse().map(Number::Mti).map_err(|_| too_large());
    }
    if leading_zero {
        let shorter = whole.trim_start_matches('0');
        let shorter = if shorter.is_empty() { "0" } else { shorter };
        let meant = format!("{shorter}{}{}", &text[whole.len()..], if percent { "%" } else { "" });
        return Err(Why {
            zh: "数字不能以 0 开头；只有四位的消息类型可以",
            en: "a number does not begin with 0; only a message type of four digits may",
            meant: Some(meant),
        });
    }
    let behind = behind.unwrap_or_default();
    if percent {
        if behind.len() > 2 {
            return Err(why("百分数最多两位小数", "a percentage has at most two decimals"));
        }
        let hundredths: i64 = format!("{whole}{behind:0<2}").parse().map_err(|_| too_large())?;
        return Ok(Number::Percent(hundredths));
    }
    if rest.is_empty() {
        return whole.parse().map(Number::Whole).map_err(|_| too_large());
    }
    let all = format!("{whole}{behind}").parse().map_err(|_| too_large())?;
    let decimals = u8::try_from(behind.len()).map_err(|_| too_large())?;
    Ok(Number::Decimal(all, decimals))
}

fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

fn with_unit(text: &str, whole: &str, behind: Option<&str>, unit: &str, percent: bool) -> Result<Number, Why> {
    let factor = UNITS.iter().find(|(word, _)| *word == unit).map(|(_, factor)| *factor);
    if let Some(factor) = factor {
        if percent {
            return Err(why("时长后面不能再有 %", "a duration takes no `%`"));
        }
        if behind.is_some() {
            return Err(why("时长须为整数，可改用更小的单位", "a duration is a whole number; use a smaller unit"));
        }
        if whole.len() > 1 && whole.starts_with('0') {
            return Err(why("数字不能以 0 开头", "a number does not begin with 0"));
        }
        let count: i64 = whole.parse().map_err(|_| too_large())?;
        return count.checked_mul(factor).map(Number::Duration).ok_or_else(too_large);
    }
    if unit.len() == 3 && unit.bytes().all(|byte| byte.is_ascii_uppercase()) {
        let number = &text[..text.len() - unit.len()];
        return Err(Why {
            zh: "金额与币种之间须有一个空格",
            en: "one space stands between an amount and its currency",
            meant: Some(format!("{number} {unit}")),
        });
    }
    if unit.starts_with('_') {
        let meant: String = text.chars().filter(|letter| *letter != '_').collect();
        let meant = meant.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.').then_some(meant);
        return Err(Why { zh: "数字中不写下划线", en: "a number is written without underscores", meant });
    }
    if whole == "0" && unit.starts_with(['x', 'X']) {
        return Err(why(
            "没有十六进制数；字节写作 x\"…\"",
            "there are no hexadecimal numbers; bytes are written x\"…\"",
        ));
    }
    if unit.starts_with(['e', 'E']) {
        return Err(why("没有科学计数法；请写出全部数字", "there is no scientific notation; write all the digits"));
    }
    Err(why("这不是数字；时长的单位是 ms、s、min、h", "this is no number; units of time are ms, s, min, h"))
}

impl Builder<'_> {
    /// A number, or 0 with a finding.
    pub(super) fn number(&mut self, node: &Node<'_>) -> Number {
        match number(node.as_str()) {
            Ok(number) => number,
            Err(why) => {
                self.bad_number(node, why);
                Number::Whole(0)
            }
        }
    }

    fn bad_number(&mut self, node: &Node<'_>, why: Why) {
        let span = self.span(node);
        let mut finding =
            Finding::error(source::BAD_NUMBER, self.place(span)).text("number", self.shown(span)).label(why.zh, why.en);
        let text = node.as_str();
        let code = text.len() == 2 && text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
        if let Some(meant) = why.meant.as_ref().filter(|_| code) {
            // Two digits are a response code more often than a number; which, only the author knows.
            let edit = |replacement: String| vec![Edit { place: self.place(span), replacement }];
            finding = finding
                .edits(
                    edit(format!("\"{text}\"")),
                    false,
                    format!("应答码写成 \"{text}\"，或写它的名称"),
                    format!("a response code is written `\"{text}\"`, or by its name"),
                )
                .edits(
                    edit(meant.clone()),
                    false,
                    format!("数字写成“{meant}”"),
                    format!("a number is written `{meant}`"),
                );
        } else if let Some(meant) = why.meant {
            let (zh, en) = (format!("改为“{meant}”"), format!("write `{meant}`"));
            // Digits with a zero in front may be meant as they are, as a text.
            let written = self.shown(span).into_bytes();
            let sure = !matches!(written.as_slice(), [b'0', b'0'..=b'9', ..]);
            let edit = Edit { place: self.place(span), replacement: meant };
            finding = finding.edits(vec![edit], sure, zh, en);
        }
        self.report(finding);
    }

    /// A number with or without a currency behind it, and where it ends.
    pub(super) fn quantity(&mut self, node: &Node<'_>, inner: &mut Nodes<'_>) -> (ExpressionKind, Span) {
        let span = self.span(node);
        if inner.peek().is_none_or(|next| next.as_rule() != Rule::spaces) {
            let kind = match self.number(node) {
                Number::Whole(value) => ExpressionKind::Int(value),
                Number::Mti(mti) => ExpressionKind::Mti(mti),
                Number::Percent(hundredths) => ExpressionKind::Percent(hundredths),
                Number::Duration(milliseconds) => ExpressionKind::Duration(milliseconds),
                Number::Decimal(..) => {
                    let why = why("小数须带币种或 %", "a number with decimals needs a currency or `%`");
                    self.bad_number(node, why);
                    ExpressionKind::Int(0)
                }
            };
            return (kind, span);
        }
        let spaces = inner.next();
        let Some(currency) = inner.next() else {
            return (ExpressionKind::Int(0), span);
        };
        let currency = self.word(&currency);
        let whole = span.to(currency.span);
        if spaces.is_some_and(|spaces| spaces.as_str().len() > 1) {
            let meant = format!("{} {}", node.as_str(), currency.text);
            let finding = Finding::error(source::BAD_NUMBER, self.place(whole))
                .text("number", self.shown(whole))
                .label("金额与币种之间须有一个空格", "one space stands between an amount and its currency")
                .edit(whole, meant.as_str(), format!("改为“{meant}”"), format!("write `{meant}`"));
            self.report(finding);
        }
        let (digits, decimals) = match self.number(node) {
            Number::Whole(digits) => (digits, 0),
            Number::Decimal(digits, decimals) => (digits, decimals),
            Number::Mti(_) | Number::Percent(_) | Number::Duration(_) => {
                let why = why("这不是金额", "this is no amount");
                self.bad_number(node, why);
                (0, 0)
            }
        };
        (ExpressionKind::Amount { digits, decimals, currency }, whole)
    }

    /// `"…{x}…"`
    pub(super) fn string(&mut self, node: Node<'_>) -> StringLiteral {
        let span = self.span(&node);
        let inner = node.into_inner();
        if let Some(only) = inner.peek().filter(|part| part.as_rule() == Rule::text && inner.room() == 1)
            && !only.as_str().is_empty()
        {
            self.height = 0;
            return StringLiteral { parts: vec![StringPart::Text(only.as_str().into())], span };
        }
        let kept = inner.filter(|part| part.as_rule() != Rule::text || !part.as_str().is_empty());
        let mut parts = Vec::with_capacity(kept.count());
        let mut text = String::new();
        let mut height = 0;
        for part in inner {
            match part.as_rule() {
                Rule::text => text.push_str(part.as_str()),
                // The pre-scan has refused every other escape.
                Rule::escape => text.push(match part.as_str() {
                    "\\n" => '\n',
                    "\\t" => '\t',
                    other => other.chars().nth(1).unwrap_or('\\'),
                }),
                _ => {
                    if !text.is_empty() {
                        parts.push(StringPart::Text(text.as_str().into()));
                        text.clear();
                    }
                    let value = self.flat(part);
                    height = height.max(self.height);
                    parts.push(StringPart::Value(Box::new(value)));
                }
            }
        }
        if !text.is_empty() {
            parts.push(StringPart::Text(text.into()));
        }
        self.height = height;
        StringLiteral { parts, span }
    }

    /// `x"6985"`
    pub(super) fn bytes(&mut self, node: &Node<'_>) -> Vec<u8> {
        let text = node.as_str();
        let digits = text.get(2..text.len() - 1).unwrap_or_default();
        if let Some(bytes) = hexadecimal(digits) {
            return bytes;
        }
        let span = self.span(node);
        let finding = Finding::error(source::BAD_NUMBER, self.place(span))
            .text("number", self.shown(span))
            .label("字节由成对的十六进制数字组成", "bytes are pairs of hexadecimal digits")
            .help(
                "每个字节写两位：缺一位就补 0 或补上漏掉的数字，如 x\"0123\"",
                "two digits for each byte: write the one that is missing, perhaps a 0, as in `x\"0123\"`",
            );
        self.report(finding);
        Vec::new()
    }

    /// `#9F26`
    pub(super) fn tag(&mut self, node: &Node<'_>) -> u32 {
        let digits = node.as_str().trim_start_matches('#');
        if matches!(digits.len(), 2 | 4 | 6)
            && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            && let Ok(tag) = u32::from_str_radix(digits, 16)
        {
            return tag;
        }
        let span = self.span(node);
        let finding = Finding::error(source::BAD_NUMBER, self.place(span))
            .text("number", self.shown(span))
            .label("标签由两位、四位或六位十六进制数字组成", "a tag has two, four or six hexadecimal digits")
            .help("照规范写全，如 #9F26", "write it as the specification does, such as `#9F26`");
        self.report(finding);
        0
    }

    /// `0200`, four digits.
    pub(super) fn mti(&mut self, node: &Node<'_>) -> Name {
        let name = self.word(node);
        if name.text.len() != 4 || !name.text.bytes().all(|byte| byte.is_ascii_digit()) {
            let finding = Finding::error(source::BAD_NUMBER, self.place(name.span))
                .text("number", name.text.as_str())
                .label("消息类型是四位数字", "a message type has four digits")
                .help("写全四位，如 0200", "write all four, such as `0200`");
            self.report(finding);
        }
        name
    }

    /// `F39`
    pub(super) fn field(&mut self, node: &Node<'_>) -> FieldName {
        self.field_of(self.span(node), node.as_str())
    }

    /// `F48` or `F48.AS`: a field, or a part of one.
    pub(super) fn parts_field(&mut self, node: &Node<'_>) -> (FieldName, Option<Name>) {
        let (whole, span) = (node.as_str(), self.span(node));
        let Some((field, part)) = whole.split_once('.') else { return (self.field_of(span, whole), None) };
        let dot = span.start + field.len() as u32;
        let name = Name { text: part.into(), span: Span { start: dot + 1, end: span.end } };
        (self.field_of(Span { start: span.start, end: dot }, field), Some(name))
    }

    fn field_of(&mut self, span: Span, written: &str) -> FieldName {
        let digits = written.trim_start_matches('F');
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit()) && (digits == "0" || !digits.starts_with('0'));
        let number = if plain { digits.parse().ok() } else { None };
        if number.is_none() {
            let finding = Finding::error(source::BAD_NUMBER, self.place(span)).text("number", self.shown(span)).label(
                "域写作 F 加不带前导零的域号，如 F39",
                "a field is F and its number without leading zeros, such as F39",
            );
            self.report(finding);
        }
        FieldName { number: number.unwrap_or(0), span }
    }
}

/// Pairs of hexadecimal digits; spaces between pairs are allowed.
fn hexadecimal(digits: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    let mut high = None;
    for letter in digits.chars() {
        match (letter.to_digit(16), high) {
            (None, None) if letter == ' ' => {}
            (Some(digit), None) => high = Some(digit),
            (Some(digit), Some(first)) => {
                bytes.push((first * 16 + digit) as u8);
                high = None;
            }
            (None, _) => return None,
        }
    }
    high.is_none().then_some(bytes)
}
