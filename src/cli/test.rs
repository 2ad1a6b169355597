//! `till test`: runs the tests of scripts.

use crate::cli::check::report;
use crate::cli::command::{self, Row};
use crate::cli::exit::Exit;
use crate::cli::run_end;
use crate::cli::style::{Console, Format};
use crate::language::bytecode::program::Program;
use crate::run::program;
use crate::run::suite::{self, Broken, Verdict};
use crate::script_error::error::ScriptError;
use crate::script_error::source::Sources;
use crate::script_error::words::{Language, Said, Words};
use crate::world::audit::books::Standing;
use clap::{Arg, ArgMatches, Command};
use std::path::{Path, PathBuf};
use std::time::Instant;

/// `till test` on the command line.
pub const COMMAND: Row =
    Row { name: "test", about: Words { zh: "运行脚本里的测试", en: "Run the tests of scripts" }, define, go };

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    command
        .arg(command::files(say("脚本", "Scripts")))
        .arg(
            Arg::new("filter")
                .long("filter")
                .value_name("TEXT")
                .help(say("只运行标题含此文本的测试", "Only tests whose titles hold this text")),
        )
        .arg(command::format(language))
        .arg(command::seed(language))
        .after_help(say(
            "示例：\n  till test scripts/*.till\n  till test scripts/sale.till --filter 余额不足",
            "Examples:\n  till test scripts/*.till\n  till test scripts/sale.till --filter 余额不足",
        ))
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    let seed = matches.get_one::<u64>("seed").copied().unwrap_or(0);
    test(console, &command::paths(matches, "files"), command::text(matches, "filter").as_deref(), seed)
}

/// Runs the tests of all files whose titles hold `filter`.
pub fn test(console: &Console, files: &[PathBuf], filter: Option<&str>, seed: u64) -> Exit {
    let started = Instant::now();
    let (mut exit, mut passed, mut failed) = (Exit::Fine, 0, 0);
    let mut sum = Sum::default();
    for file in files {
        let (program, sources) = match loaded(console, file) {
            Ok(loaded) => loaded,
            Err(refused) => {
                exit = exit.max(refused);
                continue;
            }
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
            sum.add(&verdict);
            if let Some(Broken::Error(error)) = &verdict.failure {
                console.script_error(error, &sources);
            } else if let Some(Broken::World(failure)) = &verdict.failure {
                console.script_error(&ScriptError::of(failure.code, failure.facts.clone()), &sources);
            }
            if let Some(Broken::Defect(_)) = &verdict.failure {
                exit = exit.max(Exit::Defect);
            }
        }
    }
    // A test may expect nothing of the books; that they disagree behind it is a failure all the same.
    if failed > 0 || !sum.wrong.is_empty() {
        exit = exit.max(Exit::Failed);
    }
    if let (0, Exit::Fine, Some(filter)) = (passed, exit, filter) {
        // A filter with a typing slip must not look like success on a build server.
        console.line(&console.say("没有标题含“{f}”的测试。", "No test has `{f}` in its title.").replace("{f}", filter));
        exit = Exit::Usage;
    }
    sum.show(console, passed, failed);
    if console.format == Format::Full {
        let line = console.say("通过 {p}，失败 {f}，用时 {t} ms。", "{p} passed, {f} failed, {t} ms.");
        let line = line.replace("{p}", &passed.to_string()).replace("{f}", &failed.to_string());
        console.line(&line.replace("{t}", &started.elapsed().as_millis().to_string()));
    }
    exit
}

/// The books of all tests together.
#[derive(Default)]
struct Sum {
    /// Of every test but those of `of_host`.
    standing: Standing,
    /// Tests after which the books are wrong, and the worst of it.
    wrong: Vec<(String, Said)>,
    /// Tests after which something waits, although everything was mended.
    open: Vec<String>,
    /// Tests in which the host did not do what it said.
    of_host: Vec<(String, Said)>,
}

impl Sum {
    fn add(&mut self, verdict: &Verdict) {
        let Some(books) = &verdict.books else { return };
        let worst = books.wrong.first().map(|violation| (verdict.title.clone(), violation.said()));
        // Its sums cannot agree, and no terminal is to blame: it is told apart.
        if books.is_of_host() {
            self.of_host.extend(worst);
            return;
        }
        self.standing.add(&books.standing);
        self.wrong.extend(worst);
        if books.standing.unknown + books.standing.unheard > 0 {
            self.open.push(verdict.title.clone());
        }
    }

    /// The money line, and the tests that it is not true of.
    fn show(&self, console: &Console, passed: usize, failed: usize) {
        let language = console.style.language;
        if console.format == Format::Json {
            let titles = |of: &[(String, Said)]| of.iter().map(|(title, _)| title.clone()).collect::<Vec<_>>();
            let line = serde_json::json!({
                "v": 1,
                "kind": "tests",
                "passed": passed,
                "failed": failed,
                "books": run_end::books(&self.standing),
                "inconsistent": titles(&self.wrong),
                "open": self.open,
                "host_did_not": titles(&self.of_host),
            });
            console.line(&line.to_string());
            return;
        }
        // Tests that move nothing have no books.
        if console.format != Format::Full || self.standing.consistent.is_none() && self.of_host.is_empty() {
            return;
        }
        let colour = if self.wrong.is_empty() { "2" } else { "31" };
        console.line(&console.painted(colour, &self.standing.line(language)));
        for (title, said) in &self.wrong {
            console.line(&console.painted("31", &format!("  => {title}: {}", said.in_language(language))));
        }
        for title in &self.open {
            let waits = console.say("仍有待发的冲正或通知", "a reversal or a notice still waits");
            console.line(&console.painted("33", &format!("  => {title}: {waits}")));
        }
        if !self.of_host.is_empty() {
            let line = console
                .say("未计入，主机没有照它说的做：{n} 个测试", "left out, as the host does not do what it says: {n}");
            console.line(&console.dim(&line.replace("{n}", &self.of_host.len().to_string())));
            for (title, said) in &self.of_host {
                console.line(&console.dim(&format!("  => {title}: {}", said.in_language(language))));
            }
        }
    }
}

/// The program of a script or of a bytecode file, which holds its tests too.
fn loaded(console: &Console, file: &Path) -> Result<(Program, Sources), Exit> {
    if file.extension().is_some_and(|extension| extension == "tillc") {
        return program::load(file).map_err(|error| {
            console.refusal(&error);
            Exit::Refused
        });
    }
    let mut built = program::build(file);
    match built.program.take() {
        Some(program) => Ok((program, built.sources)),
        None => Err(report(console, &built).max(Exit::Refused)),
    }
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
            "failed_power_cut": match &verdict.failure {
                Some(Broken::Disagree { request, done, .. }) if *request > 0 => serde_json::json!({ "request": request, "done": done }),
                _ => serde_json::Value::Null,
            },
        });
        console.line(&line.to_string());
        return;
    }
    let cuts = match verdict.cuts {
        0 => String::new(),
        cuts => console
            .say("（{n} 次断电，账务一致）", " ({n} power cuts, ledgers agree)")
            .replace("{n}", &cuts.to_string()),
    };
    match &verdict.failure {
        None => console.line(&format!("  {} {}{cuts}", console.painted("32", "ok  "), verdict.title)),
        Some(broken) => {
            console.line(&format!("  {} {}", console.painted("31", "FAIL"), verdict.title));
            match broken {
                Broken::Disagree { violation, went, .. } => {
                    let language = console.style.language;
                    console.line(&format!("       {}", went.in_language(language)));
                    console.line(&format!("       => {}", violation.said().in_language(language)));
                    let more = console.say("经过：till torture {f}", "how it comes about: till torture {f}");
                    console.line(&console.dim(&format!("       {}", more.replace("{f}", file))));
                }
                Broken::Defect(said) => console.line(&format!("       T9001 {said}")),
                Broken::Error(_) | Broken::World(_) => {}
            }
        }
    }
}
