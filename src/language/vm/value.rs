//! Values as they cross the machine's border: borrowed going in, owned where they are kept (traces, tests, arguments).

use crate::payment::amount::Amount;
use crate::payment::iso8583::dialect::Mti;
use crate::payment::iso8583::response::ResponseCode;
use serde::{Deserialize, Serialize};

/// An owned value. Card data are never in it: a sealed value is its number in the vault and its masked form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Value {
    /// No value.
    Nothing,
    /// `none`.
    None,
    /// A truth.
    Bool(bool),
    /// A whole number, also Percent (hundredths of a percent), Duration and Time (milliseconds).
    Int(i64),
    /// Money.
    Amount(Amount),
    /// Characters, also Digits, Kcv, Expiry.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Field 39.
    Code(ResponseCode),
    /// A message type.
    Mti(Mti),
    /// Card data.
    Sealed {
        /// Number in the vault of the session.
        number: u32,
        /// What may be shown.
        masked: String,
        /// False for a card number whose check digit is wrong.
        sound: bool,
    },
    /// Members.
    List(Vec<Value>),
    /// Fields in the order of the record's type.
    Record(Vec<Value>),
    /// A variant.
    Variant {
        /// Its tag.
        tag: u8,
        /// Its value.
        payload: Option<Box<Value>>,
    },
    /// A message or a reply: fields ascending.
    Message {
        /// The message type.
        mti: Mti,
        /// Number and value.
        fields: Vec<(u8, Value)>,
    },
    /// A sentence in both languages.
    Phrase {
        /// Chinese.
        zh: String,
        /// English.
        en: String,
    },
    /// A slip.
    Receipt(Vec<ReceiptValue>),
    /// An error value.
    Error {
        /// `T5101` or `E4102`.
        code: String,
        /// Facts in the order of the error's row.
        facts: Vec<String>,
    },
}

/// One line of a slip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptValue {
    /// 0 centre, 1 line, 2 row, 3 rule, 4 space.
    pub form: u8,
    /// The words in Chinese.
    pub zh: String,
    /// The words in English.
    pub en: String,
    /// The value on the right of a row.
    pub value: String,
}

/// An answer to a request, borrowed from whoever answers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer<'a> {
    /// Done; no value.
    Nothing,
    /// `none`.
    None,
    /// A word: Bool, Int, Percent, Duration, Time, ResponseCode (`to_bits`), Mti.
    Word(u64),
    /// Money.
    Amount(Amount),
    /// Text or bytes.
    Text(&'a [u8]),
    /// Card data in the vault.
    Sealed {
        /// Its number there.
        number: u32,
        /// What may be shown.
        masked: &'a str,
        /// True unless it is a card number whose check digit is wrong: the run never sees the digits.
        sound: bool,
    },
    /// Members.
    List(&'a [Answer<'a>]),
    /// Fields in the order of the record's type.
    Record(&'a [Answer<'a>]),
    /// A variant.
    Variant {
        /// Its tag.
        tag: u8,
        /// Its value.
        payload: Option<&'a Answer<'a>>,
    },
    /// A message: fields ascending.
    Message {
        /// The message type.
        mti: Mti,
        /// Number and value.
        fields: &'a [(u8, Answer<'a>)],
    },
    /// The device or the host link failed.
    Failed {
        /// A code of the catalogue.
        code: &'a str,
        /// Facts: name, Chinese, English.
        facts: &'a [(&'a str, &'a str, &'a str)],
    },
}
