//! `till message decode`: what bytes say, and what is wrong with them.

use crate::cli::exit::Exit;
use crate::cli::keys_answer::refuse;
use crate::cli::message::guess::{best, reasons};
use crate::cli::message::mac::{self, SeenMac, Verdict};
use crate::cli::message::wanted::{Wanted, dialect};
use crate::cli::message::{input, json, page};
use crate::cli::style::{Console, Format};
use crate::payment::iso8583::decode::{Decoded, decode as take_apart};
use crate::payment::iso8583::remark::{Remark, remarks};
use crate::payment::iso8583::what_if::{WhatIf, what_if};
use crate::run::known_dialects::Known;

/// A message taken apart, with all that can be said about it.
pub struct Read {
    /// The dialect it was read in.
    pub known: Known,
    /// Why this dialect, if nobody said.
    pub guessed: Option<u8>,
    /// What became of the bytes.
    pub decoded: Decoded,
    /// What looks wrong.
    pub remarks: Vec<Remark>,
    /// What would have to be different.
    pub changes: Vec<WhatIf>,
    /// What is known of its MAC, if it has one.
    pub mac: Option<SeenMac>,
}

impl Read {
    /// Can it be read, and is its MAC not known to be wrong?
    pub fn is_fine(&self) -> bool {
        self.decoded.is_ok() && self.mac.as_ref().is_none_or(|mac| mac.verdict != Verdict::Wrong)
    }
}

/// Takes bytes apart in the dialect that is asked for, or in the one that fits best.
pub fn read(console: &Console, wanted: &Wanted, bytes: &[u8]) -> Result<Read, Exit> {
    let (known, guessed, begin) = match &wanted.dialect {
        Some(word) => (dialect(console, word)?, None, None),
        None => {
            let (known, fit, begin) = best(console, bytes)?;
            (known, Some(fit), begin)
        }
    };
    let key = wanted.mac_key.as_deref().map(|word| mac::key(console, word)).transpose()?;
    let decoded = take_apart(bytes, &known.dialect, wanted.begin.or(begin));
    let remarks = remarks(&decoded, &known.dialect, |code| known.meaning(code).is_some());
    let changes = what_if(bytes, &known.dialect, &decoded);
    let mac =
        mac::seen(bytes, &decoded, &known.dialect, key.as_ref()).map_err(|error| refuse(console, &error.into()))?;
    Ok(Read { known, guessed, decoded, remarks, changes, mac })
}

/// Writes what bytes say.
pub fn decode(console: &Console, wanted: &Wanted) -> Exit {
    let bytes = match input::bytes(console, &wanted.words, wanted.reading) {
        Ok(bytes) => bytes,
        Err(exit) => return exit,
    };
    let read = match read(console, wanted, &bytes) {
        Ok(read) => read,
        Err(exit) => return exit,
    };
    match console.format {
        Format::Json => console.line(&json::decoded(&read, wanted.reveals()).to_string()),
        _ => page::decoded(console, &read, &bytes, wanted.reveals()),
    }
    if let (Some(fit), Format::Full) = (read.guessed, console.format) {
        console.line(&console.dim(&reasons(console, &read.known.dialect.name, fit)));
    }
    if read.is_fine() { Exit::Fine } else { Exit::Refused }
}
