//! Everything the compiler writes is proved.

use std::path::{Path, PathBuf};
use tillscript::language::bytecode::structure;
use tillscript::language::bytecode::verify::program::verify;
use tillscript::run::program::build;

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
