//! What can go wrong, and what each person should do about it.

pub mod cardholder;
pub mod cashier;
pub mod catalogue;
pub mod code;
pub mod edits;
pub mod error;
pub mod explain;
pub mod fill;
pub mod finding;
pub mod handbook;
pub mod json;
pub mod nearest;
pub mod render;
pub mod sarif;
pub mod schema;
pub mod short;
mod snippet;
pub mod source;
pub mod words;
pub mod wrap;
