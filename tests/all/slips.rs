//! Slips of the keyboard: one mistake gives one message.
//!
//! Every right program is spoiled at one place at a time, as a hand would: a token left out or typed twice, a letter
//! swapped, a bracket lost, a sign in full width. What is found then is counted.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tillscript::language::check::checked::Unit;
use tillscript::language::check::program::check_read;
use tillscript::language::library;
use tillscript::language::syntax::parse::parse;
use tillscript::language::syntax::tree::{Import, Tree};
use tillscript::script_error::catalogue::{source, types};
use tillscript::script_error::fill::shown;
use tillscript::script_error::finding::Finding;
use tillscript::script_error::source::{FileId, Place};
use tillscript::script_error::words::Language;

/// What a hand does.
const KINDS: [&str; 6] = ["left out", "typed twice", "letters swapped", "letter lost", "bracket lost", "full width"];

/// A token that can be spoiled: where, and whether it is a word.
#[derive(Clone, Copy)]
struct Token {
    start: usize,
    end: usize,
    is_word: bool,
}

/// The words and signs of a text, without comments; a string is one token.
fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let bytes = text.as_bytes();
    let is_part = |letter: char| letter == '_' || letter.is_alphanumeric();
    let mut at = 0;
    while let Some(letter) = text[at..].chars().next() {
        let start = at;
        if letter.is_whitespace() {
            at += letter.len_utf8();
            continue;
        }
        if text[at..].starts_with("//") {
            at += text[at..].find('\n').unwrap_or(text.len() - at);
            continue;
        }
        let is_word = is_part(letter);
        if is_word {
            at += text[at..].find(|letter| !is_part(letter)).unwrap_or(text.len() - at);
        } else if letter == '"' {
            at += 1;
            while at < bytes.len() && !matches!(bytes[at], b'"' | b'\n') {
                at += if bytes[at] == b'\\' { 2 } else { 1 };
            }
            at = (at + 1).min(text.len());
            while !text.is_char_boundary(at) {
                at += 1;
            }
        } else {
            let pair = text.get(at..at + 2).unwrap_or_default();
            at += if ["=>", "->", "==", "!=", "<=", ">="].contains(&pair) { 2 } else { letter.len_utf8() };
        }
        tokens.push(Token { start, end: at, is_word });
    }
    tokens
}

/// The text with one token spoiled; `None` where this slip cannot happen to it.
fn spoiled(text: &str, token: Token, kind: usize) -> Option<String> {
    let word = &text[token.start..token.end];
    let letters: Vec<char> = word.chars().collect();
    let plain = token.is_word
        && letters.len() >= 4
        && letters.iter().all(|letter| letter.is_ascii_lowercase() || *letter == '_');
    let new = match kind {
        0 => String::new(),
        1 => format!("{word} {word}"),
        2 if plain => {
            let at = letters.len() / 2;
            if letters[at] == letters[at - 1] {
                return None;
            }
            let mut swapped = letters.clone();
            swapped.swap(at, at - 1);
            swapped.into_iter().collect()
        }
        3 if plain => {
            letters.iter().enumerate().filter(|(at, _)| *at != letters.len() / 2).map(|(_, letter)| letter).collect()
        }
        4 if matches!(word, "(" | ")" | "{" | "}" | "[" | "]") => String::new(),
        5 if letters.len() == 1 && "(){}[],:.=<>+-*/|".contains(letters[0]) => {
            char::from_u32(letters[0] as u32 - 0x21 + 0xFF01)?.to_string()
        }
        _ => return None,
    };
    Some(format!("{}{new}{}", &text[..token.start], &text[token.end..]))
}

/// Parses the library's files once.
#[derive(Default)]
struct Shelf {
    trees: BTreeMap<(String, u16), Tree>,
}

impl Shelf {
    /// Every finding of a program that imports from its folder and from the library.
    fn findings(&mut self, folder: &Path, text: &str) -> Vec<Finding> {
        let mut known: Vec<String> = vec![String::new()];
        let mut trees: Vec<(Tree, bool)> = Vec::new();
        let mut findings = Vec::new();
        let mut at = 0;
        while at < known.len() {
            let path = known[at].clone();
            let file = FileId(at as u16);
            let disk = folder.join(format!("{}.till", path.replace('.', "/")));
            let (tree, library) = if path.is_empty() {
                let parsed = parse(file, text);
                findings.extend(parsed.findings);
                (parsed.tree, false)
            } else if disk.is_file() {
                let parsed = parse(file, &fs::read_to_string(disk).expect("a module"));
                findings.extend(parsed.findings);
                (parsed.tree, false)
            } else {
                let own = library::find(&path).expect("a file of the library");
                let tree = self.trees.entry((path.clone(), file.0)).or_insert_with(|| parse(file, own.text).tree);
                (tree.clone(), true)
            };
            for import in &tree.imports {
                let path = import_path(import);
                let there =
                    folder.join(format!("{}.till", path.replace('.', "/"))).is_file() || library::find(&path).is_some();
                if there && !known.contains(&path) {
                    known.push(path);
                }
            }
            trees.push((tree, library));
            at += 1;
        }
        // Whoever reads files reports an import that leads nowhere.
        let missing = trees[0].0.imports.iter().filter(|import| !known.contains(&import_path(import))).count();
        findings.extend(std::iter::repeat_n(lost_import(), missing));
        let units = trees
            .into_iter()
            .zip(&known)
            .map(|((tree, library), path)| Unit {
                name: if path.is_empty() { "case".into() } else { path.rsplit('.').next().unwrap_or(path).into() },
                path: if path.is_empty() { "case".into() } else { path.as_str().into() },
                imports: tree
                    .imports
                    .iter()
                    .map(|import| {
                        known.iter().position(|path| *path == import_path(import)).map(|at| FileId(at as u16))
                    })
                    .collect(),
                tree,
                library,
            })
            .collect();
        check_read(units, FileId(0), findings).1
    }
}

fn lost_import() -> Finding {
    Finding::error(types::IMPORT_NOT_FOUND, Place::default())
}

fn import_path(import: &Import) -> String {
    let words: Vec<&str> = import.path.iter().map(|name| name.text.as_str()).collect();
    words.join(".")
}

/// The right programs: cases of the checker, and what is shipped.
fn right_programs() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    for (folder, ending) in [("tests/check", ".right.till"), ("scripts", ".till")] {
        for entry in fs::read_dir(root.join(folder)).expect("a folder").filter_map(Result::ok) {
            let path = entry.path();
            if path.is_file() && path.to_string_lossy().ends_with(ending) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What came of the slips of one kind.
#[derive(Clone, Default)]
struct Tally {
    slips: usize,
    /// No finding: the slip made another right program.
    silent: usize,
    one: usize,
    more_than_three: usize,
}

/// Spoils each program at every `stride`th place where a slip of the kind can happen, and counts.
fn tallies(stride: usize, mut tell: impl FnMut(&Path, usize, &str, &[Finding])) -> Vec<Tally> {
    let mut shelf = Shelf::default();
    let mut tallies = vec![Tally::default(); KINDS.len()];
    for (number, path) in right_programs().into_iter().enumerate() {
        let text = fs::read_to_string(&path).expect("a program");
        let folder = path.parent().expect("a folder").to_path_buf();
        let tokens = tokens(&text);
        for (kind, tally) in tallies.iter_mut().enumerate() {
            let slips = tokens.iter().filter_map(|token| spoiled(&text, *token, kind));
            // Each program begins elsewhere, so that all of a language's places are met.
            for slip in slips.skip((number * 7 + kind) % stride).step_by(stride) {
                let findings = shelf.findings(&folder, &slip);
                tally.slips += 1;
                match findings.len() {
                    0 => tally.silent += 1,
                    1 => tally.one += 1,
                    2 | 3 => {}
                    _ => tally.more_than_three += 1,
                }
                tell(&path, kind, &slip, &findings);
            }
        }
    }
    tallies
}

/// How many things a finding of the grammar says were expected: `a`, `b` or `c`.
fn expectations(finding: &Finding) -> usize {
    let expected =
        finding.facts.iter().find(|(name, _)| *name == "expected").map(|(_, fact)| shown(fact, Language::En));
    expected.map_or(0, |text| text.matches(" or ").count() + text.matches(", ").count() + 1)
}

#[test]
fn one_slip_gives_one_message() {
    let mut listed = 0;
    let tallies = tallies(31, |path, _, slip, findings| {
        for finding in findings.iter().filter(|finding| finding.code == source::EXPECTED_OTHER) {
            listed = listed.max(expectations(finding));
            assert!(expectations(finding) <= 3, "{}: {finding:?}\n{slip}", path.display());
        }
    });
    let sum = |part: fn(&Tally) -> usize| tallies.iter().map(part).sum::<usize>();
    let slips = sum(|tally| tally.slips);
    // A slip that makes another right program is none.
    let wrong = slips - sum(|tally| tally.silent);
    let one = 100.0 * sum(|tally| tally.one) as f64 / wrong as f64;
    let many = 100.0 * sum(|tally| tally.more_than_three) as f64 / wrong as f64;
    for (kind, tally) in KINDS.iter().zip(&tallies) {
        eprintln!("{kind}: {} slips, {} harmless, {} with one finding", tally.slips, tally.silent, tally.one);
    }
    eprintln!(
        "of {wrong} wrong programs {one:.1} % have one finding, {many:.2} % more than three; at most {listed} expectations"
    );
    assert!(slips >= 700, "{slips} slips");
    assert!(wrong * 100 >= slips * 98, "{wrong} of {slips} slips were found");
    assert!(one >= 97.0, "{one:.1} % have one finding");
    assert!(many <= 0.5, "{many:.2} % have more than three");
}
