//! DES keys of one, two or three parts, and whole blocks under them.

use crate::payment::hex;
use crate::payment::keys::block_cipher::{Algorithm, BlockCipher, decrypt_cbc, decrypt_ecb, encrypt_cbc, encrypt_ecb};
use crate::payment::keys::check_value::CheckValue;
use crate::payment::keys::parity::odd;
use crate::payment::keys::sign_in::WorkKeySlot;
use des::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use std::fmt;
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// Bytes in a DES block.
pub const BLOCK: usize = 8;

/// Why a key cannot be used, or cannot be used for this. Never carries key bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum KeyError {
    /// Not 8, 16 or 24 bytes.
    #[error("a key has 8, 16 or 24 bytes, not {found}")]
    Length {
        /// How many there are.
        found: usize,
    },
    /// Not one of the lengths of the algorithm.
    #[error("{algorithm} has no keys of {found} bytes")]
    LengthOf {
        /// Which cipher.
        algorithm: Algorithm,
        /// How many there are.
        found: usize,
    },
    /// A key of another cipher.
    #[error("this needs a key of {needed}, not of {found}")]
    Algorithm {
        /// Which cipher it has to be for.
        needed: Algorithm,
        /// Which it is for.
        found: Algorithm,
    },
    /// The key is not written in hexadecimal digits.
    #[error("a key is written in pairs of hexadecimal digits")]
    NotHexadecimal,
    /// A part is one of the 64 weak keys of DES; a key of zeros is one of them.
    #[error("the key is one of the weak keys of DES")]
    Weak,
    /// Two neighbouring parts are equal, so that the key is worth single DES only.
    #[error("parts of the key are equal, so that it protects no more than a single DES key")]
    EqualParts,
    /// The algorithm needs two different parts.
    #[error("this needs a key of two parts or more")]
    SinglePart,
    /// Data that does not fill whole blocks.
    #[error("{length} bytes do not fill whole blocks of {block}")]
    PartialBlock {
        /// How many bytes there are.
        length: usize,
        /// Bytes of a block.
        block: usize,
    },
    /// The key does not match its check value: mostly the wrong master key.
    #[error("the {slot} does not match its check value: {expected} expected, {found} found")]
    CheckValue {
        /// Which key.
        slot: WorkKeySlot,
        /// What came with the key.
        expected: CheckValue,
        /// What the key gives.
        found: CheckValue,
    },
}

/// A DES key of 8, 16 or 24 bytes. Prints as `<key of 16 bytes>`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct KeyBytes {
    // Always 24 bytes, so that nothing ever grows and leaves a copy behind.
    bytes: Box<[u8; 24]>,
    length: usize,
}

impl KeyBytes {
    /// Takes 8, 16 or 24 bytes. Weak keys and keys with equal parts are refused; parity bits do not matter.
    pub fn new(bytes: &[u8]) -> Result<KeyBytes, KeyError> {
        let key = KeyBytes::unjudged(bytes)?;
        key.judge()?;
        Ok(key)
    }

    /// Reads hexadecimal digits; spaces between them are skipped.
    pub fn parse_hex(text: &str) -> Result<KeyBytes, KeyError> {
        let mut digits = zeroize::Zeroizing::new(Vec::with_capacity(text.len()));
        digits.extend(text.bytes().filter(|byte| *byte != b' '));
        KeyBytes::new(&hex::decode(&digits).ok_or(KeyError::NotHexadecimal)?)
    }

    /// Takes the bytes without a look at their strength: for a key whose check value must be compared first.
    pub(super) fn unjudged(bytes: &[u8]) -> Result<KeyBytes, KeyError> {
        let length = bytes.len();
        if !matches!(length, 8 | 16 | 24) {
            return Err(KeyError::Length { found: length });
        }
        let mut key = KeyBytes { bytes: Box::new([0; 24]), length };
        key.bytes.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        Ok(key)
    }

    /// Refuses weak keys and equal parts.
    pub(super) fn judge(&self) -> Result<(), KeyError> {
        let parts = || self.clear_bytes().chunks_exact(BLOCK).map(odd_parity);
        if parts().any(|part| des::weak_key_test(&part).is_err()) {
            return Err(KeyError::Weak);
        }
        // K1 = K3 is the ordinary key of two parts written out in three; only neighbours cancel each other.
        if parts().zip(parts().skip(1)).any(|(left, right)| left.ct_eq(&right).into()) {
            return Err(KeyError::EqualParts);
        }
        Ok(())
    }

    /// How many bytes: 8, 16 or 24.
    pub fn length(&self) -> usize {
        self.length
    }

    /// The key itself. Only the cipher and the simulated host's key bundle call it.
    pub fn clear_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }

    /// The first eight bytes as a key of their own: a MAC key is one of single length whatever its place holds.
    pub fn first_part(&self) -> KeyBytes {
        let mut first = KeyBytes { bytes: Box::new([0; 24]), length: BLOCK };
        first.bytes.iter_mut().zip(self.bytes.iter()).take(BLOCK).for_each(|(to, from)| *to = *from);
        first
    }

    /// One block under the key: DES for a key of one part, 3DES for two or three.
    pub fn encrypt_block(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        self.schedule().encrypt(block)
    }

    /// The reverse of `encrypt_block`.
    pub fn decrypt_block(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        self.schedule().decrypt(block)
    }

    /// Each block by itself, in place.
    pub fn encrypt_ecb(&self, data: &mut [u8]) -> Result<(), KeyError> {
        encrypt_ecb(&self.schedule(), data)
    }

    /// The reverse of `encrypt_ecb`, in place.
    pub fn decrypt_ecb(&self, data: &mut [u8]) -> Result<(), KeyError> {
        decrypt_ecb(&self.schedule(), data)
    }

    /// Each block joined with the cryptogram of the one before it, the first with `start`; in place.
    pub fn encrypt_cbc(&self, start: [u8; BLOCK], data: &mut [u8]) -> Result<(), KeyError> {
        encrypt_cbc(&self.schedule(), start, data)
    }

    /// The reverse of `encrypt_cbc`, in place.
    pub fn decrypt_cbc(&self, start: [u8; BLOCK], data: &mut [u8]) -> Result<(), KeyError> {
        decrypt_cbc(&self.schedule(), start, data)
    }

    /// The key expanded, for many blocks.
    pub fn schedule(&self) -> Schedule {
        let mut parts = zeroize::Zeroizing::new([0_u8; 24]);
        parts.copy_from_slice(self.bytes.as_slice());
        if self.length == 16 {
            // Two parts are three whose third is the first.
            parts.copy_within(..BLOCK, 2 * BLOCK);
        }
        match (self.length, parts.first_chunk::<BLOCK>()) {
            (BLOCK, Some(single)) => Schedule::Single(des::Des::new(&Array::from(*single))),
            _ => Schedule::Triple(des::TdesEde3::new(&Array::from(*parts))),
        }
    }
}

impl PartialEq for KeyBytes {
    fn eq(&self, other: &KeyBytes) -> bool {
        self.clear_bytes().ct_eq(other.clear_bytes()).into()
    }
}

impl Eq for KeyBytes {}

impl fmt::Debug for KeyBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<key of {} bytes>", self.length)
    }
}

/// An expanded DES key. The cipher wipes it when it is dropped. Prints as `<expanded key>`.
#[derive(Clone)]
#[expect(clippy::large_enum_variant, reason = "a box would cost more than it saves")]
pub enum Schedule {
    /// DES.
    Single(des::Des),
    /// 3DES: encrypt, decrypt, encrypt.
    Triple(des::TdesEde3),
}

impl BlockCipher<BLOCK> for Schedule {
    fn encrypt(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        let mut block = Array::from(block);
        match self {
            Schedule::Single(des) => des.encrypt_block(&mut block),
            Schedule::Triple(des) => des.encrypt_block(&mut block),
        }
        block.into()
    }

    fn decrypt(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        let mut block = Array::from(block);
        match self {
            Schedule::Single(des) => des.decrypt_block(&mut block),
            Schedule::Triple(des) => des.decrypt_block(&mut block),
        }
        block.into()
    }
}

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<expanded key>")
    }
}

/// A part of a key with the lowest bit of each byte set for odd parity, as the list of weak keys is written.
fn odd_parity(part: &[u8]) -> [u8; BLOCK] {
    let mut adjusted = [0; BLOCK];
    for (to, from) in adjusted.iter_mut().zip(part) {
        *to = odd(*from);
    }
    adjusted
}
