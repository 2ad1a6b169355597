//! Many terminals on one disk: their journals lie in one log, and whoever waits for the disk waits for one sync together.
//!
//! Each terminal works with a journal of its own, on a `Member`. What it writes is kept until it syncs; then it goes into
//! the log with what others are syncing at that time, and one sync of the log is waited for by all of them. No sync of a
//! member returns before a sync of the log has, that began after its bytes were written.
//!
//! ```text
//! 4  length of the content     little-endian, as all numbers here
//! 4  the terminal
//! 1  what: 0 bytes, 1 cut, 2 a new segment, 3 bytes that are erased
//! 8  where: an offset, or the number of the segment that was put aside
//! 4  CRC-32 of this head
//! n  the content
//! 4  CRC-32 of the content
//! ```

use super::disk::{Disk, Turn};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

const HEAD: usize = 4 + 4 + 1 + 8 + 4;
const CHECK: usize = 4;
/// No write of a journal is near as long.
const CONTENT_MAX: usize = 4 << 20;

/// The file of a log.
pub trait LogFile: Send {
    /// Writes all bytes at the end, which is at this offset.
    fn append(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Waits until everything that was written will survive a power cut.
    fn sync(&mut self) -> io::Result<()>;
}

impl LogFile for File {
    fn append(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.seek(SeekFrom::Start(offset))?;
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

/// What a log holds of one terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// The segment that is written to.
    pub active: Vec<u8>,
    /// Segments that were put aside.
    pub archives: BTreeMap<u32, Vec<u8>>,
}

struct State {
    /// Bytes that wait for the next write.
    queue: Vec<u8>,
    /// Syncs that were asked for, and those that are done.
    asked: u64,
    done: u64,
    /// Somebody is writing for all.
    is_busy: bool,
    /// After a failed write or sync nobody knows what is on the disk: nothing more is written.
    broken: Option<(ErrorKind, String)>,
    /// How many syncs of the log there were.
    syncs: u64,
}

struct Shared {
    state: Mutex<State>,
    turn: Condvar,
    file: Mutex<(Box<dyn LogFile>, u64)>,
}

/// A log that many journals share.
#[derive(Clone)]
pub struct Group(Arc<Shared>);

/// The disk of one terminal in a group.
pub struct Member {
    group: Group,
    terminal: u32,
    held: Vec<u8>,
    /// The last of its syncs that was asked for and not waited for.
    handed_in: Option<u64>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Who panics while writing leaves a state in which nothing is done: that is what `is_busy` says.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Group {
    /// Goes on with a log. `bytes` is all of it; an unfinished end is written over. Gives what each terminal has.
    ///
    /// An error of `InvalidData` means damage: an entry that is whole and wrong.
    pub fn open(file: Box<dyn LogFile>, bytes: &[u8]) -> io::Result<(Group, BTreeMap<u32, Held>)> {
        let (all, end) = read_to_its_end(bytes)?;
        Ok((Group::at(file, end as u64), all))
    }

    /// Goes on behind so many bytes of a log, which are on the disk.
    pub(super) fn at(file: Box<dyn LogFile>, end: u64) -> Group {
        let state = State { queue: Vec::new(), asked: 0, done: 0, is_busy: false, broken: None, syncs: 0 };
        let file = Mutex::new((file, end));
        Group(Arc::new(Shared { state: Mutex::new(state), turn: Condvar::new(), file }))
    }

    /// The disk of one terminal. Only one member of a terminal may be in use.
    pub fn member(&self, terminal: u32) -> Member {
        Member { group: self.clone(), terminal, held: Vec::new(), handed_in: None }
    }

    /// How many syncs of the log there were.
    pub fn syncs(&self) -> u64 {
        locked(&self.0.state).syncs
    }

    /// Takes bytes for the next write. Before `wait` has returned for the ticket nobody knows what is on the disk.
    fn hand_in(&self, bytes: &[u8]) -> io::Result<u64> {
        let mut state = locked(&self.0.state);
        if let Some((kind, detail)) = &state.broken {
            return Err(io::Error::new(*kind, detail.clone()));
        }
        state.queue.extend_from_slice(bytes);
        state.asked += 1;
        Ok(state.asked)
    }

    /// Waits until what was handed in will survive a power cut: a sync that began after it has returned.
    fn wait(&self, own: u64) -> io::Result<()> {
        let shared = &self.0;
        let mut state = locked(&shared.state);
        while state.done < own {
            if let Some((kind, detail)) = &state.broken {
                return Err(io::Error::new(*kind, detail.clone()));
            }
            if state.is_busy {
                state = shared.turn.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            // All that wait are written for at once; who comes meanwhile waits for the next time.
            let (batch, upto) = (std::mem::take(&mut state.queue), state.asked);
            state.is_busy = true;
            drop(state);
            let written = {
                let mut file = locked(&shared.file);
                let (log, end) = &mut *file;
                let written = log.append(*end, &batch).and_then(|()| log.sync());
                if written.is_ok() {
                    *end += batch.len() as u64;
                }
                written
            };
            state = locked(&shared.state);
            state.is_busy = false;
            match written {
                Ok(()) => (state.done, state.syncs) = (upto, state.syncs + 1),
                Err(error) => state.broken = Some((error.kind(), error.to_string())),
            }
            shared.turn.notify_all();
        }
        Ok(())
    }
}

/// What each terminal has in a log. An error of `InvalidData` means damage.
pub(super) fn read(bytes: &[u8]) -> io::Result<BTreeMap<u32, Held>> {
    read_to_its_end(bytes).map(|(all, _)| all)
}

fn read_to_its_end(bytes: &[u8]) -> io::Result<(BTreeMap<u32, Held>, usize)> {
    let mut all: BTreeMap<u32, Held> = BTreeMap::new();
    let mut end = 0;
    while let Some((entry, length)) = Entry::read(bytes.get(end..).unwrap_or_default())? {
        entry.apply(all.entry(entry.terminal).or_default())?;
        end += length;
    }
    Ok((all, end))
}

/// The shortest log that holds this.
pub(super) fn written(all: &BTreeMap<u32, Held>) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for (terminal, held) in all {
        let mut segments = held.archives.values().chain([&held.active]);
        lay(&mut bytes, *terminal, BYTES, 0, segments.next().map_or(&[], Vec::as_slice))?;
        for (number, segment) in held.archives.keys().zip(segments) {
            lay(&mut bytes, *terminal, NEW_SEGMENT, u64::from(*number), segment)?;
        }
    }
    Ok(bytes)
}

/// Appends an entry.
fn lay(log: &mut Vec<u8>, terminal: u32, what: u8, at: u64, content: &[u8]) -> io::Result<()> {
    if content.len() > CONTENT_MAX {
        return Err(ErrorKind::FileTooLarge.into());
    }
    let begin = log.len();
    log.reserve(HEAD + content.len() + CHECK);
    log.extend_from_slice(&(content.len() as u32).to_le_bytes());
    log.extend_from_slice(&terminal.to_le_bytes());
    log.push(what);
    log.extend_from_slice(&at.to_le_bytes());
    let check = crc32fast::hash(log.get(begin..).unwrap_or_default());
    log.extend_from_slice(&check.to_le_bytes());
    log.extend_from_slice(content);
    log.extend_from_slice(&crc32fast::hash(content).to_le_bytes());
    Ok(())
}

/// What an entry says.
const BYTES: u8 = 0;
const CUT: u8 = 1;
const NEW_SEGMENT: u8 = 2;
const ERASED: u8 = 3;

impl Member {
    fn hold(&mut self, what: u8, at: u64, content: &[u8]) -> io::Result<()> {
        lay(&mut self.held, self.terminal, what, at, content)
    }
}

impl Disk for Member {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.hold(BYTES, offset, bytes)
    }

    fn begin_sync(&mut self) -> io::Result<()> {
        let held = std::mem::take(&mut self.held);
        self.handed_in = Some(self.group.hand_in(&held)?);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        if !self.held.is_empty() || self.handed_in.is_none() {
            self.begin_sync()?;
        }
        match self.handed_in.take() {
            Some(own) => self.group.wait(own),
            None => Ok(()),
        }
    }

    fn cut(&mut self, offset: u64) -> io::Result<()> {
        self.hold(CUT, offset, &[])?;
        self.sync()
    }

    fn turn(&mut self, number: u32, bytes: &[u8]) -> io::Result<Turn> {
        self.hold(NEW_SEGMENT, u64::from(number), bytes)?;
        self.sync()?;
        Ok(Turn::Done)
    }

    fn wipe(&mut self, number: u32, place: Range<u64>) -> io::Result<()> {
        // The log keeps what was sealed until it is opened the next time; what is read back has zeros there.
        let mut content = u64::from(number).to_le_bytes().to_vec();
        content.extend_from_slice(&(place.end - place.start).to_le_bytes());
        self.hold(ERASED, place.start, &content)?;
        self.sync()
    }
}

struct Entry<'b> {
    terminal: u32,
    what: u8,
    at: u64,
    content: &'b [u8],
}

fn damaged() -> io::Error {
    io::Error::new(ErrorKind::InvalidData, "an entry of the log is damaged")
}

impl<'b> Entry<'b> {
    /// The next entry and its length; `None` at the end, and where the power has torn the last one.
    fn read(bytes: &'b [u8]) -> io::Result<Option<(Entry<'b>, usize)>> {
        let Some((head, behind)) = bytes.split_at_checked(HEAD) else { return Ok(None) };
        let number = |bytes: &[u8]| bytes.iter().rev().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
        let (facts, check) = head.split_at(HEAD - CHECK);
        let is_rest_empty = |bytes: &[u8]| bytes.iter().all(|byte| *byte == 0);
        if u64::from(crc32fast::hash(facts)) != number(check) {
            return if is_rest_empty(behind) { Ok(None) } else { Err(damaged()) };
        }
        let length = number(&facts[..4]) as usize;
        if length > CONTENT_MAX {
            return Err(damaged());
        }
        let Some((content, behind)) = behind.split_at_checked(length) else { return Ok(None) };
        let Some((check, behind)) = behind.split_at_checked(CHECK) else { return Ok(None) };
        if u64::from(crc32fast::hash(content)) != number(check) {
            return if is_rest_empty(behind) { Ok(None) } else { Err(damaged()) };
        }
        let entry = Entry { terminal: number(&facts[4..8]) as u32, what: facts[8], at: number(&facts[9..17]), content };
        Ok(Some((entry, HEAD + length + CHECK)))
    }

    fn apply(&self, held: &mut Held) -> io::Result<()> {
        let at = usize::try_from(self.at).map_err(|_| damaged())?;
        match self.what {
            BYTES => {
                // A journal writes at its end or within: a gap was never written.
                if at > held.active.len() {
                    return Err(damaged());
                }
                let end = at + self.content.len();
                if held.active.len() < end {
                    held.active.resize(end, 0);
                }
                held.active.get_mut(at..end).ok_or_else(damaged)?.copy_from_slice(self.content);
            }
            CUT => held.active.truncate(at),
            NEW_SEGMENT => {
                let old = std::mem::replace(&mut held.active, self.content.to_vec());
                held.archives.insert(u32::try_from(self.at).map_err(|_| damaged())?, old);
            }
            ERASED => {
                let (number, length) = self.content.split_first_chunk::<8>().ok_or_else(damaged)?;
                let length = length.first_chunk::<8>().ok_or_else(damaged)?;
                let (number, length) = (u64::from_le_bytes(*number), u64::from_le_bytes(*length) as usize);
                let archive = held.archives.get_mut(&u32::try_from(number).map_err(|_| damaged())?);
                if let Some(place) = archive.and_then(|bytes| bytes.get_mut(at..at.checked_add(length)?)) {
                    place.fill(0);
                }
            }
            _ => return Err(damaged()),
        }
        Ok(())
    }
}
