//! What a program can cost at most: waiting for the cardholder, instructions for the terminal.

use crate::language::bytecode::bound::program::{Bound, Granted, OpenLoop, of};
use crate::language::bytecode::program::Program;
use crate::language::check::waiting::wait::FlowWait;
use crate::language::vm::limits::Limits;
use crate::language::vm::trap::WORK_MAX;
use crate::script_error::source::Place;

/// What one public flow can cost.
#[derive(Clone, Debug)]
pub struct FlowCost {
    /// Its name.
    pub flow: String,
    /// Its waits; `None` where only bytecode is there.
    pub wait: Option<FlowWait>,
    /// Its instructions, calls and registers.
    pub bound: Bound,
    /// Loops whose lists only the run knows: where each begins, if it is known, and the loop.
    pub open_loops: Vec<(Option<Place>, OpenLoop)>,
}

/// The costs of every public flow of a program.
pub fn of_program(program: &Program, waits: &[FlowWait]) -> Vec<FlowCost> {
    let bounds = bounds(program);
    program
        .entries
        .iter()
        .filter(|entry| !entry.test)
        .filter_map(|entry| {
            let bound = bounds.get(usize::from(entry.function))?.clone();
            let open_loops =
                bound.open_loops.iter().map(|open| (place(program, open.function, open.at), *open)).collect();
            let wait = waits.iter().find(|wait| wait.flow == entry.name).cloned();
            Some(FlowCost { flow: entry.name.to_string(), wait, bound, open_loops })
        })
        .collect()
}

/// The bounds of every function, with what a run is granted.
pub fn bounds(program: &Program) -> Vec<Bound> {
    let limits = Limits::default();
    of(
        program,
        &Granted {
            text_bytes: limits.text_bytes.into(),
            list_members: limits.list_members.into(),
            work: WORK_MAX.into(),
        },
    )
}

/// Where an instruction comes from.
pub fn place(program: &Program, function: u16, at: u32) -> Option<Place> {
    let own = program.functions.get(usize::from(function))?;
    let debug = program.debug.as_ref().and_then(|debug| debug.lines.get(usize::from(function)));
    let (file, lines) = match debug {
        Some((file, lines)) if own.lines.is_empty() => (*file, lines),
        _ => (own.file, &own.lines),
    };
    let before = lines.partition_point(|(first, _)| *first <= at).checked_sub(1)?;
    lines.get(before).map(|(_, span)| Place { file, span: *span })
}
