//! Statements, one after another.

use super::super::planted::Planted;
use super::evaluator::{Done, Evaluator, Stop};
use super::value::Value;
use tillscript::language::syntax::tree::{Arm, Block, Statement, StatementKind};

impl<'c> Evaluator<'c, '_> {
    /// A block; its value is that of the last statement, if that is an expression.
    pub(super) fn block(&mut self, block: &'c Block) -> Done {
        self.scoped(|this| {
            let mut value = Value::Nothing;
            for statement in &block.statements {
                value = this.statement(statement)?;
            }
            Ok(value)
        })
    }

    /// What stands behind `=>`.
    pub(super) fn arm(&mut self, arm: &'c Arm) -> Done {
        match arm {
            Arm::Block(block) => self.block(block),
            Arm::Statement(statement) => self.scoped(|this| this.statement(statement)),
        }
    }

    fn statement(&mut self, statement: &'c Statement) -> Done {
        let before = self.at(statement.span);
        let done = self.statement_kind(&statement.kind);
        self.at(before);
        done
    }

    fn statement_kind(&mut self, kind: &'c StatementKind) -> Done {
        match kind {
            StatementKind::Let { name, value, handlers, changeable, .. } => {
                self.seen.insert(if *changeable { "statement var" } else { "statement let" });
                let value = self.guarded(value, handlers)?;
                self.declare(self.declared(name), value);
            }
            StatementKind::Assign { name, value, handlers } => {
                self.seen.insert("statement assignment");
                let value = self.guarded(value, handlers)?;
                self.assign(self.declared(name), value);
            }
            StatementKind::Repeat { times, body } => {
                self.seen.insert("statement repeat");
                let mut times = self.value(times)?.number();
                if self.planted == Some(Planted::OneTurnMore) {
                    times += 1;
                }
                for _ in 0..times {
                    if self.turn(|this| this.block(body))? {
                        break;
                    }
                }
            }
            StatementKind::For { name, list, body } => {
                self.seen.insert("statement for");
                let Value::List(members) = self.value(list)? else { unreachable!("a list was checked") };
                for member in members {
                    let name = self.declared(name);
                    let left = self.turn(|this| {
                        this.scoped(|this| {
                            this.declare(name, member);
                            this.block(body)
                        })
                    })?;
                    if left {
                        break;
                    }
                }
            }
            StatementKind::Reversible { request, by, body } => {
                self.seen.insert("statement reversible");
                self.reversible(request, by.as_ref(), body)?;
            }
            StatementKind::Return(value) => {
                self.seen.insert("statement return");
                let value = match value {
                    Some(value) => self.value(value)?,
                    None => Value::Nothing,
                };
                self.leave_by_return()?;
                return Err(Stop::Return(value));
            }
            StatementKind::Fail(error) => {
                self.seen.insert("statement fail");
                let Value::Error(fault) = self.value(error)? else { unreachable!("an error was checked") };
                return Err(self.fail(fault));
            }
            StatementKind::Step(title) => {
                self.seen.insert("statement step");
                let text = self.string(title)?;
                self.frame_mut().step = Some(text);
            }
            StatementKind::Commit(txn) => {
                self.seen.insert("statement commit");
                let txn = self.value(txn)?;
                self.commit(&txn)?;
            }
            StatementKind::Discard => {
                self.seen.insert("statement discard");
                self.discard()?;
            }
            StatementKind::Reverse => {
                self.seen.insert("statement reverse");
                self.reverse()?;
            }
            StatementKind::Given(fixture) => {
                self.seen.insert("statement given");
                self.value(fixture)?;
            }
            StatementKind::Expect(claim) => {
                self.seen.insert("statement expect");
                self.expect(claim)?;
            }
            StatementKind::Break => {
                self.seen.insert("statement break");
                self.leave_by_break()?;
                return Err(Stop::Break);
            }
            StatementKind::Expression { value, handlers } => {
                self.seen.insert("statement expression");
                return self.guarded(value, handlers);
            }
        }
        Ok(Value::Nothing)
    }

    /// One turn of a loop. True: the loop was left.
    fn turn(&mut self, inside: impl FnOnce(&mut Self) -> Done) -> Result<bool, Stop> {
        self.frame_mut().loops += 1;
        let done = inside(self);
        self.frame_mut().loops -= 1;
        match done {
            Ok(_) => Ok(false),
            Err(Stop::Break) => Ok(true),
            Err(other) => Err(other),
        }
    }
}
