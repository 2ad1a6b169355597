//! What a device raises.

use crate::script_error::code::{Code, Fact};

/// A device could not do it: a code of the catalogue and the facts its sentences use.
///
/// The machine turns it into a script error at the line that asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The code.
    pub code: Code,
    /// The facts of the code's row, already masked.
    pub facts: Vec<(&'static str, Fact)>,
}

impl Failure {
    /// A failure without facts.
    pub fn new(code: Code) -> Failure {
        Failure { code, facts: Vec::new() }
    }

    /// Adds a fact.
    pub fn fact(mut self, name: &'static str, fact: Fact) -> Failure {
        self.facts.push((name, fact));
        self
    }

    /// Adds words as a fact.
    pub fn text(self, name: &'static str, text: impl Into<String>) -> Failure {
        self.fact(name, Fact::Text(text.into()))
    }
}
