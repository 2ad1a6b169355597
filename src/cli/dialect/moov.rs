//! The JSON that moov-io/iso8583 reads.

use crate::cli::dialect::spec::{FIELDS_MAX, Spec, SpecField, bitmap, length};
use crate::payment::iso8583::field::{Class, Encoding, Length, Padding};
use crate::payment::iso8583::number::NumberForm;
use crate::script_error::words::Said;
use serde_json::{Map, Value};

/// Reads a file. Fields that have no way of writing here are left out and named.
pub fn read(text: &str) -> Result<Spec, Said> {
    let object: Value = serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Said::new(
            format!("JSON 有误（第 {line} 行第 {column} 列）"),
            format!("the JSON is damaged (line {line}, column {column})"),
        )
    })?;
    let fields = object.get("fields").and_then(Value::as_object);
    let fields = fields.ok_or_else(|| Said::new("没有 fields", "there is no `fields`"))?;
    if fields.len() > FIELDS_MAX {
        return Err(Said::new(format!("超过 {FIELDS_MAX} 个域"), format!("there are more than {FIELDS_MAX} fields")));
    }
    let mut spec = Spec::default();
    if let Some(name) = object.get("name").and_then(Value::as_str) {
        spec.name = name.to_owned();
    }
    for (key, value) in fields {
        let number = key.parse::<u16>().map_err(|_| {
            Said::new(format!("“{}”不是域号", shown(key)), format!("`{}` is no field number", shown(key)))
        })?;
        let encoding = encoding(text_of(value, "enc"));
        match number {
            0 => {
                spec.form.mti = match encoding {
                    Some((Encoding::Bcd | Encoding::Binary, _)) => NumberForm::Bcd,
                    Some((Encoding::Ebcdic037, _)) => NumberForm::Ebcdic,
                    _ => NumberForm::Ascii,
                };
            }
            1 => spec.form.bitmap = bitmap(encoding.map_or(Encoding::HexText, |(encoding, _)| encoding)),
            2..=192 => match field(key, value) {
                Ok(field) => spec.fields.push(field),
                Err(said) => spec.left_out.push(said),
            },
            _ => {
                spec.left_out
                    .push(Said::new(format!("域 {number}：超出位图"), format!("field {number}: no bitmap names it")));
            }
        }
    }
    spec.form.lengths = spec.form.mti;
    spec.fields.sort_by_key(|field| field.key.parse::<u16>().unwrap_or(0));
    Ok(spec)
}

/// A stranger's words, short and without signs that could move a cursor.
fn shown(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic()).take(40).collect()
}

fn text_of<'v>(value: &'v Value, name: &str) -> &'v str {
    value.get(name).and_then(Value::as_str).unwrap_or_default()
}

/// The encoding, and where the spare nibble of BCD stands: `BCD` fills on the left, `LBCD` on the right.
fn encoding(word: &str) -> Option<(Encoding, bool)> {
    Some(match word {
        "ASCII" => (Encoding::Ascii, false),
        "BCD" => (Encoding::Bcd, true),
        "LBCD" => (Encoding::Bcd, false),
        "EBCDIC" => (Encoding::Ebcdic037, false),
        "EBCDIC1047" => (Encoding::Ebcdic1047, false),
        "Binary" | "ASCIIToHex" => (Encoding::Binary, false),
        "HexToASCII" => (Encoding::HexText, false),
        _ => return None,
    })
}

/// Form and digits of `ASCII.LL`; 0 digits: fixed.
fn prefix(word: &str) -> Option<(NumberForm, u8)> {
    let (form, letters) = word.split_once('.')?;
    let digits = match letters {
        "Fixed" => 0,
        "L" | "LL" | "LLL" | "LLLL" => letters.len() as u8,
        _ => return None,
    };
    let form = match form {
        "ASCII" => NumberForm::Ascii,
        "BCD" => NumberForm::Bcd,
        "EBCDIC" | "EBCDIC1047" => NumberForm::Ebcdic,
        "Binary" => NumberForm::Binary,
        "Hex" if digits == 0 => NumberForm::Ascii,
        _ => return None,
    };
    Some((form, digits))
}

fn field(key: &str, value: &Value) -> Result<SpecField, Said> {
    let no = |zh: &str, en: &str, word: &str| {
        let word = shown(word);
        let key = shown(key);
        Err(Said::new(format!("域 {key}：{zh}“{word}”"), format!("field {key}: {en} `{word}`")))
    };
    let subfields = value.get("subfields").and_then(Value::as_object).filter(|fields| !fields.is_empty());
    let word = text_of(value, "enc");
    let (encoding, fills_left) = match (encoding(word), subfields) {
        (Some(found), _) => found,
        // What is made of parts says how each of them is written.
        (None, Some(parts)) => of_parts(parts),
        (None, None) => return no("没有这种编码：", "there is no encoding", word),
    };
    let word = text_of(value, "prefix");
    let Some((form, digits)) = prefix(word) else { return no("没有这种长度：", "there is no length", word) };
    let max = value.get("length").and_then(Value::as_u64).and_then(|length| u16::try_from(length).ok());
    let Some(max) = max.filter(|max| *max > 0) else { return no("长度不对：", "the length is wrong:", "length") };
    let kind = text_of(value, "type");
    let class = match (kind, encoding) {
        ("Binary" | "Bitmap", _) | (_, Encoding::Binary | Encoding::HexText) => Class::Bytes,
        ("Numeric", _) | (_, Encoding::Bcd) => Class::Digits,
        ("String" | "Composite", _) => Class::Text,
        _ => return no("没有这种类型：", "there is no type", kind),
    };
    let pad = value.get("padding").map(|pad| (text_of(pad, "type"), text_of(pad, "pad")));
    let padding = match (pad, class, encoding, digits) {
        (_, Class::Digits, Encoding::Bcd, 0) => {
            if fills_left {
                Padding::ZerosLeft
            } else {
                Padding::ZerosRight
            }
        }
        (_, Class::Digits, Encoding::Bcd, _) if fills_left => Padding::ZerosLeft,
        (Some(("Left", "0")), Class::Digits | Class::Text, _, 0) => Padding::ZerosLeft,
        (Some(("Right", " ")), Class::Text, _, 0) => Padding::SpacesRight,
        (None | Some(("None", _)), ..) => Padding::None,
        (_, _, _, 1..) => Padding::None,
        (Some((_, sign)), ..) => return no("没有这种填充：", "there is no padding", sign),
    };
    let parts = match subfields {
        None => None,
        Some(fields) => parts(value, fields)?,
    };
    let encoding = if class == Class::Bytes && encoding == Encoding::Ascii { Encoding::HexText } else { encoding };
    Ok(SpecField {
        key: key.to_owned(),
        title: text_of(value, "description").to_owned(),
        class,
        encoding,
        length: length(digits, max, form),
        padding,
        parts,
    })
}

/// How a field is written whose parts say it: bytes, unless all of them are ASCII.
fn of_parts(parts: &Map<String, Value>) -> (Encoding, bool) {
    let ascii = parts.values().all(|part| text_of(part, "enc") == "ASCII");
    (if ascii { Encoding::Ascii } else { Encoding::Binary }, false)
}

fn parts(value: &Value, fields: &Map<String, Value>) -> Result<Option<(String, Vec<SpecField>)>, Said> {
    let mut parts: Vec<SpecField> = Vec::new();
    for (key, value) in fields.iter().take(FIELDS_MAX) {
        parts.push(field(key, value)?);
    }
    parts.sort_by_key(|part| (part.key.parse::<u16>().unwrap_or(u16::MAX), part.key.clone()));
    let tag = value.get("tag");
    let bytes = value.get("bitmap").and_then(|bitmap| bitmap.get("length")).and_then(Value::as_u64);
    let words = match (tag, bytes) {
        (Some(tag), _) if text_of(tag, "enc") == "BerTLVTag" => "ber".to_owned(),
        (Some(tag), _) => {
            let width = tag.get("length").and_then(Value::as_u64).unwrap_or(0);
            let digits = parts.first().map_or(0, |part| match part.length {
                Length::Variable { digits, .. } => digits,
                Length::Fixed { .. } => 0,
            });
            if !(1..=4).contains(&width) || digits == 0 {
                return Ok(None);
            }
            format!("tags {width} {digits}")
        }
        (None, Some(bytes)) => format!("bits {}", bytes.clamp(1, 16)),
        (None, None) => {
            let in_order = parts.iter().enumerate().all(|(at, part)| part.key == (at + 1).to_string());
            if !in_order {
                return Ok(None);
            }
            "row".to_owned()
        }
    };
    Ok(Some((words, parts)))
}
