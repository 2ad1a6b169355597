//! A tag of BER-TLV: one to four bytes that name a value.

use std::fmt;

/// A tag. Written in hexadecimal digits, `9F26`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Tag(u32);

/// EMV's tags have one or two bytes, those of contactless kernels three; four leaves room for what we do not know.
pub const TAG_LONGEST: usize = 4;

impl Tag {
    /// A tag written as a number: `Tag::new(0x9F26)`.
    pub const fn new(number: u32) -> Tag {
        Tag(number)
    }

    /// Reads the tag at the beginning of the bytes: the tag and how many bytes it takes. `None` where it does not end
    /// within four bytes or the bytes end first.
    pub fn read(bytes: &[u8]) -> Option<(Tag, usize)> {
        let (first, rest) = bytes.split_first()?;
        let mut number = u32::from(*first);
        if first & 0x1F != 0x1F {
            return Some((Tag(number), 1));
        }
        for (more, byte) in (2..).zip(rest.iter().take(TAG_LONGEST - 1)) {
            number = number << 8 | u32::from(*byte);
            if byte & 0x80 == 0 {
                return Some((Tag(number), more));
            }
        }
        None
    }

    /// Reads a tag written in hexadecimal digits.
    pub fn parse(text: &str) -> Option<Tag> {
        let bytes = crate::payment::hex::decode(text.as_bytes())?;
        Tag::read(&bytes).filter(|(_, length)| *length == bytes.len()).map(|(tag, _)| tag)
    }

    /// The number whose bytes the tag is.
    pub const fn number(self) -> u32 {
        self.0
    }

    /// Its bytes.
    pub fn bytes(self) -> impl Iterator<Item = u8> {
        let bytes = self.0.to_be_bytes();
        bytes.into_iter().skip(bytes.len() - self.length())
    }

    /// How many bytes it takes.
    pub const fn length(self) -> usize {
        match self.0 {
            0..=0xFF => 1,
            0x100..=0xFFFF => 2,
            0x1_0000..=0xFF_FFFF => 3,
            _ => 4,
        }
    }

    /// True if its value is made of further tags.
    pub const fn is_constructed(self) -> bool {
        self.0 >> (8 * (self.length() - 1)) & 0x20 != 0
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0width$X}", self.0, width = 2 * self.length())
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
