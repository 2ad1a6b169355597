//! The words that a dialect's cells and clauses may hold, each with the value it stands for.

use crate::payment::iso8583::dialect::{BitmapForm, HeaderHolds, WireForm};
use crate::payment::iso8583::field::{Class, Encoding, Holds, Padding};
use crate::payment::iso8583::number::NumberForm;

/// `form`.
pub(super) const FORMS: &[(&str, WireForm)] =
    &[("bcd", WireForm::BCD), ("ascii", WireForm::ASCII), ("ebcdic", WireForm::EBCDIC)];

/// How numbers are written: `mti` (all but binary), `lengths`, the length in front of a frame or a field.
pub(super) const NUMBERS: &[(&str, NumberForm)] = &[
    ("bcd", NumberForm::Bcd),
    ("ascii", NumberForm::Ascii),
    ("ebcdic", NumberForm::Ebcdic),
    ("binary", NumberForm::Binary),
];

/// How bitmaps are written.
pub(super) const BITMAPS: &[(&str, BitmapForm)] =
    &[("binary", BitmapForm::Binary), ("hex", BitmapForm::Hex), ("ebcdic_hex", BitmapForm::EbcdicHex)];

/// What a part of the header is for; an empty cell is `plain`.
pub(super) const HEADER_HOLDS: &[(&str, HeaderHolds)] = &[
    ("plain", HeaderHolds::Plain),
    ("host_command", HeaderHolds::HostCommand),
    ("message_length", HeaderHolds::MessageLength),
    ("target", HeaderHolds::Target),
    ("source", HeaderHolds::Source),
];

/// Column `class`, in the letters of the standard.
pub(super) const CLASSES: &[(&str, Class)] = &[
    ("n", Class::Digits),
    ("an", Class::Alphanumeric),
    ("ans", Class::Text),
    ("b", Class::Bytes),
    ("z", Class::Track),
    ("x+n", Class::SignedDigits),
];

/// Column `encoding`.
pub(super) const ENCODINGS: &[(&str, Encoding)] = &[
    ("ascii", Encoding::Ascii),
    ("bcd", Encoding::Bcd),
    ("binary", Encoding::Binary),
    ("hex", Encoding::HexText),
    ("ebcdic", Encoding::Ebcdic037),
    ("ebcdic_1047", Encoding::Ebcdic1047),
];

/// Column `padding`; an empty cell is `none`.
pub(super) const PADDINGS: &[(&str, Padding)] = &[
    ("none", Padding::None),
    ("zeros_left", Padding::ZerosLeft),
    ("zeros_right", Padding::ZerosRight),
    ("spaces_right", Padding::SpacesRight),
    ("f_right", Padding::FRight),
];

/// Column `holds`; an empty cell is `plain`.
pub(super) const HOLDS: &[(&str, Holds)] = &[
    ("plain", Holds::Plain),
    ("amount", Holds::Amount),
    ("pan", Holds::Pan),
    ("track", Holds::Track),
    ("expiry", Holds::Expiry),
    ("stan", Holds::Stan),
    ("rrn", Holds::Rrn),
    ("response_code", Holds::ResponseCode),
    ("pin_block", Holds::PinBlock),
    ("keys", Holds::Keys),
    ("chip_data", Holds::ChipData),
    ("mac", Holds::Mac),
    ("time", Holds::Time),
    ("date", Holds::Date),
];

/// The value a word stands for.
pub(super) fn meaning<T: Copy>(words: &[(&str, T)], word: &str) -> Option<T> {
    words.iter().find(|(known, _)| *known == word).map(|(_, value)| *value)
}

/// The word for a value.
pub(super) fn word<T: Copy + PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words.iter().find(|(_, known)| *known == value).map_or("", |(word, _)| word)
}
