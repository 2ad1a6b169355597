//! Every MAC we know, under any of our ciphers, with the key expanded once.

use crate::payment::keys::block_cipher::Algorithm;
use crate::payment::keys::cipher::{BLOCK, KeyError, Schedule};
use crate::payment::keys::mac::{MacAlgorithm, Padding, cbc, cup_ecb, finish_retail};
use crate::payment::keys::secret_key::{Expanded, SecretKey};
use std::fmt;
use subtle::ConstantTimeEq;

/// How a MAC is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MacMethod {
    /// `MacAlgorithm::CupEcb`: eight ASCII characters.
    CupEcb,
    /// `MacAlgorithm::CupCbc`: CBC under the whole key, filled with zeros.
    CupCbc,
    /// ISO/IEC 9797-1 algorithm 1 under the first part of the key. With zeros it is ANSI X9.9.
    Iso1(Padding),
    /// ISO/IEC 9797-1 algorithm 3. With zeros it is ANSI X9.19.
    Iso3(Padding),
    /// NIST SP 800-38B under DES or triple DES.
    TdesCmac,
    /// NIST SP 800-38B under AES.
    AesCmac,
    /// CBC under SM4, filled with zeros; 16 bytes, of which hosts mostly take the left 8.
    Sm4Cbc,
    /// As `CupEcb` with SM4's blocks. An analogue: no public source describes it.
    Sm4Ecb,
}

impl MacMethod {
    /// All of them.
    pub const ALL: [MacMethod; 10] = [
        MacMethod::CupEcb,
        MacMethod::CupCbc,
        MacMethod::Iso1(Padding::Zeros),
        MacMethod::Iso1(Padding::OneThenZeros),
        MacMethod::Iso3(Padding::Zeros),
        MacMethod::Iso3(Padding::OneThenZeros),
        MacMethod::TdesCmac,
        MacMethod::AesCmac,
        MacMethod::Sm4Cbc,
        MacMethod::Sm4Ecb,
    ];

    /// The word on a command line; the first four are those of a dialect.
    pub fn word(self) -> &'static str {
        match self {
            MacMethod::CupEcb => "cup_ecb",
            MacMethod::CupCbc => "cup_cbc",
            MacMethod::Iso1(Padding::Zeros) => "x9_9",
            MacMethod::Iso1(Padding::OneThenZeros) => "iso9797_1_pad2",
            MacMethod::Iso3(Padding::Zeros) => "x9_19",
            MacMethod::Iso3(Padding::OneThenZeros) => "iso9797_3_pad2",
            MacMethod::TdesCmac => "tdes_cmac",
            MacMethod::AesCmac => "aes_cmac",
            MacMethod::Sm4Cbc => "sm4_cbc",
            MacMethod::Sm4Ecb => "sm4_ecb",
        }
    }

    /// The method a word names; `-` is as good as `_`.
    pub fn parse(word: &str) -> Option<MacMethod> {
        let word = word.replace('-', "_");
        MacMethod::ALL.into_iter().find(|method| method.word() == word)
    }

    /// Which cipher its key is for.
    pub fn algorithm(self) -> Algorithm {
        match self {
            MacMethod::CupEcb | MacMethod::CupCbc | MacMethod::Iso1(_) | MacMethod::Iso3(_) | MacMethod::TdesCmac => {
                Algorithm::Des
            }
            MacMethod::AesCmac => Algorithm::Aes,
            MacMethod::Sm4Cbc | MacMethod::Sm4Ecb => Algorithm::Sm4,
        }
    }
}

impl From<MacAlgorithm> for MacMethod {
    fn from(algorithm: MacAlgorithm) -> MacMethod {
        match algorithm {
            MacAlgorithm::CupEcb => MacMethod::CupEcb,
            MacAlgorithm::CupCbc => MacMethod::CupCbc,
            MacAlgorithm::X99 => MacMethod::Iso1(Padding::Zeros),
            MacAlgorithm::X919 => MacMethod::Iso3(Padding::Zeros),
        }
    }
}

/// A whole MAC: 8 or 16 bytes. Who sends fewer takes the leftmost.
#[derive(Clone, Copy)]
pub struct MacValue {
    bytes: [u8; 16],
    length: usize,
}

impl MacValue {
    fn new(bytes: &[u8]) -> MacValue {
        let mut value = MacValue { bytes: [0; 16], length: bytes.len().min(16) };
        value.bytes.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
        value
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }

    /// The leftmost eight, as field 64 holds them.
    pub fn leftmost(&self) -> [u8; 8] {
        let mut left = [0; 8];
        left.iter_mut().zip(self.bytes).for_each(|(to, from)| *to = from);
        left
    }

    /// True if `found` is the whole MAC; in constant time.
    pub fn matches(&self, found: &[u8]) -> bool {
        self.as_bytes().ct_eq(found).into()
    }
}

impl fmt::Debug for MacValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&crate::payment::hex::encode(self.as_bytes()))
    }
}

/// A key made ready for one method: expanded once, for many messages.
#[derive(Clone, Debug)]
pub struct MacKey(Ready);

#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "made once and kept by its handle")]
enum Ready {
    CupEcb(Schedule),
    Sm4Ecb(Expanded),
    Cbc(Expanded, Padding),
    Retail { first: Schedule, whole: Schedule, padding: Padding },
    Cmac(Expanded),
}

impl MacKey {
    /// Refuses a key of another cipher, and one of a single part where two are needed.
    pub fn new(method: MacMethod, key: &SecretKey) -> Result<MacKey, KeyError> {
        let needed = method.algorithm();
        if key.algorithm() != needed {
            return Err(KeyError::Algorithm { needed, found: key.algorithm() });
        }
        Ok(MacKey(match method {
            MacMethod::CupEcb => Ready::CupEcb(key.des()?.schedule()),
            MacMethod::CupCbc | MacMethod::Sm4Cbc => Ready::Cbc(key.expand(), Padding::Zeros),
            MacMethod::Sm4Ecb => Ready::Sm4Ecb(key.expand()),
            MacMethod::Iso1(padding) => Ready::Cbc(Expanded::Narrow(key.des()?.first_part().schedule()), padding),
            MacMethod::Iso3(_) if key.length() == BLOCK => return Err(KeyError::SinglePart),
            MacMethod::Iso3(padding) => {
                let key = key.des()?;
                Ready::Retail { first: key.first_part().schedule(), whole: key.schedule(), padding }
            }
            MacMethod::TdesCmac | MacMethod::AesCmac => Ready::Cmac(key.expand()),
        }))
    }

    /// The whole MAC of the data.
    pub fn compute(&self, data: &[u8]) -> MacValue {
        match &self.0 {
            Ready::CupEcb(key) => MacValue::new(&cup_ecb(key, data)),
            Ready::Sm4Ecb(Expanded::Wide(key)) => MacValue::new(&cup_ecb(key, data)),
            Ready::Sm4Ecb(Expanded::Narrow(key)) => MacValue::new(&cup_ecb(key, data)),
            Ready::Cbc(Expanded::Narrow(key), padding) => MacValue::new(&cbc(key, *padding, data)),
            Ready::Cbc(Expanded::Wide(key), padding) => MacValue::new(&cbc(key, *padding, data)),
            Ready::Retail { first, whole, padding } => {
                MacValue::new(&finish_retail(first, whole, cbc(first, *padding, data)))
            }
            Ready::Cmac(key) => MacValue::new(&key.cmac(data)),
        }
    }

    /// True if `found` is the whole MAC of the data; compares in constant time.
    pub fn verify(&self, data: &[u8], found: &[u8]) -> bool {
        self.compute(data).matches(found)
    }
}
