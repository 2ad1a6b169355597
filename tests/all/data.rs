//! What values mean: every cure of these findings cures, every code has its case, and hostile programs cost little.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;
use tillscript::run::program::build_text;
use tillscript::script_error::catalogue::{data, types};
use tillscript::script_error::finding::{Edit, Finding};

/// The wrong programs, with their names.
fn cases() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/check");
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).expect("the folder of cases").filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "till"))
        .map(|path| {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().to_string();
            (name, fs::read_to_string(path).expect("a case"))
        })
        .filter(|(name, text)| !name.ends_with(".right") && !text.contains("//- "))
        .collect()
}

/// Codes of this part of the checker.
fn is_ours(finding: &Finding) -> bool {
    data::ROWS.iter().any(|row| row.code == finding.code) || finding.code == types::BAD_DIALECT
}

fn findings(text: &str) -> Vec<Finding> {
    build_text("case.till", text).findings
}

#[test]
fn every_code_has_a_case() {
    let seen: BTreeSet<&str> =
        cases().iter().flat_map(|(_, text)| findings(text)).map(|finding| finding.code.0).collect();
    let missing: Vec<&str> = data::ROWS.iter().map(|row| row.code.0).filter(|code| !seen.contains(code)).collect();
    assert_eq!(missing, Vec::<&str>::new(), "add a case under tests/check for each");
}

#[test]
fn what_a_cure_changes_is_right_afterwards() {
    let mut cured = 0;
    for (name, text) in cases() {
        let before: Vec<Finding> = findings(&text).into_iter().filter(is_ours).collect();
        let mut edits: Vec<Edit> = before
            .iter()
            .filter_map(|finding| finding.cures.iter().find(|cure| !cure.edits.is_empty()))
            .flat_map(|cure| cure.edits.clone())
            .collect();
        let with_edit = before.iter().filter(|finding| finding.cures.iter().any(|cure| !cure.edits.is_empty()));
        if edits.is_empty() || with_edit.count() < before.len() {
            continue;
        }
        edits.sort_by_key(|edit| (std::cmp::Reverse(edit.place.span.start), edit.replacement.clone()));
        edits.dedup();
        let mut mended = text.clone();
        for edit in edits {
            mended.replace_range(edit.place.span.range(), &edit.replacement);
        }
        let left: Vec<&str> = findings(&mended).iter().filter(|finding| is_ours(finding)).map(|f| f.code.0).collect();
        assert_eq!(left, Vec::<&str>::new(), "{name}\n{mended}");
        let broken = findings(&mended).iter().any(|finding| finding.code.0 < "T0200");
        assert!(!broken, "{name} does not parse any more:\n{mended}");
        cured += 1;
    }
    assert!(cured >= 25, "only {cured} programs were mended");
}

/// A message of the acquirer with these fields besides.
fn message(fields: &str) -> String {
    format!("message 0820 {{ F41: store.terminal_id\nF42: store.merchant_id\nF60: \"00000001301\"\n{fields} }}")
}

fn repeated(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

#[test]
fn hostile_programs_are_looked_at_soon() {
    let flow = |body: String| format!("import cn_pos.dialect\nflow f(m: Message, a: Amount) {{\n{body}}}\n");
    let doubled = repeated(200, |at| format!("let t{} = \"{{t{at}}}{{t{at}}}{{t{at}}}{{t{at}}}\"\n", at + 1));
    let sums = repeated(200, |at| format!("let a{} = a{at} + a{at}\n", at + 1));
    let shapes = [
        (
            "texts of texts",
            flow(format!("let t0 = \"A\"\n{doubled}host.send({}, within: 60s)\n", message("F59: t200"))),
        ),
        (
            "sums of sums",
            flow(format!(
                "let a0 = a\n{sums}reversible m by message 0400 from m {{ F4: a200 }} {{\nreverse\n}}\n\
                 let r = message 0200 from m {{ F4: a199 }}\n"
            )),
        ),
        (
            "one trace number",
            flow(format!(
                "let stan = host.next_stan()\n{}",
                repeated(1_500, |_| format!("host.send({}, within: 60s)\n", message("F11: stan")))
            )),
        ),
        (
            "choices",
            flow(format!(
                "let stan = host.next_stan()\n{}{}",
                repeated(1_500, |_| "if store.signed_in { screen.clear() } else { screen.clear() }\n".into()),
                repeated(500, |_| format!("host.send({}, within: 60s)\n", message("F11: stan")))
            )),
        ),
        (
            "names of names",
            flow(format!("let x0 = \"1\"\n{}", repeated(4_000, |at| format!("let x{} = x{at}\n", at + 1)))),
        ),
        (
            "amounts that travel",
            format!(
                "fn f0(a: Amount) -> Amount = a + 1.00 CNY\n{}",
                repeated(3_000, |at| format!("fn f{}(a: Amount) -> Amount = f{at}(a) + f{at}(1 JPY)\n", at + 1))
            ),
        ),
        (
            "a long text",
            flow(format!(
                "let t = \"{}\"\n{}",
                "A-".repeat(100_000),
                repeated(1_000, |_| "let m0 = message 0820 from m { F59: t, F62: t }\n".into())
            )),
        ),
        (
            "batches",
            flow(repeated(3_000, |_| "store.set_batch(digits(part(\"0000000001\", from: 2, length: 6)))\n".into())),
        ),
    ];
    for (name, text) in shapes {
        let start = Instant::now();
        let found = findings(&text).len();
        let took = start.elapsed();
        // A debug build on a busy machine.
        assert!(took.as_secs() < 10, "{name}: {took:?} for {} bytes", text.len());
        eprintln!("{name}: {took:?} for {} bytes, {found} findings", text.len());
    }
}
