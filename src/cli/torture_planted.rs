//! `till torture --planted`: does this command find what is wrong? Defects are planted, and every one has to be found.

use crate::cli::exit::Exit;
use crate::cli::style::{Console, counted};
use crate::cli::torture::is_json;
use crate::cli::torture_page::grouped;
use crate::run::torture::planted::hunt::{Caught, hunt};
use crate::run::torture::planted::rows::{ROWS, Row};
use crate::script_error::error::ScriptError;
use crate::script_error::words::Language;
use crate::world::audit::violation::Wrong;
use crate::world::port::failure::Failure;
use serde_json::json;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

pub(super) fn planted(console: &Console) -> Exit {
    let caught = all();
    let (mut found, mut wrong, mut exit) = (0, 0, Exit::Fine);
    for (row, caught) in ROWS.iter().zip(caught) {
        let caught = match caught {
            Ok(caught) => caught,
            Err(failure) => {
                console.refusal(&ScriptError::of(failure.code, failure.facts));
                exit = Exit::Defect;
                continue;
            }
        };
        let is_right = (caught != Caught::No) == row.is_wrong;
        wrong += usize::from(row.is_wrong);
        found += usize::from(row.is_wrong && caught != Caught::No);
        if !is_right {
            exit = exit.max(Exit::Failed);
        }
        show(console, row, &caught, is_right);
    }
    let harmless = ROWS.len() - wrong;
    if is_json(console) {
        let line = json!({ "v": 1, "kind": "torture_planted", "defects": wrong, "found": found, "harmless": harmless });
        console.line(&line.to_string());
        return exit;
    }
    console.line("");
    let line = console.say(
        "埋下的错误 {n} 个，找到 {f} 个；另有 {h} 处无害的改动，不应有报告",
        "planted defects: {n}, found: {f}; harmless changes, of which nothing may be reported: {h}",
    );
    let line = line.replace("{n}", &wrong.to_string()).replace("{f}", &found.to_string());
    let line = line.replace("{h}", &harmless.to_string());
    console.line(&console.painted(if exit == Exit::Fine { "32" } else { "31" }, &line));
    exit
}

/// Hunts all, on as many threads as the machine has cores.
fn all() -> Vec<Result<Caught, Failure>> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let next = AtomicUsize::new(0);
    let caught: Mutex<Vec<(usize, Result<Caught, Failure>)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some((at, row)) = {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    ROWS.get(at).map(|row| (at, row))
                } {
                    let one = hunt(row);
                    if let Ok(mut caught) = caught.lock() {
                        caught.push((at, one));
                    }
                }
            });
        }
    });
    let mut caught = caught.into_inner().unwrap_or_default();
    caught.sort_by_key(|(at, _)| *at);
    caught.into_iter().map(|(_, caught)| caught).collect()
}

fn show(console: &Console, row: &Row, caught: &Caught, is_right: bool) {
    let about = row.about.in_language(console.style.language);
    let (what, way): (Option<Wrong>, String) = match caught {
        Caught::Matrix { what, way, points } => {
            let points = grouped(*points);
            (
                Some(*what),
                match console.style.language {
                    Language::Zh => format!("{way}；{points} 个断电点"),
                    Language::En => format!("{way}; {points} crash points"),
                },
            )
        }
        Caught::Random { what, sales } => {
            let sales = grouped(*sales);
            (
                Some(*what),
                match console.style.language {
                    Language::Zh => format!("随机；{sales} 笔"),
                    Language::En => format!("at random; {}", counted(sales, "sale")),
                },
            )
        }
        Caught::No => (None, String::new()),
    };
    if is_json(console) {
        let line = json!({
            "v": 1,
            "kind": "planted",
            "name": row.name,
            "about": { "zh": row.about.zh, "en": row.about.en },
            "wrong": row.is_wrong,
            "found_as": what.map(Wrong::word),
            "way": way,
        });
        console.line(&line.to_string());
        return;
    }
    let mark = match (is_right, row.is_wrong) {
        (true, true) => console.painted("32", console.say("找到", "found")),
        (true, false) => console.painted("32", console.say("无害", "quiet")),
        (false, true) => console.painted("31", console.say("漏掉", "MISSED")),
        (false, false) => console.painted("31", console.say("误报", "FALSE ALARM")),
    };
    let what = what.map_or("", Wrong::word);
    console.line(&format!("{mark}  {}: {about}", row.name));
    if !what.is_empty() {
        console.line(&console.dim(&format!("       {what}  ({way})")));
    }
}
