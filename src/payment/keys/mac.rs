//! Message authentication codes.

use crate::payment::hex;
use crate::payment::keys::cipher::{BLOCK, KeyBytes, KeyError, Schedule, xor};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// How a MAC is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum MacAlgorithm {
    /// XOR of all blocks, as hexadecimal text, through DES twice; eight ASCII characters.
    CupEcb,
    /// CBC over all blocks under the whole key, eight bytes.
    CupCbc,
    /// ANSI X9.9 (ISO 9797-1 algorithm 1): CBC over all blocks under the first part of the key.
    X99,
    /// ANSI X9.19, the retail MAC (ISO 9797-1 algorithm 3): as X9.9, the last block through the other parts of the key
    /// as well. Needs a key of two parts.
    X919,
}

impl MacAlgorithm {
    /// All of them.
    pub const ALL: [MacAlgorithm; 4] =
        [MacAlgorithm::CupEcb, MacAlgorithm::CupCbc, MacAlgorithm::X99, MacAlgorithm::X919];

    /// The word a dialect writes.
    pub fn word(self) -> &'static str {
        match self {
            MacAlgorithm::CupEcb => "cup_ecb",
            MacAlgorithm::CupCbc => "cup_cbc",
            MacAlgorithm::X99 => "x9_9",
            MacAlgorithm::X919 => "x9_19",
        }
    }

    /// The algorithm a dialect's word names.
    pub fn parse(word: &str) -> Option<MacAlgorithm> {
        MacAlgorithm::ALL.into_iter().find(|algorithm| algorithm.word() == word)
    }
}

/// The MAC of the data, all eight bytes; who sends fewer takes the leftmost.
///
/// The last block is filled with zeros; no data counts as one block of zeros.
pub fn mac(algorithm: MacAlgorithm, key: &KeyBytes, data: &[u8]) -> Result<[u8; BLOCK], KeyError> {
    match algorithm {
        MacAlgorithm::CupEcb => Ok(cup_ecb(&key.schedule(), data)),
        MacAlgorithm::CupCbc => Ok(cbc(&key.schedule(), data)),
        MacAlgorithm::X99 => Ok(cbc(&key.first_part().schedule(), data)),
        MacAlgorithm::X919 => retail(key, data),
    }
}

/// True if `found` is the whole MAC of the data. Compares in constant time.
pub fn verify(algorithm: MacAlgorithm, key: &KeyBytes, data: &[u8], found: &[u8]) -> Result<bool, KeyError> {
    Ok(mac(algorithm, key, data)?.ct_eq(found).into())
}

fn cup_ecb(schedule: &Schedule, data: &[u8]) -> [u8; BLOCK] {
    let folded = blocks(data).fold([0; BLOCK], xor);
    let (first, second) = as_text(folded);
    let mixed = xor(schedule.encrypt(first), second);
    as_text(schedule.encrypt(mixed)).0
}

fn cbc(schedule: &Schedule, data: &[u8]) -> [u8; BLOCK] {
    blocks(data).fold([0; BLOCK], |before, block| schedule.encrypt(xor(before, block)))
}

fn retail(key: &KeyBytes, data: &[u8]) -> Result<[u8; BLOCK], KeyError> {
    if key.length() == BLOCK {
        return Err(KeyError::SinglePart);
    }
    let first = key.first_part();
    let last = cbc(&first.schedule(), data);
    // 3DES encrypts with the first part, decrypts with the second and encrypts with the third (or the first again). The
    // last block has been through the first part already, so that is taken back and the whole key applied.
    Ok(key.encrypt_block(first.decrypt_block(last)))
}

/// The data in blocks, the last one filled with zeros; at least one.
fn blocks(data: &[u8]) -> impl Iterator<Item = [u8; BLOCK]> {
    let (whole, rest) = data.as_chunks::<BLOCK>();
    let mut last = [0; BLOCK];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let has_last = !rest.is_empty() || data.is_empty();
    whole.iter().copied().chain(has_last.then_some(last))
}

/// Sixteen hexadecimal characters of a block, in two halves.
fn as_text(block: [u8; BLOCK]) -> ([u8; BLOCK], [u8; BLOCK]) {
    let mut halves = ([0; BLOCK], [0; BLOCK]);
    let characters = block.iter().flat_map(|byte| [hex::digit(byte >> 4), hex::digit(*byte)]);
    halves.0.iter_mut().chain(halves.1.iter_mut()).zip(characters).for_each(|(to, from)| *to = from);
    halves
}
