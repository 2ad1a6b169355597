//! `till run --profile`: what the run spent, by step, by device and by request.

use crate::cli::cost::grouped;
use crate::cli::style::{Console, Format};
use crate::language::check::waiting::wait::spoken;
use crate::run::spending::{Spending, Spent};
use crate::script_error::source::display_width;
use crate::script_error::wrap::wrap;
use serde_json::{Value, json};

/// Writes the tables, or one line of JSON.
pub fn show(console: &Console, spending: &Spending) {
    if matches!(console.format, Format::Json | Format::Sarif) {
        return console.line(&line(spending).to_string());
    }
    let flow = console.say("（流程本身）", "(the flow itself)");
    let of_step = |step: &Option<String>| step.clone().unwrap_or_else(|| flow.to_string());
    let steps = spending.steps.iter().map(|(step, spent)| (of_step(step), *spent)).collect();
    let devices = spending.devices().into_iter().map(|(device, spent)| (device.to_string(), spent)).collect();
    let requests = spending.requests.iter().map(|(op, spent)| (op.word().to_string(), *spent)).collect();
    let instructions = console.say("指令", "instructions");
    table(console, [console.say("步骤", "step"), instructions], steps);
    let before = console.say("此前指令", "instructions before it");
    table(console, [console.say("设备", "device"), before], devices);
    table(console, [console.say("请求", "request"), before], requests);
    let most = console
        .say("堆内存最多 {n} 字节。", "Heap: {n} bytes at most.")
        .replace("{n}", &grouped(spending.heap_most as u64));
    console.line(&most);
    let note = console.say(
        "指令按调用与循环计数：一次调用整个算在调用处。等待按终端时钟，是模拟的时间。",
        "Instructions are counted by calls and turns of loops; a call counts whole where it is made. Waiting is by the terminal's clock: simulated time.",
    );
    wrap(note, console.style.width).iter().for_each(|line| console.line(&console.dim(line)));
}

/// Rows with a sum under them; numbers stand right.
fn table(console: &Console, titles: [&str; 2], rows: Vec<(String, Spent)>) {
    let sum = rows.iter().fold(Spent::default(), |sum, (_, spent)| Spent {
        instructions: sum.instructions + spent.instructions,
        requests: sum.requests + spent.requests,
        failed: sum.failed + spent.failed,
        waited_ms: sum.waited_ms + spent.waited_ms,
    });
    let [first, instructions] = titles;
    let mut lines = vec![[
        first.to_string(),
        instructions.to_string(),
        console.say("请求数", "requests").to_string(),
        console.say("失败", "failed").to_string(),
        console.say("等待", "waited").to_string(),
    ]];
    let total = (console.say("合计", "total").to_string(), sum);
    for (name, spent) in rows.into_iter().chain([total]) {
        lines.push([
            name,
            grouped(spent.instructions),
            grouped(spent.requests),
            if spent.failed == 0 { String::new() } else { grouped(spent.failed) },
            spoken(spent.waited_ms).in_language(console.style.language).to_string(),
        ]);
    }
    let widths: Vec<usize> =
        (0..5).map(|column| lines.iter().map(|line| display_width(&line[column])).max().unwrap_or(0)).collect();
    let last = lines.len() - 1;
    for (at, line) in lines.iter().enumerate() {
        let mut text = String::new();
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            let pad = " ".repeat(width - display_width(cell));
            let (left, right) = if column == 0 { (cell.as_str(), pad.as_str()) } else { (pad.as_str(), cell.as_str()) };
            text.push_str(if column == 0 { "" } else { "  " });
            text.push_str(left);
            text.push_str(right);
        }
        console.line(&if at == 0 || at == last { console.bold(text.trim_end()) } else { text.trim_end().to_string() });
    }
    console.line("");
}

fn line(spending: &Spending) -> Value {
    let row = |name: &str, word: Value, spent: &Spent| {
        json!({
            name: word,
            "instructions": spent.instructions,
            "requests": spent.requests,
            "failed": spent.failed,
            "waited_ms": spent.waited_ms,
        })
    };
    json!({
        "v": 1,
        "kind": "profile",
        "steps": spending.steps.iter().map(|(step, spent)| row("step", json!(step), spent)).collect::<Vec<_>>(),
        "devices": spending.devices().iter().map(|(device, spent)| row("device", json!(device), spent)).collect::<Vec<_>>(),
        "builtins": spending.requests.iter().map(|(op, spent)| row("builtin", json!(op.word()), spent)).collect::<Vec<_>>(),
        "heap_bytes_most": spending.heap_most,
    })
}
