//! The simulated battery.

use crate::world::fault::Fault;
use crate::world::port::battery::Battery;
use crate::world::stage::{SharedStage, Stage};

/// A battery that is full, and on mains power, unless a fault says otherwise.
pub struct SimulatedBattery(pub SharedStage);

impl Battery for SimulatedBattery {
    fn level(&mut self) -> i64 {
        level(&self.0.borrow())
    }

    fn on_mains(&mut self) -> bool {
        let stage = self.0.borrow();
        stage.on_mains && low(&stage).is_none()
    }
}

fn low(stage: &Stage) -> Option<i64> {
    stage.faults.find(|fault| match fault {
        Fault::LowBattery { percent } => Some(percent * 100),
        _ => None,
    })
}

/// The level, in ten-thousandths.
pub(crate) fn level(stage: &Stage) -> i64 {
    low(stage).unwrap_or(stage.battery)
}
