//! Statements: where ways go on, part, meet and leave.

use super::known::{self, Value};
use super::path::{Path, longer};
use super::wait::{Cause, Share, Unknown};
use super::walk::{DEPTH_MAX, Walk};
use super::written;
use crate::language::check::constant;
use crate::language::check::expression::lone_if;
use crate::language::check::handler::guards_the_call_alone;
use crate::language::check::statement::written_message;
use crate::language::syntax::tree::{
    Arm, Block, Expression, ExpressionKind, Handler, Name, Retry, Statement, StatementKind, StringLiteral, StringPart,
};
use crate::script_error::source::Span;
use smol_str::SmolStr;
use std::rc::Rc;

impl Walk<'_> {
    /// The longest way to the end of a block; `None` if none leads there.
    pub(super) fn block(&mut self, block: &Block, path: Path) -> Option<Path> {
        block.statements.iter().try_fold(path, |path, statement| self.statement(statement, path))
    }

    fn arm(&mut self, arm: &Arm, path: Path) -> Option<Path> {
        match arm {
            Arm::Block(block) => self.block(block, path),
            Arm::Statement(statement) => self.statement(statement, path),
        }
    }

    fn statement(&mut self, statement: &Statement, path: Path) -> Option<Path> {
        match &statement.kind {
            StatementKind::Let { name, value, handlers, changeable, .. } => {
                let path = self.handled(value, handlers, path)?;
                if !changeable {
                    self.name(name, value, handlers);
                }
                Some(path)
            }
            StatementKind::Assign { value, handlers, .. } | StatementKind::Expression { value, handlers } => {
                self.handled(value, handlers, path)
            }
            StatementKind::Repeat { times, body } => {
                let path = self.expression(times, path)?;
                // How often is known, or it was reported.
                let count = constant::int(self.all, self.file, times).unwrap_or(0);
                self.turns(body, path, u64::try_from(count).unwrap_or(0), None)
            }
            StatementKind::For { list, body, .. } => {
                let path = self.expression(list, path)?;
                match known::length(self.all, self.facts, self.file, &self.names, list) {
                    Some(count) => self.turns(body, path, count, None),
                    None => self.turns(body, path, 1, Some(list.span)),
                }
            }
            StatementKind::Reversible { request, by, body } => {
                let path = self.expression(request, path)?;
                let path = by.iter().try_fold(path, |path, by| self.expression(by, path))?;
                self.block(body, path)
            }
            StatementKind::Return(value) => {
                let path = value.iter().try_fold(path, |path, value| self.expression(value, path))?;
                self.leaves(path);
                None
            }
            StatementKind::Fail(error) => {
                let path = self.expression(error, path)?;
                self.leaves(path);
                None
            }
            StatementKind::Break => {
                if let Some(broken) = self.loops.last_mut() {
                    *broken = longer(*broken, Some(path));
                }
                None
            }
            StatementKind::Step(title) => self.string(title, path),
            StatementKind::Commit(value) | StatementKind::Given(value) | StatementKind::Expect(value) => {
                self.expression(value, path)
            }
            StatementKind::Discard | StatementKind::Reverse => Some(path),
        }
    }

    /// What a name stands for from here on.
    fn name(&mut self, name: &Name, value: &Expression, handlers: &[Handler]) {
        let Some(id) = self.declared(name.span.start) else { return };
        if let Some(message) = written_message(self.all, self.file, value) {
            self.messages.insert(id, message);
        }
        if handlers.is_empty() {
            self.names.durations.insert(id, self.duration(value));
            if let Some(length) = known::length(self.all, self.facts, self.file, &self.names, value) {
                self.names.lengths.insert(id, length);
            }
        }
    }

    /// A loop of at most so many turns. `of`: a list whose length is not known.
    fn turns(&mut self, body: &Block, path: Path, times: u64, of: Option<Span>) -> Option<Path> {
        let met = self.by_parameter.len();
        let out = self.out.take();
        self.loops.push(None);
        let end = self.block(body, Path::default());
        let broken = self.loops.pop().flatten();
        self.times_since(met, times);
        let left = std::mem::replace(&mut self.out, out);
        let each = longer(end, broken);
        if let Some(list) = of {
            let longest = longer(each, left).unwrap_or_default();
            if longest.own.total_ms > 0 {
                let unknown = Unknown {
                    place: self.place(list),
                    name: SmolStr::new_static("for"),
                    each_ms: Some(longest.own.total_ms),
                };
                self.not_known(unknown);
            }
        }
        // Whole turns come first, then perhaps one that leaves in the middle.
        let more = if end.is_some() { times.saturating_sub(1) } else { 0 };
        let before = self.steps.turns(path, end.unwrap_or_default(), more);
        if let Some(left) = left.filter(|_| times > 0) {
            let path = self.steps.turns(before, left, 1);
            self.leaves(path);
        }
        match each.filter(|_| times > 0) {
            Some(last) => Some(self.steps.turns(before, last, 1)),
            // A list may be empty; a body that always leaves lets nobody past if it is entered at all.
            None if times == 0 || of.is_some() => Some(path),
            None => None,
        }
    }

    /// A value whose call may be repeated, or taken over by a handler.
    fn handled(&mut self, value: &Expression, handlers: &[Handler], path: Path) -> Option<Path> {
        if handlers.is_empty() {
            return self.expression(value, path);
        }
        // Retries repeat the call with the values it had. What is no call is repeated as a whole.
        let (path, met, once) = if guards_the_call_alone(value) {
            let path = self.operands(value, path)?;
            let met = self.by_parameter.len();
            (path, met, Some(self.effect(value, Path::default())))
        } else {
            let met = self.by_parameter.len();
            let out = self.out.take();
            let once = self.expression(value, Path::default());
            if let Some(left) = std::mem::replace(&mut self.out, out) {
                let path = self.steps.turns(path, left, 1);
                self.leaves(path);
            }
            (path, met, once)
        };
        let mut tries: u64 = 1;
        for retry in handlers.iter().filter_map(|handler| handler.retry.as_ref()) {
            let count = constant::int(self.all, self.file, &retry.times).unwrap_or(0);
            tries = tries.saturating_add(u64::try_from(count).unwrap_or(0));
        }
        self.times_since(met, tries);
        let each = once.unwrap_or_default();
        let mut tried = self.steps.turns(path, each, tries);
        for handler in handlers {
            if let Some(retry) = &handler.retry {
                tried = self.pauses(retry, tried);
                written::retry(self, retry, each.own.total_ms);
            }
        }
        let mut end = once.map(|_| tried);
        for handler in handlers {
            match &handler.body {
                Some(arm) => {
                    let behind = self.arm(arm, tried);
                    end = longer(end, behind);
                }
                None => self.leaves(tried),
            }
        }
        end
    }

    fn pauses(&mut self, retry: &Retry, path: Path) -> Path {
        let Some(every) = &retry.every else { return path };
        let times = constant::int(self.all, self.file, &retry.times).and_then(|times| u64::try_from(times).ok());
        let mut share = Share {
            place: self.place(every.span),
            cause: Cause::Pause,
            name: SmolStr::new_static("every"),
            each_ms: 0,
            times: times.unwrap_or(0),
        };
        written::pause(self, every);
        match self.duration(every) {
            Value::Known(ms) => {
                share.each_ms = ms.max(0);
                let shares: Rc<[Share]> = Rc::new([share]);
                self.steps.wait(path, &shares, &shares, 0)
            }
            Value::Parameter(parameter) => {
                self.by_parameter(parameter, share);
                path
            }
            Value::Unknown => {
                self.not_known(Unknown { place: share.place, name: share.name, each_ms: None });
                path
            }
        }
    }

    /// The longest way behind an expression; `None` if it never has a value.
    pub(super) fn expression(&mut self, expression: &Expression, path: Path) -> Option<Path> {
        if self.depth > DEPTH_MAX {
            return Some(path);
        }
        self.depth += 1;
        let path = match &expression.kind {
            ExpressionKind::If { .. } => self.if_chain(expression, path),
            ExpressionKind::Match { subject, arms } => {
                let path = self.expression(subject, path);
                path.and_then(|path| {
                    let ends: Vec<_> = arms.iter().map(|arm| self.arm(&arm.body, path)).collect();
                    ends.into_iter().fold(None, longer)
                })
            }
            _ => self.operands(expression, path).map(|path| self.effect(expression, path)),
        };
        self.depth -= 1;
        path
    }

    /// An `if` with all its `else if`, which can be many.
    fn if_chain(&mut self, expression: &Expression, path: Path) -> Option<Path> {
        let mut behind = None;
        let mut path = path;
        let mut at = expression;
        while let ExpressionKind::If { condition, then, otherwise } = &at.kind {
            let Some(decided) = self.expression(condition, path) else { break };
            path = decided;
            behind = longer(behind, self.block(then, path));
            match otherwise {
                None => {
                    behind = longer(behind, Some(path));
                    break;
                }
                Some(block) => match lone_if(block) {
                    Some(next) => at = next,
                    None => {
                        behind = longer(behind, self.block(block, path));
                        break;
                    }
                },
            }
        }
        behind
    }

    /// What stands in an expression, before what it does itself.
    fn operands(&mut self, expression: &Expression, path: Path) -> Option<Path> {
        match &expression.kind {
            ExpressionKind::Text(text) => self.string(text, path),
            ExpressionKind::List(members) => {
                members.iter().try_fold(path, |path, member| self.expression(member, path))
            }
            ExpressionKind::Message { from, fields, .. } => {
                let path = from.iter().try_fold(path, |path, from| self.expression(from, path))?;
                fields.iter().try_fold(path, |path, (_, value)| self.expression(value, path))
            }
            ExpressionKind::Call { arguments, .. } => {
                arguments.iter().try_fold(path, |path, argument| self.expression(&argument.value, path))
            }
            ExpressionKind::Member { object, .. } => self.expression(object, path),
            ExpressionKind::Index { object, index } => {
                let path = self.expression(object, path)?;
                self.expression(index, path)
            }
            ExpressionKind::Unary { operand, .. } => self.expression(operand, path),
            ExpressionKind::Binary { .. } => {
                // A chain of operators leans to the left and can be long.
                let mut rights = Vec::new();
                let mut at = expression;
                while let ExpressionKind::Binary { left, right, .. } = &at.kind {
                    rights.push(right.as_ref());
                    at = left;
                }
                let path = self.expression(at, path)?;
                rights.into_iter().rev().try_fold(path, |path, right| self.expression(right, path))
            }
            _ => Some(path),
        }
    }

    fn string(&mut self, string: &StringLiteral, path: Path) -> Option<Path> {
        string.parts.iter().try_fold(path, |path, part| match part {
            StringPart::Text(_) => Some(path),
            StringPart::Value(value) => self.expression(value, path),
        })
    }
}
