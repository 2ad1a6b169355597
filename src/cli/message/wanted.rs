//! What the command line of `till message` asks for, and what all of its commands need.

use crate::cli::exit::Exit;
use crate::cli::message::input::Reading;
use crate::cli::message::{decode, diff, encode, guess, redact};
use crate::cli::style::Console;
use crate::payment::iso8583::decode::Begin;
use crate::payment::iso8583::describe::{Reveal, Wording};
use crate::run::known_dialects::{Known, Unknown, load};
use crate::script_error::words::Language;
use std::io::Write;

/// What the command line says.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// `decode`, `encode`, `diff`, `redact` or `guess`.
    pub what: String,
    /// The words behind it: hexadecimal, files, `-`.
    pub words: Vec<String>,
    /// The dialect, by name or file.
    pub dialect: Option<String>,
    /// What the bytes begin with.
    pub begin: Option<Begin>,
    /// How input is read, if the command line says so.
    pub reading: Option<Reading>,
    /// The key of the MAC: hexadecimal, `@FILE` or `-`.
    pub mac_key: Option<String>,
    /// Card data are shown.
    pub reveal: bool,
}

/// Does what the command line says.
pub fn message(console: &Console, wanted: &Wanted) -> Exit {
    if wanted.reveal {
        let said = console.say(
            "警告：--reveal 会显示卡号、磁道等数据，只可用于测试数据。",
            "warning: --reveal shows card numbers, tracks and the like; it is for test data only.",
        );
        let _ = writeln!(std::io::stderr(), "{said}");
    }
    match wanted.what.as_str() {
        "decode" => decode::decode(console, wanted),
        "encode" => encode::encode(console, wanted),
        "diff" => diff::diff(console, wanted),
        "redact" => redact::redact(console, wanted),
        "guess" => guess::guess(console, wanted),
        _ => Exit::Usage,
    }
}

impl Wanted {
    /// The same, as what is shown takes it.
    pub(super) fn reveals(&self) -> Reveal {
        if self.reveal { Reveal::TestData } else { Reveal::No }
    }
}

/// The language of a description.
pub(super) fn wording(console: &Console) -> Wording {
    match console.style.language {
        Language::Zh => Wording::Zh,
        Language::En => Wording::En,
    }
}

/// The dialect a word names, or the exit with which the command ends; it has been said why.
pub fn dialect(console: &Console, word: &str) -> Result<Known, Exit> {
    load(word).map_err(|unknown| {
        match unknown {
            Unknown::Refused(error) => console.refusal(&error),
            Unknown::Findings(sources, findings) => {
                findings.iter().for_each(|finding| console.finding(finding, &sources));
            }
        }
        Exit::Refused
    })
}
