//! Walks the whole program after its bodies are checked: completes what was found about secrets, and finds the rest.

use super::origin::Origins;
use super::plain_field;
use super::trail::Trail;
use crate::language::check::body::UnitFacts;
use crate::language::check::declarations::Declarations;
use crate::language::check::paths::program::is_broken;
use crate::language::check::scope::Declared;
use crate::script_error::catalogue::{secrets, types};
use crate::script_error::code::Code;
use crate::script_error::finding::{Finding, Severity};
use crate::script_error::source::Span;

/// Findings about a value whose way is worth showing.
const WAYS: &[Code] = &[
    secrets::SECRET_SHOWN,
    secrets::SECRET_IN_TEXT,
    secrets::SECRET_IN_FIELD,
    secrets::SECRET_COMPARED,
    secrets::SECRET_IN_ERROR,
    secrets::SECRET_TAKEN_APART,
    secrets::SECRET_DECIDES,
    secrets::HOLDS_SECRET_COMPARED,
];

/// Findings that may be about a masked number.
const MISMATCHES: &[Code] = &[types::TYPE_MISMATCH, types::FIELD_TYPE];

/// Shows of every sensitive value that was found out of place where it came from; finds masked numbers that are taken
/// for whole ones, and card data that passes for plain text.
pub(crate) fn check(all: &Declarations<'_>, facts: &[UnitFacts], findings: &mut Vec<Finding>) {
    let mut errors: Vec<(u16, u32)> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| (finding.at.place.file.0, finding.at.place.span.start))
        .collect();
    errors.sort_unstable();
    for ((unit, facts), roll) in all.units.iter().zip(facts).zip(&all.rolls) {
        let file = unit.tree.file;
        let asked: Vec<Span> = findings
            .iter()
            .filter(|finding| finding.at.place.file == file)
            .filter(|finding| WAYS.contains(&finding.code) || MISMATCHES.contains(&finding.code))
            .map(|finding| finding.at.place.span)
            .collect();
        let mut origins = Origins::new(facts, asked.into_iter());
        for (at, item) in unit.tree.items.iter().enumerate() {
            let function = match all.numbers.get(&(file, at)) {
                Some(Declared::Function(id)) => Some(*id),
                _ => None,
            };
            origins.item(item, at, roll, function);
            plain_field::of_dialect(file, item, findings);
        }
        let trail = Trail { all, facts, origins: &origins, file };
        for finding in findings.iter_mut().filter(|finding| finding.at.place.file == file) {
            let span = finding.at.place.span;
            let Some(value) = origins.at.get(&(span.start, span.end)).copied().flatten() else { continue };
            if WAYS.contains(&finding.code) {
                trail.add(finding, value);
            } else {
                trail.explain_mismatch(finding, value);
            }
        }
        let sound = |span: Span| !is_broken(&errors, file.0, span);
        let uses = origins.uses.iter().filter(|used| sound(used.span));
        findings.extend(uses.filter_map(|used| trail.misuses(used)));
        let texts = origins.texts.iter().filter(|text| sound(text.span));
        findings.extend(texts.filter_map(|text| plain_field::written_out(file, text)));
    }
}
