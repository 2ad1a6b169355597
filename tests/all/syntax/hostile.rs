//! Texts that attack the parser: deep, long, endless, random.

use proptest::prelude::{Strategy, any, prop, proptest};
use tillscript::language::syntax::lossless::lossless;
use tillscript::language::syntax::parse::{self, parse};
use tillscript::script_error::source::FileId;

const MIB: usize = 1 << 20;

/// Fills a text of 1 MiB.
fn fill(head: &str, unit: &str, tail: &str) -> String {
    let times = (MIB - head.len() - tail.len()) / unit.len();
    format!("{head}{}{tail}", unit.repeat(times))
}

/// Rules begun for each byte of a text, at most; nested shapes begin the most.
const STEPS_A_BYTE: usize = 100;

/// Parses, in steps that its length allows; gives the first code.
fn within(text: &str) -> String {
    let parsed = parse(FileId(0), text);
    let shown: String = text.chars().take(60).collect();
    let steps = parse::steps(text);
    assert!(steps <= STEPS_A_BYTE * text.len(), "{shown:?} … took {steps} steps for {} bytes", text.len());
    assert!(parsed.findings.len() <= 50, "{shown:?} … gave {} findings", parsed.findings.len());
    parsed.findings.first().map(|finding| finding.code.to_string()).unwrap_or_default()
}

#[test]
fn a_mebibyte_of_anything_ends_in_steps_by_its_length() {
    // What pest does with what does not parse is counted below, and what is allocated in `tests/allocation.rs`.
    let cases = [
        ("quotes", fill("", "\"", ""), "T0108"),
        ("one quote a line", fill("", "\"\n", ""), "T0005"),
        ("parentheses", fill("", "(", ""), "T0007"),
        ("parentheses in a flow", fill("flow f() {\n", "(", ""), "T0007"),
        ("closers", fill("", ")", ""), "T0103"),
        ("braces one a line", fill("flow f() ", "{\n", ""), "T0007"),
        ("byte-order marks", fill("", "\u{FEFF}", ""), "T0003"),
        ("one line of a", fill("", "a", ""), "T0108"),
        ("one line of words", fill("", "a ", ""), "T0108"),
        ("words in a flow", fill("flow f() {\n", "a ", "\n}\n"), "T0101"),
        ("block comments", fill("", "/*", ""), "T0008"),
        ("comments", fill("", "//", ""), ""),
        ("empty comments", fill("", "//\n", ""), ""),
        ("line breaks", fill("", "\n", ""), ""),
        ("spaces", fill("", " ", ""), ""),
        ("NUL", fill("", "\0", ""), "T0012"),
        ("exclamation marks", fill("const A = ", "!", ""), "T0008"),
        ("not", fill("const A = ", "not ", "b\n"), "T0007"),
        ("minus", fill("const A = ", "-", "b\n"), "T0007"),
        ("a sum", fill("const A = 1", "+1", "\n"), "T0109"),
        ("a chain of members", fill("const A = a", ".a", "\n"), "T0109"),
        ("a chain of calls", fill("const A = a", "()", "\n"), "T0109"),
        ("a long list", fill("const A = [1", ",1", "]\n"), ""),
        ("a long string", fill("const A = \"", "x", "\"\n"), ""),
        ("values in a string", fill("const A = \"", "{a}", "\"\n"), ""),
        ("else if", fill("flow f() {\n  if a {}", " else if a {}", "\n}\n"), "T0109"),
        ("statements", fill("flow f() {\n", "  let x = f(a, b: 1)\n", "}\n"), ""),
        ("flows", fill("", "flow f() {\n}\n", ""), ""),
        ("broken flows", fill("", "flow f() {\n", ""), "T0104"),
        ("broken statements", fill("flow f() {\n", "  let = 5\n", "}\n"), "T0102"),
        ("unpaired in one flow", fill("flow f() {\n", "  a(\n", "}\n"), "T0007"),
        ("crossed brackets", fill("flow f() {\n", "(}{)", "}\n"), "T0007"),
        ("table rows", fill("codes c {\n", "| a | b |\n", "}\n"), ""),
        ("bars", fill("codes c {\n", "|", "\n}\n"), ""),
        ("full-width signs", fill("", "（", ""), "T0002"),
        ("semicolons", fill("flow f() {\n  a()", ";", "\n}\n"), "T0008"),
        ("a very long name", fill("const ", "金", " = 1\n"), ""),
        ("docs", fill("", "/// a\n", "const A = 1\n"), ""),
        ("annotations", fill("", "@allow(A)\n", "const A = 1\n"), ""),
        ("arms", fill("flow f() {\n  match a {\n", "    b => c()\n", "  }\n}\n"), ""),
    ];
    for (what, text, code) in cases {
        println!("{what}: {} steps for {} bytes", parse::steps(&text), text.len());
        assert_eq!(within(&text), code, "{what}");
    }
    assert_eq!(within(&fill("x", "x", "xx")), "T0108");
    assert_eq!(within(&" ".repeat(MIB + 1)), "T0006");
}

#[test]
fn sixty_four_levels_are_fine_and_the_next_is_refused_in_every_shape() {
    let shapes: [(&str, &str, &str, &str, &str); 7] = [
        ("const A = ", "(", "1", ")", "\n"),
        ("const A = ", "[", "1", "]", "\n"),
        ("const A = ", "f(", "1", ")", "\n"),
        ("const A = ", "\"{", "1", "}\"", "\n"),
        ("flow f() ", "{ if a ", "{}", "}", "\n"),
        ("flow f() { let x = ", "match a { b => ", "c", "}", "}\n"),
        ("flow f() ", "{ if f([\"{", "1", "}\"]) {} }", "\n"),
    ];
    for (head, open, middle, close, tail) in shapes {
        let deep = |levels: usize| format!("{head}{}{middle}{}{tail}", open.repeat(levels), close.repeat(levels));
        let per_level = open.chars().filter(|sign| "([{".contains(*sign)).count();
        let outside = head.chars().filter(|sign| *sign == '{').count() + usize::from(middle == "{}");
        let fits = (64 - outside) / per_level;
        // Shapes that are no program still must not be refused for their depth.
        let codes = |text: &str| {
            parse(FileId(0), text).findings.iter().map(|finding| finding.code.to_string()).collect::<Vec<_>>()
        };
        assert!(!codes(&deep(fits)).contains(&"T0007".to_owned()), "{open} × {fits}: {:?}", codes(&deep(fits)));
        assert_eq!(codes(&deep(fits + 1)), ["T0007"], "{open} × {}", fits + 1);
        assert_eq!(codes(&deep(5_000)), ["T0007"]);
    }
}

#[test]
fn nested_parentheses_in_every_statement_take_few_steps() {
    let nested = format!("{}1{}", "(".repeat(12), ")".repeat(12));
    for statement in [
        "let x = @",
        "x = @",
        "return @",
        "fail @",
        "commit @",
        "expect @",
        "f(@)",
        "if @ {}",
        "for x in @ {}",
        "repeat @ times {}",
    ] {
        let text = format!("flow f() {{\n  {}\n}}\n", statement.replace('@', &nested));
        let parsed = parse(FileId(0), &text);
        assert!(parsed.findings.is_empty(), "{text} {:?}", parsed.findings);
        let steps = parse::steps(&text);
        assert!(steps <= STEPS_A_BYTE * text.len(), "{steps} steps for {} bytes: {text}", text.len());
    }
}

/// Parser calls a byte, measured in a process of its own because pest counts against a limit of the whole process.
#[test]
fn parser_calls_stay_below_200_a_byte() {
    let program = std::env::current_exe().unwrap();
    let output = std::process::Command::new(program)
        .args(["--exact", "syntax::hostile::measure_parser_calls", "--ignored", "--nocapture", "--test-threads=1"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("calls a byte"), "{text}");
}

#[test]
#[ignore = "changes pest's limit for the whole process; run by parser_calls_stay_below_200_a_byte"]
fn measure_parser_calls() {
    // The first parse sets the limit; from then on it is ours.
    parse(FileId(0), "const A = 1\n");
    let nested = |open: &str, middle: &str, close: &str, levels: usize| {
        format!("{}{middle}{}", open.repeat(levels), close.repeat(levels))
    };
    let shapes = [
        ("parentheses", format!("const A = {}\n", nested("(", "1", ")", 60))),
        ("lists", format!("const A = {}\n", nested("[", "1", "]", 60))),
        ("calls", format!("const A = {}\n", nested("f(", "1", ")", 60))),
        ("labelled calls", format!("const A = {}\n", nested("f(a: ", "1", ")", 60))),
        ("indexes", format!("const A = {}\n", nested("a[", "1", "]", 60))),
        ("unclosed", format!("const A = {}\n", nested("f(a + (", "1 1", "))", 30))),
        ("values in strings", format!("const A = {}\n", nested("\"{", "1", "}\"", 60))),
        ("ifs", format!("flow f() {{ {} }}\n", nested("if a { ", "b()", " }", 60))),
        ("else ifs", format!("flow f() {{ if a {{}} {} }}\n", "else if a {} ".repeat(200))),
        ("matches", format!("flow f() {{ {} }}\n", nested("match a { b => ", "c()", " }", 60))),
        ("failing matches", format!("flow f() {{ {} }}\n", nested("match a { b => ", "= =", " }", 60))),
        ("handlers", format!("flow f() {{ f() {} }}\n", nested("on a => { f() ", "b()", " }", 60))),
        ("messages", format!("const A = {}\n", nested("message 0200 { F4: ", "1", " }", 60))),
        ("not", format!("const A = {}b\n", "not ".repeat(60))),
        ("signs", format!("const A = {}1\n", "1+".repeat(400))),
        ("short statements", format!("flow f() {{\n{}}}\n", "a()\n".repeat(200))),
    ];
    for (what, text) in shapes {
        let fails = |limit: usize| {
            pest::set_call_limit(std::num::NonZeroUsize::new(limit));
            parse(FileId(0), &text).findings.iter().any(|finding| {
                finding.code.0 == "T0109" && finding.facts.iter().any(|(_, fact)| format!("{fact:?}").len() > 12)
            })
        };
        let (mut low, mut high) = (1, 1_000 * text.len());
        assert!(!fails(high), "{what}");
        while low + 1 < high {
            let middle = (low + high) / 2;
            if fails(middle) { low = middle } else { high = middle }
        }
        let each = high / text.len();
        println!("{what}: {each} calls a byte");
        assert!(each <= 200, "{what}: {each} calls a byte");
    }
}

#[test]
fn steps_grow_with_length_only() {
    let unit = "flow f(a: Amount) -> Outcome {\n  let r = host.send(request, within: 60s)\n    on timeout => return failed(Timeout)\n  match r.code {\n    accept => return done\n    other => {}\n  }\n}\n";
    let steps = |times: usize| {
        let text = unit.repeat(times);
        assert!(parse(FileId(0), &text).findings.is_empty());
        parse::steps(&text)
    };
    let (one, short, long) = (steps(1), steps(50), steps(800));
    assert!(one > unit.len() / 4, "{one} steps only");
    assert_eq!(long, 16 * short, "50 flows took {short} steps, 800 took {long}");
    // One long flow, that cannot be cut into pieces.
    let body = |times: usize| format!("flow f() {{\n{}}}\n", "  let x = f(a, b: (1 + 2) * 3)\n".repeat(times));
    let (short, long) = (parse::steps(&body(100)), parse::steps(&body(1_600)));
    assert!(long <= 16 * short && short > 100, "100 statements took {short} steps, 1,600 took {long}");
}

/// Words and signs of the language in any order.
fn soup() -> impl Strategy<Value = String> {
    let tokens = prop::sample::select(vec![
        "flow",
        "f",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "\"",
        "\"a\"",
        "{x}",
        "\n",
        "\n  ",
        " ",
        ",",
        ":",
        "=",
        "==",
        "=>",
        "->",
        "|",
        "on",
        "if",
        "else",
        "match",
        "let",
        "var",
        "x",
        "1",
        "0200",
        "12.50 CNY",
        "60s",
        "message",
        "F4",
        "test",
        "dialect",
        "codes",
        "table",
        "receipt",
        "row",
        "zh",
        "en",
        "error",
        "E4102",
        "type",
        "record",
        "text",
        "fn",
        "const",
        "pub",
        "@",
        "@allow",
        "///",
        "//",
        "#",
        "#9F26",
        "x\"",
        "+",
        "-",
        "not",
        "and",
        "or",
        "in",
        "return",
        "fail",
        "step",
        "repeat",
        "times",
        "for",
        "reversible",
        "by",
        "retry",
        "every",
        "other",
        "some",
        "none",
        "import",
        "edition",
        "reversal",
        "needs",
        "wait",
        "fields",
        ".",
        "?",
        "；",
        "（",
        "）",
        "“",
        "金",
        "\u{202E}",
        "\\",
    ]);
    prop::collection::vec(tokens, 0..120).prop_map(|tokens| tokens.join(" "))
}

proptest! {
    #[test]
    fn any_text_is_parsed_without_a_panic(text in any::<String>()) {
        parse(FileId(0), &text);
        let _ = parse::expression(FileId(0), &text);
    }

    #[test]
    fn any_bytes_are_decoded_or_refused(bytes in any::<Vec<u8>>()) {
        if let Ok(text) = parse::decode(FileId(0), &bytes) {
            parse(FileId(0), text);
        }
    }

    #[test]
    fn any_soup_of_tokens_is_parsed_and_kept(text in soup()) {
        let parsed = parse(FileId(0), &text);
        for finding in &parsed.findings {
            let span = finding.at.place.span;
            assert!(span.start <= span.end && span.end as usize <= text.len() + 1, "{finding:?}");
        }
        let view = lossless(&text);
        let whole: String = view.tokens.iter().map(|token| &text[token.span.range()]).collect();
        assert_eq!(whole, text);
    }

    #[test]
    fn any_text_is_kept_by_the_lossless_view(text in any::<String>()) {
        let whole: String = lossless(&text).tokens.iter().map(|token| &text[token.span.range()]).collect();
        assert_eq!(whole, text);
    }
}
