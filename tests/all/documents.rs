//! What documents show is true: their scripts can be read, their faults and cards exist.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tillscript::language::syntax::parse::parse;
use tillscript::run::{program, suite};
use tillscript::script_error::render::{self, Style};
use tillscript::script_error::source::FileId;
use tillscript::script_error::words::Language;
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
            assert!(
                fault::parse(word).is_ok() || is_rule_of_proxy(word),
                "{name}: `--fault {word}` is not in the table of world/fault.rs"
            );
        }
    }
    assert!(count >= 20, "documents name {count} faults; is `--fault` still written so?");
}

/// What `till proxy` takes behind `--fault`.
fn is_rule_of_proxy(word: &str) -> bool {
    #[cfg(feature = "net")]
    return tillscript::world::net::proxy_rule::parse(word).is_ok();
    #[cfg(not(feature = "net"))]
    word.contains('-')
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
    let mut tests = 0;
    for (name, page) in pages() {
        for script in whole(&page) {
            let built = program::build_text("page.till", &script);
            for finding in &built.findings {
                found.push(format!("{name}: {finding:?}"));
            }
            let Some(program) = built.program else { continue };
            for verdict in suite::run(&program, 0, None) {
                tests += 1;
                if let Some(broken) = verdict.failure {
                    found.push(format!("{name}: test \"{}\": {broken:?}", verdict.title));
                }
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(tests >= 14, "the scripts of the documents hold {tests} tests; are they still whole?");
}

/// What `till` writes for these words, in the project's folder.
fn till(words: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_till"))
        .args(words)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("NO_COLOR", "1")
        .env_remove("TILL_LANG")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Between `<!-- output: till … -->` and its end stands what that command writes, from its report on.
#[test]
fn outputs_in_documents_are_what_the_program_writes() {
    let mut found = Vec::new();
    let mut count = 0;
    for (name, page) in pages() {
        let mut fresh = page.clone();
        for rest in page.split("<!-- output: till ").skip(1) {
            let (words, rest) = rest.split_once(" -->\n").unwrap();
            let (block, _) = rest.split_once("<!-- end of output -->").unwrap();
            let output = till(&words.split(' ').collect::<Vec<_>>());
            let report = output.find("error[").map_or(output.as_str(), |at| &output[at..]);
            let wanted = format!("```text\n{}\n```\n", report.trim_end());
            count += 1;
            if block != wanted {
                fresh = fresh.replace(block, &wanted);
                found.push(format!("{name}: till {words}\n{wanted}"));
            }
        }
        if std::env::var_os("TILL_BLESS").is_some() && fresh != page {
            fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join(&name), fresh).unwrap();
            found.clear();
        }
    }
    assert!(count >= 2, "no output is marked in any document");
    assert!(found.is_empty(), "TILL_BLESS=1 cargo test documents writes these anew:\n{}", found.join("\n"));
}

/// After `<!-- finding --lang … -->` stand a wrong script and what the checker says about it.
#[test]
fn findings_in_documents_are_what_the_checker_says() {
    let mut count = 0;
    for (name, page) in pages() {
        for rest in page.split("<!-- finding --lang ").skip(1) {
            let (language, rest) = rest.split_once(" -->").unwrap();
            let blocks: Vec<&str> =
                rest.split("```text\n").skip(1).take(2).filter_map(|block| block.split("```").next()).collect();
            let [script, shown] = blocks[..] else { panic!("{name}: a script and its finding") };
            let built = program::build_text("needs_pin.till", script);
            let style = Style::plain(Language::parse(language).unwrap());
            let said: Vec<String> =
                built.findings.iter().map(|finding| render::finding(finding, &built.sources, &style)).collect();
            assert_eq!(said.join("\n").trim(), shown.trim(), "{name} shows another finding");
            count += 1;
        }
    }
    assert!(count >= 2, "no finding is shown in any document");
}

/// Each row of the README's situations does what its last column says.
#[test]
fn situations_of_the_readme_come_about() {
    let readme = pages().into_iter().find(|(name, _)| name == "README.md").unwrap().1;
    let rows: Vec<(&str, &str)> = readme
        .lines()
        .filter_map(|line| {
            let (_, rest) = line.split_once("| `till run ")?;
            let (words, rest) = rest.split_once('`')?;
            // A row that keeps a journal needs a folder of its own; its code is tried with the world's tests.
            (rest.contains('|') && words.contains("--fault") && !words.contains("--journal")).then_some((words, rest))
        })
        .collect();
    assert!(rows.len() >= 15, "{} situations", rows.len());
    for (words, row) in rows {
        let reading = row.rsplit('|').nth(1).unwrap().trim();
        let first = reading.split([',', ':', ' ']).next().unwrap();
        let wanted = match reading.strip_prefix("declined ") {
            Some(code) => format!("declined[{}]", &code[..2]),
            None if first == "approved" => "approved".to_string(),
            None if first.starts_with(['E', 'T']) => format!("error[{first}]"),
            None => "done".to_string(),
        };
        let words = format!("run {words} --format short --lang en");
        let output = till(&words.split(' ').collect::<Vec<_>>());
        assert!(output.contains(&wanted), "till {words} should give `{wanted}`:\n{output}");
        if row.contains("reversal queued") {
            assert!(output.contains("reversal_queued"), "{output}");
        }
    }
}
