//! What a person sees at the console.
//!
//! Every `.console` file under `tests/cli/` and `tests/flows/` is typed in, and the page that comes back stands beside it.
//!
//! A line `$ till …` is a command, `$ COLUMNS=40 till …` one in a narrow console; `$TMP` in it is an empty folder of the case, the same for all its commands. Lines that
//! begin with `#` are for the reader. The language is English unless the command says `--lang zh`.

use std::fmt::Write;
use std::fs;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::process::Command;

fn cases(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(folder);
    let mut found: Vec<PathBuf> = fs::read_dir(&root)
        .unwrap_or_else(|error| panic!("{}: {error}", root.display()))
        .map(|entry| entry.expect("an entry of the folder").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "console"))
        .collect();
    found.sort();
    assert!(!found.is_empty(), "{folder} holds no cases");
    found
}

/// The words of a command line; double quotes keep spaces together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut quoted, mut any) = (String::new(), false, false);
    for character in line.chars() {
        match character {
            '"' => (quoted, any) = (!quoted, true),
            ' ' if !quoted => {
                if any || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                any = false;
            }
            other => word.push(other),
        }
    }
    if any || !word.is_empty() {
        words.push(word);
    }
    words
}

/// Types a case in and gives the page: each command, what it wrote, and what it ended with.
fn page(case: &Path) -> String {
    // Below the folder the commands start in, and as long for every process: pages are folded by the length of its name.
    let folder = Path::new("target/tmp").join(format!(
        "console-{:07}-{}",
        std::process::id(),
        case.file_stem().unwrap_or_default().to_string_lossy()
    ));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder for the case");
    let text = fs::read_to_string(case).expect("the case");
    let mut page = String::new();
    for line in text.lines() {
        // `$ COLUMNS=40 till …`: a console that is that wide.
        let (columns, line) = match line.strip_prefix("$ COLUMNS=").and_then(|rest| rest.split_once(' ')) {
            Some((columns, rest)) => (Some(columns), format!("$ {rest}")),
            None => (None, line.to_owned()),
        };
        let Some(command) = line.strip_prefix("$ till").map(str::trim_start) else { continue };
        let output = Command::new(env!("CARGO_BIN_EXE_till"))
            .args(words(&command.replace("$TMP", &folder.display().to_string())))
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .env_remove("TILL_LANG")
            .env("LC_ALL", "C")
            .env("COLUMNS", columns.unwrap_or("100"))
            .env_remove("RUST_BACKTRACE")
            .output()
            .expect("till starts");
        let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.push_str(&String::from_utf8_lossy(&output.stderr));
        let said = said.replace(&folder.display().to_string(), "$TMP");
        let exit = output.status.code().map_or("killed".to_string(), |code| code.to_string());
        let width = columns.map(|columns| format!("COLUMNS={columns} ")).unwrap_or_default();
        let typed = format!("$ {width}till {command}");
        let _ = write!(page, "{}\n{}\n[exit {exit}]\n\n", typed.trim_end(), said.trim_end());
    }
    let _ = fs::remove_dir_all(&folder);
    page
}

fn check_folder(folder: &str) {
    let wanted = std::env::var("TILL_CASE").unwrap_or_default();
    let mut wrong = Vec::new();
    for case in cases(folder) {
        let name = case.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if !name.contains(&wanted) {
            continue;
        }
        let seen = page(&case);
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(case.parent().expect("a folder"));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        // Times of tests and versions differ from machine to machine.
        settings.add_filter(r"\d+ ms\.", "[time] ms.");
        settings.add_filter(r"[\d,]+ a second; ", "[rate] a second; ");
        settings.add_filter(r"每秒 [\d,]+ 次，", "每秒 [rate] 次，");
        settings.add_filter(r"用时 \d+ ms", "用时 [time] ms");
        let outcome = std::panic::catch_unwind(AssertUnwindSafe(|| {
            settings.bind(|| insta::assert_snapshot!(name.clone(), seen));
        }));
        if outcome.is_err() {
            wrong.push(name);
        }
    }
    assert!(wrong.is_empty(), "these pages changed: {wrong:?}; look at the differences, then `cargo insta review`");
}

#[test]
fn the_console_says_what_its_pages_say() {
    check_folder("cli");
}

#[test]
fn every_situation_has_its_page() {
    check_folder("flows");
}

/// No snapshot may hold a card number, so this is said here.
#[test]
fn card_data_is_shown_only_where_somebody_asks_for_it_and_with_a_warning() {
    let till = |words: &[&str]| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_till")).args(words).env("TILL_LANG", "en").output().expect("till starts");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    };
    let words =
        ["message", "decode", "--dialect", "cn_pos", "--begin", "body", "02004000000000000000166299990000000009"];
    for format in ["full", "json"] {
        let masked = till(&[&words[..], &["--format", format]].concat());
        assert!(masked.0.contains("629999******0009") && !masked.0.contains("6299990000000009"), "{}", masked.0);
        assert_eq!(masked.1, "");
        let shown = till(&[&words[..], &["--format", format, "--reveal"]].concat());
        assert!(shown.0.contains("6299990000000009") && shown.1.contains("test data only"), "{shown:?}");
    }
}
