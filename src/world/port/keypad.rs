//! The cashier's keys.

use super::failure::Failure;
use super::waited::Waited;
use crate::payment::amount::Amount;
use crate::script_error::words::Said;

/// The keys. `T1001` when cancel is pressed, `T1002` when nobody keys anything within the limit.
pub trait Keypad {
    /// Asks for an amount.
    fn amount(&mut self, prompt: &Said, within_ms: i64) -> Waited<Result<Amount, Failure>>;

    /// Asks for digits, at most `most`.
    fn digits(&mut self, prompt: &Said, most: usize, within_ms: i64) -> Waited<Result<String, Failure>>;

    /// Asks for the supervisor's password and compares it; the password itself goes no further.
    fn supervisor(&mut self, within_ms: i64) -> Waited<Result<bool, Failure>>;
}
