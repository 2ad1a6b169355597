//! What a terminal's own screen shows about an error.

use super::error::{Declined, Guidance, Money, ScriptError};
use super::fill::inert_whole;
use super::finding::Finding;
use super::render::{Style, money_line};
use super::words::Words;
use super::wrap::wrap;

const NOT_RUNNABLE: Words = Words {
    zh: "程序有误，不能运行。请联系技术支持。",
    en: "The program is faulty and cannot run. Call support.",
};

/// A program with findings cannot run; nothing else concerns the cashier.
pub fn finding(finding: &Finding, style: &Style) -> String {
    lines(&[NOT_RUNNABLE.in_language(style.language).to_string(), finding.code.to_string()], style)
}

/// The money line, what the cashier should do, and the code to quote.
pub fn script_error(error: &ScriptError, style: &Style) -> String {
    screen(error.money, &error.guidance, &error.code, style)
}

/// The money line, what the cashier should do, and the response code to quote.
pub fn declined(declined: &Declined, style: &Style) -> String {
    screen(declined.money, &declined.guidance, &declined.response, style)
}

fn screen(money: Money, guidance: &Guidance, code: &str, style: &Style) -> String {
    let todo = guidance.cashier.in_language(style.language).to_string();
    lines(&[money_line(money, style.language), todo, code.to_string()], style)
}

fn lines(texts: &[String], style: &Style) -> String {
    let mut screen = String::new();
    for text in texts.iter().filter(|text| !text.is_empty()) {
        for line in wrap(&inert_whole(text), style.width) {
            screen.push_str(&line);
            screen.push('\n');
        }
    }
    screen
}
