//! Defects that can be planted in the reference: each must be found, or the comparison proves nothing.

/// One rule of the reference that is wrong on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Planted {
    /// A half cent is rounded towards zero.
    HalfDown,
    /// Whole numbers are divided down, not towards zero.
    DivisionDown,
    /// `and` and `or` work out both sides.
    BothSides,
    /// The right operand is worked out first.
    RightFirst,
    /// `a <= a` is false.
    EqualIsNotLessOrEqual,
    /// A retry too many.
    OneRetryMore,
    /// A turn too many of a loop.
    OneTurnMore,
    /// Of several handlers the last is tried first.
    LastHandlerFirst,
    /// A category of response codes goes before a single code.
    CategoryFirst,
    /// A field that is `none` is sent.
    NoneIsSent,
    /// A reversal does not say which error brought it about.
    ReasonForgotten,
    /// A request is said to stand one byte further on.
    LineOfRequest,
    /// An error that is raised again forgets where it came from.
    RaisedAgain,
    /// An error in a handler's body does not name what was handled.
    NoCause,
    /// A percentage in a text is its number.
    PercentAsNumber,
}

impl Planted {
    /// All of them. A `discard` in doubt and a region left undecided are not among them: the checker refuses the programs
    /// that would show them. What the machine does with such code is tried in `vm::money` and `reversal`.
    pub(super) const ALL: [Planted; 15] = [
        Planted::HalfDown,
        Planted::DivisionDown,
        Planted::BothSides,
        Planted::RightFirst,
        Planted::EqualIsNotLessOrEqual,
        Planted::OneRetryMore,
        Planted::OneTurnMore,
        Planted::LastHandlerFirst,
        Planted::CategoryFirst,
        Planted::NoneIsSent,
        Planted::ReasonForgotten,
        Planted::LineOfRequest,
        Planted::RaisedAgain,
        Planted::NoCause,
        Planted::PercentAsNumber,
    ];
}
