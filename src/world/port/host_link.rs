//! The line to the acquirer's host.

use super::waited::Waited;
use crate::script_error::words::Said;

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

/// Something that happened on the line beside the exchange that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LinkNote {
    /// An address could not be used; nothing was sent there.
    Unreachable {
        /// The address.
        address: String,
        /// Why.
        why: Said,
    },
    /// The request went to another address than the first.
    Backup {
        /// The address.
        address: String,
    },
    /// A frame that nobody waits for any more.
    Stray {
        /// The frame. Nothing in it has been checked.
        frame: Vec<u8>,
        /// True on the line of an exchange that had its answer; else its time was up.
        answered: bool,
    },
}

/// One address of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkAddress {
    /// As it was written.
    pub text: String,
    /// Does it ask for TLS?
    pub tls: bool,
}

/// Why an address could not be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotReached {
    /// True if there was a connection, and TLS failed on it.
    pub at_tls: bool,
    /// Why.
    pub why: Said,
}

/// A line to a host.
pub trait HostLink {
    /// Sends a frame and waits for the next frame that comes back. Nothing in it has been checked yet.
    fn exchange(&mut self, frame: &[u8], within_ms: i64) -> Waited<Result<Vec<u8>, LinkFailure>>;

    /// Waits on the same line for another frame: the one before was no answer to what was sent.
    fn more(&mut self, within_ms: i64) -> Waited<Result<Vec<u8>, LinkFailure>> {
        Waited::new(within_ms, Err(LinkFailure::Timeout))
    }

    /// Says that the exchange is over, and whether its answer came. What still comes on this line was not waited for.
    fn over(&mut self, _answered: bool) {}

    /// What the line knows about its last failure, in words that go on in a sentence.
    fn detail(&mut self) -> Option<Said> {
        None
    }

    /// Where the host is, in the order in which its addresses are tried; none for a line that has no address.
    fn addresses(&self) -> Vec<LinkAddress> {
        Vec::new()
    }

    /// From now on the address at this place is tried first. A line that was kept is given up.
    fn begin_with(&mut self, _at: usize) {}

    /// Opens a line to the address at this place and closes it again. Not a byte of any message is sent.
    fn reach(&mut self, _at: usize, _within_ms: i64) -> Waited<Result<(), NotReached>> {
        Waited::new(0, Ok(()))
    }

    /// What happened beside the exchanges since this was last asked.
    fn notes(&mut self) -> Vec<LinkNote> {
        Vec::new()
    }
}

/// Why there is no whole reply on a line that the host closed after so many bytes of one.
pub fn closed_after(bytes: usize) -> Said {
    match bytes {
        0 => Said::new(
            "主机未回一个字节就断开了，多半不认识帧或报文头",
            "the host closed the line without a byte, which mostly means that it does not know the framing or the header",
        ),
        count => Said::new(
            format!("收到 {count} 字节后断开，不是完整的报文"),
            format!("the line was closed after {count} bytes, which are no whole message"),
        ),
    }
}
