//! Dialects, clause by clause.

use super::builder::{Builder, Node, Nodes};
use super::literal::{Number, number};
use crate::language::syntax::grammar::Rule;
use crate::language::syntax::tree::{
    DialectClause, DialectItem, FieldName, MessageClause, Name, PartsClause, ReversalClause,
};
use crate::script_error::source::Span;

impl Builder<'_> {
    pub(super) fn dialect(&mut self, mut inner: Nodes<'_>) -> Option<DialectItem> {
        let name = self.name(&inner.next()?);
        let extends = self.extends(&mut inner);
        let mut clauses = Vec::new();
        for clause in inner {
            clauses.push(self.clause(clause)?);
        }
        Some(DialectItem { name, extends, clauses })
    }

    fn clause(&mut self, node: Node<'_>) -> Option<DialectClause> {
        let whole = self.span(&node);
        let rule = node.as_rule();
        let mut inner = node.into_inner();
        Some(match rule {
            Rule::form => {
                let form = self.word_here(&mut inner, whole);
                let words: Vec<Name> = inner.map(|word| self.word(&word)).collect();
                let pairs = words.as_chunks::<2>().0.iter();
                DialectClause::Form { form, choices: pairs.map(|[what, how]| (what.clone(), how.clone())).collect() }
            }
            Rule::header_clause => DialectClause::Header(self.rows(inner.next()?), whole),
            Rule::parts_clause => DialectClause::Parts(Box::new(self.parts(inner)?)),
            Rule::mac_clause => DialectClause::Mac(self.word_here(&mut inner, whole)),
            Rule::approved => DialectClause::Approved(inner.map(|code| self.word(&code)).collect()),
            Rule::fields_clause => DialectClause::Fields(self.rows(inner.next()?)),
            Rule::without => DialectClause::Without(inner.map(|field| self.field(&field)).collect()),
            Rule::framing => self.framing(inner, whole)?,
            Rule::message_clause => DialectClause::Message(Box::new(self.message_clause(inner, whole)?)),
            Rule::reversal_clause => DialectClause::Reversal(self.reversal(inner, whole)?),
            _ => return None,
        })
    }

    fn framing(&mut self, inner: Nodes<'_>, whole: Span) -> Option<DialectClause> {
        let (mut length, mut tpdu, mut header) = (None, None, None);
        let mut length_words = Vec::new();
        let mut end = whole;
        for part in inner {
            let rule = part.as_rule();
            end = self.span(&part);
            let mut values = part.into_inner();
            let Some(value) = values.next() else {
                continue;
            };
            length_words.extend(values.map(|word| self.word(&word)));
            let span = self.span(&value);
            match rule {
                Rule::framing_length => match number(value.as_str()) {
                    Ok(Number::Whole(bytes)) => length = Some((u64::try_from(bytes).unwrap_or(0), span)),
                    _ => self.expected(span, "字节数", "a number of bytes"),
                },
                Rule::framing_tpdu => tpdu = Some((self.bytes(&value), span)),
                _ => header = Some((self.bytes(&value), span)),
            }
        }
        let span = Span { start: whole.start, end: end.end };
        Some(DialectClause::Framing { length, length_words, tpdu, header, span })
    }

    fn parts(&mut self, mut inner: Nodes<'_>) -> Option<PartsClause> {
        let (field, part) = self.parts_field(&inner.next()?);
        let mut next = inner.next()?;
        let mut mti = None;
        if next.as_rule() == Rule::mti {
            mti = Some(self.mti(&next));
            next = inner.next()?;
        }
        let kind = self.word(&next);
        let mut options = Vec::new();
        for node in inner {
            if node.as_rule() == Rule::rows {
                return Some(PartsClause { field, part, mti, kind, options, rows: self.rows(node) });
            }
            options.push(self.word(&node));
        }
        None
    }

    fn message_clause(&mut self, mut inner: Nodes<'_>, whole: Span) -> Option<MessageClause> {
        let mti = self.mti(&inner.next()?);
        let processing = self.string_here(&mut inner);
        let name = self.word(&inner.next()?);
        let words = self.sentences(&mut inner, name.span);
        let mut clause = MessageClause {
            mti,
            processing,
            name,
            words,
            needs: Vec::new(),
            may: Vec::new(),
            reply: Vec::new(),
            echoes: Vec::new(),
            match_key: Vec::new(),
            moves_money: false,
            mac: false,
            wait_ms: None,
            span: self.trimmed(whole),
        };
        for part in inner {
            match part.as_rule() {
                Rule::moves_money => clause.moves_money = true,
                Rule::mac_flag => clause.mac = true,
                Rule::wait_rule => {
                    let value = part.into_inner().next()?;
                    let span = self.span(&value);
                    match number(value.as_str()) {
                        Ok(Number::Duration(milliseconds)) => clause.wait_ms = Some(milliseconds),
                        _ => self.expected(span, "时长，如 60s", "a duration such as `60s`"),
                    }
                }
                _ => {
                    let mut parts = part.into_inner();
                    let word = parts.next()?;
                    let fields: Vec<FieldName> = parts.map(|field| self.field(&field)).collect();
                    let list = match word.as_str() {
                        "needs" => &mut clause.needs,
                        "may" => &mut clause.may,
                        "reply" => &mut clause.reply,
                        "echoes" => &mut clause.echoes,
                        _ => &mut clause.match_key,
                    };
                    list.extend(fields);
                }
            }
        }
        Some(clause)
    }

    fn reversal(&mut self, mut inner: Nodes<'_>, whole: Span) -> Option<ReversalClause> {
        let mti = self.mti(&inner.next()?);
        let mut copies = Vec::new();
        let mut reasons = Vec::new();
        let mut accepts = Vec::new();
        for part in inner {
            match part.as_rule() {
                Rule::copies => {
                    for field in part.into_inner() {
                        copies.push(self.field(&field));
                    }
                }
                Rule::reasons => {
                    let words: Vec<Name> = part.into_inner().map(|word| self.word(&word)).collect();
                    for pair in words.chunks_exact(2) {
                        if let [exit, code] = pair {
                            reasons.push((exit.clone(), code.clone()));
                        }
                    }
                }
                _ => accepts.extend(part.into_inner().map(|code| self.word(&code))),
            }
        }
        Some(ReversalClause { mti, copies, reasons, accepts, span: self.trimmed(whole) })
    }

    /// A clause in braces without the gap behind it.
    fn trimmed(&self, span: Span) -> Span {
        let text = self.written.get(span.range()).unwrap_or_default();
        let end = text.trim_end();
        // Comments behind the brace belong to the gap as well.
        let end = if end.ends_with('}') { end.len() } else { end.rfind("\n}").map_or(end.len(), |at| at + 2) };
        Span { start: span.start, end: span.start + end as u32 }
    }
}
