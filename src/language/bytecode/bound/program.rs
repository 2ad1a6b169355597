//! The bounds of a whole program, function by function.

use super::longest;
use super::loops::Flow;
use super::work::{Charge, Sizes};
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::Program;
use std::collections::BTreeSet;

/// What a run is granted of what can be large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Granted {
    /// Bytes of one text.
    pub text_bytes: u64,
    /// Members of one list.
    pub list_members: u64,
    /// Parts that one comparison may look at.
    pub work: u64,
}

/// A loop over a list whose length the run decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenLoop {
    /// The function.
    pub function: u16,
    /// Its `Loop` instruction.
    pub at: u32,
    /// The most members a list can have.
    pub most: u64,
    /// What one turn is charged at most.
    pub each: u64,
}

/// What one function can use, with all that it calls.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// Instructions at most, as the machine counts them, where lists and texts are as long as the code says.
    pub instructions: u64,
    /// How many more there can be for lists, texts and comparisons whose size the run decides.
    pub by_size: u64,
    /// A loop that only the instructions granted end: function and instruction. There is none in compiled scripts.
    pub endless: Option<(u16, u32)>,
    /// Loops that `by_size` is about.
    pub open_loops: Vec<OpenLoop>,
    /// Functions that run one inside the other, itself counted.
    pub depth: u32,
    /// Registers of all of them together.
    pub registers: u32,
}

impl Bound {
    /// Nothing executes more; `None` where a loop has no bound.
    pub fn most(&self) -> Option<u64> {
        self.endless.is_none().then(|| self.instructions.saturating_add(self.by_size))
    }
}

/// So many loops of one function and its callees are named.
const NAMED_MOST: usize = 16;

/// The bounds of every function. The program's structure was checked.
///
/// Each function is read once, after those it calls. Functions that call each other in a circle, which the verifier
/// refuses, have no bound.
pub fn of(program: &Program, granted: &Granted) -> Vec<Bound> {
    let count = program.functions.len();
    let mut bounds = vec![Bound::default(); count];
    let mut charges = vec![Charge::default(); count];
    let mut given: Vec<u64> = program.functions.iter().map(|function| Sizes::of_result(function, granted)).collect();
    let mut done = vec![false; count];
    for index in callees_first(program) {
        let Some(function) = program.functions.get(usize::from(index)) else { continue };
        let sizes = Sizes::of(program, function, &given, granted);
        let mut bound = Bound { depth: 1, registers: function.registers.len() as u32, ..Bound::default() };
        let most = Flow::of(program, function).and_then(|flow| longest::of(&flow, index, &sizes, granted, &charges));
        match most {
            Some(most) => {
                bound.instructions = most.charge.known;
                bound.by_size = most.charge.open;
                bound.endless = most.endless.map(|at| (index, at));
                bound.open_loops = most.open_loops;
            }
            None => bound.endless = Some((index, 0)),
        }
        let (mut depth, mut registers) = (0, 0);
        for called in calls(program, index) {
            let Some(inner) = bounds.get(usize::from(called)) else { continue };
            depth = depth.max(inner.depth);
            registers = registers.max(inner.registers);
            let endless =
                inner.endless.or((!done.get(usize::from(called)).copied().unwrap_or(false)).then_some((called, 0)));
            bound.endless = bound.endless.or(endless);
            let new =
                inner.open_loops.iter().filter(|one| !bound.open_loops.contains(one)).copied().collect::<Vec<_>>();
            bound.open_loops.extend(new);
            bound.open_loops.truncate(NAMED_MOST);
        }
        bound.depth = bound.depth.saturating_add(depth);
        bound.registers = bound.registers.saturating_add(registers);
        let at = usize::from(index);
        if let (Some(charge), Some(given), Some(done)) = (charges.get_mut(at), given.get_mut(at), done.get_mut(at)) {
            *charge = Charge { known: bound.instructions, open: bound.by_size };
            *given = (*given).min(sizes.gives);
            *done = true;
        }
        if let Some(place) = bounds.get_mut(at) {
            *place = bound;
        }
    }
    bounds
}

fn calls(program: &Program, index: u16) -> BTreeSet<u16> {
    let code = program.functions.get(usize::from(index)).map(|function| function.code.as_slice()).unwrap_or_default();
    code.iter()
        .filter_map(|instruction| match instruction {
            Instruction::Call { function, .. } => Some(*function),
            _ => None,
        })
        .collect()
}

/// Callees before callers, without recursion.
fn callees_first(program: &Program) -> Vec<u16> {
    let count = program.functions.len();
    let mut seen = vec![false; count];
    let mut order = Vec::with_capacity(count);
    let mut enter = |open: &mut Vec<(u16, Vec<u16>)>, index: u16| {
        if let Some(seen) = seen.get_mut(usize::from(index))
            && !*seen
        {
            *seen = true;
            open.push((index, calls(program, index).into_iter().collect()));
        }
    };
    for start in 0..count {
        let mut open: Vec<(u16, Vec<u16>)> = Vec::new();
        enter(&mut open, u16::try_from(start).unwrap_or(u16::MAX));
        while let Some((index, left)) = open.last_mut() {
            match left.pop() {
                Some(next) => enter(&mut open, next),
                None => {
                    order.push(*index);
                    open.pop();
                }
            }
        }
    }
    order
}
