//! Formats a file, and proves that nothing but its layout has changed.

use super::super::grammar::Rule;
use super::super::parse::parse;
use super::super::room::with_room;
use super::atoms::{Atoms, Element};
use super::compare;
use super::layout::{self, Doc};
use super::writer::{Writer, begins_blank};
use crate::script_error::catalogue::internal::INTERNAL_DEFECT;
use crate::script_error::finding::{Finding, Severity};
use crate::script_error::source::{FileId, Place, Span};

/// The text in the one style.
///
/// A text with errors is refused with its findings. A result that would not parse to an equal tree with the same
/// comments is refused with `T9001`: that is a defect of the formatter, and the text must stay as it is.
pub fn format(file: FileId, text: &str) -> Result<String, Vec<Finding>> {
    with_room(|| formatted(file, text))
}

fn formatted(file: FileId, text: &str) -> Result<String, Vec<Finding>> {
    let before = parse(file, text);
    if before.findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(before.findings);
    }
    let defect = |detail: &str| {
        let place = Place { file, span: Span::default() };
        vec![Finding::error(INTERNAL_DEFECT, place).text("detail", detail)]
    };
    // The one style has no byte-order mark.
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let Some(source) = Atoms::read(text) else {
        return Err(defect("the formatter cannot read what the parser can"));
    };
    let formatted = write(&source);
    let after = parse(file, &formatted);
    if after.findings.iter().any(|finding| finding.severity == Severity::Error) {
        return Err(defect("the formatted text does not parse"));
    }
    if !compare::same(&before.tree, &after.tree) {
        return Err(defect("the formatted text means something else"));
    }
    match Atoms::read(&formatted) {
        Some(again) if again.comments() == source.comments() => Ok(formatted),
        _ => Err(defect("the formatted text lost a comment")),
    }
}

/// Does the formatted text hold the same as the text it was made from?
pub fn holds_the_same(before: &str, after: &str) -> bool {
    let (one, other) = (parse(FileId::default(), before), parse(FileId::default(), after));
    let comments = match (Atoms::read(before), Atoms::read(after)) {
        (Some(one), Some(other)) => one.comments() == other.comments(),
        _ => false,
    };
    comments && compare::same(&one.tree, &other.tree)
}

fn write(source: &Atoms<'_>) -> String {
    let writer = Writer { source };
    let mut docs = Vec::new();
    let mut above: Option<(Option<Rule>, bool)> = None;
    for piece in &source.pieces {
        let lines = writer.element(piece);
        let kind = match piece {
            Element::Node(rule, _) => Some(*rule),
            Element::Atom(_) => None,
        };
        let first = source.first(piece);
        let written = layout::print(&lines);
        let long = written.lines().skip_while(|line| line.starts_with("//")).count() > 1;
        let documented =
            first.is_some_and(|atom| atom.above.last().is_some_and(|comment| comment.text.starts_with("///")));
        if let Some((kind_above, long_above)) = above {
            docs.push(Doc::Line);
            if kind != kind_above || long || long_above || documented || first.is_some_and(begins_blank) {
                docs.push(Doc::Blank);
            }
        }
        docs.extend(lines);
        above = Some((kind, long));
    }
    for (number, comment) in source.end.iter().enumerate() {
        if number > 0 || above.is_some() {
            docs.push(Doc::Line);
        }
        if comment.blank {
            docs.push(Doc::Blank);
        }
        docs.push(Doc::Above(comment.text.to_string()));
    }
    layout::print(&docs)
}
