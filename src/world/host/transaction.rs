//! What moves money at the host: authorised, completed, voided, adjusted, taken back.

use super::acquirer::{Acquirer, amount_of, stan_of};
use super::certificates::is_expected;
use super::chip::CHIP_DATA;
use super::issuer::Effect;
use super::ledger::{Authorisation, Standing};
use super::reply::Answer;
use crate::payment::amount::Amount;
use crate::payment::card::Track2;
use crate::payment::currency::Currency;
use crate::payment::emv::tag::Tag;
use crate::payment::emv::tlv;
use crate::payment::iso8583::message::Message;
use crate::payment::iso8583::response::ResponseCode;
use crate::world::fault::{Fault, Faults};
use crate::world::profile::{AccountKind, CardProfile, Flag};

/// A completion may be this many hundredths of its pre-authorisation.
const COMPLETION_MOST: i64 = 115;

/// What a request has to do with an earlier transaction: its batch and trace number, and what becomes of it.
type Earlier = (Option<u32>, u32, Standing);

impl Acquirer {
    /// Books a request, or says why not.
    pub(super) fn authorise(
        &mut self,
        request: &Message,
        faults: &mut Faults,
        now_ms: i64,
    ) -> Result<Answer, &'static str> {
        let stan = stan_of(request).ok_or("30")?;
        let batch = self.batch_of(request);
        let code = self.code_of(request).to_owned();
        let processing = request.text(3).unwrap_or("").to_owned();
        let effect = match processing.get(..2) {
            Some("31") => Effect::Ask,
            Some("00" | "03") => Effect::Take,
            Some("20") => Effect::Give,
            _ => return Err("40"),
        };
        let amount = match effect {
            Effect::Ask => Amount::zero(Currency::CNY),
            Effect::Take | Effect::Give => amount_of(request)?,
        };
        if self.ledger.has_seen(batch, stan) {
            return Err("94");
        }
        let card = self.card_of(request)?;
        if matches!(code.as_str(), "32" | "34") {
            return self.adjust(request, &card, amount, now_ms);
        }
        let earlier = match (effect, code.as_str()) {
            // The completion of a pre-authorisation names it by its authorisation.
            (Effect::Take, "20" | "24") => Some(self.preauthorised(request, &card, amount)?),
            // A void names the transaction it takes back; a refund does not have to.
            (Effect::Give, _) if matches!(request.mti.0, 200 | 100) => Some(self.original(request, &card, amount)?),
            (Effect::Give, _) => {
                self.refundable(request, amount)?;
                None
            }
            _ => None,
        };
        self.by_right_means(request)?;
        if code == "36" && !has_certificate(request) {
            return Err("30");
        }
        self.heard = self.hear_chip(request, &card)?;
        // What was kept aside for it is free again when the completion takes its money.
        let freed = match earlier {
            Some((batch, stan, Standing::Completed)) => {
                self.ledger.find(batch, stan).map_or(0, |earlier| earlier.taken)
            }
            _ => 0,
        };
        let approved = self.part(request, &card, amount, faults);
        self.judge(request, &card, effect, approved.minor - freed, now_ms)?;
        self.count();
        let mut answer = Answer::code("00");
        let reference = self.reference(now_ms);
        answer.reference = Some(reference.clone());
        let taken = match effect {
            Effect::Ask => {
                answer.fields.push((54, self.balance_field(&card)));
                answer.card = Some(card);
                return Ok(answer);
            }
            Effect::Take => approved.minor - freed,
            Effect::Give => -amount.minor,
        };
        if approved != amount {
            answer.code = ResponseCode(*b"10");
            answer.fields.push((4, format!("{:012}", approved.minor).into_bytes()));
        }
        let authorisation = format!("{:06}", self.owner.number("authorisation", self.ledger.sequence) % 1_000_000);
        let account = self.account(&card);
        account.balance = account.balance.saturating_sub(taken);
        if let Some((batch, stan, standing)) = earlier
            && let Some(original) = self.ledger.find(batch, stan)
        {
            original.standing = standing;
        }
        let chip = is_expected(request, &code).then_some(approved.minor);
        self.ledger.book(Authorisation {
            stan,
            batch,
            mti: request.mti.0,
            processing,
            amount: approved,
            taken,
            account: card.account.clone(),
            reference,
            authorisation: authorisation.clone(),
            standing: Standing::Live,
            voids: earlier.map(|(_, stan, _)| stan),
            voids_in: earlier.and_then(|(batch, _, _)| batch),
            code,
            asked: (approved != amount).then_some(amount),
            foreign: card.has(Flag::Foreign),
            chip,
            certificates: 0,
        });
        answer.authorisation = Some(authorisation);
        answer.card = Some(card);
        Ok(answer)
    }

    /// 45 for the stripe of a chip card, unless the terminal says that the chip could not be read (60.5).
    fn by_right_means(&self, request: &Message) -> Result<(), &'static str> {
        let by_stripe = request.text(22).is_some_and(|mode| mode.starts_with("02") || mode.starts_with("90"));
        let fallback = request.text(60).and_then(|text| text.as_bytes().get(12)) == Some(&b'2');
        let track = request.text(35).and_then(|track| Track2::parse(track).ok());
        let has_chip = track.and_then(|track| track.service_code()).is_some_and(|code| code.has_chip());
        let told = self.code_of(request).is_empty() || fallback;
        if by_stripe && has_chip && !told { Err("45") } else { Ok(()) }
    }

    /// How much of the amount is approved: a part where the terminal allows it and a prepaid card has no more.
    fn part(&mut self, request: &Message, card: &CardProfile, amount: Amount, faults: &mut Faults) -> Amount {
        let allows = request.text(60).and_then(|text| text.as_bytes().get(13)) == Some(&b'1');
        if !allows || self.code_of(request) != "22" {
            return amount;
        }
        let percent = faults.take(|fault| match fault {
            Fault::PartialApproval { percent } => Some(i64::from(*percent)),
            _ => None,
        });
        let minor = match percent {
            Some(percent) => (amount.minor.saturating_mul(percent) / 100).max(1),
            None if card.kind == AccountKind::Prepaid => {
                let balance = self.account(card).balance;
                if balance > 0 { amount.minor.min(balance) } else { amount.minor }
            }
            None => amount.minor,
        };
        Amount::new(minor, amount.currency)
    }

    /// Takes a reversal as the host's family does.
    pub(super) fn reverse(&mut self, request: &Message, faults: &Faults) -> Result<Answer, &'static str> {
        if faults.has(Fault::ForgetsReversals) {
            return Ok(Answer::code("00"));
        }
        let code = faults.find(|fault| match fault {
            Fault::ReversalCode(code) => Some(*code),
            _ => None,
        });
        let answered = self.take_back(request);
        match code {
            Some(code) => Ok(Answer { code, ..answered.unwrap_or_else(Answer::code) }),
            None => answered,
        }
    }

    /// Undoes the transaction a reversal names; 25 if there is none, and then a late request is refused.
    fn take_back(&mut self, request: &Message) -> Result<Answer, &'static str> {
        let stan = stan_of(request).ok_or("30")?;
        let batch = self.batch_of(request);
        let amount = amount_of(request).ok();
        let Some(original) = self.ledger.find(batch, stan) else {
            self.ledger.tombstones.insert((batch, stan));
            return Err("25");
        };
        if amount.is_some_and(|amount| amount != original.asked.unwrap_or(original.amount)) {
            return Err("64");
        }
        let mut answer = Answer::code("00");
        answer.reference = Some(original.reference.clone());
        if !matches!(original.standing, Standing::Live | Standing::Completed) {
            // Said once more: the first answer may have been lost on its way.
            return Ok(answer);
        }
        original.standing = Standing::Reversed;
        let (taken, earlier, name) = (original.taken, (original.voids_in, original.voids), original.account.clone());
        if let (within, Some(stan)) = earlier
            && let Some(original) = self.ledger.find(within.or(batch), stan)
        {
            original.standing = Standing::Live;
        }
        if let Some(account) = self.ledger.accounts.get_mut(&name) {
            account.balance = account.balance.saturating_add(taken);
        }
        Ok(answer)
    }

    /// The transaction a void takes back: batch and trace number stand in field 61. Once, and in its own batch. That of a
    /// pre-authorisation may name it by its authorisation instead, as it may be days old.
    fn original(&mut self, request: &Message, card: &CardProfile, amount: Amount) -> Result<Earlier, &'static str> {
        let code = self.code_of(request).to_owned();
        let text = request.text(61).ok_or("30")?;
        let batch = text.get(..6).and_then(|digits| digits.parse().ok());
        let stan: u32 = text.get(6..12).and_then(|digits| digits.parse().ok()).ok_or("30")?;
        let same_batch = batch == Some(self.ledger.batch);
        let original = if code == "11" && stan == 0 {
            let authorisation = request.text(38).ok_or("30")?.trim_end().to_owned();
            self.ledger.find_authorised(&authorisation, &card.account)
        } else {
            self.ledger.find(batch, stan)
        };
        let original = original.ok_or("25")?;
        // A pre-authorisation may be days old; what is settled cannot be voided any more.
        let voidable = match code.as_str() {
            "11" => original.code == "10",
            "21" => same_batch && matches!(original.code.as_str(), "20" | "24"),
            "23" => same_batch && original.code == "22",
            _ => true,
        };
        let named = |number: u8, is: &str| request.text(number).is_none_or(|text| text.trim_end() == is);
        if original.standing != Standing::Live
            || !voidable
            || !named(37, &original.reference)
            || !named(38, &original.authorisation)
        {
            return Err("12");
        }
        if original.amount != amount {
            return Err("64");
        }
        Ok((original.batch, original.stan, Standing::Voided))
    }

    /// The pre-authorisation that a completion is for: the same card, its authorisation, not more than 115 % of it.
    fn preauthorised(
        &mut self,
        request: &Message,
        card: &CardProfile,
        amount: Amount,
    ) -> Result<Earlier, &'static str> {
        let code = request.text(38).ok_or("30")?.trim_end().to_owned();
        let held = self.ledger.find_authorised(&code, &card.account).ok_or("25")?;
        if held.code != "10" || held.standing != Standing::Live {
            return Err("12");
        }
        if amount.minor.saturating_mul(100) > held.amount.minor.saturating_mul(COMPLETION_MOST) {
            return Err("61");
        }
        Ok((held.batch, held.stan, Standing::Completed))
    }

    /// A refund of a transaction that is on record may not be more than it was.
    fn refundable(&mut self, request: &Message, amount: Amount) -> Result<(), &'static str> {
        let Some(reference) = request.text(37).map(str::trim_end) else { return Ok(()) };
        let known = self.ledger.authorisations.iter().find(|known| known.reference == reference);
        match known {
            Some(known) if known.standing != Standing::Live => Err("12"),
            Some(known) if amount.minor > known.amount.minor => Err("64"),
            _ => Ok(()),
        }
    }

    /// Changes the amount of a transaction: a tip, a correction. Books nothing of its own.
    fn adjust(
        &mut self,
        request: &Message,
        card: &CardProfile,
        amount: Amount,
        now_ms: i64,
    ) -> Result<Answer, &'static str> {
        let text = request.text(61).ok_or("30")?;
        let batch = text.get(..6).and_then(|digits| digits.parse().ok());
        let stan = text.get(6..12).and_then(|digits| digits.parse().ok()).ok_or("30")?;
        if batch != Some(self.ledger.batch) {
            return Err("12");
        }
        let original = self.ledger.find(batch, stan).ok_or("25")?;
        if original.standing != Standing::Live || original.account != card.account {
            return Err("12");
        }
        let more = amount.minor - original.amount.minor;
        original.amount = amount;
        original.taken = original.taken.saturating_add(more);
        let authorisation = original.authorisation.clone();
        let account = self.account(card);
        account.balance = account.balance.saturating_sub(more);
        let own = stan_of(request).ok_or("30")?;
        self.ledger.taken.insert((self.batch_of(request), own));
        self.count();
        let mut answer = Answer::code("00");
        answer.reference = Some(self.reference(now_ms));
        answer.authorisation = Some(authorisation);
        answer.card = Some(card.clone());
        Ok(answer)
    }

    /// Field 54: account type, kind of balance, currency, sign, amount.
    fn balance_field(&mut self, card: &CardProfile) -> Vec<u8> {
        let balance = self.account(card).balance;
        let sign = if balance < 0 { 'D' } else { 'C' };
        format!("1002{:03}{sign}{:012}", Currency::CNY.numeric(), balance.unsigned_abs()).into_bytes()
    }
}

/// Does field 55 hold what a chip's own approval is told by: a TC (9F27 = 40) and Y1 in 8A?
fn has_certificate(request: &Message) -> bool {
    let data = request.get(CHIP_DATA).unwrap_or_default();
    let holds = |wanted, value: &[u8]| tlv::elements(data).any(|element| element == (Tag::new(wanted), value));
    holds(0x9F27, &[0x40]) && holds(0x8A, b"Y1")
}
