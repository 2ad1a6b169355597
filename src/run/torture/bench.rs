//! Runs a subject on a test bench: once, from a world as it was left.

use super::plan::Plan;
use super::subject::Subject;
use crate::run::happening::Happening;
use crate::run::report::Ended;
use crate::run::session::{Session, Terminal};
use crate::world::crash::camera::{Album, CutHere, Shot};
use crate::world::crash::outside::{Fingerprint, Outside, Plant, Stand};
use crate::world::fault;
use crate::world::port::failure::Failure;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// How the camera is set for a use of the terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// Moments are only counted.
    Count,
    /// Every moment is looked at.
    Film,
    /// The power goes here.
    Cut(CutHere),
}

/// A bench for one subject, with its world at the beginning.
pub struct Bench<'s, 'p> {
    /// What is on it.
    pub subject: &'s Subject<'p>,
    /// What is wrong with the terminal on purpose.
    pub plant: Plant<'s>,
    /// The worlds that were seen.
    pub album: Album,
    /// The world at the beginning.
    pub first: Rc<Outside>,
    stand: Option<Stand>,
}

impl<'s, 'p> Bench<'s, 'p> {
    /// A bench with a new world.
    pub fn new(subject: &'s Subject<'p>, plant: Plant<'s>) -> Result<Bench<'s, 'p>, Failure> {
        let mut stand = Stand::new(subject.setup.clone(), Plant::default())?;
        stand.simulation.ports.is_watched = false;
        let album: Album = Rc::new(RefCell::new(HashMap::new()));
        let first = Rc::new(stand.outside());
        Ok(Bench { subject, plant, album, first, stand: Some(stand) })
    }

    /// A world of the album.
    pub fn world(&self, print: Fingerprint) -> Option<Rc<Outside>> {
        self.album.borrow().get(&print).cloned()
    }

    /// Takes the bench into a world as it was left and sets what goes wrong there.
    pub fn enter(&mut self, outside: &Outside, plan: &Plan, watch: Watch) -> Result<Use<'_, 's, 'p>, Failure> {
        let mut stand = match self.stand.take() {
            Some(stand) => stand,
            None => Stand::new(self.subject.setup.clone(), Plant::default())?,
        };
        stand.rewind(&self.subject.setup, outside);
        stand.simulation.ports.is_watched = false;
        let mut use_of = Use { bench: self, stand: Some(stand) };
        use_of.watch(watch);
        use_of.hold_segments(plan);
        use_of.start()?;
        use_of.set(plan)?;
        Ok(use_of)
    }
}

/// A terminal in use on the bench. Goes back to it when it is over.
pub struct Use<'b, 's, 'p> {
    bench: &'b mut Bench<'s, 'p>,
    stand: Option<Stand>,
}

impl Drop for Use<'_, '_, '_> {
    fn drop(&mut self) {
        self.bench.stand = self.stand.take();
    }
}

/// Switches a terminal on. That the power goes meanwhile is no failure of the bench.
fn switched_on(stand: &mut Stand, plant: Plant<'_>) -> Result<(), Failure> {
    match stand.start(plant) {
        Err(_) if stand.camera.borrow().is_off() => Ok(()),
        started => started,
    }
}

/// Who sees what happens.
pub type Seen<'w> = &'w mut dyn FnMut(&Happening);

impl<'b, 's, 'p> Use<'b, 's, 'p> {
    fn watch(&mut self, watch: Watch) {
        let album = Rc::clone(&self.bench.album);
        let Some(stand) = &self.stand else { return };
        let mut camera = stand.camera.borrow_mut();
        match watch {
            Watch::Count => camera.count_anew(),
            Watch::Film => camera.film(album),
            Watch::Cut(cut) => camera.cut(cut),
        }
    }

    /// Switches the terminal on.
    fn start(&mut self) -> Result<(), Failure> {
        let plant = self.bench.plant;
        self.stand.as_mut().map_or(Ok(()), |stand| switched_on(stand, plant))
    }

    /// Switches it off and on in the same world; what went wrong is mended.
    pub fn start_again(&mut self, plan: &Plan, watch: Watch) -> Result<(), Failure> {
        let plant = self.bench.plant;
        if let Some(stand) = &mut self.stand {
            stand.simulation.mend();
            stand.power_back();
        }
        self.watch(watch);
        self.hold_segments(plan);
        self.stand.as_mut().map_or(Ok(()), |stand| switched_on(stand, plant))?;
        self.set(plan)
    }

    fn hold_segments(&mut self, plan: &Plan) {
        if let Some(stand) = &mut self.stand {
            stand.segment_bytes = plan.turns.then_some(1);
        }
    }

    /// Sets what goes wrong.
    fn set(&mut self, plan: &Plan) -> Result<(), Failure> {
        let Some(stand) = &mut self.stand else { return Ok(()) };
        if stand.camera.borrow().is_off() {
            return Ok(());
        }
        // What has a past, such as a terminal that is not signed in, is no moment of the run.
        stand.camera.borrow_mut().pause(true);
        let set = plan.faults.iter().try_for_each(|name| {
            fault::parse(name)?;
            stand.simulation.set_fault(name)
        });
        stand.camera.borrow_mut().pause(false);
        set?;
        if let Some((at, trouble)) = plan.disk {
            stand.disk.trouble(at, trouble);
        }
        Ok(())
    }

    /// Calls with a session of the subject's program on this terminal.
    pub fn session<T>(&mut self, seen: Seen<'_>, call: impl FnOnce(&mut Session<'_>) -> T) -> Option<T> {
        let Stand { simulation, disk, camera, segment_bytes } = self.stand.take()?;
        let program = self.bench.subject.program;
        let mut session = Session::simulated(program, simulation, seen);
        let result = call(&mut session);
        let Terminal::Simulated(simulation) = session.into_terminal();
        self.stand = Some(Stand { simulation, disk, camera, segment_bytes });
        Some(result)
    }

    /// Runs the subject.
    pub fn run(&mut self, seen: Seen<'_>) -> Option<Ended> {
        let subject = self.bench.subject;
        self.session(seen, |session| session.run(subject.entry.function, &subject.values))
    }

    /// The bench's stand.
    pub fn stand(&self) -> Option<&Stand> {
        self.stand.as_ref()
    }

    /// What the camera has seen.
    pub fn shots(&self) -> Vec<Shot> {
        self.stand.as_ref().map(|stand| stand.camera.borrow_mut().take_shots()).unwrap_or_default()
    }

    /// Moments that have passed.
    pub fn passed(&self) -> u32 {
        self.stand.as_ref().map_or(0, |stand| stand.camera.borrow().passed())
    }

    /// Messages that the terminal has handed over, in all its uses.
    pub fn messages(&self) -> u32 {
        self.stand.as_ref().map_or(0, |stand| stand.simulation.look(|stage| stage.line.messages))
    }

    /// The world now, in the album.
    pub fn shoot(&self) -> Option<Fingerprint> {
        self.stand.as_ref().map(|stand| stand.shoot(&self.bench.album))
    }

    /// Somebody signs the terminal in.
    pub fn sign_in(&mut self) {
        if let Some(stand) = &mut self.stand {
            stand.sign_in_again();
        }
    }

    /// Puts messages into words from here on, field by field.
    pub fn read_messages(&mut self) {
        if let Some(stand) = &mut self.stand {
            stand.simulation.ports.is_watched = true;
        }
    }
}
