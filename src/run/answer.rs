//! Owned values lent to the machine as an answer.

use crate::language::vm::value::{Answer, Value};
use crate::script_error::fill;
use crate::world::port::failure::Failure;
use bumpalo::Bump;

/// What the world says to one request.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// A value, or nothing.
    Value(Value),
    /// A failure.
    Failed(Failure),
}

impl Said {
    /// Lends the answer to `take`; whatever has to lie somewhere lies in `bump` meanwhile.
    pub fn lend<R>(&self, bump: &Bump, take: impl FnOnce(Answer<'_>) -> R) -> R {
        match self {
            Said::Value(value) => take(lend(value, bump)),
            Said::Failed(failure) => {
                let facts: Vec<(&str, &str, &str)> = failure
                    .facts
                    .iter()
                    .map(|(name, fact)| {
                        let said = fill::said(fact);
                        (*name, &*bump.alloc_str(&said.zh), &*bump.alloc_str(&said.en))
                    })
                    .collect();
                take(Answer::Failed { code: failure.code.0, facts: &facts })
            }
        }
    }
}

/// A value as the machine takes it. Depth is that of the value's type, which is finite.
pub fn lend<'a>(value: &'a Value, bump: &'a Bump) -> Answer<'a> {
    match value {
        Value::Nothing => Answer::Nothing,
        Value::None => Answer::None,
        Value::Bool(truth) => Answer::Word(u64::from(*truth)),
        Value::Int(number) => Answer::Word(*number as u64),
        Value::Amount(amount) => Answer::Amount(*amount),
        Value::Text(text) => Answer::Text(text.as_bytes()),
        Value::Bytes(bytes) => Answer::Text(bytes),
        Value::Code(code) => Answer::Word(code.to_bits()),
        Value::Mti(mti) => Answer::Word(u64::from(mti.0)),
        Value::Sealed { number, masked, sound } => Answer::Sealed { number: *number, masked, sound: *sound },
        Value::List(members) => {
            Answer::List(bump.alloc_slice_fill_iter(members.iter().map(|member| lend(member, bump))))
        }
        Value::Record(fields) => {
            Answer::Record(bump.alloc_slice_fill_iter(fields.iter().map(|field| lend(field, bump))))
        }
        Value::Variant { tag, payload } => {
            Answer::Variant { tag: *tag, payload: payload.as_deref().map(|payload| &*bump.alloc(lend(payload, bump))) }
        }
        Value::Message { mti, fields } => Answer::Message {
            mti: *mti,
            fields: bump.alloc_slice_fill_iter(fields.iter().map(|(number, field)| (*number, lend(field, bump)))),
        },
        Value::Phrase { zh, en } => {
            Answer::Record(bump.alloc_slice_copy(&[Answer::Text(zh.as_bytes()), Answer::Text(en.as_bytes())]))
        }
        // Slips and errors are made by scripts; the world has none to give.
        Value::Receipt(_) | Value::Error { .. } => Answer::None,
    }
}
