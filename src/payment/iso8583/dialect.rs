//! A dialect as a value: fields, framing, rules per message, MAC, reversal rules.
//!
//! Scripts declare it (`dialect cn_pos extends iso1987 { … }`); the language turns the declaration into this value.

use super::codec::{Codec, CodecCell};
use super::field::{Encoding, Field};
use super::number::NumberForm;
use super::response::ResponseCode;
use crate::payment::keys::mac::MacAlgorithm;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A message type such as 0200.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mti(pub u16);

impl Mti {
    /// Reads four digits.
    pub fn parse(text: &str) -> Option<Mti> {
        (text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit())).then(|| Mti(text.parse().unwrap_or(0)))
    }

    /// The reply's message type: 0200 is answered by 0210.
    pub fn reply(self) -> Mti {
        Mti(self.0.saturating_add(10))
    }
}

impl fmt::Display for Mti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}", self.0)
    }
}

impl fmt::Debug for Mti {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A set of field numbers 0 to 127 (128 is not needed by any rule).
#[derive(Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldSet(pub u128);

impl FieldSet {
    /// Puts a field in. Numbers past 127 are ignored.
    pub fn insert(&mut self, number: u8) {
        if number < 128 {
            self.0 |= 1 << number;
        }
    }

    /// Is the field in?
    pub fn contains(self, number: u8) -> bool {
        number < 128 && self.0 >> number & 1 == 1
    }

    /// Every number in the set, ascending.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let number = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            // 128 zeros: nothing is left.
            (number < 128).then_some(number as u8)
        })
    }
}

impl FromIterator<u8> for FieldSet {
    fn from_iter<I: IntoIterator<Item = u8>>(numbers: I) -> FieldSet {
        let mut set = FieldSet::default();
        for number in numbers {
            set.insert(number);
        }
        set
    }
}

impl fmt::Debug for FieldSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// How a bitmap is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BitmapForm {
    /// Eight bytes each.
    Binary,
    /// Sixteen hexadecimal characters in ASCII.
    Hex,
    /// Sixteen hexadecimal characters in EBCDIC.
    EbcdicHex,
}

/// How message type, bitmap and lengths are written: three choices that do not depend on one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WireForm {
    /// The message type; never `Binary`.
    pub mti: NumberForm,
    /// The bitmaps.
    pub bitmap: BitmapForm,
    /// The length in front of a field, where the field does not say otherwise.
    pub lengths: NumberForm,
}

impl WireForm {
    /// Message type and lengths in BCD, bitmap in bytes (the POS-to-centre interfaces of China).
    pub const BCD: WireForm = WireForm { mti: NumberForm::Bcd, bitmap: BitmapForm::Binary, lengths: NumberForm::Bcd };
    /// Message type and lengths in ASCII digits, bitmap in hexadecimal text (the 1987 ASCII profile).
    pub const ASCII: WireForm =
        WireForm { mti: NumberForm::Ascii, bitmap: BitmapForm::Hex, lengths: NumberForm::Ascii };
    /// Message type and lengths in EBCDIC digits, bitmap in bytes (networks that grew up on mainframes).
    pub const EBCDIC: WireForm =
        WireForm { mti: NumberForm::Ebcdic, bitmap: BitmapForm::Binary, lengths: NumberForm::Ebcdic };
}

/// What stands in front of the message on the line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Framing {
    /// Bytes of the length in front, 0, 2 or 4.
    pub length_bytes: u8,
    /// How the length is written.
    pub length_form: NumberForm,
    /// True if the length counts its own bytes too; false if only what follows it.
    pub length_inclusive: bool,
    /// Five bytes, or empty: `60` + destination NII + source NII; a reply swaps the two.
    pub tpdu: Vec<u8>,
    /// The header behind the TPDU, or empty. Without parts, digit 6 of a six-byte header carries the host's command.
    pub header: Vec<u8>,
    /// What the header is made of, in order; empty if nothing is said.
    pub header_parts: Vec<HeaderPart>,
}

/// What a part of the header is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HeaderHolds {
    /// Nothing that anybody here acts on.
    Plain,
    /// What the host tells the terminal to do next: one digit.
    HostCommand,
    /// The length of header and message together.
    MessageLength,
    /// Where the message goes; a reply swaps it with the source.
    Target,
    /// Where the message comes from.
    Source,
}

/// One part of the header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderPart {
    /// A short name such as `host_command`.
    pub name: String,
    /// Name in Chinese.
    pub zh: String,
    /// Name in English.
    pub en: String,
    /// How it is written; parts in BCD follow one another nibble by nibble.
    pub encoding: Encoding,
    /// Digits, characters or bytes.
    pub length: u16,
    /// What it is for.
    pub holds: HeaderHolds,
}

/// Rules for one request and its reply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRule {
    /// The request's message type.
    pub mti: Mti,
    /// Holds only for requests whose field 3 begins so; `None` for every other request of this type.
    pub processing: Option<String>,
    /// A short name such as `sale`.
    pub name: String,
    /// Name in Chinese.
    pub zh: String,
    /// Name in English.
    pub en: String,
    /// Fields a request must have (field 64 excluded: the security module adds it).
    pub needed: FieldSet,
    /// Fields a request may have besides.
    pub optional: FieldSet,
    /// Fields a reply must have, when it is an acceptance.
    pub reply_needed: FieldSet,
    /// Fields that must come back unchanged if they come back; the match key among them must come back.
    pub echoed: FieldSet,
    /// Fields by which a reply is matched to its request; must be in the request and in the reply.
    pub match_key: FieldSet,
    /// True if money moves on an acceptance: must be sent inside `reversible`.
    pub moves_money: bool,
    /// True if request and accepted reply carry a MAC in field 64.
    pub mac: bool,
    /// How long a script should wait for the reply, in seconds.
    pub wait_s: u16,
}

/// What a reversal takes from its request, and which reason each exit carries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReversalRule {
    /// The reversal's message type, 0400.
    pub mti: Mti,
    /// Fields copied from the request.
    pub copied: FieldSet,
    /// Reason for any exit not named below (06).
    pub reason_default: ResponseCode,
    /// Reason when no reply came in time (98).
    pub reason_timeout: ResponseCode,
    /// Reason when the reply's MAC was wrong (A0).
    pub reason_mac: ResponseCode,
    /// Response codes that close a reversal (00, 12, 25).
    pub accepted: Vec<ResponseCode>,
}

/// A wire dialect, bases included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dialect {
    /// The name of the declaration.
    pub name: String,
    /// What it extends.
    pub base: Option<String>,
    /// How MTI, bitmap and lengths are written.
    pub form: WireForm,
    /// What stands in front of a message.
    pub framing: Framing,
    /// Sorted by number, no number twice.
    pub fields: Vec<Field>,
    /// In the order declared.
    pub messages: Vec<MessageRule>,
    /// Codes of field 39 that mean approved.
    pub approved: Vec<ResponseCode>,
    /// How a reversal is made; `None` where the dialect has no reversal.
    pub reversal: Option<ReversalRule>,
    /// How field 64 is computed: from the MTI to the end of the field before it.
    pub mac: Option<MacAlgorithm>,
    /// The table made of all this; see `codec`.
    #[serde(skip)]
    pub table: CodecCell,
}

/// How long a reversal waits where the dialect has no rule for its message.
const REVERSAL_WAIT_MS: i64 = 60_000;

impl Dialect {
    /// The table that messages are packed and unpacked by: made at the first call and kept. A clone starts anew.
    ///
    /// INVARIANT: fields and form do not change once the table has been asked for.
    pub fn codec(&self) -> &Codec {
        self.table.get_or_make(self)
    }

    /// The field with this number.
    pub fn field(&self, number: u8) -> Option<&Field> {
        self.fields.binary_search_by_key(&number, |field| field.number).ok().and_then(|at| self.fields.get(at))
    }

    /// The rule for a request: the one whose `processing` fits, else the one without.
    pub fn rule(&self, mti: Mti, processing: Option<&str>) -> Option<&MessageRule> {
        let of_type = || self.messages.iter().filter(move |rule| rule.mti == mti);
        of_type()
            .find(|rule| matches!((&rule.processing, processing), (Some(begins), Some(code)) if code.starts_with(begins.as_str())))
            .or_else(|| of_type().find(|rule| rule.processing.is_none()))
    }

    /// How long a reversal waits for its reply, in milliseconds: as the rule for its message says.
    pub fn reversal_wait_ms(&self) -> i64 {
        let rule = self.reversal.as_ref().and_then(|reversal| self.rule(reversal.mti, None));
        rule.map_or(REVERSAL_WAIT_MS, |rule| i64::from(rule.wait_s) * 1_000)
    }

    /// True if the code means approved in this dialect.
    pub fn approves(&self, code: ResponseCode) -> bool {
        self.approved.contains(&code)
    }
}
