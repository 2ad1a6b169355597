//! The lossless view is the file, byte for byte.

use std::fs;
use std::path::{Path, PathBuf};
use tillscript::language::syntax::lossless::{TokenKind, lossless};

fn scripts(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            scripts(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "till") {
            found.push(path);
        }
    }
}

#[test]
fn every_script_of_the_repository_comes_back_byte_for_byte() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    scripts(&root.join("scripts"), &mut found);
    scripts(&root.join("tests"), &mut found);
    assert!(found.len() > 30);
    for path in found {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let view = lossless(&text);
        let whole: String = view.tokens.iter().map(|token| &text[token.span.range()]).collect();
        assert_eq!(whole, text, "{}", path.display());
        let mut end = 0;
        for token in &view.tokens {
            assert_eq!(token.span.start, end, "{}", path.display());
            end = token.span.end;
        }
    }
}

#[test]
fn tokens_have_kinds_and_depths() {
    let text = "/// doc\nlet x = f(\"a {b} c\", 12.50 CNY) // note\n\n#9F26 x\"69\" ；\r\n";
    let view = lossless(text);
    let shown: Vec<(TokenKind, &str, u16)> = view
        .tokens
        .iter()
        .filter(|token| token.kind != TokenKind::Space)
        .map(|token| (token.kind, &text[token.span.range()], token.depth))
        .collect();
    use TokenKind::{Bytes, Close, Comment, Doc, LineBreak, Number, Open, Reserved, Sign, Stray, Tag, Text, Word};
    assert_eq!(
        shown,
        [
            (Doc, "/// doc", 0),
            (LineBreak, "\n", 0),
            (Reserved, "let", 0),
            (Word, "x", 0),
            (Sign, "=", 0),
            (Word, "f", 0),
            (Open, "(", 0),
            (Text, "\"a ", 1),
            (Open, "{", 1),
            (Word, "b", 2),
            (Close, "}", 1),
            (Text, " c\"", 1),
            (Sign, ",", 1),
            (Number, "12.50 CNY", 1),
            (Close, ")", 0),
            (Comment, "// note", 0),
            (LineBreak, "\n", 0),
            (LineBreak, "\n", 0),
            (Tag, "#9F26", 0),
            (Bytes, "x\"69\"", 0),
            (Stray, "；", 0),
            (LineBreak, "\r\n", 0),
        ]
    );
}

#[test]
fn nodes_come_from_the_grammar() {
    let text = "const A = f(1)\n\nflow broken( {\n}\n\nflow g() {\n  return done\n}\n";
    let view = lossless(text);
    let flows: Vec<&str> = view
        .nodes
        .iter()
        .filter(|node| node.kind == "flow" || node.kind == "arguments")
        .map(|node| &text[node.span.range()])
        .collect();
    assert_eq!(flows, ["(1)", "flow g() {\n  return done\n}"]);
    for pair in view.nodes.windows(2) {
        assert!(pair[1].depth <= pair[0].depth + 1);
    }
}
