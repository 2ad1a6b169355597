//! The place where the grammar stopped, and the tokens around it.

use super::brackets::Bracket;
use super::words;
use crate::script_error::source::{FileId, Place, Span};
use crate::script_error::words::Said;

/// What failed where.
pub(super) struct Scene<'s> {
    pub(super) file: FileId,
    /// The text the grammar saw: the whole file.
    pub(super) text: &'s str,
    /// Where the piece begins and ends.
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) brackets: &'s [Bracket],
}

impl Scene<'_> {
    pub(super) fn place(&self, span: Span) -> Place {
        Place { file: self.file, span }
    }

    pub(super) fn slice(&self, span: Span) -> &str {
        self.text.get(span.range()).unwrap_or_default()
    }

    pub(super) fn shown(&self, at: Span) -> Said {
        let text = self.slice(at);
        if text.is_empty() {
            return Said::new("此项的结尾", "the end of the item");
        }
        let text: String =
            if text.chars().count() > 40 { text.chars().take(39).chain(['…']).collect() } else { text.to_owned() };
        Said::new(text.clone(), text)
    }

    pub(super) fn word(&self, span: Span) -> Option<&str> {
        let text = self.slice(span);
        let first = text.chars().next()?;
        (first == '_' || unicode_ident::is_xid_start(first)).then_some(text)
    }

    pub(super) fn breaks(&self, from: usize, to: usize) -> bool {
        self.text.get(from..to).is_some_and(|between| between.contains('\n'))
    }

    pub(super) fn line_before(&self, at: usize) -> &str {
        let before = self.text.get(self.start..at).unwrap_or_default();
        before.get(before.rfind('\n').map_or(0, |newline| newline + 1)..).unwrap_or_default()
    }

    pub(super) fn innermost(&self, at: u32) -> Option<Bracket> {
        let mut open: Vec<Bracket> = Vec::new();
        for bracket in self.brackets.iter().take_while(|bracket| bracket.at < at) {
            if matches!(bracket.sign, b'(' | b'[' | b'{') {
                open.push(*bracket);
            } else {
                open.pop();
            }
        }
        open.pop()
    }

    pub(super) fn begins_value(&self, found: Span) -> bool {
        self.word(found).is_some_and(|word| {
            !words::is_reserved(word) || matches!(word, "if" | "match" | "not" | "true" | "false" | "none")
        })
    }

    /// The token at or behind a byte, within the piece.
    pub(super) fn token(&self, at: usize) -> Span {
        let mut start = at;
        // The grammar may have stopped within a word.
        let before = self.text.get(self.start..at).unwrap_or_default();
        let inside =
            self.text.get(at..).and_then(|rest| rest.chars().next()).is_some_and(unicode_ident::is_xid_continue);
        if inside {
            start -= before
                .chars()
                .rev()
                .take_while(|sign| unicode_ident::is_xid_continue(*sign))
                .map(char::len_utf8)
                .sum::<usize>();
        }
        start = self.skip_gap(start);
        Span::new(start, start + token_length(self.text.get(start..self.end).unwrap_or_default()))
    }

    fn skip_gap(&self, mut at: usize) -> usize {
        loop {
            let rest = self.text.get(at..self.end).unwrap_or_default();
            let trimmed = rest.trim_start();
            at += rest.len() - trimmed.len();
            if !trimmed.starts_with("//") {
                return at;
            }
            at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    /// The last token before a byte, within the piece.
    pub(super) fn token_before(&self, at: usize) -> Option<Span> {
        let mut last = None;
        // From the start of an earlier line, so that comments and strings are read as what they are.
        let mut line = at;
        for _ in 0..64 {
            let before = self.text.get(self.start..line)?;
            let newline =
                before.trim_end_matches('\n').rfind('\n').map_or(self.start, |newline| self.start + newline + 1);
            let mut from = self.skip_gap(newline);
            while from < at {
                let length = token_length(self.text.get(from..self.end).unwrap_or_default());
                if length == 0 || from + length > at {
                    break;
                }
                last = Some(Span::new(from, from + length));
                from = self.skip_gap(from + length);
            }
            if last.is_some() || newline <= self.start {
                return last;
            }
            line = newline;
        }
        last
    }
}

/// How long the token is that a text begins with.
pub(super) fn token_length(text: &str) -> usize {
    let Some(first) = text.chars().next() else {
        return 0;
    };
    if first == '_' || unicode_ident::is_xid_continue(first) {
        return text.find(|sign: char| !unicode_ident::is_xid_continue(sign)).unwrap_or(text.len());
    }
    if first == '"' {
        let mut escaped = false;
        for (at, sign) in text.char_indices().skip(1) {
            match sign {
                '\n' => return at,
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => return at + 1,
                _ => {}
            }
        }
        return text.len();
    }
    if ["==", "!=", "<=", ">=", "=>", "->"].iter().any(|sign| text.starts_with(sign)) { 2 } else { first.len_utf8() }
}
