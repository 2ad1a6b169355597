//! What all shapes share: words with their comments, brackets, braces, and which shape is written how.

use super::super::grammar::Rule;
use super::atoms::{Atom, Atoms, Comment, Element, Part};
use super::layout::{self, Doc};

/// Writes the parts of one file.
pub(super) struct Writer<'a, 't> {
    pub(super) source: &'a Atoms<'t>,
}

impl<'a, 't> Writer<'a, 't> {
    /// An element, whatever it is.
    pub(super) fn element(&self, element: &'a Element) -> Vec<Doc> {
        match element {
            Element::Atom(at) => self.source.atoms.get(*at).map(|atom| self.atom(atom)).unwrap_or_default(),
            Element::Node(rule, children) => self.node(*rule, children),
        }
    }

    fn node(&self, rule: Rule, children: &'a [Element]) -> Vec<Doc> {
        match rule {
            Rule::item => self.item(children),
            Rule::annotation => self.annotation(children),
            Rule::flow => self.flow(children),
            Rule::union_item => self.union(children),
            Rule::guidance => self.guidance(children),
            Rule::rows => self.rows(children),
            Rule::table => self.table(children),
            Rule::receipt_if | Rule::receipt_else => self.inline(children),
            Rule::dialect | Rule::text_item | Rule::error_item | Rule::receipt_block => self.braced(children),
            Rule::message_clause | Rule::reversal_clause => self.clauses(children),
            Rule::field_rule | Rule::without | Rule::copies | Rule::approved | Rule::accepts => self.filled(children),
            Rule::uses => self.filled(children),
            Rule::block | Rule::match_expression => self.braced(children),
            Rule::message => self.message(children),
            Rule::let_statement | Rule::effect => self.with_handlers(children),
            Rule::handler => self.handler(children),
            Rule::arm => self.arm(children),
            Rule::expr => self.expression(children),
            Rule::if_expression => self.condition(children, true),
            Rule::parameters | Rule::arguments | Rule::list | Rule::index | Rule::group => self.delimited(children),
            // Everything else is its words in a row.
            _ => self.inline(children),
        }
    }

    /// A word with its comments.
    pub(super) fn atom(&self, atom: &'a Atom<'t>) -> Vec<Doc> {
        let mut docs = Vec::new();
        for (number, comment) in atom.above.iter().enumerate() {
            if number > 0 && comment.blank {
                docs.push(Doc::Blank);
            }
            docs.push(Doc::Above(comment.text.to_string()));
        }
        if atom.blank && !atom.above.is_empty() {
            docs.push(Doc::Blank);
        }
        docs.push(Doc::Text(self.text(atom)));
        docs.extend(atom.behind.map(|comment| Doc::Behind(comment.to_string())));
        docs
    }

    /// A word, a number, or a string with its values in the one style.
    fn text(&self, atom: &'a Atom<'t>) -> String {
        let mut text = String::new();
        for part in &atom.parts {
            match part {
                Part::Text(part) => text.push_str(part),
                Part::Value(value) => match layout::flat(&self.element(value)) {
                    Some(value) => text.push_str(&value),
                    // A string stands on one line; what cannot stays as it is.
                    None => return atom.text.to_string(),
                },
            }
        }
        if atom.parts.is_empty() { atom.text.to_string() } else { text }
    }

    /// Elements in a row, with spaces where they belong.
    pub(super) fn inline(&self, elements: &'a [Element]) -> Vec<Doc> {
        self.joined(elements, |_| Doc::Space)
    }

    /// Words in a row, over as many lines as they need.
    fn filled(&self, elements: &'a [Element]) -> Vec<Doc> {
        // What follows the leading word stays on its line.
        self.joined(elements, |number| if number == 1 { Doc::Space } else { Doc::Fill })
    }

    /// Elements in a row; `gap` says what stands before an element where a space belongs.
    pub(super) fn joined(&self, elements: &'a [Element], gap: impl Fn(usize) -> Doc) -> Vec<Doc> {
        let mut docs = Vec::new();
        let mut before: Option<&Element> = None;
        for (number, element) in elements.iter().enumerate() {
            if before.is_some_and(|before| self.apart(before, element)) {
                // An `else` behind or below a comment begins a line like the block above it.
                let commented = matches!(docs.last(), Some(Doc::Behind(_)))
                    || self.source.first(element).is_some_and(|atom| !atom.above.is_empty());
                let is_else = Self::is_node(element, Rule::else_branch) || Self::is_node(element, Rule::receipt_else);
                docs.push(if is_else && commented { Doc::Line } else { gap(number) });
            }
            if self.is_sign(element, ",") {
                docs.extend(self.comma(element));
            } else {
                docs.extend(self.element(element));
            }
            before = Some(element);
        }
        docs
    }

    fn comma(&self, element: &'a Element) -> Vec<Doc> {
        let mut docs = self.element(element);
        for doc in &mut docs {
            if matches!(doc, Doc::Text(_)) {
                *doc = Doc::Comma;
            }
        }
        docs
    }

    /// The comments of a sign that is left out.
    pub(super) fn left_out(&self, element: &'a Element) -> Vec<Doc> {
        self.element(element).into_iter().filter(|doc| matches!(doc, Doc::Above(_) | Doc::Behind(_))).collect()
    }

    /// Does a space belong between two neighbours?
    fn apart(&self, before: &Element, behind: &Element) -> bool {
        let sign = |element: &Element| match self.token(element) {
            Some(atom) if atom.rule.is_none() => atom.text.to_string(),
            _ => String::new(),
        };
        let rule = |element: &Element| match element {
            Element::Atom(_) => self.token(element).and_then(|atom| atom.rule),
            Element::Node(rule, _) => Some(*rule),
        };
        let (left, right) = (sign(before), sign(behind));
        let is_minus = |element| matches!(rule(element), Some(Rule::negate | Rule::negated));
        if is_minus(before) {
            return is_minus(behind);
        }
        if matches!(left.as_str(), "(" | "[" | "." | "@") {
            return false;
        }
        if matches!(right.as_str(), "," | ":" | "." | ")" | "]" | "(") {
            return false;
        }
        !matches!(
            rule(behind),
            Some(
                Rule::parameters
                    | Rule::arguments
                    | Rule::index
                    | Rule::bound
                    | Rule::ty_size
                    | Rule::ty_member
                    | Rule::optional
            )
        )
    }

    /// The atom that an element is.
    pub(super) fn token(&self, element: &Element) -> Option<&'a Atom<'t>> {
        match element {
            Element::Atom(at) => self.source.atoms.get(*at),
            Element::Node(..) => None,
        }
    }

    /// Is it this sign, or this word that the grammar spells out?
    pub(super) fn is_sign(&self, element: &Element, sign: &str) -> bool {
        self.token(element).is_some_and(|atom| atom.rule.is_none() && atom.text == sign)
    }

    pub(super) fn is_node(element: &Element, rule: Rule) -> bool {
        matches!(element, Element::Node(found, _) if *found == rule)
    }

    /// `( … )` and `[ … ]`: on one line, or one member a line with the closing bracket alone.
    fn delimited(&self, elements: &'a [Element]) -> Vec<Doc> {
        let [open, members @ .., close] = elements else { return self.inline(elements) };
        let Some(closing) = self.token(close) else { return self.inline(elements) };
        let mut docs = self.element(open);
        let mut inside = vec![Doc::Soft("")];
        let mut rest = members;
        while !rest.is_empty() {
            let length = rest.iter().position(|element| self.is_sign(element, ",")).unwrap_or(rest.len());
            let (member, behind) = rest.split_at(length);
            inside.extend(self.inline(member));
            rest = match behind {
                [] => &[],
                [comma] => {
                    inside.extend(self.left_out(comma));
                    &[]
                }
                [comma, behind @ ..] => {
                    inside.extend(self.comma(comma));
                    inside.push(Doc::Soft(" "));
                    behind
                }
            };
        }
        let commented = self.token(open).is_some_and(|open| open.behind.is_some()) || !closing.above.is_empty();
        if !members.is_empty() || commented {
            inside.extend(self.comments(&closing.above));
            docs.push(Doc::Indent(inside));
            docs.push(Doc::Soft(""));
        }
        docs.extend(self.closing(closing));
        vec![Doc::Group(docs)]
    }

    /// Comments above a closing sign.
    fn comments(&self, comments: &[Comment<'t>]) -> Vec<Doc> {
        let mut docs = Vec::new();
        for comment in comments {
            docs.push(Doc::Line);
            if comment.blank {
                docs.push(Doc::Blank);
            }
            docs.push(Doc::Above(comment.text.to_string()));
        }
        docs
    }

    /// A closing sign without the comments above it.
    fn closing(&self, atom: &Atom<'t>) -> Vec<Doc> {
        let mut docs = vec![Doc::Text(atom.text.to_string())];
        docs.extend(atom.behind.map(|comment| Doc::Behind(comment.to_string())));
        docs
    }

    /// Something with `{ … }` at its end, one member a line.
    pub(super) fn braced(&self, elements: &'a [Element]) -> Vec<Doc> {
        self.braced_by(elements, |members| {
            members.iter().map(|member| (self.source.first(member), self.element(member))).collect()
        })
    }

    /// Something with `{ … }` at its end; `lines` makes the lines between the braces, each with its first atom.
    pub(super) fn braced_by(
        &self,
        elements: &'a [Element],
        lines: impl Fn(&'a [Element]) -> Vec<(Option<&'a Atom<'t>>, Vec<Doc>)>,
    ) -> Vec<Doc> {
        let open = elements.iter().position(|element| self.is_sign(element, "{"));
        let (Some(open), Some((close, _))) = (open, elements.split_last()) else { return self.inline(elements) };
        let Some(closing) = self.token(close) else { return self.inline(elements) };
        let (head, rest) = elements.split_at(open + 1);
        let members = rest.get(..rest.len().saturating_sub(1)).unwrap_or_default();
        let mut docs = self.inline(head);
        let mut inside = Vec::new();
        for (number, (first, line)) in lines(members).into_iter().enumerate() {
            inside.push(Doc::Line);
            if number > 0 && first.is_some_and(begins_blank) {
                inside.push(Doc::Blank);
            }
            inside.extend(line);
        }
        let mut dangling = self.comments(&closing.above);
        if inside.is_empty() && matches!(dangling.get(1), Some(Doc::Blank)) {
            dangling.remove(1);
        }
        inside.extend(dangling);
        if !inside.is_empty() {
            docs.push(Doc::Indent(inside));
            docs.push(Doc::Line);
        }
        docs.extend(self.closing(closing));
        docs
    }
}

/// Does an empty line stand above it and its comments?
pub(super) fn begins_blank(atom: &Atom<'_>) -> bool {
    atom.above.first().map_or(atom.blank, |comment| comment.blank)
}
