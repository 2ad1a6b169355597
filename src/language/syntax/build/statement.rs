//! Statements, handlers, arms and patterns; and the layout of statements.

use super::builder::{Builder, Node, Nodes};
use crate::language::syntax::grammar::Rule;
use crate::language::syntax::tree::{
    Annotation, Arm, Block, Expression, ExpressionKind, HandledErrors, Handler, MatchArm, Name, Pattern, PatternKind,
    Retry, Statement, StatementKind, UnaryOperator,
};
use crate::language::syntax::words;
use crate::script_error::catalogue::source;
use crate::script_error::finding::Finding;
use crate::script_error::nearest::nearest;
use crate::script_error::source::Span;

impl Builder<'_> {
    /// `{ … }`
    pub(super) fn block(&mut self, node: Node<'_>) -> Block {
        let span = self.span(&node);
        let inner = node.into_inner();
        let mut statements = Vec::with_capacity(inner.room());
        let mut annotations = Vec::new();
        let mut height = 0;
        for part in inner {
            if part.as_rule() == Rule::annotation {
                annotations.push(self.annotation(part));
                continue;
            }
            statements.push(self.statement(part, std::mem::take(&mut annotations)));
            height = height.max(self.height);
        }
        self.nothing_annotated(&annotations);
        self.layout(&statements);
        self.above(height);
        Block { statements, span }
    }

    /// Annotations that stand before nothing.
    pub(super) fn nothing_annotated(&mut self, annotations: &[Annotation]) {
        if let Some(last) = annotations.last() {
            self.expected(last.span, "标注后面的语句", "a statement behind the annotation");
        }
    }

    /// One statement a line; an expression that is no call only where it can be the block's value.
    fn layout(&mut self, statements: &[Statement]) {
        let mut flagged_to = None;
        for (at, statement) in statements.iter().enumerate() {
            if self.is_full() {
                return;
            }
            let next = statements.get(at + 1);
            let together = next.filter(|next| !self.breaks(statement.span.end, next.span.start));
            let together = together.filter(|next| !self.separated(statement.span.end, next.span.start));
            if let (StatementKind::Return(None), Some(next)) = (&statement.kind, next)
                && matches!(next.kind, StatementKind::Expression { .. })
                && together.is_none()
            {
                let finding = Finding::error(source::OPERAND_ON_NEXT_LINE, self.place(next.span))
                    .text("word", "return")
                    .also(self.place(statement.span), "此处的 return 不带值", "this return gives nothing");
                let gap = Span { start: statement.span.end, end: next.span.start };
                let blank = self.written.get(gap.range()).is_some_and(|gap| gap.trim().is_empty());
                let finding = if blank {
                    finding.guess(gap, " ", "把值移到 return 的同一行", "put the value on the line of `return`")
                } else {
                    finding
                };
                self.report(finding);
            }
            let idle = idle(statement) && next.is_some();
            if idle && flagged_to != Some(at) {
                self.idle(statement, together);
                flagged_to = together.map(|_| at + 1);
            } else if let Some(next) = together
                && flagged_to != Some(at)
            {
                let finding = Finding::error(source::TWO_STATEMENTS_ON_LINE, self.place(next.span))
                    .label("第二条语句", "the second statement")
                    .also(self.place(statement.span), "第一条语句在此结束", "the first statement ends here");
                let indent = self.indent(statement.span.start);
                let gap = Span { start: statement.span.end, end: next.span.start };
                let finding = finding.edit(gap, format!("\n{indent}"), "另起一行", "begin a new line");
                self.report(finding);
            }
        }
    }

    /// Does a stray `;` stand between? Then that is what is wrong, and it has been said.
    fn separated(&self, from: u32, to: u32) -> bool {
        let between = self.written.get(from as usize..to as usize).unwrap_or_default();
        between.contains([';', '；'])
    }

    /// The white space at the head of the line.
    fn indent(&self, at: u32) -> String {
        let before = self.written.get(..at as usize).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        line.chars().take_while(|letter| matches!(letter, ' ' | '\t')).take(200).collect()
    }

    /// An expression that does nothing: most often a misspelled statement.
    fn idle(&mut self, statement: &Statement, together: Option<&Statement>) {
        let StatementKind::Expression { value, .. } = &statement.kind else {
            return;
        };
        let name = self.shown(value.span);
        let mut finding = Finding::error(source::NOT_A_STATEMENT, self.place(value.span))
            .text("name", name.as_str())
            .label("不是语句", "not a statement");
        if let Some(next) = together {
            finding = finding.also(
                self.place(next.span),
                "这会成为同一行的第二条语句",
                "this would be a second statement on the same line",
            );
        }
        if matches!(value.kind, ExpressionKind::Name(_))
            && let Some(meant) = nearest(&name, words::STATEMENT_WORDS)
        {
            finding = finding.did_you_mean(value.span, meant);
        }
        self.report(finding);
    }

    /// A statement without the annotations in front of it.
    pub(super) fn statement(&mut self, node: Node<'_>, annotations: Vec<Annotation>) -> Statement {
        let whole = self.span(&node);
        let rule = node.as_rule();
        let mut inner = node.into_inner();
        self.height = 0;
        let (kind, end) = match rule {
            Rule::let_statement => self.let_statement(&mut inner, whole),
            Rule::effect | Rule::plain_effect => self.effect(&mut inner, whole),
            Rule::return_statement => {
                let word = inner.next().map_or(whole, |word| self.span(&word));
                match inner.next() {
                    Some(value) => {
                        let value = self.flat(value);
                        let end = value.span;
                        (StatementKind::Return(Some(value)), end)
                    }
                    None => (StatementKind::Return(None), word),
                }
            }
            Rule::step => {
                let title = inner.next().map(|title| self.string(title)).unwrap_or(super::item::no_string(whole));
                let end = title.span;
                (StatementKind::Step(title), end)
            }
            Rule::fail => self.led(&mut inner, whole, StatementKind::Fail),
            Rule::commit => self.led(&mut inner, whole, StatementKind::Commit),
            Rule::given => self.led(&mut inner, whole, StatementKind::Given),
            Rule::expect => self.led(&mut inner, whole, StatementKind::Expect),
            Rule::discard => (StatementKind::Discard, self.first(&mut inner, whole)),
            Rule::reverse => (StatementKind::Reverse, self.first(&mut inner, whole)),
            Rule::break_statement => (StatementKind::Break, self.first(&mut inner, whole)),
            Rule::reversible => {
                let request = self.value(&mut inner, whole);
                let mut height = self.height;
                let by =
                    inner.peek().filter(|next| next.as_rule() == Rule::expr).map(|_| self.value(&mut inner, whole));
                height = height.max(self.height);
                let body = self.body(&mut inner, whole);
                self.height = height.max(self.height);
                let end = body.span;
                (StatementKind::Reversible { request, by, body }, end)
            }
            Rule::for_statement => {
                let name = inner.next().map(|name| self.name(&name)).unwrap_or(super::item::no_name(whole));
                let list = self.value(&mut inner, whole);
                let height = self.height;
                let body = self.body(&mut inner, whole);
                self.height = height.max(self.height);
                let end = body.span;
                (StatementKind::For { name, list, body }, end)
            }
            _ => {
                let times = self.value(&mut inner, whole);
                let height = self.height;
                let body = self.body(&mut inner, whole);
                self.height = height.max(self.height);
                let end = body.span;
                (StatementKind::Repeat { times, body }, end)
            }
        };
        Statement { kind, span: Span { start: whole.start, end: end.end }, annotations }
    }

    fn first(&mut self, inner: &mut Nodes<'_>, whole: Span) -> Span {
        inner.next().map_or(whole, |word| self.span(&word))
    }

    fn value(&mut self, inner: &mut Nodes<'_>, whole: Span) -> Expression {
        match inner.next() {
            Some(value) => self.flat(value),
            // The grammar puts a value at every place that asks for one.
            None => self.expression(ExpressionKind::None, whole),
        }
    }

    fn body(&mut self, inner: &mut Nodes<'_>, whole: Span) -> Block {
        match inner.next() {
            Some(body) => self.block(body),
            None => Block { statements: Vec::new(), span: whole },
        }
    }

    fn led(
        &mut self,
        inner: &mut Nodes<'_>,
        whole: Span,
        kind: fn(Expression) -> StatementKind,
    ) -> (StatementKind, Span) {
        let value = self.value(inner, whole);
        let end = value.span;
        (kind(value), end)
    }

    fn let_statement(&mut self, inner: &mut Nodes<'_>, whole: Span) -> (StatementKind, Span) {
        let changeable = inner.next().is_some_and(|word| word.as_str() == "var");
        let name = inner.next().map(|name| self.name(&name)).unwrap_or(super::item::no_name(whole));
        let ty =
            inner.peek().filter(|next| next.as_rule() == Rule::ty).and_then(|_| inner.next()).map(|ty| self.ty(ty));
        let value = self.value(inner, whole);
        let mut end = value.span;
        let handlers = self.handlers(inner, &mut end);
        (StatementKind::Let { name, ty, value, handlers, changeable }, end)
    }

    fn effect(&mut self, inner: &mut Nodes<'_>, whole: Span) -> (StatementKind, Span) {
        let target = self.value(inner, whole);
        let mut end = target.span;
        if inner.peek().is_none_or(|next| next.as_rule() != Rule::assigned) {
            let handlers = self.handlers(inner, &mut end);
            return (StatementKind::Expression { value: target, handlers }, end);
        }
        let name = match &target.kind {
            ExpressionKind::Name(name) => Name { text: name.clone(), span: target.span },
            _ => {
                self.expected(target.span, "用 var 声明的名称", "a name declared with `var`");
                super::item::no_name(target.span)
            }
        };
        let height = self.height;
        let value = match inner.next().and_then(|assigned| assigned.into_inner().next()) {
            Some(value) => self.flat(value),
            None => self.expression(ExpressionKind::None, whole),
        };
        self.height = height.max(self.height);
        end = value.span;
        let handlers = self.handlers(inner, &mut end);
        (StatementKind::Assign { name, value, handlers }, end)
    }

    fn handlers(&mut self, inner: &mut Nodes<'_>, end: &mut Span) -> Vec<Handler> {
        let mut height = self.height;
        let mut handlers = Vec::with_capacity(inner.room());
        for node in inner {
            let handler = self.handler(node);
            *end = handler.span;
            handlers.push(handler);
            height = height.max(self.height);
        }
        self.height = height;
        handlers
    }

    fn handler(&mut self, node: Node<'_>) -> Handler {
        let whole = self.span(&node);
        let mut errors = HandledErrors::Named(Vec::with_capacity(1));
        let mut retry = None;
        let mut body = None;
        let mut end = whole;
        let mut height = 0;
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::name => {
                    if let HandledErrors::Named(names) = &mut errors {
                        names.push(self.name(&part));
                    }
                }
                Rule::other_errors => {
                    let name = part.into_inner().next().map(|name| self.name(&name));
                    errors = HandledErrors::Other(name);
                }
                Rule::retry => {
                    let mut inner = part.into_inner();
                    let times = self.value(&mut inner, whole);
                    height = height.max(self.height);
                    end = times.span;
                    let every = inner.next().and_then(|every| every.into_inner().next()).map(|every| self.flat(every));
                    if let Some(every) = &every {
                        height = height.max(self.height);
                        end = every.span;
                    }
                    retry = Some(Retry { times, every });
                }
                _ => {
                    let arm = self.arm_body(part.into_inner());
                    height = height.max(self.height);
                    end = arm_span(&arm);
                    body = Some(arm);
                }
            }
        }
        self.above(height);
        Handler { errors, retry, body, span: Span { start: whole.start, end: end.end } }
    }

    /// What stands behind `=>`: annotations, then a block or a statement.
    pub(super) fn arm_body(&mut self, parts: Nodes<'_>) -> Arm {
        let mut annotations = Vec::new();
        for part in parts {
            match part.as_rule() {
                Rule::annotation => annotations.push(self.annotation(part)),
                Rule::block => return Arm::Block(self.block(part)),
                _ => return Arm::Statement(Box::new(self.statement(part, annotations))),
            }
        }
        // The grammar puts a block or a statement behind every `=>`.
        Arm::Block(Block::default())
    }

    /// `match e { … }`
    pub(super) fn matching(&mut self, node: Node<'_>) -> Expression {
        let span = self.span(&node);
        let mut inner = node.into_inner();
        let subject = self.value(&mut inner, span);
        let mut height = self.height;
        let mut arms: Vec<MatchArm> = Vec::with_capacity(inner.room());
        let mut annotations = Vec::new();
        for part in inner {
            if part.as_rule() == Rule::annotation {
                annotations.push(self.annotation(part));
                continue;
            }
            let arm = self.arm(part, std::mem::take(&mut annotations));
            height = height.max(self.height);
            if let Some(last) = arms.last()
                && !self.breaks(last.span.end, arm.span.start)
                && !self.separated(last.span.end, arm.span.start)
            {
                let finding = Finding::error(source::TWO_STATEMENTS_ON_LINE, self.place(arm.span))
                    .label("第二个分支", "the second arm")
                    .also(self.place(last.span), "第一个分支在此结束", "the first arm ends here");
                self.report(finding);
            }
            arms.push(arm);
        }
        self.nothing_annotated(&annotations);
        self.above(height);
        self.expression(ExpressionKind::Match { subject: Box::new(subject), arms }, span)
    }

    fn arm(&mut self, node: Node<'_>, annotations: Vec<Annotation>) -> MatchArm {
        let whole = self.span(&node);
        let mut inner = node.into_inner();
        // One pattern is what most arms have; what stands behind the last is annotations and the body.
        let mut patterns = Vec::with_capacity(1);
        while let Some(part) = inner.peek().filter(|part| part.as_rule() == Rule::pattern) {
            patterns.push(self.pattern(part));
            inner.next();
        }
        let body = self.arm_body(inner);
        self.above(self.height);
        let span = Span { start: whole.start, end: arm_span(&body).end };
        MatchArm { patterns, body, span, annotations }
    }

    /// A pattern of a `match` or of a table's row.
    pub(super) fn pattern(&mut self, node: Node<'_>) -> Pattern {
        let whole = self.span(&node);
        let mut inner = node.into_inner();
        let Some(first) = inner.next() else {
            return Pattern { kind: PatternKind::None, span: whole };
        };
        let span = self.span(&first);
        self.height = 0;
        match first.as_rule() {
            Rule::name => self.named_pattern(&first, inner.next()),
            Rule::negated => {
                let Some(number) = inner.next() else {
                    return Pattern { kind: PatternKind::None, span: whole };
                };
                let (kind, end) = self.quantity(&number, &mut inner);
                let operand = self.expression(kind, end);
                let span = span.to(end);
                let kind = ExpressionKind::Unary { operator: UnaryOperator::Negate, operand: Box::new(operand) };
                let value = self.expression(kind, span);
                Pattern { kind: PatternKind::Literal(Box::new(value)), span }
            }
            rule => {
                let (kind, span) = match rule {
                    Rule::string => (ExpressionKind::Text(self.string(first)), span),
                    Rule::tag => (ExpressionKind::Tag(self.tag(&first)), span),
                    Rule::bytes => (ExpressionKind::Bytes(self.bytes(&first)), span),
                    _ => self.quantity(&first, &mut inner),
                };
                let value = self.expression(kind, span);
                Pattern { kind: PatternKind::Literal(Box::new(value)), span }
            }
        }
    }

    fn named_pattern(&mut self, first: &Node<'_>, second: Option<Node<'_>>) -> Pattern {
        let word = self.word(first);
        let second = match second {
            Some(bound) if bound.as_rule() == Rule::bound => {
                let span = word.span.to(self.span(&bound));
                let binds = bound.into_inner().next().map(|binds| self.name(&binds));
                if words::is_reserved(&word.text) {
                    self.reserved(&word, "模式", "a pattern");
                }
                // The sign that closes stands before the gap.
                let end = self
                    .written
                    .get(span.range())
                    .and_then(|text| text.rfind(')'))
                    .map_or(span.end, |at| span.start + at as u32 + 1);
                return Pattern { kind: PatternKind::Name { name: word, binds }, span: Span { end, ..span } };
            }
            second => second.map(|second| self.name(&second)),
        };
        let span = second.as_ref().map_or(word.span, |second| word.span.to(second.span));
        let kind = match (word.text.as_str(), second) {
            ("other", second) => PatternKind::Other(second),
            ("some", Some(second)) => PatternKind::Some(second),
            (_, Some(second)) => {
                self.expected(second.span, "“=>”或“,”", "`=>` or `,` behind the pattern");
                PatternKind::Name { name: word, binds: None }
            }
            ("none", None) => PatternKind::None,
            ("true", None) => PatternKind::Literal(Box::new(self.expression(ExpressionKind::Bool(true), span))),
            ("false", None) => PatternKind::Literal(Box::new(self.expression(ExpressionKind::Bool(false), span))),
            (text, None) => {
                if words::is_reserved(text) {
                    self.reserved(&word, "模式", "a pattern");
                }
                PatternKind::Name { name: word, binds: None }
            }
        };
        Pattern { kind, span }
    }
}

/// Does a statement leave nothing behind?
fn idle(statement: &Statement) -> bool {
    match &statement.kind {
        StatementKind::Expression { value, handlers } => {
            handlers.is_empty()
                && !matches!(
                    value.kind,
                    ExpressionKind::Call { .. } | ExpressionKind::If { .. } | ExpressionKind::Match { .. }
                )
        }
        _ => false,
    }
}

fn arm_span(arm: &Arm) -> Span {
    match arm {
        Arm::Block(block) => block.span,
        Arm::Statement(statement) => statement.span,
    }
}
