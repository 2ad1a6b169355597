//! DUKPT with triple DES (ANSI X9.24-1): a key for each transaction from one initial key.

use crate::payment::keys::block_cipher::{Algorithm, xor};
use crate::payment::keys::cipher::{KeyBytes, KeyError};
use crate::payment::keys::secret_key::SecretKey;
use thiserror::Error;
use zeroize::Zeroizing;

/// A key serial number that names no key, or a base key of the wrong kind. Never carries key bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DukptError {
    /// Not 10 bytes for triple DES, 12 for AES.
    #[error("a key serial number has {needed} bytes here, not {found}")]
    SerialLength {
        /// Bytes needed.
        needed: usize,
        /// Bytes found.
        found: usize,
    },
    /// The counter is zero: that is the initial key, which is never used for a transaction.
    #[error("the counter is zero; the first transaction has 1")]
    CounterZero,
    /// The counter has more ones than a terminal ever uses; such numbers are skipped.
    #[error("the counter has {found} ones, more than {most}; a terminal skips such a number")]
    TooManyOnes {
        /// How many there are.
        found: u32,
        /// The most allowed.
        most: u32,
    },
    /// Every number is used up; the terminal needs a new initial key.
    #[error("all numbers are used up; the terminal needs a new initial key")]
    Exhausted,
    /// The base key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// A key serial number: ten bytes, the last 21 bits a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeySerial([u8; 10]);

/// The bits of the counter.
const COUNTER_BITS: u32 = 21;
/// The most ones a counter may have.
const ONES_MOST: u32 = 10;
/// Joined with a key to make the one for its left half.
const MASK: [u8; 16] = [0xC0, 0xC0, 0xC0, 0xC0, 0, 0, 0, 0, 0xC0, 0xC0, 0xC0, 0xC0, 0, 0, 0, 0];

impl KeySerial {
    /// Takes ten bytes; eight or nine are filled with F from the left, as readers print them short.
    pub fn new(bytes: &[u8]) -> Result<KeySerial, DukptError> {
        if !(8..=10).contains(&bytes.len()) {
            return Err(DukptError::SerialLength { needed: 10, found: bytes.len() });
        }
        let mut serial = [0xFF; 10];
        serial.iter_mut().rev().zip(bytes.iter().rev()).for_each(|(to, from)| *to = *from);
        Ok(KeySerial(serial))
    }

    /// All ten bytes.
    pub fn as_bytes(&self) -> &[u8; 10] {
        &self.0
    }

    /// The counter: which transaction.
    pub fn counter(&self) -> u32 {
        let [.., high, middle, low] = self.0;
        (u32::from(high) << 16 | u32::from(middle) << 8 | u32::from(low)) & ((1 << COUNTER_BITS) - 1)
    }

    /// The same terminal with another counter. Bits above the 21st are left aside.
    pub fn with_counter(&self, counter: u32) -> KeySerial {
        let mut serial = *self;
        let [.., high, middle, low] = &mut serial.0;
        let [_, a, b, c] = counter.to_be_bytes();
        (*high, *middle, *low) = (*high & 0xE0 | a & 0x1F, b, c);
        serial
    }

    /// The number a terminal uses after this one: numbers with more than ten ones are skipped.
    pub fn next(&self) -> Result<KeySerial, DukptError> {
        let mut counter = self.counter() + 1;
        while counter.count_ones() > ONES_MOST {
            // Adding the lowest one carries over the whole run of them: the next that can have fewer.
            counter += counter & counter.wrapping_neg();
        }
        if counter >> COUNTER_BITS != 0 {
            return Err(DukptError::Exhausted);
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

    /// Bytes `from` to `from + 8`, the counter set to zero.
    fn eight(&self, from: usize) -> [u8; 8] {
        let mut eight = [0; 8];
        eight.iter_mut().zip(self.with_counter(0).0.iter().skip(from)).for_each(|(to, byte)| *to = *byte);
        eight
    }
}

/// What a working key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DukptUse {
    /// PIN blocks.
    Pin,
    /// The MAC of a request.
    MacRequest,
    /// The MAC of a reply.
    MacResponse,
    /// Data of a request.
    DataRequest,
    /// Data of a reply.
    DataResponse,
}

impl DukptUse {
    /// All of them.
    pub const ALL: [DukptUse; 5] =
        [DukptUse::Pin, DukptUse::MacRequest, DukptUse::MacResponse, DukptUse::DataRequest, DukptUse::DataResponse];

    /// The word on a command line.
    pub fn word(self) -> &'static str {
        match self {
            DukptUse::Pin => "pin",
            DukptUse::MacRequest => "mac-request",
            DukptUse::MacResponse => "mac-response",
            DukptUse::DataRequest => "data-request",
            DukptUse::DataResponse => "data-response",
        }
    }

    /// The byte of each half that the variant changes.
    fn byte(self) -> usize {
        match self {
            DukptUse::Pin => 7,
            DukptUse::MacRequest => 6,
            DukptUse::MacResponse => 4,
            DukptUse::DataRequest => 5,
            DukptUse::DataResponse => 3,
        }
    }
}

/// Two parts of a key, wiped.
type Parts = Zeroizing<[u8; 16]>;

/// The initial key of a terminal, from the base derivation key of its owner.
pub fn initial_key(base: &SecretKey, serial: KeySerial) -> Result<SecretKey, DukptError> {
    let base = base.des()?;
    let parts = two_parts(&base)?;
    let block = serial.eight(0);
    let masked = KeyBytes::unjudged(xor(*parts, MASK).as_slice())?;
    let mut key = Zeroizing::new([0; 16]);
    let (left, right) = halves_mut(&mut key);
    *left = base.encrypt_block(block);
    *right = masked.encrypt_block(block);
    secret(&key)
}

/// The key of one transaction, from the initial key. It is never used itself, only its variants are.
pub fn transaction_key(initial: &SecretKey, serial: KeySerial) -> Result<SecretKey, DukptError> {
    serial.usable()?;
    let mut key = two_parts(&initial.des()?)?;
    let register = u64::from_be_bytes(serial.eight(2));
    for counter in steps(serial.counter()) {
        key = stepped(&key, (register | u64::from(counter)).to_be_bytes())?;
    }
    secret(&key)
}

/// The counters on the way down the tree of keys to this one: one bit of it more at each step, the highest first.
pub(super) fn steps(counter: u32) -> impl Iterator<Item = u32> {
    let bits = (0..u32::BITS).rev().map(|place| 1_u32 << place).filter(move |bit| counter & bit != 0);
    bits.scan(0, |so_far, bit| {
        *so_far |= bit;
        Some(*so_far)
    })
}

/// The key for one use in one transaction.
pub fn working_key(transaction: &SecretKey, purpose: DukptUse) -> Result<SecretKey, DukptError> {
    let mut key = two_parts(&transaction.des()?)?;
    let (left, right) = halves_mut(&mut key);
    for half in [&mut *left, &mut *right] {
        half.iter_mut().skip(purpose.byte()).take(1).for_each(|byte| *byte ^= 0xFF);
    }
    if matches!(purpose, DukptUse::DataRequest | DukptUse::DataResponse) {
        // X9.24-1: a data key is its variant encrypted under itself, one half at a time.
        let variant = KeyBytes::unjudged(key.as_slice())?;
        let (left, right) = halves_mut(&mut key);
        (*left, *right) = (variant.encrypt_block(*left), variant.encrypt_block(*right));
    }
    secret(&key)
}

/// One step down the tree of keys.
fn stepped(key: &Parts, register: [u8; 8]) -> Result<Parts, KeyError> {
    let half = |key: &Parts| -> Result<[u8; 8], KeyError> {
        let halves = halves(key);
        let (left, right) = *halves;
        Ok(xor(KeyBytes::unjudged(&left)?.encrypt_block(xor(register, right)), right))
    };
    let mut next = Zeroizing::new([0; 16]);
    let (left, right) = halves_mut(&mut next);
    *right = half(key)?;
    *left = half(&Zeroizing::new(xor(**key, MASK)))?;
    Ok(next)
}

fn halves(key: &[u8; 16]) -> Zeroizing<([u8; 8], [u8; 8])> {
    let mut halves = Zeroizing::new(([0; 8], [0; 8]));
    let (first, second) = &mut *halves;
    first.iter_mut().chain(second).zip(key).for_each(|(to, from)| *to = *from);
    halves
}

fn halves_mut(key: &mut [u8; 16]) -> (&mut [u8; 8], &mut [u8; 8]) {
    match key.as_chunks_mut::<8>().0 {
        [left, right] => (left, right),
        _ => unreachable!("sixteen bytes are two halves"),
    }
}

fn two_parts(key: &KeyBytes) -> Result<Parts, KeyError> {
    let bytes = key.clear_bytes();
    if bytes.len() != 16 {
        return Err(if bytes.len() == 8 { KeyError::SinglePart } else { KeyError::Length { found: bytes.len() } });
    }
    let mut parts = Zeroizing::new([0; 16]);
    parts.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    Ok(parts)
}

fn secret(parts: &Parts) -> Result<SecretKey, DukptError> {
    Ok(SecretKey::unjudged(Algorithm::Des, parts.as_slice())?)
}
