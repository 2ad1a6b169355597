//! Card data that would pass for plain text: a field that a dialect calls plain, a number written out in a script.

use crate::language::check::type_words;
use crate::language::syntax::tree::{DialectClause, Expression, ExpressionKind, Item, ItemKind, TableRow};
use crate::language::types::{Type, Types};
use crate::payment::card::Pan;
use crate::script_error::catalogue::secrets;
use crate::script_error::code::Fact;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::{FileId, Place, Span};

/// What ISO 8583 says these fields hold, and the word for it.
const SENSITIVE: &[(u8, Type, &str)] = &[
    (2, Type::Pan, "pan"),
    (35, Type::Track, "track"),
    (36, Type::Track, "track"),
    (45, Type::Track, "track"),
    (52, Type::PinBlock, "pin_block"),
];

/// Reports the rows of a dialect that call card data plain.
pub(super) fn of_dialect(file: FileId, item: &Item, findings: &mut Vec<Finding>) {
    let ItemKind::Dialect(dialect) = &item.kind else { return };
    for clause in &dialect.clauses {
        if let DialectClause::Fields(rows) = clause {
            fields(file, rows, findings);
        }
    }
}

fn fields(file: FileId, rows: &[TableRow], findings: &mut Vec<Finding>) {
    let Some((head, rows)) = rows.split_first() else { return };
    let column = |word: &str| head.cells.iter().position(|cell| cell.text == word);
    let Some(number_at) = column("field") else { return };
    let holds_at = column("holds");
    for row in rows {
        let Some(number) = row.cells.get(number_at) else { continue };
        let digits = number.text.strip_prefix('F').filter(|digits| !digits.starts_with(['0', '+']));
        let written = digits.and_then(|digits| digits.parse::<u8>().ok());
        let known = SENSITIVE.iter().find(|(field, ..)| written == Some(*field));
        let Some((field, ty, word)) = known else { continue };
        let cell = holds_at.and_then(|at| row.cells.get(at));
        // What is wrong with the row already says more.
        let broken = |at: Span| row.span.start <= at.start && at.end <= row.span.end;
        if findings.iter().any(|finding| finding.at.place.file == file && broken(finding.at.place.span)) {
            continue;
        }
        if !cell.is_none_or(|cell| cell.text.is_empty() || cell.text == "plain") {
            continue;
        }
        let mut finding = Finding::error(secrets::SENSITIVE_FIELD_PLAIN, Place { file, span: number.span })
            .fact("field", Fact::Field(*field))
            .fact("what", Fact::Said(type_words::sensitive(&Types::default(), ty)))
            .label("没有写明装什么", "does not say what it holds");
        finding = match cell {
            // An empty cell is only as wide as its column: the word replaces as many spaces.
            Some(cell) => finding.edits(
                vec![Edit {
                    place: Place { file, span: cell.span },
                    replacement: if cell.text.is_empty() { format!("{word} ") } else { (*word).to_string() },
                }],
                false,
                format!("写 {word}"),
                format!("write `{word}`"),
            ),
            None => finding.help(
                format!("加上 holds 一列，此行写 {word}"),
                format!("add a column `holds`, with `{word}` in this row"),
            ),
        };
        findings.push(finding);
    }
}

/// Warns of a text that is a whole card number.
pub(super) fn written_out(file: FileId, text: &Expression) -> Option<Finding> {
    let ExpressionKind::Text(string) = &text.kind else { return None };
    let digits = string.plain()?;
    let looks = (16..=19).contains(&digits.len())
        && digits.starts_with(['3', '4', '5', '6'])
        && Pan::parse(digits).is_ok_and(|number| number.passes_luhn());
    let at = |span: Span| Place { file, span };
    looks.then(|| {
        Finding::warning(secrets::CARD_NUMBER_WRITTEN_OUT, at(text.span))
            .label("校验位正确，像是真卡号", "its check digit is right, so it looks like a real one")
    })
}
