//! Numbers, texts and lists in the file: LEB128, lengths in front, nothing taken on trust.

use super::file_error::FileError;
use smol_str::SmolStr;

/// What reading gives.
pub(super) type Read<T> = Result<T, FileError>;

/// Writes one section.
#[derive(Debug, Default)]
pub(super) struct Writer {
    bytes: Vec<u8>,
}

impl Writer {
    /// What was written.
    pub(super) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// A number, seven bits a byte, the lowest first.
    pub(super) fn number(&mut self, value: u64) {
        let mut rest = value;
        while rest >= 0x80 {
            self.bytes.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        self.bytes.push(rest as u8);
    }

    /// A signed number; small ones of either sign are short.
    pub(super) fn signed(&mut self, value: i64) {
        self.number(((value << 1) ^ (value >> 63)) as u64);
    }

    /// How many follow.
    pub(super) fn count(&mut self, count: usize) {
        self.number(count as u64);
    }

    /// Bytes with their length in front.
    pub(super) fn block(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.bytes.extend_from_slice(bytes);
    }

    /// A text.
    pub(super) fn text(&mut self, text: &str) {
        self.block(text.as_bytes());
    }

    /// Bytes as they are.
    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }
}

/// Reads one section.
#[derive(Clone, Debug)]
pub(super) struct Reader<'b> {
    rest: &'b [u8],
    /// Bytes of memory that lists may still ask for ahead of their members: a count is a promise, not a fact.
    ahead: usize,
}

/// A section may ask ahead for so many times its own size.
const AHEAD: usize = 4;

impl<'b> Reader<'b> {
    /// From the start.
    pub(super) fn new(bytes: &'b [u8]) -> Reader<'b> {
        Reader { rest: bytes, ahead: bytes.len().saturating_mul(AHEAD) }
    }

    /// A number that fits `T`; written as short as it can be, so that a program has one form only.
    pub(super) fn number<T: TryFrom<u64>>(&mut self) -> Read<T> {
        let mut value: u64 = 0;
        let mut shift = 0;
        loop {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7F);
            if shift == 63 && bits > 1 || shift > 0 && byte == 0 {
                return Err(bad_number());
            }
            value |= bits << shift;
            if byte & 0x80 == 0 {
                return T::try_from(value).map_err(|_| bad_number());
            }
            shift += 7;
            if shift > 63 {
                return Err(bad_number());
            }
        }
    }

    /// A signed number.
    pub(super) fn signed(&mut self) -> Read<i64> {
        let value: u64 = self.number()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// One byte.
    pub(super) fn byte(&mut self) -> Read<u8> {
        let (first, rest) = self.rest.split_first().ok_or_else(ends_early)?;
        self.rest = rest;
        Ok(*first)
    }

    /// Some bytes.
    pub(super) fn take(&mut self, count: usize) -> Read<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(ends_early)?;
        self.rest = rest;
        Ok(taken)
    }

    /// How many follow, each of at least one byte: never more than there are bytes left.
    pub(super) fn count(&mut self) -> Read<usize> {
        let count: usize = self.number()?;
        if count > self.rest.len() {
            return Err(ends_early());
        }
        Ok(count)
    }

    /// Bytes with their length in front.
    pub(super) fn block(&mut self) -> Read<&'b [u8]> {
        let length = self.count()?;
        self.take(length)
    }

    /// A text.
    pub(super) fn text(&mut self) -> Read<SmolStr> {
        std::str::from_utf8(self.block()?)
            .map(SmolStr::from)
            .map_err(|_| FileError::damaged("文字不是 UTF-8", "a text is not UTF-8"))
    }

    /// So many values; room is made for them at once while the section may ask ahead, then as they come.
    pub(super) fn list<T>(&mut self, mut read: impl FnMut(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let count = self.count()?;
        let mut values = Vec::new();
        let room = count.saturating_mul(size_of::<T>());
        if let Some(left) = self.ahead.checked_sub(room) {
            self.ahead = left;
            values.reserve_exact(count);
        }
        for _ in 0..count {
            values.push(read(self)?);
        }
        Ok(values)
    }

    /// Everything that is left.
    pub(super) fn all(&mut self) -> &'b [u8] {
        std::mem::take(&mut self.rest)
    }

    /// Nothing may be left.
    pub(super) fn end(&self) -> Read<()> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(FileError::damaged("一节后面有多余的字节", "a section has bytes left over"))
        }
    }
}

fn ends_early() -> FileError {
    FileError::damaged("文件不完整", "the file ends too early")
}

fn bad_number() -> FileError {
    FileError::damaged("数字超出范围", "a number is out of range")
}
