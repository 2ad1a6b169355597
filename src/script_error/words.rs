//! Words in both languages, and for whom they are.

use std::fmt;

/// A language people read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

impl Language {
    /// The word on the command line, `zh` or `en`.
    pub fn parse(word: &str) -> Option<Language> {
        match word {
            "zh" => Some(Language::Zh),
            "en" => Some(Language::En),
            _ => None,
        }
    }

    /// `zh` or `en`.
    pub fn word(self) -> &'static str {
        match self {
            Language::Zh => "zh",
            Language::En => "en",
        }
    }
}

/// Who reads a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Stands at the terminal.
    Cashier,
    /// Owns the card.
    Cardholder,
    /// Answers the telephone, reads logs.
    Support,
}

impl Audience {
    /// All three, in the order a report names them.
    pub const ALL: [Audience; 3] = [Audience::Cashier, Audience::Cardholder, Audience::Support];
}

/// A fixed sentence in both languages; may hold `{fact}` places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// Chinese.
    pub zh: &'static str,
    /// English.
    pub en: &'static str,
}

impl Words {
    /// The sentence in one language.
    pub fn in_language(self, language: Language) -> &'static str {
        match language {
            Language::Zh => self.zh,
            Language::En => self.en,
        }
    }
}

/// A sentence made at run time, in both languages, so that the reader's language is chosen when it is shown.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Said {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

impl Said {
    /// Both languages at once; `Said::new(format!("…"), format!("…"))`.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Said {
        Said { zh: zh.into(), en: en.into() }
    }

    /// The sentence in one language.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.en,
        }
    }

    /// True if neither language says anything.
    pub fn is_empty(&self) -> bool {
        self.zh.is_empty() && self.en.is_empty()
    }
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}/{:?}", self.zh, self.en)
    }
}

impl From<Words> for Said {
    fn from(words: Words) -> Said {
        Said::new(words.zh, words.en)
    }
}
