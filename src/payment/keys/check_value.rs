//! Check values: proof that a key is the right one, without showing it.

use crate::payment::hex;
use crate::payment::keys::cipher::{BLOCK, KeyBytes};
use crate::payment::keys::secret_key::SecretKey;
use std::fmt;
use subtle::ConstantTimeEq;

/// The first 3 to 8 bytes of a block of zeros under a key.
#[derive(Clone, Copy)]
pub struct CheckValue {
    bytes: [u8; BLOCK],
    length: usize,
}

impl CheckValue {
    /// The fewest bytes that prove anything.
    pub const LENGTH_MIN: usize = 3;

    /// Takes 3 to 8 bytes.
    pub fn new(bytes: &[u8]) -> Option<CheckValue> {
        (CheckValue::LENGTH_MIN..=BLOCK).contains(&bytes.len()).then(|| {
            let mut value = CheckValue { bytes: [0; BLOCK], length: bytes.len() };
            value.bytes.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
            value
        })
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }
}

/// The check value of a PIN or track key: the first `length` bytes of eight zero bytes under the key.
///
/// A length below 3 counts as 3, one above 8 as 8.
pub fn check_value(key: &KeyBytes, length: usize) -> CheckValue {
    let length = length.clamp(CheckValue::LENGTH_MIN, BLOCK);
    let mut bytes = key.encrypt_block([0; BLOCK]);
    bytes.iter_mut().skip(length).for_each(|byte| *byte = 0);
    CheckValue { bytes, length }
}

/// The check value of a MAC key: single DES under its first eight bytes, even where its place holds sixteen.
pub fn mac_key_check_value(key: &KeyBytes, length: usize) -> CheckValue {
    check_value(&key.first_part(), length)
}

/// The check value of any key: the first `length` bytes of a block of zeros under it.
pub fn zero_check_value(key: &SecretKey, length: usize) -> CheckValue {
    let mut block = [0; 16];
    let expanded = key.expand();
    let (used, _) = block.split_at_mut(expanded.block().min(16));
    // A whole block: it cannot be refused.
    let _ = expanded.encrypt_ecb(used);
    leftmost(&block, length)
}

/// The check value of an AES key by X9.143: the first `length` bytes of the CMAC of a block of zeros.
///
/// It differs from `zero_check_value`, which older systems use for AES too.
pub fn cmac_check_value(key: &SecretKey, length: usize) -> CheckValue {
    let expanded = key.expand();
    let zeros = [0; 16];
    leftmost(&expanded.cmac(zeros.get(..expanded.block()).unwrap_or(&zeros)), length)
}

fn leftmost(block: &[u8], length: usize) -> CheckValue {
    let length = length.clamp(CheckValue::LENGTH_MIN, BLOCK);
    let mut value = CheckValue { bytes: [0; BLOCK], length };
    value.bytes.iter_mut().zip(block).take(length).for_each(|(to, from)| *to = *from);
    value
}

impl PartialEq for CheckValue {
    /// In constant time.
    fn eq(&self, other: &CheckValue) -> bool {
        self.as_bytes().ct_eq(other.as_bytes()).into()
    }
}

impl Eq for CheckValue {}

impl fmt::Display for CheckValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex::encode(self.as_bytes()))
    }
}

impl fmt::Debug for CheckValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
