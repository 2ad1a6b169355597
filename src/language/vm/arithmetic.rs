//! Whole numbers and money, checked.

use super::trap::Trap;
use crate::payment::amount::{Amount, AmountError};

/// Adds two words as numbers.
pub fn add(left: u64, right: u64) -> Result<u64, Trap> {
    whole((left as i64).checked_add(right as i64), "+")
}

/// Adds a constant. One below zero is what the script takes away.
pub fn add_constant(left: u64, constant: i32) -> Result<u64, Trap> {
    whole((left as i64).checked_add(i64::from(constant)), if constant < 0 { "-" } else { "+" })
}

/// Subtracts.
pub fn subtract(left: u64, right: u64) -> Result<u64, Trap> {
    whole((left as i64).checked_sub(right as i64), "-")
}

/// Multiplies.
pub fn multiply(left: u64, right: u64) -> Result<u64, Trap> {
    whole((left as i64).checked_mul(right as i64), "*")
}

/// Divides towards zero.
pub fn divide(left: u64, right: u64) -> Result<u64, Trap> {
    if right == 0 {
        return Err(Trap::DivisionByZero);
    }
    whole((left as i64).checked_div(right as i64), "/")
}

/// Turns the sign.
pub fn negate(value: u64) -> Result<u64, Trap> {
    whole((value as i64).checked_neg(), "-")
}

fn whole(result: Option<i64>, operation: &'static str) -> Result<u64, Trap> {
    result.map(|value| value as u64).ok_or(Trap::Overflow(operation))
}

/// The amount in a slot.
pub fn amount(slot: u64) -> Result<Amount, Trap> {
    Amount::from_bits(slot).ok_or(Trap::Defect("a slot holds no amount"))
}

/// Adds amounts of one currency.
pub fn add_amount(left: u64, right: u64) -> Result<u64, Trap> {
    kept(amount(left)?.checked_add(amount(right)?), "+")
}

/// Subtracts amounts of one currency.
pub fn subtract_amount(left: u64, right: u64) -> Result<u64, Trap> {
    kept(amount(left)?.checked_sub(amount(right)?), "-")
}

/// So many times an amount.
pub fn multiply_amount(left: u64, times: u64) -> Result<u64, Trap> {
    kept(amount(left)?.checked_mul(times as i64), "*")
}

/// A part of an amount, a half rounded away from zero.
pub fn divide_amount(left: u64, parts: u64) -> Result<u64, Trap> {
    let amount = amount(left)?;
    let parts = i128::from(parts as i64);
    if parts == 0 {
        return Err(Trap::DivisionByZero);
    }
    let minor = i128::from(amount.minor);
    // |minor| / |parts| + 1/2, cut off, then the sign: 0.05 / 2 is 0.03, -0.05 / 2 is -0.03.
    let size = (2 * minor.abs() + parts.abs()) / (2 * parts.abs());
    let signed = if (minor < 0) == (parts < 0) { size } else { -size };
    let minor = i64::try_from(signed).map_err(|_| Trap::Overflow("/"))?;
    kept(Ok(Amount::new(minor, amount.currency)), "/")
}

/// A percentage of an amount, given in hundredths of a percent.
pub fn percent_of_amount(left: u64, percent: u64) -> Result<u64, Trap> {
    kept(amount(left)?.percent(percent as i64), "%")
}

/// Turns an amount's sign.
pub fn negate_amount(value: u64) -> Result<u64, Trap> {
    kept(amount(value)?.checked_neg(), "-")
}

/// Two amounts' minor units, if they are of one currency.
pub fn comparable(left: u64, right: u64) -> Result<(i64, i64), Trap> {
    let (left, right) = (amount(left)?, amount(right)?);
    if left.currency != right.currency {
        return Err(Trap::CurrencyMismatch(left.currency, right.currency));
    }
    Ok((left.minor, right.minor))
}

fn kept(result: Result<Amount, AmountError>, operation: &'static str) -> Result<u64, Trap> {
    match result {
        Ok(amount) => amount.to_bits().ok_or(Trap::Overflow(operation)),
        Err(AmountError::Overflow) => Err(Trap::Overflow(operation)),
        Err(AmountError::CurrencyMismatch { left, right }) => Err(Trap::CurrencyMismatch(left, right)),
    }
}
