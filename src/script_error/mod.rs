//! What can go wrong, and what each person should do about it.

pub mod catalogue;
pub mod code;
pub mod error;
pub mod nearest;
pub mod explain;
pub mod fill;
pub mod finding;
pub mod json;
pub mod render;
pub mod source;
pub mod words;
