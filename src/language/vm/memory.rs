//! What single instructions do with the memory of a run.

use super::equal::Values;
use super::failure::{Fact, Failure, Failures};
use super::heap::Heap;
use super::limits::Limits;
use super::message;
use super::native::Native;
use super::run::WINDOW;
use super::show;
use super::slot;
use super::trap::{self, Trap};
use crate::language::builtin::row::Pure;
use crate::language::bytecode::cost::long_way;
use crate::language::bytecode::instruction::Show;
use crate::language::bytecode::program::{Function, Program, Switch};
use crate::language::types::{Kind, Type};

/// The registers of the innermost frame, one for each number an operand can name.
pub(super) type Window = [u64; WINDOW];

/// What the cold instructions work on.
pub(super) struct Memory<'a> {
    pub(super) program: &'a Program,
    pub(super) function: &'a Function,
    pub(super) heap: &'a mut Heap,
    pub(super) failures: &'a mut Failures,
    pub(super) limits: &'a Limits,
    pub(super) spent: &'a mut u64,
}

pub(super) fn constant(memory: &Memory<'_>, word: u32) -> Result<u64, Trap> {
    let words = &memory.program.words;
    words.get(word as usize).copied().ok_or(Trap::Defect("a constant is missing"))
}

pub(super) fn constant_text(memory: &Memory<'_>, text: u32) -> Result<u64, Trap> {
    const MISSING: Trap = Trap::Defect("a constant text is missing");
    let (start, length) = *memory.program.texts.get(text as usize).ok_or(MISSING)?;
    let slot = slot::constant_text(start, length);
    if length as usize > slot::INLINE_MAX {
        return Ok(slot);
    }
    let bytes = memory.heap.text(&memory.program.bytes, slot);
    slot::inline(bytes.as_bytes()).ok_or(MISSING)
}

/// Every so many bytes count as an instruction.
const BYTES_PER_INSTRUCTION: u64 = 16;

impl Memory<'_> {
    pub(super) fn values(&self) -> Values<'_> {
        Values { heap: self.heap, constants: &self.program.bytes, types: &self.program.types, failures: self.failures }
    }

    /// The type of a register.
    fn ty(&self, register: u8) -> Result<&Type, Trap> {
        type_of(self.function, register)
    }

    /// Counts a text that was written or read as instructions, by its length.
    fn charge_text(&mut self, slot: u64) {
        let length = match slot::text_place(slot) {
            slot::TextPlace::Heap(_, length) | slot::TextPlace::Constant(_, length) => length,
            slot::TextPlace::Inline(..) => return,
        };
        *self.spent += u64::from(length) / BYTES_PER_INSTRUCTION;
    }

    #[inline(never)]
    pub(super) fn is_text_less(&self, left: u64, right: u64) -> bool {
        let bytes = &self.program.bytes;
        self.heap.text(bytes, left).as_bytes() < self.heap.text(bytes, right).as_bytes()
    }

    #[inline(never)]
    pub(super) fn equal(&mut self, register: u8, left: u64, right: u64) -> Result<u64, Trap> {
        let (equal, parts) = self.values().equal(self.ty(register)?, left, right)?;
        *self.spent += parts;
        Ok(equal.into())
    }

    #[inline(never)]
    pub(super) fn contains(&mut self, register: u8, item: u64, list: u64) -> Result<u64, Trap> {
        let (mut found, mut parts) = (false, 0);
        let ty = self.ty(register)?;
        for member in self.heap.members(list)? {
            let (equal, looked_at) = self.values().equal(ty, item, *member)?;
            parts += looked_at;
            if parts > u64::from(trap::WORK_MAX) {
                return Err(Trap::TooMuchWork);
            }
            if equal {
                found = true;
                break;
            }
        }
        *self.spent += parts;
        Ok(found.into())
    }

    fn switch(&self, table: u16) -> Result<&Switch, Trap> {
        self.program.switches.get(usize::from(table)).ok_or(Trap::Defect("a switch has no table"))
    }

    pub(super) fn switch_word(&self, table: u16, on: u64) -> Result<u32, Trap> {
        let switch = self.switch(table)?;
        Ok(match switch.cases.binary_search_by_key(&on, |(key, _)| *key) {
            Ok(at) => switch.cases.get(at).map_or(switch.otherwise, |(_, target)| *target),
            Err(_) => switch.otherwise,
        })
    }

    #[inline(never)]
    pub(super) fn switch_text(&self, table: u16, on: u64) -> Result<u32, Trap> {
        let switch = self.switch(table)?;
        let values = self.values();
        for (key, target) in &switch.cases {
            let text = u32::try_from(*key).map_err(|_| Trap::Defect("a case has no text"))?;
            if values.equal_text(on, constant_text(self, text)?) {
                return Ok(*target);
            }
        }
        Ok(switch.otherwise)
    }

    pub(super) fn record(&mut self, window: &Window, base: u8, count: u8) -> Result<u64, Trap> {
        let cells = part(window, base, count)?;
        self.heap.keep_cells(self.limits, cells).map(u64::from)
    }

    pub(super) fn record_field(&self, record: u64, index: u8) -> Result<u64, Trap> {
        let at = u32::try_from(record).map_err(|_| Trap::Defect("a record is no reference"))?;
        self.heap.cell(at.saturating_add(index.into()))
    }

    pub(super) fn variant(&mut self, tag: u8, value: u64) -> Result<u64, Trap> {
        let cell = self.heap.keep_cells(self.limits, &[value])?;
        Ok(slot::variant(tag, cell))
    }

    pub(super) fn payload(&self, from: u64, tag: u8) -> Result<u64, Trap> {
        match slot::variant_parts(from) {
            (found, cell @ 1..) if found == tag => self.heap.cell(cell),
            _ => Err(Trap::Defect("a variant holds no such value")),
        }
    }

    pub(super) fn some(&mut self, register: u8, value: u64) -> Result<u64, Trap> {
        let kind = self.ty(register)?.kind();
        message::boxed(self.heap, self.limits, kind, value)
    }

    pub(super) fn out_of_some(&self, register: u8, value: u64) -> Result<u64, Trap> {
        if value == 0 {
            return Err(Trap::Defect("there is nothing in none"));
        }
        message::unbox(self.heap, self.ty(register)?.kind(), value)
    }

    #[inline(never)]
    pub(super) fn list(&mut self, window: &Window, base: u8, count: u8) -> Result<u64, Trap> {
        self.heap.keep_list(self.limits, part(window, base, count)?)
    }

    #[inline(never)]
    pub(super) fn join_lists(&mut self, left: u64, right: u64) -> Result<u64, Trap> {
        let list = self.heap.join_lists(self.limits, left, right)?;
        *self.spent += u64::from(slot::list_place(list).1) / 2;
        Ok(list)
    }

    pub(super) fn item(&self, list: u64, index: i64) -> Result<u64, Trap> {
        let members = self.heap.members(list)?;
        usize::try_from(index)
            .ok()
            .and_then(|at| members.get(at))
            .copied()
            .ok_or(Trap::IndexOutside(index, members.len() as u32))
    }

    #[inline(never)]
    pub(super) fn join_texts(&mut self, window: &Window, base: u8, count: u8) -> Result<u64, Trap> {
        let parts = part(window, base, count)?;
        let text = self.heap.join_texts(self.limits, &self.program.bytes, parts)?;
        self.charge_text(text);
        Ok(text)
    }

    #[inline(never)]
    pub(super) fn shown_text(&mut self, register: u8, value: u64, show: u8) -> Result<u64, Trap> {
        let show = Show::from_number(show).ok_or(Trap::Defect("a value is shown in no way"))?;
        let ty = type_of(self.function, register)?;
        let text = show::to_text(self.program, self.heap, show, ty, value)?;
        let text = self.heap.keep_text(self.limits, text.as_bytes())?;
        self.charge_text(text);
        Ok(text)
    }

    #[inline(never)]
    pub(super) fn message(&mut self, window: &Window, from: Option<u64>, base: u8, shape: u16) -> Result<u64, Trap> {
        let shape = self.program.shapes.get(usize::from(shape)).ok_or(Trap::Defect("a message has no shape"))?;
        let values = window.get(usize::from(base)..).unwrap_or_default();
        message::build(self.heap, self.limits, shape, from, values)
    }

    pub(super) fn message_field(&self, to: u8, message: u64, field: u8) -> Result<u64, Trap> {
        let ty = self.ty(to)?;
        message::read(self.heap, &self.program.bytes, message, field, ty)?.ok_or(Trap::FieldMissing(field))
    }

    pub(super) fn find_message_field(&mut self, to: u8, message: u64, field: u8) -> Result<u64, Trap> {
        let Type::Optional(of) = type_of(self.function, to)? else {
            return Err(Trap::Defect("a field that may be missing is not optional"));
        };
        match message::read(self.heap, &self.program.bytes, message, field, of)? {
            Some(value) => message::boxed(self.heap, self.limits, of.kind(), value),
            None => Ok(0),
        }
    }

    pub(super) fn cost(&self, function: u16) -> Result<u64, Trap> {
        self.program
            .functions
            .get(usize::from(function))
            .map(|function| u64::from(function.cost).max(long_way(function.code.len() as u32)))
            .ok_or(Trap::Defect("a call leads to no function"))
    }

    #[inline(never)]
    pub(super) fn native(&mut self, window: &Window, to: u8, native: u8, base: u8, count: u8) -> Result<u64, Trap> {
        let pure = Pure::from_number(native).ok_or(Trap::Defect("a builtin is not known"))?;
        let arguments = part(window, base, count)?;
        let registers = self.function.registers.as_slice();
        let types = registers
            .get(usize::from(base)..usize::from(base) + usize::from(count))
            .ok_or(Trap::Defect("a builtin's arguments have no types"))?;
        for (ty, argument) in types.iter().zip(arguments) {
            if ty.kind() == Kind::Text {
                self.charge_text(*argument);
            }
        }
        Native {
            program: self.program,
            heap: self.heap,
            failures: self.failures,
            limits: self.limits,
            arguments,
            types,
            gives: type_of(self.function, to)?,
        }
        .call(pure)
    }

    #[inline(never)]
    pub(super) fn error(&mut self, window: &Window, base: u8, error: u16) -> Result<u64, Trap> {
        self.heap.room_for_cells(self.limits, 0)?;
        let row = self.program.errors.get(usize::from(error)).ok_or(Trap::Defect("an error is not known"))?;
        let count = u8::try_from(row.facts.len()).unwrap_or(u8::MAX);
        let facts = row
            .facts
            .iter()
            .zip(part(window, base, count)?)
            .map(|(name, slot)| {
                let text = self.heap.text(&self.program.bytes, *slot);
                let words = String::from_utf8_lossy(text.as_bytes()).into_owned();
                Fact { name: name.clone(), zh: words.clone(), en: words }
            })
            .collect();
        let failure = Failure {
            can_be_handled: trap::can_be_handled(&row.code),
            code: row.code.clone(),
            facts,
            frames: Vec::new(),
            cause: None,
        };
        let kept = self.limits.errors_kept;
        Ok(self.failures.keep(self.heap, kept, failure).0.into())
    }

    pub(super) fn is_error(&self, value: u64, error: u16) -> Result<u64, Trap> {
        let row = self.program.errors.get(usize::from(error)).ok_or(Trap::Defect("an error is not known"))?;
        let (_, failure) = self.failures.at_slot(value).ok_or(Trap::Defect("a slot holds no error"))?;
        Ok((failure.code == row.code).into())
    }
}

fn type_of(function: &Function, register: u8) -> Result<&Type, Trap> {
    function.registers.get(usize::from(register)).ok_or(Trap::Defect("a register has no type"))
}

/// Consecutive registers.
fn part(window: &Window, base: u8, count: u8) -> Result<&[u64], Trap> {
    let base = usize::from(base);
    window.get(base..base + usize::from(count)).ok_or(Trap::Defect("registers past the last"))
}
