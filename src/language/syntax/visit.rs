//! Every statement and expression of an item, in the order they are written.
//!
//! A check that looks for a shape implements [`Visitor`] and lets `item` lead it through. What a check does not look at,
//! it does not name, so a new kind of statement has to be led through here only. Where many checks go the same way, it is
//! walked once and kept (`roll`).

pub use super::looks::Looks;

use super::tree::{
    Arm, Bilingual, Block, Expression, ExpressionKind, Handler, Item, ItemKind, MatchArm, Pattern, PatternKind,
    ReceiptLine, Statement, StatementKind, StringLiteral, StringPart,
};

/// What is met on the way. Each has a `leave` where a check keeps count of what is around.
pub trait Visitor<'t> {
    /// What it looks at. Along a roll it is led to nothing else; a walk through the tree leads it everywhere.
    const LOOKS: Looks = Looks::ALL;

    /// A statement, before what is in it.
    fn statement(&mut self, _statement: &'t Statement) {}
    /// A statement, after what is in it.
    fn leave_statement(&mut self, _statement: &'t Statement) {}
    /// An expression, before its parts.
    fn expression(&mut self, _expression: &'t Expression) {}
    /// An expression, after its parts.
    fn leave_expression(&mut self, _expression: &'t Expression) {}
    /// `on …`, before its body.
    fn handler(&mut self, _handler: &'t Handler) {}
    /// `on …`, after its body.
    fn leave_handler(&mut self, _handler: &'t Handler) {}
    /// An arm of a `match`, before its body.
    fn arm(&mut self, _arm: &'t MatchArm) {}
    /// An arm of a `match`, after its body.
    fn leave_arm(&mut self, _arm: &'t MatchArm) {}
}

/// Leads through whatever an item holds. Annotations and the cells of dialects and code tables are no expressions of a
/// program and are left out.
pub fn item<'t>(item: &'t Item, visitor: &mut impl Visitor<'t>) {
    match &item.kind {
        ItemKind::Flow(flow) => block(&flow.body, visitor),
        ItemKind::Test(test) => {
            string(&test.title, visitor);
            block(&test.body, visitor);
        }
        ItemKind::Function(function) => expression(&function.body, visitor),
        ItemKind::Constant(constant) => expression(&constant.value, visitor),
        ItemKind::Text(text) => bilingual(&text.words, visitor),
        ItemKind::Error(error) => error.guidance.iter().for_each(|(_, words)| bilingual(words, visitor)),
        ItemKind::Table(table) => {
            for (pattern, value) in &table.rows {
                self::pattern(pattern, visitor);
                expression(value, visitor);
            }
        }
        ItemKind::Receipt(receipt) => lines(&receipt.lines, visitor),
        ItemKind::Union(_) | ItemKind::Record(_) | ItemKind::Codes(_) | ItemKind::Dialect(_) => {}
    }
}

/// Leads through the statements of a block.
pub fn block<'t>(block: &'t Block, visitor: &mut impl Visitor<'t>) {
    for statement in &block.statements {
        self::statement(statement, visitor);
    }
}

/// Leads through one statement.
pub fn statement<'t>(statement: &'t Statement, visitor: &mut impl Visitor<'t>) {
    visitor.statement(statement);
    match &statement.kind {
        StatementKind::Let { value, handlers, .. }
        | StatementKind::Assign { value, handlers, .. }
        | StatementKind::Expression { value, handlers } => {
            expression(value, visitor);
            for handler in handlers {
                self::handler(handler, visitor);
            }
        }
        StatementKind::Repeat { times, body } => {
            expression(times, visitor);
            block(body, visitor);
        }
        StatementKind::For { list, body, .. } => {
            expression(list, visitor);
            block(body, visitor);
        }
        StatementKind::Reversible { request, by, body } => {
            expression(request, visitor);
            by.iter().for_each(|by| expression(by, visitor));
            block(body, visitor);
        }
        StatementKind::Return(value) => value.iter().for_each(|value| expression(value, visitor)),
        StatementKind::Fail(value)
        | StatementKind::Commit(value)
        | StatementKind::Given(value)
        | StatementKind::Expect(value) => expression(value, visitor),
        StatementKind::Step(title) => string(title, visitor),
        StatementKind::Discard | StatementKind::Reverse | StatementKind::Break => {}
    }
    visitor.leave_statement(statement);
}

/// Leads through one expression. Chains of operators, members and calls lean to the left and can be long, so they are
/// followed in a loop.
pub fn expression<'t>(expression: &'t Expression, visitor: &mut impl Visitor<'t>) {
    let mut spine = Spine::default();
    let mut at = expression;
    loop {
        visitor.expression(at);
        let left = match &at.kind {
            ExpressionKind::Binary { left, .. } => left,
            ExpressionKind::Member { object, .. } | ExpressionKind::Index { object, .. } => object,
            ExpressionKind::Call { callee, .. } => callee,
            _ => break,
        };
        spine.push(at);
        at = left;
    }
    parts(at, visitor);
    visitor.leave_expression(at);
    while let Some(whole) = spine.pop() {
        match &whole.kind {
            ExpressionKind::Binary { right, .. } => self::expression(right, visitor),
            ExpressionKind::Index { index, .. } => self::expression(index, visitor),
            ExpressionKind::Call { arguments, .. } => {
                arguments.iter().for_each(|argument| self::expression(&argument.value, visitor));
            }
            _ => {}
        }
        visitor.leave_expression(whole);
    }
}

/// What is still to be finished of a chain. Nearly all are short, and there is one for every expression.
#[derive(Default)]
struct Spine<'t> {
    first: [Option<&'t Expression>; 8],
    count: usize,
    more: Vec<&'t Expression>,
}

impl<'t> Spine<'t> {
    fn push(&mut self, expression: &'t Expression) {
        match self.first.get_mut(self.count) {
            Some(place) => {
                *place = Some(expression);
                self.count += 1;
            }
            None => self.more.push(expression),
        }
    }

    fn pop(&mut self) -> Option<&'t Expression> {
        self.more.pop().or_else(|| {
            self.count = self.count.checked_sub(1)?;
            *self.first.get(self.count)?
        })
    }
}

/// The parts of an expression that does not lean to the left.
fn parts<'t>(expression: &'t Expression, visitor: &mut impl Visitor<'t>) {
    match &expression.kind {
        ExpressionKind::Text(text) => string(text, visitor),
        ExpressionKind::List(values) => values.iter().for_each(|value| self::expression(value, visitor)),
        ExpressionKind::Message { from, fields, .. } => {
            from.iter().for_each(|from| self::expression(from, visitor));
            fields.iter().for_each(|(_, value)| self::expression(value, visitor));
        }
        ExpressionKind::Unary { operand, .. } => self::expression(operand, visitor),
        ExpressionKind::If { .. } => if_chain(expression, visitor),
        ExpressionKind::Match { subject, arms } => {
            self::expression(subject, visitor);
            for arm in arms {
                visitor.arm(arm);
                arm.patterns.iter().for_each(|pattern| self::pattern(pattern, visitor));
                body(&arm.body, visitor);
                visitor.leave_arm(arm);
            }
        }
        ExpressionKind::Binary { .. }
        | ExpressionKind::Member { .. }
        | ExpressionKind::Index { .. }
        | ExpressionKind::Call { .. }
        | ExpressionKind::Bool(_)
        | ExpressionKind::Int(_)
        | ExpressionKind::Amount { .. }
        | ExpressionKind::Percent(_)
        | ExpressionKind::Duration(_)
        | ExpressionKind::Bytes(_)
        | ExpressionKind::Tag(_)
        | ExpressionKind::Mti(_)
        | ExpressionKind::None
        | ExpressionKind::Name(_) => {}
    }
}

/// An `if` with every `else if` behind it; there can be many, so they are followed in a loop too.
fn if_chain<'t>(expression: &'t Expression, visitor: &mut impl Visitor<'t>) {
    let mut inside = Vec::new();
    let mut at = expression;
    while let ExpressionKind::If { condition, then, otherwise } = &at.kind {
        self::expression(condition, visitor);
        block(then, visitor);
        let Some(otherwise) = otherwise else { break };
        let [only] = otherwise.statements.as_slice() else {
            block(otherwise, visitor);
            break;
        };
        match &only.kind {
            StatementKind::Expression { value, handlers }
                if handlers.is_empty() && matches!(value.kind, ExpressionKind::If { .. }) =>
            {
                visitor.statement(only);
                visitor.expression(value);
                inside.push((only, value));
                at = value;
            }
            _ => {
                statement(only, visitor);
                break;
            }
        }
    }
    for (statement, value) in inside.into_iter().rev() {
        visitor.leave_expression(value);
        visitor.leave_statement(statement);
    }
}

fn handler<'t>(handler: &'t Handler, visitor: &mut impl Visitor<'t>) {
    visitor.handler(handler);
    if let Some(retry) = &handler.retry {
        expression(&retry.times, visitor);
        retry.every.iter().for_each(|every| expression(every, visitor));
    }
    handler.body.iter().for_each(|arm| body(arm, visitor));
    visitor.leave_handler(handler);
}

fn body<'t>(arm: &'t Arm, visitor: &mut impl Visitor<'t>) {
    match arm {
        Arm::Block(block) => self::block(block, visitor),
        Arm::Statement(statement) => self::statement(statement, visitor),
    }
}

fn pattern<'t>(pattern: &'t Pattern, visitor: &mut impl Visitor<'t>) {
    if let PatternKind::Literal(value) = &pattern.kind {
        expression(value, visitor);
    }
}

fn string<'t>(text: &'t StringLiteral, visitor: &mut impl Visitor<'t>) {
    for part in &text.parts {
        if let StringPart::Value(value) = part {
            expression(value, visitor);
        }
    }
}

fn bilingual<'t>(words: &'t Bilingual, visitor: &mut impl Visitor<'t>) {
    words.zh.iter().chain(&words.en).for_each(|text| string(text, visitor));
}

fn lines<'t>(lines: &'t [ReceiptLine], visitor: &mut impl Visitor<'t>) {
    for line in lines {
        match line {
            ReceiptLine::Centre(words) | ReceiptLine::Line(words) => bilingual(words, visitor),
            ReceiptLine::Row(words, value) => {
                bilingual(words, visitor);
                expression(value, visitor);
            }
            ReceiptLine::If { condition, then, otherwise } => {
                expression(condition, visitor);
                self::lines(then, visitor);
                self::lines(otherwise, visitor);
            }
            ReceiptLine::Rule(_) | ReceiptLine::Space(_) => {}
        }
    }
}
