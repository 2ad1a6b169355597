//! From an error to its handler, or out of the run; never past money that is undecided.

use super::failure::{ErrorId, Fact, Failure};
use super::request::Purpose;
use super::run::{Run, State, Yield};
use super::trap::{self, Trap};
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::{Function, HandlerRow, Program};
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// An error whose handler may still be running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Handled {
    /// How many functions were running where it was handled.
    depth: u16,
    /// Instructions of the handler's body.
    body: (u32, u32),
    /// The error.
    error: ErrorId,
}

/// Where a handled error goes on.
#[derive(Clone, Copy, Debug)]
struct Landing<'p> {
    depth: u16,
    function: &'p Function,
    handler: &'p HandlerRow,
}

/// Instructions that handling an error counts for, so that handlers cannot go round for nothing.
const COST: u64 = 16;

impl Run {
    /// Raises what an instruction could not do.
    #[inline(never)]
    pub(super) fn raise_trap(&mut self, program: &Program, trap: Trap) -> Option<Yield> {
        let (code, facts) = trap.error(&self.rest.limits);
        let facts = facts.into_iter().map(|(name, said)| Fact { name: name.into(), zh: said.zh, en: said.en });
        self.raise_new(program, code.0, facts.collect(), true)
    }

    /// Raises an error with this code and these facts.
    pub(super) fn raise_new(
        &mut self,
        program: &Program,
        code: &str,
        facts: Vec<Fact>,
        can_be_handled: bool,
    ) -> Option<Yield> {
        let cause = self.being_handled();
        let failure = Failure {
            code: SmolStr::new(code),
            facts,
            frames: self.frames(program),
            cause,
            can_be_handled: can_be_handled && trap::can_be_handled(code),
        };
        let id = self.rest.failures.keep(&mut self.rest.heap, self.rest.limits.errors_kept, failure);
        self.unwind(program, id)
    }

    /// Raises an error value.
    pub(super) fn raise_value(&mut self, program: &Program, slot: u64) -> Option<Yield> {
        let Some((id, failure)) = self.rest.failures.at_slot(slot) else {
            return self.raise_trap(program, Trap::Defect("a slot holds no error"));
        };
        if !failure.frames.is_empty() {
            return self.unwind(program, id);
        }
        // Errors that were only built are one where they are equal, so the one that is raised is noted by itself:
        // it comes after what it follows from, wherever its like was built.
        let built = failure.clone();
        let raised = Failure { cause: self.being_handled(), frames: self.frames(program), ..built };
        let id = self.rest.failures.keep(&mut self.rest.heap, self.rest.limits.errors_kept, raised);
        self.unwind(program, id)
    }

    /// Ends the run with an error that no handler sees. `None`: go on.
    pub(super) fn abort(&mut self, program: &Program, code: &str, facts: &[(&str, &str, &str)]) -> Option<Yield> {
        let waiting = match self.rest.state {
            State::Waiting(purpose) => Some(purpose),
            _ => None,
        };
        let failure = Failure {
            code: SmolStr::new(code),
            facts: facts_of(facts),
            frames: self.frames(program),
            cause: match waiting {
                Some(Purpose::Unwind(error)) => Some(error),
                _ => self.being_handled(),
            },
            can_be_handled: false,
        };
        let id = self.rest.failures.keep(&mut self.rest.heap, self.rest.limits.errors_kept, failure);
        match waiting {
            // The reversal is under way already.
            Some(Purpose::Unwind(_)) => {
                self.rest.state = State::Waiting(Purpose::Unwind(id));
                self.trim(program);
                return Some(Yield::Request);
            }
            // Perhaps it was recorded: then it has to be decided. A reversal nobody needed costs less than a charge
            // nobody can find.
            Some(Purpose::Open) => self.open_region(program),
            // Only the journal knows whether the decision was recorded. If not, its reversal stands.
            Some(purpose) if purpose.decides() => self.rest.money.close(),
            _ => {}
        }
        self.unwind(program, id)
    }

    /// Goes on at the handler of an error, or ends the run; first the reversal, if money is left undecided by that.
    pub(super) fn unwind(&mut self, program: &Program, id: ErrorId) -> Option<Yield> {
        let landing = self.landing(program, id);
        let (depth, target) = landing.map_or((0, 0), |landing| (landing.depth, landing.handler.target));
        if self.rest.money.is_left_by(depth, target) {
            if self.rest.money.is_undecided() {
                return Some(self.give_out(program, Purpose::Unwind(id)));
            }
            self.rest.money.close();
        }
        match landing {
            Some(landing) => self.land(program, landing, id),
            None => {
                self.rest.state = State::Failed(id);
                self.rest.frames.clear();
                self.rest.handled.clear();
                self.stack.use_first(0);
                Some(Yield::Failed)
            }
        }
    }

    /// The innermost handler that takes the error.
    fn landing<'p>(&self, program: &'p Program, id: ErrorId) -> Option<Landing<'p>> {
        let failure = self.rest.failures.get(id)?;
        if !failure.can_be_handled {
            return None;
        }
        let takes = |handler: &HandlerRow| {
            handler.errors.is_empty()
                || handler
                    .errors
                    .iter()
                    .any(|error| program.errors.get(usize::from(*error)).is_some_and(|row| row.code == failure.code))
        };
        let depths = 1..=self.rest.frames.len() as u16;
        self.rest.frames.iter().zip(depths).rev().find_map(|(frame, depth)| {
            let function = program.functions.get(usize::from(frame.function))?;
            let handler = function.handlers.iter().find(|row| (row.from..row.to).contains(&frame.pc) && takes(row))?;
            Some(Landing { depth, function, handler })
        })
    }

    fn land(&mut self, program: &Program, landing: Landing<'_>, id: ErrorId) -> Option<Yield> {
        self.rest.frames.truncate(usize::from(landing.depth));
        self.forget_handled();
        let body = body(landing.function, landing.handler);
        // A body is noted once, even where it is its own handler.
        self.rest.handled.retain(|handled| (handled.depth, handled.body) != (landing.depth, body));
        self.rest.handled.push(Handled { depth: landing.depth, body, error: id });
        if let Some(frame) = self.rest.frames.last_mut() {
            frame.pc = landing.handler.target;
        }
        self.set(landing.handler.error, u64::from(id.0));
        self.rest.spent += COST;
        if self.rest.spent > self.rest.granted {
            self.rest.state = State::Paused;
            self.trim(program);
            return Some(Yield::OutOfFuel);
        }
        None
    }

    /// The error whose handler's body is running, innermost.
    fn being_handled(&mut self) -> Option<ErrorId> {
        self.forget_handled();
        self.rest.handled.last().map(|handled| handled.error)
    }

    /// Forgets errors whose handlers' bodies were left.
    pub(super) fn forget_handled(&mut self) {
        let frames = &self.rest.frames;
        self.rest.handled.retain(|handled| {
            usize::from(handled.depth)
                .checked_sub(1)
                .and_then(|at| frames.get(at))
                .is_some_and(|frame| (handled.body.0..handled.body.1).contains(&frame.pc))
        });
    }
}

/// The instructions of a handler's body. The guarded instructions are followed by a jump past all their handlers: there
/// the bodies end. Without one they end in a way out of the function, and what follows is only reached through a body.
fn body(function: &Function, handler: &HandlerRow) -> (u32, u32) {
    let between = function.code.get(handler.to as usize..handler.target as usize).unwrap_or_default();
    let end = between.iter().find_map(|instruction| match instruction {
        // A body without an instruction ends where it begins.
        Instruction::Jump { target } if *target >= handler.target => Some(*target),
        _ => None,
    });
    (handler.target, end.unwrap_or(u32::MAX))
}

/// Facts as they are kept.
pub(super) fn facts_of(facts: &[(&str, &str, &str)]) -> Vec<Fact> {
    facts
        .iter()
        .map(|(name, zh, en)| Fact { name: SmolStr::new(name), zh: zh.to_string(), en: en.to_string() })
        .collect()
}
