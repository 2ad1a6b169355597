//! Well-typed programs as source text, made from a seed.

#[path = "generator/declaration.rs"]
mod declaration;
#[path = "generator/device.rs"]
mod device;
#[path = "generator/expression.rs"]
mod expression;
#[path = "generator/literal.rs"]
mod literal;
#[path = "generator/money.rs"]
mod money;
#[path = "generator/operator.rs"]
mod operator;
#[path = "generator/program.rs"]
pub(super) mod program;
#[path = "generator/statement.rs"]
mod statement;
#[path = "generator/writer.rs"]
mod writer;
