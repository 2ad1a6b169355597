//! Where a run stands between taking money and having decided about it.

use super::slot;
use crate::language::bytecode::program::Function;
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::response::ResponseCode;
use crate::script_error::catalogue::{keys, limits, network};
use serde::{Deserialize, Serialize};
use crate::script_error::words::Words;

/// What was decided about a request that moves money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Decision {
    /// It stands and is booked.
    Committed,
    /// Nothing was taken.
    Discarded,
    /// It is taken back.
    Reversed,
}

/// What is known of the request that a reversible region is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sent {
    /// It did not leave the terminal.
    No,
    /// It may have reached the host; no matched reply says that nothing was taken.
    Perhaps,
    /// The host said no.
    Refused,
}

/// How far a reversible region is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Region {
    /// There is none.
    Closed,
    /// The reversal is recorded; nothing is decided.
    Open(Sent),
    /// It is decided; the region was not left yet.
    Decided(Decision),
}

/// The reversible region of a run: at most one at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Money {
    /// How far it is.
    pub region: Region,
    /// What was decided last in this run.
    pub last: Option<Decision>,
    /// The slot of the request it is about.
    pub(super) request: u64,
    /// How many functions were running when it was opened; 0: closed.
    pub(super) depth: u16,
    /// Instructions of that function that belong to it.
    pub(super) range: (u32, u32),
}

impl Default for Money {
    fn default() -> Money {
        Money {
            region: Region::Closed,
            last: None,
            request: 0,
            depth: 0,
            range: (0, 0),
        }
    }
}

impl Money {
    /// Is a region open in which nothing was decided?
    pub fn is_undecided(&self) -> bool {
        matches!(self.region, Region::Open(_))
    }

    pub(super) fn open(&mut self, function: &Function, pc: u32, depth: u16, request: u64) {
        // The instruction behind the opening one is the first that surely lies inside.
        let inside = pc.saturating_add(1);
        let range = function
            .regions
            .iter()
            .filter(|(from, to)| (*from..*to).contains(&inside))
            .max_by_key(|(from, _)| *from)
            .copied()
            .unwrap_or((inside, inside));
        *self = Money {
            region: Region::Open(Sent::No),
            last: None,
            request,
            depth,
            range,
        };
    }

    pub(super) fn decide(&mut self, decision: Decision) {
        self.region = Region::Decided(decision);
        self.last = Some(decision);
    }

    pub(super) fn close(&mut self) {
        *self = Money {
            last: self.last,
            ..Money::default()
        };
    }

    /// Does going to this instruction of the frame at this depth (0: to the end of the run) leave the region?
    pub(super) fn is_left_by(&self, depth: u16, target: u32) -> bool {
        self.depth != 0
            && (depth < self.depth
                || depth == self.depth && !(self.range.0..self.range.1).contains(&target))
    }

    /// Is it safe to say that nothing was taken?
    pub(super) fn may_discard(&self) -> bool {
        matches!(self.region, Region::Open(Sent::No | Sent::Refused))
    }

    /// Why this message must not be sent now; `None` if it may.
    pub(super) fn refuses(
        &self,
        message: u64,
        moves_money: impl FnOnce() -> bool,
    ) -> Option<Words> {
        match self.region {
            Region::Closed => {
                moves_money().then_some(Words {
                    zh: "在可冲正区域之外发送了动账的请求",
                    en: "a request that moves money was sent outside a reversible region",
                })
            }
            Region::Open(Sent::No) if message == self.request => None,
            Region::Open(_) if message == self.request => Some(Words { zh: "请求已经发送过", en: "the request was sent before" }),
            Region::Decided(_) if message == self.request => {
                Some(Words { zh: "作出决定之后又发送了请求", en: "the request was sent after it was decided" })
            }
            _ => moves_money().then_some(Words { zh: "发送了另一笔动账的请求", en: "another request that moves money was sent" }),
        }
    }

    /// The request was given out.
    pub(super) fn sending(&mut self, message: u64) {
        if message == self.request && self.is_undecided() {
            self.region = Region::Open(Sent::Perhaps);
        }
    }

    /// Sending failed.
    pub(super) fn failed(&mut self, message: u64, code: &str) {
        // With these nothing left the terminal.
        let not_sent = [
            network::NO_LINE,
            network::REVERSAL_UNFINISHED,
            keys::NOT_SIGNED_IN,
            limits::AMOUNT_NOT_SENDABLE,
            limits::FIELD_DOES_NOT_FIT,
        ]
        .iter()
        .any(|known| known.0 == code);
        if not_sent && message == self.request && self.is_undecided() {
            self.region = Region::Open(Sent::No);
        }
    }

    /// A matched and checked reply came; its field 39.
    pub(super) fn replied(
        &mut self,
        message: u64,
        code: Option<ResponseCode>,
        dialect: Option<&Dialect>,
    ) {
        let refused = match (code, dialect) {
            (Some(code), Some(dialect)) => !dialect.approves(code),
            _ => false,
        };
        if refused && message == self.request && self.is_undecided() {
            self.region = Region::Open(Sent::Refused);
        }
    }
}

/// The code that a reversal is given as its reason.
pub(super) fn reason(code: Option<&str>) -> u64 {
    code.and_then(|code| slot::inline(code.as_bytes()))
        .unwrap_or(0)
}
