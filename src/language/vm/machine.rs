//! The loop: one instruction after another until something outside has to happen.

use super::arithmetic as calc;
use super::frame::Frame;
use super::memory::{Memory, Window, constant, constant_text};
use super::run::{Run, State, WINDOW, Yield};
use super::slot;
use super::trap::Trap;
use crate::language::builtin::shapes::outcome;
use crate::language::bytecode::cost::long_way;
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::Program;

/// Why the loop was left.
enum Exit {
    Call { function: u16, base: u8 },
    Return(Option<u64>),
    Request { op: u8, base: u8 },
    Statement(Instruction),
    Outcome { to: u8, tag: u8, value: u8 },
    Fail(u64),
    OutOfFuel,
}

/// Executes until the run stops.
pub(super) fn go(run: &mut Run, program: &Program) -> Yield {
    run.state = State::Paused;
    run.prepare();
    loop {
        let stopped = match run_frame(run, program) {
            Ok(Exit::Call { function, base }) => match run.call(program, function, base) {
                Ok(()) => None,
                Err(trap) => run.raise_trap(program, trap),
            },
            Ok(Exit::Return(value)) => run.leave(program, value),
            Ok(Exit::Request { op, base }) => run.ask(program, op, base),
            Ok(Exit::Statement(statement)) => run.decide(program, statement),
            Ok(Exit::Outcome { to, tag, value }) => make_outcome(run, program, to, tag, value),
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

/// Executes instructions of the innermost frame.
fn run_frame(run: &mut Run, program: &Program) -> Result<Exit, Trap> {
    let Run { frames, stack, heap, failures, limits, spent, granted, .. } = run;
    let frame = frames.last_mut().ok_or(Trap::Defect("nothing is running"))?;
    let function = program.functions.get(usize::from(frame.function)).ok_or(Trap::Defect("a frame has no function"))?;
    let base = frame.base as usize;
    let window: &mut Window = stack
        .get_mut(base..base + WINDOW)
        .and_then(|window| window.try_into().ok())
        .ok_or(Trap::Defect("a frame has no registers"))?;
    let mut memory = Memory { program, function, heap, failures, limits, spent };
    let mut pc = frame.pc;
    let exit = execute(&mut memory, frame, window, &mut pc, *granted);
    frame.pc = pc;
    exit
}

/// The loop itself. Registers are indexed by a byte, and the window has one for each.
fn execute(
    memory: &mut Memory<'_>,
    frame: &mut Frame,
    window: &mut Window,
    place: &mut u32,
    granted: u64,
) -> Result<Exit, Trap> {
    let code = memory.function.code.as_slice();
    let mut pc = *place;

    macro_rules! r {
        ($register:expr) => {
            window[usize::from($register)]
        };
    }
    // The error exit: the pc is written back only where the loop is left.
    macro_rules! checked {
        ($result:expr) => {
            match $result {
                Ok(value) => value,
                Err(trap) => {
                    *place = pc;
                    return Err(trap);
                }
            }
        };
    }
    macro_rules! leave {
        ($exit:expr) => {{
            *place = pc;
            return Ok($exit);
        }};
    }
    // Only `Loop` goes back, and it is charged for: otherwise a run could go round for nothing.
    macro_rules! go_to {
        ($target:expr) => {{
            let target = $target;
            if target <= pc {
                *place = pc;
                return Err(Trap::Defect("a jump leads back"));
            }
            pc = target;
            continue;
        }};
    }

    loop {
        let Some(instruction) = code.get(pc as usize) else {
            *place = pc;
            return Err(Trap::Defect("the code ends without a return"));
        };
        match *instruction {
            Instruction::Move { to, from } => r!(to) = r!(from),
            Instruction::LoadInt { to, value } => r!(to) = i64::from(value) as u64,
            Instruction::LoadWord { to, word } => r!(to) = checked!(constant(memory, word)),
            Instruction::LoadText { to, text } => r!(to) = checked!(constant_text(memory, text)),
            Instruction::LoadNone { to } => r!(to) = 0,

            Instruction::AddInt { to, left, right } => r!(to) = checked!(calc::add(r!(left), r!(right))),
            Instruction::SubtractInt { to, left, right } => r!(to) = checked!(calc::subtract(r!(left), r!(right))),
            Instruction::MultiplyInt { to, left, right } => r!(to) = checked!(calc::multiply(r!(left), r!(right))),
            Instruction::DivideInt { to, left, right } => r!(to) = checked!(calc::divide(r!(left), r!(right))),
            Instruction::NegateInt { to, from } => r!(to) = checked!(calc::negate(r!(from))),
            Instruction::AddIntConstant { to, left, value } => r!(to) = checked!(calc::add_constant(r!(left), value)),
            Instruction::AddAmount { to, left, right } => r!(to) = checked!(calc::add_amount(r!(left), r!(right))),
            Instruction::SubtractAmount { to, left, right } => {
                r!(to) = checked!(calc::subtract_amount(r!(left), r!(right)))
            }
            Instruction::MultiplyAmount { to, left, right } => {
                r!(to) = checked!(calc::multiply_amount(r!(left), r!(right)))
            }
            Instruction::DivideAmount { to, left, right } => {
                r!(to) = checked!(calc::divide_amount(r!(left), r!(right)))
            }
            Instruction::PercentOfAmount { to, left, right } => {
                r!(to) = checked!(calc::percent_of_amount(r!(left), r!(right)))
            }
            Instruction::NegateAmount { to, from } => r!(to) = checked!(calc::negate_amount(r!(from))),

            Instruction::EqualWord { to, left, right } => r!(to) = (r!(left) == r!(right)).into(),
            Instruction::LessInt { to, left, right } => r!(to) = ((r!(left) as i64) < r!(right) as i64).into(),
            Instruction::LessOrEqualInt { to, left, right } => r!(to) = (r!(left) as i64 <= r!(right) as i64).into(),
            Instruction::EqualAmount { to, left, right } => {
                let (left, right) = checked!(calc::comparable(r!(left), r!(right)));
                r!(to) = (left == right).into();
            }
            Instruction::LessAmount { to, left, right } => {
                let (left, right) = checked!(calc::comparable(r!(left), r!(right)));
                r!(to) = (left < right).into();
            }
            Instruction::LessOrEqualAmount { to, left, right } => {
                let (left, right) = checked!(calc::comparable(r!(left), r!(right)));
                r!(to) = (left <= right).into();
            }
            Instruction::EqualText { to, left, right } => {
                r!(to) = memory.values().equal_text(r!(left), r!(right)).into()
            }
            Instruction::LessText { to, left, right } => r!(to) = memory.is_text_less(r!(left), r!(right)).into(),
            Instruction::EqualDeep { to, left, right } => r!(to) = checked!(memory.equal(left, r!(left), r!(right))),
            Instruction::Not { to, from } => r!(to) = (r!(from) == 0).into(),
            Instruction::Contains { to, item, list } => r!(to) = checked!(memory.contains(item, r!(item), r!(list))),

            Instruction::Jump { target } => go_to!(target),
            Instruction::JumpIf { test, target } => {
                if r!(test) != 0 {
                    go_to!(target);
                }
            }
            Instruction::JumpUnless { test, target } | Instruction::JumpIfNone { test, target } => {
                if r!(test) == 0 {
                    go_to!(target);
                }
            }
            Instruction::Loop { cost, target } => {
                // A turn that the compiler thinks free still counts, and so does a long one that says it is short.
                let cost = u64::from(cost).max(long_way(pc.saturating_sub(target)));
                if *memory.spent + cost > granted {
                    leave!(Exit::OutOfFuel);
                }
                *memory.spent += cost;
                pc = target;
                continue;
            }
            Instruction::SwitchWord { on, table } => {
                go_to!(checked!(memory.switch_word(table, r!(on))))
            }
            Instruction::SwitchText { on, table } => {
                go_to!(checked!(memory.switch_text(table, r!(on))))
            }
            Instruction::SwitchTag { on, table } => {
                go_to!(checked!(memory.switch_word(table, r!(on) & 0xFF)))
            }
            Instruction::JumpUnlessLess { left, right, target } => {
                if r!(left) as i64 >= r!(right) as i64 {
                    go_to!(target);
                }
            }

            Instruction::MakeRecord { to, base, count } => r!(to) = checked!(memory.record(window, base, count)),
            Instruction::GetField { to, record, index } => r!(to) = checked!(memory.record_field(r!(record), index)),
            Instruction::MakeVariant { to, tag, value } => r!(to) = checked!(memory.variant(tag, r!(value))),
            Instruction::MakeOutcome { to, tag, value } => leave!(Exit::Outcome { to, tag, value }),
            Instruction::GetPayload { to, from, tag } => r!(to) = checked!(memory.payload(r!(from), tag)),
            Instruction::MakeSome { to, from } => r!(to) = checked!(memory.some(from, r!(from))),
            Instruction::GetSome { to, from } => r!(to) = checked!(memory.out_of_some(to, r!(from))),
            Instruction::MakeList { to, base, count } => r!(to) = checked!(memory.list(window, base, count)),
            Instruction::JoinLists { to, left, right } => r!(to) = checked!(memory.join_lists(r!(left), r!(right))),
            Instruction::GetItem { to, list, index } => r!(to) = checked!(memory.item(r!(list), r!(index) as i64)),
            Instruction::ListLength { to, list } => r!(to) = slot::list_place(r!(list)).1.into(),

            Instruction::JoinTexts { to, base, count } => r!(to) = checked!(memory.join_texts(window, base, count)),
            Instruction::ToText { to, from, show } => r!(to) = checked!(memory.shown_text(from, r!(from), show)),

            Instruction::MakeMessage { to, base, shape } => {
                r!(to) = checked!(memory.message(window, None, base, shape))
            }
            Instruction::MakeMessageFrom { to, from, base, shape } => {
                r!(to) = checked!(memory.message(window, Some(r!(from)), base, shape));
            }
            Instruction::GetMessageField { to, message, field } => {
                r!(to) = checked!(memory.message_field(to, r!(message), field))
            }
            Instruction::FindMessageField { to, message, field } => {
                r!(to) = checked!(memory.find_message_field(to, r!(message), field));
            }

            Instruction::Call { base, function, .. } => {
                let cost = checked!(memory.cost(function));
                if *memory.spent + cost > granted {
                    leave!(Exit::OutOfFuel);
                }
                *memory.spent += cost;
                leave!(Exit::Call { function, base });
            }
            Instruction::CallPure { to, native, base, count } => {
                r!(to) = checked!(memory.native(window, to, native, base, count));
            }
            Instruction::Return { from } => leave!(Exit::Return(Some(r!(from)))),
            Instruction::ReturnNothing {} => leave!(Exit::Return(None)),
            Instruction::Request { op, base, .. } => leave!(Exit::Request { op, base }),

            Instruction::OpenReversal { .. }
            | Instruction::Commit { .. }
            | Instruction::Discard {}
            | Instruction::Reverse {}
            | Instruction::LeaveReversal {} => leave!(Exit::Statement(*instruction)),

            Instruction::MakeError { to, base, error } => r!(to) = checked!(memory.error(window, base, error)),
            Instruction::Fail { error } => leave!(Exit::Fail(r!(error))),
            Instruction::IsError { to, value, error } => r!(to) = checked!(memory.is_error(r!(value), error)),

            Instruction::Step { text } => frame.step = text.saturating_add(1),
        }
        pc += 1;
    }
}

/// Builds an outcome, and remembers where if it is one that somebody will ask about.
#[inline(never)]
fn make_outcome(run: &mut Run, program: &Program, to: u8, tag: u8, value: u8) -> Option<Yield> {
    let value = run.register(value);
    let cell = match tag {
        outcome::APPROVED | outcome::DECLINED | outcome::FAILED => match run.heap.keep_cells(&run.limits, &[value]) {
            Ok(cell) => cell,
            Err(trap) => return run.raise_trap(program, trap),
        },
        _ => 0,
    };
    if matches!(tag, outcome::DECLINED | outcome::CANCELLED | outcome::FAILED) {
        run.outcome.clone_from(&run.frames);
    }
    run.set(to, slot::variant(tag, cell));
    run.step_over();
    None
}
