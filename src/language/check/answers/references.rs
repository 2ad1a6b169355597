//! Every word a file uses, whatever it stands for: what is not among them is used by nobody.

use crate::language::syntax::roll::Roll;
use crate::language::syntax::tree::{
    Expression, ExpressionKind, HandledErrors, Handler, Item, ItemKind, MatchArm, Parameter, Pattern, PatternKind,
    Statement, StatementKind, Tree, TypeExpression, TypeKind,
};
use crate::language::syntax::visit::{self, Looks, Visitor};
use foldhash::HashSet;

/// Words that may be asked for one by one; they stand in no order.
pub(super) type WordSet<'t> = HashSet<&'t str>;

/// The words of a file.
pub(super) fn words<'t>(tree: &'t Tree, roll: &Roll<'t>) -> WordSet<'t> {
    let mut words = Words(HashSet::default());
    for (at, item) in tree.items.iter().enumerate() {
        words.item(item);
        roll.lead(at, &mut words);
    }
    words.0
}

struct Words<'t>(WordSet<'t>);

impl<'t> Words<'t> {
    fn item(&mut self, item: &'t Item) {
        // `@within(LIMIT)` uses the constant.
        let said = item.annotations.iter().flat_map(|annotation| &annotation.arguments);
        said.for_each(|value| visit::expression(value, self));
        match &item.kind {
            ItemKind::Flow(flow) => {
                self.parameters(&flow.parameters);
                flow.gives.iter().for_each(|ty| self.ty(ty));
            }
            ItemKind::Function(function) => {
                self.parameters(&function.parameters);
                self.ty(&function.gives);
            }
            ItemKind::Constant(constant) => constant.ty.iter().for_each(|ty| self.ty(ty)),
            ItemKind::Union(union) => {
                union.variants.iter().filter_map(|variant| variant.payload.as_ref()).for_each(|ty| self.ty(ty));
            }
            ItemKind::Record(record) => self.parameters(&record.fields),
            ItemKind::Text(text) => self.parameters(&text.parameters),
            ItemKind::Error(error) => self.parameters(&error.parameters),
            ItemKind::Table(table) => {
                self.ty(&table.parameter.ty);
                self.ty(&table.gives);
                table.rows.iter().for_each(|(pattern, _)| self.pattern(pattern));
            }
            ItemKind::Receipt(receipt) => self.parameters(&receipt.parameters),
            ItemKind::Codes(codes) => self.0.extend(codes.extends.iter().map(|name| name.text.as_str())),
            ItemKind::Dialect(dialect) => self.0.extend(dialect.extends.iter().map(|name| name.text.as_str())),
            ItemKind::Test(_) => {}
        }
    }

    fn parameters(&mut self, parameters: &'t [Parameter]) {
        parameters.iter().for_each(|parameter| self.ty(&parameter.ty));
    }

    fn ty(&mut self, ty: &'t TypeExpression) {
        let mut at = ty;
        loop {
            match &at.kind {
                TypeKind::Named { module, name } => {
                    self.0.extend(module.iter().map(|module| module.text.as_str()));
                    self.0.insert(name.text.as_str());
                    return;
                }
                TypeKind::Digits(_) => return,
                TypeKind::List(of) | TypeKind::Optional(of) => at = of,
            }
        }
    }

    fn pattern(&mut self, pattern: &'t Pattern) {
        if let PatternKind::Name { name, .. } = &pattern.kind {
            self.0.insert(name.text.as_str());
        }
    }
}

impl<'t> Visitor<'t> for Words<'t> {
    const LOOKS: Looks = Looks::STATEMENT.and(Looks::NAME).and(Looks::MEMBER).and(Looks::ARM).and(Looks::HANDLER);

    fn statement(&mut self, statement: &'t Statement) {
        if let StatementKind::Let { ty: Some(ty), .. } = &statement.kind {
            self.ty(ty);
        }
    }

    fn expression(&mut self, expression: &'t Expression) {
        match &expression.kind {
            ExpressionKind::Name(name) => {
                self.0.insert(name);
            }
            ExpressionKind::Member { name, .. } => {
                self.0.insert(name.text.as_str());
            }
            _ => {}
        }
    }

    fn arm(&mut self, arm: &'t MatchArm) {
        arm.patterns.iter().for_each(|pattern| self.pattern(pattern));
    }

    fn handler(&mut self, handler: &'t Handler) {
        if let HandledErrors::Named(names) = &handler.errors {
            self.0.extend(names.iter().map(|name| name.text.as_str()));
        }
    }
}
