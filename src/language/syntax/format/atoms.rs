//! Every word, sign and comment of a file, with the shape the grammar gives them.

use super::super::grammar::{self, Rule};
use super::super::nodes::Node;
use super::super::scan::scanner;
use crate::script_error::source::FileId;

/// A comment on lines of its own.
pub(super) struct Comment<'t> {
    pub(super) text: &'t str,
    /// Does an empty line stand above it?
    pub(super) blank: bool,
}

/// A word, a sign, a literal or a whole string.
pub(super) struct Atom<'t> {
    /// The grammar's name, if it is more than a sign or a word that the grammar spells out.
    pub(super) rule: Option<Rule>,
    pub(super) text: &'t str,
    start: usize,
    /// The parts of a string.
    pub(super) parts: Vec<Part<'t>>,
    /// Comments above it.
    pub(super) above: Vec<Comment<'t>>,
    /// The comment behind it, on its line.
    pub(super) behind: Option<&'t str>,
    /// Does an empty line stand above it, below its comments?
    pub(super) blank: bool,
    /// Inside a string, where no comment can stand.
    inner: bool,
}

/// A part of a string.
pub(super) enum Part<'t> {
    /// As written: quotes, text, escapes, braces.
    Text(&'t str),
    /// A value in braces.
    Value(Element),
}

/// A part of the file's shape.
pub(super) enum Element {
    /// By its place in `Atoms::atoms`.
    Atom(usize),
    Node(Rule, Vec<Element>),
}

/// A file.
pub(super) struct Atoms<'t> {
    pub(super) atoms: Vec<Atom<'t>>,
    /// Edition, imports and items in order.
    pub(super) pieces: Vec<Element>,
    /// Comments below everything.
    pub(super) end: Vec<Comment<'t>>,
}

impl<'t> Atoms<'t> {
    /// Reads a text that parses; none where it does not.
    pub(super) fn read(text: &'t str) -> Option<Atoms<'t>> {
        let scan = scanner::scan(FileId::default(), text);
        if scan.stopped || scan.repaired.is_some() {
            return None;
        }
        let mut atoms = Atoms { atoms: Vec::new(), pieces: Vec::new(), end: Vec::new() };
        for piece in &scan.pieces {
            let part = text.get(piece.start..piece.end)?;
            let Ok(found) = grammar::read(Rule::piece, part) else {
                // A piece may hold comments only; anything else is found by the comments' reader.
                continue;
            };
            for node in found.nodes().flat_map(Node::into_inner) {
                match node.as_rule() {
                    Rule::edition | Rule::import | Rule::item => {
                        let element = atoms.element(node, text, piece.start)?;
                        atoms.pieces.push(element);
                    }
                    Rule::rest => return None,
                    _ => {}
                }
            }
        }
        atoms.attach(text)?;
        Some(atoms)
    }

    /// All comments, in the order of the text.
    pub(super) fn comments(&self) -> Vec<&'t str> {
        let mut comments = Vec::new();
        for atom in &self.atoms {
            comments.extend(atom.above.iter().map(|comment| comment.text));
            comments.extend(atom.behind);
        }
        comments.extend(self.end.iter().map(|comment| comment.text));
        comments
    }

    /// The first atom of an element.
    pub(super) fn first<'a>(&'a self, element: &'a Element) -> Option<&'a Atom<'t>> {
        match element {
            Element::Atom(at) => self.atoms.get(*at),
            Element::Node(_, children) => children.iter().find_map(|child| self.first(child)),
        }
    }

    fn element(&mut self, node: Node<'_>, text: &'t str, base: usize) -> Option<Element> {
        let rule = node.as_rule();
        let (start, end) = (base + node.start(), base + node.end());
        if rule == Rule::string {
            return self.string(node, text, base);
        }
        if is_atom(rule) {
            let whole = text.get(start..end)?;
            return Some(self.push(Some(rule), whole.trim_end(), start));
        }
        let mut children = Vec::new();
        let mut at = start;
        for inner in node.into_inner() {
            let (from, upto) = (base + inner.start(), base + inner.end());
            match inner.as_rule() {
                Rule::doc | Rule::spaces => continue,
                Rule::negate => {
                    self.signs(text, at, from, &mut children)?;
                    if let Some(sign) = self.atoms.last_mut() {
                        sign.rule = Some(Rule::negate);
                    }
                }
                Rule::not => self.signs(text, at, from, &mut children)?,
                _ => {
                    self.signs(text, at, from, &mut children)?;
                    let child = self.element(inner, text, base)?;
                    children.push(child);
                }
            }
            at = upto;
        }
        self.signs(text, at, end, &mut children)?;
        Some(Element::Node(rule, children))
    }

    fn push(&mut self, rule: Option<Rule>, text: &'t str, start: usize) -> Element {
        let (parts, above) = (Vec::new(), Vec::new());
        self.atoms.push(Atom { rule, text, start, parts, above, behind: None, blank: false, inner: false });
        Element::Atom(self.atoms.len() - 1)
    }

    fn string(&mut self, node: Node<'_>, text: &'t str, base: usize) -> Option<Element> {
        let (start, end) = (base + node.start(), base + node.end());
        let mut parts = Vec::new();
        let mut at = start;
        let first_inner = self.atoms.len();
        for inner in node.into_inner().filter(|inner| inner.as_rule() == Rule::expr) {
            let (from, upto) = (base + inner.start(), base + inner.end());
            // Blanks inside the braces belong to the value, those in front of them to the text.
            parts.push(Part::Text(text.get(at..from)?.trim_end_matches([' ', '\t'])));
            let value = self.element(inner, text, base)?;
            parts.push(Part::Value(value));
            at = upto;
        }
        parts.push(Part::Text(text.get(at..end)?));
        self.atoms.iter_mut().skip(first_inner).for_each(|atom| atom.inner = true);
        let element = self.push(Some(Rule::string), text.get(start..end)?, start);
        if let Some(atom) = self.atoms.last_mut() {
            atom.parts = parts;
        }
        Some(element)
    }

    /// Words and signs that the grammar spells out.
    fn signs(&mut self, text: &'t str, from: usize, upto: usize, children: &mut Vec<Element>) -> Option<()> {
        let mut rest = text.get(from..upto)?;
        loop {
            rest = rest.trim_start();
            let at = upto - rest.len();
            let Some(first) = rest.chars().next() else { return Some(()) };
            let length = if rest.starts_with("//") {
                rest = rest.get(rest.find('\n').unwrap_or(rest.len())..)?;
                continue;
            } else if first == '_' || first.is_alphanumeric() {
                rest.find(|sign: char| sign != '_' && !sign.is_alphanumeric()).unwrap_or(rest.len())
            } else if rest.starts_with("=>") || rest.starts_with("->") {
                2
            } else {
                first.len_utf8()
            };
            let (sign, behind) = rest.split_at_checked(length)?;
            let sign = self.push(None, sign, at);
            children.push(sign);
            rest = behind;
        }
    }

    /// Gives each comment to the atom it stands behind or above. None if there is more between atoms than comments.
    fn attach(&mut self, text: &'t str) -> Option<()> {
        // The atoms of a string's values come before the string itself; they are passed over.
        let order: Vec<usize> = (0..self.atoms.len()).filter(|at| !self.atoms[*at].inner).collect();
        let mut from = 0;
        let mut last: Option<usize> = None;
        for at in order {
            let start = self.atoms[at].start;
            let between = comments(text.get(from..start)?, last.is_some())?;
            from = start + self.atoms[at].text.len();
            if let (Some(last), Some(behind)) = (last, between.behind) {
                self.atoms[last].behind = Some(behind);
            }
            let documented = between.above.last().is_some_and(|comment| comment.text.starts_with("///"));
            self.atoms[at].above = between.above;
            self.atoms[at].blank = between.blank && !documented;
            last = Some(at);
        }
        let between = comments(text.get(from..)?, last.is_some())?;
        if let Some(last) = last {
            self.atoms[last].behind = between.behind;
        }
        self.end = between.above;
        Some(())
    }
}

/// What stands between two atoms.
struct Between<'t> {
    behind: Option<&'t str>,
    above: Vec<Comment<'t>>,
    blank: bool,
}

fn comments(text: &str, has_before: bool) -> Option<Between<'_>> {
    let mut between = Between { behind: None, above: Vec::new(), blank: false };
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start();
        let lines = rest.get(..rest.len() - trimmed.len())?.matches('\n').count();
        if trimmed.is_empty() {
            between.blank = lines > 1;
            return Some(between);
        }
        if !trimmed.starts_with("//") {
            return None;
        }
        let (comment, behind) = trimmed.split_at_checked(trimmed.find('\n').unwrap_or(trimmed.len()))?;
        let comment = comment.trim_end();
        if lines == 0 && has_before && between.behind.is_none() && between.above.is_empty() {
            between.behind = Some(comment);
        } else {
            between.above.push(Comment { text: comment, blank: lines > 1 });
        }
        rest = behind;
    }
}

/// Rules without parts, which hold no white space at their ends; a cell may.
fn is_atom(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::name
            | Rule::number
            | Rule::currency
            | Rule::mti
            | Rule::field
            | Rule::parts_field
            | Rule::code_word
            | Rule::bytes
            | Rule::tag
            | Rule::language
            | Rule::cell
            | Rule::line_word
            | Rule::rule_line
            | Rule::space_line
            | Rule::framing_word
            | Rule::form_word
            | Rule::length_word
            | Rule::field_word
            | Rule::let_word
            | Rule::return_word
            | Rule::discard_word
            | Rule::reverse_word
            | Rule::break_word
            | Rule::public
            | Rule::optional
            | Rule::operator
            | Rule::member
            | Rule::label
            | Rule::negated
    )
}
