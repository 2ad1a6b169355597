//! Looks through every file of a program.

use super::look::Look;
use super::{caught, codes, condition, entry_mode, look, never, stores, unused_items, unused_names, walk};
use crate::language::check::body::UnitFacts;
use crate::language::check::declarations::Declarations;
use crate::language::check::paths::order::by_way_of_calls;
use crate::script_error::finding::{Finding, Severity};
use std::collections::BTreeSet;

/// Finds answers that are misread, errors that are dropped, ways that are never taken and names that nothing uses.
///
/// It reads what the other checks found out. An item with an error in it is left alone: nobody can tell what it means.
pub(crate) fn check(all: &Declarations<'_>, facts: &[UnitFacts], findings: &mut Vec<Finding>) {
    let mut errors: Vec<(u16, u32)> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| (finding.at.place.file.0, finding.at.place.span.start))
        .collect();
    errors.sort_unstable();
    let mut fails = walk::Fails::default();
    let charging = by_way_of_calls(all, facts, look::protects);
    for (unit, facts) in all.units.iter().zip(facts) {
        let mut look = Look { all, unit, facts, errors: &errors, findings, said: BTreeSet::new() };
        walk::check(&mut look, &mut fails);
        codes::check(&mut look);
        caught::check(&mut look, &charging);
        never::check(&mut look);
        condition::check(&mut look);
        entry_mode::check(&mut look);
        unused_names::check(&mut look);
        stores::check(&mut look);
    }
    for (unit, facts) in all.units.iter().zip(facts) {
        let mut look = Look { all, unit, facts, errors: &errors, findings, said: BTreeSet::new() };
        walk::retried(&mut look, &fails);
    }
    unused_items::check(all, &errors, findings);
}
