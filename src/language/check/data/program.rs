//! Looks at the values of every flow and every function.

use super::values::Values;
use super::{batch, booking, codes, currency, dates, message_currency, minor, numbers, reversal, text};
use crate::language::check::body::UnitFacts;
use crate::language::check::declarations::Declarations;
use crate::language::check::paths::order::Calls;
use crate::language::syntax::roll::Roll;
use crate::language::syntax::tree::ItemKind;
use crate::language::syntax::visit::Visitor;
use crate::script_error::finding::{Finding, Severity};
use crate::script_error::source::{FileId, Place, Span};

/// Finds values that have the right type and still cannot be meant. Tests are left alone: they prepare wrong values on
/// purpose.
pub(crate) fn check(all: &Declarations<'_>, facts: &[UnitFacts], calls: &Calls, findings: &mut Vec<Finding>) {
    let errors = Errors::of(findings);
    let values = Values::new(all, facts);
    let currencies = currency::Currencies::new(&values, &errors);
    currencies.report(findings);
    let settling = batch::Settling::of(&values, calls);
    for (unit, roll) in all.units.iter().zip(&all.rolls) {
        for (at, item) in unit.tree.items.iter().enumerate() {
            let file = unit.tree.file;
            let holds_code = matches!(
                item.kind,
                ItemKind::Flow(_)
                    | ItemKind::Function(_)
                    | ItemKind::Text(_)
                    | ItemKind::Table(_)
                    | ItemKind::Receipt(_)
            );
            if !holds_code {
                continue;
            }
            let look = Look { values: &values, errors: &errors, file, at, roll };
            message_currency::check(&look, &currencies, findings);
            minor::check(&look, &currencies, findings);
            text::check(&look, findings);
            dates::check(&look, findings);
            if matches!(item.kind, ItemKind::Flow(_)) && !errors.within(file, item.span) {
                numbers::check(&look, findings);
                reversal::check(&look, findings);
                booking::check(&look, &currencies, findings);
                batch::check(&look, &settling, findings);
            }
        }
    }
    codes::check(all, findings);
}

/// One item under a check's eyes.
pub(super) struct Look<'l, 'v> {
    /// What is known of values.
    pub(super) values: &'l Values<'v>,
    /// Where errors were found already.
    pub(super) errors: &'l Errors,
    /// Its file.
    pub(super) file: FileId,
    /// The place of the item in it.
    at: usize,
    /// What is met in the file.
    roll: &'v Roll<'v>,
}

impl<'v> Look<'_, 'v> {
    /// Leads through the item.
    pub(super) fn lead(&self, visitor: &mut impl Visitor<'v>) {
        self.roll.lead(self.at, visitor);
    }

    /// A span of the item's file.
    pub(super) fn place(&self, span: Span) -> Place {
        Place { file: self.file, span }
    }
}

/// Where errors were found before this check. Code with an error in it is left alone: one mistake gives one message.
pub(super) struct Errors(Vec<(u16, u32)>);

impl Errors {
    fn of(findings: &[Finding]) -> Errors {
        let mut errors: Vec<(u16, u32)> = findings
            .iter()
            // What a path decides about money says nothing about the values on it.
            .filter(|finding| finding.severity == Severity::Error && !finding.code.0.starts_with("T04"))
            .map(|finding| (finding.at.place.file.0, finding.at.place.span.start))
            .collect();
        errors.sort_unstable();
        Errors(errors)
    }

    /// Does an error begin in a span?
    pub(super) fn within(&self, file: FileId, span: Span) -> bool {
        let first = self.0.partition_point(|error| *error < (file.0, span.start));
        self.0.get(first).is_some_and(|(other, start)| *other == file.0 && *start < span.end.max(span.start + 1))
    }
}
