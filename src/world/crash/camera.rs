//! Every moment at which the outside of a terminal changes, counted; each can be looked at, and the power can go at each.
//!
//! The machine knows no device, so between two requests nothing outside changes: a power cut anywhere between them leaves
//! what a cut right before the second leaves. The camera looks before and after every request and so sees that too.

use super::disk::{SimulatedDisk, Tear};
use super::outside::{Fingerprint, Outside, Shooter};
use crate::world::stage::{SharedStage, Stage};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;

/// A moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Moment {
    /// The run asks for something, or has what it asked for.
    Request {
        /// The number of the request.
        number: u32,
        /// Has the world done it?
        done: bool,
    },
    /// The journal's disk.
    Disk(DiskStep),
    /// The line to the host.
    Wire(Wire),
    /// The printer.
    Print(PrintStep),
    /// The run is over.
    End,
}

/// A moment of the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each is what the disk has just done")]
pub enum DiskStep {
    Written,
    Synced,
    Cut,
    Prepared,
    Turned,
    Wiped,
}

/// A moment of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Wire {
    /// The message is handed over; the host has nothing yet.
    HandedOver,
    /// The host has dealt with it, or will not.
    AtHost,
    /// The terminal has the reply, or has given up.
    Answered,
}

/// A moment of the printer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum PrintStep {
    /// Half of the slip is out.
    Half,
    /// All of it is.
    Whole,
}

/// Where the power goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CutHere {
    /// The moment, counted from 1.
    pub at: u32,
    /// What becomes of what was not synced.
    pub tear: Tear,
}

/// One moment as it was seen.
#[derive(Clone, Debug)]
pub struct Shot {
    /// Its number, from 1.
    pub at: u32,
    /// What it was.
    pub moment: Moment,
    /// What a power cut may leave of the world at it.
    pub states: Vec<(Tear, Fingerprint)>,
}

/// Worlds that were seen, so that each is kept once.
pub type Album = Rc<RefCell<HashMap<Fingerprint, Rc<Outside>>>>;

enum Mode {
    Count,
    Film { shooter: Box<Shooter>, album: Album, shots: Vec<Shot> },
    Cut(CutHere),
}

/// Counts the moments of one stage.
pub struct Camera {
    disk: SimulatedDisk,
    mode: Mode,
    count: u32,
    is_off: bool,
    is_paused: bool,
    /// The moment at which the power went.
    went_at: Option<Moment>,
}

/// A camera that several devices hold.
pub type SharedCamera = Rc<RefCell<Camera>>;

impl fmt::Debug for Camera {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<camera at moment {}>", self.count)
    }
}

impl Camera {
    /// One that only counts.
    pub fn new(disk: SimulatedDisk) -> Camera {
        Camera { disk, mode: Mode::Count, count: 0, is_off: false, is_paused: false, went_at: None }
    }

    /// Begins to count anew.
    pub fn count_anew(&mut self) {
        (self.mode, self.count, self.is_off, self.went_at) = (Mode::Count, 0, false, None);
    }

    /// Looks at every moment from here on, and keeps worlds that the album does not have.
    pub fn film(&mut self, album: Album) {
        self.count_anew();
        self.mode = Mode::Film { shooter: Box::default(), album, shots: Vec::new() };
    }

    /// Cuts the power at a moment, counted from here on.
    pub fn cut(&mut self, cut: CutHere) {
        self.count_anew();
        self.mode = Mode::Cut(cut);
    }

    /// What passes now is no moment: somebody prepares the world.
    pub fn pause(&mut self, is_paused: bool) {
        self.is_paused = is_paused;
    }

    /// Does it matter what the world looks like at the next moment?
    pub fn looks(&self) -> bool {
        !matches!(self.mode, Mode::Count)
    }

    /// How many moments have passed.
    pub fn passed(&self) -> u32 {
        self.count
    }

    /// Is the terminal without power?
    pub fn is_off(&self) -> bool {
        self.is_off
    }

    /// The moment at which the power went.
    pub fn went_at(&self) -> Option<Moment> {
        self.went_at
    }

    /// What was seen.
    pub fn take_shots(&mut self) -> Vec<Shot> {
        match &mut self.mode {
            Mode::Film { shots, .. } => std::mem::take(shots),
            _ => Vec::new(),
        }
    }

    fn pass(&mut self, stage: &Stage, moment: Moment) -> bool {
        if self.is_off || self.is_paused {
            return self.is_off;
        }
        self.count += 1;
        match &mut self.mode {
            Mode::Count => {}
            Mode::Film { shooter, album, shots } => {
                let states = shooter.shoot(stage, &self.disk, &mut album.borrow_mut());
                shots.push(Shot { at: self.count, moment, states });
            }
            Mode::Cut(cut) if cut.at == self.count => {
                self.disk.lose_power(cut.tear);
                (self.is_off, self.went_at) = (true, Some(moment));
            }
            Mode::Cut(_) => {}
        }
        self.is_off
    }
}

/// A moment passes. True if the power goes at it, or has gone.
pub(in crate::world) fn pass(stage: &SharedStage, moment: Moment) -> bool {
    pass_held(&stage.borrow(), moment)
}

/// As `pass`, for who holds the stage already.
pub(in crate::world) fn pass_held(stage: &Stage, moment: Moment) -> bool {
    stage.camera.as_ref().is_some_and(|camera| camera.borrow_mut().pass(stage, moment))
}
