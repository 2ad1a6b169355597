//! Every example of the catalogue is tried: a program is built and run, a command line is typed in at a copy of the
//! repository. What it shows must be the code whose page it stands on, and no other.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tillscript::language::bytecode::file;
use tillscript::run::program::{build, build_text, flow};
use tillscript::run::report::Result as RunResult;
use tillscript::run::session::Session;
use tillscript::run::suite::{self, Broken};
use tillscript::run::world::dialect_of;
use tillscript::script_error::catalogue;
use tillscript::script_error::code::Row;
use tillscript::script_error::finding::Severity;
use tillscript::world::journal::file::FileJournal;
use tillscript::world::simulation::{Setup, Simulation};

/// What keeps a prepared folder as it has to be: a journal that is in use.
type Kept = Option<FileJournal>;

/// What has to be made in a folder before an example can be tried there.
type Prepare = fn(&Path) -> Kept;

/// Examples whose files cannot lie in the repository, or have to be in use: code, and what makes them.
const PREPARED: &[(&str, Prepare)] = &[
    ("T0006", a_large_file),
    ("T0215", an_import_that_leads_outside),
    ("T0904", bytecode_against_the_rules),
    ("T7003", a_damaged_journal),
    ("T7004", a_journal_in_use),
    ("T7008", a_trace_of_other_requests),
    ("T7013", a_restored_journal),
    ("T8004", a_long_list),
];

/// Codes whose examples do not raise them, and why.
const NOT_RAISED: &[(&str, &str)] = &[
    ("T5212", "it is told beside the dialect that was made; tests/cli/dialect.console shows it"),
    ("T7021", "it is told of a terminal, not raised in a run; tests/all/doctor.rs fills a batch"),
    ("T8005", "the compiler refuses flows that call one another deeper than the machine goes (T0235)"),
    (
        "T8101",
        "the checker refuses such a discard (T0406); the machine's own refusal is tested with hand-made programs",
    ),
    ("T9001", "a defect of the program itself: what raises it is mended, not shown"),
];

/// Codes whose examples leave the host in doubt: a reversal is queued. After all others nothing was charged.
const IN_DOUBT: &[&str] = &["T4005", "T5101", "T5102", "T5103", "T5104", "T5105", "T6901"];

#[test]
fn every_example_shows_the_code_it_stands_for() {
    let mut wrong = String::new();
    for row in catalogue::all() {
        if NOT_RAISED.iter().any(|(code, _)| *code == row.code.0) {
            continue;
        }
        let seen = if is_command(row.example) { commands(row) } else { program(row.example) };
        let money = if IN_DOUBT.contains(&row.code.0) { "reversal_queued" } else { "not_moved" };
        if !seen.is_only(row.code.0) || seen.money.as_deref().is_some_and(|seen| seen != money) {
            wrong += &format!("\n{}: {seen:?} from\n{}\n", row.code, row.example);
        }
    }
    assert!(wrong.is_empty(), "these examples show something else:{wrong}");
}

#[test]
fn what_is_prepared_or_left_out_is_in_the_catalogue() {
    for (code, _) in NOT_RAISED {
        assert!(catalogue::find(code).is_some(), "{code}");
    }
    for row in catalogue::all() {
        let prepared = PREPARED.iter().any(|(code, _)| *code == row.code.0);
        assert_eq!(prepared, row.example.contains("  # "), "{}: says what has to be made first", row.code);
    }
}

/// The codes an example showed.
#[derive(Debug, Default)]
struct Seen {
    errors: Vec<String>,
    warnings: Vec<String>,
    /// What the money line said, where there was one.
    money: Option<String>,
}

impl Seen {
    fn is_only(&self, code: &str) -> bool {
        let all: Vec<&str> = self.errors.iter().chain(&self.warnings).map(String::as_str).collect();
        all == [code]
    }
}

fn is_command(example: &str) -> bool {
    example.starts_with("till ")
}

/// Builds a program; if it can be built, runs its tests and its only flow.
fn program(text: &str) -> Seen {
    let mut seen = Seen::default();
    let built = build_text("example.till", text);
    for finding in &built.findings {
        match finding.severity {
            Severity::Error => seen.errors.push(finding.code.0.to_owned()),
            Severity::Warning => seen.warnings.push(finding.code.0.to_owned()),
        }
    }
    let Some(program) = built.program else { return seen };
    for verdict in suite::run(&program, 0, None) {
        if let Some(Broken::Error(error)) = verdict.failure {
            seen.errors.push(error.code);
        }
    }
    let Some(entry) = flow(&program, None) else { return seen };
    let world = Simulation::start(Setup::new(dialect_of(&program).expect("a dialect"))).expect("a world");
    let mut watch = |_: &_| {};
    let ended = Session::simulated(&program, world, &mut watch).run(entry.function, &[]);
    seen.money = Some(ended.money.word().to_owned());
    match ended.result {
        RunResult::Failed(error) | RunResult::PowerCut(error) => seen.errors.push(error.code),
        RunResult::Declined(declined) => seen.errors.push(declined.code),
        RunResult::Done(_) | RunResult::Approved(_) | RunResult::Cancelled => {}
    }
    seen
}

/// Types the lines in, one after the other, and looks at what the last one says.
fn commands(row: &Row) -> Seen {
    let folder = folder(row.code.0);
    for name in ["README.md", "scripts", "tests/errors/examples"] {
        copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join(name), &folder.join(name));
    }
    let prepare = PREPARED.iter().find(|(code, _)| *code == row.code.0);
    let kept = prepare.and_then(|(_, prepare)| prepare(&folder));
    let mut said = String::new();
    for line in row.example.lines() {
        said = typed(&folder, line);
    }
    drop(kept);
    let _ = fs::remove_dir_all(&folder);
    // A line's own code comes first. A shipped script may put its own words on what it was told: then it is the cause.
    let errors = said
        .lines()
        .filter_map(|line| {
            let mut codes = line.split("\"code\":\"").skip(1).filter_map(|rest| rest.split('"').next());
            codes.find(|code| code.starts_with('T')).map(str::to_owned)
        })
        .collect();
    let money = said.rsplit("\"money\":\"").next().and_then(|rest| rest.split_once('"'));
    let money = money.filter(|_| said.contains("\"money\":")).map(|(word, _)| word.to_owned());
    Seen { errors, warnings: Vec::new(), money }
}

/// What one command writes. Behind a `#` stands what the reader has to know.
fn typed(folder: &Path, line: &str) -> String {
    let command = line.split("  # ").next().unwrap_or_default();
    let words = command.strip_prefix("till ").expect("a command of till").split(' ');
    let output = Command::new(env!("CARGO_BIN_EXE_till"))
        .args(words)
        .args(["--format", "json"])
        .current_dir(folder)
        .env_remove("TILL_LANG")
        .output()
        .expect("till starts");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("till-example-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn copy(from: &Path, to: &Path) {
    if !from.is_dir() {
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder");
        fs::copy(from, to).expect("a copy");
        return;
    }
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        copy(&entry.path(), &to.join(entry.file_name()));
    }
}

fn a_large_file(folder: &Path) -> Kept {
    fs::write(folder.join("large.till"), "// too much\n".repeat(100_000)).expect("a file");
    None
}

fn an_import_that_leads_outside(folder: &Path) -> Kept {
    let project = folder.join("project");
    fs::create_dir(&project).expect("a folder");
    fs::write(folder.join("secret.till"), "const A = 1\n").expect("a file");
    fs::write(project.join("main.till"), "import secret\n").expect("a file");
    #[cfg(unix)]
    std::os::unix::fs::symlink(folder.join("secret.till"), project.join("secret.till")).expect("a link");
    None
}

fn bytecode_against_the_rules(folder: &Path) -> Kept {
    let mut program = build(&folder.join("scripts/sale.till")).program.expect("the sale builds");
    let entry = program.entries.first_mut().expect("a flow");
    entry.function = u16::MAX;
    fs::write(folder.join("invalid.tillc"), file::write(&program)).expect("a file");
    None
}

fn a_damaged_journal(folder: &Path) -> Kept {
    typed(folder, "till run scripts/sale.till amount=100.00CNY --journal journal");
    let path = folder.join("journal/journal.till");
    let mut bytes = fs::read(&path).expect("the journal");
    // In the first record, behind the mark of the file and the record's head.
    bytes[40] ^= 1;
    fs::write(&path, bytes).expect("the journal");
    None
}

fn a_restored_journal(folder: &Path) -> Kept {
    typed(folder, "till run scripts/sale.till amount=100.00CNY --journal old");
    typed(folder, "till journal backup old saved");
    typed(folder, "till journal restore journal saved");
    typed(folder, "till run scripts/sign_in.till --journal journal");
    None
}

fn a_journal_in_use(folder: &Path) -> Kept {
    let (journal, ..) = FileJournal::open(&folder.join("journal"), &[7; 16]).expect("a journal");
    Some(journal)
}

fn a_trace_of_other_requests(folder: &Path) -> Kept {
    typed(folder, "till run scripts/sale.till amount=1.00CNY --trace other.trace");
    let path = folder.join("other.trace");
    let trace = fs::read_to_string(&path).expect("a trace");
    let other = trace.replacen("card.read", "card.eject", 1);
    assert_ne!(trace, other, "the trace names no card reader");
    fs::write(&path, other).expect("a trace");
    None
}

fn a_long_list(folder: &Path) -> Kept {
    let list = vec!["1"; 10_001].join(", ");
    let text = format!("pub flow long_list() -> Outcome {{\n  let list = [{list}]\n  return done\n}}\n");
    fs::write(folder.join("long_list.till"), text).expect("a file");
    None
}
