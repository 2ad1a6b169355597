//! The batch: closed only by a settlement that was answered and whose result was read.

use super::program::Look;
use super::values::{Literal, Seen, Values};
use crate::language::builtin::row::{Does, Op, Pure};
use crate::language::check::checked::{FunctionId, LocalId, Meaning, Target};
use crate::language::check::paths::order::Calls;
use crate::language::syntax::tree::{Expression, ExpressionKind, Statement, StatementKind, StringPart};
use crate::language::syntax::visit::{Looks, Visitor};
use crate::language::types::Type;
use crate::payment::iso8583::dialect::Mti;
use crate::script_error::catalogue::data;
use crate::script_error::finding::Finding;
use crate::script_error::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// Fields of a reply that come back as they were sent, or only say when: they tell nothing of the result.
const ECHOED: [u8; 10] = [3, 4, 11, 12, 13, 15, 37, 41, 42, 49];
/// How many expressions are looked into for one batch number.
const LOOKS_MAX: usize = 200;

/// Looks at every `store.set_batch` of a flow.
pub(super) fn check<'v>(look: &Look<'_, 'v>, settling: &Settling, findings: &mut Vec<Finding>) {
    let mut batches =
        Batches { look, settling, settlements: Vec::new(), elsewhere: false, pending_seen: false, findings };
    look.lead(&mut batches);
}

/// A settlement that was sent.
struct Settlement {
    sent: Span,
    reply: Option<LocalId>,
    read: bool,
}

struct Batches<'m, 'l, 'v> {
    look: &'m Look<'l, 'v>,
    settling: &'m Settling,
    settlements: Vec<Settlement>,
    /// Did a flow that was called settle, or may it have?
    elsewhere: bool,
    /// Was it looked at how many reversals wait, or were they sent?
    pending_seen: bool,
    findings: &'m mut Vec<Finding>,
}

/// Is it a message of settlement, 05xx?
fn settles(mti: &str) -> bool {
    Mti::parse(mti).is_some_and(|mti| mti.0 / 100 == 5)
}

impl<'v> Visitor<'v> for Batches<'_, '_, 'v> {
    const LOOKS: Looks = Looks::LEFT_STATEMENT.and(Looks::MEMBER).and(Looks::CALL).and(Looks::CALL.left());

    fn leave_statement(&mut self, statement: &'v Statement) {
        let StatementKind::Let { name, value, .. } = &statement.kind else {
            return;
        };
        let reply = self.look.values.declared(self.look.file, name);
        if let Some(settlement) = self.settlements.last_mut()
            && settlement.sent == value.span
        {
            settlement.reply = reply;
        }
    }

    fn expression(&mut self, expression: &'v Expression) {
        let values = self.look.values;
        let seen = Seen { file: self.look.file, expression };
        match &expression.kind {
            ExpressionKind::Member { .. } => {
                self.pending_seen |= values.asks(seen, Op::JournalPending);
                let object = match values.message_field(seen) {
                    Some((number, object)) if !ECHOED.contains(&number) => Some(object),
                    Some(_) => None,
                    None => values.member(seen, Pure::ReplyCode),
                };
                if let Some(local) = object.and_then(|object| values.local(object)) {
                    self.read(local);
                }
            }
            ExpressionKind::Call { arguments, .. } => {
                for argument in arguments {
                    let argument = Seen { file: self.look.file, expression: &argument.value };
                    if let Some(local) = values.local(argument) {
                        self.read(local);
                    }
                }
            }
            _ => {}
        }
    }

    fn leave_expression(&mut self, expression: &'v Expression) {
        let values = self.look.values;
        let seen = Seen { file: self.look.file, expression };
        if !matches!(expression.kind, ExpressionKind::Call { .. }) {
            return;
        }
        if values.asks(seen, Op::HostSend) {
            let message = values.argument(seen, 0);
            match message.and_then(|message| values.literal(message)) {
                Some(literal) if settles(&literal.mti.text) => {
                    self.pending(expression, &literal);
                    self.settlements.push(Settlement { sent: expression.span, reply: None, read: false });
                }
                // Those that wait go out before anything that carries a MAC.
                Some(literal) => self.pending_seen |= self.carries_mac(&literal),
                // A message from elsewhere may be a settlement.
                None => {
                    self.elsewhere = true;
                    self.pending_seen = true;
                }
            }
        } else if values.asks(seen, Op::StoreSetBatch) {
            if let Some(number) = values.argument(seen, 0) {
                self.set(expression, number);
            }
        } else if let Some(Meaning::Call { target: Target::Function(id), .. }) = values.meaning(seen) {
            self.elsewhere |= self.settling.0.contains(id);
            let uses = values.all.signature(*id).map_or(&[][..], |signature| &signature.uses);
            self.pending_seen |= uses.contains(&"journal") || uses.contains(&"host");
        }
    }
}

impl<'v> Batches<'_, '_, 'v> {
    fn read(&mut self, local: LocalId) {
        for settlement in &mut self.settlements {
            settlement.read |= settlement.reply == Some(local);
        }
    }

    fn carries_mac(&self, literal: &Literal<'v>) -> bool {
        let values = self.look.values;
        let rule = values.all.dialect.as_ref().zip(Mti::parse(&literal.mti.text)).and_then(|(dialect, mti)| {
            let processing = literal.field(3).and_then(|field| values.text(field));
            dialect.rule(mti, processing)
        });
        rule.is_none_or(|rule| rule.mac)
    }

    /// Reports a settlement that may leave before a reversal.
    fn pending(&mut self, call: &'v Expression, literal: &Literal<'v>) {
        if std::mem::replace(&mut self.pending_seen, true) || self.carries_mac(literal) {
            return;
        }
        let start = literal.mti.span;
        self.findings.push(
            Finding::warning(data::SETTLED_WITH_PENDING, self.look.place(call.span))
                .also(
                    self.look.place(start),
                    "待发的冲正先送；没有送完，这一条不发",
                    "what waits goes first, and this is not sent until it is through",
                )
                .help(
                    "先写 if journal.pending > 0 { ... }，等冲正送完再结算",
                    "write `if journal.pending > 0 { ... }` first, and settle once the reversals have gone",
                ),
        );
    }

    fn set(&mut self, call: &'v Expression, number: Seen<'v>) {
        if self.elsewhere {
            return;
        }
        let at = self.look.place(call.span);
        match self.settlements.last() {
            Some(settlement) if !settlement.read => self.findings.push(
                Finding::warning(data::BATCH_WITHOUT_RESULT, at)
                    .label("在此换批次", "the batch is changed here")
                    .also(self.look.place(settlement.sent), "结算在此发出，结果没有看", "the settlement is sent here, and its result is not looked at")
                    .note(
                        "对账不平时须先批上送再换批次；换了批次，主机没有的那几笔就再也送不上去",
                        "if the totals disagree the batch has to be uploaded first; once it is changed, what the host lacks can never be sent to it",
                    )
                    .help(
                        "先看应答中的对账结果：第 48 域，1 平、2 不平、3 出错",
                        "look at the result in the reply first: in F48, 1 balanced, 2 not balanced, 3 error",
                    ),
            ),
            Some(_) => {}
            None if from_elsewhere(self.look.values, number, &mut { LOOKS_MAX }) => {}
            None => self.findings.push(
                Finding::warning(data::BATCH_OUTSIDE_SETTLEMENT, at)
                    .also(number.place(), "此号不是主机给的", "this number does not come from a host")
                    .note(
                        "批次号由签到应答给出，或在结算相符之后加一；随意更换，主机会以批次不符（77）拒绝，未结算的交易也对不上账",
                        "a batch number comes with the reply to a sign-in, or goes up by one after a settlement that balanced; changed at will, hosts answer 77, and what was not settled never will be",
                    )
                    .help(
                        "先发结算（0500）并核对结果，或采用主机应答里的批次号",
                        "send the settlement (0500) and look at its result first, or take the number of the host's reply",
                    ),
            ),
        }
    }
}

/// Does a value come from a reply, or from a caller, who knows more?
fn from_elsewhere<'v>(values: &Values<'v>, seen: Seen<'v>, looks: &mut usize) -> bool {
    let Some(left) = looks.checked_sub(1) else {
        return true;
    };
    *looks = left;
    let root = values.likely_root(seen);
    let mut inside = |expression: &'v Expression| from_elsewhere(values, Seen { file: root.file, expression }, looks);
    if let Some((_, object)) = values.message_field(root) {
        return matches!(values.type_of(object), Type::Reply(_));
    }
    match &root.expression.kind {
        ExpressionKind::Name(_) => values.local(root).is_some(),
        ExpressionKind::Call { arguments, .. } => match values.builtin(root).map(|row| row.does) {
            Some(Does::Pure(_)) => arguments.iter().any(|argument| inside(&argument.value)),
            _ => true,
        },
        ExpressionKind::Text(text) => text.parts.iter().any(|part| match part {
            StringPart::Value(value) => inside(value),
            StringPart::Text(_) => false,
        }),
        ExpressionKind::Member { .. } => !values.asks(root, Op::StoreBatchNo),
        ExpressionKind::If { .. } | ExpressionKind::Match { .. } => true,
        _ => false,
    }
}

/// The functions that write a settlement, or call one that does.
pub(super) struct Settling(BTreeSet<FunctionId>);

impl Settling {
    /// Looks at every function once.
    pub(super) fn of(values: &Values<'_>, calls: &Calls) -> Settling {
        let mut settling = BTreeSet::new();
        let mut open = Vec::new();
        let mut callers: BTreeMap<FunctionId, Vec<FunctionId>> = BTreeMap::new();
        for (at, signature) in values.all.functions.iter().enumerate() {
            let Ok(at) = u16::try_from(at) else { break };
            let id = FunctionId(at);
            let mut search = Search { settles: false };
            values.all.lead(signature.file, signature.item, &mut search);
            if search.settles {
                settling.insert(id);
                open.push(id);
            }
            for called in calls.by(usize::from(at)) {
                let Ok(called) = u16::try_from(*called) else { continue };
                callers.entry(FunctionId(called)).or_default().push(id);
            }
        }
        while let Some(id) = open.pop() {
            let above = callers.remove(&id).unwrap_or_default();
            open.extend(above.into_iter().filter(|caller| settling.insert(*caller)));
        }
        Settling(settling)
    }
}

struct Search {
    settles: bool,
}

impl<'v> Visitor<'v> for Search {
    const LOOKS: Looks = Looks::MESSAGE;

    fn expression(&mut self, expression: &'v Expression) {
        if let ExpressionKind::Message { mti, .. } = &expression.kind {
            self.settles |= settles(&mti.text);
        }
    }
}
