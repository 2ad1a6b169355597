//! The log of a group in its folder: locked, read back, and written anew whenever it is opened.
//!
//! Written anew it holds of each terminal what its journal is now: what was overwritten since is gone, erased card data too, and it is
//! no longer than it has to be. A power cut meanwhile leaves the old log or the new one, whole.

use super::device_key;
use super::disk::sync_directory;
use super::file::{cannot_read, cannot_write, lock, read_all};
use super::group::Group;
use super::group_log::{self, Ended, Held};
use super::room::Roomy;
use crate::script_error::catalogue::storage;
use crate::script_error::code::Fact;
use crate::script_error::words::Said;
use crate::world::port::failure::Failure;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use zeroize::Zeroizing;

/// The log.
pub const FILE: &str = "group.till";
/// Room is made in steps of so many bytes: for some sixty syncs of sixty-four terminals.
pub const ROOM: u64 = 1 << 20;
/// A log far larger is none of ours.
const SIZE_MAX: u64 = 2 << 30;
/// The log that is about to take its place.
const NEXT: &str = "group.next";

/// A log that is open.
pub struct Log {
    /// The group that goes on with it.
    pub group: Group,
    /// What each terminal had, by its number.
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
        fs::create_dir_all(directory).map_err(|error| cannot_write(directory, &error))?;
        let lock = lock(directory)?;
        let path = directory.join(FILE);
        let held = if path.try_exists().unwrap_or(true) { read(directory)? } else { BTreeMap::new() };
        let key = device_key::read_or_create(directory, fresh_key)?;
        let (file, ended) = anew(directory, &held).map_err(|error| cannot_write(&path, &error))?;
        Ok(Log { group: Group::at(Box::new(file), ended), held, key, _lock: lock })
    }
}

/// Is there the log of a fleet in this folder?
pub fn is_there(directory: &Path) -> bool {
    directory.join(FILE).exists()
}

/// What each terminal has in the log of a folder, by its number. Takes no lock and changes nothing; what is just being written
/// does not count yet. `T7005` if it cannot be read, `T7003` if it is damaged.
pub fn read(directory: &Path) -> Result<BTreeMap<u32, Held>, Failure> {
    let path = directory.join(FILE);
    let bytes = File::open(&path).and_then(|mut file| read_all(&mut file, SIZE_MAX));
    let bytes = bytes.map_err(|error| cannot_read(&path, &error))?;
    let (held, _) = group_log::read_log(&bytes).map_err(|error| {
        let detail = Said::new(format!("{FILE} 有一条损坏"), format!("{FILE}: {error}"));
        Failure::new(storage::JOURNAL_DAMAGED).fact("detail", Fact::Said(detail))
    })?;
    Ok(held)
}

/// Writes a log that holds this beside the old one and puts it into its place.
fn anew(directory: &Path, held: &BTreeMap<u32, Held>) -> io::Result<(Roomy, Ended)> {
    let (bytes, ended) = group_log::written(held)?;
    let next = directory.join(NEXT);
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&next)?;
    file.write_all(&bytes)?;
    file.sync_all()?;
    fs::rename(&next, directory.join(FILE))?;
    sync_directory(directory)?;
    Ok((Roomy::new(file, ROOM)?, ended))
}
