//! The work keys a host hands out at sign-in: taken apart, opened, and put together.

use crate::payment::keys::check_value::{CheckValue, check_value, mac_key_check_value};
use crate::payment::keys::cipher::{KeyBytes, KeyError};
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;
use zeroize::Zeroizing;

/// Which work key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum WorkKeySlot {
    /// The PIN key: field 52.
    Pik,
    /// The MAC key: field 64.
    Mak,
    /// The track key: fields 35 and 36.
    Tdk,
}

impl fmt::Display for WorkKeySlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WorkKeySlot::Pik => "PIK",
            WorkKeySlot::Mak => "MAK",
            WorkKeySlot::Tdk => "TDK",
        })
    }
}

/// How field 62 of a sign-in reply is laid out; told apart by its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BundleLayout {
    /// 24 bytes, network code 001: PIN key and MAC key of single length.
    Single,
    /// 40 bytes, network code 003: a PIN key of double length; the MAC key uses the first half of its place.
    Double,
    /// 60 bytes, network code 004: as `Double`, with a track key of double length.
    DoubleWithTrack,
}

/// Bytes of a check value in a bundle.
const CHECK_LENGTH: usize = 4;

impl BundleLayout {
    /// All of them.
    pub const ALL: [BundleLayout; 3] = [BundleLayout::Single, BundleLayout::Double, BundleLayout::DoubleWithTrack];

    /// Which keys it holds, in order, and how many bytes each cryptogram has.
    pub fn places(self) -> &'static [(WorkKeySlot, usize)] {
        match self {
            BundleLayout::Single => &[(WorkKeySlot::Pik, 8), (WorkKeySlot::Mak, 8)],
            BundleLayout::Double => &[(WorkKeySlot::Pik, 16), (WorkKeySlot::Mak, 16)],
            BundleLayout::DoubleWithTrack => &[(WorkKeySlot::Pik, 16), (WorkKeySlot::Mak, 16), (WorkKeySlot::Tdk, 16)],
        }
    }

    /// How many bytes the bundle has.
    pub fn length(self) -> usize {
        self.places().iter().map(|(_, length)| length + CHECK_LENGTH).sum()
    }

    /// The layout the network code in field 60.3 stands for.
    pub fn from_network_code(code: &str) -> Option<BundleLayout> {
        match code {
            "001" => Some(BundleLayout::Single),
            "003" => Some(BundleLayout::Double),
            "004" => Some(BundleLayout::DoubleWithTrack),
            _ => None,
        }
    }
}

/// A bundle that cannot be taken apart or put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum BundleError {
    /// No layout has so many bytes.
    #[error("a key bundle has 24, 40 or 60 bytes, not {found}")]
    Length {
        /// How many there are.
        found: usize,
    },
    /// The keys to be put together are not those of the layout, in its order.
    #[error("the layout needs another key where the {slot} stands")]
    Place {
        /// The place without its key.
        slot: WorkKeySlot,
    },
    /// A key has another length than its place.
    #[error("the {slot} has {found} bytes, its place {needed}")]
    KeyLength {
        /// The place.
        slot: WorkKeySlot,
        /// Bytes of the place.
        needed: usize,
        /// Bytes of the key.
        found: usize,
    },
    /// The master key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// A work key under the master key, with its check value. Prints without the cryptogram.
#[derive(Clone)]
pub struct WrappedKey {
    /// Which key it is.
    pub slot: WorkKeySlot,
    /// The check value that came with it.
    pub check_value: CheckValue,
    cryptogram: Zeroizing<Vec<u8>>,
}

impl WrappedKey {
    /// The key under the master key, as it came.
    pub fn cryptogram(&self) -> &[u8] {
        &self.cryptogram
    }

    /// Decrypts the key under the master key and compares its check value; only a key that matches is given out.
    ///
    /// Keep the old work keys until all of a bundle have been opened: a bad bundle must not leave the terminal with none.
    pub fn open(&self, master: &KeyBytes) -> Result<KeyBytes, KeyError> {
        let mut clear = self.cryptogram.clone();
        master.decrypt_ecb(&mut clear)?;
        let mut key = KeyBytes::unjudged(&clear)?;
        if self.slot == WorkKeySlot::Mak {
            // The second half of its place is filler: zeros in the clear, zeros encrypted, or anything; hosts differ.
            key = key.first_part();
        }
        let found = check_value_of(self.slot, &key, self.check_value.as_bytes().len());
        if found != self.check_value {
            return Err(KeyError::CheckValue { slot: self.slot, expected: self.check_value, found });
        }
        key.judge()?;
        Ok(key)
    }
}

impl fmt::Debug for WrappedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} under the master key, check value {}>", self.slot, self.check_value)
    }
}

/// The check value of a work key by the rule of its slot.
pub fn check_value_of(slot: WorkKeySlot, key: &KeyBytes, length: usize) -> CheckValue {
    match slot {
        WorkKeySlot::Mak => mac_key_check_value(key, length),
        WorkKeySlot::Pik | WorkKeySlot::Tdk => check_value(key, length),
    }
}

/// Takes field 62 of a sign-in reply apart.
pub fn split_bundle(bytes: &[u8]) -> Result<Vec<WrappedKey>, BundleError> {
    let wrong_length = BundleError::Length { found: bytes.len() };
    let layout = BundleLayout::ALL.into_iter().find(|layout| layout.length() == bytes.len()).ok_or(wrong_length)?;
    let mut rest = bytes;
    let mut keys = Vec::with_capacity(layout.places().len());
    for &(slot, length) in layout.places() {
        let (cryptogram, behind) = rest.split_at_checked(length).ok_or(wrong_length)?;
        let (check, behind) = behind.split_at_checked(CHECK_LENGTH).ok_or(wrong_length)?;
        rest = behind;
        let check_value = CheckValue::new(check).ok_or(wrong_length)?;
        keys.push(WrappedKey { slot, check_value, cryptogram: Zeroizing::new(cryptogram.to_vec()) });
    }
    Ok(keys)
}

/// Puts field 62 of a sign-in reply together: each key under the master key, with its check value.
///
/// The keys stand in the order of the layout; the MAC key has eight bytes, and zeros fill the rest of its place.
pub fn build_bundle(
    layout: BundleLayout,
    master: &KeyBytes,
    keys: &[(WorkKeySlot, &KeyBytes)],
) -> Result<Zeroizing<Vec<u8>>, BundleError> {
    let mut bundle = Zeroizing::new(Vec::with_capacity(layout.length()));
    let mut given = keys.iter();
    for &(slot, needed) in layout.places() {
        let Some((_, key)) = given.next().filter(|(given_slot, _)| *given_slot == slot) else {
            return Err(BundleError::Place { slot });
        };
        let filled = slot == WorkKeySlot::Mak && key.length() == 8;
        if key.length() != needed && !filled {
            return Err(BundleError::KeyLength { slot, needed, found: key.length() });
        }
        let mut place = Zeroizing::new(vec![0; needed]);
        place.iter_mut().zip(key.clear_bytes()).for_each(|(to, from)| *to = *from);
        master.encrypt_ecb(&mut place)?;
        bundle.extend_from_slice(&place);
        bundle.extend_from_slice(check_value_of(slot, key, CHECK_LENGTH).as_bytes());
    }
    match given.next() {
        None => Ok(bundle),
        Some((slot, _)) => Err(BundleError::Place { slot: *slot }),
    }
}
