//! One item at a time: its parameters, its body, and what the body was found to do.

use super::body::{Body, Room, UnitFacts};
use super::checked::{FunctionId, LocalId};
use super::declarations::Declarations;
use super::effect::Doings;
use super::expression::Want;
use super::scope::Declared;
use crate::language::syntax::tree::{Item, ItemKind, Parameter, PatternKind, Table};
use crate::language::types::Type;
use crate::script_error::catalogue::flow;
use crate::script_error::finding::Finding;
use crate::script_error::source::FileId;

/// Checks the body of every function; gives what each does, by its number.
pub(crate) fn check_all(
    all: &mut Declarations<'_>,
    facts: &mut [UnitFacts],
    findings: &mut Vec<Finding>,
) -> Vec<Doings> {
    let mut doings = vec![Doings::default(); all.functions.len()];
    for unit in all.units {
        let file = unit.tree.file;
        for (at, item) in unit.tree.items.iter().enumerate() {
            let Some(Declared::Function(id)) = all.numbers.get(&(file, at)).copied() else {
                continue;
            };
            let Some(facts) = facts.get_mut(usize::from(file.0)) else {
                continue;
            };
            let (locals, done) = function(all, facts, file, id, item, findings);
            if let Some(signature) = all.functions.get_mut(usize::from(id.0)) {
                signature.parameter_locals = locals;
            }
            if let Some(place) = doings.get_mut(usize::from(id.0)) {
                *place = done;
            }
        }
    }
    doings
}

/// Checks one function; gives the locals of its parameters and what it does.
fn function(
    all: &Declarations<'_>,
    facts: &mut UnitFacts,
    file: FileId,
    id: FunctionId,
    item: &Item,
    findings: &mut Vec<Finding>,
) -> (Vec<LocalId>, Doings) {
    let room = match &item.kind {
        ItemKind::Flow(_) => Room::Flow,
        ItemKind::Test(_) => Room::Test,
        _ => Room::Pure,
    };
    let mut body = Body::new(all, file, facts, findings, id, room);
    let locals = match &item.kind {
        ItemKind::Flow(flow) => {
            let locals = body.parameters(&flow.parameters);
            let ty = body.statements(&flow.body.statements, flow.body.span, &Want::Nothing);
            if ty == Type::Nothing && !matches!(body.gives, Type::Nothing | Type::Unknown) {
                let end = crate::script_error::source::Span {
                    start: flow.body.span.end.saturating_sub(1),
                    end: flow.body.span.end,
                };
                let finding = body
                    .error(flow::MISSING_RETURN, end)
                    .text("flow", flow.name.text.as_str())
                    .label("到此没有结果", "this end is reached without a result")
                    .also(
                        body.place(flow.head),
                        format!("应给出 {}", body.written(&body.gives)),
                        format!("has to give {}", body.written(&body.gives)),
                    );
                body.report(finding);
            }
            locals
        }
        ItemKind::Test(test) => {
            body.string(&test.title);
            body.statements(&test.body.statements, test.body.span, &Want::Nothing);
            Vec::new()
        }
        ItemKind::Function(function) => {
            let locals = body.parameters(&function.parameters);
            let gives = body.gives.clone();
            body.expect(&function.body, &gives);
            locals
        }
        ItemKind::Text(text) => {
            let locals = body.parameters(&text.parameters);
            body.text_item(text);
            locals
        }
        ItemKind::Receipt(receipt) => {
            let locals = body.parameters(&receipt.parameters);
            body.receipt_lines(&receipt.name, &receipt.parameters, &receipt.lines);
            locals
        }
        ItemKind::Table(table) => {
            let locals = body.parameters(std::slice::from_ref(&table.parameter));
            body.table(table);
            locals
        }
        ItemKind::Constant(_)
        | ItemKind::Union(_)
        | ItemKind::Record(_)
        | ItemKind::Error(_)
        | ItemKind::Codes(_)
        | ItemKind::Dialect(_) => Vec::new(),
    };
    (locals, body.doings)
}

impl Body<'_> {
    fn parameters(&mut self, written: &[Parameter]) -> Vec<LocalId> {
        let types: Vec<Type> = self.all.signature(self.function).map_or(Vec::new(), |signature| {
            let types = signature.parameters.iter();
            types.map(|(_, ty)| ty.clone()).collect()
        });
        // A name twice among them was reported with the signature; the locals only have to be there.
        let before = self.findings.len();
        let locals = written
            .iter()
            .enumerate()
            .map(|(at, parameter)| {
                let ty = types.get(at).cloned().unwrap_or(Type::Unknown);
                self.declare(&parameter.name, ty, false)
            })
            .collect();
        self.findings.truncate(before);
        locals
    }

    /// The rows of a table: keys of the parameter's type, values that are constant.
    fn table(&mut self, table: &Table) {
        let parameter = self.all.signature(self.function).and_then(|signature| {
            let (_, ty) = signature.parameters.first()?;
            Some(ty.clone())
        });
        let mut key = parameter.unwrap_or(Type::Unknown);
        if key.is_sealed() {
            self.secret_decides(table.parameter.ty.span, &key);
            key = Type::Unknown;
        }
        let wanted = match &self.gives {
            // A table without `other` gives `T?`; its values are still plain ones.
            Type::Optional(of) if !matches!(table.gives.kind, crate::language::syntax::tree::TypeKind::Optional(_)) => {
                (**of).clone()
            }
            gives => gives.clone(),
        };
        let mut rows = super::coverage::Coverage::new(&key);
        for (at, (pattern, value)) in table.rows.iter().enumerate() {
            let is_last = at + 1 == table.rows.len();
            if matches!(pattern.kind, PatternKind::Other(_)) && !is_last {
                let finding = self
                    .error(flow::DUPLICATE_ARM, pattern.span)
                    .text("name", "other")
                    .label("other 须是最后一行", "`other` has to be the last row");
                self.report(finding);
            }
            self.table_key(&mut rows, pattern, &key);
            self.room = Room::Constant;
            self.said_impure = false;
            self.expect(value, &wanted);
            self.room = Room::Pure;
        }
    }
}
