//! A scenario file: faults, cards and keys pressed, one a line.

use crate::payment::amount::Amount;
use crate::payment::card::Pin;
use crate::script_error::catalogue::storage;
use crate::script_error::fill;
use crate::script_error::nearest::nearest_or_begun;
use crate::script_error::words::Language;
use crate::world::fault::{self, Fault};
use crate::world::port::calendar::Moment;
use crate::world::port::card_reader::Entry;
use crate::world::port::failure::Failure;
use crate::world::profile;
use crate::world::stage::{Inputs, Presented};

/// What a scenario sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// The seed of the world.
    Seed(u64),
    /// The time at the beginning.
    Clock(i64),
    /// The language of screen and slips.
    Language(Language),
    /// The battery, in ten-thousandths.
    Battery(i64),
    /// Mains power.
    Mains(bool),
    /// The printer's columns.
    Paper(usize),
    /// The screen's columns and lines.
    Screen(usize, usize),
    /// The operator's number.
    Operator(String),
    /// The version of the terminal's software.
    Software(String),
}

/// A scenario.
#[derive(Clone, Debug, Default)]
pub struct Scenario {
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// Cards, in the order in which they are presented.
    pub cards: Vec<Presented>,
    /// What the cashier keys in.
    pub inputs: Inputs,
    /// What is set, in order.
    pub settings: Vec<Setting>,
}

const WORDS: &[&str] = &["fault", "card", "input", "set"];
const SETTINGS: &[&str] = &["seed", "clock", "language", "battery", "mains", "paper", "screen", "operator", "software"];

/// Reads a scenario; `T7011` names the line of a mistake.
///
/// ```text
/// # A comment.
/// fault reply:51
/// card debit insert pin 123456
/// input amount 100.00CNY
/// set clock 2026-01-05 09:00:00
/// ```
pub fn parse(path: &str, text: &str) -> Result<Scenario, Failure> {
    let mut scenario = Scenario::default();
    for (at, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or("").trim();
        if line.is_empty() {
            continue;
        }
        read_line(&mut scenario, line).map_err(|detail| {
            Failure::new(storage::BAD_SCENARIO).text("path", path).text("detail", format!("{}: {detail}", at + 1))
        })?;
    }
    Ok(scenario)
}

fn read_line(scenario: &mut Scenario, line: &str) -> Result<(), String> {
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    match word {
        "fault" => scenario.faults.push(fault::parse(rest).map_err(|failure| named(&failure, rest))?),
        "card" => scenario.cards.push(presented(rest)?),
        "input" => input(&mut scenario.inputs, rest)?,
        "set" => scenario.settings.push(setting(rest).ok_or_else(|| unknown_setting(rest))?),
        _ => return Err(unknown(word, WORDS)),
    }
    Ok(())
}

fn unknown(word: &str, known: &[&str]) -> String {
    match nearest_or_begun(word, known.iter().copied()) {
        Some(near) => format!("{word} → {near}?"),
        None => format!("{word} ({})", known.join(", ")),
    }
}

fn unknown_setting(rest: &str) -> String {
    let word = rest.split_whitespace().next().unwrap_or("");
    if SETTINGS.contains(&word) { format!("set {rest}") } else { unknown(word, SETTINGS) }
}

/// The name a failure gives, and what it suggests instead.
fn named(failure: &Failure, otherwise: &str) -> String {
    let fact = |wanted| failure.facts.iter().find(|(name, _)| *name == wanted).map(|(_, fact)| fill::said(fact).en);
    let name = fact("name").unwrap_or_else(|| otherwise.to_owned());
    fact("hint").map_or(name.clone(), |hint| format!("{name}: {hint}"))
}

/// `NAME|NUMBER|FILE [insert|tap|swipe] [pin DIGITS]`
fn presented(rest: &str) -> Result<Presented, String> {
    let mut words = rest.split_whitespace();
    let name = words.next().unwrap_or("");
    let card = profile::load(name).map_err(|failure| named(&failure, name))?;
    let mut presented = Presented { card, entry: None, pin: None };
    while let Some(word) = words.next() {
        match word {
            "insert" => presented.entry = Some(Entry::Chip),
            "tap" => presented.entry = Some(Entry::Tap),
            "swipe" => presented.entry = Some(Entry::Stripe),
            "pin" => {
                let pin = words.next().and_then(|digits| Pin::parse(digits).ok());
                presented.pin = Some(pin.ok_or("pin")?);
            }
            _ => return Err(unknown(word, &["insert", "tap", "swipe", "pin"])),
        }
    }
    Ok(presented)
}

/// `amount 100.00CNY`, `digits 000123`, `answer yes`
fn input(inputs: &mut Inputs, rest: &str) -> Result<(), String> {
    let (word, value) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let value = value.trim();
    let wrong = || format!("input {rest}");
    match word {
        "amount" => inputs.amounts.push_back(Amount::parse(value).map_err(|_| wrong())?),
        "digits" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
            inputs.digits.push_back(value.to_owned());
        }
        "answer" => inputs.answers.push_back(yes(value).ok_or_else(wrong)?),
        "digits" => return Err(wrong()),
        _ => return Err(unknown(word, &["amount", "digits", "answer"])),
    }
    Ok(())
}

fn setting(rest: &str) -> Option<Setting> {
    let (word, value) = rest.split_once(char::is_whitespace)?;
    let value = value.trim();
    Some(match word {
        "seed" => Setting::Seed(value.parse().ok()?),
        "clock" => Setting::Clock(moment(value)?),
        "language" => Setting::Language(Language::parse(value)?),
        "battery" => {
            let percent: i64 = value.trim_end_matches('%').parse().ok()?;
            Setting::Battery((0..=100).contains(&percent).then_some(percent * 100)?)
        }
        "mains" => Setting::Mains(yes(value)?),
        "paper" => Setting::Paper(value.parse().ok().filter(|columns| (16..=96).contains(columns))?),
        "screen" => {
            let (columns, lines) = value.split_once('x')?;
            let (columns, lines) = (columns.parse().ok()?, lines.parse().ok()?);
            let fits = (8..=80).contains(&columns) && (1..=40).contains(&lines);
            Setting::Screen(fits.then_some(columns)?, lines)
        }
        "operator" => {
            let three = value.len() == 3 && value.bytes().all(|byte| byte.is_ascii_digit());
            Setting::Operator(three.then(|| value.to_owned())?)
        }
        "software" => Setting::Software(value.to_owned()),
        _ => return None,
    })
}

fn yes(value: &str) -> Option<bool> {
    match value {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// `2026-01-05 09:00:00`, or a date alone.
pub fn moment(value: &str) -> Option<i64> {
    let (date, time) = value.split_once([' ', 'T']).unwrap_or((value, "00:00:00"));
    let (year, date) = date.split_once('-')?;
    let year: i64 = year.parse().ok().filter(|year| (1970..=9999).contains(year))?;
    Some(Moment::parse(year, &date.replace('-', ""), &time.replace(':', ""))?.to_ms())
}
