//! The battery.

use super::failure::Failure;
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
        Err(Failure::new(hardware::LOW_BATTERY).text("level", percent(level)).text("needed", percent(at_least)))
    }
}

/// `1250` as `12.5%`.
fn percent(basis: i64) -> String {
    let (whole, part) = (basis / 100, basis.rem_euclid(100));
    match (part, part % 10) {
        (0, _) => format!("{whole}%"),
        (_, 0) => format!("{whole}.{}%", part / 10),
        _ => format!("{whole}.{part:02}%"),
    }
}
