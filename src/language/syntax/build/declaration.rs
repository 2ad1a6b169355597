//! Declarations without statements: unions, records, texts, errors, code tables, tables, receipts.

use super::builder::{Builder, Node, Nodes};
use super::item::no_name;
use crate::language::syntax::grammar::Rule;
use crate::language::syntax::tree::{
    Bilingual, Cell, Codes, ErrorItem, Expression, ExpressionKind, ItemKind, Name, Receipt, ReceiptLine, Record,
    StringLiteral, Table, TableRow, TextItem, Union, Variant,
};
use crate::script_error::catalogue::source;
use crate::script_error::code::Fact;
use crate::script_error::finding::Finding;
use crate::script_error::source::Span;
use smol_str::SmolStr;

impl Builder<'_> {
    pub(super) fn union(&mut self, mut inner: Nodes<'_>, whole: Span) -> Option<(ItemKind, Span)> {
        let name = self.name(&inner.next()?);
        let mut variants = Vec::new();
        let mut end = name.span;
        for node in inner {
            let node_span = self.span(&node);
            let mut parts = node.into_inner();
            let name = self.name(&parts.next()?);
            let payload = parts.next().map(|ty| self.ty(ty));
            end = match &payload {
                Some(_) => self.up_to(node_span, ')'),
                None => name.span,
            };
            variants.push(Variant { name, payload });
        }
        Some((ItemKind::Union(Union { name, variants }), Span { start: whole.start, end: end.end }))
    }

    /// A span cut behind the last of a sign.
    fn up_to(&self, span: Span, sign: char) -> Span {
        let text = self.written.get(span.range()).unwrap_or_default();
        let end = text.rfind(sign).map_or(span.end, |at| span.start + (at + sign.len_utf8()) as u32);
        Span { end, ..span }
    }

    pub(super) fn record(&mut self, mut inner: Nodes<'_>, whole: Span) -> Option<(ItemKind, Span)> {
        let name = self.name(&inner.next()?);
        let fields = self.parameters(inner.next()?);
        Some((ItemKind::Record(Record { name, fields }), whole))
    }

    pub(super) fn text(&mut self, mut inner: Nodes<'_>, whole: Span) -> Option<TextItem> {
        let name = self.name(&inner.next()?);
        let parameters = self.parameters_here(&mut inner);
        let words = self.sentences(&mut inner, whole);
        Some(TextItem { name, parameters, words })
    }

    /// `zh "…" en "…"`, as far as they go; without any, the place where they should stand.
    pub(super) fn sentences(&mut self, inner: &mut Nodes<'_>, place: Span) -> Bilingual {
        let mut words = Bilingual { zh: None, en: None, span: place };
        let mut first = None;
        while inner.peek().is_some_and(|next| next.as_rule() == Rule::sentence) {
            let Some(sentence) = inner.next() else { break };
            let at = self.span(&sentence);
            let mut parts = sentence.into_inner();
            let (Some(language), Some(string)) = (parts.next(), parts.next()) else {
                break;
            };
            let string = self.string(string);
            let start = *first.get_or_insert(at.start);
            words.span = Span { start, end: string.span.end };
            let slot = if language.as_str() == "zh" { &mut words.zh } else { &mut words.en };
            if slot.is_some() {
                let at = self.span(&language);
                self.expected(at, "每种语言只写一句", "one sentence for each language");
            } else {
                *slot = Some(string);
            }
        }
        words
    }

    pub(super) fn error(&mut self, mut inner: Nodes<'_>) -> Option<ErrorItem> {
        let name = self.name(&inner.next()?);
        let parameters = self.parameters_here(&mut inner);
        let code = self.word(&inner.next()?);
        let layer = self.word(&inner.next()?);
        let mut guidance = Vec::new();
        for node in inner {
            let mut parts = node.into_inner();
            let audience = self.word(&parts.next()?);
            let words = self.sentences(&mut parts, audience.span);
            guidance.push((audience, words));
        }
        Some(ErrorItem { name, parameters, code, layer, guidance })
    }

    pub(super) fn codes(&mut self, mut inner: Nodes<'_>) -> Option<Codes> {
        let name = self.name(&inner.next()?);
        let extends = self.extends(&mut inner);
        let rows = self.rows(inner.next()?);
        Some(Codes { name, extends, rows })
    }

    pub(super) fn extends(&mut self, inner: &mut Nodes<'_>) -> Option<Name> {
        inner.peek().filter(|next| next.as_rule() == Rule::extends)?;
        let base = inner.next()?.into_inner().next()?;
        Some(self.name(&base))
    }

    /// `{ | … | }`: every row has as many cells as the first.
    pub(super) fn rows(&mut self, node: Node<'_>) -> Vec<TableRow> {
        let inner = node.into_inner();
        let mut rows: Vec<TableRow> = Vec::with_capacity(inner.room());
        for node in inner {
            let span = self.span(&node);
            let inner = node.into_inner();
            let mut cells: Vec<Cell> = Vec::with_capacity(inner.room());
            cells.extend(inner.map(|cell| self.cell(cell)));
            if let Some(head) = rows.first() {
                self.count_cells(head.span, head.cells.len(), span, cells.len());
            }
            rows.push(TableRow { cells, span });
        }
        rows
    }

    fn count_cells(&mut self, head: Span, expected: usize, row: Span, found: usize) {
        if expected == found {
            return;
        }
        let finding = Finding::error(source::BAD_TABLE_ROW, self.place(row))
            .fact("expected", Fact::Count(expected as i64))
            .fact("found", Fact::Count(found as i64))
            .also(self.place(head), "表头", "the head of the table");
        self.report(finding);
    }

    fn cell(&mut self, node: Node<'_>) -> Cell {
        if node.as_rule() == Rule::string {
            let string = self.string(node);
            let text = match string.plain() {
                Some(text) => SmolStr::new(text),
                None => {
                    self.expected(string.span, "不含变量的文字", "a text without values in it");
                    SmolStr::default()
                }
            };
            return Cell { text, quoted: true, span: string.span };
        }
        let span = self.span(&node);
        let text = node.as_str();
        let before = text.len() - text.trim_start().len();
        let text = text.trim();
        let start = span.start as usize + before;
        Cell { text: text.into(), quoted: false, span: Span::new(start, start + text.len()) }
    }

    pub(super) fn table(&mut self, mut inner: Nodes<'_>) -> Option<Table> {
        let name = self.name(&inner.next()?);
        let place = inner.next()?;
        let at = self.span(&place);
        let mut parameters = self.parameters(place);
        if parameters.len() != 1 {
            self.expected(at, "恰好一个参数", "exactly one parameter");
        }
        let parameter = if parameters.is_empty() { None } else { Some(parameters.swap_remove(0)) }?;
        let gives = self.ty(inner.next()?);
        let mut rows = Vec::new();
        for node in inner {
            let span = self.span(&node);
            let mut parts = node.into_inner();
            let pattern = self.pattern(parts.next()?);
            let mut values: Vec<Expression> = parts.map(|value| self.flat(value)).collect();
            let found = values.len() + 1;
            if found != 2 {
                let span = self.up_to(span, '|');
                let finding = Finding::error(source::BAD_TABLE_ROW, self.place(span))
                    .fact("expected", Fact::Count(2))
                    .fact("found", Fact::Count(found as i64));
                self.report(finding);
            }
            if !values.is_empty() {
                rows.push((pattern, values.swap_remove(0)));
            }
        }
        Some(Table { name, parameter, gives, rows })
    }

    pub(super) fn receipt(&mut self, mut inner: Nodes<'_>) -> Option<Receipt> {
        let name = self.name(&inner.next()?);
        let parameters = self.parameters(inner.next()?);
        let lines = self.lines(inner.next()?);
        Some(Receipt { name, parameters, lines })
    }

    fn lines(&mut self, node: Node<'_>) -> Vec<ReceiptLine> {
        let inner = node.into_inner();
        let mut lines = Vec::with_capacity(inner.room());
        for node in inner {
            let span = self.span(&node);
            match node.as_rule() {
                Rule::rule_line => lines.push(ReceiptLine::Rule(span)),
                Rule::space_line => lines.push(ReceiptLine::Space(span)),
                Rule::row_line => {
                    let mut inner = node.into_inner();
                    let words = self.sentences(&mut inner, Span { end: span.start + 3, ..span });
                    let value = match inner.next() {
                        Some(value) => self.flat(value),
                        None => self.expression(ExpressionKind::None, span),
                    };
                    lines.push(ReceiptLine::Row(words, value));
                }
                Rule::word_line => {
                    let mut inner = node.into_inner();
                    let Some(word) = inner.next() else { continue };
                    let at = self.span(&word);
                    let words = self.sentences(&mut inner, at);
                    lines.push(if word.as_str() == "centre" {
                        ReceiptLine::Centre(words)
                    } else {
                        ReceiptLine::Line(words)
                    });
                }
                _ => lines.push(self.receipt_choice(node)),
            }
        }
        lines
    }

    /// `if c { … } else if d { … } else { … }`
    fn receipt_choice(&mut self, node: Node<'_>) -> ReceiptLine {
        let span = self.span(&node);
        let mut branches: Vec<(Option<Expression>, Vec<ReceiptLine>)> = Vec::new();
        let mut condition = None;
        let mut queue = Vec::new();
        for part in node.into_inner() {
            if part.as_rule() == Rule::receipt_else { queue.extend(part.into_inner()) } else { queue.push(part) }
        }
        for part in queue {
            let at = self.span(&part);
            if part.as_rule() == Rule::receipt_block {
                if branches.last().is_some_and(|(condition, _)| condition.is_none()) || branches.len() > 64 {
                    self.expected(Span { end: at.start + 1, ..at }, "回单行", "a line of the receipt");
                    continue;
                }
                let lines = self.lines(part);
                branches.push((condition.take(), lines));
            } else {
                condition = Some(self.flat(part));
            }
        }
        let mut otherwise = Vec::new();
        while let Some((condition, then)) = branches.pop() {
            otherwise = match condition {
                Some(condition) => vec![ReceiptLine::If { condition, then, otherwise }],
                None => then,
            };
        }
        otherwise.pop().unwrap_or(ReceiptLine::Space(span))
    }

    /// A string that a clause needs.
    pub(super) fn string_here(&mut self, inner: &mut Nodes<'_>) -> Option<StringLiteral> {
        inner.peek().filter(|next| next.as_rule() == Rule::string)?;
        inner.next().map(|string| self.string(string))
    }

    /// A name that a clause needs, or an empty one where the grammar has always put one.
    pub(super) fn word_here(&mut self, inner: &mut Nodes<'_>, whole: Span) -> Name {
        inner.next().map_or_else(|| no_name(whole), |word| self.word(&word))
    }
}
