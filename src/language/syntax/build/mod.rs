//! From what the grammar found to the tree.

mod builder;
mod declaration;
mod dialect;
mod expression;
mod item;
mod literal;
mod statement;

pub(super) use builder::Builder;
pub(super) use item::Built;
