//! Cells: which fault struck in which phase of a transaction, and what came of it.

use super::recover::Outcome;
use crate::world::crash::camera::{DiskStep, Moment, PrintStep, Shot, Wire};
use std::collections::BTreeMap;

/// The part of a transaction in which the power went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Before anything was sent.
    Before,
    /// A record is being written.
    Writing,
    /// A message is on its way to the host.
    Sending,
    /// The host has dealt with it; the terminal does not know yet.
    AtHost,
    /// The terminal has the reply, or knows that there is none.
    Answered,
    /// The slip is being printed.
    Printing,
    /// The run was over.
    End,
    /// While the terminal recovered.
    Recovering,
}

impl Phase {
    /// All of them.
    pub const ALL: [Phase; 8] = [
        Phase::Before,
        Phase::Writing,
        Phase::Sending,
        Phase::AtHost,
        Phase::Answered,
        Phase::Printing,
        Phase::End,
        Phase::Recovering,
    ];

    /// As tables write it.
    pub fn word(self) -> &'static str {
        match self {
            Phase::Before => "before",
            Phase::Writing => "writing",
            Phase::Sending => "sending",
            Phase::AtHost => "at_host",
            Phase::Answered => "answered",
            Phase::Printing => "printing",
            Phase::End => "end",
            Phase::Recovering => "recovering",
        }
    }

    /// The phase of each moment of a run.
    pub fn of(shots: &[Shot]) -> Vec<Phase> {
        let mut now = Phase::Before;
        let of = |shot: &Shot| match shot.moment {
            Moment::Disk(DiskStep::Written | DiskStep::Prepared) => Phase::Writing,
            Moment::Wire(Wire::HandedOver) => {
                now = Phase::Sending;
                now
            }
            Moment::Wire(Wire::AtHost) => {
                now = Phase::AtHost;
                now
            }
            Moment::Wire(Wire::Answered) => {
                now = Phase::Answered;
                now
            }
            Moment::Print(PrintStep::Half | PrintStep::Whole) => Phase::Printing,
            Moment::End => Phase::End,
            Moment::Disk(_) | Moment::Request { .. } => now,
        };
        shots.iter().map(of).collect()
    }
}

/// How often each cell was hit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cells(pub BTreeMap<(String, Phase, Outcome), u64>);

impl Cells {
    /// One more in a cell.
    pub fn hit(&mut self, fault: &str, phase: Phase, outcome: Outcome, times: u64) {
        *self.0.entry((fault.to_owned(), phase, outcome)).or_insert(0) += times;
    }

    /// Takes in those of another.
    pub fn add(&mut self, other: Cells) {
        for ((fault, phase, outcome), times) in other.0 {
            self.hit(&fault, phase, outcome, times);
        }
    }

    /// Pairs of fault and phase that some run of this choice could reach and none did.
    ///
    /// A phase can be reached with a fault if a run without any fault reaches it, or recovery does.
    pub fn unreached(&self, faults: &[String]) -> Vec<(String, Phase)> {
        let reached = |fault: &str, phase: Phase| self.0.keys().any(|(known, at, _)| known == fault && *at == phase);
        let phases: Vec<Phase> = Phase::ALL.into_iter().filter(|phase| reached("none", *phase)).collect();
        let mut missing = Vec::new();
        for fault in faults {
            missing.extend(phases.iter().filter(|phase| !reached(fault, **phase)).map(|phase| (fault.clone(), *phase)));
        }
        missing
    }
}
