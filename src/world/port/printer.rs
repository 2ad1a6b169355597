//! The printer, and a slip.

use super::failure::Failure;
use crate::script_error::words::{Language, Said};

/// One line of a slip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlipLine {
    /// In the middle.
    Centre(Said),
    /// From the left; broken where it is too long.
    Line(Said),
    /// A label on the left, a value on the right.
    Row {
        /// What it is.
        label: Said,
        /// What it says.
        value: Said,
    },
    /// A rule from edge to edge.
    Rule,
    /// An empty line.
    Space,
}

/// A slip to print. Card numbers in it are masked already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Slip {
    /// From top to bottom.
    pub lines: Vec<SlipLine>,
    /// The trace number of the transaction it is about, where the run that prints it has one.
    pub of: Option<u32>,
}

/// A printer.
pub trait Printer {
    /// Prints a slip: `T6101` no paper, `T6102` fault, `T6103` too hot, `T6401` battery too low.
    ///
    /// A simulated power cut in the middle of a slip is `T6901`.
    fn print(&mut self, slip: &Slip) -> Result<(), Failure>;

    /// The only language in which anybody will look at what it prints; `None` where the other may be wanted too.
    fn only_language(&self) -> Option<Language> {
        None
    }

    /// Could it print now? The codes of `print`; `None` for a printer that does not know before it tries.
    fn ready(&mut self) -> Option<Result<(), Failure>> {
        None
    }
}
