//! What the command line of `till dialect` asks for, done.

use crate::cli::dialect::{export, jpos, moov, write};
use crate::cli::exit::Exit;
use crate::cli::message::input;
use crate::cli::message::wanted::dialect;
use crate::cli::style::Console;
use crate::run::known_dialects::{self, Unknown};
use crate::script_error::catalogue::wire;
use crate::script_error::code::Fact;
use crate::script_error::words::Said;
use std::io::Write;

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// `import` or `export`.
    pub what: String,
    /// The file to import, or the dialect to export.
    pub word: String,
    /// The name of the dialect that is made.
    pub name: Option<String>,
}

/// Does what the command line says.
pub fn dialects(console: &Console, wanted: &Wanted) -> Exit {
    match wanted.what.as_str() {
        "import" => import(console, wanted),
        "export" => match dialect(console, &wanted.word) {
            Ok(known) => {
                let (json, left_out) = export::moov(&known.dialect);
                console.line(&json);
                tell(console, &left_out);
                Exit::Fine
            }
            Err(exit) => exit,
        },
        _ => Exit::Usage,
    }
}

/// Reads a specification, writes the dialect, and checks what was written before anybody sees it.
fn import(console: &Console, wanted: &Wanted) -> Exit {
    // A specification is never typed in: a word that is no file is a file that is not there.
    if wanted.word != "-" && !std::path::Path::new(&wanted.word).is_file() {
        return input::no_such_file(console, &wanted.word);
    }
    let content = match input::content(console, std::slice::from_ref(&wanted.word)) {
        Ok(content) => content,
        Err(exit) => return exit,
    };
    let refuse = |said: Said| input::refuse(console, wire::SPEC_UNREADABLE, vec![("detail", Fact::Said(said))]);
    if content.len() as u64 > input::BYTES_MAX {
        return refuse(Said::new("文件超过 1 MiB", "the file has more than 1 MiB"));
    }
    let Ok(text) = std::str::from_utf8(&content) else {
        return refuse(Said::new("不是 UTF-8 文本", "it is no text in UTF-8"));
    };
    let read = if text.trim_start().starts_with('{') { moov::read(text) } else { jpos::read(text) };
    let mut spec = match read {
        Ok(spec) => spec,
        Err(said) => return refuse(said),
    };
    if let Some(name) = &wanted.name {
        spec.name.clone_from(name);
    }
    let script = match write::script(&spec) {
        Ok(script) => script,
        Err(said) => return refuse(said),
    };
    match known_dialects::from_text(&script) {
        Ok(_) => {
            console.line(&script);
            tell(console, &spec.left_out);
            Exit::Fine
        }
        Err(Unknown::Refused(error)) => {
            console.refusal(&error);
            Exit::Refused
        }
        // The specification asks for something that no dialect can be; the findings point into what was made of it.
        Err(Unknown::Findings(sources, findings)) => {
            findings.iter().for_each(|finding| console.finding(finding, &sources));
            Exit::Refused
        }
    }
}

/// What had to be left out, where people see it and pipes do not.
fn tell(console: &Console, left_out: &[Said]) {
    for said in left_out {
        let code = wire::LEFT_OUT.0;
        let label = console.say("略去", "left out");
        let colon = console.say("：", ": ");
        let _ = writeln!(std::io::stderr(), "{label}[{code}]{colon}{}", said.in_language(console.style.language));
    }
    if !left_out.is_empty() {
        let _ = writeln!(std::io::stderr(), "{}till explain {}", console.say("更多：", "more: "), wire::LEFT_OUT.0);
    }
}
