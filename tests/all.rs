//! Every test of the library, one module for each area.

#[path = "all/syntax.rs"]
mod syntax;
