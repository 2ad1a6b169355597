//! What torture found, and how far it went.

use super::cells::Cells;
use super::plan::Plan;
use crate::world::audit::violation::{Violation, Wrong};
use crate::world::crash::camera::{CutHere, Moment};

/// What was done to a flow until its books were wrong: shortest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// What went wrong in the run.
    pub plan: Plan,
    /// Where the power went in the run, if it did.
    pub cut: Option<(CutHere, Moment)>,
    /// What went wrong at the start after that, and where the power went then.
    pub then: Option<(Plan, Option<(CutHere, Moment)>)>,
}

impl Origin {
    /// The power cuts in it.
    pub fn cuts(&self) -> u32 {
        u32::from(self.cut.is_some()) + u32::from(self.then.as_ref().is_some_and(|(_, cut)| cut.is_some()))
    }

    /// For finding the shortest: faults and cuts, starts, then the moments.
    pub fn weight(&self) -> (usize, usize, u32, u32) {
        let (then, second) = match &self.then {
            Some((plan, cut)) => (plan.weight(), cut.map_or(0, |(cut, _)| cut.at)),
            None => (0, 0),
        };
        let first = self.cut.map_or(0, |(cut, _)| cut.at);
        (self.plan.weight() + then + self.cuts() as usize, usize::from(self.then.is_some()), first, second)
    }
}

/// A kind of violation, how often it came up, and its shortest story.
#[derive(Clone, Debug)]
pub struct Found {
    /// The violation, as the shortest story has it.
    pub violation: Violation,
    /// What was done.
    pub origin: Origin,
    /// How many different worlds led to a violation of this kind.
    pub worlds: u64,
}

/// What came of one subject.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Moments of the run without any fault.
    pub moments: u32,
    /// The request that each of them belongs to, and whether it was done.
    pub requests: Vec<(u32, bool)>,
    /// Instructions of it: each is a crash point that leaves what the moment before it leaves.
    pub instructions: u64,
    /// Messages of it.
    pub messages: u32,
    /// Runs with a fault, and the one without.
    pub plans: u64,
    /// Crash points of all runs: moments, each torn in every way. The matrix.
    pub points: u64,
    /// Crash points whose world was recovered from and audited, of `points`.
    pub audited: u64,
    /// Instructions of all runs, which are crash points too.
    pub instruction_points: u64,
    /// Different worlds among them.
    pub worlds: u64,
    /// How many times a terminal was run or started.
    pub uses: u64,
    /// What is wrong, worst first.
    pub found: Vec<Found>,
    /// Where faults struck, and what came of it.
    pub cells: Cells,
}

impl Report {
    /// Adds what came of another subject, or of another part of this one.
    pub fn add(&mut self, other: Report) {
        self.moments += other.moments;
        self.instructions += other.instructions;
        self.messages += other.messages;
        self.plans += other.plans;
        self.points += other.points;
        self.audited += other.audited;
        self.instruction_points += other.instruction_points;
        self.worlds += other.worlds;
        self.uses += other.uses;
        self.cells.add(other.cells);
        self.found.extend(other.found);
    }

    /// Keeps the violation if its kind is new or its story is shorter than the known one.
    pub fn keep(&mut self, violation: &Violation, origin: &Origin) {
        match self.found.iter_mut().find(|found| found.violation.what == violation.what) {
            Some(known) => {
                known.worlds += 1;
                if origin.weight() < known.origin.weight() {
                    (known.violation, known.origin) = (violation.clone(), origin.clone());
                }
            }
            None => {
                self.found.push(Found { violation: violation.clone(), origin: origin.clone(), worlds: 1 });
                self.found.sort_by_key(|found| found.violation.what);
            }
        }
    }

    /// The share of crash points that were recovered from and audited, in ten-thousandths.
    pub fn covered(&self) -> u64 {
        (self.audited * 10_000).checked_div(self.points).unwrap_or(0)
    }

    /// Is anything wrong that is not the host's doing?
    pub fn is_wrong(&self) -> bool {
        self.found.iter().any(|found| !found.violation.what.is_of_host())
    }

    /// Was a violation of this kind found?
    pub fn has(&self, what: Wrong) -> bool {
        self.found.iter().any(|found| found.violation.what == what)
    }
}
