//! The simulated power.

use crate::world::fault::Fault;
use crate::world::port::power::{Power, PowerPoint};
use crate::world::stage::SharedStage;

/// Power that goes where a fault says.
pub struct SimulatedPower(pub SharedStage);

impl Power for SimulatedPower {
    fn cut_at(&mut self, point: PowerPoint) -> bool {
        self.0.borrow_mut().faults.take_one(Fault::PowerCut(point))
    }
}
