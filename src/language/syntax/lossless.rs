//! The lossless view: every byte of a file as a token, for a formatter and an editor. Made only when asked for.

use super::grammar::{self, Rule};
use super::nodes::Found;
use super::scan::scanner::{Piece, scan};
use super::scene::token_length;
use super::words;
use crate::script_error::source::{FileId, Span};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// A byte-order mark at the head of the file.
    ByteOrderMark,
    /// Spaces and tabs.
    Space,
    /// One line break, `\n` or `\r\n`. Two in a row make a blank line.
    LineBreak,
    /// `// …`
    Comment,
    /// `/// …`
    Doc,
    /// A word that the language reserves.
    Reserved,
    /// Any other word.
    Word,
    /// A number, with its unit, its currency or its `%`.
    Number,
    /// A string, or the part of one up to a value in braces, or from a value on. Quotes included.
    Text,
    /// `x"…"`
    Bytes,
    /// `#9F26`
    Tag,
    /// `(`, `[`, `{`
    Open,
    /// `)`, `]`, `}`
    Close,
    /// Any other sign: `=>`, `==`, `|`, `,`, `@` …
    Sign,
    /// A sign that belongs nowhere.
    Stray,
}

/// A token and where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Where.
    pub span: Span,
    /// In how many brackets, blocks and values it stands; a bracket counts as outside of itself.
    pub depth: u16,
}

/// What a stretch of the file is, as the grammar's own name says it: `flow`, `block`, `arguments`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// The rule's name in `grammar/till.pest`.
    pub kind: String,
    /// Where. It may hold the white space behind it.
    pub span: Span,
    /// How many nodes it stands in.
    pub depth: u16,
}

/// Every token of a file; together they are the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lossless {
    /// In order and without gaps.
    pub tokens: Vec<Token>,
    /// Of the pieces that parse, in order of their starts, parents first.
    pub nodes: Vec<Node>,
}

/// The lossless view of a text, whatever it holds.
pub fn lossless(text: &str) -> Lossless {
    let mut lexer = Lexer { text, at: 0, tokens: Vec::new(), depth: 0, values: Vec::new() };
    while lexer.at < text.len() {
        lexer.step();
    }
    Lossless { tokens: lexer.tokens, nodes: nodes(text) }
}

fn nodes(text: &str) -> Vec<Node> {
    let mut nodes = Vec::new();
    if text.len() > grammar::SIZE_MAX {
        return nodes;
    }
    let scan = scan(FileId::default(), text);
    for piece in scan.pieces.iter().filter(|piece| !piece.skip && !scan.stopped) {
        let part = text.get(piece.start..piece.end).unwrap_or_default();
        if let Ok(found) = grammar::read(Rule::piece, part) {
            collect(&found, piece.start, &mut nodes);
        }
    }
    nodes
}

/// Do the two readers of the grammar make the same of every piece of a text? Asked by tests.
#[doc(hidden)]
pub fn readers_agree(text: &str) -> bool {
    let scan = scan(FileId::default(), text);
    let seen = scan.repaired.as_deref().unwrap_or(text);
    let agree = |piece: &Piece| grammar::agree(Rule::piece, seen.get(piece.start..piece.end).unwrap_or_default());
    text.len() > grammar::SIZE_MAX || scan.pieces.iter().filter(|piece| !piece.skip).all(agree)
}

fn collect(found: &Found<'_>, base: usize, nodes: &mut Vec<Node>) {
    // Spans of the nodes that are still open.
    let mut open: Vec<Span> = Vec::new();
    for mark in &found.marks {
        let rule = mark.rule;
        if matches!(rule, Rule::piece | Rule::EOI) {
            continue;
        }
        let span = Span::new(base + mark.start as usize, base + mark.end as usize);
        while open.last().is_some_and(|last| span.start < last.start || span.end > last.end) {
            open.pop();
        }
        nodes.push(Node { kind: format!("{rule:?}"), span, depth: u16::try_from(open.len()).unwrap_or(u16::MAX) });
        open.push(span);
    }
}

struct Lexer<'t> {
    text: &'t str,
    at: usize,
    tokens: Vec<Token>,
    depth: u16,
    /// Depths at which a value in a string began.
    values: Vec<u16>,
}

impl Lexer<'_> {
    fn push(&mut self, kind: TokenKind, length: usize) {
        let length = length.max(1).min(self.text.len() - self.at);
        self.tokens.push(Token { kind, span: Span::new(self.at, self.at + length), depth: self.depth });
        self.at += length;
    }

    fn step(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(first) = rest.chars().next() else {
            self.at = self.text.len();
            return;
        };
        let line = rest.find('\n').unwrap_or(rest.len());
        match first {
            '\u{FEFF}' if self.at == 0 => self.push(TokenKind::ByteOrderMark, 3),
            '\n' => self.line_break(1),
            '\r' if rest.starts_with("\r\n") => self.line_break(2),
            ' ' | '\t' => self.push(TokenKind::Space, rest.len() - rest.trim_start_matches([' ', '\t']).len()),
            '/' if rest.starts_with("///") => self.push(TokenKind::Doc, without_return(rest, line)),
            '/' if rest.starts_with("//") => self.push(TokenKind::Comment, without_return(rest, line)),
            '"' => self.text_part(0),
            'x' if rest.starts_with("x\"") => {
                let length = rest.get(2..line).and_then(|rest| rest.find('"')).map_or(line, |close| close + 3);
                self.push(TokenKind::Bytes, without_return(rest, length));
            }
            '0'..='9' => self.push(TokenKind::Number, number_length(rest)),
            '#' if rest.get(1..).is_some_and(|rest| rest.starts_with(|sign: char| sign.is_ascii_hexdigit())) => {
                self.push(TokenKind::Tag, 1 + token_length(rest.get(1..).unwrap_or_default()));
            }
            '(' | '[' | '{' => {
                self.push(TokenKind::Open, 1);
                self.depth = self.depth.saturating_add(1);
            }
            '}' if self.values.last().is_some_and(|value| *value == self.depth) => {
                self.values.pop();
                self.depth = self.depth.saturating_sub(1);
                self.push(TokenKind::Close, 1);
                // The string goes on.
                self.text_part(1);
            }
            ')' | ']' | '}' => {
                self.depth = self.depth.saturating_sub(1);
                self.push(TokenKind::Close, 1);
            }
            _ if first == '_' || unicode_ident::is_xid_start(first) => {
                let length = token_length(rest);
                let reserved = rest.get(..length).is_some_and(words::is_reserved);
                self.push(if reserved { TokenKind::Reserved } else { TokenKind::Word }, length);
            }
            _ => {
                let length = token_length(rest);
                let known = rest.get(..length).is_some_and(|sign| sign.len() == 2 || "=<>+-*/.,:|?@%#!".contains(sign));
                self.push(if known { TokenKind::Sign } else { TokenKind::Stray }, length);
            }
        }
    }

    fn line_break(&mut self, length: usize) {
        // No string goes on behind its line.
        if let Some(outermost) = self.values.first() {
            self.depth = outermost.saturating_sub(1);
            self.values.clear();
        }
        self.push(TokenKind::LineBreak, length);
    }

    /// A string, or what of it stands before the next value.
    fn text_part(&mut self, behind_value: usize) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let mut escaped = false;
        // The opening quote is the first sign, unless a value has just ended.
        for (at, sign) in rest.char_indices().skip(1 - behind_value.min(1)) {
            match sign {
                '\n' => {
                    if at > 0 {
                        self.push(TokenKind::Text, without_return(rest, at));
                    }
                    return;
                }
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => {
                    self.push(TokenKind::Text, at + 1);
                    return;
                }
                '{' => {
                    if at > 0 {
                        self.push(TokenKind::Text, at);
                    }
                    self.push(TokenKind::Open, 1);
                    self.depth = self.depth.saturating_add(1);
                    self.values.push(self.depth);
                    return;
                }
                _ => {}
            }
        }
        if !rest.is_empty() {
            self.push(TokenKind::Text, rest.len());
        }
    }
}

/// A length that ends before `\r\n`.
fn without_return(rest: &str, length: usize) -> usize {
    rest.get(..length).map_or(length, |line| line.strip_suffix('\r').map_or(length, str::len))
}

/// Digits, letters, a point before more digits, `%`, and a currency one space away.
fn number_length(rest: &str) -> usize {
    let mut length = token_length(rest);
    if rest
        .get(length..)
        .is_some_and(|more| more.starts_with('.') && more[1..].starts_with(|sign: char| sign.is_ascii_digit()))
    {
        length += 1 + token_length(rest.get(length + 1..).unwrap_or_default());
    }
    if rest.get(length..).is_some_and(|more| more.starts_with('%')) {
        length += 1;
    }
    let currency = rest.get(length..).and_then(|more| more.strip_prefix(' ')).unwrap_or_default();
    let letters = token_length(currency);
    if letters == 3 && currency.bytes().take(3).all(|byte| byte.is_ascii_uppercase()) { length + 4 } else { length }
}
