//! Calls: of flows and functions, of what devices and the machine do, and of what builds records, variants and errors.

use super::body::{Body, plain};
use super::too_large::Compiled;
use crate::language::builtin::row::{Builtin, Does, Op, Owner};
use crate::language::builtin::shapes;
use crate::language::bytecode::instruction::Instruction;
use crate::language::check::checked::{ErrorRef, FunctionId, FunctionKind, Target};
use crate::language::syntax::tree::{Argument, Expression, ExpressionId, ExpressionKind};
use crate::language::types::Type;

/// What is written in a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct CallParts<'e> {
    /// The call.
    pub(super) id: ExpressionId,
    /// What stands before the dot.
    pub(super) object: Option<&'e Expression>,
    /// The arguments as written.
    pub(super) written: &'e [Argument],
    /// For each parameter the place of its argument.
    pub(super) arguments: &'e [Option<u16>],
    /// For fixtures: field numbers and the places of their arguments.
    pub(super) fields: &'e [(u8, u16)],
}

impl<'e> CallParts<'e> {
    /// A name alone.
    pub(super) fn bare(id: ExpressionId) -> CallParts<'e> {
        CallParts { id, object: None, written: &[], arguments: &[], fields: &[] }
    }

    fn argument(&self, parameter: usize) -> Option<&'e Expression> {
        let place = (*self.arguments.get(parameter)?)?;
        self.written.get(usize::from(place)).map(|argument| &argument.value)
    }
}

/// What stands before the dot.
pub(super) fn object_of(callee: &Expression) -> Option<&Expression> {
    match &callee.kind {
        ExpressionKind::Member { object, .. } => Some(object),
        _ => None,
    }
}

/// One value of a row: written, or left out.
type Slot<'e> = (Type, Option<&'e Expression>);

impl Body<'_> {
    /// A call.
    pub(super) fn call(&mut self, target: Target, parts: &CallParts<'_>, to: u8) -> Compiled<()> {
        match target {
            Target::Function(function) => self.call_function(parts, function, to),
            Target::Builtin(builtin) => self.call_builtin(parts, builtin.0, to),
            Target::Record(record) => {
                let slots: Vec<Slot<'_>> = self
                    .checked
                    .types
                    .records
                    .get(usize::from(record))
                    .map_or(&[][..], |record| &record.fields)
                    .iter()
                    .enumerate()
                    .map(|(at, (_, ty))| (plain(ty), parts.argument(at)))
                    .collect();
                let base = self.row(&slots)?;
                let count = slots.len() as u8;
                self.emit(Instruction::MakeRecord { to, base, count })
            }
            Target::Variant { union, tag } => {
                let payload = self
                    .checked
                    .types
                    .unions
                    .get(usize::from(union))
                    .and_then(|union| union.variants.get(usize::from(tag)))
                    .and_then(|(_, payload)| payload.as_ref())
                    .map(plain);
                let value = match (payload, parts.argument(0)) {
                    (Some(ty), Some(argument)) => self.value_as(argument, &ty)?,
                    // The checker refuses a payload that is missing.
                    _ => to,
                };
                self.emit(if union == shapes::OUTCOME {
                    Instruction::MakeOutcome { to, tag, value }
                } else {
                    Instruction::MakeVariant { to, tag, value }
                })
            }
            Target::Error(error) => self.build_error(error, parts, to),
        }
    }

    /// A call of a function of the program. In a test, a flow that fails gives `failed(error)`.
    pub(super) fn call_function(&mut self, parts: &CallParts<'_>, function: FunctionId, to: u8) -> Compiled<()> {
        let checked = self.checked;
        let Some(signature) = checked.functions.get(usize::from(function.0)) else {
            return Ok(());
        };
        let slots: Vec<Slot<'_>> =
            signature.parameters.iter().enumerate().map(|(at, (_, ty))| (plain(ty), parts.argument(at))).collect();
        let base = self.row(&slots)?;
        let call = Instruction::Call { to, base, function: function.0 };
        let range = self.call_instruction(parts.id, call)?;
        let caught_by_script = self.guard.as_ref().is_some_and(|guard| guard.call == parts.id);
        if self.in_test()
            && !caught_by_script
            && signature.kind == FunctionKind::Flow
            && signature.gives == Type::Union(shapes::OUTCOME)
        {
            let error = self.registers.temporary(&Type::Error)?;
            let (caught, done) = (self.label(), self.label());
            self.handle(range, Vec::new(), caught, error);
            self.jump(done)?;
            self.place(caught);
            self.emit(Instruction::MakeOutcome { to, tag: shapes::outcome::FAILED, value: error })?;
            self.place(done);
        }
        Ok(())
    }

    /// What a device or the machine does.
    pub(super) fn call_builtin(&mut self, parts: &CallParts<'_>, builtin: &Builtin, to: u8) -> Compiled<()> {
        let mut slots: Vec<Slot<'_>> = Vec::new();
        if let (Owner::Value(_), Some(object)) = (builtin.owner, parts.object) {
            slots.push((self.type_of(object), Some(object)));
        }
        for (at, takes) in builtin.takes.iter().enumerate() {
            let ty = plain(&takes.ty.to_type());
            let ty = if takes.optional { Type::optional(ty) } else { ty };
            slots.push((ty, parts.argument(at)));
        }
        let takes_fields = matches!(builtin.does, Does::Request(Op::GivenHostReplies | Op::SawHostReceived));
        let fields = takes_fields || !parts.fields.is_empty();
        if fields {
            slots.push((Type::Message(None), None));
        }
        let base = if fields {
            let base = self.fresh_row(&slots)?;
            let last = base + (slots.len() - 1) as u8;
            let values: Vec<(u8, &Expression)> = parts
                .fields
                .iter()
                .filter_map(|(number, place)| {
                    let argument = parts.written.get(usize::from(*place))?;
                    Some((*number, &argument.value))
                })
                .collect();
            self.fields_into(&values, last)?;
            base
        } else {
            self.row(&slots)?
        };
        let count = slots.len() as u8;
        let instruction = match builtin.does {
            Does::Request(op) => Instruction::Request { to, op: op.number(), base, count },
            Does::Pure(native) => Instruction::CallPure { to, native: native.number(), base, count },
        };
        self.call_instruction(parts.id, instruction)?;
        Ok(())
    }

    /// Emits the instruction of a call; if a handler waits for this call, in front of it the counters of its retries.
    fn call_instruction(&mut self, id: ExpressionId, instruction: Instruction) -> Compiled<(u32, u32)> {
        let guard = self.guard.take_if(|guard| guard.call == id);
        if let Some(guard) = &guard {
            self.start_guard(guard)?;
        }
        let from = self.here();
        self.emit(instruction)?;
        let range = (from, self.here());
        if let Some(mut guard) = guard {
            guard.range = Some(range);
            self.guard = Some(guard);
        }
        Ok(range)
    }

    /// An error with its facts, each written as text.
    fn build_error(&mut self, error: ErrorRef, parts: &CallParts<'_>, to: u8) -> Compiled<()> {
        let error = self.tables.error(error, self.checked)?;
        let facts = vec![Type::Text; self.tables.facts(error)];
        let base = self.registers.row(&facts)?;
        // As everywhere, what is given is worked out in the order written.
        let mut order: Vec<usize> = (0..facts.len()).collect();
        order.sort_by_key(|at| parts.argument(*at).map_or(u32::MAX, |value| value.span.start));
        for at in order {
            let fact = base + at as u8;
            match parts.argument(at) {
                Some(value) => self.as_text_into(value, fact)?,
                None => self.text_into(b"", fact)?,
            }
        }
        self.emit(Instruction::MakeError { to, base, error })
    }

    /// Values in consecutive registers; where they already lie so, nothing is moved.
    fn row(&mut self, slots: &[Slot<'_>]) -> Compiled<u8> {
        let mut settled: Option<u8> = None;
        let in_place = slots.iter().enumerate().all(|(at, (ty, value))| {
            let Some(register) = value.and_then(|value| self.settled(value, ty)) else {
                return false;
            };
            let first = *settled.get_or_insert(register);
            usize::from(first) + at == usize::from(register)
        });
        match settled {
            Some(first) if in_place => Ok(first),
            _ => self.fresh_row(slots),
        }
    }

    /// Values in consecutive temporaries, worked out in the order written.
    fn fresh_row(&mut self, slots: &[Slot<'_>]) -> Compiled<u8> {
        let types: Vec<Type> = slots.iter().map(|(ty, _)| ty.clone()).collect();
        let base = self.registers.row(&types)?;
        let mut order: Vec<(u32, u8, Option<&Expression>)> = slots
            .iter()
            .enumerate()
            .map(|(at, (_, value))| {
                let place = value.map_or(u32::MAX, |value| value.span.start);
                (place, base + at as u8, *value)
            })
            .collect();
        order.sort_by_key(|(place, register, _)| (*place, *register));
        for (_, register, value) in order {
            match value {
                Some(value) => self.value_into(value, register)?,
                None if matches!(self.registers.ty(register), Type::Optional(_)) => {
                    self.emit(Instruction::LoadNone { to: register })?;
                }
                // The fields of a fixture, which come last.
                None => {}
            }
        }
        Ok(base)
    }
}
