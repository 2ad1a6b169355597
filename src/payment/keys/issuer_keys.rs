//! The keys of an EMV issuer: from master to card to session, cryptograms and script MACs.

use crate::payment::card::Pan;
use crate::payment::keys::block_cipher::{Algorithm, BlockCipher, xor};
use crate::payment::keys::cipher::{KeyBytes, KeyError};
use crate::payment::keys::mac::Padding;
use crate::payment::keys::mac_method::{MacKey, MacMethod};
use crate::payment::keys::parity::odd;
use crate::payment::keys::secret_key::SecretKey;
use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// How the key of a card follows from the issuer's: EMV Book 2, annex A1.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CardKeyOption {
    /// From the rightmost sixteen digits of card number and sequence number.
    A,
    /// From a SHA-1 of them, for numbers longer than sixteen digits; shorter ones as `A`.
    B,
}

/// The key of a card. `sequence` is the two digits of the card's sequence number, `00` for none.
pub fn card_key(
    issuer: &SecretKey,
    option: CardKeyOption,
    pan: &Pan,
    sequence: [u8; 2],
) -> Result<SecretKey, KeyError> {
    let issuer = double(issuer)?;
    let mut digits = Zeroizing::new(Vec::with_capacity(24));
    digits.extend(pan.clear_digits().bytes().chain(sequence).map(|digit| digit & 0x0F));
    let sixteen = match option {
        CardKeyOption::B if pan.clear_digits().len() > 16 => hashed(&digits),
        CardKeyOption::A | CardKeyOption::B => {
            let mut sixteen = Zeroizing::new([0; 16]);
            sixteen.iter_mut().rev().zip(digits.iter().rev()).for_each(|(to, from)| *to = *from);
            sixteen
        }
    };
    let block = packed(sixteen.as_slice());
    parts(issuer.encrypt_block(*block), issuer.encrypt_block(block.map(|byte| !byte)))
}

/// The digits of a hash of the packed number: decimal digits first, then letters less ten.
fn hashed(digits: &[u8]) -> Zeroizing<[u8; 16]> {
    let mut even = Zeroizing::new(Vec::with_capacity(digits.len() + 1));
    even.extend(std::iter::repeat_n(0, digits.len() % 2));
    even.extend_from_slice(digits);
    let bytes = Zeroizing::new(even.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low).collect::<Vec<u8>>());
    let digest = Sha1::digest(bytes.as_slice());
    let nibbles = || digest.iter().flat_map(|byte| [byte >> 4, byte & 0x0F]);
    let letters = nibbles().filter(|nibble| *nibble > 9).map(|nibble| nibble - 10);
    let mut sixteen = Zeroizing::new([0; 16]);
    let all = nibbles().filter(|nibble| *nibble < 10).chain(letters);
    sixteen.iter_mut().zip(all).for_each(|(to, from)| *to = from);
    sixteen
}

/// The key of one transaction by EMV's common derivation (Book 2, annex A1.3).
///
/// `diversifier` is the transaction counter and six zero bytes for a cryptogram, the cryptogram itself for a script.
pub fn session_key(card: &SecretKey, diversifier: [u8; 8]) -> Result<SecretKey, KeyError> {
    let card = double(card)?;
    let with = |third| {
        let mut block = diversifier;
        block.iter_mut().skip(2).take(1).for_each(|byte| *byte = third);
        card.encrypt_block(block)
    };
    parts(with(0xF0), with(0x0F))
}

/// The application cryptogram of the data (ARQC, TC or AAC). EMV fills as padding method 2; some card schemes with zeros.
pub fn application_cryptogram(session: &SecretKey, data: &[u8], padding: Padding) -> Result<[u8; 8], KeyError> {
    retail(session, data, padding)
}

/// True if `found` is the cryptogram of the data; in constant time.
pub fn verify_cryptogram(session: &SecretKey, data: &[u8], padding: Padding, found: &[u8]) -> Result<bool, KeyError> {
    Ok(application_cryptogram(session, data, padding)?.ct_eq(found).into())
}

/// The issuer's answer by method 1: the cryptogram joined with the response code, encrypted. Under the session key, or the
/// card's own with older cards.
pub fn response_cryptogram_1(key: &SecretKey, cryptogram: [u8; 8], response: [u8; 2]) -> Result<[u8; 8], KeyError> {
    let [a, b] = response;
    Ok(double(key)?.schedule().encrypt(xor(cryptogram, [a, b, 0, 0, 0, 0, 0, 0])))
}

/// The issuer's answer by method 2: a MAC of cryptogram, card status update and up to eight bytes of the issuer's own.
pub fn response_cryptogram_2(
    session: &SecretKey,
    cryptogram: [u8; 8],
    status_update: [u8; 4],
    own: &[u8],
) -> Result<[u8; 4], KeyError> {
    let mut data = cryptogram.to_vec();
    data.extend_from_slice(&status_update);
    data.extend_from_slice(own);
    let [a, b, c, d, ..] = retail(session, &data, Padding::OneThenZeros)?;
    Ok([a, b, c, d])
}

/// The MAC of a command that the issuer sends to its card.
pub fn script_mac(session: &SecretKey, command: &[u8]) -> Result<[u8; 8], KeyError> {
    retail(session, command, Padding::OneThenZeros)
}

fn retail(key: &SecretKey, data: &[u8], padding: Padding) -> Result<[u8; 8], KeyError> {
    Ok(MacKey::new(MacMethod::Iso3(padding), key)?.compute(data).leftmost())
}

/// A DES key of two parts.
fn double(key: &SecretKey) -> Result<KeyBytes, KeyError> {
    let key = key.des()?;
    match key.length() {
        16 => Ok(key),
        8 => Err(KeyError::SinglePart),
        found => Err(KeyError::Length { found }),
    }
}

/// Two blocks as a key of odd parity.
fn parts(left: [u8; 8], right: [u8; 8]) -> Result<SecretKey, KeyError> {
    let mut key = Zeroizing::new([0; 16]);
    key.iter_mut().zip(left.into_iter().chain(right)).for_each(|(to, from)| *to = odd(from));
    SecretKey::unjudged(Algorithm::Des, key.as_slice())
}

fn packed(digits: &[u8]) -> Zeroizing<[u8; 8]> {
    let mut block = Zeroizing::new([0; 8]);
    block.iter_mut().zip(digits.as_chunks::<2>().0).for_each(|(to, [high, low])| *to = high << 4 | low);
    block
}
