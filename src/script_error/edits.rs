//! Puts edits into a text and leaves every other byte as it is.

use super::finding::Edit;
use super::source::Span;

/// The edits of `wanted` that do not touch those before them: the first one wins.
pub fn apart<'e>(wanted: impl IntoIterator<Item = &'e [Edit]>) -> Vec<&'e [Edit]> {
    let mut taken: Vec<Span> = Vec::new();
    let mut chosen = Vec::new();
    for edits in wanted {
        let touches = |one: Span| taken.iter().any(|other| one.start <= other.end && other.start <= one.end);
        if edits.iter().any(|edit| touches(edit.place.span)) {
            continue;
        }
        taken.extend(edits.iter().map(|edit| edit.place.span));
        chosen.push(edits);
    }
    chosen
}

/// The text with the edits in it; `None` if they overlap or lie outside it.
///
/// Line breaks that come are those the file has. A line that held nothing but what goes, goes too.
pub fn applied(text: &str, edits: &[Edit]) -> Option<String> {
    let line_break = match text.find('\n') {
        Some(at) if text.get(..at).is_some_and(|line| line.ends_with('\r')) => "\r\n",
        _ => "\n",
    };
    let mut changes: Vec<(Span, String)> =
        edits.iter().map(|edit| (edit.place.span, edit.replacement.replace('\n', line_break))).collect();
    changes.sort_by_key(|(span, _)| *span);
    let changes = emptied(text, join_deletions(text, changes));
    let mut result = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for (span, replacement) in &changes {
        result.push_str(text.get(at..span.start as usize)?);
        result.push_str(replacement);
        at = span.end as usize;
    }
    result.push_str(text.get(at..)?);
    Some(result)
}

/// Deletions with nothing but blanks between them become one, if they then leave their line empty.
fn join_deletions(text: &str, changes: Vec<(Span, String)>) -> Vec<(Span, String)> {
    let mut joined: Vec<(Span, String)> = Vec::with_capacity(changes.len());
    for (span, replacement) in changes {
        if let Some((last, before)) = joined.last_mut()
            && before.is_empty()
            && replacement.is_empty()
            && text.get(last.end as usize..span.start as usize).is_some_and(is_blank)
            && whole_line(text, last.to(span)).is_some()
        {
            last.end = span.end;
            continue;
        }
        joined.push((span, replacement));
    }
    joined
}

/// Takes the line along that a deletion leaves empty.
fn emptied(text: &str, changes: Vec<(Span, String)>) -> Vec<(Span, String)> {
    let widened = |(span, replacement): (Span, String)| match whole_line(text, span) {
        Some(line) if replacement.is_empty() && span.start < span.end => (line, replacement),
        _ => (span, replacement),
    };
    changes.into_iter().map(widened).collect()
}

/// The lines of a span with the last one's line break, if nothing else stands on them.
fn whole_line(text: &str, span: Span) -> Option<Span> {
    let before = text.get(..span.start as usize)?;
    let behind = text.get(span.end as usize..)?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let length = behind.find('\n').map_or(behind.len(), |at| at + 1);
    let alone = is_blank(before.get(start..)?) && is_blank(behind.get(..length)?.trim_end_matches(['\n', '\r']));
    alone.then(|| Span::new(start, span.end as usize + length))
}

fn is_blank(text: &str) -> bool {
    text.chars().all(|letter| matches!(letter, ' ' | '\t'))
}
