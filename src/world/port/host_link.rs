//! The line to the acquirer's host.

use super::waited::Waited;

/// Why no reply came. Which of the three it is decides what happens to the money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkFailure {
    /// No connection: not one byte of the request has left the terminal.
    NoLine,
    /// The request may have reached the host; no reply came in time.
    Timeout,
    /// The request may have reached the host; the connection ended before the whole reply was there.
    Dropped,
}

/// A line to a host.
pub trait HostLink {
    /// Sends a frame and waits for the frame that answers it. Nothing in the reply has been checked yet.
    fn exchange(&mut self, frame: &[u8], within_ms: i64) -> Waited<Result<Vec<u8>, LinkFailure>>;
}
