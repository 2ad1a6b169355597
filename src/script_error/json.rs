//! Errors and findings as JSON lines.

use super::catalogue;
use super::error::{Circumstances, Declined, Frame, Guidance, ScriptError};
use super::fill::{fill, is_unseen, said};
use super::finding::{Finding, Label, Severity};
use super::source::{Place, Sources};
use super::words::Said;
use indexmap::IndexMap;
use serde::Serialize;

/// The version of the form; within it only additions are made. `docs/error.schema.json` describes it.
pub const VERSION: u32 = 1;

/// A finding as one line.
pub fn finding(finding: &Finding, sources: &Sources) -> String {
    let row = catalogue::row(finding.code);
    line(&FindingLine {
        v: VERSION,
        kind: "finding",
        code: finding.code.0,
        name: row.map_or("", |row| row.name),
        layer: row.map_or("internal", |row| row.layer.word()),
        severity: match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        title: row.map(|row| both(&fill(row.title, &finding.facts))).unwrap_or_default(),
        location: location(finding.at.place, sources),
        label: some_words(&finding.at.text),
        labels: finding.labels.iter().map(|label| label_line(label, sources)).collect(),
        notes: finding.notes.iter().map(both).collect(),
        cures: finding
            .cures
            .iter()
            .map(|cure| CureLine {
                text: both(&cure.text),
                safe: cure.safe,
                by_hand: cure.by_hand,
                edits: cure
                    .edits
                    .iter()
                    .map(|edit| EditLine {
                        location: location(edit.place, sources),
                        replacement: edit.replacement.clone(),
                    })
                    .collect(),
            })
            .collect(),
        args: finding.facts.iter().map(|(name, fact)| (name.to_string(), Arg::of(&said(fact)))).collect(),
    })
}

/// A script error as one line.
pub fn script_error(error: &ScriptError, sources: &Sources) -> String {
    line(&ScriptErrorLine {
        v: VERSION,
        kind: "script_error",
        code: &error.code,
        name: &error.name,
        layer: error.layer.word(),
        severity: "error",
        title: both(&error.title),
        location: innermost(&error.trace, sources),
        money: error.money.word(),
        args: args(error),
        trace: trace(&error.trace, sources),
        cause: std::iter::successors(error.cause.as_deref(), |cause| cause.cause.as_deref())
            .map(|cause| CauseLine {
                code: cause.code.clone(),
                name: cause.name.clone(),
                layer: cause.layer.word(),
                title: both(&cause.title),
                args: args(cause),
            })
            .collect(),
        response_code: error.response.as_deref(),
        attempts: error.attempts,
        retry: error.retry.word(),
        guidance: GuidanceLine::of(&error.guidance),
        circumstances: CircumstancesLine::of(&error.circumstances),
    })
}

/// A decline as one line.
pub fn declined(declined: &Declined, sources: &Sources) -> String {
    line(&DeclinedLine {
        v: VERSION,
        kind: "declined",
        code: &declined.code,
        response_code: &declined.response,
        response_name: (!declined.name.is_empty()).then_some(&declined.name),
        category: &declined.category,
        title: both(&declined.title),
        location: innermost(&declined.trace, sources),
        money: declined.money.word(),
        trace: trace(&declined.trace, sources),
        retry: declined.retry.word(),
        guidance: GuidanceLine::of(&declined.guidance),
        circumstances: CircumstancesLine::of(&declined.circumstances),
    })
}

#[derive(Serialize)]
struct FindingLine {
    v: u32,
    kind: &'static str,
    code: &'static str,
    name: &'static str,
    layer: &'static str,
    severity: &'static str,
    title: Both,
    location: Option<Location>,
    label: Option<Both>,
    labels: Vec<LabelLine>,
    notes: Vec<Both>,
    cures: Vec<CureLine>,
    args: IndexMap<String, Arg>,
}

#[derive(Serialize)]
struct ScriptErrorLine<'a> {
    v: u32,
    kind: &'static str,
    code: &'a str,
    name: &'a str,
    layer: &'static str,
    severity: &'static str,
    title: Both,
    location: Option<Location>,
    money: &'static str,
    args: IndexMap<String, Arg>,
    trace: Vec<FrameLine>,
    cause: Vec<CauseLine>,
    response_code: Option<&'a str>,
    attempts: u32,
    retry: &'static str,
    guidance: GuidanceLine,
    #[serde(flatten)]
    circumstances: CircumstancesLine,
}

#[derive(Serialize)]
struct DeclinedLine<'a> {
    v: u32,
    kind: &'static str,
    code: &'a str,
    response_code: &'a str,
    response_name: Option<&'a String>,
    category: &'a str,
    title: Both,
    location: Option<Location>,
    money: &'static str,
    trace: Vec<FrameLine>,
    retry: &'static str,
    guidance: GuidanceLine,
    #[serde(flatten)]
    circumstances: CircumstancesLine,
}

#[derive(Default, Serialize)]
struct Both {
    zh: String,
    en: String,
}

/// A fact: one text, or one per language where they differ.
#[derive(Serialize)]
#[serde(untagged)]
enum Arg {
    One(String),
    Two(Both),
}

#[derive(Serialize)]
struct Location {
    file: String,
    span: SpanLine,
    line: u32,
    column: u32,
    utf16_column: u32,
    end_line: u32,
    end_column: u32,
    end_utf16_column: u32,
}

#[derive(Serialize)]
struct SpanLine {
    start: u32,
    end: u32,
}

#[derive(Serialize)]
struct LabelLine {
    location: Option<Location>,
    text: Both,
}

#[derive(Serialize)]
struct CureLine {
    text: Both,
    safe: bool,
    by_hand: bool,
    edits: Vec<EditLine>,
}

#[derive(Serialize)]
struct EditLine {
    location: Option<Location>,
    replacement: String,
}

#[derive(Serialize)]
struct FrameLine {
    flow: String,
    step: Option<String>,
    location: Option<Location>,
    function: u16,
    pc: u32,
    values: IndexMap<String, String>,
}

#[derive(Serialize)]
struct CauseLine {
    code: String,
    name: String,
    layer: &'static str,
    title: Both,
    args: IndexMap<String, Arg>,
}

#[derive(Serialize)]
struct GuidanceLine {
    cashier: Both,
    cardholder: Both,
    support: Both,
}

#[derive(Serialize)]
struct CircumstancesLine {
    terminal: Option<String>,
    program: Option<String>,
    at: String,
    request: u32,
}

impl Arg {
    fn of(said: &Said) -> Arg {
        if said.zh == said.en { Arg::One(said.en.clone()) } else { Arg::Two(both(said)) }
    }
}

impl GuidanceLine {
    fn of(guidance: &Guidance) -> GuidanceLine {
        GuidanceLine {
            cashier: both(&guidance.cashier),
            cardholder: both(&guidance.cardholder),
            support: both(&guidance.support),
        }
    }
}

impl CircumstancesLine {
    fn of(circumstances: &Circumstances) -> CircumstancesLine {
        let some = |text: &str, prefix: &str| (!text.is_empty()).then(|| format!("{prefix}{text}"));
        CircumstancesLine {
            terminal: some(&circumstances.terminal, ""),
            program: some(&circumstances.program, "sha256:"),
            at: moment(circumstances.at_ms),
            request: circumstances.request,
        }
    }
}

fn line(value: &impl Serialize) -> String {
    // INVARIANT: these types hold strings, numbers and lists only, which always serialize.
    let mut text = harmless(&serde_json::to_string(value).unwrap_or_default());
    text.push('\n');
    text
}

/// JSON that means the same, without a character that a console may act on or that nobody can see.
pub(super) fn harmless(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len() + 1);
    for character in raw.chars() {
        // Apart from line breaks between values, such characters stand inside strings only.
        if is_unseen(character) && character != '\n' {
            character.encode_utf16(&mut [0; 2]).iter().for_each(|unit| text.push_str(&format!("\\u{unit:04x}")));
        } else {
            text.push(character);
        }
    }
    text
}

fn both(said: &Said) -> Both {
    Both { zh: said.zh.clone(), en: said.en.clone() }
}

fn some_words(said: &Said) -> Option<Both> {
    (!said.is_empty()).then(|| both(said))
}

fn args(error: &ScriptError) -> IndexMap<String, Arg> {
    error.facts.iter().map(|(name, said)| (name.clone(), Arg::of(said))).collect()
}

fn location(place: Place, sources: &Sources) -> Option<Location> {
    let source = sources.file(place.file)?;
    let (start, end) = (source.position(place.span.start), source.position(place.span.end));
    Some(Location {
        file: source.name.clone(),
        span: SpanLine { start: place.span.start, end: place.span.end },
        line: start.line,
        column: start.column,
        utf16_column: start.utf16,
        end_line: end.line,
        end_column: end.column,
        end_utf16_column: end.utf16,
    })
}

fn innermost(trace: &[Frame], sources: &Sources) -> Option<Location> {
    location(trace.first()?.place?, sources)
}

fn label_line(label: &Label, sources: &Sources) -> LabelLine {
    LabelLine { location: location(label.place, sources), text: both(&label.text) }
}

fn trace(frames: &[Frame], sources: &Sources) -> Vec<FrameLine> {
    frames
        .iter()
        .map(|frame| FrameLine {
            flow: frame.flow.clone(),
            step: frame.step.clone(),
            location: frame.place.and_then(|place| location(place, sources)),
            function: frame.function,
            pc: frame.pc,
            values: frame.shown.iter().cloned().collect(),
        })
        .collect()
}

/// Milliseconds since 1970 as `2026-08-20T10:11:12.345Z`.
pub fn moment(at_ms: i64) -> String {
    let (days, ms) = (at_ms.div_euclid(86_400_000), at_ms.rem_euclid(86_400_000));
    // Howard Hinnant, "chrono-compatible low-level date algorithms": civil_from_days.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1000 % 60, ms % 1000);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{ms:03}Z")
}
