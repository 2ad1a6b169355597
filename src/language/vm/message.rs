//! A message in cells: type and count, which fields, the values in ascending order, what each of them is.
//!
//! A field is found by counting the bits below its own. What a value is stands behind them in four bits, because a
//! reply's fields come from the world: the register that reads one says what it must be.

use super::heap::Heap;
use super::limits::Limits;
use super::slot;
use super::trap::Trap;
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
        Some(match number {
            1 => Holding::Text,
            2 => Holding::Bytes,
            3 => Holding::Word,
            4 => Holding::Code,
            5 => Holding::Amount,
            6 => Holding::Sealed,
            _ => return None,
        })
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
pub(super) const FIXED: usize = 3;
pub(super) const HOLDINGS_PER_CELL: usize = 16;

/// Cells of a message with so many fields.
pub(super) fn cells_of(fields: usize) -> usize {
    FIXED + fields + fields.div_ceil(HOLDINGS_PER_CELL)
}

/// A message in the heap.
#[derive(Clone, Copy, Debug)]
pub struct Message<'a> {
    cells: &'a [u64],
    at: u32,
    mti: Mti,
    count: u32,
    /// Bits of fields 1 to 64, and of 65 to 128.
    first: u64,
    second: u64,
}

/// How many bits are set. Most messages have no field past 64.
fn ones(first: u64, second: u64) -> u32 {
    first.count_ones() + if second == 0 { 0 } else { second.count_ones() }
}

impl<'a> Message<'a> {
    /// The message that begins at a cell.
    #[inline]
    pub fn at(heap: &'a Heap, slot: u64) -> Result<Message<'a>, Trap> {
        Message::among(&heap.cells, slot)
    }

    /// The message that begins at one of these cells, counted from the heap's first.
    #[inline]
    pub(super) fn among(cells: &'a [u64], slot: u64) -> Result<Message<'a>, Trap> {
        const NO_HEADER: Trap = Trap::Defect("a message has no header");
        let at = u32::try_from(slot).map_err(|_| Trap::Defect("a message is no reference"))?;
        let start = at as usize;
        let [header, first, second] = *cells.get(start..start + FIXED).ok_or(NO_HEADER)? else {
            return Err(NO_HEADER);
        };
        let count = (header >> 16) as u32;
        if at == 0 || count != ones(first, second) {
            return Err(Trap::Defect("a message does not count its fields right"));
        }
        Ok(Message { cells, at, mti: Mti(header as u16), count, first, second })
    }

    /// The message type.
    pub fn mti(&self) -> Mti {
        self.mti
    }

    /// A field: what it is, and its slot.
    pub fn field(&self, number: u8) -> Result<Option<(Holding, u64)>, Trap> {
        let index = match number {
            1..=64 if self.first >> (number - 1) & 1 == 1 => ones(self.first & ((1 << (number - 1)) - 1), 0),
            65..=128 if self.second >> (number - 65) & 1 == 1 => {
                ones(self.first, self.second & ((1 << (number - 65)) - 1))
            }
            _ => return Ok(None),
        };
        self.place(index).map(Some)
    }

    /// Numbers of the fields that are there, ascending.
    pub fn numbers(&self) -> impl Iterator<Item = u8> + use<> {
        let mut left = u128::from(self.second) << 64 | u128::from(self.first);
        std::iter::from_fn(move || {
            let below = left.trailing_zeros();
            left &= left.wrapping_sub(1);
            // Field 1 is the lowest bit; 128 zeros: nothing is left.
            (below < 128).then(|| below as u8 + 1)
        })
    }

    fn place(&self, index: u32) -> Result<(Holding, u64), Trap> {
        let values = self.at + FIXED as u32;
        let per_cell = HOLDINGS_PER_CELL as u32;
        let cell = |at: u32| self.cells.get(at as usize).copied().ok_or(Trap::Defect("a message is cut off"));
        let packed = cell(values + self.count + index / per_cell)?;
        let number = packed >> (index % per_cell * 4) & 0xF;
        let holding = Holding::from_number(number).ok_or(Trap::Defect("a field holds nothing known"))?;
        Ok((holding, cell(values + index)?))
    }
}

/// Looks for a field up to 64 that holds a text, of so many digits, at most seven, if they are not 0; 0 if it is not
/// there. `None` where something else is found, or the message is not the last reply: `read` says what.
#[inline]
pub(super) fn find_text(heap: &Heap, message: u64, number: u8, digits: u8) -> Option<u64> {
    const TEXT: u64 = Holding::Text as u64;
    match heap.places.find(&heap.cells, message, number)? {
        (0, _) => Some(0),
        (TEXT, text) if digits == 0 => Some(text),
        (TEXT, text) => is_text_of_digits(text, digits).then_some(text),
        _ => None,
    }
}

/// Reads a field into a register of this type, and sees that it fits.
#[inline]
pub fn read(heap: &Heap, constants: &[u8], message: u64, number: u8, ty: &Type) -> Result<Option<u64>, Trap> {
    let Some((holding, slot)) = Message::at(heap, message)?.field(number)? else {
        return Ok(None);
    };
    let misfit = Trap::Defect("a field of the message is not of its type");
    match (ty, holding) {
        (Type::ResponseCode, Holding::Text) => {
            let text = heap.text(constants, slot);
            text.as_str().and_then(ResponseCode::parse).map(ResponseCode::to_bits).map(Some).ok_or(misfit)
        }
        (Type::Mti, Holding::Text) => {
            heap.text(constants, slot).as_str().and_then(Mti::parse).map(|mti| Some(u64::from(mti.0))).ok_or(misfit)
        }
        (Type::Bytes, Holding::Text | Holding::Bytes) => Ok(Some(slot)),
        (ty, Holding::Text) if ty.kind() == Kind::Text => {
            // That it is characters was seen when it came in.
            let digits = matches!(ty, Type::Digits(_));
            if !digits || fits_text(ty, heap.text(constants, slot).as_bytes()) { Ok(Some(slot)) } else { Err(misfit) }
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
#[inline]
pub fn fits_text(ty: &Type, bytes: &[u8]) -> bool {
    match ty {
        Type::Bytes => true,
        Type::Digits(length) => {
            let digits = match slot::inline(bytes) {
                Some(slot) => are_digits(slot),
                None => bytes.iter().all(u8::is_ascii_digit),
            };
            digits && (*length == 0 || bytes.len() == usize::from(*length))
        }
        _ => is_characters(bytes),
    }
}

/// Are these bytes characters? Most are plain letters and digits.
pub fn is_characters(bytes: &[u8]) -> bool {
    bytes.is_ascii() || std::str::from_utf8(bytes).is_ok()
}

/// Are the bytes in this slot plain letters, digits and the like?
#[inline]
pub(super) fn is_ascii(slot: u64) -> bool {
    slot & 0x0080_8080_8080_8080 == 0
}

/// Are these eight bytes plain letters, digits and the like?
#[inline]
pub(super) fn are_ascii(bytes: u64) -> bool {
    bytes & 0x8080_8080_8080_8080 == 0
}

/// Are these bytes, which lie in this slot, characters?
#[inline]
pub(super) fn is_short_text(slot: u64, bytes: &[u8]) -> bool {
    is_ascii(slot) || is_characters(bytes)
}

/// Are the bytes in this slot all digits?
#[inline]
pub(super) fn are_digits(slot: u64) -> bool {
    are_so_many_digits(slot, slot::text_length(slot) as u8)
}

/// Are the first so many bytes in this slot digits? At most seven.
#[inline(always)]
fn are_so_many_digits(slot: u64, count: u8) -> bool {
    const UPPER: u64 = 0xF0F0_F0F0_F0F0_F0F0;
    const ZEROS: u64 = 0x3030_3030_3030_3030;
    // All at once, the bytes behind them as if they were zeros: the upper half of each is 3, and still is 6 further on.
    let behind = 8 * (count & 7);
    let bytes = slot & ((1 << behind) - 1) | ZEROS << behind;
    bytes & UPPER == ZEROS && (bytes + 0x0606_0606_0606_0606) & UPPER == ZEROS
}

/// Is this a text of exactly so many digits, at most seven?
#[inline(always)]
pub(super) fn is_text_of_digits(slot: u64, count: u8) -> bool {
    slot >> 56 == slot::INLINE >> 56 | u64::from(count) && are_so_many_digits(slot, count)
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
    unbox_among(&heap.cells, kind, slot)
}

/// As `unbox`, among these cells.
pub(super) fn unbox_among(cells: &[u64], kind: Kind, slot: u64) -> Result<u64, Trap> {
    const NO_BOX: Trap = Trap::Defect("a box is no reference");
    match kind {
        Kind::Word | Kind::Amount | Kind::Union => {
            let at = usize::try_from(slot).map_err(|_| NO_BOX)?;
            cells.get(at).copied().ok_or(NO_BOX)
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
    let masked = masked.as_bytes();
    let masked = heap.keep_text_again(limits, masked)?;
    let at = heap.room_for_cells(limits, 2)?;
    heap.cells.extend_from_slice(&[u64::from(number) | u64::from(sound) << 32, masked]);
    Ok(at.into())
}

/// Number, verdict and masked text of card data.
pub fn sealed(heap: &Heap, slot: u64) -> Result<(u32, bool, u64), Trap> {
    let at = u32::try_from(slot).map_err(|_| Trap::Defect("card data are no reference"))?;
    match heap.cells(at, 2)? {
        &[number, masked] => Ok((number as u32, number >> 32 & 1 == 1, masked)),
        _ => Err(Trap::Defect("card data have no cells")),
    }
}
