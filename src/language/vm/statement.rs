//! The statements of `reversible`: what is asked of the journal before a run goes on.

use super::machine::NO_CALL;
use super::request::Purpose;
use super::run::{Run, State, Yield};
use super::trap::Trap;
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::Program;
use crate::script_error::words::Words;

impl Run {
    /// Executes the statement at the instruction. `None`: go on.
    #[inline(never)]
    pub(super) fn decide(&mut self, program: &Program, statement: Instruction) -> Option<Yield> {
        let is_open = self.rest.money.is_undecided();
        let purpose = match statement {
            Instruction::OpenReversal { .. } if self.rest.money.depth != 0 => {
                return self.misused(
                    program,
                    Words { zh: "已有一个 reversible 尚未结束", en: "a reversible region is open already" },
                );
            }
            Instruction::OpenReversal { .. } => Purpose::Open,
            Instruction::LeaveReversal {}
                if self.rest.money.depth != 0 && usize::from(self.rest.money.depth) != self.rest.frames.len() =>
            {
                return self.misused(
                    program,
                    Words { zh: "reversible 被另一个函数结束", en: "a region is left by another function" },
                );
            }
            Instruction::LeaveReversal {} if is_open => Purpose::Leave,
            Instruction::LeaveReversal {} => {
                self.rest.money.close();
                self.step_over();
                return None;
            }
            _ if self.rest.money.depth == 0 => {
                return self.misused(
                    program,
                    Words { zh: "在 reversible 之外作了决定", en: "a decision outside a reversible region" },
                );
            }
            _ if !is_open => return self.misused(program, Words { zh: "决定了两次", en: "a second decision" }),
            Instruction::Commit { .. } => Purpose::Commit,
            Instruction::Discard {} if self.rest.money.may_discard() => Purpose::Discard,
            Instruction::Discard {} => Purpose::DiscardUnsafe,
            _ => Purpose::Reverse,
        };
        Some(self.give_out(program, purpose))
    }

    /// Returns from the innermost function, or ends the run. `None`: go on.
    #[inline(never)]
    pub(super) fn leave(&mut self, program: &Program, value: Option<u64>) -> Option<Yield> {
        // A return that no `LeaveReversal` precedes must not leave money undecided either.
        if usize::from(self.rest.money.depth) == self.rest.frames.len() {
            if self.rest.money.is_undecided() {
                return Some(self.give_out(program, Purpose::Return));
            }
            self.rest.money.close();
        }
        self.rest.frames.pop();
        if !self.rest.handled.is_empty() {
            self.forget_handled();
        }
        if self.rest.frames.is_empty() {
            self.rest.state = State::Finished(value.unwrap_or(0));
            self.stack.use_first(0);
            return Some(Yield::Finished);
        }
        match (self.instruction(program), value) {
            (Some(Instruction::Call { to, .. }), Some(value)) => self.set(to, value),
            (Some(Instruction::Call { .. }), None) => {}
            _ => return self.raise_trap(program, NO_CALL),
        }
        self.step_over();
        None
    }

    fn misused(&mut self, program: &Program, detail: Words) -> Option<Yield> {
        self.raise_trap(program, Trap::ReversibleMisused(detail))
    }
}
