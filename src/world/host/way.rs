//! What can happen to a message between terminal and host, on the simulated line.

use super::acquirer::Acquirer;
use super::delivery::deliver;
use crate::payment::iso8583::dialect::{Dialect, Mti};
use crate::payment::iso8583::frame::unframe;
use crate::payment::iso8583::message::Message;
use crate::payment::iso8583::response::ResponseCode;
use crate::world::fault::Faults;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use zeroize::Zeroizing;

/// What happens to one message, or to its reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the table of the faults says what each does")]
pub enum Way {
    LostRequest,
    DoubledRequest,
    RepeatedLater,
    DelayedRequest,
    StrandedRequest,
    DoubledReply,
    ReplyLater,
    HalfRequest,
    FlippedRequest,
    Noise,
    FlippedReply,
    SlowReply,
    LastByteMissing,
    ClosedBefore,
    ClosedAfter,
    SendError,
    TwoFrames,
    Refused,
    ConnectHangs,
    WrongLength(Lie),
    Forged,
}

/// What the length in front of a frame says instead of the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// Nothing follows.
    Zero,
    /// One byte more.
    More,
    /// One byte less.
    Less,
    /// The most that can be said.
    Most,
}

impl Lie {
    /// The one a word names.
    pub fn parse(word: &str) -> Option<Lie> {
        match word {
            "zero" => Some(Lie::Zero),
            "more" => Some(Lie::More),
            "less" => Some(Lie::Less),
            "most" => Some(Lie::Most),
            _ => None,
        }
    }

    /// The frame with this in front. A dialect without a length in front cannot lie about it.
    pub fn tell(self, dialect: &Dialect, frame: &[u8]) -> Zeroizing<Vec<u8>> {
        let width = dialect.framing.length_width().min(frame.len());
        let mut bytes = Zeroizing::new(frame.to_vec());
        let (length, _) = bytes.split_at_mut(width);
        match self {
            Lie::Zero => length.fill(0),
            Lie::Most => length.fill(0x99),
            Lie::More | Lie::Less => {
                if let Some(last) = length.last_mut() {
                    // The last digit or byte is one up or down, and stays a digit where it was one.
                    let up = self == Lie::More;
                    *last = if (*last & 0x0f == 9) == up || (!up && *last & 0x0f != 0) {
                        last.wrapping_sub(1)
                    } else {
                        last.wrapping_add(1)
                    };
                }
            }
        }
        bytes
    }
}

/// A message that is still on its way.
#[derive(Clone, PartialEq, Eq)]
struct Held {
    frame: Zeroizing<Vec<u8>>,
    /// It arrives after the next message; otherwise when all else is over.
    after_next: bool,
}

/// What is on the simulated line and has not arrived, and what has gone over it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Line {
    held: Vec<Held>,
    stale: VecDeque<Zeroizing<Vec<u8>>>,
    /// Frames that follow on the line of the exchange at hand.
    following: VecDeque<Zeroizing<Vec<u8>>>,
    /// In which use of the terminal each trace number was sent with a message that moves money.
    sent: BTreeMap<(Mti, String, String), u32>,
    /// Processing code and amount of each notice that was sent.
    noticed: BTreeMap<(Mti, String, String), String>,
    /// Trace numbers that were sent in more than one use.
    reused: BTreeSet<(Mti, String, String)>,
    /// Reversals that the host confirmed with a code that the dialect accepts.
    confirmed: BTreeSet<(String, String)>,
    /// Batch and trace number of transactions of whose certificate the host said that it has it, or will not have it.
    certified: BTreeSet<(u32, u32)>,
    /// How often the terminal was put to use: a run, or a start after a power cut.
    pub uses: u32,
    /// How many messages the terminal has handed over.
    pub messages: u32,
}

/// Frames hold card data, so only their number is shown.
impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<line: {} held, {} stale, {} messages>", self.held.len(), self.stale.len(), self.messages)
    }
}

/// The last digit but one of a message type that tells what has happened: it is repeated under its number until it is answered.
const NOTICE: u16 = 2;

impl Line {
    /// Batch (field 60) and trace number of requests for money that were sent in more than one use of the terminal.
    pub fn reused(&self) -> impl Iterator<Item = (&str, &str)> {
        self.reused.iter().map(|(_, batch, stan)| (batch.as_str(), stan.as_str()))
    }

    /// The batch in which a request for money of this number went out, 0 where it names none; `None` where none did, and where a
    /// notice of the same number did.
    pub fn asked(&self, stan: u32) -> Option<u32> {
        let is = |number: &str| number.parse() == Ok(stan);
        if self.noticed.keys().any(|(_, _, number)| is(number)) {
            return None;
        }
        let (_, batch, _) = self.sent.keys().find(|(_, _, number)| is(number))?;
        Some(batch.get(2..8).and_then(|digits| digits.parse().ok()).unwrap_or(0))
    }

    /// Has the host confirmed the reversal of this transaction?
    pub fn is_confirmed(&self, batch: u32, stan: u32) -> bool {
        let is = |(known, number): &(String, String)| {
            let of_batch = known.get(2..8).and_then(|digits| digits.parse::<u32>().ok());
            number.parse() == Ok(stan) && (batch == 0 || of_batch.is_none_or(|known| known == batch))
        };
        self.confirmed.iter().any(is)
    }

    /// The host has answered a message; what it says of a reversal is remembered.
    pub(in crate::world) fn answered(&mut self, request: Option<&Message>, reply: Option<&Message>, dialect: &Dialect) {
        let (Some(rule), Some(request), Some(reply)) = (&dialect.reversal, request, reply) else { return };
        let code = reply.text(39).and_then(ResponseCode::parse);
        if let Some(known) = certificate_of(request)
            && code.is_some_and(|code| !NOT_NOW.contains(&&code.0))
        {
            self.certified.insert(known);
        }
        // A dialect that takes a refusal for the end of a reversal is wrong: then the host has confirmed nothing.
        let confirms = |code: &ResponseCode| dialect.approves(*code) || NO_ORIGINAL.contains(&code.0);
        if request.mti == rule.mti && code.is_some_and(|code| rule.accepted.contains(&code) && confirms(&code)) {
            let key = [60, 11].map(|number| request.text(number).unwrap_or_default().to_owned());
            let [batch, stan] = key;
            self.confirmed.insert((batch, stan));
        }
    }

    /// Has the host said of the certificate of this transaction that it has it, or that it refuses it? Then no terminal sends it again.
    pub fn is_certified(&self, batch: u32, stan: u32) -> bool {
        self.certified.contains(&(batch, stan))
    }

    /// How many requests have not arrived yet.
    pub fn on_the_way(&self) -> usize {
        self.held.len()
    }

    /// A message is handed over.
    pub(in crate::world) fn note(&mut self, message: Option<&Message>, dialect: &Dialect) {
        self.messages += 1;
        let Some(message) = message.filter(|message| is_financial(message.mti)) else { return };
        // A reversal repeats the number of its request, as often as it takes.
        let Some(stan) =
            message.text(11).filter(|_| dialect.reversal.as_ref().is_none_or(|rule| rule.mti != message.mti))
        else {
            return;
        };
        let key = (message.mti, message.text(60).unwrap_or_default().to_owned(), stan.to_owned());
        if message.mti.0 / 10 % 10 == NOTICE {
            let about = [3, 4].map(|number| message.text(number).unwrap_or_default()).concat();
            if *self.noticed.entry(key.clone()).or_insert_with(|| about.clone()) != about {
                self.reused.insert(key);
            }
            return;
        }
        if *self.sent.entry(key.clone()).or_insert(self.uses) != self.uses {
            self.reused.insert(key);
        }
    }

    /// Keeps a request back.
    pub(in crate::world) fn hold(&mut self, frame: &[u8], after_next: bool) {
        self.held.push(Held { frame: Zeroizing::new(frame.to_vec()), after_next });
    }

    /// Keeps a reply back until the next message waits for its own.
    pub(in crate::world) fn keep_reply(&mut self, frame: &[u8]) {
        self.stale.push_back(Zeroizing::new(frame.to_vec()));
    }

    /// Replies to earlier messages, which arrive now.
    pub(in crate::world) fn take_stale(&mut self) -> Vec<Zeroizing<Vec<u8>>> {
        self.stale.drain(..).collect()
    }

    /// A new exchange begins: what was to follow on the line of the last one is gone.
    pub(in crate::world) fn clear(&mut self) {
        self.following.clear();
    }

    /// More follows on the line of this exchange.
    pub(in crate::world) fn follow_with(&mut self, frame: Zeroizing<Vec<u8>>) {
        self.following.push_back(frame);
    }

    /// The next frame on the line of this exchange.
    pub(in crate::world) fn next(&mut self) -> Option<Zeroizing<Vec<u8>>> {
        self.following.pop_front()
    }

    /// Forgets what was sent before, for a world that lasts long.
    pub fn forget(&mut self) {
        self.sent.clear();
    }

    /// All of it as bytes, for telling two lines apart.
    pub fn fingerprint(&self, into: &mut Vec<u8>) {
        for held in &self.held {
            into.push(u8::from(held.after_next));
            into.extend_from_slice(&held.frame);
        }
        for stale in &self.stale {
            into.push(2);
            into.extend_from_slice(stale);
        }
        into.extend(self.confirmed.iter().flat_map(|(batch, stan)| batch.bytes().chain(stan.bytes()).chain([3])));
        into.extend(self.certified.iter().flat_map(|(batch, stan)| [batch.to_le_bytes(), stan.to_le_bytes()].concat()));
        into.extend_from_slice(&(self.reused.len() as u32).to_le_bytes());
        for (mti, batch, stan) in self.sent.keys() {
            into.extend_from_slice(&mti.0.to_le_bytes());
            into.extend_from_slice(batch.as_bytes());
            into.extend_from_slice(stan.as_bytes());
        }
    }
}

/// What hosts say to a reversal whose original they do not have: there is nothing to take back.
const NO_ORIGINAL: [[u8; 2]; 2] = [*b"12", *b"25"];

/// What a host says that cannot take something now, or wants a sign-in first: it will be sent again.
const NOT_NOW: [&[u8; 2]; 13] =
    [b"06", b"09", b"19", b"68", b"77", b"90", b"91", b"92", b"96", b"98", b"99", b"A0", b"A7"];

/// Batch and trace number of the transaction whose certificate an upload brings.
fn certificate_of(request: &Message) -> Option<(u32, u32)> {
    let (about, details) = (request.text(60).filter(|_| request.mti == Mti(320))?, request.text(48)?);
    matches!(about.get(8..11), Some("203" | "205"))
        .then(|| Some((about.get(2..8)?.parse().ok()?, details.get(4..10)?.parse().ok()?)))?
}

/// Lets the requests arrive that were held back: those that wait for the next message, or `all`. Their replies go nowhere.
pub(in crate::world) fn arrive(line: &mut Line, acquirer: &mut Acquirer, faults: &mut Faults, now_ms: i64, all: bool) {
    let (now, later) = std::mem::take(&mut line.held).into_iter().partition(|held| all || held.after_next);
    line.held = later;
    let now: Vec<Held> = now;
    for held in now {
        deliver(acquirer, faults, &held.frame, now_ms);
    }
}

/// Messages that the faults of the host, and of the line, hit where nothing else is said.
pub(in crate::world) fn is_financial(mti: Mti) -> bool {
    matches!(mti.0 / 100, 1 | 2)
}

/// A frame with one bit turned over in the middle of its message.
pub(in crate::world) fn flipped(dialect: &Dialect, frame: &[u8]) -> Zeroizing<Vec<u8>> {
    let mut bytes = Zeroizing::new(frame.to_vec());
    let body = unframe(dialect, frame).map_or(0, |framed| framed.body.len());
    let at = bytes.len().saturating_sub(body / 2 + 1);
    if let Some(byte) = bytes.get_mut(at) {
        *byte ^= 0x10;
    }
    bytes
}

/// As many bytes of noise; the same at every time.
pub(in crate::world) fn noise(length: usize) -> Vec<u8> {
    let mut state: u32 = 0x9e37_79b9;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(next).collect()
}
