//! Everything nested as deeply as it may be goes through parser, formatter, checker, compiler and verifier on a small stack.

use std::path::Path;
use std::process::Command;
use tillscript::language::syntax::format::whole::format;
use tillscript::run::program::build_text;
use tillscript::script_error::source::FileId;

/// As much as the smallest thread of a terminal has.
const STACK: usize = 256 << 10;

/// A shape: what stands in front, what opens a level, the middle, what closes it, what stands behind, and how many
/// levels there are at most.
pub(super) type Shape = (&'static str, &'static str, &'static str, &'static str, &'static str, &'static str, usize);

pub(super) const SHAPES: &[Shape] = &[
    ("parentheses", "const A = ", "(", "1", ")", "\n", 64),
    ("lists", "const A = ", "[", "1", "]", "\n", 64),
    ("calls", "fn f(a: Int) -> Int = a\nfn g() -> Int = ", "f(", "1", ")", "\n", 64),
    ("values in strings", "const A = ", "\"{", "1", "}\"", "\n", 64),
    ("ifs", "pub flow f(a: Bool) -> Outcome {\n", "if a {\n", "", "}\n", "return done\n}\n", 63),
    (
        "matches",
        "pub flow f(a: Bool) -> Outcome {\n",
        "match a {\ntrue => {\n",
        "",
        "}\nother => {}\n}\n",
        "return done\n}\n",
        31,
    ),
    ("values of ifs", "fn f(a: Bool) -> Int = ", "if a { ", "1", " } else { 2 }", "\n", 64),
    ("loops", "pub flow f() -> Outcome {\n", "repeat 1 times {\n", "", "}\n", "return done\n}\n", 63),
    (
        "handlers",
        "pub flow f() -> Outcome uses card {\n",
        "card.read(accept: [chip], within: 1s) on cancel => {\n",
        "",
        "}\n",
        "return done\n}\n",
        62,
    ),
    ("negations", "const A = ", "not ", "true", "", "\n", 64),
    ("minus signs", "const A = ", "-", "1", "", "\n", 64),
    ("sums", "const A = ", "1 + ", "1", "", "\n", 500),
    ("conditions", "const A = ", "true and ", "true", "", "\n", 500),
    ("else if", "pub flow f(a: Bool) -> Outcome {\nif a {}\n", "else if a {}\n", "", "", "return done\n}\n", 249),
    ("members", "const A = a", ".b", "", "", "\n", 500),
    ("lines of a slip", "receipt r(a: Bool) {\n", "if a {\n", "rule\n", "}\n", "}\n", 63),
    (
        "messages",
        "import cn_pos.dialect\nfn f(m: Message) -> Message = ",
        "message 0800 from ",
        "m",
        " { F11: \"000001\" }",
        "\n",
        60,
    ),
    ("types", "fn f(a: ", "List[", "Int", "]", ") -> Int = 1\n", 63),
];

/// The script with a shape so deep.
pub(super) fn deep(shape: &Shape, levels: usize) -> String {
    let (_, head, open, middle, close, tail, _) = shape;
    format!("edition 1\n{head}{}{middle}{}{tail}", open.repeat(levels), close.repeat(levels))
}

/// What each shape comes to, at its limit and one above: the codes that were found.
fn verdicts(only: Option<&str>) -> String {
    let mut said = String::new();
    for shape in SHAPES.iter().filter(|shape| only.is_none_or(|only| only == shape.0)) {
        for levels in [shape.6 - 1, shape.6, shape.6 + 1] {
            let text = deep(shape, levels);
            let built = build_text("deep.till", &text);
            let mut codes: Vec<String> = built.findings.iter().map(|finding| finding.code.to_string()).collect();
            codes.dedup();
            let formatted = format(FileId(0), &text).is_ok();
            let compiled = built.program.is_some();
            said.push_str(&format!(
                "{} × {levels}: compiled {compiled}, formatted {formatted}, {}\n",
                shape.0,
                codes.join(" ")
            ));
        }
    }
    said
}

#[test]
fn everything_nested_to_its_limit_needs_a_small_stack() {
    // An overflow ends the process, so that it is a process of its own.
    let program = std::env::current_exe().expect("the tests");
    for shape in SHAPES {
        let output = Command::new(&program)
            .args(["--exact", "nesting::on_a_small_stack", "--ignored", "--nocapture", "--test-threads=1"])
            .env("TILL_SHAPE", shape.0)
            .output()
            .expect("the tests run");
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{}: {said}\n{}", shape.0, String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
#[ignore = "overflows end the process; run by everything_nested_to_its_limit_needs_a_small_stack"]
fn on_a_small_stack() {
    let only = std::env::var("TILL_SHAPE").ok();
    let name = only.clone();
    let small = std::thread::Builder::new().stack_size(STACK).spawn(move || verdicts(name.as_deref()));
    let small = small.expect("a thread").join().expect("no panic");
    let large = std::thread::Builder::new().stack_size(64 << 20).spawn(move || verdicts(only.as_deref()));
    assert_eq!(small, large.expect("a thread").join().expect("no panic"));
    println!("{small}");
}

#[test]
fn nesting_verdicts_are_these_in_every_build() {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(|| verdicts(None)).expect("a thread");
    insta::with_settings!({
        snapshot_path => Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"),
        prepend_module_to_snapshot => false,
        omit_expression => true,
    }, {
        insta::assert_snapshot!("nesting", thread.join().expect("no panic"));
    });
}
