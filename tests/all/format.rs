//! The one style: what it looks like, that it is a fixed point, and that it changes nothing but layout.

use proptest::prelude::*;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use tillscript::language::syntax::format::whole::{format, holds_the_same};
use tillscript::language::syntax::lossless::{Token, TokenKind, lossless};
use tillscript::language::syntax::parse::parse;
use tillscript::run::program::build_as;
use tillscript::script_error::finding::Severity;
use tillscript::script_error::source::FileId;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every script below a folder, with its path from the root.
fn scripts(below: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(below)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "till") {
                let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

/// Whole scripts in the pages of a folder.
fn in_pages(below: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join(below)).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let page = fs::read_to_string(&path).unwrap();
            let blocks = page.split("```till\n").skip(1).filter_map(|rest| rest.split("```").next());
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            found.extend(
                blocks.filter(|block| block.starts_with("edition")).map(|block| (name.clone(), block.to_string())),
            );
        }
    }
    assert!(!found.is_empty(), "{below} shows no scripts");
    found
}

fn is_sound(text: &str) -> bool {
    parse(FileId(0), text).findings.iter().all(|finding| finding.severity != Severity::Error)
}

/// The tree as text, without places and numbers: a second way to compare, which shares nothing with the first.
fn shape(text: &str) -> String {
    let tree = format!("{:?}", parse(FileId(0), text).tree);
    let mut shape = String::new();
    let mut rest = tree.as_str();
    loop {
        let Some((at, end)) = ["Span { start: ", "ExpressionId("]
            .iter()
            .filter_map(|mark| rest.find(mark).map(|at| (at, if mark.starts_with('S') { " }" } else { ")" })))
            .min()
        else {
            shape.push_str(rest);
            return shape;
        };
        shape.push_str(&rest[..at]);
        rest = &rest[at..];
        rest = &rest[rest.find(end).unwrap() + end.len()..];
    }
}

/// Comments without white space at their ends, by the lexer of the lossless view, which is not the formatter's.
fn comments(text: &str) -> Vec<String> {
    lossless(text)
        .tokens
        .iter()
        .filter(|token| matches!(token.kind, TokenKind::Comment | TokenKind::Doc))
        .map(|token| text[token.span.range()].trim_end().to_string())
        .collect()
}

fn formatted(name: &str, text: &str) -> String {
    format(FileId(0), text).unwrap_or_else(|findings| panic!("{name}: {findings:?}"))
}

fn check_formatted(name: &str, text: &str) -> String {
    let once = formatted(name, text);
    assert_eq!(formatted(name, &once), once, "{name}: formatting twice changes it again");
    assert_eq!(shape(text), shape(&once), "{name}: the tree has changed");
    assert_eq!(comments(text), comments(&once), "{name}: the comments have changed");
    assert!(once.is_empty() || once.ends_with('\n') && !once.ends_with("\n\n"), "{name}: the end of the file");
    for line in once.lines() {
        assert!(!line.ends_with([' ', '\t', '\r']), "{name}: white space at the end of {line:?}");
    }
    once
}

#[test]
fn every_script_of_the_house_keeps_its_meaning() {
    let mut count = 0;
    let all = ["scripts", "tests", "docs"].iter().flat_map(|below| scripts(below));
    for (name, text) in all.chain(in_pages("docs")).chain(in_pages("")) {
        if is_sound(&text) {
            check_formatted(&name, &text);
            count += 1;
        } else {
            assert!(format(FileId(0), &text).is_err(), "{name} has errors and was formatted");
        }
    }
    assert!(count > 150, "only {count} scripts could be formatted");
}

#[test]
fn shipped_scripts_are_in_the_one_style() {
    let all = ["scripts", "docs"].iter().flat_map(|below| scripts(below));
    for (name, text) in all.chain(in_pages("docs")).chain(in_pages("")) {
        assert_eq!(formatted(&name, &text), text, "{name}: run `till fmt` on it");
    }
}

/// Cases of mistakes are in the one style too, but for two kinds, which a machine can tell: a file with errors that the
/// formatter refuses, and one whose findings are about its layout, so that formatting would change them.
#[test]
fn cases_are_in_the_one_style_unless_their_mistake_forbids_it() {
    let (mut formatted, mut refused, mut layout) = (0, Vec::new(), Vec::new());
    let folders = ["tests/check", "tests/dialect", "tests/flows", "tests/cli", "tests/errors", "tests/peers"];
    for (name, text) in folders.iter().flat_map(|folder| scripts(folder)) {
        match format(FileId(0), &text) {
            Err(_) => refused.push(name),
            Ok(new) if new == text => formatted += 1,
            Ok(new) => {
                let findings = |text: &str| shown_without_places(&name, text);
                assert_ne!(findings(&text), findings(&new), "{name}: run `till fmt {name}`");
                layout.push(name);
            }
        }
    }
    println!("{formatted} formatted; refused: {refused:?}; about layout: {layout:?}");
    assert!(formatted >= 790, "{formatted}");
    assert!(refused.len() <= 40 && layout.len() <= 10, "refused: {refused:?}\nabout layout: {layout:?}");
    assert!(refused.iter().all(|name| !name.ends_with(".right.till")), "{refused:?}");
}

/// Code, values and words of each finding of a case; not where it is.
fn shown_without_places(name: &str, text: &str) -> Vec<String> {
    let built = build_as(&root().join(name), text.as_bytes());
    let mut shown: Vec<String> = (built.findings.iter())
        .map(|finding| format!("{} {:?} {:?} {:?}", finding.code, finding.facts, finding.at.text, finding.notes))
        .collect();
    shown.sort();
    shown
}

/// `name.till` is what somebody wrote, `name.formatted.till` what becomes of it. `TILL_BLESS=1` writes the latter.
#[test]
fn cases_look_as_their_page_says() {
    let mut count = 0;
    for (name, text) in scripts("tests/format").into_iter().filter(|(name, _)| !name.ends_with(".formatted.till")) {
        let page = root().join(name.replace(".till", ".formatted.till"));
        let once = check_formatted(&name, &text);
        if std::env::var_os("TILL_BLESS").is_some() {
            fs::write(&page, &once).unwrap();
        }
        let wanted = fs::read_to_string(&page).unwrap_or_default();
        assert_eq!(once, wanted, "{name}: look at it, then run with TILL_BLESS=1");
        count += 1;
    }
    assert!(count >= 7, "tests/format holds {count} cases");
}

#[test]
fn small_things() {
    let same = |text: &str, wanted: &str| assert_eq!(formatted(text, text), wanted);
    same("", "");
    same("\n\n  \n", "");
    same("// only this", "// only this\n");
    same("\u{FEFF}const A = 1\r\n\r\n\r\nconst B = 2\r\n", "const A = 1\n\nconst B = 2\n");
    same("const A = 1\n\n\n// end", "const A = 1\n\n// end\n");
    same("const A = - - 1 - - 1\n", "const A = - -1 - -1\n");
}

/// Nothing that parses makes it stumble, however long, wide or deep.
#[test]
fn hostile_shapes() {
    let deep = |open: &str, close: &str, many: usize| format!("{}1{}", open.repeat(many), close.repeat(many));
    let texts = [
        format!("const A = {}\n", deep("(", ")", 60)),
        format!("const A = {}\n", deep("[", "]", 60)),
        format!("const A = {}\n", deep("f(a: 1, b: ", ")", 60)),
        format!("fn f() -> Int = {}\n", deep("if a { ", " } else { 2 }", 30)),
        format!("fn f() -> Int = {}\n", deep("match a { other => ", " }", 60)),
        format!("const A = {}\n", deep("\"{", "}\"", 15)),
        format!("const A = {}1\n", "1 + ".repeat(400)),
        format!("const A = a{}\n", ".b(1)".repeat(200)),
        format!("const A = [{}]\n", "1,".repeat(5000)),
        format!("@allow({}T0302)\nflow f() {{\n  {}\n}}\n", "T0302, ".repeat(30), "step \"x\"\n  ".repeat(2000)),
        format!("const A = \"{}\"\n", "字".repeat(5000)),
        format!("{}const A = 1 // {}\n", "// x\n\n\n".repeat(3000), "y".repeat(5000)),
        format!("codes c {{\n{}}}\n", "| a | b |\n// c\n".repeat(500)),
    ];
    for text in texts {
        let name: String = text.chars().take(40).collect();
        if is_sound(&text) {
            check_formatted(&name, &text);
        } else {
            panic!("{name}: {:?}", parse(FileId(0), &text).findings);
        }
    }
}

#[test]
fn a_text_with_errors_is_refused_with_its_findings() {
    let findings = format(FileId(0), "flow f( {\n").unwrap_err();
    assert!(findings.iter().all(|finding| finding.code.0 != "T9001"), "{findings:?}");
    assert!(!findings.is_empty());
}

/// The comparison itself must see a difference wherever there is one.
#[test]
fn the_comparison_sees_every_changed_word() {
    let mut seen = 0;
    for (name, text) in scripts("tests/format").into_iter().chain(scripts("scripts")) {
        for token in lossless(&text).tokens {
            let written = &text[token.span.range()];
            let other = match token.kind {
                TokenKind::Word => format!("{written}z"),
                TokenKind::Comment => format!("{written}."),
                TokenKind::Text if written.len() > 2 && written.starts_with('"') => written.replacen('"', "\"z", 1),
                _ => continue,
            };
            // Some are enough for the long ones.
            seen += 1;
            if seen % 40 != 0 && text.len() > 2500 {
                continue;
            }
            let mut changed = text.clone();
            changed.replace_range(token.span.range(), &other);
            if is_sound(&changed) {
                assert!(!holds_the_same(&text, &changed), "{name}: {written:?} became {other:?} and nobody saw it");
            }
        }
    }
    assert!(seen > 1000);
}

/// White space and comments between the tokens of a script, changed at random where the language allows it.
struct Shaker {
    state: u64,
    comments: bool,
}

impl Shaker {
    fn below(&mut self, most: u64) -> u64 {
        // A linear congruence is enough to shake a text.
        self.state = self.state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.state >> 33) % most
    }

    fn spaces(&mut self, least: u64) -> String {
        let many = least + self.below(4);
        (0..many).map(|_| if self.below(8) == 0 { '\t' } else { ' ' }).collect()
    }

    fn shake(&mut self, text: &str) -> String {
        let tokens = lossless(text).tokens;
        let written = |token: &Token| &text[token.span.range()];
        let mut out = String::new();
        let mut open: Vec<char> = Vec::new();
        let (mut in_string, mut row) = (false, false);
        let mut at = 0;
        while at < tokens.len() {
            let token = &tokens[at];
            let word = written(token);
            let is_white = matches!(token.kind, TokenKind::Space | TokenKind::LineBreak);
            if !is_white || in_string {
                match token.kind {
                    TokenKind::Text => {
                        let ends = word.ends_with('"') && (word.len() > 1 || in_string);
                        in_string = !ends;
                    }
                    TokenKind::Open if !in_string => open.push(word.chars().next().unwrap()),
                    TokenKind::Close if !in_string => drop(open.pop()),
                    _ => {}
                }
                let starts_line = out.rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
                // Rows of tables and annotations stand on one line.
                row |= starts_line && matches!(word, "|" | "@");
                out.push_str(word);
                let tight = !row && !in_string && matches!(word, "(" | "[");
                let next = tokens.get(at + 1).map(written).unwrap_or_default();
                if (tight || matches!(next, ")" | "]" | ",")) && !row && !in_string && self.below(4) == 0 {
                    out.push_str(&self.spaces(0));
                }
                at += 1;
                continue;
            }
            // A stretch of white space between two tokens.
            let from = at;
            while tokens.get(at).is_some_and(|token| matches!(token.kind, TokenKind::Space | TokenKind::LineBreak)) {
                at += 1;
            }
            let white: String = tokens[from..at].iter().map(written).collect();
            let before = from.checked_sub(1).map(|before| written(&tokens[before])).unwrap_or_default();
            let next = tokens.get(at);
            let behind = next.map(written).unwrap_or_default();
            let lines = white.matches('\n').count();
            let indented = !white.ends_with('\n');
            let in_list = matches!(open.last(), Some('(' | '['));
            if lines > 0 {
                row = false;
            }
            // Behind a sign that must be followed by more, a line may end; not in a row of a table.
            let may_end = !row
                && matches!(before, "," | "(" | "[" | "=" | "=>" | "+" | "-" | "==" | "and" | "or" | ">")
                && !behind.starts_with("//")
                && next.is_some();
            let comment = self.comments && (lines > 0 || may_end) && !before.starts_with("//") && self.below(6) == 0;
            if lines > 1 {
                out.push_str(&self.spaces(0));
                let more = 2 + self.below(3) as usize;
                if comment {
                    out.push_str("// shaken");
                }
                out.extend(std::iter::repeat_n('\n', more));
            } else if lines == 1
                && in_list
                && !before.starts_with("//")
                && !behind.starts_with("//")
                && !comment
                && self.below(2) == 0
            {
                out.push_str(&self.spaces(1));
                continue;
            } else if lines == 1 || may_end && (comment || self.below(4) == 0) {
                out.push_str(&self.spaces(0));
                if comment {
                    out.push_str(if self.below(2) == 0 { " // shaken" } else { "\n  // shaken, above" });
                }
                out.push('\n');
                if lines == 0 {
                    out.push_str(&self.spaces(1));
                }
            } else {
                let beside_bar = before == "|" || behind == "|";
                let cell = row && !beside_bar;
                out.push_str(&if cell { white.clone() } else { self.spaces(1) });
            }
            if lines > 0 && indented && next.is_some() {
                out.push_str(&self.spaces(1));
            }
        }
        out
    }
}

fn cases() -> u32 {
    if std::env::var_os("TILL_SLOW").is_some() { 500 } else { 48 }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    /// However the white space of a shipped script is shaken, it comes back as it was.
    #[test]
    fn white_space_does_not_matter(seed in any::<u64>(), which in 0usize..10) {
        let all = scripts("scripts");
        let (name, text) = &all[which % all.len()];
        let shaken = Shaker { state: seed, comments: false }.shake(text);
        prop_assert!(is_sound(&shaken), "{name}: {:?}\n{shaken}", parse(FileId(0), &shaken).findings);
        prop_assert_eq!(&formatted(name, &shaken), text, "{}", shaken);
    }

    /// Comments may stand wherever a line may end, and none is lost.
    #[test]
    fn comments_are_kept_wherever_they_stand(seed in any::<u64>(), which in 0usize..20) {
        let mut all = scripts("scripts");
        all.extend(scripts("tests/format"));
        let (name, text) = &all[which % all.len()];
        let shaken = Shaker { state: seed, comments: true }.shake(text);
        prop_assert!(is_sound(&shaken), "{name}: {:?}\n{shaken}", parse(FileId(0), &shaken).findings);
        check_formatted(name, &shaken);
    }
}

/// An empty folder for one test.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("till-fmt-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn till(folder: &Path, words: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_till"))
        .args(words)
        .current_dir(folder)
        .env_remove("TILL_LANG")
        .env("LC_ALL", "C")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn folders_are_walked_and_files_replaced() {
    let folder = folder("walk");
    fs::create_dir_all(folder.join("a/.hidden")).unwrap();
    fs::write(folder.join("a/one.till"), "const   A=1\r\n").unwrap();
    fs::write(folder.join("a/two.till"), "const B = 2\n").unwrap();
    fs::write(folder.join("a/.hidden/three.till"), "const   C=1").unwrap();
    fs::write(folder.join("a/four.txt"), "const   D=1").unwrap();
    let checked = till(&folder, &["fmt", "--check", "a"], "");
    assert_eq!(
        (checked.status.code(), said(&checked).as_str()),
        (Some(1), "would format a/one.till\n1 to format, 1 unchanged.\n")
    );
    assert_eq!(fs::read_to_string(folder.join("a/one.till")).unwrap(), "const   A=1\r\n");
    let written = till(&folder, &["fmt", "a", "--lang", "zh"], "");
    assert_eq!(
        (written.status.code(), said(&written).as_str()),
        (Some(0), "已格式化 a/one.till\n已格式化 1 个文件，1 个不变。\n")
    );
    assert_eq!(fs::read_to_string(folder.join("a/one.till")).unwrap(), "const A = 1\n");
    assert_eq!(fs::read_to_string(folder.join("a/.hidden/three.till")).unwrap(), "const   C=1");
    assert_eq!(fs::read_to_string(folder.join("a/four.txt")).unwrap(), "const   D=1");
    assert_eq!(till(&folder, &["fmt", "--check", "a"], "").status.code(), Some(0));
    assert_eq!(fs::read_dir(folder.join("a")).unwrap().count(), 4, "something was left behind");
    fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[test]
fn permissions_and_links_are_kept() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder("links");
    let path = folder.join("one.till");
    fs::write(&path, "const   A=1").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o750)).unwrap();
    std::os::unix::fs::symlink("one.till", folder.join("link.till")).unwrap();
    assert_eq!(till(&folder, &["fmt", "link.till"], "").status.code(), Some(0));
    assert_eq!(fs::read_to_string(&path).unwrap(), "const A = 1\n");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o750);
    assert!(fs::symlink_metadata(folder.join("link.till")).unwrap().is_symlink());
    fs::write(&path, "const   A=1").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert_eq!(till(&folder, &["fmt", "one.till"], "").status.code(), Some(5), "a file that must not be written");
    assert_eq!(fs::read_to_string(&path).unwrap(), "const   A=1");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_file_with_errors_is_left_alone_and_the_others_are_not() {
    let folder = folder("errors");
    fs::write(folder.join("bad.till"), "const   A=").unwrap();
    fs::write(folder.join("good.till"), "const   A=1").unwrap();
    let output = till(&folder, &["fmt", "bad.till", "missing.till", "good.till"], "");
    assert_eq!(output.status.code(), Some(5));
    assert!(said(&output).contains("bad.till:1"), "{}", said(&output));
    assert_eq!(till(&folder, &["fmt", "bad.till"], "").status.code(), Some(3));
    assert_eq!(fs::read_to_string(folder.join("bad.till")).unwrap(), "const   A=");
    assert_eq!(fs::read_to_string(folder.join("good.till")).unwrap(), "const A = 1\n");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn standard_input_goes_to_standard_output() {
    let folder = folder("pipe");
    let output = till(&folder, &["fmt", "-"], "const   A=1");
    assert_eq!((output.status.code(), said(&output).as_str()), (Some(0), "const A = 1\n"));
    let output = till(&folder, &["fmt", "-"], "const   A=");
    assert_eq!((output.status.code(), said(&output).as_str()), (Some(3), ""));
    assert!(String::from_utf8(output.stderr).unwrap().contains("error["));
    assert_eq!(till(&folder, &["fmt", "--check", "-"], "const   A=1").status.code(), Some(1));
    assert_eq!(till(&folder, &["fmt", "--check", "-"], "const A = 1\n").status.code(), Some(0));
    fs::remove_dir_all(folder).unwrap();
}
