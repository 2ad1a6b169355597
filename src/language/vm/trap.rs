//! Why an instruction could not do what it says, and which script error that is.

use super::limits::Limits;
use crate::payment::currency::Currency;
use crate::script_error::catalogue::{internal, limits, network};
use crate::script_error::code::Code;
use crate::script_error::words::{Said, Words};

/// Why an instruction could not do what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trap {
    /// More instructions than are granted for one piece of work.
    TooMuchWork,
    /// The heap is full.
    HeapFull,
    /// A text is too long.
    TextTooLong,
    /// A list is too long.
    ListTooLong,
    /// Too many functions call one another.
    TooDeep,
    /// The result does not fit; which operation.
    Overflow(&'static str),
    /// The divisor is zero.
    DivisionByZero,
    /// The numbers of two currencies.
    CurrencyMismatch(Currency, Currency),
    /// An index and the length of the list.
    IndexOutside(i64, u32),
    /// How many digits there should have been.
    NotDigits(i64),
    /// The message lacks a field that must be there.
    FieldMissing(u8),
    /// A reversal was dropped that could be needed.
    DiscardUnsafe,
    /// `reversible` was misused.
    ReversibleMisused(Words),
    /// What a checked program never does.
    Defect(&'static str),
}

impl Trap {
    /// The code and its facts.
    pub fn error(self, limits_of_run: &Limits) -> (Code, Vec<(&'static str, Said)>) {
        let same = |words: String| Said::new(words.clone(), words);
        let limit = |value: u32| vec![("limit", same(value.to_string()))];
        match self {
            Trap::TooMuchWork => (limits::OUT_OF_INSTRUCTIONS, limit(WORK_MAX)),
            Trap::HeapFull => (limits::HEAP_FULL, limit(limits_of_run.heap_bytes)),
            Trap::TextTooLong => (limits::TEXT_TOO_LONG, limit(limits_of_run.text_bytes)),
            Trap::ListTooLong => (limits::LIST_TOO_LONG, limit(limits_of_run.list_members)),
            Trap::TooDeep => (limits::CALLS_TOO_DEEP, limit(limits_of_run.depth.into())),
            Trap::Overflow(operation) => {
                (limits::OVERFLOW, vec![("operation", same(operation.to_string()))])
            }
            Trap::DivisionByZero => (limits::DIVISION_BY_ZERO, Vec::new()),
            Trap::CurrencyMismatch(left, right) => (
                limits::CURRENCY_MISMATCH,
                vec![("left", same(left.to_string())), ("right", same(right.to_string()))],
            ),
            Trap::IndexOutside(index, length) => (
                limits::INDEX_OUTSIDE,
                vec![("index", same(index.to_string())), ("length", same(length.to_string()))],
            ),
            Trap::NotDigits(length) => (limits::NOT_DIGITS, vec![("length", same(length.to_string()))]),
            Trap::FieldMissing(field) => (
                network::REPLY_INCOMPLETE,
                vec![("field", same(format!("F{field}")))],
            ),
            Trap::DiscardUnsafe => (limits::DISCARD_UNSAFE, Vec::new()),
            Trap::ReversibleMisused(detail) => (
                limits::REVERSIBLE_MISUSED,
                vec![("detail", Said::from(detail))],
            ),
            Trap::Defect(detail) => (
                internal::INTERNAL_DEFECT,
                vec![("detail", same(detail.to_string()))],
            ),
        }
    }
}

/// The most parts that one comparison of two values looks at.
pub const WORK_MAX: u32 = 100_000;

/// May a script handle an error with this code? Not the limits of a run, nor our own defects: the run has to end.
pub fn can_be_handled(code: &str) -> bool {
    ![
        limits::OUT_OF_INSTRUCTIONS,
        limits::HEAP_FULL,
        limits::TEXT_TOO_LONG,
        limits::LIST_TOO_LONG,
        limits::CALLS_TOO_DEEP,
        internal::INTERNAL_DEFECT,
    ]
    .iter()
    .any(|never| never.0 == code)
}
