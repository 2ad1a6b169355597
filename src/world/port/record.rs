//! What the journal keeps: one record per fact that must survive a power cut.

use super::chips::{BookedChip, CarriedChips, ChipDecline, Whose, sealed_bytes};
use super::day::{Answers, BookedOver, Day, Notice};
use super::failure::Failure;
use super::seal::{Seal, SealedField};
use crate::payment::amount::Amount;
use crate::payment::iso8583::dialect::{Dialect, Mti};
use crate::payment::iso8583::field::{Class, Field, Holds};
use crate::payment::iso8583::message::Message;
use crate::payment::iso8583::response::ResponseCode;
use crate::script_error::catalogue::{internal, storage};
use crate::script_error::code::Fact;
use crate::script_error::error::Money;
use crate::script_error::words::Said;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One line of the journal. The order of the variants is part of the file format: append only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Record {
    /// A trace number was given out.
    StanTaken {
        /// 1 to 999 999.
        stan: u32,
    },
    /// A request that moves money is about to be sent; unless something decides otherwise, it is reversed.
    ReversalDue(DueReversal),
    /// Why a reversal will be sent, as field 39 of it says.
    ReversalReason {
        /// The trace number of the request.
        stan: u32,
        /// 98 no reply, A0 wrong MAC, 06 anything else.
        reason: ResponseCode,
    },
    /// The transaction stands. Clears its reversal in the same record, so that no power cut can come between.
    Booked(Booked),
    /// The reversal is not needed: the host declined, or nothing had left the terminal.
    Discarded {
        /// The trace number of the request.
        stan: u32,
    },
    /// A reversal was sent.
    ReversalSent {
        /// The trace number of the request.
        stan: u32,
        /// 1 for the first time.
        attempt: u32,
    },
    /// The host confirmed a reversal by a reply that passed every check. Nothing else closes one.
    ReversalClosed {
        /// The trace number of the request.
        stan: u32,
        /// Field 39 of the reply.
        by: ResponseCode,
    },
    /// The terminal is signed in.
    SignedIn,
    /// The terminal is signed out.
    SignedOut,
    /// The batch number from now on.
    Batch {
        /// 1 to 999 999.
        number: u32,
    },
    /// The reversal is not needed: an error came before a byte of the request was handed to the line.
    NeverSent {
        /// The trace number of the request.
        stan: u32,
        /// The code of the error.
        cause: String,
    },
    /// What all records before it say: a segment of the journal begins with it, so that reading need not begin earlier.
    Checkpoint(Box<Checkpoint>),
    /// As `Booked`, with more about it.
    BookedOver(Box<BookedOver>),
    /// A notice: on the disk before it is sent, and sent until the host has answered it.
    Noticed(Box<Notice>),
    /// The host answered a notice.
    NoticeAnswered {
        /// The trace number of the notice.
        stan: u32,
        /// Field 39 of the reply.
        by: ResponseCode,
        /// Taken, or refused: then what it booked does not stand.
        taken: bool,
        /// The host's reference number (field 37).
        reference: Option<String>,
        /// The issuer's authorisation (field 38).
        authorisation: Option<String>,
    },
    /// The host answered the settlement of this batch.
    Settled {
        /// Do the totals agree?
        balanced: bool,
    },
    /// The host took these transactions of this batch in an upload.
    Uploaded {
        /// Their trace numbers.
        stans: Vec<u32>,
    },
    /// The host took the end of the upload.
    UploadEnded,
    /// Two people closed a reversal that no host confirms, after a reconciliation; only `till journal clear` writes it.
    Cleared {
        /// The trace number of the request.
        stan: u32,
        /// Who asked for it.
        by: String,
        /// Who agreed.
        and: String,
        /// Why.
        reason: String,
        /// When.
        at_ms: i64,
    },
    /// A checkpoint, and what belongs to the day.
    Carried(Box<(Checkpoint, Day)>),
    /// The slip of a transaction is about to be printed: from here on nobody knows whether it is on paper.
    PrintStarted {
        /// The trace number of the transaction.
        stan: u32,
    },
    /// The slip is on paper.
    Printed {
        /// The trace number of the transaction.
        stan: u32,
    },
    /// Slips that are still owed at the beginning of a segment; the checkpoint in front has no place for them.
    Slips {
        /// What is owed.
        owed: Vec<OwedSlip>,
    },
    /// The journal was restored from a backup: what happened after it is not in it. No transaction before a reconciliation.
    Restored {
        /// The batch from now on.
        batch: u32,
        /// Trace numbers up to this one may have been used.
        last_stan: u32,
    },
    /// The fence of a restore still stands at the beginning of a segment.
    Fenced,
    /// Somebody has held the journal against the host's books: a fence is lifted.
    Reconciled {
        /// Who accepted what did not agree; nobody where all agreed.
        by: Vec<String>,
        /// How many transactions were compared.
        entries: u32,
    },
    /// How the host answered notices of the batch before, at the beginning of a segment.
    Answers(Box<Answers>),
    /// As `BookedOver`, and what the chip said: its certificate, for the upload of the batch.
    BookedChip(Box<BookedChip>),
    /// A chip said no; kept for the upload of the batch.
    ChipDeclined(Box<ChipDecline>),
    /// What chips said and the host does not have yet, at the beginning of a segment.
    Chips(Box<CarriedChips>),
    /// The host refuses what a chip said of a transaction, for good; or, where none is named, the end of the upload: it counts
    /// otherwise. Neither keeps a batch open: the money is settled, and what is missing is named.
    UploadRefused {
        /// The transaction.
        stan: Option<u32>,
        /// Field 39 of the answer.
        by: ResponseCode,
    },
    /// The host does not accept the count of the upload: all of it is told anew.
    UploadAnew,
    /// The host's answer to a notice says that the card was issued abroad: it counts among the foreign ones of its batch.
    Foreign {
        /// The trace number of the notice.
        stan: u32,
    },
}

/// The slip of a transaction that stands and whose slip is not known to be on paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwedSlip {
    /// The batch of the transaction.
    pub batch: u32,
    /// Its trace number.
    pub stan: u32,
    /// Printing had begun: another slip has to be marked as a copy.
    pub started: bool,
}

impl Record {
    /// The checkpoint it is.
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        match self {
            Record::Checkpoint(checkpoint) => Some(checkpoint),
            Record::Carried(carried) => Some(&carried.0),
            _ => None,
        }
    }

    /// Does it stand beside a checkpoint at the beginning of a segment, and nowhere else?
    pub fn is_beside_the_checkpoint(&self) -> bool {
        matches!(self, Record::Slips { .. } | Record::Fenced | Record::Answers(_) | Record::Chips(_))
    }

    /// The transaction that it books.
    pub fn booked(&self) -> Option<&Booked> {
        match self {
            Record::Booked(booked) => Some(booked),
            Record::BookedOver(over) => Some(&over.booked),
            Record::BookedChip(chip) => Some(&chip.over.booked),
            Record::Noticed(notice) => notice.booked.as_ref(),
            _ => None,
        }
    }

    /// The card data that lies beside the record, and whose it is, in its order.
    pub fn sealed(&self) -> Vec<(Whose, &[SealedField])> {
        let message = |due: &'_ DueReversal| Whose::Message(due.stan);
        match self {
            Record::ReversalDue(due) => vec![(message(due), &due.sealed)],
            Record::Noticed(notice) => vec![(message(&notice.due), &notice.due.sealed)],
            Record::Checkpoint(checkpoint) => {
                checkpoint.pending.iter().map(|pending| (message(&pending.due), &*pending.due.sealed)).collect()
            }
            Record::Carried(carried) => {
                let pending = carried.0.pending.iter().map(|pending| &pending.due);
                let all = pending.chain(carried.1.notices.iter().map(|notice| &notice.due));
                all.map(|due| (message(due), &*due.sealed)).collect()
            }
            Record::BookedChip(chip) => vec![(Whose::Chip(chip.proof.stan), &chip.proof.sealed)],
            Record::ChipDeclined(chip) => vec![(Whose::Chip(chip.proof.stan), &chip.proof.sealed)],
            Record::Chips(chips) => chips.kept.iter().map(|proof| (Whose::Chip(proof.stan), &*proof.sealed)).collect(),
            _ => Vec::new(),
        }
    }

    /// The same, to put the card data back.
    pub fn sealed_mut(&mut self) -> Vec<(Whose, &mut Vec<SealedField>)> {
        fn message(due: &mut DueReversal) -> (Whose, &mut Vec<SealedField>) {
            (Whose::Message(due.stan), &mut due.sealed)
        }
        match self {
            Record::ReversalDue(due) => vec![message(due)],
            Record::Noticed(notice) => vec![message(&mut notice.due)],
            Record::Checkpoint(checkpoint) => {
                checkpoint.pending.iter_mut().map(|pending| message(&mut pending.due)).collect()
            }
            Record::Carried(carried) => {
                let (checkpoint, day) = carried.as_mut();
                let pending = checkpoint.pending.iter_mut().map(|pending| message(&mut pending.due));
                pending.chain(day.notices.iter_mut().map(|notice| message(&mut notice.due))).collect()
            }
            Record::BookedChip(chip) => vec![(Whose::Chip(chip.proof.stan), &mut chip.proof.sealed)],
            Record::ChipDeclined(chip) => vec![(Whose::Chip(chip.proof.stan), &mut chip.proof.sealed)],
            Record::Chips(chips) => {
                chips.kept.iter_mut().map(|proof| (Whose::Chip(proof.stan), &mut proof.sealed)).collect()
            }
            _ => Vec::new(),
        }
    }

    /// How many bytes of card data belong to each, where the record itself says so; `None` where all of it is one's.
    pub fn sealed_lengths(&self) -> Option<&[u32]> {
        match self {
            Record::ReversalDue(_) | Record::Noticed(_) | Record::BookedChip(_) | Record::ChipDeclined(_) => None,
            Record::Chips(chips) => Some(&chips.sealed),
            other => Some(other.checkpoint().map_or(&[], |checkpoint| &checkpoint.sealed)),
        }
    }

    /// Does it end what was going on with a request? A pause between two transactions is the time to tidy up.
    pub fn ends_transaction(&self) -> bool {
        matches!(
            self,
            Record::Booked(_)
                | Record::BookedOver(_)
                | Record::BookedChip(_)
                | Record::Discarded { .. }
                | Record::ReversalClosed { .. }
                | Record::NeverSent { .. }
                | Record::NoticeAnswered { .. }
        )
    }
}

/// The state of the journal at the beginning of a segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// The trace number given out last.
    pub last_stan: u32,
    /// The batch number.
    pub batch: u32,
    /// Is the terminal signed in?
    pub signed_in: bool,
    /// Reversals that wait. They are carried on for as long as it takes.
    pub pending: Vec<PendingReversal>,
    /// Transactions that stand, of this batch and the one before; older ones are in older segments.
    pub booked: Vec<Booked>,
    /// How many bytes of card data belong to each of `pending`.
    pub sealed: Vec<u32>,
    /// Where that card data lies in the segment before: it is erased there once this record is on the disk.
    pub left: Vec<(u64, u64)>,
}

/// A reversal that waits to be sent or confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingReversal {
    /// What to send.
    pub due: DueReversal,
    /// Why; `None` until a flow has said so: the program ended before it could. Then the dialect's default holds.
    pub reason: Option<ResponseCode>,
    /// How often it was sent.
    pub attempts: u32,
}

/// A field in the clear, as packing takes it. Card data never comes here.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlainField {
    /// The field's number.
    pub number: u8,
    /// Characters or bytes.
    pub value: Vec<u8>,
}

impl fmt::Debug for PlainField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "F{} <{} bytes>", self.number, self.value.len())
    }
}

/// All that is needed to send a reversal, even after a power cut and by another program.
///
/// It has no place for tracks, PIN blocks and card verification numbers; card number, expiry and chip data are sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueReversal {
    /// The trace number of the request, which the reversal repeats.
    pub stan: u32,
    /// The batch of the request.
    pub batch: u32,
    /// The message type of the request.
    pub request: Mti,
    /// The message type of the reversal.
    pub mti: Mti,
    /// What the request is called in its dialect, such as `sale`; empty if it is not known. For people to read.
    pub name: String,
    /// Its card number, masked; empty if it has none. For people to read.
    pub card: String,
    /// Its amount, for people to read.
    pub amount: Option<Amount>,
    /// When it was recorded.
    pub at_ms: i64,
    /// Fields in the clear.
    pub fields: Vec<PlainField>,
    /// Fields with card data. A file keeps them beside the record, where they can be erased.
    #[serde(skip)]
    pub sealed: Vec<SealedField>,
}

/// Facts about the request that the reversal itself does not carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RequestFacts {
    /// The message type of the request.
    pub mti: Mti,
    /// The batch it belongs to.
    pub batch: u32,
    /// Its amount.
    pub amount: Option<Amount>,
    /// The time.
    pub at_ms: i64,
}

impl DueReversal {
    /// Takes a reversal as it would be sent, without its MAC and its reason.
    ///
    /// What fields hold decides: tracks, PIN blocks, keys and MACs are left out, card data is sealed.
    pub fn seal(
        reversal: &Message,
        dialect: &Dialect,
        request: RequestFacts,
        seal: &Seal,
    ) -> Result<DueReversal, Failure> {
        let stan = reversal.text(11).and_then(|text| text.parse().ok()).filter(|stan| (1..=STAN_MAX).contains(stan));
        let Some(stan) = stan else {
            return Err(Failure::new(internal::INTERNAL_DEFECT)
                .text("detail", "a reversal was recorded without a trace number"));
        };
        let mut due = DueReversal {
            stan,
            batch: request.batch,
            request: request.mti,
            mti: reversal.mti,
            name: String::new(),
            card: String::new(),
            amount: request.amount,
            at_ms: request.at_ms,
            fields: Vec::new(),
            sealed: Vec::new(),
        };
        for (number, value) in reversal.iter() {
            // A field the dialect does not know might be anything, so it is treated as card data.
            let field = dialect.field(number);
            let (holds, class) = field.map_or((Holds::Pan, Class::Text), |field| (field.holds, field.class));
            let may_hide = class == Class::Bytes || field.is_some_and(Field::has_secret_parts);
            match holds {
                Holds::Track | Holds::PinBlock | Holds::Keys | Holds::Mac => {}
                Holds::Pan | Holds::Expiry | Holds::ChipData => {
                    due.sealed.push(seal.seal(stan, number, value.as_bytes()));
                }
                // Bytes of unknown meaning may be chip data, and chip data has the card number in it.
                Holds::Plain if may_hide => {
                    due.sealed.push(seal.seal(stan, number, value.as_bytes()));
                }
                Holds::Plain
                | Holds::Amount
                | Holds::Stan
                | Holds::Rrn
                | Holds::ResponseCode
                | Holds::Time
                | Holds::Date => due.fields.push(PlainField { number, value: value.as_bytes().to_vec() }),
            }
        }
        Ok(due)
    }

    /// How many bytes its card data takes beside a record: number and length of each field, then the field.
    pub fn sealed_bytes(&self) -> usize {
        sealed_bytes(&self.sealed)
    }

    /// The reversal as it is sent, without reason and MAC. `T7003` if what was sealed cannot be opened any more.
    pub fn open(&self, seal: &Seal) -> Result<Message, Failure> {
        let mut reversal = Message::new(self.mti);
        for field in &self.fields {
            reversal.set(field.number, field.value.as_slice());
        }
        for field in &self.sealed {
            let Some(clear) = seal.open(self.stan, field) else {
                return Err(Failure::new(storage::JOURNAL_DAMAGED).fact(
                    "detail",
                    Fact::Said(Said::new(
                        format!("冲正 {:06} 的第 {} 域无法解开", self.stan, field.number),
                        format!("field {} of reversal {:06} cannot be opened", field.number, self.stan),
                    )),
                ));
            };
            reversal.set(field.number, clear.as_slice());
        }
        Ok(reversal)
    }
}

/// The kind of a transaction. The order is that of the language's `TxnKind`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Kind {
    /// Money to the merchant.
    Sale,
    /// A sale of this batch taken back.
    Void,
    /// Money back to the cardholder.
    Refund,
    /// Money kept aside.
    Preauth,
    /// Money that was kept aside, to the merchant.
    Completion,
    /// A question only.
    Balance,
    /// Money that was kept aside, given free.
    PreauthVoid,
    /// A completion of this batch taken back.
    CompletionVoid,
    /// A sale that the terminal approved itself; the host hears of it later.
    Offline,
}

impl Kind {
    /// All, in the order of the language's tags.
    pub const ALL: [Kind; 9] = [
        Kind::Sale,
        Kind::Void,
        Kind::Refund,
        Kind::Preauth,
        Kind::Completion,
        Kind::Balance,
        Kind::PreauthVoid,
        Kind::CompletionVoid,
        Kind::Offline,
    ];

    /// The one with this tag.
    pub fn from_tag(tag: u8) -> Option<Kind> {
        Kind::ALL.get(usize::from(tag)).copied()
    }

    /// As a script writes it.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Sale => "sale",
            Kind::Void => "void",
            Kind::Refund => "refund",
            Kind::Preauth => "preauth",
            Kind::Completion => "completion",
            Kind::Balance => "balance",
            Kind::PreauthVoid => "preauth_void",
            Kind::CompletionVoid => "completion_void",
            Kind::Offline => "offline",
        }
    }

    /// Does it take back another transaction of the batch?
    pub fn takes_back(self) -> bool {
        matches!(self, Kind::Void | Kind::PreauthVoid | Kind::CompletionVoid)
    }

    /// Where the money is once a transaction of this kind is booked.
    pub fn money(self) -> Money {
        match self {
            Kind::Void | Kind::PreauthVoid | Kind::CompletionVoid => Money::TakenBack,
            Kind::Refund => Money::Credited,
            Kind::Preauth => Money::Held,
            Kind::Sale | Kind::Completion | Kind::Balance | Kind::Offline => Money::Moved,
        }
    }

    /// What it does to the merchant's total: 1 adds, -1 takes away, 0 neither.
    pub fn sign(self) -> i64 {
        match self {
            Kind::Sale | Kind::Completion | Kind::Offline => 1,
            Kind::Void | Kind::Refund | Kind::CompletionVoid => -1,
            Kind::Preauth | Kind::PreauthVoid | Kind::Balance => 0,
        }
    }
}

/// A transaction that stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booked {
    /// Its trace number.
    pub stan: u32,
    /// Its batch.
    pub batch: u32,
    /// What it was.
    pub kind: Kind,
    /// How much.
    pub amount: Amount,
    /// The card number, masked.
    pub card: String,
    /// The host's reference number (field 37).
    pub reference: Option<String>,
    /// The issuer's authorisation (field 38).
    pub authorisation: Option<String>,
    /// When.
    pub at_ms: i64,
}

/// The last trace number; after it comes 1.
pub const STAN_MAX: u32 = 999_999;
