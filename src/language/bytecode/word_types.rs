//! Words by their types: a truth is no number, and only numbers are reckoned with.
//!
//! All words lie in a register alike, so the kinds that the table of instructions names cannot tell them apart. A number of
//! whatever unit may be any 64 bits; a truth, a response code and a message type may not, so nothing is worked out into one.

use super::fits::{Fault, Frame};
use super::instruction::Instruction;
use crate::language::types::Type;

const KIND: Fault = ("寄存器的类型不符", "a register holds another type than the instruction works on");

/// Numbers of any unit.
fn is_number(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Percent | Type::Duration | Type::Time)
}

fn need(right: bool) -> Result<(), Fault> {
    if right { Ok(()) } else { Err(KIND) }
}

/// Are the words that the instruction takes and gives of types it can do that with?
pub(super) fn check(frame: &Frame<'_>, instruction: Instruction) -> Result<(), Fault> {
    let numbers = |registers: &[u8]| registers.iter().try_for_each(|register| need(is_number(frame.ty(*register)?)));
    let is = |register: u8, wanted: Type| need(*frame.ty(register)? == wanted);
    match instruction {
        Instruction::AddInt { to, left, right }
        | Instruction::SubtractInt { to, left, right }
        | Instruction::MultiplyInt { to, left, right }
        | Instruction::DivideInt { to, left, right } => numbers(&[to, left, right]),
        Instruction::NegateInt { to, from } => numbers(&[to, from]),
        Instruction::AddIntConstant { to, left, .. } => numbers(&[to, left]),
        Instruction::MultiplyAmount { right, .. } | Instruction::DivideAmount { right, .. } => is(right, Type::Int),
        Instruction::PercentOfAmount { right, .. } => is(right, Type::Percent),
        Instruction::EqualWord { to, left, right } => {
            need(frame.ty(left)? == frame.ty(right)?)?;
            is(to, Type::Bool)
        }
        Instruction::LessInt { to, left, right } | Instruction::LessOrEqualInt { to, left, right } => {
            numbers(&[left, right])?;
            is(to, Type::Bool)
        }
        Instruction::EqualAmount { to, .. }
        | Instruction::LessAmount { to, .. }
        | Instruction::LessOrEqualAmount { to, .. }
        | Instruction::EqualText { to, .. }
        | Instruction::LessText { to, .. }
        | Instruction::EqualDeep { to, .. }
        | Instruction::Contains { to, .. }
        | Instruction::IsError { to, .. } => is(to, Type::Bool),
        Instruction::Not { to, from } => is(from, Type::Bool).and_then(|()| is(to, Type::Bool)),
        Instruction::JumpIf { test, .. } | Instruction::JumpUnless { test, .. } => is(test, Type::Bool),
        Instruction::JumpUnlessLess { left, right, .. } => numbers(&[left, right]),
        Instruction::GetItem { index, .. } => is(index, Type::Int),
        Instruction::ListLength { to, .. } => is(to, Type::Int),
        Instruction::ToText { to, .. } => is(to, Type::Text),
        _ => Ok(()),
    }
}
