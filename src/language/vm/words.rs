//! Words of a run in as few bytes as they need, written and read without looking at single bytes.
//!
//! Two words stand together: half a byte each for their forms, then the bytes of the one and of the other. Most words
//! of a run are short texts, small numbers, and references with a small length.

use super::slot;

/// A number of up to so many bytes has its length as its form; 0 takes none.
const NUMBER_MOST: u8 = 4;
/// As `FAR`, among the constants; also a list.
const CONSTANT: u8 = 5;
/// All eight bytes.
const WHOLE: u8 = 6;
/// A reference: start and length, a byte each.
const NEAR: u8 = 7;
/// A reference: two bytes of start, one of length.
const FAR: u8 = 8;
/// More by the number of its characters: a text in its slot.
const TEXT: u8 = 8;

/// The lowest so many bytes.
const LOWEST: [u64; 8] = {
    let mut masks = [0; 8];
    let mut bytes = 1;
    while bytes < 8 {
        masks[bytes] = (1 << (8 * bytes)) - 1;
        bytes += 1;
    }
    masks
};

/// A word as it is written: its form, the bytes it takes, and eight that begin with those.
struct Formed {
    form: u8,
    length: usize,
    bytes: u64,
}

#[inline]
fn formed(word: u64) -> Formed {
    const REFERENCE: u64 = 1 << 32;
    const LONG_REFERENCE: u64 = 1 << 40;
    let (form, length, bytes) = match word {
        0..REFERENCE => {
            let length = NUMBER_MOST - (word as u32).leading_zeros() as u8 / 8;
            (length, length, word)
        }
        REFERENCE..LONG_REFERENCE => match (word & 0xFFFF_FFFF, word >> 32) {
            (start @ 0..=0xFF, length) => (NEAR, 2, start | length << 8),
            (start @ 0..=0xFFFF, length) => (FAR, 3, start | length << 16),
            _ => (WHOLE, 8, word),
        },
        LONG_REFERENCE.. if word >> 40 == slot::CONSTANT >> 40 && word & 0xFFFF_0000 == 0 => {
            (CONSTANT, 3, word & 0xFFFF | (word >> 32 & 0xFF) << 16)
        }
        LONG_REFERENCE.. => {
            // Money that is owed can look like a text with something behind it.
            let length = (word >> 56).wrapping_sub(0x80);
            let characters = LOWEST.get(length as usize).copied().unwrap_or(0);
            let is_text = characters != 0 && word & LOWEST[7] & !characters == 0;
            if is_text { (TEXT + length as u8, length as u8, word) } else { (WHOLE, 8, word) }
        }
    };
    Formed { form, length: length.into(), bytes }
}

/// Room that two words are written to: both forms, sixteen bytes at most, and what is written past the second.
const ROOM: usize = 24;

/// How many bytes so many words take at most, while they are written.
pub fn room(words: usize) -> usize {
    const TWO: usize = 17;
    words.div_ceil(2) * TWO + ROOM
}

/// Writes words. What does not fit into its buffer, which `room` says beforehand, is not written.
#[derive(Debug)]
pub struct Writer<'b> {
    buffer: &'b mut [u8],
    at: usize,
}

impl<'b> Writer<'b> {
    /// Into a buffer.
    pub fn new(buffer: &'b mut [u8]) -> Writer<'b> {
        Writer { buffer, at: 0 }
    }

    /// Writes two words.
    #[inline]
    pub fn pair(&mut self, first: u64, second: u64) {
        let (one, other) = (formed(first), formed(second));
        let Some(room) = self.buffer.get_mut(self.at..).and_then(|rest| rest.first_chunk_mut::<ROOM>()) else { return };
        room[0] = one.form | other.form << 4;
        room[1..9].copy_from_slice(&one.bytes.to_le_bytes());
        if let Some(behind) = room.get_mut(1 + one.length..).and_then(|rest| rest.first_chunk_mut()) {
            *behind = other.bytes.to_le_bytes();
        }
        self.at += 1 + one.length + other.length;
    }

    /// Writes words, and a 0 behind them if they are odd.
    pub fn row(&mut self, words: &[u64]) {
        let (pairs, last) = words.as_chunks::<2>();
        for [first, second] in pairs {
            self.pair(*first, *second);
        }
        if let [last] = last {
            self.pair(*last, 0);
        }
    }

    /// Writes bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        if let Some(room) = self.buffer.get_mut(self.at..self.at + bytes.len()) {
            room.copy_from_slice(bytes);
            self.at += bytes.len();
        }
    }

    /// What was written.
    pub fn end(self) -> &'b [u8] {
        self.buffer.get(..self.at).unwrap_or_default()
    }
}

/// Reads words; `None` where the bytes end before.
#[derive(Debug)]
pub struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Of these bytes.
    pub fn new(rest: &'a [u8]) -> Reader<'a> {
        Reader { rest }
    }

    /// The next two.
    #[inline(always)]
    pub fn pair(&mut self) -> Option<[u64; 2]> {
        let (forms, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some([self.word(forms & 0xF)?, self.word(forms >> 4)?])
    }

    /// Hands on so many words that were written as a row.
    #[inline]
    pub fn row(&mut self, count: usize, mut each: impl FnMut(u64)) -> Option<()> {
        for _ in 0..count / 2 {
            let [first, second] = self.pair()?;
            each(first);
            each(second);
        }
        if count % 2 == 1 {
            let [last, _] = self.pair()?;
            each(last);
        }
        Some(())
    }

    /// What follows the words.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    #[inline(always)]
    fn word(&mut self, form: u8) -> Option<u64> {
        let (bytes, rest) = match self.rest.first_chunk() {
            Some(eight) => (u64::from_le_bytes(*eight), self.rest),
            None => (last_bytes(self.rest), self.rest),
        };
        let (length, word) = match form {
            text @ 9.. => {
                let length = text - TEXT;
                (length, bytes & LOWEST[usize::from(length & 7)] | slot::INLINE | u64::from(length) << 56)
            }
            FAR => (3, bytes & 0xFFFF | (bytes >> 16 & 0xFF) << 32),
            NEAR => (2, bytes & 0xFF | (bytes >> 8 & 0xFF) << 32),
            WHOLE => (8, bytes),
            CONSTANT => (3, bytes & 0xFFFF | (bytes >> 16 & 0xFF) << 32 | slot::CONSTANT),
            number => (number, bytes & LOWEST[usize::from(number & 7)]),
        };
        self.rest = rest.get(usize::from(length)..)?;
        Some(word)
    }
}

/// The bytes before the end as a number; there are fewer than eight.
#[inline(never)]
fn last_bytes(rest: &[u8]) -> u64 {
    let mut eight = [0; 8];
    eight.iter_mut().zip(rest).for_each(|(byte, known)| *byte = *known);
    u64::from_le_bytes(eight)
}
