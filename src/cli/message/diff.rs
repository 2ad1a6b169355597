//! `till message diff`: two messages, field by field.

use crate::cli::exit::Exit;
use crate::cli::message::decode::read;
use crate::cli::message::input;
use crate::cli::message::page::{Line, field_lines, say, table};
use crate::cli::message::wanted::{Wanted, wording};
use crate::cli::style::{Console, Format};
use crate::run::message_words::of_unpack;
use serde_json::json;

/// Writes what differs. Both are read in the same dialect.
pub fn diff(console: &Console, wanted: &Wanted) -> Exit {
    let [left, right] = wanted.words.as_slice() else {
        console.line(console.say(
            "要两个报文：十六进制（不带空格）、文件或 -",
            "two messages are needed: hexadecimal without spaces, files, or -",
        ));
        return Exit::Usage;
    };
    let mut both = Vec::new();
    let mut wanted = wanted.clone();
    for word in [left, right] {
        let bytes = match input::bytes(console, std::slice::from_ref(word), wanted.reading) {
            Ok(bytes) => bytes,
            Err(exit) => return exit,
        };
        match read(console, &wanted, &bytes) {
            Ok(read) => {
                wanted.dialect.get_or_insert(read.known.dialect.name.clone());
                both.push(read);
            }
            Err(exit) => return exit,
        }
    }
    let [left, right] = both.as_slice() else { return Exit::Defect };
    let numbers: std::collections::BTreeSet<u8> =
        left.decoded.fields.iter().chain(&right.decoded.fields).map(|field| field.number).collect();
    let differ: Vec<u8> = numbers
        .into_iter()
        .filter(|number| {
            let value =
                |read: &crate::cli::message::decode::Read| read.decoded.field(*number).map(|field| field.value.clone());
            value(left) != value(right)
        })
        .collect();
    let mti = left.decoded.mti != right.decoded.mti;
    let wording = wording(console);
    let lines =
        |read: &crate::cli::message::decode::Read| field_lines(&read.known, &read.decoded, wording, wanted.reveals());
    let (left_lines, right_lines) = (lines(left), lines(right));
    let shown = |lines: &[Line], number: u8| {
        lines
            .iter()
            .find(|line| line.number == format!("F{number}"))
            .map(|line| (line.name.clone(), line.value.clone()))
    };
    let mti_text = |read: &crate::cli::message::decode::Read| read.decoded.mti.map(|mti| mti.to_string());
    if console.format == Format::Json {
        let fields: Vec<_> = differ
            .iter()
            .map(|number| {
                let value = |lines: &[Line]| shown(lines, *number).map(|(_, value)| value);
                json!({ "field": number, "left": value(&left_lines), "right": value(&right_lines) })
            })
            .collect();
        let same = differ.is_empty() && !mti;
        console.line(
            &json!({
                "ok": left.decoded.is_ok() && right.decoded.is_ok(),
                "same": same,
                "dialect": left.known.dialect.name,
                "mti": { "left": mti_text(left), "right": mti_text(right) },
                "differ": fields,
            })
            .to_string(),
        );
    } else {
        let absent = console.say("（没有）", "(not there)");
        let mut rows = Vec::new();
        if mti {
            rows.push(Line {
                number: "MTI".into(),
                name: console.say("报文类型", "message type").into(),
                value: format!(
                    "{} | {}",
                    mti_text(left).as_deref().unwrap_or(absent),
                    mti_text(right).as_deref().unwrap_or(absent)
                ),
            });
        }
        for number in &differ {
            let (one, other) = (shown(&left_lines, *number), shown(&right_lines, *number));
            let name = one.as_ref().or(other.as_ref()).map(|(name, _)| name.clone()).unwrap_or_default();
            let value = |side: Option<(String, String)>| side.map_or(absent.to_owned(), |(_, value)| value);
            let (one, other) = (value(one), value(other));
            // Masked values may look alike and differ.
            let hint = if one == other {
                console.say("  （遮盖部分不同）", "  (differ where they are masked)")
            } else {
                ""
            };
            rows.push(Line { number: format!("F{number}"), name, value: format!("{one} | {other}{hint}") });
        }
        table(console, &rows);
        if rows.is_empty() {
            console.line(console.say("两个报文的域都相同。", "Every field is the same."));
        }
        for read in &both {
            if let Some(problem) = read.decoded.problems.first() {
                say(
                    console,
                    "31",
                    console.say("错误", "error"),
                    of_unpack(problem).in_language(console.style.language),
                );
            }
        }
    }
    match (left.decoded.is_ok() && right.decoded.is_ok(), differ.is_empty() && !mti) {
        (false, _) => Exit::Refused,
        (true, true) => Exit::Fine,
        (true, false) => Exit::Failed,
    }
}
