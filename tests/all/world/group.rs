//! Many journals on one disk: a sync is shared, and never skipped.

use super::journal::{KEY, every_kind};
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex};
use tillscript::script_error::catalogue::storage;
use tillscript::world::journal::file::FileJournal;
use tillscript::world::journal::group::{Group, LogFile};
use tillscript::world::port::journal::Journal;
use tillscript::world::port::record::Record;
use tillscript::world::port::seal::Seal;

/// What a log file has: what was written, how much of it is synced, and how many syncs are left before one fails.
#[derive(Default)]
struct Inner {
    live: Vec<u8>,
    durable: usize,
    syncs: usize,
    fails_at: Option<usize>,
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Inner>>);

impl LogFile for Log {
    fn append(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut inner = self.0.lock().expect("the log");
        inner.live.truncate(offset as usize);
        inner.live.extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        // Long enough for the others to come and wait.
        std::thread::sleep(std::time::Duration::from_millis(2));
        let mut inner = self.0.lock().expect("the log");
        inner.syncs += 1;
        if inner.fails_at == Some(inner.syncs) {
            return Err(io::Error::other("no more"));
        }
        inner.durable = inner.live.len();
        Ok(())
    }
}

fn durable(log: &Log) -> Vec<u8> {
    let inner = log.0.lock().expect("the log");
    inner.live[..inner.durable].to_vec()
}

#[test]
fn eight_terminals_share_syncs_and_none_is_skipped() {
    const TERMINALS: u32 = 8;
    const RECORDS: u32 = 25;
    let log = Log::default();
    let (group, held) = Group::open(Box::new(log.clone()), &[]).expect("a group");
    assert!(held.is_empty());
    std::thread::scope(|scope| {
        for terminal in 0..TERMINALS {
            let (group, log) = (group.clone(), log.clone());
            scope.spawn(move || {
                let seal = Seal::new(&KEY);
                let (mut journal, _) = FileJournal::on(group.member(terminal), &[], &seal).expect("a journal");
                for stan in 1..=RECORDS {
                    journal.append(Record::StanTaken { stan }).expect("written");
                    // What a power cut would leave now has the record: this very moment is what counts.
                    let (_, held) = Group::open(Box::new(Log::default()), &durable(&log)).expect("a whole log");
                    let (again, _) = FileJournal::on(
                        Group::open(Box::new(Log::default()), &[]).expect("a group").0.member(0),
                        &held[&terminal].active,
                        &seal,
                    )
                    .expect("a whole journal");
                    assert_eq!(again.state().last_stan, stan, "terminal {terminal}");
                }
            });
        }
    });
    let asked = u64::from(TERMINALS * (RECORDS + 2));
    assert!(
        group.syncs() < asked,
        "{} syncs of the log for {asked} of the terminals: nothing was shared",
        group.syncs()
    );
}

#[test]
fn every_kind_of_record_and_a_change_of_segments_come_back() {
    let log = Log::default();
    let seal = Seal::new(&KEY);
    let (group, _) = Group::open(Box::new(log.clone()), &[]).expect("a group");
    let (mut journal, _) = FileJournal::on(group.member(7), &[], &seal).expect("a journal");
    journal.hold_segments_to(1_200);
    for record in every_kind(&seal) {
        journal.append(record).expect("written");
    }
    let bytes = durable(&log);
    let (again, held) = Group::open(Box::new(Log::default()), &bytes).expect("a whole log");
    let (read, _) = FileJournal::on(again.member(7), &held[&7].active, &seal).expect("a whole journal");
    assert_eq!(read.state(), journal.state());
    assert!(!held[&7].archives.is_empty());
    // Cut anywhere, it is a log that ends earlier; with a bit changed in what is whole, it is damage or such a log.
    for end in 0..bytes.len() {
        assert!(Group::open(Box::new(Log::default()), &bytes[..end]).is_ok(), "{end}");
    }
    for at in (0..bytes.len() - 100).step_by(7) {
        let mut wrong = bytes.clone();
        wrong[at] ^= 4;
        let kind = Group::open(Box::new(Log::default()), &wrong).err().map(|error| error.kind());
        assert_eq!(kind, Some(ErrorKind::InvalidData), "{at}");
    }
}

#[test]
fn after_a_failed_sync_nobody_writes_any_more() {
    let log = Log::default();
    let seal = Seal::new(&KEY);
    let (group, _) = Group::open(Box::new(log.clone()), &[]).expect("a group");
    let (mut one, _) = FileJournal::on(group.member(1), &[], &seal).expect("a journal");
    let (mut two, _) = FileJournal::on(group.member(2), &[], &seal).expect("a journal");
    let at = log.0.lock().expect("the log").syncs + 1;
    log.0.lock().expect("the log").fails_at = Some(at);
    for journal in [&mut one, &mut two] {
        let failure = journal.append(Record::StanTaken { stan: 1 }).expect_err("the disk fails");
        assert_eq!(failure.code, storage::JOURNAL_FAILED);
        assert_eq!(journal.state().last_stan, 0);
    }
    assert_eq!(log.0.lock().expect("the log").syncs, at, "a failed sync is not tried again");
}
