//! `till disassemble`: a program as readable instructions.

use crate::cli::check::report;
use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
use crate::cli::style::Console;
use crate::language::bytecode::disassemble;
use crate::run::program;
use crate::script_error::words::{Language, Words};
use clap::{ArgMatches, Command};
use std::path::Path;

/// `till disassemble` on the command line.
pub const COMMAND: Row =
    Row { name: "disassemble", about: Words { zh: "列出指令", en: "List a program's instructions" }, define, go };

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    command.arg(command::file(say("脚本或字节码文件", "A script or a bytecode file"))).after_help(say(
        "示例：\n  till disassemble scripts/sale.till",
        "Examples:\n  till disassemble scripts/sale.till",
    ))
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    disassemble(console, &command::path(matches, "file").unwrap_or_default())
}

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
