//! Calls: what each waits, by its `within:` or by what the called flow does.

use super::known::Value;
use super::path::Path;
use super::wait::{Cause, Share, Unknown};
use super::walk::{Summary, Walk};
use super::written;
use crate::language::builtin::row::{Builtin, Does, Op, Owner};
use crate::language::check::checked::{FunctionId, Meaning, Target};
use crate::language::check::statement::written_message;
use crate::language::syntax::tree::{Argument, Expression, ExpressionKind};
use crate::payment::iso8583::dialect::{MessageRule, Mti};
use smol_str::{SmolStr, format_smolstr};
use std::rc::Rc;

/// The sign-in, before which a waiting reversal is tried too.
const SIGN_IN: Mti = Mti(800);

impl<'w> Walk<'w> {
    /// What an expression does itself, once its parts are there.
    pub(super) fn effect(&mut self, expression: &Expression, path: Path) -> Path {
        let Some(Meaning::Call { target, arguments: places, .. }) = self.meaning(expression) else { return path };
        let ExpressionKind::Call { arguments, .. } = &expression.kind else { return path };
        let argument = |place: usize| {
            let at = places.get(place).copied().flatten()?;
            arguments.get(usize::from(at))
        };
        match *target {
            Target::Builtin(row) if row.0.waits => {
                let within = row.0.takes.iter().position(|takes| takes.name == "within").and_then(argument);
                let first = argument(0);
                self.builtin(row.0, within, first, path)
            }
            Target::Function(id) => {
                let all = self.all;
                let count = all.signature(id).map_or(0, |signature| signature.parameters.len());
                let given: Vec<Option<&Expression>> =
                    (0..count).map(|at| argument(at).map(|argument| &argument.value)).collect();
                self.function(id, &given, expression, path)
            }
            _ => path,
        }
    }

    fn builtin(
        &mut self,
        row: &'static Builtin,
        within: Option<&Argument>,
        message: Option<&Argument>,
        path: Path,
    ) -> Path {
        // A call without its limit was reported.
        let Some(within) = within else { return path };
        let sends = row.does == Does::Request(Op::HostSend);
        let rule = if sends { message.and_then(|message| self.rule(&message.value)) } else { None };
        written::within(self, row, &within.value, rule);
        let cause = if sends {
            // A message that is not written out here may be one of those before which reversals go.
            let delivers = rule.is_none_or(|rule| rule.mac || rule.mti == SIGN_IN);
            Cause::Host { delivers: delivers && self.delivery_ms > 0 }
        } else {
            Cause::Call
        };
        let share = Share { place: self.place(within.value.span), cause, name: name(row), each_ms: 0, times: 1 };
        match self.duration(&within.value) {
            Value::Known(ms) => {
                let shares: Rc<[Share]> = Rc::new([Share { each_ms: ms.max(0), ..share }]);
                self.steps.wait(path, &shares, &shares, self.delivery_ms)
            }
            Value::Parameter(parameter) => {
                self.by_parameter(parameter, share.clone());
                self.without_length(share, path)
            }
            Value::Unknown => {
                self.not_known(Unknown { place: share.place, name: share.name.clone(), each_ms: None });
                self.without_length(share, path)
            }
        }
    }

    /// The reversal that may go first is known, even where the wait itself is not.
    fn without_length(&mut self, share: Share, path: Path) -> Path {
        if !matches!(share.cause, Cause::Host { .. }) {
            return path;
        }
        let shares: Rc<[Share]> = Rc::new([share]);
        self.steps.wait(path, &shares, &shares, self.delivery_ms)
    }

    /// The dialect's rule for a message that is written out.
    fn rule(&self, message: &Expression) -> Option<&'w MessageRule> {
        let all = self.all;
        let written = written_message(self.all, self.file, message);
        let (mti, processing) = match (&written, self.meaning(message)) {
            (Some(written), _) => written,
            (None, Some(Meaning::Local(id))) => self.messages.get(id)?,
            _ => return None,
        };
        all.dialect.as_ref()?.rule(*mti, processing.as_deref())
    }

    fn function(&mut self, id: FunctionId, given: &[Option<&Expression>], call: &Expression, path: Path) -> Path {
        let summaries = self.summaries;
        // In a circle, which was reported, nothing is known yet.
        let Some(summary) = summaries.get(usize::from(id.0)).and_then(Option::as_ref) else { return path };
        let own = self.own_of(id, summary, call);
        written::called(self, id, summary, &own, call);
        let all: Rc<[Share]> = if summary.deadline.is_some() { own.clone() } else { summary.all.as_slice().into() };
        let delivery_ms = self.delivery_ms;
        let path = self.steps.wait(path, &own, &all, delivery_ms);
        if summary.deadline.is_some() {
            return path;
        }
        summary.unknown.iter().for_each(|unknown| self.not_known(unknown.clone()));
        let mut path = path;
        for wait in &summary.by_parameter {
            let share = wait.share.clone();
            let given = given.get(wait.parameter).copied().flatten();
            match given.map(|value| (self.duration(value), value)) {
                Some((Value::Known(ms), value)) => {
                    written::handed_in(self, &share, value, ms);
                    // Its deliveries were counted with the way itself. The value is what a reader can change.
                    let cause = match share.cause {
                        Cause::Host { .. } => Cause::Host { delivers: false },
                        cause => cause,
                    };
                    let place = self.place(value.span);
                    let shares: Rc<[Share]> = Rc::new([Share { each_ms: ms.max(0), cause, place, ..share }]);
                    path = self.steps.wait(path, &shares, &shares, 0);
                }
                Some((Value::Parameter(parameter), _)) => self.by_parameter(parameter, share),
                Some((Value::Unknown, _)) | None => {
                    self.not_known(Unknown { place: share.place, name: share.name, each_ms: None });
                }
            }
        }
        path
    }

    /// A flow that says how long it may take counts as that; else what it waits.
    fn own_of(&self, id: FunctionId, summary: &Summary, call: &Expression) -> Rc<[Share]> {
        let Some(deadline) = summary.deadline else { return summary.own.as_slice().into() };
        let name = self.all.signature(id).map_or_else(SmolStr::default, |signature| signature.name.clone());
        let messages = summary.all.iter().map(Share::deliveries).sum();
        let mut shares =
            vec![Share { place: self.place(call.span), cause: Cause::Flow, name, each_ms: deadline.ms, times: 1 }];
        if messages > 0 {
            // Reversals of earlier transactions come on top of what a flow says of itself.
            let cause = Cause::Host { delivers: true };
            let name = SmolStr::new_static("host.send");
            shares.push(Share { place: self.place(call.span), cause, name, each_ms: 0, times: messages });
        }
        shares.into()
    }
}

/// A builtin as a script writes it: `card.read`.
pub(super) fn name(row: &Builtin) -> SmolStr {
    match row.owner {
        Owner::Device(device) => format_smolstr!("{device}.{}", row.name),
        _ => SmolStr::new_static(row.name),
    }
}
