//! What the simulated devices share: time, faults, the people in front of them, and what they have shown.

use crate::payment::amount::Amount;
use crate::payment::card::Pin;
use crate::script_error::words::{Language, Said};
use crate::world::crash::camera::SharedCamera;
use crate::world::fault::Faults;
use crate::world::host::acquirer::Acquirer;
use crate::world::host::way::Line;
use crate::world::port::card_reader::Entry;
use crate::world::port::printer::Slip;
use crate::world::profile::CardProfile;
use crate::world::terminal::chip::Asked;
use crate::world::terminal::pin_pad::Pad;
use crate::world::terminal::printer::Paper;
use crate::world::terminal::screen::Glass;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

/// The stage as each device holds it.
///
/// INVARIANT: a device borrows it for one call and calls no other device meanwhile.
pub type SharedStage = Rc<RefCell<Stage>>;

/// A card that somebody presents.
#[derive(Clone, Debug)]
pub struct Presented {
    /// The card.
    pub card: CardProfile,
    /// How; `None` for whichever way of those asked for the card has.
    pub entry: Option<Entry>,
    /// The PIN that is keyed in; `None` for the card's own.
    pub pin: Option<Pin>,
}

/// What the cashier keys in, in order.
#[derive(Clone, Debug, Default)]
pub struct Inputs {
    /// Amounts; 100.00 CNY when there are none.
    pub amounts: VecDeque<Amount>,
    /// Digits; nobody keys any when there are none.
    pub digits: VecDeque<String>,
    /// Answers to questions; yes when there are none.
    pub answers: VecDeque<bool>,
}

/// Everything behind the simulated devices.
#[derive(Debug)]
pub struct Stage {
    /// The terminal's clock.
    pub now_ms: i64,
    /// What goes wrong.
    pub faults: Faults,
    /// The language of screen and slips.
    pub language: Language,
    /// The screen.
    pub glass: Glass,
    /// The cashier.
    pub inputs: Inputs,
    /// Cards still to be presented; the last one stays.
    pub cards: VecDeque<Presented>,
    /// The card that was read last.
    pub in_reader: Option<Presented>,
    /// What the terminal's unpredictable numbers follow from, once one was drawn.
    pub chance: Option<u64>,
    /// What the chip in the reader said first.
    pub asked: Option<Asked>,
    /// The transaction counter of each card that was read by its chip, by the name of its account.
    pub counters: BTreeMap<Arc<str>, u16>,
    /// Trace numbers of transactions that a chip declined after the host had approved.
    pub chip_declined: BTreeSet<u32>,
    /// The PIN pad.
    pub pad: Pad,
    /// The printer's paper.
    pub paper: Paper,
    /// Every slip that was printed to its end.
    pub slips: Vec<Slip<'static>>,
    /// The lines of the log.
    pub log: Vec<String>,
    /// How often it beeped.
    pub beeps: u32,
    /// The battery, in ten-thousandths.
    pub battery: i64,
    /// Is the terminal on mains power?
    pub on_mains: bool,
    /// True once the journal's disk has failed.
    pub disk_failed: bool,
    /// True where the terminal talks to a host in another place than this world.
    pub host_is_elsewhere: bool,
    /// Host and issuer.
    pub acquirer: Acquirer,
    /// What is on the simulated line.
    pub line: Line,
    /// Counts the moments at which the power may go; on a test bench only.
    pub camera: Option<SharedCamera>,
}

impl Stage {
    /// Everything the screen has shown, in order.
    pub fn shown(&self) -> &[Said] {
        &self.glass.shown
    }
}
