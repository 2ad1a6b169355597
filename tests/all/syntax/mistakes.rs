//! Every mistake of signs and structure: its code, its place, and no finding more.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use tillscript::language::syntax::parse::{decode, parse};
use tillscript::script_error::code::Fact;
use tillscript::script_error::source::{FileId, Source};

/// The findings of a text, one a line.
fn findings(text: &str) -> String {
    let source = Source::new("case.till", text);
    let parsed = parse(FileId(0), text);
    let mut seen = String::new();
    for finding in &parsed.findings {
        let at = source.position(finding.at.place.span.start);
        write!(seen, "{}:{} {}", at.line, at.column, finding.code).unwrap();
        for (name, fact) in &finding.facts {
            let fact = match fact {
                Fact::Said(said) => said.en.clone(),
                Fact::Text(text) => text.clone(),
                Fact::Count(count) => count.to_string(),
                other => format!("{other:?}"),
            };
            write!(seen, " {name}={fact}").unwrap();
        }
        for label in &finding.labels {
            let at = source.position(label.place.span.start);
            write!(seen, "\n    {}:{} {}", at.line, at.column, label.text.en).unwrap();
        }
        for cure in &finding.cures {
            let edits: Vec<String> = cure
                .edits
                .iter()
                .map(|edit| {
                    let at = source.position(edit.place.span.start);
                    format!("{}:{} {:?} -> {:?}", at.line, at.column, &text[edit.place.span.range()], edit.replacement)
                })
                .collect();
            write!(seen, "\n    cure: {} {}", cure.text.en, edits.join(", ")).unwrap();
        }
        seen.push('\n');
    }
    writeln!(seen, "items {}, broken {:?}", parsed.tree.items.len(), parsed.tree.broken).unwrap();
    seen
}

/// Compares one case with the page beside it.
fn check_parse(path: &Path) {
    let bytes = fs::read(path).unwrap();
    let seen = match decode(FileId(0), &bytes) {
        Ok(text) => findings(text),
        Err(finding) => format!("{} {:?}\n", finding.code, finding.facts),
    };
    insta::with_settings!({
        snapshot_path => fs::canonicalize(path.parent().unwrap()).unwrap(),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!(path.file_stem().unwrap().to_str().unwrap(), seen);
    });
}

#[test]
fn cases() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parse");
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "till"));
    paths.sort();
    assert!(paths.len() > 30);
    for path in paths {
        check_parse(&path);
    }
}

#[test]
fn one_mistake_gives_one_finding_wherever_it_stands() {
    // Take a sound flow and leave out one sign at a time: never silence, never more than two findings.
    let text = "flow f(a: Int) -> Outcome uses host {\n  let x = g(a, [1, 2])\n  if x == 1 {\n    h(x)\n  } else {\n    return done\n  }\n  return done\n}\n\nflow after() {\n}\n";
    for (at, sign) in
        text.char_indices().take_while(|(at, _)| *at < text.len() - 18).filter(|(_, sign)| "(){}[],=:".contains(*sign))
    {
        let mut broken = text.to_owned();
        broken.remove(at);
        let parsed = parse(FileId(0), &broken);
        let codes: Vec<String> = parsed.findings.iter().map(|finding| finding.code.to_string()).collect();
        assert!(
            (1..=2).contains(&codes.len()) || (sign == '=' && codes.len() <= 2),
            "without {sign:?} at {at}: {codes:?}\n{broken}"
        );
        assert!(
            parsed.tree.items.iter().any(|item| item.span.start as usize > text.len() - 25),
            "the next flow is lost without {sign:?} at {at}"
        );
    }
}

#[test]
fn undecodable_bytes_have_a_place() {
    let cases: [(&[u8], &str); 4] = [
        (b"const A = 1 \xFF", "T0001"),
        (b"\xFF\xFEc\0o\0n\0s\0t\0", "T0001"),
        (b"const A = \xC3\x28", "T0001"),
        (&[b' '; (1 << 20) + 1], "T0006"),
    ];
    for (bytes, code) in cases {
        assert_eq!(decode(FileId(0), bytes).unwrap_err().code.0, code);
    }
    assert_eq!(decode(FileId(0), b"\xEF\xBB\xBFconst A = 1").unwrap(), "const A = 1");
}

#[test]
fn a_byte_order_mark_at_the_head_is_accepted_and_elsewhere_refused() {
    assert_eq!(findings("\u{FEFF}const A = 1\n"), "items 1, broken []\n");
    assert!(findings("const A\u{FEFF} = 1\n").starts_with("1:8 T0003"));
}

#[test]
fn carriage_returns_before_line_feeds_are_accepted() {
    assert_eq!(findings("// a\r\nflow f() {\r\n  g() // b\r\n  return done\r\n}\r\n"), "items 1, broken []\n");
}

#[test]
fn the_example_of_every_code_raises_it() {
    for row in tillscript::script_error::catalogue::source::ROWS {
        // Not text; larger than an example may be, twice; what only the checker can tell.
        if matches!(row.code.0, "T0001" | "T0006" | "T0109" | "T0114" | "T0115" | "T0116") {
            continue;
        }
        let codes: Vec<&str> = parse(FileId(0), row.example).findings.iter().map(|finding| finding.code.0).collect();
        assert_eq!(codes, [row.code.0], "{:?}", row.example);
    }
}
