//! A value as the other side will read it.

use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::field::Field;
use crate::payment::iso8583::message::{Message, Value};
use crate::payment::iso8583::number::NumberForm;
use crate::payment::iso8583::pack_error::PackError;
use crate::payment::iso8583::reader::{Place, Reader};
use crate::payment::iso8583::row::Row;
use crate::payment::iso8583::view::value_of;
use zeroize::Zeroizing;

/// Every field as the other side will read it. Two messages say the same if they are equal in this form: amount `100` is
/// `000000000100`, terminal `T1` is the same with spaces behind.
pub fn canonical(message: &Message, dialect: &Dialect) -> Result<Message, PackError> {
    let codec = dialect.codec();
    let mut canonical = Message::new(message.mti);
    for (number, value) in message.iter() {
        let row = codec.row(number).ok_or(PackError::UnknownField { number })?;
        canonical.append(number, there_and_back(row, number, value.as_bytes())?);
    }
    Ok(canonical)
}

/// One value as the other side will read it, or why the field cannot hold it.
pub fn canonical_value(field: &Field, value: &[u8]) -> Result<Value, PackError> {
    // How the length in front is written makes no difference to the value.
    there_and_back(&Row::new(field, NumberForm::Ascii), field.number, value)
}

/// Writes the value and reads it again: that is what the other side does.
fn there_and_back(row: &Row, number: u8, value: &[u8]) -> Result<Value, PackError> {
    let mut written = Zeroizing::new(Vec::with_capacity(2 * value.len().max(usize::from(row.max)) + 4));
    row.write(number, value, &mut written)?;
    let read = row.measure(Place::field(number), &mut Reader::new(&written));
    let (span, raw) = read.map_err(|_| PackError::Unwritable { number })?;
    Ok(value_of(row, span, raw))
}
