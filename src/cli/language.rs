//! Which language the reader reads.

use crate::script_error::words::Language;
use std::env;

/// `--lang`, then `TILL_LANG`, then the console's own language, then English.
pub fn chosen() -> Language {
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        if word == "--" {
            break;
        }
        let value = match word.strip_prefix("--lang") {
            Some("") => words.next(),
            Some(rest) => rest.strip_prefix('=').map(str::to_string),
            None => None,
        };
        if let Some(language) = value.as_deref().and_then(Language::parse) {
            return language;
        }
    }
    of_environment()
}

/// What the environment says.
fn of_environment() -> Language {
    if let Some(language) = variable("TILL_LANG").as_deref().and_then(Language::parse) {
        return language;
    }
    // The first that is set decides, as for every other program of the console.
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().find_map(variable);
    match locale {
        Some(locale) if locale.starts_with("zh") => Language::Zh,
        _ => Language::En,
    }
}

fn variable(name: &str) -> Option<String> {
    env::var_os(name).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.is_empty())
}
