//! What may become of a line end, and the printer that decides it.

use crate::script_error::source::display_width;

/// Lines are not longer than this, if they can be broken.
pub(super) const WIDTH: usize = 120;
const STEP: usize = 2;

/// A piece of layout.
#[derive(Clone, Debug)]
pub(super) enum Doc {
    Text(String),
    /// `,`: it goes before a comment that stands behind what it follows.
    Comma,
    Space,
    /// A comment behind what was written last.
    Behind(String),
    /// A comment on a line of its own.
    Above(String),
    /// Here a line ends.
    Line,
    /// If a line ends here, an empty one follows.
    Blank,
    /// This, or a line end if its group does not fit.
    Soft(&'static str),
    /// A space, or a line end if what comes before the next one does not fit.
    Fill,
    /// On one line if it fits.
    Group(Vec<Doc>),
    Indent(Vec<Doc>),
}

/// Lays out a whole.
pub(super) fn print(docs: &[Doc]) -> String {
    let mut printer = Printer::default();
    let mut work: Vec<Item<'_>> = docs.iter().rev().map(|doc| Item { doc, indent: 0, flat: false }).collect();
    while let Some(item) = work.pop() {
        printer.item(item, &mut work);
    }
    printer.flush();
    if !printer.out.is_empty() {
        printer.out.push('\n');
    }
    printer.out
}

/// The text if it can stand on one line, whatever its length.
pub(super) fn flat(docs: &[Doc]) -> Option<String> {
    let mut text = String::new();
    let mut work: Vec<&Doc> = docs.iter().rev().collect();
    while let Some(doc) = work.pop() {
        match doc {
            Doc::Text(part) => text.push_str(part),
            Doc::Comma => text.push(','),
            Doc::Space | Doc::Fill => text.push(' '),
            Doc::Soft(part) => text.push_str(part),
            Doc::Blank => {}
            Doc::Behind(_) | Doc::Above(_) | Doc::Line => return None,
            Doc::Group(inner) | Doc::Indent(inner) => work.extend(inner.iter().rev()),
        }
    }
    Some(text)
}

#[derive(Clone, Copy)]
struct Item<'d> {
    doc: &'d Doc,
    indent: usize,
    flat: bool,
}

#[derive(Default)]
struct Printer {
    out: String,
    column: usize,
    /// Line ends to write before the next text.
    lines: usize,
    space: bool,
    /// The line end is there because of a comment: what follows goes on with what stands above it.
    goes_on: bool,
    /// A comment to write at the end of this line.
    behind: Option<String>,
}

impl Printer {
    fn item<'d>(&mut self, item: Item<'d>, work: &mut Vec<Item<'d>>) {
        let Item { doc, indent, flat } = item;
        match doc {
            Doc::Text(text) => self.text(text, indent),
            Doc::Comma if self.behind.is_some() => {
                self.out.push(',');
                self.column += 1;
            }
            Doc::Comma => self.text(",", indent),
            Doc::Space => self.space = true,
            Doc::Soft(text) if flat => self.space |= !text.is_empty(),
            Doc::Fill if flat => self.space = true,
            Doc::Line | Doc::Soft(_) => self.line(),
            Doc::Fill => {
                self.space = true;
                if !self.fits(work, self.position(indent)) {
                    self.line();
                    self.goes_on = true;
                }
            }
            Doc::Blank => {
                self.flush();
                if self.lines > 0 {
                    self.lines = 2;
                }
            }
            Doc::Behind(comment) if self.behind.is_some() || self.lines > 0 => self.above(comment, indent),
            Doc::Behind(comment) => self.behind = Some(comment.clone()),
            Doc::Above(comment) => self.above(comment, indent),
            Doc::Group(docs) => {
                let flat = flat || {
                    let from = work.len();
                    work.extend(docs.iter().rev().map(|doc| Item { doc, indent, flat: true }));
                    let fits = self.fits(work, self.position(indent));
                    work.truncate(from);
                    fits
                };
                work.extend(docs.iter().rev().map(|doc| Item { doc, indent, flat }));
            }
            Doc::Indent(docs) => {
                work.extend(docs.iter().rev().map(|doc| Item { doc, indent: indent + STEP, flat }));
            }
        }
    }

    /// Where the next text would begin.
    fn position(&self, indent: usize) -> usize {
        match self.lines {
            0 if self.behind.is_none() => self.column + usize::from(self.space),
            _ => indent,
        }
    }

    /// Does what comes before the next line end fit?
    fn fits(&self, work: &[Item<'_>], mut column: usize) -> bool {
        let mut below = work.iter().rev();
        let mut open: Vec<(&Doc, bool)> = Vec::new();
        let mut commented = false;
        loop {
            let Some((doc, flat)) = open.pop().or_else(|| below.next().map(|item| (item.doc, item.flat))) else {
                return true;
            };
            match doc {
                Doc::Text(_) if commented => return !flat,
                Doc::Text(text) => column += display_width(text),
                Doc::Comma => column += 1,
                Doc::Space => column += 1,
                Doc::Soft(text) if flat => column += text.len(),
                Doc::Fill if flat => column += 1,
                Doc::Soft(_) | Doc::Fill => return true,
                Doc::Line | Doc::Above(_) => return !flat,
                Doc::Behind(_) => commented = true,
                Doc::Blank => {}
                Doc::Group(docs) | Doc::Indent(docs) => open.extend(docs.iter().rev().map(|doc| (doc, flat))),
            }
            if column > WIDTH {
                return false;
            }
        }
    }

    fn text(&mut self, text: &str, indent: usize) {
        self.flush();
        if self.lines > 0 {
            let indent = if self.goes_on { indent + STEP } else { indent };
            self.begin_line(indent);
        } else if self.space && !self.out.is_empty() {
            self.out.push(' ');
            self.column += 1;
        }
        (self.space, self.goes_on) = (false, false);
        self.out.push_str(text);
        self.column += display_width(text);
    }

    fn begin_line(&mut self, indent: usize) {
        if !self.out.is_empty() {
            self.out.extend(std::iter::repeat_n('\n', self.lines));
            self.out.extend(std::iter::repeat_n(' ', indent));
            self.column = indent;
        }
        (self.lines, self.space) = (0, false);
    }

    fn line(&mut self) {
        self.flush();
        self.lines = self.lines.max(1);
        (self.space, self.goes_on) = (false, false);
    }

    /// Writes the comment that waits for the end of its line.
    fn flush(&mut self) {
        if let Some(comment) = self.behind.take() {
            self.out.push_str("  ");
            self.out.push_str(&comment);
            self.lines = self.lines.max(1);
            self.goes_on = true;
        }
    }

    fn above(&mut self, comment: &str, indent: usize) {
        self.flush();
        if self.lines == 0 && !self.out.is_empty() {
            self.lines = 1;
            self.goes_on = true;
        }
        self.begin_line(if self.goes_on { indent + STEP } else { indent });
        self.out.push_str(comment);
        self.lines = 1;
    }
}
