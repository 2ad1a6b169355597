//! Numbers that a message must not invent: its trace number, its terminal, its merchant.

use super::exclusive::Choices;
use super::program::Look;
use super::values::{Literal, Seen};
use crate::language::check::checked::LocalId;
use crate::language::syntax::tree::{Expression, ExpressionKind};
use crate::language::syntax::visit::{Looks, Visitor};
use crate::payment::iso8583::dialect::Mti;
use crate::payment::iso8583::field::Holds;
use crate::script_error::catalogue::data;
use crate::script_error::code::{Code, Fact};
use crate::script_error::finding::{Edit, Finding};
use std::collections::BTreeMap;

/// Fields that say whose terminal it is, with what gives them.
const OWN: [(u8, &str); 2] = [(41, "store.terminal_id"), (42, "store.merchant_id")];

/// So many uses of one trace number are compared.
const USES_MAX: usize = 32;

/// Looks at every message of a flow.
pub(super) fn check<'v>(look: &Look<'_, 'v>, findings: &mut Vec<Finding>) {
    let mut numbers = Numbers { look, findings, traces: BTreeMap::new() };
    look.lead(&mut numbers);
    numbers.twice();
}

struct Numbers<'m, 'l, 'v> {
    look: &'m Look<'l, 'v>,
    findings: &'m mut Vec<Finding>,
    /// For each name of a trace number the messages it is written into.
    traces: BTreeMap<LocalId, Vec<(Literal<'v>, Seen<'v>)>>,
}

impl<'v> Visitor<'v> for Numbers<'_, '_, 'v> {
    const LOOKS: Looks = Looks::MESSAGE;

    fn expression(&mut self, expression: &'v Expression) {
        let values = self.look.values;
        let ExpressionKind::Message { mti, .. } = &expression.kind else {
            return;
        };
        let (Some(dialect), Some(mti)) = (&values.all.dialect, Mti::parse(&mti.text)) else {
            return;
        };
        let Some(literal) = values.literal(Seen { file: self.look.file, expression }) else {
            return;
        };
        let is_reversal = dialect.reversal.as_ref().is_some_and(|reversal| reversal.mti == mti);
        for (name, _) in literal.fields {
            let (Some(value), Some(field)) = (literal.field(name.number), dialect.field(name.number)) else {
                continue;
            };
            if field.holds == Holds::Stan {
                // A reversal carries the number of its original.
                if is_reversal || literal.from.is_some() {
                    continue;
                }
                if values.text(value).is_some() {
                    let right = "host.next_stan()";
                    let finding = fixed(data::TRACE_NUMBER_FIXED, name.number, value, right).note(
                        "主机用流水号分辨重发与新交易：号码重复的交易会被当作重发，或以重复交易拒绝",
                        "by its trace number a host tells a repeat from something new: a second transaction under one number is taken for a repeat, or refused as a duplicate",
                    );
                    self.findings.push(finding);
                } else if let Some(local) = values.local(value)
                    && !values.is_changeable(value.file, local)
                {
                    self.traces.entry(local).or_default().push((literal, value));
                }
            } else if let Some((_, right)) = OWN.iter().find(|(number, _)| *number == name.number)
                && values.text(value).is_some()
            {
                let finding = fixed(data::OWN_NUMBER_FIXED, name.number, value, right).note(
                    "同一脚本装到另一台终端，就会以别人的名义做交易，款项记到别的商户",
                    "the same script on another terminal would trade under somebody else's name, and the money would go to another merchant",
                );
                self.findings.push(finding);
            }
        }
    }
}

fn fixed(code: Code, field: u8, value: Seen<'_>, right: &str) -> Finding {
    Finding::warning(code, value.place()).fact("field", Fact::Field(field)).edits(
        vec![Edit { place: value.place(), replacement: right.into() }],
        false,
        format!("改为 {right}"),
        format!("write `{right}`"),
    )
}

impl Numbers<'_, '_, '_> {
    /// Reports a second message under the trace number of a first one.
    fn twice(&mut self) {
        if self.traces.values().all(|uses| uses.len() < 2) {
            return;
        }
        let choices = Choices::of(self.look);
        for uses in self.traces.values() {
            for pair in uses.windows(2).take(USES_MAX) {
                let [(first, first_at), (second, second_at)] = pair else { continue };
                if choices.part(first.seen.expression.span, second.seen.expression.span) {
                    continue;
                }
                self.findings.push(
                    Finding::warning(data::TRACE_NUMBER_REUSED, second_at.place())
                        .text("message", second.mti.text.as_str())
                        .also(
                            first_at.place(),
                            format!("已用于报文 {}", first.mti.text),
                            format!("used for message {} already", first.mti.text),
                        )
                        .note(
                            "一个流水号一条报文，应答才分得清；只有冲正沿用原号",
                            "one number, one message: only so can replies be told apart; a reversal alone carries the number of its original",
                        )
                        .edits(
                            vec![Edit { place: second_at.place(), replacement: "host.next_stan()".into() }],
                            false,
                            "另取一个流水号",
                            "take a number of its own",
                        ),
                );
            }
        }
    }
}
