//! What the bits of a value say, in words.

use crate::payment::emv::bit_table::{Bit, GROUPS};
use crate::payment::emv::cardholder_verification;
use crate::payment::emv::tag::Tag;

/// One thing that a value says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meaning {
    /// Which byte says it, counted from 1 as the books do.
    pub byte: usize,
    /// Which bits of the byte: those that were looked at.
    pub mask: u8,
    /// What they are.
    pub bits: u8,
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

/// True for a tag whose bits have words.
pub fn has_words(tag: Tag) -> bool {
    GROUPS.iter().any(|(group, _)| *group == tag) || cardholder_verification::has_words(tag)
}

/// What a value says: for flags, those that are set; for numbers in a value, what they stand for. Bits that are set and
/// have no meaning are said to be reserved.
pub fn meanings(tag: Tag, value: &[u8]) -> Vec<Meaning> {
    let mut found = cardholder_verification::meanings(tag, value);
    let Some((_, table)) = GROUPS.iter().find(|(group, _)| *group == tag) else { return found };
    for (byte, &bits) in (1..).zip(value) {
        let rows = || table.iter().filter(move |row| usize::from(row.byte) == byte);
        let mut unknown = bits;
        for row in rows() {
            unknown &= !row.mask;
            // A flag that is not set says nothing; a number says something also where it is zero.
            if bits & row.mask == row.is {
                found.push(said(row, bits));
            }
        }
        // Behind the first byte of a script result stands its identifier.
        if unknown != 0 && (byte == 1 || ![Tag::new(0x9F5B), Tag::new(0xDF31)].contains(&tag)) {
            found.push(Meaning {
                byte,
                mask: unknown,
                bits: unknown,
                zh: "保留位".to_owned(),
                en: "reserved for future use".to_owned(),
            });
        }
    }
    found
}

fn said(row: &Bit, bits: u8) -> Meaning {
    Meaning {
        byte: usize::from(row.byte),
        mask: row.mask,
        bits: bits & row.mask,
        zh: row.zh.to_owned(),
        en: row.en.to_owned(),
    }
}
