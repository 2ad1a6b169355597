//! Numbers that stand in front of something: message types and lengths, in each of the ways they are written.

use serde::{Deserialize, Serialize};

/// A number as so many ASCII digits, zeros in front; of one that has more, the last ones. Without `format!`, which every message
/// would go through some ten times.
pub fn digits<const N: usize>(number: u64) -> [u8; N] {
    let mut left = number;
    let mut digits = [b'0'; N];
    for digit in digits.iter_mut().rev() {
        *digit = b'0' + (left % 10) as u8;
        left /= 10;
    }
    digits
}

/// How the digits of a number are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum NumberForm {
    /// A big-endian binary number: one byte for one or two digits, two bytes for more.
    #[default]
    Binary,
    /// Two digits a byte, an odd count with a zero in front.
    Bcd,
    /// One ASCII digit a byte.
    Ascii,
    /// One EBCDIC digit a byte; the pages do not differ in digits.
    Ebcdic,
}

/// The first EBCDIC digit.
const EBCDIC_ZERO: u8 = 0xF0;

impl NumberForm {
    /// Bytes that a number of so many digits takes.
    pub fn width(self, digits: u8) -> usize {
        match self {
            NumberForm::Binary => {
                if digits <= 2 {
                    1
                } else {
                    2
                }
            }
            NumberForm::Bcd => usize::from(digits).div_ceil(2),
            NumberForm::Ascii | NumberForm::Ebcdic => usize::from(digits),
        }
    }

    /// The largest number of so many digits.
    pub fn most(self, digits: u8) -> usize {
        match self {
            NumberForm::Binary => (1_usize << (8 * self.width(digits))) - 1,
            _ => 10_usize.saturating_pow(u32::from(digits)) - 1,
        }
    }

    /// Appends a number of so many digits; `None` if it has more.
    #[inline]
    pub(super) fn write(self, number: usize, digits: u8, out: &mut Vec<u8>) -> Option<()> {
        // Two digits, by far the commonest.
        if digits == 2 && number <= 99 {
            let (high, low) = (number as u8 / 10, number as u8 % 10);
            match self {
                NumberForm::Binary => out.push(number as u8),
                NumberForm::Bcd => out.push(high << 4 | low),
                NumberForm::Ascii => out.extend_from_slice(&[b'0' + high, b'0' + low]),
                NumberForm::Ebcdic => out.extend_from_slice(&[EBCDIC_ZERO + high, EBCDIC_ZERO + low]),
            }
            return Some(());
        }
        self.write_long(number, digits, out)
    }

    fn write_long(self, number: usize, digits: u8, out: &mut Vec<u8>) -> Option<()> {
        if number > self.most(digits) {
            return None;
        }
        let digit = |place: u8| (number / 10_usize.pow(u32::from(place)) % 10) as u8;
        match self {
            NumberForm::Binary if digits <= 2 => out.push(number as u8),
            NumberForm::Binary => out.extend_from_slice(&(number as u16).to_be_bytes()),
            NumberForm::Bcd => {
                let pairs = digits.div_ceil(2);
                out.extend((0..pairs).rev().map(|pair| {
                    let high = if 2 * pair + 1 < digits { digit(2 * pair + 1) } else { 0 };
                    high << 4 | digit(2 * pair)
                }));
            }
            NumberForm::Ascii => out.extend((0..digits).rev().map(|place| b'0' + digit(place))),
            NumberForm::Ebcdic => out.extend((0..digits).rev().map(|place| EBCDIC_ZERO + digit(place))),
        }
        Some(())
    }

    /// Reads the bytes of a number; `Err`: the place of the byte that is no digit.
    ///
    /// The spare nibble of BCD counts as a digit: a length of 1 003 must not be read as 3.
    #[inline]
    pub(super) fn read(self, bytes: &[u8]) -> Result<usize, usize> {
        // One byte of BCD and two of ASCII, by far the commonest.
        match (self, bytes) {
            (NumberForm::Bcd, &[byte]) if byte >> 4 <= 9 && byte & 0x0F <= 9 => {
                Ok(usize::from((byte >> 4) * 10 + (byte & 0x0F)))
            }
            (NumberForm::Ascii, &[high, low]) if high.is_ascii_digit() && low.is_ascii_digit() => {
                Ok(usize::from((high - b'0') * 10 + (low - b'0')))
            }
            _ => self.read_long(bytes),
        }
    }

    fn read_long(self, bytes: &[u8]) -> Result<usize, usize> {
        let mut number = 0;
        for (at, byte) in bytes.iter().enumerate() {
            let (times, digit) = match self {
                NumberForm::Binary => (256, *byte),
                NumberForm::Bcd => {
                    let (high, low) = (byte >> 4, byte & 0x0F);
                    if high > 9 || low > 9 {
                        return Err(at);
                    }
                    (100, high * 10 + low)
                }
                NumberForm::Ascii => (10, decimal(byte.wrapping_sub(b'0')).ok_or(at)?),
                NumberForm::Ebcdic => (10, decimal(byte.wrapping_sub(EBCDIC_ZERO)).ok_or(at)?),
            };
            number = number * times + usize::from(digit);
        }
        Ok(number)
    }
}

fn decimal(digit: u8) -> Option<u8> {
    (digit <= 9).then_some(digit)
}
