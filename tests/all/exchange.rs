//! What the terminal believes of the host: which replies answer a request, and which close a reversal.

use std::cell::RefCell;
use std::rc::Rc;
use tillscript::payment::iso8583::dialect::{Dialect, Mti};
use tillscript::payment::iso8583::frame::{frame_reply, unframe};
use tillscript::payment::iso8583::message::Message;
use tillscript::payment::iso8583::pack::pack;
use tillscript::payment::iso8583::unpack::unpack;
use tillscript::run::exchange::exchange;
use tillscript::run::program::build_text;
use tillscript::run::world::dialect_of;
use tillscript::script_error::code::Fact;
use tillscript::script_error::fill::said;
use tillscript::world::port::failure::Failure;
use tillscript::world::port::host_link::{HostLink, LinkFailure};
use tillscript::world::port::waited::Waited;
use tillscript::world::simulation::{Setup, Simulation};

/// What a host makes of a request; `None`: it keeps silent.
pub(super) type Answer = Box<dyn FnMut(&Message) -> Option<Message>>;

/// A host that answers as a test wants it to, and keeps what it was asked.
pub(super) struct Obliging {
    dialect: Dialect,
    answer: Answer,
    /// What came, in order.
    pub(super) asked: Rc<RefCell<Vec<Message>>>,
}

impl Obliging {
    /// A host of a dialect.
    pub(super) fn new(dialect: &Dialect, answer: impl FnMut(&Message) -> Option<Message> + 'static) -> Obliging {
        Obliging { dialect: dialect.clone(), answer: Box::new(answer), asked: Rc::default() }
    }
}

impl HostLink for Obliging {
    fn exchange(&mut self, bytes: &[u8], within_ms: i64) -> Waited<Result<Vec<u8>, LinkFailure>> {
        let framed = unframe(&self.dialect, bytes).expect("a frame");
        let request = unpack(framed.body, &self.dialect).expect("a message");
        let reply = (self.answer)(&request);
        self.asked.borrow_mut().push(request);
        let Some(reply) = reply else {
            return Waited::new(within_ms, Err(LinkFailure::Timeout));
        };
        let body = pack(&reply, &self.dialect).expect("a reply");
        Waited::new(10, Ok(frame_reply(&self.dialect, &body, 0).expect("a frame").to_vec()))
    }
}

/// The reply that repeats these fields of its request, with this response code.
pub(super) fn reply(request: &Message, repeated: &[u8], code: &str) -> Message {
    let mut reply = Message::new(request.mti.reply());
    for number in repeated {
        if let Some(value) = request.get(*number) {
            reply.set(*number, value);
        }
    }
    reply.set(39, code.as_bytes());
    reply
}

/// A dialect of the library.
pub(super) fn dialect(name: &str) -> Dialect {
    let text = format!("import {name}.dialect\npub flow f() -> Outcome {{\n  return done\n}}\n");
    let program = build_text("case.till", &text).program.expect("it builds");
    dialect_of(&program).expect("a dialect")
}

/// Asks a host once; a sale of 100.00 in a dialect without MAC.
fn asked(answer: impl FnMut(&Message) -> Option<Message> + 'static) -> Result<Message, Failure> {
    let dialect = dialect("iso1987");
    let mut simulation = Simulation::start(Setup::new(dialect.clone())).expect("a world");
    simulation.ports.host = Box::new(Obliging::new(&dialect, answer));
    let mut request = Message::new(Mti(200));
    for (number, value) in
        [(3, "000000"), (4, "000000010000"), (11, "000007"), (41, "10000007"), (42, "123456789012345"), (49, "156")]
    {
        request.set(number, value.as_bytes());
    }
    exchange(&mut simulation.ports, &dialect, request, 60_000, &mut |_| {})
}

fn refused(answer: impl FnMut(&Message) -> Option<Message> + 'static) -> (&'static str, Option<u8>) {
    let failure = asked(answer).expect_err("it is not believed");
    let field = failure.facts.iter().find_map(|(_, fact)| match fact {
        Fact::Field(number) => Some(*number),
        _ => None,
    });
    (failure.code.0, field)
}

#[test]
fn a_reply_that_repeats_everything_is_believed() {
    let all = [3, 4, 11, 41, 42, 49];
    assert_eq!(asked(move |request| Some(reply(request, &all, "00"))).expect("a reply").text(39), Some("00"));
    // What a reply leaves out it cannot contradict, unless an approval needs it.
    assert!(asked(|request| Some(reply(request, &[3, 4, 11, 41], "00"))).is_ok());
    assert!(asked(|request| Some(reply(request, &[11, 41], "51"))).is_ok(), "a decline needs no amount");
}

#[test]
fn a_reply_with_another_amount_is_no_reply() {
    for (number, other) in [(4, "000000001000"), (42, "543210987654321"), (49, "840")] {
        let changed = move |request: &Message| {
            let mut reply = reply(request, &[3, 4, 11, 41, 42, 49], "00");
            reply.set(number, other.as_bytes());
            Some(reply)
        };
        assert_eq!(refused(changed), ("T5104", Some(number)));
    }
}

/// What a time-out says of the messages that came: how many, which was the closest, and in what it differs.
fn near_misses(answer: impl FnMut(&Message) -> Option<Message> + 'static) -> String {
    let failure = asked(answer).expect_err("it is no answer");
    assert_eq!(failure.code.0, "T5101");
    let fact = |wanted| {
        let found = failure.facts.iter().find(|(name, _)| *name == wanted);
        found.map(|(_, fact)| said(fact).en).unwrap_or_default()
    };
    fact("arrived")
}

#[test]
fn a_message_that_does_not_match_is_no_answer_and_the_time_out_names_it() {
    let all = [3, 4, 11, 41, 42, 49];
    let other_stan = move |request: &Message| {
        let mut reply = reply(request, &all, "00");
        reply.set(11, "000008");
        Some(reply)
    };
    assert_eq!(near_misses(other_stan), "one message came and did not match: 0210, F11 is 000008, not 000007");
    let without_terminal = |request: &Message| Some(reply(request, &[3, 4, 11], "00"));
    assert_eq!(
        near_misses(without_terminal),
        "one message came and did not match: 0210, it lacks F41 of the match key"
    );
    let other_type = move |request: &Message| {
        let mut reply = reply(request, &all, "00");
        reply.mti = Mti(230);
        Some(reply)
    };
    assert_eq!(near_misses(other_type), "one message came and did not match: 0230, its type should be 0210");
    assert_eq!(near_misses(|_| None), "not a byte came back");
}

#[test]
fn an_approval_has_to_be_whole() {
    assert_eq!(refused(|request| Some(reply(request, &[4, 11, 41], "00"))), ("T5105", Some(3)));
    assert_eq!(refused(|request| Some(reply(request, &[3, 11, 41], "00"))), ("T5105", Some(4)));
    let without_code = |request: &Message| {
        let mut reply = reply(request, &[3, 4, 11, 41], "00");
        reply.remove(39);
        Some(reply)
    };
    assert_eq!(refused(without_code), ("T5105", Some(39)));
}

#[test]
fn silence_is_a_time_out() {
    assert_eq!(refused(|_| None).0, "T5101");
}
