//! What chips said of the transactions of a batch, kept until the host has it: certificates of those that stand, and what a
//! chip declined.

use super::card_reader::ChipVerdict;
use super::day::BookedOver;
use super::seal::{Seal, SealedField};
use crate::payment::amount::Amount;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// The number under which card number and chip data are sealed together: that of no field.
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
    /// Field 22 of the request; `None` where none was sent.
    pub entry_mode: Option<String>,
    /// The card sequence number (field 23).
    pub sequence: Option<String>,
    /// Card number and chip data. A file keeps them beside the record, where they can be erased.
    #[serde(skip)]
    pub sealed: Vec<SealedField>,
}

/// Card number, in digits, and chip data for field 55.
pub type CardAndChip = (Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>);

impl ChipProof {
    /// Takes card number and chip data in. A card number of more than 255 digits is none, and is cut.
    pub fn hold(&mut self, card: &[u8], chip: &[u8], seal: &Seal) {
        let card = card.get(..usize::from(u8::MAX)).unwrap_or(card);
        let mut clear = Zeroizing::new(Vec::with_capacity(1 + card.len() + chip.len()));
        clear.push(card.len() as u8);
        clear.extend_from_slice(card);
        clear.extend_from_slice(chip);
        self.sealed = vec![seal.seal(self.stan, CARD_AND_CHIP, &clear)];
    }

    /// Card number and chip data; `None` if they were erased or damaged, or sealed by another terminal.
    pub fn open(&self, seal: &Seal) -> Option<CardAndChip> {
        let clear = seal.open(self.stan, self.sealed.first()?)?;
        let (length, rest) = clear.split_first()?;
        let (card, chip) = rest.split_at_checked(usize::from(*length))?;
        Some((Zeroizing::new(card.to_vec()), Zeroizing::new(chip.to_vec())))
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
}

/// So many are carried in one record: it stays far below the longest that a record can be.
const CARRIED_EACH: usize = 500;

impl CarriedChips {
    /// Everything that is kept, in as many records as it takes.
    pub fn of<'p>(kept: impl Iterator<Item = &'p ChipProof>) -> Vec<CarriedChips> {
        let mut all: Vec<CarriedChips> = Vec::new();
        for (at, proof) in kept.enumerate() {
            if at % CARRIED_EACH == 0 {
                all.push(CarriedChips { kept: Vec::new(), sealed: Vec::new() });
            }
            if let Some(last) = all.last_mut() {
                last.sealed.push(sealed_bytes(&proof.sealed) as u32);
                last.kept.push(proof.clone());
            }
        }
        all
    }
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
