//! What all parts of the builder share: places, names, numbering, findings.

use crate::language::syntax::nodes;
use crate::language::syntax::scan::scanner::FINDINGS_MAX;
use crate::language::syntax::tree::{Expression, ExpressionId, ExpressionKind, Name};
use crate::language::syntax::words;
use crate::script_error::catalogue::source;
use crate::script_error::code::Fact;
use crate::script_error::finding::Finding;
use crate::script_error::source::{FileId, Place, Span};
use crate::script_error::words::Said;
use smol_str::SmolStr;
use unicode_normalization::UnicodeNormalization;

/// A node the grammar found.
pub(super) type Node<'t> = nodes::Node<'t>;
/// The nodes in it.
pub(super) type Nodes<'t> = nodes::Nodes<'t>;

/// How high a tree may grow, so that walking it needs no more stack than a thread has.
const HEIGHT_MAX: u32 = 500;

/// Builds the tree of one piece.
pub(in crate::language::syntax) struct Builder<'t> {
    file: FileId,
    /// The whole file as written; the text the grammar saw may have been repaired.
    pub(super) written: &'t str,
    /// Where the piece begins in the file.
    base: usize,
    /// The number of the next expression.
    pub(in crate::language::syntax) next: u32,
    /// What is wrong.
    pub(in crate::language::syntax) findings: Vec<Finding>,
    /// How high the expression or block is that was built last.
    pub(super) height: u32,
    too_high: bool,
}

impl<'t> Builder<'t> {
    /// For a piece that begins at `base` in the file.
    pub(in crate::language::syntax) fn new(file: FileId, written: &'t str, base: usize, next: u32) -> Builder<'t> {
        Builder { file, written, base, next, findings: Vec::new(), height: 0, too_high: false }
    }

    /// Where a node stands in the file.
    pub(super) fn span(&self, node: &Node<'_>) -> Span {
        Span::new(self.base + node.start(), self.base + node.end())
    }

    /// A place in this file.
    pub(super) fn place(&self, span: Span) -> Place {
        Place { file: self.file, span }
    }

    /// Keeps a finding.
    pub(super) fn report(&mut self, finding: Finding) {
        if !self.is_full() {
            self.findings.push(finding);
        }
    }

    /// Are there so many findings that more would be noise?
    pub(super) fn is_full(&self) -> bool {
        self.findings.len() >= FINDINGS_MAX
    }

    /// Says that something else was expected.
    pub(super) fn expected(&mut self, span: Span, zh: &str, en: &str) {
        let found = self.shown(span);
        let finding = Finding::error(source::EXPECTED_OTHER, self.place(span))
            .fact("expected", Fact::Said(Said::new(zh, en)))
            .text("found", found);
        self.report(finding);
    }

    /// The text of a span as a message may quote it: one line, not too long.
    pub(super) fn shown(&self, span: Span) -> String {
        let text = self.written.get(span.range()).unwrap_or_default();
        let line = text.lines().next().unwrap_or_default().trim_end();
        if line.chars().count() > 40 { line.chars().take(39).chain(['…']).collect() } else { line.to_owned() }
    }

    /// Is there a line break between the end of one thing and the start of another?
    pub(super) fn breaks(&self, from: u32, to: u32) -> bool {
        // A bracket that was put in for a missing one may stand where the line break is.
        let from = from.saturating_sub(1);
        self.written.as_bytes().get(from as usize..to as usize).is_some_and(|between| between.contains(&b'\n'))
    }

    /// Any word: a label, a member, a clause's value.
    pub(super) fn word(&self, node: &Node<'_>) -> Name {
        Name { text: normal(node.as_str()), span: self.span(node) }
    }

    /// A name that something is declared or used by: not a reserved word.
    pub(super) fn name(&mut self, node: &Node<'_>) -> Name {
        let name = self.word(node);
        if words::is_reserved(&name.text) {
            self.reserved(&name, "名称", "a name");
        }
        name
    }

    /// Says that a reserved word stands where something else is expected.
    pub(super) fn reserved(&mut self, name: &Name, zh: &str, en: &str) {
        let finding = Finding::error(source::EXPECTED_OTHER, self.place(name.span))
            .fact("expected", Fact::Said(Said::new(zh, en)))
            .text("found", name.text.as_str())
            .label("这是保留字", "this word is reserved");
        self.report(finding);
    }

    /// Numbers an expression that is no higher than `self.height`.
    pub(super) fn expression(&mut self, kind: ExpressionKind, span: Span) -> Expression {
        let kind = if self.height > HEIGHT_MAX { self.cut(span) } else { kind };
        let id = ExpressionId(self.next);
        self.next += 1;
        Expression { id, kind, span }
    }

    /// One level more: `self.height` covers the parts built so far, the new node stands above them.
    pub(super) fn above(&mut self, parts: u32) {
        self.height = parts + 1;
    }

    fn cut(&mut self, span: Span) -> ExpressionKind {
        if !self.too_high {
            self.too_high = true;
            let at = Span::new(span.start as usize, span.start as usize + 1);
            let finding = Finding::error(source::PARSE_LIMIT, self.place(at))
                .fact("limit", Fact::Count(i64::from(HEIGHT_MAX)))
                .label("此处的表达式或分支链过长", "this expression or chain of branches is too long")
                .help("拆成几个 let、几个流程或一个 match。", "Split it into several lets or flows, or use a match.");
            self.report(finding);
        }
        self.height = 0;
        ExpressionKind::None
    }
}

/// A name in NFC.
fn normal(word: &str) -> SmolStr {
    if word.is_ascii() { SmolStr::new(word) } else { word.nfc().collect() }
}
