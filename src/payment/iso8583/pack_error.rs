//! Why a message cannot be written in its dialect.

use crate::payment::iso8583::decode_error::PartKey;
use thiserror::Error;

/// What is wrong with a part of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartProblem {
    /// The field has no such part.
    Unknown,
    /// A part behind it is there, and it is not.
    Missing,
    /// Its value does not fit.
    DoesNotFit,
}

/// Names the field and what is wrong with it, never what it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PackError {
    /// A message type has four digits.
    #[error("the message type has more than four digits")]
    MessageType,
    /// The dialect has no such field.
    #[error("the dialect has no field {number}")]
    UnknownField {
        /// The field.
        number: u8,
    },
    /// The value is longer than the field.
    #[error("field {number} holds at most {max}, not {found}")]
    TooLong {
        /// The field.
        number: u8,
        /// Digits, characters or bytes it holds.
        max: usize,
        /// Digits, characters or bytes given.
        found: usize,
    },
    /// The value is shorter than the field, and nothing may fill it.
    #[error("field {number} needs {needed}, not {found}")]
    TooShort {
        /// The field.
        number: u8,
        /// Digits, characters or bytes it needs.
        needed: usize,
        /// Digits, characters or bytes given.
        found: usize,
    },
    /// A character that the field's class does not have.
    #[error("the character at {place} cannot stand in field {number}")]
    Character {
        /// The field.
        number: u8,
        /// Counted from 0.
        place: usize,
    },
    /// The dialect asks for a way of writing that does not exist, such as text in BCD.
    #[error("the dialect asks for a way of writing field {number} that does not exist")]
    Unwritable {
        /// The field.
        number: u8,
    },
    /// A field behind the MAC would not be covered by it.
    #[error("field {number} stands behind the MAC, which does not cover it")]
    BehindMac {
        /// The field.
        number: u8,
    },
    /// A part of a field.
    #[error("part {key} of field {number} is unknown, missing or does not fit")]
    Part {
        /// The field.
        number: u8,
        /// The part.
        key: PartKey,
        /// What is wrong.
        problem: PartProblem,
    },
    /// More bytes than the length in front of a frame can count.
    #[error("a frame has at most {max} bytes, not {found}")]
    FrameTooLong {
        /// The most there can be.
        max: usize,
        /// How many there are.
        found: usize,
    },
    /// The host's command is one digit.
    #[error("the host's command in the header is one digit")]
    HostCommand,
}

impl PackError {
    /// The field it is about; `None` where it is the message as a whole.
    pub fn field(&self) -> Option<u8> {
        match *self {
            PackError::UnknownField { number }
            | PackError::TooLong { number, .. }
            | PackError::TooShort { number, .. }
            | PackError::Character { number, .. }
            | PackError::Unwritable { number }
            | PackError::BehindMac { number }
            | PackError::Part { number, .. } => Some(number),
            PackError::MessageType | PackError::FrameTooLong { .. } | PackError::HostCommand => None,
        }
    }
}
