//! A walk through a file that was done once and is kept, for the many checks that go the same way.
//!
//! Each thing that is met has its number beside it, so that whoever looks at few kinds passes by the others without
//! touching them.

use super::looks::Looks;
use super::tree::{Expression, Handler, MatchArm, Statement, Tree};
use super::visit::{self, Visitor};

/// What is met in each item of a file, in the order of the walk.
#[derive(Debug)]
pub struct Roll<'t> {
    /// Of everything that is met its number in `Looks`.
    kinds: Vec<u8>,
    met: Vec<Met<'t>>,
    /// Where each item ends.
    ends: Vec<usize>,
}

#[derive(Clone, Copy, Debug)]
enum Met<'t> {
    Statement(&'t Statement),
    Expression(&'t Expression),
    Handler(&'t Handler),
    Arm(&'t MatchArm),
}

impl<'t> Roll<'t> {
    /// Walks through every item of a file.
    pub fn of(tree: &'t Tree) -> Roll<'t> {
        // Two for each expression, and about half as many for everything around.
        let room = tree.expressions as usize * 3;
        let mut roll = Roll { kinds: Vec::with_capacity(room), met: Vec::with_capacity(room), ends: Vec::new() };
        roll.ends.reserve_exact(tree.items.len());
        for item in &tree.items {
            visit::item(item, &mut Recorder(&mut roll));
            roll.ends.push(roll.kinds.len());
        }
        roll
    }

    /// Leads through an item, by its place in the file, as `visit::item` does; only to what the visitor looks at.
    pub fn lead<V: Visitor<'t>>(&self, item: usize, visitor: &mut V) {
        let start = item.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let range = start.zip(self.ends.get(item).copied()).map_or(0..0, |(start, end)| start..end);
        let (kinds, met) = (self.kinds.get(range.clone()), self.met.get(range));
        for (kind, met) in kinds.unwrap_or_default().iter().zip(met.unwrap_or_default()) {
            if !V::LOOKS.has(*kind) {
                continue;
            }
            match *met {
                Met::Expression(expression) if *kind >= LEFT_EXPRESSION => visitor.leave_expression(expression),
                Met::Expression(expression) => visitor.expression(expression),
                Met::Statement(statement) if *kind == LEFT_STATEMENT => visitor.leave_statement(statement),
                Met::Statement(statement) => visitor.statement(statement),
                Met::Handler(handler) if *kind == LEFT_HANDLER => visitor.leave_handler(handler),
                Met::Handler(handler) => visitor.handler(handler),
                Met::Arm(arm) if *kind == LEFT_ARM => visitor.leave_arm(arm),
                Met::Arm(arm) => visitor.arm(arm),
            }
        }
    }
}

const LEFT_EXPRESSION: u8 = Looks::EXPRESSION.left().number();
const LEFT_STATEMENT: u8 = Looks::LEFT_STATEMENT.number();
const LEFT_HANDLER: u8 = Looks::LEFT_HANDLER.number();
const LEFT_ARM: u8 = Looks::LEFT_ARM.number();

struct Recorder<'r, 't>(&'r mut Roll<'t>);

impl<'t> Recorder<'_, 't> {
    fn meet(&mut self, kind: u8, met: Met<'t>) {
        self.0.kinds.push(kind);
        self.0.met.push(met);
    }
}

impl<'t> Visitor<'t> for Recorder<'_, 't> {
    fn statement(&mut self, statement: &'t Statement) {
        self.meet(Looks::STATEMENT.number(), Met::Statement(statement));
    }

    fn leave_statement(&mut self, statement: &'t Statement) {
        self.meet(LEFT_STATEMENT, Met::Statement(statement));
    }

    fn expression(&mut self, expression: &'t Expression) {
        self.meet(Looks::of(expression).number(), Met::Expression(expression));
    }

    fn leave_expression(&mut self, expression: &'t Expression) {
        self.meet(Looks::of(expression).left().number(), Met::Expression(expression));
    }

    fn handler(&mut self, handler: &'t Handler) {
        self.meet(Looks::HANDLER.number(), Met::Handler(handler));
    }

    fn leave_handler(&mut self, handler: &'t Handler) {
        self.meet(LEFT_HANDLER, Met::Handler(handler));
    }

    fn arm(&mut self, arm: &'t MatchArm) {
        self.meet(Looks::ARM.number(), Met::Arm(arm));
    }

    fn leave_arm(&mut self, arm: &'t MatchArm) {
        self.meet(LEFT_ARM, Met::Arm(arm));
    }
}
