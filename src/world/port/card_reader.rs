//! The card reader, and a card that was read.

use super::failure::Failure;
use super::waited::Waited;
use crate::payment::amount::Amount;
use crate::payment::card::{Expiry, Pan, ServiceCode, Track2};
use serde::{Deserialize, Serialize};
use std::fmt;
use zeroize::Zeroizing;

/// How a card is read. The order is that of the language's `Entry`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Entry {
    /// Inserted, by its chip.
    Chip,
    /// Held to the reader.
    Tap,
    /// Swiped, by its stripe.
    Stripe,
    /// Keyed in.
    Manual,
}

impl Entry {
    /// All, in the order of the language's tags.
    pub const ALL: [Entry; 4] = [Entry::Chip, Entry::Tap, Entry::Stripe, Entry::Manual];

    /// The tag of the language's variant.
    pub fn tag(self) -> u8 {
        self as u8
    }

    /// The one with this tag.
    pub fn from_tag(tag: u8) -> Option<Entry> {
        Entry::ALL.get(usize::from(tag)).copied()
    }

    /// As a script writes it.
    pub fn word(self) -> &'static str {
        match self {
            Entry::Chip => "chip",
            Entry::Tap => "tap",
            Entry::Stripe => "stripe",
            Entry::Manual => "manual",
        }
    }
}

/// A card that was read. Prints masked.
#[derive(Clone)]
pub struct CardRead {
    /// The card number.
    pub pan: Pan,
    /// Track 2, or what the chip gives in its place.
    pub track2: Option<Track2>,
    /// The expiry.
    pub expiry: Option<Expiry>,
    /// How it was read.
    pub entry: Entry,
    /// The card sequence number, three digits; chip cards only.
    pub sequence: Option<String>,
    /// True if the card wants its PIN.
    pub asks_pin: bool,
    /// The three digits of the track that say how the card may be used.
    pub service_code: Option<ServiceCode>,
    /// Chip data for field 55, BER-TLV; may hold card data.
    pub tags: Option<Zeroizing<Vec<u8>>>,
}

impl fmt::Debug for CardRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<card {} by {}>", self.pan, self.entry.word())
    }
}

/// What the host said, as a terminal shows it to the chip.
#[derive(Clone)]
pub struct HostSaid {
    /// Did it approve?
    pub approved: bool,
    /// Its response code, which the chip is told as 8A.
    pub code: Option<[u8; 2]>,
    /// Field 55 of its reply, where it has one: issuer scripts, issuer authentication data. BER-TLV.
    pub tags: Option<Zeroizing<Vec<u8>>>,
    /// The trace number of the transaction, where one is open; for those who hold books against one another.
    pub of: Option<u32>,
}

impl fmt::Debug for HostSaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<host said {} of {:?}>", if self.approved { "yes" } else { "no" }, self.of)
    }
}

/// What a chip decides. The order is that of the language's `ChipVerdict`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ChipVerdict {
    /// Yes: a transaction certificate.
    Tc,
    /// No: an application authentication cryptogram.
    Aac,
    /// The host is to be asked: an authorisation request cryptogram.
    Arqc,
}

impl ChipVerdict {
    /// The tag of the language's variant.
    pub fn tag(self) -> u8 {
        self as u8
    }

    /// As the trade writes it.
    pub fn word(self) -> &'static str {
        match self {
            ChipVerdict::Tc => "TC",
            ChipVerdict::Aac => "AAC",
            ChipVerdict::Arqc => "ARQC",
        }
    }

    /// Tag 9F27 of the answer to GENERATE AC.
    pub fn cryptogram_information(self) -> u8 {
        match self {
            ChipVerdict::Tc => 0x40,
            ChipVerdict::Aac => 0x00,
            ChipVerdict::Arqc => 0x80,
        }
    }
}

/// What a chip thinks of the issuer's answer to it (tag 91).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IssuerProof {
    /// It is the issuer's.
    Right,
    /// It is not the issuer's, or about another response code.
    Wrong,
    /// There was none.
    Missing,
}

impl IssuerProof {
    /// In a word, where something is wrong with it.
    pub fn trouble(self) -> Option<&'static str> {
        match self {
            IssuerProof::Right => None,
            IssuerProof::Wrong => Some("wrong"),
            IssuerProof::Missing => Some("missing"),
        }
    }
}

/// What a chip answered to GENERATE AC. Prints without its data.
#[derive(Clone)]
pub struct ChipAnswer {
    /// What it decided.
    pub verdict: ChipVerdict,
    /// For field 55 of a notice, BER-TLV; may hold card data.
    pub tags: Zeroizing<Vec<u8>>,
    /// How many issuer scripts came with the reply; their results stand in the tags.
    pub scripts: u32,
    /// What it thinks of the issuer's answer; `None` where it was shown none, or the reader does not tell.
    pub issuer: Option<IssuerProof>,
}

impl fmt::Debug for ChipAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<chip says {}, scripts: {}>", self.verdict.word(), self.scripts)
    }
}

/// A card reader.
pub trait CardReader {
    /// Asks for a card and reads it in one of the accepted ways.
    ///
    /// Fails with `T1001`, `T1002`, or one of the codes of cards and readers.
    fn read(&mut self, accept: &[Entry], amount: Option<Amount>, within_ms: i64) -> Waited<Result<CardRead, Failure>>;

    /// Shows the chip what the host said: scripts 71, the second GENERATE AC, scripts 72. `None` where the card was not
    /// read by its chip.
    ///
    /// Fails with `T3001`, `T3003` or `T6201`.
    fn complete(&mut self, said: &HostSaid, within_ms: i64) -> Waited<Result<Option<ChipAnswer>, Failure>>;

    /// Asks the chip to approve without the host: the first GENERATE AC asks for a TC. `None` and failures as `complete`.
    fn decide(&mut self, amount: Amount, within_ms: i64) -> Waited<Result<Option<ChipAnswer>, Failure>>;

    /// Lets the card go.
    fn release(&mut self);

    /// Does it answer? `T6201` if not; `None` for a reader that only knows with a card. No card is read.
    fn ready(&mut self) -> Option<Result<(), Failure>> {
        None
    }
}
