//! A dialect as the JSON that moov-io/iso8583 reads.

use crate::payment::iso8583::dialect::{BitmapForm, Dialect};
use crate::payment::iso8583::field::{Class, Counts, Encoding, Field, Length, Padding};
use crate::payment::iso8583::layout::LayoutKind;
use crate::payment::iso8583::number::NumberForm;
use crate::script_error::words::Said;
use serde_json::{Map, Value, json};

/// The JSON, and what it has no words for.
pub fn moov(dialect: &Dialect) -> (String, Vec<Said>) {
    let mut left_out = Vec::new();
    let mut fields = Map::new();
    let mti = number(dialect.form.mti);
    fields.insert(
        "0".into(),
        json!({ "type": "String", "length": 4, "description": "Message Type Indicator", "enc": mti, "prefix": format!("{mti}.Fixed") }),
    );
    let (enc, prefix) = match dialect.form.bitmap {
        BitmapForm::Binary => ("Binary", "Binary.Fixed"),
        BitmapForm::Hex => ("HexToASCII", "Hex.Fixed"),
        BitmapForm::EbcdicHex => {
            left_out.push(Said::new("位图的 EBCDIC 写法", "the bitmap in EBCDIC"));
            ("HexToASCII", "Hex.Fixed")
        }
    };
    fields.insert(
        "1".into(),
        json!({ "type": "Bitmap", "length": 8, "description": "Bitmap", "enc": enc, "prefix": prefix }),
    );
    for field in &dialect.fields {
        match one(field, dialect.form.lengths) {
            Ok(value) => {
                fields.insert(field.number.to_string(), value);
            }
            Err(said) => left_out.push(said),
        }
    }
    let whole = json!({ "name": dialect.name, "fields": fields });
    (serde_json::to_string_pretty(&whole).unwrap_or_default(), left_out)
}

fn number(form: NumberForm) -> &'static str {
    match form {
        NumberForm::Binary => "Binary",
        NumberForm::Bcd => "BCD",
        NumberForm::Ascii => "ASCII",
        NumberForm::Ebcdic => "EBCDIC",
    }
}

fn one(field: &Field, lengths: NumberForm) -> Result<Value, Said> {
    let no = |zh: &str, en: &str| {
        Err(Said::new(format!("域 {}：{zh}", field.number), format!("field {}: {en}", field.number)))
    };
    let left = field.padding == Padding::ZerosLeft;
    let enc = match field.encoding {
        Encoding::Ascii => "ASCII",
        Encoding::Bcd if field.class == Class::SignedDigits => return no("带符号的 BCD", "a sign before BCD"),
        Encoding::Bcd
            if left || field.length.max().is_multiple_of(2) && matches!(field.length, Length::Fixed { .. }) =>
        {
            "BCD"
        }
        Encoding::Bcd => "LBCD",
        Encoding::Binary => "Binary",
        Encoding::HexText => "HexToASCII",
        Encoding::Ebcdic037 => "EBCDIC",
        Encoding::Ebcdic1047 => return no("没有 EBCDIC 1047", "there is no EBCDIC 1047"),
    };
    let prefix = match field.length {
        Length::Fixed { .. } => match field.encoding {
            Encoding::HexText => "Hex.Fixed".to_owned(),
            Encoding::Binary => "Binary.Fixed".to_owned(),
            Encoding::Bcd => "BCD.Fixed".to_owned(),
            Encoding::Ascii => "ASCII.Fixed".to_owned(),
            Encoding::Ebcdic037 | Encoding::Ebcdic1047 => "EBCDIC.Fixed".to_owned(),
        },
        Length::Variable { counts: Counts::Bytes, .. } => return no("长度按字节计", "its length counts bytes"),
        Length::Variable { digits, prefix, .. } => match prefix.unwrap_or(lengths) {
            NumberForm::Binary => return no("长度是二进制", "its length is binary"),
            form => format!("{}.{}", number(form), "L".repeat(usize::from(digits))),
        },
    };
    let kind = match field.class {
        Class::Bytes => "Binary",
        // A numeric field there is a number: it would lose the zeros in front of a card number.
        Class::Digits if matches!(field.length, Length::Fixed { .. }) && left => "Numeric",
        _ => "String",
    };
    let padding = match field.padding {
        Padding::ZerosLeft if matches!(field.length, Length::Fixed { .. }) => Some(("Left", "0")),
        Padding::SpacesRight => Some(("Right", " ")),
        Padding::FRight => return no("以 F 填充", "it is filled with F"),
        Padding::ZerosRight if field.encoding != Encoding::Bcd => Some(("Right", "0")),
        Padding::ZerosLeft | Padding::ZerosRight | Padding::None => None,
    };
    let mut object = Map::new();
    object.insert("type".into(), kind.into());
    object.insert("length".into(), field.length.max().into());
    object.insert("description".into(), field.en.as_str().into());
    object.insert("enc".into(), enc.into());
    object.insert("prefix".into(), prefix.into());
    if let Some((side, sign)) = padding {
        object.insert("padding".into(), json!({ "type": side, "pad": sign }));
    }
    // Parts in a row of a text field are a composite there as here.
    let row = field.layouts.iter().find(|layout| layout.mti.is_none() && layout.kind == LayoutKind::Row);
    if let Some(layout) = row.filter(|_| field.class == Class::Text && field.encoding == Encoding::Ascii) {
        let mut parts = Map::new();
        for part in &layout.parts {
            parts.insert(part.key.to_string(), one(&part.field, NumberForm::Ascii)?);
        }
        object.insert("type".into(), "Composite".into());
        object.insert("tag".into(), json!({ "sort": "StringsByInt" }));
        object.insert("subfields".into(), parts.into());
        object.remove("enc");
    }
    Ok(object.into())
}
