//! Calls and their handlers: where the request leaves, and what is known when no reply comes.

use super::callee::Call;
use super::message::{Sends, Source};
use super::path::{Decided, Known, Path, Paths, Trail};
use super::region::What;
use super::step;
use super::walk::{Raised, Walk, send};
use crate::language::builtin::row::{Builtin, Does, Op};
use crate::language::check::checked::{ErrorRef, Meaning, Target};
use crate::language::check::handler::guards_the_call_alone;
use crate::language::syntax::tree::{Argument, Expression, ExpressionKind, HandledErrors, Handler};
use crate::script_error::catalogue::{self, flow, keys, limits, network};
use crate::script_error::code::Code;
use crate::script_error::finding::Finding;
use crate::script_error::source::Span;

/// With these nothing has left the terminal; the machine reckons in the same way.
const NOT_SENT: [Code; 5] = [
    network::NO_LINE,
    network::REVERSAL_UNFINISHED,
    keys::NOT_SIGNED_IN,
    limits::AMOUNT_NOT_SENDABLE,
    limits::FIELD_DOES_NOT_FIT,
];

/// With these the request may have been carried out, and nobody at the terminal knows.
pub(crate) const BLIND: [Code; 6] = [
    network::TIMEOUT,
    network::LINE_DROPPED,
    network::GARBLED_REPLY,
    network::REPLY_MISMATCH,
    network::REPLY_INCOMPLETE,
    keys::BAD_MAC,
];

impl Walk<'_> {
    /// The paths behind an expression: first what stands in it, then what it does itself.
    pub(super) fn expression(&mut self, expression: &Expression, paths: Paths) -> Paths {
        if self.depth > super::walk::DEPTH_MAX {
            return paths;
        }
        self.depth += 1;
        let paths = match &expression.kind {
            ExpressionKind::If { .. } => self.if_chain(expression, paths),
            ExpressionKind::Match { subject, arms } => self.match_arms(subject, arms, paths),
            _ => {
                let paths = self.operands(expression, paths);
                self.effect(expression, paths)
            }
        };
        self.depth -= 1;
        paths
    }

    fn operands(&mut self, expression: &Expression, paths: Paths) -> Paths {
        match &expression.kind {
            ExpressionKind::Text(text) => self.string(text, paths),
            ExpressionKind::List(members) => members.iter().fold(paths, |paths, member| self.expression(member, paths)),
            ExpressionKind::Message { from, fields, .. } => {
                let paths = from.iter().fold(paths, |paths, from| self.expression(from, paths));
                fields.iter().fold(paths, |paths, (_, value)| self.expression(value, paths))
            }
            ExpressionKind::Call { arguments, .. } => {
                arguments.iter().fold(paths, |paths, argument| self.expression(&argument.value, paths))
            }
            ExpressionKind::Member { object, .. } => self.expression(object, paths),
            ExpressionKind::Index { object, index } => {
                let paths = self.expression(object, paths);
                self.expression(index, paths)
            }
            ExpressionKind::Unary { operand, .. } => self.expression(operand, paths),
            // What a comparison tells is of use to a condition only; here the right side may be left out.
            ExpressionKind::Binary { .. } => self.chain(expression, paths),
            _ => paths,
        }
    }

    /// The values of a chain of operators; it leans to the left and can be long.
    fn chain(&mut self, expression: &Expression, paths: Paths) -> Paths {
        let mut rights = Vec::new();
        let mut at = expression;
        while let ExpressionKind::Binary { left, right, .. } = &at.kind {
            rights.push(right.as_ref());
            at = left;
        }
        let mut paths = self.expression(at, paths);
        for right in rights.into_iter().rev() {
            let read = self.expression(right, paths.clone());
            paths.join(&read);
        }
        paths
    }

    /// What a call or a property does, once its arguments are there.
    fn effect(&mut self, expression: &Expression, paths: Paths) -> Paths {
        match (self.meaning(expression), &expression.kind) {
            (
                Some(Meaning::Call { target: Target::Builtin(row), arguments: places, .. }),
                ExpressionKind::Call { arguments, .. },
            ) => {
                let row = row.0;
                if row.does == Does::Request(Op::HostSend) {
                    let place = places.first().copied().flatten();
                    let message = place.and_then(|place| arguments.get(usize::from(place)));
                    return self.send(expression.span, message, row, paths);
                }
                match row.does {
                    Does::Request(Op::PrinterPrint) => {
                        self.output(&paths, expression.span, "printer.print", "printer.print", None);
                    }
                    Does::Request(Op::CardRelease) => {
                        self.output(&paths, expression.span, "card.release", "card.release", None);
                    }
                    _ => {}
                }
                let paths = if row.does == Does::Request(Op::CardComplete) {
                    self.summary.asks_chip = true;
                    paths.asking()
                } else {
                    paths
                };
                self.raise_each(row.errors.iter().copied().map(ErrorRef::Catalogue), &paths);
                paths
            }
            (
                Some(Meaning::Call { target: Target::Function(id), arguments: places, .. }),
                ExpressionKind::Call { arguments, .. },
            ) => self.called(&Call { id: *id, arguments, places, span: expression.span }, paths),
            (Some(Meaning::Builtin(row)), _) => {
                self.raise_each(row.0.errors.iter().copied().map(ErrorRef::Catalogue), &paths);
                paths
            }
            _ => paths,
        }
    }

    fn send(&mut self, span: Span, message: Option<&Argument>, row: &Builtin, paths: Paths) -> Paths {
        let sends = message.map_or(Sends::Unknown, |message| self.sends(&message.value));
        if let Some(message) = message.filter(|_| self.region.is_none()) {
            self.sent_outside(&message.value, span);
        }
        let (mut behind, mut lost) = (paths.clone(), paths.clone());
        match sends {
            Sends::Request => {
                let again = paths.only(|path| path.known != Known::Unsent || path.decided != Decided::Nothing);
                if !again.is_empty() {
                    let retried = again.each().find_map(|(_, trail)| trail.retried);
                    self.pend(flow::SENT_AGAIN, retried.unwrap_or(span), What::SentAgain, &again);
                }
                // What was told of is taken as if it were meant: the last answer counts.
                behind = sent(&paths, Known::Answered, span);
                lost = sent(&paths, Known::Unanswered, span);
            }
            Sends::Other(Some(what)) => {
                self.pend(flow::SENT_AGAIN, span, What::Another { message: what, by: None }, &paths);
                behind = sent(&paths, Known::Answered, span);
            }
            Sends::Other(None) => {
                if let Some(message) = message.filter(|_| self.region.is_some() && !self.handed) {
                    self.beside(&message.value, &step::one(self.place(span), step::SENT));
                }
            }
            Sends::Unknown => {
                behind.join(&send(&paths, Known::Answered, span));
                lost.join(&send(&paths, Known::Unanswered, span));
            }
        }
        for error in row.errors {
            let paths = if NOT_SENT.contains(error) { &paths } else { &lost };
            self.raise(ErrorRef::Catalogue(*error), paths);
        }
        behind
    }

    /// A message leaves outside every `reversible`. What is written out in this body was told of already.
    fn sent_outside(&mut self, message: &Expression, span: Span) {
        let place = self.place(span);
        match self.source(message) {
            Source::Written(written) => {
                let Some(shown) = self.money(&written) else {
                    self.booked(&written, &step::one(place, step::SENT));
                    return;
                };
                if self.is_told(span) {
                    return;
                }
                let finding = Finding::error(flow::MONEY_OUTSIDE_REVERSIBLE, place)
                    .text("message", shown)
                    .label("发出后若无应答，无从冲正", "with no answer to this, nothing could be reversed");
                let finding = self.written_at(finding, written.place, span);
                self.findings.push(finding);
            }
            Source::Local(local) => self.passes_on(local, &step::one(place, step::SENT)),
            Source::Unknown => {
                self.summary.unknown.get_or_insert_with(|| step::one(place, step::SENT));
            }
        }
    }

    /// The paths behind a value that may have handlers. Under a call they guard the call itself, not what it is given;
    /// under anything else they guard all of it.
    pub(super) fn handled(&mut self, value: &Expression, handlers: &[Handler], paths: Paths) -> Paths {
        if handlers.is_empty() {
            return self.expression(value, paths);
        }
        self.booked_again(value, handlers);
        let whole = !guards_the_call_alone(value);
        let mut entry = if whole { paths } else { self.operands(value, paths) };
        // A choice that is tried again can hold others that are: like a loop it is walked again only for new paths.
        let key = value.span.start;
        let again = whole && handlers.iter().any(|handler| handler.retry.is_some());
        let mut known = Paths::default();
        if again && let Some((entered, gone)) = self.seen.get(&key) {
            if entry.within(entered) {
                return gone.clone();
            }
            entry.join(entered);
            known.join(gone);
        }
        let mut all = Raised::default();
        let behind = loop {
            self.guards.push(Raised::default());
            let behind = if whole { self.expression(value, entry.clone()) } else { self.effect(value, entry.clone()) };
            all.join(&self.guards.pop().unwrap_or_default());
            known.join(&behind);
            let mut grew = false;
            for handler in handlers.iter().filter(|handler| handler.retry.is_some()) {
                let again = self.taken(handler, &all);
                let again = again
                    .moved(|path, trail| (path, Trail { retried: trail.retried.or(Some(head(handler))), ..trail }));
                grew |= entry.join(&again);
            }
            if !grew {
                break std::mem::take(&mut known);
            }
        };
        let behind = self.handlers(handlers, &entry, behind, all);
        if again {
            self.seen.insert(key, (entry, behind.clone()));
        }
        behind
    }

    fn handlers(&mut self, handlers: &[Handler], entry: &Paths, behind: Paths, mut raised: Raised) -> Paths {
        let mut behind = behind;
        for handler in handlers {
            let mut here = self.taken(handler, &raised);
            let mut errors = Vec::new();
            let meaning = self.facts.handlers.get(&handler.span.start);
            if let Some(meaning) = meaning {
                if meaning.all {
                    errors.extend(std::mem::take(&mut raised.errors));
                } else {
                    let own = meaning.errors.iter();
                    errors.extend(own.filter_map(|error| raised.errors.remove_entry(error)));
                }
            }
            // Limits are raised anywhere, and are in no list.
            if errors.is_empty() && raised.any.is_empty() {
                here.join(entry);
                here.join(&behind);
            }
            let Some(arm) = &handler.body else {
                for (error, paths) in errors {
                    self.raise(error, &paths);
                }
                continue;
            };
            let lost = blind_name(handler);
            let here = here.moved(|path, trail| match path.known {
                Known::Unanswered => (path, Trail { lost: trail.lost.or(lost).or(Some(head(handler))), ..trail }),
                _ => (path, trail),
            });
            let blind =
                errors.iter().any(|(error, _)| matches!(error, ErrorRef::Catalogue(code) if BLIND.contains(code)));
            let outer = self.blind;
            if blind {
                self.blind = lost.or(Some(head(handler)));
            }
            self.blocks += 1;
            behind.join(&self.arm(arm, here));
            self.blocks -= 1;
            self.blind = outer;
        }
        for (error, paths) in raised.errors {
            self.raise(error, &paths);
        }
        self.raise_any(&raised.any);
        self.raise_limits(&raised.limits);
        behind
    }

    /// The paths on which a handler is entered.
    fn taken(&self, handler: &Handler, raised: &Raised) -> Paths {
        let mut taken = raised.any.clone();
        let Some(meaning) = self.facts.handlers.get(&handler.span.start) else {
            return taken;
        };
        for (error, paths) in &raised.errors {
            if meaning.all || meaning.errors.contains(error) {
                taken.join(paths);
            }
        }
        if meaning.all || meaning.errors.iter().any(|error| is_limit(*error) && !raised.errors.contains_key(error)) {
            taken.join(&raised.limits);
        }
        taken
    }
}

/// Is it one of those that can be reached anywhere, and that no list names?
fn is_limit(error: ErrorRef) -> bool {
    matches!(error, ErrorRef::Catalogue(code) if limits::ROWS.iter().any(|row| row.code == code))
}

/// The first name of a handler that does not tell whether the request left.
pub(super) fn blind_name(handler: &Handler) -> Option<Span> {
    match &handler.errors {
        HandledErrors::Named(names) => names
            .iter()
            .find(|name| catalogue::caught_by(&name.text).any(|row| BLIND.contains(&row.code)))
            .map(|name| name.span),
        HandledErrors::Other(_) => None,
    }
}

/// A handler without its body.
pub(super) fn head(handler: &Handler) -> Span {
    let end = match (&handler.retry, &handler.errors) {
        (Some(retry), _) => retry.every.as_ref().unwrap_or(&retry.times).span.end,
        (None, HandledErrors::Named(names)) => names.last().map_or(handler.span.end, |name| name.span.end),
        (None, HandledErrors::Other(Some(name))) => name.span.end,
        (None, HandledErrors::Other(None)) => handler.span.start.saturating_add("on".len() as u32),
    };
    Span { start: handler.span.start, end }
}

/// Paths after the request left, even if it had left before.
pub(super) fn sent(paths: &Paths, known: Known, span: Span) -> Paths {
    paths.moved(|path, trail| (Path { known, ..path }, Trail { sent: trail.sent.or(Some(span)), ..trail }))
}
