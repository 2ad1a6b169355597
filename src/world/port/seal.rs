//! Card data sealed for the journal: AES-CBC, then CMAC, under keys of the device.
//!
//! Only what a reversal needs is ever sealed: card number, expiry, chip data. The rest of the journal is readable by
//! support engineers. The journal erases what is sealed as soon as the reversal is closed.

use aes::Aes128;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockModeDecrypt, BlockModeEncrypt, InnerIvInit};
use cmac::{Cmac, KeyInit, Mac};
use std::fmt;
use zeroize::Zeroizing;

const BLOCK: usize = 16;

/// A field that only the terminal that sealed it can read. Prints its number.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedField {
    /// The field's number.
    pub number: u8,
    bytes: Vec<u8>,
}

impl SealedField {
    /// Takes what was sealed before, as it lies in a file.
    pub fn from_bytes(number: u8, bytes: Vec<u8>) -> SealedField {
        SealedField { number, bytes }
    }

    /// Start value, cryptogram and tag, to be written to a file.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for SealedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<sealed field {}>", self.number)
    }
}

/// Seals and opens fields. Prints nothing of its keys, which are expanded once: a sale seals some four fields. The ciphers wipe
/// them when they are dropped.
#[derive(Clone)]
pub struct Seal {
    encrypts: Aes128,
    authenticates: Cmac<Aes128>,
    starts: Cmac<Aes128>,
}

/// Does not compile with ciphers that do not wipe their keys.
const _: () = {
    const fn wipes<T: zeroize::ZeroizeOnDrop>() {}
    wipes::<Aes128>();
    wipes::<cmac::block_api::CmacCore<Aes128>>();
};

impl Seal {
    /// Takes the device key, from which one key for each purpose is derived.
    pub fn new(device_key: &[u8; BLOCK]) -> Seal {
        let device = ready(device_key);
        let derived = |purpose: &[u8]| Zeroizing::new(cmac(&device, &[purpose]));
        Seal {
            encrypts: Aes128::new(&(*derived(b"till journal encrypts")).into()),
            authenticates: ready(&derived(b"till journal authenticates")),
            starts: ready(&derived(b"till journal starts")),
        }
    }

    /// Seals the content of a field of a reversal. `stan` binds it to its record: it opens in no other place.
    pub fn seal(&self, stan: u32, number: u8, clear: &[u8]) -> SealedField {
        let place = place(stan, number);
        // The start value is a MAC of the content, so that no counter has to survive a power cut; equal contents in
        // different records still look different, as the place goes in.
        let start = cmac(&self.starts, &[&place, clear]);
        let padded = (clear.len() / BLOCK + 1) * BLOCK;
        let mut buffer = Zeroizing::new(vec![0; padded]);
        buffer.iter_mut().zip(clear).for_each(|(to, from)| *to = *from);
        let mut bytes = Vec::with_capacity(BLOCK + padded + BLOCK);
        bytes.extend_from_slice(&start);
        let encryptor = cbc::Encryptor::inner_iv_init(&self.encrypts, &start.into());
        if let Ok(cryptogram) = encryptor.encrypt_padded::<Pkcs7>(&mut buffer, clear.len()) {
            bytes.extend_from_slice(cryptogram);
        }
        let tag = cmac(&self.authenticates, &[&place, &bytes]);
        bytes.extend_from_slice(&tag);
        SealedField { number, bytes }
    }

    /// The content of a sealed field; `None` if it was erased or tampered with, or belongs elsewhere.
    pub fn open(&self, stan: u32, field: &SealedField) -> Option<Zeroizing<Vec<u8>>> {
        let place = place(stan, field.number);
        let (sealed, tag) = field.bytes.split_last_chunk::<BLOCK>()?;
        let (start, cryptogram) = sealed.split_first_chunk::<BLOCK>()?;
        let mut expected = self.authenticates.clone();
        expected.update(&place);
        expected.update(sealed);
        expected.verify(&(*tag).into()).ok()?;
        let mut buffer = Zeroizing::new(cryptogram.to_vec());
        let decryptor = cbc::Decryptor::inner_iv_init(&self.encrypts, &(*start).into());
        let clear = decryptor.decrypt_padded::<Pkcs7>(&mut buffer).ok()?;
        Some(Zeroizing::new(clear.to_vec()))
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<seal>")
    }
}

/// Where a sealed field belongs.
fn place(stan: u32, number: u8) -> [u8; 5] {
    let [a, b, c, d] = stan.to_be_bytes();
    [a, b, c, d, number]
}

fn ready(key: &[u8; BLOCK]) -> Cmac<Aes128> {
    <Cmac<Aes128> as KeyInit>::new(&(*key).into())
}

fn cmac(key: &Cmac<Aes128>, parts: &[&[u8]]) -> [u8; BLOCK] {
    let mut mac = key.clone();
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
