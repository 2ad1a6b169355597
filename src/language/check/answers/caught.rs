//! Handlers that drop an error, hide one that matters, or say of a lost answer what nobody knows.

use super::look::{self, Look};
use crate::language::builtin::row::{Does, Op};
use crate::language::builtin::shapes::{self, outcome};
use crate::language::check::checked::{ErrorRef, FunctionKind, HandlerMeaning, LocalId, Meaning, Target};
use crate::language::check::handler::small;
use crate::language::check::money::moves_money;
use crate::language::check::paths::call::BLIND;
use crate::language::check::statement::written_message;
use crate::language::syntax::tree::{
    Argument, Arm, Expression, ExpressionKind, HandledErrors, Handler, Item, ItemKind, Statement, StatementKind,
};
use crate::language::syntax::visit::{self, Looks, Visitor};
use crate::language::types::Type;
use crate::payment::iso8583::dialect::Mti;
use crate::script_error::catalogue::{self, answers as found, keys, network, person, storage};
use crate::script_error::code::Code;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::Span;
use smol_str::SmolStr;
use std::collections::BTreeMap;

/// Errors after which books or keys may be wrong, so that somebody has to see them.
const GRAVE: [Code; 9] = [
    keys::BAD_MAC,
    keys::KEY_REFUSED,
    keys::BAD_KEY_BUNDLE,
    keys::NO_MASTER_KEY,
    network::REPLY_MISMATCH,
    network::GARBLED_REPLY,
    network::REVERSAL_UNFINISHED,
    storage::STORAGE_FULL,
    storage::JOURNAL_FAILED,
];

/// What gives no value and yet decides whether the steps behind it make sense.
const NEEDED: [Op; 5] =
    [Op::PinpadActivateKeys, Op::PinpadEraseWorkKeys, Op::StoreSetBatch, Op::StoreMarkSignedIn, Op::StoreMarkSignedOut];

/// Looks through a flow.
/// `charging`: of every function, does it ask for money itself or through what it calls?
pub(super) fn check(look: &mut Look<'_>, at: usize, item: &Item, charging: &[bool]) {
    if matches!(item.kind, ItemKind::Flow(_)) {
        look.roll.lead(at, &mut Caught { look, charging, inside: 0, messages: BTreeMap::new() });
    }
}

struct Caught<'c, 'l> {
    look: &'c mut Look<'l>,
    charging: &'c [bool],
    /// How many `reversible` are around.
    inside: usize,
    /// Messages that names stand for.
    messages: BTreeMap<LocalId, (Mti, Option<SmolStr>)>,
}

impl<'t> Visitor<'t> for Caught<'_, '_> {
    const LOOKS: Looks = Looks::STATEMENT.and(Looks::LEFT_STATEMENT);

    fn statement(&mut self, statement: &'t Statement) {
        match &statement.kind {
            StatementKind::Reversible { .. } => self.inside += 1,
            StatementKind::Let { name, value, handlers, .. } => {
                let written = written_message(self.look.all, self.look.unit.tree.file, value);
                if let (Some(id), Some(message)) = (self.look.facts.declared.get(&name.span.start), written) {
                    self.messages.insert(*id, message);
                }
                self.handlers(value, handlers, true);
            }
            StatementKind::Assign { value, handlers, .. } => self.handlers(value, handlers, true),
            StatementKind::Expression { value, handlers } => self.handlers(value, handlers, false),
            _ => {}
        }
    }

    fn leave_statement(&mut self, statement: &'t Statement) {
        if matches!(statement.kind, StatementKind::Reversible { .. }) {
            self.inside -= 1;
        }
    }
}

/// A call that is guarded: its name, and the errors it can raise.
struct Call<'c> {
    name: String,
    errors: Vec<ErrorRef>,
    whole: &'c Expression,
}

impl<'l> Caught<'_, 'l> {
    fn handlers(&mut self, value: &Expression, handlers: &[Handler], gives: bool) {
        if handlers.is_empty() {
            return;
        }
        let Some(call) = self.call(value) else { return };
        self.walked_away(&call, handlers);
        let mut named: Vec<ErrorRef> = Vec::new();
        for handler in handlers {
            let Some(meaning) = self.look.facts.handlers.get(&handler.span.start) else {
                continue;
            };
            let taken: Vec<ErrorRef> = if meaning.all {
                call.errors.iter().copied().filter(|error| !named.contains(error)).collect()
            } else {
                call.errors.iter().copied().filter(|error| meaning.errors.contains(error)).collect()
            };
            named.extend(taken.iter().copied());
            if let Some(arm) = &handler.body {
                let said = meaning.all && self.hides(handler, meaning, arm, &taken);
                if !said {
                    self.swallows(&call, handler, arm, gives);
                }
                self.lost(&call, handler, arm, &taken);
            }
        }
    }

    fn call<'e>(&self, value: &'e Expression) -> Option<Call<'e>> {
        let facts = self.look.facts;
        if let Some(row) = look::builtin(facts, value) {
            let name = match row.does {
                Does::Request(op) => op.word().to_string(),
                Does::Pure(_) => row.name.to_string(),
            };
            let errors = row.errors.iter().copied().map(ErrorRef::Catalogue).collect();
            return Some(Call { name, errors, whole: value });
        }
        match look::meaning(facts, value) {
            Some(Meaning::Call { target: Target::Function(id), .. }) => {
                let signature = self.look.all.signature(*id)?;
                (signature.kind == FunctionKind::Flow).then(|| Call {
                    name: signature.name.to_string(),
                    errors: signature.errors.clone(),
                    whole: value,
                })
            }
            _ => None,
        }
    }

    /// A handler that does nothing, or only talks, where what comes behind needs the call to have worked.
    fn swallows(&mut self, call: &Call<'_>, handler: &Handler, arm: &Arm, gives: bool) {
        let look = &mut *self.look;
        let statements = look::arm_statements(arm);
        let finding =
            Finding::warning(found::ERROR_SWALLOWED, look.place(look::head(handler))).text("call", call.name.as_str());
        let does = look::builtin(look.facts, call.whole).map(|row| row.does);
        let is_needed = does.is_some_and(|does| NEEDED.iter().any(|op| does == Does::Request(*op)));
        let finding = if statements.is_empty() {
            finding
                .label("出错后什么也不做", "nothing is done about the error")
                .note("没有人知道这一步没有成功", "nobody learns that this step failed")
                .help(
                    "显示给收银员，或删去此处理，让错误继续上传",
                    "show it to the cashier, or remove the handler and let the error travel",
                )
        } else if is_needed && !look::reacts(statements) && !calls_a_flow(look, statements) {
            finding
                .label("说了一声，又继续往下", "says so and goes on")
                .also(
                    look.place(call.whole.span),
                    "后面的步骤以为它已成功",
                    "the steps behind believe that this worked",
                )
                .help("以 return 或 fail 离开", "leave with `return` or `fail`")
        } else if gives && does == Some(Does::Request(Op::PinpadLoad)) && gives_value(statements) {
            finding
                .label("拿一个编出来的校验值继续", "goes on with a check value that nobody computed")
                .note("校验值正是用来证明密钥写对了", "the check value is what proves that the key is right")
                .help("以 return 或 fail 离开", "leave with `return` or `fail`")
        } else {
            return;
        };
        look.findings.push(finding);
    }

    /// `other` that takes errors which somebody has to see. True if it was told of.
    fn hides(&mut self, handler: &Handler, meaning: &HandlerMeaning, arm: &Arm, taken: &[ErrorRef]) -> bool {
        let look = &mut *self.look;
        let grave: Vec<Code> = taken
            .iter()
            .filter_map(|error| match error {
                ErrorRef::Catalogue(code) if GRAVE.contains(code) => Some(*code),
                _ => None,
            })
            .collect();
        let statements = look::arm_statements(arm);
        if grave.is_empty() || passes_on(look, statements, meaning.binds) {
            return false;
        }
        let words: Vec<String> = grave
            .iter()
            .filter_map(|code| catalogue::row(*code))
            .map(|row| row.word.map_or_else(|| small(row.name), str::to_string))
            .collect();
        let finding = Finding::warning(found::OTHER_HIDES_ERRORS, look.place(look::head(handler)))
            .text("errors", words.join(", "))
            .label("这些错误到此为止，报告里查不到", "these end here, and no report shows them")
            .help(
                "写明能处理的错误；或用 other e，再以 fail e 让其余的继续上传",
                "name the errors you can deal with; or take `other e` and pass the rest on with `fail e`",
            );
        look.findings.push(finding);
        true
    }

    /// A lost answer that is reported as `cancelled` or `done`.
    fn lost(&mut self, call: &Call<'_>, handler: &Handler, arm: &Arm, taken: &[ErrorRef]) {
        let charges = self.charges(call);
        if self.inside > 0 || !charges && !self.asks_for_money(call) {
            return;
        }
        let blind = |error: &ErrorRef| matches!(error, ErrorRef::Catalogue(code) if BLIND.contains(code));
        // A flow may wait for a person too, whose time-out has the same word. Where it asks for money as well, whoever
        // catches that word catches both.
        let person = call.errors.contains(&ErrorRef::Catalogue(person::NO_INPUT));
        if person && !charges || !taken.iter().any(blind) {
            return;
        }
        let look = &mut *self.look;
        let returned = look::arm_statements(arm).last().and_then(|last| match &last.kind {
            StatementKind::Return(Some(value)) => Some((value, last.span)),
            // The value that the call has instead.
            StatementKind::Expression { value, .. } if charges => Some((value, last.span)),
            _ => None,
        });
        let Some((value, span)) = returned else { return };
        let word = match look::meaning(look.facts, value) {
            Some(Meaning::Variant { union: shapes::OUTCOME, tag: outcome::CANCELLED }) => "cancelled",
            Some(Meaning::Variant { union: shapes::OUTCOME, tag: outcome::DONE }) => "done",
            _ => return,
        };
        if look.said_on_paths(span) {
            return;
        }
        let finding = Finding::warning(found::TIMEOUT_AS_CANCELLED, look.place(span))
            .text("outcome", word)
            .label("主机可能已经入账", "the host may have carried it out")
            .also(look.place(look::head(handler)), "在此没有可信的应答", "no reply can be trusted here");
        let no_line = ErrorRef::Catalogue(network::NO_LINE);
        let finding = if taken.contains(&no_line) {
            finding.note(
                "只有 no_line 时什么都没有发出，可以单独这样处理",
                "only with `no_line` was nothing sent; that alone may be handled so",
            )
        } else {
            finding
        };
        let finding = finding
            .help("让错误继续上传，或用 fail 说明结果未知", "let the error travel, or `fail` with what is not known");
        look.findings.push(finding);
    }

    /// Does the call go to a flow that asks for money under the protection of a reversal of its own?
    fn charges(&self, call: &Call<'_>) -> bool {
        match look::meaning(self.look.facts, call.whole) {
            Some(Meaning::Call { target: Target::Function(id), .. }) => {
                self.charging.get(usize::from(id.0)) == Some(&true)
            }
            _ => false,
        }
    }

    /// Does the call send a message that may move money?
    fn asks_for_money(&self, call: &Call<'_>) -> bool {
        let look = &*self.look;
        let message = if look::asks(look.facts, call.whole, Op::HostSend) {
            look::argument(look.facts, call.whole, "message")
        } else {
            match &call.whole.kind {
                ExpressionKind::Call { arguments, .. }
                    if matches!(look::type_of(look.facts, call.whole), Type::Reply(_)) =>
                {
                    let is_message =
                        |argument: &&Argument| matches!(look::type_of(look.facts, &argument.value), Type::Message(_));
                    arguments.iter().find(is_message).map(|argument| &argument.value)
                }
                _ => None,
            }
        };
        let Some(message) = message else { return false };
        let written = written_message(look.all, look.unit.tree.file, message)
            .or_else(|| look::local(look.facts, message).and_then(|local| self.messages.get(&local).cloned()));
        match (written, &look.all.dialect) {
            (Some((mti, processing)), Some(dialect)) => moves_money(dialect, mti, processing.as_deref()),
            _ => true,
        }
    }

    /// A person who presses cancel is thought of, one who walks away is not.
    fn walked_away(&mut self, call: &Call<'_>, handlers: &[Handler]) {
        let (cancelled, no_input) = (ErrorRef::Catalogue(person::CANCELLED), ErrorRef::Catalogue(person::NO_INPUT));
        if !call.errors.contains(&no_input) || look::builtin(self.look.facts, call.whole).is_none() {
            return;
        }
        let look = &mut *self.look;
        let meanings: Vec<(&Handler, &HandlerMeaning)> = handlers
            .iter()
            .filter_map(|handler| Some((handler, look.facts.handlers.get(&handler.span.start)?)))
            .collect();
        if meanings.iter().any(|(_, meaning)| meaning.all || meaning.errors.contains(&no_input)) {
            return;
        }
        let Some((handler, _)) = meanings.iter().find(|(_, meaning)| meaning.errors.contains(&cancelled)) else {
            return;
        };
        let finding = Finding::warning(found::TIMEOUT_NOT_HANDLED, look.place(call.whole.span))
            .text("call", call.name.as_str())
            .label("在此等人，人可能走开", "waits for a person, who may walk away")
            .also(look.place(look::head(handler)), "只处理了取消", "only a cancel is handled");
        let finding = match &handler.errors {
            HandledErrors::Named(names) => match names.last() {
                Some(last) => {
                    let end = Span { start: last.span.end, end: last.span.end };
                    let edit = Edit { place: look.place(end), replacement: ", timeout".to_string() };
                    finding.edits(vec![edit], false, "超时也这样处理", "treat a time-out in the same way")
                }
                None => finding,
            },
            HandledErrors::Other(_) => finding,
        };
        look.findings.push(finding);
    }
}

/// Does what is caught reach somebody: by `fail`, by a flow, or because the caught error is used?
fn passes_on(look: &Look<'_>, statements: &[Statement], binds: Option<LocalId>) -> bool {
    struct Passes<'p, 'l> {
        look: &'p Look<'l>,
        binds: Option<LocalId>,
        found: bool,
    }
    impl<'t> Visitor<'t> for Passes<'_, '_> {
        fn statement(&mut self, statement: &'t Statement) {
            self.found |= matches!(statement.kind, StatementKind::Fail(_));
        }
        fn expression(&mut self, expression: &'t Expression) {
            let local = look::local(self.look.facts, expression);
            self.found |= local.is_some() && local == self.binds;
            // `failed(…)` reports an error, if another one.
            self.found |= matches!(
                look::meaning(self.look.facts, expression),
                Some(Meaning::Call { target: Target::Variant { union: shapes::OUTCOME, tag: outcome::FAILED }, .. })
            );
        }
    }
    let mut passes = Passes { look, binds, found: false };
    statements.iter().for_each(|statement| visit::statement(statement, &mut passes));
    passes.found
}

fn calls_a_flow(look: &Look<'_>, statements: &[Statement]) -> bool {
    struct Calls<'p, 'l> {
        look: &'p Look<'l>,
        found: bool,
    }
    impl<'t> Visitor<'t> for Calls<'_, '_> {
        fn expression(&mut self, expression: &'t Expression) {
            if let Some(Meaning::Call { target: Target::Function(id), .. }) = look::meaning(self.look.facts, expression)
            {
                let signature = self.look.all.signature(*id);
                self.found |= signature.is_some_and(|signature| signature.kind == FunctionKind::Flow);
            }
            // Marking the terminal as signed out is an answer to keys that could not be put into use.
            self.found |= NEEDED.iter().any(|op| look::asks(self.look.facts, expression, *op));
        }
    }
    let mut calls = Calls { look, found: false };
    statements.iter().for_each(|statement| visit::statement(statement, &mut calls));
    calls.found
}

/// Is the value of a handler its last expression?
fn gives_value(statements: &[Statement]) -> bool {
    match statements.last().map(|last| &last.kind) {
        Some(StatementKind::Expression { value, .. }) => {
            !matches!(value.kind, ExpressionKind::If { .. } | ExpressionKind::Match { .. })
        }
        _ => false,
    }
}
