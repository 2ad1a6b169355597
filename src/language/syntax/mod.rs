//! From text to tree: pre-scan, split, parse, build; and the lossless view for formatter and editor.

pub mod tree;
