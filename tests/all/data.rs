//! What values mean: every cure of these findings cures, every code has its case, and hostile programs cost little.

use super::grown;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tillscript::run::program::build_text;
use tillscript::script_error::catalogue::{data, types};
use tillscript::script_error::finding::{Edit, Finding};

/// The wrong programs, with their names.
fn cases() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).expect("the folder of cases").filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "till"))
        .map(|path| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().to_string();
            (name, fs::read_to_string(path).expect("a case"))
        })
        .filter(|(name, text)| !name.ends_with(".right") && !text.contains("//- "))
        .collect()
}

/// Codes of this part of the checker.
fn is_ours(finding: &Finding) -> bool {
    data::ROWS.iter().any(|row| row.code == finding.code) || finding.code == types::BAD_DIALECT
}

fn findings(text: &str) -> Vec<Finding> {
    build_text("case.till", text).findings
}

#[test]
fn every_code_has_a_case() {
    let seen: BTreeSet<&str> =
        cases().iter().flat_map(|(_, text)| findings(text)).map(|finding| finding.code.0).collect();
    let missing: Vec<&str> = data::ROWS.iter().map(|row| row.code.0).filter(|code| !seen.contains(code)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "add a case under tests/check for each");
}

#[test]
fn what_a_cure_changes_is_right_afterwards() {
    let mut cured = 0;
    for (name, text) in cases() {
        let before: Vec<Finding> = findings(&text).into_iter().filter(is_ours).collect();
        let mut edits: Vec<Edit> = before
            .iter()
            .filter_map(|finding| finding.cures.iter().find(|cure| !cure.edits.is_empty()))
            .flat_map(|cure| cure.edits.clone())
            .collect();
        let with_edit = before.iter().filter(|finding| finding.cures.iter().any(|cure| !cure.edits.is_empty()));
        if edits.is_empty() || with_edit.count() < before.len() {
            continue;
        }
        edits.sort_by_key(|edit| (std::cmp::Reverse(edit.place.span.start), edit.replacement.clone()));
        edits.dedup();
        let mut mended = text.clone();
        for edit in edits {
            mended.replace_range(edit.place.span.range(), &edit.replacement);
        }
        let left: Vec<&str> = findings(&mended).iter().filter(|finding| is_ours(finding)).map(|f| f.code.0).collect();
        assert_eq!(left, Vec::<&str>::new(), "{name}\n{mended}");
        let broken = findings(&mended).iter().any(|finding| finding.code.0 < "T0200");
        assert!(!broken, "{name} does not parse any more:\n{mended}");
        cured += 1;
    }
    assert!(cured >= 25, "only {cured} programs were mended");
}

/// What they cost is counted in `tests/allocation.rs`.
#[test]
fn hostile_programs_are_looked_at_to_the_end() {
    for (name, shape) in grown::VALUES {
        let found = findings(&shape(grown::TIMES));
        assert!(found.len() <= 500, "{name}: {} findings", found.len());
    }
}
