//! From text to tree: pre-scan, split, parse, build; and the lossless view for formatter and editor.

mod brackets;
mod build;
pub mod format;
mod grammar;
mod looks;
pub mod lossless;
mod nodes;
pub mod parse;
mod prune;
mod reader;
mod recover;
pub mod roll;
pub mod room;
mod scan;
mod scene;
mod signs;
mod translate;
pub mod tree;
mod tree_dialect;
mod tree_expression;
mod tree_statement;
pub mod visit;
mod wanted;
mod words;
