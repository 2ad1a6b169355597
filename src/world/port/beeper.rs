//! The beeper.

/// A beeper.
pub trait Beeper {
    /// Beeps once.
    fn beep(&mut self);
}
