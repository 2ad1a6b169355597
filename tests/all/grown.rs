//! Programs as long as they are asked to be: shapes at which a checker that goes over everything again would be seen.
//!
//! That they are checked without harm is tested beside each part of the checker; what they cost, in `tests/allocation.rs`,
//! where eight times the length may ask for about eight times as much.

/// A name and a program of a length.
pub(crate) type Shape = (&'static str, fn(usize) -> String);

/// How much longer the programs are that must be checked without harm than those that the cost is counted from.
pub(crate) const TIMES: usize = 8;

/// A line again and again, each with its number.
fn repeated(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

/// Declarations and names.
pub(crate) const NAMES: &[Shape] = &[
    ("names", |times| {
        let body = repeated(1_000 * times, |at| format!("  let b{at} = a{at}\n"));
        format!("flow f(a: Int) -> Outcome {{\n{body}  return done\n}}\n")
    }),
    ("unknown types", |times| repeated(750 * times, |at| format!("fn f{at}(a: Tipe{at}) -> Int = 1\n"))),
    ("constants", |times| repeated(1_000 * times, |at| format!("const A{at} = A{}\n", at + 1))),
    ("a circle of constants", |times| {
        repeated(1_000 * times, |at| format!("const A{at} = A{}\n", (at + 1) % (1_000 * times)))
    }),
    ("calls", |times| repeated(750 * times, |at| format!("fn f{at}() -> Int = f{}()\n", at + 1))),
    ("circles", |times| {
        repeated(750 * times, |at| format!("fn f{at}() -> Int = f{}() + f0()\n", (at + 1) % (750 * times)))
    }),
    ("records", |times| repeated(750 * times, |at| format!("record R{at}(a: R{})\n", at + 1))),
    ("a circle of records", |times| {
        repeated(750 * times, |at| format!("record R{at}(a: R{})\n", (at + 1) % (750 * times)))
    }),
    ("errors", |times| repeated(750 * times, |at| format!("error A{at} E{} k {{\n}}\n", at % 10_000))),
    ("errors that travel", |times| {
        let errors = repeated(250 * times, |at| format!("error A{at} E{at:04} keys {{\n}}\n"));
        let flows = repeated(250 * times, |at| format!("flow f{at}() {{\n  f{}()\n  fail A{at}\n}}\n", at + 1));
        errors + &flows
    }),
    ("placeholders", |times| {
        let places = repeated(1_250 * times, |at| format!("{{b{at}}}"));
        format!("text t(a: Int) {{\n  zh \"{places}\"\n  en \"x\"\n}}\n")
    }),
    ("parameters", |times| {
        let parameters = repeated(1_125 * times, |at| format!("a{at}: Int, "));
        format!("fn f({}) -> Int = 1\n", parameters.trim_end_matches([',', ' ']))
    }),
    ("variants", |times| {
        repeated(375 * times, |at| format!("type U{at} = v{at} | w{at}\nfn g{at}() -> Int = x{at}\n"))
    }),
    ("a sum", |times| format!("const A = {}1\n", "1 + ".repeat(1_250 * times))),
];

/// A flow with these statements, and what it imports.
fn of_answers(body: &str) -> String {
    format!(
        "import cn_pos.dialect\nimport cn_pos.codes\nimport cn_pos.numbers\n\
         pub flow f(m: Message, a: Int) -> Outcome {{\n{body}return done\n}}\n"
    )
}

/// Answers, errors, and what nothing uses.
pub(crate) const ANSWERS: &[Shape] = &[
    ("unused names", |times| of_answers(&repeated(750 * times, |at| format!("let b{at} = a\n")))),
    ("stores", |times| of_answers(&format!("var b = 1\n{}", repeated(750 * times, |at| format!("b = {at}\n"))))),
    ("parts", |times| {
        format!("fn f(a: Int) -> Bool = a == 0{}\n", repeated(750 * times, |at| format!(" or a == {at}")))
    }),
    ("branches", |times| {
        let branches = repeated(100 * times, |at| format!(" else if a == {at} {{ }}"));
        of_answers(&format!("if a == 0 {{ }}{branches}\n"))
    }),
    ("codes", |times| of_answers(&"if m.mti == 0200 { }\n".repeat(375 * times))),
    ("sends", |times| of_answers(&"host.send(m, within: 60s)\n  on other => { }\n".repeat(250 * times))),
    ("items", |times| repeated(750 * times, |at| format!("pub fn g{at}() -> Int = 1\nfn f{at}(a: Int) -> Int = 1\n"))),
];

/// These statements inside so many blocks.
fn nested(open: &str, inside: &str, blocks: usize) -> String {
    of_answers(&format!("{}{inside}{}", open.repeat(blocks), "}\n".repeat(blocks)))
}

/// Blocks in blocks, about as deep as they may be; what is done for each block around another is done about so often squared.
pub(crate) const DEEP: &[Shape] = &[
    ("loops", |times| {
        let inside = "let r = host.send(m, within: 60s)\nif r.code == \"00\" { break }\n";
        nested("repeat 2 times {\n", inside, 6 * times)
    }),
    ("retries", |times| {
        let inside = "var b = 1\nb = 2\nlet r = host.send(m, within: 60s)\n  on timeout retry 2\n\
                      match r.code { accept => { b = 3 } other => { } }\n";
        nested("repeat 2 times {\n", inside, 6 * times)
    }),
];

/// A flow with these statements.
fn of_data(body: &str) -> String {
    format!("import cn_pos.dialect\nflow f(m: Message, a: Amount) {{\n{body}}}\n")
}

/// A message of the acquirer with these fields besides.
fn message(fields: &str) -> String {
    format!("message 0820 {{ F41: store.terminal_id\nF42: store.merchant_id\nF60: \"00000001301\"\n{fields} }}")
}

/// Values and what is known of them.
pub(crate) const VALUES: &[Shape] = &[
    ("texts of texts", |times| {
        let count = 25 * times;
        let doubled = repeated(count, |at| format!("let t{} = \"{{t{at}}}{{t{at}}}{{t{at}}}{{t{at}}}\"\n", at + 1));
        let send = message(&format!("F59: t{count}"));
        of_data(&format!("let t0 = \"A\"\n{doubled}host.send({send}, within: 60s)\n"))
    }),
    ("sums of sums", |times| {
        let count = 25 * times;
        let sums = repeated(count, |at| format!("let a{} = a{at} + a{at}\n", at + 1));
        of_data(&format!(
            "let a0 = a\n{sums}reversible m by message 0400 from m {{ F4: a{count} }} {{\nreverse\n}}\n\
             let r = message 0200 from m {{ F4: a{} }}\n",
            count - 1
        ))
    }),
    ("one trace number", |times| {
        let send = format!("host.send({}, within: 60s)\n", message("F11: stan"));
        of_data(&format!("let stan = host.next_stan()\n{}", send.repeat(187 * times)))
    }),
    ("choices", |times| {
        let choice = "if store.signed_in { screen.clear() } else { screen.clear() }\n";
        let send = format!("host.send({}, within: 60s)\n", message("F11: stan"));
        of_data(&format!("let stan = host.next_stan()\n{}{}", choice.repeat(187 * times), send.repeat(62 * times)))
    }),
    ("names of names", |times| {
        of_data(&format!("let x0 = \"1\"\n{}", repeated(500 * times, |at| format!("let x{} = x{at}\n", at + 1))))
    }),
    ("amounts that travel", |times| {
        let flows =
            repeated(375 * times, |at| format!("fn f{}(a: Amount) -> Amount = f{at}(a) + f{at}(1 JPY)\n", at + 1));
        format!("fn f0(a: Amount) -> Amount = a + 1.00 CNY\n{flows}")
    }),
    ("a long text", |times| {
        of_data(&format!(
            "let t = \"{}\"\n{}",
            "A-".repeat(12_500 * times),
            "let m0 = message 0820 from m { F59: t, F62: t }\n".repeat(125 * times)
        ))
    }),
    ("batches", |times| {
        of_data(&"store.set_batch(digits(part(\"0000000001\", from: 2, length: 6)))\n".repeat(375 * times))
    }),
];

/// A reversible region with these statements, and a long way down to the line, through flows that get messages they do not
/// need.
fn region(body: &str, flows: usize) -> String {
    let asks = repeated(flows, |at| {
        let (at, next) = (at + 1, at + 2);
        let next = if at < flows { format!("ask{next}(a, b, c)") } else { "host.send(a, within: 60s)".to_string() };
        format!("flow ask{at}(a: Message, b: Message, c: Message) {{\n{next}\n{next}\n}}\n")
    });
    let ask = "flow ask(m: Message) {\nhost.send(m, within: 60s)\n}\n";
    format!("import cn_pos.dialect\nflow f(m: Message) {{\nreversible m {{\n{body}\n}}\n}}\n{ask}{asks}")
}

/// Statements that decide, send and leave, inside so many blocks.
fn deciding(open: &str, close: &str, times: usize) -> String {
    let inside = "let r = host.send(m, within: 60s)\non timeout retry 1\nif r.code == \"00\" { discard }\nreverse\n";
    let blocks = 6 * times;
    region(&format!("{}{inside}{}", open.repeat(blocks), close.repeat(blocks)), 62 * times)
}

/// Regions in which everything repeats; a decision is found missing or double in each.
pub(crate) const REGIONS: &[Shape] = &[
    ("decisions", |times| region(&"discard\n".repeat(625 * times), 62 * times)),
    ("ways out", |times| region(&"if store.signed_in { return }\n".repeat(625 * times), 62 * times)),
    ("sends", |times| region(&"host.send(m, within: 60s)\n".repeat(375 * times), 62 * times)),
    ("calls", |times| region(&"ask(m)\n".repeat(375 * times), 62 * times)),
];

/// The same in blocks about as deep as they may be.
pub(crate) const DEEP_REGIONS: &[Shape] = &[
    ("loops", |times| deciding("repeat 2 times {\n", "}\n", times)),
    ("retries", |times| {
        deciding("if store.signed_in {\n", "} on timeout, line_dropped retry 3 => { reverse }\n", times)
    }),
    ("loops and ways out", |times| deciding("repeat 2 times {\nif store.signed_in { break }\n", "discard\n}\n", times)),
    ("calls in loops", |times| deciding("repeat 2 times {\nask(m)\n", "}\n", times)),
];

/// Dialects and response codes.
pub(crate) const DECLARATIONS: &[Shape] = &[
    ("dialects", |times| repeated(5_000 * times, |at| format!("dialect d{at} extends iso1987 {{ }}\n"))),
    ("a circle of dialects", |times| {
        repeated(8 * times, |at| format!("dialect d{at} extends d{} {{ form bcd }}\n", (at + 1) % (8 * times)))
    }),
    ("codes", |times| {
        let rows = "  | 00 | wrong | approved | \"a\" | \"b\" |\n".repeat(2_500 * times);
        format!("codes c {{\n  | code | category | name | zh | en |\n{rows}}}\n")
    }),
    ("messages", |times| {
        let same = "  message 0200 sale zh \"a\" en \"b\" { }\n".repeat(2_500 * times);
        format!("dialect d {{\n  form bcd\n{same}}}\n")
    }),
];

/// Lists in lists, a list of them as long as is asked for.
pub(crate) fn lists(times: usize) -> String {
    let one = format!("{}1{}, ", "[".repeat(60), "]".repeat(60));
    let last = one.trim_end_matches(", ");
    format!("edition 1\nconst DEEP = [{}{last}]\n", one.repeat((1 << 17) * times / one.len() - 10))
}
