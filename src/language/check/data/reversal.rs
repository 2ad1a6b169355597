//! Reversals written out by hand: they repeat their original, and nothing else.

use super::program::Look;
use super::values::{Literal, Relation, Seen, Values};
use crate::language::builtin::row::Op;
use crate::language::check::body::path;
use crate::language::syntax::tree::{Expression, ExpressionKind, Statement, StatementKind};
use crate::language::syntax::visit::{Looks, Visitor};
use crate::payment::iso8583::dialect::{Mti, ReversalRule};
use crate::script_error::catalogue::data;
use crate::script_error::code::Fact;
use crate::script_error::finding::{Edit, Finding, Severity};
use crate::script_error::source::Span;
use std::collections::BTreeMap;

/// The field of a reversal's reason.
const REASON: u8 = 39;

/// Looks at every reversal of a flow.
pub(super) fn check<'v>(look: &Look<'_, 'v>, findings: &mut Vec<Finding>) {
    let Some(rule) = look.values.all.dialect.as_ref().and_then(|dialect| dialect.reversal.as_ref()) else {
        return;
    };
    let mut regions = Regions { look, originals: BTreeMap::new(), findings };
    look.lead(&mut regions);
    let Regions { originals, findings, .. } = regions;
    look.lead(&mut Reversals { look, rule, originals, findings });
}

/// Finds for each reversal after `by` the request of its region.
struct Regions<'m, 'l, 'v> {
    look: &'m Look<'l, 'v>,
    originals: BTreeMap<Span, Seen<'v>>,
    findings: &'m mut Vec<Finding>,
}

impl<'v> Visitor<'v> for Regions<'_, '_, 'v> {
    const LOOKS: Looks = Looks::STATEMENT;

    fn statement(&mut self, statement: &'v Statement) {
        let StatementKind::Reversible { request, by: Some(by), .. } = &statement.kind else {
            return;
        };
        let values = self.look.values;
        let request = Seen { file: self.look.file, expression: request };
        let Some(literal) = values.literal(Seen { file: self.look.file, expression: by }) else {
            return;
        };
        self.originals.insert(literal.seen.expression.span, request);
        let Some(from) = literal.from else { return };
        let both_written = values.literal(from).is_some() && values.literal(request).is_some();
        let severity = match values.relation(from, request) {
            Relation::Other | Relation::Different => Severity::Warning,
            Relation::Unknown if both_written => Severity::Error,
            Relation::Same | Relation::Unknown => return,
        };
        let code = data::REVERSAL_OF_ANOTHER;
        let finding = Finding { severity, ..Finding::error(code, from.place()) }
            .label("从这条报文复制", "copied from this message")
            .also(request.place(), "受保护的是这一条", "this is the one under protection")
            .note(
                "主机按原交易的流水号与金额找要冲的那一笔；给了别的，冲掉的就是别的交易",
                "a host finds what to take back by the trace number and amount of the original; given others, it takes back something else",
            );
        self.findings.push(match path(request.expression) {
            Some(right) => finding
                .edits(
                    vec![Edit { place: from.place(), replacement: right.clone() }],
                    false,
                    format!("改为 {right}"),
                    format!("write `{right}`"),
                )
                .by_hand(),
            None => finding,
        });
    }
}

struct Reversals<'m, 'l, 'v> {
    look: &'m Look<'l, 'v>,
    rule: &'m ReversalRule,
    originals: BTreeMap<Span, Seen<'v>>,
    findings: &'m mut Vec<Finding>,
}

impl<'v> Visitor<'v> for Reversals<'_, '_, 'v> {
    const LOOKS: Looks = Looks::MESSAGE;

    fn expression(&mut self, expression: &'v Expression) {
        let ExpressionKind::Message { mti, .. } = &expression.kind else {
            return;
        };
        let Some(literal) = self.look.values.literal(Seen { file: self.look.file, expression }) else {
            return;
        };
        if Mti::parse(&mti.text) != Some(self.rule.mti) {
            return;
        }
        let original = self.originals.get(&expression.span).copied().or(literal.from);
        for (name, _) in literal.fields {
            // Without `from` the message needs the field, whatever stands in it.
            if name.number == REASON && literal.from.is_some() && self.originals.contains_key(&expression.span) {
                self.findings.push(
                    Finding::warning(data::REASON_OVERWRITTEN, self.look.place(name.span))
                        .fact("field", Fact::Field(name.number))
                        .help(
                            "删去此域；原因在方言中写 reason default 06 timeout 98 mac A0",
                            "remove the field; the dialect says `reason default 06 timeout 98 mac A0`",
                        ),
                );
            }
            if self.rule.copied.contains(name.number)
                && let Some(value) = literal.field(name.number)
                && let Some(finding) = fresh(self.look.values, &literal, original, name.number, value)
            {
                self.findings.push(finding);
            }
        }
    }
}

/// What is wrong with a field of a reversal, if it is not that of the original.
fn fresh<'v>(
    values: &Values<'v>,
    reversal: &Literal<'v>,
    original: Option<Seen<'v>>,
    number: u8,
    value: Seen<'v>,
) -> Option<Finding> {
    let first = original.and_then(|original| values.literal(original)).and_then(|literal| literal.field(number));
    let severity = match first.map(|first| values.relation(value, first)) {
        Some(Relation::Same) => return None,
        Some(Relation::Different) => Severity::Error,
        _ if values.asks(values.root(value), Op::HostNextStan) => Severity::Error,
        Some(Relation::Other) => Severity::Warning,
        Some(Relation::Unknown) | None => return None,
    };
    let mut finding = Finding { severity, ..Finding::error(data::REVERSAL_FRESH_DATA, value.place()) }
        .fact("field", Fact::Field(number))
        .text("message", reversal.mti.text.as_str());
    if let Some(first) = first {
        finding = finding.also(first.place(), "原交易的值在此", "what the original carries");
    }
    let finding = finding.note(
        "主机凭这些域找原交易；对不上就查无此笔（25），持卡人的钱留在半空",
        "by these fields a host finds the original; if they differ it answers 25, not found, and the cardholder's money stays where it went",
    );
    let Some(of) = original.and_then(|original| path(original.expression)) else {
        return Some(finding.help("用原交易的值", "use the value of the original"));
    };
    let right = format!("{of}.F{number}");
    let edit = Edit { place: value.place(), replacement: right.clone() };
    Some(finding.edits(
        vec![edit],
        severity == Severity::Error,
        format!("改为 {right}，或删去此域，由方言复制"),
        format!("write `{right}`, or leave the field out: the dialect copies it"),
    ))
}
