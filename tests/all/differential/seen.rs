//! What can be seen of a run: requests, the end, and the way an error took.

use super::reference::evaluator::{Asked, Ended, Evaluator};
use super::reference::value::{Fault as Raised, Running};
use std::fmt::Write as _;
use std::rc::Rc;
use tillscript::language::vm::value::Value;

/// What one side did.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    /// Requests in order: what for, with what, where in the source.
    pub(super) asked: Vec<Asked>,
    /// How it ended.
    pub(super) finish: Finish,
    /// Where the last decline, cancellation or failure became an outcome.
    pub(super) outcome: Vec<Running>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Finish {
    /// With a value.
    Value(Value),
    /// With an error; behind it what it followed from.
    Failed(Vec<Fault>),
}

/// One error.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Fault {
    pub(super) code: String,
    pub(super) facts: Vec<(String, String, String)>,
    pub(super) frames: Vec<Running>,
}

/// What the reference did.
pub(super) fn of_reference(evaluator: Evaluator<'_, '_>, ended: Ended) -> Seen {
    let finish = match ended {
        Ended::Value(value) => Finish::Value(value),
        Ended::Failed(fault) => {
            let mut faults = Vec::new();
            let mut next: Option<Rc<Raised>> = Some(fault);
            while let Some(fault) = next {
                faults.push(Fault {
                    code: fault.code.clone(),
                    facts: fault.facts.clone(),
                    frames: fault.raised.frames.clone(),
                });
                next = fault.raised.cause.clone();
            }
            Finish::Failed(faults)
        }
    };
    Seen { asked: evaluator.asked, finish, outcome: evaluator.outcome }
}

/// Did the machine come to one of its own limits, which the reference has not?
pub(super) fn is_limit(seen: &Seen) -> bool {
    match &seen.finish {
        Finish::Failed(faults) => faults
            .first()
            .is_some_and(|fault| ["T8001", "T8002", "T8003", "T8004", "T8005"].contains(&fault.code.as_str())),
        Finish::Value(_) => false,
    }
}

/// Both sides, from a little before the first difference on.
pub(super) fn side_by_side(text: &str, machine: &Seen, reference: &Seen) -> String {
    let (left, right) = (lines(text, machine), lines(text, reference));
    let first = left.iter().zip(&right).position(|(one, other)| one != other).unwrap_or(left.len().min(right.len()));
    let mut page = String::new();
    for at in first.saturating_sub(3)..(first + 4).min(left.len().max(right.len())) {
        let line = |side: &[String]| side.get(at).cloned().unwrap_or_else(|| "(nothing more)".into());
        let mark = if left.get(at) == right.get(at) { " " } else { "≠" };
        let _ = writeln!(page, "{mark} machine   {}\n{mark} reference {}", line(&left), line(&right));
    }
    page
}

fn lines(text: &str, seen: &Seen) -> Vec<String> {
    let at = |place: (u16, u32, u32)| {
        let line = text.get(..place.1 as usize).map_or(0, |before| before.matches('\n').count() + 1);
        format!("file {} line {line} bytes {}..{}", place.0, place.1, place.2)
    };
    let mut lines: Vec<String> = seen
        .asked
        .iter()
        .map(|asked| format!("{} {:?} {}", asked.op.word(), asked.arguments, at(asked.place)))
        .collect();
    let frames = |frames: &[Running], lines: &mut Vec<String>| {
        for frame in frames {
            lines.push(format!("  in {} step {:?} {} {:?}", frame.name, frame.step, at(frame.place), frame.shown));
        }
    };
    match &seen.finish {
        Finish::Value(value) => lines.push(format!("gives {value:?}")),
        Finish::Failed(faults) => {
            for fault in faults {
                lines.push(format!("fails {} {:?}", fault.code, fault.facts));
                frames(&fault.frames, &mut lines);
            }
        }
    }
    lines.push("outcome at".into());
    frames(&seen.outcome, &mut lines);
    lines
}
