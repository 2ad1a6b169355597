//! What the terminal knows about itself.

use super::failure::Failure;
use crate::script_error::catalogue::storage;

/// The terminal's parameters. Batch number and sign-in are in the journal, as they change with every day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameters {
    /// The terminal number, 8 characters.
    pub terminal_id: String,
    /// The merchant number, 15 characters.
    pub merchant_id: String,
    /// The merchant's name, as slips show it.
    pub merchant_name: String,
    /// The operator's number, three digits.
    pub operator: String,
    /// The version of the terminal's software, such as `2.1`.
    pub software: String,
    /// As many transactions as a batch holds.
    pub batch_limit: u32,
    /// As many offline sales may wait to be sent.
    pub offline_count: u32,
    /// What the offline sales that wait may add up to, in minor units.
    pub offline_amount: i64,
}

/// Transactions of a batch where nobody says otherwise: what deployed terminals hold.
pub const BATCH_LIMIT: u32 = 500;
/// The most transactions of a batch that can be asked for: an upload has a hundred parts of eight.
const BATCH_LIMIT_MOST: u32 = 800;
/// Offline sales that may wait, where nobody says otherwise.
pub const OFFLINE_COUNT: u32 = 20;
/// What they may add up to, where nobody says otherwise: in minor units.
pub const OFFLINE_AMOUNT: i64 = 1_000_000;

impl Parameters {
    /// Fails with `T7007` if the terminal's software is older than this version.
    pub fn require_software(&self, needed: &str) -> Result<(), Failure> {
        if parts(&self.software) >= parts(needed) {
            return Ok(());
        }
        Err(Failure::new(storage::SOFTWARE_TOO_OLD).text("needed", needed).text("found", self.software.clone()))
    }
}

impl Parameters {
    /// Takes over downloaded parameters, `NUMBER=VALUE;` one after the other, and gives how many it knew.
    ///
    /// The form is our simulated acquirer's own: every real one has another. 22 is the merchant's name, 30 how many
    /// transactions a batch holds (1 to 800), 31 and 32 count and amount of offline sales that may wait. A value that is
    /// none changes nothing.
    pub fn take(&mut self, text: &str) -> u32 {
        let mut known = 0;
        for (number, value) in text.split(';').filter_map(|pair| pair.split_once('=')) {
            let taken = match number {
                "22" if !value.is_empty() && value.chars().count() <= 40 => {
                    value.clone_into(&mut self.merchant_name);
                    true
                }
                "30" => put(&mut self.batch_limit, value, |most| (1..=BATCH_LIMIT_MOST).contains(most)),
                "31" => put(&mut self.offline_count, value, |_| true),
                "32" => put(&mut self.offline_amount, value, |amount| *amount >= 0),
                _ => false,
            };
            known += u32::from(taken);
        }
        known
    }
}

/// `2.1.0` as numbers, without the zeros at the end: 2.1 and 2.1.0 are one version. A part that is no number counts as 0.
fn parts(version: &str) -> Vec<u64> {
    let mut parts: Vec<u64> = version.split('.').map(|part| part.trim().parse().unwrap_or(0)).collect();
    while parts.last() == Some(&0) {
        parts.pop();
    }
    parts
}

/// Takes a number over if it is one and fits.
fn put<T: std::str::FromStr>(place: &mut T, value: &str, fits: impl FnOnce(&T) -> bool) -> bool {
    match value.parse().ok().filter(fits) {
        Some(number) => {
            *place = number;
            true
        }
        None => false,
    }
}
