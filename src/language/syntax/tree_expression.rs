//! Texts, expressions and patterns.

use super::tree::{Annotation, Arm, Block, ExpressionId, FieldName, Name};
use crate::script_error::source::Span;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A string that may hold values.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StringLiteral {
    /// In the order written.
    pub parts: Vec<StringPart>,
    /// With its quotes.
    pub span: Span,
}

/// A part of a string.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum StringPart {
    /// Text, escapes resolved.
    Text(SmolStr),
    /// `{expression}`
    Value(Box<Expression>),
}

impl StringLiteral {
    /// The text, if the string holds no values.
    pub fn plain(&self) -> Option<&str> {
        match self.parts.as_slice() {
            [] => Some(""),
            [StringPart::Text(text)] => Some(text),
            _ => None,
        }
    }
}

/// An expression.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Expression {
    /// Its number in the file.
    pub id: ExpressionId,
    /// What it is.
    pub kind: ExpressionKind,
    /// All of it.
    pub span: Span,
}

/// What an expression is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum ExpressionKind {
    /// `true`, `false`
    Bool(bool),
    /// `42`
    Int(i64),
    /// `12.50 CNY`: digits without the point, how many stood behind it, the currency's letters.
    Amount {
        /// All digits: 1250.
        digits: i64,
        /// 2.
        decimals: u8,
        /// `CNY`, as written.
        currency: Name,
    },
    /// `20%` in hundredths of a percent: 2000.
    Percent(i64),
    /// `60s`, `500ms`, `2min` in milliseconds.
    Duration(i64),
    /// `"…{x}…"`
    Text(StringLiteral),
    /// `x"6985"`
    Bytes(Vec<u8>),
    /// `#9F26`
    Tag(u32),
    /// `0200`: four digits with a leading zero.
    Mti(u16),
    /// `none`
    None,
    /// A name.
    Name(SmolStr),
    /// `[a, b]`
    List(Vec<Expression>),
    /// `message 0200 from e { F4: a }`
    Message {
        /// The message type as written.
        mti: Name,
        /// The message to copy from.
        from: Option<Box<Expression>>,
        /// Field and value, in the order written.
        fields: Vec<(FieldName, Expression)>,
    },
    /// `f(a, within: b)`
    Call {
        /// A name or a member.
        callee: Box<Expression>,
        /// In the order written.
        arguments: Vec<Argument>,
    },
    /// `a.b`
    Member {
        /// What stands before the dot.
        object: Box<Expression>,
        /// Any word, reserved or not.
        name: Name,
    },
    /// `a[i]`
    Index {
        /// The list.
        object: Box<Expression>,
        /// From 0.
        index: Box<Expression>,
    },
    /// `not a`, `-a`
    Unary {
        /// Which.
        operator: UnaryOperator,
        /// Of what.
        operand: Box<Expression>,
    },
    /// `a + b`
    Binary {
        /// Which.
        operator: BinaryOperator,
        /// Where the operator stands.
        operator_span: Span,
        /// Left.
        left: Box<Expression>,
        /// Right.
        right: Box<Expression>,
    },
    /// `if c { … } else { … }`
    If {
        /// The condition.
        condition: Box<Expression>,
        /// If true.
        then: Block,
        /// If false; `else if` is a block of one `if`.
        otherwise: Option<Block>,
    },
    /// `match e { … }`
    Match {
        /// Of what.
        subject: Box<Expression>,
        /// In the order written.
        arms: Vec<MatchArm>,
    },
}

/// One argument of a call.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Argument {
    /// `within` in `within: 60s`; any word. `F4` in `host.replies(F4: …)` too.
    pub label: Option<Name>,
    /// The value.
    pub value: Expression,
}

/// `not` or `-`
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum UnaryOperator {
    /// `not`
    Not,
    /// `-`
    Negate,
}

/// An operator between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum BinaryOperator {
    /// `or`
    Or,
    /// `and`
    And,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `in`
    In,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
}

impl BinaryOperator {
    /// As written.
    pub fn sign(self) -> &'static str {
        match self {
            BinaryOperator::Or => "or",
            BinaryOperator::And => "and",
            BinaryOperator::Equal => "==",
            BinaryOperator::NotEqual => "!=",
            BinaryOperator::Less => "<",
            BinaryOperator::LessOrEqual => "<=",
            BinaryOperator::Greater => ">",
            BinaryOperator::GreaterOrEqual => ">=",
            BinaryOperator::In => "in",
            BinaryOperator::Add => "+",
            BinaryOperator::Subtract => "-",
            BinaryOperator::Multiply => "*",
            BinaryOperator::Divide => "/",
        }
    }
}

/// One arm of a `match`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct MatchArm {
    /// Any of these.
    pub patterns: Vec<Pattern>,
    /// What then.
    pub body: Arm,
    /// All of it.
    pub span: Span,
    /// `@allow(…)` in front of it.
    pub annotations: Vec<Annotation>,
}

/// A pattern.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pattern {
    /// What it matches.
    pub kind: PatternKind,
    /// Where.
    pub span: Span,
}

/// What a pattern matches.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum PatternKind {
    /// A variant, a response code by name, a category, a constant; `approved(t)` binds the payload.
    Name {
        /// The name.
        name: Name,
        /// The name for the payload.
        binds: Option<Name>,
    },
    /// A literal: number, string, amount, `true`, MTI …
    Literal(Box<Expression>),
    /// `none`
    None,
    /// `some x`: a `T?` that has a value, bound to `x`.
    Some(Name),
    /// `other`, with a name for the value if one is written.
    Other(Option<Name>),
}
