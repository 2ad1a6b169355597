//! Which places of a body can never both be reached: the branches of one choice.

use super::program::Look;
use crate::language::syntax::tree::{Arm, Expression, ExpressionKind, MatchArm};
use crate::language::syntax::visit::{Looks, Visitor};
use crate::script_error::source::Span;

/// The branches of every choice of an item.
pub(super) struct Choices(Vec<Vec<Span>>);

impl Choices {
    /// Gathers them.
    pub(super) fn of(look: &Look<'_, '_>) -> Choices {
        let mut choices = Choices(Vec::new());
        look.lead(&mut choices);
        choices
    }

    /// Do two places lie in different branches of one choice?
    pub(super) fn part(&self, one: Span, other: Span) -> bool {
        let branch = |branches: &[Span], place: Span| {
            branches.iter().position(|branch| branch.start <= place.start && place.end <= branch.end)
        };
        self.0.iter().any(|branches| match (branch(branches, one), branch(branches, other)) {
            (Some(one), Some(other)) => one != other,
            _ => false,
        })
    }
}

impl<'t> Visitor<'t> for Choices {
    const LOOKS: Looks = Looks::IF.and(Looks::MATCH);

    fn expression(&mut self, expression: &'t Expression) {
        match &expression.kind {
            ExpressionKind::If { then, otherwise: Some(otherwise), .. } => {
                self.0.push(vec![then.span, otherwise.span]);
            }
            ExpressionKind::Match { arms, .. } => self.0.push(arms.iter().map(body).collect()),
            _ => {}
        }
    }
}

fn body(arm: &MatchArm) -> Span {
    match &arm.body {
        Arm::Block(block) => block.span,
        Arm::Statement(statement) => statement.span,
    }
}
