//! The flows of a whole day: whatever goes wrong, terminal and host agree afterwards; what waits survives.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tillscript::language::bytecode::program::Program;
use tillscript::language::vm::value::Value;
use tillscript::payment::amount::Amount;
use tillscript::run::happening::Happening;
use tillscript::run::program::{build, build_text, flow};
use tillscript::run::report::Result as RunResult;
use tillscript::run::session::Session;
use tillscript::run::suite;
use tillscript::run::world::dialect_of;
use tillscript::world::fault::{self, ROWS};
use tillscript::world::host::ledger::LedgerLine;
use tillscript::world::journal::file::FileJournal;
use tillscript::world::port::journal::Journal;
use tillscript::world::port::record::Record;
use tillscript::world::simulation::{Setup, Simulation};

fn scripts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts")
}

fn script(name: &str) -> Program {
    let built = build(&scripts().join(name));
    built.program.unwrap_or_else(|| panic!("{name} does not build: {:?}", built.findings))
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("till-flows-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

fn by_number(mut lines: Vec<LedgerLine>) -> Vec<(u32, Amount)> {
    lines.sort_by_key(|line| line.stan);
    lines.into_iter().map(|line| (line.stan, line.amount)).collect()
}

/// Runs a day under a fault, mends everything, starts the terminal again, and compares the books.
fn a_day_under(program: &Program, fault: &str) -> bool {
    let mut setup = Setup::new(dialect_of(program).expect("a dialect"));
    setup.faults.push(fault::parse(fault).expect("a fault"));
    let simulation = Simulation::start(setup).expect("a world");
    let mut watch = |_: &Happening| {};
    let mut session = Session::simulated(program, simulation, &mut watch);
    let entry = flow(program, None).expect("a flow");
    let ended = session.run(entry.function, &[]);
    session.ports.simulation().expect("simulated").mend();
    session.restart();
    let state = session.ports.journal.state();
    // A terminal whose keys were replaced on the way signs in first: the next day begins with it.
    if !(state.pending.is_empty() && state.day.notices.is_empty()) {
        session.run(entry.function, &[]);
    }
    let world = session.ports.simulation().expect("simulated");
    let (host, terminal) = (by_number(world.host_ledger()), by_number(world.booked_ledger()));
    assert_eq!(host, terminal, "{fault}: {ended:?}");
    let state = session.ports.journal.state();
    assert!(state.pending.is_empty() && state.day.notices.is_empty(), "{fault}: {ended:?}");
    !host.is_empty()
}

#[test]
fn whatever_goes_wrong_with_a_message_of_the_day_terminal_and_host_agree_after_the_next_start() {
    let program = script("whole_day.till");
    let kinds = ROWS.iter().filter_map(|row| match row.value {
        "MTI" => Some(format!("{}:", row.name)),
        "SECONDS[@MTI]" => Some(format!("{}:90@", row.name)),
        "NN[@MTI]" => Some(format!("{}:96@", row.name)),
        _ => None,
    });
    let kinds: Vec<String> = kinds.chain(["reply:A0@".to_owned(), "reply:12@".to_owned()]).collect();
    assert!(kinds.len() > 12, "{kinds:?}");
    let (mut tried, mut moved) = (0, 0);
    for mti in ["0800", "0200", "0100", "0220", "0400", "0500", "0320", "0820"] {
        for kind in &kinds {
            for nth in ["", "#1", "#2"] {
                tried += 1;
                moved += usize::from(a_day_under(&program, &format!("{kind}{mti}{nth}")));
            }
        }
    }
    assert!(tried > 300 && moved * 10 > tried * 7, "of {tried} days {moved} moved money");
}

#[test]
fn whatever_is_wrong_with_the_terminal_on_a_day_both_agree_after_the_next_start() {
    let program = script("whole_day.till");
    for row in ROWS.iter().filter(|row| row.value != "NN") {
        // These hosts make the books differ, or a reversal wait, for good: the settlement shows it.
        if ["forgets-reversals", "keep-silent-on-reversal"].contains(&row.name) {
            continue;
        }
        let value = match row.value {
            "NN[@MTI]" => ":51",
            "POINT" => ":after-reply",
            _ => "",
        };
        a_day_under(&program, &format!("{}{value}", row.name));
    }
}

#[test]
fn a_notice_survives_a_restart_and_a_change_of_segments_and_its_card_is_erased_with_its_answer() {
    let program = script("offline_sale.till");
    let directory = folder("notice");
    let mut setup = Setup::new(dialect_of(&program).expect("a dialect"));
    setup.directory = Some(directory.clone());
    setup.faults.push(fault::parse("no-line").expect("a fault"));
    let simulation = Simulation::start(setup).expect("a world");
    let mut watch = |_: &Happening| {};
    let mut session = Session::simulated(&program, simulation, &mut watch);
    let entry = flow(&program, Some("offline_sale")).expect("a flow");
    let arguments = [Value::Amount(Amount::parse("80.00CNY").unwrap()), Value::Text("A12345".into())];
    let ended = session.run(entry.function, &arguments);
    assert!(matches!(ended.result, RunResult::Done(_)), "{ended:?}");
    drop(session);
    let sealed = {
        let (mut journal, seal, _) = FileJournal::open(&directory, &[0; 16]).expect("the journal");
        let notice = journal.state().day.notices.first().expect("it waits").clone();
        assert!(notice.due.open(&seal).unwrap().has(2), "with its card number");
        // A pause between two transactions, in a segment that is long enough.
        journal.hold_segments_to(1);
        journal.append(Record::Discarded { stan: 77 }).unwrap();
        assert!(journal.segment() > 1);
        notice.due.sealed.clone()
    };
    let lies = || {
        let files = fs::read_dir(&directory).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap_or_default());
        let files: Vec<Vec<u8>> = files.collect();
        let holds = |part: &[u8]| files.iter().any(|file| file.windows(part.len()).any(|window| window == part));
        sealed.iter().filter(|field| holds(field.as_bytes())).count()
    };
    assert_eq!(lies(), sealed.len(), "card data is carried on");
    let (mut journal, seal, _) = FileJournal::open(&directory, &[0; 16]).expect("the journal");
    let waiting = &journal.state().day.notices;
    assert_eq!(waiting.len(), 1);
    assert!(waiting[0].due.open(&seal).unwrap().has(2));
    assert_eq!(journal.state().batch_total().unwrap(), Some(Amount::parse("80.00CNY").unwrap()));
    let stan = waiting[0].due.stan;
    let by = tillscript::payment::iso8583::response::ResponseCode(*b"00");
    journal.append(Record::NoticeAnswered { stan, by, taken: true, reference: None, authorisation: None }).unwrap();
    drop(journal);
    assert_eq!(lies(), 0, "and erased with the answer");
    let _ = fs::remove_dir_all(&directory);
}

/// Flows that move money: their own tests cut the power at every request.
const MOVE_MONEY: &[&str] = &[
    "completion",
    "completion_void",
    "end_of_day",
    "offline_sale",
    "pre_auth",
    "pre_auth_void",
    "refund",
    "sale",
    "tip_adjust",
    "void",
    "whole_day",
];

#[test]
fn every_shipped_script_passes_its_own_tests() {
    let mut files: Vec<PathBuf> = fs::read_dir(scripts()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "till"));
    files.sort();
    assert!(files.len() > 20, "{files:?}");
    for path in files {
        let built = build(&path);
        assert!(built.findings.is_empty(), "{}: {:?}", path.display(), built.findings);
        let program = built.program.expect("a program");
        let verdicts = suite::run(&program, 0, None);
        assert!(verdicts.len() > 1, "{} has no tests", path.display());
        for verdict in &verdicts {
            assert!(verdict.failure.is_none(), "{}: {verdict:?}", path.display());
        }
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let cuts: u32 = verdicts.iter().map(|verdict| verdict.cuts).sum();
        assert!(!MOVE_MONEY.contains(&name.as_str()) || cuts > 20, "{name}: {cuts} power cuts");
    }
}

/// A flow that swipes whatever it is given, with its own words in fields 22 and 60.
const SWIPES: &str = r#"
import cn_pos.dialect
import cn_pos.codes
import cn_pos.numbers

flow swipe(told: Bool) -> Outcome uses card, host, pinpad, store {
  let c = card.read(accept: [stripe], within: 60s)
    on cancel, timeout => return cancelled
  let pin = pinpad.enter_pin(for: c.pan, digits: 6, within: 60s)
    on cancel, timeout => return cancelled
  let request = message 0200 {
    F2: c.pan
    F3: "000000"
    F4: 1.00 CNY
    F11: host.next_stan()
    F22: numbers.entry_mode(c.entry, true)
    F25: "00"
    F26: numbers.pin_length(true)
    F35: c.track2
    F41: store.terminal_id
    F42: store.merchant_id
    F49: "156"
    F52: pin
    F53: numbers.pin_security(true)
    F60: "22{store.batch_no}000{numbers.conditions(told)}"
  }
  reversible request {
    let reply = host.send(request, within: 60s)
    match reply.code {
      accept => {
        commit Txn(kind: sale, amount: 1.00 CNY, request: request, reply: reply)
        return done
      }
      capture, rekey, decline, retry, refer => {}
    }
    discard
    return declined(reply.code)
  }
}

test "the host refuses the stripe of a chip card" {
  given card.swipes("debit")
  expect swipe(false) == declined(use_chip)
}

test "unless it is told that the chip could not be read" {
  given card.swipes("debit")
  expect swipe(true) == done
}

test "a card without a chip is swiped" {
  given card.swipes("stripe-only")
  expect swipe(false) == done
}
"#;

#[test]
fn the_stripe_of_a_chip_card_needs_a_reason() {
    let built = build_text("swipes.till", SWIPES);
    let program = built.program.unwrap_or_else(|| panic!("{:?}", built.findings));
    let verdicts = suite::run(&program, 0, None);
    assert_eq!(verdicts.len(), 3);
    for verdict in verdicts {
        assert!(verdict.failure.is_none(), "{verdict:?}");
    }
}

/// Types a command in: what it wrote, and its exit code.
fn typed(words: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_till"))
        .args(words)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env_remove("TILL_LANG")
        .env("LC_ALL", "C")
        .env("COLUMNS", "100")
        .stdin(Stdio::null())
        .output()
        .expect("till starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    (said, output.status.code())
}

#[test]
fn a_reversal_is_cleared_by_two_people_with_a_reason_and_a_record() {
    let directory = folder("clear");
    let journal = directory.to_str().expect("a path");
    let sale = ["run", "scripts/sale.till", "amount=100.00CNY", "--journal", journal];
    let (said, exit) = typed(&[&sale[..], &["--fault", "silent", "--fault", "keep-silent-on-reversal"]].concat());
    assert_ne!(exit, Some(0), "{said}");
    let clear = |stan: &str, by: &str, and: &str, reason: &str| {
        typed(&["journal", "clear", journal, stan, "--by", by, "--and", and, "--reason", reason])
    };
    for (stan, by, and, reason) in [
        ("1", "Li", "li", "host extract: not booked"),
        ("1", "Li", " ", "host extract: not booked"),
        ("1", "Li", "Wang", "ok"),
        ("1", "Li", "Wang", "card 6299991000000017 not booked"),
        ("2", "Li", "Wang", "host extract: not booked"),
        ("1", "Li", "Wang\u{7}", "host extract: not booked"),
    ] {
        let (said, exit) = clear(stan, by, and, reason);
        assert_eq!(exit, Some(2), "{stan} {by} {and} {reason}: {said}");
        assert!(said.contains("T7103"), "{said}");
    }
    assert_eq!(typed(&["journal", "clear", journal, "1", "--by", "Li"]).1, Some(2), "one person is not enough");
    let (said, exit) = clear("1", "Li", "王", "主机流水中没有此笔");
    assert_eq!(exit, Some(0), "{said}");
    let (said, _) = typed(&["journal", "show", journal, "1"]);
    assert!(said.contains("Li asked, 王 agreed: 主机流水中没有此笔"), "{said}");
    assert_eq!(typed(&["journal", "verify", journal]).1, Some(0));
    // The next sale goes out at once.
    let (said, exit) = typed(&sale);
    assert_eq!(exit, Some(0), "{said}");
    assert_eq!(clear("1", "Li", "Wang", "host extract: not booked").1, Some(2), "once");
    let _ = fs::remove_dir_all(&directory);
    let (said, exit) = typed(&["journal", "clear", journal, "1", "--by", "a", "--and", "b", "--reason", "nothing"]);
    assert_ne!(exit, Some(0), "{said}");
    assert!(!Path::new(journal).exists(), "a folder without a journal does not become one");
}

#[test]
fn a_day_can_be_seen_and_read_back() {
    let directory = folder("day");
    let journal = directory.to_str().expect("a path");
    let (said, exit) = typed(&["run", "scripts/whole_day.till", "--journal", journal, "--lang", "en"]);
    assert_eq!(exit, Some(0), "{said}");
    for part in ["totals agree with the host's", "batch closed; the next is 000002", "SETTLEMENT", "money:"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let (said, _) = typed(&["journal", "list", journal]);
    for kind in ["sale", "void", "refund", "preauth", "completion", "offline"] {
        assert!(said.contains(kind), "{kind}: {said}");
    }
    assert_eq!(typed(&["journal", "verify", journal]).1, Some(0));
    let _ = fs::remove_dir_all(&directory);
}

#[test]
fn an_unbalanced_day_is_uploaded() {
    let (said, exit) = typed(&["run", "scripts/whole_day.till", "--fault", "settlement-result:2", "--lang", "en"]);
    assert_eq!(exit, Some(0), "{said}");
    for part in ["totals differ", "0320", "NOT BALANCED: BATCH UPLOADED", "batch closed"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}
