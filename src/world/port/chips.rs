//! What chips said of the transactions of a batch, kept until the host has it: certificates of those that stand, and what a
//! chip declined.

use super::card_reader::ChipVerdict;
use super::day::BookedOver;
use super::seal::{Seal, SealedField};
use crate::payment::amount::Amount;
use crate::payment::iso8583::response::ResponseCode;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use zeroize::Zeroizing;

/// The number under which card number, chip data and what else an upload needs are sealed together: that of no field.
const CARD_AND_CHIP: u8 = 0;

/// How many declines of chips are kept of one batch; whoever shows a declining card more often than that fills no disk.
pub const DECLINES_MOST: usize = 200;

/// What a chip said at its last GENERATE AC, as an upload needs it. Tracks and PIN blocks have no place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChipProof {
    /// The trace number of the transaction.
    pub stan: u32,
    /// TC: a certificate of what stands. AAC: the chip said no.
    pub verdict: ChipVerdict,
    /// The amount the chip was asked about.
    pub amount: Amount,
    /// A checksum of what is sealed, so that damage shows without the key of the terminal that sealed it.
    pub check: u32,
    /// `ChipContent`. A file keeps it beside the record, where it can be erased.
    #[serde(skip)]
    pub sealed: Vec<SealedField>,
}

/// What of a transaction is sealed for its upload. Prints nothing.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ChipContent {
    /// The card number, in digits.
    pub card: Zeroizing<Vec<u8>>,
    /// For field 55.
    pub chip: Zeroizing<Vec<u8>>,
    /// Field 22 of the request; empty where none was sent.
    pub entry_mode: String,
    /// The card sequence number (field 23); empty where the card has none.
    pub sequence: String,
}

impl fmt::Debug for ChipContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<chip content>")
    }
}

impl ChipProof {
    /// Seals the content: three parts with a length in front, of 255 bytes at most each, then the chip data.
    pub fn of(stan: u32, verdict: ChipVerdict, amount: Amount, content: &ChipContent, seal: &Seal) -> ChipProof {
        let parts = [content.card.as_slice(), content.entry_mode.as_bytes(), content.sequence.as_bytes()];
        let length = parts.iter().map(|part| 1 + part.len()).sum::<usize>() + content.chip.len();
        let mut clear = Zeroizing::new(Vec::with_capacity(length));
        for part in parts {
            let part = part.get(..usize::from(u8::MAX)).unwrap_or(part);
            clear.push(part.len() as u8);
            clear.extend_from_slice(part);
        }
        clear.extend_from_slice(&content.chip);
        let sealed = vec![seal.seal(stan, CARD_AND_CHIP, &clear)];
        ChipProof { stan, verdict, amount, check: check_of(&sealed), sealed }
    }

    /// Is what is sealed as it was written?
    pub fn is_whole(&self) -> bool {
        !self.sealed.is_empty() && check_of(&self.sealed) == self.check
    }

    /// The content; `None` if it was erased or damaged, or sealed by another terminal.
    pub fn open(&self, seal: &Seal) -> Option<ChipContent> {
        fn part<'b>(rest: &mut &'b [u8]) -> Option<&'b [u8]> {
            let (length, behind) = rest.split_first()?;
            let (part, behind) = behind.split_at_checked(usize::from(*length))?;
            *rest = behind;
            Some(part)
        }
        let clear = seal.open(self.stan, self.sealed.first()?)?;
        let mut rest: &[u8] = &clear;
        let card = Zeroizing::new(part(&mut rest)?.to_vec());
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let (entry_mode, sequence) = (text(part(&mut rest)?), text(part(&mut rest)?));
        Some(ChipContent { card, chip: Zeroizing::new(rest.to_vec()), entry_mode, sequence })
    }
}

/// What chips said of transactions of a batch, in the order in which they said it. Of a transaction the last word counts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptChips {
    kept: Vec<ChipProof>,
    /// What the host refused, and with which code. The card data is gone.
    pub refused: Vec<(u32, ResponseCode)>,
    /// The host refused the end of the upload, with this code: it counts otherwise.
    pub differs: Option<ResponseCode>,
}

impl KeptChips {
    /// What is kept of a transaction.
    pub fn get(&self, stan: u32) -> Option<&ChipProof> {
        self.kept.iter().find(|proof| proof.stan == stan)
    }

    /// Is anything kept of a transaction?
    pub fn has(&self, stan: u32) -> bool {
        self.get(stan).is_some()
    }

    /// Has the host refused what a chip said of a transaction?
    pub fn was_refused(&self, stan: u32) -> bool {
        self.refused.iter().any(|(refused, _)| *refused == stan)
    }

    /// Everything.
    pub fn iter(&self) -> impl Iterator<Item = &ChipProof> {
        self.kept.iter()
    }

    /// Nothing is kept.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Of how many transactions something is kept.
    pub fn len(&self) -> usize {
        self.kept.len()
    }

    /// How many of them a chip declined.
    pub fn declines(&self) -> usize {
        self.kept.iter().filter(|proof| proof.verdict != ChipVerdict::Tc).count()
    }

    /// What the host is to hear next, leaving out what was uploaded: certificates first, then what was declined.
    pub fn next(&self, uploaded: &BTreeSet<u32>) -> Option<&ChipProof> {
        let left = || self.kept.iter().filter(|proof| !uploaded.contains(&proof.stan));
        left().find(|proof| proof.verdict == ChipVerdict::Tc).or_else(|| left().next())
    }

    /// Keeps one more.
    pub fn keep(&mut self, proof: ChipProof) {
        match self.kept.iter_mut().rev().find(|known| known.stan == proof.stan) {
            Some(known) => *known = proof,
            None => self.kept.push(proof),
        }
    }

    /// Keeps what was carried over.
    pub fn carry(&mut self, mut carried: CarriedChips) {
        if self.kept.is_empty() {
            self.kept = carried.kept;
        } else {
            self.kept.append(&mut carried.kept);
        }
        self.refused.append(&mut carried.refused);
        self.differs = self.differs.or(carried.differs);
    }

    /// The host has everything.
    pub fn end(&mut self) {
        self.kept.clear();
    }

    /// The host refuses what was said of a transaction; or, where none is named, the end of the upload.
    pub fn refuse(&mut self, stan: Option<u32>, by: ResponseCode) {
        match stan {
            Some(stan) => {
                self.kept.retain(|proof| proof.stan != stan);
                self.refused.push((stan, by));
            }
            None => {
                self.end();
                self.differs = Some(by);
            }
        }
    }

    /// Lets go of everything.
    pub fn clear(&mut self) {
        *self = KeptChips::default();
    }
}

/// A transaction that stands, with its chip's certificate: one record, so that no power cut comes between.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookedChip {
    /// The transaction.
    pub over: BookedOver,
    /// What the chip said of it.
    pub proof: ChipProof,
}

/// A chip said no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChipDecline {
    /// What it said.
    pub proof: ChipProof,
    /// The batch.
    pub batch: u32,
    /// The card number, masked. For people to read.
    pub card: String,
    /// When.
    pub at_ms: i64,
    /// No host was asked; otherwise the host had approved, and its approval is reversed.
    pub offline: bool,
}

/// Chip data that is carried into a new segment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarriedChips {
    /// What is kept.
    pub kept: Vec<ChipProof>,
    /// How many bytes of card data belong to each.
    pub sealed: Vec<u32>,
    /// As `KeptChips`.
    pub refused: Vec<(u32, ResponseCode)>,
    /// As `KeptChips`.
    pub differs: Option<ResponseCode>,
}

/// So many are carried in one record: it stays far below the longest that a record can be.
const CARRIED_EACH: usize = 500;

impl CarriedChips {
    /// Everything that is kept, in as many records as it takes.
    pub fn of(chips: KeptChips) -> Vec<CarriedChips> {
        let KeptChips { kept: mut rest, mut refused, mut differs } = chips;
        let mut all = Vec::new();
        while !rest.is_empty() || !refused.is_empty() || differs.is_some() {
            let behind = rest.split_off(rest.len().min(CARRIED_EACH));
            let kept = std::mem::replace(&mut rest, behind);
            let sealed = kept.iter().map(|proof| sealed_bytes(&proof.sealed) as u32).collect();
            all.push(CarriedChips { kept, sealed, refused: std::mem::take(&mut refused), differs: differs.take() });
        }
        all
    }
}

fn check_of(sealed: &[SealedField]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    for field in sealed {
        hasher.update(&[field.number]);
        hasher.update(field.as_bytes());
    }
    hasher.finalize()
}

/// How many bytes card data takes beside a record: number and length of each field, then the field.
pub fn sealed_bytes(sealed: &[SealedField]) -> usize {
    sealed.iter().map(|field| 3 + field.as_bytes().len()).sum()
}

/// Whose card data it is that lies beside a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Whose {
    /// Of a reversal or a notice with this trace number.
    Message(u32),
    /// Of what a chip said of the transaction with this trace number.
    Chip(u32),
}
