//! Data object lists: what a card wants to be told, and that told.

use crate::payment::emv::dictionary::{Shape, entry};
use crate::payment::emv::tag::Tag;
use thiserror::Error;
use zeroize::Zeroizing;

/// A tag and how many bytes of it the card wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DolEntry {
    /// The tag.
    pub tag: Tag,
    /// How many bytes.
    pub length: usize,
    /// Where it stands in the list.
    pub offset: usize,
}

/// A list that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DolError {
    /// The tag does not end.
    #[error("byte {offset}: the tag does not end")]
    Tag {
        /// Where it begins.
        offset: usize,
    },
    /// No length behind the tag, or one of more than 7F: a list has lengths of one byte.
    #[error("byte {offset}: {tag} has no length of one byte")]
    Length {
        /// Whose.
        tag: Tag,
        /// Where the tag begins.
        offset: usize,
    },
}

/// Reads a list (PDOL 9F38, CDOL 8C and 8D, TDOL 97, DDOL 9F49). Gives back what was read before an error, too.
pub fn read(bytes: &[u8]) -> (Vec<DolEntry>, Option<DolError>) {
    let mut entries = Vec::new();
    let mut offset = 0;
    while offset < bytes.len() {
        let Some((tag, taken)) = bytes.get(offset..).and_then(Tag::read) else {
            return (entries, Some(DolError::Tag { offset }));
        };
        let Some(&length @ 0..=0x7F) = bytes.get(offset + taken) else {
            return (entries, Some(DolError::Length { tag, offset }));
        };
        entries.push(DolEntry { tag, length: usize::from(length), offset });
        offset += taken + 1;
    }
    (entries, None)
}

/// How a wanted value was come by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filled {
    /// As it is.
    Whole,
    /// It was longer: digits lose their left, everything else its right.
    Cut,
    /// It was shorter: digits get zeros on the left, compressed numbers F on the right, everything else zeros on the right.
    Lengthened,
    /// Nobody has it: zeros.
    Missing,
}

/// Puts the values a list asks for one behind the other, by the rules of EMV 4.4 Book 3, 5.4.
///
/// `value` looks a tag up. Templates and tags without a value become zeros.
pub fn fill<'v>(
    entries: &[DolEntry],
    mut value: impl FnMut(Tag) -> Option<&'v [u8]>,
) -> (Zeroizing<Vec<u8>>, Vec<Filled>) {
    let total = entries.iter().map(|entry| entry.length).sum();
    let mut bytes = Zeroizing::new(Vec::with_capacity(total));
    let mut how = Vec::with_capacity(entries.len());
    for wanted in entries {
        let found = if wanted.tag.is_constructed() { None } else { value(wanted.tag) };
        let Some(found) = found else {
            bytes.extend(std::iter::repeat_n(0, wanted.length));
            how.push(Filled::Missing);
            continue;
        };
        let shape = entry(wanted.tag).map_or(Shape::Binary, |entry| entry.shape);
        let (length, missing) = (found.len(), wanted.length.saturating_sub(found.len()));
        match shape {
            Shape::Numeric => {
                bytes.extend(std::iter::repeat_n(0, missing));
                bytes.extend_from_slice(found.get(length.saturating_sub(wanted.length)..).unwrap_or(&[]));
            }
            _ => {
                bytes.extend_from_slice(found.get(..wanted.length.min(length)).unwrap_or(&[]));
                bytes.extend(std::iter::repeat_n(if shape == Shape::Compressed { 0xFF } else { 0 }, missing));
            }
        }
        how.push(match wanted.length {
            wanted if wanted == length => Filled::Whole,
            wanted if wanted < length => Filled::Cut,
            _ => Filled::Lengthened,
        });
    }
    (bytes, how)
}
