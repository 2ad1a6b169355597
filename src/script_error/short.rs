//! Shows an error on one line.

use super::error::{Declined, Frame, Money, ScriptError};
use super::fill::{inert, inert_whole};
use super::finding::{Finding, Severity};
use super::render::{Style, title_of, where_of};
use super::source::Sources;

/// `sale.till:12:5: error[T0301]: title`
pub fn finding(finding: &Finding, sources: &Sources, style: &Style) -> String {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let place = match sources.locate(finding.at.place) {
        Some((name, position)) => format!("{}:{}:{}: ", inert_whole(name), position.line, position.column),
        None => String::new(),
    };
    format!("{place}{severity}[{}]: {}\n", finding.code, inert_whole(&title_of(finding, style.language)))
}

/// `sale.till:12:5: error[T5101]: title [money: reversal_queued]`
pub fn script_error(error: &ScriptError, sources: &Sources, style: &Style) -> String {
    let title = error.title.in_language(style.language);
    one_line(&error.trace, sources, "error", &error.code, title, error.money)
}

/// `sale.till:12:5: declined[51]: title [money: not_moved]`
pub fn declined(declined: &Declined, sources: &Sources, style: &Style) -> String {
    let title = declined.title.in_language(style.language);
    one_line(&declined.trace, sources, "declined", &declined.response, title, declined.money)
}

fn one_line(trace: &[Frame], sources: &Sources, kind: &str, code: &str, title: &str, money: Money) -> String {
    let place = trace.first().map(|frame| format!("{}: ", where_of(frame, sources))).unwrap_or_default();
    format!("{place}{kind}[{}]: {} [money: {}]\n", inert(code), inert_whole(title), money.word())
}
