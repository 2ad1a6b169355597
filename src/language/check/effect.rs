//! What calls can do to their callers: raise errors, touch devices, open a `reversible`.

use super::checked::{ErrorRef, FunctionId};
use crate::language::builtin::row::Builtin;
use crate::language::syntax::tree::ExpressionId;
use crate::script_error::source::Span;
use smol_str::SmolStr;
use std::collections::BTreeSet;

/// So many errors of one function are told apart.
const ERRORS_MAX: usize = 256;

/// The errors something can raise.
#[derive(Clone, Debug, Default)]
pub(crate) struct ErrorSet {
    /// Those we know of.
    pub(crate) known: BTreeSet<ErrorRef>,
    /// True if an error value of unknown origin is raised again, so that any error may come.
    pub(crate) any: bool,
}

impl ErrorSet {
    /// Can nothing be raised?
    pub(crate) fn is_empty(&self) -> bool {
        !self.any && self.known.is_empty()
    }

    /// Takes in another set.
    pub(crate) fn join(&mut self, other: &ErrorSet) {
        self.any |= other.any;
        self.extend(other.known.iter().copied());
    }

    /// Takes in errors. Past a number that no real flow reaches, any error counts as possible.
    pub(crate) fn extend(&mut self, errors: impl IntoIterator<Item = ErrorRef>) {
        for error in errors {
            if self.known.len() >= ERRORS_MAX {
                self.any = true;
                return;
            }
            self.known.insert(error);
        }
    }
}

/// One thing that can raise.
#[derive(Clone, Debug)]
pub(crate) enum Effect {
    /// A builtin is used.
    Builtin {
        /// By which expression.
        by: ExpressionId,
        /// Its row.
        row: &'static Builtin,
    },
    /// A function is called.
    Call {
        /// By which expression.
        by: ExpressionId,
        /// Which.
        function: FunctionId,
    },
    /// `fail` with an error that is named.
    Fail(ErrorRef),
    /// `fail` with an error value: inside `on other e` one of those caught there, else any.
    FailAgain,
    /// A call with handlers.
    Guarded {
        /// What can fail before, in the brackets of the call. Counted elsewhere, kept for words.
        given: Vec<(Span, Effect)>,
        /// What is guarded.
        body: Vec<Effect>,
        /// In the order written.
        handlers: Vec<HandlerEffect>,
    },
}

impl Effect {
    /// Was it pushed for this expression itself?
    pub(crate) fn is_by(&self, id: ExpressionId) -> bool {
        matches!(self, Effect::Builtin { by, .. } | Effect::Call { by, .. } if *by == id)
    }
}

/// One handler, as far as errors go.
#[derive(Clone, Debug)]
pub(crate) struct HandlerEffect {
    /// The names written, and what each takes.
    pub(crate) names: Vec<HandledName>,
    /// Where `other` stands, if it takes all.
    pub(crate) all: Option<Span>,
    /// What its body can raise; `None`: the error travels on.
    pub(crate) body: Option<Vec<Effect>>,
}

/// A name after `on`.
#[derive(Clone, Debug)]
pub(crate) struct HandledName {
    /// As written.
    pub(crate) name: SmolStr,
    /// Where.
    pub(crate) span: Span,
    /// What it takes.
    pub(crate) errors: Vec<ErrorRef>,
}

/// A call of a function.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallSite {
    /// Of which.
    pub(crate) function: FunctionId,
    /// Where.
    pub(crate) span: Span,
    /// Is it inside a `reversible`?
    pub(crate) in_reversible: bool,
}

/// What the body of one function does.
#[derive(Clone, Debug, Default)]
pub(crate) struct Doings {
    /// What can raise, in the order of the source.
    pub(crate) effects: Vec<Effect>,
    /// Each device it touches itself, where first.
    pub(crate) devices: Vec<(&'static str, Span)>,
    /// The functions it calls.
    pub(crate) calls: Vec<CallSite>,
    /// Its first `reversible`.
    pub(crate) opens: Option<Span>,
    /// Does it `commit`? That books into the batch, so `uses batch` is not idle then, though nothing asks for it.
    pub(crate) commits: bool,
}
