//! `reversible`: the reversal is recorded first; every way out decides once, or reverses.

use super::super::planted::Planted;
use super::evaluator::{Evaluator, Stop, Told};
use super::value::{Fault, Message, Value};
use std::rc::Rc;
use tillscript::language::builtin::row::Op;
use tillscript::language::syntax::tree::{Block, Expression};
use tillscript::language::vm::value::Value as Border;

/// What is known of the request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sent {
    /// It did not leave.
    No,
    /// It may have reached the host.
    Perhaps,
    /// The host said no.
    Refused,
}

/// An open region.
#[derive(Debug)]
pub(super) struct Region {
    request: Rc<Message>,
    sent: Sent,
    decided: bool,
    /// How many functions run where it was opened, how many loops and handlers stand around it.
    depth: usize,
    loops: usize,
    guards: usize,
}

impl<'c> Evaluator<'c, '_> {
    /// `reversible request by … { … }`
    pub(super) fn reversible(
        &mut self,
        request: &'c Expression,
        by: Option<&'c Expression>,
        body: &'c Block,
    ) -> Result<(), Stop> {
        let Value::Message(request) = self.value(request)? else { unreachable!("a message was checked") };
        let by = match by {
            Some(by) => {
                self.seen.insert("statement reversible by");
                self.value(by)?.to_border()
            }
            None => Border::None,
        };
        if self.region.is_some() {
            return Err(self.misused("已有一个 reversible 尚未结束", "a reversible region is open already"));
        }
        self.ask_or_fail(Op::ReverseOpen, vec![Value::Message(request.clone()).to_border(), by])?;
        self.region = Some(Region {
            request,
            sent: Sent::No,
            decided: false,
            depth: self.frames.len(),
            loops: self.frame().loops,
            guards: self.guards.len(),
        });
        self.block(body)?;
        self.leave()
    }

    fn misused(&mut self, zh: &str, en: &str) -> Stop {
        self.raise("T8102", vec![("detail".into(), zh.into(), en.into())])
    }

    fn undecided(&self) -> bool {
        self.region.as_ref().is_some_and(|region| !region.decided)
    }

    /// Leaves the region: what was not decided is reversed.
    fn leave(&mut self) -> Result<(), Stop> {
        let undecided = self.undecided();
        if undecided {
            let told = self.ask(Op::Reverse, vec![Border::None]);
            self.region = None;
            return self.expect_done(told);
        }
        self.region = None;
        Ok(())
    }

    /// `return` out of the function that opened the region.
    pub(super) fn leave_by_return(&mut self) -> Result<(), Stop> {
        if self.region.as_ref().is_some_and(|region| region.depth == self.frames.len()) {
            self.leave()?;
        }
        Ok(())
    }

    /// `break` out of a loop around the region.
    pub(super) fn leave_by_break(&mut self) -> Result<(), Stop> {
        let inside = |region: &Region| region.depth == self.frames.len() && region.loops == self.frame().loops;
        if self.region.as_ref().is_some_and(inside) {
            self.leave()?;
        }
        Ok(())
    }

    /// An error that nobody takes inside the region leaves it.
    pub(super) fn error_leaves_region(&mut self, fault: &Fault) {
        let taken = self.taken_at(fault);
        let Some(region) = &self.region else { return };
        if taken.is_some_and(|at| at >= region.guards) {
            return;
        }
        if !region.decided {
            let reason = if self.planted == Some(Planted::ReasonForgotten) {
                Border::None
            } else {
                Border::Text(fault.code.clone())
            };
            // Noted or not: the reversal stands, and the error goes on its way.
            self.ask(Op::Reverse, vec![reason]);
        }
        self.region = None;
    }

    /// `commit t`
    pub(super) fn commit(&mut self, txn: &Value) -> Result<(), Stop> {
        self.may_decide()?;
        self.ask_or_fail(Op::Commit, vec![txn.to_border()])?;
        self.decide();
        Ok(())
    }

    /// `discard`: believed if nothing was sent, or the host said no.
    pub(super) fn discard(&mut self) -> Result<(), Stop> {
        self.may_decide()?;
        let sent = self.region.as_ref().map(|region| region.sent);
        if sent != Some(Sent::Perhaps) {
            self.ask_or_fail(Op::Discard, Vec::new())?;
            self.decide();
            return Ok(());
        }
        let told = self.ask(Op::Reverse, vec![Border::Text("T8101".into())]);
        self.decide();
        self.expect_done(told)?;
        Err(self.raise("T8101", Vec::new()))
    }

    /// `reverse`
    pub(super) fn reverse(&mut self) -> Result<(), Stop> {
        self.may_decide()?;
        let told = self.ask(Op::Reverse, vec![Border::None]);
        self.decide();
        self.expect_done(told)
    }

    fn may_decide(&mut self) -> Result<(), Stop> {
        match &self.region {
            None => Err(self.misused("在 reversible 之外作了决定", "a decision outside a reversible region")),
            Some(region) if region.decided => Err(self.misused("决定了两次", "a second decision")),
            Some(_) => Ok(()),
        }
    }

    fn decide(&mut self) {
        if let Some(region) = &mut self.region {
            region.decided = true;
        }
    }

    /// Before a message is sent: may it be?
    pub(super) fn sending(&mut self, message: &Rc<Message>) -> Result<(), Stop> {
        let moves = self.moves_money(message);
        let Some(region) = &mut self.region else {
            if moves {
                return Err(self.misused(
                    "在可冲正区域之外发送了动账的请求",
                    "a request that moves money was sent outside a reversible region",
                ));
            }
            return Ok(());
        };
        if !Rc::ptr_eq(&region.request, message) {
            if moves {
                return Err(self.misused("发送了另一笔动账的请求", "another request that moves money was sent"));
            }
            return Ok(());
        }
        if region.decided {
            return Err(self.misused("作出决定之后又发送了请求", "the request was sent after it was decided"));
        }
        if region.sent != Sent::No {
            return Err(self.misused("请求已经发送过", "the request was sent before"));
        }
        region.sent = Sent::Perhaps;
        Ok(())
    }

    /// After a message was sent.
    pub(super) fn sent(&mut self, message: &Rc<Message>, told: &Told) {
        let approved = |code: &str| {
            let dialect = self.checked.dialect.as_ref();
            dialect.is_some_and(|dialect| dialect.approved.iter().any(|approved| approved.to_string() == code))
        };
        let sent = match told {
            Told::Failed(code, _) if ["T5001", "T5106", "T4001", "T8011", "T8012"].contains(&code.as_str()) => {
                Some(Sent::No)
            }
            Told::Failed(..) => None,
            Told::Value(Border::Message { fields, .. }) => {
                let code = fields.iter().find(|(number, _)| *number == 39).map(|(_, value)| value);
                match code {
                    Some(Border::Code(code)) if !approved(&code.to_string()) => Some(Sent::Refused),
                    _ => None,
                }
            }
            Told::Value(_) => None,
        };
        if let (Some(sent), Some(region)) = (sent, &mut self.region)
            && Rc::ptr_eq(&region.request, message)
            && !region.decided
        {
            region.sent = sent;
        }
    }

    /// Does the dialect say that this message moves money?
    fn moves_money(&self, message: &Message) -> bool {
        let Some(dialect) = &self.checked.dialect else { return false };
        let processing = message.fields.iter().find(|(number, _)| *number == 3).map(|(_, value)| value.text());
        let rules: Vec<_> = dialect.messages.iter().filter(|rule| rule.mti.0 == message.mti).collect();
        let fitting = rules.iter().find(|rule| match (&rule.processing, processing) {
            (Some(begins), Some(code)) => code.starts_with(begins.as_str()),
            _ => false,
        });
        let rule = fitting.or_else(|| rules.iter().find(|rule| rule.processing.is_none()));
        rule.is_some_and(|rule| rule.moves_money)
    }

    /// A request that gives nothing; raises what the world says.
    pub(super) fn ask_or_fail(&mut self, op: Op, arguments: Vec<Border>) -> Result<(), Stop> {
        let told = self.ask(op, arguments);
        self.expect_done(told)
    }

    fn expect_done(&mut self, told: Told) -> Result<(), Stop> {
        match told {
            Told::Value(_) => Ok(()),
            Told::Failed(code, facts) => Err(self.raise(&code, facts)),
        }
    }
}
