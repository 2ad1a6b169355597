//! `till build`: a script as a bytecode file.

use crate::cli::check::report;
use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
use crate::cli::style::{Console, Format, counted};
use crate::language::bytecode::file;
use crate::run::program;
use crate::run::report::hexadecimal;
use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::error::ScriptError;
use crate::script_error::words::{Language, Words};
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// `till build` on the command line.
pub const COMMAND: Row =
    Row {
        name: "build", about: Words { zh: "编译为字节码文件", en: "Compile to a bytecode file" }, define, go
    };

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    command
        .arg(command::file(say("脚本", "A script")))
        .arg(
            command::path_option(
                "output",
                "FILE",
                say(
                    "写到哪里；不写则与脚本同名，扩展名 .tillc",
                    "Where to write it; beside the script as .tillc unless told",
                ),
            )
            .short('o'),
        )
        .arg(
            Arg::new("strip")
                .long("strip")
                .action(ArgAction::SetTrue)
                .help(say("调试信息另存为 .tilld", "Put the debug section into a .tilld file beside it")),
        )
        .arg(command::format(language))
        .after_help(say(
            "示例：\n  till build scripts/sale.till -o sale.tillc\n  till run sale.tillc amount=1.00CNY",
            "Examples:\n  till build scripts/sale.till -o sale.tillc\n  till run sale.tillc amount=1.00CNY",
        ))
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    let file = command::path(matches, "file").unwrap_or_default();
    build(console, &file, command::path(matches, "output"), matches.get_flag("strip"))
}

/// Compiles a script and writes it; with `strip`, its debug section goes into a file beside it.
pub fn build(console: &Console, script: &Path, output: Option<PathBuf>, strip: bool) -> Exit {
    let mut built = program::build(script);
    let exit = report(console, &built);
    let Some(mut compiled) = built.program.take() else { return exit.max(Exit::Refused) };
    let output = output.unwrap_or_else(|| script.with_extension("tillc"));
    let mut written = Vec::new();
    if strip {
        let debug = file::strip(&mut compiled);
        written.push((output.with_extension("tilld"), file::write_debug(&debug)));
    }
    let bytes = file::write(&compiled);
    let hash = file::read(&bytes).map(|read| hexadecimal(&read.hash)).unwrap_or_default();
    written.insert(0, (output, bytes));
    for (path, bytes) in &written {
        if let Err(error) = write_whole(path, bytes) {
            let facts =
                vec![("path", Fact::Text(path.display().to_string())), ("detail", Fact::Text(error.to_string()))];
            console.refusal(&ScriptError::of(storage::CANNOT_WRITE, facts));
            return Exit::Surroundings;
        }
        if console.format == Format::Full {
            console.line(&format!("{}  {}", path.display(), counted(bytes.len(), "byte")));
        }
    }
    if console.format == Format::Full {
        console.line(&format!("sha256 {hash}"));
    }
    exit
}

/// Writes a file whole or not at all: beside it first, then in its place. A device or a pipe is written to as it is: a
/// renamed file would take its place.
fn write_whole(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if fs::metadata(path).is_ok_and(|there| !there.is_file()) {
        return fs::OpenOptions::new().write(true).open(path).and_then(|mut file| file.write_all(bytes));
    }
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let result = fs::File::create(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| fs::rename(&beside, path));
    if result.is_err() {
        let _ = fs::remove_file(&beside);
    }
    result
}
