//! Comparisons: those that need no second value (a variant, an error, `none`), and those of two.

use super::body::{Body, Label, plain};
use super::too_large::Compiled;
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::Switch;
use crate::language::check::checked::{ErrorRef, Meaning, Target};
use crate::language::syntax::tree::{BinaryOperator, Expression, ExpressionKind};
use crate::language::types::{Kind, Type};

/// What a value is tested for, without building a second one.
#[derive(Clone, Debug)]
pub(super) enum Test {
    /// `== none`
    None,
    /// `== chip`
    Tag(u8),
    /// `== failed(Timeout)`: the error's facts do not count.
    TagOfError(u8, ErrorRef),
    /// `== Timeout`
    Error(ErrorRef),
}

impl Body<'_> {
    /// The value that is tested and for what, if one side of `==` is such a test.
    pub(super) fn test_of<'e>(&self, left: &'e Expression, right: &'e Expression) -> Option<(&'e Expression, Test)> {
        self.test_by(left, right)
            .map(|test| (left, test))
            .or_else(|| self.test_by(right, left).map(|test| (right, test)))
    }

    fn test_by(&self, subject: &Expression, by: &Expression) -> Option<Test> {
        let has = self.type_of(subject);
        if matches!(by.kind, ExpressionKind::None) {
            return matches!(has, Type::Optional(_)).then_some(Test::None);
        }
        match (self.unit.meaning(by.id), has.kind()) {
            (Meaning::Variant { tag, .. }, Kind::Union) => Some(Test::Tag(*tag)),
            (Meaning::Error(error), Kind::Error) => Some(Test::Error(*error)),
            (Meaning::Call { target: Target::Variant { tag, .. }, .. }, Kind::Union) => {
                let ExpressionKind::Call { arguments, .. } = &by.kind else {
                    return None;
                };
                let payload = arguments.first()?;
                match self.unit.meaning(payload.value.id) {
                    Meaning::Error(error) => Some(Test::TagOfError(*tag, *error)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// Goes to the label if the test comes out as `when`.
    pub(super) fn branch_test(&mut self, subject: u8, test: &Test, when: bool, label: Label) -> Compiled<()> {
        let other = self.label();
        let (yes, no) = if when { (label, other) } else { (other, label) };
        match test {
            Test::None if when => {
                let (test, target) = (subject, label.number());
                self.emit(Instruction::JumpIfNone { test, target })?;
            }
            Test::None => {
                let (test, target) = (subject, other.number());
                self.emit(Instruction::JumpIfNone { test, target })?;
                self.jump(label)?;
            }
            Test::Tag(tag) => self.branch_tag(subject, *tag, yes, no)?,
            Test::TagOfError(tag, error) => {
                let tagged = self.label();
                self.branch_tag(subject, *tag, tagged, no)?;
                self.place(tagged);
                let value = self.registers.temporary(&Type::Error)?;
                self.emit(Instruction::GetPayload { to: value, from: subject, tag: *tag })?;
                self.branch_error(value, *error, when, label)?;
            }
            Test::Error(error) => self.branch_error(subject, *error, when, label)?,
        }
        self.place(other);
        Ok(())
    }

    fn branch_tag(&mut self, on: u8, tag: u8, yes: Label, no: Label) -> Compiled<()> {
        self.want(yes);
        self.want(no);
        let table =
            self.tables.switch(Switch { cases: vec![(u64::from(tag), yes.number())], otherwise: no.number() })?;
        self.emit(Instruction::SwitchTag { on, table })
    }

    fn branch_error(&mut self, value: u8, error: ErrorRef, when: bool, label: Label) -> Compiled<()> {
        let error = self.tables.error(error, self.checked)?;
        let to = self.registers.temporary(&Type::Bool)?;
        self.emit(Instruction::IsError { to, value, error })?;
        self.branch_register(to, when, label)
    }

    /// The truth of a comparison into a register.
    pub(super) fn compare_into(
        &mut self,
        expression: &Expression,
        operator: BinaryOperator,
        left: &Expression,
        right: &Expression,
        to: u8,
    ) -> Compiled<()> {
        let equality = matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual);
        if equality && self.test_of(left, right).is_some() {
            return self.truth_into(expression, to);
        }
        let registers = self.compared(left, right)?;
        self.compare_values(operator, (left, right), registers, to)
    }

    /// The truth of a comparison of two values that lie in registers.
    pub(super) fn compare_values(
        &mut self,
        operator: BinaryOperator,
        values: (&Expression, &Expression),
        (left, right): (u8, u8),
        to: u8,
    ) -> Compiled<()> {
        let equality = matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual);
        let unions = [left, right].into_iter().all(|at| self.registers.ty(at).kind() == Kind::Union);
        let variant = self.variant_of(values.1).map(|variant| (left, variant));
        let variant = variant.or_else(|| self.variant_of(values.0).map(|variant| (right, variant)));
        let Some((subject, (tag, payload))) = variant.filter(|_| equality && unions) else {
            return self.compare_registers(operator, left, right, to);
        };
        // Only what this variant carries is looked at: others may carry what may not be compared.
        let (same, end) = (self.label(), self.label());
        self.word_into(0, to)?;
        self.branch_tag(subject, tag, same, end)?;
        self.place(same);
        let mark = self.registers.mark();
        let (one, other) = (self.registers.temporary(&payload)?, self.registers.temporary(&payload)?);
        self.emit(Instruction::GetPayload { to: one, from: left, tag })?;
        self.emit(Instruction::GetPayload { to: other, from: right, tag })?;
        self.compare_registers(BinaryOperator::Equal, one, other, to)?;
        self.registers.release(mark);
        self.place(end);
        if operator == BinaryOperator::NotEqual { self.emit(Instruction::Not { to, from: to }) } else { Ok(()) }
    }

    /// The variant that an expression builds with a value, and that value's type.
    fn variant_of(&self, value: &Expression) -> Option<(u8, Type)> {
        let Meaning::Call { target: Target::Variant { union, tag }, .. } = self.unit.meaning(value.id) else {
            return None;
        };
        // A union inside `T?` is compared with its box.
        let Type::Union(_) = self.type_of(value) else { return None };
        let union = self.checked.types.unions.get(usize::from(*union))?;
        let (_, payload) = union.variants.get(usize::from(*tag))?;
        payload.as_ref().map(|payload| (*tag, plain(payload)))
    }

    /// Both sides of a comparison, in one type.
    pub(super) fn compared(&mut self, left: &Expression, right: &Expression) -> Compiled<(u8, u8)> {
        let (one, other) = (self.type_of(left), self.type_of(right));
        let wanted = match (&one, &other) {
            (Type::Optional(_), Type::Optional(of)) if **of == Type::Unknown => one.clone(),
            (Type::Optional(_), _) if !matches!(other, Type::Optional(_)) => one.clone(),
            (_, Type::Optional(_)) => other.clone(),
            _ => return self.operands(left, right),
        };
        let wanted = plain(&wanted);
        self.operands_as((left, &wanted), (right, &wanted))
    }

    /// The truth of a comparison of two registers.
    pub(super) fn compare_registers(&mut self, operator: BinaryOperator, left: u8, right: u8, to: u8) -> Compiled<()> {
        let kind = self.registers.ty(left).kind();
        // `a > b` is `b < a`.
        let (left, right) = match operator {
            BinaryOperator::Greater | BinaryOperator::GreaterOrEqual => (right, left),
            _ => (left, right),
        };
        match operator {
            BinaryOperator::Less | BinaryOperator::Greater => self.emit(match kind {
                Kind::Amount => Instruction::LessAmount { to, left, right },
                Kind::Text => Instruction::LessText { to, left, right },
                _ => Instruction::LessInt { to, left, right },
            }),
            BinaryOperator::LessOrEqual | BinaryOperator::GreaterOrEqual => match kind {
                Kind::Amount => self.emit(Instruction::LessOrEqualAmount { to, left, right }),
                Kind::Text => {
                    self.emit(Instruction::LessText { to, left: right, right: left })?;
                    self.emit(Instruction::Not { to, from: to })
                }
                _ => self.emit(Instruction::LessOrEqualInt { to, left, right }),
            },
            _ => {
                self.emit(match kind {
                    Kind::Word => Instruction::EqualWord { to, left, right },
                    Kind::Amount => Instruction::EqualAmount { to, left, right },
                    Kind::Text => Instruction::EqualText { to, left, right },
                    _ => Instruction::EqualDeep { to, left, right },
                })?;
                if operator == BinaryOperator::NotEqual {
                    self.emit(Instruction::Not { to, from: to })?;
                }
                Ok(())
            }
        }
    }
}
