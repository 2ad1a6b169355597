//! One body while its paths are followed: forward, statement by statement.

use super::path::{Decided, Known, Path, Paths, Trail};
use super::region::{Pending, Region, What};
use super::step::Steps;
use super::summary::{Gives, Summary, Treatment, Walked, Written};
use crate::language::check::body::UnitFacts;
use crate::language::check::checked::{ErrorRef, FunctionId, LocalId, Meaning};
use crate::language::check::declarations::Declarations;
use crate::language::syntax::tree::{Block, Expression};
use crate::script_error::code::Code;
use crate::script_error::finding::Finding;
use crate::script_error::source::{FileId, Place, Span};
use std::collections::{BTreeMap, BTreeSet};

/// How deep one expression may lie in another; the checker reports deeper ones.
pub(super) const DEPTH_MAX: usize = 300;

/// A body while it is walked.
pub(super) struct Walk<'w> {
    /// The program's declarations.
    pub(super) all: &'w Declarations<'w>,
    /// What the file means.
    pub(super) facts: &'w UnitFacts,
    /// The file.
    pub(super) file: FileId,
    /// The locals of the parameters, in order.
    pub(super) parameters: &'w [LocalId],
    /// What is known of the flows that were walked before.
    pub(super) known: &'w BTreeMap<FunctionId, Summary>,
    /// Where errors were found, sorted.
    pub(super) errors: &'w [(u16, u32)],
    /// Where findings go.
    pub(super) findings: &'w mut Vec<Finding>,
    /// The `reversible` around.
    pub(super) region: Option<Region>,
    /// For each loop around, the paths that broke out of it.
    pub(super) loops: Vec<Paths>,
    /// What each loop was found to do, by where it starts: the paths that entered and those that left. A loop is
    /// walked again only for paths it has not seen, so that loops in loops stay cheap: each at most once for every
    /// member of the lattice. Both sets only grow, so nothing that an earlier walk found is lost.
    pub(super) seen: BTreeMap<u32, (Paths, Paths)>,
    /// For each call with handlers around, what was raised in it.
    pub(super) guards: Vec<Raised>,
    /// The handler around that was entered without knowing what the host did.
    pub(super) blind: Option<Span>,
    /// How many blocks are around.
    pub(super) blocks: usize,
    /// How deep the expression is that is being walked.
    pub(super) depth: usize,
    /// Messages that names stand for.
    pub(super) messages: BTreeMap<LocalId, Written>,
    /// Names that are another name for a message.
    pub(super) aliases: BTreeMap<LocalId, LocalId>,
    /// Names that hold the reply to the request.
    pub(super) replies: BTreeSet<LocalId>,
    /// Names that hold its response code.
    pub(super) codes: BTreeSet<LocalId>,
    /// Names that hold a trace number drawn in this body, and where.
    pub(super) numbers: BTreeMap<LocalId, Span>,
    /// Names that hold a card read in this body: may it have been by its chip?
    pub(super) cards: BTreeMap<LocalId, bool>,
    /// A card that was handed in may have been read by its chip.
    pub(super) given_chips: bool,
    /// Where the body of each `repeat` around begins.
    pub(super) repeats: Vec<u32>,
    /// Places outside a `reversible` that were told of already.
    pub(super) said: BTreeSet<Span>,
    /// The request is one that a caller handed in, so the region is the caller's.
    pub(super) handed: bool,
    /// What callers have to know.
    pub(super) summary: Summary,
    /// The paths that left by `return` or at the end.
    pub(super) returned: Paths,
    /// Those among them that may have given `none`.
    pub(super) returned_none: Paths,
    /// Calls that give a reply, but not for certain the one to the request; and the flow.
    pub(super) strangers: BTreeMap<Span, String>,
    /// The calls that give the reply or `none`. With more than one, nobody knows whose `none` a name holds.
    pub(super) optional: BTreeSet<Span>,
}

/// What a walk needs to know before it begins.
#[derive(Clone, Copy)]
pub(super) struct Start<'w> {
    /// The program's declarations.
    pub(super) all: &'w Declarations<'w>,
    /// What the file means.
    pub(super) facts: &'w UnitFacts,
    /// The file.
    pub(super) file: FileId,
    /// The locals of the parameters, in order.
    pub(super) parameters: &'w [LocalId],
    /// What is known of the flows that were walked before.
    pub(super) known: &'w BTreeMap<FunctionId, Summary>,
    /// Where errors were found, sorted.
    pub(super) errors: &'w [(u16, u32)],
    /// A card that is handed in may have been read by its chip.
    pub(super) given_chips: bool,
}

/// Errors raised inside a call with handlers, and on which paths.
#[derive(Debug, Default)]
pub(super) struct Raised {
    /// By error.
    pub(super) errors: BTreeMap<ErrorRef, Paths>,
    /// With an error that is not known.
    pub(super) any: Paths,
    /// With a limit: those can be reached at any place.
    pub(super) limits: Paths,
}

impl Raised {
    /// Takes in what was raised elsewhere.
    pub(super) fn join(&mut self, other: &Raised) {
        for (error, paths) in &other.errors {
            self.errors.entry(*error).or_default().join(paths);
        }
        self.any.join(&other.any);
        self.limits.join(&other.limits);
    }
}

impl<'w> Walk<'w> {
    /// A body that nothing is known of yet.
    pub(super) fn new(start: Start<'w>, findings: &'w mut Vec<Finding>) -> Walk<'w> {
        Walk {
            all: start.all,
            facts: start.facts,
            file: start.file,
            parameters: start.parameters,
            known: start.known,
            errors: start.errors,
            findings,
            region: None,
            loops: Vec::new(),
            seen: BTreeMap::new(),
            guards: Vec::new(),
            blind: None,
            blocks: 0,
            depth: 0,
            messages: BTreeMap::new(),
            aliases: BTreeMap::new(),
            replies: BTreeSet::new(),
            codes: BTreeSet::new(),
            numbers: BTreeMap::new(),
            cards: BTreeMap::new(),
            given_chips: start.given_chips,
            repeats: Vec::new(),
            said: BTreeSet::new(),
            handed: false,
            summary: Summary::default(),
            returned: Paths::default(),
            returned_none: Paths::default(),
            strangers: BTreeMap::new(),
            optional: BTreeSet::new(),
        }
    }

    /// Walks a whole body. Outside every `reversible` there is no path to follow.
    pub(super) fn function(mut self, body: &Block) -> Summary {
        self.block(body, Paths::default());
        self.summary
    }

    /// Walks a whole body as if a message that is handed in were the request of a `reversible` around the call.
    pub(super) fn with_request(mut self, body: &Block, request: LocalId) -> Treatment {
        self.handed = true;
        self.region = Some(Region {
            head: body.span,
            request: Some(request),
            chip: None,
            loops: 0,
            decisions: BTreeMap::new(),
            pending: BTreeMap::new(),
            unknown: false,
        });
        self.guards.push(Raised::default());
        let end = self.block(body, Paths::entered());
        self.returned.join(&end);
        let raised = self.guards.pop().unwrap_or_default();
        let pending = self.region.take().map(|region| region.pending).unwrap_or_default();
        let walked = Walked {
            file: self.file,
            returned: &self.returned,
            none: &self.returned_none,
            raised: &raised,
            pending: &pending,
        };
        let gives = std::mem::take(&mut self.summary.gives);
        walked.treatment(gives, std::mem::take(&mut self.summary.outputs))
    }

    /// Notes what a way out gives back.
    pub(super) fn gives(&mut self, gives: Gives) {
        let before = std::mem::take(&mut self.summary.gives);
        self.summary.gives = before.or(gives);
    }

    /// Notes that the customer gets something.
    pub(super) fn hands_out(&mut self, word: &'static str, known: Known, steps: Steps) {
        self.summary.outputs.entry((word, known)).or_insert(steps);
    }

    /// A span of this file.
    pub(super) fn place(&self, span: Span) -> Place {
        Place { file: self.file, span }
    }

    /// What an expression means.
    pub(super) fn meaning(&self, expression: &Expression) -> Option<&'w Meaning> {
        self.facts.meanings.get(expression.id.0 as usize)
    }

    /// The local an expression is, seen through other names for it.
    pub(super) fn local(&self, expression: &Expression) -> Option<LocalId> {
        match self.meaning(expression) {
            Some(Meaning::Local(id)) => Some(self.aliases.get(id).copied().unwrap_or(*id)),
            _ => None,
        }
    }

    /// The local that a name at this byte declares or sets.
    pub(super) fn declared(&self, start: u32) -> Option<LocalId> {
        self.facts.declared.get(&start).copied()
    }

    /// Keeps something to tell until all paths of the region are known.
    pub(super) fn pend(&mut self, code: Code, span: Span, what: What, paths: &Paths) {
        let blocks = self.blocks;
        if let Some(region) = &mut self.region {
            let known = region.pending.entry((span, code));
            known.or_insert_with(|| Pending { what, paths: Paths::default(), blocks }).paths.join(paths);
        }
    }

    /// Notes that an error may be raised on these paths.
    pub(super) fn raise(&mut self, error: ErrorRef, paths: &Paths) {
        if let Some(guard) = self.guards.last_mut() {
            guard.errors.entry(error).or_default().join(paths);
        }
    }

    /// Notes that a limit may be reached on these paths.
    pub(super) fn raise_limits(&mut self, paths: &Paths) {
        if let Some(guard) = self.guards.last_mut() {
            guard.limits.join(paths);
        }
    }

    /// Notes that an error may be raised that is not known here.
    pub(super) fn raise_any(&mut self, paths: &Paths) {
        if let Some(guard) = self.guards.last_mut() {
            guard.any.join(paths);
        }
    }
}

/// Paths after a decision. A path that had decided keeps its decision: it was told of.
pub(super) fn decide(paths: &Paths, decided: Decided, span: Span) -> Paths {
    paths.moved(|path, trail| match path.decided {
        Decided::Nothing => (Path { decided, ..path }, Trail { decided: Some(span), ..trail }),
        _ => (path, trail),
    })
}

/// Paths after the request left; those on which it had left keep what they know.
pub(super) fn send(paths: &Paths, known: Known, span: Span) -> Paths {
    paths.moved(|path, trail| match path.known {
        Known::Unsent => (Path { known, ..path }, Trail { sent: Some(span), ..trail }),
        _ => (path, trail),
    })
}
