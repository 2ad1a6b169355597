//! Lines, and the pieces that the file is cut into.

use super::scanner::{FINDINGS_MAX, Piece, Scanner};
use crate::language::syntax::brackets;
use crate::language::syntax::words;
use crate::script_error::source::Span;

impl Scanner<'_> {
    pub(super) fn line_ends(&mut self) {
        if !self.strings.is_empty() {
            let start = self.strings.first().map_or(self.at, |string| string.start);
            self.unterminated(start);
        }
        self.report_wide();
    }

    pub(super) fn line_begins(&mut self) {
        self.line_start = self.at;
        self.fresh = true;
        self.row = false;
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let indent = rest.iter().take(usize::from(u16::MAX)).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        self.indent = indent as u16;
        if indent > 0 || rest.is_empty() || matches!(rest.first(), Some(b'\n' | b'\r')) {
            if !matches!(rest.get(indent), Some(b'\n' | b'\r' | b'/') | None) {
                self.head = None;
            }
            return;
        }
        let line = self.text.get(self.at..).unwrap_or_default();
        match words::head(line, self.open.is_empty() || self.skip) {
            words::Head::Front => {
                self.head.get_or_insert(self.at);
            }
            words::Head::Comment => {}
            words::Head::Item(length) => {
                let start = self.head.take().unwrap_or(self.at);
                let word = Span::new(self.at, self.at + length);
                if start > self.piece_start {
                    self.cut(start, Some(word));
                }
            }
            words::Head::Other => {
                self.head = None;
                // A finished item is followed by something that is none.
                if self.open.is_empty()
                    && self.last == b'}'
                    && words::begins_garbage(line)
                    && self.at > self.piece_start
                {
                    self.cut(self.at, None);
                }
            }
        }
    }

    /// Ends the piece; `next` is the word that starts the next item.
    pub(super) fn cut(&mut self, end: usize, next: Option<Span>) {
        let brackets = std::mem::take(&mut self.brackets);
        if !self.skip && (self.unbalanced || !self.open.is_empty()) {
            let verdict = brackets::balance(self.file, self.text, &brackets, end, next);
            let room = FINDINGS_MAX.saturating_sub(self.findings.len());
            self.findings.extend(verdict.findings.into_iter().take(room.max(1)));
            for repair in verdict.repairs {
                match repair {
                    Some((start, end, sign)) => {
                        let mut text = String::new();
                        text.extend(sign);
                        self.repair(start, end, &text);
                    }
                    None => self.skip = true,
                }
            }
        }
        self.pieces.push(Piece { start: self.piece_start, end, skip: self.skip, brackets });
        self.piece_start = end;
        self.skip = false;
        self.unbalanced = false;
        self.open.clear();
        self.prefixes = 0;
        self.last = 0;
    }
}
