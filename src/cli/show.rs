//! Shows a run as it happens: steps, screen, messages field by field, slip, the money's way.

use crate::cli::style::Console;
use crate::run::happening::{Happening, Sentence, ShownField, ShownLine, slip};
use crate::script_error::source::display_width;
use crate::script_error::words::Language;
use crate::world::terminal::printer;

/// Columns of a slip.
const SLIP_COLUMNS: usize = 32;
/// Columns of the words in front.
const LABEL_COLUMNS: usize = 10;
/// Columns of the doctor's verdict.
const VERDICT_COLUMNS: usize = 13;

/// Writes one happening; masked already.
pub fn happening(console: &Console, happening: &Happening) {
    let language = console.style.language;
    match happening {
        Happening::Step { name } => console.line(&console.bold(&format!("== {name}"))),
        Happening::Screen { sentence } => labelled(console, "屏幕", "screen", of(sentence, language)),
        Happening::Card { entry, masked } => {
            let (zh, en) = match entry.as_str() {
                "chip" => ("插卡", "chip"),
                "tap" => ("挥卡", "tap"),
                "stripe" => ("刷卡", "stripe"),
                _ => ("手输", "manual"),
            };
            labelled(console, "卡", "card", &format!("{masked}  {}", console.say(zh, en)));
        }
        Happening::Chip { verdict, scripts, issuer } => {
            let (zh, en) = match verdict.as_str() {
                "TC" => ("同意 (TC)", "yes (TC)"),
                "AAC" => ("拒绝 (AAC)", "no (AAC)"),
                _ => ("要问主机 (ARQC)", "ask the host (ARQC)"),
            };
            let mut text = console.say(zh, en).to_owned();
            if *scripts > 0 {
                text.push_str(&match language {
                    Language::Zh => format!("，发卡行脚本 {scripts} 个"),
                    Language::En => format!(", issuer scripts: {scripts}"),
                });
            }
            text.push_str(match issuer.as_deref() {
                Some("wrong") => console.say("，发卡行认证失败 (91)", ", the issuer's answer (91) is wrong"),
                Some(_) => console.say("，没有发卡行认证数据 (91)", ", no answer of the issuer (91)"),
                None => "",
            });
            labelled(console, "芯片", "chip", &text);
        }
        Happening::PinEntered => {
            labelled(
                console,
                "密码",
                "PIN",
                console.say("******  在密码键盘内加密", "******  encrypted inside the PIN pad"),
            );
        }
        Happening::KeyChecked { slot, check_value } => {
            let text = match language {
                Language::Zh => format!("{slot}  校验值 {check_value}"),
                Language::En => format!("{slot}  check value {check_value}"),
            };
            labelled(console, "密钥", "key", &text);
        }
        Happening::ReversalRecorded { stan } => {
            journal(console, *stan, "冲正已落盘，然后才发送", "reversal recorded before anything leaves")
        }
        Happening::Sent { mti, name, fields } => {
            console.line(&console.painted("36", &format!("-> {mti:04}  {}", of(name, language))));
            show_fields(console, fields);
        }
        Happening::Received { mti, fields, after_ms } => {
            console.line(&console.painted("36", &format!("<- {mti:04}  {after_ms} ms")));
            show_fields(console, fields);
        }
        Happening::NoReply { code, after_ms } => {
            let text = match language {
                Language::Zh => format!("<- 没有可用的应答（{code}，{after_ms} ms）"),
                Language::En => format!("<- no usable reply ({code}, {after_ms} ms)"),
            };
            console.line(&console.painted("31", &text));
        }
        Happening::Stray { mti, why, fields } => {
            let message = mti.map_or("????".to_owned(), |mti| format!("{mti:04}"));
            let text = match language {
                Language::Zh => format!("<- {message}  不是应答：{}", why.zh),
                Language::En => format!("<- {message}  not the answer: {}", why.en),
            };
            console.line(&console.painted("33", &text));
            show_fields(console, fields);
        }
        Happening::Unreachable { address, why } => {
            labelled(console, "线路", "line", &format!("{address}  {}", of(why, language)));
        }
        Happening::Backup { address } => {
            let text = match language {
                Language::Zh => format!("改用备用地址 {address}"),
                Language::En => format!("the other address is used: {address}"),
            };
            labelled(console, "线路", "line", &text);
        }
        Happening::Booked { stan, .. } => {
            journal(console, *stan, "已入账，冲正同时清除", "booked; its reversal is cleared in the same record")
        }
        Happening::Discarded { stan } => {
            journal(console, *stan, "未扣款，冲正作废", "nothing was taken; its reversal is dropped")
        }
        Happening::NeverSent { stan, cause } => {
            let zh = format!("请求没有发出（{cause}），冲正作废");
            let en = format!("the request never left ({cause}); its reversal is dropped");
            journal(console, *stan, &zh, &en);
        }
        Happening::ReversalQueued { stan, reason } => {
            let (zh, en) = (format!("冲正已排队，原因 {reason}"), format!("reversal queued, reason {reason}"));
            journal(console, *stan, &zh, &en);
        }
        Happening::ReversalSent { stan } => {
            journal(console, *stan, "先发送待发的冲正", "the reversal that waits goes first")
        }
        Happening::ReversalClosed { stan, by } => {
            let (zh, en) = (format!("冲正已确认（{by}）"), format!("reversal confirmed ({by})"));
            journal(console, *stan, &zh, &en);
        }
        Happening::NoticeKept { stan, kind: Some(_), .. } => {
            journal(console, *stan, "已入账，通知待上送", "booked; a notice of it waits to be sent")
        }
        Happening::NoticeKept { stan, kind: None, .. } => {
            journal(console, *stan, "通知已落盘，待上送", "a notice is kept and waits to be sent")
        }
        Happening::NoticeAnswered { stan, by, taken: true } => {
            let (zh, en) = (format!("通知已上送（{by}）"), format!("notice taken ({by})"));
            journal(console, *stan, &zh, &en);
        }
        Happening::NoticeAnswered { stan, by, .. } => {
            let (zh, en) = (format!("通知被拒收（{by}），不成立"), format!("notice refused ({by}): it does not stand"));
            journal(console, *stan, &zh, &en);
        }
        Happening::Settled { balanced: true } => {
            labelled(console, "账", "journal", console.say("对账相符", "totals agree with the host's"));
        }
        Happening::Settled { .. } => {
            labelled(
                console,
                "账",
                "journal",
                console.say("对账不平，须批上送", "totals differ: the batch is uploaded"),
            );
        }
        Happening::BatchClosed { next } => {
            let text = match language {
                Language::Zh => format!("批次已关闭，下一批次号 {next:06}"),
                Language::En => format!("batch closed; the next is {next:06}"),
            };
            labelled(console, "账", "journal", &text);
        }
        Happening::HostCommand { digit } => {
            let text = match language {
                Language::Zh => format!("应答报文头的处理要求：{digit}"),
                Language::En => format!("the reply's header asks for {digit}"),
            };
            labelled(console, "主机", "host", &text);
        }
        Happening::Slip { lines } => show_slip(console, lines),
        Happening::Checked(checked) => {
            let verdict = padded(checked.verdict.name().in_language(language), VERDICT_COLUMNS);
            let (name, found) = (of(&checked.name, language), of(&checked.found, language));
            let code = checked.code.as_ref().map(|code| format!("  {code}")).unwrap_or_default();
            labelled(console, "体检", "doctor", &format!("{verdict}{name}  {found}{code}"));
        }
        Happening::Beep if console.brief => {}
        Happening::Beep => labelled(console, "蜂鸣", "beep", "*"),
        Happening::Log { text } => labelled(console, "日志", "log", text),
        Happening::PowerCut { point } => {
            let text = match language {
                Language::Zh => format!("!! 断电（模拟）：{point}"),
                Language::En => format!("!! power cut (simulated): {point}"),
            };
            console.line(&console.painted("31", &text));
        }
    }
}

fn of(sentence: &Sentence, language: Language) -> &str {
    match language {
        Language::Zh => &sentence.zh,
        Language::En => &sentence.en,
    }
}

fn labelled(console: &Console, zh: &str, en: &str, text: &str) {
    let label = padded(console.say(zh, en), LABEL_COLUMNS);
    for (at, line) in text.split('\n').enumerate() {
        let front = if at == 0 { label.clone() } else { " ".repeat(LABEL_COLUMNS) };
        console.line(&format!("   {}{line}", console.dim(&front)));
    }
}

fn journal(console: &Console, stan: u32, zh: &str, en: &str) {
    labelled(console, "账", "journal", &format!("{stan:06}  {}", console.say(zh, en)));
}

pub(super) fn show_fields(console: &Console, fields: &[ShownField]) {
    if console.brief {
        return;
    }
    let language = console.style.language;
    let widest = fields.iter().map(|field| display_width(of(&field.name, language))).max().unwrap_or(0).min(40);
    for field in fields {
        let name = padded(of(&field.name, language), widest);
        let number = padded(&format!("F{}", field.number), 5);
        console.line(&format!("     {}{}  {}", console.dim(&number), console.dim(&name), of(&field.value, language)));
    }
}

fn show_slip(console: &Console, lines: &[ShownLine]) {
    let language = console.style.language;
    let border = "-".repeat(SLIP_COLUMNS + 4);
    console.line(&format!("   +{border}+"));
    let put = |text: &str| console.line(&format!("   |  {}  |", padded(text, SLIP_COLUMNS)));
    for line in printer::render(&slip(lines), SLIP_COLUMNS, language).split('\n') {
        put(line);
    }
    console.line(&format!("   +{border}+"));
}

/// A text filled with spaces to so many columns; Chinese characters take two.
pub fn padded(text: &str, columns: usize) -> String {
    let gap = columns.saturating_sub(display_width(text));
    format!("{text}{}", " ".repeat(gap))
}
