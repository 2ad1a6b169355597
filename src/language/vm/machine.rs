//! The loop: one step after another until something outside has to happen.

use super::arithmetic as calc;
use super::frame::Frame;
use super::memory::Memory;
use super::message;
use super::native;
use super::plain;
use super::prepared::Prepared;
use super::request::Purpose;
use super::run::{Rest, Run, State, Yield};
use super::slot;
use super::stack::{Stack, Window};
use super::step::{Called, LOADS_MOST, Step};
use super::trap::Trap;
use super::written::Written;
use crate::language::builtin::shapes::outcome;
use crate::language::bytecode::instruction::{Instruction, Show};
use crate::language::bytecode::program::Program;
use std::slice;

/// Why the loop was left.
#[derive(Clone, Copy)]
enum Exit {
    /// A return that ends the run, or that stands in the function that opened a region.
    Return(Option<u64>),
    /// A request was given out.
    Asked,
    /// A request that money may hang on is to be given out.
    Send {
        op: u8,
        base: u8,
    },
    Statement(Instruction),
    Fail(u64),
    OutOfFuel,
}

/// Executes until the run stops.
#[inline(always)]
pub(super) fn go(run: &mut Run, program: &Program, prepared: &Prepared) -> Yield {
    run.rest.state = State::Paused;
    loop {
        let left = execute(&mut run.rest, &mut run.stack, program, prepared);
        if matches!(left, Ok(Exit::Asked)) {
            return Yield::Request;
        }
        if let Some(stopped) = left_for(run, program, left) {
            return stopped;
        }
    }
}

/// Does what the loop was left for. `None`: go on.
#[inline(never)]
fn left_for(run: &mut Run, program: &Program, left: Result<Exit, Trap>) -> Option<Yield> {
    match left {
        Ok(Exit::Asked) => Some(Yield::Request),
        Ok(Exit::Return(value)) => run.leave(program, value),
        Ok(Exit::Send { op, base }) => run.ask(program, op, base),
        Ok(Exit::Statement(statement)) => run.decide(program, statement),
        Ok(Exit::Fail(error)) => run.raise_value(program, error),
        Ok(Exit::OutOfFuel) => {
            run.trim(program);
            Some(Yield::OutOfFuel)
        }
        Err(trap) => run.raise_trap(program, trap),
    }
}

const NOTHING_RUNS: Trap = Trap::Defect("nothing is running");
const NO_FUNCTION: Trap = Trap::Defect("a frame has no function");
const NO_REGISTERS: Trap = Trap::Defect("a frame has no registers");

/// The loop itself. Registers are indexed by a byte, and the window has one for each.
#[inline(never)]
fn execute(run: &mut Rest, stack: &mut Stack, program: &Program, prepared: &Prepared) -> Result<Exit, Trap> {
    let frame = *run.frames.last().ok_or(NOTHING_RUNS)?;
    let mut memory = Memory { program, prepared, running: frame.function, run };
    let at = usize::from(frame.function);
    let mut steps = prepared.routines.get(at).ok_or(NO_FUNCTION)?.steps.as_slice();
    // The steps from the next one on: where the machine stands, as one pointer that moves.
    let mut rest = steps_from(steps, frame.pc as usize);
    let mut window: &mut Window = stack.window(frame.base).ok_or(NO_REGISTERS)?;

    macro_rules! r {
        ($register:expr) => {
            window[usize::from($register)]
        };
    }
    // The step that is executed, counted so many further on.
    macro_rules! pc {
        ($further:expr) => {
            (steps.len() - rest.as_slice().len()).wrapping_sub(1).wrapping_add($further) as u32
        };
    }
    // Where the run stands is written down only where the loop is left.
    macro_rules! leave {
        ($exit:expr) => {
            leave!($exit, 0)
        };
        ($exit:expr, $further:expr) => {{
            let exit = $exit;
            if let Some(frame) = memory.run.frames.last_mut() {
                frame.pc = pc!($further);
            }
            return exit;
        }};
    }
    macro_rules! checked {
        ($result:expr) => {
            match $result {
                Ok(value) => value,
                Err(trap) => leave!(Err(trap)),
            }
        };
    }
    macro_rules! go_to {
        ($target:expr) => {{
            rest = steps_from(steps, $target as usize);
            continue;
        }};
    }
    macro_rules! skip {
        ($count:expr) => {
            rest = steps_from(rest.as_slice(), $count)
        };
    }
    macro_rules! switch {
        ($table:expr) => {
            match prepared.switches.get(usize::from($table)) {
                Some(jumps) => jumps,
                None => leave!(Err(NO_TABLE)),
            }
        };
    }
    // Out of fuel, the run goes on at the step that could not be paid.
    macro_rules! charge {
        ($cost:expr) => {
            charge!($cost, 0)
        };
        ($cost:expr, $further:expr) => {{
            let spent = memory.run.spent + u64::from($cost);
            if spent > memory.run.granted {
                leave!(Ok(Exit::OutOfFuel), $further);
            }
            memory.run.spent = spent;
        }};
    }
    // Goes on in the innermost frame.
    macro_rules! enter {
        ($frame:expr) => {{
            let frame: Frame = $frame;
            let at = usize::from(frame.function);
            let Some(routine) = prepared.routines.get(at) else { return Err(NO_FUNCTION) };
            memory.running = frame.function;
            steps = routine.steps.as_slice();
            let Some(registers) = stack.window(frame.base) else { return Err(NO_REGISTERS) };
            window = registers;
            rest = steps_from(steps, frame.pc as usize);
        }};
    }

    macro_rules! call {
        ($called:expr) => {{
            let called: Called = $called;
            charge!(called.cost);
            let deep = memory.run.frames.len() >= usize::from(memory.run.limits.depth);
            let Some(caller) = memory.run.frames.last_mut() else { return Err(NOTHING_RUNS) };
            caller.pc = pc!(0);
            if deep {
                return Err(Trap::TooDeep);
            }
            let base = caller.base + u32::from(called.callers);
            let from = caller.base as usize + usize::from(called.base);
            memory.run.frames.push(Frame { function: called.function, pc: 0, base, step: 0 });
            let Some(routine) = prepared.routines.get(usize::from(called.function)) else {
                return Err(NO_FUNCTION);
            };
            let Some(registers) = stack.open(from, called.parameters, base as usize, called.registers) else {
                return Err(NO_REGISTERS);
            };
            memory.running = called.function;
            (steps, window) = (routine.steps.as_slice(), registers);
            rest = steps.iter();
        }};
    }

    loop {
        let Some(step) = rest.next() else {
            leave!(Err(Trap::Defect("the code ends without a return")), 1);
        };
        match *step {
            Step::Load { to, slot } => r!(to) = slot,
            Step::Loads { count, first } => {
                let loads = prepared.loads.get(first as usize..).and_then(|loads| loads.first_chunk::<LOADS_MOST>());
                if let Some([one, two, three, four]) = loads {
                    r!(one.0) = one.1;
                    r!(two.0) = two.1;
                    r!(three.0) = three.1;
                    r!(four.0) = four.1;
                }
                skip!(usize::from(count) - 1);
            }
            Step::List { to, count, list, first } => {
                let first = first as usize;
                let loads = prepared.loads.get(first..first + usize::from(count)).unwrap_or_default();
                for (to, slot) in loads {
                    r!(*to) = *slot;
                }
                r!(to) = slot::list(list, count.into());
                skip!(usize::from(count));
            }
            Step::Move { to, from } => r!(to) = r!(from),

            Step::AddInt { to, left, right } => r!(to) = checked!(calc::add(r!(left), r!(right))),
            Step::SubtractInt { to, left, right } => r!(to) = checked!(calc::subtract(r!(left), r!(right))),
            Step::MultiplyInt { to, left, right } => r!(to) = checked!(calc::multiply(r!(left), r!(right))),
            Step::AddIntConstant { to, left, value } => r!(to) = checked!(calc::add_constant(r!(left), value)),
            Step::EqualWord { to, left, right } => r!(to) = (r!(left) == r!(right)).into(),
            Step::LessInt { to, left, right } => r!(to) = ((r!(left) as i64) < r!(right) as i64).into(),
            Step::LessOrEqualInt { to, left, right } => r!(to) = (r!(left) as i64 <= r!(right) as i64).into(),
            Step::EqualText { to, left, right } => r!(to) = memory.values().equal_text(r!(left), r!(right)).into(),
            Step::Not { to, from } => r!(to) = (r!(from) == 0).into(),

            Step::Jump { target } => go_to!(target),
            Step::JumpIf { test, target } => {
                if r!(test) != 0 {
                    go_to!(target);
                }
            }
            Step::JumpUnless { test, target } => {
                if r!(test) == 0 {
                    go_to!(target);
                }
            }
            Step::JumpUnlessLess { left, right, target } => {
                if r!(left) as i64 >= r!(right) as i64 {
                    go_to!(target);
                }
            }
            Step::LoadJumpUnlessLess { to, left, right, value, target } => {
                r!(to) = i64::from(value) as u64;
                if r!(left) as i64 >= r!(right) as i64 {
                    go_to!(target);
                }
                skip!(1);
            }
            Step::AddJumpUnlessLess { to, left, right, bound, value, target } => {
                let sum = checked!(calc::add(r!(left), r!(right)));
                r!(to) = sum;
                r!(bound) = i64::from(value) as u64;
                if i64::from(value) >= sum as i64 {
                    go_to!(target);
                }
                skip!(2);
            }
            Step::Loop { cost, target } => {
                charge!(cost);
                go_to!(target);
            }
            Step::Turn { turn, times, cost, body, end } => {
                let next = checked!(calc::add_constant(r!(turn), 1));
                r!(turn) = next;
                // The number is counted on: out of fuel, it is the `Loop` behind that goes on.
                charge!(cost, 1);
                if (next as i64) < r!(times) as i64 {
                    go_to!(body);
                }
                go_to!(end);
            }
            Step::AddTurn { to, value, turn, times, cost, body, end } => {
                r!(to) = checked!(calc::add_constant(r!(to), value.into()));
                let Ok(next) = calc::add_constant(r!(turn), 1) else { continue };
                r!(turn) = next;
                charge!(cost, 2);
                if (next as i64) < r!(times) as i64 {
                    go_to!(body);
                }
                go_to!(end);
            }
            Step::SwitchWord { on, table } => go_to!(switch!(table).word(r!(on))),
            Step::SwitchTag { on, table } => go_to!(switch!(table).word(r!(on) & 0xFF)),
            Step::SwitchText { on, table } => {
                let (jumps, text) = (switch!(table), r!(on));
                go_to!(if slot::is_inline(text) { jumps.word(text) } else { memory.long_text(jumps, text) })
            }

            Step::MakeRecord { to, base, count } => {
                r!(to) = match memory.record_of_four(window, base, count) {
                    Some(record) => record,
                    None => checked!(memory.record(window, base, count)),
                }
            }
            Step::Row { to, base, record, index, first } => {
                let loads = prepared.loads.get(first as usize..).and_then(|loads| loads.first_chunk::<3>());
                if let Some([one, two, three]) = loads {
                    r!(one.0) = one.1;
                    r!(two.0) = two.1;
                    r!(three.0) = three.1;
                }
                // The step behind is the field's, and the next the record's: they say what is wrong.
                let Some(field) = memory.field(r!(record), index) else {
                    skip!(2);
                    continue;
                };
                r!(base.wrapping_add(3)) = field;
                let Some(row) = memory.record_of_four(window, base, 4) else {
                    skip!(3);
                    continue;
                };
                r!(to) = row;
                skip!(4);
            }
            Step::Slip { slip } => go_to!(checked!(memory.slip(window, slip))),
            Step::Gather { count, first } => {
                let gone = memory.gather(window, first, count);
                if gone < usize::from(count) {
                    leave!(Err(NO_FIELD), gone);
                }
                skip!(usize::from(count) - 1);
            }
            Step::Box { to, from } => {
                r!(to) = match memory.run.heap.keep_one(&memory.run.limits, r!(from)) {
                    Some(cell) => cell,
                    None => leave!(Err(Trap::HeapFull)),
                };
            }
            Step::GetField { to, record, index } => {
                r!(to) = match memory.field(r!(record), index) {
                    Some(field) => field,
                    None => checked!(memory.record_field(r!(record), index)),
                }
            }
            Step::GetItem { to, list, index } => r!(to) = checked!(memory.item(r!(list), r!(index) as i64)),
            Step::JoinTexts { to, base, count } => r!(to) = checked!(memory.join_texts(window, base, count)),
            Step::IntToText { to, from } => {
                r!(to) = match Written::short_int(r!(from) as i64) {
                    Some(text) => text,
                    None => checked!(memory.shown_text(from, r!(from), Show::Int as u8)),
                }
            }
            Step::ToText { to, from, show } => r!(to) = checked!(memory.shown_text(from, r!(from), show)),
            Step::MakeMessage { to, base, shape } => r!(to) = checked!(memory.message(window, None, base, shape)),
            Step::FindMessageField { to, message, field } => {
                r!(to) = checked!(memory.find_message_field(to, r!(message), field));
            }
            Step::FindText { to, message, field, digits } => {
                r!(to) = match message::find_text(&memory.run.heap, r!(message), field, digits) {
                    Some(text) => text,
                    None => checked!(memory.find_message_field(to, r!(message), field)),
                }
            }
            Step::GetSome { to, from } => {
                let value = r!(from);
                if value == 0 {
                    leave!(Err(NOTHING_IN_NONE));
                }
                r!(to) = value;
            }
            Step::TakeSome { test, to, also, none, target } => {
                let value = r!(test);
                if value == 0 {
                    go_to!(none);
                }
                r!(to) = value;
                r!(also) = value;
                go_to!(target);
            }

            Step::Call(called) => call!(called),
            Step::LookUp(called) => match memory.look_up(called.function, r!(called.base)) {
                Some(value) => {
                    charge!(called.cost);
                    r!(called.to) = value;
                }
                None => call!(called),
            },
            Step::Mask { to, from } => r!(to) = checked!(native::mask(&memory.run.heap, r!(from))),
            Step::LuhnValid { to, from } => r!(to) = checked!(native::luhn_valid(&memory.run.heap, r!(from))),
            Step::ReplyCode { to, from } => {
                r!(to) = checked!(native::code_of_reply(program, &memory.run.heap, r!(from)));
            }
            Step::CurrencyNumber { to, from } => r!(to) = checked!(native::currency_number(r!(from))),
            Step::Part { to, base } => r!(to) = checked!(memory.part_of_text(window, to, base)),
            Step::CallPure(call) => r!(call.to) = checked!(memory.native(window, call)),
            Step::Return { from } => {
                let value = r!(from);
                if memory.run.is_looked_at_when_left() {
                    leave!(Ok(Exit::Return(Some(value))));
                }
                memory.run.frames.pop();
                let Some(caller) = memory.run.frames.last().copied() else { return Err(NOTHING_RUNS) };
                enter!(caller);
                match rest.next() {
                    Some(Step::Call(called) | Step::LookUp(called)) => r!(called.to) = value,
                    _ => leave!(Err(NO_CALL)),
                }
            }
            Step::ReturnNothing => {
                if memory.run.is_looked_at_when_left() {
                    leave!(Ok(Exit::Return(None)));
                }
                memory.run.frames.pop();
                let Some(caller) = memory.run.frames.last().copied() else { return Err(NOTHING_RUNS) };
                enter!(caller);
                if !matches!(rest.next(), Some(Step::Call(_) | Step::LookUp(_))) {
                    leave!(Err(NO_CALL));
                }
            }
            Step::Request { registers, plain: true, .. } => {
                memory.run.requests = memory.run.requests.saturating_add(1);
                memory.run.state = State::Waiting(Purpose::Builtin);
                let Some(frame) = memory.run.frames.last_mut() else { return Err(NOTHING_RUNS) };
                frame.pc = pc!(0);
                stack.use_first(frame.base as usize + usize::from(registers));
                return Ok(Exit::Asked);
            }
            Step::Request { op, base, .. } => leave!(Ok(Exit::Send { op, base })),
            Step::Name { text } => {
                if let Some(frame) = memory.run.frames.last_mut() {
                    frame.step = text.saturating_add(1);
                }
            }
            Step::Back => leave!(Err(BACK)),
            Step::Rare(instruction) => match instruction {
                // A region that is decided is left without asking anybody.
                Instruction::LeaveReversal {} if memory.run.leaves_decided_region() => memory.run.money.close(),
                Instruction::OpenReversal { .. }
                | Instruction::Commit { .. }
                | Instruction::Discard {}
                | Instruction::Reverse {}
                | Instruction::LeaveReversal {} => leave!(Ok(Exit::Statement(instruction))),
                Instruction::MakeOutcome { to, tag, value } => {
                    if let Some(frame) = memory.run.frames.last_mut() {
                        frame.pc = pc!(0);
                    }
                    r!(to) = checked!(memory.run.make_outcome(tag, r!(value)));
                }
                Instruction::Fail { error } => leave!(Ok(Exit::Fail(r!(error)))),
                rare => checked!(plain::execute(&mut memory, window, rare)),
            },
        }
    }
}

/// The steps from one on.
#[inline(always)]
fn steps_from(steps: &[Step], at: usize) -> slice::Iter<'_, Step> {
    match steps.get(at..) {
        Some(rest) => rest.iter(),
        None => nowhere(),
    }
}

/// No step: where a jump leads past the last. By itself, so that a jump is a branch and not a row of conditional moves.
#[cold]
#[inline(never)]
fn nowhere<'s>() -> slice::Iter<'s, Step> {
    [].iter()
}

const NO_TABLE: Trap = Trap::Defect("a switch has no table");
const NO_FIELD: Trap = Trap::Defect("a reference points past the heap");
const NOTHING_IN_NONE: Trap = Trap::Defect("there is nothing in none");
const BACK: Trap = Trap::Defect("a jump leads back");
pub(super) const NO_CALL: Trap = Trap::Defect("a return leads to no call");

impl Rest {
    /// Is the innermost frame looked at when it is left? It is if a region is open there, if handlers are to be forgotten,
    /// and if it is the last.
    #[inline]
    fn is_looked_at_when_left(&self) -> bool {
        let depth = self.frames.len();
        !self.handled.is_empty() || depth == usize::from(self.money.depth) || depth < 2
    }

    fn leaves_decided_region(&self) -> bool {
        usize::from(self.money.depth) == self.frames.len() && !self.money.is_undecided()
    }

    /// Builds an outcome, and remembers where if it is one that somebody will ask about.
    #[inline(never)]
    fn make_outcome(&mut self, tag: u8, value: u64) -> Result<u64, Trap> {
        let cell = match tag {
            outcome::APPROVED | outcome::DECLINED | outcome::FAILED => self.heap.keep_cells(&self.limits, &[value])?,
            _ => 0,
        };
        if matches!(tag, outcome::DECLINED | outcome::CANCELLED | outcome::FAILED) {
            self.outcome.clear();
            self.outcome.extend_from_slice(&self.frames);
        }
        Ok(slot::variant(tag, cell))
    }
}
