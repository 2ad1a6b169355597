//! The reference: an evaluator that walks the checked trees and shares no code with compiler and machine.

#[path = "reference/arithmetic.rs"]
mod arithmetic;
#[path = "reference/builtin.rs"]
mod builtin;
#[path = "reference/choice.rs"]
mod choice;
#[path = "reference/evaluator.rs"]
pub(super) mod evaluator;
#[path = "reference/expect.rs"]
mod expect;
#[path = "reference/expression.rs"]
mod expression;
#[path = "reference/handler.rs"]
mod handler;
#[path = "reference/money.rs"]
mod money;
#[path = "reference/show.rs"]
mod show;
#[path = "reference/statement.rs"]
mod statement;
#[path = "reference/text.rs"]
mod text;
#[path = "reference/value.rs"]
pub(super) mod value;
