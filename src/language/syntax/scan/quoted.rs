//! Strings and comments: what stands in them is not the grammar's.

use super::scanner::{DEPTH_MAX, OpenString, Scanner};
use crate::language::syntax::signs;
use crate::script_error::catalogue::source;
use crate::script_error::finding::{Edit, Finding};

impl Scanner<'_> {
    /// A string that begins here and is closed by a sign.
    pub(super) fn string(&mut self, closes: char, width: usize) {
        let start = self.at;
        self.at += width;
        // Bytes hold no values.
        let bytes = start > 0
            && self.byte(start - 1) == b'x'
            && !matches!(self.byte(start.wrapping_sub(2)), b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_');
        self.strings.push(OpenString { start, depth: self.open.len(), closes });
        self.rest_of_string(bytes);
    }

    pub(super) fn back_to_string(&mut self) {
        self.rest_of_string(false);
    }

    /// Reads on in the innermost string until it ends, a value begins, or the line ends.
    fn rest_of_string(&mut self, bytes: bool) {
        let Some(OpenString { start, closes, .. }) = self.strings.last() else {
            return;
        };
        let (start, closes) = (*start, *closes);
        loop {
            // What stands for itself in every string, whatever closes it.
            self.pass(|byte| matches!(byte, b' ' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b',' | b':'));
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
    pub(super) fn unterminated(&mut self, innermost: usize) {
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

    pub(super) fn comment(&mut self) {
        while self.at < self.text.len() && self.byte(self.at) != b'\n' {
            self.pass(|byte| matches!(byte, b' '..=0x7E));
            match self.byte(self.at) {
                b' '..=0x7E | b'\t' => self.at += 1,
                b'\r' if self.byte(self.at + 1) == b'\n' => self.at += 1,
                b'\n' => {}
                _ if self.at >= self.text.len() => {}
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

    pub(super) fn block_comment(&mut self) {
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
    pub(super) fn foreign_string(&mut self) {
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
        // What was plain text between such marks means something between ours.
        let escaping = line.get(..length).unwrap_or_default().contains(['{', '}', '\\']);
        let edits = vec![
            Edit { place: self.place(start, start + width), replacement: "\"".to_owned() },
            Edit { place: self.place(end, end + end_sign.len_utf8()), replacement: "\"".to_owned() },
        ];
        finding = finding
            .label("字符串用半角双引号", "strings take the ASCII quotation mark")
            .also(self.place(end, end + end_sign.len_utf8()), "与之配对", "and its pair")
            .edits(edits, !escaping, "改用半角双引号", "use ASCII quotation marks");
        self.findings.push(finding);
        self.repair(start, start + width, "\"");
        self.string(end_sign, width);
    }
}
