//! What a reader found, as a tree to walk: each node a rule, its text, and the nodes in it.

use super::grammar::Rule;
use super::reader::Mark;

/// A text and where its rules begin and end.
pub(super) struct Found<'t> {
    pub(super) text: &'t str,
    pub(super) marks: Vec<Mark>,
}

impl Found<'_> {
    /// The outermost nodes.
    pub(super) fn nodes(&self) -> Nodes<'_> {
        Nodes { text: self.text, marks: &self.marks, at: 0, end: self.marks.len() as u32 }
    }
}

/// A node the grammar found.
#[derive(Clone, Copy)]
pub(super) struct Node<'f> {
    text: &'f str,
    marks: &'f [Mark],
    place: u32,
    mark: Mark,
}

impl<'f> Node<'f> {
    pub(super) fn as_rule(&self) -> Rule {
        self.mark.rule
    }

    /// Its first byte.
    pub(super) fn start(&self) -> usize {
        self.mark.start as usize
    }

    /// The byte behind its last.
    pub(super) fn end(&self) -> usize {
        self.mark.end as usize
    }

    pub(super) fn as_str(&self) -> &'f str {
        self.text.get(self.start()..self.end()).unwrap_or_default()
    }

    pub(super) fn into_inner(self) -> Nodes<'f> {
        Nodes { text: self.text, marks: self.marks, at: self.place + 1, end: self.mark.next }
    }
}

/// Nodes that stand side by side.
#[derive(Clone, Copy)]
pub(super) struct Nodes<'f> {
    text: &'f str,
    marks: &'f [Mark],
    at: u32,
    end: u32,
}

impl<'f> Nodes<'f> {
    /// The next node, which stays.
    pub(super) fn peek(&self) -> Option<Node<'f>> {
        if self.at >= self.end {
            return None;
        }
        let mark = *self.marks.get(self.at as usize)?;
        Some(Node { text: self.text, marks: self.marks, place: self.at, mark })
    }

    /// How many there are, for those that keep one thing for each: what grows by itself begins with room for four.
    pub(super) fn room(mut self) -> usize {
        let mut count = 0;
        while let Some(mark) = self.marks.get(self.at as usize).filter(|_| self.at < self.end) {
            self.at = mark.next;
            count += 1;
        }
        count
    }
}

impl<'f> Iterator for Nodes<'f> {
    type Item = Node<'f>;

    fn next(&mut self) -> Option<Node<'f>> {
        let node = self.peek()?;
        self.at = node.mark.next;
        Some(node)
    }
}
