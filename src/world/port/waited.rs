//! What a call that waits gives: how long it took, and what came of it.

/// A result and the time until it was there.
///
/// Devices do not sleep. The driver lets the clock elapse by `after_ms`, at once or, for eyes, in real time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waited<T> {
    /// Milliseconds from the call to the result.
    pub after_ms: i64,
    /// What came.
    pub result: T,
}

impl<T> Waited<T> {
    /// A result that was there after so many milliseconds.
    pub fn new(after_ms: i64, result: T) -> Waited<T> {
        Waited { after_ms, result }
    }
}
