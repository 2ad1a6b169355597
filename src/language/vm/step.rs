//! Steps: a function's instructions as the loop runs them, one for one, with all looked up that can be.
//!
//! A step stands at the place of its instruction. Some do the work of the instructions behind them too and go on
//! behind those; these stand there all the same, for whoever jumps to them.

use super::slot;
use crate::language::builtin::row::Pure;
use crate::language::bytecode::cost::long_way;
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::{Function, Program};

/// One step. What is rare stays an instruction.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Load {
        to: u8,
        slot: u64,
    },
    /// Sets several: so many of `Prepared::loads`, from one on.
    Loads {
        count: u8,
        first: u32,
    },
    Move {
        to: u8,
        from: u8,
    },
    AddInt {
        to: u8,
        left: u8,
        right: u8,
    },
    SubtractInt {
        to: u8,
        left: u8,
        right: u8,
    },
    MultiplyInt {
        to: u8,
        left: u8,
        right: u8,
    },
    AddIntConstant {
        to: u8,
        left: u8,
        value: i32,
    },
    EqualWord {
        to: u8,
        left: u8,
        right: u8,
    },
    LessInt {
        to: u8,
        left: u8,
        right: u8,
    },
    LessOrEqualInt {
        to: u8,
        left: u8,
        right: u8,
    },
    EqualText {
        to: u8,
        left: u8,
        right: u8,
    },
    Not {
        to: u8,
        from: u8,
    },

    Jump {
        target: u32,
    },
    JumpIf {
        test: u8,
        target: u32,
    },
    JumpUnless {
        test: u8,
        target: u32,
    },
    JumpUnlessLess {
        left: u8,
        right: u8,
        target: u32,
    },
    /// Sets a number and goes if one number is not less than the other: `LoadInt`, `JumpUnlessLess`.
    LoadJumpUnlessLess {
        to: u8,
        left: u8,
        right: u8,
        value: i32,
        target: u32,
    },
    Loop {
        cost: u32,
        target: u32,
    },
    /// The end of a turn and the test for the next: `AddIntConstant` of 1, `Loop`, and the `JumpUnlessLess` it leads to.
    Turn {
        turn: u8,
        times: u8,
        cost: u32,
        body: u32,
        end: u32,
    },
    SwitchWord {
        on: u8,
        table: u16,
    },
    SwitchTag {
        on: u8,
        table: u16,
    },
    SwitchText {
        on: u8,
        table: u16,
    },

    MakeRecord {
        to: u8,
        base: u8,
        count: u8,
    },
    GetField {
        to: u8,
        record: u8,
        index: u8,
    },
    GetItem {
        to: u8,
        list: u8,
        index: u8,
    },
    JoinTexts {
        to: u8,
        base: u8,
        count: u8,
    },
    ToText {
        to: u8,
        from: u8,
        show: u8,
    },
    MakeMessage {
        to: u8,
        base: u8,
        shape: u16,
    },
    FindMessageField {
        to: u8,
        message: u8,
        field: u8,
    },

    Call(Called),
    CallPure(NativeCall),
    Return {
        from: u8,
    },
    ReturnNothing,
    Request {
        op: u8,
        base: u8,
    },
    Name {
        text: u32,
    },
    /// A jump that does not lead on, which only forged code has.
    Back,
    Rare(Instruction),
}

/// A call: its arguments lie from `base` on, and are there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Called {
    pub(super) to: u8,
    pub(super) base: u8,
    /// Registers of the caller.
    pub(super) callers: u8,
    /// Arguments.
    pub(super) parameters: u8,
    /// Registers of the function.
    pub(super) registers: u8,
    pub(super) function: u16,
    pub(super) cost: u32,
}

/// A builtin that gives something at once: its arguments lie from `base` on.
#[derive(Clone, Copy, Debug)]
pub(super) struct NativeCall {
    pub(super) to: u8,
    pub(super) native: Pure,
    pub(super) base: u8,
    pub(super) count: u8,
}

// INVARIANT: a cache line holds four steps.
const _: () = assert!(size_of::<Step>() == 16);

/// A register that is set, and to what.
pub(super) type Load = (u8, u64);

/// The steps of a function; what several of its steps set goes into `loads`.
pub(super) fn steps(program: &Program, function: &Function, loads: &mut Vec<Load>) -> Vec<Step> {
    let code = function.code.as_slice();
    let instructions = code.iter().enumerate();
    let mut steps: Vec<Step> =
        instructions.map(|(at, instruction)| step(program, function.registers.len(), code, at, *instruction)).collect();
    let mut at = 0;
    while at < steps.len() {
        let rest = steps.get(at..).unwrap_or_default();
        let run: Vec<Load> = rest.iter().map_while(Step::load).take(usize::from(u8::MAX)).collect();
        if run.len() > 1 {
            let first = loads.len() as u32;
            // Whoever jumps to one of them sets only what follows.
            for (step, number) in steps.iter_mut().skip(at).zip(0..run.len() - 1) {
                *step = Step::Loads { count: (run.len() - number) as u8, first: first + number as u32 };
            }
            loads.extend(&run);
        }
        at += run.len().max(1);
    }
    steps
}

impl Step {
    fn load(&self) -> Option<Load> {
        match self {
            Step::Load { to, slot } => Some((*to, *slot)),
            _ => None,
        }
    }
}

fn step(program: &Program, callers: usize, code: &[Instruction], at: usize, instruction: Instruction) -> Step {
    // Only `Loop` goes back, and it is charged for: otherwise a run could go round for nothing.
    let on = |target: u32, step: Step| if target as usize > at { step } else { Step::Back };
    let next = code.get(at + 1).copied();
    match instruction {
        Instruction::LoadInt { to, value } => match next {
            Some(Instruction::JumpUnlessLess { left, right, target }) if target as usize > at + 1 => {
                Step::LoadJumpUnlessLess { to, left, right, value, target }
            }
            _ => Step::Load { to, slot: i64::from(value) as u64 },
        },
        Instruction::LoadWord { to, word } => match program.words.get(word as usize) {
            Some(slot) => Step::Load { to, slot: *slot },
            None => Step::Rare(instruction),
        },
        Instruction::LoadText { to, text } => match text_slot(program, text) {
            Some(slot) => Step::Load { to, slot },
            None => Step::Rare(instruction),
        },
        Instruction::LoadNone { to } => Step::Load { to, slot: 0 },
        Instruction::Move { to, from } => Step::Move { to, from },
        Instruction::AddInt { to, left, right } => Step::AddInt { to, left, right },
        Instruction::SubtractInt { to, left, right } => Step::SubtractInt { to, left, right },
        Instruction::MultiplyInt { to, left, right } => Step::MultiplyInt { to, left, right },
        Instruction::AddIntConstant { to, left, value } => {
            turn(code, at, instruction).unwrap_or(Step::AddIntConstant { to, left, value })
        }
        Instruction::EqualWord { to, left, right } => Step::EqualWord { to, left, right },
        Instruction::LessInt { to, left, right } => Step::LessInt { to, left, right },
        Instruction::LessOrEqualInt { to, left, right } => Step::LessOrEqualInt { to, left, right },
        Instruction::EqualText { to, left, right } => Step::EqualText { to, left, right },
        Instruction::Not { to, from } => Step::Not { to, from },
        Instruction::Jump { target } => on(target, Step::Jump { target }),
        Instruction::JumpIf { test, target } => on(target, Step::JumpIf { test, target }),
        Instruction::JumpUnless { test, target } | Instruction::JumpIfNone { test, target } => {
            on(target, Step::JumpUnless { test, target })
        }
        Instruction::JumpUnlessLess { left, right, target } => on(target, Step::JumpUnlessLess { left, right, target }),
        Instruction::Loop { cost, target } => Step::Loop { cost: turn_cost(at, cost, target), target },
        Instruction::SwitchWord { on, table } => Step::SwitchWord { on, table },
        Instruction::SwitchTag { on, table } => Step::SwitchTag { on, table },
        Instruction::SwitchText { on, table } => Step::SwitchText { on, table },
        Instruction::MakeRecord { to, base, count } => Step::MakeRecord { to, base, count },
        Instruction::GetField { to, record, index } => Step::GetField { to, record, index },
        Instruction::GetItem { to, list, index } => Step::GetItem { to, list, index },
        Instruction::JoinTexts { to, base, count } => Step::JoinTexts { to, base, count },
        Instruction::ToText { to, from, show } => Step::ToText { to, from, show },
        Instruction::MakeMessage { to, base, shape } => Step::MakeMessage { to, base, shape },
        Instruction::FindMessageField { to, message, field } => Step::FindMessageField { to, message, field },
        Instruction::Call { to, base, function } => {
            called(program, callers, to, base, function).map_or(Step::Rare(instruction), Step::Call)
        }
        Instruction::CallPure { to, native, base, count } => match Pure::from_number(native) {
            Some(native) => Step::CallPure(NativeCall { to, native, base, count }),
            None => Step::Rare(instruction),
        },
        Instruction::Return { from } => Step::Return { from },
        Instruction::ReturnNothing {} => Step::ReturnNothing,
        Instruction::Request { op, base, .. } => Step::Request { op, base },
        Instruction::Step { text } => Step::Name { text },
        rare => Step::Rare(rare),
    }
}

/// The end of a turn of a counted loop, if it is one.
fn turn(code: &[Instruction], at: usize, instruction: Instruction) -> Option<Step> {
    let Instruction::AddIntConstant { to: turn, left, value: 1 } = instruction else { return None };
    let Some(Instruction::Loop { cost, target }) = code.get(at + 1) else { return None };
    let top = code.get(*target as usize)?;
    match *top {
        Instruction::JumpUnlessLess { left: counted, right: times, target: end }
            if left == turn && counted == turn && end > *target =>
        {
            Some(Step::Turn { turn, times, cost: turn_cost(at + 1, *cost, *target), body: *target + 1, end })
        }
        _ => None,
    }
}

/// A turn that the compiler thinks free still counts, and so does a long one that says it is short.
fn turn_cost(at: usize, cost: u8, target: u32) -> u32 {
    let way = long_way((at as u32).saturating_sub(target));
    u32::from(cost).max(u32::try_from(way).unwrap_or(u32::MAX))
}

/// A call of a function that is there, whose registers are no more than a window and whose arguments lie in its caller's.
fn called(program: &Program, callers: usize, to: u8, base: u8, function: u16) -> Option<Called> {
    let called = program.functions.get(usize::from(function))?;
    let parameters = u8::try_from(called.parameters.len()).ok()?;
    let registers = u8::try_from(called.registers.len()).ok()?;
    let callers = u8::try_from(callers).ok()?;
    if parameters > registers || base.checked_add(parameters)? > callers {
        return None;
    }
    let way = u32::try_from(long_way(called.code.len() as u32)).unwrap_or(u32::MAX);
    Some(Called { to, base, callers, parameters, registers, function, cost: called.cost.max(way) })
}

/// The slot of a constant text.
fn text_slot(program: &Program, text: u32) -> Option<u64> {
    let (start, length) = *program.texts.get(text as usize)?;
    if length as usize > slot::INLINE_MAX {
        return Some(slot::constant_text(start, length));
    }
    let start = start as usize;
    slot::inline(program.bytes.get(start..start.checked_add(length as usize)?).unwrap_or_default())
}
