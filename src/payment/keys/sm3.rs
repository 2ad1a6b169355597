//! SM3 (GB/T 32905) and HMAC with it.

use hmac::{Hmac, KeyInit, Mac};
use sm3::{Digest, Sm3};
use zeroize::Zeroizing;

/// The digest of the data, 32 bytes.
pub fn sm3(data: &[u8]) -> [u8; 32] {
    Sm3::digest(data).into()
}

/// HMAC-SM3 of the data. The key may have any length.
pub fn hmac_sm3(key: &[u8], data: &[u8]) -> Zeroizing<[u8; 32]> {
    let Ok(mut mac) = Hmac::<Sm3>::new_from_slice(key) else { unreachable!("HMAC takes keys of every length") };
    mac.update(data);
    Zeroizing::new(mac.finalize().into_bytes().into())
}
