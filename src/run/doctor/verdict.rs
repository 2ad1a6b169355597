//! A line of verdict: what was found at one place, and how it is told.

use crate::run::happening::{Happening, Sentence};
use crate::run::session::Session;
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

/// What was found at one place.
#[derive(Clone, Debug)]
pub(super) struct Finding {
    pub(super) verdict: Verdict,
    /// In the place of the title of `failure`.
    pub(super) found: Option<Said>,
    pub(super) failure: Option<Failure>,
}

impl Finding {
    pub(super) fn ok(zh: impl Into<String>, en: impl Into<String>) -> Finding {
        Finding { verdict: Verdict::Ok, found: Some(Said::new(zh, en)), failure: None }
    }

    pub(super) fn not_checked(zh: impl Into<String>, en: impl Into<String>) -> Finding {
        Finding { verdict: Verdict::NotChecked, found: Some(Said::new(zh, en)), failure: None }
    }

    pub(super) fn failed(failure: Failure) -> Finding {
        Finding { verdict: Verdict::Failed, found: None, failure: Some(failure) }
    }

    pub(super) fn warning(failure: Failure) -> Finding {
        Finding { verdict: Verdict::Warning, found: None, failure: Some(failure) }
    }

    /// With these words in the place of the code's title.
    pub(super) fn saying(self, found: Said) -> Finding {
        Finding { found: Some(found), ..self }
    }

    /// `Ok` with these words, or failed.
    pub(super) fn of(result: Result<(), Failure>, zh: &str, en: &str) -> Finding {
        match result {
            Ok(()) => Finding::ok(zh, en),
            Err(failure) => Finding::failed(failure),
        }
    }

    /// As bad as a warning at most: something else stands in.
    pub(super) fn softened(mut self) -> Finding {
        if self.verdict == Verdict::Failed {
            self.verdict = Verdict::Warning;
        }
        self
    }

    pub(super) fn is_ok(&self) -> bool {
        self.verdict == Verdict::Ok
    }
}

/// Tells the verdict; false if the check failed.
pub(super) fn tell(session: &mut Session<'_>, check: &str, name: Words, finding: Finding) -> bool {
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
