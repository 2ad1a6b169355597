//! How the end of a run is shown: the outcome, what went wrong, how terminal and host stand, and last the money.

use crate::cli::exit::Exit;
use crate::cli::style::{Console, Format};
use crate::run::report::{Ended, Result as RunResult};
use crate::script_error::catalogue::internal;
use crate::script_error::error::Money;
use crate::script_error::render::money_line;
use crate::script_error::source::Sources;
use crate::world::audit::books::Standing;

/// Writes the outcome, the report of what went wrong, and last the money line.
pub(super) fn show_end(console: &Console, ended: &Ended, sources: &Sources, kept: bool) -> Exit {
    let mut exit = Exit::Fine;
    let word = match &ended.result {
        RunResult::Done(_) => ("done", "完成", "done"),
        RunResult::Approved(_) => ("approved", "交易成功", "approved"),
        RunResult::Cancelled => ("cancelled", "已取消", "cancelled"),
        RunResult::Declined(declined) => {
            console.declined(declined, sources);
            ("declined", "被拒绝", "declined")
        }
        RunResult::Failed(error) => {
            exit = if error.code == internal::INTERNAL_DEFECT.0 { Exit::Defect } else { Exit::Failed };
            console.script_error(error, sources);
            ("failed", "出错", "failed")
        }
        RunResult::PowerCut(error) => {
            exit = Exit::Failed;
            console.script_error(error, sources);
            ("power_cut", "断电", "power cut")
        }
    };
    if ended.pending > 0 {
        exit = exit.max(Exit::ReversalsWait);
    }
    let (json, zh, en) = word;
    let language = console.style.language;
    match console.format {
        Format::Json | Format::Sarif => console.line(
            &serde_json::json!({
                "v": 1,
                "kind": "outcome",
                "outcome": json,
                "money": ended.money.word(),
                "transactions": ended.transactions.iter().map(|(stan, money)| {
                    serde_json::json!({ "stan": format!("{stan:06}"), "money": money.word() })
                }).collect::<Vec<_>>(),
                "pending_reversals": ended.pending,
                "instructions": ended.executed,
                "books": ended.books.as_ref().map(books),
            })
            .to_string(),
        ),
        Format::Full => {
            console.line(&console.bold(&format!("{}{}", console.say("结果：", "outcome: "), console.say(zh, en))));
            if ended.pending > 0 {
                let line = console
                    .say("待发冲正：{n} 笔", "reversals waiting: {n}")
                    .replace("{n}", &ended.pending.to_string());
                console.line(&line);
                if !kept {
                    // A newcomer looks for the reversal in the next run, and this world ends here.
                    console.line(&console.dim(console.say(
                        "（模拟世界到此结束；加上 --journal 目录，下一次运行会先发送它）",
                        "(this simulated world ends here; with --journal DIR the next run sends it first)",
                    )));
                }
            }
            if ended.transactions.len() > 1 {
                for (stan, money) in &ended.transactions {
                    console.line(&format!("   {stan:06}  {}", money_line(*money, language)));
                }
            }
            if let Some(books) = &ended.books {
                console.line(&console.dim(&books.line(language)));
            }
            let colour = match ended.money {
                Money::NotMoved | Money::Moved | Money::TakenBack | Money::Credited | Money::Held | Money::Reversed => {
                    "32"
                }
                Money::ReversalQueued => "33",
            };
            console.line(&console.painted(colour, &money_line(ended.money, language)));
        }
        // The error and the decline have said it already.
        Format::Short | Format::Cashier => {
            if !matches!(ended.result, RunResult::Declined(_) | RunResult::Failed(_) | RunResult::PowerCut(_)) {
                console.line(console.say(zh, en));
                console.line(&money_line(ended.money, language));
            }
        }
    }
    exit
}

/// How terminal and host stand, for machines.
pub(super) fn books(books: &Standing) -> serde_json::Value {
    serde_json::json!({
        "sales": books.tally.begun,
        "approved": books.tally.approved,
        "declined": books.tally.declined,
        "reversed": books.tally.reversed,
        "unknown": books.unknown,
        "slips": books.tally.slips,
        "slips_owed": books.owed,
        "notices_unheard": books.unheard,
        "batch": books.batch.map(|amount| amount.to_string()),
        "host": books.host.map(|amount| amount.to_string()),
        "consistent": books.consistent,
    })
}
