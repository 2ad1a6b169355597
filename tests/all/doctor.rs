//! The terminal's doctor: it finds what is wrong, moves no money, sends nothing but echoes, and changes nothing.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tillscript::language::builtin::doctor::Probe;
use tillscript::payment::amount::Amount;
use tillscript::payment::currency::Currency;
use tillscript::payment::iso8583::dialect::Mti;
use tillscript::payment::iso8583::message::Message;
use tillscript::run::doctor::verdict::{Checked, Verdict};
use tillscript::run::happening::Happening;
use tillscript::run::program::{build, build_text, flow};
use tillscript::run::report::Result as RunResult;
use tillscript::run::session::Session;
use tillscript::run::world::library_dialect;
use tillscript::script_error::catalogue;
use tillscript::world::fault;
use tillscript::world::journal::file::FileJournal;
use tillscript::world::port::day::Notice;
use tillscript::world::port::record::{Booked, DueReversal, Kind, Record, RequestFacts};
use tillscript::world::simulation::{Setup, Simulation};

/// Layers of the way to the host, as they are told.
const LAYERS: [&str; 6] = ["line", "tls", "frame", "echo", "backup_host", "host_clock"];

/// What an examination came to.
struct Seen {
    checks: Vec<Checked>,
    /// Types of the messages that left the terminal.
    sent: Vec<u16>,
    failed: bool,
}

impl Seen {
    fn verdict(&self, check: &str) -> (Verdict, Option<&str>) {
        let found = self.checks.iter().find(|checked| checked.check == check).expect("the check was made");
        (found.verdict, found.code.as_deref())
    }
}

/// Runs the shipped script in a world that was made ready.
fn examine(faults: &[&str], prepare: impl FnOnce(&mut Simulation)) -> Seen {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/doctor.till");
    examine_with(&build(&path).program.expect("the script builds"), faults, prepare)
}

fn examine_with(
    program: &tillscript::language::bytecode::program::Program,
    faults: &[&str],
    prepare: impl FnOnce(&mut Simulation),
) -> Seen {
    let mut world = Simulation::start(Setup::new(library_dialect().expect("a dialect"))).expect("a world");
    prepare(&mut world);
    for name in faults {
        // A fault with a past is written down, and a full disk takes no writing.
        world.set_fault(name).expect("a fault");
    }
    let before = world.ports.journal.state().clone();
    let (mut checks, mut sent) = (Vec::new(), Vec::new());
    let mut watch = |what: &Happening| match what {
        Happening::Checked(checked) => checks.push(checked.as_ref().clone()),
        Happening::Sent { mti, .. } => sent.push(*mti),
        _ => {}
    };
    let mut session = Session::simulated(program, world, &mut watch);
    session.holds_back = true;
    let entry = flow(program, None).expect("a flow");
    let ended = session.run(entry.function, &[]);
    assert_eq!(session.ports.journal.state(), &before, "{faults:?}: the journal says something else");
    let world = session.ports.simulation().expect("a simulated world");
    assert!(world.host_ledger().is_empty(), "{faults:?}: money moved");
    assert!(world.order().iter().all(|mti| *mti == Mti(820)), "{faults:?}: {:?} reached the host", world.order());
    assert!(world.look(|stage| stage.slips.is_empty()), "{faults:?}: a slip was printed");
    drop(session);
    let failed = matches!(ended.result, RunResult::Failed(_));
    Seen { checks, sent, failed }
}

#[test]
fn whatever_is_wrong_every_check_is_made_and_only_echoes_are_sent() {
    let wanted: Vec<&str> = Probe::ALL.iter().map(|probe| probe.word()).chain(LAYERS).collect();
    for row in fault::ROWS {
        let value = match row.value {
            "NN[@MTI]" => ":51@0820",
            "NN" => ":25",
            "MTI" => ":0820",
            "SECONDS[@MTI]" => ":90@0820",
            "POINT" => ":after-send",
            _ => "",
        };
        let name = format!("{}{value}", row.name);
        let seen = examine(&[&name], |_| {});
        assert!(seen.sent.iter().all(|mti| *mti == 820), "{name}: {:?}", seen.sent);
        let made: BTreeSet<&str> = seen.checks.iter().map(|checked| checked.check.as_str()).collect();
        assert_eq!(made, wanted.iter().copied().collect(), "{name}");
        assert_eq!(seen.checks.len(), wanted.len(), "{name}: a check was made twice");
        let any_failed = seen.checks.iter().any(|checked| checked.verdict == Verdict::Failed);
        assert_eq!(seen.failed, any_failed, "{name}: the script says what the lines say");
        for checked in &seen.checks {
            let is_amiss = matches!(checked.verdict, Verdict::Warning | Verdict::Failed);
            assert_eq!(checked.code.is_some(), is_amiss, "{name}: {checked:?}");
            assert_eq!(checked.cashier.is_some() && checked.support.is_some(), is_amiss, "{name}: {checked:?}");
            assert!(!checked.found.zh.is_empty() && !checked.found.en.is_empty(), "{name}: {checked:?}");
            let known = checked.code.as_deref().is_none_or(|code| catalogue::find(code).is_some());
            assert!(known, "{name}: {checked:?}");
        }
    }
}

#[test]
fn each_fault_is_found_where_it_is() {
    use Verdict::{Failed, Warning};
    let cases = [
        ("paper-out", "printing", Failed, "T6101"),
        ("printer-fault", "printing", Failed, "T6102"),
        ("printer-hot", "printing", Failed, "T6103"),
        ("reader-fault", "card_reader", Failed, "T6201"),
        ("pinpad-unplugged", "pin_pad", Failed, "T6301"),
        ("pinpad-locked", "pin_pad", Failed, "T6302"),
        ("wrong-serial", "serial_number", Failed, "T6310"),
        ("low-battery", "power", Failed, "T6401"),
        ("low-battery:8", "power", Warning, "T6401"),
        ("storage-full", "storage", Failed, "T7001"),
        ("journal-failed", "storage", Failed, "T7002"),
        ("clock-off:-30000", "time_of_day", Failed, "T6501"),
        ("clock-off:30", "host_clock", Warning, "T6501"),
        ("old-software", "software", Failed, "T7007"),
        ("no-master-key", "master_key", Failed, "T4002"),
        ("not-signed-in", "work_keys", Failed, "T4001"),
        ("not-signed-in", "signed_in", Failed, "T4001"),
        ("no-line", "line", Failed, "T5001"),
        ("unstable", "line", Warning, "T5001"),
        ("line-drop:0820", "frame", Failed, "T5134"),
        ("garbled:0820", "frame", Failed, "T5134"),
        ("host-down", "echo", Failed, "T5134"),
        ("wrong-terminal:0820", "echo", Failed, "T5134"),
        ("no-response-code:0820", "echo", Failed, "T5134"),
        ("terminal-unknown", "echo", Failed, "T5133"),
    ];
    for (name, check, verdict, code) in cases {
        assert_eq!(examine(&[name], |_| {}).verdict(check), (verdict, Some(code)), "{name}");
    }
}

#[test]
fn a_terminal_in_order_has_nothing_amiss() {
    let seen = examine(&[], |_| {});
    assert!(!seen.failed);
    assert_eq!(seen.sent, [820]);
    let amiss: Vec<&Checked> = seen.checks.iter().filter(|checked| checked.code.is_some()).collect();
    assert!(amiss.is_empty(), "{amiss:?}");
}

fn cny(minor: i64) -> Amount {
    Amount { minor, currency: Currency::from_numeric(156).expect("the yuan") }
}

fn sale(stan: u32, at_ms: i64) -> Record {
    Record::Booked(Booked {
        stan,
        batch: 1,
        kind: Kind::Sale,
        amount: cny(100),
        card: "629999******0017".to_owned(),
        reference: None,
        authorisation: None,
        at_ms,
    })
}

/// A message that waits in the journal.
fn due(world: &Simulation, mti: u16, stan: u32) -> DueReversal {
    let mut message = Message::new(Mti(mti));
    message.set(11, format!("{stan:06}"));
    let at_ms = world.ports.clock.now_ms();
    let facts = RequestFacts { mti: Mti(mti), batch: 1, amount: Some(cny(100)), at_ms };
    DueReversal::seal(&message, &library_dialect().expect("a dialect"), facts, &world.ports.seal).expect("sealed")
}

#[test]
fn what_waits_in_the_journal_is_told_and_not_sent() {
    let seen = examine(&[], |world| {
        let reversal = due(world, 400, 1);
        world.ports.journal.append(Record::ReversalDue(reversal)).expect("recorded");
        for (mti, stan) in [(620, 2), (220, 3), (220, 4)] {
            let notice = Notice { due: due(world, mti, stan), booked: None, adjusts: None };
            world.ports.journal.append(Record::Noticed(Box::new(notice))).expect("recorded");
        }
    });
    assert!(!seen.failed, "warnings keep nobody from working");
    assert_eq!(seen.verdict("waiting_reversals"), (Verdict::Warning, Some("T5131")));
    assert_eq!(seen.verdict("waiting_results"), (Verdict::Warning, Some("T5132")));
    assert_eq!(seen.verdict("waiting_notices"), (Verdict::Warning, Some("T5132")));
    let notices = seen.checks.iter().find(|checked| checked.check == "waiting_notices").expect("checked");
    assert!(notices.found.en.starts_with("notices waiting: 2"), "{notices:?}");
}

#[test]
fn a_batch_is_too_old_after_a_day_and_a_clock_never_goes_back() {
    let with_a_sale = |world: &mut Simulation| {
        let now_ms = world.ports.clock.now_ms();
        world.ports.journal.append(sale(1, now_ms)).expect("recorded");
    };
    assert_eq!(examine(&["clock-off:23"], with_a_sale).verdict("batch_age"), (Verdict::Ok, None));
    assert_eq!(examine(&["clock-off:24"], with_a_sale).verdict("batch_age"), (Verdict::Warning, Some("T7020")));
    assert_eq!(examine(&["clock-off:-1"], with_a_sale).verdict("time_of_day"), (Verdict::Failed, Some("T6501")));
}

#[test]
fn a_settlement_that_is_half_done_keeps_the_terminal_from_working() {
    let seen = examine(&[], |world| {
        world.ports.journal.append(Record::Settled { balanced: false }).expect("recorded");
    });
    assert_eq!(seen.verdict("open_settlement"), (Verdict::Failed, Some("T5107")));
    assert!(seen.failed);
}

/// `T7021` takes a full batch, which no example makes.
#[test]
fn a_batch_that_fills_up_is_told_before_it_is_full() {
    let text = "import cn_pos.dialect\n\npub flow room() -> Outcome uses doctor {\n  doctor.check(batch_room(10))\n  return done\n}\n";
    let program = build_text("room.till", text).program.expect("the script builds");
    for (count, verdict) in
        [(8, (Verdict::Ok, None)), (9, (Verdict::Warning, Some("T7021"))), (10, (Verdict::Failed, Some("T7021")))]
    {
        let seen = examine_with(&program, &[], |world| {
            for stan in 1..=count {
                world.ports.journal.append(sale(stan, 1)).expect("recorded");
            }
        });
        assert_eq!(seen.verdict("batch_room"), verdict, "{count} transactions");
    }
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("till-doctor-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    folder
}

fn typed(words: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_till"))
        .args(words)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("TILL_LANG", "en")
        .output()
        .expect("till starts");
    (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code())
}

/// The files of a folder, byte for byte.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut all: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .map(|path| (path.clone(), fs::read(&path).expect("a file")))
        .collect();
    all.sort();
    all
}

#[test]
fn a_journal_with_a_reversal_that_waits_is_as_it_was_afterwards() {
    let folder = folder("waits");
    let journal = folder.to_str().expect("a path");
    typed(&["run", "scripts/sale.till", "amount=100.00CNY", "--fault", "silent", "--journal", journal]);
    let before = files(&folder);
    let (said, exit) = typed(&["doctor", "--journal", journal, "--format", "short"]);
    assert_eq!(exit, Some(0), "{said}");
    assert!(said.contains("warning: waiting_reversals: T5131"), "{said}");
    assert!(said.contains("ok: journal_chain: ") && said.contains("ok: storage: "), "{said}");
    assert!(files(&folder) == before, "a look changed the journal or the world");
    fs::remove_dir_all(&folder).expect("cleaned up");
}

#[test]
fn a_journal_that_cannot_be_opened_is_a_line_and_not_the_end() {
    let folder = folder("cannot");
    let journal = folder.to_str().expect("a path");
    let (open, ..) = FileJournal::open(&folder, &[7; 16]).expect("a journal");
    let (said, exit) = typed(&["doctor", "--journal", journal, "--format", "short"]);
    assert_eq!(exit, Some(1), "{said}");
    assert!(said.contains("failed: journal_chain: T7004") && said.contains("ok: echo: "), "{said}");
    assert!(said.contains("not_checked: waiting_reversals: "), "{said}");
    drop(open);
    fs::remove_dir_all(&folder).expect("cleaned up");
    let (_, exit) = typed(&["doctor", "--journal", journal]);
    assert_eq!(exit, Some(5));
    assert!(!folder.exists(), "a look made a journal");
}
