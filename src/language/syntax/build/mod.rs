//! From what the grammar found to the tree.

pub mod builder;
pub mod item;
mod declaration;
mod dialect;
mod expression;
mod literal;
mod statement;
