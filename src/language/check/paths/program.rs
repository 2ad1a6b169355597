//! Walks every flow and every test of a program.

use super::chip;
use super::order::Calls;
use super::summary::{Gives, Summary, Treatment};
use super::walk::{Start, Walk};
use crate::language::check::body::UnitFacts;
use crate::language::check::checked::{FunctionId, FunctionSignature};
use crate::language::check::declarations::Declarations;
use crate::language::syntax::tree::{Block, ItemKind};
use crate::language::types::Type;
use crate::script_error::finding::{Finding, Severity};
use crate::script_error::source::Span;
use std::collections::BTreeMap;

/// A flow is followed with at most so many of its messages as the request of a caller.
const MESSAGES_MAX: usize = 8;

/// Proves of every `reversible` that each way out of it decides once, and as the host's answer allows.
///
/// It reads what the other checks found out. A region with an error in it is left alone: nobody can tell what its
/// statements mean, and one mistake gives one message. Flows are walked after those they call, so that what a call does
/// is known.
pub(crate) fn check(all: &Declarations<'_>, facts: &[UnitFacts], calls: &Calls, findings: &mut Vec<Finding>) {
    let mut errors: Vec<(u16, u32)> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| (finding.at.place.file.0, finding.at.place.span.start))
        .collect();
    errors.sort_unstable();
    let chips = chip::handed_on(all, facts, calls);
    let mut known: BTreeMap<FunctionId, Summary> = BTreeMap::new();
    for at in calls.callees_first() {
        let Some(signature) = all.functions.get(at) else { continue };
        let Some((item, facts)) =
            all.item(signature.file, signature.item).zip(facts.get(usize::from(signature.file.0)))
        else {
            continue;
        };
        let parameters = &signature.parameter_locals;
        let given_chips = chips.get(at) == Some(&true);
        let start = Start { all, facts, file: signature.file, parameters, known: &known, errors: &errors, given_chips };
        let summary = match &item.kind {
            ItemKind::Flow(flow) => sum_up(start, signature, &flow.body, findings),
            ItemKind::Test(test) => {
                walked(start, &test.body, findings);
                continue;
            }
            ItemKind::Function(function) => {
                let walk = Walk::new(start, findings);
                Summary { gives: walk.given_back(&function.body), ..Summary::default() }
            }
            _ => continue,
        };
        if let (Ok(id), false) = (u16::try_from(at), is_broken(&errors, signature.file.0, item.span)) {
            known.insert(FunctionId(id), summary);
        }
    }
}

/// Walks a body by itself.
fn walked(start: Start<'_>, body: &Block, findings: &mut Vec<Finding>) -> Summary {
    Walk::new(start, findings).function(body)
}

/// Walks a flow by itself, and with each message it is given as the request of a caller.
fn sum_up(start: Start<'_>, signature: &FunctionSignature, body: &Block, findings: &mut Vec<Finding>) -> Summary {
    let mut summary = walked(start, body, findings);
    let messages = signature.parameters.iter().zip(&signature.parameter_locals).enumerate();
    for (number, (_, local)) in messages.filter(|(_, ((_, ty), _))| is_message(ty)).take(MESSAGES_MAX) {
        let treatment = if signature.uses.contains(&"host") {
            // What is wrong in it is told where it is called, or was told just now.
            let mut unheard = Vec::new();
            Walk::new(start, &mut unheard).with_request(body, *local)
        } else {
            Treatment { gives: Gives::Other, outputs: summary.outputs.clone(), ..Treatment::default() }
        };
        summary.with.insert(number, treatment);
    }
    summary
}

fn is_message(ty: &Type) -> bool {
    match ty {
        Type::Message(_) => true,
        Type::Optional(of) => matches!(**of, Type::Message(_)),
        _ => false,
    }
}

/// Does an error lie in a span? `errors` are sorted.
pub(crate) fn is_broken(errors: &[(u16, u32)], file: u16, span: Span) -> bool {
    let first = errors.partition_point(|error| *error < (file, span.start));
    errors.get(first).is_some_and(|(other, start)| *other == file && *start <= span.end)
}
