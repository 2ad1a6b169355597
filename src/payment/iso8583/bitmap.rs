//! Which fields are present.

use crate::payment::hex;
use crate::payment::iso8583::decode_error::{DecodeError, DecodeProblem, Layer};
use crate::payment::iso8583::dialect::BitmapForm;
use crate::payment::iso8583::ebcdic::{self, Page};
use crate::payment::iso8583::reader::{Place, Reader};
use std::fmt;

/// The highest field that three bitmaps can name.
pub const FIELD_MAX: u8 = 192;
/// Bytes of one bitmap.
const PART: usize = 8;
/// The field that announces the third bitmap where a dialect has one.
const THIRD: u8 = 65;

/// The fields 2 to 192 that a message has. Which bitmaps are written follows from what is in them.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Bitmap([u64; 3]);

impl Bitmap {
    /// Puts a field in. Numbers that no bitmap can name are left out: 0, 1 (which announces the second one), above 192.
    #[inline]
    pub fn insert(&mut self, number: u8) {
        if (2..=FIELD_MAX).contains(&number)
            && let Some(part) = self.0.get_mut(usize::from(number - 1) / 64)
        {
            *part |= bit(number);
        }
    }

    /// Is the field in?
    #[inline]
    pub fn contains(self, number: u8) -> bool {
        number > 1 && self.0.get(usize::from(number - 1) / 64).is_some_and(|part| part & bit(number) != 0)
    }

    /// How many fields are in.
    pub fn count(self) -> usize {
        self.0.iter().map(|part| part.count_ones() as usize).sum()
    }

    /// How many fields below this one are in.
    #[inline]
    pub(super) fn rank(self, number: u8) -> usize {
        let whole = usize::from(number.saturating_sub(1)) / 64;
        let below: u32 = self.0.iter().take(whole).map(|part| part.count_ones()).sum();
        let inside = self.0.get(whole).map_or(0, |part| (part & !(bit(number) | (bit(number) - 1))).count_ones());
        (below + inside) as usize
    }

    /// Every number that is in, ascending.
    #[inline]
    pub fn iter(self) -> Numbers {
        Numbers { parts: self.0, part: 0 }
    }

    /// Appends the bitmap as it stands on the wire: 8, 16 or 24 bytes, or twice as many hexadecimal characters.
    pub fn write(self, form: BitmapForm, out: &mut Vec<u8>) {
        let [mut first, mut second, third] = self.0;
        if third != 0 {
            second |= bit(THIRD);
        }
        if second != 0 {
            first |= bit(1);
        }
        let written = 1 + usize::from(second != 0) + usize::from(third != 0);
        for part in [first, second, third].into_iter().take(written) {
            let bytes = part.to_be_bytes();
            match form {
                BitmapForm::Binary => out.extend_from_slice(&bytes),
                BitmapForm::Hex => out.extend(bytes.iter().flat_map(|byte| [hex::digit(byte >> 4), hex::digit(*byte)])),
                BitmapForm::EbcdicHex => out.extend(bytes.iter().flat_map(|byte| {
                    [hex::digit(byte >> 4), hex::digit(*byte)].map(|digit| ebcdic::byte(Page::Cp037, digit))
                })),
            }
        }
    }

    /// Reads the first bitmap, the second if the first announces it, and the third if the second does and the dialect
    /// has one.
    #[inline]
    pub(super) fn read(form: BitmapForm, third: bool, reader: &mut Reader<'_>) -> Result<Bitmap, DecodeError> {
        let first = read_part(form, reader)?;
        let mut parts = [first & !bit(1), 0, 0];
        if first & bit(1) != 0 {
            parts[1] = read_part(form, reader)?;
            if third && parts[1] & bit(THIRD) != 0 {
                parts[1] &= !bit(THIRD);
                parts[2] = read_part(form, reader)?;
            }
        }
        Ok(Bitmap(parts))
    }
}

/// The numbers in a bitmap, ascending.
pub struct Numbers {
    parts: [u64; 3],
    part: u8,
}

impl Iterator for Numbers {
    type Item = u8;

    #[inline]
    fn next(&mut self) -> Option<u8> {
        loop {
            let part = self.parts.get_mut(usize::from(self.part))?;
            if *part != 0 {
                let place = part.leading_zeros() as u8;
                *part &= !(1 << (63 - place));
                return Some(self.part * 64 + place + 1);
            }
            self.part += 1;
        }
    }
}

/// The first field of each bitmap is the highest bit.
#[inline]
fn bit(number: u8) -> u64 {
    1 << (63 - u32::from(number.wrapping_sub(1) % 64))
}

#[inline]
fn read_part(form: BitmapForm, reader: &mut Reader<'_>) -> Result<u64, DecodeError> {
    let place = Place::of(Layer::Bitmap);
    let offset = reader.offset();
    match form {
        BitmapForm::Binary => Ok(reader.take(PART, place)?.iter().fold(0, |part, byte| part << 8 | u64::from(*byte))),
        BitmapForm::Hex | BitmapForm::EbcdicHex => {
            reader.take(2 * PART, place)?.iter().enumerate().try_fold(0, |part, (at, character)| {
                let ascii = match form {
                    BitmapForm::EbcdicHex => ebcdic::character(Page::Cp037, *character),
                    BitmapForm::Binary | BitmapForm::Hex => *character,
                };
                let nibble = hex::nibble(ascii)
                    .ok_or_else(|| place.error(DecodeProblem::HexadecimalDigit, offset + at, 1, 1))?;
                Ok(part << 4 | u64::from(nibble))
            })
        }
    }
}

impl FromIterator<u8> for Bitmap {
    fn from_iter<I: IntoIterator<Item = u8>>(numbers: I) -> Bitmap {
        let mut bitmap = Bitmap::default();
        for number in numbers {
            bitmap.insert(number);
        }
        bitmap
    }
}

impl fmt::Debug for Bitmap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}
