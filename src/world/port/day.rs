//! What a terminal's day adds to the journal: notices that wait, what was voided, adjusted and uploaded, the settlement.

use super::record::{Booked, DueReversal, Record};
use crate::payment::amount::Amount;
use crate::payment::iso8583::response::ResponseCode;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A message that is sent until the host has answered it: an offline sale, a refund, an adjustment, a script result.
///
/// It is never reversed. What it books stands from the moment it is recorded, and falls if the host refuses it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// The message, without its MAC. Card data is sealed, tracks and PIN blocks have no place.
    pub due: DueReversal,
    /// What it books.
    pub booked: Option<Booked>,
    /// The transaction of this batch whose amount it changes to its own: trace number, and the amount before.
    pub adjusts: Option<(u32, Amount)>,
}

impl Notice {
    /// The trace number of the transaction that it changes.
    fn changed(&self) -> Option<u32> {
        self.adjusts.map(|(stan, _)| stan)
    }
}

/// A notice that the host refused. It is not sent again; it stands on the settlement slip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Its trace number.
    pub stan: u32,
    /// What it is called in its dialect.
    pub name: String,
    /// Its amount.
    pub amount: Option<Amount>,
    /// Field 39 of the reply.
    pub by: ResponseCode,
}

/// A settlement that the host has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// Do the totals agree?
    pub balanced: bool,
    /// Has the host taken the end of the upload?
    pub uploaded: bool,
}

/// More about a transaction than `Booked` has room for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookedOver {
    /// The transaction.
    pub booked: Booked,
    /// The trace number of the transaction of this batch that it takes back.
    pub takes_back: Option<u32>,
    /// Was the card issued abroad? Settlements count such cards apart.
    pub foreign: bool,
}

/// How the host answered the notices of batches that are closed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answers {
    /// The answer by batch and trace number.
    pub answered: BTreeMap<(u32, u32), ResponseCode>,
    /// What the host refused, with its batch.
    pub refused: Vec<(u32, Refused)>,
}

impl Answers {
    /// A batch is closed, and this is what came of its notices.
    pub(super) fn keep(&mut self, batch: u32, day: &Day) {
        self.answered.extend(day.answered.iter().map(|(stan, by)| ((batch, *stan), *by)));
        self.refused.extend(day.refused.iter().map(|refused| (batch, refused.clone())));
    }

    /// Those of these batches.
    pub(super) fn of(&self, batches: [u32; 2]) -> Answers {
        let answered = self.answered.iter().filter(|((batch, _), _)| batches.contains(batch));
        let refused = self.refused.iter().filter(|(batch, _)| batches.contains(batch));
        Answers { answered: answered.map(|(at, by)| (*at, *by)).collect(), refused: refused.cloned().collect() }
    }
}

/// Everything of the day that is not a reversal and not a transaction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Day {
    /// Notices that wait, oldest first.
    pub notices: Vec<Notice>,
    /// Notices of this batch that the host refused.
    pub refused: Vec<Refused>,
    /// How the host answered the notices of this batch, by trace number.
    pub answered: BTreeMap<u32, ResponseCode>,
    /// Transactions of this batch that were taken back, and by which.
    pub taken_back: BTreeMap<u32, u32>,
    /// Batch and trace number of transactions whose amount was changed after their slip: a tip, a correction. Kept as long as
    /// the transactions are.
    pub adjusted: BTreeSet<(u32, u32)>,
    /// Transactions of this batch by foreign cards.
    pub foreign: BTreeSet<u32>,
    /// Transactions of this batch that the host has in an upload.
    pub uploaded: BTreeSet<u32>,
    /// The settlement of this batch, once the host has answered it.
    pub settlement: Option<Settlement>,
}

impl Day {
    /// Is there nothing to carry over?
    pub fn is_empty(&self) -> bool {
        *self == Day::default()
    }

    /// The notice with this trace number, if it waits.
    pub fn notice(&self, stan: u32) -> Option<&Notice> {
        self.notices.iter().find(|notice| notice.due.stan == stan)
    }

    /// Takes one more record in. `booked` and `batch` are those of the journal, as they were before it.
    pub(super) fn apply(&mut self, record: &Record, booked: &mut Vec<Booked>, batch: u32) {
        match record {
            Record::BookedOver(over) => self.book(over, booked),
            Record::BookedChip(chip) => self.book(&chip.over, booked),
            Record::Noticed(notice) => {
                if let Some(amount) = notice.due.amount
                    && let Some(original) = find(booked, notice.changed(), batch)
                {
                    original.amount = amount;
                }
                self.adjusted.extend(notice.changed().map(|stan| (batch, stan)));
                booked.extend(notice.booked.clone());
                self.notices.push(notice.as_ref().clone());
            }
            Record::NoticeAnswered { stan, by, taken, reference, authorisation } => {
                self.answer(*stan, *by, *taken, booked, batch);
                if let Some(booked) = find(booked, Some(*stan), batch) {
                    booked.reference = reference.clone().or_else(|| booked.reference.take());
                    booked.authorisation = authorisation.clone().or_else(|| booked.authorisation.take());
                }
            }
            Record::Settled { balanced } => {
                self.settlement = Some(Settlement { balanced: *balanced, uploaded: false });
            }
            Record::Uploaded { stans } => self.uploaded.extend(stans),
            Record::Foreign { stan } => {
                self.foreign.insert(*stan);
            }
            Record::UploadAnew => self.uploaded.clear(),
            Record::UploadEnded | Record::UploadRefused { stan: None, .. } => {
                if let Some(settlement) = &mut self.settlement {
                    settlement.uploaded = true;
                }
            }
            // What belongs to a batch goes with it; a notice that still waits belongs to nobody's batch but its own.
            Record::Batch { number } if *number != batch => {
                let notices = std::mem::take(&mut self.notices);
                let mut adjusted = std::mem::take(&mut self.adjusted);
                adjusted.retain(|at| booked.iter().any(|known| (known.batch, known.stan) == *at));
                *self = Day { notices, adjusted, ..Day::default() };
            }
            _ => {}
        }
    }

    fn book(&mut self, over: &BookedOver, booked: &mut Vec<Booked>) {
        if let Some(original) = over.takes_back {
            self.taken_back.insert(original, over.booked.stan);
        }
        if over.foreign {
            self.foreign.insert(over.booked.stan);
        }
        booked.push(over.booked.clone());
    }

    fn answer(&mut self, stan: u32, by: ResponseCode, taken: bool, booked: &mut Vec<Booked>, batch: u32) {
        let Some(at) = self.notices.iter().position(|notice| notice.due.stan == stan) else { return };
        let notice = self.notices.remove(at);
        self.answered.insert(stan, by);
        if taken {
            return;
        }
        // What the host refused does not stand.
        booked.retain(|known| known.stan != stan || known.batch != notice.due.batch);
        if let Some((adjusted, before)) = notice.adjusts
            && let Some(original) = find(booked, Some(adjusted), batch)
        {
            original.amount = before;
        }
        self.refused.push(Refused { stan, name: notice.due.name, amount: notice.due.amount, by });
    }
}

fn find(booked: &mut [Booked], stan: Option<u32>, batch: u32) -> Option<&mut Booked> {
    booked.iter_mut().rev().find(|known| Some(known.stan) == stan && known.batch == batch)
}
