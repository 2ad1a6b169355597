//! Dates without their year, digits that are no date, and digits of one kind where another is asked for.

use super::kinds::Kind;
use super::program::Look;
use super::values::Seen;
use crate::language::builtin::row::{Does, Op, Pure};
use crate::language::syntax::tree::{BinaryOperator, Expression, ExpressionKind};
use crate::language::syntax::visit::{Looks, Visitor};
use crate::script_error::catalogue::data;
use crate::script_error::code::Fact;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::Span;
use crate::script_error::words::Said;

/// Looks at messages, comparisons and the clock.
pub(super) fn check<'v>(look: &Look<'_, 'v>, findings: &mut Vec<Finding>) {
    look.lead(&mut Dates { look, findings });
}

struct Dates<'m, 'l, 'v> {
    look: &'m Look<'l, 'v>,
    findings: &'m mut Vec<Finding>,
}

impl<'v> Visitor<'v> for Dates<'_, '_, 'v> {
    const LOOKS: Looks = Looks::MESSAGE.and(Looks::CALL).and(Looks::BINARY);

    fn expression(&mut self, expression: &'v Expression) {
        let look = self.look;
        let whole = Seen { file: look.file, expression };
        match &expression.kind {
            ExpressionKind::Message { fields, .. } => {
                for (name, value) in fields {
                    let field = look.values.all.dialect.as_ref().and_then(|dialect| dialect.field(name.number));
                    let Some(kind) = field.and_then(|field| Kind::held(field.holds)) else {
                        continue;
                    };
                    let place = Said::new(format!("第 {} 域", name.number), format!("F{}", name.number));
                    self.given(kind, place, Seen { file: look.file, expression: value });
                }
            }
            ExpressionKind::Call { .. } if look.values.asks(whole, Op::StoreSetClock) => {
                for (at, kind) in [(0, Kind::Date), (1, Kind::Time)] {
                    if let Some(value) = look.values.argument(whole, at) {
                        self.given(kind, Said::new("store.set_clock ", "`store.set_clock`"), value);
                    }
                }
            }
            ExpressionKind::Call { .. } if is_day_near(look, whole) => {
                if let Some(value) = look.values.argument(whole, 0) {
                    self.given(Kind::Date, Said::new("day_near ", "`day_near`"), value);
                }
            }
            ExpressionKind::Binary { operator, operator_span, left, right } => {
                let sides = (
                    Seen { file: look.file, expression: left.as_ref() },
                    Seen { file: look.file, expression: right.as_ref() },
                );
                self.compared(*operator, *operator_span, expression.span, sides);
            }
            _ => {}
        }
    }
}

fn is_day_near<'v>(look: &Look<'_, 'v>, seen: Seen<'v>) -> bool {
    look.values.builtin(seen).is_some_and(|row| row.does == Does::Pure(Pure::DayNear))
}

impl<'v> Dates<'_, '_, 'v> {
    /// A value where digits of one kind are asked for.
    fn given(&mut self, wanted: Kind, at: Said, value: Seen<'v>) {
        let values = self.look.values;
        if self.look.errors.within(value.file, value.expression.span) {
            return;
        }
        if let Some(text) = values.text(value) {
            self.impossible(wanted, text, value);
            return;
        }
        if let Some(found) = Kind::of(values, value)
            && found != wanted
        {
            self.findings.push(
                Finding::error(data::DIGITS_OF_ANOTHER_KIND, value.place())
                    .fact("found", Fact::Said(found.said()))
                    .fact("expected", Fact::Said(wanted.said()))
                    .label(
                        format!("{}要{}", at.zh, wanted.said().zh),
                        format!("{} takes {}", at.en, wanted.said().en),
                    )
                    .note(
                        "位数相同，意思不同：类型分不出，主机也只当是一串数字",
                        "they are as long as each other and mean something else: no type tells them apart, and to a host they are just digits",
                    ),
            );
        }
    }

    /// Digits that stand for nothing, such as a 31st month.
    fn impossible(&mut self, kind: Kind, text: &str, value: Seen<'v>) -> bool {
        if kind.allows(text) {
            return false;
        }
        let root = self.look.values.root(value);
        let finding = Finding::error(data::IMPOSSIBLE_DATE, value.place())
            .text("digits", text)
            .fact("kind", Fact::Said(kind.said()));
        let finding = if root.place() == value.place() {
            finding
        } else {
            finding.also(root.place(), "在此写出", "written here")
        };
        let finding = match kind {
            Kind::Expiry => finding.note(
                "卡面印的是月/年，报文里是年月 YYMM：12/26 写作 2612",
                "a card shows month and year, a message carries year and month, YYMM: 12/26 is written 2612",
            ),
            Kind::Date => {
                finding.note("日期先月后日：12 月 31 日写作 1231", "the month comes first: 31 December is 1231")
            }
            _ => finding,
        };
        let finding = match kind.turned(text) {
            Some(turned) => finding.edits(
                vec![Edit { place: root.place(), replacement: format!("\"{turned}\"") }],
                false,
                format!("改为 {turned}"),
                format!("write `{turned}`"),
            ),
            None => finding,
        };
        self.findings.push(finding);
        true
    }

    fn compared(&mut self, operator: BinaryOperator, sign: Span, whole: Span, (left, right): (Seen<'v>, Seen<'v>)) {
        use BinaryOperator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        let order = matches!(operator, Less | LessOrEqual | Greater | GreaterOrEqual);
        if !order && !matches!(operator, Equal | NotEqual) || self.look.errors.within(self.look.file, whole) {
            return;
        }
        let values = self.look.values;
        let (one, other) = (Kind::of(values, left), Kind::of(values, right));
        for (kind, value) in [(one, right), (other, left)] {
            if let (Some(kind), Some(text)) = (kind, values.text(value))
                && self.impossible(kind, text, value)
            {
                return;
            }
        }
        if let (Some(one), Some(other)) = (one, other)
            && one != other
        {
            self.findings.push(
                Finding::warning(data::DIGITS_OF_ANOTHER_KIND, right.place())
                    .fact("found", Fact::Said(other.said()))
                    .fact("expected", Fact::Said(one.said()))
                    .label(format!("这是{}", other.said().zh), format!("this is {}", other.said().en))
                    .also(left.place(), format!("这是{}", one.said().zh), format!("this is {}", one.said().en))
                    .note(
                        "两边只是恰好位数相同，比较的结果没有意义",
                        "both sides merely are as long as each other; what comes out of comparing them means nothing",
                    ),
            );
            return;
        }
        if !order {
            return;
        }
        let (one, other) = (Kind::leading(values, left), Kind::leading(values, right));
        let found = [(one, left), (other, right)].into_iter().find_map(|(kind, seen)| {
            kind.filter(|kind| matches!(kind, Kind::Date | Kind::Time)).map(|kind| (kind, seen))
        });
        let Some((kind, seen)) = found else { return };
        let finding = Finding::warning(data::DATE_WITHOUT_YEAR, self.look.place(sign))
            .fact("kind", Fact::Said(kind.said()))
            .also(seen.place(), format!("这是{}", kind.said().zh), format!("this is {}", kind.said().en));
        self.findings.push(match kind {
            Kind::Time => finding
                .note(
                    "午夜一过大小就颠倒：000005 排在 235959 之前",
                    "after midnight the order turns round: 000005 comes before 235959",
                )
                .help("用 clock.now() 与时长计算", "reckon with `clock.now()` and a duration"),
            _ => finding
                .note(
                    "跨年就颠倒：0101 排在 1231 之前；主机只给月日，年份要由终端补上",
                    "over New Year the order turns round: 0101 comes before 1231; a host sends month and day only, the year is the terminal's to add",
                )
                .help(
                    "先用 day_near(reply.F13, clock.now()) 补上年份，再比较时间",
                    "add the year with `day_near(reply.F13, clock.now())`, then compare the times",
                ),
        });
    }
}
