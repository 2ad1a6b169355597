//! The loop: one step after another until something outside has to happen.

use super::arithmetic as calc;
use super::frame::Frame;
use super::heap::Heap;
use super::limits::Limits;
use super::memory::Memory;
use super::plain;
use super::prepared::Prepared;
use super::run::{Run, State, Yield};
use super::slot;
use super::stack::Window;
use super::step::Step;
use super::trap::Trap;
use crate::language::builtin::shapes::outcome;
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::Program;

/// Why the loop was left.
enum Exit {
    /// A return that ends the run, or that stands in the function that opened a region.
    Return(Option<u64>),
    Request {
        op: u8,
        base: u8,
    },
    Statement(Instruction),
    Fail(u64),
    OutOfFuel,
}

/// Executes until the run stops.
pub(super) fn go(run: &mut Run, program: &Program) -> Yield {
    run.state = State::Paused;
    let prepared = Prepared::of(program);
    loop {
        let stopped = match execute(run, program, prepared) {
            Ok(Exit::Return(value)) => run.leave(program, value),
            Ok(Exit::Request { op, base }) => run.ask(program, op, base),
            Ok(Exit::Statement(statement)) => run.decide(program, statement),
            Ok(Exit::Fail(error)) => run.raise_value(program, error),
            Ok(Exit::OutOfFuel) => {
                run.trim(program);
                Some(Yield::OutOfFuel)
            }
            Err(trap) => run.raise_trap(program, trap),
        };
        if let Some(stopped) = stopped {
            return stopped;
        }
    }
}

const NOTHING_RUNS: Trap = Trap::Defect("nothing is running");
const NO_FUNCTION: Trap = Trap::Defect("a frame has no function");
const NO_REGISTERS: Trap = Trap::Defect("a frame has no registers");

/// The loop itself. Registers are indexed by a byte, and the window has one for each.
fn execute(run: &mut Run, program: &Program, prepared: &Prepared) -> Result<Exit, Trap> {
    let Run { frames, stack, heap, failures, handled, limits, spent, granted, money, outcome: remembered, .. } = run;
    let granted = *granted;
    // Returns past these frames are looked at outside: a region is open there, or handlers are to be forgotten.
    let plain_returns = handled.is_empty();
    let mut region_depth = usize::from(money.depth);
    let frame = frames.last().ok_or(NOTHING_RUNS)?;
    let mut pc = frame.pc;
    let at = usize::from(frame.function);
    let mut steps = prepared.routines.get(at).ok_or(NO_FUNCTION)?.steps.as_slice();
    let mut window: &mut Window = stack.window(frame.base).ok_or(NO_REGISTERS)?;
    let mut memory = Memory { program, prepared, running: frame.function, heap, failures, limits, spent };

    macro_rules! r {
        ($register:expr) => {
            window[usize::from($register)]
        };
    }
    // The pc is written back only where the loop is left.
    macro_rules! leave {
        ($exit:expr) => {{
            if let Some(frame) = frames.last_mut() {
                frame.pc = pc;
            }
            return $exit;
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
            pc = $target;
            continue;
        }};
    }
    // Switches are not looked at before a run.
    macro_rules! go_on_to {
        ($target:expr) => {{
            let target = $target;
            if target <= pc {
                leave!(Err(BACK));
            }
            go_to!(target);
        }};
    }
    macro_rules! charge {
        ($cost:expr) => {{
            let spent = *memory.spent + u64::from($cost);
            if spent > granted {
                leave!(Ok(Exit::OutOfFuel));
            }
            *memory.spent = spent;
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
            pc = frame.pc;
        }};
    }

    loop {
        let Some(step) = steps.get(pc as usize) else {
            leave!(Err(Trap::Defect("the code ends without a return")));
        };
        match *step {
            Step::Load { to, slot } => r!(to) = slot,
            Step::Loads { count, first } => {
                let first = first as usize;
                let loads = prepared.loads.get(first..first + usize::from(count)).unwrap_or_default();
                for (to, slot) in loads {
                    r!(*to) = *slot;
                }
                go_to!(pc + u32::from(count));
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
                go_to!(pc + 2);
            }
            Step::Loop { cost, target } => {
                charge!(cost);
                go_to!(target);
            }
            Step::Turn { turn, times, cost, body, end } => {
                let next = checked!(calc::add_constant(r!(turn), 1));
                r!(turn) = next;
                // The number is counted on: out of fuel, it is the `Loop` behind that goes on.
                pc += 1;
                charge!(cost);
                if (next as i64) < r!(times) as i64 {
                    go_to!(body);
                }
                go_to!(end);
            }
            Step::SwitchWord { on, table } => go_on_to!(checked!(memory.switch_word(table, r!(on)))),
            Step::SwitchTag { on, table } => go_on_to!(checked!(memory.switch_word(table, r!(on) & 0xFF))),
            Step::SwitchText { on, table } => go_on_to!(checked!(memory.switch_text(table, r!(on)))),

            Step::MakeRecord { to, base, count } => r!(to) = checked!(memory.record(window, base, count)),
            Step::GetField { to, record, index } => r!(to) = checked!(memory.record_field(r!(record), index)),
            Step::GetItem { to, list, index } => r!(to) = checked!(memory.item(r!(list), r!(index) as i64)),
            Step::JoinTexts { to, base, count } => r!(to) = checked!(memory.join_texts(window, base, count)),
            Step::ToText { to, from, show } => r!(to) = checked!(memory.shown_text(from, r!(from), show)),
            Step::MakeMessage { to, base, shape } => r!(to) = checked!(memory.message(window, None, base, shape)),
            Step::FindMessageField { to, message, field } => {
                r!(to) = checked!(memory.find_message_field(to, r!(message), field));
            }

            Step::Call(called) => {
                charge!(called.cost);
                let deep = frames.len() >= usize::from(limits.depth);
                let Some(caller) = frames.last_mut() else { return Err(NOTHING_RUNS) };
                caller.pc = pc;
                if deep {
                    return Err(Trap::TooDeep);
                }
                let base = caller.base + u32::from(called.callers);
                let from = caller.base as usize + usize::from(called.base);
                frames.push(Frame { function: called.function, pc: 0, base, step: 0 });
                let Some(routine) = prepared.routines.get(usize::from(called.function)) else {
                    return Err(NO_FUNCTION);
                };
                let Some(registers) = stack.open(from, called.parameters, base as usize, called.registers) else {
                    return Err(NO_REGISTERS);
                };
                memory.running = called.function;
                (steps, window, pc) = (routine.steps.as_slice(), registers, 0);
                continue;
            }
            Step::CallPure(call) => r!(call.to) = checked!(memory.native(window, call)),
            Step::Return { from } => {
                let value = r!(from);
                if !plain_returns || frames.len() == region_depth || frames.len() < 2 {
                    leave!(Ok(Exit::Return(Some(value))));
                }
                frames.pop();
                let Some(caller) = frames.last().copied() else { return Err(NOTHING_RUNS) };
                enter!(caller);
                match steps.get(pc as usize) {
                    Some(Step::Call(called)) => r!(called.to) = value,
                    _ => leave!(Err(NO_CALL)),
                }
            }
            Step::ReturnNothing => {
                if !plain_returns || frames.len() == region_depth || frames.len() < 2 {
                    leave!(Ok(Exit::Return(None)));
                }
                frames.pop();
                let Some(caller) = frames.last().copied() else { return Err(NOTHING_RUNS) };
                enter!(caller);
                if !matches!(steps.get(pc as usize), Some(Step::Call(_))) {
                    leave!(Err(NO_CALL));
                }
            }
            Step::Request { op, base } => leave!(Ok(Exit::Request { op, base })),
            Step::Name { text } => {
                if let Some(frame) = frames.last_mut() {
                    frame.step = text.saturating_add(1);
                }
            }
            Step::Back => leave!(Err(BACK)),
            Step::Rare(instruction) => match instruction {
                // A region that is decided is left without asking anybody.
                Instruction::LeaveReversal {} if region_depth == frames.len() && !money.is_undecided() => {
                    money.close();
                    region_depth = 0;
                }
                Instruction::OpenReversal { .. }
                | Instruction::Commit { .. }
                | Instruction::Discard {}
                | Instruction::Reverse {}
                | Instruction::LeaveReversal {} => leave!(Ok(Exit::Statement(instruction))),
                Instruction::MakeOutcome { to, tag, value } => {
                    if let Some(frame) = frames.last_mut() {
                        frame.pc = pc;
                    }
                    let made = make_outcome(memory.heap, memory.limits, (tag, r!(value)), frames, remembered);
                    r!(to) = checked!(made);
                }
                Instruction::Fail { error } => leave!(Ok(Exit::Fail(r!(error)))),
                rare => checked!(plain::execute(&mut memory, window, rare)),
            },
        }
        pc += 1;
    }
}

const BACK: Trap = Trap::Defect("a jump leads back");
pub(super) const NO_CALL: Trap = Trap::Defect("a return leads to no call");

/// Builds an outcome, and remembers where if it is one that somebody will ask about.
#[inline(never)]
fn make_outcome(
    heap: &mut Heap,
    limits: &Limits,
    (tag, value): (u8, u64),
    frames: &[Frame],
    remembered: &mut Vec<Frame>,
) -> Result<u64, Trap> {
    let cell = match tag {
        outcome::APPROVED | outcome::DECLINED | outcome::FAILED => heap.keep_cells(limits, &[value])?,
        _ => 0,
    };
    if matches!(tag, outcome::DECLINED | outcome::CANCELLED | outcome::FAILED) {
        remembered.clear();
        remembered.extend_from_slice(frames);
    }
    Ok(slot::variant(tag, cell))
}
