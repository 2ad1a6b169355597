//! A simulated disk under a journal: it knows what a power cut would leave of it, at any moment.

use super::camera::{self, DiskStep, Moment};
use crate::world::journal::disk::{Disk, Turn};
use crate::world::journal::frame;
use crate::world::journal::torn::SECTOR;
use crate::world::stage::Stage;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::rc::{Rc, Weak};

/// What lies on a disk.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The segment that is written to.
    pub active: Vec<u8>,
    /// Segments that were put aside, by number.
    pub archives: BTreeMap<u32, Vec<u8>>,
}

/// What a power cut does to writes that were not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tear {
    /// They are lost.
    Lost,
    /// They are all there.
    Kept,
    /// The last one is there, those before it are not.
    LastOnly,
    /// Of the last one so many bytes are there; with `zeros` its place is taken up all the same.
    Torn {
        /// Bytes of it.
        bytes: u32,
        /// Is the rest of its place zeros, or was the file never so long?
        zeros: bool,
    },
    /// Of the last one all is there but a sector, counted from 0; there stands what stood there before. Disks write sectors in
    /// any order.
    Holed {
        /// Which of those that it touches; there is always one more.
        sector: u32,
    },
}

/// What a disk does wrong, from a certain operation on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Trouble {
    /// No room, for this operation only: half of a write is done.
    Full,
    /// The operation fails, once; what it was to do may be lost.
    Failed,
    /// Nothing can be written any more.
    ReadOnly,
}

/// What a wrong disk or a wrong driver would do; for planted defects only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flaws {
    /// A sync returns and has done nothing.
    pub sync_does_nothing: bool,
    /// A sync is put off until the next one.
    pub sync_is_late: bool,
    /// A failed sync is told as a success.
    pub failure_is_hidden: bool,
    /// What a cut took away comes back after a power cut.
    pub cut_is_forgotten: bool,
    /// A new segment takes the place of the old one before it is on the disk.
    pub turn_before_sync: bool,
    /// Every so many-th write goes nowhere; 0 for none.
    pub write_is_lost: u32,
    /// An old image comes back at a start.
    pub old_image: bool,
    /// A torn end makes the journal begin anew.
    pub tail_resets: bool,
    /// Card data is erased in the wrong segment.
    pub wipes_active: bool,
}

struct Write {
    offset: usize,
    bytes: Vec<u8>,
    /// What it overwrote, as far as anything was there.
    before: Vec<u8>,
    /// How long the segment was.
    length: usize,
}

#[derive(Default)]
struct Inner {
    live: Image,
    unsynced: Vec<Write>,
    operations: u32,
    writes: u32,
    trouble: Option<(u32, Trouble)>,
    flaws: Flaws,
    stage: Weak<RefCell<Stage>>,
    /// The power is gone: nothing is done any more.
    is_dead: bool,
    sync_due: bool,
    has_failed: bool,
}

/// A disk in memory. Its copies are the same disk.
#[derive(Clone, Default)]
pub struct SimulatedDisk(Rc<RefCell<Inner>>);

impl std::fmt::Debug for SimulatedDisk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<disk of {} bytes>", self.0.borrow().live.active.len())
    }
}

fn lay(bytes: &mut Vec<u8>, offset: usize, written: &[u8]) {
    let end = offset + written.len();
    if bytes.len() < end {
        bytes.resize(end, 0);
    }
    if let Some(place) = bytes.get_mut(offset..end) {
        place.copy_from_slice(written);
    }
}

fn undo(bytes: &mut Vec<u8>, write: &Write) {
    lay(bytes, write.offset, &write.before);
    bytes.truncate(write.length);
}

impl Inner {
    fn begin(&mut self) -> io::Result<Option<Trouble>> {
        let number = self.operations;
        self.operations += 1;
        if self.is_dead {
            return Err(io::Error::other("no power"));
        }
        let trouble = match self.trouble {
            Some((at, Trouble::ReadOnly)) if at <= number => Some(Trouble::ReadOnly),
            Some((at, trouble)) if at == number => Some(trouble),
            _ => None,
        };
        self.has_failed |= trouble.is_some();
        Ok(trouble)
    }

    /// The active segment without what was not synced.
    fn durable(&self) -> Vec<u8> {
        let mut active = self.live.active.clone();
        self.unsynced.iter().rev().for_each(|write| undo(&mut active, write));
        active
    }

    /// What a power cut leaves of the active segment; those that were put aside stay as they are.
    fn active(&self, tear: Tear) -> Vec<u8> {
        let mut active = match tear {
            Tear::Kept => return self.live.active.clone(),
            _ => self.durable(),
        };
        let Some((last, before)) = self.unsynced.split_last() else { return active };
        match tear {
            Tear::Lost | Tear::Kept => {}
            Tear::LastOnly => lay(&mut active, last.offset, &last.bytes),
            Tear::Torn { bytes, zeros } => {
                before.iter().for_each(|write| lay(&mut active, write.offset, &write.bytes));
                let there = (bytes as usize).min(last.bytes.len());
                let end = last.offset + last.bytes.len();
                if zeros && active.len() < end {
                    active.resize(end, 0);
                }
                lay(&mut active, last.offset, &last.bytes[..there]);
            }
            Tear::Holed { sector } => {
                before.iter().for_each(|write| lay(&mut active, write.offset, &write.bytes));
                let (begin, end) = (last.offset, last.offset + last.bytes.len());
                let from = (begin / SECTOR + sector as usize) * SECTOR;
                let hole = from.max(begin).min(end)..(from + SECTOR).max(begin).min(end);
                let kept =
                    active.get(hole.start.min(active.len())..hole.end.min(active.len())).unwrap_or_default().to_vec();
                lay(&mut active, begin, &last.bytes);
                active.get_mut(hole.clone()).into_iter().for_each(|hole| hole.fill(0));
                lay(&mut active, hole.start, &kept);
            }
        }
        active
    }

    fn tears(&self) -> Vec<Tear> {
        let Some(last) = self.unsynced.last() else { return vec![Tear::Lost] };
        let mut tears = vec![Tear::Lost, Tear::Kept];
        if self.unsynced.len() > 1 {
            tears.push(Tear::LastOnly);
        }
        for bytes in frame::places_to_tear(&last.bytes) {
            let bytes = bytes as u32;
            tears.extend([Tear::Torn { bytes, zeros: false }, Tear::Torn { bytes, zeros: true }]);
        }
        let sectors = (last.offset + last.bytes.len()).div_ceil(SECTOR) - last.offset / SECTOR;
        if sectors > 1 {
            tears.extend((0..sectors as u32).map(|sector| Tear::Holed { sector }));
        }
        tears
    }
}

impl SimulatedDisk {
    /// A disk on which this lies.
    pub fn with(image: Image) -> SimulatedDisk {
        SimulatedDisk(Rc::new(RefCell::new(Inner { live: image, ..Inner::default() })))
    }

    /// Lets the camera of this stage see every moment of the disk.
    pub(in crate::world) fn belongs_to(&self, stage: Weak<RefCell<Stage>>) {
        self.0.borrow_mut().stage = stage;
    }

    /// Something goes wrong at an operation, counted from the first after now.
    pub fn trouble(&self, at: u32, trouble: Trouble) {
        let mut inner = self.0.borrow_mut();
        let at = inner.operations + at;
        inner.trouble = Some((at, trouble));
    }

    /// Makes it a wrong disk.
    pub fn plant(&self, flaws: Flaws) {
        self.0.borrow_mut().flaws = flaws;
    }

    /// Puts another active segment in the place of the one that is there.
    pub(super) fn put(&self, active: Vec<u8>) {
        self.0.borrow_mut().live.active = active;
    }

    /// How many operations there were.
    pub fn operations(&self) -> u32 {
        self.0.borrow().operations
    }

    /// All that a power cut at this moment may leave.
    pub fn tears(&self) -> Vec<Tear> {
        self.0.borrow().tears()
    }

    /// Segments that were put aside.
    pub(super) fn archives(&self) -> BTreeMap<u32, Vec<u8>> {
        self.0.borrow().live.archives.clone()
    }

    /// What such a power cut leaves.
    pub fn image(&self, tear: Tear) -> Image {
        let inner = self.0.borrow();
        Image { active: inner.active(tear), archives: inner.live.archives.clone() }
    }

    /// What such a power cut leaves of the active segment.
    pub fn active(&self, tear: Tear) -> Vec<u8> {
        self.0.borrow().active(tear)
    }

    /// Calls with the bytes of the active segment as programs see them.
    pub fn look<T>(&self, look: impl FnOnce(&Image) -> T) -> T {
        look(&self.0.borrow().live)
    }

    /// True if everything that was written is synced.
    pub fn is_synced(&self) -> bool {
        self.0.borrow().unsynced.is_empty()
    }

    /// The power goes; what is left is this.
    pub(super) fn lose_power(&self, tear: Tear) {
        let mut inner = self.0.borrow_mut();
        let active = inner.active(tear);
        inner.live.active = active;
        inner.unsynced.clear();
        inner.is_dead = true;
    }

    /// Has an operation gone wrong since the power was last on? A journal above gives up then.
    pub fn has_failed(&self) -> bool {
        self.0.borrow().has_failed
    }

    /// Whatever was to go wrong will not, and the terminal stays on.
    pub fn power_on_quietly(&self) {
        self.0.borrow_mut().trouble = None;
    }

    /// The power is back, and whatever was wrong is mended.
    pub fn power_on(&self) {
        let mut inner = self.0.borrow_mut();
        inner.unsynced.clear();
        (inner.is_dead, inner.trouble, inner.sync_due, inner.has_failed) = (false, None, false, false);
    }

    /// A moment of the disk passes; an error if the power goes at it.
    fn pass(&self, step: DiskStep) -> io::Result<()> {
        let stage = self.0.borrow().stage.upgrade();
        match stage {
            Some(stage) if camera::pass(&stage, Moment::Disk(step)) => Err(io::Error::other("no power")),
            _ => Ok(()),
        }
    }

    fn failed(trouble: Trouble) -> io::Error {
        match trouble {
            Trouble::Full => ErrorKind::StorageFull.into(),
            Trouble::Failed => io::Error::other("input/output error (simulated)"),
            Trouble::ReadOnly => ErrorKind::ReadOnlyFilesystem.into(),
        }
    }
}

impl Disk for SimulatedDisk {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let trouble = {
            let mut inner = self.0.borrow_mut();
            let trouble = inner.begin()?;
            inner.writes += 1;
            let there = match trouble {
                Some(Trouble::ReadOnly) => 0,
                Some(_) => bytes.len() / 2,
                None => bytes.len(),
            };
            let (every, writes) = (inner.flaws.write_is_lost, inner.writes);
            let lost = every > 0 && writes % every == 0;
            if there > 0 {
                let (offset, written) = (offset as usize, &bytes[..there]);
                let length = inner.live.active.len();
                let end = (offset + there).min(length);
                let before = inner.live.active.get(offset.min(end)..end).unwrap_or_default().to_vec();
                if lost {
                    lay(&mut inner.live.active, offset, &vec![0; there]);
                } else {
                    lay(&mut inner.live.active, offset, written);
                }
                inner.unsynced.push(Write { offset, bytes: written.to_vec(), before, length });
            }
            trouble
        };
        self.pass(DiskStep::Written)?;
        trouble.map_or(Ok(()), |trouble| Err(SimulatedDisk::failed(trouble)))
    }

    fn sync(&mut self) -> io::Result<()> {
        {
            let mut inner = self.0.borrow_mut();
            let trouble = inner.begin()?;
            if let Some(trouble) = trouble {
                if trouble != Trouble::ReadOnly {
                    // After a failed sync the pages count as clean and are not what is on the disk: what was written is lost.
                    let durable = inner.durable();
                    inner.live.active = durable;
                    inner.unsynced.clear();
                }
                if !inner.flaws.failure_is_hidden {
                    return Err(SimulatedDisk::failed(trouble));
                }
            }
            let flaws = inner.flaws;
            let is_put_off = flaws.sync_is_late && !std::mem::replace(&mut inner.sync_due, true);
            if !flaws.sync_does_nothing && !is_put_off {
                inner.sync_due = false;
                inner.unsynced.clear();
            }
        }
        self.pass(DiskStep::Synced)
    }

    fn cut(&mut self, offset: u64) -> io::Result<()> {
        {
            let mut inner = self.0.borrow_mut();
            if let Some(trouble) = inner.begin()? {
                return Err(SimulatedDisk::failed(trouble));
            }
            if inner.flaws.cut_is_forgotten {
                return Ok(());
            }
            inner.live.active.truncate(offset as usize);
            inner.unsynced.clear();
        }
        self.pass(DiskStep::Cut)
    }

    fn turn(&mut self, number: u32, bytes: &[u8]) -> io::Result<Turn> {
        {
            let mut inner = self.0.borrow_mut();
            if let Some(trouble) = inner.begin()? {
                return Ok(Turn::Refused(SimulatedDisk::failed(trouble)));
            }
        }
        // The next segment lies beside the active one; what was written to that is synced.
        self.0.borrow_mut().unsynced.clear();
        self.pass(DiskStep::Prepared)?;
        {
            let mut inner = self.0.borrow_mut();
            let old = std::mem::replace(&mut inner.live.active, bytes.to_vec());
            inner.live.archives.insert(number, old);
            if inner.flaws.turn_before_sync {
                let write = Write { offset: 0, bytes: bytes.to_vec(), before: Vec::new(), length: 0 };
                inner.unsynced.push(write);
            }
        }
        self.pass(DiskStep::Turned)?;
        Ok(Turn::Done)
    }

    fn wipe(&mut self, number: u32, place: Range<u64>) -> io::Result<()> {
        {
            let mut inner = self.0.borrow_mut();
            if let Some(trouble) = inner.begin()? {
                return Err(SimulatedDisk::failed(trouble));
            }
            let wrong = inner.flaws.wipes_active;
            let live = &mut inner.live;
            let archive = if wrong { Some(&mut live.active) } else { live.archives.get_mut(&number) };
            if let Some(bytes) = archive {
                let end = (place.end as usize).min(bytes.len());
                bytes.get_mut(place.start as usize..end).into_iter().for_each(|bytes| bytes.fill(0));
            }
        }
        self.pass(DiskStep::Wiped)
    }
}
