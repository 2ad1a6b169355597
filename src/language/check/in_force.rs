//! Which dialect and which response codes a program speaks.

use super::checked::Unit;
use super::{codes as code_tables, dialect};
use crate::language::ready;
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
    let dialect = Choice {
        units,
        entry,
        head: |kind| match kind {
            ItemKind::Dialect(item) => Some((&item.name, item.extends.as_ref())),
            _ => None,
        },
        what: Words { zh: "方言", en: "dialects" },
        instead: false,
    };
    let dialect = dialect.made(
        ready::dialect,
        |findings| {
            let (dialects, found) = dialect::dialects(units);
            findings.extend(found);
            dialects.into_iter().map(|(file, dialect)| (file, dialect.name.clone(), dialect)).collect()
        },
        findings,
    );
    let table = Choice {
        units,
        entry,
        head: |kind| match kind {
            ItemKind::Codes(item) => Some((&item.name, item.extends.as_ref())),
            _ => None,
        },
        what: Words { zh: "应答码表", en: "tables of response codes" },
        instead: true,
    };
    let table = table.made(
        ready::codes,
        |findings| {
            let (tables, found) = code_tables::tables(units);
            findings.extend(found);
            tables.into_iter().map(|(file, table)| (file, table.name.clone(), table)).collect()
        },
        findings,
    );
    (dialect, table.unwrap_or_default())
}

/// Name and base of a declaration of the kind that is looked for.
type Head = fn(&ItemKind) -> Option<(&Name, Option<&Name>)>;

/// A choice among declarations of one kind.
struct Choice<'u> {
    units: &'u [Unit],
    entry: FileId,
    head: Head,
    what: Words,
    /// Where one extends what is not there: is another that is there taken instead, or none?
    instead: bool,
}

impl Choice<'_> {
    /// The value of the one in force: as it is kept, if the library declares all there are, else built from the trees.
    fn made<T>(
        self,
        kept: fn(&str) -> Option<T>,
        build: impl FnOnce(&mut Vec<Finding>) -> Vec<(FileId, String, T)>,
        findings: &mut Vec<Finding>,
    ) -> Option<T> {
        if let Some(declared) = self.of_library() {
            let before = findings.len();
            let one = most_derived(&self, declared.into_iter(), findings);
            match one.map(kept) {
                None => return None,
                Some(Some(value)) => return Some(value),
                // The library was edited.
                Some(None) => findings.truncate(before),
            }
        }
        let built = build(findings);
        most_derived(&self, built.into_iter(), findings)
    }

    /// The files that declare one, with its name and the file's path; none if there is one outside the library.
    fn of_library(&self) -> Option<Vec<(FileId, String, &str)>> {
        let mut declared = Vec::new();
        for unit in self.units {
            let mut heads = unit.tree.items.iter().filter_map(|item| (self.head)(&item.kind));
            let Some((name, _)) = heads.next() else { continue };
            if !unit.library || heads.next().is_some() {
                return None;
            }
            declared.push((unit.tree.file, name.text.to_string(), unit.path.as_str()));
        }
        Some(declared)
    }
}

fn most_derived<T>(
    choice: &Choice<'_>,
    built: impl Iterator<Item = (FileId, String, T)>,
    findings: &mut Vec<Finding>,
) -> Option<T> {
    let Choice { units, entry, head, what, instead } = *choice;
    let heads: Vec<(&Name, Option<&Name>, FileId)> = units
        .iter()
        .flat_map(|unit| unit.tree.items.iter().map(|item| (unit.tree.file, &item.kind)))
        .filter_map(|(file, kind)| head(kind).map(|(name, extends)| (name, extends, file)))
        .collect();
    let is_base = |name: &str| {
        heads.iter().any(|(own, extends, _)| own.text != name && extends.is_some_and(|base| base.text == name))
    };
    let mut last: Vec<(FileId, String, T)> = built.filter(|(_, name, _)| !is_base(name)).collect();
    // What it extends is not there, which was said: nobody knows what would be in force.
    let there = |base: &Name| heads.iter().any(|(own, ..)| own.text == base.text);
    let lost = |(_, name, _): &(FileId, String, T)| {
        let mut of_name = heads.iter().filter(|(own, ..)| own.text == name.as_str());
        of_name.any(|(_, extends, _)| extends.is_some_and(|base| !there(base)))
    };
    if last.iter().any(lost) {
        let at = if instead { last.iter().position(|one| !lost(one)).unwrap_or(0) } else { last.len() };
        return (at < last.len()).then(|| last.swap_remove(at).2);
    }
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
