//! What a flow does with a message that is handed to it, as its callers have to know it.
//!
//! A flow is walked once by itself, and once for each message it is given, as if that were the request of a
//! `reversible` around the call. What a call does to a path is then read off: where the flow leaves the request as it
//! was, the path stays as it is; where it sent it, the path knows what the flow knows at that way out. A helper cannot
//! decide, so nothing else can happen to a path. Flows come after those they call, and each is summed up once.

use super::path::{Known, Path, Paths, Trail};
use super::region::What;
use super::step::{self, Step, Steps};
use super::walk::Raised;
use crate::language::check::checked::ErrorRef;
use crate::payment::iso8583::dialect::Mti;
use crate::script_error::catalogue::flow;
use crate::script_error::source::{FileId, Place, Span};
use smol_str::SmolStr;
use std::collections::BTreeMap;
use std::rc::Rc;

/// What is known of the request at a place, and how it came to that.
pub(super) type Reached = BTreeMap<Known, Steps>;

/// What a flow gives back.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Gives {
    /// Nothing so far, or `none`.
    #[default]
    Nothing,
    /// The reply to the request.
    Reply,
    /// Its response code.
    Code,
    /// What it was given as this parameter.
    Parameter(usize),
    /// A message that is written out.
    Message(Written),
    /// Something else, or now one thing and now another.
    Other,
}

impl Gives {
    /// What it gives if another way out gives this.
    pub(super) fn or(self, other: Gives) -> Gives {
        match (self, other) {
            (Gives::Nothing, other) => other,
            (known, Gives::Nothing) => known,
            (known, other) if known == other => known,
            _ => Gives::Other,
        }
    }
}

/// A message that is written out: its type, its field 3 where that is known, and where.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Written {
    /// Its type.
    pub(super) mti: Mti,
    /// Field 3.
    pub(super) processing: Option<SmolStr>,
    /// It carries an amount, and a trace number that is drawn anew each time; where that is drawn.
    pub(super) fresh: Option<Place>,
    /// The data in it of a card that may have been read by its chip.
    pub(super) chip: Option<Place>,
    /// Where it is written.
    pub(super) place: Place,
}

/// What a flow does, whoever calls it.
#[derive(Clone, Debug, Default)]
pub(super) struct Summary {
    /// Messages it is given and sends outside every `reversible` of its own, by parameter.
    pub(super) sends: BTreeMap<usize, Steps>,
    /// It sends a message of which nobody can say where it comes from.
    pub(super) unknown: Option<Steps>,
    /// It sends an amount under a trace number of its own, in a message that is never reversed: a refund, a notice.
    pub(super) books: Option<Steps>,
    /// Messages it is given and sends inside a `reversible` of its own that is about another, by parameter.
    pub(super) beside: BTreeMap<usize, Steps>,
    /// What it hands to the customer, by word, with what is known of the request there; `Unsent`: as at the call.
    pub(super) outputs: BTreeMap<(&'static str, Known), Steps>,
    /// It may show a chip the host's answer.
    pub(super) asks_chip: bool,
    /// What it gives back.
    pub(super) gives: Gives,
    /// What it does with the request of its caller, by the parameter it is given as.
    pub(super) with: BTreeMap<usize, Treatment>,
}

/// What a flow does with the request of its caller.
#[derive(Clone, Debug, Default)]
pub(super) struct Treatment {
    /// What is known behind the call.
    pub(super) returned: Reached,
    /// What is known behind it if it gives `none`.
    pub(super) none: Reached,
    /// What is known where an error leaves it.
    pub(super) raised: BTreeMap<ErrorRef, Reached>,
    /// The same for errors that are not known.
    pub(super) any: Reached,
    /// What it gives back.
    pub(super) gives: Gives,
    /// What it hands to the customer.
    pub(super) outputs: BTreeMap<(&'static str, Known), Steps>,
    /// It sends the request more than once.
    pub(super) again: Option<Steps>,
    /// It hands the request on where it cannot be followed.
    pub(super) hidden: Option<Steps>,
}

impl Treatment {
    /// Can the request leave in it?
    pub(super) fn sends(&self) -> bool {
        let raised = self.raised.values().flat_map(BTreeMap::keys);
        self.again.is_some()
            || self
                .returned
                .keys()
                .chain(self.none.keys())
                .chain(raised)
                .chain(self.any.keys())
                .any(|k| *k != Known::Unsent)
    }

    /// What can be known anywhere in it: limits are raised at any place.
    pub(super) fn anywhere(&self) -> Reached {
        let mut all = self.returned.clone();
        for reached in self.raised.values().chain([&self.none, &self.any]) {
            for (known, steps) in reached {
                all.entry(*known).or_insert_with(|| steps.clone());
            }
        }
        if let Some(steps) = all.iter().find(|(known, _)| **known != Known::Unsent).map(|(_, steps)| steps.clone()) {
            all.entry(Known::Answered).or_insert(steps);
        }
        all.entry(Known::Unsent).or_insert_with(|| Rc::from([]));
        all
    }
}

/// What was collected while a flow was walked with the request of its caller.
pub(super) struct Walked<'w> {
    /// Its file.
    pub(super) file: FileId,
    /// The paths behind it.
    pub(super) returned: &'w Paths,
    /// The paths behind it on which it may give `none`.
    pub(super) none: &'w Paths,
    /// What left it as an error.
    pub(super) raised: &'w Raised,
    /// What was found in it.
    pub(super) pending: &'w BTreeMap<(Span, crate::script_error::code::Code), super::region::Pending>,
}

impl Walked<'_> {
    /// The treatment that callers have to know.
    pub(super) fn treatment(&self, gives: Gives, outputs: BTreeMap<(&'static str, Known), Steps>) -> Treatment {
        let errors = self.raised.errors.iter();
        Treatment {
            returned: self.reached(self.returned),
            none: self.reached(self.none),
            raised: errors.map(|(error, paths)| (*error, self.reached(paths))).collect(),
            any: self.reached(&self.raised.any),
            gives,
            outputs,
            again: self.again(),
            hidden: self.hidden(),
        }
    }

    fn reached(&self, paths: &Paths) -> Reached {
        let mut reached = Reached::new();
        for (path, trail) in paths.each() {
            reached.entry(path.known).or_insert_with(|| self.steps(&trail));
        }
        reached
    }

    /// The places a path came by, for a caller who may live in another file.
    fn steps(&self, trail: &Trail) -> Steps {
        let mut steps: Vec<Step> = Vec::new();
        let place = |span: Span| Place { file: self.file, span };
        if let Some(sent) = trail.sent {
            match &trail.inside {
                Some(inside) => steps.extend(step::then(place(sent), step::CALLED, inside).iter()),
                None => steps.push(Step { place: place(sent), what: step::SENT }),
            }
        }
        let later = [(trail.retried, step::AGAIN), (trail.lost, step::LOST), (trail.judged, step::JUDGED)];
        for (span, what) in later {
            if let Some(span) = span {
                steps.push(Step { place: place(span), what });
            }
        }
        Rc::from(steps)
    }

    fn again(&self) -> Option<Steps> {
        self.pending.iter().find_map(|((span, code), pending)| {
            if *code != flow::SENT_AGAIN || matches!(pending.what, What::Another { .. }) {
                return None;
            }
            let (_, trail) = pending.paths.each().find(|(_, trail)| trail.sent.is_some())?;
            let again = Step { place: Place { file: self.file, span: *span }, what: step::AGAIN };
            let mut steps = self.steps(&Trail { retried: None, lost: None, judged: None, ..trail }).to_vec();
            steps.retain(|step| step.place != again.place);
            steps.push(again);
            Some(Rc::from(steps))
        })
    }

    fn hidden(&self) -> Option<Steps> {
        self.pending.iter().find_map(|((span, _), pending)| match &pending.what {
            What::Hidden { steps, .. } => Some(step::then(Place { file: self.file, span: *span }, step::CALLED, steps)),
            _ => None,
        })
    }
}

/// Paths behind a call that leaves its request so; `none`: did it give `none` instead of a reply, if it is one that may?
pub(super) fn behind(paths: &Paths, reached: &Reached, call: Span, none: Option<bool>) -> Paths {
    let mut behind = paths.none_of();
    for (path, trail) in paths.each() {
        let path = Path { none: none.unwrap_or(path.none), ..path };
        for (known, steps) in reached {
            if *known == Known::Unsent {
                behind.add(path, trail.clone());
                continue;
            }
            let first = trail.sent.is_none();
            let inside = if first { Some(steps.clone()) } else { trail.inside.clone() };
            let trail = Trail { sent: trail.sent.or(Some(call)), inside, ..trail.clone() };
            behind.add(Path { known: *known, ..path }, trail);
        }
    }
    behind
}
