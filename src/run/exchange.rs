//! One request to the host and its reply: packed, authenticated, sent, matched, verified.

use crate::payment::iso8583::canonical::make_canonical;
use crate::payment::iso8583::dialect::{Dialect, FieldSet, MessageRule, Mti};
use crate::payment::iso8583::frame;
use crate::payment::iso8583::message::Message;
use crate::payment::iso8583::pack::{MAC_FIELD, pack, pack_for_mac, pack_with_mac};
use crate::payment::iso8583::response::ResponseCode;
use crate::payment::iso8583::unpack::{mac_input, unpack};
use crate::run::happening::{Happening, Sentence, shown_fields};
use crate::run::message_words;
use crate::run::stray::{self, Arrived};
use crate::script_error::catalogue::{keys, limits, network};
use crate::script_error::code::Fact;
use crate::script_error::words::Said;
use crate::world::port::failure::Failure;
use crate::world::port::host_link::LinkFailure;
use crate::world::port::ports::Ports;

/// Field 39.
pub const RESPONSE_CODE: u8 = 39;
/// Field 3.
const PROCESSING_CODE: u8 = 3;
/// Field 4.
const AMOUNT: u8 = 4;
/// A part of the amount is approved: the reply's field 4 is smaller than the request's.
pub const PARTLY_APPROVED: ResponseCode = ResponseCode(*b"10");
/// The place in field 60 where a terminal says that it takes a part of the amount: 60.6.
const ALLOWS_PART: usize = 13;
/// Fields a reply is matched by where the dialect says nothing: trace number and terminal.
const MATCH_KEY: [u8; 2] = [11, 41];

/// Messages that are not the answer before waiting for it is given up: whoever sends more is no host.
const STRAYS_MOST: i64 = 256;

/// What an exchange needs to know about its request.
struct Expected<'d> {
    rule: Option<&'d MessageRule>,
    mac: bool,
    match_key: FieldSet,
    echoed: FieldSet,
    reply_needed: FieldSet,
    dialect: &'d Dialect,
}

impl<'d> Expected<'d> {
    fn of(request: &Message, dialect: &'d Dialect) -> Expected<'d> {
        let rule = dialect.rule(request.mti, request.text(PROCESSING_CODE));
        match rule {
            Some(rule) => Expected {
                rule: Some(rule),
                mac: rule.mac && dialect.mac.is_some(),
                match_key: rule.match_key,
                echoed: rule.echoed,
                reply_needed: rule.reply_needed,
                dialect,
            },
            None => Expected {
                rule: None,
                mac: dialect.mac.is_some(),
                match_key: MATCH_KEY.into_iter().collect(),
                echoed: MATCH_KEY.into_iter().collect(),
                reply_needed: [RESPONSE_CODE].into_iter().collect(),
                dialect,
            },
        }
    }
}

impl Expected<'_> {
    /// What its request is called.
    fn name(&self) -> Sentence {
        match self.rule {
            Some(rule) => Sentence { zh: rule.zh.clone(), en: rule.en.clone() },
            None => Sentence { zh: "冲正".into(), en: "Reversal".into() },
        }
    }
}

/// Sends a request and gives the reply that answers it.
///
/// A message of another type or match key is not the answer: it is shown, and waiting goes on. A reply is given out only
/// if its echoed fields are right, and, where it says approved and the dialect asks for a MAC, its MAC and the fields an
/// approval must have. The order of the checks is that of deployed terminals: message type, processing code, trace
/// number, terminal, merchant, amount, MAC, field 39.
pub fn exchange(
    ports: &mut Ports,
    dialect: &Dialect,
    mut request: Message,
    within_ms: i64,
    watch: &mut dyn FnMut(Happening),
) -> Result<Message, Failure> {
    let expected = Expected::of(&request, dialect);
    let covered = match (expected.mac, dialect.mac) {
        (true, Some(algorithm)) => {
            let covered = pack_for_mac(&request, dialect).map_err(|error| does_not_fit(&error))?;
            let mac = ports.pin_pad.mac(algorithm, &covered)?;
            request.set(MAC_FIELD, mac.as_slice());
            Some((covered, mac))
        }
        _ => None,
    };
    // Compared in the form the host reads: `100` and `000000000100` are one amount.
    make_canonical(&mut request, dialect).map_err(|error| does_not_fit(&error))?;
    let body = match covered {
        Some((covered, mac)) => pack_with_mac(covered, mac.as_slice(), dialect),
        None => pack(&request, dialect),
    };
    let body = body.map_err(|error| does_not_fit(&error))?;
    let bytes = frame::frame(dialect, &body, 0).map_err(|error| does_not_fit(&error))?;
    let fields_of = if ports.is_watched { shown_fields } else { |_: &Message, _: &Dialect| Vec::new() };
    // Where nobody watches, nobody reads what it is called.
    let name = if ports.is_watched { expected.name() } else { Sentence { zh: String::new(), en: String::new() } };
    watch(Happening::Sent { mti: request.mti.0, name, fields: fields_of(&request, dialect) });
    let mut waited = ports.host.exchange(&bytes, within_ms);
    // Earlier lines, and addresses that were tried first.
    for note in ports.host.notes() {
        watch(stray::of_note(note, dialect));
    }
    let (mut after_ms, mut answered, mut arrived) = (0, false, Arrived::default());
    let mut host_command = 0;
    let checked = loop {
        ports.clock.elapse(waited.after_ms);
        after_ms += waited.after_ms;
        let bytes = match waited.result {
            Ok(bytes) => bytes,
            Err(failure) => break Err(no_reply(ports, failure, &request, within_ms, arrived)),
        };
        let (reply, body, command) = match read(dialect, &bytes) {
            Ok(read) => read,
            Err(failure) => break Err(failure),
        };
        let Some(miss) = stray::near_miss(&request, &reply, expected.match_key, dialect) else {
            (answered, host_command) = (true, command);
            break check(ports, &expected, &request, reply, body);
        };
        watch(Happening::Stray {
            mti: Some(reply.mti.0),
            why: Sentence::from(&miss.why),
            fields: fields_of(&reply, dialect),
        });
        arrived.push(miss);
        if after_ms >= within_ms || arrived.count() >= STRAYS_MOST {
            break Err(no_reply(ports, LinkFailure::Timeout, &request, within_ms, arrived));
        }
        waited = ports.host.more(within_ms - after_ms);
    };
    ports.host.over(answered);
    match &checked {
        Ok(reply) => {
            watch(Happening::Received { mti: reply.mti.0, fields: fields_of(reply, dialect), after_ms });
            // A reply that is not believed commands nothing.
            if host_command > 0 {
                watch(Happening::HostCommand { digit: host_command });
            }
        }
        Err(failure) => watch(Happening::NoReply { code: failure.code.to_string(), after_ms }),
    }
    for note in ports.host.notes() {
        watch(stray::of_note(note, dialect));
    }
    checked
}

/// Why there is no reply, with what is known of it.
fn no_reply(ports: &mut Ports, failure: LinkFailure, request: &Message, within_ms: i64, arrived: Arrived) -> Failure {
    let detail = ports.host.detail();
    match failure {
        LinkFailure::NoLine => {
            let unknown = || Said::new("连接未建立", "No connection was made");
            Failure::new(network::NO_LINE).fact("reason", Fact::Said(detail.unwrap_or_else(unknown)))
        }
        LinkFailure::Timeout => arrived.timeout(request.mti.to_string(), within_ms, detail),
        LinkFailure::Dropped => {
            let unknown = || Said::new("连接中断", "the connection broke");
            Failure::new(network::LINE_DROPPED).fact("detail", Fact::Said(detail.unwrap_or_else(unknown)))
        }
    }
}

/// A frame as a message, its bytes, and what its header asks for; `T5103` where it is none.
fn read<'b>(dialect: &Dialect, bytes: &'b [u8]) -> Result<(Message, &'b [u8], u8), Failure> {
    let garbled =
        |error| Failure::new(network::GARBLED_REPLY).fact("detail", Fact::Said(message_words::of_unpack(&error)));
    let framed = frame::unframe(dialect, bytes).map_err(garbled)?;
    let reply = unpack(framed.body, dialect).map_err(garbled)?;
    Ok((reply, framed.body, framed.host_command))
}

/// Checks a reply that matches its request.
fn check(
    ports: &mut Ports,
    expected: &Expected<'_>,
    request: &Message,
    reply: Message,
    body: &[u8],
) -> Result<Message, Failure> {
    let dialect = expected.dialect;
    let mismatch = |field| Failure::new(network::REPLY_MISMATCH).fact("field", Fact::Field(field));
    let code = reply.text(RESPONSE_CODE).and_then(ResponseCode::parse);
    let approved = code.is_some_and(|code| dialect.approves(code));
    let part = code == Some(PARTLY_APPROVED) && is_part(request, &reply);
    let changed = |number: &u8| match (reply.get(*number), request.get(*number)) {
        (Some(_), Some(_)) if part && *number == AMOUNT => false,
        (Some(came), Some(sent)) => came != sent,
        _ => false,
    };
    if let Some(number) = expected.echoed.iter().find(changed) {
        return Err(mismatch(number));
    }
    let incomplete = |field| Failure::new(network::REPLY_INCOMPLETE).fact("field", Fact::Field(field));
    if code.is_none() && expected.reply_needed.contains(RESPONSE_CODE) {
        return Err(incomplete(RESPONSE_CODE));
    }
    let reversal = dialect.reversal.as_ref().filter(|rule| rule.mti == request.mti);
    let closes = reversal.is_some_and(|rule| code.is_some_and(|code| rule.accepted.contains(&code)));
    if expected.mac && (approved || closes) {
        verify(ports, dialect, &reply, body)?;
    }
    if approved
        && let Some(number) = expected.reply_needed.iter().find(|number| *number != MAC_FIELD && !reply.has(*number))
    {
        return Err(incomplete(number));
    }
    Ok(reply)
}

/// Was a part of the amount approved, as the request allowed?
fn is_part(request: &Message, reply: &Message) -> bool {
    let amount = |message: &Message| message.text(AMOUNT).and_then(|digits| digits.parse::<u64>().ok());
    let allows = request.text(60).and_then(|digits| digits.as_bytes().get(ALLOWS_PART)) == Some(&b'1');
    let (Some(asked), Some(approved)) = (amount(request), amount(reply)) else { return false };
    allows && (1..asked).contains(&approved)
}

/// Verifies the MAC over the bytes as they came.
fn verify(ports: &mut Ports, dialect: &Dialect, reply: &Message, body: &[u8]) -> Result<(), Failure> {
    let (Some(algorithm), Some(mac), Some(covered)) =
        (dialect.mac, reply.get(MAC_FIELD), mac_input(body, reply, dialect))
    else {
        return Err(Failure::new(keys::BAD_MAC));
    };
    match ports.pin_pad.verify_mac(algorithm, covered, mac) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Failure::new(keys::BAD_MAC)),
        // Without keys a request cannot leave, so T4001 says that nothing was sent. This one has left: all that is known
        // is that its reply cannot be believed.
        Err(failure) if failure.code == keys::NOT_SIGNED_IN => Err(Failure::new(keys::BAD_MAC)),
        Err(failure) => Err(failure),
    }
}

/// The rule for a request, for those who decide before it is sent.
pub fn rule_of<'d>(dialect: &'d Dialect, request: &Message) -> Option<&'d MessageRule> {
    dialect.rule(request.mti, request.text(PROCESSING_CODE))
}

/// True for the sign-in: it must get through even while a reversal cannot, as it is what makes the keys right again.
pub fn is_sign_in(mti: Mti) -> bool {
    mti == Mti(800)
}

/// A message that cannot be packed.
pub(super) fn does_not_fit(error: &crate::payment::iso8583::pack_error::PackError) -> Failure {
    Failure::new(limits::FIELD_DOES_NOT_FIT)
        .fact("field", Fact::Field(error.field().unwrap_or(0)))
        .fact("detail", Fact::Said(message_words::of_pack(error)))
}
