//! A message as one JSON object, for programs.

use crate::cli::message::decode::Read;
use crate::cli::message::mac::{self, Verdict};
use crate::cli::message::page::{command, message_name};
use crate::payment::hex;
use crate::payment::iso8583::decode::DecodedField;
use crate::payment::iso8583::decode_error::DecodeError;
use crate::payment::iso8583::describe::{Reveal, Wording, currency_of, field_value, part_name, part_value};
use crate::payment::iso8583::field::{Class, Field, Holds};
use crate::payment::iso8583::header;
use crate::payment::iso8583::layout::{Layout, Parts};
use crate::run::message_words::of_unpack;
use crate::run::wire_words::{code, of_remark, of_what_if, problem_word, remark_word};
use crate::script_error::catalogue::keys::BAD_MAC;
use crate::script_error::words::Said;
use serde_json::{Map, Value, json};

/// What bytes say.
pub fn decoded(read: &Read, reveal: Reveal) -> Value {
    let decoded = &read.decoded;
    let mut object = Map::new();
    let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
    put("ok", read.is_fine().into());
    let mac = read.mac.as_ref().map(|seen| (seen, mac::said(seen, &read.known.dialect)));
    if let Some(first) = decoded.problems.first() {
        put("error", error(first, &read.changes.iter().map(of_what_if).collect::<Vec<_>>()));
    } else if let Some((seen, said)) = mac.as_ref().filter(|(seen, _)| seen.verdict == Verdict::Wrong) {
        let (code, path) = (BAD_MAC.0, format!("F{}", seen.field));
        put("error", json!({ "code": code, "layer": "mac", "path": path, "zh": said.zh, "en": said.en }));
    }
    put("dialect", read.known.dialect.name.as_str().into());
    put("begin", decoded.begin.word().into());
    if let Some((announced, found)) = decoded.length {
        put("length", json!({ "announced": announced, "found": found }));
    }
    put("mti", decoded.mti.map_or(Value::Null, |mti| mti.to_string().into()));
    if let Some(name) = message_name(&read.known, decoded) {
        put("message", both(&name));
    }
    put("tpdu", hex::encode(&decoded.tpdu).into());
    put("header", hex::encode(&decoded.header).into());
    let parts: Map<String, Value> = header::places(&read.known.dialect.framing.header_parts)
        .filter_map(|(part, place)| Some((part.name.clone(), Value::from(header::text(part, place, &decoded.header)?))))
        .collect();
    if !parts.is_empty() {
        put("header_parts", parts.into());
    }
    let (zh, en) = command(decoded.host_command);
    put("host_command", json!({ "digit": decoded.host_command, "zh": zh, "en": en }));
    let announced: Vec<u8> = decoded.present.map(|present| present.iter().collect()).unwrap_or_default();
    put("bitmap", announced.into());
    let fields: Map<String, Value> = decoded
        .fields
        .iter()
        .filter_map(|found| {
            Some((found.number.to_string(), field(read, read.known.dialect.field(found.number)?, found, reveal)))
        })
        .collect();
    put("fields", fields.into());
    if !decoded.left.is_empty() {
        put("left", json!({ "offset": decoded.left.start, "bytes": decoded.left.len() }));
    }
    if let Some((seen, said)) = &mac {
        let path = format!("F{}", seen.field);
        put("mac", json!({ "path": path, "verdict": seen.verdict.word(), "zh": said.zh, "en": said.en }));
    }
    let mut warnings: Vec<Value> = read
        .remarks
        .iter()
        .map(|remark| {
            let (word, field) = remark_word(*remark);
            let said = of_remark(*remark);
            json!({ "kind": word, "field": field, "zh": said.zh, "en": said.en })
        })
        .collect();
    warnings.extend(decoded.part_problems.iter().map(|problem| {
        let said = of_unpack(problem);
        json!({ "kind": "part", "field": problem.field, "path": problem.path(), "zh": said.zh, "en": said.en })
    }));
    warnings.extend(decoded.problems.iter().skip(1).map(|problem| error(problem, &[])));
    put("warnings", warnings.into());
    object.into()
}

fn both(said: &Said) -> Value {
    json!({ "zh": said.zh, "en": said.en })
}

/// Code, layer, place, how much was needed and there, the field that may be the cause.
fn error(problem: &DecodeError, changes: &[Said]) -> Value {
    let (code, _) = code(problem);
    let said = of_unpack(problem);
    json!({
        "code": code.to_string(),
        "layer": problem.layer.word(),
        "path": problem.path(),
        "offset": problem.offset,
        "needed": problem.needed,
        "available": problem.available,
        "problem": problem_word(problem.problem),
        "suspect": problem.suspect.map(|field| format!("F{field}")),
        "zh": said.zh,
        "en": said.en,
        "would_read_if": changes.iter().map(both).collect::<Vec<_>>(),
    })
}

fn field(read: &Read, field: &Field, found: &DecodedField, reveal: Reveal) -> Value {
    let content = found.value.as_bytes();
    let mut object = Map::new();
    object.insert("name".into(), field.name.as_str().into());
    object.insert("label".into(), json!({ "zh": field.zh, "en": field.en }));
    // The amount as it is written, not as people read it: a program puts it back.
    let value = match field.holds {
        Holds::Amount => {
            field_value(&Field { holds: Holds::Plain, ..field.clone() }, content, None, Wording::En, reveal)
        }
        _ => field_value(field, content, None, Wording::En, reveal),
    };
    object.insert("value".into(), value.into());
    if field.holds == Holds::Amount {
        let currency = currency_of(read.decoded.text(49));
        object.insert("shown".into(), field_value(field, content, currency, Wording::En, reveal).into());
    }
    if let (Holds::ResponseCode, Ok(code)) = (field.holds, std::str::from_utf8(content))
        && let Some((zh, en)) = read.known.meaning(code)
    {
        object.insert("meaning".into(), json!({ "zh": zh, "en": en }));
    }
    if reveal == Reveal::TestData && field.class != Class::Bytes {
        object.insert("hex".into(), hex::encode(content).into());
    }
    object.insert("offset".into(), found.at.start.into());
    object.insert("bytes".into(), found.at.len().into());
    let layout = read.decoded.mti.and_then(|mti| Layout::of(&field.layouts, mti));
    if let Some(found) = &found.parts {
        object.insert("parts".into(), parts(field, layout, found, reveal));
    }
    object.into()
}

/// The parts of a field, and theirs.
fn parts(field: &Field, layout: Option<&Layout>, found: &Parts, reveal: Reveal) -> Value {
    let mut shown = Map::new();
    for part in &found.values {
        let declared = layout.and_then(|layout| layout.part(part.key)).map(|part| &part.field);
        let value = part_value(field, declared, part.key, part.value.as_bytes(), Wording::En, reveal);
        let label = [Wording::Zh, Wording::En].map(|wording| part_name(declared, part.key, wording));
        let mut object = Map::new();
        object.insert("name".into(), declared.map(|declared| declared.name.as_str()).into());
        object.insert("label".into(), json!({ "zh": label[0], "en": label[1] }));
        object.insert("value".into(), value.into());
        if let Some(inner) = &part.parts {
            let layout = declared.and_then(|declared| declared.layouts.first());
            object.insert("parts".into(), parts(declared.unwrap_or(field), layout, inner, reveal));
        }
        shown.insert(part.key.to_string(), object.into());
    }
    shown.into()
}
