//! A message written in its dialect.

use crate::payment::hex;
use crate::payment::iso8583::bcd::{self, Spare};
use crate::payment::iso8583::bitmap::Bitmap;
use crate::payment::iso8583::canonical::{check, filled};
use crate::payment::iso8583::dialect::{Dialect, Mti, WireForm};
use crate::payment::iso8583::field::{Encoding, Field, Length, Padding};
use crate::payment::iso8583::message::Message;
use crate::payment::iso8583::pack_error::PackError;
use zeroize::Zeroizing;

/// The field that carries the MAC.
pub const MAC_FIELD: u8 = 64;

/// The body: from the message type to the last field. Wiped when dropped, as it has the card number in the clear.
pub fn pack(message: &Message, dialect: &Dialect) -> Result<Zeroizing<Vec<u8>>, PackError> {
    let mut body = begin(message, dialect, message.iter().map(|(number, _)| number).collect())?;
    for (number, value) in message.iter() {
        pack_field(known_field(number, dialect)?, value.as_bytes(), dialect.form, &mut body)?;
    }
    Ok(body)
}

/// What the MAC is computed over: from the message type to the end of the last field before 64.
///
/// The bit of field 64 is set whether the message has its MAC yet or not.
pub fn pack_for_mac(message: &Message, dialect: &Dialect) -> Result<Zeroizing<Vec<u8>>, PackError> {
    if let Some((number, _)) = message.iter().find(|(number, _)| *number > MAC_FIELD) {
        return Err(PackError::BehindMac { number });
    }
    let mut present: Bitmap = message.iter().map(|(number, _)| number).collect();
    present.insert(MAC_FIELD);
    let mut body = begin(message, dialect, present)?;
    for (number, value) in message.iter().filter(|(number, _)| *number != MAC_FIELD) {
        pack_field(known_field(number, dialect)?, value.as_bytes(), dialect.form, &mut body)?;
    }
    Ok(body)
}

/// Message type and bitmap, with room for all that follows: a vector that grows leaves copies of card data behind.
fn begin(message: &Message, dialect: &Dialect, present: Bitmap) -> Result<Zeroizing<Vec<u8>>, PackError> {
    let mut room = 64;
    for (number, value) in message.iter() {
        let place = match known_field(number, dialect)?.length {
            Length::Fixed { max } => usize::from(max),
            Length::Variable { .. } => 0,
        };
        room += 2 * value.as_bytes().len().max(place) + 4;
    }
    let mut body = Zeroizing::new(Vec::with_capacity(room));
    let Mti(number) = message.mti;
    write_number(usize::from(number), 4, dialect.form, &mut body).ok_or(PackError::MessageType)?;
    present.write(dialect.form, &mut body);
    Ok(body)
}

/// The field of the dialect, if a bitmap can name it.
pub(super) fn known_field(number: u8, dialect: &Dialect) -> Result<&Field, PackError> {
    let nameable = (2..=128).contains(&number);
    dialect.field(number).filter(|_| nameable).ok_or(PackError::UnknownField { number })
}

/// Appends one field: its length where it has one, then its value, filled to its place.
fn pack_field(field: &Field, value: &[u8], form: WireForm, out: &mut Vec<u8>) -> Result<(), PackError> {
    let number = field.number;
    check(field, value)?;
    if let Length::Variable { digits, .. } = field.length {
        write_number(value.len(), digits, form, out).ok_or(PackError::Unwritable { number })?;
    }
    let filled = filled(field, value)?;
    write_characters(field, filled.as_ref().map_or(value, |whole| whole.as_slice()), out)
}

fn write_characters(field: &Field, characters: &[u8], out: &mut Vec<u8>) -> Result<(), PackError> {
    match field.encoding {
        Encoding::Ascii | Encoding::Binary => out.extend_from_slice(characters),
        Encoding::HexText => {
            out.extend(characters.iter().flat_map(|byte| [hex::digit(byte >> 4), hex::digit(*byte)]));
        }
        Encoding::Bcd => {
            if !bcd::write(characters, spare(field), out) {
                return Err(PackError::Unwritable { number: field.number });
            }
        }
    }
    Ok(())
}

/// Where a field of odd length has its spare nibble.
pub(super) fn spare(field: &Field) -> Spare {
    if field.padding == Padding::ZerosLeft { Spare::Left } else { Spare::Right }
}

/// Appends a number of so many digits; `None` if it has more, or if such a place cannot be.
fn write_number(number: usize, digits: u8, form: WireForm, out: &mut Vec<u8>) -> Option<()> {
    if !(1..=4).contains(&digits) || number >= 10_usize.pow(u32::from(digits)) {
        return None;
    }
    let text = format!("{number:0width$}", width = usize::from(digits));
    match form {
        WireForm::Ascii => out.extend_from_slice(text.as_bytes()),
        WireForm::Bcd => return bcd::write(text.as_bytes(), Spare::Left, out).then_some(()),
    }
    Some(())
}
