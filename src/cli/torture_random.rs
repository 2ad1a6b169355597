//! `till torture --random`.

use crate::cli::exit::Exit;
use crate::cli::style::{Console, counted};
use crate::cli::torture::{Meter, Wanted, is_json, scenario_of, scripts_of, subjects_of};
use crate::cli::torture_page::grouped;
use crate::run::torture::customers::{PLAIN, ROWS};
use crate::run::torture::engine::Progress;
use crate::run::torture::random::{Calendar, Days, Event};
use crate::run::torture::subject::Subject;
use crate::script_error::catalogue::internal;
use crate::script_error::error::ScriptError;
use crate::script_error::words::Language;
use crate::world::audit::books::Standing;
use crate::world::crash::outside::Plant;
use crate::world::port::card_reader::Entry;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::Instant;

/// Plays days with all flows of these files that speak one dialect.
pub(super) fn random(console: &Console, wanted: &Wanted, files: &[PathBuf]) -> Exit {
    let (scripts, exit) = scripts_of(console, files);
    let mut subjects: Vec<Subject<'_>> = Vec::new();
    for script in &scripts {
        match subjects_of(script, wanted) {
            Ok((found, _)) => subjects.extend(found.into_iter().filter(|subject| !subject.entry.test)),
            Err(failure) => {
                console.refusal(&ScriptError::of(failure.code, failure.facts));
                return exit.max(Exit::Surroundings);
            }
        }
    }
    // One terminal speaks one dialect: that of the first flow.
    let dialect = subjects.first().map(|subject| subject.setup.dialect.name.clone()).unwrap_or_default();
    subjects.retain(|subject| subject.setup.dialect.name == dialect);
    let nothing = || {
        console.line(console.say("没有动账的流程。", "There is no flow that moves money."));
        exit.max(Exit::Usage)
    };
    if subjects.is_empty() {
        return nothing();
    }
    let began = Instant::now();
    let meter = Meter::new(1);
    // Who names cards wants these, and no others.
    let names_cards = match scenario_of(wanted) {
        Ok(scenario) => scenario.is_some_and(|scenario| !scenario.cards.is_empty()),
        Err(failure) => {
            console.refusal(&ScriptError::of(failure.code, failure.facts));
            return exit.max(Exit::Surroundings);
        }
    };
    let make = if names_cards { Calendar::with_cards_of_setup } else { Calendar::new };
    let mut calendar = match make(&subjects, &wanted.options.choice, Plant::default()) {
        Ok(calendar) => calendar,
        Err(failure) => {
            console.refusal(&ScriptError::of(failure.code, failure.facts));
            return Exit::Defect;
        }
    };
    if !calendar.can_sell() {
        return nothing();
    }
    let mut before = 0;
    let days = calendar.days(wanted.seed, wanted.sales, &mut |days| {
        let progress = Progress { done: days.sales, of: wanted.sales, points: days.sales };
        meter.show(console.say("笔", "sales"), progress, &mut before);
    });
    meter.clear();
    let took = began.elapsed();
    let rate = days.sales * 1_000 / (took.as_millis() as u64).max(1);
    show(console, wanted, &subjects, &days);
    if !is_json(console) {
        let line = console.say("每秒 {r} 笔，用时 {t} ms。", "sales a second: {r}; {t} ms.");
        console.line(&line.replace("{r}", &grouped(rate)).replace("{t}", &took.as_millis().to_string()));
    }
    if days.wrong.is_some() { exit.max(Exit::Failed) } else { exit }
}

fn show(console: &Console, wanted: &Wanted, subjects: &[Subject<'_>], days: &Days) {
    let hash: String = days.hash.0.iter().map(|byte| format!("{byte:02x}")).collect();
    if is_json(console) {
        let wrong = days.wrong.as_ref().map(|wrong| {
            let violations: Vec<Value> = wrong
                .violations
                .iter()
                .map(|violation| {
                    let said = violation.said();
                    json!({ "what": violation.what.word(), "said": { "zh": said.zh, "en": said.en } })
                })
                .collect();
            let uses: Vec<String> = wrong.events.iter().map(|event| told(event, subjects, Language::En)).collect();
            json!({ "day": wrong.day, "violations": violations, "uses": uses })
        });
        let line = json!({
            "v": 1,
            "kind": "torture_random",
            "seed": wanted.seed,
            "sales": days.sales,
            "uses": days.uses,
            "days": days.days,
            "power_cuts": days.cuts,
            "faults": days.faults,
            "approved": days.tally.approved,
            "declined": days.tally.declined,
            "reversed": days.tally.reversed,
            "slips": days.tally.slips,
            "of_host": days.of_host,
            "hash": hash,
            "wrong": wrong,
        });
        console.line(&line.to_string());
        return;
    }
    let [sales, uses, all, cuts, faults] = [days.sales, days.uses, days.days, days.cuts, days.faults].map(grouped);
    let language = console.style.language;
    let seed = wanted.seed;
    console.line(&match language {
        Language::Zh => {
            format!("种子 {seed}：交易 {sales} 笔，使用 {uses} 次，{all} 天，断电 {cuts} 次，带故障 {faults} 次")
        }
        Language::En => {
            format!(
                "seed {seed}: {}, {}, {}, {}, uses with a fault: {faults}",
                counted(sales, "sale"),
                counted(uses, "use"),
                counted(all, "day"),
                counted(cuts, "power cut"),
            )
        }
    });
    let standing = Standing { tally: days.tally, ..Standing::default() };
    console.line(&standing.counts(language));
    if days.of_host > 0 {
        let line = console.say(
            "主机没有照自己说的做：{n} 笔（逐笔列入对账）",
            "the host did not do what it said: {n} (each named for reconciliation)",
        );
        console.line(&console.painted("33", &line.replace("{n}", &grouped(days.of_host))));
    }
    match &days.wrong {
        None => {
            let line = console.say("每天终了，日志、主机、签购单一致", "every evening journal, host and slips agree");
            console.line(&console.painted("32", line));
        }
        Some(wrong) => {
            let line = console.say("第 {d} 天有违例；最少须做：", "day {d} is wrong; the least that leads there:");
            console.line(&console.painted("31", &line.replace("{d}", &wrong.day.to_string())));
            for (at, event) in wrong.events.iter().enumerate() {
                console.line(&format!(" {}. {}", at + 1, told(event, subjects, language)));
            }
            for violation in &wrong.violations {
                console.line(&format!(" => {}", violation.said().in_language(language)));
            }
        }
    }
    console.line(&format!("{}{hash}", console.say("散列 ", "hash ")));
}

/// One use in a line.
fn told(event: &Event, subjects: &[Subject<'_>], language: Language) -> String {
    let name = subjects.get(event.subject).map_or_else(|| internal::INTERNAL_DEFECT.to_string(), Subject::name);
    let amount = format!("{}.{:02} CNY", event.minor / 100, event.minor % 100);
    let mut text = format!("{name} {amount}");
    let zh = language == Language::Zh;
    if let Some(customer) = ROWS.get(event.customer).filter(|_| event.customer != PLAIN) {
        let way = match customer.entry {
            Some(Entry::Tap) => {
                if zh {
                    "（挥卡）"
                } else {
                    " (tapped)"
                }
            }
            _ => "",
        };
        text.push_str(&format!("{}{}{way}", if zh { "，卡 " } else { ", card " }, customer.card));
    }
    if event.is_morning {
        text = format!("{}{text}", if zh { "次日：" } else { "the next day: " });
    }
    if event.plan.weight() > 0 {
        text.push_str(&format!("{}{}", if zh { "，故障 " } else { ", fault " }, event.plan.shown()));
    }
    if event.cut.is_some() {
        text.push_str(if zh { "，断电" } else { ", power cut" });
    }
    if let Some(start) = &event.start {
        text.push_str(if zh { "，重新启动" } else { ", switched on again" });
        if start.weight() > 0 {
            text.push_str(&format!("{}{}", if zh { "，故障 " } else { " with the fault " }, start.shown()));
        }
    }
    text
}
