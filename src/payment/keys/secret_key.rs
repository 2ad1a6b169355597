//! A key of any of our ciphers, and the same key expanded for many blocks.

use crate::payment::hex;
use crate::payment::keys::block_cipher::{Algorithm, BlockCipher, decrypt_cbc, decrypt_ecb, encrypt_cbc, encrypt_ecb};
use crate::payment::keys::cipher::{KeyBytes, KeyError, Schedule};
use aes::{Aes128, Aes192, Aes256};
use cmac::block_api::CmacCipher;
use cmac::digest::common::{InnerInit, OutputSizeUser};
use cmac::{Cmac, Mac};
use des::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use sm4::Sm4;
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The longest key: AES-256.
const LONGEST: usize = 32;

/// A key and the cipher it is for. Prints as `<AES key of 16 bytes>`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretKey {
    #[zeroize(skip)]
    algorithm: Algorithm,
    // Always the longest, so that nothing ever grows and leaves a copy behind.
    bytes: Box<[u8; LONGEST]>,
    length: usize,
}

impl SecretKey {
    /// Takes a key of one of the algorithm's lengths.
    ///
    /// Keys of zeros are refused, as are DES keys with a weak part or with equal neighbours; parity bits do not matter.
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Result<SecretKey, KeyError> {
        let key = SecretKey::unjudged(algorithm, bytes)?;
        key.judge()?;
        Ok(key)
    }

    /// Takes a key without a look at its strength: for derived keys, and where a check value is compared first.
    pub fn unjudged(algorithm: Algorithm, bytes: &[u8]) -> Result<SecretKey, KeyError> {
        if !algorithm.key_lengths().contains(&bytes.len()) {
            return Err(match algorithm {
                Algorithm::Des => KeyError::Length { found: bytes.len() },
                Algorithm::Aes | Algorithm::Sm4 => KeyError::LengthOf { algorithm, found: bytes.len() },
            });
        }
        let mut key = SecretKey { algorithm, bytes: Box::new([0; LONGEST]), length: bytes.len() };
        key.bytes.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        Ok(key)
    }

    /// Reads hexadecimal digits; white space between them is skipped.
    pub fn parse_hex(algorithm: Algorithm, text: &str) -> Result<SecretKey, KeyError> {
        SecretKey::new(algorithm, &hex_digits(text)?)
    }

    /// Refuses keys that protect less than they seem to.
    pub fn judge(&self) -> Result<(), KeyError> {
        match self.algorithm {
            Algorithm::Des => KeyBytes::unjudged(self.clear_bytes())?.judge(),
            Algorithm::Aes | Algorithm::Sm4 if self.clear_bytes().iter().all(|byte| *byte == 0) => Err(KeyError::Weak),
            Algorithm::Aes | Algorithm::Sm4 => Ok(()),
        }
    }

    /// Which cipher it is for.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// How many bytes it has.
    pub fn length(&self) -> usize {
        self.length
    }

    /// The key itself. Only ciphers, derivations and key blocks call it.
    pub fn clear_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }

    /// The key as a DES key.
    pub fn des(&self) -> Result<KeyBytes, KeyError> {
        match self.algorithm {
            Algorithm::Des => KeyBytes::unjudged(self.clear_bytes()),
            found @ (Algorithm::Aes | Algorithm::Sm4) => Err(KeyError::Algorithm { needed: Algorithm::Des, found }),
        }
    }

    /// The key expanded, for many blocks.
    pub fn expand(&self) -> Expanded {
        match self.algorithm {
            Algorithm::Des => Expanded::Narrow(match KeyBytes::unjudged(self.clear_bytes()) {
                Ok(key) => key.schedule(),
                Err(_) => unreachable!("made from one of the lengths of DES"),
            }),
            Algorithm::Sm4 => Expanded::Wide(WideSchedule::Sm4(Sm4::new(&Array(*first(self.bytes.as_slice()))))),
            Algorithm::Aes => Expanded::Wide(match self.length {
                16 => WideSchedule::Aes128(Aes128::new(&Array(*first(self.bytes.as_slice())))),
                24 => WideSchedule::Aes192(Aes192::new(&Array(*first(self.bytes.as_slice())))),
                _ => WideSchedule::Aes256(Aes256::new(&Array(*self.bytes))),
            }),
        }
    }
}

/// The first bytes of a key, whose room is always that of the longest.
fn first<const N: usize>(bytes: &[u8]) -> &[u8; N] {
    match bytes.first_chunk() {
        Some(first) => first,
        None => unreachable!("a key's room has {LONGEST} bytes"),
    }
}

/// Reads pairs of hexadecimal digits, white space between them skipped, into memory that is wiped.
pub fn hex_digits(text: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut digits = Zeroizing::new(Vec::with_capacity(text.len()));
    digits.extend(text.bytes().filter(|byte| !byte.is_ascii_whitespace()));
    hex::decode(&digits).ok_or(KeyError::NotHexadecimal)
}

impl From<&KeyBytes> for SecretKey {
    fn from(key: &KeyBytes) -> SecretKey {
        let mut copy =
            SecretKey { algorithm: Algorithm::Des, bytes: Box::new([0; LONGEST]), length: key.clear_bytes().len() };
        copy.bytes.iter_mut().zip(key.clear_bytes()).for_each(|(to, from)| *to = *from);
        copy
    }
}

impl PartialEq for SecretKey {
    /// In constant time for keys of one length.
    fn eq(&self, other: &SecretKey) -> bool {
        self.algorithm == other.algorithm && self.clear_bytes().ct_eq(other.clear_bytes()).into()
    }
}

impl Eq for SecretKey {}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} key of {} bytes>", self.algorithm, self.length)
    }
}

/// An expanded key. The cipher wipes it when it is dropped. Prints as `<expanded key>`.
#[derive(Clone)]
pub enum Expanded {
    /// Blocks of 8 bytes.
    Narrow(Schedule),
    /// Blocks of 16 bytes.
    Wide(WideSchedule),
}

/// An expanded key with blocks of 16 bytes.
#[derive(Clone)]
pub enum WideSchedule {
    /// AES with a key of 16 bytes.
    Aes128(Aes128),
    /// AES with a key of 24 bytes.
    Aes192(Aes192),
    /// AES with a key of 32 bytes.
    Aes256(Aes256),
    /// SM4.
    Sm4(Sm4),
}

impl Expanded {
    /// Each block by itself, in place.
    pub fn encrypt_ecb(&self, data: &mut [u8]) -> Result<(), KeyError> {
        match self {
            Expanded::Narrow(key) => encrypt_ecb(key, data),
            Expanded::Wide(key) => encrypt_ecb(key, data),
        }
    }

    /// The reverse of `encrypt_ecb`.
    pub fn decrypt_ecb(&self, data: &mut [u8]) -> Result<(), KeyError> {
        match self {
            Expanded::Narrow(key) => decrypt_ecb(key, data),
            Expanded::Wide(key) => decrypt_ecb(key, data),
        }
    }

    /// Each block joined with the cryptogram before it, in place. `start` must fill one block.
    pub fn encrypt_cbc(&self, start: &[u8], data: &mut [u8]) -> Result<(), KeyError> {
        match self {
            Expanded::Narrow(key) => encrypt_cbc(key, whole(start)?, data),
            Expanded::Wide(key) => encrypt_cbc(key, whole(start)?, data),
        }
    }

    /// The reverse of `encrypt_cbc`.
    pub fn decrypt_cbc(&self, start: &[u8], data: &mut [u8]) -> Result<(), KeyError> {
        match self {
            Expanded::Narrow(key) => decrypt_cbc(key, whole(start)?, data),
            Expanded::Wide(key) => decrypt_cbc(key, whole(start)?, data),
        }
    }

    /// Bytes of a block.
    pub fn block(&self) -> usize {
        match self {
            Expanded::Narrow(_) => 8,
            Expanded::Wide(_) => 16,
        }
    }

    /// The CMAC (NIST SP 800-38B) of the data, one block long.
    pub fn cmac(&self, data: &[u8]) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Expanded::Narrow(Schedule::Single(key)) => cmac_of(key.clone(), data).to_vec(),
            Expanded::Narrow(Schedule::Triple(key)) => cmac_of(key.clone(), data).to_vec(),
            Expanded::Wide(WideSchedule::Aes128(key)) => cmac_of(key.clone(), data).to_vec(),
            Expanded::Wide(WideSchedule::Aes192(key)) => cmac_of(key.clone(), data).to_vec(),
            Expanded::Wide(WideSchedule::Aes256(key)) => cmac_of(key.clone(), data).to_vec(),
            Expanded::Wide(WideSchedule::Sm4(key)) => cmac_of(key.clone(), data).to_vec(),
        })
    }
}

fn cmac_of<C: CmacCipher>(cipher: C, data: &[u8]) -> Array<u8, C::BlockSize>
where
    Cmac<C>: Mac + InnerInit<Inner = C> + OutputSizeUser<OutputSize = C::BlockSize>,
{
    let mut mac = Cmac::<C>::inner_init(cipher);
    Mac::update(&mut mac, data);
    mac.finalize().into_bytes()
}

fn whole<const N: usize>(start: &[u8]) -> Result<[u8; N], KeyError> {
    start.try_into().map_err(|_| KeyError::PartialBlock { length: start.len(), block: N })
}

impl BlockCipher<16> for WideSchedule {
    fn encrypt(&self, block: [u8; 16]) -> [u8; 16] {
        let mut block = Array(block);
        match self {
            WideSchedule::Aes128(key) => key.encrypt_block(&mut block),
            WideSchedule::Aes192(key) => key.encrypt_block(&mut block),
            WideSchedule::Aes256(key) => key.encrypt_block(&mut block),
            WideSchedule::Sm4(key) => key.encrypt_block(&mut block),
        }
        block.0
    }

    fn decrypt(&self, block: [u8; 16]) -> [u8; 16] {
        let mut block = Array(block);
        match self {
            WideSchedule::Aes128(key) => key.decrypt_block(&mut block),
            WideSchedule::Aes192(key) => key.decrypt_block(&mut block),
            WideSchedule::Aes256(key) => key.decrypt_block(&mut block),
            WideSchedule::Sm4(key) => key.decrypt_block(&mut block),
        }
        block.0
    }
}

impl fmt::Debug for Expanded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<expanded key>")
    }
}

impl fmt::Debug for WideSchedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<expanded key>")
    }
}
