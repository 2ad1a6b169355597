//! Checks a whole program.

use super::body::UnitFacts;
use super::checked::{Checked, CheckedUnit, FunctionId, Unit};
use super::declarations::Declarations;
use super::paths::order::Calls;
use super::scope::Declared;
use super::{
    allow, answers, constant, data, declare, followers, guidance, in_force, item, paths, secrets, settle, waiting,
};
use crate::language::syntax::room::with_room;
use crate::script_error::finding::Finding;
use crate::script_error::source::FileId;
use std::collections::BTreeMap;

/// Finds everything that can be known to be wrong, in all files at once.
///
/// The meaning can be compiled only if no finding is an error. Files are not read here: each unit is parsed and says
/// where its imports lead; an import that leads nowhere was reported by whoever looked for the file.
pub fn check(units: Vec<Unit>, entry: FileId) -> (Checked, Vec<Finding>) {
    check_read(units, entry, Vec::new())
}

/// As `check`, with what was found while the files were read: so that `@allow` holds for that too.
pub fn check_read(units: Vec<Unit>, entry: FileId, read: Vec<Finding>) -> (Checked, Vec<Finding>) {
    with_room(|| check_all(units, entry, read))
}

fn check_all(units: Vec<Unit>, entry: FileId, read: Vec<Finding>) -> (Checked, Vec<Finding>) {
    let mut findings = Vec::new();
    let (dialect, codes) = in_force::choose(&units, entry, &mut findings);
    let mut all = declare::declarations(&units, dialect, codes, &mut findings);
    let mut facts: Vec<UnitFacts> = units.iter().map(|unit| UnitFacts::new(&unit.tree)).collect();
    guidance::errors(&mut all, &mut findings);
    constant::check_all(&mut all, &mut facts, &mut findings);
    let doings = item::check_all(&mut all, &mut facts, &mut findings);
    settle::settle(&mut all, &doings, &mut findings);
    let calls = Calls::of(&all, &facts);
    paths::program::check(&all, &facts, &calls, &mut findings);
    data::program::check(&all, &facts, &calls, &mut findings);
    answers::program::check(&all, &facts, &calls, &mut findings);
    secrets::program::check(&all, &facts, &mut findings);
    let waits = waiting::program::check(&all, &facts, &calls, entry, &mut findings);
    let findings = followers::leave_out(&units, read, findings);
    let findings = in_order(allow::apply(&units, &all.rolls, entry, findings));

    let Declarations { types, functions, numbers, constants, errors, dialect, codes, .. } = all;
    let mut of_items: BTreeMap<FileId, BTreeMap<usize, FunctionId>> = BTreeMap::new();
    for ((file, at), declared) in numbers {
        if let Declared::Function(id) = declared {
            of_items.entry(file).or_default().insert(at, id);
        }
    }
    let units = units
        .into_iter()
        .zip(facts)
        .map(|(unit, facts)| CheckedUnit {
            functions: of_items.remove(&unit.tree.file).unwrap_or_default(),
            unit,
            types: facts.types,
            meanings: facts.meanings,
            locals: facts.locals,
            declared: facts.declared,
            patterns: facts.patterns,
            handlers: facts.handlers,
        })
        .collect();
    let checked = Checked { units, entry, types, functions, constants, errors, dialect, codes, waits };
    (checked, findings)
}

/// The most findings that are kept: nobody reads more, and hostile files would make more without end.
const FINDINGS_MAX: usize = 500;

/// Findings as a reader meets them in the files. If there are too many, errors are kept before warnings.
fn in_order(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by_key(|finding| (finding.severity, finding.at.place.file, finding.at.place.span.start));
    findings.truncate(FINDINGS_MAX);
    findings.sort_by_key(|finding| (finding.at.place.file, finding.at.place.span.start));
    findings
}
