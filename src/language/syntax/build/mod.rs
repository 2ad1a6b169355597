//! From what the grammar found to the tree.

pub(super) mod builder;
mod declaration;
mod dialect;
mod expression;
pub(super) mod item;
mod literal;
mod statement;
