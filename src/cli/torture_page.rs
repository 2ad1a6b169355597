//! What `till torture` shows: one subject, the sum, a violation with its story.

use crate::cli::show::happening;
use crate::cli::style::{Console, counted};
use crate::cli::torture::{Wanted, is_json, shown};
use crate::payment::percent;
use crate::run::torture::plan::{Choice, DISK, kind};
use crate::run::torture::report::{Found, Report};
use crate::run::torture::story::{Line, Story};
use crate::run::torture::subject::LeftOut;
use crate::script_error::source::Sources;
use crate::script_error::words::Language;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// A number with its thousands apart.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A flow that cannot be started from here.
pub(super) fn left_out(console: &Console, file: &Path, why: &LeftOut) {
    let LeftOut { flow, parameter, ty } = why;
    if is_json(console) {
        let line = json!({ "v": 1, "kind": "torture_left_out", "file": shown(file), "flow": flow, "parameter": parameter, "type": ty });
        console.line(&line.to_string());
        return;
    }
    console.line(&match console.style.language {
        Language::Zh => format!(
            "{} {flow}：未做，参数 {parameter}（{ty}）无法从外部给出；写一个 @every_crash_point 测试即可",
            shown(file)
        ),
        Language::En => format!(
            "{} {flow}: left out, nobody can hand in {parameter} ({ty}); a test marked @every_crash_point can",
            shown(file)
        ),
    });
}

/// What came of one subject.
pub(super) fn subject(console: &Console, file: &Path, name: &str, report: &Report) {
    let good = !report.is_wrong();
    if is_json(console) {
        let line = json!({
            "v": 1,
            "kind": "torture_subject",
            "file": shown(file),
            "subject": name,
            "moments": report.moments,
            "instructions": report.instructions,
            "messages": report.messages,
            "runs": report.plans,
            "crash_points": report.points,
            "instruction_points": report.instruction_points,
            "worlds": report.worlds,
            "uses": report.uses,
            "violations": report.found.iter().filter(|found| !found.violation.what.is_of_host()).count(),
        });
        console.line(&line.to_string());
        return;
    }
    let mark = if good { console.painted("32", "ok  ") } else { console.painted("31", "FAIL") };
    console.line(&format!("{mark} {}  {}", shown(file), console.bold(name)));
    let [moments, instructions, messages] =
        [u64::from(report.moments), report.instructions, u64::from(report.messages)].map(grouped);
    let [runs, points, worlds, uses] = [report.plans, report.points, report.worlds, report.uses].map(grouped);
    console.line(&match console.style.language {
        Language::Zh => format!(
            "     无故障一次：断电点 {moments}，指令 {instructions}，报文 {messages}\n     全部：运行 {runs} 次，断电点 {points}，不同的局面 {worlds}，启动 {uses} 次"
        ),
        Language::En => format!(
            "     without a fault: {}, {}, {}\n     in all: {}, {}, {}, {}",
            counted(moments, "crash point"),
            counted(instructions, "instruction"),
            counted(messages, "message"),
            counted(runs, "run"),
            counted(points, "crash point"),
            counted(worlds, "different world"),
            counted(uses, "start"),
        ),
    });
}

/// Names of faults that a choice tries.
fn tried(choice: &Choice) -> Vec<String> {
    let names = choice.of_message(1).into_iter().chain(choice.standing());
    let mut kinds: BTreeSet<String> = names.map(|name| kind(&name).to_owned()).collect();
    for trouble in choice.of_disk() {
        kinds.extend(DISK.iter().filter(|(_, known)| *known == trouble).map(|(word, _)| (*word).to_owned()));
    }
    kinds.into_iter().collect()
}

/// All of it.
pub(super) fn sum(console: &Console, wanted: &Wanted, sum: &Report, took: Duration) {
    let faults = tried(&wanted.options.choice);
    let unreached = sum.cells.unreached(&faults);
    let cells = sum.cells.0.len() as u64;
    let rate = sum.points * 1_000 / (took.as_millis() as u64).max(1);
    let (part, of) = wanted.options.shard;
    let of_terminal = || sum.found.iter().filter(|found| !found.violation.what.is_of_host());
    let violations: u64 = of_terminal().map(|found| found.worlds).sum();
    let kinds_wrong = of_terminal().map(|found| found.violation.what).collect::<BTreeSet<_>>().len();
    if is_json(console) {
        let cells: Vec<Value> = sum
            .cells
            .0
            .iter()
            .map(|((fault, phase, outcome), times)| {
                json!({ "fault": fault, "phase": phase.word(), "outcome": outcome.word(), "times": times })
            })
            .collect();
        let unreached: Vec<Value> =
            unreached.iter().map(|(fault, phase)| json!({ "fault": fault, "phase": phase.word() })).collect();
        let line = json!({
            "v": 1,
            "kind": "torture",
            "crashes": wanted.options.crashes,
            "shard": format!("{part}/{of}"),
            "faults": faults,
            "runs": sum.plans,
            "crash_points": sum.points,
            "instruction_points": sum.instruction_points,
            "covered": percent::shown(i64::try_from(sum.covered()).unwrap_or(0)),
            "worlds": sum.worlds,
            "uses": sum.uses,
            "violations": kinds_wrong,
            "cells": cells,
            "unreached": unreached,
        });
        console.line(&line.to_string());
        return;
    }
    let zh = console.style.language == Language::Zh;
    let covered = percent::shown(i64::try_from(sum.covered()).unwrap_or(0));
    let [points, instructions, worlds, runs, cells] =
        [sum.points, sum.instruction_points, sum.worlds, sum.plans, cells].map(grouped);
    let (kinds, rate, ms) = (faults.len(), grouped(rate), took.as_millis());
    console.line("");
    console.line(&if zh {
        format!("矩阵：{kinds} 种故障，{runs} 次运行，{points} 个断电点，另有 {instructions} 条指令与之相同；不同的局面 {worlds}，逐一恢复并对账")
    } else {
        let kinds = if kinds == 1 { "1 kind of fault".to_owned() } else { format!("{kinds} kinds of fault") };
        let (runs, points, worlds) =
            (counted(runs, "run"), counted(points, "crash point"), counted(worlds, "different world"));
        format!("matrix: {kinds}, {runs}, {points}, and {instructions} more by instruction that leave the same; {worlds}, each recovered from and audited")
    });
    console.line(&if zh {
        format!("覆盖：第 {part}/{of} 份各次运行的断电点，{covered} 已恢复并对账；格子（故障×阶段×结果）{cells}，未到达的故障×阶段 {}", unreached.len())
    } else {
        format!("covered: {covered} of the crash points of part {part}/{of} are recovered from and audited; cells (fault × phase × outcome): {cells}, pairs of fault and phase not reached: {}", unreached.len())
    });
    // A list as long as a page is in the JSON.
    for (fault, phase) in unreached.iter().take(UNREACHED_SHOWN) {
        console.line(&console.dim(&format!("   {fault} × {}", phase.word())));
    }
    if unreached.len() > UNREACHED_SHOWN {
        let more = unreached.len() - UNREACHED_SHOWN;
        console.line(&console.dim(&if zh {
            format!("   另有 {more} 个，见 --format json")
        } else {
            format!("   and {more} more: --format json")
        }));
    }
    let verdict = match (violations, zh) {
        (0, true) => console.painted("32", "没有违例：日志、主机、签购单处处一致"),
        (0, false) => console.painted("32", "no violation: journal, host and slips agree everywhere"),
        (_, true) => console.painted("31", &format!("违例 {} 种，见于 {} 个局面", kinds_wrong, grouped(violations))),
        (_, false) => {
            let kinds = if kinds_wrong == 1 {
                "1 kind of violation".to_owned()
            } else {
                format!("{kinds_wrong} kinds of violation")
            };
            console.painted("31", &format!("{kinds}, in {}", counted(grouped(violations), "world")))
        }
    };
    console.line(&verdict);
    console.line(&if zh {
        format!("每秒 {rate} 个断电点，用时 {ms} ms。")
    } else {
        format!("{} a second; {ms} ms.", counted(rate, "crash point"))
    });
}

const UNREACHED_SHOWN: usize = 6;

/// What a host did that no terminal can prevent: reported by name, no fault of the flow.
pub(super) fn of_host(console: &Console, found: &Found) {
    let Found { violation, origin, worlds } = found;
    let mut way = origin.plan.shown();
    if let Some((then, _)) = &origin.then {
        way = format!("{way}, {}", then.shown());
    }
    let about = violation.what.about();
    if is_json(console) {
        let line = json!({
            "v": 1,
            "kind": "violation_of_host",
            "what": violation.what.word(),
            "said": { "zh": about.zh, "en": about.en },
            "worlds": worlds,
            "faults": way,
        });
        console.line(&line.to_string());
        return;
    }
    let line = console.say("     主机 {w}：{a}（{n} 个局面，如 {f}）", "     host {w}: {a} (worlds: {n}, as with {f})");
    let line = line.replace("{w}", violation.what.word()).replace("{a}", about.in_language(console.style.language));
    console.line(&console.painted("33", &line.replace("{n}", &grouped(*worlds)).replace("{f}", &way)));
}

/// A violation and how it comes about.
pub(super) fn violation(
    console: &Console,
    file: &Path,
    found: &Found,
    story: &Story,
    sources: &Sources,
    trace: &Path,
    is_same: bool,
) {
    let language = console.style.language;
    if is_json(console) {
        let said = found.violation.said();
        let steps: Vec<Value> = story
            .lines
            .iter()
            .filter_map(|line| match line {
                Line::Told(said) => Some(json!({ "zh": said.zh, "en": said.en })),
                _ => None,
            })
            .collect();
        let line = json!({
            "v": 1,
            "kind": "violation",
            "file": shown(file),
            "what": found.violation.what.word(),
            "said": { "zh": said.zh, "en": said.en },
            "worlds": found.worlds,
            "faults": found.origin.plan.shown(),
            "moment": found.origin.cut.map(|(cut, _)| cut.at),
            "steps": steps,
            "trace": shown(trace),
            "reproduced": is_same,
        });
        console.line(&line.to_string());
        return;
    }
    let said = found.violation.said();
    console.line("");
    let title = console.say("违例", "violation");
    console.line(
        &console.painted("31", &format!("{title} {}: {}", found.violation.what.word(), said.in_language(language))),
    );
    let mut brief = console.again();
    brief.brief = true;
    let mut number = 0;
    for line in &story.lines {
        match line {
            Line::Told(said) => {
                number += 1;
                console.line(&format!(" {number}. {}", said.in_language(language)));
            }
            Line::Happened(what) => happening(&brief, what),
            Line::Ended(error) => console.script_error(error, sources),
        }
    }
    for violation in &story.violations {
        console.line(&format!(" => {}", violation.said().in_language(language)));
    }
    if !is_same {
        console.line(console.say(
            "重演时没有出现这一违例：这是本命令的缺陷，请报告。",
            "Played again, it did not come up: a defect of this command; please report it.",
        ));
    }
    let (file, trace) = (shown(file), shown(trace));
    console.line(&match language {
        Language::Zh => format!("最短的经过；同类局面 {} 个。重看：till run {file} --replay {trace}", found.worlds),
        Language::En => format!(
            "the shortest way there; worlds of the kind: {}. Look again: till run {file} --replay {trace}",
            found.worlds
        ),
    });
    console.line("");
}
