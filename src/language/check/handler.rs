//! `on …`: which errors a handler takes, and what it gives instead.

use super::body::Body;
use super::checked::{ErrorRef, HandlerMeaning};
use super::effect::{Effect, HandledName, HandlerEffect};
use super::expression::Want;
use super::name::{ends_the_run, is_of_runs};
use crate::language::syntax::tree::{Expression, ExpressionKind, HandledErrors, Handler, Name, Retry};
use crate::language::syntax::visit::{self, Visitor};
use crate::language::types::Type;
use crate::script_error::catalogue;
use crate::script_error::catalogue::{flow, types as codes};
use crate::script_error::code::Row;
use crate::script_error::source::Span;
use std::collections::BTreeMap;

impl Body<'_> {
    /// A value that may have handlers. Under a call they guard the call itself, not what it is given, and a retry
    /// repeats only what failed; under anything else they guard all of it.
    pub(crate) fn handled(
        &mut self,
        value: &Expression,
        handlers: &[Handler],
        wanted: Option<&Type>,
        want: &Want,
    ) -> Type {
        let start = self.doings.effects.len();
        let is_choice = matches!(value.kind, ExpressionKind::If { .. } | ExpressionKind::Match { .. });
        let ty = if is_choice && matches!(want, Want::Nothing) {
            self.choice(value, &Want::Nothing)
        } else {
            self.infer(value, wanted)
        };
        self.forget();
        if handlers.is_empty() {
            return ty;
        }
        let from = match self.doings.effects.last() {
            _ if !guards_the_call_alone(value) => start,
            Some(last) if self.doings.effects.len() > start && last.is_by(value.id) => self.doings.effects.len() - 1,
            _ => self.doings.effects.len(),
        };
        let given = before_the_call(value, self.doings.effects.get(start..from).unwrap_or_default());
        let guarded = self.doings.effects.split_off(from);
        let instead = wanted.unwrap_or(&ty).clone();
        let mut named: BTreeMap<String, Span> = BTreeMap::new();
        let mut effects = Vec::with_capacity(handlers.len());
        for handler in handlers {
            effects.push(self.handler(handler, &instead, want, &mut named));
        }
        self.doings.effects.push(Effect::Guarded { given, body: guarded, handlers: effects });
        ty
    }

    fn handler(
        &mut self,
        handler: &Handler,
        instead: &Type,
        want: &Want,
        named: &mut BTreeMap<String, Span>,
    ) -> HandlerEffect {
        let mut effect = HandlerEffect { names: Vec::new(), all: None, body: None };
        if let Some(retry) = &handler.retry {
            self.retry(retry);
        }
        let before = std::mem::take(&mut self.doings.effects);
        self.in_block(|body| {
            let mut binds = None;
            match &handler.errors {
                HandledErrors::Named(names) => {
                    for name in names {
                        body.handled_before(named, name.text.as_str(), name.span);
                        if let Some(errors) = body.caught(name) {
                            effect.names.push(HandledName { name: name.text.clone(), span: name.span, errors });
                        }
                    }
                }
                HandledErrors::Other(name) => {
                    let word = "on other".len() as u32;
                    effect.all = Some(Span { end: handler.span.start.saturating_add(word), ..handler.span });
                    body.handled_before(named, "other", handler.span);
                    binds = name.as_ref().map(|name| body.declare(name, Type::Error, false));
                }
            }
            let errors = effect.names.iter().flat_map(|name| &name.errors).copied();
            let meaning = HandlerMeaning { errors: errors.collect(), all: effect.all.is_some(), binds };
            body.facts.handlers.insert(handler.span.start, meaning);
            if let Some(arm) = &handler.body {
                body.catching += 1;
                body.handler_body(handler, arm, instead, want);
                body.catching -= 1;
            }
        });
        let raised = std::mem::replace(&mut self.doings.effects, before);
        effect.body = handler.body.as_ref().map(|_| raised);
        effect
    }

    /// Reports an error that an earlier handler names too.
    fn handled_before(&mut self, named: &mut BTreeMap<String, Span>, word: &str, span: Span) {
        if let Some(first) = named.get(word) {
            let finding = self.error(flow::DUPLICATE_ARM, span).text("name", word).also(
                self.place(*first),
                "在此已处理",
                "taken here already",
            );
            self.report(finding);
            return;
        }
        named.insert(word.to_string(), span);
    }

    /// A handler gives what the call would have given, or leaves.
    fn handler_body(
        &mut self,
        handler: &Handler,
        arm: &crate::language::syntax::tree::Arm,
        instead: &Type,
        want: &Want,
    ) {
        let nothing = matches!(want, Want::Nothing) || *instead == Type::Nothing;
        if nothing {
            self.arm(arm, &Want::Nothing);
            return;
        }
        // The value is compared here, so that a handler that gives none is said to give none.
        let found = self.arm_value(arm, instead);
        if found == Type::Nothing {
            let finding = self
                .error(flow::HANDLER_GIVES_NO_VALUE, handler.span)
                .label("到此没有值可用", "no value comes from here");
            self.report(finding);
        }
    }

    /// The value of a handler's body; `Nothing` if it ends without one.
    fn arm_value(&mut self, arm: &crate::language::syntax::tree::Arm, wanted: &Type) -> Type {
        use crate::language::syntax::tree::{Arm, Statement, StatementKind};
        let last: Option<&Statement> = match arm {
            Arm::Block(block) => block.statements.last(),
            Arm::Statement(statement) => Some(statement),
        };
        let gives = matches!(last.map(|statement| &statement.kind), Some(StatementKind::Expression { .. }));
        if gives { self.arm(arm, &Want::Instead(wanted.clone())) } else { self.arm(arm, &Want::Nothing) }
    }

    fn retry(&mut self, retry: &Retry) {
        self.turns(&retry.times);
        if let Some(every) = &retry.every {
            let ty = self.infer(every, Some(&Type::Duration));
            if !ty.fits(&Type::Duration) {
                let finding = self
                    .error(codes::TYPE_MISMATCH, every.span)
                    .text("expected", "Duration")
                    .text("found", self.written(&ty));
                self.report(finding);
            }
        }
    }

    /// The errors a name after `on` takes: a condition of the catalogue in small letters, or an error's own name.
    fn caught(&mut self, name: &Name) -> Option<Vec<ErrorRef>> {
        let word = name.text.as_str();
        let found: Vec<ErrorRef> = caught_by(word).map(|row| ErrorRef::Catalogue(row.code)).collect();
        if !found.is_empty() {
            return Some(found);
        }
        if let Some(error) = self.error_named(word) {
            return Some(vec![error]);
        }
        if self.scope().is_some_and(|scope| scope.broken.contains(word)) {
            return None;
        }
        let finding = self.error(flow::UNKNOWN_ERROR_NAME, name.span).text("name", word);
        let mut known: Vec<&str> = catalogue::all().filter_map(|row| row.word).collect();
        known.extend(self.all.errors.iter().map(|error| error.name.as_str()));
        let finding = match self.meant(word, &known) {
            Some(meant) => finding.did_you_mean(name.span, meant),
            None => finding,
        };
        self.report(finding);
        None
    }
}

/// Do handlers under this expression guard a call alone? What it is given is then worked out before, once, and fails
/// outside of them.
pub(crate) fn guards_the_call_alone(value: &Expression) -> bool {
    matches!(value.kind, ExpressionKind::Call { .. })
}

/// What can fail in what a call is given, and where that stands.
fn before_the_call(value: &Expression, effects: &[Effect]) -> Vec<(Span, Effect)> {
    struct Spans<'e>(&'e [Effect], Vec<(Span, Effect)>);
    impl<'t> Visitor<'t> for Spans<'_> {
        fn expression(&mut self, expression: &'t Expression) {
            let own = self.0.iter().filter(|effect| effect.is_by(expression.id));
            self.1.extend(own.map(|effect| (expression.span, effect.clone())));
        }
    }
    let mut spans = Spans(effects, Vec::new());
    if !effects.is_empty() {
        visit::expression(value, &mut spans);
    }
    spans.1
}

/// The rows a word after `on` takes: by the row's own word, or by its name in small letters.
fn caught_by(word: &str) -> impl Iterator<Item = &'static Row> + '_ {
    let mut by_word = catalogue::caught_by(word).peekable();
    let none = by_word.peek().is_none();
    let named =
        move |row: &&Row| is_of_runs(row.layer) && !ends_the_run(row.code) && letters(row.name).eq(word.chars());
    by_word.chain(none.then(|| catalogue::all().filter(named)).into_iter().flatten())
}

/// `NoInput` in small letters: `no_input`.
pub(crate) fn small(name: &str) -> String {
    letters(name).collect()
}

fn letters(name: &str) -> impl Iterator<Item = char> + '_ {
    name.char_indices().flat_map(|(at, letter)| {
        let apart = letter.is_ascii_uppercase() && at > 0;
        apart.then_some('_').into_iter().chain([letter.to_ascii_lowercase()])
    })
}
