//! `till journal clear`: two people close a reversal that no host confirms.

use crate::cli::command;
use crate::cli::exit::Exit;
use crate::cli::journal::{misread, refused};
use crate::cli::style::Console;
use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::words::{Language, Said};
use crate::world::journal::file::FileJournal;
use crate::world::journal::history::History;
use crate::world::port::failure::Failure;
use crate::world::port::journal::Journal;
use crate::world::port::record::Record;
use clap::ArgMatches;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

/// Characters a name or a reason may have: they are kept for good.
const TEXT_MOST: usize = 200;
/// So many digits in a row may be a card number, which has no place in the journal.
const CARD_LEAST: usize = 12;
/// Characters a reason needs at least: `ok` is none.
const REASON_LEAST: usize = 6;

/// Closes the reversal of a trace number, and writes who did it.
pub(super) fn go(console: &Console, matches: &ArgMatches, directory: &Path) -> Exit {
    let stan = matches.get_one::<u32>("stan").copied().unwrap_or_default();
    match clear(matches, directory, stan) {
        Ok(()) => {
            console.line(&match console.style.language {
                Language::Zh => format!("{stan:06} 的冲正已人工销账，记录已写入日志；请把这笔交给对账。"),
                Language::En => format!(
                    "The reversal of {stan:06} is cleared by hand and the record is in the journal; hand it to reconciliation."
                ),
            });
            Exit::Fine
        }
        Err(failure) => {
            let usage = failure.code == storage::ARGUMENT_WRONG;
            refused(console, failure, if usage { Exit::Usage } else { Exit::Surroundings })
        }
    }
}

fn clear(matches: &ArgMatches, directory: &Path, stan: u32) -> Result<(), Failure> {
    let said = |name: &'static str| -> Result<String, Failure> {
        let text = command::text(matches, name).unwrap_or_default().trim().to_owned();
        let plain = !text.is_empty() && text.chars().count() <= TEXT_MOST && !text.chars().any(char::is_control);
        if plain { Ok(text) } else { Err(wrong(name, "须为 1 至 200 个字符", "takes 1 to 200 characters")) }
    };
    let (by, and, reason) = (said("by")?, said("and")?, said("reason")?);
    if by.to_lowercase() == and.to_lowercase() {
        return Err(wrong("and", "须是另一个人", "has to be another person"));
    }
    if reason.chars().count() < REASON_LEAST {
        return Err(misread("--reason", &reason, "主机流水中没有此笔"));
    }
    // A directory without a journal must not become one.
    History::read(directory)?;
    if longest_number(&format!("{by} {and} {reason}")) >= CARD_LEAST {
        return Err(wrong("reason", "不得写卡号", "may hold no card number"));
    }
    // The key of a journal lies beside it; without it a new one would be made, and nothing that waits could be opened.
    let key = directory.join("device.key");
    if !key.is_file() {
        let detail = Said::new("device.key 不见了", "device.key is missing");
        return Err(Failure::new(storage::JOURNAL_DAMAGED).fact("detail", Fact::Said(detail)));
    }
    let (mut journal, _, _) = FileJournal::open(directory, &[0; 16])?;
    if journal.state().pending(stan).is_none() {
        return Err(wrong("STAN", "没有这样的待发冲正", "names no reversal that waits"));
    }
    let at_ms = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64);
    journal.append(Record::Cleared { stan, by, and, reason, at_ms })
}

/// The most digits in a row.
fn longest_number(text: &str) -> usize {
    text.split(|sign: char| !sign.is_ascii_digit()).map(str::len).max().unwrap_or(0)
}

fn wrong(name: &'static str, zh: &str, en: &str) -> Failure {
    Failure::new(storage::ARGUMENT_WRONG).text("name", name).fact("detail", Fact::Said(Said::new(zh, en)))
}
