//! `till reproduce`: shows an entry of the handbook on the simulated terminal.

use crate::cli::command::{self, Row};
use crate::cli::commands::{Typed, typed};
use crate::cli::exit::Exit;
use crate::cli::run;
use crate::cli::style::{Console, Format};
use crate::language::bytecode::program::Program;
use crate::script_error::handbook::entry::{Entry, Origin, Trial};
use crate::script_error::handbook::shelf;
use crate::script_error::source::Sources;
use crate::script_error::words::{Language, Words};
use crate::script_error::wrap::wrap;
use clap::{Arg, ArgMatches, Command};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// `till reproduce` on the command line.
pub const COMMAND: Row = Row {
    name: "reproduce",
    about: Words { zh: "在模拟终端上重现一个条目", en: "Show an entry on the simulated terminal" },
    define,
    go,
};

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    command
        .arg(
            Arg::new("ids")
                .required_unless_present("all")
                .num_args(1..)
                .value_name("CODE|ID")
                .help(say("如 51、T5101、E4102、tampered", "Such as 51, T5101, E4102, tampered")),
        )
        .arg(command::flag("all", say("逐个重现终端前会遇到的全部条目", "Every entry that people at a terminal meet")))
        .arg(command::flag("fields", say("报文逐域列出", "Show the fields of messages too")))
        .after_help(say(
            "示例：\n  till reproduce 51\n  till reproduce T5101 --fields\n  till reproduce q-charged-but-failed",
            "Examples:\n  till reproduce 51\n  till reproduce T5101 --fields\n  till reproduce q-charged-but-failed",
        ))
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    let (all, fields) = (matches.get_flag("all"), matches.get_flag("fields"));
    reproduce(console, &Wanted { ids: command::texts(matches, "ids"), all, fields })
}

/// What the command line said.
#[derive(Debug, Default)]
pub struct Wanted {
    /// Codes or ids.
    pub ids: Vec<String>,
    /// Every entry that people at a terminal meet.
    pub all: bool,
    /// The fields of messages too.
    pub fields: bool,
}

/// Columns of a reason.
const WIDTH: usize = 80;

macro_rules! carried {
    ($($path:literal)*) => {
        /// What a scenario may name, so that it can be shown anywhere.
        const CARRIED: &[(&str, &[u8])] = &[$((
            $path,
            include_bytes!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path)),
        )),*];
    };
}

carried! {
    "README.md"
    "scripts/balance.till"
    "scripts/batch_upload.till"
    "scripts/completion.till"
    "scripts/completion_void.till"
    "scripts/doctor.till"
    "scripts/duplicate_slip.till"
    "scripts/echo.till"
    "scripts/end_of_day.till"
    "scripts/offline_sale.till"
    "scripts/parameters.till"
    "scripts/pre_auth.till"
    "scripts/pre_auth_void.till"
    "scripts/refund.till"
    "scripts/sale.till"
    "scripts/script_result.till"
    "scripts/settlement.till"
    "scripts/sign_in.till"
    "scripts/sign_off.till"
    "scripts/start_of_day.till"
    "scripts/tip_adjust.till"
    "scripts/void.till"
    "scripts/whole_day.till"
    "scripts/scenarios/swiped-chip-card.scenario"
    "tests/cli/specs/our-bank.xml"
    "tests/errors/examples/circle.till"
    "tests/errors/examples/crowded.till"
    "tests/errors/examples/damaged.tillc"
    "tests/errors/examples/deep-calls.till"
    "tests/errors/examples/discards.till"
    "tests/errors/examples/gbk.txt"
    "tests/errors/examples/long-sum.till"
    "tests/errors/examples/newer.tillc"
    "tests/errors/examples/one-key-twice.till"
    "tests/errors/examples/print.till"
    "tests/errors/examples/read_card.till"
    "tests/errors/examples/spoilt.trace"
    "tests/errors/examples/swiped-chip-card.scenario"
    "tests/errors/examples/text.tillc"
    "tests/errors/examples/unknown-application.card"
}

/// Shows entries, each from its own beginning.
pub fn reproduce(console: &Console, wanted: &Wanted) -> Exit {
    let mut entries = Vec::new();
    for id in &wanted.ids {
        match shelf::find(id).or_else(|| shelf::of_response(&id.to_uppercase(), None).into_iter().next()) {
            Some(entry) => entries.push(entry),
            None => {
                let said = console
                    .say("没有这个条目：{}。用 till explain 找。", "There is no entry {}. Look with `till explain`.");
                console.line(&said.replace("{}", id));
                return Exit::Usage;
            }
        }
    }
    if wanted.all {
        let can = |entry: &&Entry| entry.origin != Origin::Script && !matches!(entry.trial, Trial::NotYet(_));
        entries = shelf::all().iter().filter(can).collect();
    }
    let mut bench = match Bench::new(console, wanted.fields) {
        Ok(bench) => bench,
        Err(error) => {
            console.line(&format!(
                "{} {error}",
                console.say("临时文件夹不能用：", "the temporary folder cannot be used:")
            ));
            return Exit::Surroundings;
        }
    };
    let mut exit = Exit::Fine;
    for (at, entry) in entries.into_iter().enumerate() {
        if at > 0 {
            console.line("");
        }
        exit = exit.max(bench.show(entry));
    }
    exit
}

/// A folder with everything in it, and the programs built so far.
struct Bench {
    console: Console,
    folder: PathBuf,
    built: BTreeMap<PathBuf, (Program, Sources)>,
}

static BENCHES: AtomicU32 = AtomicU32::new(0);

impl Bench {
    fn new(console: &Console, fields: bool) -> std::io::Result<Bench> {
        let number = BENCHES.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("till-reproduce-{}-{number}", std::process::id()));
        fs::create_dir_all(&folder)?;
        // From here on what was made is taken away again, whatever happens.
        let mut bench = Bench {
            console: Console::new(console.style.language, console.format),
            folder: folder.clone(),
            built: BTreeMap::new(),
        };
        bench.console.style = console.style;
        bench.console.brief = !fields;
        for (path, bytes) in CARRIED {
            let to = folder.join(path);
            if let Some(parent) = to.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(to, bytes)?;
        }
        // A command names its files as the page does.
        std::env::set_current_dir(&folder)?;
        Ok(bench)
    }

    /// Shows one entry: what it is, then each command and what it says.
    fn show(&mut self, entry: &Entry) -> Exit {
        let language = self.console.style.language;
        self.console.line(&self.console.bold(&format!("{}  {}", entry.id, entry.title.in_language(language))));
        let lines: Vec<String> = match &entry.trial {
            Trial::NotYet(why) => {
                let said = format!(
                    "{}{}",
                    self.console.say("还不能重现：", "not reproduced yet: "),
                    why.in_language(language)
                );
                for line in wrap(&said, self.console.style.width.min(WIDTH)) {
                    self.console.line(&line);
                }
                return Exit::Usage;
            }
            Trial::Reply(code) => vec![format!("run scripts/sale.till amount=100.00CNY --fault reply:{code}")],
            Trial::Runs(lines) if !lines.is_empty() => lines.iter().map(|line| (*line).to_owned()).collect(),
            Trial::Runs(_) => match entry.row.map(|row| row.example) {
                Some(example) if example.starts_with("till ") => {
                    example.lines().filter_map(|line| line.strip_prefix("till ")).map(str::to_owned).collect()
                }
                Some(example) => return self.show_program(example),
                None => Vec::new(),
            },
        };
        let _ = fs::remove_dir_all(self.folder.join("journal"));
        shown(lines.iter().fold(Exit::Fine, |exit, line| exit.max(self.type_in(line))))
    }

    /// A program that shows a finding, or whose tests or only flow end in the error.
    fn show_program(&mut self, example: &str) -> Exit {
        for line in example.lines() {
            self.console.line(format!("    {line}").trim_end());
        }
        if fs::write(self.folder.join("example.till"), example).is_err() {
            return Exit::Surroundings;
        }
        self.built.remove(Path::new("example.till"));
        if self.type_in("check example.till") != Exit::Fine {
            return Exit::Fine;
        }
        match (example.contains("test \""), example.contains("pub flow")) {
            (true, _) => shown(self.type_in("test example.till")),
            (_, true) => shown(self.type_in("run example.till")),
            _ => Exit::Fine,
        }
    }

    /// Does what one line says, as if it were typed.
    fn type_in(&mut self, line: &str) -> Exit {
        if self.console.format == Format::Full {
            self.console.line(&self.console.dim(&format!("$ till {line}")));
        }
        let wanted = match typed(&self.console, line) {
            Ok(Typed::Run(wanted)) => wanted,
            Ok(Typed::Other(exit)) | Err(exit) => return exit,
        };
        if !self.built.contains_key(&wanted.file) {
            match run::load(&self.console, &wanted.file) {
                Ok((program, sources, _)) => self.built.insert(wanted.file.clone(), (program, sources)),
                Err(exit) => return exit,
            };
        }
        let Some((program, sources)) = self.built.get(&wanted.file) else { return Exit::Defect };
        run::run_built(&self.console, &wanted, program, sources)
    }
}

/// An error that was asked for and came is what was wanted; only a defect of ours is none.
fn shown(exit: Exit) -> Exit {
    if exit == Exit::Defect { exit } else { Exit::Fine }
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = std::env::set_current_dir(std::env::temp_dir());
        let _ = fs::remove_dir_all(&self.folder);
    }
}
