//! PIN blocks of ISO 9564-1, formats 0 to 3, and the one without a card number.

use crate::payment::card::{Pan, Pin};
use crate::payment::keys::block_cipher::{BlockCipher, xor};
use crate::payment::keys::cipher::{BLOCK, KeyBytes, Schedule};
use serde::{Deserialize, Serialize};
use std::fmt;
use subtle::ConstantTimeEq;
use thiserror::Error;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// How the PIN stands in the block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum PinBlockFormat {
    /// PIN and F, joined with the card number: what field 52 mostly carries.
    Iso0,
    /// PIN and fill, without the card number.
    Iso1,
    /// PIN and F, without the card number: only between terminal and card.
    Iso2,
    /// PIN and fill of A to F, joined with the card number.
    Iso3,
    /// As format 0, without the card number: field 53 begins with 1. For cards without a usable number, and old hosts.
    NoPan,
}

impl PinBlockFormat {
    /// All of them.
    pub const ALL: [PinBlockFormat; 5] =
        [PinBlockFormat::Iso0, PinBlockFormat::Iso1, PinBlockFormat::Iso2, PinBlockFormat::Iso3, PinBlockFormat::NoPan];

    /// The word on a command line.
    pub fn word(self) -> &'static str {
        match self {
            PinBlockFormat::Iso0 => "0",
            PinBlockFormat::Iso1 => "1",
            PinBlockFormat::Iso2 => "2",
            PinBlockFormat::Iso3 => "3",
            PinBlockFormat::NoPan => "no-pan",
        }
    }

    /// The first digit of the block.
    fn digit(self) -> u8 {
        match self {
            PinBlockFormat::Iso0 | PinBlockFormat::NoPan => 0,
            PinBlockFormat::Iso1 => 1,
            PinBlockFormat::Iso2 => 2,
            PinBlockFormat::Iso3 => 3,
        }
    }

    fn uses_card_number(self) -> bool {
        matches!(self, PinBlockFormat::Iso0 | PinBlockFormat::Iso3)
    }
}

/// Why a block holds no PIN. Never carries any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PinBlockError {
    /// The first digit names another format: mostly the wrong key or the wrong card number.
    #[error("the PIN block does not begin with the digit of its format")]
    Format,
    /// No length between 4 and 12.
    #[error("the PIN block gives no length between 4 and 12")]
    Length,
    /// Something else than digits where the PIN stands: mostly the wrong key or the wrong card number.
    #[error("the PIN block has something else than digits where the PIN stands")]
    Digits,
    /// What fills the block behind the PIN is not what the format says.
    #[error("the PIN block is not filled as its format says")]
    Fill,
}

/// A PIN block in the clear. It lives between PIN and key only. Prints as `<PIN block>`.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct ClearPinBlock([u8; BLOCK]);

/// A PIN block under the PIN key, as field 52 carries it. Prints as `<encrypted PIN block>`.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct EncryptedPinBlock([u8; BLOCK]);

impl ClearPinBlock {
    /// Builds a block. `fill` is used by formats 1 and 3, which need bytes unlike those of any block before;
    /// formats 0 and 2 leave it aside. In format 3 each fill digit becomes one of A to F.
    pub fn build(format: PinBlockFormat, pin: &Pin, pan: &Pan, fill: [u8; BLOCK]) -> ClearPinBlock {
        let digits = pin.clear_digits().as_bytes();
        let mut nibbles = Zeroizing::new([0_u8; 2 * BLOCK]);
        let fill = fill.into_iter().flat_map(|byte| [byte >> 4, byte & 0x0F]).map(|nibble| match format {
            PinBlockFormat::Iso0 | PinBlockFormat::Iso2 | PinBlockFormat::NoPan => 0x0F,
            PinBlockFormat::Iso1 => nibble,
            PinBlockFormat::Iso3 => 0x0A + nibble % 6,
        });
        let head = [format.digit(), digits.len() as u8];
        let content = head.into_iter().chain(digits.iter().map(|digit| digit - b'0')).chain(fill);
        nibbles.iter_mut().zip(content).for_each(|(to, from)| *to = from);
        let block = ClearPinBlock(joined(&nibbles));
        if format.uses_card_number() { ClearPinBlock(xor(block.0, pan_block(pan))) } else { block }
    }

    /// Takes a block as it was decrypted.
    pub fn from_bytes(bytes: [u8; BLOCK]) -> ClearPinBlock {
        ClearPinBlock(bytes)
    }

    /// The PIN in the block, if the block is one of this format for this card.
    pub fn read(&self, format: PinBlockFormat, pan: &Pan) -> Result<Pin, PinBlockError> {
        let mut block = Zeroizing::new(self.0);
        if format.uses_card_number() {
            *block = xor(*block, pan_block(pan));
        }
        let nibbles: Zeroizing<Vec<u8>> =
            Zeroizing::new(block.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]).collect());
        let [digit, length, content @ ..] = nibbles.as_slice() else {
            return Err(PinBlockError::Format);
        };
        if *digit != format.digit() {
            return Err(PinBlockError::Format);
        }
        if !(4..=12).contains(length) {
            return Err(PinBlockError::Length);
        }
        let (pin, fill) = content.split_at_checked(usize::from(*length)).ok_or(PinBlockError::Length)?;
        if pin.iter().any(|nibble| *nibble > 9) {
            return Err(PinBlockError::Digits);
        }
        let well_filled = match format {
            PinBlockFormat::Iso0 | PinBlockFormat::Iso2 | PinBlockFormat::NoPan => {
                fill.iter().all(|nibble| *nibble == 0x0F)
            }
            PinBlockFormat::Iso1 => true,
            PinBlockFormat::Iso3 => fill.iter().all(|nibble| *nibble >= 0x0A),
        };
        if !well_filled {
            return Err(PinBlockError::Fill);
        }
        let mut digits = Zeroizing::new(String::with_capacity(12));
        digits.extend(pin.iter().map(|nibble| char::from(b'0' + nibble)));
        Pin::parse(&digits).map_err(|_| PinBlockError::Digits)
    }

    /// The block under the PIN key.
    pub fn encrypt(&self, pin_key: &KeyBytes) -> EncryptedPinBlock {
        self.encrypt_under(&pin_key.schedule())
    }

    /// The block under the PIN key, expanded before.
    pub fn encrypt_under(&self, pin_key: &Schedule) -> EncryptedPinBlock {
        EncryptedPinBlock(BlockCipher::encrypt(pin_key, self.0))
    }

    /// The eight bytes in the clear. Only a card that checks its PIN itself is sent them.
    pub fn clear_bytes(&self) -> &[u8; BLOCK] {
        &self.0
    }
}

impl EncryptedPinBlock {
    /// Takes the eight bytes of field 52.
    pub fn from_bytes(bytes: [u8; BLOCK]) -> EncryptedPinBlock {
        EncryptedPinBlock(bytes)
    }

    /// The eight bytes for field 52.
    pub fn as_bytes(&self) -> &[u8; BLOCK] {
        &self.0
    }

    /// The block in the clear. Only the simulated issuer calls it.
    pub fn decrypt(&self, pin_key: &KeyBytes) -> ClearPinBlock {
        self.decrypt_under(&pin_key.schedule())
    }

    /// The block in the clear, the key expanded before. Only the simulated issuer calls it.
    pub fn decrypt_under(&self, pin_key: &Schedule) -> ClearPinBlock {
        ClearPinBlock(BlockCipher::decrypt(pin_key, self.0))
    }
}

impl PartialEq for EncryptedPinBlock {
    fn eq(&self, other: &EncryptedPinBlock) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for EncryptedPinBlock {}

impl fmt::Debug for ClearPinBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<PIN block>")
    }
}

impl fmt::Debug for EncryptedPinBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<encrypted PIN block>")
    }
}

/// Four zeros, then the twelve rightmost digits of the card number without its check digit.
fn pan_block(pan: &Pan) -> [u8; BLOCK] {
    let mut nibbles = Zeroizing::new([0_u8; 2 * BLOCK]);
    let rightmost = pan.clear_digits().bytes().rev().skip(1).take(12);
    nibbles.iter_mut().rev().zip(rightmost).for_each(|(to, digit)| *to = digit - b'0');
    joined(&nibbles)
}

/// Two nibbles a byte.
fn joined(nibbles: &[u8; 2 * BLOCK]) -> [u8; BLOCK] {
    let mut block = [0; BLOCK];
    for (to, pair) in block.iter_mut().zip(nibbles.as_chunks::<2>().0) {
        let [high, low] = pair;
        *to = high << 4 | low;
    }
    block
}
