//! Everything the compiler writes is proved.

use std::path::{Path, PathBuf};
use tillscript::language::bytecode::structure;
use tillscript::language::bytecode::verify::calls::DEPTH_MOST;
use tillscript::language::bytecode::verify::program::verify;
use tillscript::run::program::{build, build_text};

fn folder(name: &str, end: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.to_string_lossy().ends_with(end)).collect();
    files.sort();
    files
}

#[test]
fn every_right_program_and_every_shipped_script_is_proved() {
    let pages =
        [("scripts", ".till"), ("tests/check", ".right.till"), ("tests/bytecode", ".till"), ("tests/dialect", ".till")];
    let (mut proved, mut wrong) = (0, Vec::new());
    let mut unbuilt = Vec::new();
    for path in pages.iter().flat_map(|(name, end)| folder(name, end)) {
        let Some(program) = build(&path).program else {
            // Pages of wrong dialects, and pages with modules that only their own test has.
            unbuilt.extend(path.to_str().filter(|path| !path.contains("tests/dialect")).map(str::to_owned));
            continue;
        };
        proved += 1;
        if let Err(error) = structure::check(&program).and_then(|()| verify(&program)) {
            wrong.push(format!("{}: {}", path.display(), error.detail.en));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(unbuilt.len() <= 5, "{unbuilt:?}");
    assert!(proved > 80, "{proved}");
}

/// Flows that call one another so deep, from a test around them.
fn chain(length: usize) -> String {
    let mut text = String::new();
    for at in 1..length {
        text.push_str(&format!("fn f{at}(n: Int) -> Int = f{}(n) + 1\n", at + 1));
    }
    text + &format!("fn f{length}(n: Int) -> Int = n\npub flow it() -> Int {{\n  return f1(0)\n}}\n")
}

#[test]
fn a_chain_of_calls_that_is_too_deep_is_a_finding_of_the_script() {
    let limit = usize::from(DEPTH_MOST);
    assert!(build_text("chain.till", &chain(limit - 1)).program.is_some());
    let built = build_text("chain.till", &chain(limit));
    assert!(built.program.is_none());
    let codes: Vec<&str> = built.findings.iter().map(|finding| finding.code.0).collect();
    assert_eq!(codes, ["T0235"]);
}
