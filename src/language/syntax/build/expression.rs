//! Expressions: one flat list of operands and operators, climbed by precedence.

use super::builder::{Builder, Node, Nodes};
use crate::language::syntax::grammar::Rule;
use crate::language::syntax::tree::{
    Argument, BinaryOperator, Block, Expression, ExpressionKind, Statement, StatementKind, UnaryOperator,
};
use crate::language::syntax::words;
use crate::script_error::catalogue::source;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::Span;

const NOT: u8 = 3;
const COMPARISON: u8 = 4;
const NEGATE: u8 = 7;

/// Operators and how tightly they bind.
fn operator(sign: &str) -> (BinaryOperator, u8) {
    match sign {
        "or" => (BinaryOperator::Or, 1),
        "and" => (BinaryOperator::And, 2),
        "==" => (BinaryOperator::Equal, COMPARISON),
        "!=" => (BinaryOperator::NotEqual, COMPARISON),
        "<" => (BinaryOperator::Less, COMPARISON),
        "<=" => (BinaryOperator::LessOrEqual, COMPARISON),
        ">" => (BinaryOperator::Greater, COMPARISON),
        ">=" => (BinaryOperator::GreaterOrEqual, COMPARISON),
        "in" => (BinaryOperator::In, COMPARISON),
        "+" => (BinaryOperator::Add, 5),
        "-" => (BinaryOperator::Subtract, 5),
        "*" => (BinaryOperator::Multiply, 6),
        // The grammar knows no other operator.
        _ => (BinaryOperator::Divide, 6),
    }
}

impl Builder<'_> {
    /// An `expr` of the grammar.
    pub(super) fn flat(&mut self, node: Node<'_>) -> Expression {
        let whole = self.span(&node);
        let mut inner = node.into_inner();
        self.climb(&mut inner, 0, whole)
    }

    /// Reads operators that bind at least as tightly as `least`.
    fn climb(&mut self, inner: &mut Nodes<'_>, least: u8, whole: Span) -> Expression {
        let mut left = self.operand(inner, whole);
        let mut height = self.height;
        let mut compared: Option<Span> = None;
        while let Some(sign) = inner.peek() {
            let (operator, tightness) = operator(sign.as_str());
            if sign.as_rule() != Rule::operator || tightness < least {
                break;
            }
            inner.next();
            let operator_span = self.span(&sign);
            self.starts_line(left.span.end, operator_span);
            let right = self.climb(inner, tightness + 1, whole);
            let span = left.span.to(right.span);
            let mut chained = false;
            if tightness == COMPARISON {
                match compared {
                    Some(first) => chained = self.chain(first, operator_span),
                    None => compared = Some(operator_span),
                }
            } else {
                compared = None;
            }
            if chained {
                // Comparing a truth value would only add a second finding about the same mistake.
                left.span = span;
                continue;
            }
            height = height.max(self.height);
            self.above(height);
            let kind = ExpressionKind::Binary { operator, operator_span, left: Box::new(left), right: Box::new(right) };
            left = self.expression(kind, span);
            height = self.height;
        }
        self.height = height;
        left
    }

    fn operand(&mut self, inner: &mut Nodes<'_>, whole: Span) -> Expression {
        let Some(first) = inner.next() else {
            // The grammar puts an operand at every place that asks for one.
            self.height = 0;
            return self.expression(ExpressionKind::None, whole);
        };
        match first.as_rule() {
            Rule::not => self.unary(UnaryOperator::Not, NOT, &first, inner, whole),
            Rule::negate => self.unary(UnaryOperator::Negate, NEGATE, &first, inner, whole),
            _ => self.primary(first, inner),
        }
    }

    fn unary(
        &mut self,
        operator: UnaryOperator,
        least: u8,
        sign: &Node<'_>,
        inner: &mut Nodes<'_>,
        whole: Span,
    ) -> Expression {
        let operand = self.climb(inner, least + u8::from(operator == UnaryOperator::Not), whole);
        self.above(self.height);
        // The mark stands behind its sign.
        let width = if operator == UnaryOperator::Not { 3 } else { 1 };
        let span = Span { start: self.span(sign).start.saturating_sub(width), end: operand.span.end };
        self.expression(ExpressionKind::Unary { operator, operand: Box::new(operand) }, span)
    }

    fn primary(&mut self, node: Node<'_>, inner: &mut Nodes<'_>) -> Expression {
        let span = self.span(&node);
        self.height = 0;
        let mut left = match node.as_rule() {
            Rule::name => {
                let kind = self.named(&node);
                self.expression(kind, span)
            }
            Rule::string => {
                let string = self.string(node);
                self.above(self.height);
                self.expression(ExpressionKind::Text(string), span)
            }
            Rule::number => {
                let (kind, span) = self.quantity(&node, inner);
                self.expression(kind, span)
            }
            Rule::group => match node.into_inner().next() {
                Some(value) => Expression { span, ..self.flat(value) },
                None => self.expression(ExpressionKind::None, span),
            },
            Rule::list => {
                let inner = node.into_inner();
                let mut members = Vec::with_capacity(inner.room());
                let mut height = 0;
                for member in inner {
                    members.push(self.flat(member));
                    height = height.max(self.height);
                }
                self.above(height);
                self.expression(ExpressionKind::List(members), span)
            }
            Rule::message => self.message(node),
            Rule::if_expression => self.choice(node),
            Rule::match_expression => self.matching(node),
            Rule::bytes => {
                let bytes = self.bytes(&node);
                self.expression(ExpressionKind::Bytes(bytes), span)
            }
            Rule::tag => {
                let tag = self.tag(&node);
                self.expression(ExpressionKind::Tag(tag), span)
            }
            _ => self.expression(ExpressionKind::None, span),
        };
        while let Some(next) = inner.peek() {
            let height = self.height;
            let end = self.span(&next);
            let whole = left.span.to(end);
            let kind = match next.as_rule() {
                Rule::member => {
                    self.above(height);
                    ExpressionKind::Member { object: Box::new(left), name: self.word(&next) }
                }
                Rule::arguments => {
                    self.starts_line(left.span.end, Span { end: end.start + 1, ..end });
                    let arguments = self.arguments(next);
                    self.above(height.max(self.height));
                    ExpressionKind::Call { callee: Box::new(left), arguments }
                }
                Rule::index => {
                    self.starts_line(left.span.end, Span { end: end.start + 1, ..end });
                    let index = match next.into_inner().next() {
                        Some(index) => self.flat(index),
                        None => break,
                    };
                    self.above(height.max(self.height));
                    ExpressionKind::Index { object: Box::new(left), index: Box::new(index) }
                }
                _ => break,
            };
            inner.next();
            left = self.expression(kind, whole);
        }
        left
    }

    fn named(&mut self, node: &Node<'_>) -> ExpressionKind {
        match node.as_str() {
            "true" => ExpressionKind::Bool(true),
            "false" => ExpressionKind::Bool(false),
            "none" => ExpressionKind::None,
            word => {
                let name = self.word(node);
                if words::is_reserved(word) {
                    self.reserved(&name, "值", "a value");
                }
                ExpressionKind::Name(name.text)
            }
        }
    }

    /// `(a, within: b)`
    pub(super) fn arguments(&mut self, node: Node<'_>) -> Vec<Argument> {
        let inner = node.into_inner();
        let mut arguments = Vec::with_capacity(inner.filter(|part| part.as_rule() != Rule::label).count());
        let mut label = None;
        let mut height = 0;
        for part in inner {
            if part.as_rule() == Rule::label {
                label = Some(self.word(&part));
            } else {
                arguments.push(Argument { label: label.take(), value: self.flat(part) });
                height = height.max(self.height);
            }
        }
        self.height = height;
        arguments
    }

    fn message(&mut self, node: Node<'_>) -> Expression {
        let span = self.span(&node);
        let mut inner = node.into_inner();
        let Some(mti) = inner.next() else {
            return self.expression(ExpressionKind::None, span);
        };
        let mti = self.mti(&mti);
        let mut from = None;
        let mut fields = Vec::with_capacity(inner.filter(|part| part.as_rule() == Rule::field).count());
        let mut field = None;
        let mut height = 0;
        for part in inner {
            if part.as_rule() == Rule::field {
                field = Some(self.field(&part));
                continue;
            }
            let value = self.flat(part);
            height = height.max(self.height);
            match field.take() {
                Some(field) => fields.push((field, value)),
                None => from = Some(Box::new(value)),
            }
        }
        self.above(height);
        self.expression(ExpressionKind::Message { mti, from, fields }, span)
    }

    /// `if c { … } else if d { … } else { … }`: the grammar reads the branches flat, the tree nests them.
    fn choice(&mut self, node: Node<'_>) -> Expression {
        struct Branch {
            from: Span,
            condition: Option<Expression>,
            block: Block,
            height: u32,
        }
        let whole = self.span(&node);
        let mut branches: Vec<Branch> = Vec::new();
        let mut condition = None;
        let mut height = 0;
        let from = whole;
        let mut queue: Vec<(Span, Node<'_>)> = Vec::new();
        for part in node.into_inner() {
            if part.as_rule() == Rule::else_branch {
                let from = self.span(&part);
                queue.extend(part.into_inner().map(|part| (from, part)));
            } else {
                queue.push((from, part));
            }
        }
        for (from, part) in queue {
            if part.as_rule() == Rule::block {
                let block = self.block(part);
                height = height.max(self.height);
                if branches.last().is_some_and(|last| last.condition.is_none()) {
                    let at = Span { end: from.start + 4, ..from };
                    self.expected(at, "语句", "a statement");
                    continue;
                }
                branches.push(Branch { from, condition: condition.take(), block, height });
                height = 0;
            } else {
                condition = Some(self.flat(part));
                height = height.max(self.height);
            }
        }
        let mut otherwise: Option<Block> = None;
        let mut result = None;
        height = 0;
        let end = branches.last().map_or(whole, |last| last.block.span);
        while let Some(branch) = branches.pop() {
            height = height.max(branch.height);
            let Some(condition) = branch.condition else {
                otherwise = Some(branch.block);
                continue;
            };
            self.above(height);
            // `else if` begins with `else `; the inner `if` stands where its condition's word does.
            let start = if branches.is_empty() { whole.start } else { self.word_before(branch.from, condition.span) };
            let span = Span { start, end: end.end };
            let kind =
                ExpressionKind::If { condition: Box::new(condition), then: branch.block, otherwise: otherwise.take() };
            let expression = self.expression(kind, span);
            height = self.height + 1;
            if branches.is_empty() {
                result = Some(expression);
            } else {
                let statement = StatementKind::Expression { value: expression, handlers: Vec::new() };
                otherwise = Some(Block {
                    statements: vec![Statement { kind: statement, span, annotations: Vec::new() }],
                    span,
                });
            }
        }
        result.unwrap_or_else(|| self.expression(ExpressionKind::None, whole))
    }

    /// Where `if` stands between `else` and its condition.
    fn word_before(&self, from: Span, condition: Span) -> u32 {
        let between = self.written.get(from.start as usize..condition.start as usize).unwrap_or_default();
        between.rfind("if").map_or(from.start, |at| from.start + at as u32)
    }

    /// An operator, `(` or `[` that starts a line would make two lines one expression.
    fn starts_line(&mut self, left: u32, sign: Span) {
        if !self.breaks(left, sign.start) {
            return;
        }
        let operator = self.shown(sign);
        let mut finding =
            Finding::error(source::OPERATOR_STARTS_LINE, self.place(sign)).text("operator", operator.as_str()).also(
                self.place(Span { start: left.saturating_sub(1), end: left }),
                "表达式在此行结束",
                "the expression ends on this line",
            );
        let edits = vec![
            Edit { place: self.place(Span { start: left, end: left }), replacement: format!(" {operator}") },
            Edit { place: self.place(sign), replacement: String::new() },
        ];
        if !matches!(operator.as_str(), "(" | "[") {
            finding = finding.edits(
                edits,
                operator != "-",
                "把运算符移到上一行末尾",
                "move the operator to the end of the line above",
            );
        }
        self.report(finding);
    }

    /// Reports `a < b < c`; false if a sign is no comparison after all.
    fn chain(&mut self, first: Span, second: Span) -> bool {
        let (a, b) = (self.shown(first), self.shown(second));
        // A repaired sign such as `&&` is no comparison; it has its own finding.
        if !is_comparison(&a) || !is_comparison(&b) {
            return false;
        }
        let finding = Finding::error(source::COMPARISON_CHAIN, self.place(second)).also(
            self.place(first),
            "第一个比较",
            "the first comparison",
        );
        self.report(finding);
        true
    }
}

fn is_comparison(sign: &str) -> bool {
    matches!(sign, "==" | "!=" | "<" | "<=" | ">" | ">=" | "in")
}
