//! BER-TLV read strictly or leniently, and written.
//!
//! Reading borrows from the bytes and copies nothing; what was understood is given back also where an error ended it.
//! Source of the rules: EMV 4.4 Book 3, annex B.

use crate::payment::emv::tag::Tag;
use std::fmt;
use thiserror::Error;

/// How much is forgiven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// What EMV allows and nothing else. For what goes out, and for tests.
    Strict,
    /// Filler between values, lengths longer than need be, and tags that come twice are let through with a remark. For
    /// what comes from elsewhere.
    Lenient,
}

/// A tag with its value, or with the tags it is made of.
#[derive(Clone, PartialEq, Eq)]
pub struct Node<'b> {
    /// The tag.
    pub tag: Tag,
    /// Where it begins, counted from the first byte that was read.
    pub offset: usize,
    /// The value, for a template too.
    pub value: &'b [u8],
    /// What a template holds; empty for a plain value.
    pub children: Vec<Node<'b>>,
}

impl fmt::Debug for Node<'_> {
    /// Without the value: it may hold card data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{} bytes at {}]", self.tag, self.value.len(), self.offset)?;
        if self.children.is_empty() { Ok(()) } else { self.children.fmt(f) }
    }
}

/// What is wrong at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum TlvFault {
    /// The tag goes on over four bytes, or the data end inside it.
    #[error("the tag does not end")]
    TagUnended,
    /// There is no length behind the tag.
    #[error("the data end before the length")]
    LengthMissing,
    /// The length byte 80: the indefinite form, which EMV does not have.
    #[error("the length has the indefinite form 80")]
    LengthIndefinite,
    /// More than two bytes of length.
    #[error("the length has {bytes} bytes, more than 2")]
    LengthTooLong {
        /// How many are said.
        bytes: usize,
    },
    /// A length written with more bytes than it needs.
    #[error("the length is written longer than it needs")]
    LengthNotShortest,
    /// The value would reach beyond the data, or beyond the template it is in.
    #[error("the value needs {needed} bytes, {available} are left")]
    ValueCut {
        /// What the length says.
        needed: usize,
        /// What is there.
        available: usize,
    },
    /// Templates within templates deeper than any real one.
    #[error("templates are nested deeper than {DEPTH_MOST}")]
    TooDeep,
    /// A tag that came before in the same template.
    #[error("the tag came before")]
    Twice,
    /// A filler byte where none may stand.
    #[error("a filler byte {byte:02X} stands here")]
    Filler {
        /// Which.
        byte: u8,
    },
}

/// A fault and where it is.
#[derive(Clone, PartialEq, Eq, Error)]
pub struct TlvError {
    /// What is wrong.
    pub fault: TlvFault,
    /// Where, counted from the first byte that was read.
    pub offset: usize,
    /// Which templates it is in, then the tag if one was read.
    pub path: Vec<Tag>,
}

impl fmt::Display for TlvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}", self.offset)?;
        for (at, tag) in self.path.iter().enumerate() {
            write!(f, "{}{tag}", if at == 0 { ", " } else { " > " })?;
        }
        write!(f, ": {}", self.fault)
    }
}

impl fmt::Debug for TlvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What was understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading<'b> {
    /// Everything up to the error, or all of it.
    pub nodes: Vec<Node<'b>>,
    /// What a lenient reader let through, in order. At most 64 remarks are kept.
    pub remarks: Vec<TlvError>,
    /// Why reading ended early.
    pub error: Option<TlvError>,
}

impl<'b> Reading<'b> {
    /// The nodes, if all was read.
    pub fn whole(self) -> Result<Vec<Node<'b>>, TlvError> {
        match self.error {
            None => Ok(self.nodes),
            Some(error) => Err(error),
        }
    }
}

/// Tags that may stand side by side: entries of a directory, records, scripts and the commands of a script.
const REPEATED: [Tag; 5] = [Tag::new(0x61), Tag::new(0x70), Tag::new(0x71), Tag::new(0x72), Tag::new(0x86)];

/// Templates within templates: EMV has four.
pub const DEPTH_MOST: usize = 8;
/// More remarks tell a reader nothing new.
const REMARKS_MOST: usize = 64;

/// Reads all values in the bytes.
pub fn read(bytes: &[u8], reader: Reader) -> Reading<'_> {
    let mut reading = Walk { reader, path: Vec::new(), remarks: Vec::new() };
    // Ten bytes each is usual; a forged level is not given room before it is read.
    let mut nodes = Vec::with_capacity((bytes.len() / 8).min(32));
    let error = reading.level(bytes, 0, &mut nodes).err();
    Reading { nodes, remarks: reading.remarks, error }
}

struct Walk {
    reader: Reader,
    path: Vec<Tag>,
    remarks: Vec<TlvError>,
}

impl Walk {
    /// Reads what stands side by side in `bytes`, which begin at `base`.
    fn level<'b>(&mut self, bytes: &'b [u8], base: usize, nodes: &mut Vec<Node<'b>>) -> Result<(), TlvError> {
        let mut at = 0;
        while let Some(&first) = bytes.get(at) {
            // EMV lets zeros stand before, between and after; files are filled with FF as well.
            if first == 0 || first == 0xFF {
                if first == 0xFF || !self.path.is_empty() {
                    self.forgive(TlvFault::Filler { byte: first }, base + at)?;
                }
                at += 1;
                continue;
            }
            let (tag, length, header) = self.head(bytes.get(at..).unwrap_or(&[]), base + at)?;
            let from = at + header;
            let available = bytes.len().saturating_sub(from);
            self.path.push(tag);
            let Some(value) = from.checked_add(length).and_then(|to| bytes.get(from..to)) else {
                return Err(self.error(TlvFault::ValueCut { needed: length, available }, base + at));
            };
            // No table of what came before: a level of thousands is forged, and is not worth the memory.
            if nodes.len() < 512 && !REPEATED.contains(&tag) && nodes.iter().any(|node| node.tag == tag) {
                self.forgive(TlvFault::Twice, base + at)?;
            }
            let mut node = Node { tag, offset: base + at, value, children: Vec::new() };
            let deeper = self.inside(&mut node, base + from);
            nodes.push(node);
            deeper?;
            self.path.pop();
            at = from + length;
        }
        Ok(())
    }

    /// Reads what a template holds.
    fn inside(&mut self, node: &mut Node<'_>, base: usize) -> Result<(), TlvError> {
        if !node.tag.is_constructed() {
            return Ok(());
        }
        if self.path.len() > DEPTH_MOST {
            return Err(self.error(TlvFault::TooDeep, node.offset));
        }
        self.level(node.value, base, &mut node.children)
    }

    /// Tag and length: the tag, how long the value is, how many bytes both take.
    fn head(&mut self, bytes: &[u8], offset: usize) -> Result<(Tag, usize, usize), TlvError> {
        let (tag, tag_length) = Tag::read(bytes).ok_or_else(|| self.error(TlvFault::TagUnended, offset))?;
        let at = offset + tag_length;
        self.path.push(tag);
        let read = length_at(bytes.get(tag_length..).unwrap_or(&[]));
        let (length, taken) = read.map_err(|fault| self.error(fault, at))?;
        if taken != length_of(length) {
            self.forgive(TlvFault::LengthNotShortest, at)?;
        }
        self.path.pop();
        Ok((tag, length, tag_length + taken))
    }

    fn error(&self, fault: TlvFault, offset: usize) -> TlvError {
        TlvError { fault, offset, path: self.path.clone() }
    }

    fn forgive(&mut self, fault: TlvFault, offset: usize) -> Result<(), TlvError> {
        let error = self.error(fault, offset);
        match self.reader {
            Reader::Strict => Err(error),
            Reader::Lenient => {
                if self.remarks.len() < REMARKS_MOST {
                    self.remarks.push(error);
                }
                Ok(())
            }
        }
    }
}

/// A length, and how many bytes it takes.
fn length_at(bytes: &[u8]) -> Result<(usize, usize), TlvFault> {
    match bytes.split_first() {
        None => Err(TlvFault::LengthMissing),
        Some((&short @ 0..=0x7F, _)) => Ok((usize::from(short), 1)),
        Some((0x80, _)) => Err(TlvFault::LengthIndefinite),
        Some((&long, digits)) => {
            let count = usize::from(long & 0x7F);
            match digits.get(..count) {
                _ if count > 2 => Err(TlvFault::LengthTooLong { bytes: count }),
                None => Err(TlvFault::LengthMissing),
                Some(digits) => Ok((digits.iter().fold(0, |all, byte| all << 8 | usize::from(*byte)), 1 + count)),
            }
        }
    }
}

/// The values that stand side by side, in order, as a lenient reader takes them, until one cannot be read. Templates are not looked
/// into. Nothing is allocated: for those who want a few values of what is read at every transaction.
pub fn elements(bytes: &[u8]) -> Elements<'_> {
    Elements { rest: bytes }
}

/// See `elements`.
#[derive(Clone)]
pub struct Elements<'b> {
    rest: &'b [u8],
}

impl Elements<'_> {
    /// True behind the last value if nothing is left that could not be read.
    pub fn is_whole(&self) -> bool {
        self.rest.iter().all(|byte| matches!(byte, 0 | 0xFF))
    }
}

impl<'b> Iterator for Elements<'b> {
    type Item = (Tag, &'b [u8]);

    fn next(&mut self) -> Option<(Tag, &'b [u8])> {
        while let [0 | 0xFF, rest @ ..] = self.rest {
            self.rest = rest;
        }
        let (tag, taken) = Tag::read(self.rest)?;
        let behind = self.rest.get(taken..)?;
        let (length, taken) = length_at(behind).ok()?;
        let (value, rest) = behind.get(taken..)?.split_at_checked(length)?;
        self.rest = rest;
        Some((tag, value))
    }
}

/// Bytes that a length takes in its shortest form.
fn length_of(length: usize) -> usize {
    match length {
        0..=0x7F => 1,
        0x80..=0xFF => 2,
        _ => 3,
    }
}

/// The first node with this tag, looked for in templates too.
pub fn find<'n, 'b>(nodes: &'n [Node<'b>], tag: Tag) -> Option<&'n Node<'b>> {
    nodes.iter().find_map(|node| if node.tag == tag { Some(node) } else { find(&node.children, tag) })
}

/// Writes nodes with the shortest lengths. A template is written from its children; without any, from its value.
pub fn write(nodes: &[Node<'_>]) -> Result<Vec<u8>, TlvFault> {
    let mut bytes = Vec::new();
    for node in nodes {
        if node.children.is_empty() {
            push(&mut bytes, node.tag, node.value)?;
        } else {
            push(&mut bytes, node.tag, &write(&node.children)?)?;
        }
    }
    Ok(bytes)
}

/// Writes one value behind what is there; values of more than 65535 bytes are refused.
pub fn push(bytes: &mut Vec<u8>, tag: Tag, value: &[u8]) -> Result<(), TlvFault> {
    let length = u16::try_from(value.len()).map_err(|_| TlvFault::LengthTooLong { bytes: 3 })?;
    let number = tag.number().to_be_bytes();
    bytes.extend_from_slice(number.get(number.len() - tag.length()..).unwrap_or_default());
    let [high, low] = length.to_be_bytes();
    match length {
        0..=0x7F => bytes.push(low),
        0x80..=0xFF => bytes.extend([0x81, low]),
        _ => bytes.extend([0x82, high, low]),
    }
    bytes.extend_from_slice(value);
    Ok(())
}
