//! Declarations that nothing uses, and imports that bring nothing.

use super::look::{is_sketch, item_name};
use super::references::{self, WordSet};
use crate::language::check::checked::Unit;
use crate::language::check::declarations::Declarations;
use crate::language::check::scope::import_name;
use crate::language::syntax::tree::{Item, ItemKind};
use crate::script_error::catalogue::answers as found;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::{FileId, Place};
use std::collections::BTreeSet;

/// Looks at the declarations and imports of every file. A file with an error in it is left alone: what it uses is not
/// known.
pub(super) fn check(all: &Declarations<'_>, errors: &[(u16, u32)], findings: &mut Vec<Finding>) {
    let words: Vec<WordSet<'_>> =
        all.units.iter().zip(&all.rolls).map(|(unit, roll)| references::words(&unit.tree, roll)).collect();
    for (unit, own) in all.units.iter().zip(&words) {
        let file = unit.tree.file;
        let first = errors.partition_point(|error| *error < (file.0, 0));
        let broken = !unit.tree.broken.is_empty() || errors.get(first).is_some_and(|(other, _)| *other == file.0);
        if broken || is_sketch(unit) {
            continue;
        }
        for item in &unit.tree.items {
            // An error leaves its file by being raised, so whoever imports the file may name it.
            let used = |name: &str| match item.kind {
                ItemKind::Error(_) => words.iter().any(|words| words.contains(name)),
                _ => own.contains(name),
            };
            declaration(file, item, used, findings);
        }
        imports(all, unit, own, findings);
    }
}

fn declaration(file: FileId, item: &Item, used: impl Fn(&str) -> bool, findings: &mut Vec<Finding>) {
    let Some(name) = item_name(item).filter(|_| !item.public) else {
        return;
    };
    let by_part = match &item.kind {
        ItemKind::Union(union) => union.variants.iter().any(|variant| used(&variant.name.text)),
        _ => false,
    };
    if name.text.starts_with('_') || by_part || used(&name.text) {
        return;
    }
    let finding = Finding::warning(found::ITEM_UNUSED, Place { file, span: name.span })
        .text("name", name.text.as_str())
        .label("没有人用到", "nobody uses this");
    let finding = match item.kind {
        ItemKind::Flow(_) => {
            finding.help("调用它；要从外面运行就写 pub", "call it; to run it from outside, make it `pub`")
        }
        ItemKind::Error(_) => finding.help("用 fail 引发它，或删去它", "raise it with `fail`, or remove it"),
        _ => finding.help("使用它，或删去它", "use it, or remove it"),
    };
    findings.push(finding);
}

fn imports(all: &Declarations<'_>, unit: &Unit, words: &WordSet<'_>, findings: &mut Vec<Finding>) {
    for (import, to) in unit.tree.imports.iter().zip(&unit.imports) {
        let (Some(name), Some(to)) = (import_name(import), to) else {
            continue;
        };
        if words.contains(name.text.as_str()) || takes_effect(all, *to) || lends(all, *to, words) {
            continue;
        }
        let place = Place { file: unit.tree.file, span: import.span };
        let finding = Finding::warning(found::IMPORT_UNUSED, place).text("name", name.text.as_str()).edits(
            vec![Edit { place, replacement: String::new() }],
            true,
            "删去这一行",
            "delete the line",
        );
        findings.push(finding);
    }
}

/// Does a file, or one it imports, declare a dialect or response codes? They take effect by themselves.
fn takes_effect(all: &Declarations<'_>, file: FileId) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![file];
    while let Some(file) = open.pop() {
        let Some(unit) = all.unit(file).filter(|_| seen.insert(file.0)) else {
            continue;
        };
        let items = &unit.tree.items;
        if items.iter().any(|item| matches!(item.kind, ItemKind::Codes(_) | ItemKind::Dialect(_))) {
            return true;
        }
        open.extend(unit.imports.iter().flatten());
    }
    false
}

/// Is an error or a variant of a file named? Those need no module in front.
fn lends(all: &Declarations<'_>, file: FileId, words: &WordSet<'_>) -> bool {
    let Some(unit) = all.unit(file) else { return true };
    if !unit.tree.broken.is_empty() {
        return true;
    }
    unit.tree.items.iter().any(|item| match &item.kind {
        ItemKind::Error(error) => words.contains(error.name.text.as_str()),
        ItemKind::Union(union) => union.variants.iter().any(|variant| words.contains(variant.name.text.as_str())),
        _ => false,
    })
}
