//! What can go wrong, and what each person should do about it.

pub mod code;
pub mod words;
pub mod fill;
pub mod catalogue;
pub mod source;
pub mod finding;
pub mod error;
pub mod explain;
pub mod json;
pub mod render;
