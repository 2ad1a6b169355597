//! Which fields are present.

use crate::payment::hex;
use crate::payment::iso8583::dialect::WireForm;
use crate::payment::iso8583::reader::{Place, Reader};
use crate::payment::iso8583::unpack_error::{Layer, UnpackError, UnpackProblem};
use std::fmt;

/// The fields 2 to 128 that a message has. Whether the second half is written follows from what is in it.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Bitmap(u128);

/// Bytes in each half.
const HALF: usize = 8;

impl Bitmap {
    /// Puts a field in. Numbers that no bitmap can name are left out: 0, 1 (which announces the second half), above 128.
    pub fn insert(&mut self, number: u8) {
        if (2..=128).contains(&number) {
            self.0 |= bit(number);
        }
    }

    /// Is the field in?
    pub fn contains(self, number: u8) -> bool {
        (2..=128).contains(&number) && self.0 & bit(number) != 0
    }

    /// Every number that is in, ascending.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (2..=128).filter(move |number| self.contains(*number))
    }

    /// Appends the bitmap as it stands on the wire: 8 or 16 bytes, or twice as many hexadecimal characters.
    pub fn write(self, form: WireForm, out: &mut Vec<u8>) {
        let second = self.0 as u64 != 0;
        let all = if second { self.0 | bit(1) } else { self.0 };
        let bytes = all.to_be_bytes();
        let written = bytes.iter().take(if second { 2 * HALF } else { HALF });
        match form {
            WireForm::Bcd => out.extend(written),
            WireForm::Ascii => out.extend(written.flat_map(|byte| [hex::digit(byte >> 4), hex::digit(*byte)])),
        }
    }

    /// Reads one half, and the second if the first announces it.
    pub(super) fn read(form: WireForm, reader: &mut Reader<'_>) -> Result<Bitmap, UnpackError> {
        let first = read_half(form, reader)?;
        let announced = first >> 63 == 1;
        let second = if announced { read_half(form, reader)? } else { 0 };
        let all = u128::from(first) << 64 | u128::from(second);
        Ok(Bitmap(all & !bit(1)))
    }
}

/// Field 1 is the highest bit.
fn bit(number: u8) -> u128 {
    1 << (128 - u32::from(number))
}

fn read_half(form: WireForm, reader: &mut Reader<'_>) -> Result<u64, UnpackError> {
    let place = Place::of(Layer::Bitmap);
    let offset = reader.offset();
    match form {
        WireForm::Bcd => Ok(reader.take(HALF, place)?.iter().fold(0, |half, byte| half << 8 | u64::from(*byte))),
        WireForm::Ascii => reader.take(2 * HALF, place)?.iter().enumerate().try_fold(0, |half, (at, character)| {
            let nibble = hex::nibble(*character)
                .ok_or_else(|| place.error(UnpackProblem::HexadecimalDigit, offset + at, 1, 1))?;
            Ok(half << 4 | u64::from(nibble))
        }),
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
