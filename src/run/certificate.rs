//! What a chip said last, as the journal keeps it for the upload of the batch. The machine does this, whatever a script does.

use crate::payment::amount::Amount;
use crate::payment::card::Pan;
use crate::payment::emv::tag::Tag;
use crate::payment::emv::tlv;
use crate::run::content::{Content, RunMessage};
use crate::run::session::Session;
use crate::world::port::card_reader::ChipVerdict;
use crate::world::port::chips::{ChipContent, ChipDecline, ChipProof, DECLINES_MOST};
use crate::world::port::failure::Failure;
use crate::world::port::record::Record;
use zeroize::Zeroizing;

const PAN: u8 = 2;
const ENTRY_MODE: u8 = 22;
const SEQUENCE: u8 = 23;
const CHIP_DATA: u8 = 55;

/// As many bytes as field 55 has room for where a dialect says nothing.
const CHIP_DATA_MOST: usize = 255;

/// What no certificate is worth anything without: cryptogram, what kind it is, the issuer's data, the counter, the TVR. The last to be
/// left out where there is no room.
const ESSENTIAL: [u32; 5] = [0x9F26, 0x9F27, 0x9F10, 0x9F36, 0x95];

/// A card number and chip data of a request, by their numbers in the vault, and what else of it an upload repeats.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The card number.
    card: Option<u32>,
    /// Field 55.
    chip: Option<u32>,
    /// Field 22.
    entry_mode: String,
    /// Field 23.
    sequence: String,
    /// Field 4.
    amount: Option<Amount>,
}

impl Asked {
    /// Of a request; `None` for one without chip data.
    pub(super) fn of(request: RunMessage<'_>) -> Option<Asked> {
        let sealed = |number| match request.field(number) {
            Some(Content::Sealed(number, _)) => Some(number),
            _ => None,
        };
        let chip = sealed(CHIP_DATA)?;
        Some(Asked {
            card: sealed(PAN),
            chip: Some(chip),
            entry_mode: request.text(ENTRY_MODE).unwrap_or_default(),
            sequence: request.text(SEQUENCE).unwrap_or_default(),
            amount: request.amount(),
        })
    }

    /// Of a card that was read and asked to decide by itself.
    pub(super) fn of_card(card: u32, sequence: Option<String>) -> Asked {
        Asked { card: Some(card), sequence: sequence.unwrap_or_default(), ..Asked::default() }
    }

    /// What an upload needs of it, with what the chip said last.
    fn content(&self, answer: &[u8], session: &Session<'_>) -> ChipContent {
        let open = |number: Option<u32>| number.and_then(|number| session.vault.open(number)).unwrap_or_default();
        let dialect = session.program.dialect.as_ref();
        let room = dialect.and_then(|dialect| dialect.field(CHIP_DATA)).map(|field| usize::from(field.length.max()));
        ChipContent {
            card: Zeroizing::new(open(self.card).to_vec()),
            chip: merged(open(self.chip), answer, room.unwrap_or(CHIP_DATA_MOST)),
            entry_mode: self.entry_mode.clone(),
            sequence: self.sequence.clone(),
        }
    }
}

/// The certificate of a transaction that is about to be booked: what its request said of the chip, with what the chip said last in its
/// place. `None` where no chip has said yes to it.
pub(super) fn of_booking(session: &mut Session<'_>, stan: u32, amount: Amount) -> Option<ChipProof> {
    let answer = session.chip_approved.take()?;
    let asked = session.asked_chip.as_ref()?;
    let content = asked.content(&answer, session);
    Some(ChipProof::of(stan, ChipVerdict::Tc, amount, &content, &session.ports.seal))
}

/// Keeps that the chip has declined what the host had approved. Where that cannot be written, the transaction ends as it would have:
/// no money hangs on it, and what follows meets the same disk.
pub(super) fn keep_decline(session: &mut Session<'_>, stan: u32, answer: &[u8]) {
    let Some(asked) = session.asked_chip.clone() else { return };
    if let Some(amount) = asked.amount {
        let _ = decline(session, &asked, stan, amount, answer, false);
    }
}

/// Keeps that the chip has declined by itself. It takes a trace number of its own, as the upload names each item by one.
pub(super) fn keep_offline_decline(session: &mut Session<'_>, amount: Amount, answer: &[u8]) {
    let Some(asked) = session.card_read.clone() else { return };
    if declines(session) >= DECLINES_MOST {
        return;
    }
    if let Ok(stan) = session.ports.journal.take_stan() {
        let _ = decline(session, &asked, stan, amount, answer, true);
    }
}

fn declines(session: &Session<'_>) -> usize {
    session.ports.journal.state().chips.declines()
}

fn decline(
    session: &mut Session<'_>,
    asked: &Asked,
    stan: u32,
    amount: Amount,
    answer: &[u8],
    offline: bool,
) -> Result<(), Failure> {
    if declines(session) >= DECLINES_MOST {
        return Ok(());
    }
    let content = asked.content(answer, session);
    let proof = ChipProof::of(stan, ChipVerdict::Aac, amount, &content, &session.ports.seal);
    let pan = std::str::from_utf8(&content.card).ok().and_then(|digits| Pan::parse(digits).ok());
    let card = pan.map(|pan| pan.masked()).unwrap_or_default();
    let (batch, at_ms) = (session.ports.journal.state().batch, session.ports.clock.now_ms());
    session.ports.journal.append(Record::ChipDeclined(Box::new(ChipDecline { proof, batch, card, at_ms, offline })))
}

/// The tags of a request, each with the value it has in the chip's last answer; a tag without which nobody can check a certificate is
/// added where the request lacks it. What does not fit is left out from the end.
fn merged(asked: &[u8], answer: &[u8], room: usize) -> Zeroizing<Vec<u8>> {
    let is_essential = |tag: Tag| ESSENTIAL.iter().any(|essential| Tag::new(*essential) == tag);
    let answer: Vec<(Tag, &[u8])> = tlv::elements(answer).collect();
    let mut all: Vec<(Tag, &[u8])> = Vec::with_capacity(answer.len() + ESSENTIAL.len());
    for (tag, value) in tlv::elements(asked) {
        if all.iter().all(|(known, _)| *known != tag) {
            let last = answer.iter().find(|(known, _)| *known == tag).map_or(value, |(_, last)| last);
            all.push((tag, last));
        }
    }
    let bare = all.is_empty();
    for (tag, value) in answer {
        if (bare || is_essential(tag)) && all.iter().all(|(known, _)| *known != tag) {
            all.push((tag, value));
        }
    }
    loop {
        let mut bytes = Zeroizing::new(Vec::with_capacity(room.min(512)));
        // INVARIANT: each value was read with a length that can be written.
        for (tag, value) in &all {
            let _ = tlv::push(&mut bytes, *tag, value);
        }
        if bytes.len() <= room {
            return bytes;
        }
        let at = all.iter().rposition(|(tag, _)| !is_essential(*tag)).unwrap_or(all.len().saturating_sub(1));
        all.remove(at);
    }
}
