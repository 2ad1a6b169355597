//! The type of an expression.

use super::body::{Body, Room, Truths};
use super::checked::Meaning;
use crate::language::syntax::tree::{Block, Expression, ExpressionKind, FieldName, Name, UnaryOperator};
use crate::language::types::Type;
use crate::payment::currency::Currency;
use crate::payment::iso8583::dialect::Mti;
use crate::payment::iso8583::response::ResponseCode;
use crate::script_error::catalogue::{source, types as codes};
use crate::script_error::code::Fact;
use crate::script_error::source::Span;
use crate::script_error::words::Said;
use smol_str::SmolStr;
use std::sync::Arc;

/// How deep one expression may lie in another. Brackets are limited before the grammar; this also bounds chains
/// such as `a.b.c.d`, which need none.
const DEPTH_MAX: usize = 256;

/// What is wanted of an `if`, a `match` or a block.
#[derive(Clone, Debug)]
pub(crate) enum Want {
    /// Nothing: it stands as a statement.
    Nothing,
    /// A value; of this type, if it is known which.
    Value(Option<Type>),
    /// A value of this type, or none at all: `Nothing` is then the answer, and whoever asked says so.
    Instead(Type),
}

impl Want {
    /// The type that is wanted, if it is known which.
    pub(crate) fn wanted(&self) -> Option<&Type> {
        match self {
            Want::Nothing => None,
            Want::Value(wanted) => wanted.as_ref(),
            Want::Instead(wanted) => Some(wanted),
        }
    }
}

impl Body<'_> {
    /// The type of a value; anything else than `wanted` is reported.
    pub(crate) fn expect(&mut self, expression: &Expression, wanted: &Type) -> Type {
        let found = self.infer(expression, Some(wanted));
        if !found.fits(wanted) {
            self.mismatch(expression, wanted, &found);
        }
        found
    }

    /// The type of a value. `hint` says what is probably wanted, so that names and literals can be read in its light.
    pub(crate) fn infer(&mut self, expression: &Expression, hint: Option<&Type>) -> Type {
        self.depth += 1;
        let ty = if self.depth > DEPTH_MAX {
            self.too_deep(expression.span)
        } else {
            self.truths = Truths::default();
            self.currency = None;
            self.kind(expression, hint)
        };
        self.depth -= 1;
        self.note_type(expression.id, &ty);
        ty
    }

    fn too_deep(&mut self, span: Span) -> Type {
        if self.depth == DEPTH_MAX + 1 {
            let finding = self.error(source::PARSE_LIMIT, span).fact("limit", Fact::Count(DEPTH_MAX as i64));
            self.report(finding);
        }
        Type::Unknown
    }

    fn kind(&mut self, expression: &Expression, hint: Option<&Type>) -> Type {
        let wanted = hint;
        let hint = hint.map(without_optional);
        let span = expression.span;
        let ty = match &expression.kind {
            ExpressionKind::Bool(_) => Type::Bool,
            ExpressionKind::Int(_) => Type::Int,
            ExpressionKind::Percent(_) => Type::Percent,
            ExpressionKind::Duration(_) => Type::Duration,
            ExpressionKind::Bytes(_) | ExpressionKind::Tag(_) => Type::Bytes,
            ExpressionKind::Mti(_) => Type::Mti,
            ExpressionKind::Amount { digits, decimals, currency } => {
                self.currency = self.amount(*digits, *decimals, currency, span);
                return Type::Amount;
            }
            ExpressionKind::Text(text) => {
                if hint == Some(&Type::ResponseCode)
                    && let Some(code) = text.plain().and_then(ResponseCode::parse)
                {
                    self.mean(expression.id, Meaning::Code(code));
                    return Type::ResponseCode;
                }
                self.string(text)
            }
            ExpressionKind::None => {
                hint.map_or(Type::Optional(Arc::new(Type::Unknown)), |hint| Type::optional(hint.clone()))
            }
            ExpressionKind::Name(name) => return self.name(expression, name, hint),
            ExpressionKind::List(members) => self.list(members, hint),
            ExpressionKind::Message { mti, from, fields } => self.message(mti, from.as_deref(), fields, span),
            ExpressionKind::Call { callee, arguments } => self.call(expression, callee, arguments, hint),
            ExpressionKind::Member { object, name } => {
                return self.member(expression, object, name, hint);
            }
            ExpressionKind::Index { object, index } => self.index(object, index),
            ExpressionKind::Unary { operator, operand } => {
                return self.unary(*operator, operand);
            }
            ExpressionKind::Binary { .. } => return self.binary(expression),
            ExpressionKind::If { .. } | ExpressionKind::Match { .. } => {
                self.choice(expression, &Want::Value(wanted.cloned()))
            }
        };
        // Whatever was read inside says nothing about the whole.
        self.truths = Truths::default();
        self.currency = None;
        ty
    }

    /// An `if` or a `match`, as a value or as a statement.
    pub(crate) fn choice(&mut self, expression: &Expression, want: &Want) -> Type {
        if self.room == Room::Constant {
            let word = if matches!(expression.kind, ExpressionKind::If { .. }) { "if" } else { "match" };
            self.impure(word, expression.span);
            return Type::Unknown;
        }
        let ty = match &expression.kind {
            ExpressionKind::If { .. } => self.if_chain(expression, want),
            ExpressionKind::Match { subject, arms } => self.match_arms(expression.span, subject, arms, want),
            _ => self.infer(expression, None),
        };
        self.note_type(expression.id, &ty);
        ty
    }

    /// `if … else if … else …`: read in a loop, since the chain can be long.
    fn if_chain(&mut self, expression: &Expression, want: &Want) -> Type {
        let mut at = expression;
        let mut ways: Vec<(Type, Span)> = Vec::new();
        let mut links = vec![expression.id];
        // What holds once every condition so far was false.
        let mut known = Vec::new();
        let has_else = loop {
            let ExpressionKind::If { condition, then, otherwise } = &at.kind else {
                break false;
            };
            let truths = self.narrowing(&known, |body| body.condition(condition));
            let mut inside = known.clone();
            inside.extend(truths.when_true.iter().copied());
            let ty = self.narrowing(&inside, |body| body.block(then, want));
            ways.push((ty, then.span));
            known.extend(truths.when_false);
            match otherwise {
                None => break false,
                Some(block) => match lone_if(block) {
                    Some(next) => {
                        links.push(next.id);
                        at = next;
                    }
                    None => {
                        let ty = self.narrowing(&known, |body| body.block(block, want));
                        ways.push((ty, block.span));
                        break true;
                    }
                },
            }
        };
        let ty = if has_else {
            self.join(&ways, want)
        } else {
            // A value is wanted on the way without `else` too.
            if let Want::Value(wanted) = want {
                let finding = self
                    .error(codes::TYPE_MISMATCH, expression.span)
                    .fact(
                        "expected",
                        wanted
                            .as_ref()
                            .map_or(Fact::Said(Said::new("值", "a value")), |wanted| Fact::Text(self.written(wanted))),
                    )
                    .fact("found", Fact::Said(Said::new("无值", "no value")))
                    .label(
                        "缺少 else，条件不成立时没有值",
                        "without `else` there is no value when the condition is false",
                    );
                self.report(finding);
                Type::Unknown
            } else {
                Type::Nothing
            }
        };
        // If every way but the missing `else` leaves, the conditions are false from here on.
        if !has_else && ways.iter().all(|(ty, _)| *ty == Type::Never) {
            self.narrow(&known);
        } else if has_else
            && let Some(((last, _), before)) = ways.split_last()
            && *last != Type::Never
            && before.iter().all(|(ty, _)| *ty == Type::Never)
        {
            self.narrow(&known);
        }
        for id in links {
            self.note_type(id, &ty);
        }
        ty
    }

    /// A condition, and what it tells about names.
    pub(crate) fn condition(&mut self, condition: &Expression) -> Truths {
        self.expect(condition, &Type::Bool);
        std::mem::take(&mut self.truths)
    }

    /// The one type of several ways. Ways that leave do not count. Without a wanted value it is `Never` if all leave,
    /// `Unknown` if that cannot be told.
    pub(crate) fn join(&mut self, ways: &[(Type, Span)], want: &Want) -> Type {
        if matches!(want, Want::Nothing) {
            let is = |wanted: Type| ways.iter().any(|(ty, _)| *ty == wanted);
            return if is(Type::Nothing) {
                Type::Nothing
            } else if is(Type::Unknown) {
                Type::Unknown
            } else {
                Type::Never
            };
        }
        let mut joined: Option<Type> = None;
        for (ty, span) in ways {
            if *ty == Type::Never {
                continue;
            }
            joined = Some(match joined {
                None => ty.clone(),
                Some(known) if ty.fits(&known) => known,
                Some(known) if known.fits(ty) => ty.clone(),
                // With a wanted type each way was compared with that already.
                Some(known) if want.wanted().is_some() => known,
                Some(known) => {
                    let finding = self
                        .error(codes::TYPE_MISMATCH, *span)
                        .text("expected", self.written(&known))
                        .text("found", self.written(ty))
                        .label("各分支的类型须相同", "every branch has to give the same type");
                    self.report(finding);
                    Type::Unknown
                }
            });
        }
        joined.unwrap_or(Type::Never)
    }

    fn amount(&mut self, digits: i64, decimals: u8, currency: &Name, span: Span) -> Option<Currency> {
        let known = Currency::parse(&currency.text);
        let Some(known) = known else {
            let finding = self
                .error(codes::BAD_AMOUNT, currency.span)
                .text("amount", shown_amount(digits, decimals, &currency.text))
                .text("currency", currency.text.as_str())
                .label("不是 ISO 4217 的币种", "not a currency of ISO 4217");
            self.report(finding);
            return None;
        };
        let exponent = known.exponent();
        if decimals != exponent {
            let finding = self
                .error(codes::BAD_AMOUNT, span)
                .text("amount", shown_amount(digits, decimals, &currency.text))
                .text("currency", currency.text.as_str())
                .label(
                    format!("{} 有 {exponent} 位小数", currency.text),
                    format!("{} has {exponent} decimals", currency.text),
                );
            let finding = match rescaled(digits, decimals, exponent) {
                Some(digits) => {
                    let right = shown_amount(digits, exponent, &currency.text);
                    finding.edit(span, right, "写全小数", "write its decimals")
                }
                None => finding,
            };
            self.report(finding);
        } else if digits.unsigned_abs() > 999_999_999_999 {
            let finding = self
                .error(codes::BAD_AMOUNT, span)
                .text("amount", shown_amount(digits, decimals, &currency.text))
                .text("currency", currency.text.as_str())
                .label("第 4 域只有 12 位", "field 4 has 12 digits");
            self.report(finding);
        }
        Some(known)
    }

    fn list(&mut self, members: &[Expression], hint: Option<&Type>) -> Type {
        let wanted = match hint {
            Some(Type::List(of)) => Some(of.as_ref()),
            _ => None,
        };
        let mut of: Option<Type> = None;
        for member in members {
            let ty = self.infer(member, wanted.or(of.as_ref()));
            of = Some(match of {
                None => ty,
                Some(known) if ty.fits(&known) => known,
                Some(known) if known.fits(&ty) => ty,
                Some(known) => {
                    if wanted.is_none() {
                        self.mismatch(member, &known, &ty);
                    }
                    // With a wanted type the whole list is compared with it later.
                    if wanted.is_some() { ty } else { known }
                }
            });
        }
        // Written out, each member gets its box where it may be missing.
        if let (Some(wanted @ Type::Optional(_)), Some(found)) = (wanted, &of)
            && found.fits(wanted)
        {
            return Type::list(wanted.clone());
        }
        Type::list(of.or(wanted.cloned()).unwrap_or(Type::Unknown))
    }

    fn index(&mut self, object: &Expression, index: &Expression) -> Type {
        let list = self.infer(object, None);
        self.expect(index, &Type::Int);
        match list {
            Type::List(of) => of.as_ref().clone(),
            Type::Unknown | Type::Never => Type::Unknown,
            other => {
                self.mismatch(object, &Type::list(Type::Unknown), &other);
                Type::Unknown
            }
        }
    }

    fn unary(&mut self, operator: UnaryOperator, operand: &Expression) -> Type {
        let ty = self.infer(operand, None);
        let truths = std::mem::take(&mut self.truths);
        let allowed = match operator {
            UnaryOperator::Not => ty.fits(&Type::Bool),
            UnaryOperator::Negate => {
                matches!(ty, Type::Int | Type::Amount | Type::Duration | Type::Percent | Type::Unknown | Type::Never)
            }
        };
        if !allowed {
            let sign = match operator {
                UnaryOperator::Not => "not",
                UnaryOperator::Negate => "-",
            };
            self.wrong_operand(sign, operand, &ty);
            return Type::Unknown;
        }
        if operator == UnaryOperator::Not {
            self.currency = None;
            self.truths = Truths { when_true: truths.when_false, when_false: truths.when_true };
            return Type::Bool;
        }
        ty
    }

    fn message(
        &mut self,
        mti: &Name,
        from: Option<&Expression>,
        fields: &[(FieldName, Expression)],
        span: Span,
    ) -> Type {
        if self.room == Room::Constant {
            self.impure("message", span);
        }
        if let Some(from) = from {
            self.expect(from, &Type::Message(None));
        }
        let all = self.all;
        let mut values = Vec::with_capacity(fields.len());
        for (field, value) in fields {
            let wanted = all.dialect.as_ref().and_then(|dialect| super::message::field_type(dialect, field.number));
            let mut ty = self.infer(value, wanted.as_ref());
            if !ty.is_sealed() && matches!(ty.innermost(), Type::Record(_) | Type::Union(_)) && self.is_secret(&ty) {
                self.secret_in_field(*field, value, &ty);
                ty = Type::Unknown;
            }
            values.push((*field, value, ty, super::literal::plain_text(all, self.file, value)));
        }
        match &all.dialect {
            None => self.no_dialect(span),
            Some(dialect) => {
                let fields: Vec<(FieldName, &Expression, Type, Option<&str>)> = values
                    .iter()
                    .map(|(field, value, ty, text)| (*field, *value, ty.clone(), text.as_ref().map(SmolStr::as_str)))
                    .collect();
                super::message::check_literal(dialect, self.file, mti, from.is_some(), &fields, self.findings);
            }
        }
        Type::Message(Mti::parse(&mti.text))
    }

    /// A block: its statements, and the type of the last one if a value is wanted.
    pub(crate) fn block(&mut self, block: &Block, want: &Want) -> Type {
        self.in_block(|body| body.statements(&block.statements, block.span, want))
    }
}

/// The type behind `?`.
pub(crate) fn without_optional(ty: &Type) -> &Type {
    match ty {
        Type::Optional(of) => of,
        other => other,
    }
}

/// The `if` that is all a block holds: `else if`.
pub(crate) fn lone_if(block: &Block) -> Option<&Expression> {
    use crate::language::syntax::tree::StatementKind;
    match block.statements.as_slice() {
        [statement] => match &statement.kind {
            StatementKind::Expression { value, handlers }
                if handlers.is_empty()
                    && statement.annotations.is_empty()
                    && matches!(value.kind, ExpressionKind::If { .. }) =>
            {
                Some(value)
            }
            _ => None,
        },
        _ => None,
    }
}

fn shown_amount(digits: i64, decimals: u8, currency: &str) -> String {
    let decimals = usize::from(decimals);
    let sign = if digits < 0 { "-" } else { "" };
    let mut all = digits.unsigned_abs().to_string();
    if decimals == 0 {
        return format!("{sign}{all} {currency}");
    }
    if all.len() <= decimals {
        all = format!("{}{all}", "0".repeat(decimals + 1 - all.len()));
    }
    let (whole, rest) = all.split_at(all.len() - decimals);
    format!("{sign}{whole}.{rest} {currency}")
}

/// The same amount with the currency's decimals; `None` if digits would be lost.
fn rescaled(digits: i64, decimals: u8, exponent: u8) -> Option<i64> {
    if decimals < exponent {
        digits.checked_mul(10_i64.checked_pow(u32::from(exponent - decimals))?)
    } else {
        let unit = 10_i64.checked_pow(u32::from(decimals - exponent))?;
        (digits % unit == 0).then(|| digits / unit)
    }
}
