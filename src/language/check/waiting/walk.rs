//! One body while its longest way is followed.

use super::deadline::Deadline;
use super::known::{self, Names, Value};
use super::path::{Path, Steps, longer};
use super::wait::{Share, Unknown};
use crate::language::check::body::UnitFacts;
use crate::language::check::checked::{LocalId, Meaning};
use crate::language::check::declarations::Declarations;
use crate::language::syntax::tree::Expression;
use crate::payment::iso8583::dialect::Mti;
use crate::script_error::finding::Finding;
use crate::script_error::source::{FileId, Place, Span};
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// How deep one expression may lie in another; the checker reports deeper ones.
pub(super) const DEPTH_MAX: usize = 300;

/// So many waits that nobody knows are told apart in one flow.
const UNKNOWN_MAX: usize = 32;

/// A wait that a parameter of the flow decides.
#[derive(Clone, Debug)]
pub(super) struct ByParameter {
    /// Which parameter.
    pub(super) parameter: usize,
    /// Its share, without its length.
    pub(super) share: Share,
}

/// What is known of a function with all that it calls.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    /// The longest way by its own waits.
    pub(super) own: Vec<Share>,
    /// The longest way where an earlier reversal has to be delivered.
    pub(super) all: Vec<Share>,
    /// Waits that its parameters decide.
    pub(super) by_parameter: Vec<ByParameter>,
    /// Waits that nobody knows.
    pub(super) unknown: Vec<Unknown>,
    /// Its `@within`.
    pub(super) deadline: Option<Deadline>,
}

/// A body while it is walked.
pub(super) struct Walk<'w> {
    /// The program's declarations.
    pub(super) all: &'w Declarations<'w>,
    /// What each file means.
    pub(super) facts: &'w [UnitFacts],
    /// The functions that were walked before, by number.
    pub(super) summaries: &'w [Option<Summary>],
    /// The file.
    pub(super) file: FileId,
    /// How long one delivery of an earlier reversal may take.
    pub(super) delivery_ms: i64,
    /// The `@within` of the flow.
    pub(super) deadline: Option<Deadline>,
    /// Where findings go.
    pub(super) findings: &'w mut Vec<Finding>,
    /// Was one wait found to be longer than the flow may take?
    pub(super) said_longer: bool,
    /// What names stand for.
    pub(super) names: Names,
    /// Messages that names stand for: type and field 3.
    pub(super) messages: BTreeMap<LocalId, (Mti, Option<SmolStr>)>,
    /// The ways.
    pub(super) steps: Steps,
    /// The longest way out of the body.
    pub(super) out: Option<Path>,
    /// For each loop around, the longest way out of it by `break`.
    pub(super) loops: Vec<Option<Path>>,
    /// Waits that parameters decide.
    pub(super) by_parameter: Vec<ByParameter>,
    /// Waits that nobody knows.
    pub(super) unknown: Vec<Unknown>,
    /// How deep the expression is that is being walked.
    pub(super) depth: usize,
}

impl Walk<'_> {
    /// What an expression means.
    pub(super) fn meaning(&self, expression: &Expression) -> Option<&Meaning> {
        self.facts.get(usize::from(self.file.0))?.meanings.get(expression.id.0 as usize)
    }

    /// The local that a name at this byte declares or sets.
    pub(super) fn declared(&self, start: u32) -> Option<LocalId> {
        self.facts.get(usize::from(self.file.0))?.declared.get(&start).copied()
    }

    /// A span of this file.
    pub(super) fn place(&self, span: Span) -> Place {
        Place { file: self.file, span }
    }

    /// The length of time an expression stands for.
    pub(super) fn duration(&self, value: &Expression) -> Value {
        known::duration(self.all, self.facts, self.file, &self.names, value)
    }

    /// A way out of the body.
    pub(super) fn leaves(&mut self, path: Path) {
        self.out = longer(self.out, Some(path));
    }

    /// Keeps a wait nobody knows.
    pub(super) fn not_known(&mut self, unknown: Unknown) {
        if self.unknown.len() < UNKNOWN_MAX && !self.unknown.contains(&unknown) {
            self.unknown.push(unknown);
        }
    }

    /// Keeps a wait that a parameter decides.
    pub(super) fn by_parameter(&mut self, parameter: usize, share: Share) {
        if self.by_parameter.len() < UNKNOWN_MAX {
            self.by_parameter.push(ByParameter { parameter, share });
        } else {
            self.not_known(Unknown { place: share.place, name: share.name, each_ms: None });
        }
    }

    /// Waits met since then happen so often.
    pub(super) fn times_since(&mut self, met: usize, times: u64) {
        for wait in self.by_parameter.iter_mut().skip(met) {
            wait.share.times = wait.share.times.saturating_mul(times);
        }
    }
}
