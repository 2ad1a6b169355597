//! `match` and `table`: one jump to the right arm where a switch can do it, else one test after another.

use super::body::{Body, Goal, Label};
use super::fold::Known;
use super::too_large::Compiled;
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::Switch;
use crate::language::check::checked::{LocalId, PatternMeaning};
use crate::language::syntax::tree::{Arm, Expression, MatchArm, Pattern, PatternKind};
use crate::language::types::{Kind, Type};
use crate::payment::iso8583::response::{Category, ResponseCode};

/// Where one pattern of an arm goes on.
#[derive(Clone, Copy, Debug)]
struct Entry<'t> {
    pattern: &'t Pattern,
    meaning: &'t PatternMeaning,
    label: Label,
}

impl Entry<'_> {
    fn binds(&self) -> Option<LocalId> {
        match self.meaning {
            PatternMeaning::Variant { binds, .. } => *binds,
            PatternMeaning::Some(local) => Some(*local),
            PatternMeaning::Other(local) => *local,
            _ => None,
        }
    }
}

impl Body<'_> {
    /// A `match`.
    pub(super) fn match_arms(&mut self, subject: &Expression, arms: &[MatchArm], goal: Goal) -> Compiled<()> {
        let ty = self.type_of(subject);
        let subject = self.value(subject)?;
        let end = self.label();
        let bodies: Vec<(&[Pattern], &Arm)> = arms.iter().map(|arm| (arm.patterns.as_slice(), &arm.body)).collect();
        self.match_on(subject, &ty, &bodies, None, |body, arm| {
            body.arm_to(arm, goal)?;
            body.jump_unless_last(end)
        })?;
        self.place(end);
        Ok(())
    }

    /// Goes to the body of the arm whose pattern fits first; to `missing` if none does, if that is given.
    pub(super) fn match_on<T: Copy>(
        &mut self,
        subject: u8,
        ty: &Type,
        arms: &[(&[Pattern], T)],
        missing: Option<Label>,
        mut compile: impl FnMut(&mut Self, T) -> Compiled<()>,
    ) -> Compiled<()> {
        let unit = self.unit;
        let mut entries: Vec<Vec<Entry<'_>>> = Vec::new();
        for (patterns, _) in arms {
            let shared = self.label();
            let mut of_arm = Vec::new();
            for pattern in *patterns {
                let Some(meaning) = unit.patterns.get(&pattern.span.start) else {
                    continue;
                };
                let label = if patterns.len() == 1 { shared } else { self.label() };
                of_arm.push(Entry { pattern, meaning, label });
            }
            entries.push(of_arm);
        }
        self.dispatch(subject, ty, &entries, missing)?;
        for ((_, arm), of_arm) in arms.iter().zip(&entries) {
            self.open_scope();
            let inside = self.label();
            for entry in of_arm {
                self.place(entry.label);
                if let Some(local) = entry.binds() {
                    self.bind(subject, entry.meaning, local)?;
                }
                if of_arm.len() > 1 && entry.binds().is_some() {
                    self.jump(inside)?;
                }
            }
            self.place(inside);
            compile(self, *arm)?;
            self.close_scope();
        }
        Ok(())
    }

    /// Jumps, if the end of an arm is reached at all.
    fn jump_unless_last(&mut self, end: Label) -> Compiled<()> {
        if self.reachable() { self.jump(end) } else { Ok(()) }
    }

    fn bind(&mut self, subject: u8, meaning: &PatternMeaning, local: LocalId) -> Compiled<()> {
        let to = self.declare(local)?;
        let from = subject;
        match meaning {
            PatternMeaning::Variant { tag, .. } => {
                let tag = *tag;
                self.emit(Instruction::GetPayload { to, from, tag })
            }
            PatternMeaning::Some(_) => self.emit(Instruction::GetSome { to, from }),
            _ => self.emit(Instruction::Move { to, from }),
        }
    }

    fn dispatch(&mut self, subject: u8, ty: &Type, arms: &[Vec<Entry<'_>>], missing: Option<Label>) -> Compiled<()> {
        let entries: Vec<&Entry<'_>> = arms.iter().flatten().collect();
        // A checked `match` covers everything, so what no other pattern takes belongs to the last.
        let Some(rest) = entries
            .iter()
            .find(|entry| matches!(entry.meaning, PatternMeaning::Other(_)))
            .or(if missing.is_some() { None } else { entries.last() })
            .map(|entry| entry.label)
            .or(missing)
        else {
            return Ok(());
        };
        match ty {
            Type::ResponseCode => self.switch_codes(subject, &entries, rest),
            Type::Optional(_) if entries.iter().all(|entry| is_of_optional(entry.meaning)) => {
                let first = |has_value: bool| {
                    let takes = |entry: &&&Entry<'_>| match entry.meaning {
                        PatternMeaning::None => !has_value,
                        PatternMeaning::Some(_) => has_value,
                        _ => true,
                    };
                    entries.iter().find(takes).map_or(rest, |entry| entry.label)
                };
                let (some, none) = (first(true), first(false));
                self.emit(Instruction::JumpIfNone { test: subject, target: none.number() })?;
                self.jump(some)
            }
            Type::Union(_) if entries.iter().all(|entry| is_variant(entry.meaning)) => {
                let mut cases = Vec::new();
                for entry in &entries {
                    if let PatternMeaning::Variant { tag, .. } = entry.meaning {
                        cases.push((u64::from(*tag), entry.label));
                    }
                }
                let table = self.switch(cases, rest)?;
                self.emit(Instruction::SwitchTag { on: subject, table })
            }
            _ => match (ty.kind(), self.known_patterns(&entries)) {
                (Kind::Word, Some(known)) => {
                    let mut cases = Vec::new();
                    for (known, label) in known {
                        if let Known::Word(word) = known {
                            cases.push((word as u64, label));
                        }
                    }
                    let table = self.switch(cases, rest)?;
                    self.emit(Instruction::SwitchWord { on: subject, table })
                }
                (Kind::Text, Some(known)) => {
                    let mut cases = Vec::new();
                    for (known, label) in known {
                        if let Known::Text(text) = known {
                            let key = u64::from(self.tables.text(&text));
                            cases.push((key, label));
                        }
                    }
                    let table = self.switch(cases, rest)?;
                    self.emit(Instruction::SwitchText { on: subject, table })
                }
                _ => self.test_each(subject, ty, &entries, rest),
            },
        }
    }

    /// A switch on field 39: categories are written out by the table of codes. An unknown code is a decline.
    fn switch_codes(&mut self, on: u8, entries: &[&Entry<'_>], rest: Label) -> Compiled<()> {
        let checked = self.checked;
        let mut cases: Vec<(u64, Label)> = Vec::new();
        let mut unknown = None;
        for entry in entries {
            match entry.meaning {
                PatternMeaning::Category(category) => {
                    let rows = checked.codes.rows.iter();
                    for row in rows.filter(|row| row.category == *category) {
                        cases.push((row.code.to_bits(), entry.label));
                    }
                    if *category == Category::Decline {
                        unknown.get_or_insert(entry.label);
                    }
                }
                PatternMeaning::Code(code) => {
                    cases.push((code.to_bits(), entry.label));
                }
                PatternMeaning::Literal | PatternMeaning::Constant(_) => {
                    if let Some(code) = self.known_pattern(entry).and_then(code_of) {
                        cases.push((code, entry.label));
                    }
                }
                _ => {}
            }
        }
        if unknown.is_some() {
            for row in &checked.codes.rows {
                cases.push((row.code.to_bits(), rest));
            }
        }
        let table = self.switch(cases, unknown.unwrap_or(rest))?;
        self.emit(Instruction::SwitchWord { on, table })
    }

    /// One test after another.
    fn test_each(&mut self, subject: u8, ty: &Type, entries: &[&Entry<'_>], rest: Label) -> Compiled<()> {
        for entry in entries {
            // `other`, or the last arm of a `match` that covers everything: there is nothing left to tell apart.
            if entry.label == rest {
                break;
            }
            let mark = self.registers.mark();
            match entry.meaning {
                PatternMeaning::Error(error) => {
                    let error = self.tables.error(*error, self.checked)?;
                    let to = self.registers.temporary(&Type::Bool)?;
                    self.emit(Instruction::IsError { to, value: subject, error })?;
                    self.branch_register(to, true, entry.label)?;
                }
                PatternMeaning::Variant { tag, .. } => {
                    let next = self.label();
                    let cases = vec![(u64::from(*tag), entry.label)];
                    let table = self.switch(cases, next)?;
                    self.emit(Instruction::SwitchTag { on: subject, table })?;
                    self.place(next);
                }
                _ => {
                    let value = self.registers.temporary(ty)?;
                    match (&entry.pattern.kind, entry.meaning) {
                        (PatternKind::Literal(literal), _) => self.value_into(literal, value)?,
                        (_, PatternMeaning::Constant(id)) => self.constant_into(*id, value)?,
                        _ => {}
                    }
                    let to = self.registers.temporary(&Type::Bool)?;
                    // Not `EqualAmount`: an amount in another currency is another amount here, not a mistake.
                    self.emit(Instruction::EqualDeep { to, left: subject, right: value })?;
                    self.branch_register(to, true, entry.label)?;
                }
            }
            self.registers.release(mark);
        }
        self.jump(rest)
    }

    fn known_patterns(&mut self, entries: &[&Entry<'_>]) -> Option<Vec<(Known, Label)>> {
        let mut known = Vec::new();
        for entry in entries {
            if !matches!(entry.meaning, PatternMeaning::Other(_)) {
                known.push((self.known_pattern(entry)?, entry.label));
            }
        }
        Some(known)
    }

    fn known_pattern(&mut self, entry: &Entry<'_>) -> Option<Known> {
        match (entry.meaning, &entry.pattern.kind) {
            (PatternMeaning::Constant(id), _) => self.constants.constant(self.checked, *id),
            (PatternMeaning::Literal, PatternKind::Literal(literal)) => {
                self.constants.value(self.checked, self.unit, literal)
            }
            (PatternMeaning::Code(code), _) => Some(Known::Word(code.to_bits() as i64)),
            _ => None,
        }
    }

    /// A switch; of several cases with one key the first is meant.
    fn switch(&mut self, mut cases: Vec<(u64, Label)>, rest: Label) -> Compiled<u16> {
        cases.sort_by_key(|(key, _)| *key);
        cases.dedup_by_key(|(key, _)| *key);
        self.want(rest);
        for (_, label) in &cases {
            self.want(*label);
        }
        let others = cases.into_iter().filter(|(_, label)| *label != rest);
        self.tables.switch(Switch {
            cases: others.map(|(key, label)| (key, label.number())).collect(),
            otherwise: rest.number(),
        })
    }
}

fn is_variant(meaning: &PatternMeaning) -> bool {
    matches!(meaning, PatternMeaning::Variant { .. } | PatternMeaning::Other(_))
}

fn is_of_optional(meaning: &PatternMeaning) -> bool {
    matches!(meaning, PatternMeaning::None | PatternMeaning::Some(_) | PatternMeaning::Other(_))
}

/// A response code written as a string.
fn code_of(known: Known) -> Option<u64> {
    match known {
        Known::Word(word) => Some(word as u64),
        Known::Text(text) => std::str::from_utf8(&text).ok().and_then(ResponseCode::parse).map(ResponseCode::to_bits),
        Known::Amount(_) => None,
    }
}
