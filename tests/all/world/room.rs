//! Room ahead of the last record: it is no record, and what a power cut leaves in it is told from damage.

use super::bench::Folder;
use super::journal::{KEY, every_kind};
use std::fs;
use std::io::{self, ErrorKind};
use std::sync::{Arc, Mutex};
use tillscript::world::journal::file::FileJournal;
use tillscript::world::journal::frame::{self, Segment};
use tillscript::world::journal::group::{Group, LogFile};
use tillscript::world::journal::history::History;
use tillscript::world::journal::names::ACTIVE;
use tillscript::world::journal::torn::SECTOR;
use tillscript::world::port::journal::Journal;
use tillscript::world::port::record::Record;
use tillscript::world::port::seal::Seal;

/// Bytes of room that a test puts behind what was written.
const ROOM: usize = 2_000;

/// The parts of a place that lie in one sector each.
fn pieces(from: usize, to: usize) -> Vec<(usize, usize)> {
    let mut borders: Vec<usize> = (from + 1..to).filter(|at| at % SECTOR == 0).collect();
    borders.insert(0, from);
    borders.push(to);
    borders.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

/// The file with these of the pieces not there.
fn without(file: &[u8], pieces: &[(usize, usize)], lost: usize) -> Vec<u8> {
    let mut file = file.to_vec();
    for (at, (from, to)) in pieces.iter().enumerate() {
        if lost & 1 << at != 0 {
            file[*from..*to].fill(0);
        }
    }
    file
}

#[test]
fn a_record_that_lacks_any_of_its_sectors_is_torn_and_never_damage() {
    let seal = Seal::new(&KEY);
    let (mut torn, mut mended) = (0, 0);
    for kind in every_kind(&seal) {
        // The record begins at every distance from a border of sectors that small records before it make.
        for before in 0..60u64 {
            let mut file = Segment::FIRST.to_bytes();
            let mut chain = Segment::FIRST.chain;
            for number in 1..=before {
                // Two lengths, so that distances differ.
                let stan = if number % 3 == 0 { 7 } else { 70_000 };
                let small = frame::write(number, &chain, &Record::StanTaken { stan }).unwrap();
                file.extend_from_slice(&small.bytes);
                chain = small.chain;
            }
            let (begin, written) = (file.len(), frame::write(before + 1, &chain, &kind).unwrap());
            file.extend_from_slice(&written.bytes);
            let end = file.len();
            let later = frame::write(before + 2, &written.chain, &Record::SignedIn).unwrap();
            let pieces = pieces(begin, end);
            for lost in 1..1usize << pieces.len() {
                let mut left = without(&file, &pieces, lost);
                left.resize(end + ROOM, 0);
                let scan =
                    frame::scan(&left).unwrap_or_else(|damage| panic!("{kind:?} at {begin}, {lost:b}: {damage:?}"));
                let whole = scan.frames.len() as u64;
                if scan.mended.is_some() {
                    assert_eq!(whole, before + 1);
                    mended += 1;
                } else {
                    assert_eq!((whole, scan.end), (before, begin), "{kind:?} at {begin}, {lost:b}");
                    torn += 1;
                }
                // The same with a record behind it had been on the disk: that is damage.
                let mut left = without(&file, &pieces, lost);
                left.extend_from_slice(&later.bytes);
                left.resize(end + ROOM, 0);
                assert!(frame::scan(&left).is_err(), "{kind:?} at {begin}, {lost:b}: a record was lost and not missed");
            }
        }
    }
    assert!(torn > 1_000, "{torn}");
    assert!(mended > 0, "a border behind the first byte of a short record's head");
}

#[test]
fn a_head_whose_first_bytes_are_zeros_is_put_right_when_the_journal_is_opened() {
    let folder = Folder::new();
    let (mut journal, ..) = FileJournal::open(&folder.0, &KEY).unwrap();
    let path = folder.0.join(ACTIVE);
    let mut begin = frame::SEGMENT_HEAD;
    // Up to a record whose head has one to three bytes in front of a border: its length is two or four.
    loop {
        let stan = if begin.is_multiple_of(2) { 7 } else { 70_000 };
        journal.append(Record::StanTaken { stan }).unwrap();
        let end = frame::scan(&fs::read(&path).unwrap()).unwrap().end;
        if (1..=3).contains(&(SECTOR - begin % SECTOR)) && fs::read(&path).unwrap()[begin].is_power_of_two() {
            break;
        }
        begin = end;
    }
    let state = journal.state().clone();
    drop(journal);
    let whole = fs::read(&path).unwrap();
    let mut left = whole.clone();
    left[begin] = 0;
    fs::write(&path, &left).unwrap();
    let (journal, _, recovery) = FileJournal::open(&folder.0, &KEY).unwrap();
    assert_eq!((journal.state(), recovery.torn_bytes), (&state, 0));
    assert_eq!(fs::read(&path).unwrap(), whole, "put right on the disk too");
}

#[test]
fn room_is_made_once_for_many_records_and_is_told_from_records() {
    let folder = Folder::new();
    let (mut journal, seal, _) = FileJournal::open(&folder.0, &KEY).unwrap();
    let length = || fs::metadata(folder.0.join(ACTIVE)).unwrap().len();
    let first = length();
    for record in every_kind(&seal) {
        journal.append(record).unwrap();
        assert_eq!(length(), first, "no record makes the file longer");
    }
    let history = History::read(&folder.0).unwrap();
    let part = &history.parts[0];
    assert_eq!((part.torn, (part.bytes + part.room) as u64), (0, first));
    let state = journal.state().clone();
    drop(journal);
    let (journal, _, recovery) = FileJournal::open(&folder.0, &KEY).unwrap();
    assert_eq!((journal.state(), recovery.torn_bytes), (&state, 0));
    assert_eq!(length(), first, "room is left where it is");
}

#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl LogFile for Kept {
    fn append(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut kept = self.0.lock().unwrap();
        kept.truncate(offset as usize);
        kept.extend_from_slice(bytes);
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_batch_of_a_log_that_lacks_any_of_its_sectors_never_counted() {
    let kept = Kept::default();
    let (group, _) = Group::open(Box::new(kept.clone()), &[]).unwrap();
    let seal = Seal::new(&KEY);
    let mut journals: Vec<_> =
        (0..5).map(|terminal| FileJournal::on(group.member(terminal), &[], &seal).unwrap().0).collect();
    let bytes = || kept.0.lock().unwrap().clone();
    let held = |bytes: &[u8]| Group::open(Box::new(Kept::default()), bytes).map(|(_, held)| held);
    let mut batches = vec![(bytes(), held(&bytes()).unwrap())];
    for record in every_kind(&seal) {
        for journal in &mut journals {
            journal.begin_append(record.clone()).unwrap();
        }
        journals.iter_mut().for_each(|journal| journal.settle().unwrap());
        batches.push((bytes(), held(&bytes()).unwrap()));
    }
    let whole = bytes();
    let mut torn = 0;
    for pair in batches.windows(2) {
        let [(before, known), (behind, _)] = pair else { continue };
        // What was erased meanwhile was written with them.
        let pieces = pieces(before.len(), behind.len());
        for lost in 1..1usize << pieces.len().min(6) {
            let mut left = without(behind, &pieces, lost);
            left.resize(behind.len() + ROOM, 0);
            let found = held(&left).unwrap_or_else(|error| panic!("at {}, {lost:b}: {error}", before.len()));
            assert_eq!(found, *known, "at {}, {lost:b}", before.len());
            torn += 1;
            if behind.len() < whole.len() {
                let left = without(&whole, &pieces, lost);
                let kind = held(&left).err().map(|error| error.kind());
                assert_eq!(kind, Some(ErrorKind::InvalidData), "at {}, {lost:b}", before.len());
            }
        }
    }
    assert!(torn > 200, "{torn}");
    // One wrong bit anywhere, in the last batch too, is found.
    for at in (0..whole.len()).step_by(3) {
        let mut wrong = whole.clone();
        wrong[at] ^= 1 << (at % 8);
        wrong.resize(whole.len() + ROOM, 0);
        assert!(held(&wrong).is_err(), "byte {at}");
    }
}
