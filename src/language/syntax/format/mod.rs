//! From text to the one style: read without losing anything, lay out, print, compare.

mod atoms;
pub mod compare;
mod declaration;
mod expression;
mod flow;
mod layout;
pub mod whole;
mod writer;
