//! Waits as they are written: none that is no wait, none that is surely a slip, none past the flow's own limit.

use super::known::Value;
use super::path;
use super::wait::{Cause, Share, spoken, written};
use super::walk::{Summary, Walk};
use crate::language::builtin::row::{Builtin, Does, Op};
use crate::language::check::checked::FunctionId;
use crate::language::check::constant;
use crate::language::syntax::tree::{Expression, ExpressionKind, Retry};
use crate::payment::iso8583::dialect::MessageRule;
use crate::script_error::catalogue::waiting;
use crate::script_error::code::Fact;
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::{Place, Span};

/// Nobody stands at a terminal for longer.
const LONG_MS: i64 = 3_600_000;

/// What to write where nobody says how long.
const USUAL_MS: i64 = 60_000;

/// Looks at the `within:` of a call. `rule`: the dialect's for the message it sends.
pub(super) fn within(walk: &mut Walk<'_>, row: &Builtin, value: &Expression, rule: Option<&MessageRule>) {
    let Value::Known(ms) = walk.duration(value) else { return };
    let place = walk.place(value.span);
    let asked = rule.map(|rule| i64::from(rule.wait_s) * 1_000);
    let call = super::call::name(row);
    if ms <= 0 {
        let instead = written(asked.unwrap_or(USUAL_MS));
        let finding = Finding::error(waiting::NO_TIME, place)
            .text("call", call.as_str())
            .label("没有留出等待的时间", "this leaves no time at all")
            .note(
                "时限一到就算超时，所以这次调用必定失败。",
                "A limit that is over at once makes the call fail every time.",
            );
        walk.findings.push(with_edit(finding, place, &instead));
        return;
    }
    if too_long(walk, value, ms) {
        return;
    }
    if let (Some(asked), Some(rule)) = (asked, rule)
        && ms < asked
        && row.does == Does::Request(Op::HostSend)
    {
        let finding = Finding::warning(waiting::SHORTER_THAN_DIALECT, place)
            .fact("found", Fact::Duration(ms))
            .fact("wanted", Fact::Duration(asked))
            .label(
                format!("方言规定“{}”等 {}", rule.zh, spoken(asked).zh),
                format!("the dialect waits {} for this: {}", spoken(asked).en, rule.en),
            );
        let finding = if rule.moves_money {
            finding.note(
                "主机在此之后才应答的交易，终端已当作超时：多出一笔冲正，持卡人要重来。",
                "What the host answers after that has timed out here: one more reversal, and the cardholder starts again.",
            )
        } else {
            finding.note("主机在此之后才到的应答无人接收。", "A reply that comes after that finds nobody.")
        };
        walk.findings.push(with_edit(finding, place, &written(asked)));
    }
    if let Some(deadline) = walk.deadline.filter(|deadline| ms > deadline.ms) {
        walk.said_longer = true;
        let finding = Finding::error(waiting::INNER_LONGER, place)
            .text("call", call.as_str())
            .fact("found", Fact::Duration(ms))
            .fact("limit", Fact::Duration(deadline.ms))
            .label(format!("可等 {}", spoken(ms).zh), format!("may wait {}", spoken(ms).en))
            .also(
                walk.place(deadline.span),
                format!("整个流程最多 {}", spoken(deadline.ms).zh),
                format!("the whole flow may take {}", spoken(deadline.ms).en),
            );
        walk.findings.push(finding);
    }
}

/// Looks at a limit that a call hands in.
pub(super) fn handed_in(walk: &mut Walk<'_>, share: &Share, value: &Expression, ms: i64) {
    let place = walk.place(value.span);
    if ms < 0 || (ms == 0 && share.cause != Cause::Pause) {
        let finding = Finding::error(waiting::NO_TIME, place)
            .text("call", share.name.as_str())
            .label("没有留出等待的时间", "this leaves no time at all")
            .also(share.place, "用在这里", "used here");
        walk.findings.push(with_edit(finding, place, &written(USUAL_MS)));
    } else {
        too_long(walk, value, ms);
    }
}

/// Looks at the pause before a retry.
pub(super) fn pause(walk: &mut Walk<'_>, every: &Expression) {
    let Value::Known(ms) = walk.duration(every) else { return };
    if ms < 0 {
        let finding = Finding::error(waiting::NO_TIME, walk.place(every.span))
            .text("call", "every")
            .label("间隔不能为负", "a pause cannot be negative");
        let place = walk.place(every.span);
        walk.findings.push(with_edit(finding, place, "2s"));
    } else {
        too_long(walk, every, ms);
    }
}

/// Says so if a wait is so long that its unit must be a slip.
fn too_long(walk: &mut Walk<'_>, value: &Expression, ms: i64) -> bool {
    if ms <= LONG_MS {
        return false;
    }
    let finding = Finding::warning(waiting::OVER_AN_HOUR, walk.place(value.span))
        .fact("found", Fact::Duration(ms))
        .label(format!("这是 {}", spoken(ms).zh), format!("this is {}", spoken(ms).en));
    let finding = match value.kind {
        // Only what is written out here can be written otherwise here.
        ExpressionKind::Duration(_) => meant(ms).into_iter().fold(finding, |finding, meant| {
            let place = walk.place(value.span);
            finding.edits(
                vec![Edit { place, replacement: meant.clone() }],
                false,
                format!("是否想写“{meant}”？"),
                format!("did you mean `{meant}`?"),
            )
        }),
        _ => finding,
    };
    walk.findings.push(finding);
    true
}

/// The same number with the next smaller unit.
fn meant(ms: i64) -> Option<String> {
    [(3_600_000, 60_000, "min"), (60_000, 1_000, "s"), (1_000, 1, "ms")]
        .into_iter()
        .filter(|(unit, ..)| ms % unit == 0)
        .map(|(unit, smaller, word)| (ms / unit, ms / unit * smaller, word))
        .find(|(_, less, _)| *less <= LONG_MS)
        .map(|(number, _, word)| format!("{number}{word}"))
}

/// Looks at a retry with all that it repeats. `each_ms`: how long one try may take.
pub(super) fn retry(walk: &mut Walk<'_>, retry: &Retry, each_ms: i64) {
    let Some(deadline) = walk.deadline.filter(|deadline| each_ms <= deadline.ms) else { return };
    let (Some(times), every) = (
        constant::int(walk.all, walk.file, &retry.times),
        retry.every.as_ref().map_or(Value::Known(0), |every| walk.duration(every)),
    ) else {
        return;
    };
    let Value::Known(every) = every else { return };
    let total = each_ms.saturating_add(times.saturating_mul(each_ms.saturating_add(every.max(0))));
    if total <= deadline.ms {
        return;
    }
    walk.said_longer = true;
    let span = Span { start: retry.times.span.start, end: retry.every.as_ref().unwrap_or(&retry.times).span.end };
    let fits = (deadline.ms - each_ms) / each_ms.saturating_add(every.max(0)).max(1);
    let finding = Finding::error(waiting::RETRY_LONGER, walk.place(span))
        .fact("found", Fact::Duration(total))
        .fact("limit", Fact::Duration(deadline.ms))
        .label(
            format!("第一次 {}，再 {times} 次，每次 {}", spoken(each_ms).zh, spoken(each_ms.saturating_add(every)).zh),
            format!("{} at first, then {times} times {}", spoken(each_ms).en, spoken(each_ms.saturating_add(every)).en),
        )
        .also(
            walk.place(deadline.span),
            format!("整个流程最多 {}", spoken(deadline.ms).zh),
            format!("the whole flow may take {}", spoken(deadline.ms).en),
        );
    let place = walk.place(retry.times.span);
    let finding = match fits {
        1.. if matches!(retry.times.kind, ExpressionKind::Int(_)) => finding.edits(
            vec![Edit { place, replacement: fits.to_string() }],
            false,
            format!("改为最多 {fits} 次"),
            match fits {
                1 => "try once more at most".to_string(),
                _ => format!("try {fits} times more at most"),
            },
        ),
        _ => finding.help("缩短 within:，或放宽 @within", "wait less in `within:`, or allow more in `@within`"),
    };
    walk.findings.push(finding);
}

/// Looks at a call of a flow.
pub(super) fn called(walk: &mut Walk<'_>, id: FunctionId, summary: &Summary, own: &[Share], call: &Expression) {
    let total = path::sum(own, 0);
    let Some(deadline) = walk.deadline.filter(|deadline| total > deadline.ms) else { return };
    walk.said_longer = true;
    let name = walk.all.signature(id).map_or("", |signature| signature.name.as_str());
    let mut finding = Finding::error(waiting::INNER_LONGER, walk.place(call.span))
        .text("call", name)
        .fact("found", Fact::Duration(total))
        .fact("limit", Fact::Duration(deadline.ms))
        .label(format!("“{name}”可等 {}", spoken(total).zh), format!("`{name}` may wait {}", spoken(total).en))
        .also(
            walk.place(deadline.span),
            format!("整个流程最多 {}", spoken(deadline.ms).zh),
            format!("the whole flow may take {}", spoken(deadline.ms).en),
        );
    if let Some(inner) = summary.deadline {
        let place = walk.all.signature(id).map(|signature| Place { file: signature.file, span: inner.span });
        if let Some(place) = place {
            finding = finding.also(place, format!("“{name}”如此说明"), format!("`{name}` says so"));
        }
    } else {
        finding = super::deadline::with_shares(finding, own);
    }
    walk.findings.push(finding);
}

fn with_edit(finding: Finding, place: Place, instead: &str) -> Finding {
    finding.edits(
        vec![Edit { place, replacement: instead.to_string() }],
        false,
        format!("改为 {instead}"),
        format!("make it `{instead}`"),
    )
}
