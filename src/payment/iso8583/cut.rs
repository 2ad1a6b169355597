//! Frames out of a stream of bytes, as they come.

use crate::payment::iso8583::dialect::{Dialect, Framing};
use crate::payment::iso8583::unpack_error::{Layer, UnpackError, UnpackProblem};
use zeroize::Zeroizing;

/// The longest frame that is waited for, in bytes. No message of the trade is near it.
pub const FRAME_MOST: usize = 16 << 10;

/// Bytes a message has at the least: type and bitmap.
const BODY_LEAST: usize = 10;

/// How many bytes the frame at the front of `bytes` has, its length included; `None` until the length is there.
///
/// An error for a length that no frame of the dialect can have: what follows could not be found again.
pub fn frame_length(framing: &Framing, bytes: &[u8]) -> Result<Option<usize>, UnpackError> {
    let prefix = usize::from(framing.length_bytes).min(4);
    let Some(length) = bytes.get(..prefix) else { return Ok(None) };
    let announced = length.iter().fold(0usize, |sum, byte| sum << 8 | usize::from(*byte));
    let least = framing.tpdu.len() + framing.header.len() + BODY_LEAST;
    let error = |problem, needed| {
        Err(UnpackError { layer: Layer::Frame, field: None, offset: 0, needed, available: announced, problem })
    };
    match announced {
        _ if announced > FRAME_MOST => error(UnpackProblem::TooLong, FRAME_MOST),
        _ if announced < least => error(UnpackProblem::Truncated, least),
        _ => Ok(Some(prefix + announced)),
    }
}

/// True if frames of the dialect can be told apart in a stream: it has a length in front of each.
pub fn is_cuttable(dialect: &Dialect) -> bool {
    dialect.framing.length_bytes > 0
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
    pub fn next_frame(&mut self) -> Result<Option<Zeroizing<Vec<u8>>>, UnpackError> {
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
