//! The most one call of a function can be charged: the longest way through its code, each loop as often as it can turn.

use super::loops::{Flow, Turn};
use super::program::{Granted, OpenLoop};
use super::work::{Charge, Sizes};
use crate::language::bytecode::cost::long_way;
use crate::language::bytecode::instruction::Instruction;

/// What handling an error counts for.
const HANDLED: u64 = 16;

/// Blocks lie at most so deep in one another; deeper loops come from no script.
const LOOPS_DEEP: usize = 64;

/// What one call is charged at most.
#[derive(Clone, Debug, Default)]
pub(super) struct Most {
    /// The charge.
    pub(super) charge: Charge,
    /// The first loop that has no bound.
    pub(super) endless: Option<u32>,
    /// Loops that the length of a list of the run decides.
    pub(super) open_loops: Vec<OpenLoop>,
}

/// A function's code with its loops.
struct Ways<'f, 'p> {
    flow: &'f Flow<'p>,
    loops: Vec<Turn>,
    /// The loop around each loop.
    around: Vec<Option<usize>>,
    /// The innermost loop around each instruction.
    innermost: Vec<Option<usize>>,
    /// What all turns of each loop are charged, besides the last one.
    extra: Vec<Charge>,
    /// What each instruction is charged.
    weights: Vec<Charge>,
}

/// Works out a function whose callees are charged so; `None` if its loops lie too deep.
pub(super) fn of(flow: &Flow<'_>, index: u16, sizes: &Sizes, granted: &Granted, called: &[Charge]) -> Option<Most> {
    let code = &flow.function.code;
    let mut weights = Vec::with_capacity(code.len());
    for (at, instruction) in code.iter().enumerate() {
        let mut weight = sizes.charge(flow.program, flow.function, granted, *instruction);
        match *instruction {
            Instruction::Call { function, .. } => {
                weight = weight.and(called.get(usize::from(function)).copied().unwrap_or_default());
            }
            Instruction::Loop { cost, target } => {
                let turn = u64::from(cost).max(long_way((at as u32).saturating_sub(target)));
                weight.known = weight.known.saturating_add(turn);
            }
            _ => {}
        }
        if flow.is_handler(at as u32) {
            weight.known = weight.known.saturating_add(HANDLED);
        }
        weights.push(weight);
    }
    let loops = flow.loops(sizes, granted);
    let (around, innermost) = nesting(&loops, code.len())?;
    let extra = vec![Charge::default(); loops.len()];
    let mut ways = Ways { flow, loops, around, innermost, extra, weights };
    let mut most = Most::default();
    // Inner loops come after outer ones.
    for at in (0..ways.loops.len()).rev() {
        let Some(turn) = ways.loops.get(at).copied() else { continue };
        let body = ways.longest(turn.top, turn.end, Some(at));
        let extra = match turn.times {
            None => {
                most.endless = Some(turn.end);
                Charge::default()
            }
            Some(times) if turn.by_list => {
                most.open_loops.push(OpenLoop { function: index, at: turn.end, most: times, each: body.known });
                let all = body.times(times);
                Charge { known: 0, open: all.known.saturating_add(all.open) }
            }
            Some(times) => body.times(times),
        };
        if let Some(place) = ways.extra.get_mut(at) {
            *place = extra;
        }
    }
    most.open_loops.reverse();
    let end = u32::try_from(code.len()).ok()?.checked_sub(1)?;
    let own = Charge { known: u64::from(flow.function.cost).max(long_way(flow.function.code.len() as u32)), open: 0 };
    most.charge = own.and(ways.longest(0, end, None));
    Some(most)
}

impl Ways<'_, '_> {
    /// The longest way from anywhere in a range, staying in it. `of`: the loop it is the body of.
    fn longest(&self, from: u32, to: u32, of: Option<usize>) -> Charge {
        let length = (to - from) as usize + 1;
        let mut best = vec![Charge::default(); length];
        let mut most = Charge::default();
        for at in (from..=to).rev() {
            let mut behind = Charge::default();
            for next in self.flow.edges(at) {
                if let Some(further) = next.checked_sub(from).and_then(|place| best.get(place as usize)) {
                    behind = behind.or(further.and(self.entered(*next, Some(at), of)));
                }
            }
            let weight = self.weights.get(at as usize).copied().unwrap_or_default();
            let here = weight.and(behind);
            if let Some(place) = best.get_mut((at - from) as usize) {
                *place = here;
            }
            // A turn may begin with a loop in the loop; of a whole function only its first instruction does.
            if of.is_some() || at == from {
                most = most.or(here.and(self.entered(at, None, of)));
            }
        }
        most
    }

    /// The turns of all loops that are entered by going to a place: those around it that are not around `from`, nor
    /// `of` itself with what is around it.
    fn entered(&self, place: u32, from: Option<u32>, of: Option<usize>) -> Charge {
        let mut sum = Charge::default();
        let mut at = self.innermost.get(place as usize).copied().flatten();
        while let Some(index) = at {
            let Some(turn) = self.loops.get(index) else { break };
            let inside = from.is_some_and(|from| (turn.top..=turn.end).contains(&from));
            if Some(index) == of || inside {
                break;
            }
            sum = sum.and(self.extra.get(index).copied().unwrap_or_default());
            at = self.around.get(index).copied().flatten();
        }
        sum
    }
}

type Nesting = (Vec<Option<usize>>, Vec<Option<usize>>);

/// Which loop lies in which, and which is the innermost around each instruction. Loops are sorted, outer before inner.
fn nesting(loops: &[Turn], length: usize) -> Option<Nesting> {
    let mut around = Vec::with_capacity(loops.len());
    let mut innermost = vec![None; length];
    let mut open: Vec<(usize, u32)> = Vec::new();
    let mut coming = loops.iter().enumerate().peekable();
    for (at, place) in innermost.iter_mut().enumerate() {
        let at = at as u32;
        while open.last().is_some_and(|(_, end)| *end < at) {
            open.pop();
        }
        while let Some((index, turn)) = coming.next_if(|(_, turn)| turn.top == at) {
            around.push(open.last().map(|(outer, _)| *outer));
            open.push((index, turn.end));
            if open.len() > LOOPS_DEEP {
                return None;
            }
        }
        *place = open.last().map(|(index, _)| *index);
    }
    Some((around, innermost))
}
