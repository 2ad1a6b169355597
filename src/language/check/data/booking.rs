//! What is booked: the request that was sent, the reply to it, the amount they are about.

use super::currency::{Currencies, Of};
use super::message_currency::AMOUNT;
use super::program::Look;
use super::values::{Relation, Seen};
use crate::language::builtin::shapes;
use crate::language::check::checked::{Meaning, Target};
use crate::language::syntax::tree::{Expression, ExpressionKind};
use crate::language::syntax::visit::{Looks, Visitor};
use crate::payment::iso8583::dialect::Mti;
use crate::script_error::catalogue::data;
use crate::script_error::code::Fact;
use crate::script_error::finding::{Finding, Severity};
use crate::script_error::source::Place;
use crate::script_error::words::Said;

const KIND: usize = 0;
const BOOKED: usize = 1;
const REQUEST: usize = 2;
const REPLY: usize = 3;
/// The field of the processing code.
const PROCESSING: u8 = 3;

/// Looks at every transaction that a flow builds.
pub(super) fn check<'v>(look: &Look<'_, 'v>, currencies: &Currencies<'_, 'v>, findings: &mut Vec<Finding>) {
    look.lead(&mut Bookings { look, currencies, findings });
}

struct Bookings<'m, 'l, 'c, 'v> {
    look: &'m Look<'l, 'v>,
    currencies: &'m Currencies<'c, 'v>,
    findings: &'m mut Vec<Finding>,
}

impl<'v> Visitor<'v> for Bookings<'_, '_, '_, 'v> {
    const LOOKS: Looks = Looks::CALL;

    fn expression(&mut self, expression: &'v Expression) {
        if !matches!(expression.kind, ExpressionKind::Call { .. }) {
            return;
        }
        let seen = Seen { file: self.look.file, expression };
        let is_txn = matches!(
            self.look.values.meaning(seen),
            Some(Meaning::Call { target: Target::Record(record), .. }) if *record == shapes::TXN
        );
        if is_txn {
            let found = self.amount(seen).or_else(|| self.reply(seen)).or_else(|| self.kind(seen));
            self.findings.extend(found);
        }
    }
}

impl<'v> Bookings<'_, '_, '_, 'v> {
    fn argument(&self, call: Seen<'v>, parameter: usize) -> Option<Seen<'v>> {
        self.look.values.argument(call, parameter)
    }

    /// The amount is not the one the request carries.
    fn amount(&self, call: Seen<'v>) -> Option<Finding> {
        let values = self.look.values;
        let (booked, request) = (self.argument(call, BOOKED)?, self.argument(call, REQUEST)?);
        let sent = values.literal(request)?.field(AMOUNT)?;
        let severity = match (self.currencies.of(booked), self.currencies.of(sent)) {
            (Of::Known(one, _), Of::Known(other, _)) if one != other => Severity::Error,
            _ => match values.relation(booked, sent) {
                Relation::Different => Severity::Error,
                Relation::Other => Severity::Warning,
                Relation::Unknown if self.only_one_is_written(booked, sent) => Severity::Warning,
                Relation::Same | Relation::Unknown => return None,
            },
        };
        let finding = differs(severity, booked, ("金额", "amount"))
            .label("记入这个金额", "this amount is booked")
            .also(sent.place(), "请求的金额是这个", "the request asks for this one");
        Some(match crate::language::check::body::path(request.expression) {
            Some(request) => finding
                .help(format!("记入请求的金额：{request} 的第 4 域"), format!("book what `{request}` asked for in F4")),
            None => finding,
        })
    }

    /// An amount written out, and one that comes from outside: they are equal by chance only.
    fn only_one_is_written(&self, one: Seen<'v>, other: Seen<'v>) -> bool {
        let values = self.look.values;
        let (one, other) = (values.root(one), values.root(other));
        let written = |seen: Seen<'v>| matches!(seen.expression.kind, ExpressionKind::Amount { .. });
        let given = |seen: Seen<'v>| values.local(seen).is_some_and(|local| !values.is_changeable(seen.file, local));
        written(one) && given(other) || given(one) && written(other)
    }

    /// The reply is not the one to the request.
    fn reply(&self, call: Seen<'v>) -> Option<Finding> {
        let values = self.look.values;
        let (request, reply) = (self.argument(call, REQUEST)?, self.argument(call, REPLY)?);
        let sent = values.request_of(reply)?;
        let both_written = values.literal(sent).is_some() && values.literal(request).is_some();
        let severity = match values.relation(request, sent) {
            Relation::Other | Relation::Different => Severity::Warning,
            Relation::Unknown if both_written => Severity::Error,
            Relation::Same | Relation::Unknown => return None,
        };
        Some(
            differs(severity, reply, ("应答", "reply"))
                .label("这是另一条请求的应答", "this answers another request")
                .also(sent.place(), "它应答的是这一条", "it answers this one")
                .also(request.place(), "记入的是这一条", "this one is booked"),
        )
    }

    /// The kind is that of another message.
    fn kind(&self, call: Seen<'v>) -> Option<Finding> {
        let values = self.look.values;
        let (kind, request) = (self.argument(call, KIND)?, self.argument(call, REQUEST)?);
        let literal = values.literal(request)?;
        let Some(Meaning::Variant { union: shapes::TXN_KIND, tag }) = values.meaning(values.root(kind)) else {
            return None;
        };
        let kinds = shapes::UNIONS.get(usize::from(shapes::TXN_KIND))?.variants;
        let (written, _) = kinds.get(usize::from(*tag))?;
        let dialect = values.all.dialect.as_ref()?;
        let processing = literal.field(PROCESSING).and_then(|field| values.text(field))?;
        let rule = dialect.rule(Mti::parse(&literal.mti.text)?, Some(processing))?;
        let is_kind = kinds.iter().any(|(name, _)| *name == rule.name);
        let is_rule = dialect.messages.iter().any(|other| other.name == *written);
        if rule.name == *written || !is_kind || !is_rule {
            return None;
        }
        Some(
            differs(Severity::Warning, kind, ("交易种类", "kind"))
                .label(format!("记作 {written}"), format!("booked as `{written}`"))
                .also(
                    Place { file: literal.seen.file, span: literal.mti.span },
                    format!("这是 {} {}（{}）", literal.mti.text, rule.name, rule.zh),
                    format!("this is {} {} ({})", literal.mti.text, rule.name, rule.en),
                )
                .edit(
                    kind.expression.span,
                    rule.name.as_str(),
                    format!("记作 {}", rule.name),
                    format!("book it as `{}`", rule.name),
                )
                .by_hand(),
        )
    }
}

fn differs(severity: Severity, at: Seen<'_>, what: (&str, &str)) -> Finding {
    Finding { severity, ..Finding::error(data::BOOKED_DIFFERS, at.place()) }
        .fact("what", Fact::Said(Said::new(what.0, what.1)))
        .note(
            "终端的账要与主机一致：不符的在 commit 时被拒绝，那时主机已经批准；种类错了则结算总额不平",
            "the terminal's books have to agree with the host's: what differs is refused at `commit`, when the host has approved already, and a wrong kind makes the totals disagree at settlement",
        )
}
