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

/// Two words take at most so many bytes.
const TWO: usize = 17;

/// How a word is made of the bytes that begin with its own.
#[derive(Clone, Copy)]
struct Form {
    /// How many are its own.
    length: usize,
    /// Bits that stand where they belong.
    low: u64,
    /// Bits of a reference's length, and how far up they belong.
    length_bits: u64,
    up: u32,
    /// Bits that every word of this form has.
    all: u64,
}

impl Form {
    #[inline(always)]
    fn word(self, bytes: u64) -> u64 {
        bytes & self.low | (bytes & self.length_bits) << self.up | self.all
    }
}

/// All forms by number: a word is read without asking which it is.
static FORMS: [Form; 16] = {
    let number = Form { length: 0, low: 0, length_bits: 0, up: 0, all: 0 };
    let far = Form { length: 3, low: 0xFFFF, length_bits: 0xFF_0000, up: 16, all: 0 };
    let mut forms = [number; 16];
    let mut length = 0;
    while length < 8 {
        let low = LOWEST[length];
        if length <= NUMBER_MOST as usize {
            forms[length] = Form { length, low, ..number };
        }
        if length > 0 {
            let all = slot::INLINE | (length as u64) << 56;
            forms[TEXT as usize + length] = Form { length, low, all, ..number };
        }
        length += 1;
    }
    forms[CONSTANT as usize] = Form { all: slot::CONSTANT, ..far };
    forms[WHOLE as usize] = Form { length: 8, low: u64::MAX, ..number };
    forms[NEAR as usize] = Form { length: 2, low: 0xFF, length_bits: 0xFF00, up: 24, all: 0 };
    forms[FAR as usize] = far;
    forms
};

/// The forms of two words.
#[inline(always)]
fn forms_of(byte: u8) -> (Form, Form) {
    (FORMS[usize::from(byte & 0xF)], FORMS[usize::from(byte >> 4)])
}

/// The upper half of what lies among the constants, but for its length.
const CONSTANT_UPPER: u64 = slot::CONSTANT >> 32;

/// A word as it is written: its form, the bytes it takes, and eight that begin with those.
struct Formed {
    form: u8,
    length: usize,
    bytes: u64,
}

#[inline]
fn formed(word: u64) -> Formed {
    let (upper, lower) = (word >> 32, word as u32);
    let (form, length, bytes) = if upper == 0 {
        let length = NUMBER_MOST - lower.leading_zeros() as u8 / 8;
        (length, length, word)
    } else if slot::is_inline(word) {
        // Money that is owed can look like a text with something behind it.
        let length = (word >> 56) as u8 & 0x7F;
        let is_text = matches!(length, 1..=7) && word & LOWEST[7] & !LOWEST[usize::from(length & 7)] == 0;
        if is_text { (TEXT + length, length, word) } else { (WHOLE, 8, word) }
    } else {
        // A length of one byte, and where it begins.
        match (upper ^ CONSTANT_UPPER, upper, lower) {
            (_, 0..=0xFF, start @ 0..=0xFF) => (NEAR, 2, u64::from(start) | upper << 8),
            (_, 0..=0xFF, start @ 0..=0xFFFF) => (FAR, 3, u64::from(start) | upper << 16),
            (length @ 0..=0xFF, _, start @ 0..=0xFFFF) => (CONSTANT, 3, u64::from(start) | length << 16),
            _ => (WHOLE, 8, word),
        }
    };
    Formed { form, length: length.into(), bytes }
}

/// Room that two words are written to: both forms, sixteen bytes at most, and what is written past the second.
const ROOM: usize = 24;

/// How many bytes so many words take at most, while they are written.
pub fn room(words: usize) -> usize {
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
        let Some(bytes) = self.rest.first_chunk::<TWO>() else { return self.last_pair() };
        let (one, other) = forms_of(bytes[0]);
        let (_, first) = bytes.split_first_chunk::<1>()?;
        let second = first.get(one.length..)?;
        let pair = [one.word(first_eight(first)?), other.word(first_eight(second)?)];
        self.rest = self.rest.get(1 + one.length + other.length..)?;
        Some(pair)
    }

    /// The next two, where there may be fewer bytes behind them than two words can take.
    #[inline(never)]
    fn last_pair(&mut self) -> Option<[u64; 2]> {
        let (forms, rest) = self.rest.split_first()?;
        let (one, other) = forms_of(*forms);
        let second = rest.get(one.length..)?;
        self.rest = second.get(other.length..)?;
        Some([one.word(last_bytes(rest)), other.word(last_bytes(second))])
    }

    /// Reads words that were written as a row.
    #[inline]
    pub fn row(&mut self, words: &mut [u64]) -> Option<()> {
        let (pairs, last) = words.as_chunks_mut::<2>();
        for pair in pairs {
            *pair = self.pair()?;
        }
        if let [last] = last {
            [*last, _] = self.pair()?;
        }
        Some(())
    }

    /// What follows the words.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }
}

#[inline(always)]
fn first_eight(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk().map(|eight| u64::from_le_bytes(*eight))
}

/// Up to eight bytes as a number.
fn last_bytes(rest: &[u8]) -> u64 {
    let mut eight = [0; 8];
    eight.iter_mut().zip(rest).for_each(|(byte, known)| *byte = *known);
    u64::from_le_bytes(eight)
}
