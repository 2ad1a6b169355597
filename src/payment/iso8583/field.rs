//! One field of a dialect: what it holds, how it is written, how long it may be.

use crate::payment::iso8583::layout::Layout;
use crate::payment::iso8583::number::NumberForm;
use serde::{Deserialize, Serialize};

/// Which characters a field may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Class {
    /// Digits only (`n`).
    Digits,
    /// Letters and digits (`an`).
    Alphanumeric,
    /// Letters, digits and signs (`ans`).
    Text,
    /// Bytes (`b`).
    Bytes,
    /// Track data: digits, `=` and `D` (`z`).
    Track,
    /// A sign `C` or `D`, then digits (`x+n`).
    SignedDigits,
}

impl Class {
    /// May this character stand at this place, counted from 0?
    ///
    /// `Text` takes every byte: hosts send names in GBK, and a reply must not be lost for a broken character.
    /// `Alphanumeric` takes the space, which hosts put on either side of short values.
    pub fn allows(self, place: usize, character: u8) -> bool {
        match self {
            Class::Digits => character.is_ascii_digit(),
            Class::Alphanumeric => character.is_ascii_alphanumeric() || character == b' ',
            Class::Text | Class::Bytes => true,
            Class::Track => character.is_ascii_digit() || matches!(character, b'=' | b'D'),
            Class::SignedDigits if place == 0 => matches!(character, b'C' | b'D'),
            Class::SignedDigits => character.is_ascii_digit(),
        }
    }
}

/// How the characters of a field are written on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Encoding {
    /// One byte a character.
    Ascii,
    /// Two digits a byte.
    Bcd,
    /// The bytes themselves.
    Binary,
    /// Two hexadecimal characters a byte.
    HexText,
    /// One byte a character, code page 037.
    Ebcdic037,
    /// One byte a character, code page 1047.
    Ebcdic1047,
}

impl Encoding {
    /// Can characters of this class be written so? BCD has nibbles for digits and for the separator of tracks only; the sign
    /// in front of digits is a character of its own.
    pub fn can_write(self, class: Class) -> bool {
        self != Encoding::Bcd || matches!(class, Class::Digits | Class::Track | Class::SignedDigits)
    }

    /// How many bytes on the wire so many digits, characters or bytes take.
    pub fn width(self, units: usize) -> usize {
        match self {
            Encoding::Ascii | Encoding::Binary | Encoding::Ebcdic037 | Encoding::Ebcdic1047 => units,
            Encoding::Bcd => units.div_ceil(2),
            Encoding::HexText => units.saturating_mul(2),
        }
    }

    /// How many digits, characters or bytes fit so many bytes on the wire.
    pub fn units(self, width: usize) -> usize {
        match self {
            Encoding::Ascii | Encoding::Binary | Encoding::Ebcdic037 | Encoding::Ebcdic1047 => width,
            Encoding::Bcd => width.saturating_mul(2),
            Encoding::HexText => width / 2,
        }
    }
}

/// What a length in front of a field counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Counts {
    /// Digits, characters or bytes, as the field's class counts.
    #[default]
    Units,
    /// Bytes on the wire.
    Bytes,
}

/// How the length of a field is known. `max` counts digits or characters; for `Bytes` it counts bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Length {
    /// Always `max` long.
    Fixed {
        /// How long.
        max: u16,
    },
    /// A length of `digits` digits stands in front.
    Variable {
        /// 2 for LL, 3 for LLL, 4 for LLLL.
        digits: u8,
        /// The longest value allowed.
        max: u16,
        /// How the length is written; `None`: as the dialect's form says.
        prefix: Option<NumberForm>,
        /// What it counts.
        counts: Counts,
    },
}

impl Length {
    /// A length of so many digits in front, written as the dialect's form says.
    pub fn variable(digits: u8, max: u16) -> Length {
        Length::Variable { digits, max, prefix: None, counts: Counts::Units }
    }

    /// The longest value allowed.
    pub fn max(self) -> u16 {
        match self {
            Length::Fixed { max } | Length::Variable { max, .. } => max,
        }
    }
}

/// What fills a value that is shorter than its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Padding {
    /// Nothing: the value must fit exactly. An odd count of BCD digits still gets a zero nibble on the right.
    None,
    /// Zeros in front (numbers, field 23); in a variable BCD field, a zero nibble in front of an odd count.
    ZerosLeft,
    /// Zeros behind (field 22 in BCD).
    ZerosRight,
    /// Spaces behind (terminal and merchant numbers).
    SpacesRight,
    /// The nibble F behind an odd count of BCD digits.
    FRight,
}

/// What a field holds, as the language sees it; decides which types a script may put in and gets out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Holds {
    /// Digits or text, by its class.
    Plain,
    /// Money in minor units of the message's currency (field 4).
    Amount,
    /// A card number.
    Pan,
    /// Track data.
    Track,
    /// A card's expiry, YYMM.
    Expiry,
    /// A trace number.
    Stan,
    /// A retrieval reference number.
    Rrn,
    /// A response code.
    ResponseCode,
    /// An encrypted PIN block.
    PinBlock,
    /// Work keys under the master key.
    Keys,
    /// Chip data, BER-TLV: tags 57 and 5A in it are card data.
    ChipData,
    /// A message authentication code; written by the security module, never by a script.
    Mac,
    /// hhmmss.
    Time,
    /// MMDD.
    Date,
}

impl Holds {
    /// True for what must never be shown, logged or stored in the clear.
    pub fn is_sensitive(self) -> bool {
        matches!(self, Holds::Pan | Holds::Track | Holds::PinBlock | Holds::Keys | Holds::ChipData)
    }
}

/// One field of a dialect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// 2 to 192.
    pub number: u8,
    /// A short name such as `amount`.
    pub name: String,
    /// Name in Chinese.
    pub zh: String,
    /// Name in English.
    pub en: String,
    /// What it holds for a script.
    pub holds: Holds,
    /// Which characters it may hold.
    pub class: Class,
    /// How it is written.
    pub encoding: Encoding,
    /// How long it is.
    pub length: Length,
    /// What fills a short value.
    pub padding: Padding,
    /// What the content is made of, where the dialect says so: at most one for every message, and one for each request.
    pub layouts: Vec<Layout>,
}

impl Field {
    /// True if one of its parts must never be shown: then the whole of it is not shown in one piece either.
    pub fn has_secret_parts(&self) -> bool {
        let mut parts = self.layouts.iter().flat_map(|layout| &layout.parts);
        parts.any(|part| {
            part.field.holds.is_sensitive() || part.field.holds == Holds::Expiry || part.field.has_secret_parts()
        })
    }
}
