//! How deep brackets stand, and whether each has its pair.

use super::scanner::{DEPTH_MAX, Scanner};
use crate::language::syntax::brackets::{self, Bracket};
use crate::script_error::catalogue::source;
use crate::script_error::code::Fact;
use crate::script_error::finding::Finding;

impl Scanner<'_> {
    pub(super) fn prefix(&mut self) {
        self.prefixes += 1;
        if self.prefixes == DEPTH_MAX + 1 {
            self.too_deep(self.at - 1, self.at);
        }
    }

    pub(super) fn too_deep(&mut self, start: usize, end: usize) {
        if self.skip {
            return;
        }
        self.skip = true;
        let finding = Finding::error(source::NESTED_TOO_DEEP, self.place(start, end))
            .fact("limit", Fact::Count(DEPTH_MAX as i64))
            .label("此处超过嵌套上限", "nested deeper than the limit here");
        self.findings.push(finding);
    }

    pub(super) fn opens(&mut self, sign: u8, width: usize) {
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

    pub(super) fn closes(&mut self, sign: u8, width: usize) {
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
}
