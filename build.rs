//! Makes the quick reader of scripts from `grammar/till.pest`, so that the grammar is written once.
//!
//! pest's own parser explains failures. The reader made here does the same steps in the same order and only finds the
//! marks: where each rule begins and ends. `tests/all/readers.rs` compares the two.

use pest_meta::ast::RuleType;
use pest_meta::optimizer::{OptimizedExpr, OptimizedRule};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};

const LIBRARY: &str = "scripts/library";
/// What is kept of the library has the shape that these say.
const SHAPES: [&str; 7] = [
    "src/language/syntax/tree.rs",
    "src/language/syntax/tree_dialect.rs",
    "src/language/syntax/tree_expression.rs",
    "src/language/syntax/tree_statement.rs",
    "src/payment/iso8583/dialect.rs",
    "src/payment/iso8583/field.rs",
    "src/payment/iso8583/response.rs",
];
const GRAMMAR: &str = "grammar/till.pest";

fn main() {
    println!("cargo::rerun-if-changed={GRAMMAR}");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={LIBRARY}");
    SHAPES.iter().for_each(|file| println!("cargo::rerun-if-changed={file}"));
    link_unwinder();
    let text = std::fs::read_to_string(GRAMMAR).expect("the grammar is there");
    println!("cargo::rustc-env=TILL_LIBRARY_PRINT={:016x}", print_of_library(&text));
    // What is wrong with the grammar, pest's own derive says better; it runs next.
    let Ok((_, rules)) = pest_meta::parse_and_optimize(&text) else {
        write("impl Reader<'_> { pub(super) fn rule(&mut self, _: Rule) -> bool { false } }");
        return;
    };
    let grammar = Grammar::new(rules);
    write(&grammar.reader());
}

/// Takes what unwinds the stack after a panic into the program, where the compiler of C has it as an archive. Otherwise
/// each start loads a shared library for it, which takes a tenth of the start.
fn link_unwinder() {
    let said = |name: &str| std::env::var(name).unwrap_or_default();
    let native = said("HOST") == said("TARGET");
    let is_gnu = said("CARGO_CFG_TARGET_OS") == "linux" && said("CARGO_CFG_TARGET_ENV") == "gnu";
    if !(native && is_gnu && std::env::var_os("CARGO_FEATURE_CLI").is_some()) {
        return;
    }
    let Ok(output) = std::process::Command::new("cc").arg("-print-file-name=libgcc_eh.a").output() else { return };
    let answer = String::from_utf8_lossy(&output.stdout);
    let archive = Path::new(answer.trim());
    // Without an archive, `cc` gives the bare name back.
    if let (true, Some(folder)) = (archive.is_file(), archive.parent().filter(|folder| folder.is_absolute())) {
        println!("cargo::rustc-link-search=native={}", folder.display());
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
}

/// FNV-1a over every text of the library and all that says how it is kept.
fn print_of_library(grammar: &str) -> u64 {
    let mut texts = Vec::new();
    let mut folders = vec![PathBuf::from(LIBRARY)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("the library is there") {
            let path = entry.expect("it can be read").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "till") {
                texts.push(path);
            }
        }
    }
    texts.sort();
    texts.extend(SHAPES.iter().map(PathBuf::from));
    let texts = texts.iter().map(|path| std::fs::read_to_string(path).expect("it can be read"));
    let all = std::iter::once(grammar.to_string()).chain(texts);
    all.fold(0xcbf2_9ce4_8422_2325, |print, text| {
        text.bytes().fold(print, |print, byte| (print ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    })
}

fn write(reader: &str) {
    let folder = std::env::var("OUT_DIR").expect("cargo sets it");
    std::fs::write(Path::new(&folder).join("reader.rs"), reader).expect("the folder is there");
}

/// Bytes with which a match can begin.
#[derive(Clone)]
struct First {
    bytes: [bool; 256],
    /// It may match without a byte, or it is not known which.
    any: bool,
}

impl First {
    fn none() -> First {
        First { bytes: [false; 256], any: false }
    }

    /// Nothing is read.
    fn nothing() -> First {
        First { any: true, ..First::none() }
    }

    /// Nobody knows: with every byte, or none.
    fn unknown() -> First {
        First { bytes: [true; 256], any: true }
    }

    fn add(&mut self, other: &First) {
        self.bytes.iter_mut().zip(other.bytes).for_each(|(mine, theirs)| *mine |= theirs);
        self.any |= other.any;
    }

    /// The pattern of `matches!` on the next byte; none where nothing is gained by asking.
    fn pattern(&self) -> Option<String> {
        (!self.any).then(|| ranges(&self.bytes))
    }
}

fn ranges(bytes: &[bool; 256]) -> String {
    let mut found = Vec::new();
    let mut at = 0;
    while at < 256 {
        if bytes[at] {
            let start = at;
            while at < 256 && bytes[at] {
                at += 1;
            }
            found.push(if at - start == 1 { format!("{start}u8") } else { format!("{start}u8..={}u8", at - 1) });
        }
        at += 1;
    }
    found.join(" | ")
}

/// One sign out of several: ASCII bytes, and a property of all other signs.
#[derive(Clone)]
struct Class {
    ascii: [bool; 256],
    wide: Option<&'static str>,
}

struct Grammar {
    rules: BTreeMap<String, OptimizedRule>,
    /// In the grammar's order.
    names: Vec<String>,
    /// Rules that lead back to themselves.
    recursive: BTreeSet<String>,
}

impl Grammar {
    fn new(rules: Vec<OptimizedRule>) -> Grammar {
        let names = rules.iter().map(|rule| rule.name.clone()).collect();
        let rules: BTreeMap<_, _> = rules.into_iter().map(|rule| (rule.name.clone(), rule)).collect();
        let mut grammar = Grammar { rules, names, recursive: BTreeSet::new() };
        for name in &grammar.names {
            let reached = grammar.reached(name);
            if reached.contains(name) {
                grammar.recursive.insert(name.clone());
            }
            // Marks in an atomic rule are left out by the call, not by a state that every call would have to ask.
            let is = |name: &String, ty| grammar.rules.get(name).is_some_and(|rule| rule.ty == ty);
            assert!(
                !is(name, RuleType::Atomic) || !reached.iter().any(|inner| is(inner, RuleType::CompoundAtomic)),
                "{name} is atomic and holds a rule that is not"
            );
        }
        grammar
    }

    /// All rules below one.
    fn reached(&self, name: &str) -> BTreeSet<String> {
        let mut reached = BTreeSet::new();
        let mut open = vec![name.to_string()];
        while let Some(name) = open.pop() {
            let Some(rule) = self.rules.get(&name) else { continue };
            for expr in rule.expr.iter_top_down() {
                if let OptimizedExpr::Ident(inner) = expr
                    && reached.insert(inner.clone())
                {
                    open.push(inner);
                }
            }
        }
        reached
    }

    fn reader(&self) -> String {
        let mut text = String::from(
            "impl Reader<'_> {\n/// Reads one rule.\npub(super) fn rule(&mut self, rule: Rule) -> bool {\nmatch rule {\n",
        );
        for name in &self.names {
            if self.marks(name) {
                let _ = writeln!(text, "Rule::{name} => self.r_{name}::<true>(),");
            }
        }
        text.push_str("_ => false,\n}\n}\n");
        for name in &self.names {
            let rule = &self.rules[name];
            let silent = matches!(name.as_str(), "WHITESPACE" | "COMMENT");
            let inner = if silent || rule.ty == RuleType::Atomic { "false" } else { "M" };
            let body = self.code(&rule.expr, inner);
            let body = match rule.ty {
                RuleType::Silent => body,
                RuleType::Atomic => format!(
                    "let start = self.at; if {body} {{ self.leaf::<M>(Rule::{name}, start); true }} else {{ false }}"
                ),
                RuleType::Normal | RuleType::CompoundAtomic => {
                    format!(
                        "let mark = self.open::<M>(Rule::{name}); if {body} {{ self.close::<M>(mark); true }} else {{ self.take_back::<M>(mark); false }}"
                    )
                }
                RuleType::NonAtomic => panic!("{name}: white space is written out in this grammar"),
            };
            let body = if self.recursive.contains(name) {
                format!("if !self.enter() {{ return false; }} let read = {{ {body} }}; self.leave(); read")
            } else {
                body
            };
            let _ = writeln!(text, "fn r_{name}<const M: bool>(&mut self) -> bool {{ {body} }}");
        }
        text.push_str("}\n");
        text
    }

    fn marks(&self, name: &str) -> bool {
        self.rules[name].ty != RuleType::Silent
    }

    /// Code that reads an expression: true where it matches, else everything as before.
    fn code(&self, expr: &OptimizedExpr, marks: &str) -> String {
        if let Some(class) = self.class(expr) {
            return format!("self.one({})", class_code(&class));
        }
        match expr {
            OptimizedExpr::Str(text) => format!("self.text({:?}.as_bytes())", text),
            OptimizedExpr::Ident(name) => match name.as_str() {
                "ANY" => "self.any()".into(),
                "SOI" => "(self.at == 0)".into(),
                "EOI" => format!("self.end_of_input::<{marks}>()"),
                name => format!("self.r_{name}::<{marks}>()"),
            },
            OptimizedExpr::PosPred(inner) => {
                let inner = self.code(inner, "false");
                format!("{{ let here = self.here(); let read = {inner}; self.back(here); read }}")
            }
            OptimizedExpr::NegPred(inner) => match self.class(inner) {
                Some(class) => format!("!self.is_one({})", class_code(&class)),
                None => {
                    let inner = self.guarded(inner, "false");
                    format!("{{ let here = self.here(); let read = {inner}; self.back(here); !read }}")
                }
            },
            OptimizedExpr::Seq(..) => {
                let mut parts = Vec::new();
                flat_sequence(expr, &mut parts);
                let parts: Vec<String> = parts.iter().map(|part| self.code(part, marks)).collect();
                let all = parts.join(" && ");
                format!("{{ let here = self.here(); if {all} {{ true }} else {{ self.back(here); false }} }}")
            }
            OptimizedExpr::Choice(..) => {
                let mut parts = Vec::new();
                flat_choice(expr, &mut parts);
                let parts: Vec<String> = parts.iter().map(|part| self.guarded(part, marks)).collect();
                format!("({})", parts.join(" || "))
            }
            OptimizedExpr::Opt(inner) => {
                let inner = self.guarded(inner, marks);
                format!("{{ let _ = {inner}; true }}")
            }
            OptimizedExpr::Rep(inner) => match self.class(inner) {
                Some(class) => format!("{{ while self.one({}) {{}} true }}", class_code(&class)),
                None => {
                    let inner = self.guarded(inner, marks);
                    format!("{{ while {inner} {{}} true }}")
                }
            },
            OptimizedExpr::Skip(strings) => {
                let stops: Vec<String> = strings.iter().map(|stop| format!("{stop:?}.as_bytes()")).collect();
                if strings.iter().all(|stop| stop.len() == 1) {
                    let mut bytes = [false; 256];
                    strings.iter().for_each(|stop| bytes[usize::from(stop.as_bytes()[0])] = true);
                    format!("self.skip(|byte| matches!(byte, {}))", ranges(&bytes))
                } else {
                    format!("self.skip_until(&[{}])", stops.join(", "))
                }
            }
            OptimizedExpr::RestoreOnErr(inner) => self.code(inner, marks),
            other => panic!("the grammar uses what its reader does not know: {other:?}"),
        }
    }

    /// As `code`, but asks the next byte first, where it can tell.
    fn guarded(&self, expr: &OptimizedExpr, marks: &str) -> String {
        let code = self.code(expr, marks);
        if self.class(expr).is_some() || matches!(expr, OptimizedExpr::Str(_)) {
            return code;
        }
        match self.first(expr, 0).pattern() {
            Some(pattern) => format!("(matches!(self.next(), Some({pattern})) && {code})"),
            None => code,
        }
    }

    fn first(&self, expr: &OptimizedExpr, depth: usize) -> First {
        if depth > 60 {
            return First::unknown();
        }
        if let Some(class) = self.class(expr) {
            let mut first = First { bytes: class.ascii, any: false };
            if class.wide.is_some() {
                first.bytes[0x80..].fill(true);
            }
            return first;
        }
        match expr {
            OptimizedExpr::Str(text) => match text.bytes().next() {
                Some(byte) => {
                    let mut first = First::none();
                    first.bytes[usize::from(byte)] = true;
                    first
                }
                None => First::nothing(),
            },
            OptimizedExpr::Ident(name) => match (name.as_str(), self.rules.get(name)) {
                ("ANY", _) => First { bytes: [true; 256], any: false },
                (_, Some(rule)) => self.first(&rule.expr, depth + 1),
                _ => First::unknown(),
            },
            OptimizedExpr::Seq(..) => {
                let mut parts = Vec::new();
                flat_sequence(expr, &mut parts);
                let mut first = First::none();
                for part in parts {
                    let of_part = match part {
                        // What stands behind a look-ahead begins where it does.
                        OptimizedExpr::PosPred(_) | OptimizedExpr::NegPred(_) => continue,
                        part => self.first(part, depth + 1),
                    };
                    first.bytes.iter_mut().zip(of_part.bytes).for_each(|(mine, theirs)| *mine |= theirs);
                    if !of_part.any {
                        return first;
                    }
                }
                First { any: true, ..first }
            }
            OptimizedExpr::Choice(..) => {
                let mut parts = Vec::new();
                flat_choice(expr, &mut parts);
                let mut first = First::none();
                parts.iter().for_each(|part| first.add(&self.first(part, depth + 1)));
                first
            }
            OptimizedExpr::Opt(inner) | OptimizedExpr::Rep(inner) => {
                First { any: true, ..self.first(inner, depth + 1) }
            }
            OptimizedExpr::RestoreOnErr(inner) => self.first(inner, depth + 1),
            _ => First::unknown(),
        }
    }

    /// The signs an expression takes one of, if that is all it does.
    fn class(&self, expr: &OptimizedExpr) -> Option<Class> {
        let mut class = Class { ascii: [false; 256], wide: None };
        match expr {
            OptimizedExpr::Str(text) if text.len() == 1 => class.ascii[usize::from(text.as_bytes()[0])] = true,
            OptimizedExpr::Range(from, upto) if from.is_ascii() && upto.is_ascii() => {
                let (from, upto) = (from.as_bytes()[0], upto.as_bytes()[0]);
                class.ascii[usize::from(from)..=usize::from(upto)].fill(true);
            }
            OptimizedExpr::Ident(name) => match name.as_str() {
                // What of ASCII belongs to them is written beside them in this grammar too; it does no harm twice.
                "XID_START" => {
                    class.ascii[usize::from(b'a')..=usize::from(b'z')].fill(true);
                    class.ascii[usize::from(b'A')..=usize::from(b'Z')].fill(true);
                    class.wide = Some("XID_START");
                }
                "XID_CONTINUE" => {
                    class.ascii[usize::from(b'a')..=usize::from(b'z')].fill(true);
                    class.ascii[usize::from(b'A')..=usize::from(b'Z')].fill(true);
                    class.ascii[usize::from(b'0')..=usize::from(b'9')].fill(true);
                    class.ascii[usize::from(b'_')] = true;
                    class.wide = Some("XID_CONTINUE");
                }
                name => {
                    let rule = self.rules.get(name).filter(|rule| rule.ty == RuleType::Silent)?;
                    return if self.recursive.contains(name) { None } else { self.class(&rule.expr) };
                }
            },
            OptimizedExpr::Choice(left, right) => {
                let (left, right) = (self.class(left)?, self.class(right)?);
                if left.wide.is_some() && right.wide.is_some() && left.wide != right.wide {
                    return None;
                }
                class = left;
                class.ascii.iter_mut().zip(right.ascii).for_each(|(mine, theirs)| *mine |= theirs);
                class.wide = class.wide.or(right.wide);
            }
            _ => return None,
        }
        Some(class)
    }
}

/// Two closures: is it one of the ASCII bytes, and is it one of the other signs?
fn class_code(class: &Class) -> String {
    let wide = class.wide.map_or("|_| false".to_string(), |name| format!("pest::unicode::{name}"));
    format!("|byte| matches!(byte, {}), {wide}", ranges(&class.ascii))
}

fn flat_sequence<'e>(expr: &'e OptimizedExpr, parts: &mut Vec<&'e OptimizedExpr>) {
    match expr {
        OptimizedExpr::Seq(left, right) => {
            flat_sequence(left, parts);
            flat_sequence(right, parts);
        }
        other => parts.push(other),
    }
}

fn flat_choice<'e>(expr: &'e OptimizedExpr, parts: &mut Vec<&'e OptimizedExpr>) {
    match expr {
        OptimizedExpr::Choice(left, right) => {
            flat_choice(left, parts);
            flat_choice(right, parts);
        }
        other => parts.push(other),
    }
}
