//! The journal: what it says, what it survives, what it refuses.

use super::bench::{self, Folder, cny, code, record, sale_request, world, world_in};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tillscript::script_error::catalogue::storage;
use tillscript::world::journal::file::{FileJournal, Recovery};
use tillscript::world::journal::frame::{self, Segment};
use tillscript::world::journal::history::{End, History};
use tillscript::world::journal::names::{self, ACTIVE as FILE};
use tillscript::world::port::card_reader::ChipVerdict;
use tillscript::world::port::chips::{BookedChip, CarriedChips, ChipContent, ChipDecline, ChipProof, KeptChips};
use tillscript::world::port::day::{Answers, BookedOver, Refused};
use tillscript::world::port::journal::{Journal, JournalState};
use tillscript::world::port::record::{Booked, DueReversal, Kind, OwedSlip, PlainField, Record, RequestFacts};
use tillscript::world::port::seal::Seal;

pub(super) const KEY: [u8; 16] = [7; 16];

fn open(folder: &Path) -> (FileJournal, Seal, Recovery) {
    FileJournal::open(folder, &KEY).unwrap()
}

/// A reversal with a sealed card number.
fn due(stan: u32, seal: &Seal) -> DueReversal {
    let mut world = world(&[]);
    let mut message = sale_request(&mut world, 10_000);
    message.set(11, format!("{stan:06}"));
    let facts = RequestFacts { mti: message.mti, batch: 1, amount: Some(cny(10_000)), at_ms: 5 };
    message.mti = tillscript::payment::iso8583::dialect::Mti(400);
    DueReversal::seal(&message, &bench::dialect(), facts, seal).unwrap()
}

fn booked(stan: u32, minor: i64, kind: Kind) -> Booked {
    Booked {
        stan,
        batch: 1,
        kind,
        amount: cny(minor),
        card: "629999******0017".to_owned(),
        reference: Some("010509000001".to_owned()),
        authorisation: None,
        at_ms: 6,
    }
}

/// What a chip said, sealed.
fn proof(stan: u32, verdict: ChipVerdict, seal: &Seal) -> ChipProof {
    let card = b"6299990000000017".to_vec().into();
    let content = ChipContent { card, chip: vec![0x9F, 0x27, 0x01, 0x40].into(), ..ChipContent::default() };
    ChipProof::of(stan, verdict, cny(700), &content, seal)
}

/// Two of them in one record.
fn carried_chips(seal: &Seal) -> CarriedChips {
    let mut kept = KeptChips::default();
    kept.keep(proof(7, ChipVerdict::Tc, seal));
    kept.keep(proof(8, ChipVerdict::Aac, seal));
    CarriedChips::of(kept).remove(0)
}

/// One record of every kind, with a reversal that waits at the end.
pub(crate) fn every_kind(seal: &Seal) -> Vec<Record> {
    vec![
        Record::Batch { number: 1 },
        Record::SignedIn,
        Record::StanTaken { stan: 1 },
        Record::ReversalDue(due(1, seal)),
        Record::Booked(booked(1, 10_000, Kind::Sale)),
        Record::PrintStarted { stan: 1 },
        Record::Printed { stan: 1 },
        Record::StanTaken { stan: 2 },
        Record::ReversalDue(due(2, seal)),
        Record::ReversalReason { stan: 2, reason: code("98") },
        Record::ReversalSent { stan: 2, attempt: 1 },
        Record::ReversalClosed { stan: 2, by: code("25") },
        Record::StanTaken { stan: 3 },
        Record::ReversalDue(due(3, seal)),
        Record::Discarded { stan: 3 },
        Record::SignedOut,
        Record::Slips { owed: vec![OwedSlip { batch: 1, stan: 1, started: true }] },
        Record::Restored { batch: 1, last_stan: 3 },
        Record::Fenced,
        Record::Answers(Box::new(Answers {
            answered: [((1, 2), code("05"))].into(),
            refused: vec![(1, Refused { stan: 2, name: "notice".into(), amount: None, by: code("05") })],
        })),
        Record::BookedChip(Box::new(BookedChip {
            over: BookedOver { booked: booked(5, 700, Kind::Preauth), takes_back: None, foreign: true },
            proof: proof(5, ChipVerdict::Tc, seal),
        })),
        Record::ChipDeclined(Box::new(ChipDecline {
            proof: proof(6, ChipVerdict::Aac, seal),
            batch: 1,
            card: "629999******0017".to_owned(),
            at_ms: 7,
            offline: true,
        })),
        Record::Uploaded { stans: vec![6] },
        Record::Chips(Box::new(carried_chips(seal))),
        Record::Reconciled { by: vec!["Chen".into(), "Li".into()], entries: 3 },
        Record::StanTaken { stan: 4 },
        Record::ReversalDue(due(4, seal)),
        Record::ReversalReason { stan: 4, reason: code("98") },
    ]
}

/// What was written to a segment, without the room behind it.
fn content(path: &Path) -> Vec<u8> {
    let mut bytes = fs::read(path).unwrap();
    let written = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
    bytes.truncate(written.max(frame::SEGMENT_HEAD));
    bytes
}

/// A journal of every kind of record: the file and the state before the first record and behind each.
fn written(folder: &Path) -> Vec<(Vec<u8>, JournalState)> {
    let (mut journal, seal, recovery) = open(folder);
    assert!(recovery.is_new);
    let file = || content(&folder.join(FILE));
    let mut states = vec![(file(), journal.state().clone())];
    for record in every_kind(&seal) {
        journal.append(record).unwrap();
        states.push((file(), journal.state().clone()));
    }
    states
}

#[test]
fn what_was_written_is_there_again() {
    let folder = Folder::new();
    let states = written(&folder.0);
    let (mut journal, seal, recovery) = open(&folder.0);
    assert_eq!(recovery, Recovery { is_new: false, torn_bytes: 0 });
    let mut expected = states.last().unwrap().1.clone();
    assert_eq!(journal.state(), &expected);
    assert!(journal.state().pending[0].due.open(&seal).unwrap().has(2));
    journal.append(Record::StanTaken { stan: 5 }).unwrap();
    expected.apply(&Record::StanTaken { stan: 5 });
    drop(journal);
    assert_eq!(open(&folder.0).0.state(), &expected);
}

#[test]
fn a_journal_torn_at_any_byte_keeps_every_record_before_it() {
    let folder = Folder::new();
    let states = written(&folder.0);
    let mut cases: Vec<(Vec<u8>, usize, &JournalState)> = Vec::new();
    for pair in states.windows(2) {
        let [(before, state), (behind, _)] = pair else { continue };
        for cut in before.len()..behind.len() {
            cases.push(([before, &behind[before.len()..cut]].concat(), before.len(), state));
        }
    }
    let empty = JournalState::default();
    let head = Segment::FIRST.to_bytes();
    cases.extend((0..head.len()).map(|cut| (head[..cut].to_vec(), 0, &empty)));
    for (number, (torn, whole, state)) in cases.iter().enumerate() {
        // The system may have made room for the record before it wrote it.
        for zeros in [0, 9] {
            let file = [torn.as_slice(), &vec![0; zeros]].concat();
            let scan = frame::scan(&file).unwrap();
            assert_eq!((scan.frames.len() as u64, scan.end), (state.records, *whole), "cut at {}", torn.len());
            // Opening waits for the disk, so only some of the cuts are opened.
            if number % 61 > 0 {
                continue;
            }
            fs::write(folder.0.join(FILE), &file).unwrap();
            let (journal, _, recovery) = open(&folder.0);
            assert_eq!(journal.state(), *state, "cut at {}", torn.len());
            let written = torn.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
            assert_eq!(recovery.torn_bytes, written.saturating_sub(*whole), "cut at {}", torn.len());
            drop(journal);
            let (journal, _, recovery) = open(&folder.0);
            assert_eq!((journal.state(), recovery.torn_bytes), (*state, 0), "cut off for good");
        }
    }
}

#[test]
fn every_bit_flip_is_found_or_changes_nothing() {
    let folder = Folder::new();
    let states = written(&folder.0);
    let (bytes, good) = states.last().unwrap();
    let mut unnoticed = BTreeSet::new();
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << bit;
            // The checksums find it, or it is in sealed card data: then one bit of each byte is enough to try on disk.
            if frame::scan(&flipped).is_err() || bit != at % 8 {
                continue;
            }
            fs::remove_file(folder.0.join(FILE)).unwrap();
            fs::write(folder.0.join(FILE), &flipped).unwrap();
            match FileJournal::open(&folder.0, &KEY) {
                Err(failure) => assert_eq!(failure.code, storage::JOURNAL_DAMAGED, "{failure:?}"),
                Ok((journal, _, recovery)) => {
                    assert_eq!(journal.state(), good, "byte {at}, bit {bit}");
                    assert_eq!(recovery.torn_bytes, 0, "a whole record was cut off: byte {at}, bit {bit}");
                    unnoticed.insert(at);
                }
            }
        }
    }
    // The only places where a bit does not matter hold the erased card data of closed reversals; they are zeros again.
    assert!(unnoticed.iter().all(|at| bytes[*at] == 0), "{unnoticed:?}");
    assert!(!unnoticed.is_empty());
}

#[test]
fn a_missing_a_doubled_and_a_swapped_record_are_damage() {
    let folder = Folder::new();
    let states = written(&folder.0);
    let part = |at: usize| &states[at + 1].0[states[at].0.len()..];
    let begin = states[0].0.as_slice();
    let cases = [
        [begin, part(1), part(2)].concat(),
        [begin, part(0), part(0), part(1)].concat(),
        [begin, part(1), part(0), part(2)].concat(),
        [b"TILLJRN3", &begin[8..], part(0)].concat(),
        [b"TILLJRN1", part(0)].concat(),
    ];
    for (number, case) in cases.iter().enumerate() {
        fs::write(folder.0.join(FILE), case).unwrap();
        let failure = FileJournal::open(&folder.0, &KEY).unwrap_err();
        assert_eq!(failure.code, storage::JOURNAL_DAMAGED, "case {number}");
    }
}

#[test]
fn strangers_files_are_refused_and_never_panic() {
    let mut noise: u32 = 1;
    for length in 0..600 {
        let mut bytes = Segment::FIRST.to_bytes();
        for _ in 0..length {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            bytes.push((noise >> 24) as u8);
        }
        let scanned = frame::scan(&bytes);
        assert!(scanned.is_err() || scanned.unwrap().frames.is_empty());
    }
}

#[test]
fn only_one_program_writes() {
    let folder = Folder::new();
    let first = open(&folder.0);
    let failure = FileJournal::open(&folder.0, &KEY).unwrap_err();
    assert_eq!(failure.code, storage::JOURNAL_IN_USE);
    drop(first);
    open(&folder.0);
}

#[test]
fn card_data_is_erased_when_its_reversal_is_closed() {
    let folder = Folder::new();
    let (mut journal, seal, _) = open(&folder.0);
    let due = due(1, &seal);
    let sealed: Vec<Vec<u8>> = due.sealed.iter().map(|field| field.as_bytes().to_vec()).collect();
    assert!(sealed.len() >= 3, "card number, expiry, chip data");
    let on_disk = |folder: &Path| {
        let bytes = fs::read(folder.join(FILE)).unwrap();
        sealed.iter().filter(|sealed| bytes.windows(sealed.len()).any(|window| window == sealed.as_slice())).count()
    };
    journal.append(Record::ReversalDue(due)).unwrap();
    assert_eq!(on_disk(&folder.0), sealed.len());
    let before = content(&folder.0.join(FILE));
    journal.append(Record::Discarded { stan: 1 }).unwrap();
    assert_eq!(on_disk(&folder.0), 0);
    drop(journal);
    // The power goes between the closing and the erasing: opening erases.
    let mut interrupted = fs::read(folder.0.join(FILE)).unwrap();
    interrupted[..before.len()].copy_from_slice(&before);
    fs::write(folder.0.join(FILE), interrupted).unwrap();
    assert_eq!(on_disk(&folder.0), sealed.len());
    drop(open(&folder.0));
    assert_eq!(on_disk(&folder.0), 0);
}

#[test]
fn a_seal_opens_in_its_own_place_only() {
    let seal = Seal::new(&KEY);
    for length in [0, 1, 15, 16, 17, 64, 300] {
        let clear: Vec<u8> = (0..length).map(|at| at as u8).collect();
        let sealed = seal.seal(7, 2, &clear);
        assert_eq!(seal.open(7, &sealed).unwrap().as_slice(), clear.as_slice());
        assert!(seal.open(8, &sealed).is_none(), "another reversal");
        let moved = tillscript::world::port::seal::SealedField::from_bytes(14, sealed.as_bytes().to_vec());
        assert!(seal.open(7, &moved).is_none(), "another field");
        assert!(Seal::new(&[8; 16]).open(7, &sealed).is_none(), "another terminal");
        for at in 0..sealed.as_bytes().len() {
            let mut bytes = sealed.as_bytes().to_vec();
            bytes[at] ^= 1;
            let changed = tillscript::world::port::seal::SealedField::from_bytes(2, bytes);
            assert!(seal.open(7, &changed).is_none(), "byte {at}");
        }
    }
    assert_ne!(seal.seal(1, 2, b"same").as_bytes(), seal.seal(2, 2, b"same").as_bytes());
}

#[test]
fn trace_numbers_go_round() {
    let mut world = world(&[]);
    assert_eq!(world.ports.journal.take_stan().unwrap(), 1);
    world.ports.journal.append(Record::StanTaken { stan: 999_998 }).unwrap();
    assert_eq!(world.ports.journal.take_stan().unwrap(), 999_999);
    assert_eq!(world.ports.journal.take_stan().unwrap(), 1);
}

#[test]
fn a_batch_adds_up() {
    let mut state = JournalState::default();
    assert_eq!((state.batch_count(), state.batch_total()), (0, Ok(None)));
    let kinds =
        [(Kind::Sale, 10_000), (Kind::Sale, 5_000), (Kind::Void, 5_000), (Kind::Refund, 3_000), (Kind::Balance, 0)];
    for (stan, (kind, minor)) in (1..).zip(kinds) {
        state.apply(&Record::Booked(booked(stan, minor, kind)));
    }
    assert_eq!((state.batch_count(), state.batch_total()), (4, Ok(Some(cny(7_000)))));
    state.apply(&Record::Batch { number: 2 });
    assert_eq!(state.batch_count(), 0);
}

#[test]
fn a_reversal_keeps_no_track_no_pin_block_and_no_clear_card_number() {
    let mut world = world(&[]);
    let request = sale_request(&mut world, 10_000);
    for needed in [2, 14, 35, 52, 55] {
        assert!(request.has(needed), "the request has field {needed}");
    }
    let due = {
        let facts = RequestFacts { mti: request.mti, batch: 1, amount: None, at_ms: 0 };
        DueReversal::seal(&request, &bench::dialect(), facts, &world.ports.seal).unwrap()
    };
    let numbers = |fields: &[PlainField]| fields.iter().map(|field| field.number).collect::<Vec<_>>();
    let sealed: Vec<u8> = due.sealed.iter().map(|field| field.number).collect();
    assert_eq!(sealed, [2, 14, 55]);
    for number in [2, 14, 35, 52, 55, 64] {
        assert!(!numbers(&due.fields).contains(&number), "field {number}");
    }
    record(&mut world, &request);
    let stored = format!("{:?}", world.ports.journal.state());
    assert!(!stored.contains("62999900"), "{stored}");
}

#[test]
fn a_world_goes_on_where_it_ended() {
    let folder = Folder::new();
    let mut first = world_in(&folder.0, &["silent"]).unwrap();
    assert!(bench::sign_in(&mut first, "004"));
    assert_eq!(bench::sale(&mut first, 200_000).code(), "timeout");
    assert_eq!(first.host_ledger().len(), 1, "booked by the host all the same");
    let ended = first.ports.clock.now_ms();
    first.save().unwrap();
    drop(first);

    let mut second = world_in(&folder.0, &[]).unwrap();
    assert_eq!(second.ports.clock.now_ms(), ended);
    assert_eq!(bench::pending(&*second.ports.journal), [2]);
    assert_eq!(second.ports.journal.state().pending[0].reason, Some(code("98")));
    assert_eq!(bench::send_reversals(&mut second), ["00"], "under the keys of the last sign-in");
    assert!(second.host_ledger().is_empty());
    assert_eq!(bench::sale(&mut second, 10_000).code(), "00");
    assert_eq!(second.host_ledger(), second.batch_ledger());
    let inquiry = bench::balance_request(&mut second);
    assert_eq!(bench::exchange(&mut second, &inquiry).reply().text(54), Some("1002156C000000990000"));
    drop(second);

    // The process is killed: what the host had booked is there without a save.
    let mut third = world_in(&folder.0, &[]).unwrap();
    assert_eq!(third.host_ledger().len(), 1);
    assert_eq!(third.ports.journal.take_stan().unwrap(), 5);
}

#[test]
fn a_directory_that_cannot_be_written_is_named() {
    let failure = FileJournal::open(Path::new("/dev/null/journal"), &KEY).unwrap_err();
    assert_eq!(failure.code, storage::CANNOT_WRITE);
}

#[cfg(unix)]
#[test]
fn the_device_key_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    open(&folder.0);
    let mode = fs::metadata(folder.0.join("device.key")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::write(folder.0.join("device.key"), [1; 5]).unwrap();
    assert_eq!(FileJournal::open(&folder.0, &KEY).unwrap_err().code, storage::JOURNAL_DAMAGED);
}

/// Sales enough for several segments of two kilobytes; a reversal waits through all of them.
fn of_several_segments(folder: &Path) -> JournalState {
    let (mut journal, seal, _) = open(folder);
    journal.hold_segments_to(2_000);
    journal.append(Record::Batch { number: 1 }).unwrap();
    journal.append(Record::StanTaken { stan: 1 }).unwrap();
    journal.append(Record::ReversalDue(due(1, &seal))).unwrap();
    journal.append(Record::ReversalReason { stan: 1, reason: code("98") }).unwrap();
    for stan in 2..12 {
        journal.append(Record::StanTaken { stan }).unwrap();
        journal.append(Record::ReversalDue(due(stan, &seal))).unwrap();
        journal.append(Record::Booked(booked(stan, 10_000, Kind::Sale))).unwrap();
    }
    assert!(journal.segment() >= 3, "{}", journal.segment());
    journal.state().clone()
}

fn files(folder: &Path) -> Vec<String> {
    let archived = names::archived(folder).unwrap().into_iter().map(names::archive);
    archived.chain([FILE.to_owned()]).collect()
}

/// How many fields of sealed card data lie in a file.
fn sealed_in(path: &Path, reversal: &DueReversal) -> usize {
    let bytes = fs::read(path).unwrap();
    let lies = |sealed: &[u8]| bytes.windows(sealed.len()).any(|window| window == sealed);
    reversal.sealed.iter().filter(|field| lies(field.as_bytes())).count()
}

#[test]
fn opening_reads_the_last_segment_and_knows_everything() {
    let folder = Folder::new();
    let state = of_several_segments(&folder.0);
    // Each begins with what went before, and with the slips that are owed.
    assert_eq!(state.records, 4 + 30 + 2 * u64::from(open(&folder.0).0.segment() - 1), "a checkpoint for each segment");
    for name in &files(&folder.0)[..2] {
        fs::remove_file(folder.0.join(name)).unwrap();
    }
    let (mut journal, seal, recovery) = open(&folder.0);
    assert_eq!((journal.state(), recovery.torn_bytes), (&state, 0));
    // The reversal that waits since the first segment can still be sent, and be closed.
    assert!(journal.state().pending[0].due.open(&seal).unwrap().has(2));
    let waiting = journal.state().pending[0].due.clone();
    assert_eq!(sealed_in(&folder.0.join(FILE), &waiting), 3);
    journal.append(Record::ReversalClosed { stan: 1, by: code("00") }).unwrap();
    assert_eq!(sealed_in(&folder.0.join(FILE), &waiting), 0);
    assert!(journal.state().pending.is_empty());
}

#[test]
fn card_data_does_not_stay_behind_in_segments_that_were_put_aside() {
    let folder = Folder::new();
    let waiting = of_several_segments(&folder.0).pending[0].due.clone();
    let names = files(&folder.0);
    for name in &names[..names.len() - 1] {
        assert_eq!(sealed_in(&folder.0.join(name), &waiting), 0, "{name}");
    }
    // The power goes between the change of segments and the erasing: opening erases.
    let last = folder.0.join(&names[names.len() - 2]);
    let mut bytes = fs::read(&last).unwrap();
    let active = frame::scan(&fs::read(folder.0.join(FILE)).unwrap()).unwrap();
    let Record::Checkpoint(checkpoint) = &active.frames[0].record else { panic!("a segment begins with a checkpoint") };
    let [(start, end)] = checkpoint.left[..] else { panic!("one reversal waits") };
    assert!(bytes[start as usize..end as usize].iter().all(|byte| *byte == 0));
    bytes[start as usize..end as usize].fill(7);
    fs::write(&last, &bytes).unwrap();
    open(&folder.0);
    assert!(fs::read(&last).unwrap()[start as usize..end as usize].iter().all(|byte| *byte == 0));
}

#[test]
fn a_change_of_segments_cut_short_is_finished_or_undone() {
    let folder = Folder::new();
    let state = of_several_segments(&folder.0);
    let [active, next] = [FILE, names::NEXT].map(|name| folder.0.join(name));
    // The next segment was written and not yet put in its place: it never counted, torn or whole.
    for torn in [0, 30, 200] {
        fs::write(&next, &fs::read(&active).unwrap()[..torn]).unwrap();
        assert_eq!(open(&folder.0).0.state(), &state);
        assert!(!next.exists());
    }
    // The old one has made room, the next is not yet in its place.
    fs::rename(&active, &next).unwrap();
    assert_eq!(History::read(&folder.0).unwrap().transactions().len(), 11);
    assert_eq!(open(&folder.0).0.state(), &state);
    assert!(!next.exists());
    // Only older parts: to begin anew would forget a reversal.
    fs::remove_file(&active).unwrap();
    let failure = FileJournal::open(&folder.0, &KEY).unwrap_err();
    assert_eq!(failure.code, storage::JOURNAL_DAMAGED);
    assert!(!active.exists(), "nothing is begun");
}

#[test]
fn the_chain_goes_through_all_segments() {
    let folder = Folder::new();
    of_several_segments(&folder.0);
    let history = History::read(&folder.0).unwrap();
    let all = history.transactions();
    assert_eq!(all.len(), 11);
    assert_eq!(all[0].end, End::Waiting { reason: code("98") });
    assert!(all[1..].iter().all(|transaction| transaction.end == End::Booked));
    let numbers: Vec<u64> = history.records().map(|(number, _)| number).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    // Every bit of every segment but those of erased card data is held by the chain.
    let erased = |history: &History, name: &str| -> BTreeSet<usize> {
        let part = history.parts.iter().find(|part| part.name == name).unwrap();
        part.frames.iter().flat_map(|frame| &frame.sealed_at).flat_map(|(_, place)| place.clone()).collect()
    };
    let mut flipped = 0;
    for name in files(&folder.0) {
        let path = folder.0.join(&name);
        let bytes = content(&path);
        let erased = erased(&history, &name);
        for at in (0..bytes.len()).filter(|at| !erased.contains(at)).step_by(7) {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            fs::write(&path, &changed).unwrap();
            let failure = History::read(&folder.0).expect_err("a changed bit is found");
            assert_eq!(failure.code, storage::JOURNAL_DAMAGED, "{name}, byte {at}");
            flipped += 1;
        }
        fs::write(&path, &bytes).unwrap();
    }
    assert!(flipped > 500, "{flipped}");
    // A part taken out of the middle, and a part of another journal.
    let middle = folder.0.join(names::archive(2));
    let bytes = fs::read(&middle).unwrap();
    fs::remove_file(&middle).unwrap();
    assert_eq!(History::read(&folder.0).unwrap_err().code, storage::JOURNAL_DAMAGED);
    fs::write(&middle, &bytes[..bytes.len() - 300]).unwrap();
    assert!(History::read(&folder.0).is_err(), "records at the end of a part are missing");
}

#[test]
fn a_journal_of_the_first_format_is_named_and_left_alone() {
    let folder = Folder::new();
    let old = [b"TILLJRN1".as_slice(), &[9; 60]].concat();
    fs::write(folder.0.join(FILE), &old).unwrap();
    let failure = FileJournal::open(&folder.0, &KEY).unwrap_err();
    assert_eq!(failure.code, storage::JOURNAL_DAMAGED);
    assert_eq!(fs::read(folder.0.join(FILE)).unwrap(), old);
}

#[test]
fn old_batches_are_left_to_old_segments() {
    let folder = Folder::new();
    let (mut journal, _, _) = open(&folder.0);
    journal.hold_segments_to(2_000);
    for batch in 1..=6 {
        journal.append(Record::Batch { number: batch }).unwrap();
        for stan in batch * 10..batch * 10 + 9 {
            journal.append(Record::Booked(Booked { batch, ..booked(stan, 100, Kind::Sale) })).unwrap();
        }
    }
    let batches: BTreeSet<u32> = journal.state().booked.iter().map(|booked| booked.batch).collect();
    assert!(
        batches.is_superset(&BTreeSet::from([5, 6])) && batches.is_disjoint(&BTreeSet::from([1, 2, 3])),
        "{batches:?}"
    );
    assert_eq!(History::read(&folder.0).unwrap().transactions().len(), 54, "all are there to be read");
}
