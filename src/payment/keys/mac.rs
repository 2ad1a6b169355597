//! Message authentication codes.

use crate::payment::hex;
use crate::payment::keys::block_cipher::{BlockCipher, xor};
use crate::payment::keys::cipher::{BLOCK, KeyBytes, KeyError};
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
        MacAlgorithm::CupCbc => Ok(cbc(&key.schedule(), Padding::Zeros, data)),
        MacAlgorithm::X99 => Ok(cbc(&key.first_part().schedule(), Padding::Zeros, data)),
        MacAlgorithm::X919 => retail(key, data),
    }
}

/// True if `found` is the whole MAC of the data. Compares in constant time.
pub fn verify(algorithm: MacAlgorithm, key: &KeyBytes, data: &[u8], found: &[u8]) -> Result<bool, KeyError> {
    Ok(mac(algorithm, key, data)?.ct_eq(found).into())
}

/// XOR of all blocks, as hexadecimal text in two halves: the first encrypted, joined with the second, encrypted again; the
/// first characters of that as text. DES mixes 8 characters at a time, SM4 16.
pub(super) fn cup_ecb<const N: usize>(cipher: &impl BlockCipher<N>, data: &[u8]) -> [u8; N] {
    let folded = fold(data, Padding::Zeros, [0; N], xor);
    let (first, second) = as_text(folded);
    let mixed = xor(cipher.encrypt(first), second);
    as_text(cipher.encrypt(mixed)).0
}

/// How the last block is filled: the padding methods of ISO/IEC 9797-1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Padding {
    /// Method 1: zeros, none where the data fill their blocks; no data count as a block of zeros.
    Zeros,
    /// Method 2: a byte 80, then zeros; a block more where the data fill theirs.
    OneThenZeros,
}

/// Each block joined with the cryptogram of those before it; the last cryptogram.
pub(super) fn cbc<const N: usize>(cipher: &impl BlockCipher<N>, padding: Padding, data: &[u8]) -> [u8; N] {
    fold(data, padding, [0; N], |before, block| cipher.encrypt(xor(before, block)))
}

fn retail(key: &KeyBytes, data: &[u8]) -> Result<[u8; BLOCK], KeyError> {
    if key.length() == BLOCK {
        return Err(KeyError::SinglePart);
    }
    let first = key.first_part();
    Ok(finish_retail(&first.schedule(), &key.schedule(), cbc(&first.schedule(), Padding::Zeros, data)))
}

/// What X9.19 does to the last block of a CBC under the first part of its key.
pub(super) fn finish_retail<const N: usize>(
    first: &impl BlockCipher<N>,
    whole: &impl BlockCipher<N>,
    last: [u8; N],
) -> [u8; N] {
    // 3DES encrypts with the first part, decrypts with the second and encrypts with the third (or the first again). The
    // last block has been through the first part already, so that is taken back and the whole key applied.
    whole.encrypt(first.decrypt(last))
}

/// Goes over the data in blocks, the last one filled.
pub(super) fn fold<const N: usize, S>(
    data: &[u8],
    padding: Padding,
    start: S,
    mut step: impl FnMut(S, [u8; N]) -> S,
) -> S {
    let (whole, rest) = data.as_chunks::<N>();
    let mut state = start;
    for block in whole {
        state = step(state, *block);
    }
    let mut last = [0; N];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    match padding {
        Padding::Zeros if rest.is_empty() && !data.is_empty() => return state,
        Padding::Zeros => {}
        Padding::OneThenZeros => last.iter_mut().skip(rest.len()).take(1).for_each(|byte| *byte = 0x80),
    }
    step(state, last)
}

/// Two hexadecimal characters for each byte of a block, in two halves.
fn as_text<const N: usize>(block: [u8; N]) -> ([u8; N], [u8; N]) {
    let mut halves = ([0; N], [0; N]);
    let characters = block.iter().flat_map(|byte| [hex::digit(byte >> 4), hex::digit(*byte)]);
    halves.0.iter_mut().chain(halves.1.iter_mut()).zip(characters).for_each(|(to, from)| *to = from);
    halves
}
