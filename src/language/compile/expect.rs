//! `expect`: if the claim is false, an error that shows what was expected and what was found.

use super::body::Body;
use super::compare::Test;
use super::too_large::Compiled;
use crate::language::bytecode::instruction::Instruction;
use crate::language::check::checked::ErrorRef;
use crate::language::syntax::tree::{BinaryOperator, Expression, ExpressionKind};
use crate::language::types::Type;
use crate::script_error::catalogue::flow;

/// Characters of the source a report repeats at most.
const SOURCE_MOST: usize = 120;

impl Body<'_> {
    /// A claim of a test.
    pub(super) fn expect(&mut self, claim: &Expression) -> Compiled<()> {
        let before = self.at(claim.span);
        let held = self.label();
        // Expected first, then found: the facts of the error.
        let facts = self.registers.row(&[Type::Text, Type::Text])?;
        let (expected, found) = (facts, facts + 1);
        match &claim.kind {
            ExpressionKind::Binary {
                operator:
                    operator @ (BinaryOperator::Equal
                    | BinaryOperator::NotEqual
                    | BinaryOperator::Less
                    | BinaryOperator::LessOrEqual
                    | BinaryOperator::Greater
                    | BinaryOperator::GreaterOrEqual),
                left,
                right,
                ..
            } => {
                let equality = matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual);
                let test = if equality { self.test_of(left, right) } else { None };
                match test {
                    Some((subject, test)) => {
                        let by = if std::ptr::eq(subject, &**left) { right } else { left };
                        self.expect_test(*operator, subject, &test, by, facts, held)?;
                    }
                    None => {
                        let (one, other) = self.compared(left, right)?;
                        let ty = self.registers.ty(one);
                        let truth = self.registers.temporary(&Type::Bool)?;
                        self.compare_values(*operator, (left, right), (one, other), truth)?;
                        self.branch_register(truth, true, held)?;
                        self.found_into(one, &ty, found)?;
                        let ty = self.registers.ty(other);
                        self.found_into(other, &ty, expected)?;
                        self.with_sign(*operator, expected)?;
                    }
                }
            }
            _ => {
                let text = self.source(claim);
                if let ty @ Type::Optional(_) = self.type_of(claim) {
                    let value = self.value(claim)?;
                    self.branch_test(value, &Test::None, false, held)?;
                    self.found_into(value, &ty, found)?;
                } else {
                    self.branch(claim, true, held)?;
                    self.text_into(b"false", found)?;
                }
                self.text_into(text.as_bytes(), expected)?;
            }
        }
        let error = self.tables.error(ErrorRef::Catalogue(flow::EXPECT_FAILED), self.checked)?;
        let value = self.registers.temporary(&Type::Error)?;
        self.emit(Instruction::MakeError { to: value, base: facts, error })?;
        self.emit(Instruction::Fail { error: value })?;
        self.place(held);
        self.at(before);
        Ok(())
    }

    /// `expect sale(a) == approved`
    fn expect_test(
        &mut self,
        operator: BinaryOperator,
        subject: &Expression,
        test: &Test,
        by: &Expression,
        facts: u8,
        held: super::body::Label,
    ) -> Compiled<()> {
        let ty = self.type_of(subject);
        let value = self.value(subject)?;
        self.branch_test(value, test, operator == BinaryOperator::Equal, held)?;
        self.found_into(value, &ty, facts + 1)?;
        let text = self.source(by);
        self.text_into(text.as_bytes(), facts)?;
        self.with_sign(operator, facts)
    }

    /// Puts the sign in front of what was expected, but for `==`.
    fn with_sign(&mut self, operator: BinaryOperator, text: u8) -> Compiled<()> {
        if operator == BinaryOperator::Equal {
            return Ok(());
        }
        let row = self.registers.row(&[Type::Text, Type::Text])?;
        self.text_into(format!("{} ", operator.sign()).as_bytes(), row)?;
        self.emit(Instruction::Move { to: row + 1, from: text })?;
        self.emit(Instruction::JoinTexts { to: text, base: row, count: 2 })
    }

    /// The source of an expression on one line.
    fn source(&self, expression: &Expression) -> String {
        let text = self
            .sources
            .file(self.unit.unit.tree.file)
            .and_then(|file| file.text.as_deref())
            .and_then(|text| text.get(expression.span.range()))
            .unwrap_or("true");
        let mut line = String::new();
        for (at, word) in text.split_whitespace().enumerate() {
            if at > 0 {
                line.push(' ');
            }
            line.push_str(word);
        }
        line.chars().take(SOURCE_MOST).collect()
    }
}
