//! The simulated beeper.

use crate::world::port::beeper::Beeper;
use crate::world::stage::SharedStage;

/// A beeper that counts.
pub struct SimulatedBeeper(pub SharedStage);

impl Beeper for SimulatedBeeper {
    fn beep(&mut self) {
        let mut stage = self.0.borrow_mut();
        stage.beeps = stage.beeps.saturating_add(1);
    }
}
