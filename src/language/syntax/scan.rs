//! The pre-scan: one pass over the text before the grammar sees it.
//!
//! It refuses signs that do not belong, pairs the brackets, limits their depth, and cuts the file into pieces, one for
//! each item. Where a mistake can be repaired without moving a byte, it is, so that the grammar can read on; the text
//! the grammar sees has the same length and the same places as the text that was written.

use super::brackets::{self, Bracket};
use super::signs;
use super::words;
use crate::script_error::catalogue::source;
use crate::script_error::code::Fact;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::{FileId, Place, Span};
use unicode_normalization::UnicodeNormalization;

/// How deep brackets, blocks and values in strings may be nested.
pub(super) const DEPTH_MAX: usize = 64;

/// With so many findings the rest is noise.
pub(super) const FINDINGS_MAX: usize = 50;

/// A part of the file that is parsed on its own.
#[derive(Debug)]
pub(super) struct Piece {
    pub(super) start: usize,
    pub(super) end: usize,
    /// True if the grammar must not see it: too deep, or beyond repair.
    pub(super) skip: bool,
    /// Its brackets, for the messages; those in strings excluded.
    pub(super) brackets: Vec<Bracket>,
}

/// What the pass found.
pub(super) struct Scan {
    pub(super) pieces: Vec<Piece>,
    pub(super) findings: Vec<Finding>,
    /// The text the grammar may see, if it differs.
    pub(super) repaired: Option<String>,
    /// True if there were too many findings to go on.
    pub(super) stopped: bool,
}

/// What an open string waits for.
struct OpenString {
    start: usize,
    /// How many brackets were open before it.
    depth: usize,
    closes: char,
}

struct Scanner<'t> {
    file: FileId,
    text: &'t str,
    at: usize,
    line_start: usize,
    indent: u16,
    /// Nothing but white space on this line so far.
    fresh: bool,
    /// The line is a row of a table, where `||` is an empty cell.
    row: bool,
    repaired: Option<Vec<u8>>,
    findings: Vec<Finding>,
    pieces: Vec<Piece>,
    piece_start: usize,
    /// Where the docs or annotations of the next item begin.
    head: Option<usize>,
    skip: bool,
    /// Signs that are open now.
    open: Vec<u8>,
    unbalanced: bool,
    brackets: Vec<Bracket>,
    /// Strings that hold the value being read, outermost first.
    strings: Vec<OpenString>,
    /// `not` and `-` in a row.
    prefixes: usize,
    /// The last sign that is neither white space nor comment.
    last: u8,
    /// Full-width signs of this line: where, and the ASCII they stand for.
    wide: Vec<(Span, String)>,
    semicolons: Vec<Span>,
}

/// Scans a text. `text` is not larger than the limit.
pub(super) fn scan(file: FileId, text: &str) -> Scan {
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
    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    fn char(&self) -> char {
        self.text.get(self.at..).and_then(|rest| rest.chars().next()).unwrap_or('\0')
    }

    fn place(&self, start: usize, end: usize) -> Place {
        Place { file: self.file, span: Span::new(start, end) }
    }

    /// Writes over the text that the grammar sees; what is shorter is filled with spaces.
    fn repair(&mut self, start: usize, end: usize, by: &str) {
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
                self.at += 1;
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

    fn prefix(&mut self) {
        self.prefixes += 1;
        if self.prefixes == DEPTH_MAX + 1 {
            self.too_deep(self.at - 1, self.at);
        }
    }

    fn too_deep(&mut self, start: usize, end: usize) {
        if self.skip {
            return;
        }
        self.skip = true;
        let finding = Finding::error(source::NESTED_TOO_DEEP, self.place(start, end))
            .fact("limit", Fact::Count(DEPTH_MAX as i64))
            .label("此处超过嵌套上限", "nested deeper than the limit here");
        self.findings.push(finding);
    }

    fn opens(&mut self, sign: u8, width: usize) {
        if self.open.len() >= DEPTH_MAX {
            self.too_deep(self.at, self.at + width);
        } else if !self.skip {
            self.open.push(sign);
            self.bracket(sign);
        }
        self.at += width;
    }

    fn bracket(&mut self, sign: u8) {
        if self.strings.is_empty() {
            let (line, indent, first) = (self.line_start as u32, self.indent, self.fresh);
            self.brackets.push(Bracket { at: self.at as u32, line, indent, first, sign });
        }
    }

    fn closes(&mut self, sign: u8, width: usize) {
        if self.skip {
            self.at += width;
            // The string goes on behind its value whatever the depth was.
            if sign == b'}' && !self.strings.is_empty() {
                self.back_to_string();
            }
            return;
        }
        if let Some(string) = self.strings.last() {
            let depth = string.depth;
            if sign == b'}' && !self.open.get(depth + 1..).unwrap_or_default().contains(&b'{') {
                // The value ends; what it left open is reported.
                if self.open.len() > depth + 1 {
                    self.left_open_in_value();
                }
                self.open.truncate(depth);
                self.at += width;
                self.back_to_string();
                return;
            }
        } else {
            self.bracket(sign);
        }
        if self.open.last().copied() == Some(brackets::opener(sign)) {
            self.open.pop();
        } else if self.strings.is_empty() {
            self.unbalanced = true;
        } else {
            let text = char::from(sign).to_string();
            let finding =
                Finding::error(source::UNPAIRED_CLOSER, self.place(self.at, self.at + width)).text("sign", text);
            self.findings.push(finding);
            self.repair(self.at, self.at + width, "");
        }
        self.at += width;
    }

    fn left_open_in_value(&mut self) {
        let sign = self.open.last().copied().unwrap_or(b'(');
        let text = char::from(sign).to_string();
        let finding =
            Finding::error(source::BLOCK_LEFT_OPEN, self.place(self.at, self.at + 1)).text("sign", text).label(
                "字符串中的值在此结束，括号尚未闭合",
                "the value in the string ends here while the bracket is still open",
            );
        self.findings.push(finding);
        self.skip = true;
    }

    // ── Words and numbers ──

    fn word(&mut self) {
        let start = self.at;
        while matches!(self.byte(self.at), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_') {
            self.at += 1;
        }
        if self.byte(self.at) >= 0x80 && unicode_ident::is_xid_continue(self.char()) {
            self.wide_word(start);
            return;
        }
        if self.at - start == 3 && self.text.get(start..self.at) == Some("not") {
            self.prefix();
        } else {
            self.prefixes = 0;
        }
    }

    /// A name with letters beyond ASCII: in NFC, its own NFKC form, and of one script.
    fn wide_word(&mut self, start: usize) {
        let rest = self.text.get(start..).unwrap_or_default();
        let length = rest.find(|sign: char| !unicode_ident::is_xid_continue(sign)).unwrap_or(rest.len());
        let end = start + length;
        self.at = end;
        let name = rest.get(..length).unwrap_or_default();
        let short: String = name.chars().take(40).collect();
        if !unicode_normalization::is_nfkc(name) {
            let normal: String = name.nfkc().collect();
            let finding = Finding::error(source::NAME_NOT_NORMAL, self.place(start, end))
                .text("name", short)
                .label("此名称含有兼容字符或分解的字符", "this name holds compatibility letters or letters in parts")
                .edit(Span::new(start, end), normal.as_str(), "改用规范写法", "write its normal form");
            self.findings.push(finding);
            if normal.is_ascii() {
                self.repair(start, end, &normal);
            }
        } else if signs::is_look_alike(name) {
            let finding = Finding::warning(source::LOOK_ALIKE_NAME, self.place(start, end))
                .text("name", short)
                .label("此名称混用了形似的文字", "this name holds letters of another script that look like Latin ones");
            self.findings.push(finding);
        }
    }

    fn digits(&mut self) {
        while matches!(self.byte(self.at), b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_') {
            self.at += 1;
        }
        if self.byte(self.at) >= 0x80 && unicode_ident::is_xid_continue(self.char()) {
            let rest = self.text.get(self.at..).unwrap_or_default();
            self.at += rest.find(|sign: char| !unicode_ident::is_xid_continue(sign)).unwrap_or(rest.len());
        }
    }

    // ── Strings and comments ──

    /// A string that begins here and is closed by a sign.
    fn string(&mut self, closes: char, width: usize) {
        let start = self.at;
        self.at += width;
        // Bytes hold no values.
        let bytes = start > 0
            && self.byte(start - 1) == b'x'
            && !matches!(self.byte(start.wrapping_sub(2)), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_');
        self.strings.push(OpenString { start, depth: self.open.len(), closes });
        self.rest_of_string(bytes);
    }

    fn back_to_string(&mut self) {
        self.rest_of_string(false);
    }

    /// Reads on in the innermost string until it ends, a value begins, or the line ends.
    fn rest_of_string(&mut self, bytes: bool) {
        let Some(OpenString { start, closes, .. }) = self.strings.last() else {
            return;
        };
        let (start, closes) = (*start, *closes);
        loop {
            let byte = self.byte(self.at);
            match byte {
                b'"' if closes == '"' => {
                    self.at += 1;
                    self.strings.pop();
                    return;
                }
                b'\n' | 0 if byte == b'\n' || self.at >= self.text.len() => {
                    self.unterminated(start);
                    return;
                }
                b'\\' if !bytes => self.escape(),
                b'{' if !bytes => {
                    if self.open.len() >= DEPTH_MAX {
                        self.too_deep(self.at, self.at + 1);
                    } else if !self.skip {
                        self.open.push(b'{');
                    }
                    self.at += 1;
                    return;
                }
                0..=0x1F | 0x7F.. => {
                    let sign = self.char();
                    if sign == closes {
                        self.repair(self.at, self.at + sign.len_utf8(), "\"");
                        self.at += sign.len_utf8();
                        self.strings.pop();
                        return;
                    }
                    self.in_text(sign);
                }
                _ if char::from(byte) == closes => {
                    self.repair(self.at, self.at + 1, "\"");
                    self.at += 1;
                    self.strings.pop();
                    return;
                }
                _ => self.at += 1,
            }
        }
    }

    fn escape(&mut self) {
        let next = self.text.get(self.at + 1..).and_then(|rest| rest.chars().next());
        match next {
            Some('"' | '\\' | 'n' | 't' | '{' | '}') => self.at += 2,
            Some('\n') | None => self.at += 1,
            Some(sign) => {
                let end = self.at + 1 + sign.len_utf8();
                let finding = Finding::error(source::BAD_ESCAPE, self.place(self.at, end))
                    .text("escape", format!("\\{}", if signs::is_control(sign) { '?' } else { sign }))
                    .label(r#"可用的转义：\" \\ \n \t \{ \}"#, r#"escapes are \" \\ \n \t \{ \}"#)
                    .help("反斜杠本身写作 \\\\。", "A backslash itself is written \\\\.");
                self.findings.push(finding);
                self.repair(self.at, end, "");
                self.at = end;
            }
        }
    }

    /// The line ended in a string: the outermost one is what was left open.
    fn unterminated(&mut self, innermost: usize) {
        let start = self.strings.first().map_or(innermost, |string| string.start);
        let depth = self.strings.first().map_or(0, |string| string.depth);
        self.strings.clear();
        self.open.truncate(depth);
        let line = self.text.get(start..self.at).unwrap_or_default();
        let end = start + line.trim_end().len().max(1);
        let finding = Finding::error(source::UNTERMINATED_STRING, self.place(start, start + 1))
            .label("字符串在此开始", "the string begins here")
            .also(self.place(end - 1, end), "此行结束时字符串还没有结束", "the line ends before the string does")
            .edits(
                vec![Edit { place: self.place(end, end), replacement: "\"".to_owned() }],
                false,
                "在行末补上引号",
                "close it at the end of the line",
            );
        self.findings.push(finding);
        // What the rest of the line was meant to be is unknown.
        self.skip = true;
    }

    fn comment(&mut self) {
        while self.at < self.text.len() && self.byte(self.at) != b'\n' {
            match self.byte(self.at) {
                b' '..=0x7E | b'\t' => self.at += 1,
                b'\r' if self.byte(self.at + 1) == b'\n' => self.at += 1,
                _ => {
                    let sign = self.char();
                    self.in_text(sign);
                }
            }
        }
    }

    /// A sign in a string or a comment: only what deceives the reader is refused.
    fn in_text(&mut self, sign: char) {
        let end = self.at + sign.len_utf8();
        if signs::is_bidirectional(sign) {
            self.bidirectional(sign);
        } else if signs::is_control(sign) && !(sign == '\r' && self.byte(end) == b'\n') {
            self.control();
            return;
        }
        self.at = end;
    }

    fn block_comment(&mut self) {
        let start = self.at;
        let rest = self.text.get(start..).unwrap_or_default();
        let length = rest.find("*/").map_or_else(|| rest.find('\n').unwrap_or(rest.len()), |at| at + 2);
        let finding = Finding::error(source::STRAY_SIGN, self.place(start, start + 2))
            .text("sign", "/*")
            .label("没有块注释", "there are no block comments")
            .help("每行注释以 // 开头。", "Begin each line of a comment with `//`.");
        self.findings.push(finding);
        let mut line = start;
        for part in rest.get(..length).unwrap_or_default().split_inclusive('\n') {
            let end = line + part.trim_end_matches('\n').len();
            self.repair(line, end, "");
            line += part.len();
        }
        self.at = start + length;
        if let Some(newline) = rest.get(..length).unwrap_or_default().rfind('\n') {
            self.line_start = start + newline + 1;
        }
    }

    /// `'…'` or another language's quotation marks.
    fn foreign_string(&mut self) {
        let sign = self.char();
        let width = sign.len_utf8();
        let start = self.at;
        let line = self.text.get(start + width..).unwrap_or_default();
        let line = line.get(..line.find('\n').unwrap_or(line.len())).unwrap_or_default();
        let closes = signs::closing_quote(sign).unwrap_or(sign);
        let text = sign.to_string();
        let mut finding = Finding::error(source::STRAY_SIGN, self.place(start, start + width)).text("sign", text);
        let Some(length) = line.find([closes, '"']) else {
            finding = finding.label("字符串用半角双引号", "strings take the ASCII quotation mark");
            self.findings.push(finding);
            self.repair(start, start + width, "");
            self.at += width;
            return;
        };
        let end = start + width + length;
        let end_sign = self.text.get(end..).and_then(|rest| rest.chars().next()).unwrap_or(closes);
        let edits = vec![
            Edit { place: self.place(start, start + width), replacement: "\"".to_owned() },
            Edit { place: self.place(end, end + end_sign.len_utf8()), replacement: "\"".to_owned() },
        ];
        finding = finding
            .label("字符串用半角双引号", "strings take the ASCII quotation mark")
            .also(self.place(end, end + end_sign.len_utf8()), "与之配对", "and its pair")
            .edits(edits, true, "改用半角双引号", "use ASCII quotation marks");
        self.findings.push(finding);
        self.repair(start, start + width, "\"");
        self.string(end_sign, width);
    }

    // ── Signs ──

    fn stray(&mut self, width: usize, repair: &str, meant: Option<&str>) {
        let (start, end) = (self.at, self.at + width);
        let sign = self.text.get(start..end).unwrap_or_default().to_owned();
        let mut finding = Finding::error(source::STRAY_SIGN, self.place(start, end)).text("sign", sign);
        if let Some(meant) = meant {
            let word = meant.trim();
            finding = finding.edit(Span::new(start, end), meant, format!("改用“{word}”"), format!("use `{word}`"));
        }
        self.findings.push(finding);
        self.repair(start, end, repair);
        self.at = end;
    }

    fn control(&mut self) {
        let sign = self.char();
        let end = self.at + sign.len_utf8();
        let finding = Finding::error(source::CONTROL_CHARACTER, self.place(self.at, end))
            .text("character", signs::called(sign))
            .edit(Span::new(self.at, end), "", "删去", "delete it");
        self.findings.push(finding);
        self.repair(self.at, end, "");
        self.at = end;
    }

    fn bidirectional(&mut self, sign: char) {
        let end = self.at + sign.len_utf8();
        let finding = Finding::error(source::BIDIRECTIONAL_CHARACTER, self.place(self.at, end))
            .text("character", signs::called(sign))
            .edit(Span::new(self.at, end), "", "删去", "delete it");
        self.findings.push(finding);
        self.repair(self.at, end, "");
    }

    fn beyond_ascii(&mut self) {
        let sign = self.char();
        let (start, end) = (self.at, self.at + sign.len_utf8());
        if unicode_ident::is_xid_start(sign) {
            self.wide_word(start);
        } else if signs::is_bidirectional(sign) {
            self.bidirectional(sign);
            self.at = end;
        } else if signs::is_control(sign) {
            self.control();
        } else if signs::closing_quote(sign).is_some() {
            self.foreign_string();
        } else if signs::is_invisible(sign) {
            let space = sign.is_whitespace();
            let finding = Finding::error(source::INVISIBLE_CHARACTER, self.place(start, end))
                .text("character", signs::called(sign))
                .edit(
                    Span::new(start, end),
                    if space { " " } else { "" },
                    "改用普通空格或删去",
                    "use a plain space or none",
                );
            self.findings.push(finding);
            self.repair(start, end, "");
            self.at = end;
            self.join_word(start, end);
        } else if let Some(ascii) = signs::full_width(sign) {
            self.full_width(ascii);
        } else if let Some(meant) = signs::meant(sign) {
            self.stray(end - start, meant, (!meant.is_empty()).then_some(meant));
        } else {
            self.stray(end - start, "", None);
        }
    }

    /// A sign that cannot be seen stood within a word: the grammar sees the word whole.
    fn join_word(&mut self, start: usize, end: usize) {
        let is_part = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
        if start == 0 || !is_part(self.byte(start - 1)) {
            return;
        }
        let rest = self.text.get(end..).unwrap_or_default();
        let length = rest.bytes().take_while(|byte| is_part(*byte)).count();
        if let Some(word) = rest
            .get(..length)
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
        {
            self.repair(start, end + length, &word);
            self.at = end + length;
        }
    }

    /// Full-width signs are gathered and reported once a line: the input method was in the wrong mode.
    fn full_width(&mut self, ascii: char) {
        let start = self.at;
        let width = self.char().len_utf8();
        if !ascii.is_ascii_digit() {
            self.wide.push((Span::new(start, start + width), ascii.to_string()));
            let Ok(byte) = u8::try_from(ascii) else {
                self.repair(start, start + width, "");
                self.at += width;
                return;
            };
            let text = if matches!(byte, b';' | b'\\' | b'$' | b'~' | b'^' | b'`' | b'\'' | b'"') {
                String::new()
            } else {
                ascii.to_string()
            };
            self.repair(start, start + width, &text);
            match byte {
                b'(' | b'[' | b'{' => self.opens(byte, width),
                b')' | b']' | b'}' => self.closes(byte, width),
                _ => self.at += width,
            }
            return;
        }
        let mut digits = String::new();
        while let Some(digit) = signs::full_width(self.char()).filter(|sign| sign.is_ascii_digit() || *sign == '.') {
            digits.push(digit);
            self.at += self.char().len_utf8();
        }
        // Right before what follows, so that a currency is one space away, or right behind what they go on with.
        let behind = start > 0 && self.byte(start - 1).is_ascii_alphanumeric();
        let from = if behind { start } else { self.at - digits.len() };
        self.repair(start, self.at, "");
        self.repair(from, self.at, &digits);
        self.wide.push((Span::new(start, self.at), digits));
    }

    fn report_wide(&mut self) {
        let wide = std::mem::take(&mut self.wide);
        let Some((first, ascii)) = wide.first() else {
            return;
        };
        let sign = self.text.get(first.range()).unwrap_or_default().to_owned();
        let code = sign.chars().next().map_or(0, |sign| sign as u32);
        let kind = signs::kind_of_sign(ascii.chars().next().unwrap_or(' '));
        let place = Place { file: self.file, span: *first };
        let mut finding = Finding::error(source::FULL_WIDTH_SIGN, place)
            .text("sign", sign)
            .label(format!("{} U+{code:04X}", kind.zh), format!("{} U+{code:04X}", kind.en));
        let pair = match ascii.as_str() {
            "(" => ")",
            "{" => "}",
            "[" => "]",
            _ => "",
        };
        let mut paired = false;
        for (span, ascii) in wide.iter().skip(1).take(8) {
            let place = Place { file: self.file, span: *span };
            let sign = self.text.get(span.range()).and_then(|sign| sign.chars().next()).unwrap_or(' ');
            let code = sign as u32;
            if !paired && ascii == pair {
                paired = true;
                finding = finding.also(place, format!("与之配对的 U+{code:04X}"), format!("and its pair U+{code:04X}"));
            } else {
                let kind = signs::kind_of_sign(ascii.chars().next().unwrap_or(' '));
                finding = finding.also(place, format!("{} U+{code:04X}", kind.zh), format!("{} U+{code:04X}", kind.en));
            }
        }
        let edits = wide
            .iter()
            .map(|(span, ascii)| Edit { place: Place { file: self.file, span: *span }, replacement: ascii.clone() })
            .collect();
        let finding = finding
            .note("字符串与注释里可以用全角符号", "full-width signs are fine inside strings and comments")
            .edits(edits, true, "改用半角符号", "use the ASCII signs");
        self.findings.push(finding);
    }

    fn report_semicolons(&mut self) {
        let Some(first) = self.semicolons.first().copied() else {
            return;
        };
        let mut finding = Finding::error(source::STRAY_SIGN, Place { file: self.file, span: first })
            .text("sign", ";")
            .label("语句以行尾结束，不写分号", "a statement ends with its line; there are no semicolons");
        let more = self.semicolons.len() - 1;
        if more > 0 {
            finding = finding.note(format!("此文件中另有 {more} 处"), format!("{more} more in this file"));
        }
        let edits = self
            .semicolons
            .iter()
            .map(|span| Edit { place: Place { file: self.file, span: *span }, replacement: String::new() })
            .collect();
        let finding = finding.edits(edits, true, "删去分号", "delete the semicolons");
        self.findings.push(finding);
    }

    // ── Lines and pieces ──

    fn line_ends(&mut self) {
        if !self.strings.is_empty() {
            let start = self.strings.first().map_or(self.at, |string| string.start);
            self.unterminated(start);
        }
        self.report_wide();
    }

    fn line_begins(&mut self) {
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
    fn cut(&mut self, end: usize, next: Option<Span>) {
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
