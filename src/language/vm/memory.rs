//! What single instructions do with the memory of a run.

use super::arithmetic;
use super::equal::Values;
use super::failure::{Fact, Failure};
use super::heap::ends;
use super::jumps::Jumps;
use super::message;
use super::native::Native;
use super::prepared::Prepared;
use super::run::Rest;
use super::show;
use super::slot;
use super::stack::Window;
use super::step::{NativeCall, Put};
use super::trap::{self, Trap};
use super::written::Written;
use crate::language::builtin::row::Pure;
use crate::language::bytecode::instruction::Show;
use crate::language::bytecode::program::Program;
use crate::language::types::{Kind, Type};

/// What the cold instructions work on.
pub(super) struct Memory<'a> {
    pub(super) program: &'a Program,
    pub(super) prepared: &'a Prepared,
    /// Index of the function that is running.
    pub(super) running: u16,
    /// The run without its registers, which the loop holds.
    pub(super) run: &'a mut Rest,
}

pub(super) fn constant(memory: &Memory<'_>, word: u32) -> Result<u64, Trap> {
    let words = &memory.program.words;
    words.get(word as usize).copied().ok_or(Trap::Defect("a constant is missing"))
}

/// Every so many bytes count as an instruction.
const BYTES_PER_INSTRUCTION: u64 = 16;

impl Memory<'_> {
    pub(super) fn values(&self) -> Values<'_> {
        Values {
            heap: &self.run.heap,
            constants: &self.program.bytes,
            types: &self.program.types,
            failures: &self.run.failures,
        }
    }

    /// The type of a register.
    fn ty(&self, register: u8) -> Result<&Type, Trap> {
        type_of(self.program, self.running, register)
    }

    /// Counts a text that was written or read as instructions, by its length.
    fn charge_text(&mut self, slot: u64) {
        let length = match slot::text_place(slot) {
            slot::TextPlace::Heap(_, length) | slot::TextPlace::Constant(_, length) => length,
            slot::TextPlace::Inline(..) => return,
        };
        self.run.spent += u64::from(length) / BYTES_PER_INSTRUCTION;
    }

    #[inline(never)]
    pub(super) fn is_text_less(&self, left: u64, right: u64) -> bool {
        let bytes = &self.program.bytes;
        self.run.heap.text(bytes, left).as_bytes() < self.run.heap.text(bytes, right).as_bytes()
    }

    #[inline(never)]
    pub(super) fn equal(&mut self, register: u8, left: u64, right: u64) -> Result<u64, Trap> {
        let (equal, parts) = self.values().equal(self.ty(register)?, left, right)?;
        self.run.spent += parts;
        Ok(equal.into())
    }

    #[inline(never)]
    pub(super) fn contains(&mut self, register: u8, item: u64, list: u64) -> Result<u64, Trap> {
        let (mut found, mut parts) = (false, 0);
        let ty = self.ty(register)?;
        for member in self.run.heap.members(list)? {
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
        self.run.spent += parts;
        Ok(found.into())
    }

    /// Where a text goes that is longer than a slot.
    #[inline(never)]
    pub(super) fn long_text(&self, jumps: &Jumps, on: u64) -> u32 {
        let text = self.run.heap.text(&self.program.bytes, on);
        jumps.long_text(self.program, text.as_bytes())
    }

    #[inline(never)]
    pub(super) fn record(&mut self, window: &Window, base: u8, count: u8) -> Result<u64, Trap> {
        self.run.heap.keep_cells(&self.run.limits, part(window, base, count)?).map(u64::from)
    }

    /// A record of four fields, as a line of a slip and a transaction are: a few moves, not a call. `None` for any
    /// other, and if there is no room: `record` says so.
    #[inline]
    pub(super) fn record_of_four(&mut self, window: &Window, base: u8, count: u8) -> Option<u64> {
        let cells = window.get(usize::from(base)..)?.first_chunk::<4>()?;
        if count == 4 { self.run.heap.keep_four(&self.run.limits, *cells) } else { None }
    }

    /// A field of a record; `None` where there is none: `record_field` says why.
    #[inline]
    pub(super) fn field(&self, record: u64, index: u8) -> Option<u64> {
        self.run.heap.cells.get(usize::try_from(record).ok()?.checked_add(index.into())?).copied()
    }

    /// What a function gives that only looks something up; `None` if it has to be called: where it has no short answer,
    /// where calls are too deep, and where its return would be looked at.
    #[inline(always)]
    pub(super) fn look_up(&self, function: u16, argument: u64) -> Option<u64> {
        let table = self.prepared.routines.get(usize::from(function))?.table.as_deref()?;
        let plain = self.run.handled.is_empty() && self.run.frames.len() < usize::from(self.run.limits.depth);
        if plain { table.find(argument) } else { None }
    }

    /// Sets registers one after another, so many as `Prepared::puts` says from one on; how many were set before one
    /// was not to be had.
    #[inline(never)]
    pub(super) fn gather(&self, window: &mut Window, first: u32, count: u8) -> usize {
        let first = first as usize;
        let puts = self.prepared.puts.get(first..first + usize::from(count)).unwrap_or_default();
        for (gone, put) in puts.iter().enumerate() {
            match *put {
                Put::Slot { to, slot } => window[usize::from(to)] = slot,
                Put::Move { to, from } => window[usize::from(to)] = window[usize::from(from)],
                Put::Field { to, record, index } => match self.field(window[usize::from(record)], index) {
                    Some(field) => window[usize::from(to)] = field,
                    None => return gone,
                },
            }
        }
        puts.len()
    }

    #[inline(never)]
    pub(super) fn record_field(&self, record: u64, index: u8) -> Result<u64, Trap> {
        let at = u32::try_from(record).map_err(|_| Trap::Defect("a record is no reference"))?;
        self.run.heap.cell(at.saturating_add(index.into()))
    }

    pub(super) fn variant(&mut self, tag: u8, value: u64) -> Result<u64, Trap> {
        let cell = self.run.heap.keep_cells(&self.run.limits, &[value])?;
        Ok(slot::variant(tag, cell))
    }

    pub(super) fn payload(&self, from: u64, tag: u8) -> Result<u64, Trap> {
        match slot::variant_parts(from) {
            (found, cell @ 1..) if found == tag => self.run.heap.cell(cell),
            _ => Err(Trap::Defect("a variant holds no such value")),
        }
    }

    pub(super) fn some(&mut self, register: u8, value: u64) -> Result<u64, Trap> {
        let kind = self.ty(register)?.kind();
        message::boxed(&mut self.run.heap, &self.run.limits, kind, value)
    }

    pub(super) fn out_of_some(&self, register: u8, value: u64) -> Result<u64, Trap> {
        if value == 0 {
            return Err(Trap::Defect("there is nothing in none"));
        }
        message::unbox(&self.run.heap, self.ty(register)?.kind(), value)
    }

    #[inline(never)]
    pub(super) fn list(&mut self, window: &Window, base: u8, count: u8) -> Result<u64, Trap> {
        self.run.heap.keep_list(&self.run.limits, part(window, base, count)?)
    }

    #[inline(never)]
    pub(super) fn join_lists(&mut self, left: u64, right: u64) -> Result<u64, Trap> {
        let list = self.run.heap.join_lists(&self.run.limits, left, right)?;
        self.run.spent += u64::from(slot::list_place(list).1) / 2;
        Ok(list)
    }

    pub(super) fn item(&self, list: u64, index: i64) -> Result<u64, Trap> {
        let members = self.run.heap.members(list)?;
        usize::try_from(index)
            .ok()
            .and_then(|at| members.get(at))
            .copied()
            .ok_or(Trap::IndexOutside(index, members.len() as u32))
    }

    #[inline(never)]
    pub(super) fn join_texts(&mut self, window: &Window, base: u8, count: u8) -> Result<u64, Trap> {
        let parts = part(window, base, count)?;
        let text = self.run.heap.join_texts(&self.run.limits, &self.program.bytes, parts)?;
        self.charge_text(text);
        Ok(text)
    }

    #[inline(never)]
    pub(super) fn shown_text(&mut self, register: u8, value: u64, show: u8) -> Result<u64, Trap> {
        let show = Show::from_number(show).ok_or(Trap::Defect("a value is shown in no way"))?;
        let ty = type_of(self.program, self.running, register)?;
        let text = match show {
            Show::Int => self.run.heap.keep_text(&self.run.limits, Written::int(value as i64).as_bytes())?,
            Show::Amount => {
                let amount = arithmetic::amount(value)?;
                match Written::short_amount(amount) {
                    Some((bytes, length)) => self.run.heap.keep_sixteen(&self.run.limits, bytes, length)?,
                    None => self.run.heap.keep_text(&self.run.limits, Written::amount(amount).as_bytes())?,
                }
            }
            show => {
                let text = show::to_text(self.program, &self.run.heap, show, ty, value)?;
                self.run.heap.keep_text(&self.run.limits, text.as_bytes())?
            }
        };
        self.charge_text(text);
        Ok(text)
    }

    #[inline(never)]
    pub(super) fn message(&mut self, window: &Window, from: Option<u64>, base: u8, shape: u16) -> Result<u64, Trap> {
        let plan = self.prepared.shapes.get(usize::from(shape)).ok_or(Trap::Defect("a message has no shape"))?;
        let values = window.get(usize::from(base)..).unwrap_or_default();
        match from {
            None => plan.build(&mut self.run.heap, &self.run.limits, values),
            Some(from) => plan.build_over(&mut self.run.heap, &self.run.limits, from, values),
        }
    }

    pub(super) fn message_field(&self, to: u8, message: u64, field: u8) -> Result<u64, Trap> {
        let ty = self.ty(to)?;
        message::read(&self.run.heap, &self.program.bytes, message, field, ty)?.ok_or(Trap::FieldMissing(field))
    }

    pub(super) fn find_message_field(&mut self, to: u8, message: u64, field: u8) -> Result<u64, Trap> {
        let Type::Optional(of) = type_of(self.program, self.running, to)? else {
            return Err(Trap::Defect("a field that may be missing is not optional"));
        };
        match message::read(&self.run.heap, &self.program.bytes, message, field, of)? {
            Some(value) => message::boxed(&mut self.run.heap, &self.run.limits, of.kind(), value),
            None => Ok(0),
        }
    }

    /// `part` of three registers from a base on.
    #[inline(never)]
    pub(super) fn part_of_text(&mut self, window: &Window, to: u8, base: u8) -> Result<u64, Trap> {
        match self.short_part(window, base) {
            Some(part) => Ok(part),
            None => self.native(window, NativeCall { to, native: Pure::Part, base, count: 3 }),
        }
    }

    /// A part of a few characters, of a text of 8 to 16 ASCII characters or in its slot; `None` for any other.
    #[inline]
    fn short_part(&mut self, window: &Window, base: u8) -> Option<u64> {
        let [text, from, length] = *window.get(usize::from(base)..)?.first_chunk::<3>()?;
        let (from, length) = (usize::try_from(from).ok()?, usize::try_from(length).ok()?);
        if slot::is_inline(text) {
            let has = slot::text_length(text);
            if !message::is_ascii(text) || from > has || length > has - from {
                return None;
            }
            let word = text >> (8 * from) & ((1 << (8 * length)) - 1);
            return slot::inline_of_word(word, length);
        }
        let bytes = self.run.heap.text(&self.program.bytes, text);
        let bytes = bytes.as_bytes();
        let [first, last] = ends(bytes).filter(|_| bytes.len() <= 16)?;
        if !message::are_ascii(first | last) {
            return None;
        }
        let part = slot::inline(bytes.get(from..from.checked_add(length)?)?)?;
        self.charge_text(text);
        Some(part)
    }

    /// What a builtin gives.
    #[inline(never)]
    pub(super) fn native(&mut self, window: &Window, call: NativeCall) -> Result<u64, Trap> {
        let NativeCall { to, native, base, count } = call;
        let arguments = part(window, base, count)?;
        const NO_TYPES: Trap = Trap::Defect("a builtin's arguments have no types");
        let function = self.program.functions.get(usize::from(self.running)).ok_or(NO_TYPES)?;
        let types =
            function.registers.get(usize::from(base)..usize::from(base) + usize::from(count)).ok_or(NO_TYPES)?;
        for (ty, argument) in types.iter().zip(arguments) {
            if ty.kind() == Kind::Text {
                self.charge_text(*argument);
            }
        }
        Native {
            program: self.program,
            heap: &mut self.run.heap,
            failures: &self.run.failures,
            limits: &self.run.limits,
            arguments,
            types,
            gives: type_of(self.program, self.running, to)?,
        }
        .call(native)
    }

    #[inline(never)]
    pub(super) fn error(&mut self, window: &Window, base: u8, error: u16) -> Result<u64, Trap> {
        self.run.heap.room_for_cells(&self.run.limits, 0)?;
        let row = self.program.errors.get(usize::from(error)).ok_or(Trap::Defect("an error is not known"))?;
        let count = u8::try_from(row.facts.len()).unwrap_or(u8::MAX);
        let facts = row
            .facts
            .iter()
            .zip(part(window, base, count)?)
            .map(|(name, slot)| {
                let text = self.run.heap.text(&self.program.bytes, *slot);
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
        let kept = self.run.limits.errors_kept;
        Ok(self.run.failures.keep(&mut self.run.heap, kept, failure).0.into())
    }

    pub(super) fn is_error(&self, value: u64, error: u16) -> Result<u64, Trap> {
        let row = self.program.errors.get(usize::from(error)).ok_or(Trap::Defect("an error is not known"))?;
        let (_, failure) = self.run.failures.at_slot(value).ok_or(Trap::Defect("a slot holds no error"))?;
        Ok((failure.code == row.code).into())
    }
}

fn type_of(program: &Program, running: u16, register: u8) -> Result<&Type, Trap> {
    let function = program.functions.get(usize::from(running));
    let ty = function.and_then(|function| function.registers.get(usize::from(register)));
    ty.ok_or(Trap::Defect("a register has no type"))
}

/// Consecutive registers.
fn part(window: &Window, base: u8, count: u8) -> Result<&[u64], Trap> {
    let base = usize::from(base);
    window.get(base..base + usize::from(count)).ok_or(Trap::Defect("registers past the last"))
}
