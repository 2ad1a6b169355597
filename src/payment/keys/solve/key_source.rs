//! Where the key comes from: as given, or made from a base key; and every way that goes wrong.

use crate::payment::hex;
use crate::payment::keys::block_cipher::Algorithm;
use crate::payment::keys::dukpt::{self, DukptError, DukptUse, KeySerial};
use crate::payment::keys::parity::odd;
use crate::payment::keys::secret_key::SecretKey;
use crate::payment::keys::solve::mistake::Mistake;
use crate::payment::keys::solve::search::Choice;
use zeroize::Zeroizing;

/// How far off a counter is looked for.
const COUNTER_REACH: i8 = 8;

/// The key of a question.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// A key that both sides hold, and the master key it came under, if known.
    Held {
        /// The key.
        key: SecretKey,
        /// What it was sent under.
        under: Option<SecretKey>,
    },
    /// The key of one transaction, by DUKPT with triple DES.
    Derived {
        /// The base derivation key.
        base: SecretKey,
        /// The serial number that is sent.
        serial: KeySerial,
        /// What the key is for.
        purpose: DukptUse,
    },
}

impl KeySource {
    /// The key as agreed.
    pub fn agreed(&self) -> Result<SecretKey, DukptError> {
        match self {
            KeySource::Held { key, .. } => Ok(key.clone()),
            KeySource::Derived { base, serial, purpose } => {
                dukpt::working_key(&dukpt::transaction_key(&dukpt::initial_key(base, *serial)?, *serial)?, *purpose)
            }
        }
    }

    /// The key as agreed, and as every known mistake makes it.
    pub(super) fn choice(&self) -> Result<Choice<SecretKey>, DukptError> {
        let agreed = self.agreed()?;
        let mut choice = Choice::agreed(agreed.clone());
        match self {
            KeySource::Held { key, under } => {
                changed(key, &mut choice);
                if let Some(under) = under {
                    wrapped(key, under, &mut choice);
                }
            }
            KeySource::Derived { base, serial, purpose } => {
                let initial = dukpt::initial_key(base, *serial)?;
                let of = |initial: &SecretKey, serial| {
                    dukpt::working_key(&dukpt::transaction_key(initial, serial).ok()?, *purpose).ok()
                };
                let transaction = dukpt::transaction_key(&initial, *serial)?;
                for other in DukptUse::ALL.into_iter().filter(|other| other != purpose) {
                    choice.or_if(Mistake::OtherUse(other), dukpt::working_key(&transaction, other).ok());
                }
                choice.or(Mistake::TransactionKey, transaction);
                choice.or(Mistake::InitialKey, initial.clone());
                choice.or(Mistake::BaseKey, base.clone());
                choice.or_if(Mistake::BaseAsInitial, of(base, *serial));
                for by in (1..=COUNTER_REACH).flat_map(|by| [by, -by]) {
                    let counter = serial.counter().checked_add_signed(i32::from(by));
                    let off = counter.and_then(|counter| of(&initial, serial.with_counter(counter)));
                    choice.or_if(Mistake::CounterOff(by), off);
                }
                let parity = bytes_of(initial.clear_bytes().iter().map(|byte| odd(*byte)));
                choice
                    .or_if(Mistake::ParityAdjusted, key_of(Algorithm::Des, &parity).and_then(|key| of(&key, *serial)));
                changed(&agreed, &mut choice);
            }
        }
        Ok(choice)
    }
}

/// The mistakes with the key's own bytes.
fn changed(key: &SecretKey, choice: &mut Choice<SecretKey>) {
    let (cipher, bytes) = (key.algorithm(), key.clear_bytes());
    if let Some((first, second)) = bytes.split_at_checked(bytes.len() / 2).filter(|_| bytes.len() == 16) {
        choice.or_if(Mistake::HalvesSwapped, key_of(cipher, &bytes_of(second.iter().chain(first).copied())));
        if cipher == Algorithm::Des {
            choice.or_if(Mistake::FirstHalfOnly, key_of(cipher, first));
            choice.or_if(Mistake::SecondHalfOnly, key_of(cipher, second));
            let three = bytes_of(bytes.iter().chain(second).copied());
            choice.or_if(Mistake::ThirdPartIsSecond, key_of(cipher, &three));
        }
    }
    for (mistake, small) in [(Mistake::KeyAsCapitalText, false), (Mistake::KeyAsSmallText, true)] {
        let digit = |nibble| if small { hex::digit(nibble).to_ascii_lowercase() } else { hex::digit(nibble) };
        let text = bytes_of(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0x0F)]));
        // A text is twice as long as the key; what is too long is cut to a length the cipher takes.
        for length in cipher.key_lengths() {
            choice.or_if(mistake, text.get(..*length).and_then(|text| key_of(cipher, text)));
        }
    }
    choice.or_if(Mistake::KeyReversed, key_of(cipher, &bytes_of(bytes.iter().rev().copied())));
    if cipher != Algorithm::Des {
        let adjusted = bytes_of(bytes.iter().map(|byte| odd(*byte)));
        let differs = adjusted.as_slice() != bytes;
        choice.or_if(Mistake::ParityAdjusted, key_of(cipher, &adjusted).filter(|_| differs));
    }
    for other in Algorithm::ALL.into_iter().filter(|other| *other != cipher) {
        choice.or_if(Mistake::OtherCipher(other), key_of(other, bytes));
    }
}

/// The mistakes with a key that came under another.
fn wrapped(key: &SecretKey, under: &SecretKey, choice: &mut Choice<SecretKey>) {
    let under = under.expand();
    let mut cryptogram = Zeroizing::new(key.clear_bytes().to_vec());
    if under.encrypt_ecb(&mut cryptogram).is_err() {
        return;
    }
    choice.or_if(Mistake::StillWrapped, key_of(key.algorithm(), &cryptogram));
    let zeros = [0; 16];
    if under.decrypt_cbc(zeros.get(..under.block()).unwrap_or(&[]), &mut cryptogram).is_ok()
        && cryptogram.as_slice() != key.clear_bytes()
    {
        choice.or_if(Mistake::UnwrappedInCbc, key_of(key.algorithm(), &cryptogram));
    }
}

/// A key without a look at its strength: who makes a mistake has not looked either.
fn key_of(cipher: Algorithm, bytes: &[u8]) -> Option<SecretKey> {
    SecretKey::unjudged(cipher, bytes).ok()
}

fn bytes_of(bytes: impl Iterator<Item = u8>) -> Zeroizing<Vec<u8>> {
    // The longest is the text of the longest key; what grew would leave copies behind.
    let mut all = Zeroizing::new(Vec::with_capacity(64));
    all.extend(bytes);
    all
}
