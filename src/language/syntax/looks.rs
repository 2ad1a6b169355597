//! The kinds of things a visitor can look at, and sets of them.

use super::tree::{Expression, ExpressionKind};

/// A set of the things a visitor is led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Looks(u32);

/// Expressions have so many kinds; entering one and leaving one are different things.
const EXPRESSIONS: u8 = 12;

impl Looks {
    /// Everything.
    pub const ALL: Looks = Looks(u32::MAX);
    /// Names.
    pub const NAME: Looks = Looks(1);
    /// `a.b`
    pub const MEMBER: Looks = Looks(1 << 1);
    /// `f(a)`
    pub const CALL: Looks = Looks(1 << 2);
    /// `a + b`
    pub const BINARY: Looks = Looks(1 << 3);
    /// `not a`, `-a`
    pub const UNARY: Looks = Looks(1 << 4);
    /// `if c { … }`
    pub const IF: Looks = Looks(1 << 5);
    /// `match e { … }`
    pub const MATCH: Looks = Looks(1 << 6);
    /// `message 0200 { … }`
    pub const MESSAGE: Looks = Looks(1 << 7);
    /// `"…{x}…"`
    pub const TEXT: Looks = Looks(1 << 8);
    /// `12.50 CNY`
    pub const AMOUNT: Looks = Looks(1 << 9);
    /// Lists and their members by number.
    pub const LIST: Looks = Looks(1 << 10);
    /// Every other value that is written out.
    pub const OTHER: Looks = Looks(1 << 11);
    /// Every expression.
    pub const EXPRESSION: Looks = Looks((1 << EXPRESSIONS) - 1);
    /// Statements.
    pub const STATEMENT: Looks = Looks(1 << 24);
    /// Statements, when they are left.
    pub const LEFT_STATEMENT: Looks = Looks(1 << 25);
    /// Handlers.
    pub const HANDLER: Looks = Looks(1 << 26);
    /// Handlers, when they are left.
    pub const LEFT_HANDLER: Looks = Looks(1 << 27);
    /// Arms of a `match`.
    pub const ARM: Looks = Looks(1 << 28);
    /// Arms, when they are left.
    pub const LEFT_ARM: Looks = Looks(1 << 29);

    /// These and those.
    pub const fn and(self, other: Looks) -> Looks {
        Looks(self.0 | other.0)
    }

    /// These expressions, but when they are left.
    pub const fn left(self) -> Looks {
        Looks((self.0 & Looks::EXPRESSION.0) << EXPRESSIONS)
    }

    /// The number of the one thing this is.
    pub(super) const fn number(self) -> u8 {
        self.0.trailing_zeros() as u8
    }

    /// Is the thing of this number among them?
    #[inline(always)]
    pub(super) const fn has(self, number: u8) -> bool {
        self.0 & (1 << (number & 31)) != 0
    }

    /// What an expression is.
    pub(super) fn of(expression: &Expression) -> Looks {
        match &expression.kind {
            ExpressionKind::Name(_) => Looks::NAME,
            ExpressionKind::Member { .. } => Looks::MEMBER,
            ExpressionKind::Call { .. } => Looks::CALL,
            ExpressionKind::Binary { .. } => Looks::BINARY,
            ExpressionKind::Unary { .. } => Looks::UNARY,
            ExpressionKind::If { .. } => Looks::IF,
            ExpressionKind::Match { .. } => Looks::MATCH,
            ExpressionKind::Message { .. } => Looks::MESSAGE,
            ExpressionKind::Text(_) => Looks::TEXT,
            ExpressionKind::Amount { .. } => Looks::AMOUNT,
            ExpressionKind::List(_) | ExpressionKind::Index { .. } => Looks::LIST,
            ExpressionKind::Bool(_)
            | ExpressionKind::Int(_)
            | ExpressionKind::Percent(_)
            | ExpressionKind::Duration(_)
            | ExpressionKind::Bytes(_)
            | ExpressionKind::Tag(_)
            | ExpressionKind::Mti(_)
            | ExpressionKind::None => Looks::OTHER,
        }
    }
}
