//! What instructions cost: a loop is charged for each turn, a function for what stands in no loop.

use super::instruction::Instruction;

/// Costs worked out from the code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Costs {
    /// What a call is charged with besides its own loops.
    pub function: u32,
    /// Place and cost of each `Loop`, ascending.
    pub loops: Vec<(u32, u8)>,
}

/// The costs of a function; `None` if its loops cross, or one goes forward.
pub fn costs(code: &[Instruction]) -> Option<Costs> {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for (at, instruction) in code.iter().enumerate() {
        if let Instruction::Loop { target, .. } = instruction {
            let at = at as u32;
            if *target > at {
                return None;
            }
            ranges.push((*target, at));
        }
    }
    // Outer before inner where two begin at one place.
    ranges.sort_by_key(|(from, to)| (*from, std::cmp::Reverse(*to)));
    let mut coming = ranges.into_iter().peekable();
    let mut inside: Vec<(u32, u32)> = Vec::new();
    let mut costs = Costs { function: 0, loops: Vec::new() };
    for (at, instruction) in code.iter().enumerate() {
        let at = at as u32;
        while let Some((_, to)) = coming.next_if(|(from, _)| *from == at) {
            inside.push((to, 0));
        }
        match inside.last_mut() {
            Some((_, turn)) => *turn += 1,
            None => costs.function += 1,
        }
        if matches!(instruction, Instruction::Loop { .. }) {
            let (_, turn) = inside.pop_if(|(to, _)| *to == at)?;
            costs.loops.push((at, u8::try_from(turn).unwrap_or(u8::MAX)));
        }
    }
    Some(costs)
}

/// The least that is charged for so many instructions, wherever they stand: what really runs is at most so many times
/// what is charged, even for code that skips the loops it is charged for.
pub fn long_way(instructions: u32) -> u64 {
    const INSTRUCTIONS_PER_CHARGE: u64 = 256;
    1 + u64::from(instructions) / INSTRUCTIONS_PER_CHARGE
}
