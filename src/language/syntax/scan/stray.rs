//! Signs that do not belong, and what was meant by them.

use super::scanner::Scanner;
use crate::language::syntax::signs;
use crate::script_error::catalogue::source;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::{Place, Span};

/// A line longer than this is not laid out by its indent, in bytes.
const LINE_MAX: usize = 1_000;

impl Scanner<'_> {
    pub(super) fn stray(&mut self, width: usize, repair: &str, meant: Option<&str>) {
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

    pub(super) fn control(&mut self) {
        let sign = self.char();
        let end = self.at + sign.len_utf8();
        let finding = Finding::error(source::CONTROL_CHARACTER, self.place(self.at, end))
            .text("character", signs::called(sign))
            .edit(Span::new(self.at, end), "", "删去", "delete it");
        self.findings.push(finding);
        self.repair(self.at, end, "");
        self.at = end;
    }

    pub(super) fn bidirectional(&mut self, sign: char) {
        let end = self.at + sign.len_utf8();
        let finding = Finding::error(source::BIDIRECTIONAL_CHARACTER, self.place(self.at, end))
            .text("character", signs::called(sign))
            .edit(Span::new(self.at, end), "", "删去", "delete it");
        self.findings.push(finding);
        self.repair(self.at, end, "");
    }

    pub(super) fn beyond_ascii(&mut self) {
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

    pub(super) fn report_wide(&mut self) {
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
            // A full-width semicolon is one too many in either width.
            .map(|(span, ascii)| match ascii.as_str() {
                ";" => self.without_semicolon(*span),
                _ => Edit { place: Place { file: self.file, span: *span }, replacement: ascii.clone() },
            })
            .collect();
        let finding = finding
            .note("字符串与注释里可以用全角符号", "full-width signs are fine inside strings and comments")
            .edits(edits, true, "改用半角符号", "use the ASCII signs");
        self.findings.push(finding);
    }

    /// Takes a semicolon away; where another statement follows on the line, that begins a new one.
    fn without_semicolon(&self, sign: Span) -> Edit {
        let behind = self.text.get(sign.end as usize..).unwrap_or_default();
        let next = behind.trim_start_matches(|letter: char| letter != '\n' && letter.is_whitespace());
        let place = |end: usize| Place { file: self.file, span: Span::new(sign.start as usize, end) };
        if next.is_empty() || next.starts_with("//") || next.starts_with(['\n', '}', ';', '；']) {
            return Edit { place: place(sign.end as usize), replacement: String::new() };
        }
        // Not further back than a line is long: else a long line of semicolons took time by the square of its length.
        let before = self.text.as_bytes().get(..sign.start as usize).unwrap_or_default();
        let before = before.get(before.len().saturating_sub(LINE_MAX)..).unwrap_or_default();
        let line = before.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
        let indent: String = line.iter().take_while(blank).take(200).map(|byte| char::from(*byte)).collect();
        let blanks = behind.len() - next.len();
        Edit { place: place(sign.end as usize + blanks), replacement: format!("\n{indent}") }
    }

    pub(super) fn report_semicolons(&mut self) {
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
        let edits = self.semicolons.iter().map(|span| self.without_semicolon(*span)).collect();
        let finding = finding.edits(edits, true, "删去分号", "delete the semicolons");
        self.findings.push(finding);
    }
}
