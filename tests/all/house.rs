//! Tests of the house itself: who may use whom, how files begin, what no page may hold.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use tillscript::script_error::catalogue;

/// Who may use whom. This table is the architecture; `ARCHITECTURE.md` only explains it.
const MAY_USE: &[(&str, &[&str])] = &[
    ("script_error", &[]),
    ("payment", &[]),
    ("world", &["payment", "script_error"]),
    ("language", &["world", "payment", "script_error"]),
    ("run", &["language", "world", "payment", "script_error"]),
    ("editor", &["run", "language", "script_error"]),
    ("cli", &["editor", "run", "language", "world", "payment", "script_error"]),
];

/// The floors inside `language/`.
const FLOORS: &[(&str, &[&str])] = &[
    ("types", &[]),
    ("syntax", &[]),
    ("library", &[]),
    ("ready", &["syntax", "library"]),
    ("builtin", &["types"]),
    ("bytecode", &["types", "builtin"]),
    ("vm", &["types", "builtin", "bytecode"]),
    ("check", &["types", "syntax", "library", "ready", "builtin"]),
    ("compile", &["types", "syntax", "library", "builtin", "check", "bytecode"]),
];

/// Doors that hold the list of a folder's rows, and how to find one in it.
const DOORS_WITH_A_LIST: &[&str] = &["src/language/builtin/mod.rs", "src/script_error/catalogue/mod.rs"];

/// Files made of rows may be long.
const TABLE_FILES: &[&str] = &["src/language/builtin/", "src/script_error/catalogue/"];

const LONGEST_FILE: usize = 600;

/// Names that say nothing about what a file holds.
const DRAWERS: &[&str] = &["util", "utils", "helper", "helpers", "common", "misc", "shared"];

/// Digit runs that pass for card numbers and are none, each with what it is.
const NOT_A_CARD: &[&str] = &[
    // Field 53: PIN format 2, double-length keys.
    "2600000000000000",
    // Field 60 of a published request.
    "2600000100060000000",
];

/// Test ranges of the simulated issuers: no real card begins so.
const TEST_RANGES: &[&str] = &["629999", "499999"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder, sorted, as a path from the root with `/`.
fn files(below: &str, keep: impl Fn(&str) -> bool) -> Vec<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![root().join(below)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/");
            if name.starts_with("target")
                || name.starts_with("fuzz/target")
                || name.starts_with("benches/peers/target")
                || name.starts_with(".git/")
            {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if keep(&name) {
                found.insert(name);
            }
        }
    }
    found.into_iter().collect()
}

fn rust_files(below: &str) -> Vec<String> {
    files(below, |name| name.ends_with(".rs"))
}

fn markdown_files() -> Vec<String> {
    files("", |name| name.ends_with(".md"))
}

fn read(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Fails with every line at once, so that one run shows all there is to do.
fn none(what_to_do: &str, found: Vec<String>) {
    assert!(found.is_empty(), "{what_to_do}\n  {}", found.join("\n  "));
}

// ── Who may use whom ──

/// The module paths a file names after `crate::`, and those its `super::` chains climb to, comments left out.
fn used(name: &str, text: &str) -> Vec<Vec<String>> {
    let words = |text: &str| -> Vec<String> {
        text.split("::")
            .map(|word| word.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>())
            .take_while(|word| !word.is_empty())
            .take(3)
            .collect()
    };
    let mut home: Vec<String> =
        name.trim_start_matches("src/").trim_end_matches(".rs").split('/').map(str::to_string).collect();
    if home.last().is_some_and(|last| last == "mod") {
        home.pop();
    }
    let mut found = Vec::new();
    for line in text.lines().filter(|line| !line.trim_start().starts_with("//")) {
        // `pub(in crate::language)` says who may see, not what is used.
        found.extend(line.replace("(in crate::", "(in ").split("crate::").skip(1).map(words));
        let climbs = line.matches("super::super::").count();
        if climbs > 0 {
            let supers = line.split_once("super::").map_or(0, |_| line.matches("super::").count());
            let up = home.len().saturating_sub(supers);
            let mut path = home[..up].to_vec();
            path.extend(line.rsplit("super::").next().map(words).unwrap_or_default());
            found.push(path);
        }
    }
    found
}

#[test]
fn rooms_use_only_what_they_may() {
    let mut found = Vec::new();
    for (room, may_use) in MAY_USE {
        let mut names = rust_files(&format!("src/{room}"));
        names.extend(Some(format!("src/{room}.rs")).filter(|name| root().join(name).exists()));
        for name in names {
            for path in used(&name, &read(&name)) {
                let used = path.first().map_or("", String::as_str);
                if used != *room && !may_use.contains(&used) {
                    found.push(format!("{name} uses `{used}`; {room} may use only {may_use:?}, by plain paths"));
                }
            }
        }
    }
    none("A room uses one above it or beside it. Move the code, or turn the dependency round.", found);
}

#[test]
fn floors_of_the_language_use_only_what_they_may() {
    let mut found = Vec::new();
    for (floor, may_use) in FLOORS {
        let mut names = rust_files(&format!("src/language/{floor}"));
        names.extend(Some(format!("src/language/{floor}.rs")).filter(|name| root().join(name).exists()));
        for name in names {
            for path in used(&name, &read(&name)) {
                if path.first().is_none_or(|room| room != "language") {
                    continue;
                }
                let used = path.get(1).map_or("", String::as_str);
                if used != *floor && !may_use.contains(&used) {
                    found.push(format!("{name} uses `language::{used}`; {floor} may use only {may_use:?}"));
                }
            }
        }
    }
    none("A floor of the language uses one above it.", found);
}

#[test]
fn every_room_and_floor_is_in_the_table() {
    let listed = |folder: &str, table: &[(&str, &[&str])]| -> Vec<String> {
        fs::read_dir(root().join(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter_map(|path| path.file_stem().map(|stem| stem.to_string_lossy().into_owned()))
            .filter(|stem| !["lib", "main", "mod"].contains(&stem.as_str()))
            .filter(|stem| !table.iter().any(|(name, _)| name == stem))
            .map(|stem| format!("{folder}/{stem}"))
            .collect()
    };
    let mut found = listed("src", MAY_USE);
    found.extend(listed("src/language", FLOORS));
    none("Say in MAY_USE or FLOORS what these may use.", found);
}

// ── How files are made ──

#[test]
fn every_file_opens_with_a_sentence() {
    let mut names = rust_files("src");
    names.extend(rust_files("tests"));
    let found = names
        .into_iter()
        .filter(|name| {
            let text = read(name);
            // A long sentence may go on in the next line; an empty `//!` or the code ends it.
            let sentence: Vec<&str> = text.lines().map_while(|line| line.strip_prefix("//! ")).collect();
            !sentence.last().is_some_and(|end| end.ends_with(['.', '?', ':']))
        })
        .collect();
    none("Open these files with one sentence: `//! What it holds or does.`", found);
}

#[test]
fn doors_are_only_doors() {
    let mut found = Vec::new();
    for name in rust_files("src").into_iter().filter(|name| name.ends_with("/mod.rs")) {
        if DOORS_WITH_A_LIST.contains(&name.as_str()) {
            continue;
        }
        for line in read(&name).lines().map(str::trim) {
            let door = line.is_empty()
                || line.starts_with("//")
                || line.starts_with("#[")
                || (line.ends_with(';')
                    && ["mod ", "pub mod ", "pub(super) mod "].iter().any(|word| line.starts_with(word)));
            if !door {
                found.push(format!("{name}: {line}"));
            }
        }
    }
    none("A mod.rs holds its sentence and `mod` lines; move the rest into a file named after what it holds.", found);
}

#[test]
fn files_are_named_after_what_they_hold() {
    let found = rust_files("")
        .into_iter()
        .filter(|name| name.trim_end_matches(".rs").split('/').any(|part| DRAWERS.contains(&part)))
        .collect();
    none("Name these after the noun they hold or the act they do.", found);
}

#[test]
fn files_stay_readable() {
    let found = rust_files("src")
        .into_iter()
        .filter(|name| !TABLE_FILES.iter().any(|table| name.starts_with(table)))
        .filter_map(|name| {
            let lines = read(&name).lines().count();
            (lines > LONGEST_FILE).then(|| format!("{name}: {lines} lines"))
        })
        .collect();
    none("Look for the seam and split these.", found);
}

#[test]
fn unsafe_code_is_forbidden_everywhere() {
    assert!(
        read("Cargo.toml").contains("unsafe_code = \"forbid\""),
        "keep `unsafe_code = \"forbid\"` under [lints.rust] in Cargo.toml"
    );
}

#[test]
fn nothing_is_left_unfinished_in_the_code() {
    let words = [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("dbg", "!("), concat!("FIX", "ME")];
    let mut found = Vec::new();
    for name in rust_files("src") {
        for (at, line) in read(&name).lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                found.push(format!("{name}:{}: {}", at + 1, line.trim()));
            }
        }
    }
    none("Finish these, or take them out.", found);
}

#[test]
fn every_test_file_is_run() {
    let doors = read("tests/all.rs");
    let found = rust_files("tests/all")
        .into_iter()
        .map(|name| name.trim_start_matches("tests/").to_string())
        .filter(|name| name.matches('/').count() == 1)
        .filter(|name| !doors.contains(&format!("#[path = \"{name}\"]")))
        .collect();
    none("Declare these in tests/all.rs with `#[path]` and `mod`.", found);
}

// ── Dependencies ──

#[test]
fn every_dependency_says_what_it_is_for() {
    let mut section = "";
    let mut used = BTreeSet::new();
    let cargo = read("Cargo.toml");
    for line in cargo.lines() {
        if line.starts_with('[') {
            section = line;
        } else if let ("[dependencies]" | "[dev-dependencies]" | "[build-dependencies]", Some((name, _))) =
            (section, line.split_once('='))
        {
            used.insert(name.trim().to_string());
        }
    }
    let explained: BTreeSet<String> = read("docs/decisions/dependencies.md")
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(name, _)| name.to_string())
        .collect();
    none(
        "docs/decisions/dependencies.md and Cargo.toml name different crates.",
        used.symmetric_difference(&explained).cloned().collect(),
    );
}

// ── What no page may hold ──

/// Runs of 13 to 19 digits, spaces and hyphens between groups left out, that stand alone and pass the Luhn check.
fn card_numbers(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let signs: Vec<char> = line.chars().collect();
        let mut at = 0;
        while at < signs.len() {
            if !signs[at].is_ascii_digit() || (at > 0 && (signs[at - 1].is_alphanumeric() || signs[at - 1] == '*')) {
                at += 1;
                continue;
            }
            let mut digits = String::new();
            let mut end = at;
            while end < signs.len() {
                let between = [' ', '-'].contains(&signs[end]) && signs.get(end + 1).is_some_and(char::is_ascii_digit);
                if signs[end].is_ascii_digit() {
                    digits.push(signs[end]);
                } else if !between {
                    break;
                }
                end += 1;
            }
            let alone = signs.get(end).is_none_or(|sign| !sign.is_alphanumeric());
            if alone && (13..=19).contains(&digits.len()) && luhn(&digits) {
                found.push(digits);
            }
            at = end.max(at + 1);
        }
    }
    found
}

fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|digit| digit.to_digit(10))
        .enumerate()
        .map(|(at, digit)| match (at % 2, digit * 2) {
            (0, _) => digit,
            (_, twice) => twice / 10 + twice % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}

#[test]
fn no_page_or_snapshot_shows_a_card_number() {
    let shown = |name: &str| {
        [".md", ".snap", ".console", ".trace", ".json", ".scenario"].iter().any(|end| name.ends_with(end))
            && !name.starts_with("tests/vectors/")
    };
    let mut found = Vec::new();
    for name in files("", shown) {
        for number in card_numbers(&String::from_utf8_lossy(&fs::read(root().join(&name)).unwrap())) {
            if !NOT_A_CARD.contains(&number.as_str()) {
                found.push(format!("{name}: {}…{}", &number[..6], &number[number.len() - 4..]));
            }
        }
    }
    none("Mask these: first six, `*` for each hidden digit, last four.", found);
}

#[test]
fn scripts_and_cards_use_only_the_simulated_ranges() {
    let mut found = Vec::new();
    // The library kept ready is made from its texts, which are looked at.
    for name in files("scripts", |name| !name.ends_with(".bin")) {
        for number in card_numbers(&read(&name)) {
            if !TEST_RANGES.iter().any(|range| number.starts_with(range)) && !NOT_A_CARD.contains(&number.as_str()) {
                found.push(format!("{name}: {}…", &number[..6]));
            }
        }
    }
    none("A shipped card must lie in a range of the simulated issuers (TEST_RANGES).", found);
}

#[test]
fn the_search_for_card_numbers_finds_them() {
    // Made from parts, so that this file holds none itself.
    let number = ["6299", "9900", "0000", "0017"];
    for written in [number.concat(), number.join(" "), number.join("-"), format!("卡号:{},", number.concat())] {
        assert_eq!(card_numbers(&written), [number.concat()], "{written}");
    }
    for harmless in ["629990******0017", "2026-01-05 09:00:00", "A6299990000000017", "6299990000000018"] {
        assert!(card_numbers(harmless).is_empty(), "{harmless}");
    }
}

#[test]
fn no_file_names_a_place_on_somebodys_machine() {
    let places = [concat!("/ho", "me/"), concat!("/Us", "ers/"), concat!("/wo", "rk/"), concat!("/ro", "ot/")];
    let text = |name: &str| {
        [".md", ".rs", ".till", ".pest", ".toml", ".snap", ".json", ".console", ".card", ".scenario", "/run"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    let mut found = Vec::new();
    for name in files("", text) {
        for (at, line) in read(&name).lines().enumerate() {
            // Inside a longer path it would be a folder of ours; a machine's path begins the word.
            if places.iter().any(|place| {
                line.match_indices(place)
                    .any(|(at, _)| !line[..at].ends_with(|c: char| c.is_alphanumeric() || c == '.'))
            }) {
                found.push(format!("{name}:{}", at + 1));
            }
        }
    }
    none("Write these paths relative to the project.", found);
}

// ── Documents ──

#[test]
fn links_between_documents_lead_somewhere() {
    let mut found = Vec::new();
    for name in markdown_files() {
        let folder = Path::new(&name).parent().unwrap_or(Path::new("")).to_path_buf();
        let text = outside_code(&read(&name));
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or("");
            if file.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            if !root().join(&folder).join(file).exists() {
                found.push(format!("{name}: {target}"));
            }
        }
    }
    none("These links lead nowhere.", found);
}

#[test]
fn every_document_can_be_found() {
    let lists = read("docs/README.md") + &read("docs/decisions/README.md") + &read("docs/errors/README.md");
    let found = files("docs", |name| !name.ends_with("/README.md"))
        .into_iter()
        .filter(|name| {
            let within = name.trim_start_matches("docs/");
            !["", "decisions/", "errors/"]
                .iter()
                .any(|folder| within.strip_prefix(folder).is_some_and(|file| lists.contains(&format!("]({file})"))))
        })
        .collect();
    none("Name these in docs/README.md (a decision in docs/decisions/README.md).", found);
}

#[test]
fn both_languages_have_the_same_chapters() {
    let mut found = Vec::new();
    for name in markdown_files().into_iter().filter(|name| name.ends_with(".zh.md")) {
        let english = name.replace(".zh.md", ".md");
        let levels = |name: &str| -> Vec<usize> {
            outside_code(&read(name))
                .lines()
                .filter(|line| line.starts_with('#'))
                .map(|line| line.chars().take_while(|sign| *sign == '#').count())
                .collect()
        };
        if levels(&name) != levels(&english) {
            found.push(format!("{english} {:?} and {name} {:?}", levels(&english), levels(&name)));
        }
    }
    none("The headings differ; both texts say the same, in the same order.", found);
}

#[test]
fn documents_name_only_codes_that_exist() {
    let mut found = Vec::new();
    for name in markdown_files() {
        let text = read(&name);
        for (at, _) in text.match_indices('T') {
            let code: String = text[at..].chars().take_while(|sign| sign.is_ascii_alphanumeric()).collect();
            let alone = !text[..at].ends_with(|sign: char| sign.is_alphanumeric() || sign == '_');
            let is_code = code.len() == 5 && code[1..].chars().all(|sign| sign.is_ascii_digit());
            if alone && is_code && catalogue::find(&code).is_none() {
                found.push(format!("{name}: {code}"));
            }
        }
    }
    none("These codes are not in the catalogue.", found);
}

#[test]
fn the_changelog_knows_this_version() {
    let version = env!("CARGO_PKG_VERSION");
    assert!(read("CHANGELOG.md").contains(&format!("\n## {version}")), "write what a user gets under `## {version}`");
}

/// The text without its fenced blocks and inline code.
fn outside_code(text: &str) -> String {
    let mut fenced = false;
    let mut kept = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            kept.extend(line.split('`').step_by(2));
            kept.push('\n');
        }
    }
    kept
}
