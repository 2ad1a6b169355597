//! What is said about a region once all its paths are known.

use super::approval;
use super::path::{Decided, Known, Path, Paths, Trail};
use super::region::{Pending, Region, What};
use super::step;
use super::walk::Walk;
use crate::script_error::catalogue::{flow, reversal};
use crate::script_error::code::{Code, Fact};
use crate::script_error::finding::{Edit, Finding};
use crate::script_error::source::{Place, Span};
use crate::script_error::words::Said;

/// So many places of one kind are shown beside a finding.
const PLACES_MAX: usize = 3;

/// What a script may do on its own account.
const WARNINGS: [Code; 2] = [flow::OUTPUT_BEFORE_COMMIT, reversal::CHIP_NOT_ASKED];

/// Tells what was found in a region.
pub(super) fn region(walk: &mut Walk<'_>, region: &Region) {
    if region.unknown {
        return;
    }
    for ((span, code), pending) in &region.pending {
        let finding = one(walk, region, *span, *code, pending);
        walk.findings.push(finding);
    }
}

fn one(walk: &Walk<'_>, region: &Region, span: Span, code: Code, pending: &Pending) -> Finding {
    let at = walk.place(span);
    let finding = if WARNINGS.contains(&code) { Finding::warning(code, at) } else { Finding::error(code, at) };
    match &pending.what {
        What::Undecided { exit, in_block } => undecided(walk, region, finding, pending, exit, *in_block),
        What::Again => again(walk, finding, pending),
        What::Discard => discard(walk, finding, pending),
        What::Commit => commit(walk, finding, pending),
        What::Unasked(data) => finding
            .label("芯片还没有看过主机的应答", "no chip was shown the host's answer before this")
            .also(
                *data,
                "卡可能是插卡读的，芯片数据在此交给主机",
                "the card may be read by its chip, whose data go to the host here",
            )
            .note(
                "芯片在主机批准之后仍可能拒绝 (AAC)：这样的交易要冲正，不能入账",
                "a chip may still decline after the host's approval (AAC): such a sale is reversed, not booked",
            )
            .help(
                "在 commit 之前写 chips.confirm(amount, request, reply)，并 import cn_pos.chips",
                "write `chips.confirm(amount, request, reply)` before `commit`, and `import cn_pos.chips`",
            ),
        What::SentAgain => sent_again(walk, finding, pending),
        What::SentInside { flow, steps } => step::show(
            finding
                .fact("danger", Fact::Said(Said::new("重复扣款", "may charge twice")))
                .label(format!("“{flow}”会发送它不止一次"), format!("`{flow}` sends it more than once")),
            steps,
        )
        .note("第一次可能已经成功", "the first attempt may have gone through")
        .help(format!("在“{flow}”里只发送一次"), format!("send it once in `{flow}`")),
        What::Hidden { flow, twice, steps } => hidden(finding, flow, *twice, steps),
        What::Another { message, by } => {
            let finding = finding
                .fact("danger", Fact::Said(Said::new("同时留下两笔未决", "would leave two transactions undecided")));
            let finding = match by {
                Some((flow, steps)) => step::show(
                    finding.label(
                        format!("“{flow}”会发送 {message}，那也会动账"),
                        format!("`{flow}` sends {message}, which moves money too"),
                    ),
                    steps,
                ),
                None => finding.label(format!("{message} 也会动账"), format!("{message} moves money too")),
            };
            finding
                .also(walk.place(region.head), "这笔请求尚待决定", "this request is to be decided first")
                .help("先离开 reversible，再另起一笔", "leave this `reversible` first, then begin another")
        }
        What::NoDecline(handler) => no_decline(finding, walk.place(*handler)).also(
            walk.place(region.head),
            "冲正已记入日志",
            "the reversal is journalled here",
        ),
        What::Output { call, steps } => {
            let finding = step::show(finding.text("call", call.as_str()), steps);
            let judged = pending.paths.each().find_map(|(_, trail)| trail.judged);
            let finding = match judged {
                Some(judged) => finding.also(walk.place(judged), "主机批准，尚未入账", "approved here, not booked yet"),
                None if !steps.is_empty() => finding.label("交易尚未入账", "the sale is not booked yet"),
                None => finding.label("此时应答码还没有看过", "the response code was not looked at yet"),
            };
            finding
                .note(
                    "此后断电，交易会被冲正，而持卡人手里已有小票",
                    "if power fails after it, the sale is reversed while the customer holds the slip",
                )
                .help("移到 commit 之后", "move it behind `commit`")
        }
    }
}

/// The way out that decides nothing.
fn undecided(
    walk: &Walk<'_>,
    region: &Region,
    finding: Finding,
    pending: &Pending,
    exit: &Said,
    in_block: Option<bool>,
) -> Finding {
    let open = pending.paths.undecided();
    let mixed = pending.paths.each().any(|(path, _)| path.decided != Decided::Nothing);
    let at = finding.at.place;
    let mut finding = finding.fact("exit", Fact::Said(exit.clone()));
    finding = if mixed {
        finding.label("有的路径到此已决定，有的没有", "some paths come here decided, others do not")
    } else {
        finding
            .label("此路径上没有 commit、discard 或 reverse", "neither `commit`, `discard` nor `reverse` was reached")
    };
    finding = finding.also(
        walk.place(region.head),
        "冲正在发送请求之前记入日志",
        "the reversal is journalled here, before the request is sent",
    );
    for decision in region.decisions.keys().take(PLACES_MAX) {
        finding = finding.also(walk.place(*decision), "此路径已决定", "decided on this path");
    }
    finding = lost(walk, finding, &open);
    if mixed && let Some(judged) = open.each().find_map(|(_, trail)| trail.judged) {
        finding = finding.also(walk.place(judged), "此路径没有决定", "nothing is decided on this path");
    }
    let known = open.known();
    if known == [Known::Refused] {
        finding = finding
            .note("主机已应答；被拒绝的消费不会入账", "the host answered, so nothing was posted for a declined sale");
    }
    if known.contains(&Known::Approved) && known.contains(&Known::Refused) {
        finding = approvals(walk, finding);
    }
    finding = finding.note(
        "超时、出错与断电无须写明：一律自动冲正",
        "timeouts, errors and power loss need no statement: they always reverse",
    );
    if mixed {
        return finding.help("在没有决定的那条路径上补上决定", "decide on the path that does not");
    }
    let add = |finding: Finding, word: &str, zh: &str, en: &str| {
        finding.edits(before(at, word, pending.blocks, in_block), false, zh, en).by_hand()
    };
    match known.as_slice() {
        [Known::Refused] => add(
            finding,
            "discard",
            "交易被拒，用 discard 丢弃冲正",
            "drop the reversal with `discard`, the sale was declined",
        ),
        [Known::Unsent] => add(
            finding,
            "discard",
            "什么都没有发出，用 discard 丢弃冲正",
            "drop the reversal with `discard`, nothing was sent",
        ),
        [Known::Unsent, Known::Refused] => add(
            finding,
            "discard",
            "没有扣款，用 discard 丢弃冲正",
            "drop the reversal with `discard`, nothing was taken",
        ),
        [Known::Approved] => {
            finding.help("用 commit 入账，或用 reverse 冲正", "book it with `commit`, or take it back with `reverse`")
        }
        known if known.contains(&Known::Unanswered) => {
            add(finding, "reverse", "没有应答就用 reverse 冲正", "without an answer, take it back with `reverse`")
        }
        _ => finding.help(
            "先用 match 看 reply.code，再在每一支里决定",
            "look at `reply.code` with `match`, and decide in each arm",
        ),
    }
}

/// The edits that put a statement in front of a way out. `in_block`: is that a statement, and does it stand in a block?
fn before(at: Place, word: &str, blocks: usize, in_block: Option<bool>) -> Vec<Edit> {
    let indent = |blocks: usize| "  ".repeat(blocks);
    let here = |offset: u32| Place { file: at.file, span: Span { start: offset, end: offset } };
    let edit = |offset: u32, replacement: String| Edit { place: here(offset), replacement };
    match in_block {
        Some(true) => vec![edit(at.span.start, format!("{word}\n{}", indent(blocks)))],
        Some(false) => vec![
            edit(at.span.start, format!("{{\n{0}{word}\n{0}", indent(blocks + 1))),
            edit(at.span.end, format!("\n{}}}", indent(blocks))),
        ],
        None => vec![edit(at.span.start, format!("  {word}\n{}", indent(blocks)))],
    }
}

/// The second decision on a path.
fn again(walk: &Walk<'_>, finding: Finding, pending: &Pending) -> Finding {
    let span = finding.at.place.span;
    let mut first: Vec<Span> = pending.paths.each().filter_map(|(_, trail)| trail.decided).collect();
    first.sort();
    first.dedup();
    let round = first.contains(&span);
    let mut finding = if round {
        finding.label("循环的下一轮会再决定一次", "the next turn of the loop decides again")
    } else {
        finding.label("在此又决定一次", "decided again here")
    };
    for first in first.into_iter().filter(|first| *first != span).take(PLACES_MAX) {
        finding = finding.also(walk.place(first), "已在此决定", "already decided here");
    }
    if round {
        finding.help("决定之后用 break 或 return 离开循环", "leave the loop after deciding, with `break` or `return`")
    } else {
        finding.help("每条路径只留一个决定", "keep one decision on each path")
    }
}

/// The `discard` that is not proved.
fn discard(walk: &Walk<'_>, finding: Finding, pending: &Pending) -> Finding {
    let at = finding.at.place.span;
    let known = pending.paths.known();
    let worst = worst(&pending.paths, &[Known::Unanswered, Known::Approved, Known::Answered]);
    let Some((path, trail)) = worst else {
        return finding;
    };
    let mut finding = match path.known {
        Known::Unanswered => finding.label("没有应答不等于没有扣款", "no answer does not mean that nothing was taken"),
        Known::Approved => finding.label("主机可能已批准", "the host may have approved"),
        _ => finding.label("应答到了，但没有看应答码", "a reply came, but its code was not looked at"),
    };
    finding = along(walk, finding, trail.clone());
    if path.known == Known::Approved {
        finding = approvals(walk, finding);
    }
    finding = stranger(walk, finding, path, trail.sent);
    finding = finding.note(
        "只有 no_line、尚未发送或应答码为拒绝，才能证明没有扣款",
        "only `no_line`, nothing sent yet, or a code that declines proves that nothing was taken",
    );
    if known == [Known::Unanswered] {
        return finding.edit(at, "reverse", "改用 reverse 冲正", "take it back with `reverse` instead").by_hand();
    }
    finding.help(
        "先用 match 看 reply.code，批准的一支用 commit，其余才 discard",
        "look at `reply.code` with `match`: `commit` what is accepted, `discard` the rest",
    )
}

/// The `commit` that is not proved.
fn commit(walk: &Walk<'_>, finding: Finding, pending: &Pending) -> Finding {
    let order = [Known::Unsent, Known::Unanswered, Known::Refused, Known::Answered];
    let Some((path, trail)) = worst(&pending.paths, &order) else {
        return finding;
    };
    let finding = match path.known {
        Known::Unsent => finding.label("请求还没有发出", "the request was not sent"),
        Known::Unanswered => finding.label("没有收到应答", "no reply came"),
        Known::Refused => finding.label("主机可能已拒绝", "the host may have refused"),
        _ => finding.label("应答到了，但没有看应答码", "a reply came, but its code was not looked at"),
    };
    let sent = trail.sent;
    let finding = along(walk, finding, trail);
    stranger(walk, finding, path, sent)
        .note(
            "没有批准的交易入了账，结算时与主机对不平",
            "a sale that was not approved would be booked, and settlement would not balance",
        )
        .help("在 match reply.code 的 accept 一支里 commit", "`commit` in the `accept` arm of `match reply.code`")
}

/// The request that is sent a second time.
fn sent_again(walk: &Walk<'_>, finding: Finding, pending: &Pending) -> Finding {
    let span = finding.at.place.span;
    let trail = pending.paths.each().map(|(_, trail)| trail).find(|trail| trail.sent.is_some()).unwrap_or_default();
    let mut finding = match trail.sent {
        _ if trail.retried == Some(span) => finding.label("在此再发一次", "this sends it again"),
        Some(sent) if sent == span => {
            finding.label("循环的下一轮会再发一次", "the next turn of the loop sends it again")
        }
        Some(_) => finding.label("在此又发一次", "sent again here"),
        None => finding.label("已经决定之后才发送", "sent after it was decided"),
    };
    if let Some(sent) = trail.sent.filter(|sent| *sent != span) {
        finding = finding.also(walk.place(sent), "第一次在此发出", "sent here first");
    }
    if let Some(steps) = &trail.inside {
        finding = step::show(finding, steps);
    }
    if trail.sent.is_none() {
        if let Some(decided) = pending.paths.each().find_map(|(_, trail)| trail.decided) {
            finding = finding.also(walk.place(decided), "已在此决定", "already decided here");
        }
        return finding
            .fact("danger", Fact::Said(Said::new("失去冲正的保护", "has no reversal behind it any more")))
            .help("先发送，看过应答再决定", "send first, and decide when the answer is there");
    }
    finding
        .fact("danger", Fact::Said(Said::new("重复扣款", "may charge twice")))
        .note("第一次可能已经成功", "the first attempt may have gone through")
        .help(
            "让错误继续上传：先冲正，再由收银员重做",
            "let the error travel: it is reversed first, then the cashier starts again",
        )
}

/// The request goes where nobody can follow it.
fn hidden(finding: Finding, flow: &str, twice: bool, steps: &[step::Step]) -> Finding {
    let finding = finding.text("flow", flow);
    let finding = if twice {
        finding.label("同一请求交了两次", "the same request is handed over twice")
    } else {
        finding.label("请求夹在另一个值里", "the request lies inside another value")
    };
    step::show(finding, steps)
        .note(
            "检查器须知道请求有没有发出，才能证明离开时的决定",
            "whether the request has left must be known to prove what is decided on the way out",
        )
        .help(
            format!("把请求单独作为一个参数交给“{flow}”"),
            format!("hand the request to `{flow}` as one parameter of its own"),
        )
}

/// `declined` where no reply came.
pub(super) fn no_decline(finding: Finding, handler: Place) -> Finding {
    finding
        .label("报告为主机拒绝", "reported as a decision of the host")
        .also(handler, "在此没有可信的应答，主机可能已批准", "no reply can be trusted here: the host may have approved")
        .note(
            "持卡人会换卡再付，而第一笔可能已扣款",
            "the cardholder would pay again while the first payment may have gone through",
        )
        .help("让错误继续上传，或用 fail 说明结果未知", "let the error travel, or `fail` with what is not known")
}

/// The places a path came by.
fn along(walk: &Walk<'_>, finding: Finding, trail: Trail) -> Finding {
    let mut finding = finding;
    if let Some(sent) = trail.sent {
        finding = left(walk, finding, sent, trail.inside.as_deref());
    }
    if let Some(lost) = trail.lost {
        finding = finding.also(walk.place(lost), "在此没有可信的应答", "no reply can be trusted here");
    }
    if let Some(judged) = trail.judged {
        finding = finding.also(walk.place(judged), "在此看了应答码", "the response code is looked at here");
    }
    finding
}

/// Where the request left: here, or in a flow that is called here.
fn left(walk: &Walk<'_>, finding: Finding, sent: Span, inside: Option<&[step::Step]>) -> Finding {
    match inside {
        Some(steps) if !steps.is_empty() => {
            let finding = finding.also(walk.place(sent), "此调用会发出请求", "this call sends the request");
            step::show(finding, steps)
        }
        _ => finding.also(walk.place(sent), "请求在此发出", "the request leaves here"),
    }
}

/// Says that a flow may have given the reply to something else.
fn stranger(walk: &Walk<'_>, finding: Finding, path: Path, sent: Option<Span>) -> Finding {
    match sent.and_then(|sent| walk.strangers.get(&sent)).filter(|_| path.known == Known::Answered) {
        Some(flow) => finding.note(
            format!("“{flow}”给出的不一定是这笔请求的应答"),
            format!("what `{flow}` gives is not for certain the reply to this request"),
        ),
        None => finding,
    }
}

fn lost(walk: &Walk<'_>, finding: Finding, paths: &Paths) -> Finding {
    match paths.each().find_map(|(_, trail)| trail.lost) {
        Some(lost) => finding.also(walk.place(lost), "在此没有可信的应答", "no reply can be trusted here"),
        None => finding,
    }
}

/// Says which codes mean yes: they are more than 00.
fn approvals(walk: &Walk<'_>, finding: Finding) -> Finding {
    let codes: Vec<String> = approval::approved(walk.all).iter().map(ToString::to_string).collect();
    let Some(dialect) = walk.all.dialect.as_ref().filter(|_| codes.len() > 1) else {
        return finding;
    };
    finding.note(
        format!("方言 {} 中表示批准的应答码：{}", dialect.name, codes.join("、")),
        format!("approved in `{}`: {}", dialect.name, codes.join(", ")),
    )
}

/// The first path that knows one of these, tried in order.
fn worst(paths: &Paths, order: &[Known]) -> Option<(Path, Trail)> {
    order.iter().find_map(|known| paths.each().find(|(path, _)| path.known == *known))
}
