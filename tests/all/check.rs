//! The checker: every wrong program in `tests/check` gets the findings beside it, every right one gets none.

use super::grown;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use tillscript::language::check::checked::{Checked, Unit};
use tillscript::language::check::program::{check, check_read};
use tillscript::language::library;
use tillscript::language::syntax::parse::parse;
use tillscript::language::syntax::tree::Tree;
use tillscript::run::program::build;
use tillscript::script_error::catalogue;
use tillscript::script_error::code::Help;
use tillscript::script_error::fill::shown;
use tillscript::script_error::finding::{Finding, Severity};
use tillscript::script_error::render::{Style, finding};
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
    let (checked, findings) = check_read(read.units, FileId(0), read.findings);
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
            let safe = match (cure.safe, cure.by_hand) {
                (true, false) => "",
                (false, false) => " (by hand)",
                (false, true) => " (money: by hand)",
                (true, true) => " (applied, and it decides where the money is: wrong)",
            };
            let _ = writeln!(page, "  > {} / {}{safe}", cure.text.en, cure.text.zh);
            for edit in &cure.edits {
                let _ = writeln!(page, "    {} {:?}", at(edit.place), edit.replacement);
            }
        }
    }
    page
}

/// The cases: a file, or a folder with `case.till` in it and what it imports beside that.
fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .expect("tests/check is there")
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .map(|path| if path.is_dir() { path.join("case.till") } else { path })
        .filter(|path| path.extension().is_some_and(|ending| ending == "till"))
        .collect();
    cases.sort();
    cases
}

/// The files of a case, by the names they are imported by; the entry is `case`.
fn files_of_case(case: &Path) -> BTreeMap<String, String> {
    let text = fs::read_to_string(case).expect("a case can be read");
    let mut files = files_of(&text);
    if case.ends_with("case.till") {
        modules(case.parent().unwrap_or(case), "", &mut files);
    }
    files
}

fn modules(folder: &Path, prefix: &str, files: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(folder).expect("the folder of a case").filter_map(Result::ok) {
        let path = entry.path();
        let name = format!("{prefix}{}", path.file_stem().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            modules(&path, &format!("{name}."), files);
        } else if path.extension().is_some_and(|ending| ending == "till") {
            files.insert(name, fs::read_to_string(&path).expect("a module can be read"));
        }
    }
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

#[test]
fn right_programs_have_no_findings() {
    let mut pages = String::new();
    for case in cases().into_iter().filter(|case| is_right(case)) {
        let (_, findings, sources) = checked("case", &files_of_case(&case));
        if !findings.is_empty() {
            let _ = writeln!(pages, "{}\n{}", case.display(), page(&findings, &sources));
        }
    }
    assert_eq!(pages, "", "right programs should be without findings");
}

#[test]
fn wrong_programs_get_the_findings_beside_them() {
    let mut count = 0;
    for case in cases().into_iter().filter(|case| !is_right(case)) {
        let (_, findings, sources) = checked("case", &files_of_case(&case));
        assert!(!findings.is_empty(), "{} should have a finding", case.display());
        count += 1;
        let name = case.file_stem().unwrap_or_default().to_string_lossy().to_string();
        insta::with_settings!({
            snapshot_path => case.parent().unwrap_or(Path::new(".")),
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(name, page(&findings, &sources));
        });
    }
    assert!(count >= 60, "{count} wrong programs; there should be at least 60");
}

#[test]
fn the_twelve_programs_of_the_study_are_shown_in_full() {
    let mut count = 0;
    for case in cases().into_iter().filter(|case| !is_right(case)) {
        let name = case.file_stem().unwrap_or_default().to_string_lossy().to_string();
        if !name.starts_with("diagnostic-") {
            continue;
        }
        count += 1;
        let built = build(Path::new(&format!("tests/check/{name}.till")));
        let pages: Vec<String> = [Language::En, Language::Zh]
            .into_iter()
            .flat_map(|language| built.findings.iter().map(move |finding| (finding, language)))
            .map(|(found, language)| finding(found, &built.sources, &Style::plain(language)))
            .collect();
        insta::with_settings!({
            snapshot_path => case.parent().unwrap_or(Path::new(".")),
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, {
            insta::assert_snapshot!(format!("{name}.pages"), pages.join("\n"));
        });
    }
    assert_eq!(count, 12);
}

/// A program that shows how the one of the same name should be written.
fn is_right(case: &Path) -> bool {
    let folder = case.parent().unwrap_or(case).to_string_lossy().into_owned();
    case.to_string_lossy().ends_with(".right.till") || folder.ends_with(".right")
}

/// How many things are found in a text.
fn count(text: &str) -> usize {
    let read = read("case", &BTreeMap::from([("case".to_string(), text.to_string())]));
    let (_, findings) = check(read.units, FileId(0));
    findings.len()
}

/// What they cost is counted in `tests/allocation.rs`.
#[test]
fn large_and_hostile_files_are_checked_to_the_end() {
    for (name, shape) in grown::NAMES {
        let findings = count(&shape(grown::TIMES));
        assert!(findings <= 500, "{name}: {findings} findings");
    }
}

#[test]
fn deep_expressions_fit_a_small_stack() {
    let nested = format!("const A = {}1{}\n", "(".repeat(60), ")".repeat(60));
    let members = format!("fn f(a: Text) -> Int = a{}\n", ".length".repeat(2_000));
    let blocks = format!("flow f(a: Bool) {{\n{}{}}}\n", "if a {\n".repeat(60), "}\n".repeat(60));
    let chain = format!("fn f(a: Int) -> Int = {}{{ 0 }}\n", "if a == 1 { 1 } else ".repeat(900));
    for text in [nested, members, blocks, chain] {
        let small = std::thread::Builder::new().stack_size(2 << 20).spawn(move || count(&text));
        let findings = small.expect("a thread starts").join().expect("the checker does not overflow");
        assert!(findings <= 2, "{findings} findings");
    }
}

/// What they cost is counted in `tests/allocation.rs`.
#[test]
fn regions_in_which_everything_repeats_are_walked_to_the_end() {
    for (name, shape) in grown::REGIONS.iter().chain(grown::DEEP_REGIONS) {
        let (_, found, _) = checked("case", &files_of(&shape(grown::TIMES)));
        let other =
            found.iter().find(|finding| finding.severity == Severity::Error && !finding.code.0.starts_with("T04"));
        assert!(other.is_none(), "{name}: {other:?} keeps the region from being walked");
        assert!(found.iter().any(|finding| finding.code.0.starts_with("T04")), "{name} was not walked");
    }
}

#[test]
fn a_mistake_behind_a_thousand_statements_is_found() {
    let before = [
        "if not (store.signed_in and not store.signed_in) { step \"x\" }\n",
        "step \"{m.mti} {1 + 2 * 3}\"\n",
        "match store.signed_in {\ntrue => step \"x\"\nother => step \"y\"\n}\n",
        "if store.signed_in or store.signed_in or store.signed_in == true { step \"x\" }\n",
    ];
    for before in before {
        let text = format!(
            "import cn_pos.dialect\nflow f(m: Message) {{\nreversible m {{\n{}if not (store.signed_in and \
             answered(host.send(m, within: 60s))) {{ step \"x\" }}\ndiscard\n}}\n}}\n\
             fn answered(reply: Reply) -> Bool = reply.code == \"00\"\n",
            before.repeat(1_000)
        );
        let (_, findings, _) = checked("case", &files_of(&text));
        let errors: Vec<&str> =
            findings.iter().filter(|finding| finding.severity == Severity::Error).map(|f| f.code.0).collect();
        assert_eq!(errors, ["T0406"], "behind {before}");
    }
}

#[test]
fn the_cures_of_undecided_ways_out_are_right() {
    let mut cured = 0;
    for case in cases().into_iter().filter(|case| !is_right(case)) {
        let mut text = fs::read_to_string(&case).expect("a case can be read");
        let (_, findings, _) = checked("case", &files_of(&text));
        let about = |finding: &&Finding| ["T0401", "T0406"].contains(&finding.code.0);
        let before = findings.iter().filter(about).count();
        let mut edits: Vec<_> = findings
            .iter()
            .filter(about)
            .flat_map(|finding| finding.cures.iter().filter(|cure| cure.by_hand).take(1))
            .inspect(|_| cured += 1)
            .flat_map(|cure| cure.edits.clone())
            .collect();
        let safe =
            findings.iter().filter(about).filter(|finding| finding.cures.iter().any(|cure| cure.by_hand)).count();
        if edits.is_empty() || safe < before {
            continue;
        }
        edits.sort_by_key(|edit| std::cmp::Reverse(edit.place.span.start));
        for edit in edits {
            text.replace_range(edit.place.span.range(), &edit.replacement);
        }
        let (_, findings, sources) = checked("case", &files_of(&text));
        let left: Vec<Finding> = findings.iter().filter(about).cloned().collect();
        assert!(left.is_empty(), "{}\n{text}\n{}", case.display(), page(&left, &sources));
        let errors =
            findings.iter().filter(|finding| finding.code.0.starts_with("T00") || finding.code.0.starts_with("T01"));
        assert_eq!(errors.count(), 0, "{} does not parse any more:\n{text}", case.display());
    }
    assert!(cured >= 8, "only {cured} cures were tried");
}

#[test]
fn what_a_flow_can_do_follows_from_its_calls() {
    let (checked, findings, _) = checked("sign_in", &scripts());
    assert!(findings.is_empty());
    let signature = checked.functions.iter().find(|function| function.name == "load_keys");
    let signature = signature.expect("sign_in.till has load_keys");
    assert_eq!(signature.uses, ["pinpad", "screen", "store"]);
    let (outer, _, _) = self::checked("start_of_day", &scripts());
    let outer = outer.functions.iter().find(|function| function.name == "start_of_day").expect("the flow");
    assert!(outer.uses.contains(&"printer"), "{:?}", outer.uses);
    assert!(
        outer.errors.iter().any(|error| format!("{error:?}").contains("T5101")),
        "a time-out travels: {:?}",
        outer.errors
    );
}

#[test]
fn the_example_of_a_code_raises_it() {
    let mut wrong = String::new();
    for row in catalogue::all().filter(|row| matches!(row.help, Help::Author { .. })) {
        let of_checker = row.code.0 > "T0113" && row.code.0 < "T0800";
        if !of_checker || row.example.starts_with("till ") || LOADER.contains(&row.code.0) {
            continue;
        }
        let (_, findings, sources) = checked("case", &files_of(row.example));
        if !findings.iter().any(|finding| finding.code == row.code) {
            let _ = writeln!(wrong, "{}\n{}\n{}", row.code, row.example, page(&findings, &sources));
        }
    }
    assert_eq!(wrong, "", "every example should raise its code");
}

/// Codes about files that cannot be found, which whoever reads files reports.
const LOADER: [&str; 3] = ["T0213", "T0214", "T0215"];
