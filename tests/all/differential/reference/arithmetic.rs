//! Numbers and money: worked out wide, then checked.

use super::super::planted::Planted;
use super::evaluator::{Done, Evaluator, Stop};
use super::value::Value;
use tillscript::language::syntax::tree::BinaryOperator;

/// An amount has 54 bits for its minor units.
const MINOR: i128 = 1 << 53;

impl Evaluator<'_, '_> {
    fn overflow(&mut self, operation: &str) -> Stop {
        self.raise_plain("T8006", &[("operation", operation.to_string())])
    }

    fn whole(&mut self, number: i128, operation: &str) -> Done {
        let fits = (i128::from(i64::MIN)..=i128::from(i64::MAX)).contains(&number);
        if fits { Ok(Value::Number(number)) } else { Err(self.overflow(operation)) }
    }

    fn money(&mut self, minor: i128, currency: &'static str, operation: &str) -> Done {
        let fits = (-MINOR..MINOR).contains(&minor);
        if fits { Ok(Value::Money(minor, currency)) } else { Err(self.overflow(operation)) }
    }

    /// `-a`
    pub(super) fn negated(&mut self, value: Value) -> Done {
        match value {
            Value::Number(number) => self.whole(-number, "-"),
            Value::Money(minor, currency) => self.money(-minor, currency, "-"),
            other => unreachable!("a number was checked: {other:?}"),
        }
    }

    /// `a + b`, `a - b`, `a * b`, `a / b`
    pub(super) fn calculated(&mut self, operator: BinaryOperator, left: Value, right: Value, percent: bool) -> Done {
        let sign = operator.sign();
        match (left, right) {
            (Value::Number(left), Value::Number(right)) => {
                let result = match operator {
                    BinaryOperator::Add => left + right,
                    BinaryOperator::Subtract => left - right,
                    BinaryOperator::Multiply => left * right,
                    _ if right == 0 => return Err(self.raise_plain("T8007", &[])),
                    _ if self.planted == Some(Planted::DivisionDown) => left.div_euclid(right),
                    _ => left / right,
                };
                self.whole(result, sign)
            }
            (Value::Money(left, its), Value::Money(right, others)) => {
                if its != others {
                    return Err(self.raise_plain("T8008", &[("left", its.into()), ("right", others.into())]));
                }
                let result = if operator == BinaryOperator::Add { left + right } else { left - right };
                self.money(result, its, sign)
            }
            (Value::Money(minor, currency), Value::Number(by)) => match operator {
                BinaryOperator::Multiply if percent => {
                    let rounded = self.rounded(minor * by, 10_000);
                    self.money(rounded, currency, "%")
                }
                BinaryOperator::Multiply => self.money(minor * by, currency, sign),
                _ if by == 0 => Err(self.raise_plain("T8007", &[])),
                _ => {
                    let rounded = self.rounded(minor, by);
                    self.money(rounded, currency, sign)
                }
            },
            other => unreachable!("operands were checked: {other:?}"),
        }
    }

    /// A division to the nearest, a half away from zero.
    fn rounded(&self, number: i128, by: i128) -> i128 {
        let negative = (number < 0) != (by < 0);
        let (number, by) = (number.abs(), by.abs());
        let (whole, rest) = (number / by, number % by);
        let up = if self.planted == Some(Planted::HalfDown) { 2 * rest > by } else { 2 * rest >= by };
        let size = if up { whole + 1 } else { whole };
        if negative { -size } else { size }
    }

    /// `a < b` and its like.
    pub(super) fn ordered(&mut self, operator: BinaryOperator, left: &Value, right: &Value) -> Done {
        let order = match (left, right) {
            (Value::Number(left), Value::Number(right)) => left.cmp(right),
            (Value::Text(left), Value::Text(right)) => left.as_bytes().cmp(right.as_bytes()),
            (Value::Money(left, its), Value::Money(right, others)) => {
                if its != others {
                    // `a > b` is asked as `b < a`.
                    let turned = matches!(operator, BinaryOperator::Greater | BinaryOperator::GreaterOrEqual);
                    let (its, others) = if turned { (others, its) } else { (its, others) };
                    let facts = [("left", its.to_string()), ("right", others.to_string())];
                    return Err(self.raise_plain("T8008", &facts));
                }
                left.cmp(right)
            }
            other => unreachable!("ordered values were checked: {other:?}"),
        };
        Ok(Value::Truth(match operator {
            BinaryOperator::Less => order.is_lt(),
            BinaryOperator::LessOrEqual if self.planted == Some(Planted::EqualIsNotLessOrEqual) => order.is_lt(),
            BinaryOperator::LessOrEqual => order.is_le(),
            BinaryOperator::Greater => order.is_gt(),
            _ => order.is_ge(),
        }))
    }
}
