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
use crate::payment::percent;
use crate::world::port::calendar::Moment;

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
        Show::Percent => percent::shown(value as i64),
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

/// `2026-01-05 09:00:00` on the terminal's own clock.
fn time(milliseconds: i64) -> String {
    let Moment { year, month, day, hour, minute, second } = Moment::from_ms(milliseconds);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
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
