//! Every limit, one below it, at it and one above: nothing is refused too early, and what is refused has its code.
//!
//! Limits of a run that are smaller in tests stand in `vm/limits.rs`; nesting stands in `nesting.rs`.

use crate::rehearse;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use tillscript::language::bytecode::file;
use tillscript::language::vm::value::Value;
use tillscript::run::cost;
use tillscript::run::program::{BYTECODE_BYTES_MAX, FINDINGS_MAX, build_text, flow};
use tillscript::run::report::Result as RunResult;
use tillscript::run::session::Session;
use tillscript::run::source_files::{FILES_MAX, SOURCE_BYTES_MAX};
use tillscript::script_error::finding::Severity;
use tillscript::world::profile;
use tillscript::world::simulation::Simulation;

/// One limit.
struct Limit {
    /// Of what.
    of: &'static str,
    /// How many there may be.
    most: usize,
    /// The code when there is one more.
    code: &'static str,
    /// With so many: the first code, or nothing.
    try_with: fn(usize) -> String,
}

const LIMITS: &[Limit] = &[
    Limit {
        of: "bytes of a script",
        most: SOURCE_BYTES_MAX as usize,
        code: "T0006",
        try_with: |count| {
            let head = "pub flow f() -> Outcome {\n  return done\n}\n";
            checked(&format!("{head}{}", " ".repeat(count - head.len())))
        },
    },
    Limit { of: "files of a program", most: FILES_MAX, code: "T0213", try_with: files },
    Limit {
        of: "levels of brackets",
        most: 64,
        code: "T0007",
        try_with: |count| checked(&format!("const A = {}1{}\n", "(".repeat(count), ")".repeat(count))),
    },
    Limit {
        of: "height of an expression",
        most: 501,
        code: "T0109",
        try_with: |count| checked(&format!("const A = 1{}\n", " + 1".repeat(count - 1))),
    },
    Limit {
        of: "turns of a loop",
        most: 10_000,
        code: "T0237",
        try_with: |count| checked(&format!("flow f() {{\n  repeat {count} times {{\n  }}\n}}\n")),
    },
    Limit {
        of: "tries of a retry",
        most: 10_000,
        code: "T0237",
        try_with: |count| {
            checked(&format!(
                "pub flow f() -> Outcome uses card {{\n  let c = card.read(accept: [chip], within: 1s)\n    on chip_error retry {count} => return cancelled\n  return done\n}}\n"
            ))
        },
    },
    Limit {
        of: "parameters of a flow",
        most: 200,
        code: "T0235",
        try_with: |count| {
            let parameters: Vec<String> = (0..count).map(|at| format!("a{at}: Int")).collect();
            checked(&format!("flow f({}) {{\n}}\n", parameters.join(", ")))
        },
    },
    Limit {
        of: "seconds a dialect waits",
        most: 600,
        code: "T0228",
        try_with: |count| {
            checked(&format!(
                "import iso1987.dialect\n\ndialect mine extends iso1987 {{\n  message 0600 notice zh \"通知\" en \"Notice\" {{\n    needs F11 F41\n    reply F11 F39 F41\n    match F11 F41\n    wait {count}s\n  }}\n}}\n"
            ))
        },
    },
    Limit {
        of: "bytes of a header",
        most: 64,
        code: "T0228",
        try_with: |count| {
            checked(&format!(
                "import iso1987.dialect\n\ndialect mine extends iso1987 {{\n  framing length 2 header x\"{}\"\n}}\n",
                "00".repeat(count)
            ))
        },
    },
    Limit {
        of: "flows that call one another",
        most: 64,
        code: "T0235",
        try_with: |count| {
            let mut script = String::from("flow f0() {\n}\n");
            for at in 1..count {
                script.push_str(&format!("flow f{at}() {{\n  f{}()\n}}\n", at - 1));
            }
            checked(&script)
        },
    },
    Limit {
        of: "names and values at once",
        most: 255,
        code: "T0235",
        try_with: |count| {
            let names: String = (0..count).map(|at| format!("  var a{at} = {at}\n  a{at} = a{at} + 1\n")).collect();
            checked(&format!("flow f() {{\n{names}}}\n"))
        },
    },
    Limit {
        of: "findings of a program",
        most: FINDINGS_MAX,
        code: "more",
        try_with: |count| {
            let built = build_text(
                "limits.till",
                &(0..count).map(|at| format!("flow f{at}() uses card {{\n}}\n")).collect::<String>(),
            );
            assert_eq!(built.findings.len() + built.more, count);
            if built.more > 0 { "more".into() } else { String::new() }
        },
    },
    Limit {
        of: "members of a list",
        most: 10_000,
        code: "T8004",
        try_with: |count| {
            let members = "1, ".repeat(count);
            ran(
                &format!(
                    "pub flow f() -> Outcome {{\n  var n = 0\n  let all = [{}]\n  n = all.length\n  return done\n}}\n",
                    members.trim_end_matches(", ")
                ),
                None,
            )
        },
    },
    Limit {
        of: "bytes of a text",
        most: 64 << 10,
        code: "T8003",
        try_with: |count| {
            let (turns, rest) = (count / 256, count % 256);
            ran(
                &format!(
                    "pub flow f() -> Outcome {{\n  var t: Text = \"\"\n  repeat {turns} times {{\n    t = \"{{t}}{}\"\n  }}\n  t = \"{{t}}{}\"\n  return done\n}}\n",
                    "x".repeat(256),
                    "x".repeat(rest)
                ),
                None,
            )
        },
    },
    // The flow needs so many: one turn fewer than it is granted.
    Limit {
        of: "instructions of a run",
        most: 1_000,
        code: "T8001",
        try_with: |count| {
            let text =
                "pub flow f() -> Outcome {\n  var n = 0\n  repeat 500 times {\n    n = n + 1\n  }\n  return done\n}\n";
            let needed = executed(text);
            ran(text, Some(needed + 1_000 - count as u64))
        },
    },
    Limit {
        of: "bytes of a card file",
        most: 64 << 10,
        code: "T7005",
        try_with: |count| {
            let card = "pan = 6299991357924684\nexpiry = 3012\nservice = 220\npin = 739164\nbalance = 1.00 CNY\ninterfaces = chip\n#";
            in_file("card", &format!("{card}{}", "x".repeat(count - card.len())), |path| {
                profile::load(path).err().map(|failure| failure.code.to_string()).unwrap_or_default()
            })
        },
    },
    Limit {
        of: "bytes of a scenario",
        most: 1 << 20,
        code: "T7005",
        try_with: |count| {
            in_file("scenario", &format!("#{}", "x".repeat(count - 1)), |path| {
                told(&["run", "scripts/balance.till", "--scenario", path, "--format", "short"], &["T7005", "T7011"])
            })
        },
    },
    Limit {
        of: "bytes of a trace",
        most: 64 << 20,
        code: "> 67108864",
        try_with: |count| {
            in_file("trace", &" ".repeat(count), |path| {
                told(&["run", "scripts/balance.till", "--replay", path, "--format", "short"], &["> 67108864"])
            })
        },
    },
    Limit {
        of: "bytes of a bytecode file",
        most: BYTECODE_BYTES_MAX as usize,
        code: "T0903",
        try_with: |count| {
            // What it holds is refused in any case; for its size only what is too large.
            let mut bytes = vec![0; count];
            bytes[..4].copy_from_slice(b"TILL");
            match file::read(&bytes) {
                Err(error) if error.detail.en.contains("large") => error.code.to_string(),
                _ => String::new(),
            }
        },
    },
];

/// The first error of a script.
fn checked(text: &str) -> String {
    let built = build_text("limits.till", text);
    let first = built.findings.iter().find(|finding| finding.severity == Severity::Error);
    first.map(|finding| finding.code.to_string()).unwrap_or_default()
}

fn executed(text: &str) -> u64 {
    let program = build_text("limits.till", text).program.expect("a program");
    let entry = flow(&program, None).expect("a flow").function;
    rehearse::run(&program, entry, &[], rehearse::world(&program, &[], 0), false).ended.executed
}

/// How a run ends, by its code.
fn ran(text: &str, fuel: Option<u64>) -> String {
    let built = build_text("limits.till", text);
    let program = built.program.unwrap_or_else(|| panic!("{:?}", built.findings));
    let entry = flow(&program, None).expect("a flow").function;
    let simulation = Simulation::start(rehearse::world(&program, &[], 0)).expect("a world");
    let mut watch = |_: &_| {};
    let mut session = Session::simulated(&program, simulation, &mut watch);
    session.fuel = fuel.unwrap_or(session.fuel);
    let none: &[Value] = &[];
    let ended = session.run(entry, none);
    let most = cost::bounds(&program)[usize::from(entry)].most();
    assert!(most.is_none_or(|most| ended.executed <= most), "{} executed, {most:?} proved", ended.executed);
    match ended.result {
        RunResult::Failed(error) => error.code.clone(),
        _ => String::new(),
    }
}

/// What is said of a file with this content.
fn in_file(name: &str, content: &str, said: impl FnOnce(&str) -> String) -> String {
    let path = std::env::temp_dir().join(format!("till-limits-{}-{name}.x", std::process::id()));
    fs::write(&path, content).expect("a file");
    let said = said(path.to_str().expect("a path"));
    let _ = fs::remove_file(&path);
    said
}

/// Which of these words the program says.
fn told(words: &[&str], wanted: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_till"));
    command.current_dir(env!("CARGO_MANIFEST_DIR")).args(words).env("TILL_LANG", "en").stdin(Stdio::null());
    let output = command.output().expect("till runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    wanted.iter().find(|wanted| said.contains(**wanted)).map(|word| word.to_string()).unwrap_or_default()
}

/// A program of so many files, in a folder.
fn files(count: usize) -> String {
    let folder: PathBuf = std::env::temp_dir().join(format!("till-limits-{}-files", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    let mut main = String::from("edition 1\n\n");
    for at in 1..count {
        main.push_str(&format!("import m{at}\n"));
        fs::write(folder.join(format!("m{at}.till")), "edition 1\n").expect("a module");
    }
    let path = folder.join("main.till");
    fs::write(&path, main).expect("the script");
    let built = tillscript::run::program::build(&path);
    let _ = fs::remove_dir_all(&folder);
    let first = built.findings.iter().find(|finding| finding.severity == Severity::Error);
    first.map(|finding| finding.code.to_string()).unwrap_or_default()
}

#[test]
fn each_limit_holds_exactly() {
    let mut wrong = Vec::new();
    for limit in LIMITS {
        for (count, wanted) in [(limit.most - 1, ""), (limit.most, ""), (limit.most + 1, limit.code)] {
            let found = (limit.try_with)(count);
            if found != wanted {
                wrong.push(format!("{}: with {count} of {} it says {found:?}, not {wanted:?}", limit.of, limit.most));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
