//! How the reference writes values: in texts of a script, and shortened in traces.

use super::value::{Value, currency};
use tillscript::language::types::{Type, Types};

/// A value as a text of a script holds it.
pub(super) fn in_text(types: &Types, ty: &Type, value: &Value) -> String {
    match (ty, value) {
        (_, Value::Text(text)) => text.clone(),
        (Type::Duration, Value::Number(milliseconds)) if milliseconds % 1000 == 0 => {
            format!("{}s", milliseconds / 1000)
        }
        (Type::Duration, Value::Number(milliseconds)) => format!("{milliseconds}ms"),
        (Type::Percent, Value::Number(hundredths)) => percent(*hundredths),
        (Type::Time, Value::Number(milliseconds)) => moment(*milliseconds),
        (_, Value::Number(number)) => number.to_string(),
        (_, Value::Truth(true)) => "true".into(),
        (_, Value::Truth(false)) => "false".into(),
        (_, Value::Money(minor, letters)) => money(*minor, letters),
        (_, Value::Code(code)) => code.clone(),
        (_, Value::Mti(mti)) => format!("{mti:04}"),
        (_, Value::Bytes(bytes)) => bytes.iter().map(|byte| format!("{byte:02X}")).collect(),
        (Type::Union(at), Value::Variant(tag, _)) => variant(types, *at, *tag),
        other => unreachable!("a printable value was checked: {other:?}"),
    }
}

fn variant(types: &Types, union: u16, tag: u8) -> String {
    types.unions[usize::from(union)].variants[usize::from(tag)].0.to_string()
}

fn money(minor: i128, letters: &str) -> String {
    let decimals = currency(letters).1 as usize;
    let digits = format!("{:0width$}", minor.abs(), width = decimals + 1);
    let (whole, rest) = digits.split_at(digits.len() - decimals);
    let sign = if minor < 0 { "-" } else { "" };
    let point = if decimals == 0 { "" } else { "." };
    format!("{sign}{whole}{point}{rest} {letters}")
}

fn percent(hundredths: i128) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let decimals = format!("{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100);
    format!("{sign}{}%", decimals.trim_end_matches('0').trim_end_matches('.'))
}

/// `2026-01-05 09:00:00`: days counted one year and one month at a time.
fn moment(milliseconds: i128) -> String {
    let seconds = milliseconds.div_euclid(1000);
    let (mut days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let leap = |year: i128| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let mut year = 1970;
    loop {
        let length = if leap(year) { 366 } else { 365 };
        if days < 0 {
            year -= 1;
            days += if leap(year) { 366 } else { 365 };
        } else if days >= length {
            days -= length;
            year += 1;
        } else {
            break;
        }
    }
    let february = if leap(year) { 29 } else { 28 };
    let mut month = 0;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        month += 1;
        if days < length {
            break;
        }
        days -= length;
    }
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{:02} {hour:02}:{minute:02}:{second:02}", days + 1)
}

/// A value as traces and reports show it: 48 characters, four members, three deep.
pub(super) fn in_trace(types: &Types, ty: &Type, value: &Value, depth: usize) -> Option<String> {
    if depth > 3 {
        return Some("…".into());
    }
    match (ty, value) {
        (_, Value::None) => Some("none".into()),
        (Type::Optional(of), value) => in_trace(types, of, value, depth + 1),
        (_, Value::Text(text)) => Some(format!("\"{}\"", shortened(text))),
        (_, Value::Bytes(_)) => Some(shortened(&in_text(types, ty, value))),
        (_, Value::Sealed(_, masked, _)) => Some(shortened(masked)),
        (Type::Union(at), Value::Variant(tag, _)) => Some(variant(types, *at, *tag)),
        (Type::Record(at), _) => Some(format!("{}(…)", types.records[usize::from(*at)].name)),
        (_, Value::Phrase(zh, _)) => in_trace(types, &Type::Text, &Value::Text(zh.clone()), depth + 1),
        (Type::List(of), Value::List(members)) => {
            let mut parts: Vec<String> =
                members.iter().take(4).filter_map(|member| in_trace(types, of, member, depth + 1)).collect();
            if members.len() > 4 {
                parts.push("…".into());
            }
            Some(shortened(&format!("[{}]", parts.join(", "))))
        }
        (_, Value::Message(message)) => Some(format!("{:04}", message.mti)),
        (_, Value::Error(fault)) => Some(fault.code.clone()),
        (_, Value::Slip(_) | Value::Nothing) => None,
        _ => Some(in_text(types, ty, value)),
    }
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= 48 { text.into() } else { text.chars().take(48).chain(['…']).collect() }
}
