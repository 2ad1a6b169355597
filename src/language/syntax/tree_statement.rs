//! Tests, blocks and statements.

use super::tree::{Annotation, Expression, Name, StringLiteral, TypeExpression};
use crate::script_error::source::Span;
use serde::{Deserialize, Serialize};

/// A test in the language.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Test {
    /// What it says it proves.
    pub title: StringLiteral,
    /// Its statements.
    pub body: Block,
}

/// Statements in braces.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Block {
    /// In the order written. If the block has a value, it is that of the last one, an expression.
    pub statements: Vec<Statement>,
    /// From `{` to `}`.
    pub span: Span,
}

/// A statement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Statement {
    /// What it does.
    pub kind: StatementKind,
    /// All of it.
    pub span: Span,
    /// `@allow(…)` in front of it.
    pub annotations: Vec<Annotation>,
}

/// What a statement does.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum StatementKind {
    /// `let x: T = e on …`
    Let {
        /// The new name.
        name: Name,
        /// The type, if written.
        ty: Option<TypeExpression>,
        /// The value.
        value: Expression,
        /// What happens when the value's call fails.
        handlers: Vec<Handler>,
        /// True for `var`: may be assigned again.
        changeable: bool,
    },
    /// `x = e on …`
    Assign {
        /// A `var`.
        name: Name,
        /// The new value.
        value: Expression,
        /// What happens when the value's call fails.
        handlers: Vec<Handler>,
    },
    /// `repeat 3 times { … }`
    Repeat {
        /// How often.
        times: Expression,
        /// What.
        body: Block,
    },
    /// `for x in xs { … }`
    For {
        /// The name for each member.
        name: Name,
        /// The list.
        list: Expression,
        /// What to do with each.
        body: Block,
    },
    /// `reversible request by message 0400 from request { … } { … }`
    Reversible {
        /// The request whose reversal is journalled.
        request: Expression,
        /// The reversal, if the dialect's rule is overridden.
        by: Option<Expression>,
        /// What happens under its protection.
        body: Block,
    },
    /// `return e`
    Return(Option<Expression>),
    /// `fail Timeout` or `fail SerialMismatch(registered: …)`
    Fail(Expression),
    /// `step "…"`
    Step(StringLiteral),
    /// `commit t`
    Commit(Expression),
    /// `discard`
    Discard,
    /// `reverse`
    Reverse,
    /// `given host.replies(…)`, in tests
    Given(Expression),
    /// `expect e`, in tests
    Expect(Expression),
    /// `break`
    Break,
    /// A call, an `if` or a `match`.
    Expression {
        /// The expression.
        value: Expression,
        /// What happens when its call fails.
        handlers: Vec<Handler>,
    },
}

/// `on timeout, cancel retry 3 every 2s => …`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Handler {
    /// Which errors.
    pub errors: HandledErrors,
    /// How often to try again first.
    pub retry: Option<Retry>,
    /// What then; none: the error travels on.
    pub body: Option<Arm>,
    /// All of it.
    pub span: Span,
}

/// Which errors a handler takes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum HandledErrors {
    /// By name: conditions in snake_case, declared errors in CamelCase.
    Named(Vec<Name>),
    /// `other`, with a name for the error if one is written.
    Other(Option<Name>),
}

/// `retry 3 every 2s`
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Retry {
    /// How often.
    pub times: Expression,
    /// Pause before each.
    pub every: Option<Expression>,
}

/// What stands behind `=>`: a block or one statement.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Arm {
    /// `{ … }`
    Block(Block),
    /// One statement; an expression gives the value.
    Statement(Box<Statement>),
}
