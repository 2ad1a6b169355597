//! A specification written as a dialect in the language.

use crate::cli::dialect::spec::{Spec, SpecField};
use crate::language::syntax::format::whole::format;
use crate::payment::iso8583::dialect::BitmapForm;
use crate::payment::iso8583::field::{Class, Counts, Encoding, Field, Length, Padding};
use crate::payment::iso8583::number::NumberForm;
use crate::run::known_dialects;
use crate::script_error::source::FileId;
use crate::script_error::words::Said;
use std::collections::BTreeSet;

/// Reserved by the language, or likely to be: no name of a dialect.
const NAME_MAX: usize = 40;

/// The script. Names in Chinese and what a field holds come from the library where the field is one of the standard.
pub fn script(spec: &Spec) -> Result<String, Said> {
    if spec.fields.is_empty() {
        return Err(Said::new("没有可导入的域", "there is no field that could be imported"));
    }
    let standard = known_dialects::load("iso1987").map(|known| known.dialect.fields).unwrap_or_default();
    let mut out = String::from("edition 1\n\n");
    for said in &spec.left_out {
        out.push_str(&format!("// Left out: {}.\n", said.en));
    }
    out.push_str(&format!("dialect {} {{\n", identifier(&spec.name, "imported")));
    let bitmap = match spec.form.bitmap {
        BitmapForm::Binary => "binary",
        BitmapForm::Hex => "hex",
        BitmapForm::EbcdicHex => "ebcdic_hex",
    };
    let form = number(spec.form.mti);
    out.push_str(&format!("form {form} bitmap {bitmap} lengths {}\n\nfields {{\n", number(spec.form.lengths)));
    out.push_str("| field | name | class | encoding | length | padding | holds | zh | en |\n");
    let mut names = BTreeSet::new();
    for field in &spec.fields {
        let known = standard.iter().find(|known| known.number.to_string() == field.key);
        out.push_str(&row(field, &format!("F{}", field.key), known, &mut names, Some(spec.form.lengths)));
    }
    out.push_str("}\n");
    for field in &spec.fields {
        write_parts(field, &format!("F{}", field.key), &mut out);
    }
    out.push_str("}\n");
    // What cannot be formatted is shown as it is: the checker says what is wrong with it.
    Ok(format(FileId::default(), &out).unwrap_or(out))
}

/// What a field is made of, and what its parts are made of.
fn write_parts(field: &SpecField, place: &str, out: &mut String) {
    let Some((words, parts)) = &field.parts else { return };
    out.push_str(&format!("\nparts {place} {words} {{\n"));
    out.push_str("| part | name | class | encoding | length | padding | zh | en |\n");
    let mut names = BTreeSet::new();
    for part in parts {
        out.push_str(&row(part, &part.key, None, &mut names, None));
    }
    out.push_str("}\n");
    // A dialect has parts of parts, and no deeper.
    if !place.contains('.') {
        for part in parts {
            write_parts(part, &format!("{place}.{}", part.key), out);
        }
    }
}

fn row(
    field: &SpecField,
    key: &str,
    known: Option<&Field>,
    names: &mut BTreeSet<String>,
    lengths: Option<NumberForm>,
) -> String {
    let mut class = field.class;
    let mut encoding = field.encoding;
    let mut holds = "";
    if let Some(known) = known {
        // There a card number is a string; here it is digits.
        let digits = matches!(known.class, Class::Digits | Class::SignedDigits);
        if digits
            && class == Class::Text
            && matches!(encoding, Encoding::Ascii | Encoding::Ebcdic037 | Encoding::Ebcdic1047)
        {
            class = known.class;
        }
        let track = known.class == Class::Track;
        if track && matches!(class, Class::Digits | Class::Text) {
            class = if encoding == Encoding::Bcd || class == Class::Digits { Class::Track } else { Class::Text };
        }
        holds = holds_of(known, class, field.length);
    }
    if class == Class::Bytes && matches!(encoding, Encoding::Ascii) {
        encoding = Encoding::HexText;
    }
    let title: String = field
        .title
        .chars()
        .filter(|c| !c.is_control() && !matches!(c, '"' | '{' | '}' | '|' | '\\'))
        .take(60)
        .collect();
    let fallback = format!("field_{}", key.trim_start_matches('F').to_lowercase());
    let title = if title.trim().is_empty() { fallback.clone() } else { title.trim().to_owned() };
    let mut name = identifier(known.map_or(title.as_str(), |known| known.name.as_str()), &fallback);
    if !names.insert(name.clone()) {
        name = fallback;
        names.insert(name.clone());
    }
    let zh = known.map_or(title.clone(), |known| known.zh.clone());
    let padding = match field.padding {
        Padding::None => "",
        Padding::ZerosLeft if class == Class::Track && encoding != Encoding::Bcd => "",
        Padding::ZerosLeft => "zeros_left",
        Padding::ZerosRight => "zeros_right",
        Padding::SpacesRight => "spaces_right",
        Padding::FRight => "f_right",
    };
    let holds = if lengths.is_some() { format!("{holds} | ") } else { String::new() };
    format!(
        "| {key} | {name} | {} | {} | {} | {padding} | {holds}\"{zh}\" | \"{title}\" |\n",
        class_word(class),
        encoding_word(encoding),
        length(field.length, lengths.unwrap_or(NumberForm::Ascii)),
    )
}

/// What the library's field of this number holds, where this one can hold it too.
fn holds_of(known: &Field, class: Class, length: Length) -> &'static str {
    use crate::payment::iso8583::field::Holds;
    let fixed = |max: u16| length == Length::Fixed { max };
    let (digits, bytes) = (class == Class::Digits, class == Class::Bytes);
    let text = matches!(class, Class::Text | Class::Alphanumeric);
    match known.holds {
        Holds::Amount if digits && fixed(12) => "amount",
        Holds::Pan if digits || class == Class::Text => "pan",
        Holds::Track if matches!(class, Class::Track | Class::Text) => "track",
        Holds::Expiry if digits && fixed(4) => "expiry",
        Holds::Stan if digits && fixed(6) => "stan",
        Holds::Rrn if text => "rrn",
        Holds::ResponseCode if text && fixed(2) => "response_code",
        Holds::PinBlock if bytes && fixed(8) => "pin_block",
        Holds::Keys if bytes => "keys",
        Holds::ChipData if bytes || text => "chip_data",
        Holds::Mac if bytes && fixed(8) => "mac",
        Holds::Time if digits && fixed(6) => "time",
        Holds::Date if digits && fixed(4) => "date",
        _ => "",
    }
}

/// Lower-case letters, digits and `_`, a letter first.
pub fn identifier(text: &str, fallback: &str) -> String {
    let mut name = String::new();
    for character in text.chars() {
        match character {
            c if c.is_ascii_alphanumeric() => name.push(c.to_ascii_lowercase()),
            _ if !name.is_empty() && !name.ends_with('_') => name.push('_'),
            _ => {}
        }
        if name.len() >= NAME_MAX {
            break;
        }
    }
    let name = name.trim_end_matches('_');
    if name.starts_with(|c: char| c.is_ascii_lowercase()) { name.to_owned() } else { fallback.to_owned() }
}

fn number(form: NumberForm) -> &'static str {
    match form {
        NumberForm::Binary => "binary",
        NumberForm::Bcd => "bcd",
        NumberForm::Ascii => "ascii",
        NumberForm::Ebcdic => "ebcdic",
    }
}

fn class_word(class: Class) -> &'static str {
    match class {
        Class::Digits => "n",
        Class::Alphanumeric => "an",
        Class::Text => "ans",
        Class::Bytes => "b",
        Class::Track => "z",
        Class::SignedDigits => "x+n",
    }
}

fn encoding_word(encoding: Encoding) -> &'static str {
    match encoding {
        Encoding::Ascii => "ascii",
        Encoding::Bcd => "bcd",
        Encoding::Binary => "binary",
        Encoding::HexText => "hex",
        Encoding::Ebcdic037 => "ebcdic",
        Encoding::Ebcdic1047 => "ebcdic_1047",
    }
}

/// The cell; how the length is written is said where it differs from what goes without saying.
fn length(length: Length, usual: NumberForm) -> String {
    match length {
        Length::Fixed { max } => max.to_string(),
        Length::Variable { digits, max, prefix, counts } => {
            let mut text = format!("{} {max}", "L".repeat(usize::from(digits)));
            if let Some(prefix) = prefix.filter(|prefix| *prefix != usual) {
                text.push(' ');
                text.push_str(number(prefix));
            }
            if counts == Counts::Bytes {
                text.push_str(" bytes");
            }
            text
        }
    }
}
