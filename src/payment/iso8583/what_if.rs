//! What would have to be different for bytes to make sense: each single change of a dialect, tried.

use crate::payment::iso8583::decode::{Begin, Decoded, decode};
use crate::payment::iso8583::dialect::{BitmapForm, Dialect, WireForm};
use crate::payment::iso8583::field::{Class, Counts, Encoding, Field, Length, Padding};
use crate::payment::iso8583::number::NumberForm;

/// A single change after which the bytes read as a whole message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhatIf {
    /// They are hexadecimal text, not the bytes it stands for.
    HexText,
    /// The length counts its own bytes too, or does not.
    LengthInclusive(bool),
    /// The length in front has so many bytes, written so. 0: there is none.
    LengthForm(u8, NumberForm),
    /// The lower byte of the length comes first.
    LengthTurned,
    /// The length is simply wrong: the bytes behind it are a whole message.
    LengthWrong {
        /// What it should say.
        should_be: usize,
    },
    /// There is no TPDU.
    NoTpdu,
    /// There is no header.
    NoHeader,
    /// The header has so many bytes.
    HeaderBytes(usize),
    /// The bitmap is written so.
    Bitmap(BitmapForm),
    /// Message type, bitmap and lengths are of this form.
    Form(&'static str),
    /// So many bytes behind the message do not belong to it.
    Behind(usize),
    /// The length in front of a field counts bytes, not digits (or the other way round).
    FieldCounts(u8, Counts),
    /// The length in front of a field is written so.
    FieldPrefix(u8, NumberForm),
    /// A field is written so.
    FieldEncoding(u8, Encoding),
    /// A field's odd digit is justified so: true for the right end.
    FieldRight(u8),
    /// As before, for the left end.
    FieldLeft(u8),
}

/// Answers that are worth reading.
const ANSWERS_MAX: usize = 3;
/// The longest header that is tried.
const HEADER_MAX: usize = 64;
/// Bytes that are tried; longer ones take too long for every change.
const BYTES_MAX: usize = 8 << 10;

/// The changes after which the bytes read, the likeliest first. Nothing if they read as they are.
pub fn what_if(bytes: &[u8], dialect: &Dialect, decoded: &Decoded) -> Vec<WhatIf> {
    let mut found = Vec::new();
    if decoded.is_ok() || bytes.len() > BYTES_MAX {
        return found;
    }
    let reads = |bytes: &[u8], dialect: &Dialect, begin: Option<Begin>| {
        let decoded = decode(bytes, dialect, begin);
        decoded.is_ok() && !decoded.fields.is_empty() && decoded.mti.is_some_and(|mti| mti.is_usual())
    };
    for (what, changed) in of_frames(bytes, dialect, decoded) {
        if reads(bytes, &changed, Some(decoded.begin)) {
            found.push(what);
        }
    }
    if decoded.begin == Begin::Frame && dialect.framing.length_bytes == 2 {
        let mut turned = bytes.to_vec();
        if let [low, high, ..] = turned.as_mut_slice() {
            std::mem::swap(low, high);
        }
        if reads(&turned, dialect, Some(Begin::Frame)) {
            found.push(WhatIf::LengthTurned);
        }
    }
    if let Some(plain) = crate::payment::hex::decode(bytes.trim_ascii())
        && reads(&plain, dialect, None)
    {
        found.push(WhatIf::HexText);
    }
    if let (Begin::Frame, Some((announced, there))) = (decoded.begin, decoded.length) {
        let width = dialect.framing.length_width();
        let inside = bytes.get(width..).unwrap_or_default();
        if found.is_empty() && announced != there && reads(inside, dialect, Some(Begin::Tpdu)) {
            let own = if dialect.framing.length_inclusive { width } else { 0 };
            found.push(WhatIf::LengthWrong { should_be: there + own });
        }
    }
    let behind = decoded.left.len();
    if behind > 0
        && decoded.present.is_some_and(|present| present.count() == decoded.fields.len())
        && let Some(shorter) = bytes.get(..bytes.len() - behind)
        && reads(shorter, dialect, Some(decoded.begin))
    {
        found.push(WhatIf::Behind(behind));
    }
    for (what, changed) in of_fields(dialect, decoded) {
        if reads(bytes, &changed, Some(decoded.begin)) {
            found.push(what);
        }
    }
    found.truncate(ANSWERS_MAX);
    found
}

/// The dialect with other frames, headers and bitmaps.
fn of_frames(bytes: &[u8], dialect: &Dialect, decoded: &Decoded) -> Vec<(WhatIf, Dialect)> {
    let mut all = Vec::new();
    let mut add = |what: WhatIf, change: &dyn Fn(&mut Dialect)| {
        let mut changed = dialect.clone();
        change(&mut changed);
        all.push((what, changed));
    };
    let framing = &dialect.framing;
    if decoded.begin == Begin::Frame {
        let inclusive = !framing.length_inclusive;
        add(WhatIf::LengthInclusive(inclusive), &|d| d.framing.length_inclusive = inclusive);
        let forms = [
            (2, NumberForm::Binary),
            (2, NumberForm::Bcd),
            (4, NumberForm::Ascii),
            (4, NumberForm::Binary),
            (4, NumberForm::Ebcdic),
            (0, NumberForm::Binary),
        ];
        for (width, form) in forms {
            if (width, form) != (framing.length_bytes, framing.length_form) {
                add(WhatIf::LengthForm(width, form), &|d| {
                    d.framing.length_bytes = width;
                    d.framing.length_form = form;
                });
            }
        }
    }
    if !framing.tpdu.is_empty() && decoded.begin != Begin::Body {
        add(WhatIf::NoTpdu, &|d| d.framing.tpdu.clear());
    }
    if decoded.begin != Begin::Body {
        for width in 0..=HEADER_MAX.min(bytes.len()) {
            if width != framing.header.len() {
                let what = if width == 0 { WhatIf::NoHeader } else { WhatIf::HeaderBytes(width) };
                add(what, &|d| {
                    d.framing.header = vec![0; width];
                    d.framing.header_parts.clear();
                });
            }
        }
    }
    for form in [BitmapForm::Binary, BitmapForm::Hex, BitmapForm::EbcdicHex] {
        if form != dialect.form.bitmap {
            add(WhatIf::Bitmap(form), &|d| d.form.bitmap = form);
        }
    }
    for (word, form) in [("bcd", WireForm::BCD), ("ascii", WireForm::ASCII), ("ebcdic", WireForm::EBCDIC)] {
        if form != dialect.form {
            add(WhatIf::Form(word), &|d| d.form = form);
        }
    }
    all
}

/// The dialect with other ways of writing the field that could not be read, and the one that is suspected.
fn of_fields(dialect: &Dialect, decoded: &Decoded) -> Vec<(WhatIf, Dialect)> {
    let mut all = Vec::new();
    let mut numbers: Vec<u8> = Vec::new();
    for problem in &decoded.problems {
        numbers.extend(problem.field);
        numbers.extend(problem.suspect);
    }
    // The bytes say nothing of which one it was; the last fields before the problem are the likeliest.
    numbers.extend(decoded.fields.iter().rev().take(4).map(|field| field.number));
    let mut seen: Vec<u8> = Vec::new();
    for number in numbers {
        if seen.contains(&number) || seen.len() > 8 {
            continue;
        }
        seen.push(number);
        let Some(field) = dialect.field(number) else { continue };
        let mut add = |what: WhatIf, change: &dyn Fn(&mut Field)| {
            let mut changed = dialect.clone();
            if let Some(field) = changed.fields.iter_mut().find(|field| field.number == number) {
                change(field);
            }
            all.push((what, changed));
        };
        if field.encoding == Encoding::Bcd && field.length.max() % 2 == 1 {
            let right = field.padding != Padding::ZerosLeft;
            let what = if right { WhatIf::FieldRight(number) } else { WhatIf::FieldLeft(number) };
            add(what, &|f| f.padding = if right { Padding::ZerosLeft } else { Padding::ZerosRight });
        }
        if let Length::Variable { digits, max, prefix, counts } = field.length {
            let other = if counts == Counts::Units { Counts::Bytes } else { Counts::Units };
            if field.encoding.width(2) != 2 {
                add(WhatIf::FieldCounts(number, other), &|f| {
                    f.length = Length::Variable { digits, max, prefix, counts: other };
                });
            }
            for form in [NumberForm::Bcd, NumberForm::Ascii, NumberForm::Binary, NumberForm::Ebcdic] {
                if prefix.unwrap_or(dialect.form.lengths) != form {
                    add(WhatIf::FieldPrefix(number, form), &|f| {
                        f.length = Length::Variable { digits, max, prefix: Some(form), counts };
                    });
                }
            }
        }
        let encodings: &[Encoding] = match field.class {
            Class::Bytes => &[Encoding::Binary, Encoding::HexText],
            Class::Digits | Class::Track => &[Encoding::Bcd, Encoding::Ascii, Encoding::Ebcdic037],
            _ => &[Encoding::Ascii, Encoding::Ebcdic037],
        };
        for encoding in encodings {
            if *encoding != field.encoding {
                add(WhatIf::FieldEncoding(number, *encoding), &|f| f.encoding = *encoding);
            }
        }
    }
    all
}
