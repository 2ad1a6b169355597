//! Bytes read as a message of a dialect: every step checked, nothing trusted.

use crate::payment::hex;
use crate::payment::iso8583::bcd;
use crate::payment::iso8583::bitmap::Bitmap;
use crate::payment::iso8583::canonical::without_filling;
use crate::payment::iso8583::dialect::{Dialect, Mti, WireForm};
use crate::payment::iso8583::field::{Class, Encoding, Field, Length};
use crate::payment::iso8583::message::Message;
use crate::payment::iso8583::pack::{MAC_FIELD, spare};
use crate::payment::iso8583::reader::{Place, Reader};
use crate::payment::iso8583::unpack_error::{Layer, UnpackError, UnpackProblem};
use zeroize::Zeroizing;

/// Reads a body: message type, bitmap, fields, and nothing behind them.
///
/// Values come without the spaces that fill them on the right; digits come as long as their place.
pub fn unpack(body: &[u8], dialect: &Dialect) -> Result<Message, UnpackError> {
    let mut reader = Reader::new(body);
    let mti = read_number(4, dialect.form, &mut reader, Place::of(Layer::MessageType))?;
    // INVARIANT: four digits are below 10 000.
    let mut message = Message::new(Mti(mti as u16));
    let present = Bitmap::read(dialect.form, &mut reader)?;
    for number in present.iter() {
        let place = Place::field(number);
        let field = dialect
            .field(number)
            .ok_or_else(|| place.error(UnpackProblem::UnknownField, reader.offset(), 0, reader.rest().len()))?;
        message.set(number, unpack_field(field, dialect.form, &mut reader)?);
    }
    reader.end(Place::of(Layer::Field))?;
    Ok(message)
}

/// The part of a received body that its MAC covers; `None` if the message does not end with field 64.
///
/// A received MAC is verified over the bytes as they came: writing them anew could repair what was tampered with.
pub fn mac_input<'a>(body: &'a [u8], message: &Message, dialect: &Dialect) -> Option<&'a [u8]> {
    let (last, _) = message.iter().last()?;
    let field = dialect.field(last).filter(|_| last == MAC_FIELD)?;
    let Length::Fixed { max } = field.length else { return None };
    let behind = body.len().checked_sub(field.encoding.width(usize::from(max)))?;
    body.get(..behind)
}

fn unpack_field(field: &Field, form: WireForm, reader: &mut Reader<'_>) -> Result<Vec<u8>, UnpackError> {
    let place = Place::field(field.number);
    let max = usize::from(field.length.max());
    let begin = reader.offset();
    if !field.encoding.can_write(field.class) {
        return Err(place.error(UnpackProblem::Unreadable, begin, 0, 0));
    }
    let count = match field.length {
        Length::Fixed { .. } => max,
        Length::Variable { digits, .. } => read_number(digits, form, reader, place)?,
    };
    if count > max {
        return Err(place.error(UnpackProblem::TooLong, begin, max, count));
    }
    let offset = reader.offset();
    let raw = reader.take(field.encoding.width(count), place)?;
    // Only now is anything allocated: as many characters as bytes are really there can give.
    let mut characters = Zeroizing::new(Vec::with_capacity(count));
    read_characters(field, count, raw, offset, &mut characters)?;

    let kept = without_filling(field, &characters).len();
    characters.truncate(kept);
    match characters.iter().enumerate().position(|(at, character)| !field.class.allows(at, *character)) {
        None => Ok(std::mem::take(&mut *characters)),
        Some(at) => {
            let width = field.encoding.width(at + 1).saturating_sub(1);
            Err(place.error(UnpackProblem::Character, offset + width, 1, 1))
        }
    }
}

fn read_characters(
    field: &Field,
    count: usize,
    raw: &[u8],
    offset: usize,
    characters: &mut Vec<u8>,
) -> Result<(), UnpackError> {
    let place = Place::field(field.number);
    match field.encoding {
        Encoding::Ascii | Encoding::Binary => characters.extend_from_slice(raw),
        Encoding::HexText => {
            for (at, pair) in raw.as_chunks::<2>().0.iter().enumerate() {
                let [high, low] = pair.map(hex::nibble);
                let wrong = || place.error(UnpackProblem::HexadecimalDigit, offset + 2 * at, 2, 2);
                characters.push(high.ok_or_else(wrong)? << 4 | low.ok_or_else(wrong)?);
            }
        }
        Encoding::Bcd => {
            let spare = spare(field);
            // What fills the last nibble of a variable field differs between hosts and means nothing. In a fixed field
            // it shows that the other side justifies differently: `0021` for entry mode 021 would be read as 002.
            let fixed = matches!(field.length, Length::Fixed { .. });
            let filled = bcd::spare_nibble(raw, count, spare).filter(|nibble| fixed && !matches!(nibble, 0 | 0x0F));
            if filled.is_some() {
                return Err(place.error(UnpackProblem::SpareNibble, offset, raw.len(), raw.len()));
            }
            for (at, nibble) in bcd::nibbles(raw, count, spare).enumerate() {
                let character = bcd::character(nibble).filter(|c| field.class == Class::Track || c.is_ascii_digit());
                characters.push(character.ok_or_else(|| place.error(UnpackProblem::Digit, offset + at / 2, 1, 1))?);
            }
        }
    }
    Ok(())
}

/// Reads a number of so many digits: a message type or a length.
fn read_number(digits: u8, form: WireForm, reader: &mut Reader<'_>, place: Place) -> Result<usize, UnpackError> {
    let offset = reader.offset();
    if !(1..=4).contains(&digits) {
        return Err(place.error(UnpackProblem::Unreadable, offset, 0, 0));
    }
    let count = usize::from(digits);
    let wrong = |at| place.error(UnpackProblem::Digit, offset + at, 1, 1);
    match form {
        WireForm::Ascii => reader.take(count, place)?.iter().enumerate().try_fold(0, |number, (at, character)| {
            let digit = character.is_ascii_digit().then(|| usize::from(character - b'0')).ok_or_else(|| wrong(at))?;
            Ok(number * 10 + digit)
        }),
        WireForm::Bcd => {
            let raw = reader.take(count.div_ceil(2), place)?;
            // The spare nibble counts as a digit: a length of 1 003 must not be read as 3.
            raw.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]).enumerate().try_fold(0, |number, (at, nibble)| {
                let digit = (nibble <= 9).then(|| usize::from(nibble)).ok_or_else(|| wrong(at / 2))?;
                Ok(number * 10 + digit)
            })
        }
    }
}
