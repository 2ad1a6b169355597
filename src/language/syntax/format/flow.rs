//! Flows, statements, handlers and arms.

use super::super::grammar::Rule;
use super::atoms::Element;
use super::layout::Doc;
use super::writer::Writer;

/// So many devices stand on the flow's own line.
const DEVICES_MAX: usize = 3;

impl<'a, 't> Writer<'a, 't> {
    /// `flow name(…) -> T uses …` and the block.
    pub(super) fn flow(&self, elements: &'a [Element]) -> Vec<Doc> {
        let [head @ .., uses @ Element::Node(Rule::uses, names), block] = elements else {
            return self.inline(elements);
        };
        let devices = names.iter().filter(|name| self.token(name).is_some_and(|atom| atom.rule.is_some())).count();
        let gap = if devices > DEVICES_MAX { Doc::Line } else { Doc::Soft(" ") };
        let mut inside = vec![gap.clone()];
        inside.extend(self.element(uses));
        let mut body = self.element(block);
        // The opening brace belongs to the head: it stands alone where the devices have a line of their own.
        let open = body.iter().position(|doc| matches!(doc, Doc::Text(_))).map_or(0, |at| at + 1);
        let rest = body.split_off(open.min(body.len()));
        let mut tail = vec![Doc::Indent(inside), gap];
        tail.extend(body);
        let mut docs = self.inline(head);
        docs.push(Doc::Group(tail));
        docs.extend(rest);
        docs
    }

    /// A statement, with each handler on a line of its own.
    pub(super) fn with_handlers(&self, elements: &'a [Element]) -> Vec<Doc> {
        self.statement(elements, false)
    }

    fn statement(&self, elements: &'a [Element], in_arm: bool) -> Vec<Doc> {
        let is_handler = |element: &Element| Self::is_node(element, Rule::handler);
        let length = elements.iter().position(is_handler).unwrap_or(elements.len());
        let (what, handlers) = elements.split_at(length);
        let mut docs = match what {
            // An `if` that is a statement is always written over lines.
            [Element::Node(Rule::expr, only)] if !in_arm => match only.as_slice() {
                [Element::Node(Rule::if_expression, parts)] => self.condition(parts, false),
                _ => self.inline(what),
            },
            _ => self.inline(what),
        };
        let mut inside = Vec::new();
        for handler in handlers {
            inside.push(Doc::Line);
            inside.extend(self.element(handler));
        }
        if !inside.is_empty() {
            docs.push(Doc::Indent(inside));
        }
        docs
    }

    /// `on a, b retry 3 every 2s => …`
    pub(super) fn handler(&self, elements: &'a [Element]) -> Vec<Doc> {
        self.names_first(elements)
    }

    /// `a, b => …`
    pub(super) fn arm(&self, elements: &'a [Element]) -> Vec<Doc> {
        match elements.split_last() {
            Some((Element::Node(Rule::effect, body), head)) if !head.is_empty() => {
                let mut docs = self.names_first(head);
                docs.push(Doc::Space);
                docs.extend(self.statement(body, true));
                docs
            }
            _ => self.names_first(elements),
        }
    }

    /// Names with commas over as many lines as they need, then the rest in a row.
    fn names_first(&self, elements: &'a [Element]) -> Vec<Doc> {
        self.joined(elements, |number| {
            let behind_comma = number
                .checked_sub(1)
                .and_then(|before| elements.get(before))
                .is_some_and(|before| self.is_sign(before, ","));
            if behind_comma { Doc::Fill } else { Doc::Space }
        })
    }
}
