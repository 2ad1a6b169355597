//! `till message redact`: the same message with card data taken out, to be shown to others.

use crate::cli::exit::Exit;
use crate::cli::message::decode::read;
use crate::cli::message::input;
use crate::cli::message::wanted::Wanted;
use crate::cli::style::{Console, Format};
use crate::payment::hex;
use crate::payment::iso8583::decode::{Decoded, in_its_place};
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::field::{Class, Encoding, Field, Holds};
use crate::payment::iso8583::layout::{Layout, Parts};
use crate::run::wire_words::counted;
use serde_json::json;

/// Writes the message with zeros in the place of card data. Everything else stays byte for byte.
pub fn redact(console: &Console, wanted: &Wanted) -> Exit {
    let bytes = match input::bytes(console, &wanted.words, wanted.reading) {
        Ok(bytes) => bytes,
        Err(exit) => return exit,
    };
    let read = match read(console, wanted, &bytes) {
        Ok(read) => read,
        Err(exit) => return exit,
    };
    let (clean, replaced, left) = without_card_data(&bytes, &read.known.dialect, &read.decoded);
    let text = hex::encode(&clean);
    if console.format == Format::Json {
        console.line(
            &json!({
                "ok": read.decoded.is_ok(),
                "dialect": read.known.dialect.name,
                "hex": text,
                "replaced": replaced,
                "bytes_blanked": left,
            })
            .to_string(),
        );
    } else {
        console.line(&text);
        let numbers: Vec<String> = replaced.iter().map(|number| format!("F{number}")).collect();
        let list = if numbers.is_empty() { console.say("无", "none").to_owned() } else { numbers.join(" ") };
        let note = format!("{}{list}", console.say("已换成零：", "replaced by zeros: "));
        let mut err = std::io::stderr();
        let _ = std::io::Write::write_fmt(&mut err, format_args!("{note}\n"));
        if left > 0 {
            let zh = format!("读不懂的 {left} 字节也已换成零：其中可能有卡片数据");
            let en =
                format!("not understood and replaced by zeros too: {}; card data may be among them", counted(left));
            let _ = std::io::Write::write_fmt(&mut err, format_args!("{}\n", console.say(&zh, &en)));
        }
    }
    if read.decoded.is_ok() { Exit::Fine } else { Exit::Refused }
}

/// The bytes without card data, the fields that were replaced, and how many bytes nobody understood.
fn without_card_data(bytes: &[u8], dialect: &Dialect, decoded: &Decoded) -> (Vec<u8>, Vec<u8>, usize) {
    let mut clean = bytes.to_vec();
    let mut replaced = Vec::new();
    let mut blanked = decoded.left.len();
    if let Some(left) = clean.get_mut(decoded.left.clone()) {
        left.fill(0);
    }
    let wrong: Vec<u8> = decoded.problems.iter().filter_map(|problem| problem.field).collect();
    for found in &decoded.fields {
        let Some(field) = dialect.field(found.number) else { continue };
        let may_hide = field.holds == Holds::Plain && field.class == Class::Bytes;
        let secret = field.holds.is_sensitive() || field.holds == Holds::Expiry || may_hide || field.has_secret_parts();
        if !secret && !wrong.contains(&found.number) {
            continue;
        }
        let layout = decoded.mti.and_then(|mti| Layout::of(&field.layouts, mti));
        let value = match (layout, &found.parts) {
            // Only a part of it is secret: the others stay.
            (Some(layout), Some(parts)) if field.holds == Holds::Plain && !wrong.contains(&found.number) => {
                without_secret_parts(layout, parts, found.value.as_bytes())
            }
            _ => None,
        };
        let value = value.or_else(|| blank(field, found.value.as_bytes()));
        let written = value.and_then(|value| in_its_place(field, dialect, &value));
        let Some(place) = clean.get_mut(found.at.clone()) else { continue };
        match written.filter(|written| written.len() == place.len()) {
            Some(written) => place.copy_from_slice(&written),
            None => {
                blanked += found.value_at.len();
                if let Some(value) = clean.get_mut(found.value_at.clone()) {
                    value.fill(0);
                }
            }
        }
        replaced.push(found.number);
    }
    (clean, replaced, blanked)
}

/// The content of a field with its secret parts blanked; `None` where that cannot be done part by part.
fn without_secret_parts(layout: &Layout, parts: &Parts, content: &[u8]) -> Option<Vec<u8>> {
    if parts.error.is_some() {
        return None;
    }
    let mut clean = content.to_vec();
    for part in &parts.values {
        let Some(declared) = layout.part(part.key) else { continue };
        let (field, value) = (&declared.field, part.value.as_bytes());
        let secret = field.holds.is_sensitive() || field.holds == Holds::Expiry;
        if !secret && !field.has_secret_parts() {
            continue;
        }
        let inner = || without_secret_parts(field.layouts.first()?, part.parts.as_ref()?, value);
        let blanked = if secret { blank(field, value)? } else { inner()? };
        // As many bytes as before, and each a character, or it would not fit its place.
        if !matches!(field.encoding, Encoding::Ascii | Encoding::Binary) || blanked.len() != value.len() {
            return None;
        }
        clean.get_mut(part.start..part.start + value.len())?.copy_from_slice(&blanked);
    }
    Some(clean)
}

/// A harmless value of the same length.
fn blank(field: &Field, value: &[u8]) -> Option<Vec<u8>> {
    let length = value.len();
    Some(match field.holds {
        Holds::Pan => {
            let shown = |at: usize| length >= 13 && (at < 6 || at + 4 >= length);
            value.iter().enumerate().map(|(at, digit)| if shown(at) { *digit } else { b'0' }).collect()
        }
        Holds::Track => value.iter().map(|sign| if sign.is_ascii_alphanumeric() { b'0' } else { *sign }).collect(),
        Holds::Expiry => b"0001".get(..length)?.to_vec(),
        _ if field.class == Class::Bytes => vec![0; length],
        _ => vec![b'0'; length],
    })
}
