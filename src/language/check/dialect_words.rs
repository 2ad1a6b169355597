//! The words that a dialect's cells and clauses may hold, each with the value it stands for.

use crate::payment::iso8583::dialect::WireForm;
use crate::payment::iso8583::field::{Class, Encoding, Holds, Padding};

/// `form`.
pub(super) const FORMS: &[(&str, WireForm)] = &[("bcd", WireForm::Bcd), ("ascii", WireForm::Ascii)];

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
pub(super) const ENCODINGS: &[(&str, Encoding)] =
    &[("ascii", Encoding::Ascii), ("bcd", Encoding::Bcd), ("binary", Encoding::Binary), ("hex", Encoding::HexText)];

/// Column `padding`; an empty cell is `none`.
pub(super) const PADDINGS: &[(&str, Padding)] = &[
    ("none", Padding::None),
    ("zeros_left", Padding::ZerosLeft),
    ("zeros_right", Padding::ZerosRight),
    ("spaces_right", Padding::SpacesRight),
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
