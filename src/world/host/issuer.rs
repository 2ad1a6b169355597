//! The issuer: cards, PINs, balances and limits.

use super::acquirer::Acquirer;
use super::ledger::Account;
use crate::payment::card::{Pan, Pin, Track2};
use crate::payment::iso8583::message::Message;
use crate::payment::keys::pin_block::{EncryptedPinBlock, PinBlockFormat};
use crate::world::port::calendar::Moment;
use crate::world::profile::{self, CardProfile, Flag};
use crate::world::terminal::card_reader::NO_PIN_BELOW;
use std::sync::Arc;

/// After so many wrong PINs in a row the card is refused.
const PIN_TRIES: u8 = 3;

/// What a transaction does to an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing: a question.
    Ask,
    /// Takes the amount from it.
    Take,
    /// Puts the amount on it.
    Give,
}

impl Acquirer {
    /// The card a request is about; 14 if nobody knows it, 30 if the request names none.
    pub(super) fn card_of(&self, request: &Message) -> Result<CardProfile, &'static str> {
        let by_track = request.text(35).and_then(|track| Track2::parse(track).ok()).map(|track| track.pan());
        let by_number = request.text(2).and_then(|number| Pan::parse(number).ok());
        if let (Some(track), Some(number)) = (&by_track, &by_number)
            && track != number
        {
            return Err("14");
        }
        let pan = by_track.or(by_number).ok_or("30")?;
        let met = self.cards.iter().find(|card| card.pan == pan).cloned();
        let card = met.or_else(|| profile::shipped_with(&pan));
        card.filter(|card| card.known).ok_or("14")
    }

    /// Says yes, or the code that says no.
    pub(super) fn judge(
        &mut self,
        request: &Message,
        card: &CardProfile,
        effect: Effect,
        minor: i64,
        now_ms: i64,
    ) -> Result<(), &'static str> {
        let today = Moment::from_ms(now_ms);
        // INVARIANT: the simulated clock runs between 1970 and 9999.
        let year = u16::try_from(today.year).unwrap_or(u16::MAX);
        if card.expiry.is_past(year, today.month) {
            return Err("54");
        }
        if let Some(code) = card.objection() {
            return Err(code);
        }
        if effect == Effect::Give && card.has(Flag::NoRefund) && request.mti.0 / 10 == 22 {
            return Err("57");
        }
        self.check_pin(request, card, minor)?;
        // What was sold offline was sold: there is nothing left to refuse for want of money.
        if effect == Effect::Take && !is_advice(request) {
            if card.limit.is_some_and(|limit| minor > limit.minor) {
                return Err("61");
            }
            if minor > self.account(card).balance {
                return Err("51");
            }
        }
        Ok(())
    }

    /// The account behind a card.
    pub(super) fn account(&mut self, card: &CardProfile) -> &mut Account {
        self.ledger
            .accounts
            .entry(Arc::clone(&card.account))
            .or_insert(Account { balance: card.balance.minor, wrong_pins: 0 })
    }

    fn check_pin(&mut self, request: &Message, card: &CardProfile, minor: i64) -> Result<(), &'static str> {
        let Some(right) = &card.pin else {
            return Ok(());
        };
        if self.account(card).wrong_pins >= PIN_TRIES {
            return Err("75");
        }
        let Some(block) = request.get(52) else {
            return if self.needs_pin(request, minor) { Err("55") } else { Ok(()) };
        };
        let block = <[u8; 8]>::try_from(block).map_err(|_| "30")?;
        let layout = self.ledger.key_layout();
        let key = self.keys.pin(&self.owner, self.ledger.generation, layout).ok_or("A7")?;
        let clear = EncryptedPinBlock::from_bytes(block).decrypt_under(&key);
        // A block that holds no PIN was mostly made with another key, which is no reason to count against the card.
        let pin: Pin = clear.read(PinBlockFormat::Iso0, &card.pan).map_err(|_| "99")?;
        let account = self.account(card);
        if pin == *right {
            account.wrong_pins = 0;
            return Ok(());
        }
        account.wrong_pins = account.wrong_pins.saturating_add(1);
        Err(if account.wrong_pins >= PIN_TRIES { "75" } else { "55" })
    }

    /// A PIN may be missing in advices, in voids and for small amounts by tap.
    fn needs_pin(&self, request: &Message, minor: i64) -> bool {
        let is_void = request.text(3).is_some_and(|code| code.starts_with("20"));
        let by_tap = request.text(22).is_some_and(|mode| mode.starts_with("07"));
        let completes = self.code_of(request) == "20";
        !(is_advice(request) || completes || is_void || by_tap && minor <= NO_PIN_BELOW)
    }
}

/// An advice tells what has happened: 0220.
fn is_advice(request: &Message) -> bool {
    request.mti.0 / 10 % 10 == 2
}
