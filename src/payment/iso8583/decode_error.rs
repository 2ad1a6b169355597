//! Where and why bytes are no message of a dialect.

use crate::payment::hex;
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// How far the reading had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The length and the TPDU.
    Frame,
    /// The header behind the TPDU.
    Header,
    /// The message type.
    MessageType,
    /// The bitmaps.
    Bitmap,
    /// A field.
    Field,
    /// A part of a field: a sub-field or a TLV element.
    Part,
}

impl Layer {
    /// The word for programs.
    pub fn word(self) -> &'static str {
        match self {
            Layer::Frame => "frame",
            Layer::Header => "header",
            Layer::MessageType => "message_type",
            Layer::Bitmap => "bitmap",
            Layer::Field => "field",
            Layer::Part => "part",
        }
    }
}

/// Which part of a field: its place, or the tag in front of it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PartKey {
    /// The place in a row of parts, or the bit that announces it.
    Number(u8),
    /// A tag of letters and digits.
    Text([u8; 4], u8),
    /// A BER tag.
    Ber([u8; 4], u8),
}

impl PartKey {
    /// A tag of one to four letters or digits.
    pub fn text(tag: &[u8]) -> Option<PartKey> {
        held(tag).map(|(bytes, length)| PartKey::Text(bytes, length))
    }

    /// A BER tag of one to four bytes.
    pub fn ber(tag: &[u8]) -> Option<PartKey> {
        held(tag).map(|(bytes, length)| PartKey::Ber(bytes, length))
    }

    /// The bytes of a tag; empty for a number.
    pub fn tag(&self) -> &[u8] {
        match self {
            PartKey::Number(_) => &[],
            PartKey::Text(bytes, length) | PartKey::Ber(bytes, length) => {
                bytes.get(..usize::from(*length)).unwrap_or_default()
            }
        }
    }
}

fn held(tag: &[u8]) -> Option<([u8; 4], u8)> {
    let mut bytes = [0; 4];
    bytes.get_mut(..tag.len()).filter(|place| !place.is_empty())?.copy_from_slice(tag);
    Some((bytes, tag.len() as u8))
}

impl fmt::Display for PartKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PartKey::Number(number) => write!(f, "{number}"),
            PartKey::Text(..) => f.write_str(&self.tag().escape_ascii().to_string()),
            PartKey::Ber(..) => f.write_str(&hex::encode(self.tag())),
        }
    }
}

impl fmt::Debug for PartKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeProblem {
    /// The bytes end before the place does.
    Truncated,
    /// The length counts its own bytes and is smaller than they are.
    TooShort,
    /// Bytes are left over behind the end.
    Trailing,
    /// A digit must stand here.
    Digit,
    /// A hexadecimal digit must stand here.
    HexadecimalDigit,
    /// The field's class does not have this character.
    Character,
    /// The length in front of the field is larger than the field may be.
    TooLong,
    /// The spare nibble of a field of odd length is not empty: the other side justifies it differently.
    SpareNibble,
    /// Hexadecimal characters come in pairs, and their count is odd.
    OddCount,
    /// The bitmap names a field that the dialect does not have.
    UnknownField,
    /// The TPDU or the header is of another kind than the dialect's.
    Foreign,
    /// The dialect asks for a way of writing that does not exist.
    Unreadable,
}

/// Where and why reading stopped. Never carries what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub struct DecodeError {
    /// How far the reading had come.
    pub layer: Layer,
    /// The field, if one was being read.
    pub field: Option<u8>,
    /// The part of the field, if one was being read.
    pub part: Option<PartKey>,
    /// The part of that part, if one was being read.
    pub inner: Option<PartKey>,
    /// The byte at which the place begins, counted from 0.
    pub offset: usize,
    /// How many bytes the place needs; for `TooLong`: how many digits, characters or bytes it may have at most.
    pub needed: usize,
    /// How many bytes there are; for `TooLong`: how many digits, characters or bytes were announced.
    pub available: usize,
    /// What was wrong.
    pub problem: DecodeProblem,
    /// The field in front, where its length may be what is really wrong: everything behind it would be read one place off.
    pub suspect: Option<u8>,
}

impl DecodeError {
    /// Where in the message: `F60.2`, `F55.9F26`, `F48.AS.2`, or the layer's word.
    pub fn path(&self) -> String {
        match (self.field, self.part) {
            (Some(field), Some(part)) => match self.inner {
                Some(inner) => format!("F{field}.{part}.{inner}"),
                None => format!("F{field}.{part}"),
            },
            (Some(field), None) => format!("F{field}"),
            (None, Some(part)) => format!("{}.{part}", self.layer.word()),
            (None, None) => self.layer.word().to_owned(),
        }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DecodeError { needed, available, .. } = self;
        match (self.layer, self.field) {
            (Layer::Field, Some(number)) => write!(f, "field {number}")?,
            (Layer::Frame, _) => f.write_str("the frame")?,
            (Layer::Header, _) => f.write_str("the header")?,
            (Layer::MessageType, _) => f.write_str("the message type")?,
            (Layer::Bitmap, _) => f.write_str("the bitmap")?,
            (Layer::Field, None) => f.write_str("the fields")?,
            (Layer::Part, _) => f.write_str(&self.path())?,
        }
        match self.problem {
            DecodeProblem::Truncated => write!(f, " needs {needed} bytes, {available} are there"),
            DecodeProblem::TooShort => write!(f, " announces {available} bytes, {needed} of which are its own"),
            DecodeProblem::Trailing if self.layer == Layer::Part => {
                write!(f, " has {available} more behind its last part")
            }
            DecodeProblem::Trailing if self.layer == Layer::Frame => {
                write!(f, " ends where {available} bytes more follow")
            }
            DecodeProblem::Trailing => write!(f, " end where {available} bytes more follow"),
            DecodeProblem::Digit => f.write_str(" has something else where a digit must stand"),
            DecodeProblem::HexadecimalDigit => f.write_str(" has something else where a hexadecimal digit must stand"),
            DecodeProblem::Character => f.write_str(" has a character of another class"),
            DecodeProblem::TooLong => write!(f, " announces a length of {available}, {needed} at most is allowed"),
            DecodeProblem::SpareNibble => f.write_str(" has a spare nibble that is not empty"),
            DecodeProblem::OddCount => f.write_str(" has an odd count of hexadecimal characters"),
            DecodeProblem::UnknownField => f.write_str(" is in the bitmap but not in the dialect"),
            DecodeProblem::Foreign => f.write_str(" is of another kind than the dialect's"),
            DecodeProblem::Unreadable => f.write_str(" is declared in a way that cannot be read"),
        }?;
        write!(f, " (at byte {})", self.offset)
    }
}
