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
}

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
    /// The form is our simulated acquirer's own: every real one has another. 22 is the merchant's name.
    pub fn take(&mut self, text: &str) -> u32 {
        let mut known = 0;
        for (number, value) in text.split(';').filter_map(|pair| pair.split_once('=')) {
            if number == "22" && !value.is_empty() && value.chars().count() <= 40 {
                value.clone_into(&mut self.merchant_name);
                known += 1;
            }
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
