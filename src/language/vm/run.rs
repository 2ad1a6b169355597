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
    pub(super) limits: Limits,
    /// The function it began with.
    pub(super) entry: u16,
    pub(super) frames: Vec<Frame>,
    pub(super) stack: Stack,
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
        let mut run = Run { limits: limits.bounded(), ..Run::empty() };
        run.restart(program, function, arguments, fuel)?;
        Ok(run)
    }

    /// A run of nothing.
    pub(super) fn empty() -> Run {
        Run {
            limits: Limits::default(),
            entry: 0,
            frames: Vec::new(),
            stack: Stack::default(),
            heap: Heap::default(),
            failures: Failures::default(),
            handled: Vec::new(),
            money: Money::default(),
            outcome: Vec::new(),
            spent: 0,
            granted: 0,
            requests: 0,
            state: State::Finished(0),
        }
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
        self.frames.clear();
        let prepared = Prepared::of(program);
        self.heap.begin(&prepared.cells);
        self.failures.clear();
        self.handled.clear();
        self.money = Money::default();
        self.outcome.clear();
        self.spent = u64::from(called.cost);
        self.granted = fuel;
        self.requests = 0;
        self.state = State::Paused;
        self.stack.begin(called.registers.len());
        self.frames.push(Frame { function, pc: 0, base: 0, step: 0 });
        for (at, (ty, argument)) in called.parameters.iter().zip(arguments).enumerate() {
            let (heap, limits, types) = (&mut self.heap, &self.limits, &program.types);
            let Ok(slot) = (Intake { heap, limits, types, prepared }).take(ty, argument) else {
                self.frames.clear();
                self.stack.use_first(0);
                self.state = State::Finished(0);
                return Err(StartError::Argument(at));
            };
            self.set(at as u8, slot);
        }
        Ok(())
    }

    /// Moves the run on. What it cannot use it ignores: it then says again why it stopped, and nothing has changed.
    pub fn resume(&mut self, program: &Program, event: Event<'_>) -> Yield {
        // What happens is looked at where it lies: an answer is as large as it is often asked for.
        match (&event, self.state) {
            (Event::Answer { request, answer }, State::Waiting(purpose)) if *request == self.requests => {
                match self.answered(program, purpose, answer) {
                    Some(stopped) => stopped,
                    None => machine::go(self, program),
                }
            }
            (Event::Start, State::Paused) => machine::go(self, program),
            (Event::Refuel(more), state) => {
                self.granted = self.granted.saturating_add(*more);
                match state {
                    State::Paused => machine::go(self, program),
                    _ => self.stopped(),
                }
            }
            (Event::Abort { code, facts }, State::Paused | State::Waiting(_)) => self.abort(program, code, facts),
            _ => self.stopped(),
        }
    }

    /// Why it stopped.
    pub fn stopped(&self) -> Yield {
        match self.state {
            State::Paused => Yield::OutOfFuel,
            State::Waiting(_) => Yield::Request,
            State::Finished(_) => Yield::Finished,
            State::Failed(_) => Yield::Failed,
        }
    }

    /// The request it waits for.
    pub fn request<'r>(&'r self, program: &'r Program) -> Option<Request<'r>> {
        match self.state {
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
        let State::Finished(slot) = self.state else {
            return None;
        };
        let gives = program.functions.get(usize::from(self.entry)).map_or(&Type::Nothing, |function| &function.gives);
        Some(View::of(self, program, gives, slot))
    }

    /// The error it ended in.
    pub fn failure(&self) -> Option<&Failure> {
        match self.state {
            State::Failed(id) => self.failures.get(id),
            _ => None,
        }
    }

    /// Any error of the run, such as the cause of another.
    pub fn error(&self, id: ErrorId) -> Option<&Failure> {
        self.failures.get(id)
    }

    /// The functions that are running, innermost first, with names and masked values.
    pub fn frames(&self, program: &Program) -> Vec<FrameView> {
        frame::views(program, &self.frames, self.stack.all(), Some((&self.heap, &self.failures)))
    }

    /// Where the last decline, cancellation or failure became an outcome, innermost first, without values.
    pub fn outcome_place(&self, program: &Program) -> Vec<FrameView> {
        frame::views(program, &self.outcome, &[], None)
    }

    /// How far the reversible region is, and what was decided last.
    pub fn money(&self) -> Money {
        self.money
    }

    /// Instructions executed: those of each call and each turn of a loop, and a share for texts and lists.
    pub fn executed(&self) -> u64 {
        self.spent
    }

    /// Instructions granted so far.
    pub fn granted(&self) -> u64 {
        self.granted
    }

    /// Number of the last request; 0 before the first.
    pub fn requests(&self) -> u32 {
        self.requests
    }

    /// Gives back the memory that a waiting run does not need.
    pub fn park(&mut self) {
        self.frames.shrink_to_fit();
        self.stack.shrink();
        self.heap.bytes.shrink_to_fit();
        self.heap.cells.shrink_to_fit();
        self.handled.shrink_to_fit();
        self.outcome.shrink_to_fit();
        self.failures.shrink();
    }

    /// Bytes of its texts, lists, records and messages: what `T8002` limits, without the errors.
    pub fn heap_used(&self) -> usize {
        self.heap.used()
    }

    /// Bytes it takes outside itself.
    pub fn bytes_used(&self) -> usize {
        self.frames.capacity() * size_of::<Frame>()
            + self.stack.bytes()
            + self.heap.bytes.capacity()
            + self.heap.cells.capacity() * size_of::<u64>()
            + self.handled.capacity() * size_of::<Handled>()
            + self.outcome.capacity() * size_of::<Frame>()
            + self.failures.bytes()
    }

    /// Notes how many registers are in use.
    pub(super) fn trim(&mut self, program: &Program) {
        let end = self.frames.last().map_or(0, |frame| {
            let registers = program.functions.get(usize::from(frame.function)).map_or(0, |it| it.registers.len());
            frame.base as usize + registers
        });
        self.stack.use_first(end);
    }

    /// Writes a register of the innermost frame.
    pub(super) fn set(&mut self, register: u8, value: u64) {
        self.stack.set(self.frames.last(), register, value);
    }

    /// Reads a register of the innermost frame.
    pub(super) fn register(&self, register: u8) -> u64 {
        self.stack.register(self.frames.last(), register)
    }

    /// The innermost frame goes on behind its instruction.
    pub(super) fn step_over(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.pc = frame.pc.saturating_add(1);
        }
    }
}
