//! `@within(180s)`: how long a flow may take, and whether it keeps to that.

use super::known::{self, Names, Value};
use super::wait::{Cause, Share, Unknown, spoken, written};
use crate::language::check::body::UnitFacts;
use crate::language::check::declarations::Declarations;
use crate::language::syntax::tree::{Annotation, Expression, Item, ItemKind};
use crate::script_error::catalogue::waiting;
use crate::script_error::code::Fact;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::{FileId, Place, Span};
use crate::script_error::words::Said;

/// The annotation's word.
pub(super) const WITHIN: &str = "within";

/// So many waits are shown with a finding; the longest come first into it.
const SHOWN_MAX: usize = 6;

/// What an `@within` says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Deadline {
    /// How long, in milliseconds.
    pub(super) ms: i64,
    /// The value.
    pub(super) span: Span,
}

/// The `@within` of an item; what is wrong with it is reported.
pub(super) fn of_item(
    all: &Declarations<'_>,
    facts: &[UnitFacts],
    file: FileId,
    item: &Item,
    findings: &mut Vec<Finding>,
) -> Option<Deadline> {
    let mut found: Option<(Deadline, Span)> = None;
    for annotation in item.annotations.iter().filter(|annotation| annotation.name.text == WITHIN) {
        let place = |span| Place { file, span };
        if !matches!(item.kind, ItemKind::Flow(_)) {
            findings.push(
                Finding::error(waiting::BAD_WITHIN, place(annotation.span))
                    .label("只能写在 flow 之前", "belongs before a `flow`")
                    .edit(annotation.span, "", "删去它", "remove it"),
            );
            continue;
        }
        let Some((value, ms)) = value(all, facts, file, annotation) else {
            findings.push(
                Finding::error(waiting::BAD_WITHIN, place(annotation.span))
                    .label("须为一个编译时已知的时长", "one length of time is wanted, known before the run")
                    .help("写成 @within(180s)", "write `@within(180s)`"),
            );
            continue;
        };
        if ms <= 0 {
            findings.push(
                Finding::error(waiting::BAD_WITHIN, place(value.span))
                    .label("须大于零", "has to be more than nothing")
                    .help("写成 @within(180s)", "write `@within(180s)`"),
            );
            continue;
        }
        match found {
            None => found = Some((Deadline { ms, span: value.span }, annotation.span)),
            Some((_, first)) => findings.push(
                Finding::error(waiting::BAD_WITHIN, place(annotation.span))
                    .label("已写过一次", "said a second time")
                    .also(place(first), "先写于此", "first said here"),
            ),
        }
    }
    found.map(|(deadline, _)| deadline)
}

fn value<'t>(
    all: &Declarations<'_>,
    facts: &[UnitFacts],
    file: FileId,
    annotation: &'t Annotation,
) -> Option<(&'t Expression, i64)> {
    let [value] = annotation.arguments.as_slice() else { return None };
    match known::duration(all, facts, file, &Names::default(), value) {
        Value::Known(ms) => Some((value, ms)),
        _ => None,
    }
}

/// Reports a flow that may wait longer than it says.
pub(super) fn longer(file: FileId, name: &str, deadline: Deadline, total_ms: i64, shares: &[Share]) -> Finding {
    let place = Place { file, span: deadline.span };
    let finding = Finding::error(waiting::FLOW_LONGER, place)
        .text("flow", name)
        .fact("found", Fact::Duration(total_ms))
        .fact("limit", Fact::Duration(deadline.ms))
        .label(format!("合计可等 {}", spoken(total_ms).zh), format!("together they may wait {}", spoken(total_ms).en));
    with_shares(finding, shares).edits(
        vec![Edit { place, replacement: written(total_ms) }],
        false,
        format!("放宽为 @within({})", written(total_ms)),
        format!("allow `@within({})`", written(total_ms)),
    )
}

/// Shows what makes up a wait.
pub(super) fn with_shares(finding: Finding, shares: &[Share]) -> Finding {
    let mut longest: Vec<&Share> = shares.iter().filter(|share| share.total_ms() > 0).collect();
    longest.sort_by_key(|share| std::cmp::Reverse(share.total_ms()));
    let left = longest.len().saturating_sub(SHOWN_MAX);
    longest.truncate(SHOWN_MAX);
    longest.sort_by_key(|share| share.place);
    let mut finding = longest.into_iter().fold(finding, |finding, share| {
        let words = words(share);
        finding.also(share.place, words.zh, words.en)
    });
    if left > 0 {
        finding = finding.note(format!("另有 {left} 处较短的等待。"), format!("{left} shorter waits are not shown."));
    }
    finding
}

/// `60 s`, `3 × 60 s = 3 min`.
fn words(share: &Share) -> Said {
    let (each, total) = (spoken(share.each_ms), spoken(share.total_ms()));
    if share.times == 1 || share.cause == Cause::Rest {
        return total;
    }
    let times = share.times;
    Said::new(format!("{times} × {} = {}", each.zh, total.zh), format!("{times} × {} = {}", each.en, total.en))
}

/// Reports a flow of which nobody can say whether it keeps to what it says.
pub(super) fn not_known(file: FileId, name: &str, deadline: Deadline, unknown: &[Unknown]) -> Option<Finding> {
    let first = unknown.first()?;
    let mut finding = Finding::warning(waiting::NOT_KNOWN, Place { file, span: deadline.span })
        .text("flow", name)
        .label("无法证明", "cannot be proved");
    for unknown in unknown.iter().take(SHOWN_MAX) {
        let words = match unknown.each_ms {
            Some(ms) => (
                format!("列表的长度运行时才知道，每项可等 {}", spoken(ms).zh),
                format!("how long this list is, is not known before the run; each member may wait {}", spoken(ms).en),
            ),
            None => (
                format!("{} 等多久，运行时才知道", unknown.name),
                format!("how long `{}` waits is not known before the run", unknown.name),
            ),
        };
        finding = finding.also(unknown.place, words.0, words.1);
    }
    let finding = match first.each_ms {
        Some(_) => finding.help("改用 repeat 并写明次数", "use `repeat` with a number"),
        None => finding.help("写成常数，或从调用处传入常数", "make it a constant, or hand one in where it is called"),
    };
    Some(finding)
}
