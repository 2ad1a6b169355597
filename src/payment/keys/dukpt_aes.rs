//! DUKPT with AES (ANSI X9.24-3): a key for each transaction from one initial key.

use crate::payment::keys::block_cipher::Algorithm;
use crate::payment::keys::cipher::KeyError;
use crate::payment::keys::dukpt::{DukptError, steps};
use crate::payment::keys::secret_key::SecretKey;
use zeroize::Zeroizing;

/// A key serial number: eight bytes that name the initial key, four of counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WideKeySerial([u8; 12]);

/// The most ones a counter may have.
const ONES_MOST: u32 = 16;

impl WideKeySerial {
    /// Takes twelve bytes.
    pub fn new(bytes: &[u8]) -> Result<WideKeySerial, DukptError> {
        let bytes = bytes.try_into().map_err(|_| DukptError::SerialLength { needed: 12, found: bytes.len() })?;
        Ok(WideKeySerial(bytes))
    }

    /// All twelve bytes.
    pub fn as_bytes(&self) -> &[u8; 12] {
        &self.0
    }

    /// The counter: which transaction.
    pub fn counter(&self) -> u32 {
        let [.., a, b, c, d] = self.0;
        u32::from_be_bytes([a, b, c, d])
    }

    /// The same initial key with another counter.
    pub fn with_counter(&self, counter: u32) -> WideKeySerial {
        let mut serial = *self;
        serial.0.iter_mut().skip(8).zip(counter.to_be_bytes()).for_each(|(to, from)| *to = from);
        serial
    }

    /// The number a terminal uses after this one: numbers with more than sixteen ones are skipped.
    pub fn next(&self) -> Result<WideKeySerial, DukptError> {
        let mut counter = self.counter().checked_add(1).ok_or(DukptError::Exhausted)?;
        while counter.count_ones() > ONES_MOST {
            counter = counter.checked_add(counter & counter.wrapping_neg()).ok_or(DukptError::Exhausted)?;
        }
        Ok(self.with_counter(counter))
    }

    fn usable(&self) -> Result<(), DukptError> {
        let found = self.counter().count_ones();
        match found {
            0 => Err(DukptError::CounterZero),
            _ if found > ONES_MOST => Err(DukptError::TooManyOnes { found, most: ONES_MOST }),
            _ => Ok(()),
        }
    }
}

/// What a derived key is for: X9.24-3 table 2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WideUse {
    /// A key that encrypts keys.
    KeyEncryption,
    /// PIN blocks.
    Pin,
    /// MACs the terminal makes.
    MacGeneration,
    /// MACs the terminal verifies.
    MacVerification,
    /// MACs both ways.
    MacBoth,
    /// Data the terminal encrypts.
    DataEncryption,
    /// Data the terminal decrypts.
    DataDecryption,
    /// Data both ways.
    DataBoth,
}

impl WideUse {
    /// All of them.
    pub const ALL: [WideUse; 8] = [
        WideUse::KeyEncryption,
        WideUse::Pin,
        WideUse::MacGeneration,
        WideUse::MacVerification,
        WideUse::MacBoth,
        WideUse::DataEncryption,
        WideUse::DataDecryption,
        WideUse::DataBoth,
    ];

    /// The word on a command line.
    pub fn word(self) -> &'static str {
        match self {
            WideUse::KeyEncryption => "key",
            WideUse::Pin => "pin",
            WideUse::MacGeneration => "mac-generate",
            WideUse::MacVerification => "mac-verify",
            WideUse::MacBoth => "mac-both",
            WideUse::DataEncryption => "data-encrypt",
            WideUse::DataDecryption => "data-decrypt",
            WideUse::DataBoth => "data-both",
        }
    }

    fn number(self) -> u16 {
        match self {
            WideUse::KeyEncryption => 0x0002,
            WideUse::Pin => 0x1000,
            WideUse::MacGeneration => 0x2000,
            WideUse::MacVerification => 0x2001,
            WideUse::MacBoth => 0x2002,
            WideUse::DataEncryption => 0x3000,
            WideUse::DataDecryption => 0x3001,
            WideUse::DataBoth => 0x3002,
        }
    }
}

/// Which kind of key is derived: X9.24-3 table 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WideKind {
    /// Triple DES with two parts.
    Tdes2,
    /// Triple DES with three parts.
    Tdes3,
    /// AES-128.
    Aes128,
    /// AES-192.
    Aes192,
    /// AES-256.
    Aes256,
}

impl WideKind {
    /// All of them.
    pub const ALL: [WideKind; 5] =
        [WideKind::Tdes2, WideKind::Tdes3, WideKind::Aes128, WideKind::Aes192, WideKind::Aes256];

    /// The word on a command line.
    pub fn word(self) -> &'static str {
        match self {
            WideKind::Tdes2 => "tdes2",
            WideKind::Tdes3 => "tdes3",
            WideKind::Aes128 => "aes128",
            WideKind::Aes192 => "aes192",
            WideKind::Aes256 => "aes256",
        }
    }

    fn number(self) -> u16 {
        match self {
            WideKind::Tdes2 => 0,
            WideKind::Tdes3 => 1,
            WideKind::Aes128 => 2,
            WideKind::Aes192 => 3,
            WideKind::Aes256 => 4,
        }
    }

    fn bytes(self) -> usize {
        match self {
            WideKind::Tdes2 | WideKind::Aes128 => 16,
            WideKind::Tdes3 | WideKind::Aes192 => 24,
            WideKind::Aes256 => 32,
        }
    }

    fn algorithm(self) -> Algorithm {
        match self {
            WideKind::Tdes2 | WideKind::Tdes3 => Algorithm::Des,
            WideKind::Aes128 | WideKind::Aes192 | WideKind::Aes256 => Algorithm::Aes,
        }
    }

    fn of(key: &SecretKey) -> Result<WideKind, KeyError> {
        match (key.algorithm(), key.length()) {
            (Algorithm::Aes, 16) => Ok(WideKind::Aes128),
            (Algorithm::Aes, 24) => Ok(WideKind::Aes192),
            (Algorithm::Aes, _) => Ok(WideKind::Aes256),
            (found, _) => Err(KeyError::Algorithm { needed: Algorithm::Aes, found }),
        }
    }
}

/// The use numbers of keys that only derive others.
const DERIVATION: u16 = 0x8000;
const INITIAL: u16 = 0x8001;

/// The initial key of a terminal, as long as the base derivation key.
pub fn initial_key(base: &SecretKey, serial: WideKeySerial) -> Result<SecretKey, DukptError> {
    let kind = WideKind::of(base)?;
    let mut context = [0; 8];
    context.iter_mut().zip(serial.0).for_each(|(to, from)| *to = from);
    Ok(derived(base, INITIAL, kind, context)?)
}

/// The key of one transaction, from the initial key. It only derives working keys.
pub fn transaction_key(initial: &SecretKey, serial: WideKeySerial) -> Result<SecretKey, DukptError> {
    serial.usable()?;
    let kind = WideKind::of(initial)?;
    let mut key = initial.clone();
    for counter in steps(serial.counter()) {
        key = derived(&key, DERIVATION, kind, context(serial, counter))?;
    }
    Ok(key)
}

/// The key of one kind for one use in one transaction.
pub fn working_key(
    transaction: &SecretKey,
    serial: WideKeySerial,
    purpose: WideUse,
    kind: WideKind,
) -> Result<SecretKey, DukptError> {
    Ok(derived(transaction, purpose.number(), kind, context(serial, serial.counter()))?)
}

/// The right half of the initial key's name, and the counter.
fn context(serial: WideKeySerial, counter: u32) -> [u8; 8] {
    let mut context = [0; 8];
    let name = serial.0.into_iter().skip(4).take(4);
    context.iter_mut().zip(name.chain(counter.to_be_bytes())).for_each(|(to, from)| *to = from);
    context
}

/// As many blocks of derivation data encrypted as the new key needs.
fn derived(from: &SecretKey, purpose: u16, kind: WideKind, context: [u8; 8]) -> Result<SecretKey, KeyError> {
    let expanded = from.expand();
    let mut bytes = Zeroizing::new([0; 32]);
    for (count, block) in (1_u8..).zip(bytes.as_chunks_mut::<16>().0) {
        let bits = (kind.bytes() * 8) as u16;
        let ([a, b], [c, d], [e, f]) = (purpose.to_be_bytes(), kind.number().to_be_bytes(), bits.to_be_bytes());
        let head = [1, count, a, b, c, d, e, f];
        block.iter_mut().zip(head.into_iter().chain(context)).for_each(|(to, from)| *to = from);
    }
    expanded.encrypt_ecb(bytes.as_mut_slice())?;
    SecretKey::unjudged(kind.algorithm(), bytes.get(..kind.bytes()).unwrap_or(&[]))
}
