//! The terminal's doctor: looks at everything a payment needs, and tells a line of verdict each. No money moves.
//!
//! What can be looked at is a row of `builtin::doctor`, or a layer of `host`. A failed check is no error of a script: the
//! script is told, and goes on.

mod books;
mod equipment;
mod host;

use crate::language::builtin::doctor::Probe;
use crate::language::builtin::row::Op;
use crate::language::vm::value::Value;
use crate::run::devices::Stop;
use crate::run::happening::{Happening, Sentence};
use crate::run::session::Session;
use crate::run::wire::misused;
use crate::script_error::error::ScriptError;
use crate::script_error::words::{Said, Words};
use crate::world::port::failure::Failure;
use serde::{Deserialize, Serialize};

/// What became of one check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// As it should be.
    Ok,
    /// The terminal works, and somebody should look after it soon.
    Warning,
    /// The terminal cannot work so.
    Failed,
    /// Nobody can say from here.
    NotChecked,
}

impl Verdict {
    /// The word in JSON.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Ok => "ok",
            Verdict::Warning => "warning",
            Verdict::Failed => "failed",
            Verdict::NotChecked => "not_checked",
        }
    }

    /// What a page says.
    pub fn name(self) -> Words {
        match self {
            Verdict::Ok => Words { zh: "正常", en: "ok" },
            Verdict::Warning => Words { zh: "警告", en: "warning" },
            Verdict::Failed => Words { zh: "不合格", en: "FAILED" },
            Verdict::NotChecked => Words { zh: "没有查", en: "not checked" },
        }
    }
}

/// One line of verdict, as it is shown, traced and written as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checked {
    /// What was looked at: a word of `Probe` or of the host's layers.
    pub check: String,
    /// What a page calls it.
    pub name: Sentence,
    /// What became of it.
    pub verdict: Verdict,
    /// What was found; why not, where it was not checked.
    pub found: Sentence,
    /// The code of the catalogue, unless it is as it should be.
    pub code: Option<String>,
    /// What the cashier should do.
    pub cashier: Option<Sentence>,
    /// What the engineer on the telephone should do.
    pub support: Option<Sentence>,
}

/// What the doctor knows of a session beside its ports.
#[derive(Clone, Debug, Default)]
pub struct Examination {
    /// Why the terminal's own journal could not be opened; the session then works on an empty one in memory.
    pub unopened: Option<Failure>,
    /// How many checks of this run have failed.
    pub failed: u32,
}

/// What was found at one place.
#[derive(Clone, Debug)]
struct Finding {
    verdict: Verdict,
    /// In the place of the title of `failure`.
    found: Option<Said>,
    failure: Option<Failure>,
}

impl Finding {
    fn ok(zh: impl Into<String>, en: impl Into<String>) -> Finding {
        Finding { verdict: Verdict::Ok, found: Some(Said::new(zh, en)), failure: None }
    }

    fn not_checked(zh: impl Into<String>, en: impl Into<String>) -> Finding {
        Finding { verdict: Verdict::NotChecked, found: Some(Said::new(zh, en)), failure: None }
    }

    fn failed(failure: Failure) -> Finding {
        Finding { verdict: Verdict::Failed, found: None, failure: Some(failure) }
    }

    fn warning(failure: Failure) -> Finding {
        Finding { verdict: Verdict::Warning, found: None, failure: Some(failure) }
    }

    /// With these words in the place of the code's title.
    fn saying(self, found: Said) -> Finding {
        Finding { found: Some(found), ..self }
    }

    /// `Ok` with these words, or failed.
    fn of(result: Result<(), Failure>, zh: &str, en: &str) -> Finding {
        match result {
            Ok(()) => Finding::ok(zh, en),
            Err(failure) => Finding::failed(failure),
        }
    }

    /// As bad as a warning at most: something else stands in.
    fn softened(mut self) -> Finding {
        if self.verdict == Verdict::Failed {
            self.verdict = Verdict::Warning;
        }
        self
    }

    fn is_ok(&self) -> bool {
        self.verdict == Verdict::Ok
    }
}

/// Answers one request. Arguments come in the order of the builtin's row.
pub(super) fn answer(session: &mut Session<'_>, op: Op, arguments: &[Value]) -> Result<Value, Stop> {
    match (op, arguments) {
        (Op::DoctorCheck, [Value::Variant { tag, payload }]) => {
            let Some(probe) = Probe::from_tag(*tag) else { return Err(misused("there is no such probe").into()) };
            let found = look(session, probe, payload.as_deref())?;
            Ok(Value::Bool(tell(session, probe.word(), probe.name(), found)))
        }
        (Op::DoctorAskHost, [Value::Int(within)]) => Ok(Value::Bool(host::ask(session, *within))),
        (Op::DoctorFailed, []) => Ok(Value::Int(i64::from(session.examination.failed))),
        _ => Err(misused(op.word()).into()),
    }
}

/// Looks at one thing.
fn look(session: &mut Session<'_>, probe: Probe, limit: Option<&Value>) -> Result<Finding, Stop> {
    let number = || match limit {
        Some(Value::Int(number)) => Ok(*number),
        _ => Err(misused("a probe lacks its limit")),
    };
    if let Some(failure) = &session.examination.unopened
        && let Some(found) = books::without_a_journal(probe, failure)
    {
        return Ok(found);
    }
    let ports = &mut session.ports;
    Ok(match probe {
        Probe::Printing => equipment::printing(ports),
        Probe::CardReader => equipment::card_reader(ports),
        Probe::PinPad => equipment::pin_pad(ports),
        Probe::SerialNumber => equipment::serial_number(ports),
        Probe::Power => equipment::power(ports, number()?),
        Probe::TimeOfDay => equipment::time_of_day(ports),
        Probe::Software => match limit {
            Some(Value::Text(needed)) => equipment::software(ports, needed),
            _ => return Err(misused("a probe lacks its version").into()),
        },
        Probe::MasterKey => equipment::master_key(ports),
        Probe::WorkKeys => equipment::work_keys(ports),
        Probe::Storage => books::storage(ports),
        Probe::SignedIn => books::signed_in(ports),
        Probe::JournalChain => books::journal_chain(ports),
        Probe::WaitingReversals => books::waiting_reversals(ports),
        Probe::WaitingResults => books::waiting_notices(ports, true),
        Probe::WaitingNotices => books::waiting_notices(ports, false),
        Probe::OpenSettlement => books::open_settlement(ports),
        Probe::BatchAge => books::batch_age(ports),
        Probe::BatchRoom => books::batch_room(ports, number()?),
    })
}

/// Tells the verdict; false if the check failed.
fn tell(session: &mut Session<'_>, check: &str, name: Words, finding: Finding) -> bool {
    let error = finding.failure.map(|failure| ScriptError::of(failure.code, failure.facts));
    let title = || error.as_ref().map(|error| error.title.clone()).unwrap_or_default();
    let found = finding.found.unwrap_or_else(title);
    let passed = finding.verdict != Verdict::Failed;
    session.examination.failed += u32::from(!passed);
    session.happen(Happening::Checked(Box::new(Checked {
        check: check.to_owned(),
        name: Sentence { zh: name.zh.to_owned(), en: name.en.to_owned() },
        verdict: finding.verdict,
        found: Sentence::from(&found),
        cashier: error.as_ref().map(|error| Sentence::from(&error.guidance.cashier)),
        support: error.as_ref().map(|error| Sentence::from(&error.guidance.support)),
        code: error.map(|error| error.code),
    })));
    passed
}
