//! Lines of a slip, laid down together: a slip is ten or twenty records that follow one another, each of constants and
//! one value.
//!
//! One step does what all their instructions would, registers included. Where a value is not at hand, or there is no
//! room, it does nothing, and the instructions, which stand where they stood, say what is wrong.

use super::memory::Memory;
use super::message;
use super::slot;
use super::stack::Window;
use super::translate::{constant, digits, needs_no_box};
use super::trap::Trap;
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::{Function, Program};

/// Lines that one step lays down.
const LINES_MOST: usize = 32;
/// Fewer are laid down one by one.
const LINES_LEAST: usize = 2;
/// Cells of a line.
const CELLS: usize = 4;

/// Lines that follow one another.
#[derive(Debug)]
pub(super) struct Slip {
    /// The first instruction of the first value: where it goes on if it did nothing.
    values: u32,
    /// Behind the last instruction.
    pub(super) end: u32,
    /// Where each line is put together: four registers from here on, and the last of them.
    base: u8,
    last: u8,
    lines: Vec<Line>,
    /// The cells of all lines, without their values.
    cells: Vec<u64>,
    /// The register of the list of all lines, if it is made at once.
    list: Option<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Line {
    /// The register it goes to.
    to: u8,
    value: Value,
}

/// Where the value of a line comes from.
#[derive(Clone, Copy, Debug)]
enum Value {
    Constant(u64),
    Register(u8),
    Field(Field),
    /// A field of a message, if it is there and a text; else a constant.
    Found {
        message: Source,
        field: u8,
        digits: u8,
        /// The registers of what was found, and of what was in it.
        found: u8,
        some: u8,
        otherwise: u64,
    },
    /// Something written as a text.
    Shown {
        from: Source,
        show: u8,
    },
}

/// A field of a record in a register.
#[derive(Clone, Copy, Debug)]
struct Field {
    record: u8,
    index: u8,
}

/// A register, and the field of a record that comes into it first, if one does.
#[derive(Clone, Copy, Debug)]
struct Source {
    register: u8,
    of: Option<Field>,
}

impl Slip {
    /// The lines that begin at an instruction; `None` if there are too few.
    pub(super) fn at(program: &Program, function: &Function, from: usize) -> Option<Slip> {
        let code = function.code.as_slice();
        let (base, _) = constant(program, *code.get(from)?)?;
        let last = base.checked_add(3)?;
        let (mut lines, mut cells, mut end) = (Vec::new(), Vec::new(), from);
        while lines.len() < LINES_MOST
            && let Some((line, constants, next)) = line(program, function, end, base)
        {
            let writes = |register: u8| {
                (base..=last).contains(&register) || lines.iter().chain([&line]).any(|line: &Line| line.to == register)
            };
            if line.value.registers().into_iter().flatten().any(writes) || (base..=last).contains(&line.to) {
                break;
            }
            lines.push(line);
            cells.extend(constants);
            cells.push(0);
            end = next;
        }
        if lines.len() < LINES_LEAST {
            return None;
        }
        let first = lines.first()?.to;
        let consecutive = lines.iter().zip(first..).all(|(line, to)| line.to == to);
        let list = match code.get(end) {
            Some(Instruction::MakeList { to, base, count })
                if consecutive && *base == first && usize::from(*count) == lines.len() =>
            {
                Some(*to)
            }
            _ => None,
        };
        let end = end + usize::from(list.is_some());
        Some(Slip { values: from as u32 + 3, end: end as u32, base, last, lines, cells, list })
    }
}

/// One line: three constants from a register on, a value, and the record of the four; the constants, and what follows.
fn line(program: &Program, function: &Function, at: usize, base: u8) -> Option<(Line, [u64; 3], usize)> {
    let code = function.code.as_slice();
    let mut constants = [0; 3];
    for ((slot, instruction), register) in constants.iter_mut().zip(code.get(at..at + 3)?).zip(base..) {
        let (to, value) = constant(program, *instruction)?;
        *slot = value;
        (to == register).then_some(())?;
    }
    let (value, next) = value(program, function, at + 3, base.checked_add(3)?)?;
    match code.get(next) {
        Some(Instruction::MakeRecord { to, base: from, count: 4 }) if *from == base => {
            Some((Line { to: *to, value }, constants, next + 1))
        }
        _ => None,
    }
}

/// What comes into a register, and what follows.
fn value(program: &Program, function: &Function, at: usize, into: u8) -> Option<(Value, usize)> {
    let code = function.code.get(at..)?;
    if let Some((to, slot)) = constant(program, *code.first()?) {
        return (to == into).then_some((Value::Constant(slot), at + 1));
    }
    let (of, register, code, at) = match *code {
        [Instruction::Move { to, from }, ..] if to == into => return Some((Value::Register(from), at + 1)),
        [Instruction::GetField { to, record, index }, ..] if to == into => {
            return Some((Value::Field(Field { record, index }), at + 1));
        }
        [Instruction::GetField { to, record, index }, ref rest @ ..] => {
            (Some(Field { record, index }), Some(to), rest, at + 1)
        }
        ref rest => (None, None, rest, at),
    };
    let is_source = |known: u8| register.is_none_or(|register| register == known);
    match *code {
        [Instruction::ToText { to, from, show }, ..] if to == into && is_source(from) => {
            Some((Value::Shown { from: Source { register: from, of }, show }, at + 1))
        }
        [
            Instruction::FindMessageField { to: found, message, field },
            Instruction::JumpIfNone { test, target },
            Instruction::GetSome { to: some, from },
            Instruction::Move { to, from: moved },
            Instruction::Jump { target: end },
            otherwise,
            ..,
        ] if is_source(message)
            && (test, from, moved, to) == (found, found, some, into)
            && (target as usize, end as usize) == (at + 5, at + 6)
            && needs_no_box(function, some) =>
        {
            let (other, otherwise) = constant(program, otherwise)?;
            let digits = digits(function, found)?;
            let message = Source { register: message, of };
            (other == into).then_some((Value::Found { message, field, digits, found, some, otherwise }, at + 6))
        }
        _ => None,
    }
}

impl Value {
    /// The registers it reads, and those it uses on the way.
    fn registers(self) -> [Option<u8>; 4] {
        let of = |source: Source| source.of.map(|field| field.record);
        match self {
            Value::Constant(_) => [None; 4],
            Value::Register(register) => [Some(register), None, None, None],
            Value::Field(field) => [Some(field.record), None, None, None],
            Value::Found { message, found, some, .. } => [Some(message.register), of(message), Some(found), Some(some)],
            Value::Shown { from, .. } => [Some(from.register), of(from), None, None],
        }
    }
}

impl Memory<'_> {
    /// Lays the lines down; where to go on.
    #[inline(never)]
    pub(super) fn slip(&mut self, window: &mut Window, slip: u16) -> Result<u32, Trap> {
        const NO_SLIP: Trap = Trap::Defect("the lines of a slip are missing");
        let slip = self.prepared.slips.get(usize::from(slip)).ok_or(NO_SLIP)?;
        Ok(if self.lay(window, slip) { slip.end } else { slip.values })
    }

    /// Lays the lines down; false: nothing was kept, as something is wrong or there is no room.
    #[inline(always)]
    fn lay(&mut self, window: &mut Window, slip: &Slip) -> bool {
        let heap = &mut self.run.heap;
        let before = Before { bytes: heap.bytes.len(), cells: heap.cells.len(), spent: self.run.spent };
        let members = slip.list.map_or(0, |_| slip.lines.len());
        let room = heap.room_for_cells(&self.run.limits, slip.cells.len()).is_ok();
        if !room || members > self.run.limits.list_members as usize {
            return self.lay_nothing(window, slip, before);
        }
        heap.cells.extend_from_slice(&slip.cells);
        let mut place = before.cells;
        for line in &slip.lines {
            let value = self.line_value(window, &line.value);
            let (Some(value), Some(cell)) = (value, self.run.heap.cells.get_mut(place + CELLS - 1)) else {
                return self.lay_nothing(window, slip, before);
            };
            *cell = value;
            window[usize::from(line.to)] = place as u64;
            place += CELLS;
        }
        // Texts that were written for the lines have taken of what there was room for.
        if self.run.heap.room_for_cells(&self.run.limits, members).is_err() {
            return self.lay_nothing(window, slip, before);
        }
        let cells = &mut self.run.heap.cells;
        // The registers that a line is put together in are left as the last line left them.
        if let (Some(last), Some(registers)) =
            (cells.last_chunk::<CELLS>(), window.get_mut(usize::from(slip.base)..).and_then(<[u64]>::first_chunk_mut))
        {
            *registers = *last;
        }
        if let Some(list) = slip.list {
            cells.extend((0..members).map(|line| (before.cells + line * CELLS) as u64));
            window[usize::from(list)] = slot::list(place as u32, members as u32);
        }
        true
    }

    #[inline(always)]
    fn line_value(&mut self, window: &mut Window, value: &Value) -> Option<u64> {
        match *value {
            Value::Constant(slot) => Some(slot),
            Value::Register(register) => Some(window[usize::from(register)]),
            Value::Field(Field { record, index }) => self.field(window[usize::from(record)], index),
            Value::Found { message, field, digits, found, some, otherwise } => {
                let message = self.come_in(window, message)?;
                let value = match message::find_text(&self.run.heap, message, field, digits) {
                    Some(text) => text,
                    None => self.find_message_field(found, message, field).ok()?,
                };
                window[usize::from(found)] = value;
                if value == 0 {
                    return Some(otherwise);
                }
                window[usize::from(some)] = value;
                Some(value)
            }
            Value::Shown { from, show } => {
                let value = self.come_in(window, from)?;
                self.shown_text(from.register, value, show).ok()
            }
        }
    }

    /// What is in the register, after the field came into it.
    #[inline]
    fn come_in(&self, window: &mut Window, source: Source) -> Option<u64> {
        let register = usize::from(source.register);
        if let Some(Field { record, index }) = source.of {
            window[register] = self.field(window[usize::from(record)], index)?;
        }
        Some(window[register])
    }

    /// Takes back what was kept, and sets the constants of the first line: the instruction behind them goes on.
    #[cold]
    fn lay_nothing(&mut self, window: &mut Window, slip: &Slip, before: Before) -> bool {
        self.run.heap.bytes.truncate(before.bytes);
        self.run.heap.cells.truncate(before.cells);
        self.run.spent = before.spent;
        for (register, constant) in (slip.base..slip.last).zip(&slip.cells) {
            window[usize::from(register)] = *constant;
        }
        false
    }
}

/// How much there was before the first line.
#[derive(Clone, Copy)]
struct Before {
    bytes: usize,
    cells: usize,
    spent: u64,
}
