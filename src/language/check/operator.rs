//! Operators between two values.

use super::body::{Body, Truths};
use super::checked::{LocalId, Meaning, Target};
use super::type_words;
use crate::language::syntax::tree::{BinaryOperator, Expression, ExpressionKind};
use crate::language::types::Type;
use crate::payment::currency::Currency;
use crate::script_error::catalogue::types as codes;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::Span;

/// The left side of an operator, read already.
struct Left<'e> {
    expression: &'e Expression,
    ty: Type,
    currency: Option<Currency>,
    truths: Truths,
}

impl Body<'_> {
    /// The type of a chain of operators. A chain leans to the left and can be long, so it is read in a loop.
    pub(crate) fn binary(&mut self, expression: &Expression) -> Type {
        let mut spine = Vec::new();
        let mut at = expression;
        while let ExpressionKind::Binary { operator, operator_span, left, right } = &at.kind {
            spine.push((at, *operator, *operator_span, right.as_ref()));
            at = left;
        }
        // The left of `==` may be a variant that only the right can explain.
        let ty = self.infer(at, None);
        let mut left = Left { expression: at, ty, currency: self.currency, truths: std::mem::take(&mut self.truths) };
        for (whole, operator, sign, right) in spine.into_iter().rev() {
            let ty = self.operation(whole, operator, sign, &mut left, right);
            self.note_type(whole.id, &ty);
            left = Left { expression: whole, ty, currency: self.currency, truths: std::mem::take(&mut self.truths) };
        }
        self.truths = left.truths;
        self.currency = left.currency;
        left.ty
    }

    fn operation(
        &mut self,
        whole: &Expression,
        operator: BinaryOperator,
        sign: Span,
        left: &mut Left<'_>,
        right: &Expression,
    ) -> Type {
        match operator {
            BinaryOperator::And | BinaryOperator::Or => self.logic(operator, left, right),
            BinaryOperator::Equal | BinaryOperator::NotEqual => self.equality(operator, left, right),
            BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual => self.order(operator, sign, left, right),
            BinaryOperator::In => self.contained(left, right),
            BinaryOperator::Add | BinaryOperator::Subtract | BinaryOperator::Multiply | BinaryOperator::Divide => {
                self.arithmetic(whole, operator, left, right)
            }
        }
    }

    fn logic(&mut self, operator: BinaryOperator, left: &mut Left<'_>, right: &Expression) -> Type {
        if !left.ty.fits(&Type::Bool) {
            self.wrong_operand(operator.sign(), left.expression, &left.ty);
        }
        let before = std::mem::take(&mut left.truths);
        // The right side is read only if the left one was true (and) or false (or).
        let known = if operator == BinaryOperator::And { &before.when_true } else { &before.when_false };
        let ty = self.narrowing(known, |body| body.infer(right, Some(&Type::Bool)));
        let after = std::mem::take(&mut self.truths);
        if !ty.fits(&Type::Bool) {
            self.wrong_operand(operator.sign(), right, &ty);
        }
        self.currency = None;
        let both = |mut one: Vec<LocalId>, other: Vec<LocalId>| {
            one.extend(other);
            one
        };
        self.truths = if operator == BinaryOperator::And {
            Truths { when_true: both(before.when_true, after.when_true), when_false: Vec::new() }
        } else {
            Truths { when_true: Vec::new(), when_false: both(before.when_false, after.when_false) }
        };
        Type::Bool
    }

    fn equality(&mut self, operator: BinaryOperator, left: &mut Left<'_>, right: &Expression) -> Type {
        let comparing = std::mem::replace(&mut self.comparing, true);
        let ty = self.infer(right, Some(&left.ty));
        self.comparing = comparing;
        if matches!(left.expression.kind, ExpressionKind::None) && ty != Type::Unknown {
            left.ty = Type::optional(ty.clone());
            self.note_type(left.expression.id, &left.ty);
        }
        let currency = self.currency.take();
        let mut truths = Truths::default();
        let none = [(left.expression, &right.kind), (right, &left.expression.kind)]
            .into_iter()
            .find(|(_, other)| matches!(other, ExpressionKind::None))
            .map(|(value, _)| value);
        match none {
            Some(value) => {
                let known = self.can_be_none(value);
                if operator == BinaryOperator::NotEqual {
                    truths.when_true.extend(known);
                } else {
                    truths.when_false.extend(known);
                }
                let ty = if std::ptr::eq(value, right) { &ty } else { &left.ty };
                if !matches!(ty, Type::Optional(_) | Type::Unknown | Type::Never) {
                    let finding = self
                        .error(codes::NOT_COMPARABLE, value.span)
                        .fact("left", self.subject(ty))
                        .text("right", "none")
                        .label("此值不会是 none", "this is never `none`");
                    self.report(finding);
                }
            }
            None => {
                // Being one of a union's variants shows nothing of what it carries; what the other side writes out does.
                if !self.names_a_variant(left.expression, &ty) && !self.names_a_variant(right, &left.ty) {
                    self.comparable(left, right, &ty);
                }
                self.one_currency(operator.sign(), left.currency, currency, left.expression.span.to(right.span));
            }
        }
        self.truths = truths;
        Type::Bool
    }

    /// Is it a variant that carries nothing, or nothing that may not be compared, of the union on the other side?
    fn names_a_variant(&self, value: &Expression, other: &Type) -> bool {
        let (union, tag) = match self.facts.meanings.get(value.id.0 as usize) {
            Some(Meaning::Variant { union, tag } | Meaning::Call { target: Target::Variant { union, tag }, .. }) => {
                (*union, *tag)
            }
            _ => return false,
        };
        let carried = self
            .all
            .types
            .unions
            .get(usize::from(union))
            .and_then(|known| known.variants.get(usize::from(tag)).and_then(|(_, payload)| payload.as_ref()));
        // Naming a variant without what it carries means any value of it.
        let named = matches!(self.facts.meanings.get(value.id.0 as usize), Some(Meaning::Variant { .. }));
        *other == Type::Union(union) && (named || carried.is_none_or(|carried| !self.is_secret(carried)))
    }

    /// True for a value that counts as there once it was compared with `none`.
    pub(crate) fn stays_checked(&self, value: &Expression) -> bool {
        self.can_be_none(value).is_some()
    }

    /// The local a value stands for, if knowing that it is not `none` can last.
    fn can_be_none(&self, value: &Expression) -> Option<LocalId> {
        if !matches!(value.kind, ExpressionKind::Name(_)) {
            return None;
        }
        match self.facts.meanings.get(value.id.0 as usize) {
            Some(Meaning::Local(id)) => self.local(*id).filter(|local| !local.changeable).map(|_| *id),
            _ => None,
        }
    }

    /// Reports two values that cannot be equal, whatever they are.
    fn comparable(&mut self, left: &Left<'_>, right: &Expression, ty: &Type) {
        let unknown = |ty: &Type| matches!(ty, Type::Unknown | Type::Never);
        if unknown(&left.ty) || unknown(ty) {
            return;
        }
        let sides = [(left.expression, &left.ty), (right, ty)];
        for (value, ty) in sides {
            if ty.is_sealed() && self.secret_compared(value, ty) {
                return;
            }
        }
        if is_textual(&left.ty) && is_textual(ty) {
            if let (Type::Digits(one), Type::Digits(other)) = (&left.ty, ty)
                && *one > 0
                && *other > 0
                && one != other
            {
                self.not_comparable(left, right, ty);
            }
            return;
        }
        // Two values that may both be missing are of one kind.
        let one_may_be_missing = matches!(&left.ty, Type::Optional(_)) != matches!(ty, Type::Optional(_));
        if one_may_be_missing && matches!(&left.ty, Type::Optional(of) if of.fits(ty)) {
            self.mismatch(left.expression, ty, &left.ty);
            return;
        }
        if one_may_be_missing && matches!(ty, Type::Optional(of) if of.fits(&left.ty)) {
            let wanted = left.ty.clone();
            self.mismatch(right, &wanted, ty);
            return;
        }
        for (value, ty) in sides {
            if self.secret_compared(value, ty) {
                return;
            }
        }
        let never = |ty: &Type| {
            matches!(
                super::expression::without_optional(ty),
                Type::Message(_) | Type::Reply(_) | Type::Phrase | Type::Receipt | Type::Nothing
            )
        };
        if never(ty) || !(left.ty.fits(ty) || ty.fits(&left.ty)) {
            self.not_comparable(left, right, ty);
        }
    }

    fn not_comparable(&mut self, left: &Left<'_>, right: &Expression, ty: &Type) {
        let (amount, number) = match (&left.ty, ty) {
            (Type::Amount, Type::Int) => (Some(left.expression), right),
            (Type::Int, Type::Amount) => (Some(right), left.expression),
            _ => (None, right),
        };
        let (at, other) = if std::ptr::eq(number, right) { (right, left.expression) } else { (left.expression, right) };
        let finding = self
            .error(codes::NOT_COMPARABLE, at.span)
            .fact("left", self.subject(&left.ty))
            .fact("right", self.subject(ty));
        let finding = if amount.is_some() {
            self.bare_number(finding, number, other.span)
        } else if let Some(finding) = self.code_as_number(&finding, at, other.span, (&left.ty, ty)) {
            finding
        } else {
            let words = |ty: &Type| type_words::subject(&self.all.types, ty);
            let (here, there) =
                if std::ptr::eq(at, right) { (words(ty), words(&left.ty)) } else { (words(&left.ty), words(ty)) };
            finding.label(format!("这是{}", here.zh), format!("this is {}", here.en)).also(
                self.place(other.span),
                format!("这是{}", there.zh),
                format!("this is {}", there.en),
            )
        };
        self.report(finding);
    }

    /// Labels and cure for a number that stands where a response code is meant.
    fn code_as_number(
        &self,
        finding: &Finding,
        at: &Expression,
        other: Span,
        types: (&Type, &Type),
    ) -> Option<Finding> {
        let ((Type::ResponseCode, Type::Int) | (Type::Int, Type::ResponseCode)) = types else {
            return None;
        };
        let ExpressionKind::Int(value @ 0..=99) = at.kind else {
            return None;
        };
        let code = format!("\"{value:02}\"");
        let finding = finding.clone().label("这是数字", "this is a number").also(
            self.place(other),
            "应答码是两个字符，可含字母",
            "a response code is two characters, perhaps letters",
        );
        let edit = Edit { place: self.place(at.span), replacement: code.clone() };
        let finding = finding.edits(vec![edit], value > 9, format!("写成 {code}"), format!("write `{code}`"));
        Some(finding.help("或用 match 按类别处理", "or handle its categories with `match`"))
    }

    /// Labels and cure for a number that stands where money is meant.
    fn bare_number(&self, finding: Finding, number: &Expression, amount: Span) -> Finding {
        let value = match &number.kind {
            ExpressionKind::Int(value) => Some(*value),
            _ => None,
        };
        let finding = match value {
            Some(value) => finding.label(
                format!("这是整数：是 {value} 分还是 {value} 元？"),
                format!("this is an Int: {value} fen, or {value} yuan?"),
            ),
            None => finding.label("这是整数", "this is an Int"),
        };
        let finding = finding.also(self.place(amount), "这是金额", "this is an Amount").note(
            "金额必须带币种；ISO 8583 第 4 域由方言按最小货币单位填写",
            "amounts always carry a currency; ISO 8583 field 4 is filled in minor units by the dialect",
        );
        if value.is_none() {
            return finding;
        }
        let end = Span { start: number.span.end, end: number.span.end };
        // Fen or yuan, and of which country: only the author knows.
        finding.guess(end, ".00 CNY", "写明币种", "write the amount with its currency")
    }

    fn order(&mut self, operator: BinaryOperator, sign: Span, left: &mut Left<'_>, right: &Expression) -> Type {
        let ty = self.infer(right, Some(&left.ty));
        let currency = self.currency.take();
        self.truths = Truths::default();
        let unknown = |ty: &Type| matches!(ty, Type::Unknown | Type::Never);
        if unknown(&left.ty) || unknown(&ty) {
            return Type::Bool;
        }
        for (value, ty) in [(left.expression, &left.ty), (right, &ty)] {
            if let Type::Optional(of) = ty
                && has_order(of)
            {
                self.mismatch(value, of, ty);
                return Type::Bool;
            }
        }
        let same = is_textual(&left.ty) && is_textual(&ty) || left.ty == ty;
        let ordered = has_order(&left.ty) && has_order(&ty);
        if left.ty.is_sealed() || ty.is_sealed() || (!same && ordered) {
            self.comparable(left, right, &ty);
        } else if !ordered {
            let (value, ty) = if has_order(&left.ty) { (right, &ty) } else { (left.expression, &left.ty) };
            let finding = self
                .error(codes::OPERATOR_TYPE, sign)
                .text("operator", operator.sign())
                .text("type", self.written(ty))
                .also(self.place(value.span), "无大小之分", "this has no order");
            self.report(finding);
        } else {
            self.one_currency(operator.sign(), left.currency, currency, left.expression.span.to(right.span));
        }
        Type::Bool
    }

    fn contained(&mut self, left: &mut Left<'_>, right: &Expression) -> Type {
        let comparing = std::mem::replace(&mut self.comparing, true);
        let list = self.infer(right, Some(&Type::list(left.ty.clone())));
        self.comparing = comparing;
        self.truths = Truths::default();
        self.currency = None;
        match &list {
            Type::Unknown | Type::Never => {}
            Type::List(of) => {
                let left = Left {
                    expression: left.expression,
                    ty: left.ty.clone(),
                    currency: None,
                    truths: Truths::default(),
                };
                self.comparable(&left, right, of);
            }
            other => {
                let wanted = Type::list(left.ty.clone());
                self.mismatch(right, &wanted, other);
            }
        }
        Type::Bool
    }

    fn arithmetic(
        &mut self,
        whole: &Expression,
        operator: BinaryOperator,
        left: &mut Left<'_>,
        right: &Expression,
    ) -> Type {
        let ty = self.infer(right, None);
        let currency = self.currency.take();
        self.truths = Truths::default();
        let unknown = |ty: &Type| matches!(ty, Type::Unknown | Type::Never);
        if unknown(&left.ty) || unknown(&ty) {
            self.currency = left.currency.or(currency);
            // What the other side is still says most about the result.
            return match (&left.ty, operator) {
                (Type::Amount, _) => Type::Amount,
                _ => Type::Unknown,
            };
        }
        for (value, ty) in [(left.expression, &left.ty), (right, &ty)] {
            if ty.is_sealed() {
                self.wrong_operand(operator.sign(), value, ty);
                return Type::Unknown;
            }
        }
        for (value, ty) in [(left.expression, &left.ty), (right, &ty)] {
            if let Type::Optional(of) = ty {
                self.mismatch(value, of, ty);
                return Type::Unknown;
            }
        }
        if let Some(result) = result(operator, &left.ty, &ty) {
            if left.ty == Type::Amount && ty == Type::Amount {
                self.one_currency(operator.sign(), left.currency, currency, whole.span);
            }
            self.currency = left.currency.or(currency);
            return result;
        }
        if let (Type::Amount, Type::Int) | (Type::Int, Type::Amount) = (&left.ty, &ty)
            && matches!(operator, BinaryOperator::Add | BinaryOperator::Subtract)
        {
            let (number, amount) = if ty == Type::Int { (right, left.expression) } else { (left.expression, right) };
            let finding = self.error(codes::TYPE_MISMATCH, number.span).text("expected", "Amount").text("found", "Int");
            let finding = self.bare_number(finding, number, amount.span);
            self.report(finding);
            return Type::Amount;
        }
        if operator == BinaryOperator::Multiply && ty == Type::Amount {
            let finding =
                self.error(codes::OPERATOR_TYPE, right.span).text("operator", "*").text("type", self.written(&ty));
            self.report(match left.ty {
                Type::Amount => finding.also(
                    self.place(left.expression.span),
                    "这也是金额：元乘元没有意义",
                    "this is an amount too: yuan times yuan mean nothing",
                ),
                _ => finding.help(
                    "金额写在前面：amount * 3、amount * 10%",
                    "write the amount first: `amount * 3`, `amount * 10%`",
                ),
            });
            return Type::Amount;
        }
        let (value, ty) = if result(operator, &left.ty, &left.ty).is_some() {
            (right, ty)
        } else {
            (left.expression, left.ty.clone())
        };
        self.wrong_operand(operator.sign(), value, &ty);
        Type::Unknown
    }

    /// Reports an operand that the operator does not work on.
    pub(crate) fn wrong_operand(&mut self, operator: &str, operand: &Expression, ty: &Type) {
        if matches!(ty, Type::Unknown | Type::Never) {
            return;
        }
        if ty.is_sealed() {
            match operator {
                "match" | "and" | "or" | "not" => self.secret_decides(operand.span, ty),
                "+" => self.secret_joined(operand, ty),
                _ => self.secret_apart(operand, ty, operator),
            }
            return;
        }
        let finding =
            self.error(codes::OPERATOR_TYPE, operand.span).text("operator", operator).text("type", self.written(ty));
        let finding = if operator == "+" && is_textual(ty) {
            finding.help("文字拼接写成 \"{a}{b}\"", "texts are joined as \"{a}{b}\"")
        } else {
            finding
        };
        self.report(finding);
    }

    /// Reports two amounts whose currencies are known and differ.
    fn one_currency(&mut self, sign: &str, left: Option<Currency>, right: Option<Currency>, span: Span) {
        let (Some(left), Some(right)) = (left, right) else {
            return;
        };
        if left == right {
            return;
        }
        let both = format!("{} {sign} {}", left.alpha(), right.alpha());
        let finding = self
            .error(codes::CURRENCIES_MIXED, span)
            .text("left", left.alpha())
            .text("right", right.alpha())
            .label(both.clone(), both)
            .note(
                "语言中没有汇率；请由主机返回换算金额（第 5、6 域）",
                "there is no exchange rate in the language; ask the host for the converted amount (F5, F6)",
            );
        self.report(finding);
    }
}

/// Text, or what can stand where a text is wanted.
fn is_textual(ty: &Type) -> bool {
    matches!(ty, Type::Text | Type::Digits(_) | Type::Kcv | Type::Expiry)
}

fn has_order(ty: &Type) -> bool {
    is_textual(ty) || matches!(ty, Type::Int | Type::Amount | Type::Duration | Type::Percent | Type::Time)
}

/// What an operation on numbers gives; `None` if there is no such operation.
fn result(operator: BinaryOperator, left: &Type, right: &Type) -> Option<Type> {
    use BinaryOperator::{Add, Divide, Multiply, Subtract};
    Some(match (operator, left, right) {
        (Add | Subtract | Multiply | Divide, Type::Int, Type::Int) => Type::Int,
        (Add | Subtract, Type::Amount, Type::Amount) => Type::Amount,
        (Multiply | Divide, Type::Amount, Type::Int) => Type::Amount,
        (Multiply, Type::Amount, Type::Percent) => Type::Amount,
        (Add | Subtract, Type::Duration, Type::Duration) => Type::Duration,
        (Multiply | Divide, Type::Duration, Type::Int) => Type::Duration,
        (Add | Subtract, Type::Percent, Type::Percent) => Type::Percent,
        (Multiply | Divide, Type::Percent, Type::Int) => Type::Percent,
        (Add | Subtract, Type::Time, Type::Duration) => Type::Time,
        (Subtract, Type::Time, Type::Time) => Type::Duration,
        _ => return None,
    })
}
