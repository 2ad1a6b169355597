//! A flow followed forward: what its last answer may be when it sends again, and what was decided when it returns.

use super::again;
use super::answer::{Answer, Kind};
use super::look::{self, Look};
use super::outcome::{Decided, Decision, Returns};
use crate::language::builtin::row::Op;
use crate::language::builtin::shapes;
use crate::language::check::checked::{ErrorRef, FunctionId, LocalId, Meaning, Target};
use crate::language::check::constant;
use crate::language::check::money::moves_money;
use crate::language::check::scope::Declared;
use crate::language::check::statement::written_message;
use crate::language::syntax::tree::{
    Block, Expression, ExpressionKind, Handler, Item, ItemKind, Statement, StatementKind, StringPart,
};
use crate::language::types::Type;
use crate::payment::iso8583::dialect::Mti;
use crate::script_error::source::Span;
use smol_str::SmolStr;
use std::collections::{BTreeMap, BTreeSet};

/// How deep one expression may lie in another here; deeper ones are left alone.
pub(super) const DEPTH_MAX: usize = 150;

/// Errors that a flow fails with after an answer that is final, and where that answer was read.
#[derive(Debug, Default)]
pub(super) struct Fails(pub(super) BTreeMap<(FunctionId, ErrorRef), (Kind, Span, Span)>);

/// Where a path stands.
#[derive(Clone, Debug, Default)]
pub(super) struct State {
    /// What the last answer may be.
    pub(super) answer: Option<Answer>,
    /// The decisions it may have taken last; none: it may have taken none.
    pub(super) decided: Decided,
    /// Names whose code is known to approve.
    pub(super) accepts: BTreeSet<LocalId>,
}

impl State {
    fn join(&mut self, other: &State) {
        match (&mut self.answer, &other.answer) {
            (Some(answer), Some(other)) if answer.sent == other.sent => answer.join(other),
            (answer @ None, Some(other)) => *answer = Some(*other),
            _ => {}
        }
        self.decided.extend(other.decided.iter().copied());
        self.accepts.retain(|local| other.accepts.contains(local));
    }
}

/// The paths at a place; none: it is never reached.
pub(super) type Way = Option<State>;

/// Takes in the paths from elsewhere.
pub(super) fn join(one: &mut Way, other: Way) {
    match (one.as_mut(), other) {
        (Some(one), Some(other)) => one.join(&other),
        (None, other) => *one = other,
        (Some(_), None) => {}
    }
}

/// Follows a flow or a test.
pub(super) fn check(look: &mut Look<'_>, at: usize, item: &Item, fails: &mut Fails) {
    let Some(body) = look::body(item) else { return };
    let Some(Declared::Function(function)) = look.all.numbers.get(&(look.unit.tree.file, at)) else {
        return;
    };
    let mut walk = Walk {
        look,
        fails,
        function: *function,
        about: BTreeSet::new(),
        messages: BTreeMap::new(),
        loops: Vec::new(),
        seen: BTreeSet::new(),
        returns: Returns::default(),
        said: BTreeSet::new(),
        last: None,
        branching: false,
        is_test: matches!(item.kind, ItemKind::Test(_)),
        depth: 0,
    };
    let start = State { decided: BTreeSet::from([None]), ..State::default() };
    walk.block(body, Some(start));
    let returns = walk.returns;
    returns.tell(look);
}

/// Looks for calls that are tried again although the flow they call gave up for good.
pub(super) fn retried(look: &mut Look<'_>, fails: &Fails) {
    if !fails.0.is_empty() {
        again::retried(look, fails);
    }
}

/// A flow while it is followed.
pub(super) struct Walk<'w, 'l> {
    /// The file.
    pub(super) look: &'w mut Look<'l>,
    fails: &'w mut Fails,
    function: FunctionId,
    /// Names that stand for the last answer: a reply, its code, the outcome of a flow.
    pub(super) about: BTreeSet<LocalId>,
    /// Messages that names stand for.
    messages: BTreeMap<LocalId, (Mti, Option<SmolStr>)>,
    loops: Vec<Way>,
    /// Loops whose second turn was followed.
    seen: BTreeSet<u32>,
    returns: Returns,
    said: BTreeSet<Span>,
    /// The call that asked last.
    last: Option<Span>,
    /// Is a condition being read that the flow branches by?
    pub(super) branching: bool,
    /// In a test nothing is sent to anybody.
    is_test: bool,
    /// How deep the expression is that is being read.
    pub(super) depth: usize,
}

impl<'l> Walk<'_, 'l> {
    /// The paths behind a block.
    pub(super) fn block(&mut self, block: &Block, way: Way) -> Way {
        self.statements(&block.statements, way)
    }

    /// The paths behind statements in order.
    pub(super) fn statements(&mut self, statements: &[Statement], way: Way) -> Way {
        statements.iter().fold(way, |way, statement| self.statement(statement, way))
    }

    fn statement(&mut self, statement: &Statement, way: Way) -> Way {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Let { name, value, handlers, .. } => {
                let way = self.handled(value, handlers, way);
                self.name(name.span.start, value);
                way
            }
            StatementKind::Assign { name, value, handlers } => {
                let mut way = self.handled(value, handlers, way);
                self.name(name.span.start, value);
                // The name may remember what the answer was, and a later condition ask for it.
                if let Some(answer) = way.as_mut().and_then(|state| state.answer.as_mut()) {
                    answer.kinds.untold();
                }
                way
            }
            StatementKind::Expression { value, handlers } => self.handled(value, handlers, way),
            StatementKind::Repeat { times, body } => {
                let way = self.expression(times, way);
                let turns = constant::int(self.look.all, self.look.unit.tree.file, times);
                self.turns(body, way, turns.is_none_or(|turns| turns > 1))
            }
            StatementKind::For { list, body, .. } => {
                let way = self.expression(list, way);
                self.turns(body, way, false)
            }
            StatementKind::Reversible { request, by, body } => {
                let mut way = self.expression(request, way);
                way = by.iter().fold(way, |way, by| self.expression(by, way));
                if let Some(state) = &mut way {
                    state.decided = BTreeSet::from([None]);
                }
                self.block(body, way)
            }
            StatementKind::Return(value) => {
                let way = value.iter().fold(way, |way, value| self.expression(value, way));
                let facts = self.look.facts;
                let outcome = value.as_ref().and_then(|value| match look::meaning(facts, value) {
                    Some(
                        Meaning::Call { target: Target::Variant { union: shapes::OUTCOME, tag }, .. }
                        | Meaning::Variant { union: shapes::OUTCOME, tag },
                    ) => Some(*tag),
                    _ => None,
                });
                if let (Some(state), Some(outcome)) = (&way, outcome) {
                    self.returns.add(span, outcome, &state.decided);
                }
                None
            }
            StatementKind::Fail(error) => {
                let way = self.expression(error, way);
                self.fail(error, span, way);
                None
            }
            StatementKind::Commit(txn) => {
                let way = self.expression(txn, way);
                decide(way, Decision::Commit, span)
            }
            StatementKind::Discard => decide(way, Decision::Discard, span),
            StatementKind::Reverse => decide(way, Decision::Reverse, span),
            StatementKind::Given(value) | StatementKind::Expect(value) => self.expression(value, way),
            StatementKind::Break => {
                if let Some(broken) = self.loops.last_mut() {
                    join(broken, way);
                }
                None
            }
            StatementKind::Step(_) => way,
        }
    }

    /// A loop. `same`: it turns again and does the same thing; with `for` each turn is about another member.
    fn turns(&mut self, body: &Block, way: Way, same: bool) -> Way {
        let mut way = way;
        let (first, broken) = self.turn(body, way.clone());
        let mut left = way.clone();
        join(&mut left, first.clone());
        join(&mut left, broken);
        // What a second turn finds, a third finds too. Loops in loops are gone round twice once only.
        if self.seen.insert(body.span.start) {
            let mut second = first;
            if let (Some(state), false) = (&mut second, same) {
                state.answer = None;
            }
            join(&mut way, second);
            let (end, broken) = self.turn(body, way);
            join(&mut left, end);
            join(&mut left, broken);
        }
        left
    }

    /// The paths that come to the end of a loop's body, and those that left the loop.
    fn turn(&mut self, body: &Block, way: Way) -> (Way, Way) {
        self.loops.push(None);
        let end = self.block(body, way);
        (end, self.loops.pop().flatten())
    }

    /// A value whose call may have handlers.
    fn handled(&mut self, value: &Expression, handlers: &[Handler], way: Way) -> Way {
        if handlers.iter().all(|handler| handler.body.is_none()) {
            return self.expression(value, way);
        }
        let mut before = way.clone();
        let mut behind = self.expression(value, way);
        if let Some(state) = &mut before {
            // Where the call failed there is no answer to go by.
            state.answer = None;
        }
        for handler in handlers {
            if let Some(arm) = &handler.body {
                let end = self.statements(look::arm_statements(arm), before.clone());
                join(&mut behind, end);
            }
        }
        behind
    }

    /// The paths behind an expression: first what stands in it, then what it does itself.
    pub(super) fn expression(&mut self, expression: &Expression, way: Way) -> Way {
        // Most expressions are names and values that are written out: nothing happens there.
        let is_leaf = !matches!(
            expression.kind,
            ExpressionKind::Text(_)
                | ExpressionKind::List(_)
                | ExpressionKind::Message { .. }
                | ExpressionKind::Call { .. }
                | ExpressionKind::Member { .. }
                | ExpressionKind::Index { .. }
                | ExpressionKind::Unary { .. }
                | ExpressionKind::Binary { .. }
                | ExpressionKind::If { .. }
                | ExpressionKind::Match { .. }
        );
        if is_leaf || self.depth > DEPTH_MAX {
            return way;
        }
        self.depth += 1;
        let way = match &expression.kind {
            ExpressionKind::If { .. } => self.if_chain(expression, way),
            ExpressionKind::Match { subject, arms } => self.match_arms(subject, arms, way),
            ExpressionKind::Binary { .. } => {
                let branching = std::mem::replace(&mut self.branching, false);
                let (yes, no) = self.condition(expression, way);
                self.branching = branching;
                let mut way = yes;
                join(&mut way, no);
                way
            }
            _ => {
                let way = self.parts(expression, way);
                self.effect(expression, way)
            }
        };
        self.depth -= 1;
        way
    }

    /// The paths behind the parts of an expression that is neither a choice nor an operator between two.
    fn parts(&mut self, expression: &Expression, way: Way) -> Way {
        match &expression.kind {
            ExpressionKind::Text(text) => text.parts.iter().fold(way, |way, part| match part {
                StringPart::Value(value) => self.expression(value, way),
                StringPart::Text(_) => way,
            }),
            ExpressionKind::List(members) => members.iter().fold(way, |way, member| self.expression(member, way)),
            ExpressionKind::Message { from, fields, .. } => {
                let way = from.iter().fold(way, |way, from| self.expression(from, way));
                fields.iter().fold(way, |way, (_, value)| self.expression(value, way))
            }
            ExpressionKind::Call { arguments, .. } => {
                arguments.iter().fold(way, |way, argument| self.expression(&argument.value, way))
            }
            ExpressionKind::Member { object, .. } => self.expression(object, way),
            ExpressionKind::Index { object, index } => {
                let way = self.expression(object, way);
                self.expression(index, way)
            }
            ExpressionKind::Unary { operand, .. } => self.expression(operand, way),
            _ => way,
        }
    }

    /// What a call does, once its arguments are there.
    fn effect(&mut self, expression: &Expression, way: Way) -> Way {
        let mut state = way?;
        let facts = self.look.facts;
        if look::asks(facts, expression, Op::HostSend) {
            let message = look::argument(facts, expression, "message");
            if message.is_none_or(|message| self.may_move_money(message)) {
                self.send(expression, &mut state);
            }
        } else if look::asks(facts, expression, Op::PinpadEnterPin) {
            forget(&mut state, Kind::WrongPin);
        } else if look::asks(facts, expression, Op::CardRead) {
            state.answer = None;
        } else if let Some(Meaning::Call { target: Target::Function(id), .. }) = look::meaning(facts, expression)
            && let Some(signature) = self.look.all.signature(*id)
        {
            if signature.uses.contains(&"card") {
                state.answer = None;
            }
            if signature.uses.contains(&"pinpad") {
                forget(&mut state, Kind::WrongPin);
            }
            if signature.gives == Type::Union(shapes::OUTCOME) && self.opens(*id) {
                self.send(expression, &mut state);
            }
        }
        Some(state)
    }

    /// May it be a request that moves money? One that is not written out here may be.
    fn may_move_money(&self, message: &Expression) -> bool {
        let all = self.look.all;
        let written = written_message(all, self.look.unit.tree.file, message)
            .or_else(|| look::local(self.look.facts, message).and_then(|local| self.messages.get(&local).cloned()));
        match (written, &all.dialect) {
            (Some((mti, processing)), Some(dialect)) => moves_money(dialect, mti, processing.as_deref()),
            _ => true,
        }
    }

    /// Does a flow hold a `reversible` itself?
    fn opens(&self, id: FunctionId) -> bool {
        let all = self.look.all;
        let item = all.signature(id).and_then(|signature| all.item(signature.file, signature.item));
        match item.map(|item| &item.kind) {
            Some(ItemKind::Flow(flow)) => {
                let statements = flow.body.statements.iter();
                statements.into_iter().any(|statement| matches!(statement.kind, StatementKind::Reversible { .. }))
            }
            _ => false,
        }
    }

    fn send(&mut self, call: &Expression, state: &mut State) {
        let again = state.answer.as_ref().filter(|answer| answer.sent == call.span);
        let told = again.and_then(|answer| {
            let order = [Kind::Capture, Kind::Yes, Kind::No, Kind::WrongPin];
            order.into_iter().find_map(|kind| Some((kind, answer.kinds.get(kind).flatten()?)))
        });
        if let Some((kind, told)) = told
            && !self.is_test
            && self.said.insert(call.span)
        {
            again::tell(self.look, kind, call.span, told);
        }
        state.answer = Some(Answer::new(call.span));
        self.last = Some(call.span);
    }

    /// What a name stands for from here on.
    fn name(&mut self, start: u32, value: &Expression) {
        let facts = self.look.facts;
        let Some(id) = facts.declared.get(&start).copied() else {
            return;
        };
        self.messages.remove(&id);
        self.about.remove(&id);
        if let Some(message) = written_message(self.look.all, self.look.unit.tree.file, value) {
            self.messages.insert(id, message);
        }
        if self.is_about(value) {
            self.about.insert(id);
        }
    }

    /// Is it the last answer, its code, or the outcome of the flow that asked?
    pub(super) fn is_about(&self, expression: &Expression) -> bool {
        let facts = self.look.facts;
        let ty = look::type_of(facts, expression);
        if !matches!(ty, Type::Reply(_) | Type::ResponseCode | Type::Union(shapes::OUTCOME)) {
            return false;
        }
        let root = root(expression);
        match &root.kind {
            ExpressionKind::Call { .. } => self.last == Some(root.span),
            _ => look::local(facts, root).is_some_and(|local| self.about.contains(&local)),
        }
    }

    /// Notes a flow that gives up after an answer that is final.
    fn fail(&mut self, error: &Expression, span: Span, way: Way) {
        let error = match look::meaning(self.look.facts, error) {
            Some(Meaning::Error(error) | Meaning::Call { target: Target::Error(error), .. }) => *error,
            _ => return,
        };
        let Some(answer) = way.and_then(|state| state.answer) else {
            return;
        };
        for kind in [Kind::Capture, Kind::No, Kind::WrongPin] {
            if let Some(told) = answer.kinds.get(kind).flatten() {
                self.fails.0.entry((self.function, error)).or_insert((kind, told, span));
                return;
            }
        }
    }
}

fn decide(way: Way, decision: Decision, span: Span) -> Way {
    way.map(|state| State { decided: BTreeSet::from([Some((decision, span))]), ..state })
}

fn forget(state: &mut State, kind: Kind) {
    if let Some(answer) = &mut state.answer {
        answer.kinds.remove(kind);
    }
}

/// What stands before the first dot.
pub(super) fn root(expression: &Expression) -> &Expression {
    let mut at = expression;
    while let ExpressionKind::Member { object, .. } = &at.kind {
        at = object;
    }
    at
}
