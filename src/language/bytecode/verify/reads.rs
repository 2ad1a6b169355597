//! Which registers an instruction reads: its own operands, and the rows that its tables say.

use crate::language::builtin::shapes;
use crate::language::bytecode::instruction::{Instruction, Role};
use crate::language::bytecode::program::Program;

/// The first register that an instruction reads and for which `is_ready` is false.
pub fn first_unready(program: &Program, instruction: Instruction, is_ready: impl Fn(u8) -> bool) -> Option<u8> {
    let row = |base: u8, count: usize| {
        (usize::from(base)..usize::from(base) + count)
            .filter_map(|register| u8::try_from(register).ok())
            .find(|register| !is_ready(*register))
    };
    let shape = |base: u8, shape: u16| {
        let shape = program.shapes.get(usize::from(shape))?;
        let registers = shape.fields.iter().filter_map(|(_, offset, _)| base.checked_add(*offset));
        registers.into_iter().find(|register| !is_ready(*register))
    };
    let of_tables = match instruction {
        Instruction::MakeRecord { base, count, .. }
        | Instruction::MakeList { base, count, .. }
        | Instruction::JoinTexts { base, count, .. }
        | Instruction::CallPure { base, count, .. }
        | Instruction::Request { base, count, .. } => row(base, usize::from(count)),
        Instruction::Call { base, function, .. } => {
            let called = program.functions.get(usize::from(function));
            row(base, called.map_or(0, |called| called.parameters.len()))
        }
        Instruction::MakeMessage { base, shape: at, .. } | Instruction::MakeMessageFrom { base, shape: at, .. } => {
            shape(base, at)
        }
        Instruction::MakeError { base, error, .. } => {
            let error = program.errors.get(usize::from(error));
            row(base, error.map_or(0, |error| error.facts.len()))
        }
        // Without a value of its own the variant's operand is read by nobody.
        Instruction::MakeOutcome { tag, .. } if !has_payload(program, tag) => return None,
        _ => None,
    };
    of_tables.or_else(|| {
        let mut found = None;
        instruction.each_operand(|role, value| {
            if role == Role::Read && found.is_none() && !is_ready(value as u8) {
                found = Some(value as u8);
            }
        });
        found
    })
}

/// The register an instruction writes.
pub fn written(instruction: Instruction) -> Option<u8> {
    let mut written = None;
    instruction.each_operand(|role, value| {
        if role == Role::Write && written.is_none() {
            written = Some(value as u8);
        }
    });
    written
}

/// Has this variant of `Outcome` a value? The structural check refuses any other union there.
fn has_payload(program: &Program, tag: u8) -> bool {
    let union = program.types.unions.get(usize::from(shapes::OUTCOME));
    let variant = union.and_then(|union| union.variants.get(usize::from(tag)));
    variant.is_some_and(|(_, payload)| payload.is_some())
}
