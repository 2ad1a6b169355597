//! Card data and keys stay sealed: nothing compares them or takes them for something else.
//!
//! That nothing shows them follows from the types, which the structural check looks at: no builtin that shows something
//! takes a sealed type, and only `mask` and `luhn_valid` make anything of one. A test of the tables holds that.

use crate::language::bytecode::fits::Fault;
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::{Function, Program};
use crate::language::types::Type;
use crate::payment::iso8583::field::Holds;

const COMPARED: Fault = ("比较了敏感数据", "sealed data are compared");
const FIELD: Fault =
    ("敏感数据放进或取自不属于它的域", "sealed data go into or come out of a field that is not theirs");

/// Does the instruction leave sealed what is sealed?
pub(super) fn check(program: &Program, function: &Function, instruction: Instruction) -> Result<(), Fault> {
    let ty = |register: u8| function.registers.get(usize::from(register));
    let secret = |register: u8| ty(register).is_some_and(Type::is_secret);
    match instruction {
        Instruction::EqualDeep { left, right, .. } if secret(left) || secret(right) => Err(COMPARED),
        Instruction::Contains { item, list, .. } if secret(item) || secret(list) => Err(COMPARED),
        Instruction::MakeMessage { shape, .. } | Instruction::MakeMessageFrom { shape, .. } => {
            let Some(shape) = program.shapes.get(usize::from(shape)) else { return Ok(()) };
            let mut sealed = shape.fields.iter().filter(|(_, _, ty)| ty.is_secret());
            let right = sealed.all(|(field, _, ty)| sealed_in(program, *field).as_ref() == Some(bare(ty)));
            if right { Ok(()) } else { Err(FIELD) }
        }
        Instruction::GetMessageField { to, field, .. } | Instruction::FindMessageField { to, field, .. } => {
            let Some(ty) = ty(to) else { return Ok(()) };
            let held = sealed_in(program, field);
            let right = held.as_ref() == Some(bare(ty)) || held.is_none() && !ty.is_secret();
            if right { Ok(()) } else { Err(FIELD) }
        }
        _ => Ok(()),
    }
}

fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Optional(of) => of,
        ty => ty,
    }
}

/// The sealed type that a field of the program's dialect holds.
fn sealed_in(program: &Program, field: u8) -> Option<Type> {
    Some(match program.dialect.as_ref()?.field(field)?.holds {
        Holds::Pan => Type::Pan,
        Holds::Track => Type::Track,
        Holds::PinBlock => Type::PinBlock,
        Holds::Keys => Type::Keys,
        Holds::ChipData => Type::ChipData,
        _ => return None,
    })
}
