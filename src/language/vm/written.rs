//! Short texts as they are written: numbers and money, digit by digit, without memory of their own.

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
