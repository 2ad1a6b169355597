//! What an application cryptogram covers, the same for the card that makes it and the issuer that checks it.
//!
//! The list of cryptogram version 01 of PBOC cards, which is that of version 10 elsewhere: amounts, country, terminal
//! verification results, currency, date, kind, unpredictable number, application interchange profile, transaction counter,
//! card verification results.

use crate::payment::emv::tlv::Elements;

/// Bytes of it all.
pub const LENGTH: usize = 37;

/// The values, each as its tag has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Covered {
    /// 9F02: the amount, twelve digits.
    pub amount: [u8; 6],
    /// 9F03: the part of it that is cash, twelve digits.
    pub other: [u8; 6],
    /// 9F1A: the terminal's country.
    pub country: [u8; 2],
    /// 95: terminal verification results.
    pub verification: [u8; 5],
    /// 5F2A: the currency.
    pub currency: [u8; 2],
    /// 9A: the date, year first.
    pub date: [u8; 3],
    /// 9C: the kind of transaction, the first two digits of field 3.
    pub kind: [u8; 1],
    /// 9F37: the terminal's unpredictable number.
    pub unpredictable: [u8; 4],
    /// 82: what the application can do.
    pub profile: [u8; 2],
    /// 9F36: the card's transaction counter.
    pub counter: [u8; 2],
    /// Within 9F10: what the card found and decided, with its length in front.
    pub card_verification: [u8; 4],
}

impl Covered {
    /// Reads the values out of chip data; `None` where one is missing or has another length.
    pub fn read(elements: Elements<'_>) -> Option<Covered> {
        let mut covered = Covered::default();
        let mut found = 0_u16;
        for (tag, value) in elements {
            let (bit, fits) = match tag.number() {
                0x9F02 => (0, put(&mut covered.amount, value)),
                0x9F03 => (1, put(&mut covered.other, value)),
                0x9F1A => (2, put(&mut covered.country, value)),
                0x95 => (3, put(&mut covered.verification, value)),
                0x5F2A => (4, put(&mut covered.currency, value)),
                0x9A => (5, put(&mut covered.date, value)),
                0x9C => (6, put(&mut covered.kind, value)),
                0x9F37 => (7, put(&mut covered.unpredictable, value)),
                0x82 => (8, put(&mut covered.profile, value)),
                0x9F36 => (9, put(&mut covered.counter, value)),
                // Its length, the key's index, the version; then the results.
                0x9F10 => (10, value.get(3..7).is_some_and(|results| put(&mut covered.card_verification, results))),
                _ => continue,
            };
            if !fits {
                return None;
            }
            found |= 1 << bit;
        }
        (found == 0x7FF).then_some(covered)
    }

    /// All of it, as the cryptogram is computed over it.
    pub fn bytes(&self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        let parts: [&[u8]; 11] = [
            &self.amount,
            &self.other,
            &self.country,
            &self.verification,
            &self.currency,
            &self.date,
            &self.kind,
            &self.unpredictable,
            &self.profile,
            &self.counter,
            &self.card_verification,
        ];
        bytes.iter_mut().zip(parts.into_iter().flatten()).for_each(|(to, from)| *to = *from);
        bytes
    }

    /// The transaction counter as a number.
    pub fn counter(&self) -> u16 {
        u16::from_be_bytes(self.counter)
    }
}

/// Takes over a value of the right length; false for any other.
fn put<const N: usize>(place: &mut [u8; N], value: &[u8]) -> bool {
    <[u8; N]>::try_from(value).map(|value| *place = value).is_ok()
}
