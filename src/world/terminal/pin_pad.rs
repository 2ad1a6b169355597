//! The simulated PIN pad: real 3DES under TEST keys.

use super::keypad::nobody;
use crate::payment::amount::Amount;
use crate::payment::card::{Pan, Pin};
use crate::payment::keys::check_value::{CheckValue, check_value, mac_key_check_value};
use crate::payment::keys::cipher::KeyBytes;
use crate::payment::keys::mac::{self, MacAlgorithm};
use crate::payment::keys::pin_block::{ClearPinBlock, EncryptedPinBlock, PinBlockFormat};
use crate::payment::keys::sign_in::{WrappedKey, split_bundle};
use crate::script_error::catalogue::{hardware, keys, person};
use crate::script_error::code::Fact;
use crate::world::fault::Fault;
use crate::world::port::failure::Failure;
use crate::world::port::pin_pad::{KeySlot, PinPad};
use crate::world::port::waited::Waited;
use crate::world::stage::{SharedStage, Stage};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// What is inside a PIN pad.
#[derive(Debug)]
pub struct Pad {
    /// Its serial number.
    pub serial: String,
    /// The master key; `None` for a pad that was never injected.
    pub master: Option<KeyBytes>,
    /// Work keys in use.
    pub active: BTreeMap<KeySlot, KeyBytes>,
    /// Work keys that lie ready.
    pub ready: BTreeMap<KeySlot, KeyBytes>,
}

/// A PIN pad at which somebody keys in the card's PIN.
pub struct SimulatedPinPad(pub SharedStage);

/// How long the cardholder takes.
const KEYING_MS: i64 = 4_000;
/// Bytes of a check value, as sign-in replies carry it.
const CHECK_LENGTH: usize = 4;
/// The index of the only master key.
const MASTER_INDEX: i64 = 1;

impl PinPad for SimulatedPinPad {
    fn serial(&mut self) -> Result<String, Failure> {
        let stage = self.0.borrow();
        plugged(&stage)?;
        Ok(stage.pad.serial.clone())
    }

    fn enter_pin(
        &mut self,
        pan: &Pan,
        digits: u8,
        _amount: Option<Amount>,
        within_ms: i64,
    ) -> Waited<Result<EncryptedPinBlock, Failure>> {
        let mut stage = self.0.borrow_mut();
        let ready = plugged(&stage).and_then(|()| {
            if stage.faults.has(Fault::PinPadLocked) {
                return Err(Failure::new(hardware::PIN_PAD_LOCKED));
            }
            if !stage.pad.active.contains_key(&KeySlot::Pik) {
                return Err(Failure::new(keys::NOT_SIGNED_IN));
            }
            Ok(())
        });
        if let Err(failure) = ready {
            return Waited::new(0, Err(failure));
        }
        let at = KEYING_MS.min(within_ms);
        if stage.faults.has(Fault::Cancel) {
            return Waited::new(at, Err(Failure::new(person::CANCELLED)));
        }
        let wrong = stage.faults.count_down(|fault| match fault {
            Fault::WrongPin { times } => Some(times),
            _ => None,
        });
        let Some(pin) = keyed(&stage, digits, wrong) else {
            return nobody(within_ms);
        };
        let Some(key) = stage.pad.active.get(&KeySlot::Pik) else {
            return Waited::new(0, Err(Failure::new(keys::NOT_SIGNED_IN)));
        };
        let block = ClearPinBlock::build(PinBlockFormat::Iso0, &pin, pan, [0; 8]).encrypt(key);
        Waited::new(at, Ok(block))
    }

    fn read_keys(&mut self, bundle: &[u8]) -> Result<Vec<WrappedKey>, Failure> {
        plugged(&self.0.borrow())?;
        split_bundle(bundle).map_err(|_| {
            let length = i64::try_from(bundle.len()).unwrap_or(i64::MAX);
            Failure::new(keys::BAD_KEY_BUNDLE).fact("length", Fact::Count(length))
        })
    }

    fn load(&mut self, slot: KeySlot, cryptogram: &[u8], under: KeySlot) -> Result<CheckValue, Failure> {
        let mut stage = self.0.borrow_mut();
        plugged(&stage)?;
        let refused = || Failure::new(keys::KEY_REFUSED).text("slot", slot.word());
        // A work key comes under the master key and under no other, and the master key never comes by a script.
        if slot == KeySlot::Tmk || under != KeySlot::Tmk {
            return Err(refused());
        }
        let missing = stage.faults.has(Fault::NoMasterKey);
        let Some(master) = stage.pad.master.as_ref().filter(|_| !missing) else {
            let index = Fact::Count(MASTER_INDEX);
            return Err(Failure::new(keys::NO_MASTER_KEY).fact("index", index));
        };
        let mut clear = Zeroizing::new(cryptogram.to_vec());
        master.decrypt_ecb(&mut clear).map_err(|_| refused())?;
        // The MAC key has eight bytes; what fills the rest of its place means nothing.
        let used = if slot == KeySlot::Mak { clear.get(..8) } else { Some(clear.as_slice()) };
        let key = used.and_then(|bytes| KeyBytes::new(bytes).ok()).ok_or_else(refused)?;
        if stage.pad.ready.iter().any(|(other, ready)| *other != slot && *ready == key) {
            return Err(refused());
        }
        let value = match slot {
            KeySlot::Mak => mac_key_check_value(&key, CHECK_LENGTH),
            KeySlot::Tmk | KeySlot::Pik | KeySlot::Tdk => check_value(&key, CHECK_LENGTH),
        };
        stage.pad.ready.insert(slot, key);
        Ok(value)
    }

    fn activate_keys(&mut self) -> Result<(), Failure> {
        let mut stage = self.0.borrow_mut();
        plugged(&stage)?;
        let ready = std::mem::take(&mut stage.pad.ready);
        if ready.is_empty() {
            return Err(Failure::new(keys::KEY_REFUSED).text("slot", KeySlot::Pik.word()));
        }
        stage.pad.active.extend(ready);
        Ok(())
    }

    fn drop_keys(&mut self) -> Result<(), Failure> {
        let mut stage = self.0.borrow_mut();
        plugged(&stage)?;
        stage.pad.ready.clear();
        Ok(())
    }

    fn erase_work_keys(&mut self) -> Result<(), Failure> {
        let mut stage = self.0.borrow_mut();
        plugged(&stage)?;
        stage.pad.ready.clear();
        stage.pad.active.clear();
        Ok(())
    }

    fn mac(&mut self, algorithm: MacAlgorithm, data: &[u8]) -> Result<[u8; 8], Failure> {
        let stage = self.0.borrow();
        plugged(&stage)?;
        mac::mac(algorithm, mac_key(&stage)?, data).map_err(|_| unfit())
    }

    fn verify_mac(&mut self, algorithm: MacAlgorithm, data: &[u8], mac: &[u8]) -> Result<bool, Failure> {
        let stage = self.0.borrow();
        plugged(&stage)?;
        mac::verify(algorithm, mac_key(&stage)?, data, mac).map_err(|_| unfit())
    }
}

fn plugged(stage: &Stage) -> Result<(), Failure> {
    if stage.faults.has(Fault::PinPadUnplugged) {
        return Err(Failure::new(hardware::PIN_PAD_UNPLUGGED));
    }
    Ok(())
}

fn mac_key(stage: &Stage) -> Result<&KeyBytes, Failure> {
    let key = stage.pad.active.get(&KeySlot::Mak);
    key.ok_or_else(|| Failure::new(keys::NOT_SIGNED_IN))
}

/// The algorithm needs another kind of key than the one in use.
fn unfit() -> Failure {
    Failure::new(keys::KEY_REFUSED).text("slot", KeySlot::Mak.word())
}

/// What the cardholder keys in; `None` for a card without a PIN: its owner knows none.
fn keyed(stage: &Stage, digits: u8, wrong: bool) -> Option<Pin> {
    let presented = stage.in_reader.as_ref()?;
    let pin = presented.pin.as_ref().or(presented.card.pin.as_ref())?;
    let mut keyed = Zeroizing::new(pin.clear_digits().to_owned());
    if wrong {
        // Every digit one up, so that it is wrong whatever it was.
        *keyed = keyed.bytes().map(|digit| char::from(b'0' + (digit - b'0' + 1) % 10)).collect();
    }
    keyed.truncate(usize::from(digits));
    Pin::parse(&keyed).ok()
}
