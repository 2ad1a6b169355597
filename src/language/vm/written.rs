//! Short texts as they are written: numbers and money, digit by digit, without memory of their own.

use super::slot;
use crate::payment::amount::Amount;

/// The longest: a sign, twenty digits, a point, a space and three letters.
const LONGEST: usize = 40;

/// A short text, written from its end to its beginning.
#[derive(Debug)]
pub(super) struct Written {
    bytes: [u8; LONGEST],
    from: usize,
}

/// The two digits of each number below a hundred.
const PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[0; 2]; 100];
    let mut at = 0;
    while at < 100 {
        pairs[at] = [b'0' + (at / 10) as u8, b'0' + (at % 10) as u8];
        at += 1;
    }
    pairs
};

impl Written {
    fn new() -> Written {
        Written { bytes: [0; LONGEST], from: LONGEST }
    }

    /// A whole number.
    pub(super) fn int(value: i64) -> Written {
        let mut written = Written::new();
        written.digits(value.unsigned_abs(), 1);
        if value < 0 {
            written.byte(b'-');
        }
        written
    }

    /// The slot of a whole number of up to seven digits; `None` for any other.
    #[inline]
    pub(super) fn short_int(value: i64) -> Option<u64> {
        let mut value = u64::try_from(value).ok().filter(|value| *value < 10_000_000)? as u32;
        let (mut word, mut length) = (0, 0);
        let pair = |number: u32| PAIRS.get(number as usize).map_or(0, |pair| u64::from(u16::from_le_bytes(*pair)));
        while value >= 100 {
            word = word << 16 | pair(value % 100);
            value /= 100;
            length += 2;
        }
        (word, length) = match value {
            10.. => (word << 16 | pair(value), length + 2),
            _ => (word << 8 | u64::from(b'0') | u64::from(value), length + 1),
        };
        slot::inline_of_word(word, length)
    }

    /// Money of a currency with two decimals, as `Display` writes it, and its length, if it has at most sixteen characters
    /// and is not owed: the first character is the lowest byte.
    #[inline]
    pub(super) fn short_amount(amount: Amount) -> Option<([u64; 2], usize)> {
        let minor = u32::try_from(amount.minor).ok().filter(|_| amount.currency.exponent() == 2)?;
        let &[one, two, three] = amount.currency.alpha().as_bytes() else { return None };
        let pair = |number: u32| PAIRS.get(number as usize).map_or(0, |pair| u64::from(u16::from_le_bytes(*pair)));
        // From the end: ".00 CNY", then the units, which are eight digits at most.
        let name = u64::from(one) | u64::from(two) << 8 | u64::from(three) << 16;
        let behind = u64::from(b'.') | pair(minor % 100) << 8 | u64::from(b' ') << 24 | name << 32;
        let (mut units, mut front, mut length) = (minor / 100, 0_u64, 0);
        while units >= 100 {
            front = front << 16 | pair(units % 100);
            units /= 100;
            length += 2;
        }
        (front, length) = match units {
            10.. => (front << 16 | pair(units), length + 2),
            _ => (front << 8 | u64::from(b'0') | u64::from(units), length + 1),
        };
        let all = u128::from(front) | u128::from(behind) << (8 * length);
        Some(([all as u64, (all >> 64) as u64], length + 7))
    }

    /// Money, as `Display` writes it: `-12.50 CNY`.
    pub(super) fn amount(amount: Amount) -> Written {
        let mut written = Written::new();
        for letter in amount.currency.alpha().bytes().rev() {
            written.byte(letter);
        }
        written.byte(b' ');
        let places = amount.currency.exponent();
        let (unit, minor) = (10_u64.pow(places.into()), amount.minor.unsigned_abs());
        if places > 0 {
            written.digits(minor % unit, places.into());
            written.byte(b'.');
        }
        written.digits(minor / unit, 1);
        if amount.minor < 0 {
            written.byte(b'-');
        }
        written
    }

    /// The bytes.
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(self.from..).unwrap_or_default()
    }

    fn digits(&mut self, mut value: u64, places: usize) {
        let end = self.from.saturating_sub(places);
        while value >= 100 {
            self.pair((value % 100) as usize);
            value /= 100;
        }
        if value >= 10 {
            self.pair(value as usize);
        } else {
            self.byte(b'0' + value as u8);
        }
        while self.from > end {
            self.byte(b'0');
        }
    }

    #[inline]
    fn pair(&mut self, number: usize) {
        let from = self.from.saturating_sub(2);
        // INVARIANT: what is written is never longer than the longest.
        if let (Some(place), Some(pair)) = (self.bytes.get_mut(from..from + 2), PAIRS.get(number)) {
            place.copy_from_slice(pair);
        }
        self.from = from;
    }

    #[inline]
    fn byte(&mut self, byte: u8) {
        self.from = self.from.saturating_sub(1);
        if let Some(place) = self.bytes.get_mut(self.from) {
            *place = byte;
        }
    }
}
