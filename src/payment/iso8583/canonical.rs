//! A value as the other side will read it.

use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::field::Field;
use crate::payment::iso8583::message::{Message, Value};
use crate::payment::iso8583::number::NumberForm;
use crate::payment::iso8583::pack_error::PackError;
use crate::payment::iso8583::reader::{Place, Reader};
use crate::payment::iso8583::row::Row;
use zeroize::Zeroizing;

/// Every field as the other side will read it. Two messages say the same if they are equal in this form: amount `100` is
/// `000000000100`, terminal `T1` is the same with spaces behind.
pub fn canonical(message: &Message, dialect: &Dialect) -> Result<Message, PackError> {
    let mut canonical = message.clone();
    make_canonical(&mut canonical, dialect)?;
    Ok(canonical)
}

/// As `canonical`, in place: most values are in this form already and stay where they are.
pub fn make_canonical(message: &mut Message, dialect: &Dialect) -> Result<(), PackError> {
    let codec = dialect.codec();
    let mut room = 0;
    for (number, value) in message.iter() {
        let row = codec.row(number).ok_or(PackError::UnknownField { number })?;
        room = room.max(row.room_for(value.as_bytes()));
    }
    let mut paper = Paper::new(room);
    for at in 0..message.count() {
        let Some((number, value)) = message.nth(at) else { break };
        let row = codec.row(number).ok_or(PackError::UnknownField { number })?;
        if let Some(read) = there_and_back(row, number, value.as_bytes(), &mut paper)? {
            message.set(number, read);
        }
    }
    Ok(())
}

/// One value as the other side will read it, or why the field cannot hold it.
pub fn canonical_value(field: &Field, value: &[u8]) -> Result<Value, PackError> {
    // How the length in front is written makes no difference to the value.
    let row = Row::new(field, NumberForm::Ascii);
    let read = there_and_back(&row, field.number, value, &mut Paper::new(row.room_for(value)))?;
    Ok(read.unwrap_or_else(|| Value::from(value)))
}

/// What a value is written on and read into. Wiped when dropped.
struct Paper {
    written: Zeroizing<Vec<u8>>,
    read: Zeroizing<Vec<u8>>,
}

impl Paper {
    fn new(room: usize) -> Paper {
        let sheet = || Zeroizing::new(Vec::with_capacity(room));
        Paper { written: sheet(), read: sheet() }
    }
}

/// Writes the value and reads it again: that is what the other side does. `None` where it reads the same.
fn there_and_back(row: &Row, number: u8, value: &[u8], paper: &mut Paper) -> Result<Option<Value>, PackError> {
    let Paper { written, read } = paper;
    written.clear();
    read.clear();
    row.write(number, value, written)?;
    let measured = row.measure(Place::field(number), &mut Reader::new(written));
    let (span, raw) = measured.map_err(|_| PackError::Unwritable { number })?;
    row.characters(span, raw, read);
    let kept = row.without_filling(read);
    Ok((kept != value).then(|| Value::from(kept)))
}
