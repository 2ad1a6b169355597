//! From text to tree: pre-scan, split, parse, build; and the lossless view for formatter and editor.

mod build;
mod grammar;
pub mod parse;
pub mod tree;
mod words;
