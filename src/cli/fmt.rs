//! `till fmt`: scripts in the one style.

use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
use crate::cli::scripts::{BYTES_MAX, below, read, replace};
use crate::cli::style::{Console, Format};
use crate::language::syntax::format::whole::format;
use crate::language::syntax::parse::decode;
use crate::script_error::catalogue::{internal, storage};
use crate::script_error::code::{Code, Fact};
use crate::script_error::error::ScriptError;
use crate::script_error::finding::Finding;
use crate::script_error::render;
use crate::script_error::source::{FileId, Source, Sources};
use crate::script_error::words::{Language, Words};
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// `till fmt` on the command line.
pub const COMMAND: Row =
    Row {
        name: "fmt", about: Words { zh: "把脚本排成统一格式", en: "Put scripts into the one style" }, define, go
    };

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    command
        .arg(command::files(say("脚本或文件夹；- 表示标准输入", "Scripts or folders; - is standard input")))
        .arg(Arg::new("check").long("check").action(ArgAction::SetTrue).help(say(
            "不改文件，只列出待格式化的，有则以 1 结束",
            "Change nothing; list what would change and end with 1",
        )))
        .arg(command::format(language))
        .after_help(say(
            "示例：\n  till fmt 我的.till\n  till fmt --check scripts\n  till fmt - < 我的.till",
            "Examples:\n  till fmt mine.till\n  till fmt --check scripts\n  till fmt - < mine.till",
        ))
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    fmt(console, &command::paths(matches, "files"), matches.get_flag("check"))
}

/// Formats files and all scripts in folders; `-` is standard input. With `check`, only tells which would change.
pub fn fmt(console: &Console, paths: &[PathBuf], check: bool) -> Exit {
    let (mut exit, mut changed, mut unchanged) = (Exit::Fine, 0, 0);
    for path in paths {
        if path.as_os_str() == "-" {
            exit = exit.max(standard_input(console, check));
            continue;
        }
        let mut files = Vec::new();
        if let Err((path, error)) = below(path, &mut files) {
            exit = exit.max(failed(console, storage::CANNOT_READ, &path, &error));
        }
        for file in files {
            match one(console, &file, check) {
                Ok(true) => changed += 1,
                Ok(false) => unchanged += 1,
                Err(worse) => exit = exit.max(worse),
            }
        }
    }
    if check && changed > 0 {
        exit = exit.max(Exit::Failed);
    }
    if console.format == Format::Full && changed + unchanged > 0 {
        let line = match check {
            true => console.say("{c} 个文件待格式化，{u} 个不变。", "{c} to format, {u} unchanged."),
            false => console.say("已格式化 {c} 个文件，{u} 个不变。", "{c} formatted, {u} unchanged."),
        };
        console.line(&line.replace("{c}", &changed.to_string()).replace("{u}", &unchanged.to_string()));
    }
    exit
}

/// Formats one file. True if it changed or would.
fn one(console: &Console, path: &Path, check: bool) -> Result<bool, Exit> {
    let bytes = read(path).map_err(|error| failed(console, storage::CANNOT_READ, path, &error))?;
    let name = path.display().to_string();
    let formatted = formatted(&bytes).map_err(|findings| {
        let sources = sources(&name, &bytes);
        findings.iter().for_each(|finding| console.finding(finding, &sources));
        refused(&findings)
    })?;
    let changed = formatted.as_bytes() != bytes;
    if changed && !check {
        replace(path, formatted.as_bytes()).map_err(|error| failed(console, storage::CANNOT_WRITE, path, &error))?;
    }
    match console.format {
        Format::Json => {
            let line = serde_json::json!({ "v": 1, "kind": "format", "file": name, "changed": changed, "written": changed && !check });
            console.line(&line.to_string());
        }
        _ if changed && check => console.line(&format!("{} {name}", console.say("待格式化", "would format"))),
        _ if changed => console.line(&format!("{} {name}", console.say("已格式化", "formatted"))),
        _ => {}
    }
    Ok(changed)
}

/// Formats standard input to standard output; findings go to standard error.
fn standard_input(console: &Console, check: bool) -> Exit {
    let mut bytes = Vec::new();
    if let Err(error) = io::stdin().lock().take(BYTES_MAX).read_to_end(&mut bytes) {
        return failed(console, storage::CANNOT_READ, Path::new("-"), &error);
    }
    match formatted(&bytes) {
        Ok(text) if check => {
            if text.as_bytes() == bytes {
                Exit::Fine
            } else {
                Exit::Failed
            }
        }
        Ok(text) => {
            console.flush();
            // A reader that has gone away is no error.
            let _ = io::stdout().lock().write_all(text.as_bytes());
            Exit::Fine
        }
        Err(findings) => {
            let sources = sources("-", &bytes);
            console.flush();
            for finding in &findings {
                eprintln!("{}\n", render::finding(finding, &sources, &console.style));
            }
            refused(&findings)
        }
    }
}

fn formatted(bytes: &[u8]) -> Result<String, Vec<Finding>> {
    let text = decode(FileId::default(), bytes).map_err(|finding| vec![*finding])?;
    format(FileId::default(), text)
}

fn sources(name: &str, bytes: &[u8]) -> Sources {
    let mut sources = Sources::default();
    // Findings count from behind a byte-order mark.
    let text =
        decode(FileId::default(), bytes).map_or_else(|_| String::from_utf8_lossy(bytes).into_owned(), str::to_string);
    sources.add(Source::new(name, text));
    sources
}

fn refused(findings: &[Finding]) -> Exit {
    match findings.iter().any(|finding| finding.code == internal::INTERNAL_DEFECT) {
        true => Exit::Defect,
        false => Exit::Refused,
    }
}

fn failed(console: &Console, code: Code, path: &Path, error: &io::Error) -> Exit {
    let facts = vec![("path", Fact::Text(path.display().to_string())), ("detail", Fact::Text(error.to_string()))];
    console.script_error(&ScriptError::of(code, facts), &Sources::default());
    Exit::Surroundings
}
