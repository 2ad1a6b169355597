//! Where the names of a file get their values, and the expressions that something was found about.

use crate::language::check::body::UnitFacts;
use crate::language::check::checked::{FunctionId, LocalId, Meaning, Target};
use crate::language::syntax::roll::Roll;
use crate::language::syntax::tree::{
    Expression, ExpressionKind, Item, ItemKind, Name, Parameter, PatternKind, Statement, StatementKind,
};
use crate::language::syntax::visit::{Looks, Visitor};
use crate::script_error::source::Span;
use std::collections::BTreeMap;

/// Where a name gets a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'t> {
    /// It is this value. `certain`: there are no handlers that may give another.
    Value {
        /// The value.
        value: &'t Expression,
        /// Can it be no other?
        certain: bool,
    },
    /// It is a member of this list.
    Member(&'t Expression),
    /// It is inside this union or optional.
    Inside(&'t Expression),
    /// It is handed in.
    Parameter,
}

/// One place where a name gets a value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'t> {
    /// The name there.
    pub(super) name: Span,
    /// What it gets.
    pub(super) source: Source<'t>,
}

/// What one file holds, as far as the way of a value goes.
#[derive(Debug)]
pub(super) struct Origins<'t> {
    facts: &'t UnitFacts,
    /// For each name, in the order written.
    pub(super) names: BTreeMap<LocalId, Vec<Origin<'t>>>,
    /// What each function gives: the body of a `fn`, what a flow returns.
    pub(super) given: BTreeMap<FunctionId, Vec<&'t Expression>>,
    /// Where the file calls each function.
    pub(super) calls: BTreeMap<FunctionId, Vec<&'t Expression>>,
    /// Expressions by where they begin and end, those asked for.
    pub(super) at: BTreeMap<(u32, u32), Option<&'t Expression>>,
    /// Uses that a masked number might be put to.
    pub(super) uses: Vec<&'t Expression>,
    /// Texts written out, outside tests and messages.
    pub(super) texts: Vec<&'t Expression>,
    function: Option<FunctionId>,
    in_test: bool,
    in_message: usize,
}

impl<'t> Origins<'t> {
    /// Nothing yet; `asked` are the places whose expressions are wanted.
    pub(super) fn new(facts: &'t UnitFacts, asked: impl Iterator<Item = Span>) -> Origins<'t> {
        Origins {
            facts,
            names: BTreeMap::new(),
            given: BTreeMap::new(),
            calls: BTreeMap::new(),
            at: asked.map(|span| ((span.start, span.end), None)).collect(),
            uses: Vec::new(),
            texts: Vec::new(),
            function: None,
            in_test: false,
            in_message: 0,
        }
    }

    /// Reads an item by its place in the file; it may be a function.
    pub(super) fn item(&mut self, item: &'t Item, at: usize, roll: &Roll<'t>, function: Option<FunctionId>) {
        self.function = function;
        if let (Some(id), ItemKind::Function(function)) = (function, &item.kind) {
            self.given.entry(id).or_default().push(&function.body);
        }
        self.in_test = matches!(item.kind, ItemKind::Test(_));
        for parameter in parameters(item) {
            self.add(&parameter.name, Source::Parameter);
        }
        if self.at.is_empty() {
            roll.lead(at, &mut Unasked(self));
        } else {
            roll.lead(at, self);
        }
    }

    fn add(&mut self, name: &Name, source: Source<'t>) {
        if let Some(id) = self.facts.declared.get(&name.span.start) {
            self.names.entry(*id).or_default().push(Origin { name: name.span, source });
        }
    }
}

/// Where no expression is asked for by its place, few kinds are looked at.
struct Unasked<'o, 't>(&'o mut Origins<'t>);

impl<'t> Visitor<'t> for Unasked<'_, 't> {
    const LOOKS: Looks = Looks::STATEMENT
        .and(Looks::MATCH)
        .and(Looks::CALL)
        .and(Looks::BINARY)
        .and(Looks::TEXT)
        .and(Looks::MESSAGE)
        .and(Looks::MESSAGE.left());

    fn statement(&mut self, statement: &'t Statement) {
        self.0.statement(statement);
    }

    fn expression(&mut self, expression: &'t Expression) {
        self.0.expression(expression);
    }

    fn leave_expression(&mut self, expression: &'t Expression) {
        self.0.leave_expression(expression);
    }
}

impl<'t> Visitor<'t> for Origins<'t> {
    const LOOKS: Looks = Looks::STATEMENT.and(Looks::EXPRESSION).and(Looks::MESSAGE.left());

    fn statement(&mut self, statement: &'t Statement) {
        match &statement.kind {
            StatementKind::Let { name, value, handlers, .. } | StatementKind::Assign { name, value, handlers } => {
                let certain = handlers.iter().all(|handler| handler.body.is_none());
                self.add(name, Source::Value { value, certain });
            }
            StatementKind::For { name, list, .. } => self.add(name, Source::Member(list)),
            StatementKind::Return(Some(value)) => {
                let given = self.function.map(|id| self.given.entry(id).or_default());
                given.into_iter().for_each(|given| given.push(value));
            }
            _ => {}
        }
    }

    fn expression(&mut self, expression: &'t Expression) {
        if let Some(place) = self.at.get_mut(&(expression.span.start, expression.span.end)) {
            place.get_or_insert(expression);
        }
        match &expression.kind {
            ExpressionKind::Match { subject, arms } => {
                for pattern in arms.iter().flat_map(|arm| &arm.patterns) {
                    match &pattern.kind {
                        PatternKind::Name { binds: Some(name), .. } | PatternKind::Some(name) => {
                            self.add(name, Source::Inside(subject));
                        }
                        PatternKind::Other(Some(name)) => {
                            self.add(name, Source::Value { value: subject, certain: true });
                        }
                        _ => {}
                    }
                }
                self.uses.push(expression);
            }
            ExpressionKind::Call { .. } => {
                if let Some(Meaning::Call { target: Target::Function(id), .. }) =
                    self.facts.meanings.get(expression.id.0 as usize)
                {
                    self.calls.entry(*id).or_default().push(expression);
                }
                self.uses.push(expression);
            }
            ExpressionKind::Binary { .. } => self.uses.push(expression),
            ExpressionKind::Message { .. } => self.in_message += 1,
            ExpressionKind::Text(_) if !self.in_test && self.in_message == 0 => self.texts.push(expression),
            _ => {}
        }
    }

    fn leave_expression(&mut self, expression: &'t Expression) {
        if matches!(expression.kind, ExpressionKind::Message { .. }) {
            self.in_message -= 1;
        }
    }
}

/// The parameters of an item.
pub(super) fn parameters(item: &Item) -> &[Parameter] {
    match &item.kind {
        ItemKind::Flow(flow) => &flow.parameters,
        ItemKind::Function(function) => &function.parameters,
        ItemKind::Text(text) => &text.parameters,
        ItemKind::Receipt(receipt) => &receipt.parameters,
        ItemKind::Table(table) => std::slice::from_ref(&table.parameter),
        _ => &[],
    }
}
