//! Operators, messages and choices.

use super::super::grammar::Rule;
use super::atoms::{Atom, Element};
use super::layout::Doc;
use super::writer::Writer;

impl<'a, 't> Writer<'a, 't> {
    /// Operands and operators. Too long, it is broken behind the operators that bind least.
    pub(super) fn expression(&self, elements: &'a [Element]) -> Vec<Doc> {
        let strength = |element: &Element| {
            self.token(element).filter(|atom| atom.rule == Some(Rule::operator)).map(|atom| binds(atom.text))
        };
        let Some(least) = elements.iter().filter_map(strength).min() else { return self.inline(elements) };
        let breaks = |number: usize| {
            number.checked_sub(1).and_then(|before| elements.get(before)).and_then(strength) == Some(least)
        };
        // The first operand stands where the expression begins, the others one step further in.
        let first = elements.iter().position(|element| strength(element) == Some(least)).unwrap_or(0);
        let mut docs = self.inline(elements.get(..=first).unwrap_or_default());
        let mut inside = vec![Doc::Soft(" ")];
        let rest = elements.get(first + 1..).unwrap_or_default();
        let gap = |number: usize| if breaks(first + 1 + number) { Doc::Soft(" ") } else { Doc::Space };
        inside.extend(self.joined(rest, gap));
        docs.push(Doc::Indent(inside));
        vec![Doc::Group(docs)]
    }

    /// `message 0200 { … }`, one field a line.
    pub(super) fn message(&self, elements: &'a [Element]) -> Vec<Doc> {
        self.braced_by(elements, |members| {
            let starts_field =
                |element: &Element| self.token(element).is_some_and(|atom| atom.rule == Some(Rule::field));
            let mut lines: Vec<(Option<&'a Atom<'t>>, Vec<Doc>)> = Vec::new();
            let mut rest = members;
            while !rest.is_empty() {
                let length = rest.iter().skip(1).position(starts_field).map_or(rest.len(), |at| at + 1);
                let (line, behind) = rest.split_at(length);
                let (line, comma) = match line {
                    [line @ .., comma] if self.is_sign(comma, ",") => (line, Some(comma)),
                    line => (line, None),
                };
                let mut docs = self.inline(line);
                docs.extend(comma.into_iter().flat_map(|comma| self.left_out(comma)));
                lines.push((line.first().and_then(|first| self.source.first(first)), docs));
                rest = behind;
            }
            lines
        })
    }

    /// `if … { … } else { … }`. As a value it may stand on one line, if each branch is one short statement.
    pub(super) fn condition(&self, elements: &'a [Element], value: bool) -> Vec<Doc> {
        let branches = elements.iter().flat_map(|element| match element {
            Element::Node(Rule::else_branch, children) => children.iter().collect(),
            other => vec![other],
        });
        let blocks: Vec<&[Element]> = branches
            .filter_map(|element| match element {
                Element::Node(Rule::block, children) => Some(children.as_slice()),
                _ => None,
            })
            .collect();
        // `{`, one statement, `}`.
        let short = value && blocks.len() > 1 && blocks.iter().all(|block| block.len() == 3);
        if !short {
            return self.inline(elements);
        }
        let mut docs = Vec::new();
        for (number, element) in elements.iter().enumerate() {
            if number > 0 {
                docs.push(Doc::Space);
            }
            match element {
                Element::Node(Rule::else_branch, children) => {
                    for (number, child) in children.iter().enumerate() {
                        if number > 0 {
                            docs.push(Doc::Space);
                        }
                        docs.extend(self.branch(child));
                    }
                }
                other => docs.extend(self.branch(other)),
            }
        }
        vec![Doc::Group(docs)]
    }

    /// A block that may stand on one line, or whatever else it is.
    fn branch(&self, element: &'a Element) -> Vec<Doc> {
        let mut docs = self.element(element);
        if Self::is_node(element, Rule::block) {
            for doc in &mut docs {
                match doc {
                    Doc::Indent(inside) => {
                        if let Some(first @ Doc::Line) = inside.first_mut() {
                            *first = Doc::Soft(" ");
                        }
                    }
                    Doc::Line => *doc = Doc::Soft(" "),
                    _ => {}
                }
            }
        }
        docs
    }
}

/// How strongly an operator binds.
fn binds(operator: &str) -> u8 {
    match operator {
        "or" => 0,
        "and" => 1,
        "+" | "-" => 3,
        "*" | "/" => 4,
        _ => 2,
    }
}
