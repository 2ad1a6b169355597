//! Bytes read as a message of a dialect: every step checked, nothing trusted.

use crate::payment::iso8583::decode_error::DecodeError;
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::field::Length;
use crate::payment::iso8583::message::Message;
use crate::payment::iso8583::pack::MAC_FIELD;
use crate::payment::iso8583::view::Offsets;

/// Reads a body: message type, bitmap, fields, and nothing behind them.
///
/// Values come without the spaces that fill them on the right; digits come as long as their place.
pub fn unpack(body: &[u8], dialect: &Dialect) -> Result<Message, DecodeError> {
    let mut offsets = Offsets::default();
    Ok(dialect.codec().unpack(body, &mut offsets)?.to_message())
}

/// The part of a received body that its MAC covers; `None` if the message does not end with field 64.
///
/// A received MAC is verified over the bytes as they came: writing them anew could repair what was tampered with.
pub fn mac_input<'a>(body: &'a [u8], message: &Message, dialect: &Dialect) -> Option<&'a [u8]> {
    let last = message.last()?;
    let field = dialect.field(last).filter(|_| last == MAC_FIELD)?;
    let Length::Fixed { max } = field.length else { return None };
    let behind = body.len().checked_sub(field.encoding.width(usize::from(max)))?;
    body.get(..behind)
}
