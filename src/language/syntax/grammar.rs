//! The two readers that are made from `grammar/till.pest`: the quick one, and pest's, which says where and why it stops.

use super::nodes::Found;
use super::reader;
use super::room::with_room;
use pest::Parser;
use pest::Token;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::Pairs;
use reader::Mark;
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
pub(super) fn read(rule: Rule, text: &str) -> Result<Found<'_>, Failure> {
    with_room(|| match reader::read(rule, text) {
        Some(marks) => Ok(Found { text, marks }),
        None => slowly(rule, text).map(|pairs| Found { text, marks: marks(&pairs) }),
    })
}

/// What pest reads or says.
fn slowly(rule: Rule, text: &str) -> Result<Pairs<'_, Rule>, Failure> {
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

fn marks(pairs: &Pairs<'_, Rule>) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    let mut open = Vec::new();
    for token in pairs.clone().tokens() {
        match token {
            Token::Start { rule, pos } => {
                open.push(marks.len());
                marks.push(Mark { rule, start: pos.pos() as u32, end: 0, next: 0 });
            }
            Token::End { pos, .. } => {
                let next = marks.len() as u32;
                if let Some(mark) = open.pop().and_then(|place| marks.get_mut(place)) {
                    (mark.end, mark.next) = (pos.pos() as u32, next);
                }
            }
        }
    }
    marks
}

/// Rules that the quick reader begins for a text.
pub(super) fn steps(rule: Rule, text: &str) -> usize {
    with_room(|| reader::steps(rule, text))
}

/// Do both readers make the same of a text? What the quick one does not read for its depth, it leaves to pest.
pub(super) fn agree(rule: Rule, text: &str) -> bool {
    with_room(|| match (reader::read(rule, text), slowly(rule, text)) {
        (Some(quick), Ok(slow)) => quick == marks(&slow),
        (None, Err(_)) => true,
        (None, Ok(_)) => reader::gives_up(rule, text),
        (Some(_), Err(_)) => false,
    })
}
