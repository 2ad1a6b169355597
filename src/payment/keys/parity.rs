//! The lowest bit of each byte of a DES key, set for odd parity.

use crate::payment::keys::cipher::KeyError;
use crate::payment::keys::secret_key::SecretKey;

/// Which bytes have an even number of ones; none for a key of odd parity.
pub fn even_bytes(key: &SecretKey) -> Vec<usize> {
    key.clear_bytes().iter().enumerate().filter(|(_, byte)| byte.count_ones() % 2 == 0).map(|(at, _)| at).collect()
}

/// The key with the lowest bit of each byte set for odd parity. The cipher does not look at these bits.
pub fn with_odd_parity(key: &SecretKey) -> Result<SecretKey, KeyError> {
    key.des()?;
    let mut bytes = zeroize::Zeroizing::new([0_u8; 24]);
    bytes.iter_mut().zip(key.clear_bytes()).for_each(|(to, from)| *to = odd(*from));
    SecretKey::unjudged(key.algorithm(), bytes.get(..key.length()).unwrap_or(&[]))
}

/// A byte with its lowest bit set so that the number of ones is odd.
pub(super) fn odd(byte: u8) -> u8 {
    let upper = byte & 0xFE;
    upper | u8::from(upper.count_ones().is_multiple_of(2))
}
