//! The simulated clock: time passes when the driver says so.

use crate::world::fault::Fault;
use crate::world::port::calendar::LATEST_MS;
use crate::world::port::clock::Clock;
use crate::world::stage::SharedStage;

/// A clock of virtual time.
pub struct SimulatedClock(pub SharedStage);

impl Clock for SimulatedClock {
    fn now_ms(&self) -> i64 {
        let stage = self.0.borrow();
        let off = stage.faults.find(|fault| match fault {
            Fault::ClockOff { hours } => Some(hours * 3_600_000),
            _ => None,
        });
        // The world's own time goes on beside it: the host has another clock.
        (stage.now_ms + off.unwrap_or(0)).clamp(0, LATEST_MS)
    }

    fn elapse(&mut self, milliseconds: i64) {
        let mut stage = self.0.borrow_mut();
        stage.now_ms = stage.now_ms.saturating_add(milliseconds.max(0)).min(LATEST_MS);
    }

    fn set(&mut self, now_ms: i64) {
        self.0.borrow_mut().now_ms = now_ms.clamp(0, LATEST_MS);
    }
}
