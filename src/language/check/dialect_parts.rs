//! What fields and the header of a dialect are made of: from cells to layouts.

use crate::language::check::cells::{Column, Complaints, Grid};
use crate::language::check::dialect::Draft;
use crate::language::check::dialect_fields::field;
use crate::language::check::dialect_rules::request_type;
use crate::language::check::dialect_words::{BITMAPS, ENCODINGS, HEADER_HOLDS, NUMBERS, meaning};
use crate::language::syntax::tree::{DialectClause, Name, PartsClause, TableRow};
use crate::payment::hex;
use crate::payment::iso8583::decode_error::PartKey;
use crate::payment::iso8583::dialect::{BitmapForm, HeaderHolds, HeaderPart};
use crate::payment::iso8583::field::{Class, Encoding};
use crate::payment::iso8583::layout::{Layout, LayoutKind, Part};
use crate::payment::iso8583::number::NumberForm;
use crate::script_error::source::Span;
use crate::script_error::words::Said;

const KEY: usize = 0;

/// The columns of `parts`; the same places as those of `fields`.
const COLUMNS: &[Column] = &[
    Column { word: "part", needed: true },
    Column { word: "name", needed: true },
    Column { word: "class", needed: true },
    Column { word: "encoding", needed: false },
    Column { word: "length", needed: true },
    Column { word: "padding", needed: false },
    Column { word: "holds", needed: false },
    Column { word: "zh", needed: true },
    Column { word: "en", needed: true },
];

/// The words for how parts are found.
const KINDS: [&str; 4] = ["row", "bits", "tags", "ber"];
/// Bytes of a bitmap inside a field.
const BITS_MAX: u16 = 16;
/// Parts a field may have.
const PARTS_MAX: usize = 256;

/// Adds the layouts that this dialect declares to its fields.
pub(super) fn add(draft: &mut Draft, clauses: &[DialectClause], complaints: &mut Complaints<'_>) {
    let mut seen: Vec<(String, Option<&str>, Span)> = Vec::new();
    for clause in clauses {
        let DialectClause::Parts(clause) = clause else { continue };
        let number = clause.field.number;
        let mti = clause.mti.as_ref().map(|mti| mti.text.as_str());
        let title = match &clause.part {
            Some(part) => format!("F{number}.{}", part.text),
            None => format!("F{number}"),
        };
        if let Some((.., first)) = seen.iter().find(|(known, for_mti, _)| (known, *for_mti) == (&title, mti)) {
            let finding = complaints
                .detail(
                    clause.field.span,
                    format!("{title} 的 parts 写了两次"),
                    format!("`parts` of {title} is there twice"),
                )
                .also(complaints.place(*first), "第一次在此", "the first one");
            complaints.push(finding);
            continue;
        }
        seen.push((title, mti, clause.field.span));
        if let Some(part) = &clause.part {
            add_inner(draft, clause, part, complaints);
            continue;
        }
        let Some(within) = draft.dialect.field(number).map(|field| field.class) else {
            if !draft.knows(number) {
                complaints.add(clause.field.span, format!("没有 F{number}"), format!("there is no F{number}"));
            }
            continue;
        };
        let Some(layout) = layout(clause, within, complaints) else { continue };
        if let Some(field) = draft.dialect.fields.iter_mut().find(|field| field.number == number) {
            field.layouts.retain(|known| known.mti != layout.mti);
            field.layouts.push(layout);
        }
    }
}

/// Says what a part of a field is made of. The parts of the field have to be declared in front, here or in the base.
fn add_inner(draft: &mut Draft, clause: &PartsClause, name: &Name, complaints: &mut Complaints<'_>) {
    let number = clause.field.number;
    if !draft.knows(number) {
        return complaints.add(clause.field.span, format!("没有 F{number}"), format!("there is no F{number}"));
    }
    let mti = clause.mti.as_ref().and_then(|mti| request_type(&mti.text));
    let field = draft.dialect.fields.iter_mut().find(|field| field.number == number);
    let outer = field.and_then(|field| field.layouts.iter_mut().find(|layout| layout.mti == mti));
    let part = outer.and_then(|layout| {
        let part = layout.parts.iter_mut().find(|part| part.key.to_string() == *name.text)?;
        Some(&mut part.field)
    });
    let Some(part) = part else {
        let text = &name.text;
        complaints.add(
            name.span,
            format!("F{number} 没有声明子域 {text}：先写 parts F{number}"),
            format!("no part {text} of F{number} is declared: write `parts F{number}` in front"),
        );
        return;
    };
    if let Some(layout) = layout(clause, part.class, complaints) {
        // Where it holds is said by the layout around it.
        part.layouts = vec![Layout { mti: None, ..layout }];
    }
}

fn layout(clause: &PartsClause, within: Class, complaints: &mut Complaints<'_>) -> Option<Layout> {
    let kind = kind(clause, within, complaints)?;
    let mti = match &clause.mti {
        None => None,
        Some(name) => match request_type(&name.text) {
            Some(mti) => Some(mti),
            None => {
                complaints.add(
                    name.span,
                    format!("“{}”不是请求的报文类型：四位数字，第三位为偶数", name.text),
                    format!("`{}` is no request: four digits, the third one even", name.text),
                );
                return None;
            }
        },
    };
    let grid = Grid::read(COLUMNS, &clause.rows, clause.field.span, complaints)?;
    let mut parts: Vec<Part> = Vec::new();
    let mut places: Vec<Span> = Vec::new();
    for row in grid.rows(complaints) {
        let Ok(row) = row else { continue };
        let text = row.text(KEY);
        let Some(key) = key(kind, text, parts.len()) else {
            let (zh, en) = wanted_key(kind, parts.len());
            complaints.add(row.span(KEY), format!("“{text}”不是子域：{zh}"), format!("`{text}` is no part here: {en}"));
            return None;
        };
        if let Some(first) = parts.iter().position(|part| part.key == key).and_then(|at| places.get(at)) {
            let finding = complaints
                .detail(row.span(KEY), format!("子域 {key} 写了两次"), format!("part {key} is there twice"))
                .also(complaints.place(*first), "第一次在此", "the first one");
            complaints.push(finding);
            continue;
        }
        if parts.len() >= PARTS_MAX {
            complaints.add(
                row.span(KEY),
                format!("子域最多 {PARTS_MAX} 个"),
                format!("a field has at most {PARTS_MAX} parts"),
            );
            return None;
        }
        let field = field(clause.field.number, &row, Some(within), complaints)?;
        places.push(row.span(KEY));
        parts.push(Part { key, field });
    }
    Some(Layout { mti, kind, parts })
}

/// What stands behind the field: `row`, `bits 8 hex`, `tags 2 3 bcd`, `ber`.
fn kind(clause: &PartsClause, within: Class, complaints: &mut Complaints<'_>) -> Option<LayoutKind> {
    let bytes = within == Class::Bytes;
    let options: Vec<&Name> = clause.options.iter().collect();
    let number = |at: usize, most: u16| {
        options.get(at).and_then(|name| name.text.parse::<u16>().ok()).filter(|n| (1..=most).contains(n))
    };
    let kind = match (clause.kind.text.as_str(), options.len()) {
        ("row", 0) => Some(LayoutKind::Row),
        ("ber", 0) => Some(LayoutKind::Ber),
        ("bits", 1 | 2) => number(0, BITS_MAX).and_then(|count| {
            let form = match options.get(1) {
                Some(word) => meaning(BITMAPS, &word.text)?,
                None if bytes => BitmapForm::Binary,
                None => BitmapForm::Hex,
            };
            Some(LayoutKind::Bits { bytes: count as u8, form })
        }),
        ("tags", 2 | 3) => number(0, 4).zip(number(1, 4)).and_then(|(tag, digits)| {
            let form = match options.get(2) {
                Some(word) => meaning(NUMBERS, &word.text)?,
                None => NumberForm::Ascii,
            };
            Some(LayoutKind::Tags { tag: tag as u8, digits: digits as u8, form })
        }),
        _ => None,
    };
    if kind.is_none() {
        if KINDS.contains(&clause.kind.text.as_str()) {
            complaints.add(
                clause.kind.span,
                "写法是：row，bits 8，tags 2 3（标签字符数、长度位数）或 ber",
                "write `row`, `bits 8`, `tags 2 3` (characters of a tag, digits of a length) or `ber`",
            );
        } else {
            let what = Said::new("子域的写法", "kind of parts");
            complaints.unknown_word(&clause.kind.text, clause.kind.span, what, KINDS.into_iter());
        }
        return None;
    }
    if kind == Some(LayoutKind::Ber) && !bytes {
        complaints.add(clause.kind.span, "ber 只能用于类型 b 的域", "`ber` is for fields of class `b`");
        return None;
    }
    kind
}

/// The key that a cell stands for; parts in a row are numbered 1, 2, 3.
fn key(kind: LayoutKind, text: &str, before: usize) -> Option<PartKey> {
    let number = || text.parse::<u8>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
    match kind {
        LayoutKind::Row => number().filter(|number| usize::from(*number) == before + 1).map(PartKey::Number),
        LayoutKind::Bits { bytes, .. } => {
            number().filter(|number| (1..=bytes * 8).contains(number)).map(PartKey::Number)
        }
        LayoutKind::Tags { tag, .. } => {
            let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric());
            PartKey::text(text.as_bytes()).filter(|_| plain && text.len() == usize::from(tag))
        }
        LayoutKind::Ber => PartKey::ber(&hex::decode(text.as_bytes())?),
    }
}

fn wanted_key(kind: LayoutKind, before: usize) -> (String, String) {
    match kind {
        LayoutKind::Row => {
            (format!("依次编号，此处是 {}", before + 1), format!("they are numbered in order, this is {}", before + 1))
        }
        LayoutKind::Bits { bytes, .. } => {
            (format!("写 1 至 {}", u16::from(bytes) * 8), format!("write 1 to {}", u16::from(bytes) * 8))
        }
        LayoutKind::Tags { tag, .. } => {
            (format!("标签是 {tag} 个字母或数字"), format!("a tag has {tag} letters or digits"))
        }
        LayoutKind::Ber => ("写十六进制的标签，如 9F26".into(), "write the tag in hexadecimal, such as 9F26".into()),
    }
}

const HEADER_NAME: usize = 0;
const HEADER_ENCODING: usize = 1;
const HEADER_LENGTH: usize = 2;
const HEADER_HOLDING: usize = 3;
const HEADER_ZH: usize = 4;
const HEADER_EN: usize = 5;

const HEADER_COLUMNS: &[Column] = &[
    Column { word: "name", needed: true },
    Column { word: "encoding", needed: true },
    Column { word: "length", needed: true },
    Column { word: "holds", needed: false },
    Column { word: "zh", needed: true },
    Column { word: "en", needed: true },
];

/// The parts of the header, in order.
pub(super) fn header(rows: &[TableRow], at: Span, complaints: &mut Complaints<'_>) -> Vec<HeaderPart> {
    let Some(grid) = Grid::read(HEADER_COLUMNS, rows, at, complaints) else { return Vec::new() };
    let mut parts: Vec<HeaderPart> = Vec::new();
    for row in grid.rows(complaints) {
        let Ok(row) = row else { return Vec::new() };
        let name = row.name(HEADER_NAME, complaints);
        let (zh, en) = (row.filled(HEADER_ZH, complaints), row.filled(HEADER_EN, complaints));
        let encoding = meaning(ENCODINGS, row.text(HEADER_ENCODING));
        if encoding.is_none() {
            let what = Said::new("编码", "encoding");
            let known = ENCODINGS.iter().map(|(word, _)| *word);
            complaints.unknown_word(row.text(HEADER_ENCODING), row.span(HEADER_ENCODING), what, known);
        }
        let holds = match row.text(HEADER_HOLDING) {
            "" => Some(HeaderHolds::Plain),
            word => meaning(HEADER_HOLDS, word),
        };
        if holds.is_none() {
            let what = Said::new("内容", "content");
            let known = HEADER_HOLDS.iter().map(|(word, _)| *word);
            complaints.unknown_word(row.text(HEADER_HOLDING), row.span(HEADER_HOLDING), what, known);
        }
        let length = row.text(HEADER_LENGTH).parse::<u16>().ok().filter(|length| (1..=64).contains(length));
        if length.is_none() {
            complaints.add(row.span(HEADER_LENGTH), "长度须在 1 与 64 之间", "a length here is 1 to 64");
        }
        let (Some(name), Some(zh), Some(en), Some(encoding), Some(holds), Some(length)) =
            (name, zh, en, encoding, holds, length)
        else {
            continue;
        };
        // Half bytes belong to BCD alone; whatever follows them begins at a byte.
        let odd = crate::payment::iso8583::header::width(&parts) % 2 == 1;
        if odd && encoding != Encoding::Bcd {
            complaints.add(
                row.span(HEADER_ENCODING),
                format!("{name} 从半个字节处开始，只能用 bcd"),
                format!("`{name}` begins in the middle of a byte, so it can only be `bcd`"),
            );
        }
        parts.push(HeaderPart { name: name.into(), zh: zh.into(), en: en.into(), encoding, length, holds });
    }
    parts
}
