//! How texts and lists lie in a 64-bit slot.
//!
//! A text of up to seven bytes lies in the slot itself: top bit set, length in the next seven bits, then the bytes. A
//! longer one is a length (30 bits) and a start (32 bits) in the run's heap or, with bit 62, in the program's constants.
//! Every short text is inline, so two short texts are equal exactly if their words are. No text and no list is 0, so
//! an optional text needs no box.

/// The bit of a text that lies in its slot.
pub(super) const INLINE: u64 = 1 << 63;
/// The bit of a long text among the constants, and of a list.
pub(super) const CONSTANT: u64 = 1 << 62;
const LENGTH_BITS: u64 = (1 << 30) - 1;

/// The longest text that lies in its slot.
pub const INLINE_MAX: usize = 7;

/// Where the bytes of a text are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextPlace {
    /// In the slot.
    Inline([u8; 8], u8),
    /// In the run's heap: start and length.
    Heap(u32, u32),
    /// In the program's constants: start and length.
    Constant(u32, u32),
}

/// The slot of a short text; `None` if it is too long for one.
#[inline(always)]
pub fn inline(bytes: &[u8]) -> Option<u64> {
    if bytes.len() > INLINE_MAX {
        return None;
    }
    Some(INLINE | (bytes.len() as u64) << 56 | word(bytes))
}

/// Up to seven bytes as a number, the first lowest.
#[inline]
fn word(bytes: &[u8]) -> u64 {
    // From four on, the first four and the last four overlap where the text is shorter than eight.
    if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        let (first, last): (&[u8; 4], &[u8; 4]) = (first, last);
        return u64::from(u32::from_le_bytes(*first))
            | u64::from(u32::from_le_bytes(*last)) << (8 * bytes.len().saturating_sub(4));
    }
    match *bytes {
        [] => 0,
        [one] => one.into(),
        [one, two] => u64::from(one) | u64::from(two) << 8,
        [one, two, three, ..] => u64::from(one) | u64::from(two) << 8 | u64::from(three) << 16,
    }
}

/// The bytes of several texts in a row, the first lowest, and how many; `None` if one does not lie in its slot, or if
/// there are more than sixteen.
#[inline(always)]
pub fn joined(parts: &[u64]) -> Option<([u64; 2], usize)> {
    let ([mut low, mut high], mut bits) = ([0, 0], 0);
    for part in parts {
        let more = part >> 53 & 0x3F8;
        if !is_inline(*part) || bits + more > 128 || more > 8 * INLINE_MAX as u64 {
            return None;
        }
        let own = part & ((1 << more) - 1);
        if bits < 64 {
            low |= own << bits;
            // What does not fit into the lower half; nothing, where all of it is free.
            high |= own >> 1 >> (63 - bits);
        } else {
            high |= own.unbounded_shl(bits as u32 - 64);
        }
        bits += more;
    }
    Some(([low, high], bits as usize / 8))
}

/// The slot of a text of so many bytes, the first lowest; `None` if it is too long for one.
#[inline(always)]
pub fn inline_of_word(word: u64, length: usize) -> Option<u64> {
    if length <= INLINE_MAX { Some(INLINE | (length as u64) << 56 | word) } else { None }
}

/// How long a text says it is.
#[inline]
pub fn text_length(slot: u64) -> usize {
    if is_inline(slot) {
        (slot >> 56 & 0x7F).min(INLINE_MAX as u64) as usize
    } else {
        (slot >> 32 & LENGTH_BITS) as usize
    }
}

/// The slot of a long text in the heap.
pub fn heap_text(start: u32, length: u32) -> u64 {
    u64::from(length) << 32 | u64::from(start)
}

/// The slot of a long text among the constants.
pub fn constant_text(start: u32, length: u32) -> u64 {
    CONSTANT | heap_text(start, length)
}

/// Is the text in its slot?
pub fn is_inline(slot: u64) -> bool {
    slot & INLINE != 0
}

/// Where the bytes of a text are; a slot that is no text gives an empty one.
pub fn text_place(slot: u64) -> TextPlace {
    if is_inline(slot) {
        let mut bytes = slot.to_le_bytes();
        let length = bytes[7] & 0x7F;
        bytes[7] = 0;
        return TextPlace::Inline(bytes, length.min(INLINE_MAX as u8));
    }
    let (start, length) = (slot as u32, (slot >> 32 & LENGTH_BITS) as u32);
    if slot & CONSTANT != 0 { TextPlace::Constant(start, length) } else { TextPlace::Heap(start, length) }
}

/// The slot of a list: its first cell and how many members.
pub fn list(start: u32, length: u32) -> u64 {
    CONSTANT | heap_text(start, length)
}

/// First cell and number of members of a list.
pub fn list_place(slot: u64) -> (u32, u32) {
    (slot as u32, (slot >> 32 & LENGTH_BITS) as u32)
}

/// The slot of a variant; `cell` 0: it has no value.
pub fn variant(tag: u8, cell: u32) -> u64 {
    u64::from(cell) << 8 | u64::from(tag)
}

/// Tag and cell of a variant.
pub fn variant_parts(slot: u64) -> (u8, u32) {
    (slot as u8, (slot >> 8) as u32)
}
