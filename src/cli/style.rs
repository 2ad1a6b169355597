//! How to show things on this console: format, language, colour, width.

use crate::script_error::catalogue::storage;
use crate::script_error::code::Code;
use crate::script_error::error::{Declined, ScriptError};
use crate::script_error::finding::Finding;
use crate::script_error::render::{self, Decor, Style, audience_name};
use crate::script_error::source::Sources;
use crate::script_error::words::{Audience, Language};
use crate::script_error::wrap::wrap;
use crate::script_error::{cashier, json, short};
use std::cell::{Cell, OnceCell, RefCell};
use std::env;
use std::io::{self, IsTerminal, Write};

/// What a shop cannot work with until it is mended.
const JOURNAL: [Code; 4] =
    [storage::STORAGE_FULL, storage::JOURNAL_FAILED, storage::JOURNAL_DAMAGED, storage::JOURNAL_IN_USE];

/// In which form results are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Everything, for a person.
    #[default]
    Full,
    /// One line each.
    Short,
    /// One JSON object a line.
    Json,
    /// What the terminal's own screen would say.
    Cashier,
    /// One SARIF document, of `till check` only.
    Sarif,
}

impl Format {
    /// The words on the command line.
    pub const WORDS: [&'static str; 4] = ["full", "short", "json", "cashier"];

    /// Those of `till check`.
    pub const WORDS_OF_CHECK: [&'static str; 5] = ["full", "short", "json", "sarif", "cashier"];

    /// The format a word names.
    pub fn parse(word: &str) -> Option<Format> {
        match word {
            "full" => Some(Format::Full),
            "short" => Some(Format::Short),
            "json" => Some(Format::Json),
            "cashier" => Some(Format::Cashier),
            "sarif" => Some(Format::Sarif),
            _ => None,
        }
    }
}

/// Where and how a command writes.
pub struct Console {
    /// In which form.
    pub format: Format,
    /// For the renderer.
    pub style: Style,
    /// Written, but not on its way yet: a terminal sees each line at once, a file or a pipe gets many together.
    held: RefCell<Vec<u8>>,
    at_once: Cell<bool>,
    /// Messages are named, their fields left out; beeps too.
    pub brief: bool,
    lost: OnceCell<String>,
}

/// So much is held back at most.
const HELD_BYTES_MAX: usize = 16 << 10;

impl Console {
    /// The console as the environment describes it. Colours only on a terminal, and never with `NO_COLOR`.
    pub fn new(language: Language, format: Format) -> Console {
        let no_color = env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_terminal = io::stdout().is_terminal();
        let color = is_terminal && !no_color && env::var_os("TERM").is_none_or(|term| term != "dumb");
        let width = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(100);
        let style = Style { language, color, width: usize::clamp(width, 20, 200), decor: Decor::Ascii };
        let held = RefCell::new(Vec::new());
        Console { format, style, held, at_once: Cell::new(true), brief: false, lost: OnceCell::new() }
    }

    /// From here on a file or a pipe gets many lines together. For a command that writes nowhere else.
    pub fn write_together(&self) {
        self.at_once.set(io::stdout().is_terminal());
    }

    /// Another of the same kind, for somebody who goes on writing by himself: every line is seen when it is written.
    pub fn again(&self) -> Console {
        let (held, at_once) = (RefCell::default(), Cell::new(true));
        Console { format: self.format, style: self.style, held, at_once, brief: self.brief, lost: OnceCell::new() }
    }

    /// One of two sentences, by the reader's language.
    pub fn say<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        match self.style.language {
            Language::Zh => zh,
            Language::En => en,
        }
    }

    /// Writes a line to standard output. A reader that has gone away (`till … | head`) is no error; a full disk is, and
    /// the command ends with it once its work is done.
    pub fn line(&self, text: &str) {
        let length = {
            let mut held = self.held.borrow_mut();
            held.extend_from_slice(text.trim_end_matches('\n').as_bytes());
            held.push(b'\n');
            held.len()
        };
        if self.at_once.get() || length > HELD_BYTES_MAX {
            self.flush();
        }
    }

    /// Sends what is held back: before anything is written elsewhere, and at the end.
    pub fn flush(&self) {
        let held = self.held.take();
        let mut out = io::stdout().lock();
        if !held.is_empty()
            && let Err(error) = out.write_all(&held).and_then(|()| out.flush())
            && error.kind() != io::ErrorKind::BrokenPipe
        {
            let _ = self.lost.set(error.to_string());
        }
    }

    /// Why part of the output could not be written, if so.
    pub fn lost(&self) -> Option<&str> {
        self.flush();
        self.lost.get().map(String::as_str)
    }

    /// Writes a finding.
    pub fn finding(&self, finding: &Finding, sources: &Sources) {
        self.line(&match self.format {
            Format::Full => render::finding(finding, sources, &self.style),
            Format::Short => short::finding(finding, sources, &self.style),
            Format::Json | Format::Sarif => json::finding(finding, sources),
            Format::Cashier => cashier::finding(finding, &self.style),
        });
        if self.format == Format::Full {
            self.line("");
        }
    }

    /// Writes a script error.
    pub fn script_error(&self, error: &ScriptError, sources: &Sources) {
        self.line(&match self.format {
            Format::Full => render::script_error(error, sources, &self.style),
            Format::Short => short::script_error(error, sources, &self.style),
            Format::Json | Format::Sarif => json::script_error(error, sources),
            Format::Cashier => cashier::script_error(error, &self.style),
        });
    }

    /// Writes why a command did not start: nobody stands at a terminal yet, so there is no money and no cashier in it.
    pub fn refusal(&self, error: &ScriptError) {
        if self.format != Format::Full {
            self.script_error(error, &Sources::default());
            return;
        }
        let language = self.style.language;
        self.line(&self.painted("31", &format!("error[{}]: {}", error.code, error.title.in_language(language))));
        // Most refusals are the author's to mend. A journal that cannot be used is the whole shop's.
        let at_the_shop = JOURNAL.iter().any(|code| code.0 == error.code);
        let cashier = at_the_shop.then(|| {
            let name = audience_name(Audience::Cashier).in_language(language);
            format!("{name}{}{}", self.say("：", ": "), error.guidance.cashier.in_language(language))
        });
        for text in cashier.as_deref().into_iter().chain([error.guidance.support.in_language(language)]) {
            for line in wrap(text, self.style.width.saturating_sub(2)) {
                self.line(&format!("  {line}"));
            }
        }
        let more = self.say("更多：till explain", "more: till explain");
        self.line(&self.dim(&format!("  {more} {}", error.code)));
    }

    /// Writes a decline.
    pub fn declined(&self, declined: &Declined, sources: &Sources) {
        self.line(&match self.format {
            Format::Full => render::declined(declined, sources, &self.style),
            Format::Short => short::declined(declined, sources, &self.style),
            Format::Json | Format::Sarif => json::declined(declined, sources),
            Format::Cashier => cashier::declined(declined, &self.style),
        });
    }

    /// Text in bold, where there are colours.
    pub fn bold(&self, text: &str) -> String {
        self.painted("1", text)
    }

    /// Text in grey, where there are colours.
    pub fn dim(&self, text: &str) -> String {
        self.painted("2", text)
    }

    /// Text in a colour by its ANSI number, where there are colours.
    pub fn painted(&self, number: &str, text: &str) -> String {
        if self.style.color { format!("\u{1b}[{number}m{text}\u{1b}[0m") } else { text.to_string() }
    }
}

/// What was held back when a command was torn off is still told.
impl Drop for Console {
    fn drop(&mut self) {
        self.flush();
    }
}

/// How many, in English: `1 record`, `3 records`. For nouns that only take an s.
pub fn counted(count: impl std::fmt::Display, one: &str) -> String {
    let count = count.to_string();
    let many = if count == "1" { "" } else { "s" };
    format!("{count} {one}{many}")
}
