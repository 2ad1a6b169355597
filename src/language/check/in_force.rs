//! Which dialect and which response codes a program speaks.

use super::checked::Unit;
use super::{codes as code_tables, dialect};
use crate::language::syntax::tree::{ItemKind, Name};
use crate::payment::iso8583::dialect::Dialect;
use crate::payment::iso8583::response::CodeTable;
use crate::script_error::catalogue::types as codes;
use crate::script_error::code::Fact;
use crate::script_error::finding::Finding;
use crate::script_error::source::{FileId, Place};
use crate::script_error::words::{Said, Words};

/// The dialect and the codes in force: the ones no other extends. Two unrelated ones are reported.
pub(crate) fn choose(units: &[Unit], entry: FileId, findings: &mut Vec<Finding>) -> (Option<Dialect>, CodeTable) {
    let (dialects, found) = dialect::dialects(units);
    findings.extend(found);
    let (tables, found) = code_tables::tables(units);
    findings.extend(found);
    let dialect = most_derived(
        units,
        entry,
        dialects.into_iter().map(|(file, dialect)| (file, dialect.name.clone(), dialect)),
        |kind| match kind {
            ItemKind::Dialect(item) => Some((&item.name, item.extends.as_ref())),
            _ => None,
        },
        Words { zh: "方言", en: "dialects" },
        findings,
    );
    let table = most_derived(
        units,
        entry,
        tables.into_iter().map(|(file, table)| (file, table.name.clone(), table)),
        |kind| match kind {
            ItemKind::Codes(item) => Some((&item.name, item.extends.as_ref())),
            _ => None,
        },
        Words { zh: "应答码表", en: "tables of response codes" },
        findings,
    );
    (dialect, table.unwrap_or_default())
}

fn most_derived<T>(
    units: &[Unit],
    entry: FileId,
    built: impl Iterator<Item = (FileId, String, T)>,
    head: impl Fn(&ItemKind) -> Option<(&Name, Option<&Name>)>,
    what: Words,
    findings: &mut Vec<Finding>,
) -> Option<T> {
    let heads: Vec<(&Name, Option<&Name>, FileId)> = units
        .iter()
        .flat_map(|unit| unit.tree.items.iter().map(|item| (unit.tree.file, &item.kind)))
        .filter_map(|(file, kind)| head(kind).map(|(name, extends)| (name, extends, file)))
        .collect();
    let is_base = |name: &str| {
        heads.iter().any(|(own, extends, _)| own.text != name && extends.is_some_and(|base| base.text == name))
    };
    let mut last: Vec<(FileId, String, T)> = built.filter(|(_, name, _)| !is_base(name)).collect();
    if let [first, second, ..] = last.as_slice() {
        let imports = units.get(usize::from(entry.0)).map_or(&[][..], |unit| &unit.tree.imports);
        let declared = heads.iter().find(|(name, _, file)| *file == second.0 && name.text == second.1.as_str());
        // At the import, if the entry brings it in itself; else where it is declared.
        let leads_to = units.get(usize::from(entry.0)).and_then(|unit| {
            let at = unit.imports.iter().position(|to| *to == Some(second.0))?;
            imports.get(at)
        });
        let place = match (leads_to, declared) {
            (Some(import), _) => Place { file: entry, span: import.span },
            (None, Some((name, _, file))) => Place { file: *file, span: name.span },
            (None, None) => Place::default(),
        };
        findings.push(
            Finding::error(codes::TWO_DIALECTS, place)
                .fact("what", Fact::Said(Said::from(what)))
                .text("first", first.1.as_str())
                .text("second", second.1.as_str()),
        );
    }
    if last.is_empty() { None } else { Some(last.swap_remove(0).2) }
}
