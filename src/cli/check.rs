//! `till check`: everything that can be known to be wrong before a run.

use crate::cli::command::{self, Row};
use crate::cli::cost;
use crate::cli::exit::Exit;
use crate::cli::scripts::{below, read, replace};
use crate::cli::style::{Console, Format};
use crate::run::mend::{Mended, Mending, mend};
use crate::run::program::{Built, build, load};
use crate::script_error::catalogue::{source, storage};
use crate::script_error::code::{Code, Fact};
use crate::script_error::error::ScriptError;
use crate::script_error::finding::{Finding, Severity};
use crate::script_error::sarif::Document;
use crate::script_error::source::{Sources, Span};
use crate::script_error::words::{Language, Words};
use clap::{ArgMatches, Command};
use std::collections::BTreeSet;
use std::env;
use std::io;
use std::path::{Path, PathBuf};

/// `till check` on the command line.
pub const COMMAND: Row = Row {
    name: "check",
    about: Words { zh: "检查脚本，列出全部问题", en: "Check scripts; every finding at once" },
    define,
    go,
};

fn define(command: Command, language: Language) -> Command {
    let say = command::say(language);
    command
        .arg(
            command::files(say("脚本或文件夹；不写则检查当前文件夹", "Scripts or folders; the current folder unless told"))
                .required(false)
                .num_args(0..),
        )
        .arg(command::format_of(language, &Format::WORDS_OF_CHECK))
        .arg(command::flag(
            "cost",
            say("每个 pub 流程最多等多久、执行多少指令", "How long each public flow may wait, and how much it can execute"),
        ))
        .arg(command::flag("fix", say("修正无须作者决定之处；钱在哪里，从不代为决定", "Mend what needs no decision of the author; never where the money is")))
        .arg(
            command::flag(
                "dry-run",
                say("与 --fix 同用：只列出会修正什么", "With --fix: change nothing, list what would be mended"),
            )
            .requires("fix"),
        )
        .arg(command::flag("deny-warnings", say("有警告则以 1 结束", "End with 1 if there are warnings")))
        .after_help(say(
            "示例：\n  till check scripts\n  till check --cost scripts/sale.till\n  till check 我的.till --fix\n  till check --format sarif > till.sarif",
            "Examples:\n  till check scripts\n  till check --cost scripts/sale.till\n  till check mine.till --fix\n  till check --format sarif > till.sarif",
        ))
}

fn go(console: &Console, matches: &ArgMatches) -> Exit {
    let [fix, dry_run, deny_warnings] = ["fix", "dry-run", "deny-warnings"].map(|id| matches.get_flag(id));
    let cost = matches.get_flag("cost");
    check(console, &Wanted { paths: command::paths(matches, "files"), cost, fix, dry_run, deny_warnings })
}

/// Files are gone through so often, since one that is mended can let another be mended that imports it.
const MENDING_ROUNDS_MAX: usize = 4;

/// What the command line asks for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Files and folders; none: the folder one stands in.
    pub paths: Vec<PathBuf>,
    /// Also say what each flow may wait and execute.
    pub cost: bool,
    /// Apply the cures that need no decision.
    pub fix: bool,
    /// Only say what would be mended.
    pub dry_run: bool,
    /// End with 1 if there are warnings.
    pub deny_warnings: bool,
}

/// Checks files, and all scripts in folders, and writes what was found. Each file is a program of its own.
pub fn check(console: &Console, wanted: &Wanted) -> Exit {
    let mut round = Round {
        console,
        exit: Exit::Fine,
        files: 0,
        errors: 0,
        warnings: 0,
        mended: 0,
        by_hand: 0,
        document: None,
        seen: BTreeSet::new(),
    };
    if console.format == Format::Sarif {
        let base = env::current_dir().map(|folder| folder.display().to_string()).unwrap_or_default();
        round.document = Some(Document::new(console.style.language, &base));
    }
    let here = [PathBuf::from(".")];
    let paths = if wanted.paths.is_empty() { &here[..] } else { &wanted.paths };
    let mut files = Vec::new();
    for path in paths {
        if let Err((path, error)) = below(path, &mut files) {
            round.refuse(&failed(storage::CANNOT_READ, &path, &error), &path, Exit::Surroundings);
        }
    }
    // `till check` in a folder names its files as one would type them.
    let files: Vec<PathBuf> =
        files.into_iter().map(|file| file.strip_prefix(".").map(Path::to_path_buf).unwrap_or(file)).collect();
    if wanted.fix {
        round.mend_all(&files, wanted.dry_run);
    }
    if wanted.cost {
        return cost::check(console, &files).max(round.exit);
    }
    for file in &files {
        round.file(file);
    }
    round.finish(wanted)
}

/// One call of the command: what was counted so far.
struct Round<'c> {
    console: &'c Console,
    exit: Exit,
    files: usize,
    errors: usize,
    warnings: usize,
    mended: usize,
    /// Cures that were shown and that decide where the money is.
    by_hand: usize,
    document: Option<Document>,
    /// What was shown: a file that several programs import is told of once.
    seen: BTreeSet<(String, Code, Span)>,
}

impl Round<'_> {
    fn file(&mut self, file: &Path) {
        self.files += 1;
        if is_bytecode(file) {
            // Bytecode has no findings; it is proved, or refused.
            if let Err(error) = load(file) {
                self.refuse(&error, file, Exit::Refused);
            }
            return;
        }
        let built = build(file);
        self.exit = self.exit.max(exit_of(&built));
        for finding in &built.findings {
            self.finding(finding, &built.sources);
        }
        more(self.console, &built);
    }

    /// Mends the files one by one; again where another that they import was mended in the meantime.
    fn mend_all(&mut self, files: &[PathBuf], dry_run: bool) {
        let mut told = BTreeSet::new();
        for _ in 0..if dry_run { 1 } else { MENDING_ROUNDS_MAX } {
            let before = self.mended;
            for file in files.iter().filter(|file| !is_bytecode(file)) {
                // A file that cannot be read is told of by the check itself.
                if let Ok(bytes) = read(file) {
                    self.mend(file, &bytes, dry_run, &mut told);
                }
            }
            if self.mended == before {
                break;
            }
        }
    }

    /// Mends a file, puts it in its place and tells what was done.
    fn mend(&mut self, file: &Path, bytes: &[u8], dry_run: bool, told: &mut BTreeSet<(PathBuf, u32, u32, Code)>) {
        let Mending { bytes: new, mended, refused, .. } = mend(file, bytes);
        if let Some(new) = new {
            if !dry_run {
                let changed = match read(file) {
                    Ok(now) if now == bytes => replace(file, &new),
                    Ok(_) => Err(io::Error::other(
                        self.console.say("文件已被别的程序改动", "another program has changed the file"),
                    )),
                    Err(error) => Err(error),
                };
                if let Err(error) = changed {
                    self.refuse(&failed(storage::CANNOT_WRITE, file, &error), file, Exit::Surroundings);
                    return;
                }
            }
            self.mended += mended.len();
            for one in &mended {
                self.tell(file, one, true, dry_run);
            }
        }
        for one in refused {
            if told.insert((file.to_path_buf(), one.line, one.column, one.code)) {
                self.tell(file, &one, false, false);
            }
        }
    }

    /// One line about one cure.
    fn tell(&self, file: &Path, one: &Mended, applied: bool, dry_run: bool) {
        let Mended { code, line, column, text } = one;
        match self.console.format {
            Format::Json => {
                let line = serde_json::json!({
                    "v": 1, "kind": "mended", "file": file.display().to_string(), "code": code.0, "line": line, "column": column,
                    "text": { "zh": text.zh, "en": text.en }, "applied": applied, "written": applied && !dry_run,
                });
                self.console.line(&line.to_string());
            }
            // One document and nothing else.
            Format::Sarif | Format::Cashier => {}
            Format::Full | Format::Short => {
                let done = match (applied, dry_run) {
                    (true, false) => self.console.say("已修正", "mended"),
                    (true, true) => self.console.say("待修正", "would mend"),
                    (false, _) => {
                        self.console.say("未修正（会带来新的错误）", "not mended, it would bring new errors:")
                    }
                };
                let text = text.in_language(self.console.style.language);
                self.console.line(&format!("{done} {}:{line}:{column} {code} {text}", file.display()));
            }
        }
    }

    fn finding(&mut self, finding: &Finding, sources: &Sources) {
        let name = sources.file(finding.at.place.file).map(|source| source.name.clone()).unwrap_or_default();
        if !self.seen.insert((name, finding.code, finding.at.place.span)) {
            return;
        }
        match finding.severity {
            Severity::Error => self.errors += 1,
            Severity::Warning => self.warnings += 1,
        }
        self.by_hand += usize::from(finding.cures.iter().any(|cure| cure.by_hand));
        match &mut self.document {
            Some(document) => document.finding(finding, sources),
            None => self.console.finding(finding, sources),
        }
    }

    fn refuse(&mut self, error: &ScriptError, path: &Path, exit: Exit) {
        match &mut self.document {
            Some(document) => document.refusal(error, &path.display().to_string()),
            None => self.console.refusal(error),
        }
        self.errors += 1;
        self.exit = self.exit.max(exit);
    }

    fn finish(self, wanted: &Wanted) -> Exit {
        let console = self.console;
        let mut exit = self.exit;
        if wanted.deny_warnings && self.warnings > 0 || wanted.dry_run && self.mended > 0 {
            exit = exit.max(Exit::Failed);
        }
        if let Some(document) = self.document {
            console.line(&document.finish());
            return exit;
        }
        if console.format != Format::Full {
            return exit;
        }
        if self.files == 0 && exit == Exit::Fine {
            console.line(console.say("没有找到脚本（.till）。", "No scripts (.till) here."));
            return exit;
        }
        let counted = |number: usize, what: &str| match (console.style.language, number) {
            (Language::Zh, number) => number.to_string(),
            (Language::En, 1) => format!("1 {what}"),
            (Language::En, number) => format!("{number} {what}s"),
        };
        if wanted.fix {
            let line = match wanted.dry_run {
                true => console.say("待修正 {n} 处。", "{n} to mend."),
                false => console.say("已修正 {n} 处。", "{n} mended."),
            };
            console.line(&line.replace("{n}", &self.mended.to_string()));
            if self.by_hand > 0 {
                let line = console.say(
                    "请人工修改 {n} 处：它们决定钱在哪里，--fix 不代为决定。",
                    "{n} to mend by hand: they decide where the money is, and --fix does not decide that.",
                );
                console.line(&line.replace("{n}", &self.by_hand.to_string()));
            }
        }
        let line = match (self.errors + self.warnings, self.files) {
            (0, 0 | 1) => console.say("没有发现问题。", "No findings."),
            (0, _) => console.say("{n} 个文件，没有发现问题。", "No findings in {n} files."),
            (_, 0 | 1) => console.say("错误 {e}，警告 {w}。", "{e}, {w}."),
            (..) => console.say("{n} 个文件：错误 {e}，警告 {w}。", "{e}, {w} in {n} files."),
        };
        let line = line
            .replace("{n}", &self.files.to_string())
            .replace("{e}", &counted(self.errors, "error"))
            .replace("{w}", &counted(self.warnings, "warning"));
        console.line(&line);
        exit
    }
}

fn is_bytecode(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "tillc")
}

fn failed(code: Code, path: &Path, error: &io::Error) -> ScriptError {
    let facts = vec![("path", Fact::Text(path.display().to_string())), ("detail", Fact::Text(error.to_string()))];
    ScriptError::of(code, facts)
}

/// Writes the findings of one program.
pub fn report(console: &Console, built: &Built) -> Exit {
    for finding in &built.findings {
        console.finding(finding, &built.sources);
    }
    more(console, built);
    exit_of(built)
}

/// Says how many findings were left out.
fn more(console: &Console, built: &Built) {
    if built.more > 0 && !matches!(console.format, Format::Json | Format::Sarif) {
        console
            .line(&console.say("……另有 {n} 处未列出。", "... and {n} more.").replace("{n}", &built.more.to_string()));
    }
}

fn exit_of(built: &Built) -> Exit {
    let unreadable = |code| code == storage::CANNOT_READ;
    if built.findings.iter().any(|finding| unreadable(finding.code)) {
        Exit::Surroundings
    } else if built.program.is_none() || built.findings.iter().any(|finding| finding.code == source::SOURCE_TOO_LARGE) {
        Exit::Refused
    } else {
        Exit::Fine
    }
}
