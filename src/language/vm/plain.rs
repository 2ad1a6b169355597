//! Instructions that are rare: out of the loop, so that it keeps its registers.

use super::arithmetic as calc;
use super::memory::{Memory, constant};
use super::slot;
use super::stack::Window;
use super::trap::Trap;
use crate::language::bytecode::instruction::Instruction;

/// Executes an instruction that goes on to the next.
#[inline(never)]
pub(super) fn execute(memory: &mut Memory<'_>, window: &mut Window, instruction: Instruction) -> Result<(), Trap> {
    macro_rules! r {
        ($register:expr) => {
            window[usize::from($register)]
        };
    }
    match instruction {
        Instruction::LoadWord { to, word } => r!(to) = constant(memory, word)?,
        Instruction::DivideInt { to, left, right } => r!(to) = calc::divide(r!(left), r!(right))?,
        Instruction::NegateInt { to, from } => r!(to) = calc::negate(r!(from))?,
        Instruction::AddAmount { to, left, right } => r!(to) = calc::add_amount(r!(left), r!(right))?,
        Instruction::SubtractAmount { to, left, right } => r!(to) = calc::subtract_amount(r!(left), r!(right))?,
        Instruction::MultiplyAmount { to, left, right } => r!(to) = calc::multiply_amount(r!(left), r!(right))?,
        Instruction::DivideAmount { to, left, right } => r!(to) = calc::divide_amount(r!(left), r!(right))?,
        Instruction::PercentOfAmount { to, left, right } => r!(to) = calc::percent_of_amount(r!(left), r!(right))?,
        Instruction::NegateAmount { to, from } => r!(to) = calc::negate_amount(r!(from))?,
        Instruction::EqualAmount { to, left, right } => {
            let (left, right) = calc::comparable(r!(left), r!(right))?;
            r!(to) = (left == right).into();
        }
        Instruction::LessAmount { to, left, right } => {
            let (left, right) = calc::comparable(r!(left), r!(right))?;
            r!(to) = (left < right).into();
        }
        Instruction::LessOrEqualAmount { to, left, right } => {
            let (left, right) = calc::comparable(r!(left), r!(right))?;
            r!(to) = (left <= right).into();
        }
        Instruction::LessText { to, left, right } => r!(to) = memory.is_text_less(r!(left), r!(right)).into(),
        Instruction::EqualDeep { to, left, right } => r!(to) = memory.equal(left, r!(left), r!(right))?,
        Instruction::Contains { to, item, list } => r!(to) = memory.contains(item, r!(item), r!(list))?,
        Instruction::MakeVariant { to, tag, value } => r!(to) = memory.variant(tag, r!(value))?,
        Instruction::GetPayload { to, from, tag } => r!(to) = memory.payload(r!(from), tag)?,
        Instruction::MakeSome { to, from } => r!(to) = memory.some(from, r!(from))?,
        Instruction::GetSome { to, from } => r!(to) = memory.out_of_some(to, r!(from))?,
        Instruction::MakeList { to, base, count } => r!(to) = memory.list(window, base, count)?,
        Instruction::JoinLists { to, left, right } => r!(to) = memory.join_lists(r!(left), r!(right))?,
        Instruction::ListLength { to, list } => r!(to) = slot::list_place(r!(list)).1.into(),
        Instruction::MakeMessageFrom { to, from, base, shape } => {
            r!(to) = memory.message(window, Some(r!(from)), base, shape)?;
        }
        Instruction::GetMessageField { to, message, field } => {
            r!(to) = memory.message_field(to, r!(message), field)?;
        }
        Instruction::MakeError { to, base, error } => r!(to) = memory.error(window, base, error)?,
        Instruction::IsError { to, value, error } => r!(to) = memory.is_error(r!(value), error)?,
        Instruction::CallPure { .. } => return Err(Trap::Defect("a builtin is not known")),
        Instruction::LoadText { .. } => return Err(Trap::Defect("a constant text is missing")),
        Instruction::Call { .. } => return Err(Trap::Defect("a call leads to no function, or has no room")),
        // Each of these has a step of its own.
        Instruction::Move { .. }
        | Instruction::LoadInt { .. }
        | Instruction::LoadNone { .. }
        | Instruction::AddInt { .. }
        | Instruction::SubtractInt { .. }
        | Instruction::MultiplyInt { .. }
        | Instruction::AddIntConstant { .. }
        | Instruction::EqualWord { .. }
        | Instruction::LessInt { .. }
        | Instruction::LessOrEqualInt { .. }
        | Instruction::EqualText { .. }
        | Instruction::Not { .. }
        | Instruction::Jump { .. }
        | Instruction::JumpIf { .. }
        | Instruction::JumpUnless { .. }
        | Instruction::JumpIfNone { .. }
        | Instruction::Loop { .. }
        | Instruction::SwitchWord { .. }
        | Instruction::SwitchText { .. }
        | Instruction::SwitchTag { .. }
        | Instruction::JumpUnlessLess { .. }
        | Instruction::MakeRecord { .. }
        | Instruction::MakeOutcome { .. }
        | Instruction::GetField { .. }
        | Instruction::GetItem { .. }
        | Instruction::JoinTexts { .. }
        | Instruction::ToText { .. }
        | Instruction::MakeMessage { .. }
        | Instruction::FindMessageField { .. }
        | Instruction::Return { .. }
        | Instruction::ReturnNothing {}
        | Instruction::Request { .. }
        | Instruction::OpenReversal { .. }
        | Instruction::Commit { .. }
        | Instruction::Discard {}
        | Instruction::Reverse {}
        | Instruction::LeaveReversal {}
        | Instruction::Fail { .. }
        | Instruction::Step { .. } => return Err(Trap::Defect("an instruction has no step")),
    }
    Ok(())
}
