//! `till check`: everything that can be known to be wrong before a run.

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
use crate::script_error::words::Language;
use std::collections::BTreeSet;
use std::env;
use std::io;
use std::path::{Path, PathBuf};

/// What the command line asks for.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// Files and folders; none: the folder one stands in.
    pub paths: Vec<PathBuf>,
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
        document: None,
        seen: BTreeSet::new(),
    };
    if console.format == Format::Sarif {
        let base = env::current_dir().map(|folder| folder.display().to_string()).unwrap_or_default();
        round.document = Some(Document::new(console.style.language, &base));
    }
    let here = [PathBuf::from(".")];
    let paths = if wanted.paths.is_empty() { &here[..] } else { &wanted.paths };
    for path in paths {
        let mut files = Vec::new();
        if let Err((path, error)) = below(path, &mut files) {
            round.refuse(&failed(storage::CANNOT_READ, &path, &error), &path, Exit::Surroundings);
        }
        for file in files {
            // `till check` in a folder names its files as one would type them.
            let file = file.strip_prefix(".").map(Path::to_path_buf).unwrap_or(file);
            round.file(&file, wanted);
        }
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
    document: Option<Document>,
    /// What was shown: a file that several programs import is told of once.
    seen: BTreeSet<(String, Code, Span)>,
}

impl Round<'_> {
    fn file(&mut self, file: &Path, wanted: &Wanted) {
        self.files += 1;
        if file.extension().is_some_and(|extension| extension == "tillc") {
            // Bytecode has no findings; it is proved, or refused.
            if let Err(error) = load(file) {
                self.refuse(&error, file, Exit::Refused);
            }
            return;
        }
        let built = match wanted.fix.then(|| read(file)) {
            // A file that cannot be read is told of by the check itself.
            None | Some(Err(_)) => build(file),
            Some(Ok(bytes)) => self.mend(file, &bytes, wanted),
        };
        self.exit = self.exit.max(exit_of(&built));
        for finding in &built.findings {
            self.finding(finding, &built.sources);
        }
        more(self.console, &built);
    }

    /// Mends a file and puts it in its place, and tells what was done. Gives what is left.
    fn mend(&mut self, file: &Path, bytes: &[u8], wanted: &Wanted) -> Built {
        let Mending { bytes: new, mended, refused, built } = mend(file, bytes);
        let Some(new) = new else { return self.left(file, &refused, built) };
        if !wanted.dry_run {
            let changed = match read(file) {
                Ok(now) if now == bytes => replace(file, &new),
                Ok(_) => Err(io::Error::other(
                    self.console.say("文件已被别的程序改动", "another program has changed the file"),
                )),
                Err(error) => Err(error),
            };
            if let Err(error) = changed {
                self.refuse(&failed(storage::CANNOT_WRITE, file, &error), file, Exit::Surroundings);
                return build(file);
            }
        }
        self.mended += mended.len();
        for one in &mended {
            self.tell(file, one, true, wanted.dry_run);
        }
        self.left(file, &refused, built)
    }

    fn left(&self, file: &Path, refused: &[Mended], built: Built) -> Built {
        refused.iter().for_each(|one| self.tell(file, one, false, false));
        built
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
        }
        let line = match (self.errors, self.warnings) {
            (0, 0) => console.say("没有发现问题。", "No findings."),
            _ => console.say("错误 {e}，警告 {w}。", "{e}, {w}."),
        }
        .replace("{e}", &counted(self.errors, "error"))
        .replace("{w}", &counted(self.warnings, "warning"));
        let files = match self.files {
            0 | 1 => String::new(),
            files => console.say("{n} 个文件：", "{n} files: ").replace("{n}", &files.to_string()),
        };
        console.line(&format!("{files}{line}"));
        exit
    }
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
