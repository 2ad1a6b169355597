//! The simulated card reader, and the person with the card.

use super::chip;
use super::keypad::nobody;
use crate::payment::amount::Amount;
use crate::script_error::catalogue::{card, hardware};
use crate::script_error::code::Code;
use crate::world::fault::Fault;
use crate::world::port::card_reader::{CardRead, CardReader, ChipAnswer, Entry, HostSaid};
use crate::world::port::failure::Failure;
use crate::world::port::waited::Waited;
use crate::world::profile::{CardProfile, Flag};
use crate::world::stage::{Presented, SharedStage, Stage};
use zeroize::Zeroizing;

/// A reader to which somebody presents test cards.
pub struct SimulatedCardReader(pub SharedStage);

/// How long it takes to present a card and read it.
const READING_MS: i64 = 2_000;

/// Up to this amount, in minor units, a tap needs no PIN (小额免密).
pub(crate) const NO_PIN_BELOW: i64 = 100_000;

impl CardReader for SimulatedCardReader {
    fn read(&mut self, accept: &[Entry], amount: Option<Amount>, within_ms: i64) -> Waited<Result<CardRead, Failure>> {
        let mut stage = self.0.borrow_mut();
        let at = READING_MS.min(within_ms);
        if stage.faults.has(Fault::ReaderFault) {
            return Waited::new(0, Err(Failure::new(hardware::READER_FAULT)));
        }
        let presented = next_card(&mut stage);
        let Some(presented) = presented.filter(|_| !stage.faults.has(Fault::NoCard)) else {
            return nobody(within_ms);
        };
        let Some(entry) = way(&presented, accept) else {
            return nobody(within_ms);
        };
        if let Some(code) = objection(&stage, &presented.card, entry, accept) {
            return Waited::new(at, Err(Failure::new(code)));
        }
        let by_chip = matches!(entry, Entry::Chip | Entry::Tap);
        let tags = by_chip.then(|| chip::ask(&mut stage, &presented.card, amount));
        let read = as_read(&presented.card, entry, amount, tags);
        stage.in_reader = Some(Presented { entry: Some(entry), ..presented });
        Waited::new(at, Ok(read))
    }

    fn complete(&mut self, said: &HostSaid, within_ms: i64) -> Waited<Result<Option<ChipAnswer>, Failure>> {
        chip::complete(&mut self.0.borrow_mut(), said, within_ms)
    }

    fn decide(&mut self, amount: Amount, within_ms: i64) -> Waited<Result<Option<ChipAnswer>, Failure>> {
        chip::decide(&mut self.0.borrow_mut(), amount, within_ms)
    }

    fn release(&mut self) {
        let mut stage = self.0.borrow_mut();
        (stage.in_reader, stage.asked) = (None, None);
    }

    fn ready(&mut self) -> Option<Result<(), Failure>> {
        Some(if self.0.borrow().faults.has(Fault::ReaderFault) {
            Err(Failure::new(hardware::READER_FAULT))
        } else {
            Ok(())
        })
    }
}

/// The next card of the row; the last one is presented again and again.
fn next_card(stage: &mut Stage) -> Option<Presented> {
    if stage.cards.len() > 1 { stage.cards.pop_front() } else { stage.cards.front().cloned() }
}

/// How the card is presented, if it can be in any accepted way.
fn way(presented: &Presented, accept: &[Entry]) -> Option<Entry> {
    if let Some(entry) = presented.entry {
        return accept.contains(&entry).then_some(entry);
    }
    // A person tries the chip first, and the stripe last. Keying a number in is not offered.
    [Entry::Chip, Entry::Tap, Entry::Stripe]
        .into_iter()
        .find(|entry| accept.contains(entry) && presented.card.interfaces.contains(entry))
}

pub(super) fn chip_is_broken(stage: &Stage, card: &CardProfile) -> bool {
    stage.faults.has(Fault::ChipError) || card.has(Flag::UnreadableChip)
}

/// What speaks against the card, if anything does.
fn objection(stage: &Stage, card: &CardProfile, entry: Entry, accept: &[Entry]) -> Option<Code> {
    let by_chip = matches!(entry, Entry::Chip | Entry::Tap);
    if !card.interfaces.contains(&entry) {
        return Some(if by_chip { card::CHIP_UNREADABLE } else { card::STRIPE_UNREADABLE });
    }
    if stage.faults.has(Fault::CardPulled) {
        return Some(card::CARD_REMOVED);
    }
    if by_chip {
        if chip_is_broken(stage, card) {
            return Some(card::CHIP_UNREADABLE);
        }
        if card.has(Flag::UnknownApplication) {
            return Some(card::CARD_NOT_SUPPORTED);
        }
        let blocked = card.has(Flag::Blocked) || stage.faults.has(Fault::CardBlocked);
        return blocked.then_some(card::CARD_BLOCKED);
    }
    if stage.faults.has(Fault::StripeError) || card.has(Flag::UnreadableStripe) {
        return Some(card::STRIPE_UNREADABLE);
    }
    // A stripe that names a chip is read only where the chip is not asked for: after the chip has failed.
    let has_chip = card.track2.service_code().is_some_and(|code| code.has_chip());
    (has_chip && accept.contains(&Entry::Chip)).then_some(card::USE_CHIP)
}

fn as_read(card: &CardProfile, entry: Entry, amount: Option<Amount>, tags: Option<Zeroizing<Vec<u8>>>) -> CardRead {
    let small = amount.is_some_and(|amount| amount.minor <= NO_PIN_BELOW);
    CardRead {
        pan: card.pan.clone(),
        track2: Some(card.track2.clone()),
        expiry: Some(card.expiry.clone()),
        entry,
        sequence: tags.as_ref().map(|_| card.sequence.clone()),
        asks_pin: card.pin.is_some() && !(entry == Entry::Tap && small),
        service_code: card.track2.service_code(),
        tags,
    }
}
