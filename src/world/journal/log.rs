//! The log of a group in its folder: locked, read back, and written anew whenever it is opened or has grown long.
//!
//! Written anew it holds of each terminal what its journal is now: what was overwritten since is gone, erased card data too, and it is
//! no longer than it has to be. Segments that its terminals put aside go into files of their own, so that neither opening a log nor
//! the log itself grows with its age. A power cut meanwhile leaves the old log or the new one, whole.

use super::device_key;
use super::disk::sync_directory;
use super::file::{cannot_read, cannot_write, lock, read_all};
use super::group::{Group, LogFile};
use super::group_log::{self, Ended, Held};
use super::names;
use super::room::Roomy;
use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::words::Said;
use crate::world::port::failure::Failure;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The log.
pub const FILE: &str = "group.till";
/// Room is made in steps of so many bytes: for some sixty syncs of sixty-four terminals.
pub const ROOM: u64 = 1 << 20;
/// A log far larger is none of ours.
const SIZE_MAX: u64 = 2 << 30;
/// The log that is about to take its place.
const NEXT: &str = "group.next";
/// Older segments that are about to be put aside.
const ASIDE: &str = "group.aside";
/// A log with so many bytes is written anew while its terminals wait: some sixty thousand sales. Reading it back takes a
/// second or less.
const RENEW_AT: u64 = 64 << 20;

/// A log that is open.
pub struct Log {
    /// The group that goes on with it.
    pub group: Group,
    /// What each terminal had, by its number: the segment it writes to, and perhaps some of those before.
    pub held: BTreeMap<u32, Held>,
    /// The key that card data in it is sealed with.
    pub key: Zeroizing<[u8; 16]>,
    // Held for as long as anybody writes.
    _lock: File,
}

impl Log {
    /// Opens the log of a folder, or begins one. `fresh_key` becomes its device key if it has none yet.
    ///
    /// `T7004` while another program has it open, `T7003` if it is damaged, `T7001` and `T7006` where it cannot be written.
    pub fn open(directory: &Path, fresh_key: &[u8; 16]) -> Result<Log, Failure> {
        Log::open_and_renew(directory, fresh_key, RENEW_AT)
    }

    /// As `open`; the log is written anew when it has so many bytes.
    pub fn open_and_renew(directory: &Path, fresh_key: &[u8; 16], renew_at: u64) -> Result<Log, Failure> {
        fs::create_dir_all(directory).map_err(|error| cannot_write(directory, &error))?;
        let lock = lock(directory)?;
        let path = directory.join(FILE);
        let is_there = path.try_exists().unwrap_or(true);
        let mut held = if is_there { read_one(directory, FILE)? } else { BTreeMap::new() };
        let key = device_key::read_or_create(directory, fresh_key)?;
        let written = prepare(directory, &mut held).and_then(|(file, ended)| Ok((take_over(directory, file)?, ended)));
        let (file, ended) = written.map_err(|error| cannot_write(&path, &error))?;
        let next_at = renew_at.max(2 * ended.end as u64);
        let file = Growing { directory: directory.to_owned(), file, renew_at, next_at };
        Ok(Log { group: Group::at(Box::new(file), ended), held, key, _lock: lock })
    }
}

/// A log in its folder, which is begun anew before it gets too long to be read back.
struct Growing {
    directory: PathBuf,
    file: Roomy,
    renew_at: u64,
    /// How many bytes it has to have next time.
    next_at: u64,
}

impl LogFile for Growing {
    fn append(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.file.write_at(offset, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync()
    }

    fn renew(&mut self, end: u64) -> io::Result<Option<Ended>> {
        if end < self.next_at {
            return Ok(None);
        }
        let mut bytes = read_all(&mut File::open(self.directory.join(FILE))?, SIZE_MAX)?;
        // Behind it is room.
        bytes.truncate(usize::try_from(end).unwrap_or(usize::MAX));
        let (mut held, _) = group_log::read_log(&bytes)?;
        drop(bytes);
        let Ok((file, ended)) = prepare(&self.directory, &mut held) else {
            // A full disk, for one: the log grows on, and is tried again later.
            let _ = fs::remove_file(self.directory.join(NEXT));
            self.next_at = end.saturating_add(self.renew_at);
            return Ok(None);
        };
        self.file = take_over(&self.directory, file)?;
        self.next_at = self.renew_at.max(2 * ended.end as u64);
        Ok(Some(ended))
    }
}

/// Is there the log of a fleet in this folder?
pub fn is_there(directory: &Path) -> bool {
    directory.join(FILE).exists()
}

/// What each terminal has in the log of a folder, older segments included, by its number; or what one of them has. Takes no lock
/// and changes nothing; what is just being written does not count yet. `T7005` if it cannot be read, `T7003` if it is damaged.
pub fn read(directory: &Path, only: Option<u32>) -> Result<BTreeMap<u32, Held>, Failure> {
    // The log first: what is put aside meanwhile is in this one, too.
    let wanted = |terminal: &u32| only.is_none_or(|only| only == *terminal);
    let mut all = read_one(directory, FILE)?;
    all.retain(|terminal, _| wanted(terminal));
    let volumes = names::volumes(directory).map_err(|error| cannot_read(directory, &error))?;
    for number in volumes {
        for (terminal, held) in read_one(directory, &names::volume(number))? {
            if wanted(&terminal) {
                let known = all.entry(terminal).or_default();
                for (number, segment) in held.archives {
                    // A power cut may leave a segment in both places. What was erased since is erased in the log.
                    known.archives.entry(number).or_insert(segment);
                }
            }
        }
    }
    Ok(all)
}

fn read_one(directory: &Path, name: &str) -> Result<BTreeMap<u32, Held>, Failure> {
    let path = directory.join(name);
    let bytes = File::open(&path).and_then(|mut file| read_all(&mut file, SIZE_MAX));
    let bytes = bytes.map_err(|error| cannot_read(&path, &error))?;
    let (held, _) = group_log::read_log(&bytes).map_err(|error| {
        let detail = Said::new(format!("{name} 有一条损坏"), format!("{name}: {error}"));
        Failure::new(storage::JOURNAL_DAMAGED).fact("detail", Fact::Said(detail))
    })?;
    Ok(held)
}

/// Puts older segments aside and writes a log of the rest beside the old one. Until `take_over` the old one counts.
fn prepare(directory: &Path, held: &mut BTreeMap<u32, Held>) -> io::Result<(File, Ended)> {
    put_aside(directory, held)?;
    let (bytes, ended) = group_log::written(held)?;
    Ok((write(&directory.join(NEXT), &bytes)?, ended))
}

/// Puts the log that was written into the place of the old one.
fn take_over(directory: &Path, file: File) -> io::Result<Roomy> {
    fs::rename(directory.join(NEXT), directory.join(FILE))?;
    sync_directory(directory)?;
    Roomy::new(file, ROOM)
}

/// Writes segments that no terminal will write to again into a file of their own, and takes them out of what is held.
///
/// The last one of each terminal stays: card data in it may still be erased after a power cut.
fn put_aside(directory: &Path, held: &mut BTreeMap<u32, Held>) -> io::Result<()> {
    let mut older: BTreeMap<u32, Held> = BTreeMap::new();
    for (terminal, held) in &mut *held {
        let Some((last, _)) = held.archives.last_key_value() else { continue };
        let kept = held.archives.split_off(&last.to_owned());
        let archives = std::mem::replace(&mut held.archives, kept);
        if !archives.is_empty() {
            older.insert(*terminal, Held { active: Vec::new(), archives });
        }
    }
    if older.is_empty() {
        return Ok(());
    }
    let number = names::volumes(directory)?.last().map_or(1, |last| last.saturating_add(1));
    let place = directory.join(names::volume(number));
    if place.try_exists()? {
        return Err(ErrorKind::AlreadyExists.into());
    }
    let (bytes, _) = group_log::written(&older)?;
    write(&directory.join(ASIDE), &bytes)?;
    fs::rename(directory.join(ASIDE), place)?;
    sync_directory(directory)
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    Ok(file)
}
