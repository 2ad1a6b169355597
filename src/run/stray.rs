//! Messages that came and are not the answer: why each is not, and which comes closest.

use crate::payment::iso8583::describe::{Wording, describe};
use crate::payment::iso8583::dialect::{Dialect, FieldSet};
use crate::payment::iso8583::frame::unframe;
use crate::payment::iso8583::message::Message;
use crate::payment::iso8583::unpack::unpack;
use crate::run::happening::{Happening, Sentence, shown_fields};
use crate::run::message_words;
use crate::script_error::catalogue::network;
use crate::script_error::code::Fact;
use crate::script_error::words::Said;
use crate::world::port::failure::Failure;
use crate::world::port::host_link::LinkNote;

/// A message that does not match its request: its type or a field of the match key is another.
#[derive(Clone, Debug)]
pub(super) struct NearMiss {
    /// Its type, four digits.
    message: String,
    /// The fields that differ, 0 for the message type; at least one.
    pub(super) differs: Vec<u8>,
    /// What about the first of them, in words that go on in a sentence.
    pub(super) why: Said,
}

/// Why a message is not the answer to the request; `None` if it is.
pub(super) fn near_miss(
    request: &Message,
    reply: &Message,
    match_key: FieldSet,
    dialect: &Dialect,
) -> Option<NearMiss> {
    let wrong_type = (reply.mti != request.mti.reply()).then_some(0);
    // A field that neither has cannot tell two replies apart, and none is wrong by it.
    let fields = match_key.iter().filter(|number| reply.get(*number) != request.get(*number));
    let differs: Vec<u8> = wrong_type.into_iter().chain(fields).collect();
    let first = *differs.first()?;
    let why = match (first, reply.has(first)) {
        (0, _) => Said::new(
            format!("报文类型应为 {}", request.mti.reply()),
            format!("its type should be {}", request.mti.reply()),
        ),
        (number, false) => {
            Said::new(format!("缺少匹配域第 {number} 域"), format!("it lacks F{number} of the match key"))
        }
        (number, true) => {
            let of = |message, wording| shown(message, number, dialect, wording);
            Said::new(
                format!("第 {number} 域为 {}，请求为 {}", of(reply, Wording::Zh), of(request, Wording::Zh)),
                format!("F{number} is {}, not {}", of(reply, Wording::En), of(request, Wording::En)),
            )
        }
    };
    Some(NearMiss { message: reply.mti.to_string(), differs, why })
}

/// What may be shown of one field.
fn shown(message: &Message, number: u8, dialect: &Dialect, wording: Wording) -> String {
    let fields = describe(message, dialect, wording);
    let none = || if wording == Wording::Zh { "无" } else { "none" }.to_owned();
    fields.into_iter().find(|field| field.number == number).map_or_else(none, |field| field.shown)
}

/// What came while a reply was waited for: how many messages, and the one that is most like the answer.
#[derive(Debug, Default)]
pub(super) struct Arrived {
    count: i64,
    closest: Option<NearMiss>,
}

impl Arrived {
    /// One more that was not the answer.
    pub(super) fn push(&mut self, miss: NearMiss) {
        self.count += 1;
        if self.closest.as_ref().is_none_or(|closest| miss.differs.len() < closest.differs.len()) {
            self.closest = Some(miss);
        }
    }

    /// How many.
    pub(super) fn count(&self) -> i64 {
        self.count
    }

    /// The time-out of a request, with what came instead. `detail` is what the line knows.
    pub(super) fn timeout(self, message: String, within_ms: i64, detail: Option<Said>) -> Failure {
        let failure = Failure::new(network::TIMEOUT).fact("after", Fact::Duration(within_ms)).text("message", message);
        let nothing = || Said::new("没有收到任何字节", "not a byte came back");
        let arrived = match (self.closest, self.count) {
            (None, _) => detail.unwrap_or_else(nothing),
            (Some(NearMiss { message, why, .. }), 1) => Said::new(
                format!("收到一个报文，但不匹配：{message} {}", why.zh),
                format!("one message came and did not match: {message}, {}", why.en),
            ),
            (Some(NearMiss { message, why, .. }), count) => Said::new(
                format!("收到 {count} 个报文，都不匹配；最接近的是 {message}：{}", why.zh),
                format!("{count} messages came and none matched; the closest is {message}: {}", why.en),
            ),
        };
        failure.fact("arrived", Fact::Said(arrived))
    }
}

/// What a note of the line shows.
pub(super) fn of_note(note: LinkNote, dialect: &Dialect) -> Happening {
    match note {
        LinkNote::Unreachable { address, why } => Happening::Unreachable { address, why: Sentence::from(&why) },
        LinkNote::Backup { address } => Happening::Backup { address },
        LinkNote::Stray { frame, answered } => {
            let why = if answered {
                Said::new("请求已有应答，这一个不采用", "the request has its answer; this one is not used")
            } else {
                Said::new("迟到的应答，不采用", "it came too late and is not used")
            };
            let read = unframe(dialect, &frame).and_then(|framed| unpack(framed.body, dialect));
            match read {
                Ok(message) => Happening::Stray {
                    mti: Some(message.mti.0),
                    why: Sentence::from(&why),
                    fields: shown_fields(&message, dialect),
                },
                Err(error) => {
                    let detail = message_words::of_unpack(&error);
                    let why = Said::new(format!("{}；{}", why.zh, detail.zh), format!("{}; {}", why.en, detail.en));
                    Happening::Stray { mti: None, why: Sentence::from(&why), fields: Vec::new() }
                }
            }
        }
    }
}
