//! What was worked out about the waits of one flow.

use crate::script_error::source::Place;
use crate::script_error::words::Said;
use smol_str::SmolStr;

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// A call that takes `within:`.
    Call,
    /// The host's reply to a message. Before it leaves, a reversal that waits is sent, if `delivers`.
    Host {
        /// Does a waiting reversal go out first?
        delivers: bool,
    },
    /// The pause before a retry.
    Pause,
    /// A flow that states by `@within` how long it may take.
    Flow,
    /// Small waits of a long path, put together.
    Rest,
}

/// A part of a wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Where it is written.
    pub place: Place,
    /// What is waited for.
    pub cause: Cause,
    /// The call or flow, as a script writes it.
    pub name: SmolStr,
    /// How long once, in milliseconds.
    pub each_ms: i64,
    /// How often on the worst path.
    pub times: u64,
}

impl Share {
    /// All its turns together.
    pub fn total_ms(&self) -> i64 {
        self.each_ms.saturating_mul(i64::try_from(self.times).unwrap_or(i64::MAX))
    }

    /// How often a reversal of an earlier transaction may have to be delivered in it.
    pub fn deliveries(&self) -> u64 {
        if self.cause == (Cause::Host { delivers: true }) { self.times } else { 0 }
    }
}

/// A wait nobody can know before the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// The value it depends on.
    pub place: Place,
    /// The call that waits.
    pub name: SmolStr,
    /// For a loop over a list whose length is not known: how long each turn waits at most.
    pub each_ms: Option<i64>,
}

/// The waits of one public flow of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlowWait {
    /// The flow's name.
    pub flow: SmolStr,
    /// Where its name stands.
    pub place: Place,
    /// What makes up its longest wait, in the order of the path; reversals of earlier transactions are not among them.
    pub shares: Vec<Share>,
    /// How long one delivery of an earlier reversal may take; 0 where there can be none.
    pub delivery_ms: i64,
    /// What is not known, and so not in the sum.
    pub unknown: Vec<Unknown>,
    /// What its `@within` says.
    pub deadline_ms: Option<i64>,
}

impl FlowWait {
    /// Its own waits together.
    pub fn own_ms(&self) -> i64 {
        self.shares.iter().fold(0, |sum, share| sum.saturating_add(share.total_ms()))
    }

    /// How often an earlier reversal may be tried on the path: once when the flow starts, and before each message that
    /// is not sent while one waits.
    pub fn deliveries(&self) -> u64 {
        if self.delivery_ms == 0 {
            return 0;
        }
        self.shares.iter().fold(1, |sum: u64, share| sum.saturating_add(share.deliveries()))
    }

    /// The longest wait, an earlier reversal included.
    pub fn most_ms(&self) -> i64 {
        let deliveries = i64::try_from(self.deliveries()).unwrap_or(i64::MAX);
        self.own_ms().saturating_add(self.delivery_ms.saturating_mul(deliveries))
    }

    /// Its own waits before the first message leaves, and from then on; `None` if none is sent on the path.
    pub fn around_the_request_ms(&self) -> Option<(i64, i64)> {
        let at = self.shares.iter().position(|share| matches!(share.cause, Cause::Host { .. }))?;
        let sum = |shares: &[Share]| shares.iter().fold(0i64, |sum, share| sum.saturating_add(share.total_ms()));
        let (before, after) = self.shares.split_at(at);
        Some((sum(before), sum(after)))
    }
}

/// A time as people say it: `4 min 6 s`.
pub fn spoken(ms: i64) -> Said {
    let (hours, minutes, rest) = (ms / 3_600_000, ms / 60_000 % 60, ms % 60_000);
    let (seconds, thousandths) = (rest / 1_000, rest % 1_000);
    let mut zh = Vec::new();
    let mut en = Vec::new();
    let minutes_zh = if rest == 0 { "分钟" } else { "分" };
    for (count, unit_zh, unit_en) in [(hours, "小时", "h"), (minutes, minutes_zh, "min")] {
        if count > 0 {
            zh.push(format!("{count} {unit_zh}"));
            en.push(format!("{count} {unit_en}"));
        }
    }
    if seconds > 0 || thousandths > 0 || zh.is_empty() {
        let number = if thousandths == 0 {
            seconds.to_string()
        } else {
            format!("{seconds}.{thousandths:03}").trim_end_matches('0').to_string()
        };
        zh.push(format!("{number} 秒"));
        en.push(format!("{number} s"));
    }
    Said::new(zh.join(" "), en.join(" "))
}

/// A time as a script writes it: `90s`, `500ms`.
pub fn written(ms: i64) -> String {
    if ms % 1_000 == 0 { format!("{}s", ms / 1_000) } else { format!("{ms}ms") }
}
