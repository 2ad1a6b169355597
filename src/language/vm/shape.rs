//! Messages laid down in the heap: by a program's shapes, and as the world answers them.

use super::heap::Heap;
use super::limits::Limits;
use super::message::{self, HOLDINGS_PER_CELL, Holding, Message};
use super::trap::Trap;
use crate::language::bytecode::program::Shape;
use crate::language::types::{Kind, Type};
use crate::payment::iso8583::dialect::Mti;

/// A shape as the machine follows it.
#[derive(Debug)]
pub(super) struct Plan {
    mti: Mti,
    fields: Vec<Planned>,
    copies: Vec<u8>,
}

/// One field of a shape.
#[derive(Clone, Copy, Debug)]
struct Planned {
    number: u8,
    /// Counted from the base.
    register: u8,
    /// `None`: no message holds such a value.
    holding: Option<Holding>,
    /// The kind of value in the optional, if it is one: then 0 leaves the field out.
    optional: Option<Kind>,
}

impl Plan {
    pub(super) fn of(shape: &Shape) -> Plan {
        let planned = |(number, register, ty): &(u8, u8, Type)| {
            let (of, optional) = match ty {
                Type::Optional(of) => (of.as_ref(), Some(of.kind())),
                ty => (ty, None),
            };
            Planned { number: *number, register: *register, holding: Holding::of_type(of), optional }
        };
        Plan { mti: shape.mti, fields: shape.fields.iter().map(planned).collect(), copies: shape.copies.clone() }
    }

    /// Builds a message from registers; its slot.
    pub(super) fn build(&self, heap: &mut Heap, limits: &Limits, values: &[u64]) -> Result<u64, Trap> {
        let at = heap.reserve_cells(limits, message::cells_of(self.fields.len()))? as usize;
        let (known, cells) = heap.cells.split_at_mut(at);
        let mut laid = Laid::begin(known, cells, self.mti);
        for planned in &self.fields {
            if let Some((holding, slot)) = planned.value(laid.known, values)? {
                laid.push(planned.number, holding, slot)?;
            }
        }
        let size = laid.end();
        heap.cells.truncate(at + size);
        Ok(at as u64)
    }

    /// Builds a message from registers over another message: fields of `copies` that are not set come from there. An
    /// optional value that is none leaves its field out, even where the other message has one.
    pub(super) fn build_over(&self, heap: &mut Heap, limits: &Limits, from: u64, values: &[u64]) -> Result<u64, Trap> {
        let most = self.fields.len() + self.copies.len();
        let at = heap.reserve_cells(limits, message::cells_of(most))? as usize;
        let (known, cells) = heap.cells.split_at_mut(at);
        let from = Message::among(known, from)?;
        let mut laid = Laid::begin(known, cells, self.mti);
        let mut fields = self.fields.iter().peekable();
        let mut copies = self.copies.iter().copied().peekable();
        loop {
            let set = fields.next_if(|field| copies.peek().is_none_or(|copy| field.number <= *copy));
            let (number, value) = match (set, copies.peek().copied()) {
                (Some(planned), _) => {
                    copies.next_if_eq(&planned.number);
                    (planned.number, planned.value(known, values)?)
                }
                (None, Some(number)) => {
                    copies.next();
                    (number, from.field(number)?)
                }
                (None, None) => break,
            };
            if let Some((holding, slot)) = value {
                laid.push(number, holding, slot)?;
            }
        }
        let size = laid.end();
        heap.cells.truncate(at + size);
        Ok(at as u64)
    }
}

impl Planned {
    /// What the register puts into the message; `None` for none.
    #[inline]
    fn value(self, known: &[u64], values: &[u64]) -> Result<Option<(Holding, u64)>, Trap> {
        let slot = *values.get(usize::from(self.register)).ok_or(Trap::Defect("a shape reads past the registers"))?;
        let slot = match self.optional {
            None => slot,
            Some(_) if slot == 0 => return Ok(None),
            Some(kind) => message::unbox_among(known, kind, slot)?,
        };
        let holding = self.holding.ok_or(Trap::Defect("no message holds such a value"))?;
        Ok(Some((holding, slot)))
    }
}

/// A message that is being laid down behind all other cells, its fields ascending.
#[derive(Debug)]
struct Laid<'h> {
    /// The cells before it.
    known: &'h [u64],
    /// Its own, as many as it can have at most.
    cells: &'h mut [u64],
    mti: Mti,
    last: u8,
    present: [u64; 2],
    count: usize,
    holdings: [u64; HOLDING_CELLS],
}

/// Cells that say what the values of a message with all fields are.
const HOLDING_CELLS: usize = 128 / HOLDINGS_PER_CELL;

const NOT_ASCENDING: Trap = Trap::Defect("the fields of a message do not ascend");

impl<'h> Laid<'h> {
    fn begin(known: &'h [u64], cells: &'h mut [u64], mti: Mti) -> Laid<'h> {
        Laid { known, cells, mti, last: 0, present: [0; 2], count: 0, holdings: [0; HOLDING_CELLS] }
    }

    #[inline]
    fn push(&mut self, number: u8, holding: Holding, slot: u64) -> Result<(), Trap> {
        note(&mut self.present, &mut self.last, number)?;
        let packed = self.holdings.get_mut(self.count / HOLDINGS_PER_CELL).ok_or(NOT_ASCENDING)?;
        *packed |= (holding as u64) << (self.count % HOLDINGS_PER_CELL * 4);
        *self.cells.get_mut(message::FIXED + self.count).ok_or(NOT_ASCENDING)? = slot;
        self.count += 1;
        Ok(())
    }

    /// Writes the rest; how many cells it has.
    fn end(self) -> usize {
        let holdings = self.holdings.iter().take(self.count.div_ceil(HOLDINGS_PER_CELL));
        for (cell, holding) in self.cells.iter_mut().skip(message::FIXED + self.count).zip(holdings) {
            *cell = *holding;
        }
        head(self.cells, self.mti, self.count, self.present);
        message::cells_of(self.count)
    }
}

/// Notes that a field is there.
#[inline]
fn note(present: &mut [u64; 2], last: &mut u8, number: u8) -> Result<(), Trap> {
    if number <= *last || number > 128 {
        return Err(NOT_ASCENDING);
    }
    *last = number;
    let (half, bit) = (usize::from(number > 64), (number - 1) % 64);
    present[half] |= 1 << bit;
    Ok(())
}

fn head(cells: &mut [u64], mti: Mti, count: usize, present: [u64; 2]) {
    if let Some(head) = cells.first_chunk_mut() {
        *head = [u64::from(mti.0) | (count as u64) << 16, present[0], present[1]];
    }
}

/// A message with a known number of fields, whose values may need memory of their own: its cells are taken first.
#[derive(Debug)]
pub(super) struct Reserved {
    at: usize,
    mti: Mti,
    count: usize,
    last: u8,
    present: [u64; 2],
    filled: usize,
}

impl Reserved {
    pub(super) fn new(heap: &mut Heap, limits: &Limits, mti: Mti, count: usize) -> Result<Reserved, Trap> {
        if count > usize::from(u8::MAX) {
            return Err(NOT_ASCENDING);
        }
        let at = heap.reserve_cells(limits, message::cells_of(count))? as usize;
        Ok(Reserved { at, mti, count, last: 0, present: [0; 2], filled: 0 })
    }

    pub(super) fn put(&mut self, heap: &mut Heap, number: u8, holding: Holding, slot: u64) -> Result<(), Trap> {
        note(&mut self.present, &mut self.last, number)?;
        let values = self.at + message::FIXED;
        heap.put(values + self.filled, slot);
        if let Some(packed) = heap.cells.get_mut(values + self.count + self.filled / HOLDINGS_PER_CELL) {
            *packed |= (holding as u64) << (self.filled % HOLDINGS_PER_CELL * 4);
        }
        self.filled += 1;
        Ok(())
    }

    pub(super) fn end(self, heap: &mut Heap) -> u64 {
        head(heap.cells.get_mut(self.at..).unwrap_or_default(), self.mti, self.count, self.present);
        self.at as u64
    }
}
