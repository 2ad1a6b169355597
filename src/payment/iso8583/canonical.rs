//! A value as the other side will read it.

use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::field::{Class, Encoding, Field, Length, Padding};
use crate::payment::iso8583::message::{Message, Value};
use crate::payment::iso8583::pack::known_field;
use crate::payment::iso8583::pack_error::PackError;
use zeroize::Zeroizing;

/// Every field as the other side will read it. Two messages say the same if they are equal in this form: amount `100` is
/// `000000000100`, terminal `T1` is the same with spaces behind.
pub fn canonical(message: &Message, dialect: &Dialect) -> Result<Message, PackError> {
    let mut canonical = Message::new(message.mti);
    for (number, value) in message.iter() {
        canonical.set(number, canonical_value(known_field(number, dialect)?, value.as_bytes())?);
    }
    Ok(canonical)
}

/// One value as the other side will read it, or why the field cannot hold it.
pub fn canonical_value(field: &Field, value: &[u8]) -> Result<Value, PackError> {
    check(field, value)?;
    let filled = filled(field, value)?;
    let whole = filled.as_ref().map_or(value, |whole| whole.as_slice());
    let mut read = without_filling(field, whole).to_vec();
    if field.class == Class::Track && field.encoding == Encoding::Bcd {
        // Both signs of the separator are the same nibble.
        read.iter_mut().filter(|character| **character == b'D').for_each(|character| *character = b'=');
    }
    Ok(Value::from(read))
}

/// What is read of a field's characters: without the spaces that may fill it.
pub(super) fn without_filling<'a>(field: &Field, characters: &'a [u8]) -> &'a [u8] {
    let fixed = matches!(field.length, Length::Fixed { .. });
    // Bytes that end in 20 are no filling.
    if fixed && field.padding == Padding::SpacesRight && field.class != Class::Bytes {
        let end = characters.iter().rposition(|character| *character != b' ').map_or(0, |last| last + 1);
        characters.get(..end).unwrap_or(characters)
    } else {
        characters
    }
}

/// Refuses what the field's class, encoding or greatest length does not allow.
pub(super) fn check(field: &Field, value: &[u8]) -> Result<(), PackError> {
    let number = field.number;
    if !field.encoding.can_write(field.class) {
        return Err(PackError::Unwritable { number });
    }
    if let Some(place) = value.iter().enumerate().position(|(place, byte)| !field.class.allows(place, *byte)) {
        return Err(PackError::Character { number, place });
    }
    let (max, found) = (usize::from(field.length.max()), value.len());
    if found > max { Err(PackError::TooLong { number, max, found }) } else { Ok(()) }
}

/// The value with what its padding says, as long as its place; `None` if it needs nothing.
pub(super) fn filled(field: &Field, value: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, PackError> {
    let max = match field.length {
        Length::Fixed { max } if value.len() < usize::from(max) => usize::from(max),
        Length::Fixed { .. } | Length::Variable { .. } => return Ok(None),
    };
    let too_short = PackError::TooShort { number: field.number, needed: max, found: value.len() };
    let missing = max.saturating_sub(value.len());
    let zero = if field.class == Class::Bytes { 0 } else { b'0' };
    let mut whole = Zeroizing::new(Vec::with_capacity(max));
    match field.padding {
        Padding::None => return Err(too_short),
        // Nothing at all is no number: it must not go out as zero.
        Padding::ZerosLeft | Padding::ZerosRight if value.is_empty() => return Err(too_short),
        Padding::ZerosLeft => {
            let sign = usize::from(field.class == Class::SignedDigits);
            let (front, digits) = value.split_at_checked(sign).ok_or(too_short)?;
            whole.extend_from_slice(front);
            whole.extend(std::iter::repeat_n(zero, missing));
            whole.extend_from_slice(digits);
        }
        Padding::ZerosRight => {
            whole.extend_from_slice(value);
            whole.extend(std::iter::repeat_n(zero, missing));
        }
        // Bytes that end in 20 could not be told from filled ones.
        Padding::SpacesRight if field.class == Class::Bytes => return Err(too_short),
        Padding::SpacesRight if field.encoding == Encoding::Bcd => {
            return Err(PackError::Unwritable { number: field.number });
        }
        Padding::SpacesRight => {
            whole.extend_from_slice(value);
            whole.extend(std::iter::repeat_n(b' ', missing));
        }
    }
    Ok(Some(whole))
}
