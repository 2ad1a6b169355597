//! Minor units taken for a number of hundredths.

use super::currency::{Currencies, Of};
use super::program::Look;
use super::values::Seen;
use crate::language::builtin::row::Pure;
use crate::language::check::body::path;
use crate::language::syntax::tree::{BinaryOperator, Expression, ExpressionKind};
use crate::language::syntax::visit::{Looks, Visitor};
use crate::script_error::catalogue::data;
use crate::script_error::finding::Finding;

/// Looks at every calculation with `amount.minor`.
pub(super) fn check<'v>(look: &Look<'_, 'v>, currencies: &Currencies<'_, 'v>, findings: &mut Vec<Finding>) {
    look.lead(&mut Minor { look, currencies, findings });
}

struct Minor<'m, 'l, 'c, 'v> {
    look: &'m Look<'l, 'v>,
    currencies: &'m Currencies<'c, 'v>,
    findings: &'m mut Vec<Finding>,
}

impl<'v> Visitor<'v> for Minor<'_, '_, '_, 'v> {
    const LOOKS: Looks = Looks::BINARY;

    fn expression(&mut self, expression: &'v Expression) {
        let ExpressionKind::Binary { operator, left, right, .. } = &expression.kind else {
            return;
        };
        if self.look.errors.within(self.look.file, expression.span) {
            return;
        }
        let sides = [(left, right), (right, left)];
        let found = match operator {
            BinaryOperator::Divide => self.scaled(expression, left, right),
            BinaryOperator::Multiply => sides.iter().find_map(|(one, other)| self.scaled(expression, one, other)),
            BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual
            | BinaryOperator::Equal
            | BinaryOperator::NotEqual => sides.iter().find_map(|(one, other)| self.compared(one, other)),
            _ => None,
        };
        self.findings.extend(found);
    }
}

impl<'v> Minor<'_, '_, '_, 'v> {
    fn seen(&self, expression: &'v Expression) -> Seen<'v> {
        Seen { file: self.look.file, expression }
    }

    /// The amount whose minor units an expression is.
    fn amount(&self, expression: &'v Expression) -> Option<Seen<'v>> {
        let values = self.look.values;
        values.member(values.root(self.seen(expression)), Pure::AmountMinor)
    }

    /// `amount.minor / 100`.
    fn scaled(&self, whole: &'v Expression, units: &'v Expression, by: &'v Expression) -> Option<Finding> {
        let amount = self.amount(units)?;
        let decimals = match self.look.values.int(self.seen(by))? {
            10 => 1,
            100 => 2,
            1000 => 3,
            _ => return None,
        };
        let of = self.currencies.of(amount);
        if matches!(of, Of::Known(currency, _) if currency.exponent() == decimals) {
            return None;
        }
        let finding = Finding::warning(data::MINOR_UNITS_ASSUMED, self.look.place(whole.span));
        let finding = match of {
            Of::Known(currency, place) => finding
                .label(
                    format!("{currency} 有 {} 位小数", currency.exponent()),
                    format!("{currency} has {} decimals", currency.exponent()),
                )
                .also(place, format!("{currency} 由此而来"), format!("{currency} comes from here")),
            _ => finding
                .label(format!("按 {decimals} 位小数换算"), format!("takes the currency to have {decimals} decimals")),
        };
        let shown = path(amount.expression).unwrap_or_else(|| "amount".into());
        Some(why(finding).help(
            format!("给人看的金额直接写 {{{shown}}}；取其一部分用百分比，如 {shown} * 1%"),
            format!("to show an amount write `{{{shown}}}`; for a part of it use a percentage, such as `{shown} * 1%`"),
        ))
    }

    /// `amount.minor > 100000`.
    fn compared(&self, units: &'v Expression, with: &'v Expression) -> Option<Finding> {
        let amount = self.amount(units)?;
        let number = self.look.values.int(self.seen(with)).filter(|number| *number != 0)?;
        let of = self.currencies.of(amount);
        if matches!(of, Of::Known(..)) {
            return None;
        }
        let finding = Finding::warning(data::MINOR_UNITS_ASSUMED, self.look.place(with.span))
            .label(format!("{number} 分，{number} 日元，还是 {number} 费尔？"), format!("{number} fen, yen, or fils?"));
        let finding = finding.also(
            self.look.place(units.span),
            "最小货币单位的数，不含币种",
            "a bare count of minor units, without its currency",
        );
        Some(why(finding).help(
            "与写明币种的金额比较，如 amount > 1000.00 CNY",
            "compare with an amount that says its currency, such as `amount > 1000.00 CNY`",
        ))
    }
}

fn why(finding: Finding) -> Finding {
    finding.note(
        "小数位数因币种而异：CNY 两位，JPY 没有，KWD 三位",
        "how many decimals there are depends on the currency: CNY has two, JPY none, KWD three",
    )
}
