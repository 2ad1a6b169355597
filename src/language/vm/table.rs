//! Functions that only look something up: a switch on their one argument, and a constant for each way.
//!
//! A call of one needs no frame. It is charged and limited as any call is.

use super::jumps::Jumps;
use super::slot;
use super::translate::constant;
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::{Function, Program, Switch};

/// What such a function gives.
#[derive(Debug)]
pub(super) struct Table {
    /// Bits of its argument that it looks at, and those that must be set: a text has to lie in its slot.
    looks_at: u64,
    wanted: u64,
    values: Jumps<u64>,
}

impl Table {
    /// Of this function, if it is one.
    pub(super) fn of(program: &Program, function: &Function) -> Option<Table> {
        let ((looks_at, wanted), table) = match *function.code.first()? {
            Instruction::SwitchWord { on: 0, table } => ((u64::MAX, 0), table),
            Instruction::SwitchTag { on: 0, table } => ((0xFF, 0), table),
            Instruction::SwitchText { on: 0, table } => ((u64::MAX, slot::INLINE), table),
            _ => return None,
        };
        if function.parameters.len() != 1 {
            return None;
        }
        let known = program.switches.get(usize::from(table))?;
        let mut values = Vec::new();
        let mut place = |target: u32| {
            let at = target as usize;
            let (to, value) = constant(program, *function.code.get(at)?)?;
            match function.code.get(at + 1)? {
                Instruction::Return { from } if *from == to => {}
                _ => return None,
            }
            values.push(value);
            u32::try_from(values.len() - 1).ok()
        };
        let cases: Option<Vec<(u64, u32)>> =
            known.cases.iter().map(|(key, target)| Some((*key, place(*target)?))).collect();
        let switch = Switch { cases: cases?, otherwise: place(known.otherwise)? };
        let jumps = if wanted == 0 { Jumps::of_words(&switch) } else { Jumps::of_texts(program, &switch) };
        let values = jumps.map(|at| values.get(at as usize).copied().unwrap_or(0));
        Some(Table { looks_at, wanted, values })
    }

    /// What it gives for an argument; `None` for a text that does not lie in its slot.
    #[inline(always)]
    pub(super) fn find(&self, argument: u64) -> Option<u64> {
        if argument & self.wanted == self.wanted { Some(self.values.word(argument & self.looks_at)) } else { None }
    }
}
