//! What the generated programs reach: every builtin, every instruction, every kind of node.

use std::collections::{BTreeMap, BTreeSet};
use tillscript::language::builtin;
use tillscript::language::builtin::row::{Does, Op, Pure};
use tillscript::language::bytecode::instruction::ROWS;

/// What was reached.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    /// Nodes and builtins that the reference evaluated.
    pub(super) kinds: BTreeSet<&'static str>,
    /// Instructions in the compiled programs, and how often.
    pub(super) instructions: BTreeMap<&'static str, u64>,
    /// Codes of errors in which runs ended, and how often.
    pub(super) errors: BTreeMap<String, u64>,
}

/// Kinds of nodes the reference names when it evaluates them.
const KINDS: &[&str] = &[
    "call of a fn",
    "call of a flow",
    "call of a receipt",
    "call of a record",
    "call of a table",
    "call of a text",
    "call of a variant",
    "call of an error",
    "expression amount",
    "expression bool",
    "expression bytes",
    "expression duration",
    "expression if",
    "expression index",
    "expression int",
    "expression list",
    "expression match",
    "expression message",
    "expression message from",
    "expression mti",
    "expression none",
    "expression percent",
    "expression tag",
    "expression text",
    "handler",
    "handler body",
    "handler other name",
    "handler retry",
    "handler retry every",
    "item receipt",
    "item table",
    "item text",
    "meaning constant",
    "meaning error",
    "meaning field",
    "meaning field that may lack",
    "meaning local",
    "meaning record field",
    "meaning response code",
    "meaning variant",
    "operator !=",
    "operator *",
    "operator +",
    "operator -",
    "operator /",
    "operator <",
    "operator <=",
    "operator ==",
    "operator >",
    "operator >=",
    "operator and",
    "operator in",
    "operator negate",
    "operator not",
    "operator or",
    "pattern category",
    "pattern constant",
    "pattern error",
    "pattern literal",
    "pattern none",
    "pattern other",
    "pattern other name",
    "pattern response code",
    "pattern some",
    "pattern variant",
    "pattern variant with value",
    "statement assignment",
    "statement break",
    "statement commit",
    "statement discard",
    "statement expect",
    "statement expression",
    "statement fail",
    "statement for",
    "statement given",
    "statement let",
    "statement repeat",
    "statement return",
    "statement reverse",
    "statement reversible",
    "statement reversible by",
    "statement step",
    "statement var",
    "string value",
];

/// Builtins that take or give records which only the world makes, or messages that are kept: no program of chance has
/// them; the shipped flows and their tests do.
const OF_THE_WORLD: &[&str] = &[
    "find",
    "find_reference",
    "last",
    "totals",
    "next_upload",
    "mark_uploaded",
    "next_chip",
    "mark_chip",
    "refused",
    "keep",
    "take_parameters",
    "limits",
    "offline",
    "complete",
    "decide",
];

impl Coverage {
    /// Takes in another.
    pub(super) fn join(&mut self, mut other: Coverage) {
        self.kinds.append(&mut other.kinds);
        for (name, count) in other.instructions {
            *self.instructions.entry(name).or_default() += count;
        }
        for (code, count) in other.errors {
            *self.errors.entry(code).or_default() += count;
        }
    }

    /// What should have been reached and was not.
    pub(super) fn missing(&self) -> Vec<String> {
        let builtins = builtin::all().filter(|row| !OF_THE_WORLD.contains(&row.name)).map(|row| match row.does {
            Does::Request(op) => op.word(),
            Does::Pure(pure) => pure.word(),
        });
        let wanted = KINDS.iter().copied().chain(builtins);
        let mut missing: Vec<String> =
            wanted.filter(|kind| !self.kinds.contains(kind)).map(|kind| kind.to_string()).collect();
        missing.extend(
            ROWS.iter()
                .filter(|row| !self.instructions.contains_key(row.name))
                .map(|row| format!("instruction {}", row.name)),
        );
        missing.sort();
        missing.dedup();
        missing
    }

    /// The table, for people.
    pub(super) fn table(&self) -> String {
        let mut table = format!(
            "{} kinds of nodes and {} builtins were evaluated, {} of {} instructions were compiled\n",
            KINDS.iter().filter(|kind| self.kinds.contains(*kind)).count(),
            self.kinds.len() - KINDS.iter().filter(|kind| self.kinds.contains(*kind)).count(),
            self.instructions.len(),
            ROWS.len(),
        );
        let rows: Vec<String> = self.instructions.iter().map(|(name, count)| format!("{name} {count}")).collect();
        table.push_str(&format!("instructions: {}\n", rows.join(", ")));
        let rows: Vec<String> = self.errors.iter().map(|(code, count)| format!("{code} {count}")).collect();
        table.push_str(&format!("runs that ended in an error: {}\n", rows.join(", ")));
        table
    }
}

/// Every word of a builtin is told apart by `KINDS` and the rows.
#[test]
fn words_of_builtins_are_no_kinds() {
    let words = Op::ALL.iter().map(|op| op.word()).chain(Pure::ALL.iter().map(|pure| pure.word()));
    assert!(words.into_iter().all(|word| !KINDS.contains(&word)));
}
