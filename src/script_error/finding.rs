//! One finding about a source file: code, place, labels, notes, edits.

use super::code::{Code, Fact};
use super::source::{Place, Span};
use super::words::Said;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The program is not compiled.
    Error,
    /// The program is compiled; the author should look.
    Warning,
}

/// What a place is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What this place is; may be empty for the primary place.
    pub text: Said,
}

/// Replaces a span by a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// What goes.
    pub place: Place,
    /// What comes.
    pub replacement: String,
}

/// A cure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cure {
    /// What it does, in the imperative.
    pub text: Said,
    /// The edits; empty where only a person can do it.
    pub edits: Vec<Edit>,
    /// True if a machine may apply it without asking.
    pub safe: bool,
    /// True if its edits decide where the money is: shown, and put in by a person who has thought about it. Never safe.
    pub by_hand: bool,
}

/// One finding. The title comes from the catalogue, filled with the facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The code.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// Fill the title's places.
    pub facts: Vec<(&'static str, Fact)>,
    /// The place the carets point to.
    pub at: Label,
    /// Other places worth showing.
    pub labels: Vec<Label>,
    /// Why.
    pub notes: Vec<Said>,
    /// What to do, where a sentence or an edit can say it.
    pub cures: Vec<Cure>,
}

impl Finding {
    /// An error at a place.
    pub fn error(code: Code, place: Place) -> Finding {
        Finding {
            code,
            severity: Severity::Error,
            facts: Vec::new(),
            at: Label { place, text: Said::default() },
            labels: Vec::new(),
            notes: Vec::new(),
            cures: Vec::new(),
        }
    }

    /// A warning at a place.
    pub fn warning(code: Code, place: Place) -> Finding {
        Finding { severity: Severity::Warning, ..Finding::error(code, place) }
    }

    /// Adds a text fact.
    pub fn text(self, name: &'static str, value: impl Into<String>) -> Finding {
        self.fact(name, Fact::Text(value.into()))
    }

    /// Adds a fact.
    pub fn fact(mut self, name: &'static str, fact: Fact) -> Finding {
        self.facts.push((name, fact));
        self
    }

    /// Says what the primary place is.
    pub fn label(mut self, zh: impl Into<String>, en: impl Into<String>) -> Finding {
        self.at.text = Said::new(zh, en);
        self
    }

    /// Adds another place.
    pub fn also(mut self, place: Place, zh: impl Into<String>, en: impl Into<String>) -> Finding {
        self.labels.push(Label { place, text: Said::new(zh, en) });
        self
    }

    /// Says why.
    pub fn note(mut self, zh: impl Into<String>, en: impl Into<String>) -> Finding {
        self.notes.push(Said::new(zh, en));
        self
    }

    /// Adds a cure without an edit.
    pub fn help(mut self, zh: impl Into<String>, en: impl Into<String>) -> Finding {
        self.cures.push(Cure { text: Said::new(zh, en), edits: Vec::new(), safe: false, by_hand: false });
        self
    }

    /// Adds a cure that replaces a span in the primary file and that a machine may apply.
    pub fn edit(
        self,
        span: Span,
        replacement: impl Into<String>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Finding {
        let place = Place { file: self.at.place.file, span };
        self.edits(vec![Edit { place, replacement: replacement.into() }], true, zh, en)
    }

    /// Adds a cure that replaces a span in the primary file, and that may not be what the author meant.
    pub fn guess(
        self,
        span: Span,
        replacement: impl Into<String>,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Finding {
        let place = Place { file: self.at.place.file, span };
        self.edits(vec![Edit { place, replacement: replacement.into() }], false, zh, en)
    }

    /// Adds the word that was probably meant. A question is answered by a person, never by a machine.
    pub fn did_you_mean(self, span: Span, meant: &str) -> Finding {
        self.guess(span, meant, format!("是否想写“{meant}”？"), format!("did you mean `{meant}`?"))
    }

    /// Adds a cure of several edits.
    pub fn edits(mut self, edits: Vec<Edit>, safe: bool, zh: impl Into<String>, en: impl Into<String>) -> Finding {
        self.cures.push(Cure { text: Said::new(zh, en), edits, safe, by_hand: false });
        self
    }

    /// Says of the cure added last that it decides where the money is: no machine applies it.
    pub fn by_hand(mut self) -> Finding {
        if let Some(cure) = self.cures.last_mut() {
            cure.safe = false;
            cure.by_hand = true;
        }
        self
    }
}
