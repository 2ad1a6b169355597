//! Certificates of chips: kept with the booking, sealed, carried through segments, uploaded once, erased; and what a host says to each.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use tillscript::language::bytecode::program::Program;
use tillscript::language::vm::value::Value;
use tillscript::payment::amount::Amount;
use tillscript::payment::iso8583::response::ResponseCode;
use tillscript::run::program::{build, build_text, flow};
use tillscript::run::report::Result as RunResult;
use tillscript::run::session::{Session, Terminal};
use tillscript::run::world::dialect_of;
use tillscript::world::audit::books::Books;
use tillscript::world::audit::compare::audit;
use tillscript::world::audit::violation::{Violation, Wrong};
use tillscript::world::host::ledger::Standing;
use tillscript::world::host::way::Line;
use tillscript::world::journal::backup;
use tillscript::world::journal::file::FileJournal;
use tillscript::world::journal::history::{ChipEnd, End, History};
use tillscript::world::port::card_reader::ChipVerdict;
use tillscript::world::port::chips::{BookedChip, ChipContent, ChipDecline, ChipProof, DECLINES_MOST, KeptChips};
use tillscript::world::port::day::BookedOver;
use tillscript::world::port::journal::{Journal, JournalState};
use tillscript::world::port::record::{Booked, Kind, Record};
use tillscript::world::port::seal::Seal;
use tillscript::world::simulation::{Setup, Simulation};
use tillscript::world::test_keys::KeyOwner;

const KEY: [u8; 16] = [7; 16];
const CARD: &[u8] = b"6299990000000017";
const CHIP: &[u8] = &[0x9F, 0x27, 0x01, 0x40, 0x9F, 0x26, 0x08, 1, 2, 3, 4, 5, 6, 7, 8];
/// The flow that closes a batch, as the table of planted defects has it.
const CLOSING: &str = include_str!("../../src/run/torture/planted/closing.till");

/// A directory of its own, removed when dropped.
struct Folder(PathBuf);

static FOLDERS: AtomicU32 = AtomicU32::new(0);

impl Folder {
    fn new() -> Folder {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("till-certificates-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }

    /// Does any of its files hold these bytes?
    fn holds(&self, wanted: &[u8]) -> bool {
        let files = fs::read_dir(&self.0).expect("a folder").map(|entry| fs::read(entry.expect("a file").path()));
        files.map(|bytes| bytes.expect("bytes")).any(|bytes| bytes.windows(wanted.len()).any(|here| here == wanted))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn yuan(text: &str) -> Amount {
    Amount::parse(&format!("{text}CNY")).expect("an amount")
}

fn proof(stan: u32, verdict: ChipVerdict, seal: &Seal) -> ChipProof {
    let content = ChipContent {
        card: CARD.to_vec().into(),
        chip: CHIP.to_vec().into(),
        entry_mode: "051".to_owned(),
        sequence: "001".to_owned(),
    };
    ChipProof::of(stan, verdict, yuan("1.00"), &content, seal)
}

fn booked(stan: u32, seal: &Seal) -> Record {
    let booked = Booked {
        stan,
        batch: 1,
        kind: Kind::Sale,
        amount: yuan("1.00"),
        card: "629999******0017".to_owned(),
        reference: None,
        authorisation: None,
        at_ms: 6,
    };
    let over = BookedOver { booked, takes_back: None, foreign: false };
    Record::BookedChip(Box::new(BookedChip { over, proof: proof(stan, ChipVerdict::Tc, seal) }))
}

fn declined(stan: u32, seal: &Seal) -> Record {
    let proof = proof(stan, ChipVerdict::Aac, seal);
    Record::ChipDeclined(Box::new(ChipDecline { proof, batch: 1, card: String::new(), at_ms: 7, offline: true }))
}

/// What of a certificate lies on the disk.
fn sealed(state: &JournalState, stan: u32) -> Vec<u8> {
    state.chips.get(stan).expect("kept").sealed[0].as_bytes().to_vec()
}

#[test]
fn a_certificate_is_there_again_and_is_erased_once_the_host_has_all() {
    let folder = Folder::new();
    let (mut journal, seal, _) = FileJournal::open(&folder.0, &KEY).expect("a journal");
    for record in [booked(1, &seal), declined(2, &seal), booked(3, &seal), Record::Settled { balanced: true }] {
        journal.append(record).expect("a record");
    }
    assert!(journal.state().needs_upload());
    let first = sealed(journal.state(), 1);
    assert!(folder.holds(&first) && !folder.holds(CARD) && !folder.holds(CHIP));
    drop(journal);
    let (mut journal, seal, _) = FileJournal::open(&folder.0, &KEY).expect("a journal");
    let state = journal.state();
    let next = state.chips.next(&state.day.uploaded).expect("a certificate");
    assert_eq!((next.stan, next.verdict), (1, ChipVerdict::Tc));
    let content = next.open(&seal).expect("its data");
    assert_eq!((content.card.as_slice(), content.chip.as_slice()), (CARD, CHIP));
    assert_eq!((content.entry_mode.as_str(), content.sequence.as_str()), ("051", "001"));
    let next = |journal: &FileJournal| {
        let state = journal.state();
        state.chips.next(&state.day.uploaded).map(|proof| proof.stan)
    };
    journal.append(Record::Uploaded { stans: vec![1] }).expect("a record");
    // What stands comes before what was declined.
    assert_eq!(next(&journal), Some(3));
    journal.append(Record::Uploaded { stans: vec![3] }).expect("a record");
    assert_eq!(next(&journal), Some(2));
    // The host counts otherwise: all of it again.
    journal.append(Record::UploadAnew).expect("a record");
    assert_eq!(next(&journal), Some(1));
    journal.append(Record::Uploaded { stans: vec![1, 2, 3] }).expect("a record");
    assert_eq!(next(&journal), None);
    assert!(journal.state().needs_upload() && folder.holds(&first));
    journal.append(Record::UploadEnded).expect("a record");
    assert!(!journal.state().needs_upload() && journal.state().chips.is_empty());
    assert!(!folder.holds(&first), "erased");
}

#[test]
fn a_batch_takes_its_certificates_with_it() {
    let folder = Folder::new();
    let (mut journal, seal, _) = FileJournal::open(&folder.0, &KEY).expect("a journal");
    journal.append(declined(2, &seal)).expect("a record");
    let last = sealed(journal.state(), 2);
    journal.append(Record::Batch { number: 2 }).expect("a record");
    assert!(journal.state().chips.is_empty() && !folder.holds(&last));
}

#[test]
fn segments_carry_certificates_on_and_leave_none_behind() {
    let folder = Folder::new();
    let (mut journal, seal, _) = FileJournal::open(&folder.0, &KEY).expect("a journal");
    journal.hold_segments_to(4 << 10);
    // More than one record of a new segment can hold.
    let many = 1_100;
    for stan in 1..=many {
        journal.append(booked(stan, &seal)).expect("a record");
    }
    assert!(journal.segment() > 2);
    let state = journal.state().clone();
    assert_eq!(state.chips.len(), many as usize);
    drop(journal);
    let (mut journal, seal, _) = FileJournal::open(&folder.0, &KEY).expect("a journal");
    assert_eq!(journal.state(), &state);
    assert!(journal.state().chips.iter().all(|proof| proof.open(&seal).is_some()), "all can be opened");
    // Each lies in one place only: older segments were wiped.
    let one = sealed(journal.state(), 5);
    assert!(folder.holds(&one));
    let (stan, by) = (Some(5), ResponseCode(*b"30"));
    journal.append(Record::UploadRefused { stan, by }).expect("a record");
    assert!(!folder.holds(&one));
    journal.append(Record::Settled { balanced: true }).expect("a record");
    journal.append(Record::UploadEnded).expect("a record");
    drop(journal);
    let (journal, _, _) = FileJournal::open(&folder.0, &KEY).expect("a journal");
    assert!(journal.state().chips.is_empty());
    let record = seal.seal(9, 0, &[&[16], CARD, CHIP].concat());
    assert!(!folder.holds(record.as_bytes()), "erased at the opening too");
}

/// What the host refused is erased, and that it was refused is known until the batch is closed, in later segments too.
#[test]
fn refusals_are_kept_until_the_batch_is_closed() {
    let folder = Folder::new();
    let (mut journal, seal, _) = FileJournal::open(&folder.0, &KEY).expect("a journal");
    journal.hold_segments_to(4 << 10);
    let (no, differs) = (ResponseCode(*b"30"), ResponseCode(*b"95"));
    for stan in 1..=2 {
        journal.append(booked(stan, &seal)).expect("a record");
    }
    let one = sealed(journal.state(), 1);
    journal.append(Record::Settled { balanced: false }).expect("a record");
    journal.append(Record::UploadRefused { stan: Some(1), by: no }).expect("a record");
    assert!(!folder.holds(&one));
    let state = journal.state();
    assert!(state.chips.was_refused(1) && !state.chips.has(1) && state.chips.has(2));
    assert_eq!(state.to_upload().count(), 0, "it goes as no detail either");
    journal.append(Record::Uploaded { stans: vec![2] }).expect("a record");
    assert!(journal.state().needs_upload(), "the end is to be told");
    let other = sealed(journal.state(), 2);
    journal.append(Record::UploadRefused { stan: None, by: differs }).expect("a record");
    assert!(!journal.state().needs_upload() && !folder.holds(&other));
    let before = journal.segment();
    while journal.segment() == before {
        journal.append(Record::SignedIn).expect("a record");
        journal.append(Record::Discarded { stan: 9 }).expect("a record");
    }
    let chips = journal.state().chips.clone();
    assert_eq!((chips.refused.as_slice(), chips.differs), ([(1, no)].as_slice(), Some(differs)));
    drop(journal);
    let (mut journal, ..) = FileJournal::open(&folder.0, &KEY).expect("a journal");
    assert_eq!(journal.state().chips, chips);
    journal.append(Record::Batch { number: 2 }).expect("a record");
    assert_eq!(journal.state().chips, KeptChips::default());
    drop(journal);
    let history = History::read(&folder.0).expect("a history").transactions();
    let became: Vec<_> = history.iter().map(|known| known.chip.map(|(_, end)| end)).collect();
    assert_eq!(became, [Some(ChipEnd::Refused(no)), Some(ChipEnd::Uploaded)]);
}

/// A journal that the version before this wrote: a sale, a tip, a reversal that waits.
#[test]
fn an_older_journal_opens_and_has_no_certificates() {
    let folder = Folder::new();
    let old = include_bytes!("../journal/before-chips.journal");
    fs::write(folder.0.join("journal.till"), old).expect("a file");
    let owner = KeyOwner { seed: 0, terminal: "10000007".to_owned() };
    fs::write(folder.0.join("device.key"), *owner.device_key()).expect("a file");
    let (mut journal, _, _) = FileJournal::open(&folder.0, &KEY).expect("a journal");
    let state = journal.state();
    assert_eq!((state.booked.len(), state.pending.len(), state.chips.len()), (1, 1, 0));
    journal.append(Record::Settled { balanced: true }).expect("a record");
    assert!(!journal.state().needs_upload());
}

#[test]
fn a_restore_lets_go_of_certificates_whichever_terminal_does_it() {
    let (folder, other, file) = (Folder::new(), Folder::new(), Folder::new());
    let (mut journal, seal, _) = FileJournal::open(&folder.0, &KEY).expect("a journal");
    journal.append(booked(1, &seal)).expect("a record");
    let one = sealed(journal.state(), 1);
    drop(journal);
    let saved = file.0.join("saved.till");
    backup::backup(&folder.0, &saved).expect("a backup");
    backup::restore(&saved, &other.0).expect("a restore");
    assert!(other.holds(&one));
    // Another terminal cannot open what this one has sealed; it opens the journal all the same.
    let (mut journal, seal, _) = FileJournal::open(&other.0, &[8; 16]).expect("a journal");
    assert!(journal.state().chips.get(1).is_some_and(|proof| proof.open(&seal).is_none()));
    backup::fence(&mut journal).expect("a fence");
    assert!(journal.state().chips.is_empty() && !other.holds(&one));
    drop(journal);
    let history = History::read(&other.0).expect("a history").transactions();
    assert_eq!(history[0].chip, Some((ChipVerdict::Tc, ChipEnd::Dropped)));
}

#[test]
fn the_history_says_what_became_of_each() {
    let folder = Folder::new();
    let (mut journal, seal, _) = FileJournal::open(&folder.0, &KEY).expect("a journal");
    for record in [booked(1, &seal), declined(2, &seal), Record::Uploaded { stans: vec![1] }] {
        journal.append(record).expect("a record");
    }
    drop(journal);
    let all = History::read(&folder.0).expect("a history").transactions();
    let said: Vec<_> = all.iter().map(|known| (known.stan, known.end.clone(), known.chip)).collect();
    assert_eq!(
        said,
        [
            (1, End::Booked, Some((ChipVerdict::Tc, ChipEnd::Uploaded))),
            (2, End::ChipDeclined, Some((ChipVerdict::Aac, ChipEnd::Kept))),
        ]
    );
}

fn program(text: &str) -> Program {
    let built = build_text("closing.till", text);
    built.program.unwrap_or_else(|| panic!("{:?}", built.findings))
}

fn shipped(name: &str) -> Program {
    let built = build(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(name));
    built.program.unwrap_or_else(|| panic!("{:?}", built.findings))
}

fn world(program: &Program, faults: &[&str]) -> Simulation {
    let mut world = Simulation::start(Setup::new(dialect_of(program).expect("a dialect"))).expect("a world");
    faults.iter().for_each(|name| world.set_fault(name).expect("a fault"));
    world
}

/// Runs a flow: how it ended, and field 39 of its last reply.
fn run(
    program: &Program,
    world: Simulation,
    name: Option<&str>,
    arguments: &[Value],
) -> (Simulation, RunResult, Option<String>) {
    let mut watch = |_: &_| {};
    let mut session = Session::simulated(program, world, &mut watch);
    let entry = flow(program, name).expect("a flow");
    let ended = session.run(entry.function, arguments);
    let response = session.response.clone();
    let Terminal::Simulated(world) = session.into_terminal();
    (*world, ended.result, response)
}

fn is_done(result: &RunResult) -> bool {
    matches!(result, RunResult::Done(_))
}

fn wrong(world: &Simulation) -> Vec<Violation> {
    world.look(|stage| {
        let journal = world.ports.journal.state();
        audit(Books {
            journal,
            ledger: &stage.acquirer.ledger,
            paper: None,
            line: Some(&stage.line),
            chip_declined: Some(&BTreeSet::new()),
        })
    })
}

fn kinds(world: &Simulation) -> Vec<Wrong> {
    wrong(world).iter().map(|violation| violation.what).collect()
}

/// What a host says to an item that is not as it should be.
#[test]
fn the_host_looks_at_every_item() {
    let cases = [
        ("F62: \"{chip_kind(item.verdict)}{zero_pad(item.amount.minor, 12)}156\"", "F62: \"61000000000001156\"", "30"),
        ("F62: \"{chip_kind(item.verdict)}", "F62: \"71", "30"),
        ("          F2: item.pan\n", "", "30"),
        ("          F55: item.tags\n", "", "30"),
        ("F55: item.tags", "F55: x\"9F2701809F26080102030405060708\"", "30"),
        ("F55: item.tags", "F55: x\"9F2701009F26080102030405060708\"", "30"),
        ("F55: item.tags", "F55: x\"9F270140\"", "30"),
        ("F55: item.tags", "F55: x\"9F2701409F26080102030405060708\"", "63"),
        ("F48: item.details", "F48: \"00\"", "30"),
        ("F48: item.details", "F48: \"010000009900006299990000000017000000000100\"", "25"),
        ("| TC    | \"203\" |", "| TC    | \"204\" |", "30"),
        ("| TC    | \"203\" |", "| TC    | \"209\" |", "40"),
    ];
    // A flow that stops at a refusal shows it.
    let stops = CLOSING.replacen("batch.refuse_chip(item.stan, reply.code)", "fail Refused", 1);
    assert_ne!(stops, CLOSING);
    for (from, to, code) in cases {
        let text = stops.replacen(from, to, 1);
        assert_ne!(text, stops, "{from}");
        let program = program(&text);
        let (world, result, response) = run(&program, world(&program, &[]), None, &[]);
        assert!(!is_done(&result), "{to}");
        assert_eq!(response.as_deref(), Some(code), "{to}");
        assert_eq!(kinds(&world), [], "the batch is open: {to}");
        assert_eq!(world.ports.journal.state().batch, 1);
    }
    // Another amount than the ledger's, in both fields.
    let text = stops.replacen("F48: item.details", "F48: \"010000000100006299990000000017000000000999\"", 1).replacen(
        "{zero_pad(item.amount.minor, 12)}",
        "000000000999",
        1,
    );
    let program = program(&text);
    let (_, _, response) = run(&program, world(&program, &[]), None, &[]);
    assert_eq!(response.as_deref(), Some("64"));
}

#[test]
fn a_closed_batch_has_each_certificate_at_the_host_once() {
    let program = program(CLOSING);
    for faults in [vec![], vec!["settlement-result:2"]] {
        let (world, result, _) = run(&program, world(&program, &faults), None, &[]);
        assert!(is_done(&result), "{result:?}");
        assert_eq!(kinds(&world), []);
        let certificates: Vec<u32> =
            world.look(|stage| stage.acquirer.ledger.authorisations.iter().map(|seen| seen.certificates).collect());
        assert_eq!(certificates, [1, 1]);
        // The same books with one missing, one twice, and one that was taken back.
        let (mut ledger, line) = world.look(|stage| (stage.acquirer.ledger.clone(), stage.line.clone()));
        let mut say = |count, standing, line: Option<&Line>| {
            (ledger.authorisations[0].certificates, ledger.authorisations[0].standing) = (count, standing);
            let journal = world.ports.journal.state();
            let books = Books { journal, ledger: &ledger, paper: None, line, chip_declined: None };
            let found = audit(books).into_iter().filter(|found| found.what != Wrong::Lost);
            found.collect::<Vec<Violation>>()
        };
        assert_eq!(say(2, Standing::Live, None)[0].what, Wrong::CertificateDoubled);
        let missing = say(0, Standing::Live, None);
        assert_eq!(missing[0].what, Wrong::CertificateMissing);
        assert!(missing[0].said().zh.contains("交易证书") && missing[0].said().en.contains("no certificate (TC)"));
        assert_eq!(say(0, Standing::Live, Some(&line))[0].what, Wrong::HostLacksCertificate);
        assert_eq!(say(0, Standing::Reversed, None), []);
    }
}

/// The host's own doing has a name of its own, and is none of the terminal's.
#[test]
fn a_host_that_keeps_no_certificates_is_named() {
    let program = program(CLOSING);
    let (world, result, _) = run(&program, world(&program, &["forgets-certificates"]), None, &[]);
    assert!(is_done(&result));
    assert_eq!(kinds(&world), [Wrong::HostLacksCertificate; 2]);
    assert!(Wrong::HostLacksCertificate.is_of_host());
}

/// What the host refuses for good, and a count that it does not accept, keep no batch open; each is kept and told.
#[test]
fn a_refusal_keeps_no_batch_open() {
    let program = program(CLOSING);
    let (world, result, _) = run(&program, world(&program, &["reply:30@0320#1", "reply:95@0320#3"]), None, &[]);
    assert!(is_done(&result), "{result:?}");
    let state = world.ports.journal.state();
    assert_eq!((state.batch, &state.chips), (2, &Default::default()));
    assert_eq!(kinds(&world), [Wrong::HostLacksCertificate]);
}

/// The answer to an upload carries no MAC. Where somebody else took its end, the host never heard of it: it goes on with the terminal.
#[test]
fn an_end_that_somebody_else_answered_keeps_no_terminal_out() {
    let program = program(CLOSING);
    let (world, result, _) = run(&program, world(&program, &["settlement-result:2", "forged:0320#3"]), None, &[]);
    assert!(is_done(&result), "{result:?}");
    assert_eq!(world.look(|stage| stage.acquirer.ledger.batch), 1);
    let (world, result, response) = run(&program, world, None, &[]);
    assert!(is_done(&result), "{result:?} {response:?}");
    assert_eq!((kinds(&world), world.ports.journal.state().batch), (vec![], 3));
}

/// A no to the end, whoever says it, may have everything told again; that makes no certificate a second one.
#[test]
fn an_upload_that_is_told_anew_doubles_nothing() {
    let program = program(CLOSING);
    for code in ["95", "40"] {
        let faults = ["settlement-result:2".to_owned(), format!("reply:{code}@0320#3")];
        let faults: Vec<&str> = faults.iter().map(String::as_str).collect();
        let (world, result, _) = run(&program, world(&program, &faults), None, &[]);
        assert!(!is_done(&result));
        let (world, result, response) = run(&program, world, None, &[]);
        assert!(is_done(&result), "{result:?} {response:?}");
        assert_eq!(kinds(&world), []);
        let told: Vec<u32> =
            world.look(|stage| stage.acquirer.ledger.authorisations.iter().map(|seen| seen.certificates).collect());
        assert_eq!(told, [1, 1]);
    }
}

/// An answer that was lost, a message that comes twice or late: none makes two certificates of one.
#[test]
fn what_goes_wrong_on_the_way_doubles_nothing() {
    let program = program(CLOSING);
    let ways =
        ["silent", "crash-before", "crash-after", "doubled-request", "repeated-later", "delayed-request", "garbled"];
    for way in ways {
        for nth in 1..=3 {
            let fault = format!("{way}:0320#{nth}");
            let mut world = world(&program, &[&fault]);
            let mut closed = false;
            for _ in 0..3 {
                let (next, result, _) = run(&program, world, None, &[]);
                world = next;
                closed |= is_done(&result);
                if closed {
                    break;
                }
            }
            assert!(closed, "{fault}");
            assert_eq!(kinds(&world), [], "{fault}");
        }
    }
}

/// Whoever shows a declining card again and again fills no disk, and his declines are still told.
#[test]
fn declines_are_kept_up_to_a_limit() {
    let program = shipped("offline_sale.till");
    let mut terminal = world(&program, &["chip-offline"]);
    let amount = [Value::Amount(yuan("1.00"))];
    for _ in 0..DECLINES_MOST + 5 {
        (terminal, ..) = run(&program, terminal, Some("chip_sale"), &amount);
    }
    let state = terminal.ports.journal.state();
    assert_eq!((state.chips.len(), state.last_stan as usize), (DECLINES_MOST, DECLINES_MOST));
    assert!(state.in_batch().next().is_none() && state.pending.is_empty());
}

/// What is kept and told of a certificate is nothing that a cardholder would miss.
#[test]
fn a_whole_day_leaves_no_card_number_in_any_file() {
    let folder = Folder::new();
    let program = shipped("sale.till");
    let setup = Setup { directory: Some(folder.0.clone()), ..Setup::new(dialect_of(&program).expect("a dialect")) };
    let mut terminal = Simulation::start(setup).expect("a world");
    let amount = [Value::Amount(yuan("1.00"))];
    (terminal, ..) = run(&program, terminal, Some("sale"), &amount);
    terminal.set_fault("chip-declines").expect("a fault");
    (terminal, ..) = run(&program, terminal, Some("sale"), &amount);
    assert_eq!(terminal.ports.journal.state().chips.len(), 2);
    assert!(!format!("{:?}", terminal.ports.journal.state()).contains("6299990000000017"));
    let bcd = tillscript::payment::hex::decode(CARD).expect("digits");
    assert!(!folder.holds(CARD) && !folder.holds(&bcd));
}
