//! From what the grammar found to the tree.

pub(super) mod builder;
pub(super) mod item;
mod declaration;
mod dialect;
mod expression;
mod literal;
mod statement;
