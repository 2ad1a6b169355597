//! The codes a dialect approves, and what the table in force says of them.

use crate::language::check::declarations::Declarations;
use crate::language::syntax::tree::{Codes, DialectClause, DialectItem, ItemKind};
use crate::payment::iso8583::response::{Category, ResponseCode};
use crate::script_error::catalogue::data;
use crate::script_error::code::Fact;
use crate::script_error::finding::Finding;
use crate::script_error::source::{FileId, Place};
use crate::script_error::words::Said;
use smol_str::SmolStr;

/// How many declarations are followed from one to its base.
const BASES_MAX: usize = 64;

/// Compares `approved` with the categories. Two declarations of the library are left alone: nobody here can mend them.
pub(super) fn check(all: &Declarations<'_>, findings: &mut Vec<Finding>) {
    let Some(dialect) = all.dialect.as_ref().filter(|_| !all.codes.rows.is_empty()) else {
        return;
    };
    accepted(all, &dialect.name, findings);
    let approved = in_force(all, &dialect.name, |clause| match clause {
        DialectClause::Approved(codes) => Some(codes.as_slice()),
        _ => None,
    });
    let Some((file, approved)) = approved else {
        return;
    };
    let is_ours = |file: FileId| all.unit(file).is_some_and(|unit| !unit.library);
    for name in approved {
        let Some(code) = ResponseCode::parse(&name.text) else {
            continue;
        };
        let row = all.codes.row(code);
        let declared = declared(all, code);
        if row.is_some_and(|row| row.category == Category::Accept)
            || !is_ours(file) && !declared.is_some_and(|place| is_ours(place.file))
        {
            continue;
        }
        let named = Place { file, span: name.span };
        let finding = match (row, declared) {
            (Some(row), Some(declared)) => {
                let category = row.category.word();
                let at = if is_ours(file) { named } else { declared };
                let finding = Finding::error(data::CODES_DISAGREE, at).text("code", code.to_string()).fact(
                    "detail",
                    Fact::Said(Said::new(
                        format!("方言算作批准，码表归在 {category}"),
                        format!("the dialect takes it for an approval, the table says `{category}`"),
                    )),
                );
                if at == named {
                    finding.also(declared, format!("码表：{category}"), format!("`{category}` in the table"))
                } else {
                    finding.also(named, "方言：批准", "an approval for the dialect")
                }
            }
            _ => Finding::error(data::CODES_DISAGREE, named).text("code", code.to_string()).fact(
                "detail",
                Fact::Said(Said::new(
                    format!("方言算作批准，码表 {} 没有这个码，match 会当作拒绝", all.codes.name),
                    format!(
                        "the dialect takes it for an approval, the table `{}` lacks it, and `match` would decline it",
                        all.codes.name
                    ),
                )),
            ),
        };
        findings.push(why(finding));
    }
    for row in all.codes.rows.iter().filter(|row| row.category == Category::Accept && !dialect.approves(row.code)) {
        let Some(at) = declared(all, row.code).filter(|place| is_ours(place.file)) else {
            continue;
        };
        let mut finding = Finding::error(data::CODES_DISAGREE, at).text("code", row.code.to_string()).fact(
            "detail",
            Fact::Said(Said::new(
                format!("码表归在 accept，方言 {} 的 approved 没有它", dialect.name),
                format!("the table says `accept`, but `approved` of the dialect `{}` lacks it", dialect.name),
            )),
        );
        if let Some(last) = approved.last() {
            finding = finding.also(Place { file, span: last.span }, "approved 到此为止", "`approved` ends here");
        }
        findings.push(why(finding));
    }
}

/// A code that closes a reversal and that the table does not know is more likely a slip of the hand.
fn accepted(all: &Declarations<'_>, name: &str, findings: &mut Vec<Finding>) {
    let clause = in_force(all, name, |clause| match clause {
        DialectClause::Reversal(reversal) => Some(reversal.accepts.as_slice()),
        _ => None,
    });
    let Some((file, codes)) = clause.filter(|(file, _)| all.unit(*file).is_some_and(|unit| !unit.library)) else {
        return;
    };
    for name in codes {
        let unknown = ResponseCode::parse(&name.text).is_some_and(|code| all.codes.row(code).is_none());
        if unknown {
            findings.push(
                Finding::warning(data::CODES_DISAGREE, Place { file, span: name.span })
                    .text("code", name.text.as_str())
                    .fact(
                        "detail",
                        Fact::Said(Said::new(
                            format!("冲正凭它算成功，码表 {} 却没有这个码", all.codes.name),
                            format!("it closes a reversal, but the table `{}` lacks it", all.codes.name),
                        )),
                    )
                    .help("改正此码，或在码表中加上它", "correct the code, or add it to the table"),
            );
        }
    }
}

fn why(finding: Finding) -> Finding {
    finding.note(
        "脚本按码表分类，收发按方言的 approved 验 MAC：两边不一，就会把没有验过的应答当作批准，或把批准当作拒绝而冲正",
        "scripts go by the table, the exchange verifies the MAC of what `approved` lists: where they differ, a reply nobody verified counts as an approval, or an approval is taken back",
    )
}

/// A clause in force: of the dialect, or of the nearest base that has it.
fn in_force<'u, T>(
    all: &Declarations<'u>,
    name: &str,
    read: impl Fn(&'u DialectClause) -> Option<T>,
) -> Option<(FileId, T)> {
    let mut wanted = SmolStr::new(name);
    for _ in 0..BASES_MAX {
        let (file, item) = dialect(all, &wanted)?;
        if let Some(found) = item.clauses.iter().rev().find_map(&read) {
            return Some((file, found));
        }
        wanted = item.extends.as_ref()?.text.clone();
    }
    None
}

fn dialect<'u>(all: &Declarations<'u>, name: &str) -> Option<(FileId, &'u DialectItem)> {
    let units: &'u [_] = all.units;
    units.iter().find_map(|unit| {
        unit.tree.items.iter().find_map(|item| match &item.kind {
            ItemKind::Dialect(dialect) if dialect.name.text == name => Some((unit.tree.file, dialect)),
            _ => None,
        })
    })
}

/// Where the row of a code stands that is in force.
fn declared(all: &Declarations<'_>, code: ResponseCode) -> Option<Place> {
    let mut wanted = SmolStr::new(&all.codes.name);
    for _ in 0..BASES_MAX {
        let (file, table): (FileId, &Codes) = all.units.iter().find_map(|unit| {
            unit.tree.items.iter().find_map(|item| match &item.kind {
                ItemKind::Codes(codes) if codes.name.text == wanted => Some((unit.tree.file, codes)),
                _ => None,
            })
        })?;
        let column = table.rows.first()?.cells.iter().position(|cell| cell.text == "code")?;
        let cells = table.rows.iter().skip(1).filter_map(|row| row.cells.get(column));
        let mut cells = cells.filter(|cell| ResponseCode::parse(&cell.text) == Some(code));
        if let Some(cell) = cells.next() {
            return Some(Place { file, span: cell.span });
        }
        wanted = table.extends.as_ref()?.text.clone();
    }
    None
}
