//! One terminal, one program, one journal: answers what a run asks for, until it ends.

use crate::language::builtin::row::Op;
use crate::language::bytecode::program::Program;
use crate::language::vm::run::{Event, Limits, Run, Yield};
use crate::language::vm::value::Value;
use crate::run::answer::{Said, lend};
use crate::run::devices::{self, Stop};
use crate::run::happening::Happening;
use crate::run::recovery;
use crate::run::report::{self, Ended};
use crate::run::trace::{Recorder, Replay};
use crate::run::vault::Vault;
use crate::script_error::catalogue::limits;
use crate::script_error::error::Money;
use crate::world::port::ports::Ports;
use crate::world::simulation::Simulation;
use bumpalo::Bump;

/// Instructions one run may execute before it is stopped; far more than any shipped flow needs.
pub const INSTRUCTIONS_MAX: u64 = 1_000_000;

/// Who is shown what happens.
pub type Watcher<'w> = dyn FnMut(&Happening) + 'w;

/// One terminal at work.
pub struct Session<'s> {
    /// What runs.
    pub program: &'s Program,
    /// The terminal.
    pub ports: Ports,
    /// The simulated world behind the ports, for fixtures of tests; `None` with a real one.
    pub simulation: Option<Simulation>,
    /// Card data of this session.
    pub vault: Vault,
    /// The trace number of the open reversal.
    pub open: Option<u32>,
    /// Where the money is, as far as this session knows.
    pub money: Money,
    /// Field 39 of the last reply.
    pub response: Option<String>,
    /// How often the last request was given out in a row.
    pub attempts: u32,
    /// Paces waiting for eyes.
    pub real_time: bool,
    watcher: &'s mut Watcher<'s>,
    recorder: Option<Recorder>,
    replay: Option<Replay>,
    last_step: Option<String>,
}

impl<'s> Session<'s> {
    /// A session of a program in a simulated world.
    pub fn simulated(program: &'s Program, simulation: Simulation, watcher: &'s mut Watcher<'s>) -> Session<'s> {
        Session {
            program,
            ports: simulation.ports(),
            simulation: Some(simulation),
            vault: Vault::default(),
            open: None,
            money: Money::NotMoved,
            response: None,
            attempts: 0,
            real_time: false,
            watcher,
            recorder: None,
            replay: None,
            last_step: None,
        }
    }

    /// Records everything the run asks and is told.
    pub fn record(&mut self, recorder: Recorder) {
        self.recorder = Some(recorder);
    }

    /// Answers from a trace instead of from the world.
    pub fn replay(&mut self, replay: Replay) {
        self.replay = Some(replay);
    }

    /// Gives back the recorder.
    pub fn take_recorder(&mut self) -> Option<Recorder> {
        self.recorder.take()
    }

    /// Shows something, and keeps it in the trace.
    pub fn happen(&mut self, happening: Happening) {
        if let Some(recorder) = &mut self.recorder {
            recorder.happened(&happening);
        }
        (self.watcher)(&happening);
    }
}
