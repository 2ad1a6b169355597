//! Money in minor units of one currency.

use crate::payment::currency::Currency;
use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// Money: a whole number of minor units of one currency. There is no float anywhere near it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Amount {
    /// Minor units, such as fen.
    pub minor: i64,
    /// The currency.
    pub currency: Currency,
}

/// Why a calculation gave no amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum AmountError {
    /// The two amounts are of different currencies.
    #[error("{left} and {right} are different currencies")]
    CurrencyMismatch {
        /// Currency on the left.
        left: Currency,
        /// Currency on the right.
        right: Currency,
    },
    /// The result is larger than an amount can be.
    #[error("the result is larger than an amount can be")]
    Overflow,
}

/// Why a text is no amount.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AmountParseError {
    /// There is no digit where a digit must stand: `CNY`, `.50 CNY`, `100. CNY`, `-1 CNY`, `1,000 CNY`.
    #[error("a digit must stand at character {at}")]
    DigitExpected {
        /// Counted in characters from 0.
        at: usize,
    },
    /// A zero stands in front of other digits: `01.00 CNY`.
    #[error("an amount does not begin with a zero that has no meaning")]
    LeadingZero,
    /// What stands behind the number is no currency of the table.
    #[error("{found:?} is no currency")]
    UnknownCurrency {
        /// What stands there, at most 16 characters of it.
        found: String,
    },
    /// More decimals than the currency has: `1.005 CNY`, `1.00 JPY`.
    #[error("{currency} has {allowed} decimals, not {found}")]
    TooManyDecimals {
        /// The currency.
        currency: Currency,
        /// How many decimals it has.
        allowed: u8,
        /// How many were written.
        found: usize,
    },
    /// More than twelve digits in minor units: field 4 cannot hold it.
    #[error("an amount has at most 12 digits")]
    TooManyDigits,
}

/// The largest amount field 4 can carry: twelve digits of minor units.
pub const MINOR_MAX: i64 = 999_999_999_999;

/// The lowest bits of the machine's word hold the currency's number.
const NUMERIC_BITS: u32 = 10;

impl Amount {
    /// An amount of minor units.
    pub fn new(minor: i64, currency: Currency) -> Amount {
        Amount { minor, currency }
    }

    /// Nothing, in a currency.
    pub fn zero(currency: Currency) -> Amount {
        Amount { minor: 0, currency }
    }

    /// Reads `100.00 CNY`, `100.00CNY`, `100.5 CNY` or `100CNY`, exactly: a rounded, guessed or signed amount is none.
    pub fn parse(text: &str) -> Result<Amount, AmountParseError> {
        let whole_end = end_of_digits(text, 0)?;
        let number_end = match text.as_bytes().get(whole_end) {
            Some(b'.') => end_of_digits(text, whole_end + 1)?,
            _ => whole_end,
        };
        // INVARIANT: both ends lie behind ASCII characters only, so they are character boundaries.
        let (number, name) = text.split_at(number_end);
        let name = name.strip_prefix(' ').unwrap_or(name);
        let currency = Currency::parse(name)
            .ok_or_else(|| AmountParseError::UnknownCurrency { found: name.chars().take(16).collect() })?;

        let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
        if whole.len() > 1 && whole.starts_with('0') {
            return Err(AmountParseError::LeadingZero);
        }
        let allowed = currency.exponent();
        let missing = usize::from(allowed).checked_sub(decimals.len()).ok_or(AmountParseError::TooManyDecimals {
            currency,
            allowed,
            found: decimals.len(),
        })?;
        let mut minor: i64 = 0;
        for digit in whole.bytes().chain(decimals.bytes()).chain(std::iter::repeat_n(b'0', missing)) {
            // INVARIANT: at most twelve digits so far, so ten times as much still fits.
            minor = minor * 10 + i64::from(digit - b'0');
            if minor > MINOR_MAX {
                return Err(AmountParseError::TooManyDigits);
            }
        }
        Ok(Amount { minor, currency })
    }

    /// The sum.
    pub fn checked_add(self, other: Amount) -> Result<Amount, AmountError> {
        self.joined(other, i64::checked_add)
    }

    /// The difference.
    pub fn checked_sub(self, other: Amount) -> Result<Amount, AmountError> {
        self.joined(other, i64::checked_sub)
    }

    /// So many times the amount.
    pub fn checked_mul(self, times: i64) -> Result<Amount, AmountError> {
        self.with(self.minor.checked_mul(times))
    }

    /// The amount with its sign turned.
    pub fn checked_neg(self) -> Result<Amount, AmountError> {
        self.with(self.minor.checked_neg())
    }

    /// A part of the amount, in ten-thousandths: `percent(60)` of 100.00 CNY is 0.60 CNY.
    ///
    /// Rounded to the nearest minor unit, a half away from zero: 0.60 % of 1.25 CNY (0.75 fen) is 0.01 CNY,
    /// 50 % of 0.01 CNY is 0.01 CNY, and of -0.01 CNY is -0.01 CNY.
    pub fn percent(self, basis: i64) -> Result<Amount, AmountError> {
        let scaled = i128::from(self.minor) * i128::from(basis);
        let half = if scaled < 0 { -5_000 } else { 5_000 };
        self.with(i64::try_from((scaled + half) / 10_000).ok())
    }

    /// The amount in one word of the machine, `(minor << 10) | number of the currency`; `None` if it does not fit 54 bits.
    pub fn to_bits(self) -> Option<u64> {
        let shifted = self.minor.checked_mul(1 << NUMERIC_BITS)?;
        Some((shifted | i64::from(self.currency.numeric())) as u64)
    }

    /// The reverse of `to_bits`; `None` if the bits name no currency of the table.
    pub fn from_bits(bits: u64) -> Option<Amount> {
        let numeric = (bits & ((1 << NUMERIC_BITS) - 1)) as u16;
        Some(Amount { minor: (bits as i64) >> NUMERIC_BITS, currency: Currency::from_numeric(numeric)? })
    }

    fn joined(self, other: Amount, join: fn(i64, i64) -> Option<i64>) -> Result<Amount, AmountError> {
        if self.currency != other.currency {
            return Err(AmountError::CurrencyMismatch { left: self.currency, right: other.currency });
        }
        self.with(join(self.minor, other.minor))
    }

    fn with(self, minor: Option<i64>) -> Result<Amount, AmountError> {
        let minor = minor.ok_or(AmountError::Overflow)?;
        Ok(Amount { minor, currency: self.currency })
    }
}

/// Where the digits that begin at `from` end; there must be at least one.
fn end_of_digits(text: &str, from: usize) -> Result<usize, AmountParseError> {
    let count = text.bytes().skip(from).take_while(u8::is_ascii_digit).count();
    // All characters in front are ASCII, so bytes and characters count the same.
    if count == 0 { Err(AmountParseError::DigitExpected { at: from }) } else { Ok(from + count) }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.minor < 0 { "-" } else { "" };
        let places = usize::from(self.currency.exponent());
        let unit = 10_u64.pow(u32::from(self.currency.exponent()));
        let minor = self.minor.unsigned_abs();
        write!(f, "{sign}{}", minor / unit)?;
        if places > 0 {
            write!(f, ".{:0places$}", minor % unit)?;
        }
        write!(f, " {}", self.currency)
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
