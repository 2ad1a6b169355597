//! The parser that pest makes from `grammar/till.pest`, and what it says where it stops.

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pairs;
use std::num::NonZeroUsize;
use std::sync::Once;

#[derive(pest_derive::Parser)]
#[grammar = "../grammar/till.pest"]
pub(super) struct Grammar;

/// The largest file, in bytes.
pub(super) const SIZE_MAX: usize = 1 << 20;

/// Parser calls a piece may take. Nested shapes take about 100 a byte, which a test measures; the rest is reserve.
pub(super) const CALLS_MAX: usize = 100_000 + 400 * SIZE_MAX;

/// Where and why the parser stopped.
pub(super) struct Failure {
    /// Byte in the piece at which the furthest rule failed.
    pub(super) at: usize,
    /// What was tried there.
    pub(super) tried: Vec<Rule>,
    /// True if it ran out of calls or of stack.
    pub(super) exhausted: bool,
}

/// Parses a text as one rule.
pub(super) fn read(rule: Rule, text: &str) -> Result<Pairs<'_, Rule>, Failure> {
    static LIMIT: Once = Once::new();
    // The limit belongs to the process, so it is one constant, set once.
    LIMIT.call_once(|| pest::set_call_limit(NonZeroUsize::new(CALLS_MAX)));
    Grammar::parse(rule, text).map_err(|error| {
        let at = match error.location {
            InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
        };
        match error.variant {
            ErrorVariant::ParsingError { positives, .. } => Failure { at, tried: positives, exhausted: false },
            ErrorVariant::CustomError { .. } => Failure { at, tried: Vec::new(), exhausted: true },
        }
    })
}
