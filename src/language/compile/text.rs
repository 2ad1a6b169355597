//! Strings: their parts as texts, joined.

use super::body::Body;
use super::too_large::Compiled;
use crate::language::builtin::row::Pure;
use crate::language::bytecode::instruction::Instruction;
use crate::language::syntax::tree::{Expression, StringLiteral, StringPart};
use crate::language::types::{Kind, Type};

/// Parts that are joined at once.
const PIECE: usize = 16;

/// A part of a string that is not known when compiling, or neighbours that are.
#[derive(Debug)]
enum Part<'e> {
    Known(Vec<u8>),
    Value(&'e Expression),
}

impl Body<'_> {
    /// A string.
    pub(super) fn string_into(&mut self, string: &StringLiteral, to: u8) -> Compiled<()> {
        let mut parts: Vec<Part<'_>> = Vec::new();
        for part in &string.parts {
            let known = match part {
                StringPart::Text(text) => Some(text.as_bytes().to_vec()),
                StringPart::Value(value) => self.constants.text(self.checked, self.unit, value),
            };
            match (known, parts.last_mut(), part) {
                (Some(text), Some(Part::Known(before)), _) => before.extend_from_slice(&text),
                (Some(text), ..) => parts.push(Part::Known(text)),
                (None, _, StringPart::Value(value)) => parts.push(Part::Value(value)),
                (None, ..) => {}
            }
        }
        parts.retain(|part| !matches!(part, Part::Known(text) if text.is_empty()));
        match parts.as_slice() {
            [] => return self.text_into(b"", to),
            [Part::Known(text)] => return self.text_into(text, to),
            [Part::Value(value)] => return self.as_text_into(value, to),
            _ => {}
        }
        let wanted = self.registers.ty(to);
        let digits = matches!(wanted, Type::Digits(_));
        if digits && parts.len() <= PIECE {
            return self.digits_into(&parts, to);
        }
        let whole = if digits { self.registers.temporary(&Type::Text)? } else { to };
        // One row serves for every piece; from the second on, its first register holds what was joined before.
        let base = self.registers.row(&vec![Type::Text; parts.len().min(PIECE)])?;
        let mut rest = parts.as_slice();
        let mut ahead = 0;
        while !rest.is_empty() {
            let (piece, others) = rest.split_at(rest.len().min(PIECE - ahead));
            for (at, part) in piece.iter().enumerate() {
                let register = base + (at + ahead) as u8;
                match part {
                    Part::Known(text) => self.text_into(text, register)?,
                    Part::Value(value) => self.as_text_into(value, register)?,
                }
            }
            let count = (piece.len() + ahead) as u8;
            let joined = if others.is_empty() { whole } else { base };
            self.emit(Instruction::JoinTexts { to: joined, base, count })?;
            ahead = 1;
            rest = others;
        }
        if digits {
            // Too many parts for one row: the machine looks at what the checker knew.
            self.emit(Instruction::CallPure { to, native: Pure::ToDigits.number(), base: whole, count: 1 })?;
        }
        Ok(())
    }

    /// Digits of parts that are digits: each in a register of its own type, so that the verifier can add them up.
    fn digits_into(&mut self, parts: &[Part<'_>], to: u8) -> Compiled<()> {
        let types: Vec<Type> = parts
            .iter()
            .map(|part| match part {
                Part::Known(text) => Type::Digits(text.len() as u16),
                Part::Value(value) => self.type_of(value),
            })
            .collect();
        let base = self.registers.row(&types)?;
        for (at, part) in parts.iter().enumerate() {
            let register = base + at as u8;
            match part {
                Part::Known(text) => self.text_into(text, register)?,
                Part::Value(value) => self.value_into(value, register)?,
            }
        }
        self.emit(Instruction::JoinTexts { to, base, count: parts.len() as u8 })
    }

    /// A value as text. `to` is a register of text.
    pub(super) fn as_text_into(&mut self, value: &Expression, to: u8) -> Compiled<()> {
        let ty = self.type_of(value);
        if ty.kind() == Kind::Text && ty != Type::Bytes {
            return self.value_into(value, to);
        }
        let mark = self.registers.mark();
        let from = self.value(value)?;
        self.shown_into(from, &ty, to)?;
        self.give_back(mark);
        Ok(())
    }
}
