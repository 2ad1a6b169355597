//! What can be watched while a script runs: steps, screen, messages, slips, the money's way.
//!
//! Everything in here is masked before it gets here; a trace holds it as it is.

use crate::payment::iso8583::describe::{Wording, describe};
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::message::Message;
use crate::run::doctor::verdict::Checked;
use crate::script_error::words::Said;
use crate::world::audit::books::Tally;
use crate::world::port::printer::{Slip, SlipLine, SlipWords};
use crate::world::port::record::Kind;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A sentence in both languages, as a trace keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl From<&SlipWords<'_>> for Sentence {
    fn from(words: &SlipWords<'_>) -> Sentence {
        Sentence { zh: words.zh.as_ref().to_owned(), en: words.en.as_ref().to_owned() }
    }
}

impl<'s> From<&'s Sentence> for SlipWords<'s> {
    fn from(sentence: &'s Sentence) -> SlipWords<'s> {
        SlipWords { zh: Cow::Borrowed(&sentence.zh), en: Cow::Borrowed(&sentence.en) }
    }
}

impl From<&Said> for Sentence {
    fn from(said: &Said) -> Sentence {
        Sentence { zh: said.zh.clone(), en: said.en.clone() }
    }
}

impl From<&Sentence> for Said {
    fn from(sentence: &Sentence) -> Said {
        Said::new(sentence.zh.as_str(), sentence.en.as_str())
    }
}

/// One field of a message, masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShownField {
    /// Its number.
    pub number: u8,
    /// Its name in both languages.
    pub name: Sentence,
    /// What may be shown of it.
    pub value: Sentence,
}

/// One line of a slip.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ShownLine {
    /// In the middle.
    Centre(Sentence),
    /// From the left.
    Line(Sentence),
    /// Label and value.
    Row(Sentence, Sentence),
    /// A rule.
    Rule,
    /// An empty line.
    Space,
}

/// Something worth showing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Happening {
    /// A flow passed a `step`.
    Step {
        /// Its words.
        name: String,
    },
    /// The screen shows a sentence.
    Screen {
        /// The sentence.
        sentence: Sentence,
    },
    /// A card was read.
    Card {
        /// How: `chip`, `tap`, `stripe`, `manual`.
        entry: String,
        /// The card number, masked.
        masked: String,
    },
    /// The chip answered GENERATE AC.
    Chip {
        /// `TC`, `AAC`, `ARQC`.
        verdict: String,
        /// Issuer scripts that it was given.
        scripts: u32,
        /// What is wrong with the issuer's answer to it: `wrong`, `missing`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        issuer: Option<String>,
    },
    /// The cardholder keyed the PIN in; it left the PIN pad encrypted.
    PinEntered,
    /// A work key was decrypted and checked.
    KeyChecked {
        /// `PIK`, `MAK`, `TDK`.
        slot: String,
        /// The check value it gave, hexadecimal.
        check_value: String,
    },
    /// The reversal of a request is on the disk.
    ReversalRecorded {
        /// Its trace number.
        stan: u32,
    },
    /// A message left, or was about to.
    Sent {
        /// The message type.
        mti: u16,
        /// Its name in the dialect.
        name: Sentence,
        /// Its fields.
        fields: Vec<ShownField>,
    },
    /// A reply came and passed every check.
    Received {
        /// The message type.
        mti: u16,
        /// Its fields.
        fields: Vec<ShownField>,
        /// Milliseconds it took.
        after_ms: i64,
    },
    /// No usable reply came.
    NoReply {
        /// The code of the catalogue.
        code: String,
        /// Milliseconds it took.
        after_ms: i64,
    },
    /// A message came that is not the answer; it is not used.
    Stray {
        /// The message type; none where it could not be read.
        mti: Option<u16>,
        /// Why it is not the answer.
        why: Sentence,
        /// Its fields.
        fields: Vec<ShownField>,
    },
    /// An address of the host could not be reached; nothing was sent there.
    Unreachable {
        /// The address.
        address: String,
        /// Why.
        why: Sentence,
    },
    /// The request goes to another address of the host.
    Backup {
        /// The address.
        address: String,
    },
    /// A transaction is booked; its reversal is cleared in the same record.
    Booked {
        /// Its trace number.
        stan: u32,
        /// What it is; traces of sales leave it out.
        #[serde(default = "sale", skip_serializing_if = "is_sale")]
        kind: Kind,
    },
    /// A reversal is dropped: nothing was taken.
    Discarded {
        /// Its trace number.
        stan: u32,
    },
    /// A reversal is dropped: an error came before a byte of the request was handed to the line.
    NeverSent {
        /// Its trace number.
        stan: u32,
        /// The code of the error.
        cause: String,
    },
    /// A reversal is decided and waits.
    ReversalQueued {
        /// Its trace number.
        stan: u32,
        /// Field 39 it will carry.
        reason: String,
    },
    /// An earlier reversal goes out now.
    ReversalSent {
        /// Its trace number.
        stan: u32,
    },
    /// The host confirmed a reversal.
    ReversalClosed {
        /// Its trace number.
        stan: u32,
        /// Field 39 of the reply.
        by: String,
    },
    /// A notice is on the disk.
    NoticeKept {
        /// Its trace number.
        stan: u32,
        /// What it books; none for a script result and an adjustment.
        kind: Option<Kind>,
        /// The transaction whose amount it sets.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        adjusts: Option<u32>,
    },
    /// The host answered a notice.
    NoticeAnswered {
        /// Its trace number.
        stan: u32,
        /// Field 39 of the reply.
        by: String,
        /// Taken, or refused.
        taken: bool,
    },
    /// The host answered the settlement of the batch.
    Settled {
        /// Do the totals agree?
        balanced: bool,
    },
    /// The batch is closed.
    BatchClosed {
        /// The number of the next.
        next: u32,
    },
    /// The header of a reply asks the terminal to do something.
    HostCommand {
        /// 1 to 9.
        digit: u8,
    },
    /// A slip was printed.
    Slip {
        /// Its lines.
        lines: Vec<ShownLine>,
    },
    /// The doctor has looked at something.
    Checked(Box<Checked>),
    /// The beeper beeped.
    Beep,
    /// A line of the log.
    Log {
        /// The line.
        text: String,
    },
    /// The power went, as asked for.
    PowerCut {
        /// At which point.
        point: String,
    },
}

impl Happening {
    /// Counts what it says of a transaction.
    pub fn count(&self, tally: &mut Tally) {
        match self {
            Happening::ReversalRecorded { .. } => tally.begun += 1,
            Happening::Booked { .. } => tally.approved += 1,
            Happening::Discarded { .. } | Happening::NeverSent { .. } => tally.declined += 1,
            Happening::ReversalClosed { .. } => tally.reversed += 1,
            Happening::Slip { .. } => tally.slips += 1,
            _ => {}
        }
    }
}

fn sale() -> Kind {
    Kind::Sale
}

fn is_sale(kind: &Kind) -> bool {
    *kind == Kind::Sale
}

/// The fields of a message, masked by what the dialect says they hold.
pub fn shown_fields(message: &Message, dialect: &Dialect) -> Vec<ShownField> {
    let zh = describe(message, dialect, Wording::Zh);
    let en = describe(message, dialect, Wording::En);
    zh.into_iter()
        .zip(en)
        .map(|(zh, en)| ShownField {
            number: zh.number,
            name: Sentence { zh: zh.label, en: en.label },
            value: Sentence { zh: zh.shown, en: en.shown },
        })
        .collect()
}

/// The slip whose lines were shown.
pub fn slip(lines: &[ShownLine]) -> Slip<'_> {
    let lines = lines.iter().map(|line| match line {
        ShownLine::Centre(words) => SlipLine::Centre(words.into()),
        ShownLine::Line(words) => SlipLine::Line(words.into()),
        ShownLine::Row(label, value) => SlipLine::Row { label: label.into(), value: value.into() },
        ShownLine::Rule => SlipLine::Rule,
        ShownLine::Space => SlipLine::Space,
    });
    Slip { lines: lines.collect(), of: None }
}

/// The lines of a slip.
pub fn shown_slip(slip: &Slip<'_>) -> Vec<ShownLine> {
    slip.lines
        .iter()
        .map(|line| match line {
            SlipLine::Centre(words) => ShownLine::Centre(words.into()),
            SlipLine::Line(words) => ShownLine::Line(words.into()),
            SlipLine::Row { label, value } => ShownLine::Row(label.into(), value.into()),
            SlipLine::Rule => ShownLine::Rule,
            SlipLine::Space => ShownLine::Space,
        })
        .collect()
}
