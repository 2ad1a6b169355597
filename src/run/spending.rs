//! What a run spent: instructions by step, waiting by device, and the most memory.
//!
//! It is counted from outside. The machine counts at calls and at turns of loops; a run that is granted one instruction at a
//! time stops at each of them, and where it stands then is where they belong. So the machine has nothing for this in its
//! loop, and a run that nobody profiles pays nothing. The count is the same either way: it does not depend on how the
//! grant is portioned.

use crate::language::builtin::row::Op;
use crate::language::bytecode::program::Program;
use crate::language::vm::run::{Event, Run, Yield};
use indexmap::IndexMap;

/// What a run spent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spending {
    /// By step in the order in which they were first seen; `None` is what belongs to no step.
    pub steps: IndexMap<Option<String>, Spent>,
    /// By request, in the order in which they were first made.
    pub requests: IndexMap<Op, Spent>,
    /// The most bytes of texts, lists, records and messages at a time, seen wherever the run stopped.
    pub heap_most: usize,
    /// Instructions that are accounted for.
    counted: u64,
    /// As `counted`, at the last request.
    at_request: u64,
}

/// What one of them spent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// Instructions. Of a request: those that led up to it, from the request before.
    pub instructions: u64,
    /// Requests to the world.
    pub requests: u64,
    /// How many of them failed.
    pub failed: u64,
    /// How long the world took, in milliseconds of the terminal's clock.
    pub waited_ms: i64,
}

impl Spending {
    /// The run begins: what its function is charged belongs to no step.
    pub fn began(&mut self, run: &Run) {
        self.charge(None, run.executed());
    }

    /// Moves a run on that is out of instructions, by as little as lets it go on; gives why it stopped then.
    ///
    /// `None` where a run that was granted `most` at once would have stopped too: it has to end here.
    pub fn go_on(&mut self, run: &mut Run, program: &Program, most: u64) -> Option<Yield> {
        self.look(run);
        let before = run.executed();
        if before > most || run.granted() >= most {
            return None;
        }
        let step = step(run, program);
        let mut stopped = Yield::OutOfFuel;
        while stopped == Yield::OutOfFuel && run.executed() == before && run.granted() < most {
            stopped = run.resume(program, Event::Refuel(1));
        }
        self.charge(step, run.executed());
        Some(stopped)
    }

    /// The run asks for something.
    pub fn asked(&mut self, run: &Run, program: &Program, op: Op) {
        self.look(run);
        let step = step(run, program);
        self.charge(step.clone(), run.executed());
        self.steps.entry(step).or_default().requests += 1;
        let request = self.requests.entry(op).or_default();
        request.requests += 1;
        request.instructions += self.counted - self.at_request;
        self.at_request = self.counted;
    }

    /// The world answered it.
    pub fn answered(&mut self, run: &Run, program: &Program, op: Op, waited_ms: i64, failed: bool) {
        for spent in [self.steps.entry(step(run, program)).or_default(), self.requests.entry(op).or_default()] {
            spent.waited_ms += waited_ms;
            spent.failed += u64::from(failed);
        }
    }

    /// The run is over.
    pub fn ended(&mut self, run: &Run) {
        self.look(run);
        let last = self.steps.last().and_then(|(step, _)| step.clone());
        self.charge(last, run.executed());
    }

    /// By device, in the order in which they were first asked; what statements ask of the journal is `journal`.
    pub fn devices(&self) -> IndexMap<&'static str, Spent> {
        let mut devices: IndexMap<&'static str, Spent> = IndexMap::new();
        for (op, spent) in &self.requests {
            let device = match op {
                Op::ReverseOpen | Op::Commit | Op::Discard | Op::Reverse => "journal",
                Op::Sleep => "clock",
                op => op.word().split_once('.').map_or(op.word(), |(device, _)| device),
            };
            let sum = devices.entry(device).or_default();
            sum.instructions += spent.instructions;
            sum.requests += spent.requests;
            sum.failed += spent.failed;
            sum.waited_ms += spent.waited_ms;
        }
        devices
    }

    fn charge(&mut self, step: Option<String>, executed: u64) {
        let more = executed.saturating_sub(self.counted);
        if more > 0 {
            self.steps.entry(step).or_default().instructions += more;
            self.counted = executed;
        }
    }

    fn look(&mut self, run: &Run) {
        self.heap_most = self.heap_most.max(run.heap_used());
    }
}

/// The step a run is in: that of the innermost function that has one.
fn step(run: &Run, program: &Program) -> Option<String> {
    run.frames(program).into_iter().find_map(|frame| frame.step)
}
