//! Field 49 and the amount it belongs to.

use super::currency::{Currencies, Of};
use super::program::Look;
use super::values::{Literal, Relation, Seen};
use crate::language::builtin::row::Pure;
use crate::language::check::body::path;
use crate::language::syntax::tree::{Expression, ExpressionKind};
use crate::language::syntax::visit::{Looks, Visitor};
use crate::payment::currency::Currency;
use crate::payment::iso8583::field::Holds;
use crate::script_error::catalogue::data;
use crate::script_error::code::Fact;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::Span;
use crate::script_error::words::Said;

/// The field of the amount.
pub(super) const AMOUNT: u8 = 4;
/// The field of the currency.
const CURRENCY: u8 = 49;

/// Looks at every message of an item.
pub(super) fn check<'v>(look: &Look<'_, 'v>, currencies: &Currencies<'_, 'v>, findings: &mut Vec<Finding>) {
    look.lead(&mut Messages { look, currencies, findings });
}

struct Messages<'m, 'l, 'c, 'v> {
    look: &'m Look<'l, 'v>,
    currencies: &'m Currencies<'c, 'v>,
    findings: &'m mut Vec<Finding>,
}

impl<'v> Visitor<'v> for Messages<'_, '_, '_, 'v> {
    const LOOKS: Looks = Looks::MESSAGE;

    fn expression(&mut self, expression: &'v Expression) {
        if !matches!(expression.kind, ExpressionKind::Message { .. })
            || self.look.errors.within(self.look.file, expression.span)
        {
            return;
        }
        let dialect = self.look.values.all.dialect.as_ref();
        let pays = dialect.and_then(|dialect| dialect.field(AMOUNT)).is_some_and(|field| field.holds == Holds::Amount);
        let literal = self.look.values.literal(Seen { file: self.look.file, expression });
        let Some(literal) = literal.filter(|_| pays) else {
            return;
        };
        if let Some(currency) = literal.field(CURRENCY) {
            let found = self.judged(&literal, currency);
            self.findings.extend(found);
        }
    }
}

impl<'v> Messages<'_, '_, '_, 'v> {
    fn judged(&self, literal: &Literal<'v>, currency: Seen<'v>) -> Option<Finding> {
        let values = self.look.values;
        if let Some(text) = values.text(currency) {
            return match Currency::parse(text) {
                Some(known) => Some(letters(currency, known)),
                None => self.number(literal, currency, text),
            };
        }
        if let Some(object) = values.member(currency, Pure::AmountCurrency) {
            let finding = letters_of(currency, path(currency.expression).as_deref());
            let end = object.expression.span.end;
            let member = Span { start: end, end: currency.expression.span.end };
            return Some(finding.edits(
                vec![Edit { place: self.look.place(member), replacement: ".currency_number".into() }],
                false,
                "换成币种的数字代码",
                "give the currency's number",
            ));
        }
        let object = values.member(values.root(currency), Pure::AmountCurrencyNumber)?;
        self.of_another(literal, currency, object)
    }

    /// `F49: "840"`.
    fn number(&self, literal: &Literal<'v>, currency: Seen<'v>, text: &str) -> Option<Finding> {
        let amount = literal.field(AMOUNT)?;
        let written = text.parse().ok().filter(|_| text.len() == 3).and_then(Currency::from_numeric);
        let named = match written {
            Some(known) => Said::new(format!("{text}（{known}）"), format!("{text} ({known})")),
            None => Said::new(format!("{text}（不认识的币种）"), format!("{text} (no currency we know)")),
        };
        match self.currencies.of(amount) {
            Of::Known(of, _) if written == Some(of) => None,
            Of::Known(of, place) => {
                let finding = Finding::error(data::CURRENCY_FIELD_DIFFERS, currency.place())
                    .fact("found", Fact::Said(named))
                    .fact("amount", Fact::Said(Said::new(format!(" {of}"), of.alpha())))
                    .also(amount.place(), "第 4 域的金额", "the amount of field 4");
                let finding = if place == amount.place() {
                    finding
                } else {
                    finding.also(place, format!("{of} 由此而来"), format!("{of} comes from here"))
                };
                Some(self.cured(why(finding), amount, currency, Some(of)))
            }
            // No amount can be of a currency we do not know, whatever it is.
            Of::Parameter(_) | Of::Unknown if written.is_none() => {
                let finding = Finding::warning(data::CURRENCY_FIELD_DIFFERS, currency.place())
                    .fact("found", Fact::Said(named))
                    .fact("amount", Fact::Said(Said::new("认识的币种", "one that we know")))
                    .also(amount.place(), "第 4 域的金额", "the amount of field 4");
                Some(self.cured(why(finding), amount, currency, None))
            }
            Of::Parameter(_) | Of::Unknown => {
                let finding = Finding::warning(data::CURRENCY_FIELD_FIXED, currency.place())
                    .fact("found", Fact::Said(named))
                    .also(
                        amount.place(),
                        "金额的币种到运行时才知道",
                        "which currency this is shows when the flow runs",
                    );
                Some(self.cured(why(finding), amount, currency, None))
            }
        }
    }

    /// `F4: amount` and `F49: other.currency_number`.
    fn of_another(&self, literal: &Literal<'v>, currency: Seen<'v>, object: Seen<'v>) -> Option<Finding> {
        let amount = literal.field(AMOUNT)?;
        let values = self.look.values;
        let known = (self.currencies.of(amount), self.currencies.of(object));
        let sure = match known {
            (Of::Known(one, _), Of::Known(other, _)) if one == other => return None,
            (Of::Known(..), Of::Known(..)) => true,
            (one, other) if one == other && one != Of::Unknown => return None,
            _ if values.relation(amount, object) == Relation::Other && self.both_named(amount, object) => false,
            _ => return None,
        };
        let (found, of) = match known {
            (Of::Known(of, _), Of::Known(found, _)) => {
                (Said::new(found.alpha(), found.alpha()), Said::new(format!(" {of}"), of.alpha()))
            }
            _ => (
                Said::new("另一笔金额的币种", "the currency of another amount"),
                Said::new("可能不同的币种", "one that may differ"),
            ),
        };
        let at = currency.place();
        let code = data::CURRENCY_FIELD_DIFFERS;
        let finding = if sure { Finding::error(code, at) } else { Finding::warning(code, at) };
        let finding = finding.fact("found", Fact::Said(found)).fact("amount", Fact::Said(of)).also(
            amount.place(),
            "第 4 域的金额",
            "the amount of field 4",
        );
        Some(self.cured(why(finding), amount, currency, None))
    }

    /// Two plain names, so that a calculated amount of the same currency is no finding.
    fn both_named(&self, amount: Seen<'v>, object: Seen<'v>) -> bool {
        let values = self.look.values;
        let named = |seen| values.local(values.root(seen)).is_some();
        named(amount) && named(object)
    }

    /// `amount.currency_number`, where the amount has a name; else its number.
    fn cured(&self, finding: Finding, amount: Seen<'v>, currency: Seen<'v>, of: Option<Currency>) -> Finding {
        let right = match (path(amount.expression), of) {
            (Some(path), _) => format!("{path}.currency_number"),
            (None, Some(of)) => format!("\"{:03}\"", of.numeric()),
            (None, None) => return finding,
        };
        let edit = Edit { place: currency.place(), replacement: right };
        finding.edits(vec![edit], false, "取自同一笔金额", "take it from the amount itself")
    }
}

fn why(finding: Finding) -> Finding {
    finding.note(
        "第 4 域只有最小货币单位的数，是哪种货币全凭第 49 域：同一个 12 位数，是元是日元相差百倍",
        "field 4 is a bare count of minor units; field 49 alone says of which currency, and between yuan and yen lies a factor of a hundred",
    )
}

fn letters(currency: Seen<'_>, known: Currency) -> Finding {
    let number = format!("{:03}", known.numeric());
    letters_of(currency, Some(known.alpha())).edits(
        vec![Edit { place: currency.place(), replacement: format!("\"{number}\"") }],
        false,
        format!("改为 {number}"),
        format!("write `{number}`"),
    )
}

fn letters_of(currency: Seen<'_>, written: Option<&str>) -> Finding {
    Finding::warning(data::CURRENCY_LETTERS, currency.place())
        .text("found", written.unwrap_or("…"))
        .label("字母代码", "the code in letters")
        .note(
            "主机按 ISO 4217 的数字代码读第 49 域（人民币 156）；收到字母多以格式错（30）拒绝",
            "hosts read field 49 as the number of ISO 4217 (156 for the renminbi); letters are mostly answered with 30, format error",
        )
}
