//! Handlers: what happens when a call fails. Under a call they guard it alone, and a retry repeats it with the values it
//! had: what stands in its brackets comes before. Under anything else they guard all of it.

use super::body::{Body, Goal, Guard};
use super::too_large::Compiled;
use crate::language::builtin::row::Op;
use crate::language::bytecode::instruction::Instruction;
use crate::language::check::checked::HandlerMeaning;
use crate::language::syntax::tree::{Expression, ExpressionKind, Handler, Retry};
use crate::language::types::Type;

impl Body<'_> {
    /// An expression and what happens when it fails.
    pub(super) fn guarded(&mut self, expression: &Expression, handlers: &[Handler], goal: Goal) -> Compiled<()> {
        if handlers.is_empty() {
            return self.value_to(expression, goal);
        }
        let mark = self.registers.mark();
        let mut counters = Vec::new();
        for handler in handlers {
            if handler.retry.is_some() {
                counters.push(self.registers.temporary(&Type::Int)?);
            }
        }
        let guard = Guard { call: expression.id, counters, again: self.label(), range: None };
        let outer = self.guard.take();
        let guard = if matches!(expression.kind, ExpressionKind::Call { .. }) {
            self.guard = Some(guard);
            self.value_to(expression, goal)?;
            self.guard.take()
        } else {
            // No single call to repeat: all of it is.
            self.start_guard(&guard)?;
            let from = self.here();
            self.value_to(expression, goal)?;
            let range = Some((from, self.here()));
            Some(Guard { range, ..guard })
        };
        self.guard = outer;
        // Neither out of a place that cannot be reached nor out of what builds a record or an error anything can fail.
        if let Some(guard) = guard
            && let Some(range) = guard.range
        {
            let done = self.label();
            self.jump(done)?;
            let mut counters = guard.counters.iter().copied();
            for handler in handlers {
                let counter = handler.retry.as_ref().and_then(|_| counters.next());
                self.handler(handler, &guard, range, counter, goal)?;
                self.jump(done)?;
            }
            self.place(done);
        }
        self.registers.release(mark);
        Ok(())
    }

    /// In front of a call that may be repeated.
    pub(super) fn start_guard(&mut self, guard: &Guard) -> Compiled<()> {
        for counter in &guard.counters {
            self.word_into(0, *counter)?;
        }
        self.place(guard.again);
        Ok(())
    }

    fn handler(
        &mut self,
        handler: &Handler,
        guard: &Guard,
        range: (u32, u32),
        counter: Option<u8>,
        goal: Goal,
    ) -> Compiled<()> {
        let before = self.at(handler.span);
        let mark = self.registers.mark();
        let nothing = HandlerMeaning { errors: Vec::new(), all: false, binds: None };
        let unit = self.unit;
        let meaning = unit.handlers.get(&handler.span.start).unwrap_or(&nothing);
        let mut errors = Vec::new();
        for error in &meaning.errors {
            errors.push(self.tables.error(*error, self.checked)?);
        }
        // An empty row takes every error, so a handler that names none has no row.
        let takes_some = meaning.all || !errors.is_empty();
        if meaning.all {
            errors.clear();
        }
        self.open_scope();
        let error = match meaning.binds {
            Some(local) => self.declare(local)?,
            None => self.registers.temporary(&Type::Error)?,
        };
        let (failed, body) = (self.label(), self.label());
        if takes_some {
            self.handle(range, errors, failed, error);
        }
        self.place(failed);
        if let (Some(retry), Some(counter)) = (&handler.retry, counter) {
            self.retry(retry, guard, counter, body)?;
        }
        self.place(body);
        match &handler.body {
            Some(arm) => self.arm_to(arm, goal)?,
            None => self.emit(Instruction::Fail { error })?,
        }
        self.close_scope();
        self.registers.release(mark);
        self.at(before);
        Ok(())
    }

    /// Tries again while the counter is below the limit, then goes to the body.
    fn retry(&mut self, retry: &Retry, guard: &Guard, counter: u8, body: super::body::Label) -> Compiled<()> {
        self.want(body);
        let mark = self.registers.mark();
        let times = self.value(&retry.times)?;
        self.emit(Instruction::JumpUnlessLess { left: counter, right: times, target: body.number() })?;
        self.emit(Instruction::AddIntConstant { to: counter, left: counter, value: 1 })?;
        if let Some(every) = &retry.every {
            let pause = self.value(every)?;
            let to = self.registers.temporary(&Type::Nothing)?;
            self.emit(Instruction::Request { to, op: Op::Sleep.number(), base: pause, count: 1 })?;
        }
        self.registers.release(mark);
        self.emit(Instruction::Loop { cost: 0, target: guard.again.number() })
    }
}
