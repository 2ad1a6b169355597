//! The screen as a script sees it.

use super::failure::Failure;
use super::waited::Waited;
use crate::script_error::words::Said;

/// A screen. Sentences arrive in both languages; the screen shows the terminal's.
pub trait Screen {
    /// Shows a sentence in place of the one before.
    fn show(&mut self, sentence: &Said);

    /// Shows a question; true for yes, false for no. `T1002` when nobody answers within the limit.
    fn confirm(&mut self, question: &Said, within_ms: i64) -> Waited<Result<bool, Failure>>;

    /// Empties the screen.
    fn clear(&mut self);
}
