//! Statements.

use super::body::{Body, Room, Truths};
use super::checked::{FunctionKind, LocalId, Meaning, Target};
use super::declarations::Declarations;
use super::expression::Want;
use super::literal;
use crate::language::builtin::row::Does;
use crate::language::builtin::shapes;
use crate::language::syntax::tree::{
    Block, Expression, ExpressionKind, Handler, Name, Statement, StatementKind, TypeExpression,
};
use crate::language::types::Type;
use crate::payment::iso8583::dialect::Mti;
use crate::script_error::catalogue::{flow, types as codes};
use crate::script_error::code::Fact;
use crate::script_error::finding::Finding;
use crate::script_error::source::{FileId, Span};
use crate::script_error::words::Said;

/// The most turns a `repeat` may take.
const TURNS_MAX: i64 = 10_000;

impl Body<'_> {
    /// Statements in order. Gives `Never` if they never go on, the last value if one is wanted, else `Nothing`.
    pub(crate) fn statements(&mut self, statements: &[Statement], span: Span, want: &Want) -> Type {
        let mut left = false;
        let mut said = false;
        let mut last = Type::Nothing;
        for (at, statement) in statements.iter().enumerate() {
            if left && !said {
                said = true;
                let finding = Finding::warning(flow::UNREACHABLE, self.place(statement.span));
                self.report(finding);
            }
            let is_last = at + 1 == statements.len();
            let wanted = if is_last && !left { want } else { &Want::Nothing };
            let ty = self.statement(statement, wanted);
            left |= ty == Type::Never;
            last = ty;
        }
        if left {
            return Type::Never;
        }
        match want {
            // A choice that was reported may or may not leave.
            Want::Nothing if last == Type::Unknown => Type::Unknown,
            Want::Nothing => Type::Nothing,
            Want::Instead(_) => last,
            Want::Value(wanted) => {
                if last == Type::Nothing
                    && let Some(wanted) = wanted
                    && *wanted != Type::Nothing
                    && *wanted != Type::Unknown
                {
                    let at = statements.last().map_or(span, |statement| statement.span);
                    let finding = self
                        .error(codes::TYPE_MISMATCH, at)
                        .text("expected", self.written(wanted))
                        .fact("found", Fact::Said(Said::new("无值", "no value")));
                    self.report(finding);
                    return Type::Unknown;
                }
                last
            }
        }
    }

    fn statement(&mut self, statement: &Statement, want: &Want) -> Type {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Let { name, ty, value, handlers, changeable } => {
                self.binding(name, ty.as_ref(), value, handlers, *changeable)
            }
            StatementKind::Assign { name, value, handlers } => self.assignment(name, value, handlers),
            StatementKind::Repeat { times, body } => {
                self.turns(times);
                self.turn(body, None)
            }
            StatementKind::For { name, list, body } => {
                let ty = self.infer(list, None);
                let of = match ty {
                    Type::List(of) => of.as_ref().clone(),
                    Type::Unknown | Type::Never => Type::Unknown,
                    other => {
                        self.mismatch(list, &Type::list(Type::Unknown), &other);
                        Type::Unknown
                    }
                };
                self.turn(body, Some((name, of)))
            }
            StatementKind::Reversible { request, by, body } => self.reversible(request, by.as_ref(), body, span),
            StatementKind::Return(value) => self.leave(value.as_ref(), span),
            StatementKind::Fail(error) => self.fail(error),
            StatementKind::Step(title) => {
                self.string(title);
                Type::Nothing
            }
            StatementKind::Commit(txn) => {
                self.decides("commit", span);
                self.expect(txn, &Type::Record(shapes::TXN));
                self.doings.commits = true;
                Type::Nothing
            }
            StatementKind::Discard => self.decides("discard", span),
            StatementKind::Reverse => self.decides("reverse", span),
            StatementKind::Given(value) => {
                self.given(value, span);
                Type::Nothing
            }
            StatementKind::Expect(value) => {
                self.expectation(value, span);
                Type::Nothing
            }
            StatementKind::Break => {
                if self.loops == 0 {
                    let finding = self.error(flow::BREAK_OUTSIDE, span);
                    self.report(finding);
                    return Type::Nothing;
                }
                Type::Never
            }
            StatementKind::Expression { value, handlers } => self.expression_statement(value, handlers, want),
        }
    }

    fn binding(
        &mut self,
        name: &Name,
        written: Option<&TypeExpression>,
        value: &Expression,
        handlers: &[Handler],
        changeable: bool,
    ) -> Type {
        let wanted = written.map(|ty| super::written_type::resolve(self.all, self.file, ty, self.findings));
        let found = self.handled(value, handlers, wanted.as_ref(), &Want::Value(None));
        let ty = match wanted {
            Some(wanted) => {
                if !found.fits(&wanted) {
                    self.mismatch(value, &wanted, &found);
                }
                wanted
            }
            None if cannot_infer(&found) => {
                let finding = self.error(codes::CANNOT_INFER, name.span).text("name", name.text.as_str());
                self.report(finding);
                Type::Unknown
            }
            None if found == Type::Nothing => {
                self.no_value(value);
                Type::Unknown
            }
            None => found.clone(),
        };
        let id = self.declare(name, ty, changeable);
        if !changeable {
            self.remember_message(id, value);
        }
        if found == Type::Never { Type::Never } else { Type::Nothing }
    }

    /// Reports a call that gives nothing where its value is named.
    fn no_value(&mut self, value: &Expression) {
        let finding = self
            .error(codes::TYPE_MISMATCH, value.span)
            .fact("expected", Fact::Said(Said::new("值", "a value")))
            .fact("found", Fact::Said(Said::new("无值", "no value")));
        self.report(finding);
    }

    /// Remembers which message a name stands for, so that sending it can be judged.
    fn remember_message(&mut self, id: LocalId, value: &Expression) {
        if let Some(known) = message_of(self, value) {
            self.messages.insert(id, known);
        }
    }

    fn assignment(&mut self, name: &Name, value: &Expression, handlers: &[Handler]) -> Type {
        let Some(id) = self.local_named(&name.text) else {
            self.handled(value, handlers, None, &Want::Value(None));
            let item = self.scope().and_then(|scope| scope.names.get(&name.text).copied());
            if item.is_some() {
                let finding = self
                    .error(codes::ASSIGN_TO_LET, name.span)
                    .text("name", name.text.as_str())
                    .label("不是 var", "not a `var`");
                self.report(finding);
            } else {
                let before = self.findings.len();
                self.unknown_name(name.span, &name.text, None);
                if self.findings.get(before).is_some_and(|finding| finding.cures.is_empty())
                    && let Some(finding) = self.findings.pop()
                {
                    let at = Span { start: name.span.start, end: name.span.start };
                    let finding = finding.guess(at, "let ", "新名称用 let 声明", "declare a new name with `let`");
                    self.report(finding);
                }
            }
            return Type::Nothing;
        };
        let (ty, changeable) =
            self.local(id).map_or((Type::Unknown, true), |local| (local.ty.clone(), local.changeable));
        let found = self.handled(value, handlers, Some(&ty), &Want::Value(None));
        if !found.fits(&ty) {
            self.mismatch(value, &ty, &found);
        }
        if !changeable {
            let finding = self.error(codes::ASSIGN_TO_LET, name.span).text("name", name.text.as_str());
            self.report(finding);
        }
        self.facts.declared.insert(name.span.start, id);
        if found == Type::Never { Type::Never } else { Type::Nothing }
    }

    /// How often a `repeat` goes round: known when compiled, and not too often.
    pub(crate) fn turns(&mut self, times: &Expression) {
        let ty = self.infer(times, Some(&Type::Int));
        if !ty.fits(&Type::Int) {
            self.mismatch(times, &Type::Int, &ty);
            return;
        }
        if matches!(ty, Type::Unknown | Type::Never) {
            return;
        }
        match super::constant::int(self.all, self.file, times) {
            None => {
                let finding = self
                    .error(codes::NOT_CONSTANT, times.span)
                    .text("name", super::body::path(times).unwrap_or_else(|| "…".to_string()))
                    .label("循环次数须在编译时已知", "how often a loop runs has to be known when compiled");
                self.report(finding);
            }
            Some(count) if !(0..=TURNS_MAX).contains(&count) => {
                let finding = self
                    .error(codes::TOO_MANY_TURNS, times.span)
                    .fact("limit", Fact::Count(TURNS_MAX))
                    .fact("found", Fact::Count(count));
                self.report(finding);
            }
            Some(_) => {}
        }
    }

    /// The body of a loop. What comes after is always reached: a list may be empty.
    fn turn(&mut self, body: &Block, member: Option<(&Name, Type)>) -> Type {
        self.loops += 1;
        self.in_block(|this| {
            if let Some((name, ty)) = member {
                this.declare(name, ty, false);
            }
            this.statements(&body.statements, body.span, &Want::Nothing);
        });
        self.loops -= 1;
        Type::Nothing
    }

    fn reversible(&mut self, request: &Expression, by: Option<&Expression>, body: &Block, span: Span) -> Type {
        self.expect(request, &Type::Message(None));
        if let Some(by) = by {
            self.expect(by, &Type::Message(None));
        }
        if matches!(self.room, Room::Pure | Room::Constant) {
            self.impure("reversible", span);
        }
        let head = Span { start: span.start, end: by.unwrap_or(request).span.end };
        if let Some(outer) = self.reversible {
            let finding =
                self.error(flow::NESTED_REVERSIBLE, head).also(self.place(outer), "外层在此", "the outer one is here");
            self.report(finding);
        }
        self.doings.opens.get_or_insert(head);
        let outer = self.reversible.replace(head);
        let ty = self.block(body, &Want::Nothing);
        self.reversible = outer;
        ty
    }

    fn decides(&mut self, word: &str, span: Span) -> Type {
        if self.reversible.is_none() {
            let finding = self.error(flow::DECISION_OUTSIDE_REVERSIBLE, span).text("word", word);
            self.report(finding);
        }
        Type::Nothing
    }

    fn leave(&mut self, value: Option<&Expression>, span: Span) -> Type {
        let gives = self.gives.clone();
        match value {
            Some(value) if gives == Type::Nothing => {
                let found = self.infer(value, None);
                if !matches!(found, Type::Unknown | Type::Never) {
                    let finding = self
                        .error(codes::TYPE_MISMATCH, value.span)
                        .fact("expected", Fact::Said(Said::new("无值", "no value")))
                        .text("found", self.written(&found))
                        .label(
                            format!("“{}”没有写 ->，不给出值", self.name),
                            format!("`{}` has no `->`, so it gives nothing", self.name),
                        );
                    self.report(finding);
                }
            }
            Some(value) => {
                self.expect(value, &gives);
            }
            None if matches!(gives, Type::Nothing | Type::Unknown) => {}
            None => {
                let finding = self
                    .error(codes::TYPE_MISMATCH, span)
                    .text("expected", self.written(&gives))
                    .fact("found", Fact::Said(Said::new("无值", "no value")));
                self.report(finding);
            }
        }
        Type::Never
    }

    fn fail(&mut self, error: &Expression) -> Type {
        use super::effect::Effect;
        self.expect(error, &Type::Error);
        let effect = match self.facts.meanings.get(error.id.0 as usize) {
            Some(Meaning::Error(error)) => Effect::Fail(*error),
            Some(Meaning::Call { target: Target::Error(error), .. }) => Effect::Fail(*error),
            _ => Effect::FailAgain,
        };
        self.doings.effects.push(effect);
        Type::Never
    }

    fn given(&mut self, value: &Expression, span: Span) {
        if self.room != Room::Test {
            // The fixture inside would be the same mistake a second time.
            let before = self.findings.len();
            self.infer(value, None);
            self.findings.truncate(before);
            self.only_in_tests("given", Span { start: span.start, end: span.start + "given".len() as u32 });
            return;
        }
        let ty = self.infer(value, None);
        let is_fixture = match self.facts.meanings.get(value.id.0 as usize) {
            Some(Meaning::Call { target: Target::Builtin(row), .. }) => row.0.fixture && ty == Type::Nothing,
            _ => false,
        };
        if !is_fixture && ty != Type::Unknown {
            let finding = self
                .error(codes::TYPE_MISMATCH, value.span)
                .fact(
                    "expected",
                    Fact::Said(Said::new(
                        "模拟设备的布置，如 host.replies(…)",
                        "a simulated device to prepare, such as `host.replies(...)`",
                    )),
                )
                .text("found", self.written(&ty));
            self.report(finding);
        }
    }

    fn expectation(&mut self, value: &Expression, span: Span) {
        if self.room != Room::Test {
            let before = self.findings.len();
            self.infer(value, None);
            self.findings.truncate(before);
            self.only_in_tests("expect", Span { start: span.start, end: span.start + "expect".len() as u32 });
            return;
        }
        let ty = self.infer(value, Some(&Type::Bool));
        if !ty.fits(&Type::Bool) && !matches!(ty, Type::Optional(_)) {
            self.mismatch(value, &Type::Bool, &ty);
        }
    }

    fn expression_statement(&mut self, value: &Expression, handlers: &[Handler], want: &Want) -> Type {
        let is_choice = matches!(value.kind, ExpressionKind::If { .. } | ExpressionKind::Match { .. });
        if !matches!(want, Want::Nothing) {
            let ty = if is_choice && handlers.is_empty() {
                self.choice(value, want)
            } else {
                self.handled(value, handlers, want.wanted(), want)
            };
            if let Some(wanted) = want.wanted()
                && !is_choice
                && ty != Type::Nothing
                && !ty.fits(wanted)
            {
                self.mismatch(value, wanted, &ty);
                return Type::Unknown;
            }
            return ty;
        }
        let ty = self.handled(value, handlers, None, &Want::Nothing);
        if !is_choice && ty != Type::Unknown {
            self.unused(value, &ty);
        }
        match ty {
            Type::Never => Type::Never,
            Type::Unknown if is_choice => Type::Unknown,
            _ => Type::Nothing,
        }
    }

    /// A value that nobody takes: an error if it is no call, a warning if the call does nothing else.
    fn unused(&mut self, value: &Expression, ty: &Type) {
        if matches!(ty, Type::Nothing | Type::Never) {
            return;
        }
        let does_nothing = match self.facts.meanings.get(value.id.0 as usize) {
            Some(Meaning::Call { target, .. }) => match target {
                Target::Function(id) => {
                    self.all.signature(*id).is_some_and(|signature| signature.kind != FunctionKind::Flow)
                }
                Target::Builtin(row) => matches!(row.0.does, Does::Pure(_)),
                Target::Record(_) | Target::Variant { .. } | Target::Error(_) => true,
            },
            _ => {
                let finding = self.error(codes::VALUE_UNUSED, value.span);
                self.report(finding);
                return;
            }
        };
        if does_nothing {
            let finding = Finding::warning(codes::VALUE_UNUSED, self.place(value.span));
            self.report(finding);
        }
    }

    /// Forgets what the condition read last told, after something else was read.
    pub(crate) fn forget(&mut self) {
        self.truths = Truths::default();
        self.currency = None;
    }
}

/// The message an expression stands for, as far as it is written out: its type and its field 3.
pub(crate) fn message_of(body: &Body<'_>, value: &Expression) -> Option<(Mti, Option<smol_str::SmolStr>)> {
    if let Some(written) = written_message(body.all, body.file, value) {
        return Some(written);
    }
    match &value.kind {
        ExpressionKind::Name(_) => match body.facts.meanings.get(value.id.0 as usize) {
            Some(Meaning::Local(id)) => body.messages.get(id).cloned(),
            _ => None,
        },
        _ => None,
    }
}

/// The type and field 3 of a message that is written out at this place.
pub(crate) fn written_message(
    all: &Declarations<'_>,
    file: FileId,
    value: &Expression,
) -> Option<(Mti, Option<smol_str::SmolStr>)> {
    let ExpressionKind::Message { mti, fields, .. } = &value.kind else {
        return None;
    };
    let processing =
        fields.iter().find(|(field, _)| field.number == 3).and_then(|(_, value)| literal::plain_text(all, file, value));
    Some((Mti::parse(&mti.text)?, processing))
}

/// True for `none` and `[]`, which have no type of their own.
fn cannot_infer(ty: &Type) -> bool {
    match ty {
        Type::Optional(of) | Type::List(of) => **of == Type::Unknown,
        _ => false,
    }
}
