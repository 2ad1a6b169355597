//! Values as text for people: in strings, facts of errors, slips, and where a test tells what it saw.

use super::body::{Body, plain};
use super::too_large::Compiled;
use crate::language::builtin::row::Pure;
use crate::language::bytecode::instruction::{Instruction, Show};
use crate::language::bytecode::program::Switch;
use crate::language::types::Type;

/// Stands for what is not shown.
const HIDDEN: &[u8] = "…".as_bytes();

impl Body<'_> {
    /// The value of a register as text: in a string, on a slip, as an error's fact. `none` is empty.
    pub(super) fn shown_into(&mut self, from: u8, ty: &Type, to: u8) -> Compiled<()> {
        let show = match ty {
            Type::Int => Show::Int,
            Type::Bool => Show::Bool,
            Type::Amount => Show::Amount,
            Type::Duration => Show::Duration,
            Type::Percent => Show::Percent,
            Type::Time => Show::Time,
            Type::ResponseCode => Show::ResponseCode,
            Type::Mti => Show::Mti,
            Type::Union(_) => Show::Union,
            Type::Bytes => Show::Bytes,
            Type::Text | Type::Digits(_) | Type::Expiry | Type::Kcv => {
                return self.emit(Instruction::Move { to, from });
            }
            Type::Pan => return self.pure_into(Pure::Mask, from, to),
            Type::Error => return self.pure_into(Pure::ErrorName, from, to),
            Type::Optional(of) => return self.optional_shown_into(from, of, b"", to),
            _ => return self.text_into(HIDDEN, to),
        };
        let show = show as u8;
        self.emit(Instruction::ToText { to, from, show })
    }

    /// The value of a register as a test shows it: with what lists, records and variants hold.
    pub(super) fn found_into(&mut self, from: u8, ty: &Type, to: u8) -> Compiled<()> {
        match ty {
            Type::Optional(of) => self.optional_shown_into(from, of, b"none", to),
            Type::List(of) => self.list_shown_into(from, of, to),
            Type::Union(union) => self.union_shown_into(from, *union, ty, to),
            Type::Record(record) => self.record_shown_into(from, *record, to),
            Type::Message(_) => self.type_shown_into(Pure::MessageMti, from, to),
            Type::Reply(_) => self.type_shown_into(Pure::ReplyMti, from, to),
            _ => self.shown_into(from, ty, to),
        }
    }

    fn pure_into(&mut self, native: Pure, base: u8, to: u8) -> Compiled<()> {
        self.emit(Instruction::CallPure { to, native: native.number(), base, count: 1 })
    }

    fn type_shown_into(&mut self, native: Pure, message: u8, to: u8) -> Compiled<()> {
        let mti = self.registers.temporary(&Type::Mti)?;
        self.pure_into(native, message, mti)?;
        self.shown_into(mti, &Type::Mti, to)
    }

    fn optional_shown_into(&mut self, from: u8, of: &Type, none: &[u8], to: u8) -> Compiled<()> {
        let (nothing, end) = (self.label(), self.label());
        self.emit(Instruction::JumpIfNone { test: from, target: nothing.number() })?;
        let some = self.registers.temporary(&plain(of))?;
        self.emit(Instruction::GetSome { to: some, from })?;
        if none.is_empty() {
            self.shown_into(some, of, to)?;
        } else {
            self.found_into(some, of, to)?;
        }
        self.jump(end)?;
        self.place(nothing);
        self.text_into(none, to)?;
        self.place(end);
        Ok(())
    }

    /// `[0200, 0400]`
    fn list_shown_into(&mut self, list: u8, of: &Type, to: u8) -> Compiled<()> {
        let mark = self.registers.mark();
        let texts = self.registers.row(&[Type::Text, Type::Text, Type::Text])?;
        let (so_far, between, member_text) = (texts, texts + 1, texts + 2);
        let length = self.registers.temporary(&Type::Int)?;
        let turn = self.registers.temporary(&Type::Int)?;
        let member = self.registers.temporary(&plain(of))?;
        self.text_into(b"[", so_far)?;
        self.text_into(b"", between)?;
        self.emit(Instruction::ListLength { to: length, list })?;
        self.word_into(0, turn)?;
        let (top, end) = (self.label(), self.label());
        self.place(top);
        self.emit(Instruction::JumpUnlessLess { left: turn, right: length, target: end.number() })?;
        self.emit(Instruction::GetItem { to: member, list, index: turn })?;
        self.found_into(member, of, member_text)?;
        self.emit(Instruction::JoinTexts { to: so_far, base: texts, count: 3 })?;
        self.text_into(b", ", between)?;
        self.emit(Instruction::AddIntConstant { to: turn, left: turn, value: 1 })?;
        self.emit(Instruction::Loop { cost: 0, target: top.number() })?;
        self.place(end);
        self.text_into(b"]", between)?;
        self.emit(Instruction::JoinTexts { to, base: texts, count: 2 })?;
        self.registers.release(mark);
        Ok(())
    }

    /// `LedgerLine(000001, 100.00 CNY)`; records inside records are not opened.
    fn record_shown_into(&mut self, record: u8, index: u16, to: u8) -> Compiled<()> {
        let checked = self.checked;
        let Some(shape) = checked.types.records.get(usize::from(index)) else {
            return self.text_into(HIDDEN, to);
        };
        let mark = self.registers.mark();
        let texts = self.registers.row(&[Type::Text, Type::Text, Type::Text])?;
        self.text_into(format!("{}(", shape.name).as_bytes(), texts)?;
        for (at, (_, ty)) in shape.fields.iter().enumerate() {
            let Ok(index) = u8::try_from(at) else { break };
            let inside = self.registers.mark();
            let field = self.registers.temporary(&plain(ty))?;
            self.text_into(if at == 0 { b"" } else { b", " }, texts + 1)?;
            self.emit(Instruction::GetField { to: field, record, index })?;
            self.shown_into(field, ty, texts + 2)?;
            self.emit(Instruction::JoinTexts { to: texts, base: texts, count: 3 })?;
            self.registers.release(inside);
        }
        self.text_into(b")", texts + 1)?;
        self.emit(Instruction::JoinTexts { to, base: texts, count: 2 })?;
        self.registers.release(mark);
        Ok(())
    }

    /// `declined(51)`; a variant that holds a record or a list is shown by its name.
    fn union_shown_into(&mut self, from: u8, index: u16, ty: &Type, to: u8) -> Compiled<()> {
        let checked = self.checked;
        let variants = checked.types.unions.get(usize::from(index)).map_or(&[][..], |union| &union.variants);
        let (plainly, end) = (self.label(), self.label());
        let mut cases = Vec::new();
        let mut opened = Vec::new();
        for (tag, (name, payload)) in variants.iter().enumerate() {
            let opens = |ty: &&Type| {
                !matches!(ty, Type::Record(_) | Type::List(_) | Type::Message(_) | Type::Reply(_)) && !ty.is_sealed()
            };
            if let (Some(payload), Ok(number)) = (payload.as_ref().filter(opens), u8::try_from(tag)) {
                let label = self.label();
                self.want(label);
                cases.push((tag as u64, label.number()));
                opened.push((number, name, payload, label));
            }
        }
        if opened.is_empty() {
            return self.shown_into(from, ty, to);
        }
        self.want(plainly);
        let table = self.tables.switch(Switch { cases, otherwise: plainly.number() })?;
        self.emit(Instruction::SwitchTag { on: from, table })?;
        for (tag, name, payload, label) in opened {
            self.place(label);
            let mark = self.registers.mark();
            let texts = self.registers.row(&[Type::Text, Type::Text, Type::Text])?;
            let value = self.registers.temporary(&plain(payload))?;
            self.emit(Instruction::GetPayload { to: value, from, tag })?;
            self.text_into(format!("{name}(").as_bytes(), texts)?;
            self.shown_into(value, payload, texts + 1)?;
            self.text_into(b")", texts + 2)?;
            self.emit(Instruction::JoinTexts { to, base: texts, count: 3 })?;
            self.registers.release(mark);
            self.jump(end)?;
        }
        self.place(plainly);
        self.shown_into(from, ty, to)?;
        self.place(end);
        Ok(())
    }
}
