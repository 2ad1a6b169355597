//! The pre-scan: one pass over the text before the grammar sees it.
//!
//! It refuses signs that do not belong, pairs the brackets, limits their depth, and cuts the file into pieces, one for
//! each item. Where a mistake can be repaired without moving a byte, it is, so that the grammar can read on; the text
//! the grammar sees has the same length and the same places as the text that was written.

use crate::language::syntax::brackets::Bracket;
use crate::script_error::finding::Finding;
use crate::script_error::source::{FileId, Place, Span};

/// How deep brackets, blocks and values in strings may be nested.
pub(super) const DEPTH_MAX: usize = 64;

/// With so many findings the rest is noise.
pub(crate) const FINDINGS_MAX: usize = 50;

/// A part of the file that is parsed on its own.
#[derive(Debug)]
pub(crate) struct Piece {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// True if the grammar must not see it: too deep, or beyond repair.
    pub(crate) skip: bool,
    /// Its brackets, for the messages; those in strings excluded.
    pub(crate) brackets: Vec<Bracket>,
}

/// What the pass found.
pub(crate) struct Scan {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) findings: Vec<Finding>,
    /// The text the grammar may see, if it differs.
    pub(crate) repaired: Option<String>,
    /// True if there were too many findings to go on.
    pub(crate) stopped: bool,
}

/// What an open string waits for.
pub(super) struct OpenString {
    pub(super) start: usize,
    /// How many brackets were open before it.
    pub(super) depth: usize,
    pub(super) closes: char,
}

/// The pass itself: where it is, what is open there, and what it has found.
pub(super) struct Scanner<'t> {
    pub(super) file: FileId,
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) line_start: usize,
    pub(super) indent: u16,
    /// Nothing but white space on this line so far.
    pub(super) fresh: bool,
    /// The line is a row of a table, where `||` is an empty cell.
    pub(super) row: bool,
    pub(super) repaired: Option<Vec<u8>>,
    pub(super) findings: Vec<Finding>,
    pub(super) pieces: Vec<Piece>,
    pub(super) piece_start: usize,
    /// Where the docs or annotations of the next item begin.
    pub(super) head: Option<usize>,
    pub(super) skip: bool,
    /// Signs that are open now.
    pub(super) open: Vec<u8>,
    pub(super) unbalanced: bool,
    pub(super) brackets: Vec<Bracket>,
    /// Strings that hold the value being read, outermost first.
    pub(super) strings: Vec<OpenString>,
    /// `not` and `-` in a row.
    pub(super) prefixes: usize,
    /// The last sign that is neither white space nor comment.
    pub(super) last: u8,
    /// Full-width signs of this line: where, and the ASCII they stand for.
    pub(super) wide: Vec<(Span, String)>,
    pub(super) semicolons: Vec<Span>,
}

/// Scans a text. `text` is not larger than the limit.
pub(crate) fn scan(file: FileId, text: &str) -> Scan {
    let begin = if text.starts_with('\u{FEFF}') { 3 } else { 0 };
    let mut scanner = Scanner {
        file,
        text,
        at: begin,
        line_start: begin,
        indent: 0,
        fresh: true,
        row: false,
        repaired: None,
        findings: Vec::new(),
        pieces: Vec::new(),
        piece_start: begin,
        head: None,
        skip: false,
        open: Vec::new(),
        unbalanced: false,
        brackets: Vec::new(),
        strings: Vec::new(),
        prefixes: 0,
        last: 0,
        wide: Vec::new(),
        semicolons: Vec::new(),
    };
    scanner.line_begins();
    while scanner.at < text.len() && scanner.findings.len() < FINDINGS_MAX {
        scanner.step();
    }
    let stopped = scanner.at < text.len();
    scanner.line_ends();
    if !stopped {
        scanner.cut(text.len(), None);
    }
    scanner.report_semicolons();
    let Scanner { pieces, findings, repaired, .. } = scanner;
    // Repairs write ASCII over whole characters, so the text stays UTF-8.
    let repaired = repaired.and_then(|bytes| String::from_utf8(bytes).ok());
    Scan { pieces, findings, repaired, stopped }
}

impl Scanner<'_> {
    pub(super) fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// Goes on behind bytes that are such.
    #[inline(always)]
    pub(super) fn pass(&mut self, is_such: impl Fn(u8) -> bool) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|byte| !is_such(*byte)).unwrap_or(rest.len());
    }

    pub(super) fn char(&self) -> char {
        self.text.get(self.at..).and_then(|rest| rest.chars().next()).unwrap_or('\0')
    }

    pub(super) fn place(&self, start: usize, end: usize) -> Place {
        Place { file: self.file, span: Span::new(start, end) }
    }

    /// Writes over the text that the grammar sees; what is shorter is filled with spaces.
    pub(super) fn repair(&mut self, start: usize, end: usize, by: &str) {
        let bytes = self.repaired.get_or_insert_with(|| self.text.as_bytes().to_vec());
        if by.len() > end - start || !by.is_ascii() {
            return;
        }
        if let Some(slot) = bytes.get_mut(start..end) {
            slot.fill(b' ');
            slot[..by.len()].copy_from_slice(by.as_bytes());
        }
    }

    /// One token, or one sign between tokens.
    fn step(&mut self) {
        let byte = self.byte(self.at);
        match byte {
            b'\n' => {
                self.at += 1;
                self.line_ends();
                self.line_begins();
                return;
            }
            b' ' | b'\t' => {
                self.pass(|byte| matches!(byte, b' ' | b'\t'));
                return;
            }
            b'\r' if self.byte(self.at + 1) == b'\n' => {
                self.at += 1;
                return;
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(),
            b'0'..=b'9' => self.digits(),
            b'"' => self.string('"', 1),
            b'/' if self.byte(self.at + 1) == b'/' => {
                self.comment();
                return;
            }
            b'/' if self.byte(self.at + 1) == b'*' => self.block_comment(),
            b'(' | b'[' | b'{' => self.opens(byte, 1),
            b')' | b']' | b'}' => self.closes(byte, 1),
            b'-' if self.byte(self.at + 1) != b'>' => {
                self.at += 1;
                self.prefix();
                self.after(byte);
                return;
            }
            b';' => {
                self.semicolons.push(Span::new(self.at, self.at + 1));
                self.repair(self.at, self.at + 1, "");
                self.at += 1;
            }
            b'|' if self.row || self.fresh => {
                self.row = true;
                self.at += 1;
            }
            b'&' | b'|' if self.byte(self.at + 1) == byte => {
                let word = if byte == b'&' { "and" } else { "or" };
                // Any operator of two letters keeps the grammar going; the finding is about this sign.
                let spaced = self.byte(self.at + 2) == b' ' && self.at > 0 && self.byte(self.at - 1) == b' ';
                self.stray(2, if spaced { "or" } else { "==" }, Some(word));
            }
            b'!' if self.byte(self.at + 1) != b'=' => self.stray(1, "", Some("not ")),
            b'\'' | b'`' => self.foreign_string(),
            b'&' | b'$' | b'~' | b'^' | b'\\' => self.stray(1, "", None),
            b'%' if !self.byte(self.at.wrapping_sub(1)).is_ascii_digit() => self.stray(1, "", None),
            0x80.. => self.beyond_ascii(),
            0..=0x1F | 0x7F => self.control(),
            _ => self.at += 1,
        }
        if !matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'_') {
            self.prefixes = 0;
        }
        self.after(byte);
    }

    fn after(&mut self, byte: u8) {
        self.fresh = false;
        self.last = byte;
    }
}
