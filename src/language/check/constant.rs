//! Constants: their types, in the order in which they need each other.

use super::body::{Body, Room, UnitFacts};
use super::checked::{ConstantId, FunctionId};
use super::declarations::{Declarations, Known};
use super::literal;
use super::scope::{self, Declared, Found};
use crate::language::syntax::tree::{
    BinaryOperator, Constant, Expression, ExpressionKind, ItemKind, StringPart, UnaryOperator,
};
use crate::language::types::Type;
use crate::script_error::catalogue::types as codes;
use crate::script_error::finding::Finding;
use crate::script_error::source::{FileId, Place};

/// How deep a constant expression is followed; what lies deeper counts as unknown.
const DEPTH_MAX: usize = 64;

/// Gives every constant its type.
pub(crate) fn check_all(all: &mut Declarations<'_>, facts: &mut [UnitFacts], findings: &mut Vec<Finding>) {
    let order = order(all, findings);
    for id in order {
        check(all, facts, id, findings);
    }
}

fn check(all: &mut Declarations<'_>, facts: &mut [UnitFacts], id: ConstantId, findings: &mut Vec<Finding>) {
    let Some((file, constant)) = item(all, id) else {
        return;
    };
    let Some(facts) = facts.get_mut(usize::from(file.0)) else {
        return;
    };
    let wanted = constant.ty.as_ref().map(|ty| super::written_type::resolve(all, file, ty, findings));
    let mut body = Body::new(all, file, facts, findings, FunctionId(u16::MAX), Room::Constant);
    let found = match &wanted {
        Some(wanted) => body.expect(&constant.value, wanted),
        None => body.infer(&constant.value, None),
    };
    let currency = body.currency;
    let open = match &found {
        Type::Optional(of) | Type::List(of) => **of == Type::Unknown,
        _ => false,
    };
    if wanted.is_none() && open {
        let finding = body.error(codes::CANNOT_INFER, constant.name.span).text("name", constant.name.text.as_str());
        body.report(finding);
    }
    let known =
        Known { currency, int: int(all, file, &constant.value), text: literal::plain_text(all, file, &constant.value) };
    let at = usize::from(id.0);
    if let Some(meaning) = all.constants.get_mut(at) {
        meaning.ty = wanted.unwrap_or(found);
    }
    if let Some(place) = all.known.get_mut(at) {
        *place = known;
    }
}

fn item<'u>(all: &Declarations<'u>, id: ConstantId) -> Option<(FileId, &'u Constant)> {
    let meaning = all.constants.get(usize::from(id.0))?;
    match &all.item(meaning.file, meaning.item)?.kind {
        ItemKind::Constant(constant) => Some((meaning.file, constant)),
        _ => None,
    }
}

/// The constants so that each comes after those it names. One that needs itself is reported.
fn order(all: &Declarations<'_>, findings: &mut Vec<Finding>) -> Vec<ConstantId> {
    let count = all.constants.len();
    let mut state = vec![State::New; count];
    let mut order = Vec::with_capacity(count);
    for start in 0..count {
        let mut stack: Vec<(usize, Vec<usize>)> = Vec::new();
        if state.get(start) == Some(&State::New) {
            stack.push((start, needs(all, start)));
            set(&mut state, start, State::Open);
        }
        while let Some((at, open)) = stack.last_mut() {
            match open.pop() {
                None => {
                    let at = *at;
                    set(&mut state, at, State::Done);
                    order.push(ConstantId(u16::try_from(at).unwrap_or(u16::MAX)));
                    stack.pop();
                }
                Some(next) => match state.get(next) {
                    Some(State::New) => {
                        set(&mut state, next, State::Open);
                        stack.push((next, needs(all, next)));
                    }
                    Some(State::Open) => {
                        let id = ConstantId(u16::try_from(next).unwrap_or(u16::MAX));
                        if let Some((file, constant)) = item(all, id) {
                            let place = Place { file, span: constant.name.span };
                            findings.push(
                                Finding::error(codes::NOT_CONSTANT, place)
                                    .text("name", constant.name.text.as_str())
                                    .label("它的值要用到它自己", "its value needs itself"),
                            );
                        }
                    }
                    _ => {}
                },
            }
        }
    }
    order
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    New,
    Open,
    Done,
}

fn set(state: &mut [State], at: usize, to: State) {
    if let Some(place) = state.get_mut(at) {
        *place = to;
    }
}

/// The constants that the value of one names.
fn needs(all: &Declarations<'_>, at: usize) -> Vec<usize> {
    let id = ConstantId(u16::try_from(at).unwrap_or(u16::MAX));
    let Some((file, constant)) = item(all, id) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut open: Vec<&Expression> = vec![&constant.value];
    while let Some(value) = open.pop() {
        match &value.kind {
            ExpressionKind::Name(_) | ExpressionKind::Member { .. } => {
                if let Some(id) = named(all, file, value) {
                    found.push(usize::from(id.0));
                }
            }
            ExpressionKind::List(members) => open.extend(members),
            ExpressionKind::Unary { operand, .. } => open.push(operand),
            ExpressionKind::Binary { left, right, .. } => open.extend([left.as_ref(), right]),
            ExpressionKind::Text(text) => {
                open.extend(text.parts.iter().filter_map(|part| match part {
                    StringPart::Value(value) => Some(value.as_ref()),
                    StringPart::Text(_) => None,
                }));
            }
            _ => {}
        }
    }
    found
}

/// The constant a name or `module.name` stands for.
fn named(all: &Declarations<'_>, file: FileId, value: &Expression) -> Option<ConstantId> {
    let scope = all.scope(file)?;
    let what = match &value.kind {
        ExpressionKind::Name(name) => scope.names.get(name)?.what,
        ExpressionKind::Member { object, name } => {
            let ExpressionKind::Name(module) = &object.kind else {
                return None;
            };
            let module = scope.modules.get(module)?;
            match scope::in_module(&all.scopes, *module, &name.text) {
                Found::Item(_, entry) => entry.what,
                _ => return None,
            }
        }
        _ => return None,
    };
    match what {
        Declared::Constant(id) => Some(id),
        _ => None,
    }
}

/// The whole number an expression stands for, if that is known without running it.
pub(crate) fn int(all: &Declarations<'_>, file: FileId, value: &Expression) -> Option<i64> {
    int_within(all, file, value, DEPTH_MAX)
}

fn int_within(all: &Declarations<'_>, file: FileId, value: &Expression, depth: usize) -> Option<i64> {
    let depth = depth.checked_sub(1)?;
    match &value.kind {
        ExpressionKind::Int(value) => Some(*value),
        ExpressionKind::Name(_) | ExpressionKind::Member { .. } => {
            let id = named(all, file, value)?;
            all.known.get(usize::from(id.0))?.int
        }
        ExpressionKind::Unary { operator: UnaryOperator::Negate, operand } => {
            int_within(all, file, operand, depth)?.checked_neg()
        }
        ExpressionKind::Binary { operator, left, right, .. } => {
            let left = int_within(all, file, left, depth)?;
            let right = int_within(all, file, right, depth)?;
            match operator {
                BinaryOperator::Add => left.checked_add(right),
                BinaryOperator::Subtract => left.checked_sub(right),
                BinaryOperator::Multiply => left.checked_mul(right),
                BinaryOperator::Divide => left.checked_div(right),
                _ => None,
            }
        }
        _ => None,
    }
}
