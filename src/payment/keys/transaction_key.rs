//! A card's key and the key of one of its transactions, expanded: a card and its issuer use each several times.
//!
//! The same values as `issuer_keys`, which makes everything anew from keys as they are written.

use crate::payment::card::Pan;
use crate::payment::keys::block_cipher::xor;
use crate::payment::keys::cipher::{BLOCK, KeyError};
use crate::payment::keys::issuer_keys::{CardKeyOption, card_key};
use crate::payment::keys::mac::{Padding, fold};
use crate::payment::keys::secret_key::SecretKey;
use des::Des;
use des::cipher::{Array, BlockCipherDecrypt, BlockCipherEncrypt, KeyInit};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Two parts of a DES key, expanded.
struct Pair {
    left: Des,
    right: Des,
}

impl Pair {
    fn new(left: &[u8; BLOCK], right: &[u8; BLOCK]) -> Pair {
        Pair { left: Des::new(&Array(*left)), right: Des::new(&Array(*right)) }
    }

    /// One block under the left part.
    fn encrypt_left(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        let mut block = Array(block);
        self.left.encrypt_block(&mut block);
        block.0
    }

    /// One block under both.
    fn encrypt(&self, block: [u8; BLOCK]) -> [u8; BLOCK] {
        let mut block = Array(block);
        self.left.encrypt_block(&mut block);
        self.right.decrypt_block(&mut block);
        self.left.encrypt_block(&mut block);
        block.0
    }
}

/// The key of a card, expanded. Prints as `<card key>`.
pub struct CardKey(Pair);

impl CardKey {
    /// The key that an issuer derives for a card. `sequence` is the two digits of its sequence number.
    pub fn derive(
        issuer: &SecretKey,
        option: CardKeyOption,
        pan: &Pan,
        sequence: [u8; 2],
    ) -> Result<CardKey, KeyError> {
        let key = card_key(issuer, option, pan, sequence)?;
        match key.clear_bytes().as_chunks::<BLOCK>().0 {
            [left, right] => Ok(CardKey(Pair::new(left, right))),
            parts => Err(KeyError::Length { found: parts.len() * BLOCK }),
        }
    }

    /// The key of the transaction with this counter (9F36): EMV's common derivation.
    pub fn transaction(&self, counter: u16) -> TransactionKey {
        let [high, low] = counter.to_be_bytes();
        self.diversified([high, low, 0, 0, 0, 0, 0, 0])
    }

    /// The key that follows from the card's and any eight bytes, of which the third is not looked at.
    pub fn diversified(&self, diversifier: [u8; BLOCK]) -> TransactionKey {
        let part = |third| {
            let [first, second, _, rest @ ..] = diversifier;
            let [d, e, f, g, h] = rest;
            Zeroizing::new(self.0.encrypt([first, second, third, d, e, f, g, h]))
        };
        TransactionKey(Pair::new(&part(0xF0), &part(0x0F)))
    }
}

impl fmt::Debug for CardKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<card key>")
    }
}

/// The key of one transaction, expanded. Prints as `<transaction key>`.
pub struct TransactionKey(Pair);

impl TransactionKey {
    /// The application cryptogram of the data (ARQC, TC or AAC), filled as EMV fills.
    pub fn cryptogram(&self, data: &[u8]) -> [u8; BLOCK] {
        // The last block of the retail MAC goes through the whole key instead of its left part.
        let start = ([0; BLOCK], None);
        let (state, last) = fold(data, Padding::OneThenZeros, start, |(state, before): (_, Option<_>), block| {
            (before.map_or(state, |before| self.0.encrypt_left(xor(state, before))), Some(block))
        });
        self.0.encrypt(xor(state, last.unwrap_or_default()))
    }

    /// Is this the cryptogram of the data? In constant time.
    pub fn verify(&self, data: &[u8], found: &[u8]) -> bool {
        self.cryptogram(data).ct_eq(found).into()
    }

    /// The issuer's answer by method 1: the cryptogram joined with the response code, encrypted.
    pub fn response(&self, cryptogram: [u8; BLOCK], code: [u8; 2]) -> [u8; BLOCK] {
        let [a, b] = code;
        self.0.encrypt(xor(cryptogram, [a, b, 0, 0, 0, 0, 0, 0]))
    }

    /// Is this the issuer's answer? In constant time.
    pub fn answers(&self, cryptogram: [u8; BLOCK], code: [u8; 2], found: &[u8]) -> bool {
        self.response(cryptogram, code).ct_eq(found).into()
    }
}

impl fmt::Debug for TransactionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<transaction key>")
    }
}
