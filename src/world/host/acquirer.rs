//! The simulated acquirer: takes real bytes, checks them as a strict host does, books, and answers.

use super::chip::Heard;
use super::ledger::{Ledger, LedgerLine};
use super::reply::{Answer, Shape};
use crate::payment::amount::Amount;
use crate::payment::card::Pan;
use crate::payment::currency::Currency;
use crate::payment::iso8583::decode_error::DecodeError;
use crate::payment::iso8583::dialect::{Dialect, Mti};
use crate::payment::iso8583::field::Class;
use crate::payment::iso8583::frame::{frame_reply, unframe};
use crate::payment::iso8583::message::Message;
use crate::payment::iso8583::pack::{MAC_FIELD, pack, pack_for_mac, pack_with_mac};
use crate::payment::iso8583::response::ResponseCode;
use crate::payment::iso8583::unpack::{mac_input, unpack};
use crate::payment::keys::mac::MacAlgorithm;
use crate::payment::keys::mac_method::MacKey;
use crate::world::fault::{Fault, Faults};
use crate::world::profile::CardProfile;
use crate::world::test_keys::{CardKeys, KeyOwner, ReadyKeys};
use std::collections::VecDeque;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What the acquirer has on record about the terminal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Terminal number.
    pub terminal: String,
    /// Merchant number.
    pub merchant: String,
    /// Serial number of the PIN pad.
    pub serial: String,
}

/// What a test wants of the next message, whatever it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scripted {
    /// The reply carries these fields; the others as always.
    Reply(Vec<(u8, Vec<u8>)>),
    /// The reply comes after so many milliseconds.
    Silent(i64),
}

/// A request that could be read.
pub(super) struct Request {
    /// The message.
    pub(super) message: Arc<Message>,
    /// Its bytes, as the MAC covers them.
    pub(super) body: Vec<u8>,
}

/// What the acquirer gives back for a request.
pub(super) struct Receipt {
    /// The reply, framed; `None` where it cannot be written in the dialect.
    pub(super) reply: Option<Vec<u8>>,
    /// A reply of which the last third is missing, where a fault wants one: the frame arrives whole, the message does not.
    pub(super) garbled: Option<Vec<u8>>,
    /// True for a message that the faults of the host apply to.
    pub(super) is_financial: bool,
    /// True for a reversal.
    pub(super) is_reversal: bool,
    /// How long the test wants it to be silent.
    pub(super) silent_ms: Option<i64>,
    /// Field 39 of the reply.
    pub(super) code: Option<ResponseCode>,
    /// The card it was about.
    pub(super) card: Option<Pan>,
}

/// The acquirer, and the issuer behind it.
#[derive(Debug)]
pub struct Acquirer {
    /// How messages are written.
    pub dialect: Dialect,
    /// Whose keys it holds.
    pub owner: KeyOwner,
    /// What it has on record about the terminal.
    pub identity: Identity,
    /// What it remembers between runs.
    pub ledger: Ledger,
    /// Cards their issuers know.
    pub cards: Vec<CardProfile>,
    /// Every message that came, in order. In memory only.
    pub received: Vec<Arc<Message>>,
    /// What a test wants of the next messages, in order.
    pub scripted: VecDeque<Scripted>,
    /// Keys that were made ready for the messages before.
    pub keys: ReadyKeys,
    /// Keys of cards.
    pub card_keys: CardKeys,
    /// The chip behind the message at hand, whose cryptogram was right.
    pub(in crate::world) heard: Option<Heard>,
}

impl Acquirer {
    /// Transactions that stand and move money.
    pub fn live(&self) -> Vec<LedgerLine> {
        self.ledger.live()
    }

    /// Reads a frame, or says where it is none of the dialect.
    pub(super) fn read(&self, frame: &[u8]) -> Result<Request, DecodeError> {
        let framed = unframe(&self.dialect, frame)?;
        let message = unpack(framed.body, &self.dialect)?;
        Ok(Request { message: Arc::new(message), body: framed.body.to_vec() })
    }

    /// Takes a request and answers it. `met`: a fault was set for this very message, whatever its kind.
    pub(super) fn receive(&mut self, request: &Request, met: bool, faults: &mut Faults, now_ms: i64) -> Receipt {
        let Request { message: request, body } = request;
        self.received.push(Arc::clone(request));
        let is_reversal = self.dialect.reversal.as_ref().is_some_and(|rule| rule.mti == request.mti);
        let is_financial = met || matches!(request.mti.0 / 100, 1 | 2) || faults.has(Fault::AnyMessage) && !is_reversal;
        let mut receipt =
            Receipt { reply: None, garbled: None, is_financial, is_reversal, silent_ms: None, code: None, card: None };

        let mut overrides = Vec::new();
        match self.scripted.pop_front() {
            Some(Scripted::Reply(fields)) => overrides = fields,
            Some(Scripted::Silent(milliseconds)) => receipt.silent_ms = Some(milliseconds),
            None => {}
        }
        let by_test = overrides
            .iter()
            .find(|(number, _)| *number == 39)
            .and_then(|(_, value)| ResponseCode::parse(std::str::from_utf8(value).ok()?));
        let by_fault = |fault: &Fault| match fault {
            Fault::Reply(code) => Some(*code),
            _ => None,
        };
        let forced = match by_test {
            None if receipt.is_financial => faults.take(by_fault),
            by_test => by_test,
        };
        self.heard = None;
        let (shape, mut answer) = self.answer(request, body, forced, faults, now_ms);
        self.answer_chip(&mut answer, faults);
        receipt.card = answer.card.as_ref().map(|card| card.pan.clone());
        let mut reply = self.reply(request, shape, &answer, now_ms);
        if receipt.is_financial {
            distort(&mut reply, faults);
        }
        for (number, value) in overrides {
            // An empty value takes the field away: a host that leaves out what it should send.
            if value.is_empty() {
                reply.remove(number);
            } else {
                self.put(&mut reply, number, value);
            }
        }
        // A decline may come without a MAC; a reply that closes a reversal may not.
        let approves = self.dialect.approves(answer.code);
        let mut covered = None;
        if request.has(MAC_FIELD) && !reply.has(MAC_FIELD) && (approves || receipt.is_reversal) {
            covered = self.put_mac(&mut reply);
            if receipt.is_financial && faults.take_one(Fault::BadMac) {
                spoil_mac(&mut reply);
            }
        }
        receipt.code = reply.text(39).and_then(ResponseCode::parse);
        let body = match (covered, reply.get(MAC_FIELD)) {
            (Some(covered), Some(mac)) => pack_with_mac(covered, mac, &self.dialect),
            _ => pack(&reply, &self.dialect),
        };
        if let Ok(body) = body {
            let command = faults.take(|fault| match fault {
                Fault::HostCommand(digit) if receipt.is_financial => Some(*digit),
                _ => None,
            });
            receipt.reply = self.framed(&body, command.unwrap_or(0));
            if faults.has(Fault::Garbled) {
                receipt.garbled = body.get(..body.len() - body.len() / 3).and_then(|cut| self.framed(cut, 0));
            }
        }
        receipt
    }

    /// A reply that somebody on the line makes up: approved, and under a MAC of chance, since he has no key.
    pub(super) fn forged(&self, request: &Request, now_ms: i64) -> Option<Vec<u8>> {
        let request = &request.message;
        let is_reversal = self.dialect.reversal.as_ref().is_some_and(|rule| rule.mti == request.mti);
        let shape = match request.mti.0 / 100 {
            _ if is_reversal => Shape::Reversal,
            1 | 2 => Shape::Financial,
            _ => Shape::Management,
        };
        let code = self.dialect.approved.first().map_or_else(|| "00".to_owned(), ToString::to_string);
        let mut answer = Answer::code(&code);
        answer.authorisation = Some("000000".to_owned());
        answer.card = self.card_of(request).ok();
        let mut reply = self.reply(request, shape, &answer, now_ms);
        if request.has(MAC_FIELD) {
            self.put(&mut reply, MAC_FIELD, &b"00000000"[..]);
        }
        self.framed(&pack(&reply, &self.dialect).ok()?, 0)
    }

    /// A reply with all that goes in front of it.
    fn framed(&self, body: &[u8], host_command: u8) -> Option<Vec<u8>> {
        frame_reply(&self.dialect, body, host_command).ok().map(|frame| frame.to_vec())
    }

    fn answer(
        &mut self,
        request: &Message,
        body: &[u8],
        forced: Option<ResponseCode>,
        faults: &mut Faults,
        now_ms: i64,
    ) -> (Shape, Answer) {
        self.go_to_batch(request);
        self.note_end_of_upload(request);
        let is_reversal = self.dialect.reversal.as_ref().is_some_and(|rule| rule.mti == request.mti);
        let shape = match request.mti.0 / 100 {
            _ if is_reversal => Shape::Reversal,
            1 | 2 => Shape::Financial,
            3 | 5 => Shape::Settling,
            6 => Shape::ScriptResult,
            _ => Shape::Management,
        };
        // A code that somebody wants is given without a look at the request; only an approval is worked for.
        if let Some(code) = forced.filter(|code| !self.dialect.approves(*code)) {
            let mut answer = self.refusal(request, &code.to_string());
            answer.card = self.card_of(request).ok();
            if let (Shape::Financial, Some(card)) = (shape, &answer.card) {
                self.heard = self.hear_chip(request, card).unwrap_or_default();
            }
            self.remember_declined(request, shape);
            return (shape, answer);
        }
        let answered = self.check(request, body, shape, faults).and_then(|()| match shape {
            Shape::Reversal => self.reverse(request, faults),
            Shape::Financial => self.authorise(request, faults, now_ms),
            Shape::Settling => self.settle(request, faults),
            Shape::ScriptResult => self.script_result(request),
            Shape::Management if request.mti == Mti(800) => Ok(self.sign_in(request, faults)),
            Shape::Management => Ok(self.manage(request)),
        });
        let mut answer = answered.unwrap_or_else(|code| self.refusal(request, code));
        if answer.card.is_none() && !matches!(shape, Shape::Management | Shape::Settling) {
            answer.card = self.card_of(request).ok();
        }
        if self.dialect.approves(answer.code) {
            answer.code = forced.unwrap_or(answer.code);
        } else {
            self.remember_declined(request, shape);
        }
        (shape, answer)
    }

    /// What a strict host checks before it looks at what is asked.
    fn check(&self, request: &Message, body: &[u8], shape: Shape, faults: &Faults) -> Result<(), &'static str> {
        let rule = self.dialect.rule(request.mti, request.text(3));
        if rule.is_none() && shape == Shape::Financial {
            return Err("40");
        }
        if let Some(rule) = rule
            && rule.needed.iter().any(|number| number != MAC_FIELD && !request.has(number))
        {
            return Err("30");
        }
        if request.text(41) != Some(self.identity.terminal.as_str()) || faults.has(Fault::TerminalUnknown) {
            return Err("97");
        }
        let merchant = request.text(42).unwrap_or(&self.identity.merchant);
        if merchant != self.identity.merchant || faults.has(Fault::MerchantUnknown) {
            return Err("03");
        }
        if shape == Shape::Management {
            return Ok(());
        }
        // A terminal whose keys are gone can still say what its books come to; only its batch must be the right one.
        let needs_sign_in = shape != Shape::Settling;
        if needs_sign_in && !self.ledger.signed_in
            || self.batch_of(request).is_some_and(|batch| batch != self.ledger.batch)
        {
            return Err("77");
        }
        let needs_mac = self.dialect.mac.is_some()
            && (rule.is_some_and(|rule| rule.mac) || shape == Shape::Reversal && request.has(MAC_FIELD));
        if needs_mac && !self.mac_is_right(request, body) {
            return Err("A0");
        }
        Ok(())
    }

    /// A number is used once, whatever came of it.
    fn remember_declined(&mut self, request: &Message, shape: Shape) {
        // A notice that was refused is not sent again, and one that has to wait is: its number stays good.
        let counts = shape == Shape::Financial && request.mti.0 / 10 % 10 != 2;
        let Some(stan) = stan_of(request).filter(|_| counts) else {
            return;
        };
        let batch = self.batch_of(request);
        if !self.ledger.has_seen(batch, stan) {
            self.ledger.declined.insert((batch, stan));
        }
    }

    /// The batch in field 60, where that field is laid out as in China: type, batch, network code.
    pub(super) fn batch_of(&self, request: &Message) -> Option<u32> {
        let is_laid_out = self.dialect.field(60).is_some_and(|field| field.class == Class::Digits);
        let text = request.text(60).filter(|_| is_laid_out)?;
        text.get(2..8)?.parse().ok()
    }

    /// Field 60.1: what kind of transaction it is; empty where the field is not laid out as in China.
    pub(super) fn code_of<'m>(&self, request: &'m Message) -> &'m str {
        let is_laid_out = self.dialect.field(60).is_some_and(|field| field.class == Class::Digits);
        request.text(60).filter(|_| is_laid_out).and_then(|text| text.get(..2)).unwrap_or("")
    }

    /// The MAC key in use, ready for this algorithm.
    fn mac_key(&self, algorithm: MacAlgorithm) -> Option<Arc<MacKey>> {
        self.keys.mac(algorithm, &self.owner, self.ledger.generation, self.ledger.key_layout())
    }

    fn mac_is_right(&self, request: &Message, body: &[u8]) -> bool {
        let Some(key) = self.dialect.mac.and_then(|algorithm| self.mac_key(algorithm)) else {
            return false;
        };
        let (Some(data), Some(found)) = (mac_input(body, request, &self.dialect), request.get(MAC_FIELD)) else {
            return false;
        };
        key.verify(data, found)
    }

    /// Puts the MAC in. Gives what it was computed over.
    fn put_mac(&self, reply: &mut Message) -> Option<Zeroizing<Vec<u8>>> {
        let key = self.dialect.mac.and_then(|algorithm| self.mac_key(algorithm))?;
        let data = pack_for_mac(reply, &self.dialect).ok()?;
        self.put(reply, MAC_FIELD, key.compute(&data).as_bytes());
        Some(data)
    }

    pub(super) fn count(&mut self) {
        self.ledger.sequence = self.ledger.sequence.wrapping_add(1);
    }
}

pub(super) fn stan_of(message: &Message) -> Option<u32> {
    message.text(11).and_then(|text| text.parse().ok())
}

/// 12 for a currency the acquirer does not take, 13 for an amount that is none.
pub(super) fn amount_of(message: &Message) -> Result<Amount, &'static str> {
    if message.text(49).is_some_and(|currency| !matches!(currency, "156" | "CNY")) {
        return Err("12");
    }
    let minor: i64 = message.text(4).and_then(|text| text.parse().ok()).ok_or("13")?;
    if minor > 0 { Ok(Amount::new(minor, Currency::CNY)) } else { Err("13") }
}

/// Right MAC, wrong content: what a reply to another request looks like.
fn distort(reply: &mut Message, faults: &mut Faults) {
    if reply.has(11) && faults.take_one(Fault::WrongStan) {
        let stan = stan_of(reply).unwrap_or(0) % 999_999 + 1;
        reply.set(11, format!("{stan:06}"));
    }
    if let Some(minor) = reply.text(4).and_then(|text| text.parse::<u64>().ok())
        && faults.take_one(Fault::WrongAmount)
    {
        reply.set(4, format!("{:012}", (minor + 1) % 1_000_000_000_000));
    }
    if reply.has(41) && faults.take_one(Fault::WrongTerminal) {
        reply.set(41, "99999999");
    }
    if faults.take_one(Fault::NoResponseCode) {
        reply.remove(39);
    }
}

fn spoil_mac(reply: &mut Message) {
    if let Some(found) = reply.get(MAC_FIELD) {
        let mut mac = found.to_vec();
        if let Some(first) = mac.first_mut() {
            // Another hexadecimal digit, so that the MAC is wrong but well formed.
            *first = if *first == b'0' { b'1' } else { b'0' };
        }
        reply.set(MAC_FIELD, mac);
    }
}
