//! The pre-scan, before the grammar sees the text.

mod line;
mod nesting;
mod quoted;
pub(super) mod scanner;
mod stray;
mod word;
