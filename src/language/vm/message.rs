//! A message in cells: type and count, which fields, what each holds, the values in ascending order.
//!
//! A field is found by counting the bits below its own. What a value is stands beside it in four bits, because a
//! reply's fields come from the world: the register that reads one says what it must be.

use super::heap::Heap;
use super::limits::Limits;
use super::trap::Trap;
use crate::language::bytecode::program::Shape;
use crate::language::types::{Kind, Type};
use crate::payment::iso8583::dialect::Mti;
use crate::payment::iso8583::response::ResponseCode;

/// What a field's value is. The numbers stand in snapshots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Holding {
    /// Characters.
    Text = 1,
    /// Bytes that need not be characters.
    Bytes = 2,
    /// A number.
    Word = 3,
    /// Field 39.
    Code = 4,
    /// Money.
    Amount = 5,
    /// Card data.
    Sealed = 6,
}

impl Holding {
    fn from_number(number: u64) -> Option<Holding> {
        [Holding::Text, Holding::Bytes, Holding::Word, Holding::Code, Holding::Amount, Holding::Sealed]
            .into_iter()
            .find(|holding| *holding as u64 == number)
    }

    /// What a value of this type is in a message; `None` if none can hold it.
    pub fn of_type(ty: &Type) -> Option<Holding> {
        Some(match ty {
            Type::Bytes => Holding::Bytes,
            Type::ResponseCode => Holding::Code,
            other => match other.kind() {
                Kind::Text => Holding::Text,
                Kind::Word => Holding::Word,
                Kind::Amount => Holding::Amount,
                Kind::Sealed => Holding::Sealed,
                _ => return None,
            },
        })
    }
}

/// Cells in front of the values: type and count, two bitmaps.
const FIXED: u32 = 3;
const HOLDINGS_PER_CELL: u32 = 16;

/// A message in the heap.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    heap: &'a Heap,
    at: u32,
    mti: Mti,
    count: u32,
    present: u128,
}

/// Field 1 is the lowest bit.
fn bit(number: u8) -> u128 {
    match number {
        1..=128 => 1 << (number - 1),
        _ => 0,
    }
}

impl<'a> Message<'a> {
    /// The message that begins at a cell.
    pub fn at(heap: &'a Heap, slot: u64) -> Result<Message<'a>, Trap> {
        let at = u32::try_from(slot).map_err(|_| Trap::Defect("a message is no reference"))?;
        let &[header, first, second] = heap.cells(at, FIXED)? else {
            return Err(Trap::Defect("a message has no header"));
        };
        let present = u128::from(second) << 64 | u128::from(first);
        let count = (header >> 16) as u32;
        if at == 0 || count != present.count_ones() {
            return Err(Trap::Defect("a message does not count its fields right"));
        }
        Ok(Message { heap, at, mti: Mti(header as u16), count, present })
    }

    /// The message type.
    pub fn mti(&self) -> Mti {
        self.mti
    }

    /// A field: what it is, and its slot.
    pub fn field(&self, number: u8) -> Result<Option<(Holding, u64)>, Trap> {
        let bit = bit(number);
        if self.present & bit == 0 {
            return Ok(None);
        }
        self.place((self.present & (bit - 1)).count_ones()).map(Some)
    }

    /// Numbers of the fields that are there, ascending.
    pub fn numbers(&self) -> impl Iterator<Item = u8> + use<> {
        let present = self.present;
        (1..=128).filter(move |number| present & bit(*number) != 0)
    }

    fn place(&self, index: u32) -> Result<(Holding, u64), Trap> {
        let holdings = self.at + FIXED;
        let packed = self.heap.cell(holdings + index / HOLDINGS_PER_CELL)?;
        let number = packed >> (index % HOLDINGS_PER_CELL * 4) & 0xF;
        let holding = Holding::from_number(number).ok_or(Trap::Defect("a field holds nothing known"))?;
        let values = holdings + self.count.div_ceil(HOLDINGS_PER_CELL);
        Ok((holding, self.heap.cell(values + index)?))
    }
}

/// Fields to be laid down, ascending.
#[derive(Debug)]
pub struct Draft {
    mti: Mti,
    present: u128,
    values: Vec<(Holding, u64)>,
}

impl Draft {
    /// An empty message.
    pub fn new(mti: Mti) -> Draft {
        Draft { mti, present: 0, values: Vec::new() }
    }

    /// Puts the next field in.
    pub fn push(&mut self, number: u8, holding: Holding, slot: u64) -> Result<(), Trap> {
        let bit = bit(number);
        if bit == 0 || self.present >= bit {
            return Err(Trap::Defect("the fields of a message do not ascend"));
        }
        self.present |= bit;
        self.values.push((holding, slot));
        Ok(())
    }

    /// Lays it down; its slot.
    pub fn keep(&self, heap: &mut Heap, limits: &Limits) -> Result<u64, Trap> {
        let count = self.values.len() as u64;
        let mut cells = vec![u64::from(self.mti.0) | count << 16, self.present as u64, (self.present >> 64) as u64];
        cells.extend(
            self.values
                .chunks(HOLDINGS_PER_CELL as usize)
                .map(|values| values.iter().rev().fold(0, |packed, (holding, _)| packed << 4 | *holding as u64)),
        );
        cells.extend(self.values.iter().map(|(_, slot)| *slot));
        heap.keep_cells(limits, &cells).map(u64::from)
    }
}

/// Builds a message by a shape from registers, over another message if one is given.
pub fn build(heap: &mut Heap, limits: &Limits, shape: &Shape, from: Option<u64>, values: &[u64]) -> Result<u64, Trap> {
    let mut draft = Draft::new(shape.mti);
    {
        let source = from.map(|slot| Message::at(heap, slot)).transpose()?;
        let mut copies = shape.copies.iter().copied().peekable();
        for (number, register, ty) in &shape.fields {
            copy_below(&mut draft, source.as_ref(), &mut copies, *number)?;
            let slot = *values.get(usize::from(*register)).ok_or(Trap::Defect("a shape reads past the registers"))?;
            let Some((holding, slot)) = value_of(heap, ty, slot)? else {
                // An optional value that is none leaves the field out, even where the other message has one.
                copies.next_if_eq(number);
                continue;
            };
            copies.next_if_eq(number);
            draft.push(*number, holding, slot)?;
        }
        copy_below(&mut draft, source.as_ref(), &mut copies, u8::MAX)?;
    }
    draft.keep(heap, limits)
}

fn copy_below(
    draft: &mut Draft,
    source: Option<&Message<'_>>,
    copies: &mut std::iter::Peekable<impl Iterator<Item = u8>>,
    end: u8,
) -> Result<(), Trap> {
    while let Some(number) = copies.next_if(|copy| *copy < end) {
        if let Some(source) = source
            && let Some((holding, slot)) = source.field(number)?
        {
            draft.push(number, holding, slot)?;
        }
    }
    Ok(())
}

/// What a register of this type puts into a message; `None` for none.
fn value_of(heap: &Heap, ty: &Type, slot: u64) -> Result<Option<(Holding, u64)>, Trap> {
    let (ty, slot) = match ty {
        Type::Optional(_) if slot == 0 => return Ok(None),
        Type::Optional(of) => (of.as_ref(), unbox(heap, of.kind(), slot)?),
        ty => (ty, slot),
    };
    let holding = Holding::of_type(ty).ok_or(Trap::Defect("no message holds such a value"))?;
    Ok(Some((holding, slot)))
}

/// Reads a field into a register of this type, and sees that it fits.
pub fn read(heap: &Heap, constants: &[u8], message: u64, number: u8, ty: &Type) -> Result<Option<u64>, Trap> {
    let Some((holding, slot)) = Message::at(heap, message)?.field(number)? else {
        return Ok(None);
    };
    let text = heap.text(constants, slot);
    let misfit = Trap::Defect("a field of the message is not of its type");
    match (ty, holding) {
        (Type::ResponseCode, Holding::Text) => {
            text.as_str().and_then(ResponseCode::parse).map(ResponseCode::to_bits).map(Some).ok_or(misfit)
        }
        (Type::Mti, Holding::Text) => {
            text.as_str().and_then(Mti::parse).map(|mti| Some(u64::from(mti.0))).ok_or(misfit)
        }
        (Type::Bytes, Holding::Text | Holding::Bytes) => Ok(Some(slot)),
        (ty, Holding::Text) if ty.kind() == Kind::Text => {
            if fits_text(ty, text.as_bytes()) {
                Ok(Some(slot))
            } else {
                Err(misfit)
            }
        }
        (ty, Holding::Word | Holding::Code) if ty.kind() == Kind::Word => {
            if fits_word(ty, slot) {
                Ok(Some(slot))
            } else {
                Err(misfit)
            }
        }
        (Type::Amount, Holding::Amount) => Ok(Some(slot)),
        (ty, Holding::Sealed) if ty.kind() == Kind::Sealed => Ok(Some(slot)),
        _ => Err(misfit),
    }
}

/// May a text with these bytes be of this type?
pub fn fits_text(ty: &Type, bytes: &[u8]) -> bool {
    match ty {
        Type::Bytes => true,
        Type::Digits(length) => {
            bytes.iter().all(u8::is_ascii_digit) && (*length == 0 || bytes.len() == usize::from(*length))
        }
        _ => std::str::from_utf8(bytes).is_ok(),
    }
}

/// May a word with these bits be of this type?
pub fn fits_word(ty: &Type, bits: u64) -> bool {
    match ty {
        Type::Bool => bits <= 1,
        Type::ResponseCode => ResponseCode::from_bits(bits).is_some(),
        Type::Mti => bits <= 9999,
        _ => true,
    }
}

/// What lies in an optional that is not none, for values of this kind.
pub fn unbox(heap: &Heap, kind: Kind, slot: u64) -> Result<u64, Trap> {
    match kind {
        Kind::Word | Kind::Amount | Kind::Union => {
            heap.cell(u32::try_from(slot).map_err(|_| Trap::Defect("a box is no reference"))?)
        }
        _ => Ok(slot),
    }
}

/// Puts a value of this kind into an optional.
pub fn boxed(heap: &mut Heap, limits: &Limits, kind: Kind, slot: u64) -> Result<u64, Trap> {
    match kind {
        Kind::Word | Kind::Amount | Kind::Union => heap.keep_cells(limits, &[slot]).map(u64::from),
        _ => Ok(slot),
    }
}

/// The two cells of card data: number in the vault with the check digit's verdict, masked text.
pub fn keep_sealed(heap: &mut Heap, limits: &Limits, number: u32, sound: bool, masked: &str) -> Result<u64, Trap> {
    let masked = heap.keep_text(limits, masked.as_bytes())?;
    let cells = [u64::from(number) | u64::from(sound) << 32, masked];
    heap.keep_cells(limits, &cells).map(u64::from)
}

/// Number, verdict and masked text of card data.
pub fn sealed(heap: &Heap, slot: u64) -> Result<(u32, bool, u64), Trap> {
    let at = u32::try_from(slot).map_err(|_| Trap::Defect("card data are no reference"))?;
    match heap.cells(at, 2)? {
        &[number, masked] => Ok((number as u32, number >> 32 & 1 == 1, masked)),
        _ => Err(Trap::Defect("card data have no cells")),
    }
}
