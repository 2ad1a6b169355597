//! `till check --fix`: what is mended is gone, nothing new came, and every other byte is as it was.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tillscript::run::mend::{Mending, mend};
use tillscript::run::program::{Built, build};
use tillscript::script_error::code::Code;
use tillscript::script_error::edits::{apart, applied};
use tillscript::script_error::finding::{Edit, Finding, Severity};
use tillscript::script_error::source::{FileId, Place, Span};

/// Every script of a folder of the repository.
fn scripts_below(folder: &str) -> Vec<PathBuf> {
    let mut open = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("a folder").filter_map(Result::ok) {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ending| ending == "till") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The cures a machine may apply to the script itself.
fn safe_edits(built: &Built) -> Vec<&Finding> {
    let own = |edit: &Edit| edit.place.file == FileId(0);
    let mended = |finding: &&Finding| {
        finding.cures.iter().any(|cure| cure.safe && !cure.edits.is_empty() && cure.edits.iter().all(own))
    };
    built.findings.iter().filter(mended).collect()
}

/// How many errors of each code there are. Some warnings wait until a program is without errors, so they may come.
fn errors(findings: &[Finding]) -> BTreeMap<Code, usize> {
    let mut counts = BTreeMap::new();
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error);
    errors.for_each(|finding| *counts.entry(finding.code).or_insert(0) += 1);
    counts
}

#[test]
fn every_page_with_a_safe_cure_is_mended() {
    let mut mended = 0;
    for path in scripts_below("tests/check") {
        let bytes = fs::read(&path).expect("a case");
        let before = build(&path);
        let Mending { bytes: after, refused, built, .. } = mend(&path, &bytes);
        let name = path.display();
        if safe_edits(&before).is_empty() {
            assert!(after.is_none(), "{name} has nothing to mend");
            continue;
        }
        let after = after.unwrap_or_else(|| panic!("{name} was not mended"));
        let after = String::from_utf8(after).expect("text");
        assert!(refused.is_empty(), "{name}: {refused:?}");
        assert!(safe_edits(&built).is_empty(), "{name}: {:?}\n{after}", safe_edits(&built));
        let old = errors(&before.findings);
        for (code, count) in errors(&built.findings) {
            assert!(old.get(&code).is_some_and(|before| *before >= count), "{name}: {code} is new\n{after}");
        }
        // The lines that no cure touches are all there, in order.
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let touched: Vec<Span> = (safe_edits(&before).iter())
            .flat_map(|finding| finding.cures.iter().filter(|cure| cure.safe).flat_map(|cure| &cure.edits))
            .map(|edit| edit.place.span)
            .collect();
        let mut at = 0;
        let mut rest = after.lines();
        for line in text.split_inclusive('\n') {
            let (start, end) = (at as u32, (at + line.len()) as u32);
            at += line.len();
            if !touched.iter().any(|span| span.start < end && start <= span.end) {
                let line = line.trim_end_matches('\n');
                assert!(rest.any(|other| other == line), "{name} lost `{line}`\n{after}");
            }
        }
        mended += 1;
    }
    assert!(mended >= 20, "{mended} pages were mended");
}

#[test]
fn what_would_bring_new_errors_is_taken_back() {
    // Pieces of programs: mended, much of them is read for the first time, and found to be wrong.
    let (mut mended, mut refused) = (0, 0);
    for path in scripts_below("tests/parse") {
        let bytes = fs::read(&path).expect("a case");
        let before = build(&path);
        let mending = mend(&path, &bytes);
        mended += usize::from(mending.bytes.is_some());
        refused += usize::from(!mending.refused.is_empty());
        assert!(safe_edits(&before).is_empty() || mending.bytes.is_some() || !mending.refused.is_empty());
        let old = errors(&before.findings);
        for (code, count) in errors(&mending.built.findings) {
            assert!(old.get(&code).is_some_and(|before| *before >= count), "{}: {code} is new", path.display());
        }
    }
    assert!(mended >= 8 && refused >= 1, "{mended} mended, {refused} refused");
}

/// `commit`, `discard` and `reverse`, as often and in the order they stand in a text.
fn decisions(text: &str) -> Vec<&str> {
    let words = text.split(|sign: char| !sign.is_alphanumeric() && sign != '_');
    words.filter(|word| ["commit", "discard", "reverse"].contains(word)).collect()
}

#[test]
fn where_the_money_is_no_machine_decides() {
    let (mut by_hand, mut codes) = (0, BTreeMap::new());
    for path in scripts_below("tests/check") {
        let bytes = fs::read(&path).expect("a case");
        let before = build(&path);
        for finding in &before.findings {
            for cure in finding.cures.iter().filter(|cure| cure.by_hand) {
                assert!(!cure.safe && !cure.edits.is_empty(), "{}: {cure:?}", path.display());
                *codes.entry(finding.code.0).or_insert(0) += 1;
                by_hand += 1;
            }
            let decided = (finding.cures.iter().flat_map(|cure| &cure.edits))
                .any(|edit| !decisions(&edit.replacement).is_empty());
            let all_by_hand = finding.cures.iter().filter(|cure| !cure.edits.is_empty()).all(|cure| cure.by_hand);
            assert!(!decided || all_by_hand, "{}: {}", path.display(), finding.code);
        }
        if let Some(after) = mend(&path, &bytes).bytes {
            let (before, after) = (String::from_utf8_lossy(&bytes), String::from_utf8_lossy(&after));
            assert_eq!(decisions(&before), decisions(&after), "{}", path.display());
        }
    }
    assert!(by_hand >= 20, "{by_hand}");
    for code in ["T0228", "T0251", "T0254", "T0315", "T0401", "T0406"] {
        assert!(codes.contains_key(code), "{code} is in no case: {codes:?}");
    }
}

#[test]
fn line_breaks_and_the_byte_order_mark_stay() {
    let folder = Scratch::new("line-breaks");
    for case in scripts_below("tests/check").into_iter().filter(|path| !path.ends_with("case.till")) {
        let text = fs::read_to_string(&case).expect("a case");
        let path = folder.write("case.till", text.as_bytes());
        let Some(plain) = mend(&path, text.as_bytes()).bytes else { continue };
        let as_windows = |text: &str| [b"\xEF\xBB\xBF".as_slice(), text.replace('\n', "\r\n").as_bytes()].concat();
        let other = as_windows(&text);
        let path = folder.write("case.till", &other);
        let mended = mend(&path, &other).bytes.expect("is mended too");
        let wanted = as_windows(&String::from_utf8(plain).expect("text"));
        assert_eq!(String::from_utf8_lossy(&mended), String::from_utf8_lossy(&wanted), "{}", case.display());
    }
}

#[test]
fn right_programs_and_shipped_scripts_are_left_as_they_are() {
    for path in scripts_below("scripts") {
        let bytes = fs::read(&path).expect("a script");
        let mending = mend(&path, &bytes);
        assert!(mending.bytes.is_none() && mending.mended.is_empty(), "{}", path.display());
    }
}

#[test]
fn edits_of_one_place_do_not_both_win() {
    let edit = |start, end, replacement: &str| Edit {
        place: Place { file: FileId(0), span: Span::new(start, end) },
        replacement: replacement.to_string(),
    };
    let wanted =
        [vec![edit(0, 1, "x")], vec![edit(1, 2, "y")], vec![edit(5, 6, "z"), edit(0, 0, "!")], vec![edit(4, 4, "w")]];
    let chosen = apart(wanted.iter().map(Vec::as_slice));
    assert_eq!(chosen.len(), 2, "the first, and the one that touches nothing: {chosen:?}");
    assert_eq!(applied("abcdef", &[edit(0, 1, "x"), edit(4, 4, "w")]).as_deref(), Some("xbcdwef"));
    assert_eq!(applied("abc", &[edit(0, 2, "x"), edit(1, 3, "y")]), None);
    assert_eq!(applied("abc", &[edit(2, 9, "x")]), None);
    assert_eq!(applied("款", &[edit(1, 2, "x")]), None);
    // A line goes with the last thing on it, and only then.
    assert_eq!(applied("a\n  b c\nd\n", &[edit(4, 5, ""), edit(6, 7, "")]).as_deref(), Some("a\nd\n"));
    assert_eq!(applied("a\n  b c\nd\n", &[edit(4, 6, "")]).as_deref(), Some("a\n  c\nd\n"));
    assert_eq!(applied("a\r\nb\r\n", &[edit(1, 1, "\nx")]).as_deref(), Some("a\r\nx\r\nb\r\n"));
}

/// A folder of its own that goes when the test ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let folder = std::env::temp_dir().join(format!("till-mend-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        Scratch(folder)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, bytes).expect("a file");
        path
    }

    fn till(&self, words: &[&str]) -> (String, Option<i32>) {
        let output: Output = Command::new(env!("CARGO_BIN_EXE_till"))
            .args(words)
            .current_dir(&self.0)
            .env_remove("TILL_LANG")
            .env("LC_ALL", "C")
            .output()
            .expect("till runs");
        let seen = [output.stdout, output.stderr].concat();
        (String::from_utf8_lossy(&seen).into_owned(), output.status.code())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

const WRONG: &str =
    "import other\n\npub flow f() -> Outcome uses card, screen {\n  screen.clear();\n  return other.done_with()\n}\n";
const OTHER: &str = "pub flow done_with() -> Outcome {\n  let a = 1;\n  return done\n}\n";

#[test]
fn only_the_files_that_were_named_are_touched() {
    let folder = Scratch::new("named");
    let (main, other) = (folder.write("main.till", WRONG.as_bytes()), folder.write("other.till", OTHER.as_bytes()));
    let (seen, exit) = folder.till(&["check", "--fix", "--dry-run", "main.till"]);
    assert!(seen.contains("would mend main.till:4:17 T0008") && exit == Some(3), "{seen}");
    assert_eq!(fs::read_to_string(&main).expect("main"), WRONG);
    let (seen, exit) = folder.till(&["check", "--fix", "main.till"]);
    // What is left is the other file's, which nobody named.
    assert!(seen.contains("mended main.till:4:17 T0008") && seen.contains("other.till:2:12"), "{seen}");
    assert_eq!(exit, Some(3), "{seen}");
    assert_eq!(fs::read_to_string(&other).expect("other"), OTHER);
    let (seen, exit) = folder.till(&["check", "--fix"]);
    assert!(seen.contains("mended other.till") && exit == Some(0), "{seen}");
    assert!(!fs::read_to_string(&other).expect("other").contains(';'));
    let names: Vec<_> =
        fs::read_dir(&folder.0).expect("folder").filter_map(Result::ok).map(|entry| entry.file_name()).collect();
    assert_eq!(names.len(), 2, "nothing is left behind: {names:?}");
}

/// Without an answer the reversal is dropped; besides, something that a machine may mend.
const MONEY: &str = r#"import cn_pos.dialect
import cn_pos.codes

pub flow f(m: Message) -> Outcome uses host {
  reversible m {
    let reply = host.send(m, within: 60s)
      on timeout => {
        discard
        return done
      }
    match reply.code {
      accept => reverse
      decline, capture, rekey, retry, refer => discard
    }
  }
  return done;
}
"#;

#[test]
fn an_edit_about_the_money_is_shown_and_not_applied() {
    let folder = Scratch::new("money");
    let path = folder.write("a.till", MONEY.as_bytes());
    let (seen, exit) = folder.till(&["check", "--fix", "a.till", "--lang", "en"]);
    assert!(seen.contains("mended a.till:16:14 T0008") && exit == Some(3), "{seen}");
    assert!(seen.contains("help: by hand: take it back with `reverse` instead"), "{seen}");
    assert!(seen.contains("1 mended.") && seen.contains("1 to mend by hand: they decide where the money is"), "{seen}");
    let now = fs::read_to_string(&path).expect("the script");
    assert_eq!(now, MONEY.replace(';', ""), "nothing but what needs no decision");
    let (seen, _) = folder.till(&["check", "--fix", "a.till", "--lang", "zh"]);
    assert!(seen.contains("请人工修改：改用 reverse 冲正") && seen.contains("请人工修改 1 处"), "{seen}");
    let (seen, _) = folder.till(&["check", "--fix", "--format", "json", "a.till"]);
    assert!(seen.contains(r#""safe":false,"by_hand":true"#) && seen.contains(r#""replacement":"reverse""#), "{seen}");
    let (seen, _) = folder.till(&["check", "--fix", "--format", "sarif", "--lang", "en", "a.till"]);
    assert!(seen.contains("by hand: take it back with `reverse` instead"), "{seen}");
    assert!(seen.contains("\"byHand\": true") && !seen.contains("\"fixes\""), "{seen}");
    let (seen, exit) = folder.till(&["check", "--fix", "--dry-run", "a.till", "--lang", "en"]);
    assert!(seen.contains("0 to mend.") && exit == Some(3), "{seen}");
    assert_eq!(fs::read_to_string(&path).expect("the script"), now);
}

#[test]
fn warnings_are_denied_only_when_asked() {
    let folder = Scratch::new("deny");
    folder.write("a.till", b"pub flow f() -> Outcome uses card {\n  return done\n}\n");
    assert_eq!(folder.till(&["check"]).1, Some(0));
    assert_eq!(folder.till(&["check", "--deny-warnings"]).1, Some(1));
    folder.write("b.till", b"fn f() -> Int = x1\n");
    assert_eq!(folder.till(&["check", "--deny-warnings"]).1, Some(3));
}

#[test]
fn a_folder_is_checked_whole_and_a_shared_file_told_of_once() {
    let folder = Scratch::new("folder");
    folder.write("one.till", WRONG.as_bytes());
    folder.write("other.till", OTHER.as_bytes());
    folder.write("deep/er/two.till", b"fn f() -> Int = x1\n");
    folder.write(".hidden/three.till", b"fn f() -> Int = x1\n");
    folder.write("deep/notes.txt", b"fn f() -> Int = x1\n");
    let (seen, exit) = folder.till(&["check", "--format", "short"]);
    let lines: Vec<&str> = seen.lines().collect();
    assert_eq!(lines.len(), 4, "{seen}");
    assert!(lines[0].starts_with("deep/er/two.till:1:17: error[T0201]"), "{seen}");
    assert!(lines[2].starts_with("one.till:4:17: error[T0008]"), "{seen}");
    assert!(lines[3].starts_with("other.till:2:12: error[T0008]"), "{seen}");
    assert_eq!(exit, Some(3));
    let (seen, _) = folder.till(&["check"]);
    assert!(seen.trim_end().ends_with("3 errors, 1 warning in 3 files."), "{seen}");
    let (seen, exit) = folder.till(&["check", ".hidden/nothing"]);
    assert!(seen.contains("T7005") && exit == Some(5), "{seen}");
}
