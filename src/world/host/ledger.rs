//! What the host remembers: keys, accounts, authorisations, reversals that came too early.

use super::certificates::ChipUpload;
use super::day::side;
use crate::payment::amount::Amount;
use crate::payment::keys::sign_in::BundleLayout;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What became of an authorisation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Standing {
    /// It stands.
    Live,
    /// A reversal took it back.
    Reversed,
    /// A void took it back.
    Voided,
    /// A completion took the place of this pre-authorisation.
    Completed,
}

/// An approved transaction. The card is known by its profile's name and its masked number only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authorisation {
    /// Trace number.
    pub stan: u32,
    /// Batch, where the request named one.
    pub batch: Option<u32>,
    /// Message type.
    pub mti: u16,
    /// Processing code.
    pub processing: String,
    /// The amount.
    pub amount: Amount,
    /// What was taken from the account: negative for money that was put on it.
    pub taken: i64,
    /// The account: name of the card's profile and masked number.
    pub account: Arc<str>,
    /// Reference number.
    pub reference: String,
    /// Authorisation code.
    pub authorisation: String,
    /// What became of it.
    pub standing: Standing,
    /// The trace number of the transaction that it voided or completed.
    pub voids: Option<u32>,
    /// The batch of that transaction.
    #[serde(default)]
    pub voids_in: Option<u32>,
    /// Field 60.1, where the request has one: what kind of transaction it is.
    #[serde(default)]
    pub code: String,
    /// What was asked for, where only a part was approved.
    #[serde(default)]
    pub asked: Option<Amount>,
    /// Was the card issued abroad?
    #[serde(default)]
    pub foreign: bool,
    /// For one that was read by a chip and asked for online, of which a certificate is expected: the amount that was approved, in minor
    /// units, whatever tip came later.
    #[serde(default)]
    pub chip: Option<i64>,
    /// How often a certificate of it was uploaded, leaving out what was only sent again for want of an answer.
    #[serde(default)]
    pub certificates: u32,
}

impl Authorisation {
    /// It stands and moved money, or was taken back by a void that stands beside it. A completion moves no money where as
    /// much was kept aside for it.
    pub fn is_live(&self) -> bool {
        self.standing != Standing::Reversed && (self.taken != 0 || self.voids.is_some())
    }

    /// What it does to the merchant's total: 1 adds, -1 takes away, 0 neither. Field 60.1 says it; where a dialect has none,
    /// message type and processing code do.
    pub fn sign(&self) -> i64 {
        match side(&self.code) {
            Some(0) => 1,
            Some(_) => -1,
            None if !self.code.is_empty() || self.mti / 100 == 1 => 0,
            None if self.processing.starts_with("20") => -1,
            None => 1,
        }
    }
}

/// A settlement that was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// The batch.
    pub batch: u32,
    /// Is nothing more expected of it? The totals agreed, or the upload has ended.
    pub over: bool,
}

/// What an upload showed: the books of terminal and host, set side by side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The batch.
    pub batch: u32,
    /// Transactions that only the terminal has, by trace number; the amount in minor units.
    pub only_terminal: Vec<(u32, i64)>,
    /// Transactions that only the host has, or with another amount.
    pub only_host: Vec<(u32, i64)>,
}

/// An account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// What is there, in minor units.
    pub balance: i64,
    /// Wrong PINs in a row.
    pub wrong_pins: u8,
}

/// One line of the host's ledger, as scripts see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LedgerLine {
    /// Trace number.
    pub stan: u32,
    /// Amount.
    pub amount: Amount,
}

/// Everything the host remembers between runs. There is no key in it and no card number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// How often work keys were handed out.
    pub generation: u32,
    /// The network code that named their layout: 001, 003 or 004.
    pub layout: String,
    /// Is the terminal signed in?
    pub signed_in: bool,
    /// The terminal's batch.
    pub batch: u32,
    /// Counts transactions; reference numbers are made of it.
    pub sequence: u32,
    /// Accounts by the name of the card's profile and its masked number, where anything has changed.
    pub accounts: BTreeMap<Arc<str>, Account>,
    /// Approved transactions, oldest first.
    pub authorisations: Vec<Authorisation>,
    /// Batch and trace number of reversals whose request had never come: if it comes late, it is refused.
    pub tombstones: BTreeSet<(Option<u32>, u32)>,
    /// Batch and trace number of requests that were declined: a number is used once.
    pub declined: BTreeSet<(Option<u32>, u32)>,
    /// Batch and trace number of notices that book nothing of their own: adjustments, script results.
    #[serde(default)]
    pub taken: BTreeSet<(Option<u32>, u32)>,
    /// The settlement of the batch, once it was answered.
    #[serde(default)]
    pub settled: Option<Settled>,
    /// What was uploaded of the batch: amounts in minor units by trace number.
    #[serde(default)]
    pub uploads: BTreeMap<u32, i64>,
    /// What was uploaded of the batch's chips.
    #[serde(default)]
    pub chips: ChipUpload,
    /// Batches whose upload showed a difference.
    #[serde(default)]
    pub differences: Vec<Difference>,
    #[serde(skip)]
    numbers: Numbers,
}

/// Batch and trace number of every authorisation, so that a busy terminal's numbers need no search. Says nothing of its own.
#[derive(Clone, Debug, Default)]
struct Numbers(BTreeSet<(Option<u32>, u32)>);

impl PartialEq for Numbers {
    fn eq(&self, _: &Numbers) -> bool {
        true
    }
}

impl Eq for Numbers {}

impl Default for Ledger {
    fn default() -> Ledger {
        Ledger {
            generation: 1,
            layout: "004".to_owned(),
            signed_in: true,
            batch: 1,
            sequence: 0,
            accounts: BTreeMap::new(),
            authorisations: Vec::new(),
            tombstones: BTreeSet::new(),
            declined: BTreeSet::new(),
            taken: BTreeSet::new(),
            settled: None,
            uploads: BTreeMap::new(),
            chips: ChipUpload::default(),
            differences: Vec::new(),
            numbers: Numbers::default(),
        }
    }
}

impl Ledger {
    /// How the work keys were laid out when they were handed out.
    pub fn key_layout(&self) -> BundleLayout {
        BundleLayout::from_network_code(&self.layout).unwrap_or(BundleLayout::DoubleWithTrack)
    }

    /// Transactions that stand and move money.
    pub fn live(&self) -> Vec<LedgerLine> {
        self.authorisations
            .iter()
            .filter(|authorisation| authorisation.standing != Standing::Reversed)
            .map(|authorisation| LedgerLine { stan: authorisation.stan, amount: authorisation.amount })
            .collect()
    }

    /// What a batch adds up to, by the host's own account of what each was: sales and completions less voids and refunds.
    /// What names no batch counts in every one. `None` for an empty batch, and for a sum that no amount can hold.
    pub fn total(&self, batch: u32) -> Option<Amount> {
        let of_batch = |seen: &&Authorisation| seen.is_live() && seen.batch.is_none_or(|known| known == batch);
        let mut total: Option<Amount> = None;
        for seen in self.authorisations.iter().filter(of_batch) {
            let signed = seen.amount.checked_mul(seen.sign()).ok()?;
            total = Some(match total {
                Some(sum) => sum.checked_add(signed).ok()?,
                None => signed,
            });
        }
        total
    }

    /// The last authorisation with this code of the issuer and this account.
    pub fn find_authorised(&mut self, code: &str, account: &str) -> Option<&mut Authorisation> {
        let fits = |known: &&mut Authorisation| known.authorisation == code && *known.account == *account;
        self.authorisations.iter_mut().rev().find(fits)
    }

    /// How many authorisations were taken back.
    pub fn taken_back(&self) -> usize {
        self.authorisations.iter().filter(|seen| seen.standing == Standing::Reversed).count()
    }

    /// The last authorisation with this number in this batch; any batch where the request names none.
    pub fn find(&mut self, batch: Option<u32>, stan: u32) -> Option<&mut Authorisation> {
        self.authorisations
            .iter_mut()
            .rev()
            .find(|authorisation| authorisation.stan == stan && (batch.is_none() || authorisation.batch == batch))
    }

    /// Books an approval. Its number has not been seen before.
    pub(super) fn book(&mut self, authorisation: Authorisation) {
        if self.numbers.0.len() != self.authorisations.len() {
            self.numbers.0 = self.authorisations.iter().map(|seen| (seen.batch, seen.stan)).collect();
        }
        self.numbers.0.insert((authorisation.batch, authorisation.stan));
        self.authorisations.push(authorisation);
    }

    /// How many numbers it remembers.
    pub fn remembered(&self) -> usize {
        let uploaded = self.uploads.len() + self.chips.taken.len();
        self.authorisations.len() + self.tombstones.len() + self.declined.len() + self.taken.len() + uploaded
    }

    /// Has a request with this number been seen in this batch?
    pub fn has_seen(&self, batch: Option<u32>, stan: u32) -> bool {
        let key = (batch, stan);
        // Read from a file, the ledger has no index until the next authorisation.
        let approved = if self.numbers.0.len() == self.authorisations.len() {
            self.numbers.0.contains(&key)
        } else {
            self.authorisations.iter().any(|seen| (seen.batch, seen.stan) == key)
        };
        approved || [&self.tombstones, &self.declined, &self.taken].into_iter().any(|numbers| numbers.contains(&key))
    }
}
