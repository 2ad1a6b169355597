//! The terminal is started again with every fault mended, until all is quiet; then the books are compared.

use super::bench::{Bench, Use, Watch};
use super::plan::Plan;
use crate::run::happening::Happening;
use crate::run::report::Result as RunResult;
use crate::script_error::error::ScriptError;
use crate::world::audit::books::Books;
use crate::world::audit::compare::audit;
use crate::world::audit::violation::{Violation, Wrong};
use crate::world::crash::outside::{Outside, Stand};
use crate::world::host::ledger::Standing;
use crate::world::port::failure::Failure;
use crate::world::port::journal::JournalState;

/// How often the terminal is started before a reversal that still waits counts as stuck.
const STARTS: u32 = 3;
/// Messages of a recovery: so many for each reversal, and a few more.
const MESSAGES_EACH: u32 = 3;
const MESSAGES_MORE: u32 = 5;

/// What became of the money, as the host and the terminal have it in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// No message that moves money has reached the host.
    Nothing,
    /// The host said no.
    Declined,
    /// It was taken back.
    Reversed,
    /// It stands on both sides.
    Stands,
    /// Terminal and host do not agree.
    Wrong,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Outcome; 5] =
        [Outcome::Nothing, Outcome::Declined, Outcome::Reversed, Outcome::Stands, Outcome::Wrong];

    /// As tables write it.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Nothing => "nothing",
            Outcome::Declined => "declined",
            Outcome::Reversed => "reversed",
            Outcome::Stands => "stands",
            Outcome::Wrong => "wrong",
        }
    }
}

/// What came of a recovery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What is wrong.
    pub violations: Vec<Violation>,
    /// Where the money is.
    pub outcome: Outcome,
    /// Messages that were needed.
    pub messages: u32,
}

/// What the books of a bench say that is wrong.
pub fn audited(stand: &Stand) -> Vec<Violation> {
    stand.simulation.look(|stage| {
        audit(Books {
            journal: stand.simulation.ports.journal.state(),
            ledger: &stage.acquirer.ledger,
            paper: Some(&stage.paper.slips),
            line: Some(&stage.line),
            chip_declined: Some(&stage.chip_declined),
        })
    })
}

/// As `recover`, on the next day.
pub fn recover_tomorrow(bench: &mut Bench<'_, '_>, outside: &Outside) -> Verdict {
    let tomorrow = Outside { now_ms: outside.now_ms + DAY_MS, ..outside.clone() };
    recover(bench, &tomorrow, false)
}

const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Recovers from a world as it was left, to quiescence.
///
/// With `next`, the subject is run once more afterwards: a terminal that is at peace and cannot sell is no good either.
pub fn recover(bench: &mut Bench<'_, '_>, outside: &Outside, next: bool) -> Verdict {
    match bench.enter(outside, &Plan::default(), Watch::Count) {
        Ok(mut terminal) => quiet(&mut terminal, next, &mut |_| {}),
        Err(failure) => unreadable(failure),
    }
}

/// A terminal that cannot even be started.
pub fn unreadable(failure: Failure) -> Verdict {
    let error = ScriptError::of(failure.code, failure.facts);
    let detail = format!("{}: {}", error.code, error.title.en);
    Verdict { violations: vec![Violation::of(Wrong::Unreadable, detail)], outcome: Outcome::Wrong, messages: 0 }
}

/// Sends what waits, lets arrive what is still on the line, and compares.
pub fn quiet(terminal: &mut Use<'_, '_, '_>, next: bool, seen: &mut dyn FnMut(&Happening)) -> Verdict {
    let before = terminal.messages();
    let waits = |state: &JournalState| state.waiting().count();
    let waiting = terminal.stand().map_or(0, |stand| waits(stand.simulation.ports.journal.state()) as u32);
    let mut signed_in = false;
    for start in 0..STARTS {
        // A host that has other keys by now refuses every reversal until somebody signs the terminal in.
        if start + 1 == STARTS {
            terminal.sign_in();
        }
        let left = terminal.session(seen, |session| {
            session.restart();
            signed_in = session.ports.journal.state().signed_in;
            waits(session.ports.journal.state())
        });
        if left == Some(0) {
            break;
        }
    }
    let messages = terminal.messages() - before;
    let Some(stand) = terminal.stand() else { return nothing() };
    stand.let_everything_arrive();
    let mut violations = audited(stand);
    if messages > MESSAGES_EACH * waiting + MESSAGES_MORE {
        violations.push(Violation::of(Wrong::Restless, format!("{messages}")));
    }
    let outcome = outcome(stand, violations.is_empty());
    if next && violations.is_empty() && signed_in {
        stand.use_begins();
        let ended = terminal.run(&mut |_| {});
        if let Some(RunResult::Failed(error)) = ended.as_ref().map(|ended| &ended.result) {
            violations.push(Violation::of(Wrong::Unusable, format!("{}: {}", error.code, error.title.en)));
        }
        // What this run has kept for later goes out with the next start.
        terminal.session(seen, |session| session.restart());
        if let Some(stand) = terminal.stand() {
            stand.let_everything_arrive();
            violations.extend(audited(stand));
            violations.sort();
            violations.dedup();
        }
    }
    Verdict { violations, outcome, messages }
}

fn nothing() -> Verdict {
    Verdict { violations: Vec::new(), outcome: Outcome::Nothing, messages: 0 }
}

fn outcome(stand: &Stand, is_right: bool) -> Outcome {
    if !is_right {
        return Outcome::Wrong;
    }
    stand.simulation.look(|stage| {
        let ledger = &stage.acquirer.ledger;
        let stands = ledger.authorisations.iter().any(|seen| seen.standing != Standing::Reversed && seen.taken != 0);
        match (stands, ledger.taken_back() > 0, ledger.declined.is_empty()) {
            (true, ..) => Outcome::Stands,
            (false, true, _) => Outcome::Reversed,
            (false, false, false) => Outcome::Declined,
            (false, false, true) => Outcome::Nothing,
        }
    })
}
