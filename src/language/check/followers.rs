//! One mistake, one message: leaves out what only follows from a mistake beside it.

use super::checked::Unit;
use crate::language::syntax::tree::{Item, ItemKind};
use crate::script_error::catalogue::{answers, data, flow, secrets, source, types, waiting};
use crate::script_error::code::{Code, Fact};
use crate::script_error::finding::{Finding, Label, Severity};
use crate::script_error::source::{FileId, Span};
use crate::script_error::words::Said;
use std::collections::BTreeMap;

/// So many places of one unknown name are shown beside the first.
const PLACES_MAX: usize = 3;

/// Errors after which a part of an item has no known meaning, besides those of reading.
const NOT_UNDERSTOOD: [Code; 5] =
    [types::UNKNOWN_NAME, types::UNKNOWN_TYPE, types::UNKNOWN_MEMBER, types::VALUE_UNUSED, flow::UNKNOWN_DEVICE];

/// Is it about what a program means rather than what it says? Such warnings wait until what it says is right.
fn is_about_sense(code: Code) -> bool {
    [answers::ROWS, data::ROWS, waiting::ROWS, secrets::ROWS].iter().any(|rows| rows.iter().any(|row| row.code == code))
}

/// Does it say that nobody uses something? Whoever uses it may be what is wrong.
fn is_of_use(code: Code) -> bool {
    matches!(
        code,
        answers::NAME_UNUSED
            | answers::ITEM_UNUSED
            | answers::IMPORT_UNUSED
            | answers::VAR_NEVER_CHANGED
            | answers::VALUE_NEVER_READ
    )
}

/// Leaves out followers, of what was found in reading and of what was found out since.
pub(super) fn leave_out(units: &[Unit], read: Vec<Finding>, found: Vec<Finding>) -> Vec<Finding> {
    let mut findings = found;
    // INVARIANT: an error is left out for the sake of another one only, so a wrong program stays wrong.
    if read.iter().any(is_error) {
        findings.retain(|finding| {
            units.get(usize::from(finding.at.place.file.0)).is_none_or(|unit| !follows_from_reading(unit, finding))
        });
    }
    // An import of which only a part was read leads nowhere for that reason.
    let lost = |file: FileId| units.get(usize::from(file.0)).is_some_and(|unit| unit.tree.import_lost);
    let read = read.into_iter();
    findings.extend(read.filter(|found| found.code != types::IMPORT_NOT_FOUND || !lost(found.at.place.file)));
    findings.sort_by_key(|finding| (finding.at.place.file, finding.at.place.span));
    let mut kept = Vec::with_capacity(findings.len());
    let mut rest = findings.into_iter().peekable();
    while let Some(file) = rest.peek().map(|finding| finding.at.place.file) {
        let mut own = Vec::new();
        while let Some(finding) = rest.next_if(|finding| finding.at.place.file == file) {
            own.push(finding);
        }
        kept.extend(match units.get(usize::from(file.0)) {
            Some(unit) => of_file(unit, own),
            None => own,
        });
    }
    if kept.iter().any(is_error) {
        kept.retain(|finding| is_error(finding) || !is_of_use(finding.code));
    }
    kept
}

/// Does what the checker found follow from what could not be read?
fn follows_from_reading(unit: &Unit, finding: &Finding) -> bool {
    let tree = &unit.tree;
    // Without its imports nobody knows what the names of a file stand for.
    if tree.import_lost || unit.imports.iter().any(Option::is_none) {
        return true;
    }
    // Nor which names an item has declared that could not be read, or what a call of it does.
    let of_names = matches!(finding.code, types::UNKNOWN_NAME | types::UNKNOWN_TYPE | types::NOT_CALLABLE);
    let of_calls = matches!(finding.code, flow::USES_UNUSED | flow::HANDLER_NEVER_USED);
    if !tree.broken.is_empty() && (of_names || of_calls) {
        return true;
    }
    let at = finding.at.place.span.start;
    let before = tree.doubtful.partition_point(|span| span.start <= at);
    before.checked_sub(1).and_then(|last| tree.doubtful.get(last)).is_some_and(|span| at <= span.end)
}

fn is_error(finding: &Finding) -> bool {
    finding.severity == Severity::Error
}

/// Was a sign repaired? That leaves no doubt about what was meant.
fn is_repaired(code: Code) -> bool {
    matches!(
        code,
        source::FULL_WIDTH_SIGN
            | source::INVISIBLE_CHARACTER
            | source::BIDIRECTIONAL_CHARACTER
            | source::CONTROL_CHARACTER
            | source::STRAY_SIGN
    )
}

/// Was it found while the text was read, so that the text is in doubt there?
fn is_of_reading(code: Code) -> bool {
    code.0 < "T0112" && !is_repaired(code)
}

fn of_file(unit: &Unit, findings: Vec<Finding>) -> Vec<Finding> {
    let doubtful = &unit.tree.doubtful;
    let mut kept = Vec::with_capacity(findings.len());
    let mut rest = findings.into_iter().peekable();
    for item in &unit.tree.items {
        kept.extend(std::iter::from_fn(|| rest.next_if(|finding| finding.at.place.span.start < item.span.start)));
        let own: Vec<Finding> =
            std::iter::from_fn(|| rest.next_if(|finding| finding.at.place.span.start < item.span.end)).collect();
        kept.extend(of_item(item, doubtful, own));
    }
    kept.extend(rest);
    same_names(kept)
}

fn of_item(item: &Item, doubtful: &[Span], mut findings: Vec<Finding>) -> Vec<Finding> {
    let has = |code: Code| findings.iter().any(|finding| finding.code == code && is_error(finding));
    let read_in_doubt = doubtful.iter().any(|span| span.start < item.span.end && item.span.start <= span.end);
    let not_understood = read_in_doubt
        || findings.iter().any(|finding| {
            is_error(finding) && (is_of_reading(finding.code) || NOT_UNDERSTOOD.contains(&finding.code))
        });
    // A call of a device that was not understood has not left the device unused, nor its errors unraised.
    let misread = not_understood || findings.iter().any(|finding| is_error(finding) && !is_repaired(finding.code));
    let wrong = findings.iter().any(is_error);
    let words_wrong = matches!(item.kind, ItemKind::Error(_) | ItemKind::Text(_) | ItemKind::Receipt(_))
        && (has(types::UNKNOWN_NAME) || has(types::DEFINED_TWICE));
    let no_value = has(types::VALUE_UNUSED) || read_in_doubt;
    let device_unknown = has(flow::UNKNOWN_DEVICE);
    findings.retain(|finding| {
        if finding.severity == Severity::Warning {
            let idle = matches!(finding.code, flow::USES_UNUSED | types::VALUE_UNUSED);
            return !(not_understood || misread && idle || wrong && is_about_sense(finding.code));
        }
        match finding.code {
            flow::LANGUAGE_MISSING | flow::AUDIENCE_MISSING => !words_wrong,
            flow::MISSING_RETURN => !no_value,
            flow::USES_MISSING => !device_unknown,
            _ => true,
        }
    });
    findings
}

/// One name that is not known in several places is one mistake: most often where it was to be declared.
fn same_names(findings: Vec<Finding>) -> Vec<Finding> {
    let mut first: BTreeMap<(Code, String), usize> = BTreeMap::new();
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    let mut more: BTreeMap<usize, usize> = BTreeMap::new();
    for finding in findings {
        let name = match finding.facts.first() {
            Some((_, Fact::Text(name))) if matches!(finding.code, types::UNKNOWN_NAME | types::UNKNOWN_TYPE) => {
                name.clone()
            }
            _ => {
                kept.push(finding);
                continue;
            }
        };
        let Some(at) = first.get(&(finding.code, name.clone())).copied() else {
            first.insert((finding.code, name), kept.len());
            kept.push(finding);
            continue;
        };
        let count = more.entry(at).or_insert(0);
        *count += 1;
        if *count <= PLACES_MAX
            && let Some(told) = kept.get_mut(at)
        {
            told.labels.push(Label { place: finding.at.place, text: Said::new("此处也是", "here too") });
        }
    }
    for (at, count) in more {
        if count > PLACES_MAX
            && let Some(told) = kept.get_mut(at)
        {
            let left = count - PLACES_MAX;
            told.notes.push(Said::new(format!("此文件中另有 {left} 处"), format!("{left} more in this file")));
        }
    }
    kept
}
