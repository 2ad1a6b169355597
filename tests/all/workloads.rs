//! What is measured does what it says: every workload is free of findings and gives what it must.

#[path = "../../benches/support/mod.rs"]
mod support;

use std::fs;
use std::path::Path;
use support::{cases, long_source};
use tillscript::language::syntax::format::whole::format;
use tillscript::run::program::{build_text, flow};
use tillscript::script_error::source::FileId;

#[test]
fn workloads_have_no_findings_and_are_formatted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/workloads");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let built = build_text(&path.display().to_string(), &text);
        assert!(built.findings.is_empty(), "{}: {:?}", path.display(), built.findings);
        assert_eq!(format(FileId(0), &text).as_ref(), Ok(&text), "{}: run till fmt", path.display());
        count += 1;
    }
    assert!(count >= 8, "{count} workloads");
}

#[test]
fn one_round_of_each_case_gives_what_it_must() {
    let mut known = 0;
    for case in cases::CASES {
        let Some(wanted) = cases::wanted(case.name) else { continue };
        assert_eq!((case.set_up)()(), wanted, "{}", case.name);
        known += 1;
    }
    assert!(known >= 9, "{known} cases");
}

#[test]
fn long_scripts_are_scripts() {
    let text = long_source::of_lines(300);
    let built = build_text("long.till", &text);
    assert!(built.findings.is_empty(), "{:?}", built.findings.first());
    let program = built.program.expect("it builds");
    assert!(flow(&program, Some("sale_2")).is_some());
    let edited = long_source::edited(&text, 7);
    let differing = text.lines().zip(edited.lines()).filter(|(before, after)| before != after).count();
    assert_eq!((text.lines().count(), differing), (edited.lines().count(), 1));
    assert!(build_text("long.till", &edited).program.is_some());
}
