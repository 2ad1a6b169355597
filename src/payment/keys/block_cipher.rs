//! Block ciphers of 8 and of 16 bytes behind one face, and their modes.

use crate::payment::keys::cipher::KeyError;
use std::fmt;

/// Whose block cipher a key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Algorithm {
    /// DES and triple DES: keys of 8, 16 or 24 bytes, blocks of 8.
    Des,
    /// AES: keys of 16, 24 or 32 bytes, blocks of 16.
    Aes,
    /// SM4 (GB/T 32907): keys of 16 bytes, blocks of 16.
    Sm4,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Algorithm; 3] = [Algorithm::Des, Algorithm::Aes, Algorithm::Sm4];

    /// The word on a command line.
    pub fn word(self) -> &'static str {
        match self {
            Algorithm::Des => "des",
            Algorithm::Aes => "aes",
            Algorithm::Sm4 => "sm4",
        }
    }

    /// The algorithm a word names; `tdes`, `3des` and `tdea` are `des` too.
    pub fn parse(word: &str) -> Option<Algorithm> {
        match word {
            "des" | "tdes" | "3des" | "tdea" => Some(Algorithm::Des),
            "aes" => Some(Algorithm::Aes),
            "sm4" => Some(Algorithm::Sm4),
            _ => None,
        }
    }

    /// Bytes of a block.
    pub fn block(self) -> usize {
        match self {
            Algorithm::Des => 8,
            Algorithm::Aes | Algorithm::Sm4 => 16,
        }
    }

    /// How many bytes a key may have.
    pub fn key_lengths(self) -> &'static [usize] {
        match self {
            Algorithm::Des => &[8, 16, 24],
            Algorithm::Aes => &[16, 24, 32],
            Algorithm::Sm4 => &[16],
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Algorithm::Des => "DES",
            Algorithm::Aes => "AES",
            Algorithm::Sm4 => "SM4",
        })
    }
}

/// An expanded key whose blocks have `N` bytes.
pub(super) trait BlockCipher<const N: usize> {
    /// One block encrypted.
    fn encrypt(&self, block: [u8; N]) -> [u8; N];
    /// One block decrypted.
    fn decrypt(&self, block: [u8; N]) -> [u8; N];
}

/// Both blocks, bit by bit.
pub(super) fn xor<const N: usize>(mut left: [u8; N], right: [u8; N]) -> [u8; N] {
    left.iter_mut().zip(right).for_each(|(to, from)| *to ^= from);
    left
}

/// Runs over whole blocks in place; refuses data that does not fill them, and changes nothing then.
pub(super) fn for_each_block<const N: usize>(
    data: &mut [u8],
    mut act: impl FnMut(&mut [u8; N]),
) -> Result<(), KeyError> {
    let length = data.len();
    let (blocks, rest) = data.as_chunks_mut::<N>();
    if !rest.is_empty() {
        return Err(KeyError::PartialBlock { length, block: N });
    }
    blocks.iter_mut().for_each(&mut act);
    Ok(())
}

/// Each block by itself.
pub(super) fn encrypt_ecb<const N: usize>(cipher: &impl BlockCipher<N>, data: &mut [u8]) -> Result<(), KeyError> {
    for_each_block(data, |block| *block = cipher.encrypt(*block))
}

/// The reverse of `encrypt_ecb`.
pub(super) fn decrypt_ecb<const N: usize>(cipher: &impl BlockCipher<N>, data: &mut [u8]) -> Result<(), KeyError> {
    for_each_block(data, |block| *block = cipher.decrypt(*block))
}

/// Each block joined with the cryptogram of the one before it, the first with `start`.
pub(super) fn encrypt_cbc<const N: usize>(
    cipher: &impl BlockCipher<N>,
    start: [u8; N],
    data: &mut [u8],
) -> Result<(), KeyError> {
    let mut before = start;
    for_each_block(data, |block| {
        before = cipher.encrypt(xor(*block, before));
        *block = before;
    })
}

/// The reverse of `encrypt_cbc`.
pub(super) fn decrypt_cbc<const N: usize>(
    cipher: &impl BlockCipher<N>,
    start: [u8; N],
    data: &mut [u8],
) -> Result<(), KeyError> {
    let mut before = start;
    for_each_block(data, |block| {
        let cryptogram = *block;
        *block = xor(cipher.decrypt(cryptogram), before);
        before = cryptogram;
    })
}
