//! An outcome that says something else than what was decided.

use super::look::Look;
use crate::language::builtin::shapes::outcome;
use crate::script_error::catalogue::answers as found;
use crate::script_error::finding::Finding;
use crate::script_error::source::Span;
use std::collections::{BTreeMap, BTreeSet};

/// A decision about the reversal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Decision {
    /// `commit`
    Commit,
    /// `discard`
    Discard,
    /// `reverse`
    Reverse,
}

/// The decisions that paths took last, and where; none: a path that took none.
pub(super) type Decided = BTreeSet<Option<(Decision, Span)>>;

/// Every `return` of an outcome, and what was decided on the paths that come there.
#[derive(Debug, Default)]
pub(super) struct Returns(BTreeMap<Span, (u8, Decided)>);

impl Returns {
    /// Takes in a path.
    pub(super) fn add(&mut self, span: Span, outcome: u8, decided: &Decided) {
        let known = self.0.entry(span).or_insert_with(|| (outcome, BTreeSet::new()));
        known.1.extend(decided.iter().copied());
    }

    /// Tells of those where every path has decided otherwise.
    pub(super) fn tell(self, look: &mut Look<'_>) {
        for (span, (outcome, decided)) in self.0 {
            let decisions: Option<Vec<(Decision, Span)>> = decided.into_iter().collect();
            let Some(decisions) = decisions.filter(|decisions| !decisions.is_empty()) else {
                continue;
            };
            let commits = decisions.iter().all(|(decision, _)| *decision == Decision::Commit);
            let drops = decisions.iter().all(|(decision, _)| *decision != Decision::Commit);
            let outcome = match outcome {
                outcome::APPROVED if drops => "approved",
                outcome::DECLINED if commits => "declined",
                outcome::CANCELLED if commits => "cancelled",
                _ => continue,
            };
            if look.said_on_paths(span) {
                continue;
            }
            // What is booked is safe, if the report is wrong; what is approved and not booked is lost.
            let at = look.place(span);
            let finding = if commits {
                Finding::warning(found::OUTCOME_CONTRADICTS, at)
            } else {
                Finding::error(found::OUTCOME_CONTRADICTS, at)
            };
            let finding = finding.text("outcome", outcome);
            let mut finding = match decisions.first().map(|(decision, _)| decision) {
                Some(Decision::Discard) => finding.text("decision", "discard"),
                Some(Decision::Reverse) => finding.text("decision", "reverse"),
                _ => finding.text("decision", "commit"),
            };
            for (decision, at) in decisions.iter().take(3) {
                let at = look.place(*at);
                finding = match decision {
                    Decision::Commit => finding.also(at, "已在此入账", "booked here"),
                    Decision::Discard => finding.also(at, "在此说明没有扣款", "here it is said that nothing was taken"),
                    Decision::Reverse => finding.also(at, "在此冲正", "taken back here"),
                };
            }
            let finding = if commits {
                finding
                    .note("持卡人会再付一次", "the cardholder would pay a second time")
                    .help("commit 之后 return approved(…)", "after `commit`, `return approved(...)`")
            } else {
                finding
                    .note("货会交出，而账上没有这笔钱", "the goods go out, and the books hold no such sale")
                    .help("先 commit，再报告 approved", "`commit` first, then report `approved`")
            };
            look.findings.push(finding);
        }
    }
}
