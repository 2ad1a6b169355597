//! From an instruction, and sometimes those behind it, to its step.

use super::answer::Part;
use super::request;
use super::slot;
use super::step::{Called, Load, NativeCall, Step};
use super::table::Table;
use crate::language::builtin::row::Pure;
use crate::language::bytecode::cost::long_way;
use crate::language::bytecode::instruction::{Instruction, Show};
use crate::language::bytecode::program::{Function, Program};
use crate::language::types::{Kind, Type};

/// The step of the instruction at a place.
pub(super) fn step(program: &Program, function: &Function, at: usize, instruction: Instruction) -> Step {
    let (code, callers) = (function.code.as_slice(), function.registers.len());
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
        Instruction::LoadWord { .. } | Instruction::LoadText { .. } | Instruction::LoadNone { .. } => {
            match constant(program, instruction) {
                Some((to, slot)) => Step::Load { to, slot },
                None => Step::Rare(instruction),
            }
        }
        Instruction::Move { to, from } => Step::Move { to, from },
        Instruction::AddInt { to, left, right } => match code.get(at + 1..at + 3) {
            Some(
                &[
                    Instruction::LoadInt { to: bound, value },
                    Instruction::JumpUnlessLess { left: than, right: sum, target },
                ],
            ) if than == bound && sum == to && bound != to && target as usize > at + 2 => {
                Step::AddJumpUnlessLess { to, left, right, bound, value, target }
            }
            _ => Step::AddInt { to, left, right },
        },
        Instruction::SubtractInt { to, left, right } => Step::SubtractInt { to, left, right },
        Instruction::MultiplyInt { to, left, right } => Step::MultiplyInt { to, left, right },
        Instruction::AddIntConstant { to, left, value } => {
            let fused = turn(code, at, instruction).or_else(|| add_turn(code, at, instruction));
            fused.unwrap_or(Step::AddIntConstant { to, left, value })
        }
        Instruction::EqualWord { to, left, right } => Step::EqualWord { to, left, right },
        Instruction::LessInt { to, left, right } => Step::LessInt { to, left, right },
        Instruction::LessOrEqualInt { to, left, right } => Step::LessOrEqualInt { to, left, right },
        Instruction::EqualText { to, left, right } => Step::EqualText { to, left, right },
        Instruction::Not { to, from } => Step::Not { to, from },
        Instruction::Jump { target } => on(target, Step::Jump { target }),
        Instruction::JumpIf { test, target } => on(target, Step::JumpIf { test, target }),
        Instruction::JumpUnless { test, target } => on(target, Step::JumpUnless { test, target }),
        Instruction::JumpIfNone { test, target } => {
            on(target, take_some(function, at, test, target).unwrap_or(Step::JumpUnless { test, target }))
        }
        Instruction::GetSome { to, from } if needs_no_box(function, to) => Step::GetSome { to, from },
        Instruction::JumpUnlessLess { left, right, target } => on(target, Step::JumpUnlessLess { left, right, target }),
        Instruction::Loop { cost, target } => Step::Loop { cost: turn_cost(at, cost, target), target },
        Instruction::SwitchWord { on, table } => switched(program, at, table, Step::SwitchWord { on, table }),
        Instruction::SwitchTag { on, table } => switched(program, at, table, Step::SwitchTag { on, table }),
        Instruction::SwitchText { on, table } => switched(program, at, table, Step::SwitchText { on, table }),
        Instruction::MakeRecord { to, base, count } => Step::MakeRecord { to, base, count },
        Instruction::GetField { to, record, index } => Step::GetField { to, record, index },
        Instruction::GetItem { to, list, index } => Step::GetItem { to, list, index },
        Instruction::JoinTexts { to, base, count } => Step::JoinTexts { to, base, count },
        Instruction::ToText { to, from, show } if show == Show::Int as u8 => Step::IntToText { to, from },
        Instruction::ToText { to, from, show } => Step::ToText { to, from, show },
        Instruction::MakeMessage { to, base, shape } => Step::MakeMessage { to, base, shape },
        Instruction::FindMessageField { to, message, field } => match digits(function, to) {
            Some(digits) => Step::FindText { to, message, field, digits },
            None => Step::FindMessageField { to, message, field },
        },
        Instruction::Call { to, base, function } => match called(program, callers, to, base, function) {
            Some(call) if looks_up(program, function) => Step::LookUp(call),
            Some(call) => Step::Call(call),
            None => Step::Rare(instruction),
        },
        Instruction::MakeSome { to, from } => match needs_no_box(function, from) {
            true => Step::Move { to, from },
            false => Step::Box { to, from },
        },
        Instruction::CallPure { to, native, base, count } => match Pure::from_number(native) {
            Some(Pure::Mask) if count == 1 => Step::Mask { to, from: base },
            Some(Pure::LuhnValid) if count == 1 => Step::LuhnValid { to, from: base },
            Some(Pure::ReplyCode) if count == 1 => Step::ReplyCode { to, from: base },
            Some(Pure::AmountCurrencyNumber) if count == 1 => Step::CurrencyNumber { to, from: base },
            Some(Pure::Part) if count == 3 => Step::Part { to, base },
            Some(native) => Step::CallPure(NativeCall { to, native, base, count }),
            None => Step::Rare(instruction),
        },
        Instruction::Return { from } => Step::Return { from },
        Instruction::ReturnNothing {} => Step::ReturnNothing,
        Instruction::Request { op, base, to, .. } => {
            let ty = function.registers.get(usize::from(to));
            let gives = ty.map_or(Part::Other, |ty| Part::of(ty, &program.types));
            let nothing = ty.is_none_or(|ty| ty.kind() == Kind::Nothing) || request::gives_nothing(op);
            let plain = request::is_plain(op) && u8::try_from(callers).is_ok();
            Step::Request { op, base, to, registers: callers as u8, gives, nothing, plain }
        }
        Instruction::Step { text } => Step::Name { text },
        rare => Step::Rare(rare),
    }
}

/// A switch all of whose ways lead on.
fn switched(program: &Program, at: usize, table: u16, step: Step) -> Step {
    let leads_on = |target: u32| target as usize > at;
    match program.switches.get(usize::from(table)) {
        Some(switch) if !switch.cases.iter().all(|(_, target)| leads_on(*target)) => Step::Back,
        Some(switch) if !leads_on(switch.otherwise) => Step::Back,
        _ => step,
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

/// The end of a turn with a sum before it.
fn add_turn(code: &[Instruction], at: usize, instruction: Instruction) -> Option<Step> {
    let Instruction::AddIntConstant { to, left, value } = instruction else { return None };
    let Step::Turn { turn, times, cost, body, end } = turn(code, at + 1, *code.get(at + 1)?)? else { return None };
    let (value, cost) = (i8::try_from(value).ok()?, u16::try_from(cost).ok()?);
    (to == left && to != turn).then_some(Step::AddTurn { to, value, turn, times, cost, body, end })
}

/// What is there or something else, if that is what follows a test for none.
fn take_some(function: &Function, at: usize, test: u8, none: u32) -> Option<Step> {
    match function.code.get(at + 1..at + 4)? {
        &[
            Instruction::GetSome { to, from },
            Instruction::Move { to: also, from: moved },
            Instruction::Jump { target },
        ] if from == test && moved == to && target as usize > at + 3 && needs_no_box(function, to) => {
            Some(Step::TakeSome { test, to, also, none, target })
        }
        _ => None,
    }
}

/// Does a value of this register lie in an optional as it is?
pub(super) fn needs_no_box(function: &Function, register: u8) -> bool {
    let ty = function.registers.get(usize::from(register));
    ty.is_some_and(|ty| !matches!(ty.kind(), Kind::Word | Kind::Amount | Kind::Union))
}

/// How many digits a field must have that is looked for as a text, 0 for any text; `None` if it takes more to see that
/// it fits.
pub(super) fn digits(function: &Function, register: u8) -> Option<u8> {
    let Some(Type::Optional(of)) = function.registers.get(usize::from(register)) else { return None };
    match of.as_ref() {
        Type::Text | Type::Expiry | Type::Kcv => Some(0),
        Type::Digits(count @ 1..=7) => Some(*count as u8),
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

/// Is this a function that only looks something up?
fn looks_up(program: &Program, function: u16) -> bool {
    program.functions.get(usize::from(function)).is_some_and(|function| Table::of(program, function).is_some())
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

/// The register that an instruction sets to a constant, and the constant.
pub(super) fn constant(program: &Program, instruction: Instruction) -> Option<Load> {
    Some(match instruction {
        Instruction::LoadInt { to, value } => (to, i64::from(value) as u64),
        Instruction::LoadWord { to, word } => (to, *program.words.get(word as usize)?),
        Instruction::LoadText { to, text } => (to, text_slot(program, text)?),
        Instruction::LoadNone { to } => (to, 0),
        _ => return None,
    })
}
