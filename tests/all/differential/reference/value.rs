//! The reference's own values: plain, owned, and as wide as it takes.

use std::rc::Rc;
use tillscript::language::types::Type;
use tillscript::language::vm::value::{ReceiptValue, Value as Border};
use tillscript::payment::amount::Amount;
use tillscript::payment::currency::Currency;
use tillscript::payment::iso8583::dialect::Mti;
use tillscript::payment::iso8583::response::ResponseCode;

/// A value.
#[derive(Clone, Debug)]
pub(in super::super) enum Value {
    /// What a flow without `->` gives.
    Nothing,
    /// `none`. What is there stands for itself.
    None,
    /// A truth.
    Truth(bool),
    /// Int, Percent, Duration, Time.
    Number(i128),
    /// Minor units, and the three letters of the currency.
    Money(i128, &'static str),
    /// Text, Digits, Expiry, Kcv.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// Field 39.
    Code(String),
    /// Four digits.
    Mti(u16),
    /// Card data: number in the vault, what may be shown, whether the check digit is right.
    Sealed(u32, String, bool),
    /// Members.
    List(Vec<Value>),
    /// Fields in the order declared.
    Record(Vec<Value>),
    /// Tag and what it carries.
    Variant(u8, Option<Box<Value>>),
    /// One message: a copy is the same message, one built alike is another.
    Message(Rc<Message>),
    /// Chinese and English.
    Phrase(String, String),
    /// Lines.
    Slip(Vec<ReceiptValue>),
    /// One error: a copy is the same error.
    Error(Rc<Fault>),
}

/// A message or a reply.
#[derive(Clone, Debug)]
pub(in super::super) struct Message {
    /// Its type.
    pub(super) mti: u16,
    /// Its fields, ascending.
    pub(super) fields: Vec<(u8, Value)>,
}

/// A function that was running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) struct Running {
    /// Its name.
    pub(in super::super) name: String,
    /// The last step it passed.
    pub(in super::super) step: Option<String>,
    /// File and bytes of what it was doing.
    pub(in super::super) place: (u16, u32, u32),
    /// Names and values that may be shown.
    pub(in super::super) shown: Vec<(String, String)>,
}

/// An error.
#[derive(Debug)]
pub(in super::super) struct Fault {
    /// `T5101` or `E4102`.
    pub(in super::super) code: String,
    /// Name, Chinese, English.
    pub(in super::super) facts: Vec<(String, String, String)>,
    /// Where it was raised; empty as long as it was only built.
    pub(in super::super) raised: Raised,
    /// May a script handle it?
    pub(in super::super) handled: bool,
}

/// Where an error was raised, and what was being handled then.
#[derive(Clone, Debug, Default)]
pub(in super::super) struct Raised {
    pub(in super::super) frames: Vec<Running>,
    pub(in super::super) cause: Option<Rc<Fault>>,
}

/// The currencies that generated programs use: letters, number, decimals.
pub(in super::super) const CURRENCIES: [(&str, u16, u32); 5] =
    [("CNY", 156, 2), ("JPY", 392, 0), ("KWD", 414, 3), ("USD", 840, 2), ("EUR", 978, 2)];

/// Number and decimals of a currency.
pub(super) fn currency(letters: &str) -> (u16, u32) {
    let row = CURRENCIES.iter().find(|row| row.0 == letters).expect("a currency of the table");
    (row.1, row.2)
}

fn letters_of(number: u16) -> &'static str {
    CURRENCIES.iter().find(|row| row.1 == number).expect("a currency of the table").0
}

impl Value {
    /// The value as it crosses the border to the world.
    pub(in super::super) fn to_border(&self) -> Border {
        match self {
            Value::Nothing => Border::Nothing,
            Value::None => Border::None,
            Value::Truth(truth) => Border::Bool(*truth),
            Value::Number(number) => Border::Int(i64::try_from(*number).expect("a checked number")),
            Value::Money(minor, letters) => Border::Amount(Amount::new(
                i64::try_from(*minor).expect("a checked amount"),
                Currency::from_numeric(currency(letters).0).expect("a currency"),
            )),
            Value::Text(text) => Border::Text(text.clone()),
            Value::Bytes(bytes) => Border::Bytes(bytes.clone()),
            Value::Code(code) => Border::Code(ResponseCode::parse(code).expect("a response code")),
            Value::Mti(mti) => Border::Mti(Mti(*mti)),
            Value::Sealed(number, masked, sound) => {
                Border::Sealed { number: *number, masked: masked.clone(), sound: *sound }
            }
            Value::List(members) => Border::List(members.iter().map(Value::to_border).collect()),
            Value::Record(fields) => Border::Record(fields.iter().map(Value::to_border).collect()),
            Value::Variant(tag, carried) => {
                Border::Variant { tag: *tag, payload: carried.as_ref().map(|carried| Box::new(carried.to_border())) }
            }
            Value::Message(message) => Border::Message {
                mti: Mti(message.mti),
                fields: message.fields.iter().map(|(number, value)| (*number, value.to_border())).collect(),
            },
            Value::Phrase(zh, en) => Border::Phrase { zh: zh.clone(), en: en.clone() },
            Value::Slip(lines) => Border::Receipt(lines.clone()),
            Value::Error(fault) => Border::Error {
                code: fault.code.clone(),
                facts: fault.facts.iter().map(|(_, _, en)| en.clone()).collect(),
            },
        }
    }

    /// What the world said, read as a value of a type.
    pub(in super::super) fn from_border(border: &Border) -> Value {
        match border {
            Border::Nothing => Value::Nothing,
            Border::None => Value::None,
            Border::Bool(truth) => Value::Truth(*truth),
            Border::Int(number) => Value::Number(i128::from(*number)),
            Border::Amount(amount) => Value::Money(i128::from(amount.minor), letters_of(amount.currency.numeric())),
            Border::Text(text) => Value::Text(text.clone()),
            Border::Bytes(bytes) => Value::Bytes(bytes.clone()),
            Border::Code(code) => Value::Code(code.to_string()),
            Border::Mti(mti) => Value::Mti(mti.0),
            Border::Sealed { number, masked, sound } => Value::Sealed(*number, masked.clone(), *sound),
            Border::List(members) => Value::List(members.iter().map(Value::from_border).collect()),
            Border::Record(fields) => Value::Record(fields.iter().map(Value::from_border).collect()),
            Border::Variant { tag, payload } => {
                Value::Variant(*tag, payload.as_ref().map(|carried| Box::new(Value::from_border(carried))))
            }
            Border::Message { mti, fields } => Value::Message(Rc::new(Message {
                mti: mti.0,
                fields: fields.iter().map(|(number, value)| (*number, Value::from_border(value))).collect(),
            })),
            Border::Phrase { zh, en } => Value::Phrase(zh.clone(), en.clone()),
            Border::Receipt(lines) => Value::Slip(lines.clone()),
            Border::Error { .. } => unreachable!("the world makes no error values"),
        }
    }

    /// Its truth.
    pub(super) fn truth(&self) -> bool {
        match self {
            Value::Truth(truth) => *truth,
            other => unreachable!("a checked condition is a truth: {other:?}"),
        }
    }

    /// Its number.
    pub(super) fn number(&self) -> i128 {
        match self {
            Value::Number(number) => *number,
            other => unreachable!("a number was checked: {other:?}"),
        }
    }

    /// Its characters.
    pub(super) fn text(&self) -> &str {
        match self {
            Value::Text(text) => text,
            other => unreachable!("a text was checked: {other:?}"),
        }
    }
}

/// Are two values of one type equal, part by part?
pub(super) fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Nothing, Value::Nothing) | (Value::None, Value::None) => true,
        (Value::Truth(one), Value::Truth(other)) => one == other,
        (Value::Number(one), Value::Number(other)) => one == other,
        (Value::Money(one, its), Value::Money(other, others)) => one == other && its == others,
        (Value::Text(one), Value::Text(other)) | (Value::Code(one), Value::Code(other)) => one == other,
        (Value::Bytes(one), Value::Bytes(other)) => one == other,
        (Value::Mti(one), Value::Mti(other)) => one == other,
        (Value::Sealed(one, ..), Value::Sealed(other, ..)) => one == other,
        (Value::List(one), Value::List(other)) | (Value::Record(one), Value::Record(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Variant(tag, carried), Value::Variant(other, others)) => {
            tag == other
                && match (carried, others) {
                    (Some(one), Some(other)) => same(one, other),
                    _ => true,
                }
        }
        (Value::Message(one), Value::Message(other)) => {
            one.mti == other.mti
                && one.fields.len() == other.fields.len()
                && one.fields.iter().zip(&other.fields).all(|(one, other)| one.0 == other.0 && same(&one.1, &other.1))
        }
        (Value::Phrase(zh, en), Value::Phrase(other_zh, other_en)) => zh == other_zh && en == other_en,
        (Value::Slip(one), Value::Slip(other)) => one == other,
        (Value::Error(one), Value::Error(other)) => one.code == other.code && one.facts == other.facts,
        _ => false,
    }
}

/// True for a type of card data.
pub(super) fn is_card_data(ty: &Type) -> bool {
    match ty {
        Type::List(of) | Type::Optional(of) => is_card_data(of),
        other => {
            matches!(other, Type::Pan | Type::Track | Type::PinBlock | Type::Keys | Type::Cryptogram | Type::ChipData)
        }
    }
}
