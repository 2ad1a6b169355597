//! A run that waits, as small as it goes: for a million terminals in one process.
//!
//! What it holds is the run without the registers that nobody reads again, in one piece of memory. It never leaves the
//! process, so it carries neither version nor checksum; to write a run down is `to_bytes`.

use super::failure::Failures;
use super::frame::Frame;
use super::limits::Limits;
use super::live;
use super::money::Money;
use super::prepared::Prepared;
use super::raise::Handled;
use super::run::{Run, State};
use super::slot;
use super::snapshot::SnapshotError;
use crate::language::bytecode::program::Program;
use serde::{Deserialize, Serialize};

/// A run that was packed: it takes its bytes and nothing else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packed(Box<[u8]>);

/// What most runs have nothing of, or little.
#[derive(Serialize, Deserialize)]
struct Rest {
    limits: Option<Limits>,
    granted: Option<u64>,
    state: State,
    money: Option<Money>,
    handled: Vec<Handled>,
    failures: Option<Failures>,
}

const DAMAGED: SnapshotError = SnapshotError::Damaged;

impl Packed {
    /// How many bytes it takes.
    pub fn size(&self) -> usize {
        self.0.len()
    }

    /// The run again.
    pub fn unpack(&self) -> Result<Run, SnapshotError> {
        let mut run = Run::empty();
        run.unpack(self)?;
        Ok(run)
    }
}

impl Run {
    /// The run, packed. Registers that are not read again and that no error would show come back empty.
    pub fn pack(&self, program: &Program) -> Packed {
        let rest = Rest {
            limits: (self.limits != Limits::default()).then_some(self.limits),
            granted: (self.granted != u64::MAX).then_some(self.granted),
            state: self.state,
            money: (self.money != Money::default()).then_some(self.money),
            handled: self.handled.clone(),
            failures: (self.failures != Failures::default()).then(|| self.failures.clone()),
        };
        // INVARIANT: a run holds nothing that cannot be written; without this it would not be unpacked.
        let bytes = postcard::to_extend(&rest, Vec::with_capacity(512)).unwrap_or_default();
        let mut writer = Writer { bytes, zeros: 0 };
        for number in [self.entry.into(), self.spent, self.requests.into(), self.heap.elsewhere.into()] {
            writer.plain(number);
        }
        writer.frames(&self.frames);
        writer.frames(&self.outcome);
        writer.plain(self.stack.used().len() as u64);
        let prepared = Prepared::of(program);
        let mut registers = self.stack.used().iter();
        for frame in &self.frames {
            let at = usize::from(frame.function);
            let count = prepared.routines.get(at).map_or(0, |routine| routine.registers);
            let live = prepared.routines.get(at).and_then(|routine| {
                routine.live.get_or_init(|| live::of_function(program, at).into()).get(frame.pc as usize)
            });
            for (register, slot) in registers.by_ref().take(count).enumerate() {
                let needed = live.is_none_or(|live| live.has(register));
                writer.slot(if needed { *slot } else { 0 });
            }
        }
        registers.for_each(|slot| writer.slot(*slot));
        writer.number(self.heap.cells.len() as u64);
        self.heap.cells.iter().for_each(|slot| writer.slot(*slot));
        writer.number(self.heap.bytes.len() as u64);
        let mut bytes = writer.bytes;
        bytes.extend_from_slice(&self.heap.bytes);
        Packed(bytes.into())
    }

    /// Becomes the run that was packed, in the memory it has. If it cannot, it has ended.
    pub fn unpack(&mut self, packed: &Packed) -> Result<(), SnapshotError> {
        let done = self.take_up(packed);
        if done.is_err() {
            self.frames.clear();
            self.stack.use_first(0);
            self.state = State::Finished(0);
        }
        done
    }

    fn take_up(&mut self, packed: &Packed) -> Result<(), SnapshotError> {
        let (rest, bytes) = postcard::take_from_bytes::<Rest>(&packed.0).map_err(|_| DAMAGED)?;
        self.limits = rest.limits.unwrap_or_default();
        self.granted = rest.granted.unwrap_or(u64::MAX);
        self.state = rest.state;
        self.money = rest.money.unwrap_or_default();
        self.handled = rest.handled;
        match rest.failures {
            Some(failures) => self.failures = failures,
            None => self.failures.clear(),
        }
        let mut reader = Reader { bytes };
        self.entry = reader.number()? as u16;
        self.spent = reader.number()?;
        self.requests = reader.number()? as u32;
        self.heap.elsewhere = reader.number()? as u32;
        reader.frames(&mut self.frames)?;
        reader.frames(&mut self.outcome)?;
        self.stack.refill(|slots| reader.slots(slots))?;
        self.heap.cells.clear();
        reader.slots(&mut self.heap.cells)?;
        let length = reader.number()?;
        self.heap.bytes.clear();
        self.heap.bytes.extend_from_slice(reader.bytes);
        if self.heap.bytes.len() as u64 == length { Ok(()) } else { Err(DAMAGED) }
    }
}

/// Below this a byte is the number itself.
const SMALL: u8 = 0xC0;
/// From here on: so many bytes less one of a number.
const NUMBER: u8 = 0xC0;
/// From here on: the length of a text that lies in its slot, and its bytes.
const TEXT: u8 = 0xC8;
/// A text in the heap: length and start.
const HEAP_TEXT: u8 = 0xD0;
/// A text among the constants, or a list: length and start.
const CONSTANT_TEXT: u8 = 0xD1;
/// From here on: the length of a text in the heap, less the shortest that lies there; its start follows.
const SHORT_TEXT: u8 = 0xD2;
const SHORTEST: u32 = slot::INLINE_MAX as u32 + 1;
/// From here on: so many zeros less one.
const ZEROS: u8 = 0xE0;
const ZEROS_MOST: u8 = 32;

struct Writer {
    bytes: Vec<u8>,
    /// Zeros that are not written yet.
    zeros: u8,
}

impl Writer {
    fn frames(&mut self, frames: &[Frame]) {
        self.plain(frames.len() as u64);
        for frame in frames {
            for number in [frame.function.into(), frame.pc.into(), frame.base.into(), u64::from(frame.step)] {
                self.plain(number);
            }
        }
    }

    #[inline]
    fn slot(&mut self, slot: u64) {
        if slot == 0 {
            self.zeros += 1;
            if self.zeros == ZEROS_MOST {
                self.write_zeros();
            }
            return;
        }
        self.write_zeros();
        if let Some((bytes, length)) = slot::inline_parts(slot) {
            self.first_and(TEXT + length, bytes, length.into());
        } else if let Some((is_constant, start, length)) = slot::place_parts(slot) {
            match length.checked_sub(SHORTEST) {
                Some(longer) if !is_constant && longer < u32::from(ZEROS - SHORT_TEXT) => {
                    self.bytes.push(SHORT_TEXT + longer as u8);
                }
                _ => {
                    self.bytes.push(if is_constant { CONSTANT_TEXT } else { HEAP_TEXT });
                    self.plain(length.into());
                }
            }
            self.plain(start.into());
        } else {
            self.plain(slot);
        }
    }

    fn number(&mut self, number: u64) {
        self.write_zeros();
        self.plain(number);
    }

    fn plain(&mut self, number: u64) {
        if number < u64::from(SMALL) {
            self.bytes.push(number as u8);
            return;
        }
        let bytes = number.to_le_bytes();
        let length = 8 - number.leading_zeros() as usize / 8;
        self.first_and(NUMBER + length as u8 - 1, bytes, length);
    }

    /// A byte and so many of eight: all are written and the rest taken back, which is one move.
    #[inline]
    fn first_and(&mut self, first: u8, bytes: [u8; 8], length: usize) {
        self.bytes.push(first);
        let end = self.bytes.len() + length;
        self.bytes.extend_from_slice(&bytes);
        self.bytes.truncate(end);
    }

    fn write_zeros(&mut self) {
        if self.zeros > 0 {
            self.bytes.push(ZEROS + (self.zeros - 1));
            self.zeros = 0;
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl Reader<'_> {
    fn frames(&mut self, frames: &mut Vec<Frame>) -> Result<(), SnapshotError> {
        frames.clear();
        for _ in 0..self.number()? {
            let (function, pc) = (self.number()? as u16, self.number()? as u32);
            let (base, step) = (self.number()? as u32, self.number()? as u32);
            frames.push(Frame { function, pc, base, step });
        }
        Ok(())
    }

    /// A count, and so many slots.
    fn slots(&mut self, slots: &mut Vec<u64>) -> Result<(), SnapshotError> {
        let end = (slots.len() as u64).saturating_add(self.number()?);
        while (slots.len() as u64) < end {
            match self.byte()? {
                first if first < TEXT => slots.push(self.number_after(first)?),
                first if first < HEAP_TEXT => {
                    let text = self.take(usize::from(first - TEXT))?;
                    slots.push(slot::inline(text).ok_or(DAMAGED)?);
                }
                first if (SHORT_TEXT..ZEROS).contains(&first) => {
                    let start = self.number()? as u32;
                    slots.push(slot::heap_text(start, u32::from(first - SHORT_TEXT) + SHORTEST));
                }
                first if first < ZEROS => {
                    let (length, start) = (self.number()?, self.number()?);
                    let text = slot::heap_text(start as u32, length as u32);
                    slots.push(if first == CONSTANT_TEXT { slot::list(start as u32, length as u32) } else { text });
                }
                zeros => slots.resize(slots.len() + usize::from(zeros - ZEROS) + 1, 0),
            }
        }
        if slots.len() as u64 == end { Ok(()) } else { Err(DAMAGED) }
    }

    fn number(&mut self) -> Result<u64, SnapshotError> {
        let first = self.byte()?;
        if first < TEXT { self.number_after(first) } else { Err(DAMAGED) }
    }

    fn number_after(&mut self, first: u8) -> Result<u64, SnapshotError> {
        if first < SMALL {
            return Ok(first.into());
        }
        let count = usize::from(first - NUMBER) + 1;
        // Where eight are there, they are one move, and what is too much is cut off.
        if let Some(eight) = self.bytes.first_chunk() {
            self.take(count)?;
            return Ok(u64::from_le_bytes(*eight) & u64::MAX >> (64 - 8 * count));
        }
        let mut bytes = [0; 8];
        bytes.iter_mut().zip(self.take(count)?).for_each(|(byte, taken)| *byte = *taken);
        Ok(u64::from_le_bytes(bytes))
    }

    fn byte(&mut self) -> Result<u8, SnapshotError> {
        let (first, rest) = self.bytes.split_first().ok_or(DAMAGED)?;
        self.bytes = rest;
        Ok(*first)
    }

    fn take(&mut self, count: usize) -> Result<&[u8], SnapshotError> {
        let (taken, rest) = self.bytes.split_at_checked(count).ok_or(DAMAGED)?;
        self.bytes = rest;
        Ok(taken)
    }
}
