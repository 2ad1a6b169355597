//! The verifier: what the compiler promises of every program is proved of this one, whoever wrote it.

use super::calls::{self, DEPTH_MOST};
use super::flow::Walk;
use super::grants::Grants;
use super::sealed::Sealed;
use crate::language::bytecode::file_error::FileError;
use crate::language::bytecode::fits::{Fault, Numbered};
use crate::language::bytecode::program::Program;
use crate::language::bytecode::structure::{at_instruction, in_function};

/// Instructions of one function; the compiler writes no more.
const INSTRUCTIONS_MOST: usize = 65_535;

const CIRCLE: Fault = ("函数调用了自身", "a function calls itself, at once or through others");
const DEPTH: Fault = ("调用层数过多", "functions call one another too deep");
const LENGTH: Fault = ("函数过长", "the function is too long");

/// Proves a program whose structure was checked. The first thing wrong is T0904 with its function and instruction.
pub fn verify(program: &Program) -> Result<(), FileError> {
    looked_at(program).map(drop)
}

/// Proves a program, and gives at how many places and ways it looked: one pass over the calls, one over the code, so no
/// more than a few for each instruction, each case of a switch and each handler, however they lie.
pub fn looked_at(program: &Program) -> Result<u64, FileError> {
    let reaches = match calls::of(program) {
        Ok(reaches) => reaches,
        Err(circle) => {
            let at = usize::from(circle.function);
            let function = program.functions.get(at);
            let instruction = function.and_then(|function| function.code.get(circle.instruction as usize));
            return Err(match function.zip(instruction) {
                Some((function, instruction)) => {
                    at_instruction(at, function, circle.instruction as usize, *instruction, CIRCLE)
                }
                None => FileError::invalid(CIRCLE.0, CIRCLE.1),
            });
        }
    };
    let numbered = Numbered::new();
    let sealed = Sealed::of(program);
    let mut walk = Walk::new(program, &reaches);
    for ((at, function), reach) in program.functions.iter().enumerate().zip(&reaches) {
        let whole = |fault| in_function(at, function, fault);
        if reach.depth > DEPTH_MOST {
            return Err(whole(DEPTH));
        }
        if function.code.len() > INSTRUCTIONS_MOST {
            return Err(whole(LENGTH));
        }
        let grants = Grants::of(program, &numbered, *reach);
        for (pc, instruction) in function.code.iter().enumerate() {
            let here = |fault| at_instruction(at, function, pc, *instruction, fault);
            grants.check(*instruction).map_err(here)?;
            sealed.check(function, *instruction).map_err(here)?;
        }
        walk.function(function).map_err(|(pc, fault)| {
            match pc.and_then(|pc| Some((pc, *function.code.get(pc as usize)?))) {
                Some((pc, instruction)) => at_instruction(at, function, pc as usize, instruction, fault),
                None => whole(fault),
            }
        })?;
    }
    Ok(walk.looked_at)
}
