//! One script error: code, place, facts, trace, and what happened to the money.

use super::code::{Layer, Retry};
use super::source::Place;
use super::words::Said;

/// What happened to the money. Worked out from the journal, never written by a script's author.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Money {
    /// Nothing was taken.
    NotMoved,
    /// The sale stands.
    Moved,
    /// It was taken and has been given back; the host confirmed.
    Reversed,
    /// A reversal waits in the journal and goes out before the next financial request.
    ReversalQueued,
}

impl Money {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Money::NotMoved => "not_moved",
            Money::Moved => "moved",
            Money::Reversed => "reversed",
            Money::ReversalQueued => "reversal_queued",
        }
    }

    /// The reverse of `word`.
    pub fn parse(word: &str) -> Option<Money> {
        [Money::NotMoved, Money::Moved, Money::Reversed, Money::ReversalQueued].into_iter().find(|money| money.word() == word)
    }
}

/// What each person should do, in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guidance {
    /// At the terminal.
    pub cashier: Said,
    /// The card's owner.
    pub cardholder: Said,
    /// The engineer on the telephone.
    pub support: Said,
}

/// One step of a trace, innermost first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The flow or function.
    pub flow: String,
    /// The last `step "…"` it passed.
    pub step: Option<String>,
    /// Where in the source; `None` if the bytecode's debug section was stripped.
    pub place: Option<Place>,
    /// Index of the function, for a stripped program.
    pub function: u16,
    /// Index of the instruction, for a stripped program.
    pub pc: u32,
    /// Names and values worth showing, already masked.
    pub shown: Vec<(String, String)>,
}

/// When and where it happened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// Milliseconds since 1970 on the terminal's clock.
    pub at_ms: i64,
    /// The terminal's number.
    pub terminal: String,
    /// SHA-256 of the program, hexadecimal.
    pub program: String,
    /// The last request the run had given out.
    pub request: u32,
}

/// A run ended in an error of the script, a device, the host link or the machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptError {
    /// `T….` ours, `E….` a script's.
    pub code: String,
    /// Name in CamelCase.
    pub name: String,
    /// Where it comes from.
    pub layer: Layer,
    /// The fact in one line.
    pub title: Said,
    /// What each person should do.
    pub guidance: Guidance,
    /// Named facts, masked.
    pub facts: Vec<(String, Said)>,
    /// Innermost first.
    pub trace: Vec<Frame>,
    /// What brought it about.
    pub cause: Option<Box<ScriptError>>,
    /// Field 39 of the last reply, if one came.
    pub response: Option<String>,
    /// What happened to the money.
    pub money: Money,
    /// How often it was tried.
    pub attempts: u32,
    /// Whether trying again can help.
    pub retry: Retry,
    /// When and where.
    pub circumstances: Circumstances,
}

/// The host or the issuer said no. Not an error of anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declined {
    /// Field 39.
    pub response: String,
    /// Its name in the dialect's table; empty for a code the table does not have.
    pub name: String,
    /// Its category's word.
    pub category: String,
    /// The catalogue's code for that category (`T21..`), for `till explain`.
    pub code: String,
    /// What it means.
    pub title: Said,
    /// What each person should do.
    pub guidance: Guidance,
    /// Where the flow ended with it.
    pub trace: Vec<Frame>,
    /// What happened to the money.
    pub money: Money,
    /// Whether trying again can help.
    pub retry: Retry,
    /// When and where.
    pub circumstances: Circumstances,
}

/// What a card made of the issuer's script (EMV templates 71 and 72). Does not undo a sale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IssuerScriptResult {
    /// 71 before, 72 after the second GENERATE AC.
    pub template: u8,
    /// Identifier (tag 9F18), zeros if the issuer sent none.
    pub identifier: [u8; 4],
    /// Not performed, failed at a command, or done. EMV 4.4 Book 3, 10.10; result nibble 0, 1, 2.
    pub result: IssuerScriptOutcome,
}

/// How an issuer script ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IssuerScriptOutcome {
    /// Nibble 0.
    NotPerformed,
    /// Nibble 1: failed at this command, 15 for any later one.
    FailedAt(u8),
    /// Nibble 2.
    Done,
}
