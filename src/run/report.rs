//! How a run ended, in words: what failed, where, what happened to the money, who does what now.

use crate::language::builtin::shapes::outcome;
use crate::language::bytecode::program::{ErrorRow, Program};
use crate::language::vm::failure::{Failure, FrameView};
use crate::language::vm::run::Run;
use crate::language::vm::value::Value;
use crate::payment::hex;
use crate::payment::iso8583::response::{Category, ResponseCode};
use crate::run::session::Session;
use crate::script_error::cardholder::money_first;
use crate::script_error::catalogue::{self, internal, issuer};
use crate::script_error::code::{Code, Fact, Layer, Retry};
use crate::script_error::error::{Circumstances, Declined, Frame, Guidance, Money, ScriptError};
use crate::script_error::fill::fill_said;
use crate::script_error::words::Said;
use crate::world::audit::books::Standing;

/// What came of a run.
#[derive(Clone, Debug, PartialEq)]
pub enum Result {
    /// The flow gave this value: nothing, `done`, or one of its own types.
    Done(Value),
    /// A sale stands.
    Approved(Value),
    /// The host said no.
    Declined(Box<Declined>),
    /// The cardholder or the cashier cancelled.
    Cancelled,
    /// A script error.
    Failed(Box<ScriptError>),
    /// The simulated power went at this point.
    PowerCut(Box<ScriptError>),
}

/// A run that is over.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// What came of it.
    pub result: Result,
    /// Where the money is: of several transactions, the state that must not be missed.
    pub money: Money,
    /// Each transaction that moved money or might have: trace number, and where its money is.
    pub transactions: Vec<(u32, Money)>,
    /// Reversals that wait in the journal.
    pub pending: usize,
    /// Instructions it took.
    pub executed: u64,
    /// How terminal and host stand to each other, after a run that moved money or might have.
    pub books: Option<Standing>,
}

/// The result of a run that finished.
pub(super) fn of_value(session: &Session<'_>, run: &Run, outcome_type: bool, value: Value) -> Result {
    if !outcome_type {
        return Result::Done(value);
    }
    let trace = || frames(&run.outcome_place(session.program));
    match value {
        Value::Variant { tag: outcome::APPROVED, payload } => {
            Result::Approved(payload.map_or(Value::Nothing, |txn| *txn))
        }
        Value::Variant { tag: outcome::DECLINED, payload } => {
            let code = match payload.as_deref() {
                Some(Value::Code(code)) => *code,
                _ => ResponseCode(*b"--"),
            };
            Result::Declined(Box::new(declined(session, code, trace())))
        }
        Value::Variant { tag: outcome::CANCELLED, .. } => Result::Cancelled,
        Value::Variant { tag: outcome::FAILED, payload } => {
            let (code, facts) = match payload.as_deref() {
                Some(Value::Error { code, facts }) => (code.clone(), facts.clone()),
                _ => (internal::INTERNAL_DEFECT.to_string(), Vec::new()),
            };
            let names = row(session.program, &code).map(|row| row.facts.clone()).unwrap_or_default();
            let facts = names
                .iter()
                .zip(facts)
                .map(|(name, fact)| (name.to_string(), Said::new(fact.as_str(), fact.as_str())))
                .collect();
            let error = error_of(session.program, &code, facts);
            Result::Failed(Box::new(finish(session, run, error, trace())))
        }
        other => Result::Done(other),
    }
}

/// The report of a failure, with the chain of what brought it about.
pub(super) fn of_failure(session: &Session<'_>, run: &Run, failure: &Failure) -> ScriptError {
    let mut error = of_one(session.program, failure);
    error = finish(session, run, error, frames(&failure.frames));
    // Causes are older than their errors, so the chain ends.
    let mut causes = Vec::new();
    let mut next = failure.cause;
    while let Some(cause) = next.and_then(|id| run.error(id)) {
        let mut report = of_one(session.program, cause);
        report.trace = frames(&cause.frames);
        causes.push(report);
        next = cause.cause;
    }
    let chain = causes.into_iter().rev().reduce(|inner, outer| outer.because_of(inner));
    match chain {
        Some(cause) => error.because_of(cause),
        None => error,
    }
}

/// An error of the session itself, such as a power cut, at the place the run had reached.
pub(super) fn of_code(session: &Session<'_>, run: &Run, code: Code, facts: Vec<(&'static str, Fact)>) -> ScriptError {
    let frames = frames(&run.frames(session.program));
    finish(session, run, ScriptError::of(code, facts), frames)
}

fn of_one(program: &Program, failure: &Failure) -> ScriptError {
    let facts = failure
        .facts
        .iter()
        .map(|fact| (fact.name.to_string(), Said::new(fact.zh.as_str(), fact.en.as_str())))
        .collect();
    error_of(program, &failure.code, facts)
}

/// The words of an error: ours out of the catalogue, a script's out of its program.
fn error_of(program: &Program, code: &str, facts: Vec<(String, Said)>) -> ScriptError {
    if let Some(found) = catalogue::find(code) {
        let named = found
            .facts
            .iter()
            .filter_map(|(name, _)| {
                let (_, said) = facts.iter().find(|(known, _)| known == name)?;
                Some((*name, Fact::Said(said.clone())))
            })
            .collect();
        return ScriptError::of(found.code, named);
    }
    let Some(ErrorRow { name, declared: Some(words), .. }) = row(program, code) else {
        return ScriptError::of(internal::INTERNAL_DEFECT, vec![("detail", Fact::Text(code.into()))]);
    };
    let filled =
        |pair: &(smol_str::SmolStr, smol_str::SmolStr)| fill_said(&Said::new(pair.0.as_str(), pair.1.as_str()), &facts);
    let layer = Layer::of_script(&words.layer).unwrap_or(Layer::Internal);
    ScriptError {
        code: code.to_string(),
        name: name.to_string(),
        layer,
        title: filled(&words.title),
        guidance: Guidance {
            cashier: filled(&words.cashier),
            cardholder: filled(&words.cardholder),
            support: filled(&words.support),
        },
        facts,
        trace: Vec::new(),
        cause: None,
        response: None,
        money: Money::NotMoved,
        attempts: 1,
        retry: Retry::AfterFix,
        circumstances: Circumstances::default(),
    }
}

/// What a declined transaction means: the dialect's table says, the category fills in.
fn declined(session: &Session<'_>, code: ResponseCode, trace: Vec<Frame>) -> Declined {
    let table = &session.program.codes;
    let known = table.row(code);
    let category = table.category(code);
    let page = match (known, category) {
        // A sign-in, a settlement or an upload that is refused is nobody's payment.
        (_, Category::Accept | Category::Capture | Category::Decline | Category::Retry | Category::Refer)
            if !session.asked_for_a_payment =>
        {
            issuer::REQUEST_REFUSED
        }
        (None, _) => issuer::UNKNOWN_RESPONSE,
        (_, Category::Capture) => issuer::CARD_TO_RETAIN,
        (_, Category::Rekey) => issuer::SIGN_IN_AGAIN,
        (_, Category::Retry) => issuer::TRY_LATER,
        (_, Category::Refer) => issuer::CALL_ISSUER,
        (_, Category::Accept | Category::Decline) => issuer::DECLINED,
    };
    let title = known.map_or_else(Said::default, |row| Said::new(row.zh.as_str(), row.en.as_str()));
    let cashier = known.map(|row| Said::new(row.cashier_zh.as_str(), row.cashier_en.as_str()));
    // Where the host is out of service, waiting helps a sign-in as it helps a payment.
    let cashier = match cashier {
        None => None,
        Some(said) if said.is_empty() && category == Category::Retry => {
            Some(ScriptError::of(issuer::TRY_LATER, Vec::new()).guidance.cashier)
        }
        said => said,
    };
    let mut declined = Declined::of(&code.to_string(), category.word(), title, cashier, page);
    declined.name = known.map(|row| row.name.clone()).unwrap_or_default();
    declined.trace = trace;
    if category == Category::Retry {
        declined.retry = Retry::Later;
    }
    declined.money = session.money();
    declined.guidance.cardholder = money_first(&declined.guidance.cardholder, declined.money);
    declined.circumstances = circumstances(session, 0);
    declined
}

fn finish(session: &Session<'_>, run: &Run, mut error: ScriptError, trace: Vec<Frame>) -> ScriptError {
    error.trace = trace;
    error.money = session.money();
    error.guidance.cardholder = money_first(&error.guidance.cardholder, error.money);
    error.attempts = session.attempts.max(1);
    error.response = session.response.clone();
    error.circumstances = circumstances(session, run.requests());
    error
}

fn circumstances(session: &Session<'_>, request: u32) -> Circumstances {
    Circumstances {
        at_ms: session.now_ms(),
        terminal: session.terminal(),
        program: hexadecimal(&session.program.hash),
        request,
    }
}

/// SHA-256 as people write it.
pub fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [hex::digit(byte >> 4), hex::digit(*byte)]);
    digits.map(|digit| char::from(digit.to_ascii_lowercase())).collect()
}

fn frames(views: &[FrameView]) -> Vec<Frame> {
    views
        .iter()
        .map(|view| Frame {
            flow: view.name.to_string(),
            step: view.step.clone(),
            place: view.place,
            function: view.function,
            pc: view.pc,
            shown: view.shown.iter().map(|(name, value)| (name.to_string(), value.clone())).collect(),
        })
        .collect()
}

fn row<'p>(program: &'p Program, code: &str) -> Option<&'p ErrorRow> {
    program.errors.iter().find(|row| row.code == code)
}
