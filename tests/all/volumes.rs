//! A log that many terminals share does not grow with its age: older segments go into files of their own, while the terminals
//! work, and nothing is lost whenever the power goes.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tillscript::script_error::catalogue::storage;
use tillscript::world::journal::file::FileJournal;
use tillscript::world::journal::history::History;
use tillscript::world::journal::log::{self, FILE, Log};
use tillscript::world::port::journal::Journal;
use tillscript::world::port::record::Record;
use tillscript::world::port::seal::Seal;

const KEY: [u8; 16] = [9; 16];
const TERMINALS: u32 = 4;
/// The log is written anew at this length: a few dozen times in a test.
const RENEW_AT: u64 = 6 << 10;

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("till-volumes-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Folder(path)
    }

    fn volumes(&self) -> usize {
        let names = fs::read_dir(&self.0).expect("a folder").map(|entry| entry.expect("an entry").file_name());
        names.filter(|name| name.to_string_lossy().starts_with("group-")).count()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Every terminal takes trace numbers up to this one, all at the same time.
fn work(folder: &Folder, from: u32, to: u32) -> u64 {
    let log = Log::open_and_renew(&folder.0, &KEY, RENEW_AT).expect("a log");
    let seal = Seal::new(&log.key);
    std::thread::scope(|scope| {
        for terminal in 1..=TERMINALS {
            let (group, seal) = (log.group.clone(), &seal);
            let before = log.held.get(&terminal).map_or(&[][..], |held| held.active.as_slice());
            scope.spawn(move || {
                let (mut journal, _) = FileJournal::on(group.member(terminal), before, seal).expect("a journal");
                assert_eq!(journal.state().last_stan, from);
                journal.hold_segments_to(200);
                for stan in from + 1..=to {
                    journal.append(Record::StanTaken { stan }).expect("written");
                }
            });
        }
    });
    fs::metadata(folder.0.join(FILE)).expect("the log").len()
}

/// The trace numbers that the records of each terminal name, in order; every chain is walked.
fn told(directory: &Path) -> BTreeMap<u32, Vec<u32>> {
    let all = log::read(directory, None).expect("a whole log");
    all.iter()
        .map(|(terminal, held)| {
            let history = History::of_log(held).expect("a whole journal");
            let stans = history.records().filter_map(|(_, record)| match record {
                Record::StanTaken { stan } => Some(*stan),
                _ => None,
            });
            (*terminal, stans.collect())
        })
        .collect()
}

fn expected(to: u32) -> BTreeMap<u32, Vec<u32>> {
    (1..=TERMINALS).map(|terminal| (terminal, (1..=to).collect())).collect()
}

#[test]
fn a_log_is_written_anew_while_its_terminals_work_and_every_record_stays() {
    let folder = Folder::new("grow");
    let long = work(&folder, 0, 400);
    let volumes = folder.volumes();
    assert!(volumes > 3, "{volumes} files were put aside");
    assert_eq!(told(&folder.0), expected(400));
    // At most a step of room is behind it, whatever its age; right after it was begun anew there is none.
    assert!(long <= 1 << 20 && work(&folder, 400, 800) <= 1 << 20);
    assert_eq!(told(&folder.0), expected(800));
    let one = log::read(&folder.0, Some(3)).expect("a whole log");
    assert_eq!(one.keys().copied().collect::<Vec<_>>(), [3]);
    // What opening reads is the last segments only.
    let log = Log::open(&folder.0, &KEY).expect("a log");
    assert!(log.held.values().all(|held| held.archives.len() <= 1));
    let bytes: usize = log.held.values().map(|held| held.active.len()).sum();
    assert!(bytes < 8 << 10, "{bytes}");
}

#[test]
fn a_power_cut_between_putting_aside_and_taking_over_changes_nothing() {
    let folder = Folder::new("cut");
    work(&folder, 0, 150);
    for _ in 0..3 {
        let old = fs::read(folder.0.join(FILE)).expect("the log");
        work(&folder, 150, 150);
        // The old log is still in its place, and what it held is in a file of its own, too; beside them lies what was not finished.
        fs::write(folder.0.join(FILE), old).expect("written");
        fs::write(folder.0.join("group.next"), b"half of it").expect("written");
        fs::write(folder.0.join("group.aside"), b"half of it").expect("written");
        assert_eq!(told(&folder.0), expected(150));
    }
    work(&folder, 150, 300);
    assert_eq!(told(&folder.0), expected(300));
}

#[test]
fn where_a_new_log_cannot_be_begun_the_old_one_goes_on() {
    let folder = Folder::new("full");
    work(&folder, 0, 20);
    let log = Log::open_and_renew(&folder.0, &KEY, 1 << 10).expect("a log");
    // Nothing can be written there from now on.
    fs::create_dir(folder.0.join("group.next")).expect("a folder");
    fs::create_dir(folder.0.join("group.aside")).expect("a folder");
    let before = folder.volumes();
    let seal = Seal::new(&log.key);
    let (mut journal, _) = FileJournal::on(log.group.member(2), &log.held[&2].active, &seal).expect("a journal");
    journal.hold_segments_to(200);
    for stan in 21..=200 {
        journal.append(Record::StanTaken { stan }).expect("written");
    }
    assert_eq!(folder.volumes(), before);
    assert_eq!(told(&folder.0)[&2], (1..=200).collect::<Vec<_>>());
}

#[test]
fn damage_in_what_was_put_aside_is_found_and_named() {
    let folder = Folder::new("damage");
    {
        // In turn, so that each file has something of everybody.
        let log = Log::open_and_renew(&folder.0, &KEY, RENEW_AT).expect("a log");
        let seal = Seal::new(&log.key);
        let journal = |terminal| FileJournal::on(log.group.member(terminal), &[], &seal).expect("a journal").0;
        let mut journals: Vec<_> = (1..=TERMINALS).map(journal).collect();
        journals.iter_mut().for_each(|journal| journal.hold_segments_to(200));
        for stan in 1..=200 {
            journals.iter_mut().for_each(|journal| journal.append(Record::StanTaken { stan }).expect("written"));
        }
    }
    let place = folder.0.join("group-000002.till");
    let mut bytes = fs::read(&place).expect("put aside");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&place, bytes).expect("written");
    let failure = log::read(&folder.0, None).expect_err("damage");
    assert_eq!(failure.code, storage::JOURNAL_DAMAGED);
    assert!(format!("{failure:?}").contains("group-000002.till"), "{failure:?}");
    // Terminals go on all the same: they need nothing of it.
    work(&folder, 200, 210);
    // One that is gone is missed, too.
    fs::remove_file(&place).expect("removed");
    let all = log::read(&folder.0, None).expect("each part is whole");
    assert!(all.values().all(|held| History::of_log(held).is_err()));
}
