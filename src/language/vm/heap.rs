//! The run's memory: bytes of texts and cells of everything else, never changed once written.

use super::limits::Limits;
use super::places::Places;
use super::slot::{self, TextPlace};
use super::trap::Trap;
use serde::{Deserialize, Serialize};

/// Texts and cells of one run. Nothing in it is changed or freed before the run ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heap {
    /// Texts that are longer than a slot.
    pub(super) bytes: Vec<u8>,
    /// Lists, records, messages, boxes. The first is never used, so that no index is 0; behind it stand the lists that
    /// the program never changes.
    pub(super) cells: Vec<u64>,
    /// Bytes of errors, which are kept elsewhere but count here.
    pub(super) elsewhere: u32,
    /// Where the fields of the last reply lie.
    #[serde(skip)]
    pub(super) places: Places,
}

impl Default for Heap {
    fn default() -> Heap {
        Heap { bytes: Vec::new(), cells: vec![0], elsewhere: 0, places: Places::default() }
    }
}

/// The bytes of a text, wherever they are.
#[derive(Clone, Copy, Debug)]
pub enum TextBytes<'a> {
    /// They lay in the slot.
    Inline([u8; 8], u8),
    /// They lie in the heap or among the constants.
    Slice(&'a [u8]),
}

impl TextBytes<'_> {
    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            TextBytes::Inline(bytes, length) => bytes.get(..usize::from(*length)).unwrap_or_default(),
            TextBytes::Slice(bytes) => bytes,
        }
    }

    /// The characters; `None` if these bytes are none.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(self.as_bytes()).ok()
    }
}

impl Heap {
    /// Forgets everything, keeps the memory, and begins with these cells.
    pub(super) fn begin(&mut self, cells: &[u64]) {
        self.bytes.clear();
        self.cells.clear();
        self.cells.extend_from_slice(cells);
        self.elsewhere = 0;
        self.places.clear();
    }

    /// Bytes in use.
    pub fn used(&self) -> usize {
        self.bytes.len() + self.cells.len() * size_of::<u64>() + self.elsewhere as usize
    }

    /// The bytes of a text. A slot that points nowhere gives an empty one.
    pub fn text<'a>(&'a self, constants: &'a [u8], slot: u64) -> TextBytes<'a> {
        match slot::text_place(slot) {
            TextPlace::Inline(bytes, length) => TextBytes::Inline(bytes, length),
            TextPlace::Heap(start, length) => TextBytes::Slice(range_of(&self.bytes, start, length)),
            TextPlace::Constant(start, length) => TextBytes::Slice(range_of(constants, start, length)),
        }
    }

    /// Keeps a text.
    #[inline]
    pub fn keep_text(&mut self, limits: &Limits, bytes: &[u8]) -> Result<u64, Trap> {
        match slot::inline(bytes) {
            Some(slot) => Ok(slot),
            None => self.keep_long_text(limits, bytes),
        }
    }

    /// Keeps a text that may be the same as the one before, as of a card's number and its track.
    pub(super) fn keep_text_again(&mut self, limits: &Limits, bytes: &[u8]) -> Result<u64, Trap> {
        if bytes.len() > slot::INLINE_MAX && self.bytes.ends_with(bytes) {
            return Ok(slot::heap_text((self.bytes.len() - bytes.len()) as u32, bytes.len() as u32));
        }
        self.keep_text(limits, bytes)
    }

    #[inline(never)]
    pub(super) fn keep_long_text(&mut self, limits: &Limits, bytes: &[u8]) -> Result<u64, Trap> {
        let start = self.room_for_bytes(limits, 0, bytes.len())?;
        self.bytes.extend_from_slice(bytes);
        Ok(slot::heap_text(start, bytes.len() as u32))
    }

    /// Keeps a text of 8 to 16 bytes, the first the lowest.
    #[inline]
    pub(super) fn keep_sixteen(&mut self, limits: &Limits, bytes: [u64; 2], length: usize) -> Result<u64, Trap> {
        let start = self.room_for_bytes(limits, 0, length)?;
        self.append(bytes, length);
        Ok(slot::heap_text(start, length as u32))
    }

    /// Up to sixteen bytes behind the others: one store, and what is too much cut off.
    #[inline]
    fn append(&mut self, [low, high]: [u64; 2], length: usize) {
        let end = self.bytes.len() + length;
        self.bytes.extend_from_slice(&(u128::from(low) | u128::from(high) << 64).to_le_bytes());
        self.bytes.truncate(end);
    }

    /// Keeps the texts one after another as one.
    pub fn join_texts(&mut self, limits: &Limits, constants: &[u8], parts: &[u64]) -> Result<u64, Trap> {
        match parts.split_first() {
            // As a slip's or a message's text grows: a long one at the end of the heap, and a few short ones behind it.
            Some((first, rest)) if !slot::is_inline(*first) => {
                if let TextPlace::Heap(start, length) = slot::text_place(*first)
                    && start as usize + length as usize == self.bytes.len()
                    && let Some((bytes, more)) = slot::joined(rest)
                {
                    self.room_for_bytes(limits, length as usize, more)?;
                    self.append(bytes, more);
                    return Ok(slot::heap_text(start, length + more as u32));
                }
            }
            _ => {
                if let Some((bytes, length)) = slot::joined(parts) {
                    return match slot::inline_of_word(bytes[0], length) {
                        Some(short) => Ok(short),
                        None => self.keep_sixteen(limits, bytes, length),
                    };
                }
            }
        }
        let total: usize = parts.iter().map(|part| slot::text_length(*part)).sum();
        // A text that grows at the end of the heap grows in place: nobody sees the bytes behind their own length.
        let grows = match parts.first().map(|first| slot::text_place(*first)) {
            Some(TextPlace::Heap(start, length))
                if (start as usize).checked_add(length as usize) == Some(self.bytes.len()) =>
            {
                Some((start, length as usize))
            }
            _ => None,
        };
        let kept = grows.map_or(0, |(_, length)| length);
        let end = self.room_for_bytes(limits, kept, total.saturating_sub(kept))?;
        for part in parts.iter().skip(usize::from(grows.is_some())) {
            match slot::text_place(*part) {
                TextPlace::Heap(start, length) => {
                    let start = start as usize;
                    let range = start..start.saturating_add(length as usize);
                    if self.bytes.get(range.clone()).is_some() {
                        self.bytes.extend_from_within(range);
                    }
                }
                TextPlace::Constant(start, length) => self.bytes.extend_from_slice(range_of(constants, start, length)),
                TextPlace::Inline(bytes, length) => {
                    // All eight, and the rest taken back: that is one store.
                    let end = self.bytes.len() + usize::from(length);
                    self.bytes.extend_from_slice(&bytes);
                    self.bytes.truncate(end);
                }
            }
        }
        let start = grows.map_or(end, |(start, _)| start);
        let length = self.bytes.len() - start as usize;
        if length <= slot::INLINE_MAX {
            // Only where a part pointed nowhere, which no program that was proved does.
            let short = slot::inline(self.bytes.get(start as usize..).unwrap_or_default());
            return short.ok_or(Trap::Defect("a short text is not short"));
        }
        Ok(slot::heap_text(start, length as u32))
    }

    /// One cell.
    pub fn cell(&self, at: u32) -> Result<u64, Trap> {
        self.cells.get(at as usize).copied().ok_or(Trap::Defect("a reference points past the heap"))
    }

    /// Some cells.
    pub fn cells(&self, at: u32, count: u32) -> Result<&[u64], Trap> {
        let at = at as usize;
        self.cells.get(at..at.saturating_add(count as usize)).ok_or(Trap::Defect("a reference points past the heap"))
    }

    /// Takes cells, all zero, to be written by `put`; the index of the first.
    pub(super) fn reserve_cells(&mut self, limits: &Limits, count: usize) -> Result<u32, Trap> {
        let at = self.room_for_cells(limits, count)?;
        self.cells.resize(at as usize + count, 0);
        Ok(at)
    }

    /// Writes a cell that was reserved.
    pub(super) fn put(&mut self, at: usize, value: u64) {
        if let Some(cell) = self.cells.get_mut(at) {
            *cell = value;
        }
    }

    /// Keeps cells; the index of the first.
    pub fn keep_cells(&mut self, limits: &Limits, cells: &[u64]) -> Result<u32, Trap> {
        let at = self.room_for_cells(limits, cells.len())?;
        self.cells.extend_from_slice(cells);
        Ok(at)
    }

    /// The index of the next cell, if there is room for so many.
    #[inline]
    pub fn room_for_cells(&self, limits: &Limits, count: usize) -> Result<u32, Trap> {
        let wanted = count.saturating_mul(size_of::<u64>());
        if self.used().saturating_add(wanted) > limits.heap_bytes as usize {
            return Err(Trap::HeapFull);
        }
        Ok(self.cells.len() as u32)
    }

    /// Keeps one cell, as of an optional amount; its index, `None` if there is no room.
    #[inline]
    pub(super) fn keep_one(&mut self, limits: &Limits, cell: u64) -> Option<u64> {
        let at = self.cells.len();
        if self.used() + size_of_val(&cell) > limits.heap_bytes as usize {
            return None;
        }
        self.cells.push(cell);
        Some(at as u64)
    }

    /// Keeps four cells, as of a line of a slip or a transaction; the index of the first, `None` if there is no room.
    #[inline]
    pub(super) fn keep_four(&mut self, limits: &Limits, cells: [u64; 4]) -> Option<u64> {
        let at = self.cells.len();
        if self.used() + size_of_val(&cells) > limits.heap_bytes as usize {
            return None;
        }
        self.cells.extend_from_slice(&cells);
        Some(at as u64)
    }

    /// Keeps a list of these members.
    pub fn keep_list(&mut self, limits: &Limits, members: &[u64]) -> Result<u64, Trap> {
        if members.len() > limits.list_members as usize {
            return Err(Trap::ListTooLong);
        }
        let at = self.keep_cells(limits, members)?;
        Ok(slot::list(at, members.len() as u32))
    }

    /// Keeps two lists as one.
    pub fn join_lists(&mut self, limits: &Limits, left: u64, right: u64) -> Result<u64, Trap> {
        let ((left_at, left_length), (right_at, right_length)) = (slot::list_place(left), slot::list_place(right));
        self.cells(left_at, left_length)?;
        self.cells(right_at, right_length)?;
        let length = left_length.saturating_add(right_length);
        if length > limits.list_members {
            return Err(Trap::ListTooLong);
        }
        // The pieces of a long literal lie side by side already; else its memory would grow with the square of its length.
        if left_at.checked_add(left_length) == Some(right_at) {
            return Ok(slot::list(left_at, length));
        }
        // As with texts, a list at the end of the heap grows in place.
        let grows = left_at as usize + left_length as usize == self.cells.len();
        let start = if grows {
            self.room_for_cells(limits, right_length as usize)?;
            left_at
        } else {
            let start = self.room_for_cells(limits, length as usize)?;
            self.copy_cells(left_at, left_length);
            start
        };
        self.copy_cells(right_at, right_length);
        Ok(slot::list(start, length))
    }

    /// The members of a list.
    pub fn members(&self, list: u64) -> Result<&[u64], Trap> {
        let (at, length) = slot::list_place(list);
        self.cells(at, length)
    }

    /// Counts bytes that are kept elsewhere. They may pass the limit; the next thing that is kept then meets it.
    pub(super) fn count_elsewhere(&mut self, bytes: usize) {
        self.elsewhere = self.elsewhere.saturating_add(u32::try_from(bytes).unwrap_or(u32::MAX));
    }

    fn copy_cells(&mut self, at: u32, count: u32) {
        let range = at as usize..at as usize + count as usize;
        // INVARIANT: both callers have just seen that these cells are there.
        if self.cells.get(range.clone()).is_some() {
            self.cells.extend_from_within(range);
        }
    }

    fn room_for_bytes(&self, limits: &Limits, kept: usize, more: usize) -> Result<u32, Trap> {
        if kept.saturating_add(more) > limits.text_bytes as usize {
            return Err(Trap::TextTooLong);
        }
        if self.used().saturating_add(more) > limits.heap_bytes as usize {
            return Err(Trap::HeapFull);
        }
        Ok(self.bytes.len() as u32)
    }
}

/// The first and the last eight bytes, if there are so many.
#[inline]
pub(super) fn ends(bytes: &[u8]) -> Option<[u64; 2]> {
    Some([u64::from_le_bytes(*bytes.first_chunk()?), u64::from_le_bytes(*bytes.last_chunk()?)])
}

fn range_of(bytes: &[u8], start: u32, length: u32) -> &[u8] {
    let start = start as usize;
    bytes.get(start..start.saturating_add(length as usize)).unwrap_or_default()
}
