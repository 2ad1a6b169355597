//! The printer, and a slip.

use super::failure::Failure;
use crate::script_error::words::{Language, Said};
use std::borrow::Cow;

/// Words on a slip, in both languages. A slip is printed at every sale: they are lent from where they lie.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SlipWords<'s> {
    /// Chinese.
    pub zh: Cow<'s, str>,
    /// English.
    pub en: Cow<'s, str>,
}

impl SlipWords<'_> {
    /// The words in one language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }

    fn kept(&self) -> SlipWords<'static> {
        let kept = |words: &Cow<'_, str>| Cow::Owned(words.as_ref().to_owned());
        SlipWords { zh: kept(&self.zh), en: kept(&self.en) }
    }
}

impl From<Said> for SlipWords<'_> {
    fn from(said: Said) -> Self {
        SlipWords { zh: Cow::Owned(said.zh), en: Cow::Owned(said.en) }
    }
}

/// One line of a slip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlipLine<'s> {
    /// In the middle.
    Centre(SlipWords<'s>),
    /// From the left; broken where it is too long.
    Line(SlipWords<'s>),
    /// A label on the left, a value on the right.
    Row {
        /// What it is.
        label: SlipWords<'s>,
        /// What it says.
        value: SlipWords<'s>,
    },
    /// A rule from edge to edge.
    Rule,
    /// An empty line.
    Space,
}

/// A slip to print. Card numbers in it are masked already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slip<'s> {
    /// From top to bottom.
    pub lines: Vec<SlipLine<'s>>,
    /// The trace number of the transaction it is about, where the run that prints it has one.
    pub of: Option<u32>,
}

impl Slip<'_> {
    /// A slip that is kept longer than what it was made of.
    pub fn kept(&self) -> Slip<'static> {
        let lines = self.lines.iter().map(|line| match line {
            SlipLine::Centre(words) => SlipLine::Centre(words.kept()),
            SlipLine::Line(words) => SlipLine::Line(words.kept()),
            SlipLine::Row { label, value } => SlipLine::Row { label: label.kept(), value: value.kept() },
            SlipLine::Rule => SlipLine::Rule,
            SlipLine::Space => SlipLine::Space,
        });
        Slip { lines: lines.collect(), of: self.of }
    }
}

/// A printer.
pub trait Printer {
    /// Prints a slip: `T6101` no paper, `T6102` fault, `T6103` too hot, `T6401` battery too low.
    ///
    /// A simulated power cut in the middle of a slip is `T6901`.
    fn print(&mut self, slip: &Slip<'_>) -> Result<(), Failure>;

    /// The only language in which anybody will look at what it prints; `None` where the other may be wanted too.
    fn only_language(&self) -> Option<Language> {
        None
    }

    /// Could it print now? The codes of `print`; `None` for a printer that does not know before it tries.
    fn ready(&mut self) -> Option<Result<(), Failure>> {
        None
    }
}
