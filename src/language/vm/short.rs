//! The short way in for answers as most are: texts of a few ASCII characters, words, card data, and the messages and
//! records that are made of them.
//!
//! Room is looked for once for a whole answer, and its values go straight to their cells. Whatever is not as most are,
//! or would not fit, gives `None`: then nothing was kept, and the long way (`answer`) looks at it closely and says what
//! is wrong.

use super::answer::{Intake, Part};
use super::heap::{Heap, ends};
use super::message::{self, FIXED, HOLDINGS_PER_CELL, Holding};
use super::shape::head_of;
use super::slot;
use super::value::Answer;
use crate::payment::iso8583::dialect::Mti;
use crate::payment::iso8583::response::ResponseCode;

/// Parts of a record that is taken in at once, and the longest text in it.
const PARTS_MOST: usize = 16;
const TEXT_MOST: usize = 16;

/// No answer takes more memory on the short way, whatever is in it, but for the long texts of a message, which are
/// counted: for each part a text, the two cells of card data, and its own; for a message its head besides.
const ROOM: usize = 64 * (2 * TEXT_MOST + CELL) + CELL * 8;
const CELL: usize = size_of::<u64>();

const RESPONSE_CODE: u8 = 39;

impl Intake<'_> {
    /// Is there room for anything that goes the short way?
    #[inline]
    pub(super) fn has_room(&self) -> bool {
        self.limits.text_bytes as usize >= TEXT_MOST && self.room_left() >= ROOM
    }

    #[inline]
    fn room_left(&self) -> usize {
        (self.limits.heap_bytes as usize).saturating_sub(self.heap.used())
    }

    /// A value, if it is as most are; its slot.
    #[inline]
    pub(super) fn short(&mut self, part: Part, answer: &Answer<'_>) -> Option<u64> {
        match (part, answer) {
            (Part::Record(at), Answer::Record(fields)) => self.short_record(at, fields),
            (Part::Message, Answer::Message { mti, fields }) => self.short_message(*mti, fields),
            (Part::Other | Part::Record(_) | Part::Message, _) => None,
            (part, answer) if self.has_room() => self.quick(part, answer),
            _ => None,
        }
    }

    /// As `short`, of a part that is no record and no message, where there is room.
    #[inline(always)]
    pub(super) fn quick(&mut self, part: Part, answer: &Answer<'_>) -> Option<u64> {
        match (part, answer) {
            (Part::Text, Answer::Text(text)) => match short_text(&mut self.heap.bytes, text) {
                Some(slot) => Some(slot),
                None => self.longer_text(text),
            },
            (Part::Digits(count), Answer::Text(text)) => {
                let slot = slot::inline(text)?;
                message::is_text_of_digits(slot, count).then_some(slot)
            }
            (Part::Sealed, Answer::Sealed { number, masked, sound }) => {
                let masked = match again(&self.heap.bytes, masked.as_bytes()) {
                    Some(same) => same,
                    None => match short_text(&mut self.heap.bytes, masked.as_bytes()) {
                        Some(slot) => slot,
                        None => self.longer_text(masked.as_bytes())?,
                    },
                };
                let at = self.heap.cells.len() as u64;
                self.heap.cells.extend_from_slice(&[u64::from(*number) | u64::from(*sound) << 32, masked]);
                Some(at)
            }
            (Part::Bool, Answer::Word(bits @ 0..=1)) | (Part::Word, Answer::Word(bits)) => Some(*bits),
            (Part::Bare(count), Answer::Variant { tag, payload: None }) if *tag < count => Some(slot::variant(*tag, 0)),
            (Part::Amount, Answer::Amount(amount)) => amount.to_bits(),
            _ => None,
        }
    }

    /// Any other text, if there is room for what is left of the answer behind it.
    #[inline(never)]
    fn longer_text(&mut self, text: &[u8]) -> Option<u64> {
        let before = self.heap.bytes.len();
        let slot = self.heap.keep_text(self.limits, text).ok().filter(|_| message::is_characters(text));
        if slot.is_none() || !self.has_room() {
            self.heap.bytes.truncate(before);
            return None;
        }
        slot
    }

    #[inline(never)]
    fn short_record(&mut self, at: u16, fields: &[Answer<'_>]) -> Option<u64> {
        let parts = &**self.prepared.records.get(usize::from(at))?;
        let mut slots = [0; PARTS_MOST];
        let own = slots.get_mut(..fields.len())?;
        if parts.len() != fields.len() || !self.has_room() {
            return None;
        }
        let before = (self.heap.cells.len(), self.heap.bytes.len());
        for ((slot, part), field) in own.iter_mut().zip(parts).zip(fields) {
            match self.quick(*part, field) {
                Some(value) => *slot = value,
                None => return self.forget(before),
            }
        }
        let at = self.heap.cells.len() as u64;
        self.heap.cells.extend_from_slice(own);
        Some(at)
    }

    #[inline(never)]
    fn short_message(&mut self, mti: Mti, fields: &[(u8, Answer<'_>)]) -> Option<u64> {
        if fields.len() > 64 || !self.has_room() {
            return None;
        }
        let before = (self.heap.cells.len(), self.heap.bytes.len());
        let (at, size) = (before.0, message::cells_of(fields.len()));
        // Long texts, such as field 55, are all that is not counted in what there is room for.
        let mut left = self.room_left() - ROOM;
        let text_bytes = self.limits.text_bytes as usize;
        let Heap { cells, bytes, places, .. } = &mut *self.heap;
        cells.resize(at + size, 0);
        let (head, own) = cells.get_mut(at..)?.split_first_chunk_mut::<FIXED>()?;
        let (values, holdings) = own.split_at_mut_checked(fields.len())?;
        places.begin();
        let (mut present, mut count) = (0_u64, 0);
        let groups = fields.chunks(HOLDINGS_PER_CELL).zip(values.chunks_mut(HOLDINGS_PER_CELL));
        let mut fits = true;
        for ((fields, values), holding) in groups.zip(holdings) {
            let (mut packed, mut shift) = (0, 0);
            for ((number, value), slot) in fields.iter().zip(values) {
                let value = match value {
                    Answer::Text(text) => match short_text(bytes, text) {
                        Some(slot) => Some((Holding::Text, slot)),
                        None => long_text(bytes, text, text_bytes, &mut left),
                    },
                    Answer::Word(bits) if *number == RESPONSE_CODE && ResponseCode::from_bits(*bits).is_some() => {
                        Some((Holding::Code, *bits))
                    }
                    Answer::Word(bits) => Some((Holding::Word, *bits)),
                    Answer::Amount(amount) => amount.to_bits().map(|bits| (Holding::Amount, bits)),
                    _ => None,
                };
                let index = number.wrapping_sub(1);
                // Ascending: the bit of each field is above all before it.
                let bit = 1 << (index & 63);
                let Some((holding, value)) = value.filter(|_| index < 64 && bit > present) else {
                    fits = false;
                    break;
                };
                *slot = value;
                present |= bit;
                packed |= (holding as u64) << shift;
                shift += 4;
                places.note(*number, holding, count);
                count += 1;
            }
            *holding = packed;
        }
        if !fits {
            return self.forget(before);
        }
        *head = head_of(mti, fields.len(), [present, 0]);
        places.end(at as u64);
        Some(at as u64)
    }

    /// Takes back what was kept of an answer that does not go the short way.
    #[cold]
    fn forget(&mut self, (cells, bytes): (usize, usize)) -> Option<u64> {
        self.heap.cells.truncate(cells);
        self.heap.bytes.truncate(bytes);
        self.heap.places.clear();
        None
    }
}

/// The slot of a text of up to 16 ASCII characters, for which there is room; `None` for any other.
#[inline(always)]
fn short_text(bytes: &mut Vec<u8>, text: &[u8]) -> Option<u64> {
    if let Some(slot) = slot::inline(text) {
        return message::is_ascii(slot).then_some(slot);
    }
    let [first, last] = ends(text).filter(|_| text.len() <= TEXT_MOST)?;
    if !message::are_ascii(first | last) {
        return None;
    }
    let start = bytes.len();
    // One store. What the last eight have of the first is shifted out of them, and what lies behind the text cut off.
    let behind = last.wrapping_shr(8 * (TEXT_MOST - text.len()) as u32);
    bytes.extend_from_slice(&(u128::from(first) | u128::from(behind) << 64).to_le_bytes());
    bytes.truncate(start + text.len());
    Some(slot::heap_text(start as u32, text.len() as u32))
}

/// The slot of the same text of 8 to 16 bytes, if it is the last that was kept: as of a card's number and its track.
#[inline(always)]
fn again(bytes: &[u8], text: &[u8]) -> Option<u64> {
    let known = ends(text).filter(|_| text.len() <= TEXT_MOST)?;
    let start = bytes.len().checked_sub(text.len())?;
    (ends(bytes.get(start..)?)? == known).then(|| slot::heap_text(start as u32, text.len() as u32))
}

/// Any other text of a message, or bytes; `None` if it is too long or there is no room.
#[inline(never)]
fn long_text(bytes: &mut Vec<u8>, text: &[u8], longest: usize, left: &mut usize) -> Option<(Holding, u64)> {
    let holding = if message::is_characters(text) { Holding::Text } else { Holding::Bytes };
    if let Some(slot) = slot::inline(text) {
        return Some((holding, slot));
    }
    if text.len() > longest {
        return None;
    }
    *left = left.checked_sub(text.len())?;
    let start = bytes.len();
    bytes.extend_from_slice(text);
    Some((holding, slot::heap_text(start as u32, text.len() as u32)))
}
