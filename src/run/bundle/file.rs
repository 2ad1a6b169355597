//! The bundle as a file: a JSON object a line, the last with a digest of all before it.

use crate::language::bytecode::file;
use crate::language::bytecode::program::Program;
use crate::payment::hex;
use crate::run::bundle::pseudonym::Pseudonyms;
use crate::run::bundle::scan::Scan;
use crate::run::report::hexadecimal;
use crate::script_error::catalogue::storage;
use crate::world::port::failure::Failure;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Version of the file's form.
const VERSION: u32 = 1;
/// The largest bundle, in bytes.
pub const BUNDLE_BYTES_MAX: u64 = 256 << 20;

/// A program and what it speaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Packed {
    /// Name of the script.
    pub script: String,
    /// SHA-256 of the program, as traces name it.
    pub sha256: String,
    /// Its dialect; empty if it sends nothing.
    pub dialect: String,
    /// SHA-256 of the dialect as it was compiled.
    pub dialect_sha256: Option<String>,
    /// The bytecode, hexadecimal.
    pub bytecode: String,
}

/// The first line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Version of the form.
    pub till_bundle: u32,
    /// Version of the program that made it.
    pub made_by: String,
    /// What it covers, such as `20m`; all, if nothing is said.
    pub last: Option<String>,
    /// How many card numbers were replaced.
    pub cards: usize,
}

/// Every other line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Program(Packed),
    Key { slot: String, check_value: String },
    Transaction(Value),
    Trace { number: usize, line: Value },
    End { lines: usize, sha256: String },
}

/// What a bundle holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    /// What it is.
    pub head: Head,
    /// The programs that its traces are of.
    pub programs: Vec<Packed>,
    /// Check values of keys by slot, the latest that a trace has.
    pub keys: IndexMap<String, String>,
    /// Transactions of the journal, as `till journal export` writes them.
    pub transactions: Vec<Value>,
    /// Traces, each as text.
    pub traces: Vec<Vec<Value>>,
}

/// What a bundle is made from.
#[derive(Debug, Default)]
pub struct Ingredients<'i> {
    /// Programs.
    pub programs: &'i [Program],
    /// Traces, each a text of JSON lines.
    pub traces: &'i [String],
    /// Transactions of the journal.
    pub transactions: Vec<Value>,
    /// The key beside the journal, which must not be in it.
    pub device_key: Option<Vec<u8>>,
    /// How far back from the latest time, as it was written and in milliseconds.
    pub last: Option<(String, i64)>,
}

/// A bundle as it may leave, with what was looked at.
#[derive(Debug)]
pub struct Made {
    /// The file's text.
    pub text: String,
    /// The bundle.
    pub bundle: Bundle,
    /// What was looked for, and found: with a finding it must not leave.
    pub scan: Scan,
}

/// Makes a bundle, and looks through all of it for what must not leave.
pub fn make(from: Ingredients<'_>) -> Result<Made, Failure> {
    let mut traces = Vec::new();
    for (number, text) in from.traces.iter().enumerate() {
        let lines: Result<Vec<Value>, _> = text.lines().map(serde_json::from_str).collect();
        traces.push(lines.map_err(|error| {
            Failure::new(storage::BAD_TRACE).text("detail", format!("--trace {}: {error}", number + 1))
        })?);
    }
    let mut transactions = from.transactions;
    let known: Vec<String> = traces.iter().flat_map(|lines| merchant_numbers(lines)).collect();
    if let Some((_, span)) = &from.last {
        let latest = traces.iter().filter_map(|lines| ended_at(lines)).chain(transactions.iter().filter_map(at)).max();
        let since = latest.map_or(i64::MIN, |latest| latest.saturating_sub(*span));
        traces.retain(|lines| ended_at(lines).is_none_or(|at| at >= since));
        transactions.retain(|transaction| at(transaction).is_none_or(|at| at >= since));
    }
    let mut pseudonyms = Pseudonyms::default();
    transactions.iter_mut().chain(traces.iter_mut().flatten()).for_each(|value| pseudonyms.value(value));
    let named = |packed: &Packed| traces.iter().any(|lines| program_of(lines) == Some(packed.sha256.as_str()));
    let programs: Vec<Packed> = from.programs.iter().map(packed).filter(named).collect();
    let bundle = Bundle {
        head: Head {
            till_bundle: VERSION,
            made_by: env!("CARGO_PKG_VERSION").to_owned(),
            last: from.last.map(|(written, _)| written),
            cards: pseudonyms.count(),
        },
        keys: check_values(&traces),
        programs,
        transactions,
        traces,
    };
    let text = written(&bundle);
    let mut scan = Scan { known, ..Scan::default() };
    look(&bundle, from.programs, &mut scan);
    if let Some(key) = &from.device_key {
        scan.known_key("device.key", text.as_bytes(), key);
    }
    Ok(Made { text, bundle, scan })
}

/// Looks at everything a bundle holds but its own digests.
fn look(bundle: &Bundle, programs: &[Program], scan: &mut Scan) {
    for (number, lines) in bundle.traces.iter().enumerate() {
        for (line, value) in lines.iter().enumerate() {
            let path = format!("trace {} line {}", number + 1, line + 1);
            match (line, value) {
                // The first line names the program by its digest.
                (0, Value::Object(members)) => {
                    members.iter().filter(|(name, _)| *name != "program").for_each(|(name, value)| {
                        scan.value(&format!("{path}.{name}"), value);
                    });
                }
                _ => scan.value(&path, value),
            }
        }
    }
    for (number, value) in bundle.transactions.iter().enumerate() {
        scan.value(&format!("transaction {}", number + 1), value);
    }
    for (slot, check_value) in &bundle.keys {
        scan.text("key", slot);
        scan.text("key", check_value);
    }
    for program in programs.iter().filter(|program| bundle.packed(&hexadecimal(&program.hash)).is_some()) {
        scan.text("program", &program.name);
        // Constants lie in one run of bytes; code is numbers of instructions and no text.
        for (number, (start, length)) in program.texts.iter().enumerate() {
            let constant = program.bytes.get(*start as usize..).and_then(|rest| rest.get(..*length as usize));
            let path = format!("program {} constant {number}", program.name);
            match constant.map(std::str::from_utf8) {
                Some(Ok(text)) => scan.text(&path, text),
                Some(Err(_)) => scan.bytes(&path, constant.unwrap_or_default(), true),
                None => {}
            }
        }
    }
}

impl Bundle {
    /// The program with this digest.
    pub fn packed(&self, sha256: &str) -> Option<&Packed> {
        self.programs.iter().find(|packed| packed.sha256 == sha256)
    }

    /// The digest of the program that a trace is of; traces count from 1.
    pub fn program_of(&self, number: usize) -> Option<&str> {
        program_of(self.traces.get(number.checked_sub(1)?)?)
    }

    /// A trace as text; traces count from 1.
    pub fn trace(&self, number: usize) -> Option<String> {
        let lines = self.traces.get(number.checked_sub(1)?)?;
        Some(lines.iter().map(|line| format!("{line}\n")).collect())
    }

    /// Reads a bundle; `T7031` says what is wrong with it.
    pub fn read(text: &str) -> Result<Bundle, Failure> {
        let bad = |line: usize, detail: &str| {
            Failure::new(storage::BAD_BUNDLE).text("detail", format!("{}: {detail}", line + 1))
        };
        let mut lines = text.split_inclusive('\n').enumerate();
        let (_, first) = lines.next().ok_or_else(|| bad(0, "empty"))?;
        let head: Head = serde_json::from_str(first).map_err(|error| bad(0, &error.to_string()))?;
        if head.till_bundle != VERSION {
            return Err(bad(0, &format!("till_bundle {}", head.till_bundle)));
        }
        let mut bundle =
            Bundle { head, programs: Vec::new(), keys: IndexMap::new(), transactions: Vec::new(), traces: Vec::new() };
        let mut digest = Sha256::new();
        digest.update(first);
        let mut ended = false;
        for (at, text) in lines {
            if ended {
                return Err(bad(at, "something stands behind the end"));
            }
            match serde_json::from_str(text).map_err(|error| bad(at, &error.to_string()))? {
                Line::Program(packed) => bundle.programs.push(packed),
                Line::Key { slot, check_value } => drop(bundle.keys.insert(slot, check_value)),
                Line::Transaction(transaction) => bundle.transactions.push(transaction),
                Line::Trace { number, line } if number == bundle.traces.len() && number > 0 => {
                    bundle.traces[number - 1].push(line);
                }
                Line::Trace { number, line } if number == bundle.traces.len() + 1 => bundle.traces.push(vec![line]),
                Line::Trace { number, .. } => return Err(bad(at, &format!("trace {number} is out of order"))),
                Line::End { lines, sha256 } => {
                    if lines != at || sha256 != hexadecimal(&digest.clone().finalize()) {
                        return Err(bad(at, "changed after it was made: the digest does not fit"));
                    }
                    ended = true;
                }
            }
            digest.update(text);
        }
        if ended { Ok(bundle) } else { Err(bad(text.lines().count(), "the end is missing")) }
    }
}

fn written(bundle: &Bundle) -> String {
    let mut lines = vec![json!(bundle.head)];
    lines.extend(bundle.programs.iter().map(|packed| json!(Line::Program(packed.clone()))));
    lines.extend(
        bundle
            .keys
            .iter()
            .map(|(slot, check_value)| json!(Line::Key { slot: slot.clone(), check_value: check_value.clone() })),
    );
    lines.extend(bundle.transactions.iter().map(|transaction| json!({ "transaction": transaction })));
    for (at, trace) in bundle.traces.iter().enumerate() {
        lines.extend(trace.iter().map(|line| json!({ "trace": { "number": at + 1, "line": line } })));
    }
    let mut text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    let sha256 = hexadecimal(&Sha256::digest(text.as_bytes()));
    text.push_str(&format!("{}\n", json!(Line::End { lines: lines.len(), sha256 })));
    text
}

fn packed(program: &Program) -> Packed {
    let dialect = program.dialect.as_ref().and_then(|dialect| postcard::to_stdvec(dialect).ok());
    Packed {
        script: program.name.to_string(),
        sha256: hexadecimal(&program.hash),
        dialect: program.manifest.dialect.to_string(),
        dialect_sha256: dialect.map(|bytes| hexadecimal(&Sha256::digest(&bytes))),
        bytecode: hex::encode(&file::write(program)),
    }
}

fn program_of(lines: &[Value]) -> Option<&str> {
    lines.first()?.get("program")?.as_str()
}

fn at(transaction: &Value) -> Option<i64> {
    transaction.get("at_ms")?.as_i64()
}

/// When the last thing in a trace happened.
fn ended_at(lines: &[Value]) -> Option<i64> {
    lines.iter().rev().find_map(|line| line.as_object()?.values().find_map(|value| value.get("at_ms")?.as_i64()))
}

/// What the terminal said its merchant number is.
fn merchant_numbers(lines: &[Value]) -> Vec<String> {
    let asked = lines.iter().map(|line| line.get("request").and_then(|request| request.get("op")));
    let told = |line: &Value| Some(line.get("answer")?.get("value")?.get("Text")?.as_str()?.to_owned());
    let next = |at: usize| lines.get(at + 1).and_then(told);
    asked
        .enumerate()
        .filter(|(_, op)| op.and_then(Value::as_str) == Some("store.merchant_id"))
        .filter_map(|(at, _)| next(at))
        .collect()
}

/// Check values that traces show, the latest of each slot.
fn check_values(traces: &[Vec<Value>]) -> IndexMap<String, String> {
    let shown = |line: &Value| {
        let checked = line.get("happening")?.get("KeyChecked")?;
        Some((checked.get("slot")?.as_str()?.to_owned(), checked.get("check_value")?.as_str()?.to_owned()))
    };
    traces.iter().flatten().filter_map(shown).collect()
}
