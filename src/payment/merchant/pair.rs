//! Sentences in both languages.

/// A sentence in both languages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pair {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Pair {
    /// Both sentences.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Pair {
        Pair { zh: zh.into(), en: en.into() }
    }
}
