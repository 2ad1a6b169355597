//! The two readers made from the grammar read the same: the quick one, and pest's.

use crate::nesting::SHAPES;
use std::path::{Path, PathBuf};
use tillscript::language::syntax::lossless::readers_agree;

/// Damaged copies of each script.
const COPIES: usize = 4;

/// What is put into scripts to damage them.
const DAMAGE: &[&str] = &[
    "",
    " ",
    "\n",
    "(",
    ")",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "|",
    ",",
    ".",
    ":",
    "=>",
    "->",
    "==",
    "=",
    "-",
    "+",
    "not ",
    "and ",
    "if ",
    "else ",
    "match ",
    "on other ",
    "let ",
    "message 0200 {",
    "F4: ",
    "x\"00\"",
    "#9F26",
    "@allow",
    "//",
    "///",
    "1",
    "0.5%",
    "60s",
    "CNY",
    "none",
    "名",
    "é",
    "\u{1}",
    "\t",
    "return",
    "pub ",
    "retry 2",
];

/// Every script of the repository.
pub(super) fn scripts() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders = vec![root.join("scripts"), root.join("tests")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "till") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The next number of a sequence that is the same in every run.
fn next(seed: &mut u64) -> usize {
    *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*seed >> 33) as usize
}

fn boundary(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn check(name: &str, text: &str) {
    assert!(readers_agree(text), "{name}: the readers differ, build.rs reads the grammar otherwise than pest:\n{text}");
}

#[test]
fn readers_agree_on_every_script_and_on_damaged_ones() {
    let scripts = scripts();
    assert!(scripts.len() > 300);
    let mut seed = 1;
    for path in scripts {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let name = path.display().to_string();
        check(&name, &text);
        // Long scripts are damaged in one item, so that most of what is read is damaged.
        for _ in 0..COPIES {
            let from = boundary(&text, next(&mut seed) % (text.len() + 1));
            let upto = boundary(&text, (from + next(&mut seed) % 4).min(text.len()));
            let mut damaged = text.clone();
            damaged.replace_range(from.min(upto)..upto.max(from), DAMAGE[next(&mut seed) % DAMAGE.len()]);
            let around =
                boundary(&damaged, from.saturating_sub(1500))..boundary(&damaged, (from + 1500).min(damaged.len()));
            check(&name, damaged.get(around).unwrap());
        }
    }
}

#[test]
fn readers_agree_on_what_nests() {
    for (name, head, open, middle, close, tail, most) in SHAPES {
        for depth in [1, 2, *most, most + 1] {
            let text = format!("{head}{}{middle}{}{tail}", open.repeat(depth), close.repeat(depth));
            check(name, &text);
            check(name, &text[..boundary(&text, text.len() - 1)]);
        }
    }
    // Nothing limits this before the grammar does: the quick reader leaves it to pest.
    for depth in [10, 300, 2000] {
        let chain = format!("flow f() {{\n{}done\n}}\n", "let a = b() on other => ".repeat(depth));
        check("handlers of lets", &chain);
    }
}
