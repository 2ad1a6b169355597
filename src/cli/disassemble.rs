//! `till disassemble`: a program as readable instructions.

use crate::cli::check::report;
use crate::cli::exit::Exit;
use crate::cli::style::Console;
use crate::language::bytecode::disassemble;
use crate::run::program;
use std::path::Path;

/// Writes the instructions of a script or of a bytecode file.
pub fn disassemble(console: &Console, file: &Path) -> Exit {
    if file.extension().is_some_and(|extension| extension == "tillc") {
        return match program::load(file) {
            Ok((program, sources)) => {
                console.line(disassemble::program(&program, Some(&sources)).trim_end());
                Exit::Fine
            }
            Err(error) => {
                console.refusal(&error);
                Exit::Refused
            }
        };
    }
    let mut built = program::build(file);
    let exit = report(console, &built);
    match built.program.take() {
        Some(program) => {
            console.line(disassemble::program(&program, Some(&built.sources)).trim_end());
            exit
        }
        None => exit.max(Exit::Refused),
    }
}
