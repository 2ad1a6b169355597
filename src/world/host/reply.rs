//! What a reply carries.

use super::acquirer::Acquirer;
use crate::payment::iso8583::dialect::FieldSet;
use crate::payment::iso8583::message::Message;
use crate::payment::iso8583::number::digits;
use crate::payment::iso8583::response::ResponseCode;
use crate::world::port::calendar::Moment;
use crate::world::profile::{AccountKind, CardProfile, Flag};

/// Who acquires: field 32, and half of field 44.
const ACQUIRER: &str = "48981000";
/// Fields that come back as they were sent, whatever the rules of a message say.
const ECHOED: [u8; 9] = [3, 4, 11, 25, 41, 42, 49, 53, 60];

/// What a reply is made of, besides the request.
pub(super) struct Answer {
    /// Field 39.
    pub(super) code: ResponseCode,
    /// The card, where one was recognised.
    pub(super) card: Option<CardProfile>,
    /// Reference number.
    pub(super) reference: Option<String>,
    /// Authorisation code.
    pub(super) authorisation: Option<String>,
    /// Fields that only this reply has.
    pub(super) fields: Vec<(u8, Vec<u8>)>,
}

impl Answer {
    /// A code and nothing else.
    pub(super) fn code(code: &str) -> Answer {
        Answer {
            // INVARIANT: every caller writes two letters or digits; 96 is what a host says of itself otherwise.
            code: ResponseCode::parse(code).unwrap_or(ResponseCode(*b"96")),
            card: None,
            reference: None,
            authorisation: None,
            fields: Vec::new(),
        }
    }
}

/// Which kind of reply it is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// Sale, inquiry and the like.
    Financial,
    /// The reply to a reversal.
    Reversal,
    /// Sign-in, sign-off, echo, parameters.
    Management,
    /// Settlement and batch upload: without MAC, but of a batch.
    Settling,
    /// The result of an issuer's script.
    ScriptResult,
}

impl Acquirer {
    /// The reply without its MAC.
    pub(super) fn reply(&self, request: &Message, shape: Shape, answer: &Answer, now_ms: i64) -> Message {
        let mut reply = Message::new(request.mti.reply());
        let rule = self.dialect.rule(request.mti, request.text(3));
        let declared = rule.map_or(FieldSet::default(), |rule| FieldSet(rule.echoed.0 | rule.match_key.0));
        for number in ECHOED.into_iter().chain(declared.iter()) {
            if let Some(value) = request.get(number) {
                self.put(&mut reply, number, value);
            }
        }
        let Moment { month, day, hour, minute, second, .. } = Moment::from_ms(now_ms);
        let pairs = |of: &[u8]| of.iter().fold(0, |all, pair| all * 100 + u64::from(*pair));
        let (time, date) = (digits::<6>(pairs(&[hour, minute, second])), digits::<4>(pairs(&[month, day])));
        self.put(&mut reply, 12, time);
        self.put(&mut reply, 13, date);
        // The result of a settlement stands in field 48 only.
        if request.mti.0 / 100 != 5 {
            self.put(&mut reply, 39, answer.code.0);
        }
        let is_echo = shape == Shape::Management && !request.has(11);
        if !is_echo {
            self.put(&mut reply, 32, ACQUIRER);
            let reference = answer.reference.clone().unwrap_or_else(|| self.reference(now_ms));
            self.put(&mut reply, 37, reference);
        }
        if request.mti.0 / 100 == 5 {
            self.put(&mut reply, 15, date);
        }
        if !matches!(shape, Shape::Management | Shape::Settling) {
            // Nothing is settled for a question.
            if !is_inquiry(request) {
                self.put(&mut reply, 15, date);
            }
            self.card_fields(&mut reply, request, answer, shape);
        }
        for (number, value) in &answer.fields {
            self.put(&mut reply, *number, value.as_slice());
        }
        reply
    }

    fn card_fields(&self, reply: &mut Message, request: &Message, answer: &Answer, shape: Shape) {
        let Some(card) = &answer.card else { return };
        self.put(reply, 2, card.pan.clear_digits());
        self.put(reply, 14, card.expiry.clear_digits());
        // Each has eleven places.
        self.put(reply, 44, [issuer(card), "   ", ACQUIRER, "   "].concat());
        if let Some(authorisation) = &answer.authorisation {
            self.put(reply, 38, authorisation.as_str());
        }
        if shape == Shape::Financial && !is_inquiry(request) {
            let organisation = if card.has(Flag::Foreign) { "VIS" } else { "CUP" };
            self.put(reply, 63, organisation);
        }
    }

    /// Puts a field in, if the dialect has it.
    pub(super) fn put(&self, reply: &mut Message, number: u8, value: impl AsRef<[u8]>) {
        if self.dialect.field(number).is_some() {
            reply.set(number, value);
        }
    }

    /// A reference number of twelve digits: day, hour, and the host's count.
    pub(super) fn reference(&self, now_ms: i64) -> String {
        let Moment { month, day, hour, .. } = Moment::from_ms(now_ms);
        let time = [month, day, hour].iter().fold(0, |all, pair| all * 100 + u64::from(*pair));
        let number = time * 1_000_000 + u64::from(self.ledger.sequence % 1_000_000);
        digits::<12>(number).into_iter().map(char::from).collect()
    }
}

/// Who issued the card: a made-up number of eight digits.
fn issuer(card: &CardProfile) -> &'static str {
    match card.kind {
        _ if card.has(Flag::Foreign) => "99990000",
        AccountKind::Debit => "62990001",
        AccountKind::Credit => "62990002",
        AccountKind::Prepaid => "62990003",
    }
}

fn is_inquiry(request: &Message) -> bool {
    request.text(3).is_some_and(|code| code.starts_with("31"))
}
