//! The longest way to a place in a body: how long it waits, and where.

use super::wait::{Cause, Share};
use crate::script_error::source::Place;
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::rc::Rc;

/// So many shares of one flow are told apart; the smallest beyond are put together.
const SHARES_MAX: usize = 64;

/// The longest way by one measure.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// How long it waits.
    pub(super) total_ms: i64,
    /// Its last step; 0: none yet.
    last: u32,
}

impl Line {
    fn longer(self, other: Line) -> Line {
        if other.total_ms > self.total_ms { other } else { self }
    }
}

/// The longest ways to one place: by the flow's own waits, and with reversals of earlier transactions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Path {
    /// By its own waits.
    pub(super) own: Line,
    /// With a reversal to deliver wherever one may have to go first.
    pub(super) all: Line,
}

impl Path {
    /// The longer of two ways.
    pub(super) fn longer(self, other: Path) -> Path {
        Path { own: self.own.longer(other.own), all: self.all.longer(other.all) }
    }
}

/// The longer of two ways, where there are any.
pub(super) fn longer(one: Option<Path>, other: Option<Path>) -> Option<Path> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.longer(other)),
        (one, other) => one.or(other),
    }
}

/// One step of a way.
#[derive(Clone, Debug)]
enum Step {
    /// Waits on the way.
    Wait(Rc<[Share]>),
    /// A way that is gone so often.
    Turns(u64, Line),
}

/// The steps of all ways of one body. Each knows the one before it, so that ways share what they have in common.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps {
    steps: Vec<(Step, u32)>,
}

impl Steps {
    fn push(&mut self, line: Line, more_ms: i64, step: Step) -> Line {
        self.steps.push((step, line.last));
        let last = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
        Line { total_ms: line.total_ms.saturating_add(more_ms), last }
    }

    /// The way goes on through these waits.
    pub(super) fn wait(&mut self, path: Path, own: &Rc<[Share]>, all: &Rc<[Share]>, delivery_ms: i64) -> Path {
        if own.is_empty() && all.is_empty() {
            return path;
        }
        let own_ms = sum(own, 0);
        let all_ms = sum(all, delivery_ms);
        Path {
            own: self.push(path.own, own_ms, Step::Wait(own.clone())),
            all: self.push(path.all, all_ms, Step::Wait(all.clone())),
        }
    }

    /// The way goes on through a way that is gone several times.
    pub(super) fn turns(&mut self, path: Path, body: Path, times: u64) -> Path {
        if times == 0 || (body.own.last == 0 && body.all.last == 0) {
            return path;
        }
        let count = i64::try_from(times).unwrap_or(i64::MAX);
        Path {
            own: self.push(path.own, body.own.total_ms.saturating_mul(count), Step::Turns(times, body.own)),
            all: self.push(path.all, body.all.total_ms.saturating_mul(count), Step::Turns(times, body.all)),
        }
    }

    /// What a way is made of, in its order; the same place once, with how often.
    pub(super) fn shares(&self, line: Line) -> Vec<Share> {
        // Each step is met after all that lead to it, as it was made before them: one pass backward counts how often
        // each lies on the way.
        let mut times = vec![0u64; line.last as usize + 1];
        let add = |times: &mut Vec<u64>, at: u32, more: u64| {
            if let Some(count) = times.get_mut(at as usize) {
                *count = count.saturating_add(more);
            }
        };
        add(&mut times, line.last, 1);
        let mut way = Vec::new();
        for (at, (step, before)) in self.steps.iter().enumerate().take(line.last as usize).rev() {
            let count = times.get(at + 1).copied().unwrap_or(0);
            if count == 0 {
                continue;
            }
            add(&mut times, *before, count);
            match step {
                Step::Wait(shares) => way.push((shares, count)),
                Step::Turns(turns, body) => add(&mut times, body.last, count.saturating_mul(*turns)),
            }
        }
        let mut shares = Shares::default();
        for (waits, count) in way.into_iter().rev() {
            waits.iter().for_each(|share| shares.add(share, count));
        }
        shares.done()
    }
}

/// The waits of shares, with so long for each delivery of an earlier reversal.
pub(super) fn sum(shares: &[Share], delivery_ms: i64) -> i64 {
    shares.iter().fold(0i64, |sum, share| {
        let deliveries = i64::try_from(share.deliveries()).unwrap_or(i64::MAX);
        sum.saturating_add(share.total_ms()).saturating_add(delivery_ms.saturating_mul(deliveries))
    })
}

/// Shares while they are gathered.
#[derive(Default)]
struct Shares {
    shares: Vec<Share>,
    known: BTreeMap<(Place, Cause, i64), usize>,
}

impl Shares {
    fn add(&mut self, share: &Share, times: u64) {
        let times = share.times.saturating_mul(times);
        let key = (share.place, share.cause, share.each_ms);
        match self.known.get(&key).and_then(|at| self.shares.get_mut(*at)) {
            Some(known) => known.times = known.times.saturating_add(times),
            None => {
                self.known.insert(key, self.shares.len());
                self.shares.push(Share { times, ..share.clone() });
            }
        }
    }

    fn done(self) -> Vec<Share> {
        let Shares { mut shares, .. } = self;
        if shares.len() <= SHARES_MAX {
            return shares;
        }
        let mut sizes: Vec<i64> = shares.iter().map(Share::total_ms).collect();
        sizes.sort_unstable_by(|one, other| other.cmp(one));
        let least = sizes.get(SHARES_MAX - 1).copied().unwrap_or(0);
        let mut left = SHARES_MAX - 1;
        // What is put together keeps what the sum needs: messages their number and longest wait, all else its sum.
        let (mut messages, mut others): (Option<Share>, Option<Share>) = (None, None);
        shares.retain(|share| {
            if share.total_ms() >= least && left > 0 {
                left -= 1;
                return true;
            }
            let begin = |cause| Share { cause, name: SmolStr::default(), each_ms: 0, times: 0, place: share.place };
            if share.deliveries() > 0 {
                let rest = messages.get_or_insert_with(|| begin(share.cause));
                rest.times = rest.times.saturating_add(share.times);
                rest.each_ms = rest.each_ms.max(share.each_ms);
            } else {
                let rest = others.get_or_insert_with(|| begin(Cause::Rest));
                rest.times = 1;
                rest.each_ms = rest.each_ms.saturating_add(share.total_ms());
            }
            false
        });
        shares.extend(others);
        shares.extend(messages);
        shares
    }
}
