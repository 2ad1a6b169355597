//! Expressions: each gives a register of the type that is wanted.

use super::body::{Body, Goal};
use super::call::{CallParts, object_of};
use super::fold::Known;
use super::too_large::{AMOUNT, Compiled};
use crate::language::builtin::shapes;
use crate::language::bytecode::instruction::Instruction;
use crate::language::check::checked::{ConstantId, ErrorRef, LocalId, Meaning};
use crate::language::syntax::tree::{BinaryOperator, Expression, ExpressionKind, ItemKind, UnaryOperator};
use crate::language::types::{Kind, Type};

impl Body<'_> {
    /// The value of an expression in a register of its own type. A local stays where it is.
    pub(super) fn value(&mut self, expression: &Expression) -> Compiled<u8> {
        let ty = self.type_of(expression);
        self.value_as(expression, &ty)
    }

    /// The value in a register of a type it fits.
    pub(super) fn value_as(&mut self, expression: &Expression, wanted: &Type) -> Compiled<u8> {
        if let Some(register) = self.settled(expression, wanted) {
            return Ok(register);
        }
        // The result is taken first, so that it outlives what is only needed to get it.
        let to = self.registers.temporary(wanted)?;
        self.value_into(expression, to)?;
        Ok(to)
    }

    /// A value that does not change when names are assigned later.
    pub(super) fn kept(&mut self, expression: &Expression) -> Compiled<u8> {
        let register = self.value(expression)?;
        let changes = match self.unit.meaning(expression.id) {
            Meaning::Local(local) => self.local(*local).is_some_and(|local| local.changeable),
            _ => false,
        };
        if !changes {
            return Ok(register);
        }
        let ty = self.registers.ty(register);
        let to = self.registers.temporary(&ty)?;
        self.emit(Instruction::Move { to, from: register })?;
        Ok(to)
    }

    /// Two operands. The left one is copied where the right one could change it.
    pub(super) fn operands(&mut self, left: &Expression, right: &Expression) -> Compiled<(u8, u8)> {
        let left = if may_assign(right) { self.kept(left)? } else { self.value(left)? };
        Ok((left, self.value(right)?))
    }

    /// Two operands in these types. The left one is copied where the right one could change it.
    pub(super) fn operands_as(
        &mut self,
        (left, as_left): (&Expression, &Type),
        (right, as_right): (&Expression, &Type),
    ) -> Compiled<(u8, u8)> {
        let left = match self.settled(left, as_left).filter(|_| may_assign(right)) {
            Some(from) => {
                let to = self.registers.temporary(as_left)?;
                self.emit(Instruction::Move { to, from })?;
                to
            }
            None => self.value_as(left, as_left)?,
        };
        Ok((left, self.value_as(right, as_right)?))
    }

    /// The value into a register whose type it fits, boxed if that is an optional. Written last, all at once.
    pub(super) fn value_into(&mut self, expression: &Expression, to: u8) -> Compiled<()> {
        self.down()?;
        let before = self.at(expression.span);
        let mark = self.registers.mark();
        let wanted = self.registers.ty(to);
        let has = self.type_of(expression);
        let done = if matches!(expression.kind, ExpressionKind::None) {
            self.emit(Instruction::LoadNone { to })
        } else if wanted.kind() == Kind::Optional && !matches!(has, Type::Optional(_) | Type::Never | Type::Unknown) {
            self.value(expression).and_then(|from| self.emit(Instruction::MakeSome { to, from }))
        } else {
            self.plain_into(expression, to)
        };
        self.give_back(mark);
        self.at(before);
        self.up();
        done
    }

    /// Compiles an expression for what it does; its value is dropped.
    pub(super) fn effect(&mut self, expression: &Expression) -> Compiled<()> {
        let before = self.at(expression.span);
        let done = match &expression.kind {
            ExpressionKind::If { .. } => self.choose(expression, Goal::Nowhere),
            ExpressionKind::Match { subject, arms } => self.match_arms(subject, arms, Goal::Nowhere),
            _ => {
                let mark = self.registers.mark();
                let done = self.value(expression).map(|_| ());
                self.give_back(mark);
                done
            }
        };
        self.at(before);
        done
    }

    /// The value goes where the goal says.
    pub(super) fn value_to(&mut self, expression: &Expression, goal: Goal) -> Compiled<()> {
        match goal {
            Goal::Nowhere => self.effect(expression),
            Goal::Register(to) => self.value_into(expression, to),
        }
    }

    /// The register a local already lies in, if its type needs no change.
    pub(super) fn settled(&self, expression: &Expression, wanted: &Type) -> Option<u8> {
        let Meaning::Local(local) = self.unit.meaning(expression.id) else {
            return None;
        };
        let register = self.register_of(*local)?;
        let has = self.registers.ty(register);
        let fits = has.kind() == wanted.kind() && has.fits(wanted);
        (fits && self.type_of(expression).kind() == has.kind()).then_some(register)
    }

    /// As `value_into`, where no box is needed.
    fn plain_into(&mut self, expression: &Expression, to: u8) -> Compiled<()> {
        let unit = self.unit;
        match unit.meaning(expression.id) {
            Meaning::Plain => self.structure(expression, to),
            Meaning::Local(local) => self.local_into(*local, to),
            Meaning::Constant(id) => self.constant_into(*id, to),
            Meaning::Function(function) => self.call_function(&CallParts::bare(expression.id), *function, to),
            Meaning::Variant { union, tag } => self.variant_into(*union, *tag, to),
            Meaning::Error(error) => self.bare_error_into(*error, to),
            Meaning::Code(code) => self.word_into(code.to_bits() as i64, to),
            Meaning::RecordField(index) => match &expression.kind {
                ExpressionKind::Member { object, .. } => {
                    let record = self.value(object)?;
                    self.emit(Instruction::GetField { to, record, index: *index })
                }
                _ => Ok(()),
            },
            Meaning::MessageField { number, optional } => match &expression.kind {
                ExpressionKind::Member { object, .. } => {
                    let message = self.value(object)?;
                    let field = *number;
                    self.emit(if *optional {
                        Instruction::FindMessageField { to, message, field }
                    } else {
                        Instruction::GetMessageField { to, message, field }
                    })
                }
                _ => Ok(()),
            },
            Meaning::Builtin(builtin) => {
                let parts = CallParts { object: object_of(expression), ..CallParts::bare(expression.id) };
                self.call_builtin(&parts, builtin.0, to)
            }
            Meaning::Call { target, arguments } => match &expression.kind {
                ExpressionKind::Call { callee, arguments: written } => {
                    let parts = CallParts {
                        id: expression.id,
                        object: object_of(callee),
                        written,
                        arguments,
                        fields: arguments.fields(),
                    };
                    self.call(*target, &parts, to)
                }
                _ => Ok(()),
            },
            // Only ever the object of a member that has a meaning of its own.
            Meaning::Place => Ok(()),
        }
    }

    /// An expression that means what its kind says.
    fn structure(&mut self, expression: &Expression, to: u8) -> Compiled<()> {
        if let Some(known) = self.constants.value(self.checked, self.unit, expression) {
            return self.known_into(&known, to);
        }
        match &expression.kind {
            ExpressionKind::Bool(_)
            | ExpressionKind::Int(_)
            | ExpressionKind::Percent(_)
            | ExpressionKind::Duration(_)
            | ExpressionKind::Mti(_)
            | ExpressionKind::Bytes(_)
            | ExpressionKind::Tag(_)
            | ExpressionKind::Amount { .. } => Err(AMOUNT),
            ExpressionKind::None => self.emit(Instruction::LoadNone { to }),
            ExpressionKind::Text(string) => self.string_into(string, to),
            ExpressionKind::Name(_) | ExpressionKind::Call { .. } | ExpressionKind::Member { .. } => Ok(()),
            ExpressionKind::List(members) => self.list_into(members, to),
            ExpressionKind::Message { mti, from, fields } => self.message_into(mti, from.as_deref(), fields, to),
            ExpressionKind::Index { object, index } => {
                let (list, index) = self.operands(object, index)?;
                self.emit(Instruction::GetItem { to, list, index })
            }
            ExpressionKind::Unary { operator, operand } => {
                let from = self.value(operand)?;
                let kind = self.registers.ty(from).kind();
                self.emit(match (operator, kind) {
                    (UnaryOperator::Not, _) => Instruction::Not { to, from },
                    (UnaryOperator::Negate, Kind::Amount) => Instruction::NegateAmount { to, from },
                    (UnaryOperator::Negate, _) => Instruction::NegateInt { to, from },
                })
            }
            ExpressionKind::Binary { operator, left, right, .. } => match operator {
                BinaryOperator::Or | BinaryOperator::And => self.truth_into(expression, to),
                BinaryOperator::In => {
                    let item_type = match self.type_of(right) {
                        Type::List(of) => of.as_ref().clone(),
                        _ => self.type_of(left),
                    };
                    let list_type = self.type_of(right);
                    let (item, list) = self.operands_as((left, &item_type), (right, &list_type))?;
                    self.emit(Instruction::Contains { to, item, list })
                }
                BinaryOperator::Add | BinaryOperator::Subtract | BinaryOperator::Multiply | BinaryOperator::Divide => {
                    self.calculate(*operator, left, right, to)
                }
                _ => self.compare_into(expression, *operator, left, right, to),
            },
            ExpressionKind::If { .. } => self.choose(expression, Goal::Register(to)),
            ExpressionKind::Match { subject, arms } => self.match_arms(subject, arms, Goal::Register(to)),
        }
    }

    fn local_into(&mut self, local: LocalId, to: u8) -> Compiled<()> {
        let Some(from) = self.register_of(local) else {
            return Ok(());
        };
        let narrowed =
            self.registers.ty(from).kind() == Kind::Optional && self.registers.ty(to).kind() != Kind::Optional;
        if narrowed {
            self.emit(Instruction::GetSome { to, from })
        } else if from == to {
            Ok(())
        } else {
            self.emit(Instruction::Move { to, from })
        }
    }

    /// A constant: its value if that is known, else its expression, compiled in its own file.
    pub(super) fn constant_into(&mut self, id: ConstantId, to: u8) -> Compiled<()> {
        if let Some(known) = self.constants.constant(self.checked, id) {
            return self.known_into(&known, to);
        }
        let checked = self.checked;
        let Some(constant) = checked.constants.get(usize::from(id.0)) else {
            return Ok(());
        };
        let Some(unit) = checked.units.get(usize::from(constant.file.0)) else {
            return Ok(());
        };
        let Some(ItemKind::Constant(item)) = unit.unit.tree.items.get(constant.item).map(|item| &item.kind) else {
            return Ok(());
        };
        // The line table of a function knows one file: these instructions stay at the place of use.
        let before = std::mem::replace(&mut self.unit, unit);
        self.elsewhere += 1;
        let done = self.value_into(&item.value, to);
        self.elsewhere -= 1;
        self.unit = before;
        done
    }

    /// A known value into a register.
    pub(super) fn known_into(&mut self, known: &Known, to: u8) -> Compiled<()> {
        match known {
            Known::Word(word) => self.word_into(*word, to),
            Known::Amount(amount) => {
                let bits = amount.to_bits().ok_or(AMOUNT)?;
                let word = self.tables.word(bits);
                self.emit(Instruction::LoadWord { to, word })
            }
            Known::Text(text) => self.text_into(text, to),
        }
    }

    /// A word into a register.
    pub(super) fn word_into(&mut self, value: i64, to: u8) -> Compiled<()> {
        match i32::try_from(value) {
            Ok(value) => self.emit(Instruction::LoadInt { to, value }),
            Err(_) => {
                let word = self.tables.word(value as u64);
                self.emit(Instruction::LoadWord { to, word })
            }
        }
    }

    /// A text into a register.
    pub(super) fn text_into(&mut self, text: &[u8], to: u8) -> Compiled<()> {
        let text = self.tables.text(text);
        self.emit(Instruction::LoadText { to, text })
    }

    /// A variant without a value.
    fn variant_into(&mut self, union: u16, tag: u8, to: u8) -> Compiled<()> {
        if union == shapes::OUTCOME {
            // No value is read where the variant has none.
            return self.emit(Instruction::MakeOutcome { to, tag, value: to });
        }
        let word = self.tables.word(u64::from(tag));
        self.emit(Instruction::LoadWord { to, word })
    }

    /// An error named without facts: those it has are empty.
    fn bare_error_into(&mut self, error: ErrorRef, to: u8) -> Compiled<()> {
        let error = self.tables.error(error, self.checked)?;
        let facts = vec![Type::Text; self.tables.facts(error)];
        let base = self.registers.row(&facts)?;
        for at in 0..facts.len() {
            self.text_into(b"", base + at as u8)?;
        }
        self.emit(Instruction::MakeError { to, base, error })
    }

    fn calculate(&mut self, operator: BinaryOperator, left: &Expression, right: &Expression, to: u8) -> Compiled<()> {
        let word = |body: &Self, expression: &Expression| body.type_of(expression).kind() == Kind::Word;
        if word(self, left) && word(self, right) {
            let small =
                self.constants.value(self.checked, self.unit, right).and_then(|known| match (known, operator) {
                    // The sign of the constant tells an overflow which operator was written.
                    (Known::Word(word @ 0..), BinaryOperator::Add) => i32::try_from(word).ok(),
                    (Known::Word(word @ 0..), BinaryOperator::Subtract) => i32::try_from(-word).ok(),
                    _ => None,
                });
            if let Some(value) = small {
                let left = self.value(left)?;
                return self.emit(Instruction::AddIntConstant { to, left, value });
            }
        }
        // `20% * amount` and `2 * amount` read either way round.
        let turned = word(self, left) && !word(self, right);
        let (mut first, mut second) = self.operands(left, right)?;
        let mut percent = self.type_of(right) == Type::Percent;
        if turned {
            std::mem::swap(&mut first, &mut second);
            percent = self.type_of(left) == Type::Percent;
        }
        let amount = self.registers.ty(first).kind() == Kind::Amount;
        let (left, right) = (first, second);
        self.emit(match (operator, amount) {
            (BinaryOperator::Add, true) => Instruction::AddAmount { to, left, right },
            (BinaryOperator::Add, false) => Instruction::AddInt { to, left, right },
            (BinaryOperator::Subtract, true) => Instruction::SubtractAmount { to, left, right },
            (BinaryOperator::Subtract, false) => Instruction::SubtractInt { to, left, right },
            (BinaryOperator::Multiply, true) if percent => Instruction::PercentOfAmount { to, left, right },
            (BinaryOperator::Multiply, true) => Instruction::MultiplyAmount { to, left, right },
            (BinaryOperator::Multiply, false) => Instruction::MultiplyInt { to, left, right },
            (_, true) => Instruction::DivideAmount { to, left, right },
            (_, false) => Instruction::DivideInt { to, left, right },
        })
    }
}

/// True if an expression holds blocks, in which names can be assigned.
pub(super) fn may_assign(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::If { .. } | ExpressionKind::Match { .. } => true,
        ExpressionKind::List(members) => members.iter().any(may_assign),
        ExpressionKind::Message { from, fields, .. } => {
            from.as_deref().is_some_and(may_assign) || fields.iter().any(|(_, value)| may_assign(value))
        }
        ExpressionKind::Call { callee, arguments } => {
            may_assign(callee) || arguments.iter().any(|argument| may_assign(&argument.value))
        }
        ExpressionKind::Member { object, .. } => may_assign(object),
        ExpressionKind::Index { object, index } => may_assign(object) || may_assign(index),
        ExpressionKind::Unary { operand, .. } => may_assign(operand),
        ExpressionKind::Binary { left, right, .. } => may_assign(left) || may_assign(right),
        _ => false,
    }
}
