//! A request that is sent again although its answer is final.

use super::answer::Kind;
use super::look::{self, Look};
use super::walk::Fails;
use crate::language::check::checked::{Meaning, Target};
use crate::language::syntax::tree::{Expression, Handler, Statement, StatementKind};
use crate::language::syntax::visit::{Looks, Visitor};
use crate::script_error::catalogue::answers as found;
use crate::script_error::code::{Code, Fact};
use crate::script_error::finding::Finding;
use crate::script_error::source::{Place, Span};
use crate::script_error::words::Said;

/// Tells of a loop that sends again.
pub(super) fn tell(look: &mut Look<'_>, kind: Kind, send: Span, told: Span) {
    let Some(code) = code(kind) else { return };
    let finding =
        start(kind, code, look.place(send)).label("循环的下一轮会再发一次", "the next turn of the loop sends it again");
    let finding = why(kind, finding, look.place(told), true);
    look.findings.push(finding);
}

/// Looks for `retry` behind a flow that failed because of the answer.
pub(super) fn retried(look: &mut Look<'_>, fails: &Fails) {
    let roll = look.roll;
    for (at, _) in look.sound_items() {
        let mut retries = Retries { look, fails };
        roll.lead(at, &mut retries);
    }
}

struct Retries<'r, 'l> {
    look: &'r mut Look<'l>,
    fails: &'r Fails,
}

impl<'t> Visitor<'t> for Retries<'_, '_> {
    const LOOKS: Looks = Looks::STATEMENT;

    fn statement(&mut self, statement: &'t Statement) {
        if let StatementKind::Let { value, handlers, .. }
        | StatementKind::Assign { value, handlers, .. }
        | StatementKind::Expression { value, handlers } = &statement.kind
        {
            handlers.iter().filter(|handler| handler.retry.is_some()).for_each(|handler| self.retry(value, handler));
        }
    }
}

impl Retries<'_, '_> {
    fn retry(&mut self, value: &Expression, handler: &Handler) {
        let look = &mut *self.look;
        let Some(Meaning::Call { target: Target::Function(id), .. }) = look::meaning(look.facts, value) else {
            return;
        };
        let Some(meaning) = look.facts.handlers.get(&handler.span.start) else {
            return;
        };
        let failed = self
            .fails
            .0
            .iter()
            .find(|((function, error), _)| function == id && (meaning.all || meaning.errors.contains(error)));
        let Some((_, (kind, told, fail))) = failed else {
            return;
        };
        let signature = look.all.signature(*id);
        // With another card or another PIN it is another request.
        let anew = signature.is_some_and(|signature| {
            signature.uses.contains(&"card") || (*kind == Kind::WrongPin && signature.uses.contains(&"pinpad"))
        });
        let (Some(code), Some(signature), false) = (code(*kind), signature, anew) else {
            return;
        };
        let there = |span: Span| Place { file: signature.file, span };
        let finding = start(*kind, code, look.place(look::head(handler))).label("在此重试", "tried again here").also(
            there(*fail),
            "由此离开",
            "it leaves by this",
        );
        let finding = why(*kind, finding, there(*told), false)
            .help("不重试这个错误；其余的可以", "do not retry this error; others may be");
        look.findings.push(finding);
    }
}

fn code(kind: Kind) -> Option<Code> {
    match kind {
        Kind::Capture => Some(found::SENT_AFTER_CAPTURE),
        Kind::Yes | Kind::No => Some(found::SENT_AFTER_ANSWER),
        Kind::WrongPin => Some(found::PIN_SENT_AGAIN),
        Kind::Later => None,
    }
}

/// Warnings all of them: the money is safe either way, and a condition that is not followed here may stand between.
fn start(kind: Kind, code: Code, at: Place) -> Finding {
    match kind {
        Kind::Yes => Finding::warning(code, at).fact("answer", Fact::Said(Said::new("已批准", "approved"))),
        Kind::No => Finding::warning(code, at).fact("answer", Fact::Said(Said::new("被拒绝", "declined"))),
        Kind::Capture | Kind::WrongPin | Kind::Later => Finding::warning(code, at),
    }
}

/// Labels, note and, for a loop, what to do.
fn why(kind: Kind, finding: Finding, told: Place, in_loop: bool) -> Finding {
    let (zh, en) = match kind {
        Kind::Capture => ("应答要求留卡", "the card is to be kept"),
        Kind::WrongPin => ("密码错", "the PIN was wrong"),
        Kind::Yes => ("已批准", "approved"),
        Kind::No | Kind::Later => ("被拒绝", "declined"),
    };
    let finding = if in_loop {
        finding.also(told, format!("{zh}，却没有离开循环"), format!("{en}, and nothing leaves the loop"))
    } else {
        finding.also(told, zh, en)
    };
    let (zh, en, leave_zh, leave_en) = match kind {
        Kind::Capture => (
            "要留的卡再问一次还是要留；收银员须联系收单机构",
            "asked again, such a card is still to be kept; the cashier has to call the acquirer",
            "在 capture 一支里 return",
            "`return` in the arm for `capture`",
        ),
        Kind::WrongPin => (
            "同一个 PIN 块再错一次，持卡人少一次机会",
            "the same PIN block is wrong again and costs the cardholder a try",
            "重发之前调用 pinpad.enter_pin",
            "call `pinpad.enter_pin` before sending again",
        ),
        Kind::Yes => (
            "再发一次就是再扣一次款",
            "sent once more, it is charged once more",
            "批准之后 return 或 break",
            "`return` or `break` after an approval",
        ),
        Kind::No | Kind::Later => (
            "只有 retry 类应答码（如 91、96）值得重发",
            "only codes of category `retry`, such as 91 and 96, are worth another try",
            "被拒绝时 return declined(reply.code)",
            "`return declined(reply.code)` after a decline",
        ),
    };
    let finding = finding.note(zh, en);
    if in_loop { finding.help(leave_zh, leave_en) } else { finding }
}
