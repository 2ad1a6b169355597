//! The journal: what survives a power cut.

use super::chips::{CarriedChips, KeptChips, Whose};
use super::day::{Answers, Day, Refused};
use super::failure::Failure;
use super::record::{Booked, Checkpoint, DueReversal, Kind, OwedSlip, PendingReversal, Record, STAN_MAX};
use crate::payment::amount::{Amount, AmountError};
use crate::payment::iso8583::response::ResponseCode;

/// A journal. A record is durable when `append` returns `Ok`, and not written when it returns an error.
pub trait Journal {
    /// Writes a record and waits until it is on the disk.
    ///
    /// `T7001` no room, nothing changed; `T7002` the disk failed: from then on every call fails so, as nobody can know
    /// what was written.
    fn append(&mut self, record: Record) -> Result<(), Failure>;

    /// What all records together say.
    fn state(&self) -> &JournalState;

    /// Would the place where it lies take a record? The codes of `append`; `None` where that is not known. Nothing is
    /// recorded.
    fn room(&mut self) -> Option<Result<(), Failure>> {
        None
    }

    /// Walks the chain of checksums from the first record and gives how many there are; `T7003` where it breaks.
    /// `None` for a journal that no file holds.
    fn verify(&mut self) -> Option<Result<u64, Failure>> {
        None
    }

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
    /// Notices, voids, uploads, the settlement.
    pub day: Day,
    /// What came of notices of earlier batches: of the one before, and of older ones since the last checkpoint.
    pub past: Answers,
    /// What chips said of transactions of this batch and the host does not have yet.
    pub chips: KeptChips,
}

/// The totals of a batch for one kind of card, as field 48 of a settlement says them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Sales, completions and offline sales, in minor units.
    pub debit: i64,
    /// How many.
    pub debits: u32,
    /// Voids and refunds, in minor units.
    pub credit: i64,
    /// How many.
    pub credits: u32,
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
            day: Day::default(),
            past: Answers::default(),
            chips: KeptChips::default(),
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

    /// Does this card data wait to be sent: in a reversal or a notice, or in an upload?
    pub fn waits(&self, whose: Whose) -> bool {
        match whose {
            Whose::Message(stan) => self.pending(stan).is_some() || self.day.notice(stan).is_some(),
            Whose::Chip(stan) => self.chips.has(stan),
        }
    }

    /// Every message that waits with card data of its own.
    pub fn waiting(&self) -> impl Iterator<Item = &DueReversal> {
        let pending = self.pending.iter().map(|pending| &pending.due);
        pending.chain(self.day.notices.iter().map(|notice| &notice.due))
    }

    /// The batch that comes after this one: 1 after 999 999.
    pub fn next_batch(&self) -> u32 {
        if self.batch >= BATCH_MAX { 1 } else { self.batch + 1 }
    }

    /// A transaction of this batch.
    pub fn find_booked(&self, stan: u32) -> Option<&Booked> {
        self.in_batch().filter(|booked| booked.stan == stan).last()
    }

    /// What this batch comes to, for cards of this country or for foreign ones.
    pub fn totals(&self, foreign: bool) -> Result<Totals, AmountError> {
        let mut totals = Totals::default();
        for booked in self.in_batch().filter(|booked| self.day.foreign.contains(&booked.stan) == foreign) {
            let (sum, count) = match booked.kind.sign() {
                1 => (&mut totals.debit, &mut totals.debits),
                -1 => (&mut totals.credit, &mut totals.credits),
                _ => continue,
            };
            *sum = sum.checked_add(booked.amount.minor).ok_or(AmountError::Overflow)?;
            *count += 1;
        }
        Ok(totals)
    }

    /// How the host answered a notice of this batch or of one before.
    pub fn answer_to(&self, batch: u32, stan: u32) -> Option<ResponseCode> {
        let today = self.day.answered.get(&stan).filter(|_| batch == self.batch);
        today.or_else(|| self.past.answered.get(&(batch, stan))).copied()
    }

    /// What the host refused of a batch.
    pub fn refused_in(&self, batch: u32) -> impl Iterator<Item = &Refused> {
        let today = self.day.refused.iter().filter(move |_| batch == self.batch);
        today.chain(self.past.refused.iter().filter(move |(of, _)| *of == batch).map(|(_, refused)| refused))
    }

    /// Transactions of this batch that belong in an upload of details and that the host does not have yet. What has a certificate
    /// goes with that.
    pub fn to_upload(&self) -> impl Iterator<Item = &Booked> {
        let waits = |booked: &&Booked| {
            booked.kind.sign() != 0
                && !self.day.uploaded.contains(&booked.stan)
                && !self.chips.has(booked.stan)
                && !self.chips.was_refused(booked.stan)
        };
        self.in_batch().filter(waits)
    }

    /// Does this batch need an upload, or the rest of one, before it can be closed? False before the host has answered its
    /// settlement.
    pub fn needs_upload(&self) -> bool {
        self.day.settlement.is_some_and(|settlement| {
            let began = !self.day.uploaded.is_empty() || !self.chips.refused.is_empty();
            !settlement.uploaded && (!settlement.balanced || began || !self.chips.is_empty())
        })
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
        if let Record::Batch { number } = record
            && *number != self.batch
        {
            self.past.keep(self.batch, &self.day);
            self.chips.clear();
        }
        self.day.apply(record, &mut self.booked, self.batch);
        match record {
            Record::StanTaken { stan } => self.last_stan = *stan,
            Record::ReversalDue(due) => self.begin(due.clone()),
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
            Record::Booked(booked) => self.book(booked.clone()),
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
                // The batch that it belongs to is over without an upload.
                self.chips.clear();
            }
            Record::Fenced => self.fenced = true,
            Record::Answers(answers) => self.past = answers.as_ref().clone(),
            Record::Reconciled { .. } => self.fenced = false,
            Record::BookedOver(over) => {
                self.close(over.booked.stan);
                self.owe(&over.booked);
            }
            Record::Discarded { stan }
            | Record::ReversalClosed { stan, .. }
            | Record::NeverSent { stan, .. }
            | Record::Cleared { stan, .. } => self.close(*stan),
            Record::SignedIn => self.signed_in = true,
            Record::SignedOut => self.signed_in = false,
            Record::Batch { number } => self.batch = *number,
            Record::Checkpoint(checkpoint) => self.take_over((**checkpoint).clone()),
            Record::Carried(carried) => {
                self.take_over(carried.0.clone());
                self.day = carried.1.clone();
            }
            // The host has held this batch against its own books.
            Record::Settled { balanced: true } => self.fenced = false,
            Record::UploadEnded => {
                self.fenced = false;
                self.chips.end();
            }
            Record::Noticed(notice) => {
                if let Some(booked) = &notice.booked {
                    self.owe(booked);
                }
            }
            Record::BookedChip(chip) => {
                self.close(chip.over.booked.stan);
                self.owe(&chip.over.booked);
                self.chips.keep(chip.proof.clone());
            }
            Record::ChipDeclined(chip) => self.chips.keep(chip.proof.clone()),
            Record::Chips(carried) => self.chips.carry(carried.as_ref().clone()),
            Record::UploadRefused { stan, by } => self.chips.refuse(*stan, *by),
            Record::NoticeAnswered { .. }
            | Record::Settled { .. }
            | Record::Uploaded { .. }
            | Record::UploadAnew
            | Record::Foreign { .. } => {}
        }
    }

    /// As `apply`. What a checkpoint carries over is moved, not copied: it is as long as the batch; and so are the reversal and the
    /// booking that every sale writes.
    pub fn take_in(&mut self, record: Record) {
        let (checkpoint, day) = match record {
            Record::Checkpoint(checkpoint) => (*checkpoint, None),
            Record::Carried(carried) => (carried.0, Some(carried.1)),
            Record::ReversalDue(due) => {
                self.records += 1;
                return self.begin(due);
            }
            Record::Booked(booked) => {
                self.records += 1;
                return self.book(booked);
            }
            Record::Chips(carried) => {
                self.records += 1;
                return self.chips.carry(*carried);
            }
            other => return self.apply(&other),
        };
        self.records += 1;
        self.take_over(checkpoint);
        if let Some(day) = day {
            self.day = day;
        }
    }

    fn take_over(&mut self, checkpoint: Checkpoint) {
        let Checkpoint { last_stan, batch, signed_in, pending, booked, .. } = checkpoint;
        (self.last_stan, self.batch, self.signed_in) = (last_stan, batch, signed_in);
        (self.pending, self.booked) = (pending, booked);
        // What is owed and whether a fence stands follow in records of their own.
        self.owed.clear();
        self.past = Answers::default();
        self.chips.clear();
        self.fenced = false;
    }

    /// A reversal waits from here on.
    fn begin(&mut self, due: DueReversal) {
        // A request that is repeated with its number is still one request, and one reversal undoes it.
        self.close(due.stan);
        self.pending.push(PendingReversal { due, reason: None, attempts: 0 });
    }

    /// A transaction stands.
    fn book(&mut self, booked: Booked) {
        self.close(booked.stan);
        self.owe(&booked);
        self.booked.push(booked);
    }

    /// A transaction that stands has a slip.
    fn owe(&mut self, booked: &Booked) {
        if booked.kind != Kind::Balance {
            self.owed.push(OwedSlip { batch: booked.batch, stan: booked.stan, started: false });
        }
    }

    /// All of it as one record: what a segment begins with.
    pub fn carried(&self, left: Vec<(u64, u64)>) -> Record {
        let checkpoint = self.checkpoint(left);
        if self.day.is_empty() {
            return Record::Checkpoint(Box::new(checkpoint));
        }
        Record::Carried(Box::new((checkpoint, self.day.clone())))
    }

    /// All of it but the day. `left` says where the card data of what waits lies until then.
    pub fn checkpoint(&self, left: Vec<(u64, u64)>) -> Checkpoint {
        let kept = self.last_two();
        Checkpoint {
            last_stan: self.last_stan,
            batch: self.batch,
            signed_in: self.signed_in,
            pending: self.pending.clone(),
            booked: self.booked.iter().filter(|booked| kept.contains(&booked.batch)).cloned().collect(),
            sealed: self.waiting().map(|due| due.sealed_bytes() as u32).collect(),
            left,
        }
    }

    /// What the next segment has to know besides its checkpoint and what chips said.
    pub fn beside_the_checkpoint(&self) -> Vec<Record> {
        let owed = self.slips();
        let slips = (!owed.is_empty()).then_some(Record::Slips { owed });
        let answers = self.past.of(self.last_two());
        let answers = (answers != Answers::default()).then(|| Record::Answers(Box::new(answers)));
        slips.into_iter().chain(self.fenced.then_some(Record::Fenced)).chain(answers).collect()
    }

    /// What chips said, to be carried over: handed out, so that nothing of it is copied. Folded again, the records put it back.
    pub fn hand_out_chips(&mut self) -> Vec<Record> {
        let chips = std::mem::take(&mut self.chips);
        CarriedChips::of(chips).into_iter().map(|carried| Record::Chips(Box::new(carried))).collect()
    }

    /// The slips that the next segment has to know of.
    pub fn slips(&self) -> Vec<OwedSlip> {
        self.owed.iter().filter(|owed| self.last_two().contains(&owed.batch)).copied().collect()
    }

    /// This batch and the one before.
    fn last_two(&self) -> [u32; 2] {
        [self.batch, if self.batch <= 1 { BATCH_MAX } else { self.batch - 1 }]
    }

    fn find(&mut self, stan: u32) -> Option<&mut PendingReversal> {
        self.pending.iter_mut().find(|pending| pending.due.stan == stan)
    }

    fn close(&mut self, stan: u32) {
        self.pending.retain(|pending| pending.due.stan != stan);
    }
}
