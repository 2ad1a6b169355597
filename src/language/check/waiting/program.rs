//! Works out the waits of every flow, and holds them against what each says of itself.

use super::deadline;
use super::known::{Names, Value};
use super::path::{Path, Steps, longer, sum};
use super::wait::{FlowWait, Unknown};
use super::walk::{Summary, Walk};
use crate::language::check::body::UnitFacts;
use crate::language::check::checked::FunctionId;
use crate::language::check::declarations::Declarations;
use crate::language::check::paths::order::Calls;
use crate::language::check::paths::program::is_broken;
use crate::language::syntax::tree::ItemKind;
use crate::language::types::Type;
use crate::script_error::finding::{Finding, Severity};
use crate::script_error::source::{FileId, Place};
use std::collections::BTreeMap;

/// Gives the waits of the public flows of a file, and reports flows that wait longer than they say.
pub(crate) fn check(
    all: &Declarations<'_>,
    facts: &[UnitFacts],
    calls: &Calls,
    entry: FileId,
    findings: &mut Vec<Finding>,
) -> Vec<FlowWait> {
    let mut errors: Vec<(u16, u32)> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| (finding.at.place.file.0, finding.at.place.span.start))
        .collect();
    errors.sort_unstable();
    for unit in all.units {
        // What stands before a flow is looked at with the flow.
        for item in unit.tree.items.iter().filter(|item| !matches!(item.kind, ItemKind::Flow(_))) {
            deadline::of_item(all, facts, unit.tree.file, item, findings);
        }
    }
    let delivery_ms = all
        .dialect
        .as_ref()
        .and_then(|dialect| dialect.reversal.as_ref().map(|_| dialect.reversal_wait_ms()))
        .unwrap_or(0);
    let mut summaries: Vec<Option<Summary>> = all.functions.iter().map(|_| None).collect();
    for at in calls.callees_by_number() {
        let id = FunctionId(u16::try_from(at).unwrap_or(u16::MAX));
        let summary = function(all, facts, &summaries, id, delivery_ms, &errors, findings);
        if let Some(place) = summaries.get_mut(usize::from(id.0)) {
            *place = summary;
        }
    }
    all.functions
        .iter()
        .zip(summaries)
        .zip(&all.function_names)
        .filter(|((signature, _), _)| signature.public && signature.file == entry)
        .filter_map(|((signature, summary), name)| {
            let item = all.item(signature.file, signature.item)?;
            let (ItemKind::Flow(_), Some(summary)) = (&item.kind, summary) else { return None };
            let mut unknown = summary.unknown;
            unknown.extend(summary.by_parameter.into_iter().map(|wait| Unknown {
                place: wait.share.place,
                name: wait.share.name,
                each_ms: None,
            }));
            Some(FlowWait {
                flow: signature.name.clone(),
                place: Place { file: signature.file, span: *name },
                shares: summary.all,
                delivery_ms,
                unknown,
                deadline_ms: summary.deadline.map(|deadline| deadline.ms),
            })
        })
        .collect()
}

fn function(
    all: &Declarations<'_>,
    facts: &[UnitFacts],
    summaries: &[Option<Summary>],
    id: FunctionId,
    delivery_ms: i64,
    errors: &[(u16, u32)],
    findings: &mut Vec<Finding>,
) -> Option<Summary> {
    let signature = all.signature(id)?;
    let file = signature.file;
    let item = all.item(file, signature.item)?;
    let body = match &item.kind {
        ItemKind::Flow(flow) => &flow.body,
        ItemKind::Test(test) => &test.body,
        // Only flows and tests touch devices, and only devices wait.
        _ => return None,
    };
    let deadline = match &item.kind {
        ItemKind::Flow(_) => deadline::of_item(all, facts, file, item, findings),
        _ => None,
    };
    let mut names = Names::default();
    for (at, (local, (_, ty))) in signature.parameter_locals.iter().zip(&signature.parameters).enumerate() {
        if *ty == Type::Duration {
            names.durations.insert(*local, Value::Parameter(at));
        }
    }
    // What was found in a body with an error in it is kept to oneself: one mistake gives one message.
    let broken = is_broken(errors, file.0, item.span);
    let mut found = Vec::new();
    let mut walk = Walk {
        all,
        facts,
        summaries,
        file,
        delivery_ms,
        deadline,
        findings: &mut found,
        said_longer: false,
        names,
        messages: BTreeMap::new(),
        steps: Steps::default(),
        out: None,
        loops: Vec::new(),
        by_parameter: Vec::new(),
        unknown: Vec::new(),
        depth: 0,
    };
    let end = walk.block(body, Path::default());
    if matches!(item.kind, ItemKind::Test(_)) {
        // Nobody calls a test, and nobody is told how long it waits.
        if !broken {
            findings.append(&mut found);
        }
        return None;
    }
    let longest = longer(end, walk.out).unwrap_or_default();
    let (own, all_shares) = (walk.steps.shares(longest.own), walk.steps.shares(longest.all));
    let Walk { by_parameter, unknown, said_longer, .. } = walk;
    if let Some(deadline) = deadline {
        let total = sum(&own, 0);
        if total > deadline.ms && !said_longer {
            found.push(deadline::longer(file, &signature.name, deadline, total, &own));
        }
        let mut open = unknown.clone();
        open.extend(by_parameter.iter().map(|wait| Unknown {
            place: wait.share.place,
            name: wait.share.name.clone(),
            each_ms: None,
        }));
        found.extend(deadline::not_known(file, &signature.name, deadline, &open).filter(|_| total <= deadline.ms));
    }
    if !broken {
        findings.append(&mut found);
    }
    Some(Summary { own, all: all_shares, by_parameter, unknown, deadline })
}
