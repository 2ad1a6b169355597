//! Source text, spans and line numbers.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use unicode_width::UnicodeWidthChar;

/// A range of bytes in one file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span from byte offsets.
    pub fn new(start: usize, end: usize) -> Span {
        Span { start: start as u32, end: end as u32 }
    }

    /// From the start of one to the end of the other.
    pub fn to(self, end: Span) -> Span {
        Span { start: self.start, end: end.end }
    }

    /// As a range for slicing.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Which file of `Sources`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FileId(pub u16);

/// A span in a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// Where in it.
    pub span: Span,
}

/// One file: its name, its text if we have it, and where its lines start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// As shown to people: a path as the user wrote it, or `library/cn_pos/dialect.till`.
    pub name: String,
    /// The text; `None` when only bytecode is at hand.
    pub text: Option<Cow<'static, str>>,
    /// Byte offset of each line's first byte; the first is 0.
    pub line_starts: Vec<u32>,
}

/// Three ways to say where in a line something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// 1-based line.
    pub line: u32,
    /// 1-based column as an editor shows it: in characters.
    pub column: u32,
    /// 0-based byte in the line.
    pub byte: u32,
    /// 0-based UTF-16 unit in the line, for the language server.
    pub utf16: u32,
}

impl Source {
    /// A file with its text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Source {
        let text = text.into();
        let line_starts = line_starts(&text);
        Source { name: name.into(), text: Some(Cow::Owned(text)), line_starts }
    }

    /// A file that is part of the program, with its line starts.
    pub fn built_in(name: impl Into<String>, text: &'static str, line_starts: Vec<u32>) -> Source {
        Source { name: name.into(), text: Some(Cow::Borrowed(text)), line_starts }
    }

    /// A file known only by its line starts (from bytecode).
    pub fn without_text(name: impl Into<String>, line_starts: Vec<u32>) -> Source {
        Source { name: name.into(), text: None, line_starts }
    }

    /// The line, the column and the other two ways to say it. Without text, columns count bytes.
    pub fn position(&self, offset: u32) -> Position {
        let line = self.line_starts.partition_point(|start| *start <= offset).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let byte = offset.saturating_sub(start);
        let before = self.text.as_deref().and_then(|text| text.get(start as usize..offset as usize));
        let (column, utf16) = match before {
            Some(before) => (before.chars().count() as u32, before.encode_utf16().count() as u32),
            None => (byte, byte),
        };
        Position { line: line as u32, column: column + 1, byte, utf16 }
    }

    /// The text of a 1-based line without its line break.
    pub fn line(&self, line: u32) -> Option<&str> {
        let text = self.text.as_deref()?;
        let start = *self.line_starts.get(line.checked_sub(1)? as usize)? as usize;
        let end = self.line_starts.get(line as usize).map_or(text.len(), |next| *next as usize);
        text.get(start..end).map(|line| line.trim_end_matches(['\n', '\r']))
    }
}

/// Where the lines of a text start.
pub fn line_starts(text: &str) -> Vec<u32> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at as u32 + 1)).collect()
}

/// How many columns a console gives a text; Chinese characters take two.
pub fn display_width(text: &str) -> usize {
    // Most of what is measured on slips has a column for each byte.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.len();
    }
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// Every file of a program.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Adds a file.
    pub fn add(&mut self, source: Source) -> FileId {
        self.files.push(source);
        FileId((self.files.len() - 1) as u16)
    }

    /// A file by its id.
    pub fn file(&self, id: FileId) -> Option<&Source> {
        self.files.get(usize::from(id.0))
    }

    /// All files in the order they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(at, file)| (FileId(at as u16), file))
    }

    /// Name, line and column of a place: `sale.till:12:5`.
    pub fn locate(&self, place: Place) -> Option<(&str, Position)> {
        let file = self.file(place.file)?;
        Some((&file.name, file.position(place.span.start)))
    }
}
