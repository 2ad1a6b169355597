//! `on …`: what happens when a call fails.
//!
//! Under a call a handler guards that call: what it is given is worked out before, once, and fails outside of it. Under
//! anything else it guards all of it.

use super::super::planted::Planted;
use super::evaluator::{Catches, Done, Evaluator, Stop};
use super::value::{Fault, Value};
use std::rc::Rc;
use tillscript::language::builtin::row::Op;
use tillscript::language::syntax::tree::{Expression, ExpressionKind, Handler};
use tillscript::language::vm::value::Value as Border;

/// What comes of a handled error.
enum Handled {
    /// The call once more.
    Again,
    /// A value instead.
    Instead(Value),
}

impl<'c> Evaluator<'c, '_> {
    /// A value, and what happens when it fails.
    pub(super) fn guarded(&mut self, value: &'c Expression, handlers: &'c [Handler]) -> Done {
        if handlers.is_empty() {
            return self.value(value);
        }
        let mut tried = vec![0; handlers.len()];
        let before = self.at(value.span);
        let prepared = match (&value.kind, self.is_call(value)) {
            (_, true) => {
                let prepared = self.prepare(value);
                self.at(before);
                Some(prepared?)
            }
            // A record or an error that is built: nothing is left that can fail.
            (ExpressionKind::Call { .. }, false) => {
                self.at(before);
                return self.value(value);
            }
            _ => None,
        };
        loop {
            let all: Vec<&Handler> = handlers.iter().collect();
            let catches = self.catches(&all);
            self.at(value.span);
            let done = self.caught(catches, |this| match &prepared {
                Some(prepared) => {
                    this.guarding = true;
                    this.perform(prepared.clone())
                }
                None => this.value(value),
            });
            self.at(before);
            match done {
                Err(Stop::Fail(fault)) => match self.handled(handlers, &mut tried, fault)? {
                    Handled::Again => {}
                    Handled::Instead(value) => return Ok(value),
                },
                other => return other,
            }
        }
    }

    fn handled(&mut self, handlers: &'c [Handler], tried: &mut [i128], fault: Rc<Fault>) -> Result<Handled, Stop> {
        let mut order: Vec<usize> = (0..handlers.len()).collect();
        if self.planted == Some(Planted::LastHandlerFirst) {
            order.reverse();
        }
        let Some(at) = order.into_iter().find(|at| self.takes(&handlers[*at], &fault)) else {
            return Err(Stop::Fail(fault));
        };
        let handler = &handlers[at];
        self.seen.insert("handler");
        if let Some(retry) = &handler.retry {
            self.seen.insert("handler retry");
            let before = self.at(handler.span);
            self.handling.push(fault.clone());
            let again = self.scoped(|this| {
                if let Some(local) = this.unit().handlers[&handler.span.start].binds {
                    this.declare(local, Value::Error(fault.clone()));
                }
                let mut times = this.value(&retry.times)?.number();
                if this.planted == Some(Planted::OneRetryMore) {
                    times += 1;
                }
                if tried[at] >= times {
                    return Ok(false);
                }
                tried[at] += 1;
                if let Some(every) = &retry.every {
                    this.seen.insert("handler retry every");
                    let pause = this.value(every)?.number();
                    let pause = Border::Int(i64::try_from(pause).expect("a duration"));
                    this.ask_or_fail(Op::Sleep, vec![pause])?;
                }
                Ok(true)
            });
            self.handling.pop();
            self.at(before);
            if again? {
                return Ok(Handled::Again);
            }
        }
        if handler.body.is_none() {
            let before = self.at(handler.span);
            let stop = self.fail(fault);
            self.at(before);
            return Err(stop);
        }
        self.handler_body(handler, fault).map(Handled::Instead)
    }

    fn handler_body(&mut self, handler: &'c Handler, fault: Rc<Fault>) -> Done {
        let body = handler.body.as_ref().expect("a handler with a body");
        self.seen.insert("handler body");
        let before = self.at(handler.span);
        if self.planted != Some(Planted::NoCause) {
            self.handling.push(fault.clone());
        }
        let done = self.scoped(|this| {
            if let Some(local) = this.unit().handlers[&handler.span.start].binds {
                this.seen.insert("handler other name");
                this.declare(local, Value::Error(fault));
            }
            this.arm(body)
        });
        if self.planted != Some(Planted::NoCause) {
            self.handling.pop();
        }
        self.at(before);
        done
    }

    /// Does something while these errors are caught around it.
    pub(super) fn caught<T>(
        &mut self,
        catches: Catches,
        inside: impl FnOnce(&mut Self) -> Result<T, Stop>,
    ) -> Result<T, Stop> {
        self.guards.push(catches);
        let done = inside(self);
        self.guards.pop();
        done
    }

    fn catches(&self, handlers: &[&'c Handler]) -> Catches {
        let mut codes = Vec::new();
        for handler in handlers {
            let meaning = &self.unit().handlers[&handler.span.start];
            if meaning.all {
                return None;
            }
            codes.extend(meaning.errors.iter().map(|error| self.code_of(*error)));
        }
        Some(codes)
    }

    fn takes(&self, handler: &Handler, fault: &Fault) -> bool {
        let meaning = &self.unit().handlers[&handler.span.start];
        fault.handled && (meaning.all || meaning.errors.iter().any(|error| self.code_of(*error) == fault.code))
    }
}
