//! A roll leads where a walk through the tree leads, in the same order, and only to what is looked at.

use super::readers::scripts;
use tillscript::language::syntax::parse::parse;
use tillscript::language::syntax::roll::Roll;
use tillscript::language::syntax::tree::{Expression, ExpressionKind, Handler, MatchArm, Statement, Tree};
use tillscript::language::syntax::visit::{self, Looks, Visitor};
use tillscript::script_error::source::FileId;

/// What was met: its kind, its first byte, whether it was left.
type Met = (&'static str, u32, bool);

/// Writes down everything.
#[derive(Default)]
struct Everything(Vec<Met>);

impl<'t> Visitor<'t> for Everything {
    fn statement(&mut self, statement: &'t Statement) {
        self.0.push(("statement", statement.span.start, false));
    }

    fn leave_statement(&mut self, statement: &'t Statement) {
        self.0.push(("statement", statement.span.start, true));
    }

    fn expression(&mut self, expression: &'t Expression) {
        self.0.push((kind(expression), expression.span.start, false));
    }

    fn leave_expression(&mut self, expression: &'t Expression) {
        self.0.push((kind(expression), expression.span.start, true));
    }

    fn handler(&mut self, handler: &'t Handler) {
        self.0.push(("handler", handler.span.start, false));
    }

    fn leave_handler(&mut self, handler: &'t Handler) {
        self.0.push(("handler", handler.span.start, true));
    }

    fn arm(&mut self, arm: &'t MatchArm) {
        self.0.push(("arm", arm.span.start, false));
    }

    fn leave_arm(&mut self, arm: &'t MatchArm) {
        self.0.push(("arm", arm.span.start, true));
    }
}

/// Looks at few kinds, and writes down whatever it is led to.
macro_rules! few {
    ($name:ident, $looks:expr) => {
        #[derive(Default)]
        struct $name(Everything);

        impl<'t> Visitor<'t> for $name {
            const LOOKS: Looks = $looks;

            fn statement(&mut self, statement: &'t Statement) {
                self.0.statement(statement);
            }

            fn leave_statement(&mut self, statement: &'t Statement) {
                self.0.leave_statement(statement);
            }

            fn expression(&mut self, expression: &'t Expression) {
                self.0.expression(expression);
            }

            fn leave_expression(&mut self, expression: &'t Expression) {
                self.0.leave_expression(expression);
            }

            fn handler(&mut self, handler: &'t Handler) {
                self.0.handler(handler);
            }

            fn leave_handler(&mut self, handler: &'t Handler) {
                self.0.leave_handler(handler);
            }

            fn arm(&mut self, arm: &'t MatchArm) {
                self.0.arm(arm);
            }

            fn leave_arm(&mut self, arm: &'t MatchArm) {
                self.0.leave_arm(arm);
            }
        }
    };
}

few!(Calls, Looks::CALL.and(Looks::MESSAGE.left()).and(Looks::LEFT_HANDLER));
few!(Statements, Looks::STATEMENT.and(Looks::NAME).and(Looks::ARM));

fn kind(expression: &Expression) -> &'static str {
    match &expression.kind {
        ExpressionKind::Call { .. } => "call",
        ExpressionKind::Message { .. } => "message",
        ExpressionKind::Name(_) => "name",
        _ => "expression",
    }
}

fn walked(tree: &Tree, item: usize) -> Vec<Met> {
    let mut all = Everything::default();
    visit::item(&tree.items[item], &mut all);
    all.0
}

#[test]
fn a_roll_leads_as_a_walk_does() {
    let (mut calls, mut statements) = (0, 0);
    for path in scripts() {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let tree = parse(FileId(0), &text).tree;
        let roll = Roll::of(&tree);
        for item in 0..tree.items.len() {
            let all = walked(&tree, item);
            let mut rolled = Everything::default();
            roll.lead(item, &mut rolled);
            assert_eq!(rolled.0, all, "{}: item {item}", path.display());

            let mut few = Calls::default();
            roll.lead(item, &mut few);
            let wanted = [("call", false), ("message", true), ("handler", true)];
            let of: Vec<Met> = all.iter().filter(|(kind, _, left)| wanted.contains(&(*kind, *left))).copied().collect();
            assert_eq!(few.0.0, of, "{}: item {item}", path.display());
            calls += of.len();

            let mut few = Statements::default();
            roll.lead(item, &mut few);
            let wanted = [("statement", false), ("name", false), ("arm", false)];
            let of: Vec<Met> = all.iter().filter(|(kind, _, left)| wanted.contains(&(*kind, *left))).copied().collect();
            assert_eq!(few.0.0, of, "{}: item {item}", path.display());
            statements += of.len();
        }
        let mut beyond = Everything::default();
        roll.lead(tree.items.len(), &mut beyond);
        assert!(beyond.0.is_empty(), "{}: there is no such item", path.display());
    }
    assert!(calls > 1_000 && statements > 1_000, "{calls} and {statements} things were met: are the scripts there?");
}
