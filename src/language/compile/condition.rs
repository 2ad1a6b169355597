//! Conditions: code that goes one way or the other, without making a truth where none is wanted; `if` stands on it.

use super::body::{Body, Goal, Label};
use super::fold::Known;
use super::too_large::Compiled;
use crate::language::bytecode::instruction::Instruction;
use crate::language::check::checked::Meaning;
use crate::language::syntax::tree::{BinaryOperator, Block, Expression, ExpressionKind, StatementKind, UnaryOperator};
use crate::language::types::{Kind, Type};

impl Body<'_> {
    /// Goes to the label if the condition comes out as `when`, else on.
    pub(super) fn branch(&mut self, condition: &Expression, when: bool, label: Label) -> Compiled<()> {
        self.down()?;
        let before = self.at(condition.span);
        let mark = self.registers.mark();
        let done = self.branch_on(condition, when, label);
        self.give_back(mark);
        self.at(before);
        self.up();
        done
    }

    fn branch_on(&mut self, condition: &Expression, when: bool, label: Label) -> Compiled<()> {
        if let Some(Known::Word(known)) = self.constants.value(self.checked, self.unit, condition) {
            return if (known != 0) == when { self.jump(label) } else { Ok(()) };
        }
        let plain = *self.unit.meaning(condition.id) == Meaning::Plain;
        match &condition.kind {
            ExpressionKind::Unary { operator: UnaryOperator::Not, operand } if plain => {
                self.branch(operand, !when, label)
            }
            ExpressionKind::Binary { operator, left, right, .. } if plain => {
                self.branch_binary(condition, *operator, left, right, when, label)
            }
            // A test's `expect` takes an optional: it must be something.
            _ if matches!(self.type_of(condition), Type::Optional(_)) => {
                let subject = self.value(condition)?;
                self.branch_test(subject, &super::compare::Test::None, !when, label)
            }
            _ => {
                let test = self.value(condition)?;
                self.branch_register(test, when, label)
            }
        }
    }

    fn branch_binary(
        &mut self,
        condition: &Expression,
        operator: BinaryOperator,
        left: &Expression,
        right: &Expression,
        when: bool,
        label: Label,
    ) -> Compiled<()> {
        match operator {
            // One side alone decides: `false and …`, `true or …`.
            BinaryOperator::And | BinaryOperator::Or => {
                let decides = operator == BinaryOperator::Or;
                if when == decides {
                    self.branch(left, when, label)?;
                    self.branch(right, when, label)
                } else {
                    let past = self.label();
                    self.branch(left, decides, past)?;
                    self.branch(right, when, label)?;
                    self.place(past);
                    Ok(())
                }
            }
            BinaryOperator::Equal | BinaryOperator::NotEqual => {
                let Some((subject, test)) = self.test_of(left, right) else {
                    return self.branch_value(condition, when, label);
                };
                let subject = self.value(subject)?;
                let when = when == (operator == BinaryOperator::Equal);
                self.branch_test(subject, &test, when, label)
            }
            BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual => {
                // The machine has one jump: unless one number is less than the other.
                let strict = matches!(operator, BinaryOperator::Less | BinaryOperator::Greater);
                if strict == when || self.type_of(left).kind() != Kind::Word {
                    return self.branch_value(condition, when, label);
                }
                let (first, second) = self.operands(left, right)?;
                let turned = matches!(operator, BinaryOperator::Greater | BinaryOperator::LessOrEqual);
                let (left, right) = if turned { (second, first) } else { (first, second) };
                self.emit(Instruction::JumpUnlessLess { left, right, target: label.number() })
            }
            _ => self.branch_value(condition, when, label),
        }
    }

    fn branch_value(&mut self, condition: &Expression, when: bool, label: Label) -> Compiled<()> {
        let test = self.value(condition)?;
        self.branch_register(test, when, label)
    }

    /// Goes to the label if the truth in a register is `when`.
    pub(super) fn branch_register(&mut self, test: u8, when: bool, label: Label) -> Compiled<()> {
        let target = label.number();
        self.emit(if when { Instruction::JumpIf { test, target } } else { Instruction::JumpUnless { test, target } })
    }

    /// A condition's truth into a register.
    pub(super) fn truth_into(&mut self, condition: &Expression, to: u8) -> Compiled<()> {
        let (no, end) = (self.label(), self.label());
        self.branch_on(condition, false, no)?;
        self.word_into(1, to)?;
        self.jump(end)?;
        self.place(no);
        self.word_into(0, to)?;
        self.place(end);
        Ok(())
    }

    /// An `if`. A chain of `else if` is one loop here, however long it is.
    pub(super) fn choose(&mut self, expression: &Expression, goal: Goal) -> Compiled<()> {
        let end = self.label();
        let mut current = expression;
        while let ExpressionKind::If { condition, then, otherwise } = &current.kind {
            let next = self.label();
            self.branch(condition, false, next)?;
            self.block_to(then, goal)?;
            let Some(otherwise) = otherwise else {
                self.place(next);
                break;
            };
            self.jump(end)?;
            self.place(next);
            match lone_if(otherwise) {
                Some(chained) => current = chained,
                None => {
                    self.block_to(otherwise, goal)?;
                    break;
                }
            }
        }
        self.place(end);
        Ok(())
    }
}

/// The `if` of an `else if`.
fn lone_if(block: &Block) -> Option<&Expression> {
    let [statement] = block.statements.as_slice() else {
        return None;
    };
    match &statement.kind {
        StatementKind::Expression { value, handlers }
            if handlers.is_empty() && matches!(value.kind, ExpressionKind::If { .. }) =>
        {
            Some(value)
        }
        _ => None,
    }
}
