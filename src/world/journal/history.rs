//! A journal read by somebody who does not write to it: what happened, from its first record to its last.
//!
//! It takes no lock and changes nothing, so a terminal may be at work meanwhile: a record it is just writing looks like a
//! torn end.

use super::frame::{self, Frame, Segment};
use super::group_log::Held;
use super::names;
use crate::payment::amount::Amount;
use crate::payment::iso8583::dialect::Mti;
use crate::payment::iso8583::response::ResponseCode;
use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::error::Money;
use crate::script_error::words::Said;
use crate::world::port::card_reader::ChipVerdict;
use crate::world::port::chips::ChipDecline;
use crate::world::port::failure::Failure;
use crate::world::port::record::{Booked, Checkpoint, Kind, Record};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

/// A segment larger than this is none of ours.
const SIZE_MAX: u64 = 256 << 20;

/// How often a journal is read before it counts as damaged.
const LOOKS: u32 = 3;

/// One file of a journal.
#[derive(Debug)]
pub struct Part {
    /// Its name in the directory.
    pub name: String,
    /// Where it takes up.
    pub segment: Segment,
    /// Its records.
    pub frames: Vec<Frame>,
    /// Its length in bytes, up to the last that was written.
    pub bytes: usize,
    /// Zeros behind that: room for the next records.
    pub room: usize,
    /// How many of them are a record that was torn.
    pub torn: usize,
}

/// A whole journal, as far as it is there.
#[derive(Debug)]
pub struct History {
    /// Its files, oldest first.
    pub parts: Vec<Part>,
}

/// How a transaction ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// Nothing is decided: the request may be on its way, or the power went. It is reversed unless something decides.
    Open,
    /// It stands.
    Booked,
    /// Not needed: the host declined, or nothing had left.
    Discarded,
    /// An error came before a byte had left.
    NeverSent {
        /// The code of the error.
        cause: String,
    },
    /// Its reversal waits.
    Waiting {
        /// Field 39 of the reversal.
        reason: ResponseCode,
    },
    /// The host confirmed its reversal.
    Reversed {
        /// Field 39 of the reply.
        by: ResponseCode,
    },
    /// It stands, and the host is still to hear of it.
    Unheard,
    /// The host took a notice that books nothing: an adjustment, a script result.
    Told,
    /// The host refused a notice: what it booked does not stand.
    Refused {
        /// Field 39 of the reply.
        by: ResponseCode,
    },
    /// The chip declined it by itself: no host was asked.
    ChipDeclined,
    /// Two people closed its reversal after a reconciliation.
    Cleared {
        /// Who asked for it.
        by: String,
        /// Who agreed.
        and: String,
    },
}

/// What became of what the chip said last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChipEnd {
    /// It waits for the upload of the batch.
    Kept,
    /// The host has it; the card data is erased with the end of the upload.
    Uploaded,
    /// The host refused it for good; the card data is erased.
    Refused(ResponseCode),
    /// The batch ended without an upload, by a restore; the card data is erased.
    Dropped,
}

/// One transaction, from all its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transaction {
    /// Its trace number.
    pub stan: u32,
    /// Its batch.
    pub batch: u32,
    /// When it began.
    pub at_ms: i64,
    /// The message type of its request; `None` for one that needed no reversal.
    pub request: Option<Mti>,
    /// What its request is called in its dialect, such as `sale`; empty if it is not known.
    pub name: String,
    /// The card number, masked; empty if there is none.
    pub card: String,
    /// How much.
    pub amount: Option<Amount>,
    /// How it ended.
    pub end: End,
    /// How often its reversal was sent.
    pub attempts: u32,
    /// As it was booked.
    pub booked: Option<Booked>,
    /// For an adjustment: the transaction whose amount it sets, and the amount before.
    pub adjusts: Option<(u32, Amount)>,
    /// The trace number of the void that took it back.
    pub taken_back_by: Option<u32>,
    /// What the chip said last, and what became of that; `None` where no chip was asked.
    pub chip: Option<(ChipVerdict, ChipEnd)>,
    /// Numbers of its records.
    pub records: Vec<u64>,
}

impl Transaction {
    /// Where its money is.
    pub fn money(&self) -> Money {
        if self.taken_back_by.is_some() {
            return Money::TakenBack;
        }
        match (&self.end, &self.booked) {
            (End::Booked | End::Unheard, Some(booked)) => booked.kind.money(),
            // A notice that books nothing: a script result, or an adjustment of another transaction.
            (End::Unheard, None) => Money::NotMoved,
            (End::Booked, None) => Money::Moved,
            (End::Discarded | End::NeverSent { .. } | End::Refused { .. } | End::Told | End::ChipDeclined, _) => {
                Money::NotMoved
            }
            // A reconciliation has found that nothing of it stands.
            (End::Reversed { .. } | End::Cleared { .. }, _) => Money::Reversed,
            (End::Open | End::Waiting { .. }, _) => Money::ReversalQueued,
        }
    }

    /// What it was, once it is known.
    pub fn kind(&self) -> Option<Kind> {
        self.booked.as_ref().map(|booked| booked.kind)
    }
}

impl History {
    /// Reads the journal of a directory. `T7005` if there is none, `T7003` with file, record and byte if it is damaged.
    pub fn read(directory: &Path) -> Result<History, Failure> {
        // A terminal at work may change segments between two looks at the directory; damage is there at every look.
        (1..LOOKS).find_map(|_| History::look(directory).ok()).map_or_else(|| History::look(directory), Ok)
    }

    fn look(directory: &Path) -> Result<History, Failure> {
        let unread = |name: &str, error: &io::Error| {
            let path = if name.is_empty() { directory.to_owned() } else { directory.join(name) };
            let path = path.display().to_string();
            Failure::new(storage::CANNOT_READ).text("path", path).text("detail", error.to_string())
        };
        let archived = names::archived(directory).map_err(|error| unread("", &error))?;
        let mut files: Vec<String> = archived.into_iter().map(names::archive).collect();
        // Between two steps of a change of segments the newest part lies under the name of the next.
        let is_turning = !directory.join(names::ACTIVE).exists() && directory.join(names::NEXT).exists();
        files.push(if is_turning { names::NEXT } else { names::ACTIVE }.to_owned());
        History::of(files.into_iter().map(|name| {
            let bytes = bytes(&directory.join(&name)).map_err(|error| unread(&name, &error))?;
            Ok((name, bytes))
        }))
    }

    /// The journal of one terminal in the log of a fleet, as `log::read` gives it. `T7003` if it is damaged.
    pub fn of_log(held: &Held) -> Result<History, Failure> {
        let archives = held.archives.iter().map(|(number, bytes)| (names::archive(*number), bytes));
        let segments = archives.chain([(names::ACTIVE.to_owned(), &held.active)]);
        History::of(segments.map(|(name, bytes)| Ok((name, bytes.clone()))))
    }

    /// Segments by name, oldest first.
    fn of(segments: impl Iterator<Item = Result<(String, Vec<u8>), Failure>>) -> Result<History, Failure> {
        let mut parts: Vec<Part> = Vec::new();
        let mut before: Option<Segment> = None;
        for segment in segments {
            let (name, bytes) = segment?;
            let damaged = |said| Err(Failure::new(storage::JOURNAL_DAMAGED).fact("detail", Fact::Said(said)));
            let scan = match frame::scan(&bytes) {
                Ok(scan) => scan,
                Err(damage) => return damaged(damage.said(&name)),
            };
            let segment = scan.segment.unwrap_or(Segment::FIRST);
            if before.is_some_and(|before| before != segment) {
                return damaged(Said::new(
                    format!("{name} 与前一段接不上：有一段缺失或被换过"),
                    format!("{name} does not go on where the part before it ends: one is missing or was exchanged"),
                ));
            }
            let records = scan.frames.len() as u64;
            before = Some(Segment {
                number: segment.number.saturating_add(1),
                first: segment.first.saturating_add(records),
                chain: scan.chain,
            });
            let (torn, room) = (scan.torn, bytes.len() - scan.end - scan.torn);
            parts.push(Part { name, segment, torn, room, bytes: scan.end + torn, frames: scan.frames });
        }
        Ok(History { parts })
    }

    /// Every record with its number, oldest first.
    pub fn records(&self) -> impl Iterator<Item = (u64, &Record)> {
        self.parts.iter().flat_map(|part| part.frames.iter().map(|frame| (frame.number, &frame.record)))
    }

    /// Every transaction that is there, oldest first.
    pub fn transactions(&self) -> Vec<Transaction> {
        let mut all: Vec<Transaction> = Vec::new();
        for (number, record) in self.records() {
            take(&mut all, number, record);
        }
        all
    }
}

fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"));
    }
    File::open(path)?.take(SIZE_MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > SIZE_MAX {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "larger than 256 MiB"));
    }
    Ok(bytes)
}

/// Takes one more record in.
fn take(all: &mut Vec<Transaction>, number: u64, record: &Record) {
    match record {
        Record::ReversalDue(due) => all.push(Transaction {
            stan: due.stan,
            batch: due.batch,
            at_ms: due.at_ms,
            request: Some(due.request),
            name: due.name.clone(),
            card: due.card.clone(),
            amount: due.amount,
            end: End::Open,
            attempts: 0,
            booked: None,
            adjusts: None,
            taken_back_by: None,
            chip: None,
            records: vec![number],
        }),
        Record::Booked(booked) => book(all, number, booked),
        Record::BookedChip(chip) => {
            take(all, number, &Record::BookedOver(Box::new(chip.over.clone())));
            keep(all, chip.over.booked.stan, chip.proof.verdict);
        }
        Record::ChipDeclined(chip) => {
            if find(all, chip.proof.stan, number).is_none() {
                all.push(declined(number, chip));
            }
            keep(all, chip.proof.stan, chip.proof.verdict);
        }
        Record::Uploaded { stans } => uploaded(all, number, stans, ChipEnd::Uploaded),
        Record::UploadRefused { stan, by } => uploaded(all, number, stan.as_slice(), ChipEnd::Refused(*by)),
        Record::Restored { .. } => {
            let kept = all.iter_mut().filter_map(|known| known.chip.as_mut());
            kept.filter(|(_, end)| *end == ChipEnd::Kept).for_each(|(_, end)| *end = ChipEnd::Dropped);
        }
        Record::BookedOver(over) => {
            book(all, number, &over.booked);
            let of = |known: &&mut Transaction| {
                Some(known.stan) == over.takes_back && known.batch == over.booked.batch && known.booked.is_some()
            };
            if let Some(original) = all.iter_mut().rev().find(of) {
                original.taken_back_by = Some(over.booked.stan);
            }
        }
        Record::Noticed(notice) => {
            if let (Some((adjusted, _)), Some(amount)) = (notice.adjusts, notice.due.amount) {
                adjust(all, adjusted, notice.due.batch, amount);
            }
            all.push(Transaction {
                stan: notice.due.stan,
                batch: notice.due.batch,
                at_ms: notice.due.at_ms,
                request: Some(notice.due.request),
                name: notice.due.name.clone(),
                card: notice.due.card.clone(),
                amount: notice.due.amount,
                end: End::Unheard,
                attempts: 0,
                booked: notice.booked.clone(),
                adjusts: notice.adjusts,
                taken_back_by: None,
                chip: None,
                records: vec![number],
            });
        }
        Record::NoticeAnswered { stan, by, taken, .. } => {
            let mut undone = None;
            if let Some(known) = find(all, *stan, number) {
                known.end = match (taken, &known.booked) {
                    (false, _) => End::Refused { by: *by },
                    (true, Some(_)) => End::Booked,
                    (true, None) => End::Told,
                };
                undone = known.adjusts.filter(|_| !*taken).map(|(adjusted, before)| (adjusted, known.batch, before));
            }
            if let Some((adjusted, batch, before)) = undone {
                adjust(all, adjusted, batch, before);
            }
        }
        Record::Cleared { stan, by, and, .. } => {
            if let Some(known) = find(all, *stan, number) {
                known.end = End::Cleared { by: by.clone(), and: and.clone() };
            }
        }
        Record::ReversalReason { stan, reason } => {
            if let Some(known) = find(all, *stan, number) {
                known.end = End::Waiting { reason: *reason };
            }
        }
        Record::ReversalSent { stan, attempt } => {
            if let Some(known) = find(all, *stan, number) {
                known.attempts = *attempt;
            }
        }
        Record::ReversalClosed { stan, by } => {
            if let Some(known) = find(all, *stan, number) {
                known.end = End::Reversed { by: *by };
            }
        }
        Record::Discarded { stan } => {
            if let Some(known) = find(all, *stan, number) {
                known.end = End::Discarded;
            }
        }
        Record::NeverSent { stan, cause } => {
            if let Some(known) = find(all, *stan, number) {
                known.end = End::NeverSent { cause: cause.clone() };
            }
        }
        // What a checkpoint says of transactions was said by records before it; where those are not there any more,
        // it is all there is.
        Record::Checkpoint(checkpoint) => carry(all, number, checkpoint),
        Record::Carried(carried) => carry(all, number, &carried.0),
        Record::StanTaken { .. }
        | Record::SignedIn
        | Record::SignedOut
        | Record::Batch { .. }
        | Record::Settled { .. }
        | Record::UploadEnded
        | Record::UploadAnew
        | Record::Foreign { .. }
        | Record::Slips { .. }
        | Record::Fenced
        | Record::Answers(_)
        | Record::Chips(_)
        | Record::Reconciled { .. } => {}
        Record::PrintStarted { stan } | Record::Printed { stan } => {
            if let Some(known) = all.iter_mut().rev().find(|known| known.stan == *stan) {
                known.records.push(number);
            }
        }
    }
}

/// What a chip said is kept for the upload.
fn keep(all: &mut [Transaction], stan: u32, verdict: ChipVerdict) {
    if let Some(known) = all.iter_mut().rev().find(|known| known.stan == stan) {
        known.chip = Some((verdict, ChipEnd::Kept));
    }
}

/// The host has these, or refused them.
fn uploaded(all: &mut [Transaction], number: u64, stans: &[u32], end: ChipEnd) {
    for stan in stans {
        let of = |known: &&mut Transaction| known.stan == *stan && (known.booked.is_some() || known.chip.is_some());
        if let Some(known) = all.iter_mut().rev().find(of) {
            known.records.push(number);
            if let Some((_, became)) = &mut known.chip {
                *became = end;
            }
        }
    }
}

/// What a chip declined without a host.
fn declined(number: u64, chip: &ChipDecline) -> Transaction {
    Transaction {
        stan: chip.proof.stan,
        batch: chip.batch,
        at_ms: chip.at_ms,
        request: None,
        name: Kind::Offline.word().to_owned(),
        card: chip.card.clone(),
        amount: Some(chip.proof.amount),
        end: End::ChipDeclined,
        attempts: 0,
        booked: None,
        adjusts: None,
        taken_back_by: None,
        chip: None,
        records: vec![number],
    }
}

/// An adjustment sets the amount of a transaction that stands.
fn adjust(all: &mut [Transaction], stan: u32, batch: u32, amount: Amount) {
    let of = |known: &&mut Transaction| known.stan == stan && known.batch == batch && known.booked.is_some();
    if let Some(known) = all.iter_mut().rev().find(of) {
        known.amount = Some(amount);
    }
}

fn book(all: &mut Vec<Transaction>, number: u64, booked: &Booked) {
    match find(all, booked.stan, number) {
        Some(known) => {
            known.end = End::Booked;
            known.booked = Some(booked.clone());
        }
        None => all.push(Transaction {
            stan: booked.stan,
            batch: booked.batch,
            at_ms: booked.at_ms,
            request: None,
            name: booked.kind.word().to_owned(),
            card: booked.card.clone(),
            amount: Some(booked.amount),
            end: End::Booked,
            attempts: 0,
            booked: Some(booked.clone()),
            adjusts: None,
            taken_back_by: None,
            chip: None,
            records: vec![number],
        }),
    }
}

fn carry(all: &mut Vec<Transaction>, number: u64, checkpoint: &Checkpoint) {
    if !all.is_empty() || number <= 1 {
        return;
    }
    for booked in &checkpoint.booked {
        book(all, number, booked);
    }
    for pending in &checkpoint.pending {
        take(all, number, &Record::ReversalDue(pending.due.clone()));
        if let Some(known) = all.last_mut() {
            known.attempts = pending.attempts;
            known.end = pending.reason.map_or(End::Open, |reason| End::Waiting { reason });
        }
    }
}

/// The last transaction of this number that is not yet over, which this record belongs to.
fn find(all: &mut [Transaction], stan: u32, record: u64) -> Option<&mut Transaction> {
    let is_open = |known: &&mut Transaction| {
        known.stan == stan && matches!(known.end, End::Open | End::Waiting { .. } | End::Unheard)
    };
    let known = all.iter_mut().rev().find(is_open)?;
    known.records.push(record);
    Some(known)
}
