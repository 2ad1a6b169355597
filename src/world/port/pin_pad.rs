//! The PIN pad: holds the keys, takes the PIN. No key ever leaves it.

use super::failure::Failure;
use super::waited::Waited;
use crate::payment::amount::Amount;
use crate::payment::card::Pan;
use crate::payment::keys::check_value::CheckValue;
use crate::payment::keys::mac::MacAlgorithm;
use crate::payment::keys::pin_block::EncryptedPinBlock;
use crate::payment::keys::sign_in::{WorkKeySlot, WrappedKey};
use serde::{Deserialize, Serialize};

/// A key's place. The order is that of the language's `KeySlot`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum KeySlot {
    /// The master key.
    Tmk,
    /// The PIN key.
    Pik,
    /// The MAC key.
    Mak,
    /// The track key.
    Tdk,
}

impl KeySlot {
    /// All, in the order of the language's tags.
    pub const ALL: [KeySlot; 4] = [KeySlot::Tmk, KeySlot::Pik, KeySlot::Mak, KeySlot::Tdk];

    /// The tag of the language's variant.
    pub fn tag(self) -> u8 {
        self as u8
    }

    /// The one with this tag.
    pub fn from_tag(tag: u8) -> Option<KeySlot> {
        KeySlot::ALL.get(usize::from(tag)).copied()
    }

    /// As a script writes it.
    pub fn word(self) -> &'static str {
        match self {
            KeySlot::Tmk => "TMK",
            KeySlot::Pik => "PIK",
            KeySlot::Mak => "MAK",
            KeySlot::Tdk => "TDK",
        }
    }
}

impl From<WorkKeySlot> for KeySlot {
    fn from(slot: WorkKeySlot) -> KeySlot {
        match slot {
            WorkKeySlot::Pik => KeySlot::Pik,
            WorkKeySlot::Mak => KeySlot::Mak,
            WorkKeySlot::Tdk => KeySlot::Tdk,
        }
    }
}

/// A PIN pad. Every call can fail with `T6301` (unplugged).
pub trait PinPad {
    /// Its serial number.
    fn serial(&mut self) -> Result<String, Failure>;

    /// Asks for the PIN of a card, at most `digits` long, and gives its block (format 0) under the PIN key.
    ///
    /// `T4001` without a PIN key, `T1001` when the cardholder cancels, `T1002` when nobody keys anything in time.
    fn enter_pin(
        &mut self,
        pan: &Pan,
        digits: u8,
        amount: Option<Amount>,
        within_ms: i64,
    ) -> Waited<Result<EncryptedPinBlock, Failure>>;

    /// Splits the work keys of a sign-in reply; `T4004` for a length no layout has.
    fn read_keys(&mut self, bundle: &[u8]) -> Result<Vec<WrappedKey>, Failure>;

    /// Decrypts a work key under another, lays it ready and gives its check value of four bytes. Keys in use stay.
    fn load(&mut self, slot: KeySlot, cryptogram: &[u8], under: KeySlot) -> Result<CheckValue, Failure>;

    /// Puts all keys that lie ready into use, at once.
    fn activate_keys(&mut self) -> Result<(), Failure>;

    /// Throws away the keys that lie ready.
    fn drop_keys(&mut self) -> Result<(), Failure>;

    /// Erases every work key, those that lie ready too.
    fn erase_work_keys(&mut self) -> Result<(), Failure>;

    /// Would it take a PIN now? `T6301`, `T6302`; `None` for a PIN pad that does not know before it is asked for one.
    fn ready(&mut self) -> Option<Result<(), Failure>> {
        None
    }

    /// Is there a key in this place? `None` for a PIN pad that does not say.
    fn holds(&mut self, _slot: KeySlot) -> Result<Option<bool>, Failure> {
        Ok(None)
    }

    /// The serial number that the acquirer has on record for this terminal, where that is known beforehand. Outside of
    /// a simulated world only the sign-in tells.
    fn registered(&mut self) -> Option<String> {
        None
    }

    /// The MAC of the data under the MAC key in use; `T4001` without one.
    fn mac(&mut self, algorithm: MacAlgorithm, data: &[u8]) -> Result<[u8; 8], Failure>;

    /// True if `mac` is the MAC of the data; compares in constant time.
    fn verify_mac(&mut self, algorithm: MacAlgorithm, data: &[u8], mac: &[u8]) -> Result<bool, Failure>;
}
