//! Conditions that always turn out the same, and branches that make no difference.

use super::look::Look;
use super::same::{key, literal};
use crate::language::check::expression::lone_if;
use crate::language::syntax::format::compare;
use crate::language::syntax::tree::{
    BinaryOperator, Block, Expression, ExpressionKind, Statement, StatementKind, UnaryOperator,
};
use crate::language::syntax::visit::{Looks, Visitor};
use crate::script_error::catalogue::answers as found;
use crate::script_error::finding::Finding;
use crate::script_error::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// So many parts of one `and` or `or` are compared with each other.
const PARTS_MAX: usize = 16;

/// Looks through an item.
pub(super) fn check(look: &mut Look<'_>, at: usize) {
    look.roll.lead(at, &mut Conditions { look, inner: BTreeSet::new() });
}

struct Conditions<'c, 'l> {
    look: &'c mut Look<'l>,
    /// Parts of a chain that was looked at as a whole.
    inner: BTreeSet<u32>,
}

impl<'t> Visitor<'t> for Conditions<'_, '_> {
    const LOOKS: Looks = Looks::STATEMENT.and(Looks::BINARY).and(Looks::IF).and(Looks::UNARY);

    fn statement(&mut self, statement: &'t Statement) {
        // What a test expects is often known: that is what it is for.
        if let StatementKind::Expect(value) = &statement.kind {
            self.inner.insert(value.id.0);
        }
    }

    fn expression(&mut self, expression: &'t Expression) {
        match &expression.kind {
            ExpressionKind::Binary { operator, left, right, .. } => self.binary(expression, *operator, left, right),
            ExpressionKind::If { condition, otherwise, .. } => {
                if let ExpressionKind::Bool(value) = condition.kind {
                    self.settled(condition.span, value, None);
                }
                if self.inner.insert(expression.id.0) {
                    self.chain(expression);
                }
                if let Some(next) = otherwise.as_ref().and_then(lone_if) {
                    self.inner.insert(next.id.0);
                }
            }
            ExpressionKind::Unary { operator: UnaryOperator::Not, operand } => {
                if let ExpressionKind::Bool(value) = operand.kind {
                    self.settled(expression.span, !value, None);
                }
            }
            _ => {}
        }
    }
}

impl Conditions<'_, '_> {
    fn key(&self, expression: &Expression) -> Option<String> {
        key(self.look.all, self.look.facts, expression)
    }

    fn settled(&mut self, span: Span, value: bool, why: Option<(&str, &str)>) {
        let word = if value { "true" } else { "false" };
        let finding = Finding::warning(found::CONDITION_SETTLED, self.look.place(span)).text("value", word);
        let finding = match why {
            Some((zh, en)) => finding.label(zh, en),
            None => finding.label(format!("总是 {word}"), format!("always `{word}`")),
        };
        self.look.findings.push(finding);
    }

    fn binary(&mut self, whole: &Expression, operator: BinaryOperator, left: &Expression, right: &Expression) {
        use BinaryOperator::{And, Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual, Or};
        let known = self.inner.contains(&whole.id.0);
        match operator {
            And | Or => {
                // The chain is looked at from its top; its lower parts are part of it.
                if let ExpressionKind::Binary { operator: below, .. } = &left.kind
                    && *below == operator
                {
                    self.inner.insert(left.id.0);
                }
                if !known {
                    self.logic(whole, operator);
                }
            }
            Equal | NotEqual | Less | LessOrEqual | Greater | GreaterOrEqual if !known => {
                let (Some(one), Some(other)) = (self.key(left), self.key(right)) else {
                    return;
                };
                if one == other {
                    let value = matches!(operator, Equal | LessOrEqual | GreaterOrEqual);
                    self.settled(whole.span, value, Some(("两边是同一个值", "both sides are the same value")));
                    return;
                }
                let facts = self.look.facts;
                if let (Some(one), Some(other), Equal | NotEqual) =
                    (literal(facts, left), literal(facts, right), operator)
                {
                    self.settled(
                        whole.span,
                        (one == other) == (operator == Equal),
                        Some(("两边都是写定的值", "both sides are written out")),
                    );
                }
            }
            _ => {}
        }
    }

    /// `a and b and …`, `a or b or …`
    fn logic(&mut self, whole: &Expression, operator: BinaryOperator) {
        let mut parts = Vec::new();
        let mut at = whole;
        while let ExpressionKind::Binary { operator: below, left, right, .. } = &at.kind
            && *below == operator
        {
            parts.push(right.as_ref());
            at = left;
        }
        parts.push(at);
        parts.reverse();
        let is_or = operator == BinaryOperator::Or;
        if let Some(part) = parts.iter().find(|part| matches!(part.kind, ExpressionKind::Bool(value) if value == is_or))
        {
            self.settled(part.span, is_or, Some(("有它，其余都不必看", "with this, the rest does not matter")));
            return;
        }
        parts.truncate(PARTS_MAX);
        let mut asked: BTreeMap<String, Span> = BTreeMap::new();
        // `x == a and x == b` is never true, `x != a or x != b` always.
        let mut values: BTreeMap<String, (String, Span)> = BTreeMap::new();
        let wanted = if is_or { BinaryOperator::NotEqual } else { BinaryOperator::Equal };
        for part in parts {
            let Some(key) = self.key(part) else { continue };
            if let Some(first) = asked.get(&key) {
                let finding = Finding::warning(found::SAME_CONDITION, self.look.place(part.span))
                    .label("又问一次", "asked again")
                    .also(self.look.place(*first), "前面已问过", "asked here already")
                    .help("多半是想比较另一个值", "another value was probably meant");
                self.look.findings.push(finding);
                return;
            }
            asked.insert(key, part.span);
            let ExpressionKind::Binary { operator: compares, left, right, .. } = &part.kind else {
                continue;
            };
            if *compares != wanted {
                continue;
            }
            let facts = self.look.facts;
            let sides = [(left, right), (right, left)];
            let compared = sides.into_iter().find_map(|(value, with)| {
                Some((self.key(value)?, literal(facts, with)?)).filter(|_| literal(facts, value).is_none())
            });
            let Some((value, with)) = compared else { continue };
            match values.get(&value) {
                Some((first, at)) if *first != with => {
                    let (at, word) = (*at, if is_or { "true" } else { "false" });
                    let finding = Finding::warning(found::CONDITION_SETTLED, self.look.place(whole.span))
                        .text("value", word)
                        .also(self.look.place(at), "同一个值在此比较一次", "the same value is compared here")
                        .also(self.look.place(part.span), "又与另一个值比较", "and here with something else");
                    let finding = if is_or {
                        finding
                            .note("它总与其中一个不同", "it always differs from one of them")
                            .help("多半应写 and", "`and` was probably meant")
                    } else {
                        finding
                            .note("它不会同时等于两个值", "it never equals both")
                            .help("多半应写 or 或 in", "`or` or `in` was probably meant")
                    };
                    self.look.findings.push(finding);
                    return;
                }
                Some(_) => {}
                None => {
                    values.insert(value, (with, part.span));
                }
            }
        }
    }

    /// `if … else if …` from its top.
    fn chain(&mut self, expression: &Expression) {
        let mut asked: BTreeMap<String, Span> = BTreeMap::new();
        let mut at = expression;
        let mut said = false;
        while let ExpressionKind::If { condition, then, otherwise } = &at.kind {
            if let Some(key) = self.key(condition).filter(|_| !said) {
                match asked.get(&key) {
                    Some(first) => {
                        said = true;
                        let finding = Finding::warning(found::SAME_CONDITION, self.look.place(condition.span))
                            .label("到这里它必不成立", "here it is false")
                            .also(self.look.place(*first), "前面已判断过", "asked here already");
                        self.look.findings.push(finding);
                    }
                    None => {
                        asked.insert(key, condition.span);
                    }
                }
            }
            let Some(otherwise) = otherwise else { return };
            match lone_if(otherwise) {
                Some(next) => at = next,
                None => {
                    self.branches(then, otherwise);
                    return;
                }
            }
        }
    }

    fn branches(&mut self, then: &Block, otherwise: &Block) {
        let short = |block: &Block| block.span.end.saturating_sub(block.span.start) < 2_000;
        if then.statements.is_empty() || !short(then) || !short(otherwise) || !compare::same_blocks(then, otherwise) {
            return;
        }
        let finding = Finding::warning(found::SAME_BRANCHES, self.look.place(otherwise.span))
            .label("与前一支相同", "the same as the branch before")
            .also(self.look.place(then.span), "前一支", "the branch before");
        self.look.findings.push(finding);
    }
}
