//! The journal: what survives a power cut.

use super::failure::Failure;
use super::record::{Booked, Checkpoint, Kind, OwedSlip, PendingReversal, Record, STAN_MAX};
use crate::payment::amount::{Amount, AmountError};

/// A journal. A record is durable when `append` returns `Ok`, and not written when it returns an error.
pub trait Journal {
    /// Writes a record and waits until it is on the disk.
    ///
    /// `T7001` no room, nothing changed; `T7002` the disk failed: from then on every call fails so, as nobody can know
    /// what was written.
    fn append(&mut self, record: Record) -> Result<(), Failure>;

    /// What all records together say.
    fn state(&self) -> &JournalState;

    /// Takes the next trace number; it is on the disk before it is given out.
    fn take_stan(&mut self) -> Result<u32, Failure> {
        let stan = self.state().next_stan();
        self.append(Record::StanTaken { stan })?;
        Ok(stan)
    }
}

/// The last batch number; after it comes 1.
const BATCH_MAX: u32 = 999_999;

/// What all records together say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JournalState {
    /// The trace number given out last; 0 before the first.
    pub last_stan: u32,
    /// The batch number.
    pub batch: u32,
    /// Is the terminal signed in?
    pub signed_in: bool,
    /// Reversals that wait, oldest first.
    pub pending: Vec<PendingReversal>,
    /// Transactions that stand, oldest first: of this batch and the one before, and older ones since the last checkpoint.
    pub booked: Vec<Booked>,
    /// Slips that are owed, oldest first: of this batch and the one before.
    pub owed: Vec<OwedSlip>,
    /// True from a restore to the reconciliation after it: no transaction may begin.
    pub fenced: bool,
    /// How many records there are.
    pub records: u64,
}

impl Default for JournalState {
    fn default() -> JournalState {
        JournalState {
            last_stan: 0,
            batch: 1,
            signed_in: false,
            pending: Vec::new(),
            booked: Vec::new(),
            owed: Vec::new(),
            fenced: false,
            records: 0,
        }
    }
}

impl JournalState {
    /// The trace number that is next: 1 after 999 999.
    pub fn next_stan(&self) -> u32 {
        if self.last_stan >= STAN_MAX { 1 } else { self.last_stan + 1 }
    }

    /// The reversal of a request, if it waits.
    pub fn pending(&self, stan: u32) -> Option<&PendingReversal> {
        self.pending.iter().find(|pending| pending.due.stan == stan)
    }

    /// Transactions of this batch. Balance inquiries are not among them.
    pub fn in_batch(&self) -> impl Iterator<Item = &Booked> {
        self.booked.iter().filter(|booked| booked.batch == self.batch && booked.kind != Kind::Balance)
    }

    /// How many transactions this batch holds.
    pub fn batch_count(&self) -> usize {
        self.in_batch().count()
    }

    /// What this batch adds up to: sales and completions less voids and refunds. `None` for an empty batch.
    pub fn batch_total(&self) -> Result<Option<Amount>, AmountError> {
        let mut total: Option<Amount> = None;
        for booked in self.in_batch() {
            let signed = booked.amount.checked_mul(booked.kind.sign())?;
            total = Some(match total {
                Some(sum) => sum.checked_add(signed)?,
                None => signed,
            });
        }
        Ok(total)
    }

    /// Takes one more record in. Journals fold with it; it never fails, as each record stands for itself.
    pub fn apply(&mut self, record: &Record) {
        self.records += 1;
        match record {
            Record::StanTaken { stan } => self.last_stan = *stan,
            Record::ReversalDue(due) => {
                // A request that is repeated with its number is still one request, and one reversal undoes it.
                self.close(due.stan);
                self.pending.push(PendingReversal { due: due.clone(), reason: None, attempts: 0 });
            }
            Record::ReversalReason { stan, reason } => {
                if let Some(pending) = self.find(*stan) {
                    pending.reason = Some(*reason);
                }
            }
            Record::ReversalSent { stan, attempt } => {
                if let Some(pending) = self.find(*stan) {
                    pending.attempts = *attempt;
                }
            }
            Record::Booked(booked) => {
                self.close(booked.stan);
                self.booked.push(booked.clone());
                if booked.kind != Kind::Balance {
                    self.owed.push(OwedSlip { batch: booked.batch, stan: booked.stan, started: false });
                }
            }
            Record::PrintStarted { stan } => {
                if let Some(owed) = self.owed.iter_mut().rev().find(|owed| owed.stan == *stan) {
                    owed.started = true;
                }
            }
            Record::Printed { stan } => {
                if let Some(at) = self.owed.iter().rposition(|owed| owed.stan == *stan) {
                    self.owed.remove(at);
                }
            }
            Record::Slips { owed } => self.owed.clone_from(owed),
            Record::Restored { batch, last_stan } => {
                (self.batch, self.last_stan) = (*batch, *last_stan);
                (self.fenced, self.signed_in) = (true, false);
            }
            Record::Fenced => self.fenced = true,
            Record::Reconciled { .. } => self.fenced = false,
            Record::Discarded { stan } | Record::ReversalClosed { stan, .. } | Record::NeverSent { stan, .. } => {
                self.close(*stan);
            }
            Record::SignedIn => self.signed_in = true,
            Record::SignedOut => self.signed_in = false,
            Record::Batch { number } => self.batch = *number,
            Record::Checkpoint(checkpoint) => {
                let Checkpoint { last_stan, batch, signed_in, pending, booked, .. } = checkpoint.as_ref();
                (self.last_stan, self.batch, self.signed_in) = (*last_stan, *batch, *signed_in);
                (self.pending, self.booked) = (pending.clone(), booked.clone());
                self.owed.clear();
                self.fenced = false;
            }
        }
    }

    /// All of it as one record. `left` says where the card data of reversals that wait lies until then.
    pub fn checkpoint(&self, left: Vec<(u64, u64)>) -> Checkpoint {
        let before = if self.batch <= 1 { BATCH_MAX } else { self.batch - 1 };
        Checkpoint {
            last_stan: self.last_stan,
            batch: self.batch,
            signed_in: self.signed_in,
            pending: self.pending.clone(),
            booked: self.booked.iter().filter(|booked| [self.batch, before].contains(&booked.batch)).cloned().collect(),
            sealed: self.pending.iter().map(|pending| pending.due.sealed_bytes() as u32).collect(),
            left,
        }
    }

    /// What the next segment has to know besides its checkpoint.
    pub fn beside_the_checkpoint(&self) -> Vec<Record> {
        let owed = self.slips();
        let slips = (!owed.is_empty()).then_some(Record::Slips { owed });
        slips.into_iter().chain(self.fenced.then_some(Record::Fenced)).collect()
    }

    /// The slips that the next segment has to know of.
    pub fn slips(&self) -> Vec<OwedSlip> {
        let before = if self.batch <= 1 { BATCH_MAX } else { self.batch - 1 };
        self.owed.iter().filter(|owed| [self.batch, before].contains(&owed.batch)).copied().collect()
    }

    fn find(&mut self, stan: u32) -> Option<&mut PendingReversal> {
        self.pending.iter_mut().find(|pending| pending.due.stan == stan)
    }

    fn close(&mut self, stan: u32) {
        self.pending.retain(|pending| pending.due.stan != stan);
    }
}
