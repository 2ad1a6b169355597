//! The simulated power.

use crate::world::crash::camera::{self, Moment};
use crate::world::fault::Fault;
use crate::world::port::power::{Power, PowerPoint};
use crate::world::stage::SharedStage;

/// Power that goes where a fault says.
pub struct SimulatedPower(pub SharedStage);

impl Power for SimulatedPower {
    fn cut_at(&mut self, point: PowerPoint) -> bool {
        self.0.borrow_mut().faults.take_one(Fault::PowerCut(point))
    }

    fn passes(&mut self, request: u32, done: bool) -> bool {
        camera::pass(&self.0, Moment::Request { number: request, done })
    }

    fn run_ends(&mut self) {
        camera::pass(&self.0, Moment::End);
    }

    fn is_off(&self) -> bool {
        self.0.borrow().camera.as_ref().is_some_and(|camera| camera.borrow().is_off())
    }
}
