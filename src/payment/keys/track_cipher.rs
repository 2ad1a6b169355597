//! Tracks with eight of their bytes encrypted, as UnionPay-style terminals send fields 35 and 36.

use crate::payment::hex;
use crate::payment::keys::cipher::KeyBytes;
use thiserror::Error;
use zeroize::Zeroizing;

/// Why a track cannot be encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TrackCipherError {
    /// A character that no packed track has.
    #[error("the character at {at} cannot stand in a track")]
    Character {
        /// Counted in bytes from 0.
        at: usize,
    },
    /// Nothing there.
    #[error("the track is empty")]
    Empty,
}

/// Digits of the encrypted part: eight bytes.
const PART: usize = 16;

/// Where the encrypted part of a track begins.
///
/// The track is packed two digits a byte; the last byte stays, the eight before it are encrypted. An odd count has a filler
/// in its last byte, so that one digit fewer stays.
fn part_of(length: usize) -> usize {
    length.saturating_sub(PART + if length.is_multiple_of(2) { 2 } else { 1 })
}

/// The encrypted part in the clear and where it begins. Shorter tracks are filled with F from the left.
pub fn track_part(track: &str) -> Result<(Zeroizing<[u8; 8]>, usize), TrackCipherError> {
    let (digits, offset) = padded(track)?;
    Ok((packed(&digits, offset), offset))
}

/// The track with its part under the track key: as long as before, `=` written as `D`.
pub fn encrypt_track(track: &str, key: &KeyBytes) -> Result<Zeroizing<String>, TrackCipherError> {
    changed(track, |block| key.encrypt_block(block))
}

/// The reverse of `encrypt_track`; the separator stays `D`.
pub fn decrypt_track(track: &str, key: &KeyBytes) -> Result<Zeroizing<String>, TrackCipherError> {
    changed(track, |block| key.decrypt_block(block))
}

fn changed(track: &str, act: impl Fn([u8; 8]) -> [u8; 8]) -> Result<Zeroizing<String>, TrackCipherError> {
    let (mut digits, offset) = padded(track)?;
    let block = act(*packed(&digits, offset));
    let nibbles = block.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]);
    digits.iter_mut().skip(offset).zip(nibbles).for_each(|(to, nibble)| *to = nibble);
    Ok(Zeroizing::new(digits.iter().map(|nibble| char::from(hex::digit(*nibble))).collect()))
}

/// The digits of a track, and where its part begins.
fn padded(track: &str) -> Result<(Zeroizing<Vec<u8>>, usize), TrackCipherError> {
    if track.is_empty() {
        return Err(TrackCipherError::Empty);
    }
    let mut digits = Zeroizing::new(Vec::with_capacity(track.len() + PART + 2));
    // Below seventeen digits there are no eight bytes in front of the last one.
    digits.resize((PART + 1).saturating_sub(track.len()), 0x0F);
    for (at, byte) in track.bytes().enumerate() {
        let nibble = if byte == b'=' { Some(0x0D) } else { hex::nibble(byte) };
        digits.push(nibble.ok_or(TrackCipherError::Character { at })?);
    }
    let offset = part_of(digits.len());
    Ok((digits, offset))
}

fn packed(digits: &[u8], offset: usize) -> Zeroizing<[u8; 8]> {
    let mut block = Zeroizing::new([0; 8]);
    let part = digits.get(offset..).unwrap_or(&[]);
    for (to, pair) in block.iter_mut().zip(part.as_chunks::<2>().0) {
        let [high, low] = pair;
        *to = high << 4 | low;
    }
    block
}
