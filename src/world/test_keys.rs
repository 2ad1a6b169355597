//! TEST keys of the simulated world, made from its seed. Nothing real is protected by them.

use crate::payment::card::Pan;
use crate::payment::keys::block_cipher::Algorithm;
use crate::payment::keys::cipher::{KeyBytes, Schedule};
use crate::payment::keys::issuer_keys::CardKeyOption;
use crate::payment::keys::mac::MacAlgorithm;
use crate::payment::keys::mac_method::MacKey;
use crate::payment::keys::secret_key::SecretKey;
use crate::payment::keys::sign_in::BundleLayout;
use crate::payment::keys::transaction_key::{CardKey, TransactionKey};
use crate::world::port::pin_pad::KeySlot;
use crate::world::profile::CardProfile;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::sync::Arc;
use zeroize::Zeroizing;

/// The keys of a sign-in made ready, so that a host does not make them anew for both MACs and the PIN of every message.
#[derive(Debug, Default)]
pub struct ReadyKeys(RefCell<Option<Ready>>);

/// Keys of one sign-in; each is made when it is first asked for.
#[derive(Debug)]
struct Ready {
    owner: KeyOwner,
    generation: u32,
    layout: BundleLayout,
    mac: Option<(MacAlgorithm, Arc<MacKey>)>,
    pin: Option<Arc<Schedule>>,
}

impl ReadyKeys {
    /// The MAC key of an owner as this sign-in handed it out, ready for an algorithm. `None` for a key that is too short for it.
    pub fn mac(
        &self,
        algorithm: MacAlgorithm,
        owner: &KeyOwner,
        generation: u32,
        layout: BundleLayout,
    ) -> Option<Arc<MacKey>> {
        let mut held = self.0.borrow_mut();
        let ready = ready(&mut held, owner, generation, layout);
        if let Some((_, key)) = ready.mac.as_ref().filter(|(made_for, _)| *made_for == algorithm) {
            return Some(Arc::clone(key));
        }
        let key = owner.work_key(KeySlot::Mak, generation, layout)?;
        let key = Arc::new(MacKey::new(algorithm.into(), &SecretKey::from(&key)).ok()?);
        ready.mac = Some((algorithm, Arc::clone(&key)));
        Some(key)
    }

    /// The PIN key of an owner as this sign-in handed it out, expanded.
    pub fn pin(&self, owner: &KeyOwner, generation: u32, layout: BundleLayout) -> Option<Arc<Schedule>> {
        let mut held = self.0.borrow_mut();
        let ready = ready(&mut held, owner, generation, layout);
        if ready.pin.is_none() {
            ready.pin = owner.work_key(KeySlot::Pik, generation, layout).map(|key| Arc::new(key.schedule()));
        }
        ready.pin.clone()
    }
}

/// The keys of this sign-in, in place of those of another.
fn ready<'h>(held: &'h mut Option<Ready>, owner: &KeyOwner, generation: u32, layout: BundleLayout) -> &'h mut Ready {
    let is = |ready: &Ready| (ready.generation, ready.layout) == (generation, layout) && ready.owner == *owner;
    if !held.as_ref().is_some_and(is) {
        *held = None;
    }
    held.get_or_insert_with(|| Ready { owner: owner.clone(), generation, layout, mac: None, pin: None })
}

/// The TEST key of every simulated issuer. Written down, so that anybody can compute what a simulated card computes:
/// `till keys arqc`.
const ISSUER: [u8; 16] =
    [0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54, 0x32, 0x10];

/// Keys of simulated cards, derived from their issuer's once for each card.
///
/// A card holds what its issuer derived for it. Both take it from here where both are in one program, and so they do with
/// the key of the transaction at hand.
#[derive(Debug, Default)]
pub struct CardKeys(RefCell<Vec<OfCard>>);

/// As many cards are kept in mind; a host may know ten thousand.
const CARDS_READY: usize = 32;

#[derive(Debug)]
struct OfCard {
    pan: Pan,
    sequence: String,
    key: CardKey,
    last: Option<(u16, Arc<TransactionKey>)>,
}

impl CardKeys {
    /// The key of a card's transaction with this counter (9F36). `None` for a card whose sequence number is none.
    pub fn transaction(&self, card: &CardProfile, counter: u16) -> Option<Arc<TransactionKey>> {
        let mut held = self.0.borrow_mut();
        let is = |of: &OfCard| of.pan == card.pan && of.sequence == card.sequence;
        let at = match held.iter().position(is) {
            Some(at) => at,
            None => {
                let issuer = SecretKey::new(Algorithm::Des, &ISSUER).ok()?;
                let digits = *card.sequence.as_bytes().last_chunk::<2>()?;
                let key = CardKey::derive(&issuer, CardKeyOption::A, &card.pan, digits).ok()?;
                let (pan, sequence) = (card.pan.clone(), card.sequence.clone());
                if held.len() >= CARDS_READY {
                    held.remove(0);
                }
                held.push(OfCard { pan, sequence, key, last: None });
                held.len() - 1
            }
        };
        let of = held.get_mut(at)?;
        if let Some((_, key)) = of.last.as_ref().filter(|(last, _)| *last == counter) {
            return Some(Arc::clone(key));
        }
        let key = Arc::new(of.key.transaction(counter));
        of.last = Some((counter, Arc::clone(&key)));
        Some(key)
    }
}

/// Whose keys: the same seed and terminal always give the same ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyOwner {
    /// The seed of the world.
    pub seed: u64,
    /// The terminal number.
    pub terminal: String,
}

impl KeyOwner {
    /// The master key.
    pub fn master(&self) -> Option<KeyBytes> {
        self.key(KeySlot::Tmk, 0, 16)
    }

    /// A work key as a sign-in of this generation hands it out.
    pub fn work_key(&self, slot: KeySlot, generation: u32, layout: BundleLayout) -> Option<KeyBytes> {
        let length = match (slot, layout) {
            (KeySlot::Mak, _) | (KeySlot::Pik, BundleLayout::Single) => 8,
            _ => 16,
        };
        self.key(slot, generation, length)
    }

    /// The device key that seals card data in the journal.
    pub fn device_key(&self) -> Zeroizing<[u8; 16]> {
        let digest = self.digest("device", 0, 0);
        let mut key = Zeroizing::new([0; 16]);
        key.iter_mut().zip(digest.iter()).for_each(|(to, from)| *to = *from);
        key
    }

    /// A number that differs from place to place and is the same in every run.
    pub fn number(&self, purpose: &str, count: u32) -> u64 {
        let digest = self.digest(purpose, count, 0);
        digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }

    fn key(&self, slot: KeySlot, generation: u32, length: usize) -> Option<KeyBytes> {
        // A weak key is one in some 10^15; the next attempt gives another.
        (0..8).find_map(|attempt| {
            let digest = self.digest(slot.word(), generation, attempt);
            KeyBytes::new(digest.get(..length)?).ok()
        })
    }

    fn digest(&self, purpose: &str, count: u32, attempt: u8) -> Zeroizing<Vec<u8>> {
        let mut hash = Sha256::new();
        hash.update(b"TILL TEST KEY, NOT FOR REAL MONEY\0");
        hash.update(self.seed.to_be_bytes());
        hash.update(self.terminal.as_bytes());
        hash.update([0]);
        hash.update(purpose.as_bytes());
        hash.update([0, attempt]);
        hash.update(count.to_be_bytes());
        Zeroizing::new(hash.finalize().to_vec())
    }
}
