//! The simulated line: what gets through, and when.

use crate::world::fault::Fault;
use crate::world::port::host_link::{HostLink, LinkFailure};
use crate::world::port::waited::Waited;
use crate::world::saved::Keeper;
use crate::world::stage::SharedStage;

/// A line to the host in this process.
pub struct SimulatedLink {
    /// Where host and faults are.
    pub stage: SharedStage,
    /// Keeps what the host remembers.
    pub keeper: Keeper,
}

/// How long a reply takes.
const REPLY_MS: i64 = 350;
/// How long a try to connect takes to fail.
const CONNECT_MS: i64 = 3_000;

impl HostLink for SimulatedLink {
    fn exchange(&mut self, frame: &[u8], within_ms: i64) -> Waited<Result<Vec<u8>, LinkFailure>> {
        let waited = self.transfer(frame, within_ms);
        // The host is another machine: what it has booked survives whatever happens to the terminal.
        self.keeper.keep(&self.stage.borrow());
        waited
    }
}

impl SimulatedLink {
    fn transfer(&mut self, frame: &[u8], within_ms: i64) -> Waited<Result<Vec<u8>, LinkFailure>> {
        let mut stage = self.stage.borrow_mut();
        let stage = &mut *stage;
        let faults = &mut stage.faults;
        let fails = faults.count_down(|fault| match fault {
            Fault::Unstable { tries } => Some(tries),
            _ => None,
        });
        if fails || faults.has(Fault::NoLine) {
            return Waited::new(CONNECT_MS.min(within_ms), Err(LinkFailure::NoLine));
        }
        let timeout = Waited::new(within_ms, Err(LinkFailure::Timeout));
        if faults.has(Fault::HostDown) {
            return timeout;
        }
        let receipt = stage.acquirer.receive(frame, faults, stage.now_ms);
        let dropped = Waited::new(REPLY_MS.min(within_ms), Err(LinkFailure::Dropped));
        let Some(mut reply) = receipt.reply else {
            return dropped;
        };
        let mut after_ms = receipt.silent_ms.unwrap_or(REPLY_MS);
        if receipt.is_reversal && faults.has(Fault::SilentOnReversal) {
            return timeout;
        }
        if receipt.is_financial {
            if faults.take_one(Fault::Silent) {
                return timeout;
            }
            if faults.take_one(Fault::LineDrop) {
                return dropped;
            }
            let late = |fault: &Fault| match fault {
                Fault::Late { milliseconds } => Some(*milliseconds),
                _ => None,
            };
            after_ms = faults.take(late).unwrap_or(after_ms);
            if faults.take_one(Fault::Garbled) {
                garble(&mut reply);
            }
        }
        // What comes too late comes to a line that is closed.
        if after_ms >= within_ms {
            return timeout;
        }
        Waited::new(after_ms, Ok(reply))
    }
}

/// Cuts the message short and leaves the length in front as it was sent.
fn garble(reply: &mut Vec<u8>) {
    let keep = reply.len() - reply.len() / 3;
    reply.truncate(keep);
}
