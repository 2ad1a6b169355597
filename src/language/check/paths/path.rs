//! Where a path stands: what it decided, and what it knows of the host.
//!
//! The lattice is the power set of `Path`: forty members, joined by union. A step maps each member by itself, so what
//! holds for a set is what holds for its members, and a loop comes to rest after at most forty rounds. Beside each
//! member lies the trail of the first path that brought it, for the labels of a finding; trails do not take part in
//! comparisons.

use super::step::Steps;
use crate::script_error::source::Span;
use std::collections::BTreeMap;

/// What a path has decided about the reversal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Decided {
    /// Nothing yet.
    Nothing,
    /// `commit`
    Committed,
    /// `discard`
    Discarded,
    /// `reverse`
    Reversed,
}

/// What a path knows of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Known {
    /// No byte of it has left.
    Unsent,
    /// It may have reached the host, and no matched reply came.
    Unanswered,
    /// A matched reply came; its response code was not looked at.
    Answered,
    /// The reply may say yes: its code was looked at.
    Approved,
    /// The host said no.
    Refused,
}

/// One path, as far as money is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Path {
    /// What it decided.
    pub(super) decided: Decided,
    /// What it knows.
    pub(super) known: Known,
    /// The flow that was to bring the reply gave `none`.
    pub(super) none: bool,
}

/// How a path came to stand where it does.
#[derive(Clone, Debug, Default)]
pub(super) struct Trail {
    /// Where the request left.
    pub(super) sent: Option<Span>,
    /// What happened to it in the flow that was called there.
    pub(super) inside: Option<Steps>,
    /// The handler that was entered without a reply.
    pub(super) lost: Option<Span>,
    /// The pattern or comparison that looked at the response code.
    pub(super) judged: Option<Span>,
    /// The `retry` that went back to the call.
    pub(super) retried: Option<Span>,
    /// The first decision.
    pub(super) decided: Option<Span>,
}

/// The paths that can reach a place. None: the place is never reached, or lies outside every `reversible`.
#[derive(Clone, Debug, Default)]
pub(super) struct Paths {
    each: BTreeMap<Path, Trail>,
    /// On some way here a chip was shown the answer. Of all ways together, as nobody tells them apart.
    asked: bool,
}

impl Paths {
    /// The one path that has just entered a `reversible`.
    pub(super) fn entered() -> Paths {
        let path = Path { decided: Decided::Nothing, known: Known::Unsent, none: false };
        Paths { each: BTreeMap::from([(path, Trail::default())]), asked: false }
    }

    /// Can the place be reached?
    pub(super) fn is_empty(&self) -> bool {
        self.each.is_empty()
    }

    /// May a chip have been shown the answer before this place?
    pub(super) fn asked(&self) -> bool {
        self.asked
    }

    /// The same, behind a place where a chip is shown the answer.
    pub(super) fn asking(self) -> Paths {
        Paths { asked: true, ..self }
    }

    /// None of them, at the same place.
    pub(super) fn none_of(&self) -> Paths {
        Paths { each: BTreeMap::new(), asked: self.asked }
    }

    /// Takes in a path; the first trail of a path is kept.
    pub(super) fn add(&mut self, path: Path, trail: Trail) {
        self.each.entry(path).or_insert(trail);
    }

    /// Takes in other paths. True if that brought a new one.
    pub(super) fn join(&mut self, other: &Paths) -> bool {
        let before = (self.each.len(), self.asked);
        for (path, trail) in &other.each {
            self.each.entry(*path).or_insert_with(|| trail.clone());
        }
        self.asked |= other.asked;
        (self.each.len(), self.asked) != before
    }

    /// Are all of these among the others?
    pub(super) fn within(&self, others: &Paths) -> bool {
        self.asked <= others.asked && self.each.keys().all(|path| others.each.contains_key(path))
    }

    /// Each path with its trail.
    pub(super) fn each(&self) -> impl Iterator<Item = (Path, Trail)> + '_ {
        self.each.iter().map(|(path, trail)| (*path, trail.clone()))
    }

    /// Each path moved on by one step.
    pub(super) fn moved(&self, step: impl Fn(Path, Trail) -> (Path, Trail)) -> Paths {
        let mut moved = self.none_of();
        for (path, trail) in self.each() {
            let (path, trail) = step(path, trail);
            moved.add(path, trail);
        }
        moved
    }

    /// Those of a kind.
    pub(super) fn only(&self, wanted: impl Fn(Path) -> bool) -> Paths {
        let kept = self.each.iter().filter(|(path, _)| wanted(**path));
        Paths { each: kept.map(|(path, trail)| (*path, trail.clone())).collect(), asked: self.asked }
    }

    /// The paths that have decided nothing.
    pub(super) fn undecided(&self) -> Paths {
        self.only(|path| path.decided == Decided::Nothing)
    }

    /// What the paths know, without saying it twice.
    pub(super) fn known(&self) -> Vec<Known> {
        let mut known: Vec<Known> = self.each.keys().map(|path| path.known).collect();
        known.sort();
        known.dedup();
        known
    }
}
