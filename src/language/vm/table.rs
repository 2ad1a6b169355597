//! Functions that only look something up: a switch on their one argument, and a constant for each way.
//!
//! A call of one needs no frame. It is charged and limited as any call is.

use super::jumps::Jumps;
use super::step::constant;
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::{Function, Program, Switch};

/// What such a function gives.
#[derive(Debug)]
pub(super) struct Table {
    on: On,
    /// Where a case leads is its place among the values.
    jumps: Jumps,
    values: Vec<u64>,
}

/// What of its argument it looks at.
#[derive(Clone, Copy, Debug)]
enum On {
    Word,
    Tag,
    Text,
}

impl Table {
    /// Of this function, if it is one.
    pub(super) fn of(program: &Program, function: &Function) -> Option<Table> {
        let (on, table) = match *function.code.first()? {
            Instruction::SwitchWord { on: 0, table } => (On::Word, table),
            Instruction::SwitchTag { on: 0, table } => (On::Tag, table),
            Instruction::SwitchText { on: 0, table } => (On::Text, table),
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
        let jumps = match on {
            On::Text => Jumps::of_texts(program, &switch),
            On::Word | On::Tag => Jumps::of_words(&switch),
        };
        Some(Table { on, jumps, values })
    }

    /// What it gives for an argument that lies in its slot; `None` for a long text, or where it gives nothing.
    #[inline]
    pub(super) fn find(&self, argument: u64) -> Option<u64> {
        let word = match self.on {
            On::Word => argument,
            On::Tag => argument & 0xFF,
            On::Text if super::slot::is_inline(argument) => argument,
            On::Text => return None,
        };
        self.values.get(self.jumps.word(word) as usize).copied()
    }
}
