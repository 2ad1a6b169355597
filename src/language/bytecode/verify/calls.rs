//! Who calls whom: nobody himself, and not too deep; what a function does with all that it calls.

use crate::language::bytecode::instruction::Instruction;
use crate::language::bytecode::program::Program;

/// Functions that may run one inside the other; the machine refuses more.
pub const DEPTH_MOST: u16 = 64;

/// What a function does with all that it calls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// How many functions run one inside the other when it is called, itself counted.
    pub depth: u16,
    /// Does it open a reversible region?
    pub opens: bool,
    /// Can a flow that a user starts come to it?
    pub in_flows: bool,
}

/// The call that closes a circle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circle {
    /// The function that calls.
    pub function: u16,
    /// Its instruction.
    pub instruction: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    New,
    BeingRead,
    Done,
}

/// Works out the calls of a program, one `Reach` for each function.
///
/// Each function's code is read once, whoever calls it: linear, and without recursion.
pub fn of(program: &Program) -> Result<Vec<Reach>, Circle> {
    let mut reaches = vec![Reach::default(); program.functions.len()];
    let mut marks = vec![Mark::New; program.functions.len()];
    // Functions that are being read, each with the place where reading goes on.
    let mut path: Vec<(usize, usize)> = Vec::new();
    for start in 0..program.functions.len() {
        if marks.get(start) == Some(&Mark::New) {
            set(&mut marks, start, Mark::BeingRead);
            path.push((start, 0));
        }
        while let Some((at, pc)) = path.pop() {
            let Some((place, called)) = next_call(program, at, pc, &mut reaches) else {
                set(&mut marks, at, Mark::Done);
                if let Some(reach) = reaches.get_mut(at) {
                    reach.depth = reach.depth.saturating_add(1);
                }
                if let Some((caller, _)) = path.last().copied() {
                    join(&mut reaches, caller, at);
                }
                continue;
            };
            path.push((at, place + 1));
            match marks.get(called) {
                Some(Mark::New) => {
                    set(&mut marks, called, Mark::BeingRead);
                    path.push((called, 0));
                }
                Some(Mark::BeingRead) => {
                    return Err(Circle { function: at as u16, instruction: place as u32 });
                }
                Some(Mark::Done) => join(&mut reaches, at, called),
                // The structural check refuses a call of nothing.
                None => {}
            }
        }
    }
    mark_flows(program, &mut reaches);
    Ok(reaches)
}

fn set(marks: &mut [Mark], at: usize, mark: Mark) {
    if let Some(place) = marks.get_mut(at) {
        *place = mark;
    }
}

/// The next call of a function from an instruction on: its place and whom it calls. Notes openings on the way.
fn next_call(program: &Program, at: usize, from: usize, reaches: &mut [Reach]) -> Option<(usize, usize)> {
    let code = &program.functions.get(at)?.code;
    for (pc, instruction) in code.iter().enumerate().skip(from) {
        match instruction {
            Instruction::Call { function, .. } => return Some((pc, usize::from(*function))),
            Instruction::OpenReversal { .. } => {
                if let Some(reach) = reaches.get_mut(at) {
                    reach.opens = true;
                }
            }
            _ => {}
        }
    }
    None
}

/// The caller does what the called function does.
fn join(reaches: &mut [Reach], caller: usize, called: usize) {
    let Some(below) = reaches.get(called).copied() else { return };
    if let Some(reach) = reaches.get_mut(caller) {
        reach.depth = reach.depth.max(below.depth);
        reach.opens |= below.opens;
    }
}

fn mark_flows(program: &Program, reaches: &mut [Reach]) {
    let starts = program.entries.iter().filter(|entry| !entry.test);
    let mut coming: Vec<usize> = starts.map(|entry| usize::from(entry.function)).collect();
    while let Some(at) = coming.pop() {
        match reaches.get_mut(at) {
            Some(reach) if !reach.in_flows => reach.in_flows = true,
            _ => continue,
        }
        let code = program.functions.get(at).map_or(&[][..], |function| &function.code);
        coming.extend(code.iter().filter_map(|instruction| match instruction {
            Instruction::Call { function, .. } => Some(usize::from(*function)),
            _ => None,
        }));
    }
}
