//! The checker: every wrong program in `tests/check` gets the findings beside it, every right one gets none.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use tillscript::language::check::checked::{Checked, Unit};
use tillscript::language::check::program::check;
use tillscript::language::library;
use tillscript::language::syntax::parse::parse;
use tillscript::language::syntax::tree::Tree;
use tillscript::script_error::fill::shown;
use tillscript::script_error::finding::{Finding, Severity};
use tillscript::script_error::source::{FileId, Place, Source, Sources};
use tillscript::script_error::words::Language;

/// A program read from texts: the first is the entry, the others can be imported by their names.
struct Read {
    sources: Sources,
    units: Vec<Unit>,
    findings: Vec<Finding>,
}

/// Parses the entry and whatever it imports, from the files given and from the library.
fn read(entry: &str, files: &BTreeMap<String, String>) -> Read {
    let mut sources = Sources::default();
    let mut findings = Vec::new();
    let mut known: BTreeMap<String, FileId> = BTreeMap::new();
    let mut trees: Vec<(String, bool, Tree)> = Vec::new();
    let mut open = vec![entry.to_string()];
    while let Some(path) = open.pop() {
        if known.contains_key(&path) {
            continue;
        }
        let own = files.get(&path).map(|text| (text.as_str(), false));
        let Some((text, library)) = own.or_else(|| library::find(&path).map(|file| (file.text, true))) else {
            continue;
        };
        let file = sources.add(Source::new(format!("{path}.till"), text));
        let parsed = parse(file, text);
        findings.extend(parsed.findings);
        for import in parsed.tree.imports.iter().rev() {
            open.push(import_path(import));
        }
        known.insert(path.clone(), file);
        trees.push((path, library, parsed.tree));
    }
    let units = trees
        .into_iter()
        .map(|(path, library, tree)| Unit {
            name: path.rsplit('.').next().unwrap_or(&path).into(),
            path: path.as_str().into(),
            imports: tree.imports.iter().map(|import| known.get(&import_path(import)).copied()).collect(),
            tree,
            library,
        })
        .collect();
    Read { sources, units, findings }
}

fn import_path(import: &tillscript::language::syntax::tree::Import) -> String {
    let words: Vec<&str> = import.path.iter().map(|name| name.text.as_str()).collect();
    words.join(".")
}

/// Checks a program; gives what it means, every finding, and the sources they are about.
fn checked(entry: &str, files: &BTreeMap<String, String>) -> (Checked, Vec<Finding>, Sources) {
    let read = read(entry, files);
    let (checked, found) = check(read.units, FileId(0));
    let mut findings = read.findings;
    findings.extend(found);
    (checked, findings, read.sources)
}

/// One case file: a program, or several after lines `//- name`.
fn files_of(text: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut name = "case".to_string();
    let mut own = String::new();
    for line in text.lines() {
        if let Some(next) = line.strip_prefix("//- ") {
            files.insert(std::mem::replace(&mut name, next.trim().to_string()), std::mem::take(&mut own));
        } else {
            own.push_str(line);
            own.push('\n');
        }
    }
    files.insert(name, own);
    files
}

/// Findings as short lines: place, code, facts; then labels, notes and edits.
fn page(findings: &[Finding], sources: &Sources) -> String {
    let mut page = String::new();
    let at = |place: Place| {
        let Some((name, start)) = sources.locate(place) else {
            return "?".to_string();
        };
        let end = sources.file(place.file).map_or(start, |file| file.position(place.span.end));
        let file = if name == "case.till" { String::new() } else { format!("{name}:") };
        if end.line == start.line {
            format!("{file}{}:{}-{}", start.line, start.column, end.column)
        } else {
            format!("{file}{}:{}-{}:{}", start.line, start.column, end.line, end.column)
        }
    };
    for finding in findings {
        let mark = match finding.severity {
            Severity::Error => "",
            Severity::Warning => " warning",
        };
        let facts: Vec<String> = finding
            .facts
            .iter()
            .map(|(name, fact)| {
                let (zh, en) = (shown(fact, Language::Zh), shown(fact, Language::En));
                if zh == en { format!("{name}={en}") } else { format!("{name}={en}/{zh}") }
            })
            .collect();
        let _ = writeln!(page, "{} {}{mark} {}", at(finding.at.place), finding.code, facts.join(" "));
        if !finding.at.text.is_empty() {
            let _ = writeln!(page, "  ^ {} / {}", finding.at.text.en, finding.at.text.zh);
        }
        for label in &finding.labels {
            let _ = writeln!(page, "  - {} {} / {}", at(label.place), label.text.en, label.text.zh);
        }
        for note in &finding.notes {
            let _ = writeln!(page, "  = {} / {}", note.en, note.zh);
        }
        for cure in &finding.cures {
            let safe = if cure.safe { "" } else { " (by hand)" };
            let _ = writeln!(page, "  > {} / {}{safe}", cure.text.en, cure.text.zh);
            for edit in &cure.edits {
                let _ = writeln!(page, "    {} {:?}", at(edit.place), edit.replacement);
            }
        }
    }
    page
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .expect("tests/check is there")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "till"))
        .collect();
    cases.sort();
    cases
}

fn scripts() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    fs::read_dir(folder)
        .expect("scripts is there")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|ending| ending == "till"))
        .map(|path| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().to_string();
            (name, fs::read_to_string(&path).expect("a script can be read"))
        })
        .collect()
}

#[test]
fn shipped_scripts_have_no_findings() {
    let files = scripts();
    let mut pages = String::new();
    for name in files.keys() {
        let (_, findings, sources) = checked(name, &files);
        pages.push_str(&page(&findings, &sources));
    }
    assert_eq!(pages, "", "the shipped scripts should be without findings");
}
