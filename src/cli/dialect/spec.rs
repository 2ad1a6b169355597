//! A specification as other tools have it, before it is a dialect.

use crate::payment::iso8583::dialect::{BitmapForm, WireForm};
use crate::payment::iso8583::field::{Class, Counts, Encoding, Length, Padding};
use crate::payment::iso8583::number::NumberForm;
use crate::script_error::words::Said;

/// A specification.
#[derive(Clone, Debug)]
pub struct Spec {
    /// The name of the dialect that is made of it.
    pub name: String,
    /// Message type, bitmap, lengths.
    pub form: WireForm,
    /// Ascending, no number twice.
    pub fields: Vec<SpecField>,
    /// What has no way of writing here.
    pub left_out: Vec<Said>,
}

/// A field, or a part of one.
#[derive(Clone, Debug)]
pub struct SpecField {
    /// Its number; a part has its key.
    pub key: String,
    /// What the specification calls it.
    pub title: String,
    /// Which characters it may hold.
    pub class: Class,
    /// How it is written.
    pub encoding: Encoding,
    /// How long it is.
    pub length: Length,
    /// What fills it.
    pub padding: Padding,
    /// What it is made of: the words behind `parts`, and the parts.
    pub parts: Option<(String, Vec<SpecField>)>,
}

/// Fields a specification may have, parts included.
pub const FIELDS_MAX: usize = 1_000;

impl Default for Spec {
    fn default() -> Spec {
        Spec { name: "imported".into(), form: WireForm::ASCII, fields: Vec::new(), left_out: Vec::new() }
    }
}

/// A length in front, or none for 0 digits.
pub fn length(digits: u8, max: u16, prefix: NumberForm) -> Length {
    match digits {
        0 => Length::Fixed { max },
        digits => Length::Variable { digits, max, prefix: Some(prefix), counts: Counts::Units },
    }
}

/// The bitmap's form by the encoding of field 1.
pub fn bitmap(encoding: Encoding) -> BitmapForm {
    match encoding {
        Encoding::Ascii | Encoding::HexText => BitmapForm::Hex,
        Encoding::Ebcdic037 | Encoding::Ebcdic1047 => BitmapForm::EbcdicHex,
        Encoding::Bcd | Encoding::Binary => BitmapForm::Binary,
    }
}
