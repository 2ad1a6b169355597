//! Statements: where paths go on, part, meet and leave.

use super::message::Source;
use super::path::{Decided, Known, Path, Paths};
use super::program::is_broken;
use super::region::{Region, What};
use super::walk::{self, Walk};
use crate::language::builtin::shapes;
use crate::language::check::checked::{ErrorRef, LocalId, Meaning, Target};
use crate::language::check::constant;
use crate::language::syntax::tree::{
    Arm, Block, Expression, ExpressionKind, Statement, StatementKind, StringLiteral, StringPart,
};
use crate::language::types::Type;
use crate::script_error::catalogue::{flow, storage};
use crate::script_error::finding::Finding;
use crate::script_error::source::Span;
use crate::script_error::words::Said;

impl Walk<'_> {
    /// The paths behind a block.
    pub(super) fn block(&mut self, block: &Block, paths: Paths) -> Paths {
        self.blocks += 1;
        let mut paths = paths;
        for statement in &block.statements {
            paths = self.statement(statement, paths, true);
        }
        self.blocks -= 1;
        paths
    }

    /// The paths behind what stands after `=>`.
    pub(super) fn arm(&mut self, arm: &Arm, paths: Paths) -> Paths {
        match arm {
            Arm::Block(block) => self.block(block, paths),
            Arm::Statement(statement) => self.statement(statement, paths, false),
        }
    }

    fn statement(&mut self, statement: &Statement, paths: Paths, in_block: bool) -> Paths {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Let { name, value, handlers, .. } | StatementKind::Assign { name, value, handlers } => {
                let paths = self.handled(value, handlers, paths);
                self.name(name.span.start, value);
                paths
            }
            StatementKind::Repeat { times, body } => {
                let paths = self.expression(times, paths);
                let turns = constant::int(self.all, self.file, times).unwrap_or(0);
                let around = self.repeats.len();
                if turns > 1 {
                    self.repeats.push(body.span.start);
                }
                let paths = self.turns(body, paths, turns > 0, turns > 1);
                self.repeats.truncate(around);
                paths
            }
            StatementKind::For { list, body, .. } => {
                let paths = self.expression(list, paths);
                self.turns(body, paths, false, true)
            }
            StatementKind::Reversible { request, by, body } => {
                let paths = self.expression(request, paths);
                let paths = by.iter().fold(paths, |paths, by| self.expression(by, paths));
                if let Some(by) = by {
                    self.reversed_by(by, request);
                }
                self.reversible(request, by.as_ref(), body, span);
                paths
            }
            StatementKind::Return(value) => {
                let paths = value.iter().fold(paths, |paths, value| self.expression(value, paths));
                let no_decline = value.as_ref().is_some_and(|value| self.is_declined(value));
                if let Some(value) = value {
                    let gives = self.given_back(value);
                    self.gives(gives);
                }
                self.leaves_with(value.as_ref(), &paths);
                let blind = self.blind.filter(|_| no_decline);
                match blind {
                    Some(handler) => self.no_decline(&paths, span, handler),
                    None => self.exit(&paths, span, Said::new("return", "return"), Some(in_block)),
                }
                Paths::default()
            }
            StatementKind::Fail(error) => {
                let paths = self.expression(error, paths);
                match self.meaning(error) {
                    Some(Meaning::Error(error) | Meaning::Call { target: Target::Error(error), .. }) => {
                        self.raise(*error, &paths);
                    }
                    _ => self.raise_any(&paths),
                }
                Paths::default()
            }
            StatementKind::Step(title)
            | StatementKind::Expression { value: Expression { kind: ExpressionKind::Text(title), .. }, .. } => {
                self.string(title, paths)
            }
            StatementKind::Commit(txn) => {
                let paths = self.expression(txn, paths);
                let doubtful = paths.only(|path| path.decided == Decided::Nothing && path.known != Known::Approved);
                if !doubtful.is_empty() {
                    self.pend(flow::COMMIT_IN_DOUBT, span, What::Commit, &paths.undecided());
                }
                self.committed(span, &paths);
                self.decides(&paths, Decided::Committed, "commit", span)
            }
            StatementKind::Discard => {
                let safe = |path: Path| matches!(path.known, Known::Unsent | Known::Refused);
                let doubtful = paths.only(|path| path.decided == Decided::Nothing && !safe(path));
                if !doubtful.is_empty() {
                    self.pend(flow::DISCARD_IN_DOUBT, span, What::Discard, &doubtful);
                }
                self.decides(&paths, Decided::Discarded, "discard", span)
            }
            StatementKind::Reverse => self.decides(&paths, Decided::Reversed, "reverse", span),
            StatementKind::Given(value) | StatementKind::Expect(value) => self.expression(value, paths),
            StatementKind::Break => {
                let leaves = self.region.as_ref().is_some_and(|region| self.loops.len() <= region.loops);
                if leaves {
                    self.exit(&paths, span, Said::new("break", "break"), Some(in_block));
                } else if let Some(broken) = self.loops.last_mut() {
                    broken.join(&paths);
                }
                Paths::default()
            }
            StatementKind::Expression { value, handlers } => self.handled(value, handlers, paths),
        }
    }

    /// The values in a string.
    pub(super) fn string(&mut self, string: &StringLiteral, paths: Paths) -> Paths {
        string.parts.iter().fold(paths, |paths, part| match part {
            StringPart::Text(_) => paths,
            StringPart::Value(value) => self.expression(value, paths),
        })
    }

    fn decides(&mut self, paths: &Paths, decided: Decided, word: &'static str, span: Span) -> Paths {
        let again = paths.only(|path| path.decided != Decided::Nothing);
        if !again.is_empty() {
            self.pend(flow::DECIDED_TWICE, span, What::Again, paths);
        }
        if let Some(region) = &mut self.region {
            region.decisions.insert(span, word);
        }
        // If the journal cannot be written, nothing is decided yet.
        for error in [storage::STORAGE_FULL, storage::JOURNAL_FAILED] {
            self.raise(ErrorRef::Catalogue(error), paths);
        }
        walk::decide(paths, decided, span)
    }

    /// A way out of the region. `in_block`: does a statement stand there, and in a block?
    fn exit(&mut self, paths: &Paths, span: Span, exit: Said, in_block: Option<bool>) {
        if !paths.undecided().is_empty() {
            self.pend(flow::REVERSAL_UNDECIDED, span, What::Undecided { exit, in_block }, paths);
        }
    }

    /// Notes the paths that leave this body, and whether they may give `none`.
    fn leaves_with(&mut self, value: Option<&Expression>, paths: &Paths) {
        let Some(value) = value.filter(|_| self.handed) else {
            self.returned.join(paths);
            return;
        };
        let is_none = matches!(value.kind, ExpressionKind::None);
        let ty = self.facts.types.get(value.id.0 as usize);
        if is_none || matches!(ty, Some(Type::Optional(_) | Type::Unknown) | None) {
            self.returned_none.join(paths);
        }
        if !is_none {
            self.returned.join(paths);
        }
    }

    /// `return declined(…)` where no reply came. Inside a region that is also a way out that decides nothing, or
    /// one that discards in doubt; it is told of once.
    fn no_decline(&mut self, paths: &Paths, span: Span, handler: Span) {
        if !paths.undecided().is_empty() {
            self.pend(flow::TIMEOUT_AS_DECLINE, span, What::NoDecline(handler), paths);
        } else if paths.only(|path| path.decided == Decided::Discarded).is_empty() && self.said.insert(span) {
            let finding = Finding::warning(flow::TIMEOUT_AS_DECLINE, self.place(span));
            let finding = super::report::no_decline(finding, self.place(handler));
            self.findings.push(finding);
        }
    }

    /// Is it `declined(…)`?
    fn is_declined(&self, value: &Expression) -> bool {
        let declined = self.all.variant(shapes::OUTCOME, "declined").map(|(tag, _)| tag);
        match self.meaning(value) {
            Some(Meaning::Call { target: Target::Variant { union: shapes::OUTCOME, tag }, .. }) => {
                Some(*tag) == declined
            }
            _ => false,
        }
    }

    /// A loop. `once`: its body runs at least once; `more`: it may run again.
    fn turns(&mut self, body: &Block, paths: Paths, once: bool, more: bool) -> Paths {
        let key = body.span.start;
        let mut entry = paths;
        let mut left = Paths::default();
        if let Some((entered, gone)) = self.seen.get(&key) {
            if entry.within(entered) {
                return gone.clone();
            }
            entry.join(entered);
            left.join(gone);
        }
        loop {
            self.loops.push(Paths::default());
            let end = self.block(body, entry.clone());
            left.join(&self.loops.pop().unwrap_or_default());
            left.join(&end);
            if !more || !entry.join(&end) {
                break;
            }
        }
        if !once {
            left.join(&entry);
        }
        self.seen.insert(key, (entry, left.clone()));
        left
    }

    fn reversible(&mut self, request: &Expression, by: Option<&Expression>, body: &Block, span: Span) {
        if is_broken(self.errors, self.file.0, span) || self.region.is_some() {
            return;
        }
        let head = Span { start: span.start, end: by.unwrap_or(request).span.end };
        self.region = Some(Region {
            head,
            request: self.local(request),
            chip: match self.source(request) {
                Source::Written(written) => written.chip,
                Source::Local(_) | Source::Unknown => None,
            },
            loops: self.loops.len(),
            decisions: Default::default(),
            pending: Default::default(),
            unknown: false,
        });
        self.optional.clear();
        // An error that leaves the region has reversed: what is handled outside stands outside.
        let guards = std::mem::take(&mut self.guards);
        let end = self.block(body, Paths::entered());
        self.guards = guards;
        let brace = Span { start: body.span.end.saturating_sub(1), end: body.span.end };
        self.exit(&end, brace, Said::new("}", "}"), None);
        if let Some(region) = self.region.take() {
            super::report::region(self, &region);
        }
    }

    /// What a name stands for from here on.
    pub(super) fn name(&mut self, start: u32, value: &Expression) {
        let Some(id) = self.declared(start) else {
            return;
        };
        if let Some(region) = self.region.as_mut().filter(|region| region.request == Some(id)) {
            // The name stands for another message from here on.
            region.request = None;
        }
        self.replies.remove(&id);
        self.codes.remove(&id);
        self.numbers.remove(&id);
        self.cards.remove(&id);
        self.messages.remove(&id);
        self.aliases.remove(&id);
        let is_fixed = |id: LocalId| self.facts.locals.get(id.0 as usize).is_some_and(|local| !local.changeable);
        match self.local(value) {
            Some(message) if message != id && is_fixed(message) && is_fixed(id) => {
                self.aliases.insert(id, message);
            }
            _ => {
                if let Source::Written(message) = self.source(value) {
                    self.messages.insert(id, message);
                }
            }
        }
        if self.is_reply(value) {
            self.replies.insert(id);
        }
        if self.is_code(value) {
            self.codes.insert(id);
        }
        if let Some(by_chip) = self.read_by_chip(value) {
            self.cards.insert(id, by_chip);
        }
        if let Some(drawn) = self.drawn(value) {
            self.numbers.insert(id, drawn);
        }
    }
}
