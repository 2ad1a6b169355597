//! Messages that book an amount and are never reversed, as a refund; and what is to reverse the others.

use super::call::{BLIND, blind_name, head};
use super::message::Source;
use super::step::{self, Steps};
use super::summary::Written;
use super::walk::Walk;
use crate::language::builtin::row::{Does, Op};
use crate::language::check::checked::{ErrorRef, Meaning, Target};
use crate::language::syntax::tree::{Arm, Expression, ExpressionKind, Handler, Statement, StatementKind};
use crate::script_error::catalogue::reversal;
use crate::script_error::code::Fact;
use crate::script_error::finding::Finding;
use crate::script_error::words::Said;

impl Walk<'_> {
    /// Notes that an amount is sent that no reversal takes back.
    pub(super) fn booked(&mut self, written: &Written, steps: &Steps) {
        let known = self.all.dialect.as_ref().is_some_and(|dialect| {
            dialect.rule(written.mti, written.processing.as_deref()).is_some_and(|rule| !rule.moves_money)
        });
        if known && written.fresh.is_some() {
            self.summary.books.get_or_insert_with(|| steps.clone());
        }
    }

    /// Finds a second attempt at such a booking, under a new number, where nobody knows what became of the first.
    pub(super) fn booked_again(&mut self, value: &Expression, handlers: &[Handler]) {
        let Some((steps, flow)) = self.books(value) else {
            return;
        };
        for handler in handlers {
            let Some(lost) = blind_name(handler).filter(|_| self.takes_blind(value, handler)) else {
                continue;
            };
            let retries = handler.retry.is_some() && flow.is_some();
            let goes_round = !self.repeats.is_empty() && handler.body.as_ref().is_some_and(|arm| !leaves(arm));
            let at = if retries { head(handler) } else { value.span };
            if !(retries || goes_round) || self.is_told(value.span) || !self.said.insert(at) {
                continue;
            }
            let finding = match (retries, &flow) {
                (true, _) => Finding::error(reversal::BOOKED_AGAIN, self.place(at)),
                // The next turn may be about something else.
                (false, _) => Finding::warning(reversal::BOOKED_AGAIN, self.place(at)),
            };
            let again = if retries {
                Said::new("再走一遍流程，换用新的流水号", "goes through the flow again, with a new trace number")
            } else {
                Said::new("下一轮再发一次，流水号是新的", "the next turn sends it again, with a new trace number")
            };
            let mut finding = finding.fact("flow", Fact::Text(flow.clone().unwrap_or_else(|| "host.send".into())));
            finding.at.text = again;
            let finding = if retries { finding } else { finding.also(self.place(lost), step::LOST.zh, step::LOST.en) };
            let finding = step::show(finding, &steps)
                .note(
                    "主机靠流水号识别重复；新号码就是另一笔",
                    "the host tells a repeat by its trace number; under a new one it is another booking",
                )
                .help(
                    "让错误继续上传，由人工核对；或用同一报文重发：host.send(m) on timeout retry 2",
                    "let the error travel, so that a person checks; or send the same message again: \
                     `host.send(m) on timeout retry 2`",
                );
            self.findings.push(finding);
        }
    }

    /// Where a call books an amount, and the flow it calls, if it is one.
    fn books(&self, value: &Expression) -> Option<(Steps, Option<String>)> {
        if self.region.is_some() {
            return None;
        }
        let (Some(Meaning::Call { target, .. }), ExpressionKind::Call { arguments, .. }) =
            (self.meaning(value), &value.kind)
        else {
            return None;
        };
        match target {
            Target::Function(id) => {
                let steps = self.known.get(id)?.books.clone()?;
                Some((steps, Some(self.all.signature(*id)?.name.to_string())))
            }
            Target::Builtin(row) if row.0.does == Does::Request(Op::HostSend) => {
                let Source::Written(written) = self.source(&arguments.first()?.value) else {
                    return None;
                };
                let rule = self.all.dialect.as_ref()?.rule(written.mti, written.processing.as_deref())?;
                // A number that was drawn before the loop is the same in every turn: the host knows the repeat.
                let drawn = written.fresh.filter(|drawn| drawn.file == self.file)?;
                let inside = self.repeats.last().is_some_and(|start| drawn.span.start > *start);
                (inside && !rule.moves_money).then(|| (step::one(written.place, step::WRITTEN), None))
            }
            _ => None,
        }
    }

    /// Does a handler take a lost answer that the call gives? A flow may have taken it itself.
    fn takes_blind(&self, call: &Expression, handler: &Handler) -> bool {
        let gives = |error: &ErrorRef| match self.meaning(call) {
            Some(Meaning::Call { target: Target::Function(id), .. }) => {
                self.all.signature(*id).is_some_and(|signature| signature.errors.contains(error))
            }
            _ => true,
        };
        self.facts.handlers.get(&handler.span.start).is_some_and(|meaning| {
            let mut taken = meaning.errors.iter().filter(|error| gives(error));
            taken.any(|error| matches!(error, ErrorRef::Catalogue(code) if BLIND.contains(code)))
        })
    }

    /// Makes sure that what is to reverse the request is a reversal.
    pub(super) fn reversed_by(&mut self, by: &Expression, request: &Expression) {
        let Some(rule) = self.all.dialect.as_ref().and_then(|dialect| dialect.reversal.as_ref()) else {
            return;
        };
        let wanted = rule.mti;
        let itself = self.local(by).is_some_and(|local| self.local(request) == Some(local));
        let written = match self.source(by) {
            Source::Written(written) => Some(written),
            _ => None,
        };
        if self.handed || self.is_told(by.span) || !itself && written.as_ref().is_none_or(|by| by.mti == wanted) {
            return;
        }
        let finding = Finding::error(reversal::NOT_A_REVERSAL, self.place(by.span)).text("wanted", wanted.to_string());
        let finding = match &written {
            _ if itself => finding.label("这就是请求本身", "this is the request itself"),
            Some(written) => {
                let finding = finding.label(format!("这是 {}", written.mti), format!("this is a {}", written.mti));
                self.written_at(finding, written.place, by.span)
            }
            None => finding,
        };
        self.findings.push(
            finding
                .note(
                    "出错时发出去的就是它；它不是冲正，主机会再记一笔账",
                    "this is what goes out after an error; being no reversal, it would be booked a second time",
                )
                .help(
                    format!("去掉 by，方言会作出冲正；或写 message {wanted} from 请求"),
                    format!("leave `by` out, the dialect makes the reversal; or write `message {wanted} from request`"),
                ),
        );
    }
}

/// Does the last statement leave the loop?
fn leaves(arm: &Arm) -> bool {
    let statement: Option<&Statement> = match arm {
        Arm::Block(block) => block.statements.last(),
        Arm::Statement(statement) => Some(statement),
    };
    statement.is_some_and(|statement| {
        matches!(statement.kind, StatementKind::Return(_) | StatementKind::Fail(_) | StatementKind::Break)
    })
}
