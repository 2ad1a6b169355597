//! Looks through every file of a program.

use super::look::Look;
use super::{caught, codes, condition, entry_mode, look, never, stores, unused_items, unused_names, walk};
use crate::language::check::body::UnitFacts;
use crate::language::check::declarations::Declarations;
use crate::language::check::paths::order::Calls;
use crate::script_error::finding::{Finding, Severity};
use std::collections::BTreeSet;

/// Finds answers that are misread, errors that are dropped, ways that are never taken and names that nothing uses.
///
/// It reads what the other checks found out. An item with an error in it is left alone: nobody can tell what it means.
pub(crate) fn check(all: &Declarations<'_>, facts: &[UnitFacts], calls: &Calls, findings: &mut Vec<Finding>) {
    let mut errors: Vec<(u16, u32)> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| (finding.at.place.file.0, finding.at.place.span.start))
        .collect();
    errors.sort_unstable();
    let mut fails = walk::Fails::default();
    let charging = calls.by_way_of_calls(all, |file, item| look::protects(all, file, item));
    for ((unit, facts), roll) in all.units.iter().zip(facts).zip(&all.rolls) {
        let mut look = Look { all, unit, roll, facts, errors: &errors, findings, said: BTreeSet::new() };
        let sketch = look::is_sketch(unit);
        // One item after the other, not one check after the other: what an item is made of is read while it is near.
        for (at, item) in look.sound_items() {
            walk::check(&mut look, at, item, &mut fails);
            codes::check(&mut look, at, item);
            caught::check(&mut look, at, item, &charging);
            never::check(&mut look, at);
            condition::check(&mut look, at);
            entry_mode::check(&mut look, at, item);
            unused_names::check(&mut look, at, item, sketch);
            if !sketch {
                stores::check(&mut look, at, item);
            }
        }
    }
    for ((unit, facts), roll) in all.units.iter().zip(facts).zip(&all.rolls) {
        let mut look = Look { all, unit, roll, facts, errors: &errors, findings, said: BTreeSet::new() };
        walk::retried(&mut look, &fails);
    }
    unused_items::check(all, &errors, findings);
}
