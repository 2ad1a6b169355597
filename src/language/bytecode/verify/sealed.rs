//! Card data and keys stay sealed: nothing compares them, shows them or takes them for something else.
//!
//! How far a value may go is its type's level, and how far each builtin lets it go is in the builtin's row: the same that
//! the checker reads. That only the builtins made for it give less than they took, a test of the rows holds.

use crate::language::builtin;
use crate::language::builtin::row::{Builtin, Does, Owner};
use crate::language::bytecode::fits::Fault;
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::{Function, Program};
use crate::language::types::{Level, Levels, Type};
use crate::payment::iso8583::field::Holds;

const COMPARED: Fault = ("比较了敏感数据", "sealed data are compared");
const FIELD: Fault =
    ("敏感数据放进或取自不属于它的域", "sealed data go into or come out of a field that is not theirs");
const TAKEN: Fault = ("敏感数据交给了不该拿到它的内建函数", "sealed data go to a builtin that may not have them");
const CLEAR: Fault = ("敏感数据成了文字", "sealed data become text");

/// How far the values of a program may go.
#[derive(Debug)]
pub(super) struct Sealed<'p> {
    program: &'p Program,
    levels: Levels,
    /// The builtins by their numbers: what is worked out at once, what is asked of the world.
    natives: [Option<&'static Builtin>; 256],
    requests: [Option<&'static Builtin>; 256],
}

impl<'p> Sealed<'p> {
    /// Works out the levels of the program's types, once.
    pub(super) fn of(program: &'p Program) -> Sealed<'p> {
        let (mut natives, mut requests) = ([None; 256], [None; 256]);
        for row in builtin::all() {
            let place = match row.does {
                Does::Pure(native) => natives.get_mut(usize::from(native.number())),
                Does::Request(op) => requests.get_mut(usize::from(op.number())),
            };
            if let Some(place) = place {
                *place = Some(row);
            }
        }
        Sealed { program, levels: Levels::of(&program.types), natives, requests }
    }

    /// Does the instruction leave sealed what is sealed?
    pub(super) fn check(&self, function: &Function, instruction: Instruction) -> Result<(), Fault> {
        let ty = |register: u8| function.registers.get(usize::from(register));
        let level = |register: u8| ty(register).map_or(Level::Public, |ty| self.levels.of_type(ty));
        let row = |base: u8, count: usize| (0..count).map(move |at| level(base.saturating_add(at as u8)));
        let all = |right: bool, fault: Fault| if right { Ok(()) } else { Err(fault) };
        match instruction {
            Instruction::EqualDeep { left, right, .. } => {
                all(!level(left).is_secret() && !level(right).is_secret(), COMPARED)
            }
            Instruction::Contains { item, list, .. } => {
                all(!level(item).is_secret() && !level(list).is_secret(), COMPARED)
            }
            Instruction::CallPure { native, base, count, .. } => {
                let builtin = self.natives.get(usize::from(native)).copied().flatten();
                all(builtin.is_none_or(|builtin| takes(builtin, row(base, usize::from(count)))), TAKEN)
            }
            Instruction::Request { op, base, count, .. } => {
                let builtin = self.requests.get(usize::from(op)).copied().flatten();
                all(builtin.is_none_or(|builtin| takes(builtin, row(base, usize::from(count)))), TAKEN)
            }
            Instruction::JoinTexts { base, count, .. } => {
                all(row(base, usize::from(count)).all(|level| !level.is_secret()), CLEAR)
            }
            Instruction::MakeError { base, error, .. } => {
                let facts = self.program.errors.get(usize::from(error)).map_or(0, |error| error.facts.len());
                all(row(base, facts).all(|level| !level.is_secret()), CLEAR)
            }
            // A union is shown by the name of its variant, whatever that carries.
            Instruction::ToText { from, .. } => {
                all(matches!(ty(from), Some(Type::Union(_))) || !level(from).is_secret(), CLEAR)
            }
            Instruction::MakeMessage { shape, .. } | Instruction::MakeMessageFrom { shape, .. } => {
                let Some(shape) = self.program.shapes.get(usize::from(shape)) else { return Ok(()) };
                let mut secret = shape.fields.iter().filter(|(_, _, ty)| self.levels.of_type(ty).is_secret());
                all(secret.all(|(field, _, ty)| sealed_in(self.program, *field).as_ref() == Some(bare(ty))), FIELD)
            }
            Instruction::GetMessageField { to, field, .. } | Instruction::FindMessageField { to, field, .. } => {
                let Some(into) = ty(to) else { return Ok(()) };
                let held = sealed_in(self.program, field);
                let theirs = held.as_ref() == Some(bare(into));
                all(theirs || held.is_none() && !self.levels.of_type(into).is_secret(), FIELD)
            }
            _ => Ok(()),
        }
    }
}

/// Does a builtin take values of these levels? The fields that a fixture may be given last are a message.
fn takes(builtin: &Builtin, given: impl Iterator<Item = Level>) -> bool {
    let object = match builtin.owner {
        Owner::Value(of) => Some(of.most()),
        _ => None,
    };
    let most = object.into_iter().chain(builtin.takes.iter().map(|takes| takes.most)).chain([Level::Key]);
    given.zip(most).all(|(level, most)| level <= most)
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
