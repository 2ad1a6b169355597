//! Steps of a function put together, and what they share: constants, lists, the lines of slips.

use super::slip::Slip;
use super::step::{LOADS_MOST, Load, Put, Step};
use super::translate::{constant, step};
use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::{Function, Program};
use std::collections::BTreeMap;

/// The steps of a function; what several of its steps set goes into `pool`.
pub(super) fn steps(program: &Program, function: &Function, pool: &mut Pool) -> Vec<Step> {
    let instructions = function.code.iter().enumerate();
    let mut steps: Vec<Step> =
        instructions.map(|(at, instruction)| step(program, function, at, *instruction)).collect();
    let mut at = 0;
    while at < steps.len() {
        let rest = steps.get(at..).unwrap_or_default();
        let run: Vec<Load> = rest.iter().map_while(Step::load).take(usize::from(u8::MAX)).collect();
        if !run.is_empty() {
            let used = used_by(rest.get(run.len()..).unwrap_or_default(), &run);
            pool.fuse(steps.get_mut(at..).unwrap_or_default(), &run, used);
        }
        at += run.len().max(1);
    }
    pool.lay_slips(program, function, &mut steps);
    pool.gather(program, function, &mut steps);
    steps
}
/// What loads are for, if the steps behind them say so: the last of them, and the step that does all.
#[derive(Clone, Copy)]
enum Use {
    Row { to: u8, base: u8, record: u8, index: u8 },
    List { to: u8, count: u8 },
}

fn used_by(behind: &[Step], run: &[Load]) -> Option<Use> {
    // The last so many set consecutive registers.
    let sets = |base: u8, count: usize| {
        let last = run.len().checked_sub(count).and_then(|from| run.get(from..)).unwrap_or_default();
        last.len() == count && last.iter().zip(base..).all(|((to, _), register)| *to == register)
    };
    match *behind {
        [Step::GetField { to: field, record, index }, Step::MakeRecord { to, base, count: 4 }, ..]
            if sets(base, 3) && base.checked_add(3) == Some(field) =>
        {
            Some(Use::Row { to, base, record, index })
        }
        [Step::Rare(Instruction::MakeList { to, base, count }), ..] if count > 0 && sets(base, count.into()) => {
            Some(Use::List { to, count })
        }
        _ => None,
    }
}

/// What steps point to.
#[derive(Debug)]
pub(super) struct Pool {
    /// What steps set that set several registers.
    pub(super) loads: Vec<Load>,
    /// What steps set that gather several.
    pub(super) puts: Vec<Put>,
    /// The first cells of every run: one that nobody uses, and the lists that never change.
    pub(super) cells: Vec<u64>,
    /// Lines of slips that are laid down together.
    pub(super) slips: Vec<Slip>,
    lists: BTreeMap<Vec<u64>, u32>,
}

/// Every run carries the lists that never change; past this many members, the others are built where they are used.
const CELLS_MOST: usize = 512;

impl Default for Pool {
    fn default() -> Pool {
        Pool { loads: Vec::new(), puts: Vec::new(), cells: vec![0], slips: Vec::new(), lists: BTreeMap::new() }
    }
}

impl Pool {
    /// Puts a step that lays lines down together in place of the first of their instructions.
    fn lay_slips(&mut self, program: &Program, function: &Function, steps: &mut [Step]) {
        let mut at = 0;
        while let Some(step) = steps.get_mut(at) {
            let number = u16::try_from(self.slips.len());
            match (Slip::at(program, function, at), number) {
                (Some(slip), Ok(number)) => {
                    *step = Step::Slip { slip: number };
                    at = slip.end as usize;
                    self.slips.push(slip);
                }
                _ => at += 1,
            }
        }
    }

    /// Puts a step that sets several registers in place of the first of moves, fields of records and loads that follow
    /// one another, if it saves a step.
    fn gather(&mut self, program: &Program, function: &Function, steps: &mut [Step]) {
        let mut at = 0;
        while at < steps.len() {
            let (mut puts, mut dispatched) = (Vec::new(), 0);
            // A step that sets several registers at once is one dispatch for all of them.
            let mut next = at;
            while puts.len() < usize::from(u8::MAX)
                && let Some(step) = steps.get(next)
                && let Some(count) = step.puts()
            {
                let own = function.code.get(next..next + count).unwrap_or_default();
                let Some(own) = own.iter().map(|one| put(program, *one)).collect::<Option<Vec<Put>>>() else { break };
                if puts.len() + own.len() > usize::from(u8::MAX) {
                    break;
                }
                puts.extend(own);
                next += count;
                dispatched += 1;
            }
            if dispatched > 1
                && let Some(step) = steps.get_mut(at)
            {
                *step = Step::Gather { count: puts.len() as u8, first: self.puts.len() as u32 };
                self.puts.append(&mut puts);
            }
            at = next.max(at + 1);
        }
    }

    /// Puts steps that set several registers at once in place of loads. Whoever jumps to one of them sets only what
    /// follows.
    fn fuse(&mut self, steps: &mut [Step], run: &[Load], used: Option<Use>) {
        let first = self.loads.len() as u32;
        let own = match used {
            None => None,
            Some(Use::Row { to, base, record, index }) => {
                let from = run.len() - 3;
                Some((from, Step::Row { to, base, record, index, first: first + from as u32 }))
            }
            Some(Use::List { to, count }) => {
                let from = run.len() - usize::from(count);
                let members = run.iter().skip(from).map(|(_, slot)| *slot).collect();
                self.list(members).map(|list| (from, Step::List { to, count, list, first: first + from as u32 }))
            }
        };
        for number in 0..run.len() {
            let end = own.map_or(run.len(), |(from, _)| if number < from { from } else { run.len() });
            let Some(step) = steps.get_mut(number) else { continue };
            match own {
                Some((from, fused)) if number == from => *step = fused,
                _ if end - number > 1 => {
                    let count = (end - number).min(LOADS_MOST) as u8;
                    *step = Step::Loads { count, first: first + number as u32 };
                }
                _ => {}
            }
        }
        self.loads.extend(run);
        self.loads.extend(run.last().into_iter().cycle().take(LOADS_MOST - 1));
    }

    /// The first cell of a list with these members; `None` if there are enough of them.
    fn list(&mut self, members: Vec<u64>) -> Option<u32> {
        if let Some(known) = self.lists.get(&members) {
            return Some(*known);
        }
        let at = self.cells.len();
        if at + members.len() > CELLS_MOST {
            return None;
        }
        self.cells.extend(&members);
        self.lists.insert(members, at as u32);
        Some(at as u32)
    }
}

/// What an instruction does that only sets a register.
fn put(program: &Program, instruction: Instruction) -> Option<Put> {
    Some(match instruction {
        Instruction::Move { to, from } => Put::Move { to, from },
        Instruction::GetField { to, record, index } => Put::Field { to, record, index },
        instruction => constant(program, instruction).map(|(to, slot)| Put::Slot { to, slot })?,
    })
}

impl Step {
    /// How many instructions it does, if they only set registers.
    fn puts(&self) -> Option<usize> {
        match self {
            Step::Load { .. } | Step::Move { .. } | Step::GetField { .. } => Some(1),
            Step::Loads { count, .. } => Some((*count).into()),
            _ => None,
        }
    }

    fn load(&self) -> Option<Load> {
        match self {
            Step::Load { to, slot } => Some((*to, *slot)),
            _ => None,
        }
    }
}
