//! Declarations that are wrong, each a file with what is said about it beside it.

use super::{declared, described};
use crate::grown;
use std::fs;
use std::path::{Path, PathBuf};
use tillscript::language::check::{codes, dialect};
use tillscript::script_error::catalogue::types;

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dialect");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of cases")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "till"))
        .collect();
    cases.sort();
    cases
}

/// One line a finding, and the snapshot beside the case.
#[test]
fn every_wrong_declaration_is_told_apart() {
    let mut seen = 0;
    for path in cases() {
        let name = path.file_stem().and_then(|name| name.to_str()).expect("a name");
        let text = fs::read_to_string(&path).expect("a case");
        let (program, _, _) = declared(Some(&text));
        let page = described(&program.sources, &program.findings);
        let is_right = name.starts_with("right-");
        assert_eq!(program.findings.is_empty(), is_right, "{name}:\n{page}");
        insta::with_settings!({
            snapshot_path => path.parent().expect("a folder"),
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name, page);
        });
        seen += 1;
    }
    assert!(seen >= 30, "{seen} cases");
}

#[test]
fn a_mistake_in_one_declaration_leaves_the_others_whole() {
    let text = "edition 1\ndialect mine extends cn_pos {\n  mac morse\n}\n";
    let (program, dialects, _) = declared(Some(text));
    assert_eq!(program.findings.len(), 1);
    assert_eq!(dialects.len(), 7);
    assert!(dialects.iter().all(|(_, dialect)| dialect.field(4).is_some()));
}

#[test]
fn a_base_is_built_before_what_extends_it_wherever_it_stands() {
    let text = "edition 1\n\
        dialect third extends second { without F58 }\n\
        dialect second extends cn_pos { without F57 }\n\
        codes mine extends cn_pos {\n  | code | category | name | zh | en |\n  | 51 | refer | ask_bank | \"问银行\" | \"ask the bank\" |\n}\n";
    let (program, dialects, tables) = declared(Some(text));
    assert_eq!(described(&program.sources, &program.findings), "no findings");
    let third = &dialects.iter().find(|(_, dialect)| dialect.name == "third").expect("built").1;
    assert!(third.field(57).is_none() && third.field(58).is_none() && third.field(59).is_some());
    assert_eq!(third.base.as_deref(), Some("second"));
    let mine = &tables.iter().find(|(_, table)| table.name == "mine").expect("built").1;
    let code = tillscript::payment::iso8583::response::ResponseCode(*b"51");
    assert_eq!(mine.row(code).map(|row| row.name.as_str()), Some("ask_bank"));
    assert_eq!(mine.named("insufficient_funds"), None);
    assert_eq!(mine.rows.len(), 77);
}

/// What they cost is counted in `tests/allocation.rs`.
#[test]
fn hostile_declarations_give_few_findings() {
    for (name, shape) in grown::DECLARATIONS {
        let (findings, _, _) = declared_at_most(&shape(grown::TIMES));
        assert!(findings <= 64, "{name}: {findings} findings");
    }
}

#[test]
fn examples_of_the_catalogue_show_what_they_say() {
    for code in [types::BAD_DIALECT, types::BAD_CODES] {
        let example = tillscript::script_error::catalogue::row(code).expect("a row").example;
        let (program, _, _) = declared(Some(example));
        let found: Vec<_> = program.findings.iter().map(|finding| finding.code).collect();
        assert_eq!(found, [code], "{example}");
    }
}

#[test]
fn examples_of_the_manual_build() {
    let page = include_str!("../../../docs/dialects.md");
    let mut examples = 0;
    for block in page.split("```till\n").skip(1) {
        let text = block.split("```").next().unwrap_or_default();
        let (program, _, _) = declared(Some(text));
        assert_eq!(described(&program.sources, &program.findings), "no findings", "{text}");
        examples += 1;
    }
    assert_eq!(examples, 3);
}

/// Findings, dialects and tables of a hostile text, without what the parser thinks of it.
fn declared_at_most(text: &str) -> (usize, usize, usize) {
    let program = super::program(Some(text));
    let (dialects, wrong) = dialect::dialects(&program.units);
    let (tables, bad) = codes::tables(&program.units);
    let ours =
        wrong.iter().chain(&bad).filter(|finding| [types::BAD_DIALECT, types::BAD_CODES].contains(&finding.code));
    (ours.count(), dialects.len(), tables.len())
}
