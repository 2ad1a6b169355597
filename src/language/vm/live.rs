//! Which registers a run that stands still may need again: what is read later, and what an error would show.

use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::{Function, Program};
use crate::language::bytecode::verify::reads;
use std::cell::Cell;

/// A set of registers, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Registers([u64; 4]);

impl Registers {
    const ALL: Registers = Registers([u64::MAX; 4]);

    /// Those below a number, ascending.
    pub(super) fn below(&self, count: usize) -> Ascending {
        let mut bits = self.0;
        for (word, first) in bits.iter_mut().zip((0..).step_by(64)) {
            match count.saturating_sub(first) {
                0 => *word = 0,
                own @ 1..64 => *word &= (1 << own) - 1,
                _ => {}
            }
        }
        Ascending { bits, word: 0 }
    }

    fn add(&mut self, register: u8) {
        self.0[usize::from(register) / 64] |= 1 << (register % 64);
    }

    fn remove(&mut self, register: u8) {
        self.0[usize::from(register) / 64] &= !(1 << (register % 64));
    }

    fn join(&mut self, other: &Registers) {
        for (bits, more) in self.0.iter_mut().zip(other.0) {
            *bits |= more;
        }
    }
}

/// Registers of a set, one after another.
#[derive(Debug)]
pub(super) struct Ascending {
    bits: [u64; 4],
    word: usize,
}

impl Iterator for Ascending {
    type Item = usize;

    #[inline]
    fn next(&mut self) -> Option<usize> {
        loop {
            let bits = self.bits.get_mut(self.word)?;
            if *bits != 0 {
                let at = bits.trailing_zeros() as usize;
                *bits &= *bits - 1;
                return Some(64 * self.word + at);
            }
            self.word += 1;
        }
    }
}

/// Passes over a function before all its registers count as needed: one for each loop inside another, and one more.
const PASSES_MOST: usize = 32;

/// Instructions times handlers or names; a function with more, which nobody wrote, needs all its registers.
const WORK_MOST: usize = 4 << 20;

/// For each instruction of a function, the registers that are needed while the run stands at it.
pub(super) fn of_function(program: &Program, index: usize) -> Vec<Registers> {
    let Some(function) = program.functions.get(index) else { return Vec::new() };
    let length = function.code.len();
    let names = program.debug.as_ref().and_then(|debug| debug.names.get(index)).map_or([].as_slice(), Vec::as_slice);
    if length.saturating_mul(function.handlers.len().max(names.len())) > WORK_MOST {
        return vec![Registers::ALL; length];
    }
    let mut before = vec![Registers::default(); length];
    let comes_to_rest = (0..PASSES_MOST).any(|_| !pass(program, function, &mut before));
    if !comes_to_rest {
        return vec![Registers::ALL; length];
    }
    for (register, _, from, to) in names {
        for at in before.get_mut(*from as usize..(*to as usize).min(length)).into_iter().flatten() {
            at.add(*register);
        }
    }
    before
}

/// One pass from the end to the beginning; true if it found more.
fn pass(program: &Program, function: &Function, before: &mut [Registers]) -> bool {
    let mut found = false;
    for (at, instruction) in function.code.iter().enumerate().rev() {
        let needed = |to: u32| before.get(to as usize).copied().unwrap_or_default();
        let mut needs = Registers::default();
        if !matches!(
            instruction,
            Instruction::Jump { .. }
                | Instruction::Return { .. }
                | Instruction::ReturnNothing {}
                | Instruction::Fail { .. }
        ) {
            needs.join(&needed(at as u32 + 1));
        }
        for target in targets(program, *instruction) {
            needs.join(&needed(target));
        }
        if let Some(register) = reads::written(*instruction) {
            needs.remove(register);
        }
        // Behind an error nothing was written.
        for handler in function.handlers.iter().filter(|row| (row.from..row.to).contains(&(at as u32))) {
            let mut in_handler = needed(handler.target);
            in_handler.remove(handler.error);
            needs.join(&in_handler);
        }
        let read = Cell::new(needs);
        reads::first_unready(program, *instruction, |register| {
            let mut registers = read.get();
            registers.add(register);
            read.set(registers);
            true
        });
        if let Some(known) = before.get_mut(at)
            && *known != read.get()
        {
            *known = read.get();
            found = true;
        }
    }
    found
}

/// Where an instruction may go besides to the next.
fn targets(program: &Program, instruction: Instruction) -> Vec<u32> {
    match instruction {
        Instruction::Jump { target }
        | Instruction::JumpIf { target, .. }
        | Instruction::JumpUnless { target, .. }
        | Instruction::JumpIfNone { target, .. }
        | Instruction::JumpUnlessLess { target, .. }
        | Instruction::Loop { target, .. } => vec![target],
        Instruction::SwitchWord { table, .. }
        | Instruction::SwitchText { table, .. }
        | Instruction::SwitchTag { table, .. } => {
            let switch = program.switches.get(usize::from(table));
            switch.map_or(Vec::new(), |switch| {
                switch.cases.iter().map(|(_, target)| *target).chain([switch.otherwise]).collect()
            })
        }
        _ => Vec::new(),
    }
}
