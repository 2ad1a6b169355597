//! All entries, read once when somebody asks.

use super::entry::Entry;
use super::read;
use crate::script_error::catalogue;
use std::sync::LazyLock;

macro_rules! files {
    ($($name:literal)*) => {
        const FILES: &[(&str, &str)] = &[$((
            concat!("entries/", $name),
            include_str!(concat!("entries/", $name)),
        )),*];
    };
}

files! { "questions.txt" "answers.txt" "networks.txt" "screens.txt" "script_errors.txt" "wire_and_keys.txt" "flows.txt" }

static SHELF: LazyLock<(Vec<Entry>, Vec<String>)> = LazyLock::new(|| read::entries(FILES));

/// Every entry: first those for our own codes in their order, then the others as written.
pub fn all() -> &'static [Entry] {
    &SHELF.0
}

/// What is wrong with the files; nothing, or the tests fail.
pub fn complaints() -> &'static [String] {
    &SHELF.1
}

/// The entry of an id, in any case: `51`, `t5101`, `printer-heat`. A name of our own codes does too: `Timeout`.
pub fn find(id: &str) -> Option<&'static Entry> {
    let id = id.trim();
    all().iter().find(|entry| entry.id.eq_ignore_ascii_case(id)).or_else(|| {
        let row = catalogue::all().find(|row| row.name.eq_ignore_ascii_case(id))?;
        all().iter().find(|entry| entry.row.is_some_and(|own| own.code == row.code))
    })
}

/// The entries of a response code; those of one table only, if one is named.
pub fn of_response(code: &str, table: Option<&str>) -> Vec<&'static Entry> {
    let mut found: Vec<&Entry> = all().iter().filter(|entry| entry.has_code(code, table)).collect();
    // A reason of a reversal is the rarer question.
    found.sort_by_key(|entry| entry.has_code(code, Some("reversal")) && !entry.has_code(code, Some("cn_pos")));
    found
}
