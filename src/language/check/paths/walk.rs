//! One body while its paths are followed: forward, statement by statement.

use super::path::{Decided, Known, Path, Paths, Trail};
use super::region::{Pending, Region, What};
use crate::language::check::body::UnitFacts;
use crate::language::check::checked::{ErrorRef, LocalId, Meaning};
use crate::language::check::declarations::Declarations;
use crate::language::syntax::tree::{Block, Expression};
use crate::payment::iso8583::dialect::Mti;
use crate::script_error::code::Code;
use crate::script_error::finding::Finding;
use crate::script_error::source::{FileId, Place, Span};
use smol_str::SmolStr;
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
    /// Messages that names stand for: type and field 3.
    pub(super) messages: BTreeMap<LocalId, (Mti, Option<SmolStr>)>,
    /// Names that are another name for a message.
    pub(super) aliases: BTreeMap<LocalId, LocalId>,
    /// Names that hold the reply to the request.
    pub(super) replies: BTreeSet<LocalId>,
    /// Names that hold its response code.
    pub(super) codes: BTreeSet<LocalId>,
    /// Places outside a `reversible` that were told of already.
    pub(super) said: BTreeSet<Span>,
}

/// Errors raised inside a call with handlers, and on which paths.
#[derive(Debug, Default)]
pub(super) struct Raised {
    /// By error.
    pub(super) errors: BTreeMap<ErrorRef, Paths>,
    /// With an error that is not known.
    pub(super) any: Paths,
}

impl Raised {
    /// Takes in what was raised elsewhere.
    pub(super) fn join(&mut self, other: &Raised) {
        for (error, paths) in &other.errors {
            self.errors.entry(*error).or_default().join(paths);
        }
        self.any.join(&other.any);
    }
}

impl<'w> Walk<'w> {
    /// A body that nothing is known of yet.
    pub(super) fn new(
        all: &'w Declarations<'w>,
        facts: &'w UnitFacts,
        file: FileId,
        errors: &'w [(u16, u32)],
        findings: &'w mut Vec<Finding>,
    ) -> Walk<'w> {
        Walk {
            all,
            facts,
            file,
            errors,
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
            said: BTreeSet::new(),
        }
    }

    /// Walks a whole body. Outside every `reversible` there is no path to follow.
    pub(super) fn function(&mut self, body: &Block) {
        self.block(body, Paths::default());
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
