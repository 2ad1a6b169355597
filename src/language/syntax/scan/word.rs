//! Words and numbers of the text.

use super::scanner::Scanner;
use crate::language::syntax::signs;
use crate::script_error::catalogue::source;
use crate::script_error::finding::Finding;
use crate::script_error::source::Span;
use unicode_normalization::UnicodeNormalization;

impl Scanner<'_> {
    pub(super) fn word(&mut self) {
        let start = self.at;
        self.pass(|byte| matches!(byte, b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_'));
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
    pub(super) fn wide_word(&mut self, start: usize) {
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

    /// A sign that cannot be seen stood within a word: the grammar sees the word whole.
    pub(super) fn join_word(&mut self, start: usize, end: usize) {
        let is_part = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
        if start == 0 || !is_part(self.byte(start - 1)) {
            return;
        }
        let rest = self.text.get(end..).unwrap_or_default();
        let length = rest.bytes().take_while(|byte| is_part(*byte)).count();
        if let Some(word) = rest.get(..length).filter(|word| !word.is_empty()).map(str::to_owned) {
            self.repair(start, end + length, &word);
            self.at = end + length;
        }
    }

    pub(super) fn digits(&mut self) {
        self.pass(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'_'));
        if self.byte(self.at) >= 0x80 && unicode_ident::is_xid_continue(self.char()) {
            let rest = self.text.get(self.at..).unwrap_or_default();
            self.at += rest.find(|sign: char| !unicode_ident::is_xid_continue(sign)).unwrap_or(rest.len());
        }
    }
}
