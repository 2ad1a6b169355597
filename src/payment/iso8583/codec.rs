//! A dialect turned into a table once: what a message is packed and unpacked by.

use crate::payment::iso8583::bitmap::{Bitmap, FIELD_MAX};
use crate::payment::iso8583::decode_error::{DecodeError, DecodeProblem, Layer};
use crate::payment::iso8583::dialect::{Dialect, Mti, WireForm};
use crate::payment::iso8583::pack_error::PackError;
use crate::payment::iso8583::reader::{Place, Reader};
use crate::payment::iso8583::row::{Row, Span};
use crate::payment::iso8583::view::{Offsets, View};
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Digits of a message type.
const MTI_DIGITS: u8 = 4;

/// The table: one row for each field a bitmap can name.
#[derive(Debug)]
pub struct Codec {
    pub(super) form: WireForm,
    rows: Vec<Option<Row>>,
    /// True if a field above 128 exists: then field 65 announces the third bitmap.
    pub(super) third: bool,
}

impl Codec {
    /// Compiles a dialect.
    pub fn new(dialect: &Dialect) -> Codec {
        let mut rows = vec![None; usize::from(FIELD_MAX) + 1];
        for field in &dialect.fields {
            if let (2..=FIELD_MAX, Some(row)) = (field.number, rows.get_mut(usize::from(field.number))) {
                *row = Some(Row::new(field, dialect.form.lengths));
            }
        }
        let third = dialect.fields.iter().any(|field| field.number > 128);
        Codec { form: dialect.form, rows, third }
    }

    /// The row of a field, if the dialect has it.
    #[inline]
    pub(super) fn row(&self, number: u8) -> Option<&Row> {
        self.rows.get(usize::from(number)).and_then(Option::as_ref)
    }

    /// Reads a body: message type, bitmap, fields, and nothing behind them. Every length is checked against what is
    /// there, and every byte against what its field allows; nothing is copied. `offsets` may be used again and again.
    pub fn unpack<'a>(&'a self, body: &'a [u8], offsets: &'a mut Offsets) -> Result<View<'a>, DecodeError> {
        let mut reader = Reader::new(body);
        offsets.spans.clear();
        offsets.mti = self.read_mti(&mut reader)?;
        offsets.present = Bitmap::read(self.form.bitmap, self.third, &mut reader)?;
        offsets.spans.reserve(offsets.present.count());
        let mut at = reader.offset();
        for number in offsets.present.iter() {
            let span = match self.row(number).and_then(|row| row.glance(body, at)) {
                Some(span) => span,
                None => self.look_closely(number, body, at)?,
            };
            at = span.end as usize;
            offsets.spans.push(span);
        }
        if at < body.len() {
            return Err(Place::of(Layer::Field).error(DecodeProblem::Trailing, at, 0, body.len() - at));
        }
        Ok(View { codec: self, body, offsets })
    }

    /// A field that is not plainly good: what is wrong with it, or where it is after all.
    #[inline(never)]
    fn look_closely(&self, number: u8, body: &[u8], at: usize) -> Result<Span, DecodeError> {
        let place = Place::field(number);
        let mut reader = Reader::at(body, at);
        let Some(row) = self.row(number) else {
            return Err(place.error(DecodeProblem::UnknownField, at, 0, reader.rest().len()));
        };
        let (span, raw) = row.measure(place, &mut reader)?;
        row.look(place, span, raw)?;
        Ok(span)
    }

    pub(super) fn read_mti(&self, reader: &mut Reader<'_>) -> Result<Mti, DecodeError> {
        let place = Place::of(Layer::MessageType);
        let offset = reader.offset();
        let digits = reader.take(self.form.mti.width(MTI_DIGITS), place)?;
        let number = self.form.mti.read(digits).map_err(|at| place.error(DecodeProblem::Digit, offset + at, 1, 1))?;
        if number > 9_999 {
            return Err(place.error(DecodeProblem::Digit, offset, 1, 1));
        }
        Ok(Mti(number as u16))
    }

    /// Appends a body: message type, bitmap, fields. The fields come in ascending order, no number twice.
    ///
    /// Room for all of it is made first: a vector that grows leaves copies of card data behind.
    pub fn pack<'v>(
        &self,
        mti: Mti,
        fields: impl Iterator<Item = (u8, &'v [u8])> + Clone,
        out: &mut Vec<u8>,
    ) -> Result<(), PackError> {
        let mut present = Bitmap::default();
        let mut room = 64;
        for (number, value) in fields.clone() {
            let row = self.row(number).ok_or(PackError::UnknownField { number })?;
            present.insert(number);
            room += row.room_for(value);
        }
        out.reserve(room);
        self.begin(mti, present, out)?;
        for (number, value) in fields {
            if let Some(row) = self.row(number) {
                row.write(number, value, out)?;
            }
        }
        Ok(())
    }

    /// Message type and bitmap.
    pub(super) fn begin(&self, mti: Mti, present: Bitmap, out: &mut Vec<u8>) -> Result<(), PackError> {
        if mti.0 > 9_999 {
            return Err(PackError::MessageType);
        }
        self.form.mti.write(usize::from(mti.0), MTI_DIGITS, out).ok_or(PackError::MessageType)?;
        present.write(self.form.bitmap, out);
        Ok(())
    }
}

/// A codec made when it is first needed. It is no part of what a dialect says: clones start without it, and it makes no
/// two dialects different.
#[derive(Default)]
pub struct CodecCell(OnceLock<Arc<Codec>>);

impl CodecCell {
    pub(super) fn get_or_make(&self, dialect: &Dialect) -> &Codec {
        self.0.get_or_init(|| Arc::new(Codec::new(dialect)))
    }
}

impl Clone for CodecCell {
    fn clone(&self) -> CodecCell {
        CodecCell::default()
    }
}

impl PartialEq for CodecCell {
    fn eq(&self, _: &CodecCell) -> bool {
        true
    }
}

impl Eq for CodecCell {}

impl fmt::Debug for CodecCell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<table>")
    }
}
