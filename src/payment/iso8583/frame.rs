//! What stands around a message on the line: length, TPDU, header.

use crate::payment::iso8583::decode_error::{DecodeError, DecodeProblem, Layer};
use crate::payment::iso8583::dialect::{Dialect, Framing};
use crate::payment::iso8583::header;
use crate::payment::iso8583::number::NumberForm;
use crate::payment::iso8583::pack_error::PackError;
use crate::payment::iso8583::reader::{Place, Reader};
use zeroize::Zeroizing;

/// A frame taken apart.
#[derive(Clone, PartialEq, Eq)]
pub struct Framed<'a> {
    /// The TPDU, or nothing.
    pub tpdu: &'a [u8],
    /// The header, or nothing.
    pub header: &'a [u8],
    /// What the host tells the terminal to do next; 0 for nothing.
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
    framed(&dialect.framing, &dialect.framing.tpdu, body, host_command, false)
}

/// Puts length, TPDU and header in front of a reply: the two addresses of the TPDU change places, and those of the header.
pub fn frame_reply(dialect: &Dialect, body: &[u8], host_command: u8) -> Result<Zeroizing<Vec<u8>>, PackError> {
    let framing = &dialect.framing;
    match framing.tpdu.as_slice() {
        &[kind, to1, to2, from1, from2] => framed(framing, &[kind, from1, from2, to1, to2], body, host_command, true),
        other => framed(framing, other, body, host_command, true),
    }
}

fn framed(
    framing: &Framing,
    tpdu: &[u8],
    body: &[u8],
    host_command: u8,
    reply: bool,
) -> Result<Zeroizing<Vec<u8>>, PackError> {
    if host_command > 9 {
        return Err(PackError::HostCommand);
    }
    let mut header = framing.header.clone();
    header::complete(framing, &mut header, host_command, body.len(), reply);
    let length_bytes = framing.length_width();
    let found = tpdu.len() + header.len() + body.len();
    let counted = if framing.length_inclusive { found + length_bytes } else { found };
    let max = framing.length_max();
    if counted > max {
        return Err(PackError::FrameTooLong { max, found: counted });
    }
    let mut frame = Zeroizing::new(Vec::with_capacity(length_bytes + found));
    match framing.length_form {
        // INVARIANT: `counted` fits the length's bytes, at most four, so the lowest ones are all of it.
        NumberForm::Binary => frame.extend((0..length_bytes).rev().map(|place| (counted >> (8 * place)) as u8)),
        form if length_bytes > 0 => {
            form.write(counted, framing.length_digits(), &mut frame)
                .ok_or(PackError::FrameTooLong { max, found: counted })?;
        }
        _ => {}
    }
    frame.extend_from_slice(tpdu);
    frame.extend_from_slice(&header);
    frame.extend_from_slice(body);
    Ok(frame)
}

impl Framing {
    /// Bytes of the length in front.
    pub fn length_width(&self) -> usize {
        usize::from(self.length_bytes).min(4)
    }

    fn length_digits(&self) -> u8 {
        let bytes = self.length_bytes.min(4);
        if self.length_form == NumberForm::Bcd { 2 * bytes } else { bytes }
    }

    /// The most a length can say; without a length, anything.
    pub fn length_max(&self) -> usize {
        match (self.length_width(), self.length_form) {
            (0, _) => usize::MAX,
            (bytes, NumberForm::Binary) => (1 << (8 * bytes)) - 1,
            (_, form) => form.most(self.length_digits()),
        }
    }

    /// Reads the length in front: how many bytes follow it.
    pub fn announced(&self, length: &[u8]) -> Result<usize, DecodeError> {
        let place = Place::of(Layer::Frame);
        let counted = match self.length_form {
            NumberForm::Binary => length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)),
            form => form.read(length).map_err(|at| place.error(DecodeProblem::Digit, at, 1, 1))?,
        };
        let own = if self.length_inclusive { self.length_width() } else { 0 };
        counted.checked_sub(own).ok_or_else(|| place.error(DecodeProblem::TooShort, 0, own, counted))
    }
}

/// Takes a frame apart. Its length must be exactly that of what follows.
pub fn unframe<'a>(dialect: &Dialect, bytes: &'a [u8]) -> Result<Framed<'a>, DecodeError> {
    let place = Place::of(Layer::Frame);
    let framing = &dialect.framing;
    let mut reader = Reader::new(bytes);
    let length_bytes = framing.length_width();
    if length_bytes > 0 {
        let announced = framing.announced(reader.take(length_bytes, place)?)?;
        let (offset, available) = (reader.offset(), reader.rest().len());
        if available < announced {
            return Err(place.error(DecodeProblem::Truncated, offset, announced, available));
        }
        if available > announced {
            return Err(place.error(DecodeProblem::Trailing, offset + announced, announced, available - announced));
        }
    }
    let tpdu = reader.take(framing.tpdu.len(), place)?;
    if tpdu.first() != framing.tpdu.first() {
        return Err(place.error(DecodeProblem::Foreign, length_bytes, tpdu.len(), tpdu.len()));
    }
    let (header, host_command) = read_header(framing, &mut reader)?;
    Ok(Framed { tpdu, header, host_command, body: reader.rest() })
}

/// Reads the header and the host's command in it.
pub(super) fn read_header<'a>(framing: &Framing, reader: &mut Reader<'a>) -> Result<(&'a [u8], u8), DecodeError> {
    let place = Place::of(Layer::Header);
    let offset = reader.offset();
    let header = reader.take(framing.header.len(), place)?;
    match header::host_command(framing, header) {
        Some(command) => Ok((header, command)),
        None => Err(place.error(DecodeProblem::Digit, offset + 2, 1, 1)),
    }
}
