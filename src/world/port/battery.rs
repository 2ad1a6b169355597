//! The battery.

use super::failure::Failure;
use crate::payment::percent;
use crate::script_error::catalogue::hardware;

/// A battery. Levels are in ten-thousandths, as the language's percentages: 10 000 is full.
pub trait Battery {
    /// How full it is.
    fn level(&mut self) -> i64;

    /// True if the terminal is on mains power.
    fn on_mains(&mut self) -> bool;

    /// Fails with `T6401` if the battery is emptier; on mains power it never is.
    fn require(&mut self, at_least: i64) -> Result<(), Failure> {
        let level = self.level();
        if level >= at_least || self.on_mains() {
            return Ok(());
        }
        Err(Failure::new(hardware::LOW_BATTERY)
            .text("level", percent::shown(level))
            .text("needed", percent::shown(at_least)))
    }
}
