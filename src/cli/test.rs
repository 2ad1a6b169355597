//! `till test`: runs the tests of scripts.

use crate::cli::check::report;
use crate::cli::exit::Exit;
use crate::cli::style::{Console, Format};
use crate::run::program;
use crate::run::suite::{self, Broken, Verdict};
use crate::script_error::error::ScriptError;
use std::path::PathBuf;
use std::time::Instant;

/// Runs the tests of all files whose titles hold `filter`.
pub fn test(console: &Console, files: &[PathBuf], filter: Option<&str>, seed: u64) -> Exit {
    let started = Instant::now();
    let (mut exit, mut passed, mut failed) = (Exit::Fine, 0, 0);
    for file in files {
        let mut built = program::build(file);
        let Some(program) = built.program.take() else {
            exit = exit.max(report(console, &built).max(Exit::Refused));
            continue;
        };
        if console.format == Format::Full {
            console.line(&console.bold(&file.display().to_string()));
        }
        for verdict in suite::run(&program, seed, filter) {
            match &verdict.failure {
                None => passed += 1,
                Some(_) => failed += 1,
            }
            show(console, &verdict, &file.display().to_string());
            if let Some(Broken::Error(error)) = &verdict.failure {
                console.script_error(error, &built.sources);
            } else if let Some(Broken::World(failure)) = &verdict.failure {
                console.script_error(&ScriptError::of(failure.code, failure.facts.clone()), &built.sources);
            }
            if let Some(Broken::Defect(_)) = &verdict.failure {
                exit = exit.max(Exit::Defect);
            }
        }
    }
    if failed > 0 {
        exit = exit.max(Exit::Failed);
    }
    if console.format == Format::Full {
        let line = console.say("通过 {p}，失败 {f}，用时 {t} ms。", "{p} passed, {f} failed, {t} ms.");
        let line = line.replace("{p}", &passed.to_string()).replace("{f}", &failed.to_string());
        console.line(&line.replace("{t}", &started.elapsed().as_millis().to_string()));
    }
    exit
}

fn show(console: &Console, verdict: &Verdict, file: &str) {
    if console.format == Format::Json {
        let line = serde_json::json!({
            "v": 1,
            "kind": "test",
            "file": file,
            "title": verdict.title,
            "passed": verdict.failure.is_none(),
            "power_cuts": verdict.cuts,
        });
        console.line(&line.to_string());
        return;
    }
    let cuts = match verdict.cuts {
        0 => String::new(),
        cuts => console.say("（{n} 次断电，账务一致）", " ({n} power cuts, ledgers agree)").replace("{n}", &cuts.to_string()),
    };
    match &verdict.failure {
        None => console.line(&format!("  {} {}{cuts}", console.painted("32", "ok  "), verdict.title)),
        Some(broken) => {
            console.line(&format!("  {} {}", console.painted("31", "FAIL"), verdict.title));
            match broken {
                Broken::Disagree { request, done, host, batch, pending } => {
                    let when = if *done { console.say("之后", "after") } else { console.say("之前", "before") };
                    let line = console.say(
                        "第 {r} 个请求{w}断电：主机 {h}，终端 {b}，待发冲正 {p}",
                        "power cut {w} request {r}: host {h}, terminal {b}, reversals waiting {p}",
                    );
                    let line = line.replace("{r}", &request.to_string()).replace("{w}", when).replace("{h}", host);
                    console.line(&format!("       {}", line.replace("{b}", batch).replace("{p}", &pending.to_string())));
                }
                Broken::Defect(said) => console.line(&format!("       T9001 {said}")),
                Broken::Error(_) | Broken::World(_) => {}
            }
        }
    }
}
