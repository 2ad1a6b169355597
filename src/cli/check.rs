//! `till check`: everything that can be known to be wrong before a run.

use crate::cli::exit::Exit;
use crate::cli::style::{Console, Format};
use crate::run::program::{Built, build};
use crate::script_error::catalogue::{source, storage};
use crate::script_error::finding::Severity;
use crate::script_error::words::Language;
use std::path::PathBuf;

/// Checks files and writes what was found.
pub fn check(console: &Console, files: &[PathBuf]) -> Exit {
    let mut exit = Exit::Fine;
    let (mut errors, mut warnings) = (0, 0);
    for file in files {
        let built = build(file);
        exit = exit.max(report(console, &built));
        errors += built.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        warnings += built.findings.iter().filter(|finding| finding.severity == Severity::Warning).count();
    }
    if console.format == Format::Full {
        let line = match (errors, warnings) {
            (0, 0) => console.say("没有发现问题。", "No findings.").to_string(),
            _ => console.say("错误 {e}，警告 {w}。", "{e}, {w}.").to_string(),
        };
        let counted = |number: usize, what: &str| match (console.style.language, number) {
            (Language::Zh, number) => number.to_string(),
            (Language::En, 1) => format!("1 {what}"),
            (Language::En, number) => format!("{number} {what}s"),
        };
        console.line(&line.replace("{e}", &counted(errors, "error")).replace("{w}", &counted(warnings, "warning")));
    }
    exit
}

/// Writes the findings of one program.
pub fn report(console: &Console, built: &Built) -> Exit {
    for finding in &built.findings {
        console.finding(finding, &built.sources);
    }
    if built.more > 0 && console.format != Format::Json {
        console.line(&console.say("……另有 {n} 处未列出。", "... and {n} more.").replace("{n}", &built.more.to_string()));
    }
    let unreadable = |code| code == storage::CANNOT_READ;
    if built.findings.iter().any(|finding| unreadable(finding.code)) {
        Exit::Surroundings
    } else if built.program.is_none() || built.findings.iter().any(|finding| finding.code == source::SOURCE_TOO_LARGE) {
        Exit::Refused
    } else {
        Exit::Fine
    }
}
