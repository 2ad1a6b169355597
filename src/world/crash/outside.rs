//! All that a power cut leaves: disk, host, paper, PIN pad, and what is still on the line.

use super::camera::{Album, Camera, SharedCamera};
use super::disk::{Flaws, Image, SimulatedDisk, Tear};
use crate::world::host::ledger::Ledger;
use crate::world::host::way::{self, Line};
use crate::world::journal::file::FileJournal;
use crate::world::journal::frame;
use crate::world::port::failure::Failure;
use crate::world::port::record::Record;
use crate::world::port::seal::Seal;
use crate::world::profile::CardProfile;
use crate::world::saved::Saved;
use crate::world::simulation::{Setup, Simulation};
use crate::world::stage::{SharedStage, Stage};
use crate::world::terminal::printer::Printed;
use crate::world::terminal::storage::FaultyJournal;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

/// Tells worlds apart: half of SHA-256 over disk, host, paper, PIN pad and line. Times of day and what cards count are left
/// out.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint(pub [u8; 16]);

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(6).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl Fingerprint {
    /// Of these bytes.
    pub fn of(parts: &[&[u8]]) -> Fingerprint {
        let mut hash = Sha256::new();
        for part in parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Fingerprint::end(hash)
    }

    /// Of a world: what is not on the disk, the active segment, and those that were put aside, which are one part.
    fn of_world(rest: &[u8], active: &[u8], archives: &BTreeMap<u32, Vec<u8>>) -> Fingerprint {
        let mut hash = Sha256::new();
        for part in [rest, active] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.update((archives.values().map(Vec::len).sum::<usize>() as u64).to_le_bytes());
        archives.values().for_each(|archive| hash.update(archive));
        Fingerprint::end(hash)
    }

    fn end(hash: Sha256) -> Fingerprint {
        let mut print = [0; 16];
        print.iter_mut().zip(hash.finalize()).for_each(|(to, from)| *to = from);
        Fingerprint(print)
    }
}

/// The bytes of a segment: what it has in common with another one, and the rest. Of the worlds of one run nearly all bytes are
/// the same, and hundreds of thousands of worlds are kept.
#[derive(Clone, Debug)]
pub struct Segment {
    common: Rc<Vec<u8>>,
    length: usize,
    rest: Box<[u8]>,
}

impl Segment {
    /// Bytes of a segment that has so many bytes of its own at most; otherwise it is what others are compared with from now on.
    fn after(known: &mut Rc<Vec<u8>>, bytes: Vec<u8>) -> Segment {
        let length = known.iter().zip(&bytes).take_while(|(known, byte)| known == byte).count();
        if bytes.len() - length > OWN_MOST {
            *known = Rc::new(bytes);
            return Segment { common: Rc::clone(known), length: known.len(), rest: Box::default() };
        }
        Segment { common: Rc::clone(known), length, rest: bytes.get(length..).unwrap_or_default().into() }
    }

    /// All of it.
    fn bytes(&self) -> Vec<u8> {
        [self.common.get(..self.length).unwrap_or_default(), &self.rest].concat()
    }
}

/// More bytes than this of its own, and a segment is kept whole.
const OWN_MOST: usize = 2 << 10;

/// What worlds that were kept have in common: a new world shares with the one before whatever has not changed.
#[derive(Default)]
struct Common {
    active: Rc<Vec<u8>>,
    archives: Rc<BTreeMap<u32, Vec<u8>>>,
    ledger: Rc<Ledger>,
    printed: Rc<Vec<Printed>>,
    counters: Rc<BTreeMap<Arc<str>, u16>>,
    line: Rc<Line>,
}

/// The same as before, or a copy.
fn shared<T: PartialEq + Clone>(known: &mut Rc<T>, now: &T) -> Rc<T> {
    if **known != *now {
        *known = Rc::new(now.clone());
    }
    Rc::clone(known)
}

/// A world that a terminal can be started in. Its parts are shared with other worlds.
#[derive(Clone, Debug)]
pub struct Outside {
    /// The segment that is written to.
    pub active: Segment,
    /// Segments that were put aside.
    pub archives: Rc<BTreeMap<u32, Vec<u8>>>,
    /// What the host remembers.
    pub ledger: Rc<Ledger>,
    /// Which work keys the PIN pad holds.
    pub pad: BTreeMap<String, u32>,
    /// The slips that were printed.
    pub printed: Rc<Vec<Printed>>,
    /// Trace numbers of transactions that a chip declined after the host had approved.
    pub chip_declined: BTreeSet<u32>,
    /// What each card has counted.
    pub counters: Rc<BTreeMap<Arc<str>, u16>>,
    /// What is on the line.
    pub line: Rc<Line>,
    /// The time.
    pub now_ms: i64,
    /// The cards that issuers know.
    pub cards: Rc<Vec<CardProfile>>,
}

/// Takes pictures of a stage.
#[derive(Default)]
pub struct Shooter {
    pad: Option<(u64, BTreeMap<String, u32>)>,
    cards: Option<Rc<Vec<CardProfile>>>,
    common: Common,
}

impl Shooter {
    /// Every world that a power cut may leave now. Those the album lacks are put into it.
    pub(super) fn shoot(
        &mut self,
        stage: &Stage,
        disk: &SimulatedDisk,
        album: &mut HashMap<Fingerprint, Rc<Outside>>,
    ) -> Vec<(Tear, Fingerprint)> {
        let pad = match self.pad.take() {
            Some((changes, pad)) if changes == stage.pad.changes() => pad,
            _ => Saved::of(stage).pad,
        };
        let rest = beside_the_disk(stage, &pad);
        let tears = disk.tears();
        let mut states = Vec::with_capacity(tears.len());
        for tear in tears {
            let active = disk.active(tear);
            // A tear is of the active segment only.
            let print = disk.look(|image| Fingerprint::of_world(&rest, &active, &image.archives));
            album.entry(print).or_insert_with(|| {
                let known = self.cards.get_or_insert_with(|| Rc::new(stage.acquirer.cards.clone()));
                if known.len() != stage.acquirer.cards.len() {
                    *known = Rc::new(stage.acquirer.cards.clone());
                }
                let common = &mut self.common;
                Rc::new(Outside {
                    active: Segment::after(&mut common.active, active),
                    archives: disk.look(|image| shared(&mut common.archives, &image.archives)),
                    ledger: shared(&mut common.ledger, &stage.acquirer.ledger),
                    pad: pad.clone(),
                    printed: shared(&mut common.printed, &stage.paper.slips),
                    chip_declined: stage.chip_declined.clone(),
                    counters: shared(&mut common.counters, &stage.counters),
                    line: shared(&mut common.line, &stage.line),
                    now_ms: stage.now_ms,
                    cards: Rc::clone(known),
                })
            });
            states.push((tear, print));
        }
        self.pad = Some((stage.pad.changes(), pad));
        states
    }
}

/// Host, PIN pad, paper and line as bytes, for telling two worlds apart.
fn beside_the_disk(stage: &Stage, pad: &BTreeMap<String, u32>) -> Vec<u8> {
    let mut rest = postcard::to_stdvec(&stage.acquirer.ledger).unwrap_or_default();
    for (slot, generation) in pad {
        rest.extend_from_slice(slot.as_bytes());
        rest.extend_from_slice(&generation.to_le_bytes());
    }
    for printed in &stage.paper.slips {
        printed.fingerprint(&mut rest);
    }
    rest.extend(stage.chip_declined.iter().flat_map(|stan| stan.to_le_bytes()));
    stage.line.fingerprint(&mut rest);
    rest
}

/// What is wrong with a terminal on purpose.
#[derive(Clone, Copy, Default)]
pub struct Plant<'w> {
    /// Of its disk.
    pub flaws: Flaws,
    /// Of its journal, line, printer and PIN pad: changed at every start.
    pub world: Option<&'w dyn Fn(&mut Simulation)>,
}

/// Records that a restored backup lacks.
const OLD_RECORDS: usize = 3;

/// A terminal on a test bench.
pub struct Stand {
    /// The world.
    pub simulation: Box<Simulation>,
    /// Its disk.
    pub disk: SimulatedDisk,
    /// Its camera.
    pub camera: SharedCamera,
    /// How long a segment of its journal may get; `None` for as long as anywhere.
    pub segment_bytes: Option<u64>,
}

impl Stand {
    /// A new world: nothing has happened, the terminal is signed in.
    pub fn new(setup: Setup, plant: Plant<'_>) -> Result<Stand, Failure> {
        let simulation = Simulation::start(Setup { directory: None, ..setup })?;
        let mut stand = Stand::of(simulation, SimulatedDisk::default());
        stand.open(&[], plant)?;
        for record in [Record::Batch { number: 1 }, Record::SignedIn] {
            stand.simulation.ports.journal.append(record)?;
        }
        Ok(stand)
    }

    /// Puts the bench into the world as it was left, with a terminal about to be started: `start` opens its journal.
    ///
    /// `setup` is that of the bench, with its cards named one by one.
    pub fn rewind(&mut self, setup: &Setup, outside: &Outside) {
        self.simulation.put_back(setup);
        let image = Image { active: outside.active.bytes(), archives: outside.archives.as_ref().clone() };
        self.disk = SimulatedDisk::with(image);
        self.disk.belongs_to(Rc::downgrade(self.simulation.stage()));
        self.camera = Rc::new(RefCell::new(Camera::new(self.disk.clone())));
        let mut stage = self.simulation.stage().borrow_mut();
        stage.camera = Some(Rc::clone(&self.camera));
        let saved = Saved::left(setup.seed, outside.now_ms, outside.pad.clone(), outside.ledger.as_ref().clone());
        stage.pad.lose_what_is_not_in_use();
        stage.pad.erase_active();
        let Stage { pad, acquirer, .. } = &mut *stage;
        saved.fill(pad, &acquirer.owner);
        stage.acquirer.ledger = saved.ledger;
        stage.acquirer.cards.clone_from(&outside.cards);
        stage.now_ms = outside.now_ms;
        stage.paper.slips.clone_from(outside.printed.as_ref());
        stage.chip_declined.clone_from(&outside.chip_declined);
        stage.counters.clone_from(&outside.counters);
        stage.line = outside.line.as_ref().clone();
    }

    fn of(simulation: Simulation, disk: SimulatedDisk) -> Stand {
        let camera = Rc::new(RefCell::new(Camera::new(disk.clone())));
        simulation.stage().borrow_mut().camera = Some(Rc::clone(&camera));
        disk.belongs_to(Rc::downgrade(simulation.stage()));
        Stand { simulation: Box::new(simulation), disk, camera, segment_bytes: None }
    }

    /// Switches the terminal on: its journal is opened from its disk. `T7003` if that is damaged.
    pub fn start(&mut self, plant: Plant<'_>) -> Result<(), Failure> {
        let mut active = self.disk.active(Tear::Kept);
        if plant.flaws.old_image {
            active = frame::without_the_last(&active, OLD_RECORDS);
            self.disk.put(active.clone());
        }
        if plant.flaws.tail_resets && frame::scan(&active).is_ok_and(|scan| scan.end < active.len()) {
            active.clear();
            self.disk.put(active.clone());
        }
        self.simulation.stage().borrow_mut().line.uses += 1;
        self.open(&active, plant)
    }

    /// The power is back, after a cut or without one: what was only in memory is gone. `start` opens the journal.
    pub fn power_back(&mut self) {
        self.disk.power_on();
        self.camera.borrow_mut().count_anew();
        let mut stage = self.simulation.stage().borrow_mut();
        stage.pad.lose_what_is_not_in_use();
        (stage.in_reader, stage.asked) = (None, None);
    }

    fn open(&mut self, active: &[u8], plant: Plant<'_>) -> Result<(), Failure> {
        self.disk.plant(plant.flaws);
        let key = self.simulation.stage().borrow().acquirer.owner.device_key();
        let seal = Seal::new(&key);
        let (mut journal, _) = FileJournal::on(self.disk.clone(), active, &seal)?;
        if let Some(bytes) = self.segment_bytes {
            journal.hold_segments_to(bytes);
        }
        self.simulation.renew_devices();
        let stage = Rc::clone(self.simulation.stage());
        self.simulation.ports.journal = Box::new(FaultyJournal { journal: Box::new(journal), stage });
        self.simulation.ports.seal = seal;
        if let Some(change) = plant.world {
            change(&mut self.simulation);
        }
        Ok(())
    }

    /// A new use of the terminal begins.
    pub fn use_begins(&self) {
        self.simulation.stage().borrow_mut().line.uses += 1;
    }

    /// Somebody signs a terminal in that lost its keys or was told to: the keys of the host's last sign-in are in use again.
    pub fn sign_in_again(&mut self) {
        self.simulation.sign_in_again();
    }

    /// Time passes.
    pub fn pass_time(&self, milliseconds: i64) {
        self.simulation.stage().borrow_mut().now_ms += milliseconds;
    }

    /// Everything that was held up on the line arrives at the host.
    pub fn let_everything_arrive(&self) {
        let mut stage = self.simulation.stage().borrow_mut();
        let Stage { acquirer, faults, line, now_ms, .. } = &mut *stage;
        while line.on_the_way() > 0 {
            way::arrive(line, acquirer, faults, *now_ms, true);
        }
    }

    /// The world at this moment.
    pub fn outside(&self) -> Outside {
        let stage = self.simulation.stage().borrow();
        Outside {
            active: Segment::after(&mut Rc::default(), self.disk.active(Tear::Kept)),
            archives: Rc::new(self.disk.archives()),
            ledger: Rc::new(stage.acquirer.ledger.clone()),
            pad: Saved::of(&stage).pad,
            printed: Rc::new(stage.paper.slips.clone()),
            chip_declined: stage.chip_declined.clone(),
            counters: Rc::new(stage.counters.clone()),
            line: Rc::new(stage.line.clone()),
            now_ms: stage.now_ms,
            cards: Rc::new(stage.acquirer.cards.clone()),
        }
    }

    /// The world at this moment, as a power cut that loses what is not synced would leave it; kept in the album.
    pub fn shoot(&self, album: &Album) -> Fingerprint {
        let stage = self.simulation.stage().borrow();
        let states = Shooter::default().shoot(&stage, &self.disk, &mut album.borrow_mut());
        states.first().map_or(Fingerprint::of(&[]), |(_, print)| *print)
    }

    /// Tells the world apart that a power cut which loses what is not synced would leave at this moment.
    pub fn fingerprint(&self) -> Fingerprint {
        let stage = self.simulation.stage().borrow();
        let rest = beside_the_disk(&stage, &Saved::of(&stage).pad);
        let active = self.disk.active(Tear::Lost);
        self.disk.look(|image| Fingerprint::of_world(&rest, &active, &image.archives))
    }

    /// The stage.
    pub fn stage(&self) -> &SharedStage {
        self.simulation.stage()
    }
}
