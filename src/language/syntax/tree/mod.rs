//! The tree of one file, as the checker and the compiler read it.
//!
//! Every node carries the bytes it stands for. Expressions are numbered within their file, so that the checker
//! can lay types and meanings beside them (`ExpressionId` is an index), and the tree itself never changes.

mod dialect;
mod expression;
mod item;
mod statement;

pub use dialect::*;
pub use expression::*;
pub use item::*;
pub use statement::*;
