//! Statements and blocks.

use super::body::{Around, Body, Goal};
use super::too_large::Compiled;
use crate::language::bytecode::instruction::Instruction;
use crate::language::syntax::tree::{Arm, Block, Expression, Name, Statement, StatementKind};
use crate::language::types::Type;

impl Body<'_> {
    /// A block; its value, if it has one, goes where the goal says.
    pub(super) fn block_to(&mut self, block: &Block, goal: Goal) -> Compiled<()> {
        self.open_scope();
        let last = block.statements.len().saturating_sub(1);
        for (at, statement) in block.statements.iter().enumerate() {
            let goal = if at == last { goal } else { Goal::Nowhere };
            self.statement(statement, goal)?;
        }
        self.close_scope();
        Ok(())
    }

    /// What stands behind `=>`.
    pub(super) fn arm_to(&mut self, arm: &Arm, goal: Goal) -> Compiled<()> {
        match arm {
            Arm::Block(block) => self.block_to(block, goal),
            Arm::Statement(statement) => self.statement(statement, goal),
        }
    }

    /// A statement; only an expression has a value.
    pub(super) fn statement(&mut self, statement: &Statement, goal: Goal) -> Compiled<()> {
        self.down()?;
        let before = self.at(statement.span);
        let mark = self.registers.mark();
        let done = self.statement_kind(&statement.kind, goal);
        self.registers.release(mark);
        self.at(before);
        self.up();
        done
    }

    fn statement_kind(&mut self, kind: &StatementKind, goal: Goal) -> Compiled<()> {
        match kind {
            StatementKind::Let { name, value, handlers, .. } => match self.declared(name) {
                Some(local) => {
                    let to = self.declare(local)?;
                    self.guarded(value, handlers, Goal::Register(to))?;
                    self.holds_from_here(to);
                    Ok(())
                }
                None => self.guarded(value, handlers, Goal::Nowhere),
            },
            StatementKind::Assign { name, value, handlers } => {
                let goal = match self.declared(name).and_then(|local| self.register_of(local)) {
                    Some(to) => Goal::Register(to),
                    None => Goal::Nowhere,
                };
                self.guarded(value, handlers, goal)
            }
            StatementKind::Repeat { times, body } => {
                let times = self.kept(times)?;
                self.turns(times, None, body)
            }
            StatementKind::For { name, list, body } => {
                let list = self.kept(list)?;
                let length = self.registers.temporary(&Type::Int)?;
                self.emit(Instruction::ListLength { to: length, list })?;
                self.turns(length, Some((name, list)), body)
            }
            StatementKind::Reversible { request, by, body } => self.reversible(request, by.as_ref(), body),
            StatementKind::Return(value) => self.give(value.as_ref()),
            StatementKind::Fail(error) => {
                let error = self.value(error)?;
                self.emit(Instruction::Fail { error })
            }
            StatementKind::Step(title) => {
                let text = self.constants.string(self.checked, self.unit, title).unwrap_or_default();
                let text = self.tables.text(&text);
                self.emit(Instruction::Step { text })
            }
            StatementKind::Commit(transaction) => {
                let txn = self.value(transaction)?;
                self.emit(Instruction::Commit { txn })
            }
            StatementKind::Discard => self.emit(Instruction::Discard {}),
            StatementKind::Reverse => self.emit(Instruction::Reverse {}),
            StatementKind::Given(fixture) => self.effect(fixture),
            StatementKind::Expect(claim) => self.expect(claim),
            StatementKind::Break => {
                let Some(around) = self.loops.last().copied() else {
                    return Ok(());
                };
                self.leave_regions(around.regions)?;
                self.jump(around.end)
            }
            StatementKind::Expression { value, handlers } => self.guarded(value, handlers, goal),
        }
    }

    /// So many turns; of a list, each with a name for its member.
    fn turns(&mut self, times: u8, member: Option<(&Name, u8)>, block: &Block) -> Compiled<()> {
        let turn = self.registers.temporary(&Type::Int)?;
        self.word_into(0, turn)?;
        let (top, end) = (self.label(), self.label());
        self.place(top);
        self.emit(Instruction::JumpUnlessLess { left: turn, right: times, target: end.number() })?;
        self.open_scope();
        if let Some((name, list)) = member {
            let local = self.declared(name);
            let to = match local {
                Some(local) => self.declare(local)?,
                None => self.registers.temporary(&Type::Unknown)?,
            };
            self.emit(Instruction::GetItem { to, list, index: turn })?;
        }
        self.loops.push(Around { end, regions: self.open_regions });
        self.block_to(block, Goal::Nowhere)?;
        self.loops.pop();
        self.close_scope();
        self.emit(Instruction::AddIntConstant { to: turn, left: turn, value: 1 })?;
        self.emit(Instruction::Loop { cost: 0, target: top.number() })?;
        self.place(end);
        Ok(())
    }

    fn reversible(&mut self, request: &Expression, by: Option<&Expression>, block: &Block) -> Compiled<()> {
        let request = self.value(request)?;
        let by = match by {
            Some(message) => self.value_as(message, &Type::optional(Type::Message(None)))?,
            None => {
                let none = self.registers.temporary(&Type::optional(Type::Message(None)))?;
                self.emit(Instruction::LoadNone { to: none })?;
                none
            }
        };
        self.emit(Instruction::OpenReversal { request, by })?;
        let from = self.here();
        self.open_regions += 1;
        self.block_to(block, Goal::Nowhere)?;
        self.open_regions -= 1;
        self.emit(Instruction::LeaveReversal {})?;
        let to = self.here();
        if from < to {
            self.regions.push((from, to));
        }
        Ok(())
    }

    /// `return`: the value first, then out of every region.
    fn give(&mut self, value: Option<&Expression>) -> Compiled<()> {
        let gives = super::body::plain(&self.signature.gives);
        match value {
            Some(value) if gives != Type::Nothing => {
                let from = self.value_as(value, &gives)?;
                self.leave_regions(0)?;
                self.emit(Instruction::Return { from })
            }
            value => {
                if let Some(value) = value {
                    self.effect(value)?;
                }
                self.leave_regions(0)?;
                self.emit(Instruction::ReturnNothing {})
            }
        }
    }

    fn leave_regions(&mut self, down_to: usize) -> Compiled<()> {
        for _ in down_to..self.open_regions {
            self.emit(Instruction::LeaveReversal {})?;
        }
        Ok(())
    }
}
