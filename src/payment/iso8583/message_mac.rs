//! Field 64: put on a message that goes out, compared on one that came in.

use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::message::Message;
use crate::payment::iso8583::pack::{MAC_FIELD, pack_for_mac};
use crate::payment::iso8583::pack_error::PackError;
use crate::payment::iso8583::unpack::mac_input;
use crate::payment::keys::cipher::{KeyBytes, KeyError};
use crate::payment::keys::mac::{mac, verify};
use thiserror::Error;

/// Why a message can get no MAC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MessageMacError {
    /// The dialect names no algorithm.
    #[error("the dialect says nothing of how a MAC is computed")]
    NoAlgorithm,
    /// The message cannot be written.
    #[error(transparent)]
    Pack(#[from] PackError),
    /// The key does not serve the algorithm.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// What became of the MAC of a message that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MacVerdict {
    /// It is right.
    Right,
    /// It is wrong: nothing in the message can be believed.
    Wrong,
    /// There is none. Whether that is allowed is for the rules of the message to say.
    Missing,
}

/// Computes the MAC of the message and puts it into field 64, in place of one that was there.
pub fn put_mac(message: &mut Message, dialect: &Dialect, key: &KeyBytes) -> Result<(), MessageMacError> {
    let algorithm = dialect.mac.ok_or(MessageMacError::NoAlgorithm)?;
    let code = mac(algorithm, key, &pack_for_mac(message, dialect)?)?;
    message.set(MAC_FIELD, code.as_slice());
    Ok(())
}

/// Compares field 64 with the MAC of the body as it came. `message` is what the body was read as.
pub fn verify_mac(
    body: &[u8],
    message: &Message,
    dialect: &Dialect,
    key: &KeyBytes,
) -> Result<MacVerdict, MessageMacError> {
    let algorithm = dialect.mac.ok_or(MessageMacError::NoAlgorithm)?;
    let Some(found) = message.get(MAC_FIELD) else { return Ok(MacVerdict::Missing) };
    // With fields behind it, the MAC would cover a part only; that is as good as wrong.
    let Some(covered) = mac_input(body, message, dialect) else { return Ok(MacVerdict::Wrong) };
    Ok(if verify(algorithm, key, covered, found)? { MacVerdict::Right } else { MacVerdict::Wrong })
}
