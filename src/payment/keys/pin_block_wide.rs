//! PIN blocks of ISO 9564-1 format 4: sixteen bytes, for AES and SM4.

use crate::payment::card::{Pan, Pin};
use crate::payment::keys::block_cipher::{Algorithm, xor};
use crate::payment::keys::cipher::KeyError;
use crate::payment::keys::pin_block::PinBlockError;
use crate::payment::keys::secret_key::SecretKey;
use std::fmt;
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// A format 4 block under its key. Prints as `<encrypted PIN block>`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct WidePinBlock([u8; 16]);

/// Why a format 4 block cannot be made or holds no PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WidePinBlockError {
    /// The key has blocks of another size.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// There is no PIN in it.
    #[error(transparent)]
    Block(#[from] PinBlockError),
}

impl WidePinBlock {
    /// Takes the sixteen bytes of a message.
    pub fn from_bytes(bytes: [u8; 16]) -> WidePinBlock {
        WidePinBlock(bytes)
    }

    /// The sixteen bytes for a message.
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }

    /// Encrypts a PIN for a card. `fill` has to be unlike that of any block before.
    pub fn build(key: &SecretKey, pin: &Pin, pan: &Pan, fill: [u8; 8]) -> Result<WidePinBlock, KeyError> {
        let key = wide(key)?;
        let mut block = pin_field(pin, fill);
        key.encrypt_ecb(block.as_mut_slice())?;
        *block = xor(*block, *pan_field(pan.clear_digits()));
        key.encrypt_ecb(block.as_mut_slice())?;
        Ok(WidePinBlock(*block))
    }

    /// The PIN in the block, if it is one for this card under this key. Only the simulated issuer calls it.
    pub fn read(&self, key: &SecretKey, pan: &Pan) -> Result<Pin, WidePinBlockError> {
        let key = wide(key)?;
        let mut block = Zeroizing::new(self.0);
        key.decrypt_ecb(block.as_mut_slice())?;
        *block = xor(*block, *pan_field(pan.clear_digits()));
        key.decrypt_ecb(block.as_mut_slice())?;
        let nibbles: Zeroizing<Vec<u8>> =
            Zeroizing::new(block.iter().take(8).flat_map(|byte| [byte >> 4, byte & 0x0F]).collect());
        let [digit, length, content @ ..] = nibbles.as_slice() else { return Err(PinBlockError::Format.into()) };
        if *digit != 4 {
            return Err(PinBlockError::Format.into());
        }
        if !(4..=12).contains(length) {
            return Err(PinBlockError::Length.into());
        }
        let (pin, fill) = content.split_at_checked(usize::from(*length)).ok_or(PinBlockError::Length)?;
        if fill.iter().any(|nibble| *nibble != 0x0A) {
            return Err(PinBlockError::Fill.into());
        }
        let mut digits = Zeroizing::new(String::with_capacity(12));
        digits.extend(pin.iter().map(|nibble| char::from(b'0' + (nibble & 0x0F))));
        Ok(Pin::parse(&digits).map_err(|_| PinBlockError::Digits)?)
    }
}

fn wide(key: &SecretKey) -> Result<crate::payment::keys::secret_key::Expanded, KeyError> {
    match key.algorithm() {
        Algorithm::Des => Err(KeyError::Algorithm { needed: Algorithm::Aes, found: Algorithm::Des }),
        Algorithm::Aes | Algorithm::Sm4 => Ok(key.expand()),
    }
}

/// The PIN with its length, filled with A, then the fill.
pub fn pin_field(pin: &Pin, fill: [u8; 8]) -> Zeroizing<[u8; 16]> {
    let digits = pin.clear_digits().as_bytes();
    let head = [4, digits.len() as u8];
    let nibbles = head.into_iter().chain(digits.iter().map(|digit| digit - b'0')).chain(std::iter::repeat(0x0A));
    let mut field = packed(nibbles.take(16));
    field.iter_mut().skip(8).zip(fill).for_each(|(to, from)| *to = from);
    field
}

/// How many digits beyond twelve the number has, its digits, then zeros. A number of fewer than twelve digits is filled
/// with zeros from the left.
pub fn pan_field(digits: &str) -> Zeroizing<[u8; 16]> {
    let missing = 12_usize.saturating_sub(digits.len());
    let beyond = digits.len().saturating_sub(12) as u8;
    let nibbles = [beyond].into_iter().chain(std::iter::repeat_n(0, missing));
    packed(nibbles.chain(digits.bytes().map(|digit| digit & 0x0F)).chain(std::iter::repeat(0)).take(32))
}

/// Two nibbles a byte.
fn packed(nibbles: impl Iterator<Item = u8>) -> Zeroizing<[u8; 16]> {
    let mut field = Zeroizing::new([0; 16]);
    for (at, nibble) in nibbles.enumerate() {
        field.iter_mut().skip(at / 2).take(1).for_each(|byte| *byte |= if at % 2 == 0 { nibble << 4 } else { nibble });
    }
    field
}

impl PartialEq for WidePinBlock {
    fn eq(&self, other: &WidePinBlock) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for WidePinBlock {}

impl fmt::Debug for WidePinBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<encrypted PIN block>")
    }
}
