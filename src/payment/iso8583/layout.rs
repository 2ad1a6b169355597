//! What a field is made of: parts in a row, parts announced by bits, or elements with a tag in front.

use crate::payment::emv::tag::{TAG_LONGEST, Tag};
use crate::payment::emv::tlv;
use crate::payment::hex;
use crate::payment::iso8583::decode_error::{DecodeError, DecodeProblem, Layer, PartKey};
use crate::payment::iso8583::dialect::{BitmapForm, Mti};
use crate::payment::iso8583::ebcdic;
use crate::payment::iso8583::field::{Field, Length};
use crate::payment::iso8583::message::Value;
use crate::payment::iso8583::number::NumberForm;
use crate::payment::iso8583::pack_error::{PackError, PartProblem};
use crate::payment::iso8583::reader::{Place, Reader};
use crate::payment::iso8583::row::{Row, Span};
use crate::payment::iso8583::view::value_of;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use zeroize::Zeroizing;

/// How the parts of a field are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LayoutKind {
    /// One behind the other. The field may end behind any part.
    Row,
    /// A bitmap in front says which parts are there: bit 1 stands for part 1.
    Bits {
        /// Bytes of the bitmap.
        bytes: u8,
        /// How it is written.
        form: BitmapForm,
    },
    /// Elements of a tag, a length and a value. Tags that are not declared are kept as they are.
    Tags {
        /// Characters of a tag.
        tag: u8,
        /// Digits of a length.
        digits: u8,
        /// How the length is written.
        form: NumberForm,
    },
    /// BER-TLV. Tags that are not declared are kept as they are.
    Ber,
}

/// What a field is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layout {
    /// Holds only for this request and its reply; `None`: for every other message.
    pub mti: Option<Mti>,
    /// How the parts are found.
    pub kind: LayoutKind,
    /// In the order declared.
    pub parts: Vec<Part>,
}

/// One part: how it is found, and what it is like. The number of its field is that of the field around it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its place, or its tag.
    pub key: PartKey,
    /// What it is like. Its own layouts, one at most, say what it is made of.
    pub field: Field,
}

/// A part that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartValue {
    /// Its place, or its tag.
    pub key: PartKey,
    /// Where it is in the content of the field, with what announces it.
    pub at: Range<usize>,
    /// Where its value begins, behind what announces it.
    pub start: usize,
    /// What it holds.
    pub value: Value,
    /// What it is made of itself, where the dialect says so.
    pub parts: Option<Parts>,
}

/// What was read of a field's parts, and what stopped the reading.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// As far as they were understood.
    pub values: Vec<PartValue>,
    /// Why it was no further. Offsets count in the content of the field.
    pub error: Option<DecodeError>,
}

impl Parts {
    /// What stopped the reading of parts that are made of parts. Offsets count in the content of the field.
    pub fn inner_errors(&self) -> impl Iterator<Item = &DecodeError> {
        self.values.iter().filter_map(|value| value.parts.as_ref()?.error.as_ref())
    }
}

/// Elements of a field that are looked at; more are an attack.
const ELEMENTS_MAX: usize = 512;

impl Layout {
    /// The part with this key, if it is declared.
    pub fn part(&self, key: PartKey) -> Option<&Part> {
        self.parts.iter().find(|part| part.key == key)
    }

    /// The layout that holds in a message of this type.
    pub fn of(layouts: &[Layout], mti: Mti) -> Option<&Layout> {
        let request = Mti(if mti.0 / 10 % 2 == 1 { mti.0 - 10 } else { mti.0 });
        let own = layouts.iter().find(|layout| layout.mti == Some(request));
        own.or_else(|| layouts.iter().find(|layout| layout.mti.is_none()))
    }

    /// Of BER-TLV the elements that are declared, as they are; `None` where the parts are others or the content is none.
    pub fn declared_of(&self, content: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        if self.kind != LayoutKind::Ber {
            return None;
        }
        let mut kept = Zeroizing::new(Vec::with_capacity(content.len()));
        let mut elements = tlv::elements(content);
        for (tag, value) in elements.by_ref() {
            let bytes = tag.number().to_be_bytes();
            let bytes = bytes.get(bytes.len() - tag.length()..).unwrap_or_default();
            if self.parts.iter().any(|part| part.key.tag() == bytes) {
                tlv::push(&mut kept, tag, value).ok()?;
            }
        }
        elements.is_whole().then_some(kept)
    }

    /// Takes the content of field `number` apart.
    pub fn read(&self, number: u8, content: &[u8]) -> Parts {
        let mut parts = Parts::default();
        let mut reader = Reader::new(content);
        if let Err(error) = self.read_into(Place::field(number), &mut reader, &mut parts.values) {
            parts.error = Some(error);
        }
        for found in &mut parts.values {
            let Some(part) = self.part(found.key) else { continue };
            let Some(layout) = part.field.layouts.first() else { continue };
            let mut inner = layout.read(number, found.value.as_bytes());
            if let Some(error) = &mut inner.error {
                (error.layer, error.inner, error.part) = (Layer::Part, error.part, Some(found.key));
                error.offset = found.start + part.field.encoding.width(error.offset + 1).saturating_sub(1);
            }
            found.parts = Some(inner);
        }
        parts
    }

    fn read_into(&self, place: Place, reader: &mut Reader<'_>, values: &mut Vec<PartValue>) -> Result<(), DecodeError> {
        match self.kind {
            LayoutKind::Row => {
                for part in &self.parts {
                    if reader.rest().is_empty() {
                        return Ok(());
                    }
                    values.push(declared(part, reader.offset(), place, reader)?);
                }
            }
            LayoutKind::Bits { bytes, form } => {
                let bits = bits(bytes, form, place.part(PartKey::Number(0)), reader)?;
                for number in bits {
                    let key = PartKey::Number(number);
                    let part = self.part(key).ok_or_else(|| {
                        place.part(key).error(DecodeProblem::UnknownField, reader.offset(), 0, reader.rest().len())
                    })?;
                    values.push(declared(part, reader.offset(), place, reader)?);
                }
            }
            LayoutKind::Tags { tag, digits, form } => {
                while !reader.rest().is_empty() && values.len() < ELEMENTS_MAX {
                    let begin = reader.offset();
                    let nowhere = place.part(PartKey::Number(values.len() as u8));
                    let tag = reader.take(usize::from(tag), nowhere)?;
                    let place = place.part(PartKey::text(tag).unwrap_or(PartKey::Number(values.len().min(255) as u8)));
                    let at = reader.offset();
                    let length = reader.take(form.width(digits), place)?;
                    let length =
                        form.read(length).map_err(|wrong| place.error(DecodeProblem::Digit, at + wrong, 1, 1))?;
                    values.push(self.element(place, begin, length, reader)?);
                }
            }
            LayoutKind::Ber => {
                while !reader.rest().is_empty() && values.len() < ELEMENTS_MAX {
                    // Zeros may stand between elements. ISO/IEC 7816-4, 5.2.2.1.
                    if reader.rest().first() == Some(&0) {
                        reader.take(1, place)?;
                        continue;
                    }
                    let begin = reader.offset();
                    let nowhere = place.part(PartKey::Number(values.len().min(255) as u8));
                    let tag = ber_tag(reader, nowhere)?;
                    let place = PartKey::ber(tag).map_or(nowhere, |key| place.part(key));
                    let length = ber_length(reader, place)?;
                    values.push(self.element(place, begin, length, reader)?);
                }
            }
        }
        match reader.rest().len() {
            0 => Ok(()),
            left => {
                let place = Place { layer: Layer::Part, ..place };
                Err(place.error(DecodeProblem::Trailing, reader.offset(), 0, left))
            }
        }
    }

    /// The value behind a tag and a length.
    fn element(
        &self,
        place: Place,
        begin: usize,
        length: usize,
        reader: &mut Reader<'_>,
    ) -> Result<PartValue, DecodeError> {
        let offset = reader.offset();
        let raw = reader.take(length, place)?;
        let key = place.part.unwrap_or(PartKey::Number(0));
        let at = begin..reader.offset();
        let Some(part) = self.part(key) else {
            return Ok(PartValue { key, at, start: offset, value: Value::from(raw), parts: None });
        };
        // A declared element is as long as its length says; what it is written in is declared.
        let row = Row::new(&part.field, NumberForm::Ascii);
        let units = row.encoding.units(length);
        // Half a byte more than an odd greatest length is its spare nibble.
        if units > row.encoding.units(row.encoding.width(usize::from(row.max))) {
            return Err(place.error(DecodeProblem::TooLong, offset, usize::from(row.max), units));
        }
        let units = units.min(usize::from(row.max));
        let span = Span { start: offset as u32, end: (offset + length) as u32, units: units as u32 };
        row.look(place, span, raw)?;
        Ok(PartValue { key, at, start: offset, value: value_of(&row, span, raw), parts: None })
    }

    /// Puts parts together to the content of field `number`: the reverse of `read`.
    pub fn write(&self, number: u8, parts: &[(PartKey, &[u8])]) -> Result<Zeroizing<Vec<u8>>, PackError> {
        let room: usize = parts.iter().map(|(_, value)| 2 * value.len() + 16).sum();
        let mut out = Zeroizing::new(Vec::with_capacity(room + 64));
        let wrong = |key, problem| PackError::Part { number, key, problem };
        let given = |key| parts.iter().find(|(known, _)| *known == key).map(|(_, value)| *value);
        let tagged = matches!(self.kind, LayoutKind::Tags { .. } | LayoutKind::Ber);
        if let Some((key, _)) = parts.iter().find(|(key, _)| !tagged && self.part(*key).is_none()) {
            return Err(wrong(*key, PartProblem::Unknown));
        }
        match self.kind {
            LayoutKind::Row => {
                let mut ended = None;
                for part in &self.parts {
                    match (given(part.key), ended) {
                        (Some(value), None) => write_part(part, number, value, &mut out)?,
                        (Some(_), Some(gap)) => return Err(wrong(gap, PartProblem::Missing)),
                        (None, _) => ended = ended.or(Some(part.key)),
                    }
                }
            }
            LayoutKind::Bits { bytes, form } => {
                let mut bits = vec![0_u8; usize::from(bytes)];
                for (key, _) in parts {
                    let PartKey::Number(bit) = *key else { return Err(wrong(*key, PartProblem::Unknown)) };
                    let at = usize::from(bit.wrapping_sub(1));
                    let byte = bits.get_mut(at / 8).ok_or(wrong(*key, PartProblem::Unknown))?;
                    *byte |= 0x80 >> (at % 8);
                }
                for byte in bits {
                    let digits = [hex::digit(byte >> 4), hex::digit(byte)];
                    match form {
                        BitmapForm::Binary => out.push(byte),
                        BitmapForm::Hex => out.extend(digits),
                        BitmapForm::EbcdicHex => out.extend(digits.map(|d| ebcdic::byte(ebcdic::Page::Cp037, d))),
                    }
                }
                let mut ordered: Vec<&Part> = self.parts.iter().collect();
                ordered.sort_by_key(|part| part.key);
                for part in ordered {
                    if let Some(value) = given(part.key) {
                        write_part(part, number, value, &mut out)?;
                    }
                }
            }
            LayoutKind::Tags { .. } | LayoutKind::Ber => {
                for (key, value) in parts {
                    let mut written = Zeroizing::new(Vec::with_capacity(2 * value.len() + 8));
                    match self.part(*key) {
                        Some(part) => {
                            // The length in front says how long it is, so nothing fills it.
                            let max = (value.len() as u16).min(part.field.length.max());
                            let field = Field { length: Length::Fixed { max }, ..part.field.clone() };
                            write_part(&Part { key: *key, field }, number, value, &mut written)?;
                        }
                        None => written.extend_from_slice(value),
                    }
                    self.head(*key, written.len(), &mut out).ok_or(wrong(*key, PartProblem::DoesNotFit))?;
                    out.extend_from_slice(&written);
                }
            }
        }
        Ok(out)
    }

    /// Tag and length.
    fn head(&self, key: PartKey, length: usize, out: &mut Vec<u8>) -> Option<()> {
        match (self.kind, key) {
            (LayoutKind::Tags { tag, digits, form }, PartKey::Text(..)) if key.tag().len() == usize::from(tag) => {
                out.extend_from_slice(key.tag());
                form.write(length, digits, out)
            }
            (LayoutKind::Ber, PartKey::Ber(..)) => {
                // A tag that ends too early or too late would be read as another one.
                let read = ber_tag(&mut Reader::new(key.tag()), Place::of(Layer::Part)).ok()?;
                if read != key.tag() || read.first() == Some(&0) {
                    return None;
                }
                out.extend_from_slice(key.tag());
                match length {
                    0..=0x7F => out.push(length as u8),
                    0x80..=0xFF => out.extend([0x81, length as u8]),
                    0x100..=0xFFFF => out.extend([0x82, (length >> 8) as u8, length as u8]),
                    _ => return None,
                }
                Some(())
            }
            _ => None,
        }
    }
}

fn declared(part: &Part, begin: usize, place: Place, reader: &mut Reader<'_>) -> Result<PartValue, DecodeError> {
    let row = Row::new(&part.field, NumberForm::Ascii);
    let place = place.part(part.key);
    let (span, raw) = row.measure(place, reader)?;
    row.look(place, span, raw)?;
    let (at, start) = (begin..reader.offset(), span.start as usize);
    Ok(PartValue { key: part.key, at, start, value: value_of(&row, span, raw), parts: None })
}

fn write_part(part: &Part, number: u8, value: &[u8], out: &mut Vec<u8>) -> Result<(), PackError> {
    Row::new(&part.field, NumberForm::Ascii).write(number, value, out).map_err(|_| PackError::Part {
        number,
        key: part.key,
        problem: PartProblem::DoesNotFit,
    })
}

/// The numbers of the bits that are set.
fn bits(bytes: u8, form: BitmapForm, place: Place, reader: &mut Reader<'_>) -> Result<Vec<u8>, DecodeError> {
    let offset = reader.offset();
    let raw = match form {
        BitmapForm::Binary => Zeroizing::new(reader.take(usize::from(bytes), place)?.to_vec()),
        BitmapForm::Hex | BitmapForm::EbcdicHex => {
            let digits: Vec<u8> = reader
                .take(2 * usize::from(bytes), place)?
                .iter()
                .map(|digit| match form {
                    BitmapForm::EbcdicHex => ebcdic::character(ebcdic::Page::Cp037, *digit),
                    _ => *digit,
                })
                .collect();
            hex::decode(&digits).ok_or_else(|| place.error(DecodeProblem::HexadecimalDigit, offset, 2, 2))?
        }
    };
    let set = |bit: &u8| raw.get(usize::from(bit - 1) / 8).is_some_and(|byte| byte & (0x80 >> ((bit - 1) % 8)) != 0);
    Ok((1..=bytes.saturating_mul(8)).filter(set).collect())
}

/// The bytes of a tag.
fn ber_tag<'a>(reader: &mut Reader<'a>, place: Place) -> Result<&'a [u8], DecodeError> {
    let rest = reader.rest();
    match Tag::read(rest) {
        Some((_, length)) => reader.take(length, place),
        None if rest.len() >= TAG_LONGEST => {
            Err(place.error(DecodeProblem::TooLong, reader.offset(), TAG_LONGEST, rest.len()))
        }
        None => Err(place.error(DecodeProblem::Truncated, reader.offset(), rest.len() + 1, rest.len())),
    }
}

/// ISO/IEC 8825-1, 8.1.3, definite form, two bytes of length at most.
fn ber_length(reader: &mut Reader<'_>, place: Place) -> Result<usize, DecodeError> {
    let offset = reader.offset();
    let first = reader.take(1, place)?.first().copied().unwrap_or(0);
    match first {
        0..=0x7F => Ok(usize::from(first)),
        0x81 | 0x82 => {
            let bytes = reader.take(usize::from(first & 0x0F), place)?;
            Ok(bytes.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
        }
        _ => Err(place.error(DecodeProblem::Unreadable, offset, 0, 0)),
    }
}
