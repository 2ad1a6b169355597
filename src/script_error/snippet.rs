//! Source lines with carets under them, drawn by annotate-snippets.

use super::fill::{inert_whole, is_unseen};
use super::finding::Edit;
use super::source::{FileId, Place, Source, Sources};
use annotate_snippets::{Annotation, AnnotationKind, Element, Origin, Patch, Snippet};
use std::ops::Range;

/// Places this many lines apart share one drawing.
const LINES_TOGETHER: u32 = 40;
/// A place that covers more lines is shown by its first.
const LINES_COVERED_MAX: u32 = 6;
/// More source than this is not drawn as it is; a line of it is cut to what surrounds the place.
const BYTES_MAX: usize = 8 << 10;
/// What of a cut line is shown on either side of the place.
const BYTES_AROUND: usize = 160;

/// A place to draw and what to write at it.
pub(super) struct Mark {
    pub(super) place: Place,
    pub(super) text: String,
    pub(super) primary: bool,
}

/// What became of the marks: drawings, and sentences for places that cannot be drawn.
#[derive(Default)]
pub(super) struct Drawn<'a> {
    pub(super) elements: Vec<Element<'a>>,
    pub(super) notes: Vec<String>,
}

/// Draws the marks, the primary one's neighbourhood first.
pub(super) fn draw(mut marks: Vec<Mark>, sources: &Sources) -> Drawn<'static> {
    let first = marks.iter().find(|mark| mark.primary).map(|mark| mark.place);
    marks.sort_by_key(|mark| {
        (Some(mark.place.file) != first.map(|place| place.file), mark.place.file, mark.place.span.start)
    });
    let mut groups: Vec<(FileId, Vec<Mark>)> = Vec::new();
    for mark in marks {
        match groups.last_mut() {
            Some((file, group)) if *file == mark.place.file && is_near(group, &mark, sources) => group.push(mark),
            _ => groups.push((mark.place.file, vec![mark])),
        }
    }
    groups.sort_by_key(|(_, group)| !group.iter().any(|mark| mark.primary));
    let mut drawn = Drawn::default();
    for (file, group) in groups {
        if let Some(source) = sources.file(file) {
            draw_group(source, group, &mut drawn);
        }
    }
    drawn
}

/// Draws edits of one file as lines before and after; `None` where that cannot be shown.
pub(super) fn draw_edits(edits: &[Edit], sources: &Sources) -> Option<Element<'static>> {
    let file = edits.first()?.place.file;
    let source = sources.file(file)?;
    let text = source.text.as_deref()?;
    let mut ranges: Vec<(Range<usize>, &str)> = edits
        .iter()
        .filter(|edit| edit.place.file == file)
        .map(|edit| (whole_characters(text, edit.place), edit.replacement.as_str()))
        .collect();
    ranges.sort_by_key(|(range, _)| (range.start, range.end));
    if ranges.windows(2).any(|pair| pair[0].0.end > pair[1].0.start) {
        return None;
    }
    let lines = line_of(source, ranges.first()?.0.start)..=line_of(source, ranges.last()?.0.end);
    let window = Window::of_lines(source, text, *lines.start(), *lines.end())?;
    let patches: Vec<Patch<'static>> =
        ranges.into_iter().map(|(range, replacement)| Patch::new(window.range(range), seen(replacement))).collect();
    Some(
        Snippet::source(window.shown)
            .line_start(window.line as usize)
            .path(inert_whole(&source.name))
            .patches(patches)
            .into(),
    )
}

fn is_near(group: &[Mark], mark: &Mark, sources: &Sources) -> bool {
    let Some(source) = sources.file(mark.place.file) else { return false };
    let line = |mark: &Mark| line_of(source, mark.place.span.start as usize);
    group.last().is_some_and(|last| line(mark).saturating_sub(line(last)) <= LINES_TOGETHER)
}

fn draw_group(source: &Source, group: Vec<Mark>, drawn: &mut Drawn<'static>) {
    let Some(text) = source.text.as_deref() else {
        for mark in group {
            let position = source.position(mark.place.span.start);
            if mark.primary {
                let origin = Origin::path(inert_whole(&source.name))
                    .line(position.line as usize)
                    .char_column(position.column as usize);
                drawn.elements.push(origin.into());
            }
            if !mark.text.is_empty() {
                drawn.notes.push(format!("{}:{}:{}: {}", source.name, position.line, position.column, mark.text));
            }
        }
        return;
    };
    let ranges: Vec<Range<usize>> = group.iter().map(|mark| covered(source, text, mark.place)).collect();
    let first = ranges.iter().map(|range| line_of(source, range.start)).min().unwrap_or(1);
    let last = ranges.iter().map(|range| line_of(source, range.end)).max().unwrap_or(first);
    let Some(window) = Window::of_lines(source, text, first, last) else {
        draw_cut(source, text, group, drawn);
        return;
    };
    let annotations: Vec<Annotation<'static>> = group
        .into_iter()
        .zip(ranges)
        .map(|(mark, range)| {
            let kind = if mark.primary { AnnotationKind::Primary } else { AnnotationKind::Context };
            kind.span(window.range(range)).label((!mark.text.is_empty()).then_some(mark.text))
        })
        .collect();
    let snippet = Snippet::source(window.shown)
        .line_start(window.line as usize)
        .path(inert_whole(&source.name))
        .annotations(annotations);
    drawn.elements.push(snippet.into());
}

/// Places among very long lines: each alone, with a little of its line.
fn draw_cut(source: &Source, text: &str, group: Vec<Mark>, drawn: &mut Drawn<'static>) {
    for mark in group {
        let position = source.position(mark.place.span.start);
        if !mark.primary {
            drawn.notes.push(format!("{}:{}:{}: {}", source.name, position.line, position.column, mark.text));
            continue;
        }
        let line_start = source.line_starts.get(position.line as usize - 1).map_or(0, |start| *start as usize);
        let line_end = line_start + source.line(position.line).map_or(0, str::len);
        let range = whole_characters(text, mark.place);
        let range = range.start.min(line_end)..range.end.min(line_end);
        let from = text.floor_char_boundary(range.start.saturating_sub(BYTES_AROUND).max(line_start));
        let to = text
            .floor_char_boundary(range.end.min(range.start + BYTES_AROUND).saturating_add(BYTES_AROUND).min(line_end))
            .max(from);
        let Some(window) = Window::of_bytes(text, from..to, position.line) else { continue };
        let range = range.start..range.end.min(to);
        let origin =
            Origin::path(inert_whole(&source.name)).line(position.line as usize).char_column(position.column as usize);
        let annotation =
            AnnotationKind::Primary.span(window.range(range)).label((!mark.text.is_empty()).then_some(mark.text));
        drawn.elements.push(origin.into());
        drawn
            .elements
            .push(Snippet::source(window.shown).line_start(window.line as usize).annotation(annotation).into());
    }
}

/// Part of a source as it is shown.
struct Window {
    /// Its first line.
    line: u32,
    /// Its bytes in the source.
    bytes: Range<usize>,
    /// Its text, one character for each of the source's.
    shown: String,
    /// Where characters were replaced: bytes in the source up to and with it, and how many it grew or shrank by.
    shifts: Vec<(usize, isize)>,
}

impl Window {
    fn of_lines(source: &Source, text: &str, first: u32, last: u32) -> Option<Window> {
        let start = *source.line_starts.get(first.checked_sub(1)? as usize)? as usize;
        let end = source.line_starts.get(last as usize).map_or(text.len(), |next| *next as usize);
        let mut window = Window::of_bytes(text, start..end, first)?;
        // Otherwise the empty last line of a file would not be there to be pointed at.
        if end == text.len() {
            window.shown.push('\n');
        }
        Some(window)
    }

    fn of_bytes(text: &str, bytes: Range<usize>, line: u32) -> Option<Window> {
        let part = text.get(bytes.clone())?;
        if part.len() > BYTES_MAX {
            return None;
        }
        let mut shown = String::with_capacity(part.len() + 1);
        let mut shifts = Vec::new();
        for (at, character) in part.char_indices() {
            let replacement = seen_character(character);
            if replacement != character {
                let shift = replacement.len_utf8() as isize - character.len_utf8() as isize;
                shifts.push((bytes.start + at + character.len_utf8(), shift));
            }
            shown.push(replacement);
        }
        Some(Window { line, bytes, shown, shifts })
    }

    /// Bytes of the source as bytes of what is shown.
    fn range(&self, range: Range<usize>) -> Range<usize> {
        self.offset(range.start)..self.offset(range.end)
    }

    fn offset(&self, offset: usize) -> usize {
        let shift: isize = self.shifts.iter().take_while(|(at, _)| *at <= offset).map(|(_, shift)| shift).sum();
        offset.saturating_sub(self.bytes.start).saturating_add_signed(shift).min(self.shown.len())
    }
}

/// What nobody can see, or a console would act on, as a sign that everybody sees.
fn seen_character(character: char) -> char {
    // The drawing itself cares for tabs, line ends, ASCII control characters and joined emoji.
    if is_unseen(character) && !character.is_ascii_control() && character != '\u{200D}' {
        '\u{FFFD}'
    } else {
        character
    }
}

fn seen(text: &str) -> String {
    text.chars().map(seen_character).collect()
}

fn line_of(source: &Source, offset: usize) -> u32 {
    source.line_starts.partition_point(|start| *start as usize <= offset).max(1) as u32
}

/// A place as whole characters inside the text, whatever its numbers are.
fn whole_characters(text: &str, place: Place) -> Range<usize> {
    let start = text.floor_char_boundary(place.span.start as usize);
    start..text.ceil_char_boundary(place.span.end as usize).max(start)
}

/// The part of a place that gets carets: without a line break at its end, and its first line only if it is long.
fn covered(source: &Source, text: &str, place: Place) -> Range<usize> {
    let range = whole_characters(text, place);
    let kept = text.get(range.clone()).unwrap_or("").trim_end_matches(['\n', '\r']).len();
    let mut end = range.start + kept;
    let line = line_of(source, range.start);
    if line_of(source, end) - line >= LINES_COVERED_MAX {
        let start = source.line_starts.get(line as usize - 1).map_or(0, |start| *start as usize);
        end = (start + source.line(line).map_or(0, str::len)).max(range.start);
    }
    range.start..end
}
