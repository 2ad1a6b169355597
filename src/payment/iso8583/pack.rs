//! A message written in its dialect.

use crate::payment::iso8583::bitmap::Bitmap;
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::message::Message;
use crate::payment::iso8583::pack_error::PackError;
use zeroize::Zeroizing;

/// The field that carries the MAC.
pub const MAC_FIELD: u8 = 64;
/// Bytes that field 64 takes at most in most dialects: sixteen characters and their length.
const MAC_ROOM: usize = 36;

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
    // Room for all of it and for the MAC behind it: a vector that grows leaves copies of card data behind.
    let mut room = 64 + MAC_ROOM;
    for (number, value) in message.iter() {
        room += codec.row(number).ok_or(PackError::UnknownField { number })?.room_for(value.as_bytes());
    }
    let mut body = Zeroizing::new(Vec::with_capacity(room));
    codec.begin(message.mti, present, &mut body)?;
    for (number, value) in message.iter().filter(|(number, _)| *number != MAC_FIELD) {
        let row = codec.row(number).ok_or(PackError::UnknownField { number })?;
        row.write(number, value.as_bytes(), &mut body)?;
    }
    Ok(body)
}

/// The body of a message that has its MAC by now, from what that was computed over (`pack_for_mac`): the same bytes as `pack`
/// gives, each field written once.
pub fn pack_with_mac(
    covered: Zeroizing<Vec<u8>>,
    mac: &[u8],
    dialect: &Dialect,
) -> Result<Zeroizing<Vec<u8>>, PackError> {
    let mut body = covered;
    let row = dialect.codec().row(MAC_FIELD).ok_or(PackError::UnknownField { number: MAC_FIELD })?;
    if body.capacity() - body.len() < row.room_for(mac) {
        let mut roomier = Zeroizing::new(Vec::with_capacity(body.len() + row.room_for(mac)));
        roomier.extend_from_slice(&body);
        body = roomier;
    }
    row.write(MAC_FIELD, mac, &mut body)?;
    Ok(body)
}
