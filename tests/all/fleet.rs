//! Many terminals on one log: nothing is acknowledged, and nothing is sent, before its sync has returned.

use super::rehearse::script;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use tillscript::language::vm::value::Value;
use tillscript::payment::amount::Amount;
use tillscript::payment::currency::Currency;
use tillscript::run::fleet::{Done, Fleet};
use tillscript::run::happening::Happening;
use tillscript::run::program::flow;
use tillscript::run::world::dialect_of;
use tillscript::script_error::catalogue::storage;
use tillscript::world::journal::file::FileJournal;
use tillscript::world::journal::group::{Group, LogFile};
use tillscript::world::journal::group_log::Held;
use tillscript::world::journal::log::{FILE, Log};
use tillscript::world::port::failure::Failure;
use tillscript::world::port::journal::{Journal, JournalState};
use tillscript::world::port::seal::Seal;
use tillscript::world::simulation::Setup;
use zeroize::Zeroizing;

const KEY: [u8; 16] = [9; 16];
const TERMINALS: u32 = 6;

/// A log whose file remembers what is synced, and whose sync fails once.
#[derive(Default)]
struct Inner {
    live: Vec<u8>,
    durable: usize,
    syncs: u64,
    fails_at: Option<u64>,
    /// There is room for so many bytes.
    room: Option<usize>,
}

#[derive(Clone, Default)]
struct Disk(Arc<Mutex<Inner>>);

impl LogFile for Disk {
    fn append(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut inner = self.0.lock().expect("the disk");
        if inner.room.is_some_and(|room| offset as usize + bytes.len() > room) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        inner.live.truncate(offset as usize);
        inner.live.extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        // Long enough for the others to come and wait.
        std::thread::sleep(std::time::Duration::from_micros(200));
        let mut inner = self.0.lock().expect("the disk");
        inner.syncs += 1;
        if inner.fails_at == Some(inner.syncs) {
            return Err(io::Error::other("input/output error"));
        }
        inner.durable = inner.live.len();
        Ok(())
    }
}

/// Only for reading.
struct Nowhere;

impl LogFile for Nowhere {
    fn append(&mut self, _: u64, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Disk {
    /// What a power cut would leave at this moment.
    fn durable(&self) -> BTreeMap<u32, Held> {
        let inner = self.0.lock().expect("the disk");
        Group::open(Box::new(Nowhere), &inner.live[..inner.durable]).expect("a whole log").1
    }
}

fn state(held: &Held) -> JournalState {
    let (group, _) = Group::open(Box::new(Nowhere), &[]).expect("a group");
    let (journal, _) = FileJournal::on(group.member(0), &held.active, &Seal::new(&KEY)).expect("a whole journal");
    journal.state().clone()
}

/// So many sales on this disk; `watch` sees what happens.
fn sales(disk: &Disk, runs: u64, watch: &(dyn Fn(u32, &Happening) + Sync)) -> (Result<Done, Failure>, u64) {
    let program = script("sale.till");
    let entry = flow(&program, Some("sale")).expect("the sale");
    let (group, held) = Group::open(Box::new(disk.clone()), &[]).expect("a group");
    let fleet = Fleet {
        program: &program,
        entry,
        values: vec![Value::Amount(Amount::new(100, Currency::CNY))],
        setup: Setup::new(dialect_of(&program).expect("a dialect")),
        group: group.clone(),
        held,
        key: Zeroizing::new(KEY),
        #[cfg(feature = "net")]
        remote: None,
    };
    (fleet.run(TERMINALS, runs, watch), group.syncs())
}

/// At the moment at which a terminal goes on, the disk has what it goes on with.
fn must_be_durable(disk: &Disk, terminal: u32, happening: &Happening) -> bool {
    let state = || state(disk.durable().get(&terminal).expect("the terminal"));
    match happening {
        Happening::ReversalRecorded { stan } => {
            assert!(state().pending(*stan).is_some(), "terminal {terminal}: reversal {stan} is not on the disk");
        }
        Happening::Booked { stan, .. } => {
            assert!(state().find_booked(*stan).is_some(), "terminal {terminal}: {stan} is not on the disk");
        }
        _ => return false,
    }
    true
}

#[test]
fn no_commit_of_a_fleet_is_acknowledged_before_its_sync_and_syncs_are_shared() {
    let (disk, looked) = (Disk::default(), AtomicU64::new(0));
    let (done, syncs) = sales(&disk, 60, &|terminal, happening| {
        looked.fetch_add(u64::from(must_be_durable(&disk, terminal, happening)), Ordering::Relaxed);
    });
    let done = done.expect("they start");
    assert!(done.stopped.is_none() && done.wrong.is_empty(), "{done:?}");
    assert_eq!((done.runs, done.tally.approved, done.pending, done.compared), (60, 60, 0, TERMINALS));
    assert_eq!(done.booked, 60 * 100);
    assert_eq!(looked.load(Ordering::Relaxed), 120, "a reversal and a booking for each sale");
    assert_eq!(syncs, disk.0.lock().expect("the disk").syncs);
    assert!(syncs < done.records, "{syncs} syncs for {} records: nothing was shared", done.records);
}

#[test]
fn a_fleet_stops_at_a_failed_sync_and_acknowledges_nothing_after_it() {
    for fails_at in [1, 5, 20, 43] {
        let disk = Disk::default();
        disk.0.lock().expect("the disk").fails_at = Some(fails_at);
        let (sent, acknowledged) = (AtomicU64::new(0), AtomicU64::new(0));
        let (done, _) = sales(&disk, 60, &|terminal, happening| {
            must_be_durable(&disk, terminal, happening);
            let (to, is_it) = match happening {
                Happening::Sent { .. } => (&sent, true),
                other => (&acknowledged, matches!(other, Happening::Booked { .. })),
            };
            to.fetch_add(u64::from(is_it), Ordering::Relaxed);
        });
        assert_eq!(disk.0.lock().expect("the disk").syncs, fails_at, "a failed sync is not tried again");
        let held = disk.durable();
        let states: Vec<JournalState> = held.values().map(state).collect();
        let booked: usize = states.iter().map(|state| state.booked.len()).sum();
        // Whatever was acknowledged is there. A record that the failed sync was to bring may be missing, none else.
        assert!(booked as u64 >= acknowledged.load(Ordering::Relaxed));
        // Each message was sent with its reversal on the disk: it is booked, or it waits.
        let known: usize = booked + states.iter().map(|state| state.pending.len()).sum::<usize>();
        assert!(known as u64 >= sent.load(Ordering::Relaxed), "{fails_at}: a message left without a reversal");
        // Early enough, a terminal cannot even begin; later the flow that met it says so.
        let code = done.map(|done| done.stopped.map(|error| error.code).unwrap_or_default());
        assert_eq!(code.unwrap_or_else(|failure| failure.code.to_string()), storage::JOURNAL_FAILED.0, "{fails_at}");
    }
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("till-fleet-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_fleet_stops_at_a_full_disk_and_says_so() {
    let disk = Disk::default();
    disk.0.lock().expect("the disk").room = Some(20_000);
    let (done, _) = sales(&disk, 500, &|_, _| {});
    let done = done.expect("the journals open");
    assert!(done.runs > 0 && done.runs < 500, "{}", done.runs);
    assert_eq!(done.stopped.map(|error| error.code), Some(storage::STORAGE_FULL.to_string()));
    assert!(disk.0.lock().expect("the disk").live.len() <= 20_000);
}

#[test]
fn a_log_is_written_anew_when_it_is_opened_and_keeps_what_it_says() {
    let folder = Folder::new("log");
    let before = {
        let log = Log::open(&folder.0, &KEY).expect("a log");
        let seal = Seal::new(&log.key);
        let mut states = Vec::new();
        for terminal in 1..=3 {
            let (mut journal, _) = FileJournal::on(log.group.member(terminal), &[], &seal).expect("a journal");
            journal.hold_segments_to(1_200);
            for record in super::world::every_kind_of_record(&seal) {
                journal.append(record).expect("written");
            }
            states.push(journal.state().clone());
        }
        assert_eq!(Log::open(&folder.0, &KEY).err().map(|failure| failure.code), Some(storage::JOURNAL_IN_USE));
        states
    };
    // What was written, without the room behind it.
    let length = || {
        let bytes = fs::read(folder.0.join(FILE)).expect("the log");
        bytes.iter().rposition(|byte| *byte != 0)
    };
    let long = length();
    let log = Log::open(&folder.0, &[1; 16]).expect("the same log");
    assert!(length() < long, "what was overwritten is gone");
    assert_eq!(*log.key, KEY, "the key stays");
    for (at, expected) in before.iter().enumerate() {
        let held = &log.held[&(at as u32 + 1)];
        assert!(!held.archives.is_empty());
        assert_eq!(&state(held), expected);
    }
    // It was written anew, and on the disk before it took the place of the other: no power cut leaves a part of it, and a part
    // is damage, as is a bit that was changed.
    drop(log);
    let whole = fs::read(folder.0.join(FILE)).expect("the log");
    for end in (97..whole.len()).step_by(97) {
        fs::write(folder.0.join(FILE), &whole[..end]).expect("written");
        let code = Log::open(&folder.0, &KEY).err().map(|failure| failure.code);
        assert_eq!(code, Some(storage::JOURNAL_DAMAGED), "{end}");
    }
    let mut wrong = whole.clone();
    wrong[60] ^= 1;
    fs::write(folder.0.join(FILE), &wrong).expect("written");
    assert_eq!(Log::open(&folder.0, &KEY).err().map(|failure| failure.code), Some(storage::JOURNAL_DAMAGED));
}
