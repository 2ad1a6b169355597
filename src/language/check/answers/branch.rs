//! Conditions, `if` and `match`: what a branch tells of the last answer.

use super::answer::{self, Kind, Left};
use super::codes;
use super::look;
use super::walk::{DEPTH_MAX, Walk, Way, join, root};
use crate::language::builtin::shapes;
use crate::language::check::checked::{Meaning, PatternMeaning};
use crate::language::check::expression::lone_if;
use crate::language::syntax::tree::{BinaryOperator, Expression, ExpressionKind, MatchArm, UnaryOperator};
use crate::language::types::Type;
use std::collections::BTreeSet;

impl Walk<'_, '_> {
    /// The paths behind an `if`. A chain of `else if` can be long, so it is followed in a loop.
    pub(super) fn if_chain(&mut self, expression: &Expression, way: Way) -> Way {
        let mut behind = None;
        let mut way = way;
        let mut at = expression;
        while let ExpressionKind::If { condition, then, otherwise } = &at.kind {
            let branching = std::mem::replace(&mut self.branching, true);
            let (yes, no) = self.condition(condition, way);
            self.branching = branching;
            let end = self.block(then, yes);
            join(&mut behind, end);
            match otherwise.as_ref().map(|block| (block, lone_if(block))) {
                None => {
                    join(&mut behind, no);
                    break;
                }
                Some((_, Some(next))) => {
                    way = no;
                    at = next;
                }
                Some((block, None)) => {
                    let end = self.block(block, no);
                    join(&mut behind, end);
                    break;
                }
            }
        }
        behind
    }

    /// The paths on which a condition is true, and those on which it is false.
    pub(super) fn condition(&mut self, condition: &Expression, way: Way) -> (Way, Way) {
        let mut spine = Vec::new();
        let mut at = condition;
        while let ExpressionKind::Binary { operator, left, right, .. } = &at.kind {
            spine.push((at, *operator, left.as_ref(), right.as_ref()));
            at = left;
        }
        let (mut yes, mut no) = match &at.kind {
            ExpressionKind::Unary { operator: UnaryOperator::Not, operand } if self.depth < DEPTH_MAX => {
                self.depth += 1;
                let (yes, no) = self.condition(operand, way);
                self.depth -= 1;
                (no, yes)
            }
            _ => {
                let way = self.expression(at, way);
                (way.clone(), way)
            }
        };
        for (whole, operator, left, right) in spine.into_iter().rev() {
            match operator {
                BinaryOperator::And => {
                    let (both, not) = self.inner(right, yes);
                    yes = both;
                    join(&mut no, not);
                }
                BinaryOperator::Or => {
                    let (or, neither) = self.inner(right, no);
                    join(&mut yes, or);
                    no = neither;
                }
                _ => {
                    join(&mut yes, no);
                    let way = self.expression(right, yes);
                    (yes, no) = self.compared(whole, operator, left, right, way);
                }
            }
        }
        (yes, no)
    }

    fn inner(&mut self, condition: &Expression, way: Way) -> (Way, Way) {
        if self.depth > DEPTH_MAX {
            return (way.clone(), way);
        }
        self.depth += 1;
        let ways = self.condition(condition, way);
        self.depth -= 1;
        ways
    }

    /// A comparison with codes by name, or with an outcome.
    fn compared(
        &mut self,
        whole: &Expression,
        operator: BinaryOperator,
        left: &Expression,
        right: &Expression,
        way: Way,
    ) -> (Way, Way) {
        let facts = self.look.facts;
        let equal = matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual);
        if !equal && operator != BinaryOperator::In {
            return (way.clone(), way);
        }
        if let Some((code, named)) = codes::compared(facts, operator, left, right) {
            let subject = look::local(facts, root(code));
            let known = subject.is_some_and(|local| way.as_ref().is_some_and(|state| state.accepts.contains(&local)));
            if !known && way.is_some() {
                codes::tell_compared(self.look, whole, operator, code, &named);
            }
            if !self.branching {
                return (way.clone(), way);
            }
            let about = self.is_about(code);
            let (inside, outside) = answer::among(self.look.all, &named);
            let approved = look::approved(self.look.all);
            let all_yes = named.iter().all(|code| approved.contains(code));
            let narrow = |kinds: &BTreeSet<Kind>, yes: bool| {
                let mut way = way.clone();
                if let Some(state) = &mut way {
                    if let (true, Some(answer)) = (about, &state.answer) {
                        state.answer = Some(answer.only(kinds, whole.span));
                    }
                    if let (true, Some(local)) = (yes, subject) {
                        state.accepts.insert(local);
                    }
                }
                way
            };
            let (inside, outside) = (narrow(&inside, all_yes), narrow(&outside, false));
            return if operator == BinaryOperator::NotEqual { (outside, inside) } else { (inside, outside) };
        }
        let sides = [(left, right), (right, left)];
        let outcome = sides.into_iter().find_map(|(value, other)| match look::meaning(facts, other) {
            Some(Meaning::Variant { union: shapes::OUTCOME, tag }) if self.is_about(value) => Some(*tag),
            _ => None,
        });
        let Some(tag) = outcome.filter(|_| equal && self.branching) else {
            return (way.clone(), way);
        };
        let mut others = BTreeSet::new();
        for other in 0..=shapes::outcome::FAILED {
            if other != tag {
                others.extend(answer::of_outcome(other));
            }
        }
        let narrow = |kinds: &BTreeSet<Kind>| {
            let mut way = way.clone();
            if let Some(state) = &mut way
                && let Some(answer) = &state.answer
            {
                state.answer = Some(answer.only(kinds, whole.span));
            }
            way
        };
        let (inside, outside) = (narrow(&answer::of_outcome(tag)), narrow(&others));
        if operator == BinaryOperator::NotEqual { (outside, inside) } else { (inside, outside) }
    }

    /// The paths behind a `match`.
    pub(super) fn match_arms(&mut self, subject: &Expression, arms: &[MatchArm], way: Way) -> Way {
        let way = self.expression(subject, way);
        let facts = self.look.facts;
        let about = self.is_about(subject);
        let is_code = *look::type_of(facts, subject) == Type::ResponseCode;
        let local = look::local(facts, root(subject)).filter(|_| is_code);
        let known = local.is_some_and(|local| way.as_ref().is_some_and(|state| state.accepts.contains(&local)));
        if is_code && !known && way.is_some() {
            codes::tell_matched(self.look, arms);
        }
        let approved = look::approved(self.look.all);
        let mut left = Left::all();
        let mut behind = None;
        for arm in arms {
            let mut kinds = BTreeSet::new();
            let mut all_yes = true;
            for pattern in &arm.patterns {
                let Some(meaning) = facts.patterns.get(&pattern.span.start) else {
                    all_yes = false;
                    continue;
                };
                let bound = match meaning {
                    PatternMeaning::Variant { union: shapes::OUTCOME, tag, binds } => {
                        kinds.extend(answer::of_outcome(*tag));
                        *binds
                    }
                    PatternMeaning::Other(binds) => {
                        kinds.extend(answer::take(self.look.all, &mut left, meaning));
                        *binds
                    }
                    _ => {
                        kinds.extend(answer::take(self.look.all, &mut left, meaning));
                        None
                    }
                };
                all_yes &= match meaning {
                    PatternMeaning::Category(category) => category.word() == "accept",
                    PatternMeaning::Code(code) => approved.contains(code),
                    _ => false,
                };
                if let (true, Some(bound)) = (about, bound) {
                    self.about.insert(bound);
                }
            }
            let told = match (arm.patterns.first(), arm.patterns.last()) {
                (Some(first), Some(last)) => first.span.to(last.span),
                _ => arm.span,
            };
            let mut way = way.clone();
            if let Some(state) = &mut way {
                if let (true, Some(answer)) = (about, &state.answer) {
                    state.answer = Some(answer.only(&kinds, told));
                }
                if let (true, Some(local)) = (all_yes, local) {
                    state.accepts.insert(local);
                }
            }
            let end = self.statements(look::arm_statements(&arm.body), way);
            join(&mut behind, end);
        }
        behind
    }
}
