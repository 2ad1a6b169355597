//! The simulated PIN pad: real 3DES under TEST keys.

use super::keypad::nobody;
use crate::payment::amount::Amount;
use crate::payment::card::{Pan, Pin};
use crate::payment::keys::block_cipher::Algorithm;
use crate::payment::keys::check_value::CheckValue;
use crate::payment::keys::cipher::KeyBytes;
use crate::payment::keys::mac::MacAlgorithm;
use crate::payment::keys::pin_block::{EncryptedPinBlock, PinBlockFormat};
use crate::payment::keys::secret_key::SecretKey;
use crate::payment::keys::security_module::{KeyHandle, KeyUse, SecurityModule, WrappedForModule};
use crate::payment::keys::sign_in::{WrappedKey, split_bundle};
use crate::payment::keys::software_module::SoftwareModule;
use crate::script_error::catalogue::{hardware, keys, person};
use crate::script_error::code::Fact;
use crate::world::fault::Fault;
use crate::world::host::sign_in::other_serial;
use crate::world::port::failure::Failure;
use crate::world::port::pin_pad::{KeySlot, PinPad};
use crate::world::port::waited::Waited;
use crate::world::stage::{SharedStage, Stage};
use std::collections::BTreeMap;
use zeroize::Zeroizing;

/// What is inside a PIN pad: a security module, and which of its keys stands where.
#[derive(Debug)]
pub struct Pad {
    /// Its serial number.
    pub serial: String,
    module: SoftwareModule,
    master: Option<KeyHandle>,
    active: BTreeMap<KeySlot, KeyHandle>,
    ready: BTreeMap<KeySlot, KeyHandle>,
    changes: u64,
}

impl Pad {
    /// A PIN pad with its master key; without one it was never injected.
    pub fn new(serial: &str, master: Option<&KeyBytes>) -> Pad {
        let mut module = SoftwareModule::new();
        let master = master.and_then(|key| module.load_clear(KeyUse::Keys, &SecretKey::from(key)).ok());
        let (active, ready) = (BTreeMap::new(), BTreeMap::new());
        Pad { serial: serial.to_owned(), module, master, active, ready, changes: 0 }
    }

    /// Puts a work key into use, as an earlier sign-in left it. False for a key that the module refuses.
    pub fn inject(&mut self, slot: KeySlot, key: &KeyBytes) -> bool {
        let loaded = self.module.load_clear(purpose(slot), &SecretKey::from(key));
        loaded.map(|handle| self.use_key(slot, handle)).is_ok()
    }

    /// The slots whose work keys are in use.
    pub fn active_slots(&self) -> impl Iterator<Item = KeySlot> + '_ {
        self.active.keys().copied()
    }

    /// True if the work key in use is this one.
    pub fn holds(&self, slot: KeySlot, key: &KeyBytes) -> bool {
        self.active.get(&slot).is_some_and(|handle| self.module.holds(*handle, &SecretKey::from(key)))
    }

    /// How often the work keys in use have changed.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// A power cut: keys that were loaded and not yet in use are gone.
    pub fn lose_what_is_not_in_use(&mut self) {
        self.erase_ready();
    }

    /// Erases every work key that is in use.
    pub fn erase_active(&mut self) {
        self.changes += 1;
        for handle in std::mem::take(&mut self.active).into_values() {
            self.module.erase(handle);
        }
    }

    fn erase_ready(&mut self) {
        for handle in std::mem::take(&mut self.ready).into_values() {
            self.module.erase(handle);
        }
    }

    fn use_key(&mut self, slot: KeySlot, handle: KeyHandle) {
        self.changes += 1;
        if let Some(before) = self.active.insert(slot, handle) {
            self.module.erase(before);
        }
    }

    fn in_use(&self, slot: KeySlot) -> Result<KeyHandle, Failure> {
        self.active.get(&slot).copied().ok_or_else(|| Failure::new(keys::NOT_SIGNED_IN))
    }
}

/// What the key of a slot may be used for.
fn purpose(slot: KeySlot) -> KeyUse {
    match slot {
        KeySlot::Tmk => KeyUse::Keys,
        KeySlot::Pik => KeyUse::Pin,
        KeySlot::Mak => KeyUse::Mac,
        KeySlot::Tdk => KeyUse::Data,
    }
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
        let block = stage.pad.in_use(KeySlot::Pik).and_then(|key| {
            let made = stage.pad.module.pin_block(key, PinBlockFormat::Iso0, &pin, pan, [0; 8]);
            made.map_err(|_| Failure::new(keys::KEY_REFUSED).text("slot", KeySlot::Pik.word()))
        });
        Waited::new(at, block)
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
        let pad = &mut stage.pad;
        let Some(master) = pad.master.filter(|_| !missing) else {
            let index = Fact::Count(MASTER_INDEX);
            return Err(Failure::new(keys::NO_MASTER_KEY).fact("index", index));
        };
        // The MAC key has eight bytes; what fills the rest of its place means nothing.
        let used = if slot == KeySlot::Mak { cryptogram.get(..8) } else { Some(cryptogram) };
        let cryptogram = used.ok_or_else(refused)?;
        let wrapped =
            WrappedForModule { purpose: purpose(slot), algorithm: Algorithm::Des, cryptogram, check_value: None };
        let handle = pad.module.load_wrapped(wrapped, master).map_err(|_| refused())?;
        let twice = |(other, ready): (&KeySlot, &KeyHandle)| {
            *other != slot && pad.module.is_same(*ready, handle).unwrap_or(false)
        };
        if pad.ready.iter().any(twice) {
            pad.module.erase(handle);
            return Err(refused());
        }
        let value = pad.module.check_value(handle, CHECK_LENGTH).map_err(|_| refused())?;
        if let Some(before) = pad.ready.insert(slot, handle) {
            pad.module.erase(before);
        }
        Ok(value)
    }

    fn activate_keys(&mut self) -> Result<(), Failure> {
        let mut stage = self.0.borrow_mut();
        plugged(&stage)?;
        let ready = std::mem::take(&mut stage.pad.ready);
        if ready.is_empty() {
            return Err(Failure::new(keys::KEY_REFUSED).text("slot", KeySlot::Pik.word()));
        }
        for (slot, handle) in ready {
            stage.pad.use_key(slot, handle);
        }
        Ok(())
    }

    fn drop_keys(&mut self) -> Result<(), Failure> {
        let mut stage = self.0.borrow_mut();
        plugged(&stage)?;
        stage.pad.erase_ready();
        Ok(())
    }

    fn erase_work_keys(&mut self) -> Result<(), Failure> {
        let mut stage = self.0.borrow_mut();
        plugged(&stage)?;
        stage.pad.erase_ready();
        stage.pad.erase_active();
        Ok(())
    }

    fn ready(&mut self) -> Option<Result<(), Failure>> {
        let stage = self.0.borrow();
        Some(plugged(&stage).and_then(|()| {
            if stage.faults.has(Fault::PinPadLocked) { Err(Failure::new(hardware::PIN_PAD_LOCKED)) } else { Ok(()) }
        }))
    }

    fn holds(&mut self, slot: KeySlot) -> Result<Option<bool>, Failure> {
        let stage = self.0.borrow();
        plugged(&stage)?;
        Ok(Some(match slot {
            KeySlot::Tmk => stage.pad.master.is_some() && !stage.faults.has(Fault::NoMasterKey),
            _ => stage.pad.active.contains_key(&slot),
        }))
    }

    fn registered(&mut self) -> Option<String> {
        let stage = self.0.borrow();
        // What another host has on record nobody here knows.
        let serial = (!stage.host_is_elsewhere).then_some(&stage.acquirer.identity.serial)?;
        Some(if stage.faults.has(Fault::WrongSerial) { other_serial(serial) } else { serial.clone() })
    }

    fn mac(&mut self, algorithm: MacAlgorithm, data: &[u8]) -> Result<[u8; 8], Failure> {
        let stage = self.0.borrow();
        plugged(&stage)?;
        let key = stage.pad.in_use(KeySlot::Mak)?;
        Ok(stage.pad.module.mac(key, algorithm.into(), data).map_err(|_| unfit())?.leftmost())
    }

    fn verify_mac(&mut self, algorithm: MacAlgorithm, data: &[u8], mac: &[u8]) -> Result<bool, Failure> {
        let stage = self.0.borrow();
        plugged(&stage)?;
        let key = stage.pad.in_use(KeySlot::Mak)?;
        stage.pad.module.verify_mac(key, algorithm.into(), data, mac).map_err(|_| unfit())
    }
}

fn plugged(stage: &Stage) -> Result<(), Failure> {
    if stage.faults.has(Fault::PinPadUnplugged) {
        return Err(Failure::new(hardware::PIN_PAD_UNPLUGGED));
    }
    Ok(())
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
