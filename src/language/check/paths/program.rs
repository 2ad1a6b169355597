//! Walks every flow and every test of a program.

use super::walk::Walk;
use crate::language::check::body::UnitFacts;
use crate::language::check::declarations::Declarations;
use crate::language::check::scope::Declared;
use crate::language::syntax::tree::ItemKind;
use crate::script_error::finding::{Finding, Severity};
use crate::script_error::source::Span;

/// Proves of every `reversible` that each way out of it decides once, and as the host's answer allows.
///
/// It reads what the other checks found out. A region with an error in it is left alone: nobody can tell what its
/// statements mean, and one mistake gives one message.
pub(crate) fn check(all: &Declarations<'_>, facts: &[UnitFacts], findings: &mut Vec<Finding>) {
    let mut errors: Vec<(u16, u32)> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| (finding.at.place.file.0, finding.at.place.span.start))
        .collect();
    errors.sort_unstable();
    for (unit, facts) in all.units.iter().zip(facts) {
        let file = unit.tree.file;
        for (at, item) in unit.tree.items.iter().enumerate() {
            let body = match &item.kind {
                ItemKind::Flow(flow) => &flow.body,
                ItemKind::Test(test) => &test.body,
                _ => continue,
            };
            let Some(Declared::Function(_)) = all.numbers.get(&(file, at)) else {
                continue;
            };
            let mut walk = Walk::new(all, facts, file, &errors, findings);
            walk.function(body);
        }
    }
}

/// Does an error lie in a span? `errors` are sorted.
pub(super) fn is_broken(errors: &[(u16, u32)], file: u16, span: Span) -> bool {
    let first = errors.partition_point(|error| *error < (file, span.start));
    errors.get(first).is_some_and(|(other, start)| *other == file && *start <= span.end)
}
