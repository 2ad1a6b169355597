//! Slips: a function that gives a list of lines.

use super::body::Body;
use super::too_large::Compiled;
use crate::language::bytecode::instruction::Instruction;
use crate::language::syntax::tree::{Bilingual, Expression, ReceiptLine};
use crate::language::types::Type;

/// Which form a line has; the first field of its record.
#[derive(Clone, Copy, Debug)]
#[repr(u8)]
enum Form {
    Centre = 0,
    Line = 1,
    Row = 2,
    Rule = 3,
    Space = 4,
}

/// The types of a line's fields: form, Chinese, English, value.
pub(super) const LINE_FIELDS: [(&str, Type); 4] =
    [("form", Type::Int), ("zh", Type::Text), ("en", Type::Text), ("value", Type::Text)];

impl Body<'_> {
    /// The lines of a slip into a register of type Receipt.
    pub(super) fn lines_into(&mut self, lines: &[ReceiptLine], to: u8) -> Compiled<()> {
        let mut so_far: Option<u8> = None;
        let mut rest = lines;
        loop {
            let choice = rest.iter().position(|line| matches!(line, ReceiptLine::If { .. })).unwrap_or(rest.len());
            let (straight, others) = rest.split_at(choice);
            if !straight.is_empty() || (others.is_empty() && so_far.is_none()) {
                let part = self.registers.temporary(&Type::Receipt)?;
                let line = self.line_type.clone();
                self.pieces_into(straight, &line, part, |body, line, register| body.line_into(line, register))?;
                so_far = Some(self.joined(so_far, part)?);
            }
            let Some((ReceiptLine::If { condition, then, otherwise }, after)) = others.split_first() else {
                break;
            };
            let part = self.registers.temporary(&Type::Receipt)?;
            let (no, end) = (self.label(), self.label());
            self.branch(condition, false, no)?;
            self.lines_into(then, part)?;
            self.jump(end)?;
            self.place(no);
            self.lines_into(otherwise, part)?;
            self.place(end);
            so_far = Some(self.joined(so_far, part)?);
            rest = after;
        }
        match so_far {
            Some(from) => self.emit(Instruction::Move { to, from }),
            None => self.emit(Instruction::MakeList { to, base: to, count: 0 }),
        }
    }

    fn joined(&mut self, left: Option<u8>, right: u8) -> Compiled<u8> {
        let Some(left) = left else { return Ok(right) };
        self.emit(Instruction::JoinLists { to: left, left, right })?;
        Ok(left)
    }

    fn line_into(&mut self, line: &ReceiptLine, to: u8) -> Compiled<()> {
        let nothing = Bilingual::default();
        let (form, words, value) = match line {
            ReceiptLine::Centre(words) => (Form::Centre, words, None),
            ReceiptLine::Line(words) => (Form::Line, words, None),
            ReceiptLine::Row(words, value) => (Form::Row, words, Some(value)),
            ReceiptLine::Rule(span) | ReceiptLine::Space(span) => {
                self.at(*span);
                let form = match line {
                    ReceiptLine::Rule(_) => Form::Rule,
                    _ => Form::Space,
                };
                (form, &nothing, None)
            }
            // A choice is never among the straight lines.
            ReceiptLine::If { .. } => return Ok(()),
        };
        if !matches!(form, Form::Rule | Form::Space) {
            self.at(words.span);
        }
        let mark = self.registers.mark();
        let types = LINE_FIELDS.map(|(_, ty)| ty);
        let base = self.registers.row(&types)?;
        self.word_into(i64::from(form as u8), base)?;
        self.words_into(words, base + 1, base + 2)?;
        self.slip_value_into(value, base + 3)?;
        self.emit(Instruction::MakeRecord { to, base, count: 4 })?;
        self.give_back(mark);
        Ok(())
    }

    fn slip_value_into(&mut self, value: Option<&Expression>, to: u8) -> Compiled<()> {
        match value {
            Some(value) => self.as_text_into(value, to),
            None => self.text_into(b"", to),
        }
    }

    /// A sentence in both languages; one that is missing is empty.
    pub(super) fn words_into(&mut self, words: &Bilingual, zh: u8, en: u8) -> Compiled<()> {
        for (string, to) in [(&words.zh, zh), (&words.en, en)] {
            match string {
                Some(string) => {
                    self.at(string.span);
                    let mark = self.registers.mark();
                    self.string_into(string, to)?;
                    self.give_back(mark);
                }
                None => self.text_into(b"", to)?,
            }
        }
        Ok(())
    }
}
