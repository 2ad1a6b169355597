//! Frames out of a stream of bytes, as they come.

use crate::payment::iso8583::decode_error::{DecodeError, DecodeProblem, Layer};
use crate::payment::iso8583::dialect::{Dialect, Framing};
use zeroize::Zeroizing;

/// The longest frame that is waited for, in bytes. No message of the trade is near it.
pub const FRAME_MOST: usize = 16 << 10;

/// Bytes a message has at the least: type and bitmap.
const BODY_LEAST: usize = 10;

/// How many bytes the frame at the front of `bytes` has, its length included; `None` until the length is there.
///
/// An error for a length that no frame of the dialect can have: what follows could not be found again.
pub fn frame_length(framing: &Framing, bytes: &[u8]) -> Result<Option<usize>, DecodeError> {
    let width = framing.length_width();
    let Some(length) = bytes.get(..width) else { return Ok(None) };
    let announced = framing.announced(length)?;
    let least = framing.tpdu.len() + framing.header.len() + BODY_LEAST;
    let error = |problem, needed| {
        let (layer, available) = (Layer::Frame, announced);
        Err(DecodeError {
            layer,
            field: None,
            part: None,
            inner: None,
            offset: 0,
            needed,
            available,
            problem,
            suspect: None,
        })
    };
    match announced {
        _ if announced > FRAME_MOST => error(DecodeProblem::TooLong, FRAME_MOST),
        _ if announced < least => error(DecodeProblem::Truncated, least),
        _ => Ok(Some(width + announced)),
    }
}

/// True if frames of the dialect can be told apart in a stream: it has a length in front of each.
pub fn is_cuttable(dialect: &Dialect) -> bool {
    dialect.framing.length_width() > 0
}

/// Collects what comes and gives out whole frames. Holds no more than came, and never more than one frame and one piece.
pub struct FrameReader {
    framing: Framing,
    // Card data is among what comes.
    held: Zeroizing<Vec<u8>>,
}

impl FrameReader {
    /// A reader for frames of this dialect.
    pub fn new(dialect: &Dialect) -> FrameReader {
        FrameReader { framing: dialect.framing.clone(), held: Zeroizing::default() }
    }

    /// Takes what came.
    pub fn push(&mut self, bytes: &[u8]) {
        self.held.extend_from_slice(bytes);
    }

    /// The next whole frame, its length included; `None` while it is not all there.
    pub fn next_frame(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, DecodeError> {
        let Some(length) = frame_length(&self.framing, &self.held)? else { return Ok(None) };
        if length == 0 || self.held.len() < length {
            return Ok(None);
        }
        let frame = Zeroizing::new(self.held.drain(..length).collect::<Vec<u8>>());
        Ok(Some(frame))
    }

    /// How many bytes of an unfinished frame are there.
    pub fn unfinished(&self) -> usize {
        self.held.len()
    }

    /// Everything that is there, whatever it is: after an error nothing more can be cut.
    pub fn rest(&mut self) -> Zeroizing<Vec<u8>> {
        std::mem::take(&mut self.held)
    }
}

impl std::fmt::Debug for FrameReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<frame reader: {} bytes>", self.held.len())
    }
}
