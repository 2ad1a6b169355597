//! The handbook: every entry whole, every code and every screen text in it, every question answered.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tillscript::language::check::codes;
use tillscript::language::library;
use tillscript::run::source_files;
use tillscript::script_error::catalogue;
use tillscript::script_error::handbook::entry::{Entry, Origin, TABLES, Trial};
use tillscript::script_error::handbook::find::find;
use tillscript::script_error::handbook::hear::{core, plain};
use tillscript::script_error::handbook::shelf;
use tillscript::script_error::words::Said;

fn file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/explain").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn none(what_to_do: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{what_to_do}\n  {}", found.join("\n  "));
}

fn sentences(entry: &Entry) -> Vec<(&'static str, &Said)> {
    let mut all = vec![("title", &entry.title), ("money", &entry.money_said)];
    all.extend(entry.why.iter().map(|cause| ("why", &cause.said)));
    all.extend(entry.why.iter().filter_map(|cause| cause.tell.as_ref()).map(|said| ("tell", said)));
    all.extend(entry.cashier.iter().map(|said| ("cashier", said)));
    all.extend(entry.cardholder.iter().map(|said| ("cardholder", said)));
    all.extend(entry.support.iter().map(|said| ("support", said)));
    all.extend(entry.author.iter().map(|said| ("author", said)));
    all.extend(entry.avoid.iter().map(|said| ("avoid", said)));
    all.extend(entry.ask.iter().map(|said| ("ask", said)));
    all.extend(entry.stop.iter().map(|said| ("stop", said)));
    all.extend(entry.slip.iter().map(|said| ("slip", said)));
    all
}

/// True for entries that people at a terminal meet; findings in a script are their author's.
fn at_the_terminal(entry: &Entry) -> bool {
    entry.origin != Origin::Script
}

#[test]
fn the_files_can_be_read() {
    none("Mend these lines of the entries.", shelf::complaints().to_vec());
    assert!(shelf::all().iter().filter(|entry| entry.row.is_none()).count() >= 230);
    assert!(shelf::all().iter().filter(|entry| at_the_terminal(entry)).count() >= 290);
}

#[test]
fn every_entry_is_whole() {
    let mut found = Vec::new();
    let mut ids = BTreeSet::new();
    for entry in shelf::all() {
        let id = entry.id;
        if !ids.insert(id) {
            found.push(format!("{id} is there twice"));
        }
        for (what, said) in sentences(entry) {
            if said.zh.trim().is_empty() || said.en.trim().is_empty() {
                found.push(format!("{id}: {what} is empty in a language"));
            }
            if said.zh.chars().all(|sign| sign.is_ascii()) && what != "title" {
                found.push(format!("{id}: {what} has no Chinese: {}", said.zh));
            }
        }
        for (table, listed) in entry.codes.iter().flat_map(|listed| listed.tables.iter().map(move |table| (table, listed))) {
            if !TABLES.iter().any(|(word, _)| word == table) {
                found.push(format!("{id}: there is no table {table} for {}", listed.code));
            }
        }
        for other in &entry.see {
            if shelf::find(other).is_none() {
                found.push(format!("{id}: `see` names {other}, which is not there"));
            }
        }
        if entry.why.is_empty() {
            found.push(format!("{id}: does not say why"));
        }
        if matches!(&entry.trial, Trial::NotYet(why) if why.is_empty()) {
            found.push(format!("{id}: neither shown nor said why not"));
        }
        if !at_the_terminal(entry) {
            continue;
        }
        for (what, empty) in [
            ("the cashier", entry.cashier.is_empty()),
            ("the cardholder", entry.cardholder.is_empty()),
            ("support", entry.support.is_empty()),
        ] {
            if empty {
                found.push(format!("{id}: says nothing to {what}"));
            }
        }
        if entry.row.is_none() && entry.avoid.is_empty() {
            found.push(format!("{id}: does not say what not to do"));
        }
    }
    none("An entry says everything, in both languages, and names only what is there.", found);
}

#[test]
fn every_code_of_ours_has_an_entry() {
    for row in catalogue::all() {
        assert_eq!(shelf::find(row.code.0).map(|entry| entry.id), Some(row.code.0));
        assert_eq!(shelf::find(row.name).map(|entry| entry.id), Some(row.code.0), "{}", row.name);
    }
}

/// What a script that ships declares, it declares for people, who look it up.
#[test]
fn every_declared_code_of_a_shipped_script_has_an_entry() {
    let mut found = Vec::new();
    for name in ["sale", "sign_in", "balance", "start_of_day"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("scripts/{name}.till"));
        for line in fs::read_to_string(path).unwrap().lines().filter(|line| line.starts_with("error ")) {
            let code = line.split_whitespace().rev().find(|word| word.len() == 5 && word.starts_with('E')).unwrap();
            if shelf::find(code).is_none() {
                found.push(format!("{name}.till: {code}"));
            }
        }
    }
    none("Write entries for these.", found);
}

#[test]
fn every_response_code_of_the_library_has_an_entry() {
    let mut found = Vec::new();
    for file in library::FILES.iter().filter(|file| file.path.ends_with(".codes")) {
        let name = file.path.trim_end_matches(".codes");
        let files = source_files::from_text(file.path, file.text);
        let (tables, _) = codes::tables(&files.units);
        for (_, table) in tables.iter().filter(|(_, table)| table.name == name) {
            for row in &table.rows {
                if shelf::of_response(&row.code.to_string(), Some(name)).len() != 1 {
                    found.push(format!("{} in {name}: wants one entry", row.code));
                }
            }
        }
    }
    none("A code of the library has one entry that names its table.", found);
}

/// Rows of a file with a head, by its column names.
fn rows(name: &str) -> Vec<Vec<String>> {
    let text = file(name);
    text.lines().skip(1).map(cells).collect()
}

/// The cells of a line; a cell in quotes may hold commas.
fn cells(line: &str) -> Vec<String> {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    for sign in line.chars() {
        match sign {
            '"' => quoted = !quoted,
            ',' if !quoted => cells.push(String::new()),
            other => cells.last_mut().unwrap().push(other),
        }
    }
    cells
}

#[test]
fn every_known_response_code_has_an_entry() {
    let found = rows("response_codes.csv")
        .into_iter()
        .filter(|row| shelf::of_response(&row[0], None).is_empty())
        .map(|row| format!("{}: {}", row[0], row[1]))
        .collect();
    none("Write entries for these codes.", found);
}

/// Every text of a real terminal is a name of some entry, or has a name of one in it.
#[test]
fn every_screen_text_is_a_name() {
    let names: BTreeSet<String> = shelf::all()
        .iter()
        .flat_map(|entry| entry.names.iter().chain(&entry.screens))
        .map(|name| plain(name))
        .collect();
    let mut found = Vec::new();
    let mut count = 0;
    for row in rows("screen_texts.csv") {
        for text in row[1].split(" / ").chain(row[2].split(" / ")) {
            // In brackets stands whose terminal it is, and nothing else where it shows no text of its own.
            if text.starts_with('(') && text.ends_with(')') {
                continue;
            }
            let text = text.split_once(") ").map_or(text, |(_, text)| text).trim();
            // A row may list several texts.
            let parts = if names.contains(&plain(text)) { vec![text] } else { text.split(", ").collect() };
            for part in parts {
                count += 1;
                let known = names.contains(&plain(part))
                    || find(part, None).answers.first().is_some_and(|best| best.score > 0.6);
                if !known {
                    found.push(format!("{}: {part}", row[0]));
                }
            }
        }
    }
    assert!(count > 200, "{count}");
    none("No entry is called so.", found);
}

struct Case {
    id: String,
    question: String,
    aside: bool,
}

fn cases() -> Vec<Case> {
    file("queries.txt")
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .enumerate()
        .map(|(at, line)| {
            let (id, question) = line.split_once(" | ").expect("ID | question");
            Case { id: id.into(), question: question.into(), aside: at % 5 == 4 }
        })
        .collect()
}

fn first(question: &str) -> String {
    find(question, None).answers.first().map_or("?".into(), |best| best.entry.id.into())
}

#[test]
fn questions_are_answered() {
    let cases = cases();
    let mut missed: Vec<(bool, String)> = Vec::new();
    for case in &cases {
        let seen = first(&case.question);
        if seen != case.id {
            missed.push((case.aside, format!("{}: {} wanted, {seen} came", case.question, case.id)));
        }
    }
    let show = std::env::var_os("TILL_SHOW_ASIDE").is_some();
    for aside in [false, true] {
        let all = cases.iter().filter(|case| case.aside == aside).count();
        let wrong: Vec<&String> = missed.iter().filter(|(at, _)| *at == aside).map(|(_, line)| line).collect();
        let name = if aside { "kept aside" } else { "tuned by" };
        println!("{name}: {} of {all} questions have their entry first", all - wrong.len());
        if !aside || show {
            wrong.iter().for_each(|line| println!("  {line}"));
        }
        let least = if aside { 85 } else { 97 };
        assert!((all - wrong.len()) * 100 >= all * least, "{name}: fewer than {least} %");
    }
}

#[test]
fn a_table_decides_what_a_code_means() {
    let first = |table| find("77", Some(table)).answers.first().map(|best| best.entry.id);
    assert_eq!(first("cn_pos"), Some("77"));
    assert_eq!(first("mastercard"), Some("77.mastercard"));
    assert_eq!(find("05", Some("iso1987")).answers.first().map(|best| best.entry.id), Some("05.old"));
    let both: Vec<&str> = find("77", None).answers.iter().map(|answer| answer.entry.id).collect();
    assert_eq!(both, ["77", "77.mastercard"]);
}

#[test]
fn what_has_no_public_meaning_is_said_to_have_none() {
    let found = find("M9", None);
    assert_eq!(found.unlisted.as_deref(), Some("M9"));
    assert_eq!(find("E9999", None).declared.as_deref(), Some("E9999"));
    assert!(find("E9999", None).answers.is_empty());
}

#[test]
fn anything_may_be_asked() {
    let long = "余额不足 ".repeat(20_000);
    let deep = "[".repeat(100_000);
    for question in ["", " ", "\0", "{", "{\"code\":1}", "zhuangzhuangzhuangzhuangzhuangzhuangzhuang", &long, &deep, "💳💳", "a\u{301}"] {
        find(question, None);
        find(question, Some("visa"));
    }
    assert_eq!(core("怎么办"), "怎么办");
}
