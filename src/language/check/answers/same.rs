//! When two expressions say the same, and nothing that happens between them can make a difference.

use super::look;
use crate::language::builtin::row::Does;
use crate::language::check::body::UnitFacts;
use crate::language::check::checked::{Meaning, Target};
use crate::language::check::declarations::Declarations;
use crate::language::syntax::tree::{Expression, ExpressionKind, StringPart, UnaryOperator};
use crate::payment::iso8583::response::ResponseCode;
use std::fmt::Write as _;

/// Longer ones are not compared.
const LENGTH_MAX: usize = 2_000;

/// Deeper ones are not compared.
const DEPTH_MAX: usize = 40;

/// What an expression says, in a form that is the same for two that say the same. None if it asks a device, calls a
/// flow, or is too long to be worth the trouble.
pub(super) fn key(all: &Declarations<'_>, facts: &UnitFacts, expression: &Expression) -> Option<String> {
    let length = expression.span.end.saturating_sub(expression.span.start) as usize;
    if length > LENGTH_MAX {
        return None;
    }
    let mut key = String::with_capacity(length + 8);
    write(all, facts, expression, &mut key, DEPTH_MAX)?;
    Some(key)
}

fn write(
    all: &Declarations<'_>,
    facts: &UnitFacts,
    expression: &Expression,
    key: &mut String,
    depth: usize,
) -> Option<()> {
    let depth = depth.checked_sub(1)?;
    let meaning = look::meaning(facts, expression)?;
    match meaning {
        Meaning::Local(id) => {
            let _ = write!(key, "local {}", id.0);
            return Some(());
        }
        Meaning::Constant(id) => {
            let _ = write!(key, "const {}", id.0);
            return Some(());
        }
        Meaning::Variant { union, tag } => {
            let _ = write!(key, "variant {union} {tag}");
            return Some(());
        }
        Meaning::Error(error) => {
            let _ = write!(key, "error {error:?}");
            return Some(());
        }
        Meaning::Code(code) => {
            let _ = write!(key, "code {code}");
            return Some(());
        }
        Meaning::Function(_) | Meaning::Place => return None,
        Meaning::Builtin(row) if !matches!(row.0.does, Does::Pure(_)) => return None,
        Meaning::Call { target, .. } => {
            let called = match target {
                Target::Builtin(row) => match row.0.does {
                    Does::Pure(pure) => format!("builtin {}", pure.number()),
                    _ => return None,
                },
                Target::Function(id) if all.signature(*id).is_some_and(|signature| pure(signature.kind)) => {
                    format!("function {}", id.0)
                }
                Target::Record(_) | Target::Variant { .. } => format!("{target:?}"),
                _ => return None,
            };
            let ExpressionKind::Call { arguments, .. } = &expression.kind else {
                return None;
            };
            let _ = write!(key, "{called}(");
            for argument in arguments {
                let label = argument.label.as_ref().map_or("", |label| label.text.as_str());
                let _ = write!(key, "{label}:");
                write(all, facts, &argument.value, key, depth)?;
                key.push(',');
            }
            key.push(')');
            return Some(());
        }
        Meaning::Builtin(_) | Meaning::Plain | Meaning::RecordField(_) | Meaning::MessageField { .. } => {}
    }
    match &expression.kind {
        ExpressionKind::Bool(value) => {
            let _ = write!(key, "{value}");
        }
        ExpressionKind::Int(value) => {
            let _ = write!(key, "{value}");
        }
        ExpressionKind::Amount { digits, decimals, currency } => {
            let _ = write!(key, "{digits}e{decimals} {}", currency.text);
        }
        ExpressionKind::Percent(value) => {
            let _ = write!(key, "{value}%");
        }
        ExpressionKind::Duration(value) => {
            let _ = write!(key, "{value}ms");
        }
        ExpressionKind::Bytes(bytes) => {
            let _ = write!(key, "{bytes:?}");
        }
        ExpressionKind::Tag(tag) => {
            let _ = write!(key, "#{tag:X}");
        }
        ExpressionKind::Mti(mti) => {
            let _ = write!(key, "mti {mti}");
        }
        ExpressionKind::None => key.push_str("none"),
        ExpressionKind::Text(text) => {
            for part in &text.parts {
                match part {
                    StringPart::Text(text) => {
                        let _ = write!(key, "{text:?}");
                    }
                    StringPart::Value(value) => write(all, facts, value, key, depth)?,
                }
            }
            key.push('"');
        }
        ExpressionKind::List(members) => {
            key.push('[');
            for member in members {
                write(all, facts, member, key, depth)?;
                key.push(',');
            }
            key.push(']');
        }
        ExpressionKind::Member { object, name } => {
            write(all, facts, object, key, depth)?;
            let _ = write!(key, ".{}", name.text);
        }
        ExpressionKind::Index { object, index } => {
            write(all, facts, object, key, depth)?;
            key.push('[');
            write(all, facts, index, key, depth)?;
            key.push(']');
        }
        ExpressionKind::Unary { operator, operand } => {
            key.push_str(if *operator == UnaryOperator::Not { "not " } else { "-" });
            write(all, facts, operand, key, depth)?;
        }
        ExpressionKind::Binary { operator, left, right, .. } => {
            key.push('(');
            write(all, facts, left, key, depth)?;
            let _ = write!(key, " {} ", operator.sign());
            write(all, facts, right, key, depth)?;
            key.push(')');
        }
        ExpressionKind::Name(_)
        | ExpressionKind::Message { .. }
        | ExpressionKind::Call { .. }
        | ExpressionKind::If { .. }
        | ExpressionKind::Match { .. } => return None,
    }
    Some(())
}

fn pure(kind: crate::language::check::checked::FunctionKind) -> bool {
    use crate::language::check::checked::FunctionKind;
    matches!(kind, FunctionKind::Function | FunctionKind::Table)
}

/// A value that is written out, in a form in which different ones are never equal when the program runs. None where
/// two that look different may still be equal.
pub(super) fn literal(facts: &UnitFacts, expression: &Expression) -> Option<String> {
    if let Some(Meaning::Code(code)) = look::meaning(facts, expression) {
        let ResponseCode(bytes) = code;
        return Some(format!("code {bytes:?}"));
    }
    if let Some(Meaning::Variant { union, tag }) = look::meaning(facts, expression) {
        return Some(format!("variant {union} {tag}"));
    }
    Some(match &expression.kind {
        ExpressionKind::Bool(value) => value.to_string(),
        ExpressionKind::Int(value) => value.to_string(),
        ExpressionKind::Percent(value) => format!("{value}%"),
        ExpressionKind::Duration(value) => format!("{value}ms"),
        ExpressionKind::Mti(value) => format!("mti {value}"),
        ExpressionKind::Text(text) => format!("{:?}", text.plain()?),
        ExpressionKind::None => "none".to_string(),
        _ => return None,
    })
}
