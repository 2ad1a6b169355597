//! `till check --cost`: how long a flow may wait, and how much it can execute.

use crate::cli::check::report;
use crate::cli::exit::Exit;
use crate::cli::style::{Console, Format, counted};
use crate::language::bytecode::program::Program;
use crate::language::check::waiting::wait::{Cause, FlowWait, Share, Unknown, spoken};
use crate::language::vm::limits::Limits;
use crate::run::cost::{self, FlowCost};
use crate::run::program::{build, load};
use crate::run::session::INSTRUCTIONS_MAX;
use crate::script_error::source::{Place, Sources, display_width};
use crate::script_error::words::{Language, Said};
use crate::script_error::wrap::wrap;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Writes what is wrong with files, and the costs of those that can run.
pub fn check(console: &Console, files: &[PathBuf]) -> Exit {
    let mut exit = Exit::Fine;
    for file in files {
        if file.extension().is_some_and(|extension| extension == "tillc") {
            match load(file) {
                Ok((program, sources)) => costs(console, &program, &sources, &[]),
                Err(error) => {
                    console.refusal(&error);
                    exit = exit.max(Exit::Refused);
                }
            }
            continue;
        }
        let built = build(file);
        exit = exit.max(report(console, &built));
        if let Some(program) = &built.program {
            costs(console, program, &built.sources, &built.waits);
        }
    }
    exit
}

fn costs(console: &Console, program: &Program, sources: &Sources, waits: &[FlowWait]) {
    let costs = cost::of_program(program, waits);
    if costs.is_empty() && console.format != Format::Json {
        console.line(console.say("没有 pub flow。", "There is no public flow."));
    }
    for cost in &costs {
        match console.format {
            Format::Json => console.line(&line(cost, sources).to_string()),
            _ => page(console, cost, sources, &program.name),
        }
    }
}

fn said(console: &Console, words: &Said) -> String {
    words.in_language(console.style.language).to_string()
}

fn time(console: &Console, ms: i64) -> String {
    said(console, &spoken(ms))
}

fn at(place: Place, sources: &Sources) -> Option<String> {
    sources.locate(place).map(|(name, start)| format!("{name}:{}", start.line))
}

/// One flow, in rows of two columns that a narrow screen puts one below the other.
fn page(console: &Console, cost: &FlowCost, sources: &Sources, file: &str) {
    let place = cost.wait.as_ref().and_then(|wait| at(wait.place, sources)).unwrap_or_else(|| file.to_string());
    console.line(&format!("{}  {}", console.bold(&cost.flow), console.dim(&place)));
    let mut rows = Vec::new();
    match &cost.wait {
        Some(wait) => rows.extend(waiting(console, wait, sources)),
        None => rows.push((
            console.say("等待", "waiting").to_string(),
            console.say("字节码不说明；请检查脚本。", "bytecode does not say; check the script.").to_string(),
        )),
    }
    rows.extend(work(console, cost, sources));
    let width = rows.iter().map(|(left, _)| display_width(left)).max().unwrap_or(0);
    let room = console.style.width.saturating_sub(width + 4);
    for (left, right) in rows {
        if room >= 24 {
            let pad = " ".repeat(width.saturating_sub(display_width(&left)));
            for (at, text) in wrap(&right, room).into_iter().enumerate() {
                let left = if at == 0 { format!("{left}{pad}") } else { " ".repeat(width) };
                console.line(format!("  {left}  {text}").trim_end());
            }
        } else {
            wrap(&left, console.style.width.saturating_sub(2))
                .iter()
                .for_each(|text| console.line(&format!("  {text}")));
            for text in wrap(&right, console.style.width.saturating_sub(4)) {
                console.line(format!("    {text}").trim_end());
            }
        }
    }
    console.line("");
}

fn waiting(console: &Console, wait: &FlowWait, sources: &Sources) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    let open = if wait.unknown.is_empty() {
        ""
    } else {
        console.say("，另有未知的等待", ", and waits that are not known")
    };
    rows.push((
        console.say("持卡人最多等待", "longest wait").to_string(),
        format!("{}{open}", time(console, wait.own_ms())),
    ));
    if let Some(deadline) = wait.deadline_ms {
        rows.push(("  @within".to_string(), time(console, deadline)));
    }
    if let Some((before, after)) = wait.around_the_request_ms() {
        rows.push((console.say("  请求发出之前", "  before the request").to_string(), time(console, before)));
        rows.push((console.say("  从请求发出起", "  from the request on").to_string(), time(console, after)));
    }
    for share in wait.shares.iter().filter(|share| share.total_ms() > 0) {
        rows.push((format!("  {}", amount(console, share)), what(console, share, sources)));
    }
    for unknown in &wait.unknown {
        rows.push((console.say("  未知", "  not known").to_string(), open_wait(console, unknown, sources)));
    }
    if wait.deliveries() > 0 {
        let delivery = time(console, wait.delivery_ms);
        let (count, total) = (wait.deliveries(), time(console, wait.most_ms()));
        let times = match console.style.language {
            Language::Zh => format!("{count} 次"),
            Language::En => counted(count, "time"),
        };
        rows.push((
            console.say("若有上一笔冲正待发", "if a reversal is pending").to_string(),
            console
                .say(
                    "{total}：先补发冲正，每次至多 {delivery}，最坏 {count}（开始时，以及每条须先补发的报文之前）",
                    "{total}: it is delivered first, {delivery} at most, {count} at worst (at the start, and before each message that must wait for it)",
                )
                .replace("{total}", &total)
                .replace("{delivery}", &delivery)
                .replace("{count}", &times),
        ));
    }
    rows
}

fn amount(console: &Console, share: &Share) -> String {
    let total = time(console, share.total_ms());
    if share.times == 1 { total } else { format!("{} × {} = {total}", share.times, time(console, share.each_ms)) }
}

fn what(console: &Console, share: &Share, sources: &Sources) -> String {
    let name = match share.cause {
        Cause::Pause => console.say("重试前的间隔", "pause before a retry").to_string(),
        Cause::Rest => console.say("其余较短的等待", "shorter waits together").to_string(),
        Cause::Flow => format!("{} @within", share.name),
        Cause::Call | Cause::Host { .. } => share.name.to_string(),
    };
    match at(share.place, sources) {
        Some(place) => format!("{name}  {place}"),
        None => name,
    }
}

fn open_wait(console: &Console, unknown: &Unknown, sources: &Sources) -> String {
    let place = at(unknown.place, sources).map(|place| format!("  {place}")).unwrap_or_default();
    match unknown.each_ms {
        Some(ms) => console
            .say("列表每多一项再加 {time}{place}", "{time} more for each further member of the list{place}")
            .replace("{time}", &time(console, ms))
            .replace("{place}", &place),
        None => console
            .say("{name} 的时长由运行时给出{place}", "{name}: the run says how long{place}")
            .replace("{name}", &unknown.name)
            .replace("{place}", &place),
    }
}

fn work(console: &Console, cost: &FlowCost, sources: &Sources) -> Vec<(String, String)> {
    let bound = &cost.bound;
    let granted = grouped(INSTRUCTIONS_MAX);
    let mut rows = Vec::new();
    let instructions = match bound.endless {
        Some(_) => console
            .say(
                "循环次数无法证明；满 {granted} 条即止（T8001），未决的款项冲正",
                "a loop has no bound; stopped after {granted} (T8001), undecided money is reversed",
            )
            .to_string(),
        None if bound.instructions > INSTRUCTIONS_MAX => console
            .say(
                "至多 {n} 条，超过准许的 {granted} 条：会停在 T8001",
                "{n} at most, more than the {granted} granted: T8001 stops it",
            )
            .replace("{n}", &grouped(bound.instructions)),
        None => console
            .say("至多 {n} 条，准许 {granted} 条", "{n} at most of {granted}")
            .replace("{n}", &grouped(bound.instructions)),
    };
    rows.push((console.say("指令", "instructions").to_string(), instructions.replace("{granted}", &granted)));
    for (place, open) in &cost.open_loops {
        let place = place.and_then(|place| at(place, sources)).unwrap_or_else(|| format!("#{}", open.function));
        rows.push((
            console.say("  列表", "  a list").to_string(),
            console
                .say(
                    "每项再加 {each} 条，项数由运行时决定，至多 {most} 项  {place}",
                    "{each} more for each member, which the run counts, {most} at most  {place}",
                )
                .replace("{each}", &grouped(open.each))
                .replace("{most}", &grouped(open.most))
                .replace("{place}", &place),
        ));
    }
    if bound.by_size > 0 && bound.endless.is_none() {
        let sum = bound.instructions.saturating_add(bound.by_size);
        let text = if sum > INSTRUCTIONS_MAX {
            console.say(
                "列表与文字都到上限时共 {n} 条；满 {granted} 条即止（T8001），未决的款项冲正",
                "{n} with lists and texts at their limits; stopped after {granted} (T8001), undecided money is reversed",
            )
        } else {
            console.say("列表与文字都到上限时共 {n} 条", "{n} with lists and texts at their limits")
        };
        rows.push((
            console.say("  最坏", "  at worst").to_string(),
            text.replace("{n}", &grouped(sum)).replace("{granted}", &granted),
        ));
    }
    rows.push((
        console.say("调用层数", "calls deep").to_string(),
        console
            .say("{n} 层，准许 {most} 层", "{n} of {most}")
            .replace("{n}", &bound.depth.to_string())
            .replace("{most}", &Limits::DEPTH_MAX.to_string()),
    ));
    let bytes = grouped(u64::from(bound.registers).saturating_mul(8));
    let bytes = match console.style.language {
        Language::Zh => format!("{bytes} 字节"),
        Language::En => counted(bytes, "byte"),
    };
    rows.push((
        console.say("寄存器", "registers").to_string(),
        console
            .say("{n} 个，{bytes}", "{n}, {bytes}")
            .replace("{n}", &bound.registers.to_string())
            .replace("{bytes}", &bytes),
    ));
    rows
}

/// `1000000` as `1,000,000`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// One flow as one line of JSON.
fn line(cost: &FlowCost, sources: &Sources) -> Value {
    let waits = cost.wait.as_ref().map(|wait| {
        let around = wait.around_the_request_ms();
        json!({
            "at": at(wait.place, sources),
            "own_ms": wait.own_ms(),
            "before_request_ms": around.map(|(before, _)| before),
            "from_request_ms": around.map(|(_, after)| after),
            "with_pending_reversal_ms": wait.most_ms(),
            "deliveries": wait.deliveries(),
            "delivery_ms": wait.delivery_ms,
            "deadline_ms": wait.deadline_ms,
            "shares": wait.shares.iter().map(|share| json!({
                "at": at(share.place, sources),
                "what": match share.cause {
                    Cause::Pause => "pause",
                    Cause::Rest => "rest",
                    Cause::Flow => "flow",
                    Cause::Host { .. } => "host",
                    Cause::Call => "call",
                },
                "name": share.name.as_str(),
                "each_ms": share.each_ms,
                "times": share.times,
            })).collect::<Vec<_>>(),
            "unknown": wait.unknown.iter().map(|unknown| json!({
                "at": at(unknown.place, sources),
                "name": unknown.name.as_str(),
                "each_ms": unknown.each_ms,
            })).collect::<Vec<_>>(),
        })
    });
    let bound = &cost.bound;
    json!({
        "v": 1,
        "kind": "cost",
        "flow": cost.flow,
        "waits": waits,
        "instructions": bound.endless.is_none().then_some(bound.instructions),
        "instructions_by_size": bound.by_size,
        "instructions_granted": INSTRUCTIONS_MAX,
        "loops_over_lists": cost.open_loops.iter().map(|(place, open)| json!({
            "at": place.and_then(|place| at(place, sources)),
            "each": open.each,
            "members_max": open.most,
        })).collect::<Vec<_>>(),
        "calls_deep": bound.depth,
        "calls_deep_granted": Limits::DEPTH_MAX,
        "registers": bound.registers,
    })
}
