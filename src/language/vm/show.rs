//! Values as people read them: in texts of a script and, masked and shortened, in traces.

use super::arithmetic;
use super::equal::RECEIPT_LINE;
use super::failure::Failures;
use super::heap::Heap;
use super::message::{self, Message};
use super::slot;
use super::trap::Trap;
use crate::language::bytecode::instruction::Show;
use crate::language::bytecode::program::Program;
use crate::language::types::{Kind, Type};
use crate::payment::hex;
use crate::payment::iso8583::dialect::Mti;
use crate::payment::iso8583::response::ResponseCode;

/// Writes a value as text; `ty` is its type, for unions.
pub fn to_text(
    program: &Program,
    heap: &Heap,
    show: Show,
    ty: &Type,
    value: u64,
) -> Result<String, Trap> {
    Ok(match show {
        Show::Int => (value as i64).to_string(),
        Show::Bool => (value != 0).to_string(),
        Show::Amount => arithmetic::amount(value)?.to_string(),
        Show::Duration => duration(value as i64),
        Show::Percent => percent(value as i64),
        Show::Time => time(value as i64),
        Show::ResponseCode => {
            ResponseCode::from_bits(value).map_or("??".into(), |code| code.to_string())
        }
        Show::Mti => Mti(value as u16).to_string(),
        Show::Union => variant_name(program, ty, value).into(),
        Show::Bytes => hex::encode(heap.text(&program.bytes, value).as_bytes()),
    })
}

/// `60s`, `500ms`.
fn duration(milliseconds: i64) -> String {
    if milliseconds % 1000 == 0 {
        format!("{}s", milliseconds / 1000)
    } else {
        format!("{milliseconds}ms")
    }
}

/// `20%`, `0.6%`: hundredths of a percent without zeros that say nothing.
fn percent(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "-" } else { "" };
    let (whole, rest) = (
        hundredths.unsigned_abs() / 100,
        hundredths.unsigned_abs() % 100,
    );
    match (rest, rest % 10) {
        (0, _) => format!("{sign}{whole}%"),
        (_, 0) => format!("{sign}{whole}.{}%", rest / 10),
        _ => format!("{sign}{whole}.{rest:02}%"),
    }
}

/// `2026-01-05 09:00:00` on the terminal's own clock.
fn time(milliseconds: i64) -> String {
    let seconds = milliseconds.div_euclid(1000);
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    )
}

/// Year, month and day of a number of days since 1970-01-01. Howard Hinnant, chrono-compatible date algorithms, `civil_from_days`.
fn date(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let day_of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

fn variant_name<'a>(program: &'a Program, ty: &Type, value: u64) -> &'a str {
    let Type::Union(at) = ty else { return "?" };
    let (tag, _) = slot::variant_parts(value);
    program
        .types
        .unions
        .get(usize::from(*at))
        .and_then(|union| union.variants.get(usize::from(tag)))
        .map_or("?", |(name, _)| name.as_str())
}

/// Characters of a shown text, members of a shown list, and how deep we look.
const SHOWN_CHARACTERS: usize = 48;
const SHOWN_MEMBERS: usize = 4;
const SHOWN_DEPTH: u32 = 3;

/// A value as traces show it: card data masked, long things shortened.
pub fn shown(
    program: &Program,
    heap: &Heap,
    failures: &Failures,
    ty: &Type,
    value: u64,
    depth: u32,
) -> Option<String> {
    if depth > SHOWN_DEPTH {
        return Some("…".into());
    }
    let plain = |show| to_text(program, heap, show, ty, value).ok();
    let again = |ty: &Type, value| shown(program, heap, failures, ty, value, depth + 1);
    match (ty, ty.kind()) {
        (Type::Bool, _) => plain(Show::Bool),
        (Type::Percent, _) => plain(Show::Percent),
        (Type::Duration, _) => plain(Show::Duration),
        (Type::Time, _) => plain(Show::Time),
        (Type::ResponseCode, _) => plain(Show::ResponseCode),
        (Type::Mti, _) => plain(Show::Mti),
        (Type::Int, _) => plain(Show::Int),
        (Type::Amount, _) => plain(Show::Amount),
        (Type::Bytes, _) => plain(Show::Bytes).map(shortened),
        (_, Kind::Text) => Some(format!(
            "\"{}\"",
            shortened(String::from_utf8_lossy(heap.text(&program.bytes, value).as_bytes()).into())
        )),
        (Type::Optional(_), _) if value == 0 => Some("none".into()),
        (Type::Optional(of), _) => again(of, message::unbox(heap, of.kind(), value).ok()?),
        (_, Kind::Sealed) => {
            let (_, _, masked) = message::sealed(heap, value).ok()?;
            Some(shortened(
                String::from_utf8_lossy(heap.text(&program.bytes, masked).as_bytes()).into(),
            ))
        }
        (Type::Union(_), _) => Some(variant_name(program, ty, value).into()),
        (Type::Record(at), _) => {
            let record = program.types.records.get(usize::from(*at))?;
            Some(format!("{}(…)", record.name))
        }
        (Type::Phrase, _) => {
            let zh = heap.cell(u32::try_from(value).ok()?).ok()?;
            again(&RECEIPT_LINE[1], zh)
        }
        (Type::List(of), _) => {
            let members = heap.members(value).ok()?;
            let mut parts: Vec<String> = members
                .iter()
                .take(SHOWN_MEMBERS)
                .filter_map(|member| again(of, *member))
                .collect();
            if members.len() > SHOWN_MEMBERS {
                parts.push("…".into());
            }
            Some(shortened(format!("[{}]", parts.join(", "))))
        }
        (_, Kind::Message) => {
            let message = Message::at(heap, value).ok()?;
            Some(message.mti().to_string())
        }
        (Type::Error, _) => failures
            .at_slot(value)
            .map(|(_, error)| error.code.to_string()),
        _ => None,
    }
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        None => text,
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}
