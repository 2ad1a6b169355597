//! What documents show is true: their scripts can be read, their faults and cards exist.

use std::fs;
use std::path::{Path, PathBuf};
use tillscript::language::syntax::parse::parse;
use tillscript::run::{program, suite};
use tillscript::script_error::source::FileId;
use tillscript::world::{fault, profile};

/// Pages written by hand that show scripts or commands.
fn pages() -> Vec<(String, String)> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut pages = Vec::new();
    for folder in ["", "docs", "docs/decisions"] {
        for entry in fs::read_dir(root.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
                pages.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    pages.sort();
    pages
}

/// The blocks marked as scripts.
fn scripts(page: &str) -> Vec<String> {
    page.split("```till\n").skip(1).filter_map(|rest| rest.split("```").next()).map(str::to_string).collect()
}

/// Whole files among the blocks of a page.
fn whole(page: &str) -> Vec<String> {
    scripts(page).into_iter().filter(|block| block.starts_with("edition 1")).collect()
}

fn shipped_scripts() -> String {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts");
    let mut text = String::new();
    for entry in fs::read_dir(scripts).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "till") {
            text.push_str(&fs::read_to_string(path).unwrap());
        }
    }
    text
}

#[test]
fn whole_scripts_in_documents_can_be_read() {
    let mut found = Vec::new();
    let mut count = 0;
    for (name, page) in pages() {
        for script in whole(&page) {
            count += 1;
            for finding in parse(FileId(0), &script).findings {
                found.push(format!("{name}: {finding:?}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(count >= 8, "documents show {count} whole scripts; are the blocks still marked `till`?");
}

/// A part that is explained must be a part of what can be run.
#[test]
fn parts_of_scripts_stand_in_a_whole_script() {
    let shipped = shipped_scripts();
    let plain = |text: &str| text.lines().map(str::trim).collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for (name, page) in pages().into_iter().filter(|(name, _)| name.starts_with("docs/guide") || !name.contains('/')) {
        let sources = whole(&page).into_iter().chain([shipped.clone()]).map(|text| plain(&text)).collect::<Vec<_>>();
        for part in scripts(&page).into_iter().filter(|block| !block.starts_with("edition 1")) {
            for paragraph in plain(&part).split("\n\n").map(str::trim).filter(|paragraph| !paragraph.is_empty()) {
                if !sources.iter().any(|source| source.contains(paragraph)) {
                    found.push(format!("{name}:\n{paragraph}"));
                }
            }
        }
    }
    assert!(found.is_empty(), "no whole script holds these parts:\n{}", found.join("\n\n"));
}

#[test]
fn both_languages_show_the_same_scripts() {
    let code = |page: &str| -> Vec<String> {
        scripts(page)
            .iter()
            .map(|block| {
                let lines = block.lines().map(|line| line.split("//").next().unwrap_or("").trim_end());
                lines.collect::<Vec<_>>().join("\n")
            })
            .collect()
    };
    let pages = pages();
    for (name, chinese) in pages.iter().filter(|(name, _)| name.ends_with(".zh.md")) {
        let english = name.replace(".zh.md", ".md");
        let (_, english_page) = pages.iter().find(|(other, _)| *other == english).unwrap();
        assert_eq!(code(chinese), code(english_page), "{name} and {english} show different scripts");
    }
}

/// The words after an option, wherever a page names it.
fn values<'p>(page: &'p str, option: &str) -> Vec<&'p str> {
    page.split(option)
        .skip(1)
        .filter_map(|rest| rest.strip_prefix(' '))
        .map(|rest| rest.split([' ', '`', '\n', ')', '，', '。', '；']).next().unwrap_or(""))
        .filter(|word| word.starts_with(|sign: char| sign.is_ascii_lowercase()))
        .collect()
}

#[test]
fn documents_name_only_faults_that_exist() {
    let mut count = 0;
    for (name, page) in pages() {
        for word in values(&page, "--fault") {
            count += 1;
            assert!(fault::parse(word).is_ok(), "{name}: `--fault {word}` is not in the table of world/fault.rs");
        }
    }
    assert!(count >= 20, "documents name {count} faults; is `--fault` still written so?");
}

#[test]
fn documents_name_only_cards_that_are_shipped() {
    for (name, page) in pages() {
        for word in values(&page, "--card") {
            assert!(profile::find(word).is_ok(), "{name}: `--card {word}` is not shipped");
        }
    }
}

#[test]
fn the_server_runs_the_commands_of_the_readme() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let [readme, chinese, ci] =
        ["README.md", "README.zh.md", ".ci/run"].map(|name| fs::read_to_string(root.join(name)).unwrap());
    for page in [readme, chinese] {
        assert!(page.contains("\n$ cargo test\n"), "the README names `cargo test` as a command of its own");
        assert!(page.contains("\n$ cargo run --release -- run scripts/start_of_day.till\n"));
    }
    assert!(ci.contains("\nstep test cargo test\n"), ".ci/run tests with exactly the README's command");
    assert!(ci.contains(" -- run scripts/start_of_day.till"), ".ci/run tries the README's first command");
}

/// What a reader copies out of a page passes the checker, and its tests pass.
#[test]
fn whole_scripts_in_documents_pass_their_checks_and_tests() {
    let mut found = Vec::new();
    for (name, page) in pages() {
        for script in whole(&page) {
            let built = program::build_text("page.till", &script);
            for finding in &built.findings {
                found.push(format!("{name}: {finding:?}"));
            }
            let Some(program) = built.program else { continue };
            for verdict in suite::run(&program, 0, None) {
                if let Some(broken) = verdict.failure {
                    found.push(format!("{name}: test \"{}\": {broken:?}", verdict.title));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
