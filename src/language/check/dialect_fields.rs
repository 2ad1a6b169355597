//! The field rows of a dialect: from cells to fields that make sense.

use crate::language::check::cells::{Column, Complaints, Grid, GridRow};
use crate::language::check::dialect_words::{CLASSES, ENCODINGS, HOLDS, NUMBERS, PADDINGS, meaning, word};
use crate::language::syntax::tree::TableRow;
use crate::payment::iso8583::bitmap::FIELD_MAX;
use crate::payment::iso8583::field::{Class, Counts, Encoding, Field, Holds, Length, Padding};
use crate::payment::iso8583::number::NumberForm;
use crate::script_error::catalogue::data;
use crate::script_error::code::Fact;
use crate::script_error::finding::Finding;
use crate::script_error::source::Span;
use crate::script_error::words::Said;

const NUMBER: usize = 0;
const NAME: usize = 1;
const CLASS: usize = 2;
const ENCODING: usize = 3;
const LENGTH: usize = 4;
const PADDING: usize = 5;
const HOLDING: usize = 6;
const ZH: usize = 7;
const EN: usize = 8;

/// The columns of `fields`, in any order.
const COLUMNS: &[Column] = &[
    Column { word: "field", needed: true },
    Column { word: "name", needed: true },
    Column { word: "class", needed: true },
    Column { word: "encoding", needed: true },
    Column { word: "length", needed: true },
    Column { word: "padding", needed: false },
    Column { word: "holds", needed: false },
    Column { word: "zh", needed: true },
    Column { word: "en", needed: true },
];

/// A row of the table: its number and where that stands; the field, unless something is wrong with it.
pub(super) struct FieldRow {
    /// 2 to 192.
    pub(super) number: u8,
    /// The cell of the number.
    pub(super) at: Span,
    /// The cell of the name.
    pub(super) name_at: Span,
    /// `None`: reported.
    pub(super) field: Option<Field>,
}

/// Reads one `fields` table.
pub(super) fn read(rows: &[TableRow], at: Span, complaints: &mut Complaints<'_>) -> Vec<FieldRow> {
    let Some(grid) = Grid::read(COLUMNS, rows, at, complaints) else {
        return Vec::new();
    };
    let mut fields = Vec::new();
    for row in grid.rows(complaints) {
        let (row, whole) = match row {
            Ok(row) => (row, true),
            Err(row) => (row, false),
        };
        let Some(number) = field_number(row.text(NUMBER)) else {
            if whole {
                complaints.add(
                    row.span(NUMBER),
                    format!("“{}”不是域：写 F2 至 F{FIELD_MAX}", row.text(NUMBER)),
                    format!("`{}` is no field: write F2 to F{FIELD_MAX}", row.text(NUMBER)),
                );
            }
            continue;
        };
        fields.push(FieldRow {
            number,
            at: row.span(NUMBER),
            name_at: row.span(NAME),
            field: if whole { whole_field(number, &row, complaints) } else { None },
        });
    }
    fields
}

/// `F2` to `F192`; field 1 is the bitmap.
fn field_number(text: &str) -> Option<u8> {
    let digits = text.strip_prefix('F')?;
    let plain = !digits.starts_with('0') && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse().ok().filter(|_| plain)?;
    (2..=FIELD_MAX).contains(&number).then_some(number)
}

fn whole_field(number: u8, row: &GridRow<'_, '_>, complaints: &mut Complaints<'_>) -> Option<Field> {
    let field = field(number, row, None, complaints)?;
    if !in_its_place(&field, row, complaints) {
        return None;
    }
    protected(&field, row, complaints);
    Some(field)
}

/// The field a row declares. `within`: the class of the field that it is a part of.
pub(super) fn field(
    number: u8,
    row: &GridRow<'_, '_>,
    within: Option<Class>,
    complaints: &mut Complaints<'_>,
) -> Option<Field> {
    // Each cell is read before the first mistake is acted on, so that all are seen at once.
    let name = row.name(NAME, complaints);
    let zh = row.filled(ZH, complaints);
    let en = row.filled(EN, complaints);
    let class = one_of(row, CLASS, CLASSES, ("类型", "class"), None, complaints);
    // What is written in characters is made of characters; a part of it needs no encoding of its own.
    let plain = within.map(|within| match (within, class) {
        (Class::Bytes, Some(Class::Bytes)) => Encoding::Binary,
        (_, Some(Class::Bytes)) => Encoding::HexText,
        _ => Encoding::Ascii,
    });
    let encoding = one_of(row, ENCODING, ENCODINGS, ("编码", "encoding"), plain, complaints);
    let padding = one_of(row, PADDING, PADDINGS, ("填充", "padding"), Some(Padding::None), complaints);
    let holds = one_of(row, HOLDING, HOLDS, ("内容", "content"), Some(Holds::Plain), complaints);
    let length = length(row, complaints).map(|length| match (length, within) {
        // Nobody asks the dialect how a length inside a field is written.
        (Length::Variable { digits, max, prefix: None, counts }, Some(_)) => {
            Length::Variable { digits, max, prefix: Some(NumberForm::Ascii), counts }
        }
        (length, _) => length,
    });
    let field = Field {
        number,
        name: name?.into(),
        zh: zh?.into(),
        en: en?.into(),
        class: class?,
        encoding: encoding?,
        padding: padding?,
        holds: holds?,
        length: length?,
        layouts: Vec::new(),
    };
    agree(&field, row, complaints).then_some(field)
}

/// Contents that the exchange looks for in one field only.
const PLACES: &[(Holds, u8)] = &[(Holds::Stan, 11), (Holds::ResponseCode, 39), (Holds::Mac, 64)];
/// The MAC of messages with two bitmaps; Till shows it, and neither makes nor verifies it.
const SECOND_MAC: u8 = 128;

/// Contents that a field of this number has everywhere, and their name. True: plain, they would lie open.
const CONTENTS: &[(u8, Holds, &str, &str)] = &[
    (4, Holds::Amount, "交易金额", "the amount"),
    (11, Holds::Stan, "流水号", "the trace number"),
    (14, Holds::Expiry, "卡有效期", "the expiry"),
    (39, Holds::ResponseCode, "应答码", "the response code"),
];

/// Does a field hold what only another one can?
fn in_its_place(field: &Field, row: &GridRow<'_, '_>, complaints: &mut Complaints<'_>) -> bool {
    let place = PLACES.iter().find(|(holds, number)| *holds == field.holds && *number != field.number);
    let place = place.filter(|_| (field.holds, field.number) != (Holds::Mac, SECOND_MAC));
    let Some((holds, number)) = place else { return true };
    let holds = word(HOLDS, *holds);
    complaints.add(
        row.span(HOLDING),
        format!("{holds} 只能放在 F{number}：收发报文时只看那里"),
        format!("`{holds}` can only be F{number}: that is where messages are looked at"),
    );
    false
}

/// Warns of a field whose contents everybody knows and the row leaves out. Card data are none of it: that they are called
/// plain is an error (T0511), and the checks of secrets see to it.
fn protected(field: &Field, row: &GridRow<'_, '_>, complaints: &mut Complaints<'_>) {
    let known = CONTENTS.iter().find(|(number, ..)| *number == field.number && field.holds == Holds::Plain);
    // An action code of three digits is no response code of this language.
    let known =
        known.filter(|(_, holds, ..)| *holds != Holds::ResponseCode || field.length == Length::Fixed { max: 2 });
    let Some((_, holds, zh, en)) = known else { return };
    let holds = word(HOLDS, *holds);
    let at = complaints.place(row.cell(HOLDING).map_or(row.span(NUMBER), |cell| cell.span));
    let code = data::FIELD_UNPROTECTED;
    let finding = Finding::warning(code, at)
        .fact("field", Fact::Field(field.number))
        .fact("holds", Fact::Said(Said::new(*zh, *en)));
    let finding = match row.cell(HOLDING) {
        Some(cell) if cell.text.is_empty() => {
            finding.edit(cell.span, format!("{holds} "), format!("写明 {holds}"), format!("say `{holds}`"))
        }
        Some(cell) => finding.edit(cell.span, holds, format!("写明 {holds}"), format!("say `{holds}`")),
        None => finding.help(
            format!("加一列 holds，此行写 {holds}"),
            format!("add a column `holds` and write `{holds}` in this row"),
        ),
    };
    complaints.push(finding);
}

/// The value of a word; an unknown word is reported.
fn one_of<T: Copy>(
    row: &GridRow<'_, '_>,
    column: usize,
    words: &'static [(&'static str, T)],
    what: (&str, &str),
    otherwise: Option<T>,
    complaints: &mut Complaints<'_>,
) -> Option<T> {
    let text = row.text(column);
    if text.is_empty() && otherwise.is_some() {
        return otherwise;
    }
    let text = row.filled(column, complaints)?;
    let value = meaning(words, text);
    if value.is_none() {
        let known = words.iter().map(|(word, _)| *word);
        complaints.unknown_word(text, row.span(column), Said::new(what.0, what.1), known);
    }
    value
}

/// Letters in front of a length, and the digits they stand for.
const LETTERS: [(&str, u8); 4] = [("L", 1), ("LL", 2), ("LLL", 3), ("LLLL", 4)];
/// The longest that anything may be.
const LENGTH_MAX: u32 = 9_999;
/// The longest field of fixed length.
const FIXED_MAX: u32 = 999;

/// `12`, `LL 19`, `LLL 999 binary`, `LL 20 bcd bytes`.
fn length(row: &GridRow<'_, '_>, complaints: &mut Complaints<'_>) -> Option<Length> {
    let text = row.text(LENGTH);
    let mut words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
    let digits = words.first().and_then(|first| meaning(&LETTERS, first));
    if digits.is_some() {
        words.remove(0);
    }
    let number = words.first().copied().unwrap_or_default();
    let (mut prefix, mut counts, mut strange) = (None, Counts::Units, false);
    for word in words.iter().skip(1) {
        match (meaning(NUMBERS, word), *word) {
            (Some(form), _) if prefix.is_none() && digits.is_some() => prefix = Some(form),
            (None, "bytes") if counts == Counts::Units && digits.is_some() => counts = Counts::Bytes,
            _ => strange = true,
        }
    }
    let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) && !strange;
    let Some(max) = number.parse::<u32>().ok().filter(|_| plain) else {
        complaints.add(
            row.span(LENGTH),
            format!("“{text}”不是长度：定长写 12，变长写 LL 19 或 LLL 999"),
            format!("`{text}` is no length: write `12`, or `LL 19` or `LLL 999` where a length stands in front"),
        );
        return None;
    };
    let most = match digits {
        None => FIXED_MAX,
        Some(digits) => (prefix.unwrap_or(NumberForm::Ascii).most(digits) as u32).min(LENGTH_MAX),
    };
    if max == 0 || max > most {
        complaints.add(
            row.span(LENGTH),
            format!("长度须在 1 与 {most} 之间，此处是 {max}"),
            format!("a length here is 1 to {most}, not {max}"),
        );
        return None;
    }
    let max = max as u16;
    Some(match digits {
        None => Length::Fixed { max },
        Some(digits) => Length::Variable { digits, max, prefix, counts },
    })
}

/// Do the cells of the row fit together?
fn agree(field: &Field, row: &GridRow<'_, '_>, complaints: &mut Complaints<'_>) -> bool {
    let class = word(CLASSES, field.class);
    if !written_so(field) {
        let encoding = word(ENCODINGS, field.encoding);
        let better = match field.class {
            Class::Bytes => "binary、hex",
            Class::Digits | Class::Track => "bcd、ascii",
            Class::SignedDigits => "ascii、bcd 9",
            Class::Alphanumeric | Class::Text => "ascii",
        };
        let finding = complaints
            .detail(
                row.span(ENCODING),
                format!("类型 {class} 不能用 {encoding} 编码"),
                format!("class `{class}` cannot be written as `{encoding}`"),
            )
            .help(format!("改用 {better}"), format!("write {}", better.replace('、', " or ")));
        complaints.push(finding);
        return false;
    }
    if !padded_so(field) {
        let padding = word(PADDINGS, field.padding);
        match field.length {
            Length::Variable { .. } => complaints.add(
                row.span(PADDING),
                format!("变长域不填充，不能写 {padding}"),
                format!("a field with a length in front is never filled up, so not `{padding}`"),
            ),
            Length::Fixed { .. } => complaints.add(
                row.span(PADDING),
                format!("类型 {class} 不能用 {padding} 填充"),
                format!("class `{class}` cannot be filled up with `{padding}`"),
            ),
        }
        return false;
    }
    if let Some((zh, en)) = wrong_content(field) {
        let holds = word(HOLDS, field.holds);
        complaints.add(row.span(HOLDING), format!("{holds} 须写成{zh}"), format!("`{holds}` has to be {en}"));
        return false;
    }
    if field.class == Class::Track && field.holds != Holds::Track {
        complaints.add(
            row.span(CLASS),
            "类型 z 的域装磁道，holds 须写 track，才会受保护",
            "class `z` is track data; `holds` must say `track`, so that it is protected",
        );
        return false;
    }
    true
}

fn written_so(field: &Field) -> bool {
    let (class, encoding) = (field.class, field.encoding);
    match encoding {
        // A sign, then whole bytes of digits: nothing says what would fill half a byte.
        Encoding::Bcd if class == Class::SignedDigits => {
            matches!(field.length, Length::Fixed { max } if max % 2 == 1)
        }
        Encoding::Bcd => encoding.can_write(class),
        Encoding::Ascii | Encoding::Ebcdic037 | Encoding::Ebcdic1047 => class != Class::Bytes,
        Encoding::Binary | Encoding::HexText => class == Class::Bytes,
    }
}

fn padded_so(field: &Field) -> bool {
    let class = field.class;
    let bcd = field.encoding == Encoding::Bcd;
    match (field.length, field.padding) {
        (_, Padding::None) => true,
        // Where the spare nibble of an odd count stands, and what is in it.
        (Length::Variable { .. }, Padding::ZerosLeft | Padding::FRight) => bcd,
        (Length::Variable { .. }, _) => false,
        (_, Padding::SpacesRight) => matches!(class, Class::Alphanumeric | Class::Text),
        (_, Padding::ZerosLeft) => class != Class::Track,
        (_, Padding::ZerosRight) => matches!(class, Class::Digits | Class::Bytes),
        (_, Padding::FRight) => bcd,
    }
}

/// What the field would have to be to hold what it says; `None` if it is.
fn wrong_content(field: &Field) -> Option<(&'static str, &'static str)> {
    let fixed = |class: bool, long: u16| class && field.length == Length::Fixed { max: long };
    let digits = field.class == Class::Digits;
    let text = matches!(field.class, Class::Alphanumeric | Class::Text);
    let bytes = field.class == Class::Bytes;
    let (good, zh, en) = match field.holds {
        Holds::Plain => (true, "", ""),
        Holds::Amount => (fixed(digits, 12), " n 12", "`n` 12"),
        Holds::Pan => {
            (digits || field.class == Class::Text, " n（扩展主账号为 ans）", "`n`, or `ans` for an extended number")
        }
        Holds::Track => {
            (matches!(field.class, Class::Track | Class::Text), " z（一磁道为 ans）", "`z`, or `ans` for track 1")
        }
        Holds::Expiry | Holds::Date => (fixed(digits, 4), " n 4", "`n` 4"),
        Holds::Stan | Holds::Time => (fixed(digits, 6), " n 6", "`n` 6"),
        Holds::Rrn => (text, " an 或 ans", "`an` or `ans`"),
        Holds::ResponseCode => (fixed(text, 2), " an 2", "`an` 2"),
        Holds::PinBlock => (fixed(bytes, 8), " b 8", "`b` 8"),
        Holds::Keys => (bytes, " b", "`b`"),
        Holds::ChipData => (bytes || text, " b（文本接口为 ans）", "`b`, or `ans` where it is sent as text"),
        Holds::Mac => (fixed(bytes, 8), " b 8", "`b` 8"),
    };
    (!good).then_some((zh, en))
}
