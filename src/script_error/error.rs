//! One script error: code, place, facts, trace, and what happened to the money.

use super::catalogue;
use super::code::{Code, Fact, Help, Layer, Retry, Row};
use super::fill::{fill, said};
use super::source::Place;
use super::words::{Said, Words};

/// What happened to the money. Worked out from the journal, never written by a script's author.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Money {
    /// Nothing was taken.
    NotMoved,
    /// The sale stands.
    Moved,
    /// A void stands: what the cardholder had paid is taken back.
    TakenBack,
    /// A refund stands: the cardholder is paid.
    Credited,
    /// A pre-authorisation stands: money is kept aside.
    Held,
    /// It was taken and has been given back; the host confirmed.
    Reversed,
    /// A reversal waits in the journal and goes out before the next financial request.
    ReversalQueued,
}

impl Money {
    /// All, from the harmless to the open.
    pub const ALL: [Money; 7] = [
        Money::NotMoved,
        Money::Moved,
        Money::TakenBack,
        Money::Credited,
        Money::Held,
        Money::Reversed,
        Money::ReversalQueued,
    ];
    /// One for each of the four words.
    pub const WORDS: [Money; 4] = [Money::NotMoved, Money::Moved, Money::Reversed, Money::ReversalQueued];

    /// The word in JSON: one of four. Which way money moved is said to people only.
    pub fn word(self) -> &'static str {
        match self {
            Money::NotMoved => "not_moved",
            Money::Moved | Money::TakenBack | Money::Credited | Money::Held => "moved",
            Money::Reversed => "reversed",
            Money::ReversalQueued => "reversal_queued",
        }
    }

    /// The reverse of `word`.
    pub fn parse(word: &str) -> Option<Money> {
        Money::WORDS.into_iter().find(|money| money.word() == word)
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

impl ScriptError {
    /// An error of the catalogue: its sentences filled with these facts, nothing moved, no trace yet.
    ///
    /// A code without a row counts as our own defect, since only this program makes codes.
    pub fn of(code: Code, facts: Vec<(&'static str, Fact)>) -> ScriptError {
        let Some(row) = catalogue::row(code) else {
            return ScriptError::of(
                catalogue::internal::INTERNAL_DEFECT,
                vec![("detail", Fact::Text(code.to_string()))],
            );
        };
        let (guidance, retry) = guidance_of(row, &facts);
        ScriptError {
            code: code.to_string(),
            name: row.name.to_string(),
            layer: row.layer,
            title: fill(row.title, &facts),
            guidance,
            facts: facts.iter().map(|(name, fact)| (name.to_string(), said(fact))).collect(),
            trace: Vec::new(),
            cause: None,
            response: None,
            money: Money::NotMoved,
            attempts: 1,
            retry,
            circumstances: Circumstances::default(),
        }
    }

    /// With the frame it happened in added at the outer end of the trace.
    pub fn called_from(mut self, frame: Frame) -> ScriptError {
        self.trace.push(frame);
        self
    }

    /// With what brought it about.
    pub fn because_of(mut self, cause: ScriptError) -> ScriptError {
        self.cause = Some(Box::new(cause));
        self
    }

    /// With field 39 of the last reply.
    pub fn answered(mut self, response: impl Into<String>) -> ScriptError {
        self.response = Some(response.into());
        self
    }

    /// With what happened to the money.
    pub fn with_money(mut self, money: Money) -> ScriptError {
        self.money = money;
        self
    }

    /// With how often it was tried.
    pub fn after_attempts(mut self, attempts: u32) -> ScriptError {
        self.attempts = attempts;
        self
    }

    /// With when and where it happened.
    pub fn under(mut self, circumstances: Circumstances) -> ScriptError {
        self.circumstances = circumstances;
        self
    }
}

impl Declined {
    /// What the host answered: field 39, the category's word, what it means, and what the cashier should do
    /// where the dialect says so; the rest of the guidance is the row's of `code` (`T21..`).
    pub fn of(response: &str, category: &str, title: Said, cashier: Option<Said>, code: Code) -> Declined {
        let row = catalogue::row(code).unwrap_or(&catalogue::issuer::ROWS[0]);
        let facts = [("code", Fact::Text(response.to_string()))];
        let (mut guidance, retry) = guidance_of(row, &facts);
        if let Some(cashier) = cashier.filter(|cashier| !cashier.is_empty()) {
            guidance.cashier = cashier;
        }
        Declined {
            response: response.to_string(),
            name: String::new(),
            category: category.to_string(),
            code: row.code.to_string(),
            title: if title.is_empty() { fill(row.title, &facts) } else { title },
            guidance,
            trace: Vec::new(),
            money: Money::NotMoved,
            retry,
            circumstances: Circumstances::default(),
        }
    }
}

/// A program that cannot run is the author's to mend; whoever stands at the terminal can only call.
const CALL_SUPPORT: Words = Words { zh: "请联系技术支持。", en: "Call support." };
const NOT_READY: Words =
    Words { zh: "终端尚未就绪，请稍候。", en: "The terminal is not ready. Please wait." };

fn guidance_of(row: &Row, facts: &[(&'static str, Fact)]) -> (Guidance, Retry) {
    match row.help {
        Help::People { cashier, cardholder, support, retry } => (
            Guidance {
                cashier: fill(cashier, facts),
                cardholder: fill(cardholder, facts),
                support: fill(support, facts),
            },
            retry,
        ),
        Help::Author { fix } => (
            Guidance { cashier: CALL_SUPPORT.into(), cardholder: NOT_READY.into(), support: fill(fix, facts) },
            Retry::AfterFix,
        ),
    }
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
