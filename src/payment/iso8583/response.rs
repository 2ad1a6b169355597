//! What a response code means, whatever the dialect.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A field-39 value: two characters.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ResponseCode(pub [u8; 2]);

impl ResponseCode {
    /// Reads two ASCII letters or digits.
    pub fn parse(text: &str) -> Option<ResponseCode> {
        let bytes: [u8; 2] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_alphanumeric).then_some(ResponseCode(bytes))
    }

    /// The code as a slot of the machine holds it: the first character in the high byte.
    pub fn to_bits(self) -> u64 {
        u64::from(self.0[0]) << 8 | u64::from(self.0[1])
    }

    /// The reverse of `to_bits`; `None` if the bits are no two letters or digits.
    pub fn from_bits(bits: u64) -> Option<ResponseCode> {
        let code = [(bits >> 8) as u8, bits as u8];
        (bits <= 0xFFFF && code.iter().all(u8::is_ascii_alphanumeric)).then_some(ResponseCode(code))
    }
}

impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in self.0 {
            write!(f, "{}", if byte.is_ascii_graphic() { byte as char } else { '?' })?;
        }
        Ok(())
    }
}

impl fmt::Debug for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What has to be done about a response code. A `match` must cover every category.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Category {
    /// Approved; the money moves.
    Accept,
    /// Declined; nothing more to do than to say so.
    Decline,
    /// The card is to be retained.
    Capture,
    /// Keys or batch are out of step: sign in again.
    Rekey,
    /// Host or issuer unavailable, try later.
    Retry,
    /// The cardholder or the acquirer has to call somebody.
    Refer,
}

impl Category {
    /// All of them, in the order the reference shows.
    pub const ALL: [Category; 6] =
        [Category::Accept, Category::Decline, Category::Capture, Category::Rekey, Category::Retry, Category::Refer];

    /// The word a script writes.
    pub fn word(self) -> &'static str {
        match self {
            Category::Accept => "accept",
            Category::Decline => "decline",
            Category::Capture => "capture",
            Category::Rekey => "rekey",
            Category::Retry => "retry",
            Category::Refer => "refer",
        }
    }

    /// The category a script's word names.
    pub fn parse(word: &str) -> Option<Category> {
        Category::ALL.into_iter().find(|category| category.word() == word)
    }
}

/// One row of a `codes` table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeRow {
    /// The code.
    pub code: ResponseCode,
    /// What has to be done.
    pub category: Category,
    /// The name a script writes, such as `insufficient_funds`.
    pub name: String,
    /// What it means, in Chinese.
    pub zh: String,
    /// What it means, in English.
    pub en: String,
    /// What the cashier should do, in Chinese; empty: what the category says.
    pub cashier_zh: String,
    /// What the cashier should do, in English; empty: what the category says.
    pub cashier_en: String,
}

/// A `codes` declaration, bases included; rows sorted by code.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeTable {
    /// The name of the declaration.
    pub name: String,
    /// Sorted by code, no code twice.
    pub rows: Vec<CodeRow>,
}

impl CodeTable {
    /// The row of a code.
    pub fn row(&self, code: ResponseCode) -> Option<&CodeRow> {
        self.rows.binary_search_by_key(&code, |row| row.code).ok().and_then(|at| self.rows.get(at))
    }

    /// The row with this name.
    pub fn named(&self, name: &str) -> Option<&CodeRow> {
        self.rows.iter().find(|row| row.name == name)
    }

    /// The category of a code. An unknown code is a decline: unknown is never approved.
    pub fn category(&self, code: ResponseCode) -> Category {
        self.row(code).map_or(Category::Decline, |row| row.category)
    }
}
