//! Bytes taken apart for a person: as far as they can be understood, and what stopped the reading.

use crate::payment::iso8583::bitmap::Bitmap;
use crate::payment::iso8583::decode_error::{DecodeError, DecodeProblem, Layer};
use crate::payment::iso8583::dialect::{Dialect, Mti};
use crate::payment::iso8583::field::{Field, Length};
use crate::payment::iso8583::frame::read_header;
use crate::payment::iso8583::layout::{Layout, LayoutKind, Parts};
use crate::payment::iso8583::message::{Message, Value};
use crate::payment::iso8583::reader::{Place, Reader};
use crate::payment::iso8583::row::Row;
use crate::payment::iso8583::view::value_of;
use std::ops::Range;

/// What the bytes begin with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begin {
    /// The length in front, as on the line.
    Frame,
    /// The TPDU; somebody has taken the length off.
    Tpdu,
    /// The header; length and TPDU are gone.
    Header,
    /// The message type.
    Body,
}

impl Begin {
    /// All of them, from the outside in.
    pub const ALL: [Begin; 4] = [Begin::Frame, Begin::Tpdu, Begin::Header, Begin::Body];

    /// The word on the command line and in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Begin::Frame => "frame",
            Begin::Tpdu => "tpdu",
            Begin::Header => "header",
            Begin::Body => "body",
        }
    }

    /// What a word stands for.
    pub fn parse(word: &str) -> Option<Begin> {
        Begin::ALL.into_iter().find(|begin| begin.word() == word)
    }
}

/// A field as far as it was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecodedField {
    /// Its number.
    pub number: u8,
    /// Where it is, with the length in front.
    pub at: Range<usize>,
    /// Where its value is.
    pub value_at: Range<usize>,
    /// What it holds. Card data is among it: show it only through `describe`.
    pub value: Value,
    /// What it is made of, where the dialect says so.
    pub parts: Option<Parts>,
}

/// What became of bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// What they begin with.
    pub begin: Begin,
    /// What the length in front says follows it, and how much does.
    pub length: Option<(usize, usize)>,
    /// The TPDU, or nothing.
    pub tpdu: Vec<u8>,
    /// The header, or nothing.
    pub header: Vec<u8>,
    /// What the host tells the terminal to do next; 0 for nothing.
    pub host_command: u8,
    /// Where the message type is.
    pub body_at: usize,
    /// The message type.
    pub mti: Option<Mti>,
    /// What the bitmap announces.
    pub present: Option<Bitmap>,
    /// The fields, ascending.
    pub fields: Vec<DecodedField>,
    /// What nobody understood.
    pub left: Range<usize>,
    /// What was wrong, in the order of the bytes. Offsets count from the first byte given.
    pub problems: Vec<DecodeError>,
    /// Parts of fields that are not as declared. The message as a whole can be read.
    pub part_problems: Vec<DecodeError>,
}

impl Decoded {
    /// Was all of it understood?
    pub fn is_ok(&self) -> bool {
        self.problems.is_empty()
    }

    /// The field with this number, if it was understood.
    pub fn field(&self, number: u8) -> Option<&DecodedField> {
        self.fields.iter().find(|field| field.number == number)
    }

    /// The text of a field.
    pub fn text(&self, number: u8) -> Option<&str> {
        self.field(number).and_then(|field| std::str::from_utf8(field.value.as_bytes()).ok())
    }

    /// What was understood, as a message.
    pub fn to_message(&self) -> Option<Message> {
        let mut message = Message::new(self.mti?);
        for field in &self.fields {
            message.set(field.number, &field.value);
        }
        Some(message)
    }
}

/// Takes bytes apart. `begin`: what they begin with; `None`: what they look like.
///
/// Never fails: what cannot be understood is named in `problems`, and all that can be is there.
pub fn decode(bytes: &[u8], dialect: &Dialect, begin: Option<Begin>) -> Decoded {
    let begin = begin.unwrap_or_else(|| looks_like(bytes, dialect));
    let mut decoded = Decoded {
        begin,
        length: None,
        tpdu: Vec::new(),
        header: Vec::new(),
        host_command: 0,
        body_at: 0,
        mti: None,
        present: None,
        fields: Vec::new(),
        left: bytes.len()..bytes.len(),
        problems: Vec::new(),
        part_problems: Vec::new(),
    };
    let mut end = bytes.len();
    let mut at = 0;
    if begin == Begin::Frame && dialect.framing.length_bytes > 0 {
        match read_length(bytes, dialect, &mut decoded) {
            Some((from, to)) => (at, end) = (from, to),
            None => {
                decoded.left = 0..bytes.len();
                return decoded;
            }
        }
    }
    let inside = bytes.get(..end).unwrap_or(bytes);
    let mut reader = Reader::new(inside);
    let _ = reader.take(at, Place::of(Layer::Frame));
    let stopped = read_front(&mut reader, dialect, &mut decoded).and_then(|()| {
        decoded.body_at = reader.offset();
        read_body(&mut reader, dialect, &mut decoded)
    });
    if let Err(error) = stopped {
        decoded.problems.push(error);
    }
    decoded.left = reader.offset()..bytes.len();
    decoded.problems.sort_by_key(|problem| problem.offset);
    decoded
}

/// Frame, TPDU, header or message, by what stands in the first bytes.
fn looks_like(bytes: &[u8], dialect: &Dialect) -> Begin {
    let framing = &dialect.framing;
    let width = framing.length_width();
    let codec = dialect.codec();
    let request_like = |from: usize| {
        let mut reader = Reader::new(bytes.get(from..).unwrap_or_default());
        codec.read_mti(&mut reader).is_ok_and(Mti::is_usual)
    };
    let kind = framing.tpdu.first();
    let behind_length = kind.is_none_or(|kind| bytes.get(width) == Some(kind));
    let front = framing.tpdu.len() + framing.header.len();
    if width + front == 0 {
        return Begin::Body;
    }
    if width > 0 && behind_length && (kind.is_some() || request_like(width + front)) && !request_like(0) {
        Begin::Frame
    } else if kind.is_some() && bytes.first() == kind && request_like(front) {
        Begin::Tpdu
    } else if !framing.header.is_empty() && !request_like(0) && request_like(framing.header.len()) {
        Begin::Header
    } else if request_like(0) {
        Begin::Body
    } else {
        Begin::Frame
    }
}

/// Where the inside of the frame begins and ends; `None`: not even the length can be read.
fn read_length(bytes: &[u8], dialect: &Dialect, decoded: &mut Decoded) -> Option<(usize, usize)> {
    let place = Place::of(Layer::Frame);
    let mut reader = Reader::new(bytes);
    let announced =
        reader.take(dialect.framing.length_width(), place).and_then(|length| dialect.framing.announced(length));
    let announced = match announced {
        Ok(announced) => announced,
        Err(error) => {
            decoded.problems.push(error);
            return None;
        }
    };
    let (at, found) = (reader.offset(), reader.rest().len());
    decoded.length = Some((announced, found));
    if found < announced {
        decoded.problems.push(place.error(DecodeProblem::Truncated, at, announced, found));
    } else if found > announced {
        decoded.problems.push(place.error(DecodeProblem::Trailing, at + announced, announced, found - announced));
    }
    Some((at, at + announced.min(found)))
}

/// TPDU and header, as far as the bytes begin with them.
fn read_front(reader: &mut Reader<'_>, dialect: &Dialect, decoded: &mut Decoded) -> Result<(), DecodeError> {
    let framing = &dialect.framing;
    if matches!(decoded.begin, Begin::Frame | Begin::Tpdu) {
        let place = Place::of(Layer::Frame);
        let offset = reader.offset();
        decoded.tpdu = reader.take(framing.tpdu.len(), place)?.to_vec();
        if decoded.tpdu.first() != framing.tpdu.first() {
            let width = framing.tpdu.len();
            decoded.problems.push(place.error(DecodeProblem::Foreign, offset, width, width));
        }
    }
    if decoded.begin != Begin::Body {
        let (header, command) = read_header(framing, reader)?;
        decoded.header = header.to_vec();
        decoded.host_command = command;
    }
    Ok(())
}

fn read_body(reader: &mut Reader<'_>, dialect: &Dialect, decoded: &mut Decoded) -> Result<(), DecodeError> {
    let codec = dialect.codec();
    let mti = codec.read_mti(reader)?;
    decoded.mti = Some(mti);
    let present = Bitmap::read(codec.form.bitmap, codec.third, reader)?;
    decoded.present = Some(present);
    let mut suspect = None;
    let suspected = |mut error: DecodeError, suspect| {
        error.suspect = suspect;
        error
    };
    for number in present.iter() {
        let place = Place::field(number);
        let begin = reader.offset();
        let (Some(row), Some(field)) = (codec.row(number), dialect.field(number)) else {
            let unknown = place.error(DecodeProblem::UnknownField, begin, 0, reader.rest().len());
            return Err(suspected(unknown, suspect));
        };
        let (span, raw) = row.measure(place, reader).map_err(|error| suspected(error, suspect))?;
        if let Err(error) = row.look(place, span, raw) {
            // Where the field ends is known all the same, so the rest can be read.
            decoded.problems.push(suspected(error, suspect));
        }
        let value = value_of(row, span, raw);
        let value_at = span.start as usize..span.end as usize;
        let parts = Layout::of(&field.layouts, mti).map(|layout| {
            let mut parts = layout.read(number, value.as_bytes());
            // Two digits share a byte, so the place is that of the byte.
            let in_bytes = |at: usize| value_at.start + row.encoding.width(at + 1).saturating_sub(1).min(raw.len());
            if let Some(error) = &mut parts.error {
                error.offset = in_bytes(error.offset);
                let tagged = matches!(layout.kind, LayoutKind::Tags { .. } | LayoutKind::Ber);
                if tagged { decoded.problems.push(*error) } else { decoded.part_problems.push(*error) }
            }
            for error in parts.inner_errors() {
                decoded.part_problems.push(DecodeError { offset: in_bytes(error.offset), ..*error });
            }
            parts
        });
        decoded.fields.push(DecodedField { number, at: begin..reader.offset(), value_at, value, parts });
        if matches!(field.length, Length::Variable { .. }) {
            suspect = Some(number);
        }
    }
    reader.end(Place::of(Layer::Field)).map_err(|error| suspected(error, suspect))
}

impl Mti {
    /// Does it look like a message type of ISO 8583? Version 0 to 2, a class and a function that exist.
    pub fn is_usual(self) -> bool {
        let digit = |power: u16| self.0 / power % 10;
        digit(1000) <= 2 && (1..=8).contains(&digit(100)) && digit(10) <= 4 && digit(1) <= 5
    }
}

/// The bytes of a field with another value of the same length in its place; `None` if they are not as many.
pub fn in_its_place(field: &Field, dialect: &Dialect, value: &[u8]) -> Option<Vec<u8>> {
    let mut written = Vec::with_capacity(2 * value.len() + 8);
    Row::new(field, dialect.form.lengths).write(field.number, value, &mut written).ok()?;
    Some(written)
}
