//! From text to tree: pre-scan, split, parse, build; and the lossless view for formatter and editor.

mod brackets;
mod build;
mod grammar;
pub mod lossless;
pub mod parse;
mod recover;
mod scan;
mod scene;
mod signs;
mod translate;
pub mod tree;
mod wanted;
mod words;
