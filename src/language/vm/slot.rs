//! How texts and lists lie in a 64-bit slot.
//!
//! A text of up to seven bytes lies in the slot itself: top bit set, length in the next seven bits, then the bytes. A
//! longer one is a length (30 bits) and a start (32 bits) in the run's heap or, with bit 62, in the program's constants.
//! Every short text is inline, so two short texts are equal exactly if their words are. No text and no list is 0, so
//! an optional text needs no box.

const INLINE: u64 = 1 << 63;
const CONSTANT: u64 = 1 << 62;
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
pub fn inline(bytes: &[u8]) -> Option<u64> {
    if bytes.len() > INLINE_MAX {
        return None;
    }
    let mut word = [0; 8];
    // INVARIANT: at most seven bytes, and the word has eight.
    for (place, byte) in word.iter_mut().zip(bytes) {
        *place = *byte;
    }
    Some(INLINE | (bytes.len() as u64) << 56 | u64::from_le_bytes(word))
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
