//! The simulated line: what gets through, and when.

use super::delivery::{Delivery, deliver};
use crate::script_error::words::Said;
use crate::world::fault::{Fault, Faults};
use crate::world::port::host_link::{HostLink, LinkFailure, NotReached, closed_after};
use crate::world::port::waited::Waited;
use crate::world::saved::Keeper;
use crate::world::stage::SharedStage;

/// A line to the host in this process.
pub struct SimulatedLink {
    /// Where host and faults are.
    pub stage: SharedStage,
    /// Keeps what the host remembers.
    pub keeper: Keeper,
    /// Why the last exchange failed.
    pub detail: Option<Said>,
}

/// How long a reply takes.
const REPLY_MS: i64 = 350;
/// How long a try to connect takes to fail.
pub(in crate::world) const CONNECT_MS: i64 = 3_000;

impl HostLink for SimulatedLink {
    fn detail(&mut self) -> Option<Said> {
        self.detail.take()
    }

    fn exchange(&mut self, frame: &[u8], within_ms: i64) -> Waited<Result<Vec<u8>, LinkFailure>> {
        self.detail = None;
        let waited = self.transfer(frame, within_ms);
        // The host is another machine: what it has booked survives whatever happens to the terminal.
        self.keeper.keep(&self.stage.borrow());
        waited
    }

    fn reach(&mut self, _at: usize, within_ms: i64) -> Waited<Result<(), NotReached>> {
        if line_fails(&mut self.stage.borrow_mut().faults) {
            return Waited::new(CONNECT_MS.min(within_ms), Err(no_line()));
        }
        Waited::new(0, Ok(()))
    }
}

impl SimulatedLink {
    fn transfer(&mut self, frame: &[u8], within_ms: i64) -> Waited<Result<Vec<u8>, LinkFailure>> {
        let mut stage = self.stage.borrow_mut();
        let stage = &mut *stage;
        if line_fails(&mut stage.faults) {
            return Waited::new(CONNECT_MS.min(within_ms), Err(LinkFailure::NoLine));
        }
        let timeout = Waited::new(within_ms, Err(LinkFailure::Timeout));
        match deliver(&mut stage.acquirer, &mut stage.faults, frame, stage.now_ms).delivery {
            Delivery::Silence => timeout,
            Delivery::Break { bytes } => {
                self.detail = Some(closed_after(bytes.len()));
                Waited::new(REPLY_MS.min(within_ms), Err(LinkFailure::Dropped))
            }
            Delivery::Reply { after_ms, bytes } => {
                let after_ms = after_ms.unwrap_or(REPLY_MS);
                // What comes too late comes to a line that is closed.
                if after_ms >= within_ms { timeout } else { Waited::new(after_ms, Ok(bytes)) }
            }
        }
    }
}

/// What is said of a simulated line that is down.
pub(in crate::world) fn no_line() -> NotReached {
    NotReached { at_tls: false, why: Said::new("连接未建立", "no connection was made") }
}

/// True if the simulated line does not let the terminal connect this time.
pub(in crate::world) fn line_fails(faults: &mut Faults) -> bool {
    let unstable = faults.count_down(|fault| match fault {
        Fault::Unstable { tries } => Some(tries),
        _ => None,
    });
    unstable || faults.has(Fault::NoLine)
}
