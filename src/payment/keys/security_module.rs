//! The port of a security module: keys go in and are used by handle; none comes out in the clear.

use crate::payment::card::{Pan, Pin};
use crate::payment::keys::block_cipher::Algorithm;
use crate::payment::keys::check_value::CheckValue;
use crate::payment::keys::cipher::KeyError;
use crate::payment::keys::dukpt::{DukptError, DukptUse, KeySerial};
use crate::payment::keys::key_block::{KeyBlockError, KeyBlockHeader};
use crate::payment::keys::mac_method::{MacMethod, MacValue};
use crate::payment::keys::pin_block::{EncryptedPinBlock, PinBlockFormat};
use crate::payment::keys::pin_block_wide::WidePinBlock;
use crate::payment::keys::secret_key::SecretKey;
use crate::payment::keys::track_cipher::TrackCipherError;
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// A key inside a module. Handles are counted up and never used twice; one that was erased names nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyHandle(pub(super) u32);

/// What a key may be used for. A module refuses every other use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyUse {
    /// Encrypts other keys: master and transport keys.
    Keys,
    /// Encrypts PIN blocks.
    Pin,
    /// Makes and verifies MACs.
    Mac,
    /// Encrypts tracks and other data.
    Data,
    /// Derives the keys of transactions (DUKPT): a base or an initial key.
    Derivation,
}

impl KeyUse {
    /// What the usage of a key block allows; `None` for one that this module does nothing with.
    pub fn of_block(usage: [char; 2]) -> Option<KeyUse> {
        match usage {
            ['K', '0' | '1'] => Some(KeyUse::Keys),
            ['P', '0'] => Some(KeyUse::Pin),
            ['M', _] => Some(KeyUse::Mac),
            ['D', '0' | '1'] => Some(KeyUse::Data),
            ['B', '0' | '1'] => Some(KeyUse::Derivation),
            _ => None,
        }
    }
}

impl fmt::Display for KeyUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyUse::Keys => "keys",
            KeyUse::Pin => "PIN blocks",
            KeyUse::Mac => "MACs",
            KeyUse::Data => "data",
            KeyUse::Derivation => "deriving keys",
        })
    }
}

/// Why a module refuses. Never carries anything of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ModuleError {
    /// No key has this handle, or it was erased.
    #[error("there is no such key")]
    NoSuchKey,
    /// The key is for something else.
    #[error("the key is for {allowed}, not for {wanted}")]
    Use {
        /// What it is for.
        allowed: KeyUse,
        /// What was asked.
        wanted: KeyUse,
    },
    /// The block it came in says that it must not go out.
    #[error("the key must not leave the module")]
    NotExportable,
    /// The block says what this module does nothing with.
    #[error("the module does nothing with keys of usage {0}{1}")]
    Usage(char, char),
    /// The key does not match the check value that came with it.
    #[error("the key does not match its check value: {expected} expected, {found} found")]
    CheckValue {
        /// What came with it.
        expected: CheckValue,
        /// What the key gives.
        found: CheckValue,
    },
    /// The key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The block is refused.
    #[error(transparent)]
    Block(#[from] KeyBlockError),
    /// The serial number names no key.
    #[error(transparent)]
    Dukpt(#[from] DukptError),
    /// The track cannot be encrypted.
    #[error(transparent)]
    Track(#[from] TrackCipherError),
}

/// A key under another, as it comes in a message without a block around it.
#[derive(Clone, Copy)]
pub struct WrappedForModule<'c> {
    /// What it will be used for.
    pub purpose: KeyUse,
    /// Which cipher it is for.
    pub algorithm: Algorithm,
    /// The key, ECB under the other.
    pub cryptogram: &'c [u8],
    /// What came with it, if it did; compared before anything is kept.
    pub check_value: Option<CheckValue>,
}

/// A security module: a PIN pad's secure part, an HSM, or the software one.
///
/// A key has one use for good. Nothing gives a key in the clear; only check values, cryptograms and key blocks come out.
pub trait SecurityModule {
    /// Takes a key in the clear. Real modules do this in a guarded room only; ours is for test keys.
    fn load_clear(&mut self, purpose: KeyUse, key: &SecretKey) -> Result<KeyHandle, ModuleError>;

    /// Takes a key under one that is there already.
    fn load_wrapped(&mut self, key: WrappedForModule<'_>, under: KeyHandle) -> Result<KeyHandle, ModuleError>;

    /// Takes the key of a key block; it may be used as the block's header says.
    fn load_block(&mut self, block: &str, under: KeyHandle) -> Result<KeyHandle, ModuleError>;

    /// Gives a key out under another, in a key block. Refused for a key whose own block forbade it.
    fn export_block(
        &self,
        key: KeyHandle,
        under: KeyHandle,
        header: &KeyBlockHeader,
        fill: &[u8],
    ) -> Result<String, ModuleError>;

    /// Erases a key. A handle without a key is no error.
    fn erase(&mut self, key: KeyHandle);

    /// The check value of a key: zeros encrypted, `length` bytes of it.
    fn check_value(&self, key: KeyHandle, length: usize) -> Result<CheckValue, ModuleError>;

    /// True if both handles name the same key; in constant time.
    fn is_same(&self, one: KeyHandle, other: KeyHandle) -> Result<bool, ModuleError>;

    /// The MAC of the data.
    fn mac(&self, key: KeyHandle, method: MacMethod, data: &[u8]) -> Result<MacValue, ModuleError>;

    /// True if `found` is the whole MAC of the data; in constant time.
    fn verify_mac(&self, key: KeyHandle, method: MacMethod, data: &[u8], found: &[u8]) -> Result<bool, ModuleError> {
        Ok(self.mac(key, method, data)?.matches(found))
    }

    /// A PIN block of eight bytes under the key.
    fn pin_block(
        &self,
        key: KeyHandle,
        format: PinBlockFormat,
        pin: &Pin,
        pan: &Pan,
        fill: [u8; 8],
    ) -> Result<EncryptedPinBlock, ModuleError>;

    /// A PIN block of format 4 under the key.
    fn wide_pin_block(&self, key: KeyHandle, pin: &Pin, pan: &Pan, fill: [u8; 8]) -> Result<WidePinBlock, ModuleError>;

    /// A track with its part under the key.
    fn encrypt_track(&self, key: KeyHandle, track: &str) -> Result<Zeroizing<String>, ModuleError>;

    /// The key of one transaction for one use, from a DUKPT initial key of triple DES.
    fn derive(&mut self, initial: KeyHandle, serial: KeySerial, purpose: DukptUse) -> Result<KeyHandle, ModuleError>;
}
