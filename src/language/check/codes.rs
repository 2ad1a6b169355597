//! Tables of response codes: from rows that build on one another to values.

use crate::language::check::cells::{Column, Complaints, Grid, GridRow};
use crate::language::check::checked::Unit;
use crate::language::check::lineage::{Base, lineage};
use crate::language::syntax::tree::{Codes, ItemKind, Name};
use crate::payment::iso8583::response::{Category, CodeRow, CodeTable, ResponseCode};
use crate::script_error::catalogue::types;
use crate::script_error::finding::Finding;
use crate::script_error::source::{FileId, Span};
use crate::script_error::words::Said;
use std::collections::BTreeMap;

const CODE: usize = 0;
const CATEGORY: usize = 1;
const NAME: usize = 2;
const ZH: usize = 3;
const EN: usize = 4;
const CASHIER_ZH: usize = 5;
const CASHIER_EN: usize = 6;

/// The columns of `codes`, in any order.
const COLUMNS: &[Column] = &[
    Column { word: "code", needed: true },
    Column { word: "category", needed: true },
    Column { word: "name", needed: true },
    Column { word: "zh", needed: true },
    Column { word: "en", needed: true },
    Column { word: "cashier_zh", needed: false },
    Column { word: "cashier_en", needed: false },
];

/// Every table of response codes that these files declare, bases included, and what is wrong with them.
///
/// A row of an extending table stands in place of the base's row of the same code.
pub fn tables(units: &[Unit]) -> (Vec<(FileId, CodeTable)>, Vec<Finding>) {
    let items: Vec<(FileId, &Codes)> = units
        .iter()
        .flat_map(|unit| unit.tree.items.iter().map(|item| (unit.tree.file, &item.kind)))
        .filter_map(|(file, kind)| match kind {
            ItemKind::Codes(codes) => Some((file, codes)),
            _ => None,
        })
        .collect();
    let heads: Vec<(FileId, &Name, Option<&Name>)> =
        items.iter().map(|(file, item)| (*file, &item.name, item.extends.as_ref())).collect();
    let mut findings = Vec::new();
    let family = lineage(&heads, units, types::BAD_CODES, &mut findings);
    let mut built: BTreeMap<usize, CodeTable> = BTreeMap::new();
    for (at, base) in family {
        if let Some((file, item)) = items.get(at) {
            let above = match base {
                Base::Item(above) => built.get(&above).map(|table| table.rows.clone()),
                Base::None | Base::Unknown => None,
            };
            let complaints = Complaints::new(types::BAD_CODES, *file, &mut findings);
            let table = table(item, above.unwrap_or_default(), base == Base::Unknown, complaints);
            built.insert(at, table);
        }
    }
    let tables = built.into_iter().filter_map(|(at, table)| items.get(at).map(|(file, _)| (*file, table))).collect();
    (tables, findings)
}

fn table(item: &Codes, above: Vec<CodeRow>, open: bool, mut complaints: Complaints<'_>) -> CodeTable {
    let mut rows: BTreeMap<ResponseCode, CodeRow> = above.into_iter().map(|row| (row.code, row)).collect();
    let mut own: BTreeMap<ResponseCode, Span> = BTreeMap::new();
    let mut names: Vec<(ResponseCode, Span)> = Vec::new();
    if let Some(grid) = Grid::read(COLUMNS, &item.rows, item.name.span, &mut complaints) {
        for row in grid.rows(&mut complaints) {
            let Ok(row) = row else { continue };
            let Some(code) = code(&row, &mut complaints) else {
                continue;
            };
            if let Some(first) = own.get(&code) {
                let finding = complaints
                    .detail(
                        row.span(CODE),
                        format!("应答码 {code} 写了两次"),
                        format!("the code {code} is there twice"),
                    )
                    .also(complaints.place(*first), "第一次在此", "the first one");
                complaints.push(finding);
                continue;
            }
            own.insert(code, row.span(CODE));
            match read(code, &row, &mut complaints) {
                Some(read) => {
                    names.push((code, row.span(NAME)));
                    rows.insert(code, read);
                }
                // The base's meaning is not the one that was meant.
                None => {
                    rows.remove(&code);
                }
            }
        }
    }
    names_once(&names, &own, &rows, &mut complaints);
    let approves = rows.values().any(|row| row.category == Category::Accept);
    if !approves && !open && !rows.is_empty() && complaints.are_none() {
        complaints.add(
            item.name.span,
            "没有一个码属于 accept：任何应答都会被当作拒绝",
            "no code is of the category `accept`: every reply would count as a decline",
        );
    }
    CodeTable { name: item.name.text.to_string(), rows: rows.into_values().collect() }
}

fn code(row: &GridRow<'_, '_>, complaints: &mut Complaints<'_>) -> Option<ResponseCode> {
    let text = row.filled(CODE, complaints)?;
    let code = ResponseCode::parse(text);
    if code.is_none() {
        complaints.add(
            row.span(CODE),
            format!("“{text}”不是应答码：须两位字母或数字"),
            format!("`{text}` is no response code: two letters or digits"),
        );
    }
    code
}

fn read(code: ResponseCode, row: &GridRow<'_, '_>, complaints: &mut Complaints<'_>) -> Option<CodeRow> {
    // Each cell is read before the first mistake is acted on, so that all are seen at once.
    let category = row.filled(CATEGORY, complaints).and_then(|word| {
        let category = Category::parse(word);
        if category.is_none() {
            let known = Category::ALL.iter().map(|category| category.word());
            let what = Said::new("类别", "category");
            complaints.unknown_word(word, row.span(CATEGORY), what, known);
        }
        category
    });
    let name = row.name(NAME, complaints).filter(|name| {
        let taken = *name == "other" || Category::parse(name).is_some();
        if taken {
            complaints.add(
                row.span(NAME),
                format!("{name} 在 match 中另有含义，不能作应答码的名称"),
                format!("`{name}` means something else in a `match`, so no code can be called so"),
            );
        }
        !taken
    });
    let zh = row.filled(ZH, complaints);
    let en = row.filled(EN, complaints);
    let (cashier_zh, cashier_en) = (row.text(CASHIER_ZH), row.text(CASHIER_EN));
    if cashier_zh.is_empty() != cashier_en.is_empty() {
        let column = if cashier_zh.is_empty() { CASHIER_ZH } else { CASHIER_EN };
        complaints.add(
            row.span(column),
            "收银员提示须两种语言都写，或都不写",
            "the cashier's sentence is in both languages or in neither",
        );
    }
    Some(CodeRow {
        code,
        category: category?,
        name: name?.into(),
        zh: zh?.into(),
        en: en?.into(),
        cashier_zh: cashier_zh.into(),
        cashier_en: cashier_en.into(),
    })
}

/// A name stands for one code. Where a new row takes a name from a row of the base, the new one is reported.
fn names_once(
    names: &[(ResponseCode, Span)],
    own: &BTreeMap<ResponseCode, Span>,
    rows: &BTreeMap<ResponseCode, CodeRow>,
    complaints: &mut Complaints<'_>,
) {
    let mut first: BTreeMap<&str, ResponseCode> = rows
        .iter()
        .filter(|(code, _)| !own.contains_key(*code))
        .map(|(code, row)| (row.name.as_str(), *code))
        .collect();
    for (code, at) in names {
        let Some(row) = rows.get(code) else { continue };
        match first.get(row.name.as_str()) {
            Some(other) => complaints.add(
                *at,
                format!("名称 {} 已属于应答码 {other}", row.name),
                format!("the name `{}` is that of code {other} already", row.name),
            ),
            None => {
                first.insert(&row.name, *code);
            }
        }
    }
}
