//! What is known when compiling: literals, constants, and arithmetic on them. What would fail is left to the run.

use crate::language::check::checked::{Checked, CheckedUnit, ConstantId, Meaning};
use crate::language::syntax::tree::{
    BinaryOperator, Expression, ExpressionKind, ItemKind, StringLiteral, StringPart, UnaryOperator,
};
use crate::language::types::{Kind, Type};
use crate::payment::amount::Amount;
use crate::payment::currency::Currency;

/// A known value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// Of a type that lies in a word.
    Word(i64),
    /// Money.
    Amount(Amount),
    /// Text or bytes.
    Text(Vec<u8>),
}

/// The values of `const` items that are known, each worked out once.
#[derive(Debug, Default)]
pub(super) struct Constants {
    known: Vec<State>,
    /// Bytes of the texts kept in `known`.
    bytes: usize,
}

#[derive(Clone, Debug, Default)]
enum State {
    #[default]
    Unseen,
    /// Being worked out, or not known when compiling.
    Unknown,
    Known(Known),
}

/// Operators nest no deeper than this where a value is worked out.
const DEPTH_MOST: usize = 200;

/// Bytes of a text that is joined when compiling; a longer one is joined by the run, within the run's limits.
const TEXT_BYTES_MOST: usize = 4 << 10;

/// Bytes of all constants that are kept. Without it a few lines, each naming the one before twice, fill any memory.
const TEXTS_BYTES_MOST: usize = 4 << 20;

impl Constants {
    /// The value of an expression, if it is known.
    pub(super) fn value(&mut self, checked: &Checked, unit: &CheckedUnit, expression: &Expression) -> Option<Known> {
        self.fold(checked, unit, expression, 0)
    }

    /// The value of a constant, if it is known.
    pub(super) fn constant(&mut self, checked: &Checked, id: ConstantId) -> Option<Known> {
        self.named(checked, id, 0)
    }

    /// A string without values, or with values that are known texts.
    pub(super) fn string(&mut self, checked: &Checked, unit: &CheckedUnit, string: &StringLiteral) -> Option<Vec<u8>> {
        self.joined(checked, unit, string, 0)
    }

    /// The text of an expression that stands in a string as it is, if it is known.
    pub(super) fn text(&mut self, checked: &Checked, unit: &CheckedUnit, value: &Expression) -> Option<Vec<u8>> {
        self.part(checked, unit, value, 0)
    }

    fn named(&mut self, checked: &Checked, id: ConstantId, depth: usize) -> Option<Known> {
        let at = usize::from(id.0);
        if self.known.len() <= at {
            self.known.resize(at + 1, State::Unseen);
        }
        match self.known.get(at)? {
            State::Known(known) => return Some(known.clone()),
            State::Unknown => return None,
            State::Unseen => {}
        }
        // A constant that names itself is unknown, not endless.
        *self.known.get_mut(at)? = State::Unknown;
        let constant = checked.constants.get(at)?;
        let unit = checked.units.get(usize::from(constant.file.0))?;
        let ItemKind::Constant(item) = &unit.unit.tree.items.get(constant.item)?.kind else {
            return None;
        };
        let known = self.fold(checked, unit, &item.value, depth + 1)?;
        if let Known::Text(text) = &known {
            self.bytes = self.bytes.saturating_add(text.len());
            if self.bytes > TEXTS_BYTES_MOST {
                return None;
            }
        }
        *self.known.get_mut(at)? = State::Known(known.clone());
        Some(known)
    }

    fn fold(&mut self, checked: &Checked, unit: &CheckedUnit, expression: &Expression, depth: usize) -> Option<Known> {
        if depth > DEPTH_MOST {
            return None;
        }
        match unit.meaning(expression.id) {
            Meaning::Plain => {}
            Meaning::Constant(id) => return self.named(checked, *id, depth),
            Meaning::Code(code) => return Some(Known::Word(code.to_bits() as i64)),
            _ => return None,
        }
        let plain = unit.type_of(expression.id).kind();
        match &expression.kind {
            ExpressionKind::Bool(value) => Some(Known::Word(i64::from(*value))),
            ExpressionKind::Int(value) | ExpressionKind::Percent(value) | ExpressionKind::Duration(value) => {
                Some(Known::Word(*value))
            }
            ExpressionKind::Mti(number) => Some(Known::Word(i64::from(*number))),
            ExpressionKind::Amount { digits, decimals, currency } => {
                amount(*digits, *decimals, &currency.text).map(Known::Amount)
            }
            ExpressionKind::Bytes(bytes) => Some(Known::Text(bytes.clone())),
            ExpressionKind::Tag(tag) => Some(Known::Text(tag_bytes(*tag))),
            ExpressionKind::Text(string) => self.joined(checked, unit, string, depth).map(Known::Text),
            ExpressionKind::Unary { operator, operand } => {
                match (operator, self.fold(checked, unit, operand, depth + 1)?) {
                    (UnaryOperator::Not, Known::Word(value)) => Some(Known::Word(i64::from(value == 0))),
                    (UnaryOperator::Negate, Known::Word(value)) => value.checked_neg().map(Known::Word),
                    (UnaryOperator::Negate, Known::Amount(value)) => value.checked_neg().ok().map(Known::Amount),
                    _ => None,
                }
            }
            ExpressionKind::Binary { operator, left, right, .. } => {
                let left_known = self.fold(checked, unit, left, depth + 1)?;
                let right_known = self.fold(checked, unit, right, depth + 1)?;
                let percent = *unit.type_of(right.id) == Type::Percent;
                (plain == Kind::Word || plain == Kind::Amount)
                    .then(|| calculate(*operator, left_known, right_known, percent))
                    .flatten()
            }
            _ => None,
        }
    }

    fn joined(
        &mut self,
        checked: &Checked,
        unit: &CheckedUnit,
        string: &StringLiteral,
        depth: usize,
    ) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        for part in &string.parts {
            match part {
                StringPart::Text(part) => text.extend_from_slice(part.as_bytes()),
                StringPart::Value(value) => {
                    text.extend_from_slice(&self.part(checked, unit, value, depth)?);
                    if text.len() > TEXT_BYTES_MOST {
                        return None;
                    }
                }
            }
        }
        Some(text)
    }

    fn part(&mut self, checked: &Checked, unit: &CheckedUnit, value: &Expression, depth: usize) -> Option<Vec<u8>> {
        let ty = unit.type_of(value.id);
        if ty.kind() != Kind::Text || *ty == Type::Bytes {
            return None;
        }
        match self.fold(checked, unit, value, depth + 1)? {
            Known::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// The amount a literal means; `None` if the checker should have refused it.
pub(super) fn amount(digits: i64, decimals: u8, currency: &str) -> Option<Amount> {
    let currency = Currency::parse(currency)?;
    let missing = currency.exponent().checked_sub(decimals)?;
    let minor = digits.checked_mul(10_i64.checked_pow(u32::from(missing))?)?;
    let amount = Amount::new(minor, currency);
    amount.to_bits().map(|_| amount)
}

/// A tag's bytes without the zeros in front.
fn tag_bytes(tag: u32) -> Vec<u8> {
    let bytes = tag.to_be_bytes();
    let from = bytes.iter().position(|byte| *byte != 0).unwrap_or(3);
    bytes.get(from..).unwrap_or(&bytes).to_vec()
}

fn calculate(operator: BinaryOperator, left: Known, right: Known, right_is_percent: bool) -> Option<Known> {
    let amount = |amount: Amount| amount.to_bits().map(|_| Known::Amount(amount));
    match (left, right) {
        (Known::Word(left), Known::Word(right)) => match operator {
            BinaryOperator::Or => Some(Known::Word(left | right)),
            BinaryOperator::And => Some(Known::Word(left & right)),
            BinaryOperator::Add => left.checked_add(right).map(Known::Word),
            BinaryOperator::Subtract => left.checked_sub(right).map(Known::Word),
            BinaryOperator::Multiply => left.checked_mul(right).map(Known::Word),
            BinaryOperator::Divide => left.checked_div(right).map(Known::Word),
            BinaryOperator::Equal => Some(Known::Word(i64::from(left == right))),
            BinaryOperator::NotEqual => Some(Known::Word(i64::from(left != right))),
            BinaryOperator::Less => Some(Known::Word(i64::from(left < right))),
            BinaryOperator::LessOrEqual => Some(Known::Word(i64::from(left <= right))),
            BinaryOperator::Greater => Some(Known::Word(i64::from(left > right))),
            BinaryOperator::GreaterOrEqual => Some(Known::Word(i64::from(left >= right))),
            BinaryOperator::In => None,
        },
        (Known::Amount(left), Known::Amount(right)) => match operator {
            BinaryOperator::Add => amount(left.checked_add(right).ok()?),
            BinaryOperator::Subtract => amount(left.checked_sub(right).ok()?),
            _ => None,
        },
        (Known::Amount(left), Known::Word(right)) => match operator {
            BinaryOperator::Multiply if right_is_percent => amount(left.percent(right).ok()?),
            BinaryOperator::Multiply => amount(left.checked_mul(right).ok()?),
            _ => None,
        },
        _ => None,
    }
}
