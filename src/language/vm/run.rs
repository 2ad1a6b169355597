//! One run of a program: plain data that a function of (run, event) moves on.

use super::answer::Intake;
use super::failure::{ErrorId, Failure, Failures, FrameView};
use super::frame::{self, Frame};
use super::heap::Heap;
use super::limits::Limits;
use super::machine;
use super::money::Money;
use super::prepared::Prepared;
use super::raise::Handled;
use super::request::{Purpose, Request};
use super::stack::{Stack, WINDOW};
use super::value::{Answer, Value};
use super::view::View;
use crate::language::bytecode::program::Program;
use crate::language::types::Type;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A run. It holds no references: it can be cloned, written down and taken up again elsewhere.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// The function it began with.
    pub(super) entry: u16,
    pub(super) stack: Stack,
    pub(super) rest: Rest,
}

/// A run without its registers: the loop of the machine holds the two side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Rest {
    pub(super) limits: Limits,
    pub(super) frames: Vec<Frame>,
    pub(super) heap: Heap,
    pub(super) failures: Failures,
    /// Errors whose handlers may still be running.
    pub(super) handled: Vec<Handled>,
    pub(super) money: Money,
    /// The frames at the last decline, cancellation or failure that became an outcome.
    pub(super) outcome: Vec<Frame>,
    /// Instructions executed, as far as they are counted.
    pub(super) spent: u64,
    /// Instructions granted.
    pub(super) granted: u64,
    /// Number of the last request.
    pub(super) requests: u32,
    pub(super) state: State,
}

/// Where a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum State {
    /// Not started, or out of instructions.
    Paused,
    /// It gave out a request.
    Waiting(Purpose),
    /// It gave this.
    Finished(u64),
    /// It ended in this error.
    Failed(ErrorId),
}

/// What happens to a run.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// It begins.
    Start,
    /// The world answers a request.
    Answer {
        /// Number of the request. Any other than the one waited for is ignored.
        request: u32,
        /// The answer.
        answer: Answer<'a>,
    },
    /// It may execute so many instructions more.
    Refuel(u64),
    /// It has to end with this error, which no script can handle. Undecided money is reversed first.
    Abort {
        /// A code of the catalogue.
        code: &'a str,
        /// Facts: name, Chinese, English.
        facts: &'a [(&'a str, &'a str, &'a str)],
    },
}

/// Why a run stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Yield {
    /// It waits for the answer to a request.
    Request,
    /// It gave its result.
    Finished,
    /// It ended in an error.
    Failed,
    /// It was not started, or executed what it was granted.
    OutOfFuel,
}

/// Why a run could not begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum StartError {
    /// There is no function with this index.
    #[error("the program has no function {0}")]
    NoFunction(u16),
    /// The function takes another number of arguments.
    #[error("{wanted} arguments are wanted, {given} are given")]
    ArgumentCount {
        /// How many it takes.
        wanted: usize,
        /// How many were given.
        given: usize,
    },
    /// An argument is not of its type, or too large for the limits.
    #[error("argument {0} does not fit")]
    Argument(usize),
    /// The function asks for more registers than there are.
    #[error("the function has more than 255 registers")]
    Registers,
}

impl Run {
    /// A run of a function with these arguments; nothing is executed before `Event::Start`.
    pub fn start(
        program: &Program,
        function: u16,
        arguments: &[Answer<'_>],
        limits: Limits,
        fuel: u64,
    ) -> Result<Run, StartError> {
        let mut run = Run::empty();
        run.rest.limits = limits.bounded();
        run.restart(program, function, arguments, fuel)?;
        Ok(run)
    }

    /// A run of nothing.
    pub(super) fn empty() -> Run {
        let rest = Rest {
            limits: Limits::default(),
            frames: Vec::new(),
            heap: Heap::default(),
            failures: Failures::default(),
            handled: Vec::new(),
            money: Money::default(),
            outcome: Vec::new(),
            spent: 0,
            granted: 0,
            requests: 0,
            state: State::Finished(0),
        };
        Run { entry: 0, stack: Stack::default(), rest }
    }

    /// Begins again as a new run with the same limits, in the memory it has: nothing of what it was is left in reach.
    ///
    /// If an argument does not fit, it is a run that has ended; after any other error it is what it was.
    pub fn restart(
        &mut self,
        program: &Program,
        function: u16,
        arguments: &[Answer<'_>],
        fuel: u64,
    ) -> Result<(), StartError> {
        let called = program.functions.get(usize::from(function)).ok_or(StartError::NoFunction(function))?;
        let (wanted, given) = (called.parameters.len(), arguments.len());
        if wanted != given {
            return Err(StartError::ArgumentCount { wanted, given });
        }
        if called.registers.len() >= WINDOW || wanted > called.registers.len() {
            return Err(StartError::Registers);
        }
        self.entry = function;
        self.rest.frames.clear();
        let prepared = Prepared::of(program);
        self.rest.heap.begin(&prepared.cells);
        self.rest.failures.clear();
        self.rest.handled.clear();
        self.rest.money = Money::default();
        self.rest.outcome.clear();
        self.rest.spent = u64::from(called.cost);
        self.rest.granted = fuel;
        self.rest.requests = 0;
        self.rest.state = State::Paused;
        self.stack.begin(called.registers.len());
        self.rest.frames.push(Frame { function, pc: 0, base: 0, step: 0 });
        let parts = prepared.routines.get(usize::from(function)).map_or([].as_slice(), |routine| &routine.parameters);
        for (at, ((ty, part), argument)) in called.parameters.iter().zip(parts).zip(arguments).enumerate() {
            let (heap, limits, types) = (&mut self.rest.heap, &self.rest.limits, &program.types);
            let mut intake = Intake { heap, limits, types, prepared };
            let Some(slot) = intake.short(*part, argument).or_else(|| intake.take(ty, argument).ok()) else {
                self.rest.frames.clear();
                self.stack.use_first(0);
                self.rest.state = State::Finished(0);
                return Err(StartError::Argument(at));
            };
            self.set(at as u8, slot);
        }
        Ok(())
    }

    /// Moves the run on. What it cannot use it ignores: it then says again why it stopped, and nothing has changed.
    pub fn resume(&mut self, program: &Program, event: Event<'_>) -> Yield {
        let prepared = Prepared::of(program);
        // What happens is looked at where it lies: an answer is as large as it is often asked for.
        let stopped = match (&event, self.rest.state) {
            (Event::Answer { request, answer }, State::Waiting(purpose)) if *request == self.rest.requests => {
                self.answered(program, prepared, purpose, answer)
            }
            (Event::Start, State::Paused) => None,
            (Event::Refuel(more), state) => {
                self.rest.granted = self.rest.granted.saturating_add(*more);
                (state != State::Paused).then(|| self.stopped())
            }
            (Event::Abort { code, facts }, State::Paused | State::Waiting(_)) => self.abort(program, code, facts),
            _ => Some(self.stopped()),
        };
        match stopped {
            Some(stopped) => stopped,
            None => machine::go(self, program, prepared),
        }
    }

    /// Why it stopped.
    pub fn stopped(&self) -> Yield {
        match self.rest.state {
            State::Paused => Yield::OutOfFuel,
            State::Waiting(_) => Yield::Request,
            State::Finished(_) => Yield::Finished,
            State::Failed(_) => Yield::Failed,
        }
    }

    /// The request it waits for.
    #[inline]
    pub fn request<'r>(&'r self, program: &'r Program) -> Option<Request<'r>> {
        match self.rest.state {
            State::Waiting(purpose) => Some(Request::of(self, program, purpose)),
            _ => None,
        }
    }

    /// What it gave.
    pub fn result(&self, program: &Program) -> Option<Value> {
        self.result_view(program).map(|view| view.to_value())
    }

    /// What it gave, borrowed.
    pub fn result_view<'r>(&'r self, program: &'r Program) -> Option<View<'r>> {
        let State::Finished(slot) = self.rest.state else {
            return None;
        };
        let gives = program.functions.get(usize::from(self.entry)).map_or(&Type::Nothing, |function| &function.gives);
        Some(View::of(self, program, gives, slot))
    }

    /// The error it ended in.
    pub fn failure(&self) -> Option<&Failure> {
        match self.rest.state {
            State::Failed(id) => self.rest.failures.get(id),
            _ => None,
        }
    }

    /// Any error of the run, such as the cause of another.
    pub fn error(&self, id: ErrorId) -> Option<&Failure> {
        self.rest.failures.get(id)
    }

    /// The functions that are running, innermost first, with names and masked values.
    pub fn frames(&self, program: &Program) -> Vec<FrameView> {
        frame::views(program, &self.rest.frames, self.stack.all(), Some((&self.rest.heap, &self.rest.failures)))
    }

    /// Where the last decline, cancellation or failure became an outcome, innermost first, without values.
    pub fn outcome_place(&self, program: &Program) -> Vec<FrameView> {
        frame::views(program, &self.rest.outcome, &[], None)
    }

    /// How far the reversible region is, and what was decided last.
    pub fn money(&self) -> Money {
        self.rest.money
    }

    /// Instructions executed: those of each call and each turn of a loop, and a share for texts and lists.
    pub fn executed(&self) -> u64 {
        self.rest.spent
    }

    /// Instructions granted so far.
    pub fn granted(&self) -> u64 {
        self.rest.granted
    }

    /// Number of the last request; 0 before the first.
    pub fn requests(&self) -> u32 {
        self.rest.requests
    }

    /// Gives back the memory that a waiting run does not need.
    pub fn park(&mut self) {
        self.rest.frames.shrink_to_fit();
        self.stack.shrink();
        self.rest.heap.bytes.shrink_to_fit();
        self.rest.heap.cells.shrink_to_fit();
        self.rest.handled.shrink_to_fit();
        self.rest.outcome.shrink_to_fit();
        self.rest.failures.shrink();
    }

    /// Bytes of its texts, lists, records and messages: what `T8002` limits, without the errors.
    pub fn heap_used(&self) -> usize {
        self.rest.heap.used()
    }

    /// Bytes it takes outside itself.
    pub fn bytes_used(&self) -> usize {
        self.rest.frames.capacity() * size_of::<Frame>()
            + self.stack.bytes()
            + self.rest.heap.bytes.capacity()
            + self.rest.heap.cells.capacity() * size_of::<u64>()
            + self.rest.handled.capacity() * size_of::<Handled>()
            + self.rest.outcome.capacity() * size_of::<Frame>()
            + self.rest.failures.bytes()
    }

    /// Notes how many registers are in use.
    pub(super) fn trim(&mut self, program: &Program) {
        let end = self.rest.frames.last().map_or(0, |frame| {
            let registers = program.functions.get(usize::from(frame.function)).map_or(0, |it| it.registers.len());
            frame.base as usize + registers
        });
        self.stack.use_first(end);
    }

    /// Writes a register of the innermost frame.
    pub(super) fn set(&mut self, register: u8, value: u64) {
        self.stack.set(self.rest.frames.last(), register, value);
    }

    /// Reads a register of the innermost frame.
    pub(super) fn register(&self, register: u8) -> u64 {
        self.stack.register(self.rest.frames.last(), register)
    }

    /// The innermost frame goes on behind its instruction.
    pub(super) fn step_over(&mut self) {
        if let Some(frame) = self.rest.frames.last_mut() {
            frame.pc = frame.pc.saturating_add(1);
        }
    }
}
