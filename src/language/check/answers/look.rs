//! What an expression is, as far as these checks ask.

use crate::language::builtin::row::{Builtin, Does, Op, Pure};
use crate::language::check::body::UnitFacts;
use crate::language::check::checked::{LocalId, Meaning, Target, Unit};
use crate::language::check::declarations::Declarations;
use crate::language::check::paths::approval;
use crate::language::syntax::roll::Roll;
use crate::language::syntax::tree::{
    Arm, Block, Expression, ExpressionKind, Handler, Item, ItemKind, Name, Parameter, Statement, StatementKind,
};
use crate::language::syntax::visit::{self, Looks, Visitor};
use crate::language::types::Type;
use crate::payment::iso8583::response::ResponseCode;
use crate::script_error::finding::Finding;
use crate::script_error::source::{FileId, Place, Span};
use std::collections::BTreeSet;

/// One file while it is looked through.
pub(super) struct Look<'l> {
    /// The program's declarations.
    pub(super) all: &'l Declarations<'l>,
    /// The file.
    pub(super) unit: &'l Unit,
    /// What is met in it.
    pub(super) roll: &'l Roll<'l>,
    /// What it means.
    pub(super) facts: &'l UnitFacts,
    /// Where errors were found, sorted.
    pub(super) errors: &'l [(u16, u32)],
    /// What was found before, and where findings go.
    pub(super) findings: &'l mut Vec<Finding>,
    /// Places that were told of, where a path comes by twice.
    pub(super) said: BTreeSet<Span>,
}

impl<'l> Look<'l> {
    /// A span of this file.
    pub(super) fn place(&self, span: Span) -> Place {
        Place { file: self.unit.tree.file, span }
    }

    /// Was an error found in it? Then nobody can tell what it means.
    pub(super) fn is_broken(&self, span: Span) -> bool {
        crate::language::check::paths::program::is_broken(self.errors, self.unit.tree.file.0, span)
    }

    /// The items without an error, with their places. What a constant holds is known and can be long, so constants are
    /// left out.
    pub(super) fn sound_items(&self) -> Vec<(usize, &'l Item)> {
        let items = self.unit.tree.items.iter().enumerate();
        let looked = items.filter(|(_, item)| !matches!(item.kind, ItemKind::Constant(_)));
        looked.filter(|(_, item)| !self.is_broken(item.span)).collect()
    }

    /// Was something said of this very place, along the paths of a `reversible`?
    pub(super) fn said_on_paths(&self, span: Span) -> bool {
        let place = self.place(span);
        self.findings
            .iter()
            .filter(|finding| finding.code.0.starts_with("T04"))
            .any(|finding| finding.at.place == place || finding.labels.iter().any(|label| label.place == place))
    }
}

/// What an expression means.
pub(super) fn meaning<'f>(facts: &'f UnitFacts, expression: &Expression) -> Option<&'f Meaning> {
    facts.meanings.get(expression.id.0 as usize)
}

/// Its type.
pub(super) fn type_of<'f>(facts: &'f UnitFacts, expression: &Expression) -> &'f Type {
    facts.types.get(expression.id.0 as usize).unwrap_or(&Type::Unknown)
}

/// The local it is.
pub(super) fn local(facts: &UnitFacts, expression: &Expression) -> Option<LocalId> {
    match (&expression.kind, meaning(facts, expression)) {
        (ExpressionKind::Name(_), Some(Meaning::Local(id))) => Some(*id),
        _ => None,
    }
}

/// The builtin it calls or reads.
pub(super) fn builtin(facts: &UnitFacts, expression: &Expression) -> Option<&'static Builtin> {
    match meaning(facts, expression) {
        Some(Meaning::Call { target: Target::Builtin(row), .. } | Meaning::Builtin(row)) => Some(row.0),
        _ => None,
    }
}

/// Does it ask this of the world?
pub(super) fn asks(facts: &UnitFacts, expression: &Expression, op: Op) -> bool {
    builtin(facts, expression).is_some_and(|row| row.does == Does::Request(op))
}

/// The argument of a builtin's parameter, by the parameter's name.
pub(super) fn argument<'e>(facts: &UnitFacts, call: &'e Expression, name: &str) -> Option<&'e Expression> {
    let (
        ExpressionKind::Call { arguments, .. },
        Some(Meaning::Call { target: Target::Builtin(row), arguments: places, .. }),
    ) = (&call.kind, meaning(facts, call))
    else {
        return None;
    };
    let at = row.0.takes.iter().position(|takes| takes.name == name)?;
    let place = places.get(at).copied().flatten()?;
    arguments.get(usize::from(place)).map(|argument| &argument.value)
}

/// The code whose two characters it takes: `reply.code.text`.
pub(super) fn text_of_code<'e>(facts: &UnitFacts, expression: &'e Expression) -> Option<&'e Expression> {
    let ExpressionKind::Member { object, .. } = &expression.kind else {
        return None;
    };
    let is_text = builtin(facts, expression).is_some_and(|row| row.does == Does::Pure(Pure::CodeText));
    is_text.then_some(object.as_ref())
}

/// The codes it names, if it does nothing but that.
pub(super) fn named_codes(facts: &UnitFacts, expression: &Expression) -> Option<Vec<ResponseCode>> {
    match (&expression.kind, meaning(facts, expression)) {
        (_, Some(Meaning::Code(code))) => Some(vec![*code]),
        (ExpressionKind::List(members), _) => members
            .iter()
            .map(|member| match meaning(facts, member) {
                Some(Meaning::Code(code)) => Some(*code),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

/// The codes that mean yes.
pub(super) fn approved(all: &Declarations<'_>) -> Vec<ResponseCode> {
    approval::approved(all)
}

/// A code as a script names it.
pub(super) fn code_name(all: &Declarations<'_>, code: ResponseCode) -> String {
    all.codes.row(code).map_or_else(|| format!("\"{code}\""), |row| row.name.clone())
}

/// Can its value be left out without anything else being different? Nothing in it waits, asks a device, calls a flow
/// or can fail.
pub(super) fn has_no_effect(facts: &UnitFacts, expression: &Expression) -> bool {
    struct Effects<'a> {
        facts: &'a UnitFacts,
        found: bool,
    }
    impl<'t> Visitor<'t> for Effects<'_> {
        fn expression(&mut self, expression: &'t Expression) {
            self.found |= match (&expression.kind, meaning(self.facts, expression)) {
                (ExpressionKind::Binary { .. } | ExpressionKind::Unary { .. } | ExpressionKind::Index { .. }, _) => {
                    // Arithmetic can overflow and a list can be too short; comparing cannot fail.
                    !matches!(type_of(self.facts, expression), Type::Bool)
                }
                (ExpressionKind::If { .. } | ExpressionKind::Match { .. } | ExpressionKind::Message { .. }, _) => true,
                (_, Some(Meaning::Call { target, .. })) => {
                    !matches!(target, Target::Record(_) | Target::Variant { .. } | Target::Error(_))
                }
                (_, Some(Meaning::Builtin(row))) => matches!(row.0.does, Does::Request(_)),
                _ => false,
            };
        }
    }
    let mut effects = Effects { facts, found: false };
    visit::expression(expression, &mut effects);
    !effects.found
}

/// The statements behind `=>`.
pub(super) fn arm_statements(arm: &Arm) -> &[Statement] {
    match arm {
        Arm::Block(block) => &block.statements,
        Arm::Statement(statement) => std::slice::from_ref(statement),
    }
}

/// Does a `reversible` stand in this item? Then it asks for money.
pub(super) fn protects(all: &Declarations<'_>, file: FileId, item: usize) -> bool {
    struct Found(bool);
    impl<'t> Visitor<'t> for Found {
        const LOOKS: Looks = Looks::STATEMENT;

        fn statement(&mut self, statement: &'t Statement) {
            self.0 |= matches!(statement.kind, StatementKind::Reversible { .. });
        }
    }
    let mut found = Found(false);
    all.lead(file, item, &mut found);
    found.0
}

/// A handler without its body.
pub(super) fn head(handler: &Handler) -> Span {
    use crate::language::syntax::tree::HandledErrors;
    let end = match (&handler.retry, &handler.errors) {
        (Some(retry), _) => retry.every.as_ref().unwrap_or(&retry.times).span.end,
        (None, HandledErrors::Named(names)) => names.last().map_or(handler.span.end, |name| name.span.end),
        (None, HandledErrors::Other(Some(name))) => name.span.end,
        (None, HandledErrors::Other(None)) => handler.span.start.saturating_add("on other".len() as u32),
    };
    Span { start: handler.span.start, end }
}

/// The parameters of an item, where they are names in a body.
pub(super) fn parameters(item: &Item) -> &[Parameter] {
    match &item.kind {
        ItemKind::Flow(flow) => &flow.parameters,
        ItemKind::Function(function) => &function.parameters,
        ItemKind::Text(text) => &text.parameters,
        ItemKind::Receipt(receipt) => &receipt.parameters,
        _ => &[],
    }
}

/// The name of an item.
pub(super) fn item_name(item: &Item) -> Option<&Name> {
    Some(match &item.kind {
        ItemKind::Flow(flow) => &flow.name,
        ItemKind::Function(function) => &function.name,
        ItemKind::Constant(constant) => &constant.name,
        ItemKind::Union(union) => &union.name,
        ItemKind::Record(record) => &record.name,
        ItemKind::Text(text) => &text.name,
        ItemKind::Error(error) => &error.name,
        ItemKind::Table(table) => &table.name,
        ItemKind::Receipt(receipt) => &receipt.name,
        ItemKind::Codes(_) | ItemKind::Dialect(_) | ItemKind::Test(_) => return None,
    })
}

/// Can anything of a file ever run or be used? One with nothing `pub` and no test is a sketch, and what is unused in
/// it says nothing.
pub(super) fn is_sketch(unit: &Unit) -> bool {
    !unit.tree.items.iter().any(|item| item.public || matches!(item.kind, ItemKind::Test(_)))
}

/// Does a block leave by `return`, `fail` or `break` anywhere, or note something in a `var`?
pub(super) fn reacts(block: &[Statement]) -> bool {
    struct Reacts(bool);
    impl<'t> Visitor<'t> for Reacts {
        fn statement(&mut self, statement: &'t Statement) {
            self.0 |= !matches!(
                statement.kind,
                StatementKind::Expression { .. } | StatementKind::Step(_) | StatementKind::Let { .. }
            );
        }
    }
    let mut reacts = Reacts(false);
    block.iter().for_each(|statement| visit::statement(statement, &mut reacts));
    reacts.0
}

/// The body of a flow or a test.
pub(super) fn body(item: &Item) -> Option<&Block> {
    match &item.kind {
        ItemKind::Flow(flow) => Some(&flow.body),
        ItemKind::Test(test) => Some(&test.body),
        _ => None,
    }
}
