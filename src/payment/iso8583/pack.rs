//! A message written in its dialect.

use crate::payment::iso8583::bitmap::Bitmap;
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::message::{Message, ValueRef};
use crate::payment::iso8583::pack_error::PackError;
use zeroize::Zeroizing;

/// The field that carries the MAC.
pub const MAC_FIELD: u8 = 64;

/// The body: from the message type to the last field. Wiped when dropped, as it has the card number in the clear.
pub fn pack(message: &Message, dialect: &Dialect) -> Result<Zeroizing<Vec<u8>>, PackError> {
    let mut body = Zeroizing::new(Vec::new());
    let fields = message.iter().map(|(number, value)| (number, value.as_bytes()));
    dialect.codec().pack(message.mti, fields, &mut body)?;
    Ok(body)
}

/// What the MAC is computed over: from the message type to the end of the last field before 64.
///
/// The bit of field 64 is set whether the message has its MAC yet or not.
pub fn pack_for_mac(message: &Message, dialect: &Dialect) -> Result<Zeroizing<Vec<u8>>, PackError> {
    if let Some((number, _)) = message.iter().find(|(number, _)| *number > MAC_FIELD) {
        return Err(PackError::BehindMac { number });
    }
    let codec = dialect.codec();
    let mut present: Bitmap = message.iter().map(|(number, _)| number).collect();
    present.insert(MAC_FIELD);
    let width = |(_, value): (u8, ValueRef<'_>)| 2 * value.as_bytes().len();
    let mut body = Zeroizing::new(Vec::with_capacity(128 + message.iter().map(width).sum::<usize>()));
    codec.begin(message.mti, present, &mut body)?;
    for (number, value) in message.iter().filter(|(number, _)| *number != MAC_FIELD) {
        let row = codec.row(number).ok_or(PackError::UnknownField { number })?;
        body.reserve(2 * usize::from(row.max) + 4);
        row.write(number, value.as_bytes(), &mut body)?;
    }
    Ok(body)
}
