//! A message read without copying: where each field is in the bytes that came; characters only on demand.

use crate::payment::iso8583::bitmap::Bitmap;
use crate::payment::iso8583::codec::Codec;
use crate::payment::iso8583::dialect::Mti;
use crate::payment::iso8583::message::{Message, Value};
use crate::payment::iso8583::row::{Row, Span};
use std::fmt;
use zeroize::Zeroizing;

/// Where the fields of one message are. Used again for the next message, it allocates nothing.
#[derive(Debug, Default)]
pub struct Offsets {
    pub(super) mti: Mti,
    pub(super) present: Bitmap,
    /// In the order of the fields.
    pub(super) spans: Vec<Span>,
}

/// A message that has been looked at, in the bytes that came.
pub struct View<'a> {
    pub(super) codec: &'a Codec,
    pub(super) body: &'a [u8],
    pub(super) offsets: &'a Offsets,
}

impl<'a> View<'a> {
    /// The message type.
    pub fn mti(&self) -> Mti {
        self.offsets.mti
    }

    /// The fields there are.
    pub fn present(&self) -> Bitmap {
        self.offsets.present
    }

    /// Where a field is.
    #[inline]
    pub fn span(&self, number: u8) -> Option<Span> {
        if !self.offsets.present.contains(number) {
            return None;
        }
        self.offsets.spans.get(self.offsets.present.rank(number)).copied()
    }

    /// The bytes of a field as they stand on the wire, without the length in front. Card data is among them.
    #[inline]
    pub fn raw(&self, number: u8) -> Option<&'a [u8]> {
        let span = self.span(number)?;
        self.body.get(span.start as usize..span.end as usize)
    }

    /// The characters or bytes of a field, without what fills it.
    pub fn value(&self, number: u8) -> Option<Value> {
        let row = self.codec.row(number)?;
        Some(value_of(row, self.span(number)?, self.raw(number)?))
    }

    /// All of it as a message of its own.
    pub fn to_message(&self) -> Message {
        let spans = &self.offsets.spans;
        let bytes = spans.iter().map(|span| span.units as usize).sum();
        let mut message = Message::with_room(self.mti(), spans.len(), bytes);
        for (number, span) in self.offsets.present.iter().zip(spans) {
            let raw = self.body.get(span.start as usize..span.end as usize).unwrap_or_default();
            if let Some(row) = self.codec.row(number) {
                message.append(number, span.units as usize, |characters| {
                    let start = characters.len();
                    row.characters(*span, raw, characters);
                    let kept = row.without_filling(characters.get(start..).unwrap_or_default()).len();
                    characters.truncate(start + kept);
                });
            }
        }
        message
    }
}

/// The characters or bytes of a field that has been looked at.
pub(super) fn value_of(row: &Row, span: Span, raw: &[u8]) -> Value {
    let mut characters = Zeroizing::new(Vec::with_capacity(span.units as usize));
    row.characters(span, raw, &mut characters);
    let kept = row.without_filling(&characters).len();
    characters.truncate(kept);
    Value::from(std::mem::take(&mut *characters))
}

impl fmt::Debug for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.mti(), self.present())
    }
}
