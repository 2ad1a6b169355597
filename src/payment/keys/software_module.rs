//! A security module in software, for test keys: keys expanded once and kept by handle.

use crate::payment::card::{Pan, Pin};
use crate::payment::keys::block_cipher::Algorithm;
use crate::payment::keys::check_value::{CheckValue, zero_check_value};
use crate::payment::keys::cipher::{KeyError, Schedule};
use crate::payment::keys::dukpt::{DukptUse, KeySerial, transaction_key, working_key};
use crate::payment::keys::key_block::{self, KeyBlockHeader};
use crate::payment::keys::mac_method::{MacKey, MacMethod, MacValue};
use crate::payment::keys::pin_block::{ClearPinBlock, EncryptedPinBlock, PinBlockFormat};
use crate::payment::keys::pin_block_wide::WidePinBlock;
use crate::payment::keys::secret_key::{Expanded, SecretKey};
use crate::payment::keys::security_module::{KeyHandle, KeyUse, ModuleError, SecurityModule, WrappedForModule};
use crate::payment::keys::track_cipher;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use zeroize::Zeroizing;

/// The module. Prints how many keys it holds and nothing of them.
#[derive(Debug, Default)]
pub struct SoftwareModule {
    keys: BTreeMap<KeyHandle, Held>,
    given: u32,
}

/// A key with its schedule.
#[derive(Debug)]
struct Held {
    purpose: KeyUse,
    key: SecretKey,
    exportable: bool,
    expanded: Expanded,
    // A terminal uses a MAC key with one method; the first that is asked for is kept ready.
    mac: OnceLock<(MacMethod, MacKey)>,
}

impl SoftwareModule {
    /// A module without keys.
    pub fn new() -> SoftwareModule {
        SoftwareModule::default()
    }

    /// True if the handle names exactly this key; in constant time. For the simulated world, which makes its keys anew.
    pub fn holds(&self, handle: KeyHandle, key: &SecretKey) -> bool {
        self.keys.get(&handle).is_some_and(|held| held.key == *key)
    }

    fn keep(&mut self, purpose: KeyUse, key: SecretKey, exportable: bool) -> KeyHandle {
        // Four thousand million keys later the handles would begin again; no run lives so long.
        self.given = self.given.wrapping_add(1);
        let handle = KeyHandle(self.given);
        let expanded = key.expand();
        self.keys.insert(handle, Held { purpose, key, exportable, expanded, mac: OnceLock::new() });
        handle
    }

    fn held(&self, handle: KeyHandle) -> Result<&Held, ModuleError> {
        self.keys.get(&handle).ok_or(ModuleError::NoSuchKey)
    }

    fn usable(&self, handle: KeyHandle, wanted: KeyUse) -> Result<&Held, ModuleError> {
        let held = self.held(handle)?;
        if held.purpose != wanted {
            return Err(ModuleError::Use { allowed: held.purpose, wanted });
        }
        Ok(held)
    }

    fn narrow(&self, handle: KeyHandle, wanted: KeyUse) -> Result<&Schedule, ModuleError> {
        let held = self.usable(handle, wanted)?;
        match &held.expanded {
            Expanded::Narrow(schedule) => Ok(schedule),
            Expanded::Wide(_) => {
                Err(KeyError::Algorithm { needed: Algorithm::Des, found: held.key.algorithm() }.into())
            }
        }
    }
}

impl SecurityModule for SoftwareModule {
    fn load_clear(&mut self, purpose: KeyUse, key: &SecretKey) -> Result<KeyHandle, ModuleError> {
        key.judge()?;
        Ok(self.keep(purpose, key.clone(), false))
    }

    fn load_wrapped(&mut self, wrapped: WrappedForModule<'_>, under: KeyHandle) -> Result<KeyHandle, ModuleError> {
        let mut clear = Zeroizing::new(wrapped.cryptogram.to_vec());
        self.usable(under, KeyUse::Keys)?.expanded.decrypt_ecb(&mut clear)?;
        let key = SecretKey::unjudged(wrapped.algorithm, &clear)?;
        // The check value first: a wrong one tells more than that the wrong key happens to be weak.
        if let Some(expected) = wrapped.check_value {
            let found = zero_check_value(&key, expected.as_bytes().len());
            if found != expected {
                return Err(ModuleError::CheckValue { expected, found });
            }
        }
        key.judge()?;
        Ok(self.keep(wrapped.purpose, key, false))
    }

    fn load_block(&mut self, block: &str, under: KeyHandle) -> Result<KeyHandle, ModuleError> {
        let opened = key_block::unwrap(block, &self.usable(under, KeyUse::Keys)?.key)?;
        let [first, second] = opened.header.usage;
        let purpose = KeyUse::of_block(opened.header.usage).ok_or(ModuleError::Usage(first, second))?;
        Ok(self.keep(purpose, opened.key, opened.header.exportability != 'N'))
    }

    fn export_block(
        &self,
        key: KeyHandle,
        under: KeyHandle,
        header: &KeyBlockHeader,
        fill: &[u8],
    ) -> Result<String, ModuleError> {
        let under = self.usable(under, KeyUse::Keys)?;
        let held = self.held(key)?;
        if !held.exportable {
            return Err(ModuleError::NotExportable);
        }
        // A block must not turn a key into one of another use.
        match KeyUse::of_block(header.usage) {
            Some(wanted) if wanted != held.purpose => Err(ModuleError::Use { allowed: held.purpose, wanted }),
            None => Err(ModuleError::Usage(header.usage[0], header.usage[1])),
            Some(_) => Ok(key_block::wrap(header, &held.key, &under.key, fill)?),
        }
    }

    fn erase(&mut self, key: KeyHandle) {
        self.keys.remove(&key);
    }

    fn check_value(&self, key: KeyHandle, length: usize) -> Result<CheckValue, ModuleError> {
        Ok(zero_check_value(&self.held(key)?.key, length))
    }

    fn is_same(&self, one: KeyHandle, other: KeyHandle) -> Result<bool, ModuleError> {
        Ok(self.held(one)?.key == self.held(other)?.key)
    }

    fn mac(&self, key: KeyHandle, method: MacMethod, data: &[u8]) -> Result<MacValue, ModuleError> {
        let held = self.usable(key, KeyUse::Mac)?;
        if held.mac.get().is_none() {
            let _ = held.mac.set((method, MacKey::new(method, &held.key)?));
        }
        match held.mac.get() {
            Some((ready, mac)) if *ready == method => Ok(mac.compute(data)),
            _ => Ok(MacKey::new(method, &held.key)?.compute(data)),
        }
    }

    fn pin_block(
        &self,
        key: KeyHandle,
        format: PinBlockFormat,
        pin: &Pin,
        pan: &Pan,
        fill: [u8; 8],
    ) -> Result<EncryptedPinBlock, ModuleError> {
        let schedule = self.narrow(key, KeyUse::Pin)?;
        Ok(ClearPinBlock::build(format, pin, pan, fill).encrypt_under(schedule))
    }

    fn wide_pin_block(&self, key: KeyHandle, pin: &Pin, pan: &Pan, fill: [u8; 8]) -> Result<WidePinBlock, ModuleError> {
        Ok(WidePinBlock::build(&self.usable(key, KeyUse::Pin)?.key, pin, pan, fill)?)
    }

    fn encrypt_track(&self, key: KeyHandle, track: &str) -> Result<Zeroizing<String>, ModuleError> {
        let key = self.usable(key, KeyUse::Data)?.key.des()?;
        Ok(track_cipher::encrypt_track(track, &key)?)
    }

    fn derive(&mut self, initial: KeyHandle, serial: KeySerial, purpose: DukptUse) -> Result<KeyHandle, ModuleError> {
        let key = working_key(&transaction_key(&self.usable(initial, KeyUse::Derivation)?.key, serial)?, purpose)?;
        let purpose = match purpose {
            DukptUse::Pin => KeyUse::Pin,
            DukptUse::MacRequest | DukptUse::MacResponse => KeyUse::Mac,
            DukptUse::DataRequest | DukptUse::DataResponse => KeyUse::Data,
        };
        Ok(self.keep(purpose, key, false))
    }
}
