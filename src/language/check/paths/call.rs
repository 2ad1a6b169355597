//! Calls and their handlers: where the request leaves, and what is known when no reply comes.

use super::path::{Decided, Known, Path, Paths, Trail};
use super::region::What;
use super::walk::{Raised, Walk, send};
use crate::language::builtin::row::{Builtin, Does, Op};
use crate::language::check::checked::{ErrorRef, FunctionKind, Meaning, Target};
use crate::language::check::money::moves_money;
use crate::language::check::statement::written_message;
use crate::language::syntax::tree::{Argument, Expression, ExpressionKind, HandledErrors, Handler};
use crate::language::types::Type;
use crate::script_error::catalogue::{self, flow, keys, limits, network};
use crate::script_error::code::Code;
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
const BLIND: [Code; 6] = [
    network::TIMEOUT,
    network::LINE_DROPPED,
    network::GARBLED_REPLY,
    network::REPLY_MISMATCH,
    network::REPLY_INCOMPLETE,
    keys::BAD_MAC,
];

/// Which message a call sends.
enum Sends {
    /// The request of the region.
    Request,
    /// Another one; what it is, if it moves money.
    Other(Option<String>),
    /// One that is not written out here.
    Unknown,
}

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
                if matches!(row.does, Does::Request(Op::PrinterPrint | Op::CardRelease)) {
                    let word =
                        if row.does == Does::Request(Op::PrinterPrint) { "printer.print" } else { "card.release" };
                    self.output(&paths, expression.span, word);
                }
                self.raise_each(row.errors.iter().copied().map(ErrorRef::Catalogue), &paths);
                paths
            }
            (Some(Meaning::Call { target: Target::Function(id), .. }), ExpressionKind::Call { arguments, .. }) => {
                let all = self.all;
                let Some(signature) = all.signature(*id).filter(|signature| signature.kind == FunctionKind::Flow)
                else {
                    return paths;
                };
                if signature.uses.contains(&"printer") {
                    self.output(&paths, expression.span, &signature.name);
                }
                let mut left = paths.clone();
                let mut behind = paths.clone();
                if signature.uses.contains(&"host") && self.names_request(arguments) {
                    left.join(&send(&paths, Known::Unanswered, expression.span));
                    behind = send(&paths, Known::Answered, expression.span);
                    // A flow that gives a reply is taken to give the one to this request; of any other nobody knows
                    // whether it sent the request, and what came of it.
                    if !matches!(signature.gives, Type::Reply(_)) {
                        behind.join(&left);
                    }
                }
                self.raise_each(signature.errors.iter().copied(), &left);
                self.raise_any(&left);
                behind
            }
            (Some(Meaning::Builtin(row)), _) => {
                self.raise_each(row.0.errors.iter().copied().map(ErrorRef::Catalogue), &paths);
                paths
            }
            _ => paths,
        }
    }

    fn send(&mut self, span: Span, message: Option<&Argument>, row: &Builtin, paths: Paths) -> Paths {
        let sends = message.map_or(Sends::Unknown, |message| self.sends(&message.value));
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
                self.pend(flow::SENT_AGAIN, span, What::Another(what), &paths);
                behind = sent(&paths, Known::Answered, span);
            }
            Sends::Other(None) => {}
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

    /// Which message an expression is, seen from the region around.
    fn sends(&self, message: &Expression) -> Sends {
        let Some(region) = &self.region else {
            return Sends::Other(None);
        };
        let local = self.local(message);
        if local.is_some() && local == region.request {
            return Sends::Request;
        }
        let written = written_message(self.all, self.file, message)
            .or_else(|| local.and_then(|local| self.messages.get(&local).cloned()));
        match (written, &self.all.dialect) {
            (Some((mti, processing)), Some(dialect)) if moves_money(dialect, mti, processing.as_deref()) => {
                let rule = dialect.rule(mti, processing.as_deref());
                Sends::Other(Some(rule.map_or(mti.to_string(), |rule| format!("{mti} {}", rule.name))))
            }
            (Some(_), _) => Sends::Other(None),
            (None, _) => Sends::Unknown,
        }
    }

    /// Is the request among these, or in one of them?
    fn names_request(&self, arguments: &[Argument]) -> bool {
        let Some(request) = self.region.as_ref().map(|region| region.request) else {
            return false;
        };
        let mut open: Vec<&Expression> = arguments.iter().map(|argument| &argument.value).collect();
        while let Some(expression) = open.pop() {
            match &expression.kind {
                ExpressionKind::Name(_) => {
                    let ty = self.facts.types.get(expression.id.0 as usize);
                    let is_it = match request {
                        Some(_) => self.local(expression) == request,
                        None => matches!(ty, Some(Type::Message(_))),
                    };
                    if is_it {
                        return true;
                    }
                }
                ExpressionKind::Call { arguments, .. } => open.extend(arguments.iter().map(|argument| &argument.value)),
                ExpressionKind::List(members) => open.extend(members),
                ExpressionKind::Message { .. } => {}
                _ => {}
            }
        }
        false
    }

    /// Something that the customer keeps leaves the terminal.
    fn output(&mut self, paths: &Paths, span: Span, word: &str) {
        let early = paths.undecided().only(|path| matches!(path.known, Known::Approved | Known::Answered));
        if !early.is_empty() {
            self.pend(flow::OUTPUT_BEFORE_COMMIT, span, What::Output(word.to_string()), &early);
        }
    }

    /// Is it the reply to the request?
    pub(super) fn is_reply(&self, expression: &Expression) -> bool {
        match (&expression.kind, self.meaning(expression)) {
            (ExpressionKind::Name(_), Some(Meaning::Local(id))) => self.replies.contains(id),
            (ExpressionKind::Call { arguments, .. }, Some(Meaning::Call { target: Target::Builtin(row), .. })) => {
                row.0.does == Does::Request(Op::HostSend)
                    && arguments.first().is_some_and(|message| {
                        self.region.is_some() && !matches!(self.sends(&message.value), Sends::Other(_))
                    })
            }
            (ExpressionKind::Call { arguments, .. }, Some(Meaning::Call { target: Target::Function(id), .. })) => {
                self.names_request(arguments)
                    && self.all.signature(*id).is_some_and(|signature| matches!(signature.gives, Type::Reply(_)))
            }
            _ => false,
        }
    }

    /// The paths behind a value whose call may have handlers. They guard the call itself, not its arguments; with an
    /// `if` or a `match` they guard all of it.
    pub(super) fn handled(&mut self, value: &Expression, handlers: &[Handler], paths: Paths) -> Paths {
        if handlers.is_empty() {
            return self.expression(value, paths);
        }
        let is_choice = matches!(value.kind, ExpressionKind::If { .. } | ExpressionKind::Match { .. });
        let mut entry = if is_choice { paths } else { self.operands(value, paths) };
        // A choice that is tried again can hold others that are: like a loop it is walked again only for new paths.
        let key = value.span.start;
        let again = is_choice && handlers.iter().any(|handler| handler.retry.is_some());
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
            let behind =
                if is_choice { self.expression(value, entry.clone()) } else { self.effect(value, entry.clone()) };
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
        taken
    }
}

/// The first name of a handler that does not tell whether the request left.
fn blind_name(handler: &Handler) -> Option<Span> {
    match &handler.errors {
        HandledErrors::Named(names) => names
            .iter()
            .find(|name| catalogue::caught_by(&name.text).any(|row| BLIND.contains(&row.code)))
            .map(|name| name.span),
        HandledErrors::Other(_) => None,
    }
}

/// A handler without its body.
fn head(handler: &Handler) -> Span {
    let end = match (&handler.retry, &handler.errors) {
        (Some(retry), _) => retry.every.as_ref().unwrap_or(&retry.times).span.end,
        (None, HandledErrors::Named(names)) => names.last().map_or(handler.span.end, |name| name.span.end),
        (None, HandledErrors::Other(Some(name))) => name.span.end,
        (None, HandledErrors::Other(None)) => handler.span.start.saturating_add("on".len() as u32),
    };
    Span { start: handler.span.start, end }
}

/// Paths after the request left, even if it had left before.
fn sent(paths: &Paths, known: Known, span: Span) -> Paths {
    paths.moved(|path, trail| (Path { known, ..path }, Trail { sent: trail.sent.or(Some(span)), ..trail }))
}
