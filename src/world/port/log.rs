//! The log that support reads.

/// A log.
pub trait Log {
    /// Writes a line. Runs of 13 digits and more are masked, whatever the checker let through.
    fn info(&mut self, text: &str);
}
