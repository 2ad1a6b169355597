//! Cells of a declaration's table: which column they stand in, and how a wrong one is reported.

use crate::language::syntax::tree::{Cell, TableRow};
use crate::script_error::catalogue::source;
use crate::script_error::code::{Code, Fact};
use crate::script_error::finding::Finding;
use crate::script_error::nearest::nearest;
use crate::script_error::source::{FileId, Place, Span};
use crate::script_error::words::Said;

/// A column that a table may have.
pub(super) struct Column {
    /// The word in the head row.
    pub(super) word: &'static str,
    /// True if no table can do without it.
    pub(super) needed: bool,
}

/// Collects what is wrong with one declaration: the place is always the cell or the clause, never the whole.
pub(super) struct Complaints<'f> {
    code: Code,
    file: FileId,
    findings: &'f mut Vec<Finding>,
    left: usize,
}

/// Findings of one declaration that are worth reading; a table of a thousand wrong rows has one cause.
const FINDINGS_MAX: usize = 50;

impl<'f> Complaints<'f> {
    /// About a dialect (`BAD_DIALECT`) or a table of response codes (`BAD_CODES`).
    pub(super) fn new(code: Code, file: FileId, findings: &'f mut Vec<Finding>) -> Complaints<'f> {
        Complaints { code, file, findings, left: FINDINGS_MAX }
    }

    /// Where a span of this declaration is.
    pub(super) fn place(&self, span: Span) -> Place {
        Place { file: self.file, span }
    }

    /// A finding with its detail, to be completed and handed to `push`.
    pub(super) fn detail(&self, span: Span, zh: impl Into<String>, en: impl Into<String>) -> Finding {
        Finding::error(self.code, self.place(span)).fact("detail", Fact::Said(Said::new(zh, en)))
    }

    /// Was nothing wrong so far?
    pub(super) fn are_none(&self) -> bool {
        self.left == FINDINGS_MAX
    }

    /// Keeps a finding, unless there are too many already.
    pub(super) fn push(&mut self, finding: Finding) {
        if self.left > 0 {
            self.left -= 1;
            self.findings.push(finding);
        }
    }

    /// Detail and nothing more.
    pub(super) fn add(&mut self, span: Span, zh: impl Into<String>, en: impl Into<String>) {
        let finding = self.detail(span, zh, en);
        self.push(finding);
    }

    /// A word that is none of those that may stand there.
    pub(super) fn unknown_word<'w>(
        &mut self,
        word: &str,
        span: Span,
        what: Said,
        known: impl Iterator<Item = &'w str> + Clone,
    ) {
        let list: Vec<&str> = known.clone().collect();
        let mut finding = self
            .detail(span, format!("没有{}“{word}”", what.zh), format!("there is no {} `{word}`", what.en))
            .note(format!("可写：{}", list.join("、")), format!("one of: {}", list.join(", ")));
        if let Some(near) = nearest(word, known) {
            finding = finding.guess(span, near, format!("改为 {near}"), format!("write `{near}`"));
        }
        self.push(finding);
    }

    /// A cell that must not be empty is.
    fn empty(&mut self, cell: &Cell, column: &str) {
        self.add(cell.span, format!("{column} 不能为空"), format!("`{column}` must not be empty"));
    }
}

/// A table whose head row has been understood.
pub(super) struct Grid<'t> {
    columns: &'static [Column],
    places: Vec<Option<usize>>,
    rows: &'t [TableRow],
    cells: usize,
}

/// One row; `cell` takes the index of the column in the kind of table, not in this one.
pub(super) struct GridRow<'g, 't> {
    grid: &'g Grid<'t>,
    /// As written.
    pub(super) row: &'t TableRow,
}

impl<'t> Grid<'t> {
    /// Understands the head row. `at` is shown if there is none.
    pub(super) fn read(
        columns: &'static [Column],
        rows: &'t [TableRow],
        at: Span,
        complaints: &mut Complaints<'_>,
    ) -> Option<Grid<'t>> {
        let words = || columns.iter().map(|column| column.word);
        let Some((head, rows)) = rows.split_first() else {
            let list: Vec<&str> = words().collect();
            complaints.add(
                at,
                format!("缺少表头：{}", list.join(" | ")),
                format!("the head row is missing: {}", list.join(" | ")),
            );
            return None;
        };
        let mut places = vec![None; columns.len()];
        let mut good = true;
        for (place, cell) in head.cells.iter().enumerate() {
            match columns.iter().position(|column| column.word == cell.text) {
                Some(column) if places.get(column).is_some_and(Option::is_some) => {
                    good = false;
                    complaints.add(
                        cell.span,
                        format!("列 {} 出现两次", cell.text),
                        format!("the column `{}` is there twice", cell.text),
                    );
                }
                Some(column) => {
                    if let Some(slot) = places.get_mut(column) {
                        *slot = Some(place);
                    }
                }
                None => {
                    good = false;
                    let what = Said::new("列", "column");
                    complaints.unknown_word(&cell.text, cell.span, what, words());
                }
            }
        }
        let missing: Vec<&str> = columns
            .iter()
            .zip(&places)
            .filter(|(column, place)| column.needed && place.is_none())
            .map(|(column, _)| column.word)
            .collect();
        if good && !missing.is_empty() {
            good = false;
            complaints.add(
                head.span,
                format!("表头缺少列：{}", missing.join("、")),
                format!("the head row lacks: {}", missing.join(", ")),
            );
        }
        good.then_some(Grid { columns, places, rows, cells: head.cells.len() })
    }

    /// The rows below the head. One with too many or too few cells is reported and comes as `Err`.
    pub(super) fn rows<'g>(&'g self, complaints: &mut Complaints<'_>) -> Vec<Result<GridRow<'g, 't>, GridRow<'g, 't>>> {
        let mut rows = Vec::with_capacity(self.rows.len());
        for row in self.rows {
            let read = GridRow { grid: self, row };
            if row.cells.len() == self.cells {
                rows.push(Ok(read));
                continue;
            }
            let finding = Finding::error(source::BAD_TABLE_ROW, complaints.place(row.span))
                .fact("expected", Fact::Count(self.cells as i64))
                .fact("found", Fact::Count(row.cells.len() as i64));
            complaints.push(finding);
            rows.push(Err(read));
        }
        rows
    }
}

impl<'t> GridRow<'_, 't> {
    /// The cell of a column; `None` where the table does not have the column.
    pub(super) fn cell(&self, column: usize) -> Option<&'t Cell> {
        let place = self.grid.places.get(column).copied().flatten()?;
        self.row.cells.get(place)
    }

    /// The cell's text; empty where the table does not have the column.
    pub(super) fn text(&self, column: usize) -> &'t str {
        self.cell(column).map_or("", |cell| cell.text.as_str())
    }

    /// Where the cell is; the whole row where the table does not have the column.
    pub(super) fn span(&self, column: usize) -> Span {
        self.cell(column).map_or(self.row.span, |cell| cell.span)
    }

    /// The cell's text; an empty one is reported.
    pub(super) fn filled(&self, column: usize, complaints: &mut Complaints<'_>) -> Option<&'t str> {
        let cell = self.cell(column)?;
        if cell.text.is_empty() {
            let word = self.grid.columns.get(column).map_or("", |column| column.word);
            complaints.empty(cell, word);
            return None;
        }
        Some(&cell.text)
    }

    /// A name of this cell: lower-case letters, digits and `_`. Anything else is reported.
    pub(super) fn name(&self, column: usize, complaints: &mut Complaints<'_>) -> Option<&'t str> {
        let name = self.filled(column, complaints)?;
        if is_plain_name(name) {
            return Some(name);
        }
        complaints.add(
            self.span(column),
            format!("“{name}”不是名称：用小写字母、数字与 _，以字母开头"),
            format!("`{name}` is no name: lower-case letters, digits and `_`, a letter first"),
        );
        None
    }
}

fn is_plain_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}
