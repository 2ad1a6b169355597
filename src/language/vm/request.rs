//! What a run asks of the world, and what it makes of the answer.

use super::answer::Intake;
use super::failure::ErrorId;
use super::message::Message;
use super::money::{self, Decision};
use super::native;
use super::prepared::Prepared;
use super::raise;
use super::run::{Run, State, Yield};
use super::step::Step;
use super::trap::Trap;
use super::value::Answer;
use super::view::View;
use crate::language::builtin;
use crate::language::builtin::row::{Does, Op, Simple, Ty};
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::{Function, Program};
use crate::language::types::Type;
use crate::script_error::catalogue::limits;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// Why a run waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Purpose {
    /// For the answer to the builtin at the instruction.
    Builtin,
    /// For the reversal to be recorded.
    Open,
    /// For the transaction to be booked.
    Commit,
    /// For the reversal to be dropped.
    Discard,
    /// For the reversal to be decided, instead of a drop that is not safe.
    DiscardUnsafe,
    /// For the reversal to be decided, as the script says.
    Reverse,
    /// The same, since the region ends undecided.
    Leave,
    /// The same, since the function returns out of the region.
    Return,
    /// The same, since an error leaves the region.
    Unwind(ErrorId),
}

impl Purpose {
    /// Does the answer decide about the money?
    pub(super) fn decides(self) -> bool {
        !matches!(self, Purpose::Builtin | Purpose::Open)
    }
}

/// A request of a run: its number, what is asked for, and with what.
#[derive(Clone, Copy, Debug)]
pub struct Request<'r> {
    run: &'r Run,
    program: &'r Program,
    purpose: Purpose,
}

/// Index of the record that is booked.
const TXN: Type = Type::Record(builtin::shapes::TXN);
const OPTIONAL_MESSAGE: fn() -> &'static Type = || {
    static TYPE: std::sync::OnceLock<Type> = std::sync::OnceLock::new();
    TYPE.get_or_init(|| Type::optional(Type::Message(None)))
};
const OPTIONAL_TEXT: fn() -> &'static Type = || {
    static TYPE: std::sync::OnceLock<Type> = std::sync::OnceLock::new();
    TYPE.get_or_init(|| Type::optional(Type::Text))
};

impl<'r> Request<'r> {
    pub(super) fn of(run: &'r Run, program: &'r Program, purpose: Purpose) -> Request<'r> {
        Request { run, program, purpose }
    }

    /// Where it waits.
    fn instruction(&self) -> Option<Instruction> {
        self.run.instruction(self.program)
    }

    /// Its number, from 1. The answer carries it.
    pub fn number(&self) -> u32 {
        self.run.rest.requests
    }

    /// What is asked for.
    pub fn op(&self) -> Op {
        match self.purpose {
            Purpose::Builtin => match self.instruction() {
                Some(Instruction::Request { op, .. }) => Op::from_number(op).unwrap_or(Op::ScreenClear),
                _ => Op::ScreenClear,
            },
            Purpose::Open => Op::ReverseOpen,
            Purpose::Commit => Op::Commit,
            Purpose::Discard => Op::Discard,
            Purpose::DiscardUnsafe | Purpose::Reverse | Purpose::Leave | Purpose::Return | Purpose::Unwind(_) => {
                Op::Reverse
            }
        }
    }

    /// How many arguments there are.
    pub fn count(&self) -> u8 {
        match self.purpose {
            Purpose::Builtin => match self.instruction() {
                Some(Instruction::Request { count, .. }) => count,
                _ => 0,
            },
            Purpose::Open => 2,
            Purpose::Discard => 0,
            _ => 1,
        }
    }

    /// One argument, counted from 0; past the last it is `none`.
    ///
    /// `ReverseOpen` has the request and the reversal's message or none; `Commit` the transaction; `Reverse` the code
    /// of the error that caused it, or none.
    pub fn argument(&self, at: u8) -> View<'r> {
        let view = |ty, slot| View::of(self.run, self.program, ty, slot);
        let nothing = || View::of(self.run, self.program, OPTIONAL_TEXT(), 0);
        let registers = self.run.place(self.program).map_or([].as_slice(), |(function, _)| &function.registers);
        let ty = |register: u8| registers.get(usize::from(register));
        match (self.purpose, self.instruction(), at) {
            (Purpose::Builtin, Some(Instruction::Request { base, count, .. }), at) if at < count => {
                let register = base.saturating_add(at);
                match ty(register) {
                    Some(ty) => view(ty, self.run.register(register)),
                    None => nothing(),
                }
            }
            (Purpose::Open, Some(Instruction::OpenReversal { request, .. }), 0) => {
                view(&Type::Message(None), self.run.register(request))
            }
            (Purpose::Open, Some(Instruction::OpenReversal { by, .. }), 1) => {
                view(OPTIONAL_MESSAGE(), self.run.register(by))
            }
            (Purpose::Commit, Some(Instruction::Commit { txn }), 0) => {
                view(ty(txn).unwrap_or(&TXN), self.run.register(txn))
            }
            (Purpose::DiscardUnsafe, _, 0) => view(OPTIONAL_TEXT(), money::reason(Some(limits::DISCARD_UNSAFE.0))),
            (Purpose::Unwind(id), _, 0) => {
                let code = self.run.error(id).map(|error| error.code.as_str());
                view(OPTIONAL_TEXT(), money::reason(code))
            }
            _ => nothing(),
        }
    }

    /// All arguments, in order.
    pub fn arguments(&self) -> impl Iterator<Item = View<'r>> + use<'r> {
        let request = *self;
        (0..self.count()).map(move |at| request.argument(at))
    }
}

impl Run {
    /// Stops with a request.
    pub(super) fn give_out(&mut self, program: &Program, purpose: Purpose) -> Yield {
        self.rest.requests = self.rest.requests.saturating_add(1);
        self.rest.state = State::Waiting(purpose);
        self.trim(program);
        Yield::Request
    }

    /// Gives out the builtin at the instruction, if it may be.
    #[inline(never)]
    pub(super) fn ask(&mut self, program: &Program, op: u8, base: u8) -> Option<Yield> {
        match Op::from_number(op) {
            None | Some(Op::ReverseOpen | Op::Commit | Op::Discard | Op::Reverse) => {
                return self.raise_trap(program, Trap::Defect("a request asks for nothing known"));
            }
            Some(Op::HostSend) => {
                let message = self.register(base);
                let refused = self.rest.money.refuses(message, || self.moves_money(program, message));
                if let Some(detail) = refused {
                    return self.raise_trap(program, Trap::ReversibleMisused(detail));
                }
                self.rest.money.sending(message);
            }
            Some(_) => {}
        }
        Some(self.give_out(program, Purpose::Builtin))
    }

    /// Takes the answer to the request it waits for. `None`: go on.
    #[inline(always)]
    pub(super) fn answered(
        &mut self,
        program: &Program,
        prepared: &Prepared,
        purpose: Purpose,
        answer: &Answer<'_>,
    ) -> Option<Yield> {
        if purpose != Purpose::Builtin || matches!(answer, Answer::Failed { .. }) {
            return self.decided_or_failed(program, purpose, answer);
        }
        match self.builtin_done(program, prepared, answer) {
            Ok(()) => None,
            Err(trap) => self.raise_trap(program, trap),
        }
    }

    #[inline(never)]
    fn decided_or_failed(&mut self, program: &Program, purpose: Purpose, answer: &Answer<'_>) -> Option<Yield> {
        let failed = match answer {
            Answer::Failed { code, facts } => Some((*code, *facts)),
            _ => None,
        };
        match (purpose, failed) {
            (Purpose::Builtin, Some((code, facts))) => return self.builtin_failed(program, code, facts),
            (Purpose::Builtin, None) => return self.raise_trap(program, Trap::Defect("an answer was not taken")),
            // Whether or not it could be noted: the reversal stands, and the error goes on its way.
            (Purpose::Unwind(id), _) => {
                self.rest.money.decide(Decision::Reversed);
                return self.unwind(program, id);
            }
            (Purpose::Open, None) => self.open_region(program),
            (Purpose::Commit, None) => self.rest.money.decide(Decision::Committed),
            (Purpose::Discard, None) => self.rest.money.decide(Decision::Discarded),
            // Nothing is decided: the error reverses if it leaves the region.
            (Purpose::Open | Purpose::Commit | Purpose::Discard, Some(_)) => {}
            (Purpose::DiscardUnsafe | Purpose::Reverse, _) => self.rest.money.decide(Decision::Reversed),
            (Purpose::Leave | Purpose::Return, _) => {
                self.rest.money.decide(Decision::Reversed);
                self.rest.money.close();
            }
        }
        if let Some((code, facts)) = failed {
            return self.raise_new(program, code, raise::facts_of(facts), true);
        }
        match purpose {
            Purpose::DiscardUnsafe => self.raise_trap(program, Trap::DiscardUnsafe),
            // The return is executed again, now outside any region.
            Purpose::Return => None,
            _ => {
                self.step_over();
                None
            }
        }
    }

    /// The reversal of the message at the instruction is recorded.
    pub(super) fn open_region(&mut self, program: &Program) {
        let Some(Instruction::OpenReversal { request, .. }) = self.instruction(program) else {
            return;
        };
        let request = self.register(request);
        let depth = self.rest.frames.len() as u16;
        if let Some((function, pc)) = self.place(program) {
            self.rest.money.open(function, pc, depth, request);
        }
    }

    /// The instruction the innermost frame is at.
    pub(super) fn instruction(&self, program: &Program) -> Option<Instruction> {
        let (function, pc) = self.place(program)?;
        function.code.get(pc as usize).copied()
    }

    fn place<'p>(&self, program: &'p Program) -> Option<(&'p Function, u32)> {
        let frame = self.rest.frames.last()?;
        let function = program.functions.get(usize::from(frame.function))?;
        Some((function, frame.pc))
    }

    fn builtin_failed(&mut self, program: &Program, code: &str, facts: &[(&str, &str, &str)]) -> Option<Yield> {
        if let Some(message) = self.sent_message(program) {
            self.rest.money.failed(message, code);
        }
        if let Err(trap) = self.rest.heap.room_for_cells(&self.rest.limits, 0) {
            return self.raise_trap(program, trap);
        }
        self.raise_new(program, code, raise::facts_of(facts), true)
    }

    /// Takes what a builtin gave, and steps over it.
    #[inline]
    fn builtin_done(&mut self, program: &Program, prepared: &Prepared, answer: &Answer<'_>) -> Result<(), Trap> {
        const ASKS_NOTHING: Trap = Trap::Defect("a run waits where it asks for nothing");
        let frame = self.rest.frames.last_mut().ok_or(ASKS_NOTHING)?;
        let Some(&Step::Request { op, base, to, gives, nothing, plain, .. }) = prepared.step(*frame) else {
            return Err(ASKS_NOTHING);
        };
        if matches!(answer, Answer::Nothing) {
            if !nothing {
                return Err(Trap::Defect("an answer is missing its value"));
            }
            frame.pc = frame.pc.saturating_add(1);
            return Ok(());
        }
        let (heap, limits, types) = (&mut self.rest.heap, &self.rest.limits, &program.types);
        let mut intake = Intake { heap, limits, types, prepared };
        let value = match intake.short(gives, answer) {
            Some(value) => value,
            None => {
                let function = program.functions.get(usize::from(frame.function));
                let ty = function.and_then(|function| function.registers.get(usize::from(to)));
                intake.take(ty.ok_or(Trap::Defect("the answer has no register"))?, answer)?
            }
        };
        let frame = Some(&*frame);
        // The message is looked at before the reply takes its place, should they share a register.
        let message = self.stack.register(frame, base);
        self.stack.set(frame, to, value);
        if !plain && op == Op::HostSend.number() {
            let code = native::reply_code(program, &self.rest.heap, value)?;
            self.rest.money.replied(message, code, program.dialect.as_ref());
        }
        self.step_over();
        Ok(())
    }

    /// The message that the instruction sends, if it sends one.
    fn sent_message(&self, program: &Program) -> Option<u64> {
        match self.instruction(program)? {
            Instruction::Request { op, base, .. } if op == Op::HostSend.number() => Some(self.register(base)),
            _ => None,
        }
    }

    fn moves_money(&self, program: &Program, message: u64) -> bool {
        const PROCESSING_CODE: u8 = 3;
        let Some(dialect) = &program.dialect else {
            return false;
        };
        let Ok(message) = Message::at(&self.rest.heap, message) else {
            return false;
        };
        let processing = match message.field(PROCESSING_CODE) {
            Ok(Some((_, slot))) => Some(self.rest.heap.text(&program.bytes, slot)),
            _ => None,
        };
        dialect
            .rule(message.mti(), processing.as_ref().and_then(|text| text.as_str()))
            .is_some_and(|rule| rule.moves_money)
    }
}

/// Is this a builtin that asks for something no money hangs on?
pub(super) fn is_plain(op: u8) -> bool {
    let known = Op::from_number(op);
    known.is_some_and(|op| !matches!(op, Op::HostSend | Op::ReverseOpen | Op::Commit | Op::Discard | Op::Reverse))
}

/// Does this builtin give no value?
pub(super) fn gives_nothing(op: u8) -> bool {
    static GIVE_NOTHING: LazyLock<[bool; 256]> = LazyLock::new(|| {
        let mut found = [false; 256];
        let rows = builtin::all().filter(|row| row.gives == Ty::Plain(Simple::Nothing));
        let requests = rows.filter_map(|row| match row.does {
            Does::Request(op) => Some(op.number()),
            _ => None,
        });
        for number in requests.chain([Op::Sleep.number()]) {
            found[usize::from(number)] = true;
        }
        found
    });
    GIVE_NOTHING[usize::from(op)]
}
