//! Where and why bytes are no message of a dialect.

use std::fmt;
use thiserror::Error;

/// How far the reading had come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// The length and the TPDU.
    Frame,
    /// The header behind the TPDU.
    Header,
    /// The message type.
    MessageType,
    /// The bitmaps.
    Bitmap,
    /// A field.
    Field,
}

/// What was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnpackProblem {
    /// The bytes end before the place does.
    Truncated,
    /// Bytes are left over behind the end.
    Trailing,
    /// A digit must stand here.
    Digit,
    /// A hexadecimal digit must stand here.
    HexadecimalDigit,
    /// The field's class does not have this character.
    Character,
    /// The length in front of the field is larger than the field may be.
    TooLong,
    /// The spare nibble of a field of odd length is not empty: the other side justifies it differently.
    SpareNibble,
    /// The bitmap names a field that the dialect does not have.
    UnknownField,
    /// The TPDU or the header is of another kind than the dialect's.
    Foreign,
    /// The dialect asks for a way of writing that does not exist.
    Unreadable,
}

/// Where and why reading stopped. Never carries what was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub struct UnpackError {
    /// How far the reading had come.
    pub layer: Layer,
    /// The field, if one was being read.
    pub field: Option<u8>,
    /// The byte at which the place begins, counted from 0.
    pub offset: usize,
    /// How many bytes the place needs; for `TooLong`: how many digits, characters or bytes it may have at most.
    pub needed: usize,
    /// How many bytes there are; for `TooLong`: how many digits, characters or bytes were announced.
    pub available: usize,
    /// What was wrong.
    pub problem: UnpackProblem,
}

impl fmt::Display for UnpackError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let UnpackError { needed, available, .. } = self;
        match (self.layer, self.field) {
            (Layer::Field, Some(number)) => write!(f, "field {number}")?,
            (Layer::Frame, _) => f.write_str("the frame")?,
            (Layer::Header, _) => f.write_str("the header")?,
            (Layer::MessageType, _) => f.write_str("the message type")?,
            (Layer::Bitmap, _) => f.write_str("the bitmap")?,
            (Layer::Field, None) => f.write_str("the fields")?,
        }
        match self.problem {
            UnpackProblem::Truncated => write!(f, " needs {needed} bytes, {available} are there"),
            UnpackProblem::Trailing => write!(f, " end where {available} bytes more follow"),
            UnpackProblem::Digit => f.write_str(" has something else where a digit must stand"),
            UnpackProblem::HexadecimalDigit => f.write_str(" has something else where a hexadecimal digit must stand"),
            UnpackProblem::Character => f.write_str(" has a character of another class"),
            UnpackProblem::TooLong => write!(f, " announces a length of {available}, {needed} at most is allowed"),
            UnpackProblem::SpareNibble => f.write_str(" has a spare nibble that is not empty"),
            UnpackProblem::UnknownField => f.write_str(" is in the bitmap but not in the dialect"),
            UnpackProblem::Foreign => f.write_str(" is of another kind than the dialect's"),
            UnpackProblem::Unreadable => f.write_str(" is declared in a way that cannot be read"),
        }?;
        write!(f, " (at byte {})", self.offset)
    }
}
