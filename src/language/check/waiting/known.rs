//! Values that are known before a run: lengths of time, and how long a list is.

use crate::language::check::body::UnitFacts;
use crate::language::check::checked::{ConstantId, LocalId, Meaning};
use crate::language::check::constant;
use crate::language::check::declarations::Declarations;
use crate::language::check::scope::Declared;
use crate::language::syntax::tree::{BinaryOperator, Expression, ExpressionKind, ItemKind, UnaryOperator};
use crate::script_error::source::FileId;
use std::collections::BTreeMap;

/// How deep an expression is followed; what lies deeper counts as unknown.
const DEPTH_MAX: usize = 64;

/// A value that is known, or where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// A length of time in milliseconds.
    Known(i64),
    /// What this parameter was given.
    Parameter(usize),
    /// Known in the run only.
    Unknown,
}

/// What is known of the names of a body.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// Lengths of time.
    pub(super) durations: BTreeMap<LocalId, Value>,
    /// Members of lists.
    pub(super) lengths: BTreeMap<LocalId, u64>,
}

/// What an expression of the type Duration stands for.
pub(super) fn duration(
    all: &Declarations<'_>,
    facts: &[UnitFacts],
    file: FileId,
    names: &Names,
    value: &Expression,
) -> Value {
    if let Some(Meaning::Local(id)) = meaning(facts, file, value) {
        return names.durations.get(id).copied().unwrap_or(Value::Unknown);
    }
    milliseconds(all, facts, file, names, value, DEPTH_MAX).map_or(Value::Unknown, Value::Known)
}

fn milliseconds(
    all: &Declarations<'_>,
    facts: &[UnitFacts],
    file: FileId,
    names: &Names,
    value: &Expression,
    depth: usize,
) -> Option<i64> {
    let depth = depth.checked_sub(1)?;
    let part = |value: &Expression| milliseconds(all, facts, file, names, value, depth);
    match &value.kind {
        ExpressionKind::Duration(ms) => Some(*ms),
        ExpressionKind::Unary { operator: UnaryOperator::Negate, operand } => part(operand)?.checked_neg(),
        ExpressionKind::Binary { operator, left, right, .. } => {
            let left = part(left)?;
            match operator {
                BinaryOperator::Add => left.checked_add(part(right)?),
                BinaryOperator::Subtract => left.checked_sub(part(right)?),
                BinaryOperator::Multiply => left.checked_mul(constant::int(all, file, right)?),
                BinaryOperator::Divide => left.checked_div(constant::int(all, file, right)?),
                _ => None,
            }
        }
        ExpressionKind::Name(_) | ExpressionKind::Member { .. } => match meaning(facts, file, value)? {
            Meaning::Local(id) => match names.durations.get(id)? {
                Value::Known(ms) => Some(*ms),
                _ => None,
            },
            Meaning::Constant(id) => constant_milliseconds(all, facts, *id, depth),
            // Annotations are no expressions of the program: a name in them has no meaning laid beside it.
            Meaning::Plain => match (&value.kind, all.scope(file)) {
                (ExpressionKind::Name(name), Some(scope)) => match scope.names.get(name)?.what {
                    Declared::Constant(id) => constant_milliseconds(all, facts, id, depth),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        },
        _ => None,
    }
}

fn constant_milliseconds(all: &Declarations<'_>, facts: &[UnitFacts], id: ConstantId, depth: usize) -> Option<i64> {
    let constant = all.constants.get(usize::from(id.0))?;
    let ItemKind::Constant(item) = &all.item(constant.file, constant.item)?.kind else {
        return None;
    };
    milliseconds(all, facts, constant.file, &Names::default(), &item.value, depth)
}

/// How many members a list has, if that is written out.
pub(super) fn length(
    all: &Declarations<'_>,
    facts: &[UnitFacts],
    file: FileId,
    names: &Names,
    list: &Expression,
) -> Option<u64> {
    match &list.kind {
        ExpressionKind::List(members) => Some(members.len() as u64),
        ExpressionKind::Name(_) | ExpressionKind::Member { .. } => match meaning(facts, file, list)? {
            Meaning::Local(id) => names.lengths.get(id).copied(),
            Meaning::Constant(id) => {
                let constant = all.constants.get(usize::from(id.0))?;
                match &all.item(constant.file, constant.item)?.kind {
                    ItemKind::Constant(item) => match &item.value.kind {
                        ExpressionKind::List(members) => Some(members.len() as u64),
                        _ => None,
                    },
                    _ => None,
                }
            }
            _ => None,
        },
        _ => None,
    }
}

fn meaning<'f>(facts: &'f [UnitFacts], file: FileId, value: &Expression) -> Option<&'f Meaning> {
    facts.get(usize::from(file.0))?.meanings.get(value.id.0 as usize)
}
