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
    whole: Option<Whole>,
}

/// What is known of a message all of whose fields are there and lie in consecutive registers as they will in it.
#[derive(Debug)]
struct Whole {
    head: [u64; message::FIXED],
    holdings: Vec<u64>,
    /// Counted from the base.
    first: usize,
    count: usize,
    /// Which of them, counted from the first, are not there if they are 0.
    optional: Vec<u8>,
}

impl Whole {
    fn of(mti: Mti, fields: &[Planned]) -> Option<Whole> {
        let first = fields.first()?.register;
        let (mut present, mut last) = ([0; 2], 0);
        let mut holdings = vec![0; fields.len().div_ceil(HOLDINGS_PER_CELL)];
        let mut optional = Vec::new();
        for (planned, at) in fields.iter().zip(0_u8..) {
            note(&mut present, &mut last, planned.number).ok()?;
            match planned.optional {
                None => {}
                Some(Kind::Word | Kind::Amount | Kind::Union) => return None,
                Some(_) => optional.push(at),
            }
            if planned.register != first.checked_add(at)? {
                return None;
            }
            let packed = holdings.get_mut(usize::from(at) / HOLDINGS_PER_CELL)?;
            *packed |= (planned.holding? as u64) << (usize::from(at) % HOLDINGS_PER_CELL * 4);
        }
        let head = head_of(mti, fields.len(), present);
        Some(Whole { head, holdings, first: first.into(), count: fields.len(), optional })
    }

    /// The values, if all are there.
    #[inline]
    fn values<'v>(&self, values: &'v [u64]) -> Option<&'v [u64]> {
        let own = values.get(self.first..self.first + self.count)?;
        self.optional.iter().all(|at| own.get(usize::from(*at)).is_some_and(|slot| *slot != 0)).then_some(own)
    }
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
        let fields: Vec<Planned> = shape.fields.iter().map(planned).collect();
        Plan { mti: shape.mti, whole: Whole::of(shape.mti, &fields), fields, copies: shape.copies.clone() }
    }

    /// Builds a message from registers; its slot.
    pub(super) fn build(&self, heap: &mut Heap, limits: &Limits, values: &[u64]) -> Result<u64, Trap> {
        if let Some(whole) = &self.whole
            && let Some(values) = whole.values(values)
        {
            let at = heap.room_for_cells(limits, message::cells_of(whole.count))?;
            heap.cells.extend_from_slice(&whole.head);
            heap.cells.extend_from_slice(values);
            heap.cells.extend_from_slice(&whole.holdings);
            return Ok(at.into());
        }
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
        if let Some(head) = self.cells.first_chunk_mut() {
            *head = head_of(self.mti, self.count, self.present);
        }
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

/// Type and count, which fields up to 64 there are, and which above.
pub(super) fn head_of(mti: Mti, count: usize, present: [u64; 2]) -> [u64; message::FIXED] {
    [u64::from(mti.0) | (count as u64) << 16, present[0], present[1]]
}

/// A message as the world answers it: its values are collected before they are laid down, as some of them need cells of
/// their own.
#[derive(Debug)]
pub(super) struct Collected<const MOST: usize> {
    last: u8,
    present: [u64; 2],
    count: usize,
    holdings: [u64; HOLDING_CELLS],
    values: [u64; MOST],
}

impl<const MOST: usize> Collected<MOST> {
    pub(super) fn new() -> Collected<MOST> {
        Collected { last: 0, present: [0; 2], count: 0, holdings: [0; HOLDING_CELLS], values: [0; MOST] }
    }

    #[inline]
    pub(super) fn push(&mut self, number: u8, holding: Holding, slot: u64) -> Result<(), Trap> {
        note(&mut self.present, &mut self.last, number)?;
        let packed = self.holdings.get_mut(self.count / HOLDINGS_PER_CELL).ok_or(NOT_ASCENDING)?;
        *packed |= (holding as u64) << (self.count % HOLDINGS_PER_CELL * 4);
        *self.values.get_mut(self.count).ok_or(NOT_ASCENDING)? = slot;
        self.count += 1;
        Ok(())
    }

    /// Lays the message down; its slot.
    pub(super) fn lay(&self, heap: &mut Heap, limits: &Limits, mti: Mti) -> Result<u64, Trap> {
        let at = heap.room_for_cells(limits, message::cells_of(self.count))?;
        heap.cells.extend_from_slice(&head_of(mti, self.count, self.present));
        heap.cells.extend_from_slice(self.values.get(..self.count).unwrap_or_default());
        heap.cells.extend_from_slice(self.holdings.get(..self.count.div_ceil(HOLDINGS_PER_CELL)).unwrap_or_default());
        Ok(at.into())
    }
}
