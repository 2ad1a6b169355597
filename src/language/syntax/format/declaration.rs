//! Items, tables and dialects.

use super::super::grammar::Rule;
use super::atoms::{Atom, Element};
use super::layout::{self, Doc};
use super::writer::Writer;
use crate::script_error::source::display_width;

impl<'a, 't> Writer<'a, 't> {
    /// Annotations, each on its line, then the item.
    pub(super) fn item(&self, elements: &'a [Element]) -> Vec<Doc> {
        let is_annotation = |element: &&Element| Self::is_node(element, Rule::annotation);
        let length = elements.iter().take_while(is_annotation).count();
        let (annotations, item) = elements.split_at(length);
        let mut docs = Vec::new();
        for annotation in annotations {
            docs.extend(self.element(annotation));
            docs.push(Doc::Line);
        }
        docs.extend(self.inline(item));
        docs
    }

    /// `@name(…)`: on one line, as the head of an item must be.
    pub(super) fn annotation(&self, elements: &'a [Element]) -> Vec<Doc> {
        unbroken(self.inline(elements))
    }

    /// `type A = b | c(T)`; too long, one variant a line, each behind its bar.
    pub(super) fn union(&self, elements: &'a [Element]) -> Vec<Doc> {
        let Some(equals) = elements.iter().position(|element| self.is_sign(element, "=")) else {
            return self.inline(elements);
        };
        let (head, variants) = elements.split_at(equals + 1);
        let flat: Vec<Doc> = self.union_line(head, variants);
        // Comments above the item and behind it do not count.
        let is_comment = |doc: &&Doc| matches!(doc, Doc::Above(_) | Doc::Blank | Doc::Behind(_));
        let above = flat.iter().take_while(is_comment).count();
        let behind = flat.iter().rev().take_while(is_comment).count();
        let line = flat.get(above..flat.len().saturating_sub(behind)).and_then(layout::flat);
        let fits = line.is_some_and(|line| display_width(&line) + "pub ".len() <= layout::WIDTH);
        if fits {
            return flat;
        }
        let mut docs = self.inline(head);
        let mut inside = Vec::new();
        for (number, element) in variants.iter().enumerate() {
            if self.is_sign(element, "|") {
                inside.push(Doc::Line);
                inside.extend(self.element(element));
            } else {
                if number == 0 {
                    inside.extend([Doc::Line, Doc::Text("|".to_string())]);
                }
                inside.push(Doc::Space);
                inside.extend(self.element(element));
            }
        }
        docs.push(Doc::Indent(inside));
        docs
    }

    fn union_line(&self, head: &'a [Element], variants: &'a [Element]) -> Vec<Doc> {
        let mut docs = self.inline(head);
        docs.push(Doc::Space);
        match variants {
            [bar, rest @ ..] if self.is_sign(bar, "|") => {
                docs.extend(self.left_out(bar));
                docs.extend(self.inline(rest));
            }
            all => docs.extend(self.inline(all)),
        }
        docs
    }

    /// `cashier`, and its sentences below it.
    pub(super) fn guidance(&self, elements: &'a [Element]) -> Vec<Doc> {
        let (person, sentences) = elements.split_at(1.min(elements.len()));
        let mut docs = self.inline(person);
        let mut inside = Vec::new();
        for sentence in sentences {
            inside.push(Doc::Line);
            inside.extend(self.element(sentence));
        }
        docs.push(Doc::Indent(inside));
        docs
    }

    /// `{ | … | }`: cells padded to the width of their column.
    pub(super) fn rows(&self, elements: &'a [Element]) -> Vec<Doc> {
        self.braced_by(elements, |members| self.aligned(members))
    }

    /// `table name(…) -> T { | … | }`
    pub(super) fn table(&self, elements: &'a [Element]) -> Vec<Doc> {
        self.braced_by(elements, |members| self.aligned(members))
    }

    fn aligned(&self, rows: &'a [Element]) -> Vec<(Option<&'a Atom<'t>>, Vec<Doc>)> {
        let cells: Vec<Option<Vec<String>>> = rows.iter().map(|row| self.cells(row)).collect();
        let mut widths: Vec<usize> = Vec::new();
        for row in cells.iter().flatten() {
            widths.resize(widths.len().max(row.len()), 0);
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(display_width(cell));
            }
        }
        rows.iter()
            .zip(cells)
            .map(|(row, cells)| {
                let docs = match cells {
                    Some(cells) => self.padded(row, &cells, &widths),
                    None => self.element(row),
                };
                (self.source.first(row), docs)
            })
            .collect()
    }

    /// The cells of a row; none if one of them needs more than a line.
    fn cells(&self, row: &'a Element) -> Option<Vec<String>> {
        let Element::Node(_, parts) = row else { return None };
        let mut cells = Vec::new();
        // The bars at both ends may bear comments; those between cells may not.
        for (number, part) in parts.iter().enumerate() {
            let ends = number == 0 || number + 1 == parts.len();
            if self.is_sign(part, "|") {
                let commented = self.token(part).is_some_and(|bar| bar.behind.is_some() || !bar.above.is_empty());
                let first_bears_behind = number == 0 && self.token(part).is_some_and(|bar| bar.behind.is_some());
                let last_bears_above = number > 0 && self.token(part).is_some_and(|bar| !bar.above.is_empty());
                if (commented && !ends) || first_bears_behind || last_bears_above {
                    return None;
                }
            } else {
                cells.push(layout::flat(&self.element(part))?);
            }
        }
        Some(cells)
    }

    fn padded(&self, row: &'a Element, cells: &[String], widths: &[usize]) -> Vec<Doc> {
        let mut line = String::from("|");
        for (cell, width) in cells.iter().zip(widths) {
            line.push(' ');
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', width.saturating_sub(display_width(cell))));
            line.push_str(" |");
        }
        let Element::Node(_, parts) = row else { return vec![Doc::Text(line)] };
        // Comments above the first bar and behind the last one stay there.
        let mut docs = parts.first().map(|bar| self.element(bar)).unwrap_or_default();
        for doc in &mut docs {
            if let Doc::Text(text) = doc {
                *text = std::mem::take(&mut line);
            }
        }
        let last = parts.last().and_then(|bar| self.token(bar)).and_then(|bar| bar.behind);
        docs.extend(last.map(|comment| Doc::Behind(comment.to_string())));
        docs
    }

    /// The clauses of a message or a reversal: one a line, and the words without fields together on one.
    pub(super) fn clauses(&self, elements: &'a [Element]) -> Vec<Doc> {
        self.braced_by(elements, |members| {
            let mut lines: Vec<(Option<&'a Atom<'t>>, Vec<Doc>)> = Vec::new();
            let mut joins = false;
            for member in members {
                let first = self.source.first(member);
                let docs = self.element(member);
                let short = matches!(member, Element::Node(Rule::moves_money | Rule::mac_flag | Rule::wait_rule, _));
                let commented = first.is_some_and(|atom| !atom.above.is_empty());
                match lines.last_mut() {
                    Some((_, line)) if joins && short && !commented => {
                        line.push(Doc::Space);
                        line.extend(docs);
                    }
                    _ => lines.push((first, docs)),
                }
                let ends_with_comment =
                    lines.last().is_some_and(|(_, line)| matches!(line.last(), Some(Doc::Behind(_))));
                joins = short && !ends_with_comment;
            }
            lines
        })
    }
}

/// The same without places where a line may end.
fn unbroken(docs: Vec<Doc>) -> Vec<Doc> {
    docs.into_iter()
        .filter_map(|doc| match doc {
            Doc::Soft("") => None,
            Doc::Soft(_) | Doc::Fill => Some(Doc::Space),
            Doc::Group(docs) => Some(Doc::Group(unbroken(docs))),
            Doc::Indent(docs) => Some(Doc::Indent(unbroken(docs))),
            other => Some(other),
        })
        .collect()
}
