//! `expect`: what a test claims, and what it says when that is false.

use super::evaluator::{Evaluator, Stop};
use super::value::Value;
use tillscript::language::syntax::tree::{BinaryOperator, Expression, ExpressionKind};
use tillscript::language::types::Type;

impl<'c> Evaluator<'c, '_> {
    /// Raises `T0801` with both sides if the claim is false.
    pub(super) fn expect(&mut self, claim: &'c Expression) -> Result<(), Stop> {
        let before = self.at(claim.span);
        let wrong = self.wrong(claim)?;
        if let Some((expected, found)) = wrong {
            return Err(self.raise_plain("T0801", &[("expected", expected), ("found", found)]));
        }
        self.at(before);
        Ok(())
    }

    fn wrong(&mut self, claim: &'c Expression) -> Result<Option<(String, String)>, Stop> {
        use BinaryOperator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        let ExpressionKind::Binary {
            operator: operator @ (Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual),
            left,
            right,
            ..
        } = &claim.kind
        else {
            let value = self.value(claim)?;
            let ty = self.type_of(claim);
            let (holds, found) = match (ty, &value) {
                (Type::Optional(_), Value::None) => (false, "none".to_string()),
                (Type::Optional(_), _) => (true, String::new()),
                _ => (value.truth(), "false".into()),
            };
            return Ok((!holds).then(|| (self.source(claim), found)));
        };
        let sign = if *operator == Equal { String::new() } else { format!("{} ", operator.sign()) };
        if matches!(operator, Equal | NotEqual) {
            for (subject, by) in [(left, right), (right, left)] {
                if let Some(test) = self.test(subject, by) {
                    let value = self.value(subject)?;
                    if self.passes(&value, &test) == (*operator == Equal) {
                        return Ok(None);
                    }
                    let found = self.found(self.type_of(subject), &value);
                    return Ok(Some((sign + &self.source(by), found)));
                }
            }
        }
        let (first, second) = (self.value(left)?, self.value(right)?);
        let holds = match operator {
            Equal => self.compared(left, right, &first, &second)?,
            NotEqual => !self.compared(left, right, &first, &second)?,
            _ => self.ordered(*operator, &first, &second)?.truth(),
        };
        if holds {
            return Ok(None);
        }
        let found = self.found(self.type_of(left), &first);
        let expected = sign + &self.found(self.type_of(right), &second);
        Ok(Some((expected, found)))
    }

    /// A value as a test shows it: with what lists, records and variants hold.
    fn found(&self, ty: &Type, value: &Value) -> String {
        let types = &self.checked.types;
        match (ty, value) {
            (_, Value::None) => "none".into(),
            (Type::Optional(of), value) => self.found(of, value),
            (Type::List(of), Value::List(members)) => {
                let members: Vec<String> = members.iter().map(|member| self.found(of, member)).collect();
                format!("[{}]", members.join(", "))
            }
            (Type::Record(at), Value::Record(fields)) => {
                let record = &types.records[usize::from(*at)];
                let fields = record.fields.iter().zip(fields).map(|((_, ty), field)| self.as_fact(ty, field));
                format!("{}({})", record.name, fields.collect::<Vec<String>>().join(", "))
            }
            (Type::Union(at), Value::Variant(tag, carried)) => {
                let (name, payload) = &types.unions[usize::from(*at)].variants[usize::from(*tag)];
                let closed = |ty: &Type| {
                    matches!(ty, Type::Record(_) | Type::List(_) | Type::Message(_) | Type::Reply(_))
                        || super::value::is_card_data(ty)
                };
                match (payload, carried) {
                    (Some(ty), Some(carried)) if !closed(ty) => format!("{name}({})", self.as_fact(ty, carried)),
                    _ => name.to_string(),
                }
            }
            (_, Value::Message(message)) => format!("{:04}", message.mti),
            (ty, value) => self.as_fact(ty, value),
        }
    }

    /// The source of an expression on one line.
    fn source(&self, expression: &Expression) -> String {
        let text = self.texts[usize::from(self.frame().file)];
        let words: Vec<&str> = text[expression.span.range()].split_whitespace().collect();
        words.join(" ").chars().take(120).collect()
    }
}
