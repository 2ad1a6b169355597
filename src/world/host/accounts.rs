//! An accounts file: the cards a host knows beside the shipped ones, and what is on them.

use crate::payment::amount::Amount;
use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::fill;
use crate::script_error::words::Said;
use crate::world::port::failure::Failure;
use crate::world::profile::{self, CardProfile};

/// Cards one file may name.
const CARDS_MOST: usize = 10_000;

/// Reads lines of `NAME|FILE [AMOUNT]` into the cards a host knows; `T7010` names the line of a mistake.
///
/// ```text
/// # A shipped card with another balance, and one of our own.
/// debit 25.00CNY
/// cards/mine.card
/// ```
pub fn read(path: &str, text: &str, known: &mut Vec<CardProfile>) -> Result<(), Failure> {
    for (at, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or("").trim();
        if line.is_empty() {
            continue;
        }
        let wrong = |detail: &str| {
            Failure::new(storage::BAD_CARD_FILE).text("path", path).text("detail", format!("{}: {detail}", at + 1))
        };
        if known.len() >= CARDS_MOST {
            return Err(wrong("> 10000"));
        }
        let (name, amount) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        // A number here would make a card nobody issued.
        if name.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(wrong("NAME|FILE"));
        }
        let mut card = profile::load(name).map_err(|failure| {
            let hint = failure.facts.iter().find(|(fact, _)| matches!(*fact, "hint" | "detail"));
            wrong(&hint.map_or_else(|| name.to_owned(), |(_, fact)| format!("{name}: {}", fill::said(fact).en)))
        })?;
        if !amount.trim().is_empty() {
            card.balance = Amount::parse(amount.trim()).map_err(|_| {
                let said = Said::new(
                    format!("第 {} 行：金额要带币种，如 25.00CNY", at + 1),
                    format!("line {}: an amount has its currency, such as 25.00CNY", at + 1),
                );
                Failure::new(storage::BAD_CARD_FILE).text("path", path).fact("detail", Fact::Said(said))
            })?;
        }
        match known.iter_mut().find(|other| other.pan == card.pan) {
            Some(place) => *place = card,
            None => known.push(card),
        }
    }
    Ok(())
}
