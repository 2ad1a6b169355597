//! What stands around a message on the line: length, TPDU, header.

use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::pack_error::PackError;
use crate::payment::iso8583::reader::{Place, Reader};
use crate::payment::iso8583::unpack_error::{Layer, UnpackError, UnpackProblem};
use zeroize::Zeroizing;

/// A frame taken apart.
#[derive(Clone, PartialEq, Eq)]
pub struct Framed<'a> {
    /// The TPDU, or nothing.
    pub tpdu: &'a [u8],
    /// The header, or nothing.
    pub header: &'a [u8],
    /// What the host tells the terminal to do next: digit 6 of a header of six bytes, 0 for nothing.
    pub host_command: u8,
    /// The message.
    pub body: &'a [u8],
}

impl std::fmt::Debug for Framed<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<frame: host command {}, body of {} bytes>", self.host_command, self.body.len())
    }
}

/// Puts length, TPDU and header in front of a request.
pub fn frame(dialect: &Dialect, body: &[u8], host_command: u8) -> Result<Zeroizing<Vec<u8>>, PackError> {
    framed(dialect, &dialect.framing.tpdu, body, host_command)
}

/// Puts length, TPDU and header in front of a reply: the two addresses of the TPDU change places.
pub fn frame_reply(dialect: &Dialect, body: &[u8], host_command: u8) -> Result<Zeroizing<Vec<u8>>, PackError> {
    match dialect.framing.tpdu.as_slice() {
        &[kind, to1, to2, from1, from2] => framed(dialect, &[kind, from1, from2, to1, to2], body, host_command),
        other => framed(dialect, other, body, host_command),
    }
}

fn framed(dialect: &Dialect, tpdu: &[u8], body: &[u8], host_command: u8) -> Result<Zeroizing<Vec<u8>>, PackError> {
    if host_command > 9 {
        return Err(PackError::HostCommand);
    }
    let mut header = dialect.framing.header.clone();
    if let [_, _, command, _, _, _] = header.as_mut_slice() {
        *command = *command & 0xF0 | host_command;
    }
    let found = tpdu.len() + header.len() + body.len();
    let length_bytes = usize::from(dialect.framing.length_bytes).min(4);
    let max = if length_bytes == 0 { usize::MAX } else { (1 << (8 * length_bytes)) - 1 };
    if found > max {
        return Err(PackError::FrameTooLong { max, found });
    }
    let mut frame = Zeroizing::new(Vec::with_capacity(length_bytes + found));
    // INVARIANT: `found` fits the length's bytes, at most four, so the lowest ones are all of it.
    frame.extend((0..length_bytes).rev().map(|place| (found >> (8 * place)) as u8));
    frame.extend_from_slice(tpdu);
    frame.extend_from_slice(&header);
    frame.extend_from_slice(body);
    Ok(frame)
}

/// Takes a frame apart. Its length must be exactly that of what follows.
pub fn unframe<'a>(dialect: &Dialect, bytes: &'a [u8]) -> Result<Framed<'a>, UnpackError> {
    let place = Place::of(Layer::Frame);
    let mut reader = Reader::new(bytes);
    let length_bytes = usize::from(dialect.framing.length_bytes).min(4);
    if length_bytes > 0 {
        let announced = reader.take(length_bytes, place)?.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte));
        let (offset, available) = (reader.offset(), reader.rest().len());
        if available < announced {
            return Err(place.error(UnpackProblem::Truncated, offset, announced, available));
        }
        if available > announced {
            return Err(place.error(UnpackProblem::Trailing, offset + announced, announced, available - announced));
        }
    }
    let tpdu = reader.take(dialect.framing.tpdu.len(), place)?;
    if tpdu.first() != dialect.framing.tpdu.first() {
        return Err(place.error(UnpackProblem::Foreign, length_bytes, tpdu.len(), tpdu.len()));
    }
    let place = Place::of(Layer::Header);
    let offset = reader.offset();
    let header = reader.take(dialect.framing.header.len(), place)?;
    let host_command = match header {
        [_, _, command, _, _, _] => command & 0x0F,
        _ => 0,
    };
    if host_command > 9 {
        return Err(place.error(UnpackProblem::Digit, offset + 2, 1, 1));
    }
    Ok(Framed { tpdu, header, host_command, body: reader.rest() })
}
