//! Conditions, `if` and `match`: what a branch tells about the host's answer.

use super::approval::{self, Approvals, Says};
use super::path::{Known, Path, Paths, Trail};
use super::summary::Gives;
use super::walk::Walk;
use crate::language::builtin::row::{Does, Pure};
use crate::language::check::checked::{Meaning, PatternMeaning};
use crate::language::check::expression::lone_if;
use crate::language::syntax::tree::{BinaryOperator, Expression, ExpressionKind, MatchArm, UnaryOperator};
use crate::language::types::Type;
use crate::payment::iso8583::response::ResponseCode;
use crate::script_error::source::Span;

impl Walk<'_> {
    /// The paths behind an `if`. A chain of `else if` can be long, so it is walked in a loop.
    pub(super) fn if_chain(&mut self, expression: &Expression, paths: Paths) -> Paths {
        let mut behind = Paths::default();
        let mut paths = paths;
        let mut at = expression;
        while let ExpressionKind::If { condition, then, otherwise } = &at.kind {
            let (yes, no) = self.condition(condition, paths);
            behind.join(&self.block(then, yes));
            match otherwise {
                None => {
                    behind.join(&no);
                    break;
                }
                Some(block) => match lone_if(block) {
                    Some(next) => {
                        paths = no;
                        at = next;
                    }
                    None => {
                        behind.join(&self.block(block, no));
                        break;
                    }
                },
            }
        }
        behind
    }

    /// The paths on which a condition is true, and those on which it is false.
    fn condition(&mut self, condition: &Expression, paths: Paths) -> (Paths, Paths) {
        let mut spine = Vec::new();
        let mut at = condition;
        while let ExpressionKind::Binary { operator, left, right, .. } = &at.kind {
            spine.push((at, *operator, right.as_ref()));
            at = left;
        }
        let (mut yes, mut no) = match &at.kind {
            ExpressionKind::Unary { operator: UnaryOperator::Not, operand } if self.depth < super::walk::DEPTH_MAX => {
                self.depth += 1;
                let (yes, no) = self.condition(operand, paths);
                self.depth -= 1;
                (no, yes)
            }
            _ => {
                let paths = self.expression(at, paths);
                (paths.clone(), paths)
            }
        };
        for (whole, operator, right) in spine.into_iter().rev() {
            self.depth += 1;
            match operator {
                _ if self.depth > super::walk::DEPTH_MAX => {}
                BinaryOperator::And => {
                    let (both, not) = self.condition(right, yes);
                    yes = both;
                    no.join(&not);
                }
                BinaryOperator::Or => {
                    let (or, neither) = self.condition(right, no);
                    yes.join(&or);
                    no = neither;
                }
                _ => {
                    yes.join(&no);
                    let paths = self.expression(right, yes);
                    (yes, no) = self.compared(whole, paths);
                }
            }
            self.depth -= 1;
        }
        (yes, no)
    }

    /// A comparison of the response code with codes by name.
    fn compared(&self, whole: &Expression, paths: Paths) -> (Paths, Paths) {
        let ExpressionKind::Binary { operator, left, right, .. } = &whole.kind else {
            return (paths.clone(), paths);
        };
        if let BinaryOperator::Equal | BinaryOperator::NotEqual = operator
            && self.tells_none(left, right)
        {
            let (none, some) = (paths.only(|path| path.none), paths.only(|path| !path.none));
            return if *operator == BinaryOperator::Equal { (none, some) } else { (some, none) };
        }
        let codes = match operator {
            BinaryOperator::Equal | BinaryOperator::NotEqual if self.is_code(left) => self.named_codes(right),
            BinaryOperator::In if self.is_code(left) => self.named_codes(right),
            _ => None,
        };
        let Some(codes) = codes else {
            return (paths.clone(), paths);
        };
        let (inside, outside) = approval::among(self.all, &codes);
        let (inside, outside) = (judged(&paths, inside, whole.span), judged(&paths, outside, whole.span));
        if *operator == BinaryOperator::NotEqual { (outside, inside) } else { (inside, outside) }
    }

    /// Is the reply compared with `none`, and does its path tell which it is?
    fn tells_none(&self, left: &Expression, right: &Expression) -> bool {
        let is_none = |value: &Expression| matches!(value.kind, ExpressionKind::None);
        (is_none(left) && self.is_optional_reply(right)) || (is_none(right) && self.is_optional_reply(left))
    }

    /// Is it the reply or `none`, as the only flow gave it that was asked?
    fn is_optional_reply(&self, value: &Expression) -> bool {
        let ty = self.facts.types.get(value.id.0 as usize);
        let optional = matches!(ty, Some(Type::Optional(of)) if matches!(**of, Type::Reply(_)));
        optional && self.optional.len() == 1 && self.is_reply(value)
    }

    /// The codes that an expression names, if it does nothing but that.
    fn named_codes(&self, expression: &Expression) -> Option<Vec<ResponseCode>> {
        match (&expression.kind, self.meaning(expression)) {
            (_, Some(Meaning::Code(code))) => Some(vec![*code]),
            (ExpressionKind::List(members), _) => {
                let codes = members.iter().map(|member| match self.meaning(member) {
                    Some(Meaning::Code(code)) => Some(*code),
                    _ => None,
                });
                codes.collect()
            }
            _ => None,
        }
    }

    /// The paths behind a `match`.
    pub(super) fn match_arms(&mut self, subject: &Expression, arms: &[MatchArm], paths: Paths) -> Paths {
        let paths = self.expression(subject, paths);
        let is_code = self.is_code(subject);
        let is_reply = self.is_reply(subject);
        let is_optional = self.is_optional_reply(subject);
        let mut approvals = Approvals::new(self.all);
        let mut behind = Paths::default();
        for arm in arms {
            let mut says = Says { yes: false, no: false };
            let mut told = is_code;
            for pattern in &arm.patterns {
                let meaning = self.facts.patterns.get(&pattern.span.start);
                match meaning {
                    // `some code` leaves the code to be looked at; `none` says nothing of the host's mind.
                    Some(PatternMeaning::Some(_) | PatternMeaning::None) | None => told = false,
                    Some(_) => {
                        let these = approvals.take(meaning);
                        says = Says { yes: says.yes || these.yes, no: says.no || these.no };
                    }
                }
                if let Some(PatternMeaning::Some(id) | PatternMeaning::Other(Some(id))) = meaning {
                    if is_code {
                        self.codes.insert(*id);
                    }
                    if is_reply {
                        self.replies.insert(*id);
                    }
                }
            }
            let at = match (arm.patterns.first(), arm.patterns.last()) {
                (Some(first), Some(last)) => first.span.to(last.span),
                _ => arm.span,
            };
            let inside = if told { judged(&paths, says, at) } else { paths.clone() };
            let inside = match arm.patterns.as_slice() {
                [pattern] if is_optional => match self.facts.patterns.get(&pattern.span.start) {
                    Some(PatternMeaning::Some(_)) => inside.only(|path| !path.none),
                    Some(PatternMeaning::None) => inside.only(|path| path.none),
                    _ => inside,
                },
                _ => inside,
            };
            self.blocks += 1;
            behind.join(&self.arm(&arm.body, inside));
            self.blocks -= 1;
        }
        behind
    }

    /// Is it the response code of the reply to the request?
    pub(super) fn is_code(&self, expression: &Expression) -> bool {
        match (&expression.kind, self.meaning(expression)) {
            (ExpressionKind::Name(_), Some(Meaning::Local(id))) => self.codes.contains(id),
            (ExpressionKind::Member { object, .. }, Some(Meaning::Builtin(row))) => {
                row.0.does == Does::Pure(Pure::ReplyCode) && self.is_reply(object)
            }
            (ExpressionKind::Member { object, .. }, Some(Meaning::MessageField { number: 39, .. })) => {
                self.is_reply(object)
            }
            (ExpressionKind::Call { .. }, _) => {
                self.passes(expression, &Gives::Code, |walk, value| walk.is_code(value))
            }
            _ => false,
        }
    }
}

/// Paths on which the response code says this. A path that knows better does not come here.
fn judged(paths: &Paths, says: Says, at: Span) -> Paths {
    let mut judged = paths.none_of();
    for (path, trail) in paths.each() {
        let trail = match path.known {
            Known::Answered => Trail { judged: Some(at), ..trail },
            _ => trail,
        };
        match path.known {
            Known::Answered => {
                if says.yes {
                    judged.add(Path { known: Known::Approved, ..path }, trail.clone());
                }
                if says.no {
                    judged.add(Path { known: Known::Refused, ..path }, trail);
                }
            }
            Known::Approved if !says.yes => {}
            Known::Refused if !says.no => {}
            _ => judged.add(path, trail),
        }
    }
    judged
}
