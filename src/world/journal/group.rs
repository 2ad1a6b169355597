//! Many terminals on one disk: their journals lie in one log, and whoever waits for the disk waits for one sync together.
//!
//! Each terminal works with a journal of its own, on a `Member`. What it writes is kept until it syncs; then it goes into
//! the log with what others are syncing at that time, and one sync of the log is waited for by all of them. No sync of a
//! member returns before a sync of the log has, that began after its bytes were written.
//!
//! ```text
//! 4  length of the content     little-endian, as all numbers here
//! 4  the terminal
//! 1  what: 0 bytes, 1 cut, 2 a new segment, 3 bytes that are erased, 4 a batch begins
//! 8  where: an offset, or the number of the segment that was put aside, or of the batch
//! 4  CRC-32 of this head
//! n  the content
//! 4  CRC-32 of the content
//! ```
//!
//! What goes out together is a batch. It begins with an entry that holds its length and ends with a mark, so that what a power
//! cut leaves of the last one, which may lack any of its sectors, is told from damage (`group_log`).

use super::disk::{Disk, Turn};
use super::file::is_full;
use super::group_log::{
    BATCH_HEAD, BYTES, CUT, END_MARK, ERASED, Ended, Held, NEW_SEGMENT, lay, put_batch_head, read_log,
};
use super::room::Roomy;
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The file of a log.
pub trait LogFile: Send {
    /// Writes all bytes at the end, which is at this offset.
    fn append(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Waits until everything that was written will survive a power cut.
    fn sync(&mut self) -> io::Result<()>;

    /// All that was written, up to this offset, is on the disk: a log that has grown long may be begun anew now, with what is
    /// still needed of it. Gives where the new one ends; `None` where everything is as before.
    ///
    /// After an error nobody knows which of both is there; either holds all of it.
    fn renew(&mut self, _end: u64) -> io::Result<Option<Ended>> {
        Ok(None)
    }
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

impl LogFile for Roomy {
    fn append(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.write_at(offset, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        Roomy::sync(self)
    }
}

struct State {
    /// Bytes that wait for the next write, with a place for the head of their batch in front; empty where none wait.
    queue: Vec<u8>,
    /// A buffer that was written and can be used again.
    spare: Vec<u8>,
    /// The number of the next batch.
    batch: u64,
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

/// There was no room for a write of the log: nothing of it counts, and whoever waits for it knows that. After a failed sync nobody
/// does, whatever its cause.
#[derive(Debug)]
pub(super) struct LogFull;

impl LogFull {
    /// Is it this error?
    pub(super) fn is(error: &io::Error) -> bool {
        error.get_ref().is_some_and(|cause| cause.is::<LogFull>())
    }
}

impl fmt::Display for LogFull {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no room for the log")
    }
}

impl std::error::Error for LogFull {}

/// What everybody is told from then on; without a text it is that the log had no room.
fn broken(kind: ErrorKind, detail: &str) -> io::Error {
    if detail.is_empty() { io::Error::new(kind, LogFull) } else { io::Error::new(kind, detail) }
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
        let (all, ended) = read_log(bytes)?;
        Ok((Group::at(file, ended), all))
    }

    /// Goes on where a log that is on the disk ends.
    pub(super) fn at(file: Box<dyn LogFile>, ended: Ended) -> Group {
        let Ended { end, batch } = ended;
        let (queue, spare) = (Vec::new(), Vec::new());
        let state = State { queue, spare, batch, asked: 0, done: 0, is_busy: false, broken: None, syncs: 0 };
        let file = Mutex::new((file, end as u64));
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
            return Err(broken(*kind, detail));
        }
        if !bytes.is_empty() {
            if state.queue.is_empty() {
                state.queue.resize(BATCH_HEAD, 0);
            }
            state.queue.extend_from_slice(bytes);
        }
        state.asked += 1;
        Ok(state.asked)
    }

    /// Waits until what was handed in will survive a power cut: a sync that began after it has returned.
    fn wait(&self, own: u64) -> io::Result<()> {
        let shared = &self.0;
        let mut state = locked(&shared.state);
        while state.done < own {
            if let Some((kind, detail)) = &state.broken {
                return Err(broken(*kind, detail));
            }
            if state.is_busy {
                state = shared.turn.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            }
            // All that wait are written for at once; who comes meanwhile waits for the next time.
            let spare = std::mem::take(&mut state.spare);
            let (mut batch, upto) = (std::mem::replace(&mut state.queue, spare), state.asked);
            if !batch.is_empty() {
                batch.push(END_MARK);
                put_batch_head(&mut batch, state.batch);
                state.batch += 1;
            }
            state.is_busy = true;
            drop(state);
            let (written, renewed) = {
                let mut file = locked(&shared.file);
                let (log, end) = &mut *file;
                let appended = log.append(*end, &batch).map_err(|error| match is_full(&error) {
                    true => io::Error::new(error.kind(), LogFull),
                    false => error,
                });
                let written = appended.and_then(|()| log.sync());
                let mut renewed = Ok(None);
                if written.is_ok() {
                    *end += batch.len() as u64;
                    renewed = log.renew(*end);
                    if let Ok(Some(ended)) = &renewed {
                        *end = ended.end as u64;
                    }
                }
                (written, renewed)
            };
            state = locked(&shared.state);
            state.is_busy = false;
            batch.clear();
            state.spare = batch;
            match written {
                Ok(()) => (state.done, state.syncs) = (upto, state.syncs + 1),
                Err(error) if LogFull::is(&error) => state.broken = Some((error.kind(), String::new())),
                Err(error) => state.broken = Some((error.kind(), error.to_string())),
            }
            match renewed {
                Ok(Some(ended)) => state.batch = ended.batch,
                Ok(None) => {}
                // What was waited for is on the disk either way; what comes next has no place to go.
                Err(error) => state.broken = Some((error.kind(), error.to_string())),
            }
            shared.turn.notify_all();
        }
        Ok(())
    }
}

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
        self.handed_in = Some(self.group.hand_in(&self.held)?);
        self.held.clear();
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
