//! Functions that are running, and how traces show them.

use super::failure::{Failures, FrameView};
use super::heap::Heap;
use super::show;
use crate::language::bytecode::program::Program;
use crate::script_error::source::Place;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// One function that is running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Its index.
    pub function: u16,
    /// The instruction it is at; for all but the innermost, a call.
    pub pc: u32,
    /// Where its registers begin on the stack.
    pub base: u32,
    /// Index of the last step's text, plus one; 0: it passed none.
    pub step: u32,
}

/// Names of one frame that are shown.
const NAMES_MAX: usize = 12;

/// Frames as traces show them, innermost first; values only if memory is given.
pub fn views(program: &Program, frames: &[Frame], stack: &[u64], memory: Option<(&Heap, &Failures)>) -> Vec<FrameView> {
    frames
        .iter()
        .rev()
        .map(|frame| FrameView {
            function: frame.function,
            name: program
                .functions
                .get(usize::from(frame.function))
                .map(|function| function.name.clone())
                .unwrap_or_default(),
            pc: frame.pc,
            step: step(program, frame),
            place: place(program, frame.function, frame.pc),
            shown: memory.map(|(heap, failures)| names(program, frame, stack, heap, failures)).unwrap_or_default(),
        })
        .collect()
}

/// Where an instruction comes from; `None` if the program is stripped.
pub fn place(program: &Program, function: u16, pc: u32) -> Option<Place> {
    let index = usize::from(function);
    let own = program.functions.get(index)?;
    let (file, lines) = match program.debug.as_ref().and_then(|debug| debug.lines.get(index)) {
        Some((file, lines)) if own.lines.is_empty() => (*file, lines),
        _ => (own.file, &own.lines),
    };
    let at = lines.partition_point(|(first, _)| *first <= pc);
    let (_, span) = lines.get(at.checked_sub(1)?)?;
    Some(Place { file, span: *span })
}

fn step(program: &Program, frame: &Frame) -> Option<String> {
    let at = frame.step.checked_sub(1)?;
    let (start, length) = *program.texts.get(at as usize)?;
    let start = start as usize;
    let bytes = program.bytes.get(start..start.checked_add(length as usize)?)?;
    Some(String::from_utf8_lossy(bytes).into())
}

fn names(program: &Program, frame: &Frame, stack: &[u64], heap: &Heap, failures: &Failures) -> Vec<(SmolStr, String)> {
    let index = usize::from(frame.function);
    let names = program.debug.as_ref().and_then(|debug| debug.names.get(index));
    let Some((names, function)) = names.zip(program.functions.get(index)) else {
        return Vec::new();
    };
    names
        .iter()
        .filter(|(_, _, from, to)| (*from..*to).contains(&frame.pc))
        .filter_map(|(register, name, _, _)| {
            let ty = function.registers.get(usize::from(*register))?;
            let value = *stack.get(frame.base as usize + usize::from(*register))?;
            let shown = show::shown(program, heap, failures, ty, value, 0)?;
            Some((name.clone(), shown))
        })
        .take(NAMES_MAX)
        .collect()
}
