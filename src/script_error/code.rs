//! A code, and everything we say about it.

use super::words::{Said, Words};
use std::cmp::Ordering;
use std::fmt;

/// The code of a finding or a script error, such as `T4102`.
///
/// Scripts branch on its name, support engineers quote it, and it never changes its meaning.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Code(pub &'static str);

impl Ord for Code {
    /// As the texts; all of them are five letters long, so they are compared as numbers. Sets of errors ask often.
    fn cmp(&self, other: &Code) -> Ordering {
        let number = |code: &Code| match *code.0.as_bytes() {
            [a, b, c, d, e] => Some(u64::from_be_bytes([0, 0, 0, a, b, c, d, e])),
            _ => None,
        };
        match (number(self), number(other)) {
            (Some(one), Some(other)) => one.cmp(&other),
            _ => self.0.cmp(other.0),
        }
    }
}

impl PartialOrd for Code {
    fn partial_cmp(&self, other: &Code) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Where a failure comes from. The second digit group of a code follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layer {
    /// T00: signs and encoding of the source.
    Lexical,
    /// T01: words and structure of the source.
    Syntax,
    /// T02: names and types.
    Types,
    /// T03: control flow and exhaustiveness.
    Flow,
    /// T04: reversal and journal rules in the source.
    Reversal,
    /// T05: sensitive data.
    Secrets,
    /// T06: capabilities.
    Capabilities,
    /// T07: texts and languages.
    Texts,
    /// T08: tests written in the language.
    Tests,
    /// T09: bytecode files.
    Bytecode,
    /// T1: what the cardholder or the cashier did or left undone.
    Person,
    /// T2: what issuer or host decided.
    Issuer,
    /// T3: card and chip.
    Card,
    /// T4: keys and security.
    Keys,
    /// T5: network and host link.
    Network,
    /// T6: hardware.
    Hardware,
    /// T7: journal, storage, files.
    Storage,
    /// T8: limits and arithmetic.
    Limits,
    /// T9: a defect of this program.
    Internal,
}

impl Layer {
    /// All of them, in the order of their codes.
    pub const ALL: [Layer; 19] = [
        Layer::Lexical,
        Layer::Syntax,
        Layer::Types,
        Layer::Flow,
        Layer::Reversal,
        Layer::Secrets,
        Layer::Capabilities,
        Layer::Texts,
        Layer::Tests,
        Layer::Bytecode,
        Layer::Person,
        Layer::Issuer,
        Layer::Card,
        Layer::Keys,
        Layer::Network,
        Layer::Hardware,
        Layer::Storage,
        Layer::Limits,
        Layer::Internal,
    ];

    /// The word in JSON and in a script's `error` declaration.
    pub fn word(self) -> &'static str {
        match self {
            Layer::Lexical => "lexical",
            Layer::Syntax => "syntax",
            Layer::Types => "types",
            Layer::Flow => "flow",
            Layer::Reversal => "reversal",
            Layer::Secrets => "secrets",
            Layer::Capabilities => "capabilities",
            Layer::Texts => "texts",
            Layer::Tests => "tests",
            Layer::Bytecode => "bytecode",
            Layer::Person => "person",
            Layer::Issuer => "issuer",
            Layer::Card => "card",
            Layer::Keys => "keys",
            Layer::Network => "network",
            Layer::Hardware => "hardware",
            Layer::Storage => "storage",
            Layer::Limits => "limits",
            Layer::Internal => "internal",
        }
    }

    /// The layers a script may name in an `error` declaration.
    pub const OF_SCRIPTS: [Layer; 8] = [
        Layer::Person,
        Layer::Issuer,
        Layer::Card,
        Layer::Keys,
        Layer::Network,
        Layer::Hardware,
        Layer::Storage,
        Layer::Limits,
    ];

    /// The layer a script's word names.
    pub fn of_script(word: &str) -> Option<Layer> {
        Layer::OF_SCRIPTS.into_iter().find(|layer| layer.word() == word)
    }
}

/// Whether trying again can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Retry {
    /// It cannot.
    No,
    /// At once.
    Now,
    /// After a while.
    Later,
    /// After what the guidance names has been done.
    AfterFix,
}

impl Retry {
    /// All of them.
    pub const ALL: [Retry; 4] = [Retry::No, Retry::Now, Retry::Later, Retry::AfterFix];

    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Retry::No => "no",
            Retry::Now => "now",
            Retry::Later => "later",
            Retry::AfterFix => "after_fix",
        }
    }
}

/// What a fact is, so that it is shown right in either language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FactKind {
    /// Words of the script or of a device.
    Text,
    /// A name in a script.
    Name,
    /// A number.
    Count,
    /// Milliseconds, shown as `60s`.
    Duration,
    /// A message type, shown as four digits.
    Mti,
    /// A field number, shown as `F39`.
    Field,
}

/// One named fact of an error; fills `{name}` in its sentences. Facts are masked before they get here.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// Words.
    Text(String),
    /// Words that differ by language, such as the name of a type.
    Said(Said),
    /// A number.
    Count(i64),
    /// Milliseconds.
    Duration(i64),
    /// A message type.
    Mti(u16),
    /// A field number.
    Field(u8),
}

/// What to do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Help {
    /// Found before a run: what the author should do.
    Author {
        /// The cure.
        fix: Words,
    },
    /// Found in a run: what each person should do.
    People {
        /// At the terminal.
        cashier: Words,
        /// The card's owner.
        cardholder: Words,
        /// The engineer on the telephone.
        support: Words,
        /// Whether trying again can help.
        retry: Retry,
    },
}

/// Everything we say about one code. Written once, in `catalogue/`.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The code.
    pub code: Code,
    /// Its name in CamelCase, which scripts may use: `Timeout`.
    pub name: &'static str,
    /// Where it comes from.
    pub layer: Layer,
    /// The facts its sentences may use.
    pub facts: &'static [(&'static str, FactKind)],
    /// The fact in one line; stands alone.
    pub title: Words,
    /// What to do.
    pub help: Help,
    /// The word a script's `on word =>` catches it by; `None` where a script cannot.
    pub word: Option<&'static str>,
    /// The page of `till explain`: why it happens, how to tell the causes apart. A few plain sentences.
    pub about: Words,
    /// What raises it: command lines if it begins with `till `, to be typed at the root of the repository, the last of
    /// which shows the code; else a program whose check, tests or only `pub flow` end in it. `tests/all/examples.rs` tries
    /// each; the few files it names that the repository cannot hold are made there.
    pub example: &'static str,
}
