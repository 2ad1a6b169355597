//! A bit of a shipped file is flipped: with its hash as shipped it is refused; with the hash put right it is another program
//! by somebody who knows the format, and that one is refused or safe.
//!
//! Safe: it does not panic, shows and records no digit of a card and no PIN, leaves no money undecided, keeps its limits,
//! and has no defect but those that the proof leaves to the machine. It need not behave as the original: a changed word on
//! the screen is what its author wrote.

use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::rc::Rc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use tillscript::language::bytecode::file;
use tillscript::language::bytecode::instruction::Instruction;
use tillscript::language::bytecode::program::Program;
use tillscript::language::vm::value::Value;
use tillscript::payment::amount::Amount;
use tillscript::run::happening::Happening;
use tillscript::run::program::{build, flow, from_bytes};
use tillscript::run::report::Result as RunResult;
use tillscript::run::session::Session;
use tillscript::run::trace::{Head, Recorder};
use tillscript::run::world::dialect_of;
use tillscript::world::fault;
use tillscript::world::profile;
use tillscript::world::simulation::{Setup, Simulation};
use tillscript::world::stage::Presented;

/// Magic, format, edition, flags, hash.
const HEADER: usize = 40;

/// Sections with a row each in front, the debug section not counted.
const SECTIONS: usize = 8;

/// Sections that all shipped programs have from the library alike: response codes and dialect.
const OF_THE_LIBRARY: [usize; 2] = [5, 6];

const SCRIPTS: [&str; 4] = ["balance.till", "sale.till", "sign_in.till", "start_of_day.till"];

/// A shipped script as a file.
fn shipped(name: &str, stripped: bool) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(name);
    let mut program = build(&path).program.expect("a shipped script");
    if stripped {
        file::strip(&mut program);
    }
    file::write(&program)
}

/// Bytes of each section.
fn lengths(file: &[u8], sections: usize) -> Vec<usize> {
    let rows = file[HEADER..].chunks(5).take(sections);
    rows.map(|row| u32::from_le_bytes([row[1], row[2], row[3], row[4]]) as usize).collect()
}

/// As `docs/bytecode.md` says.
fn put_hash_right(file: &mut [u8]) {
    let mut hash = Sha256::new();
    hash.update(&file[0..7]);
    let sections = if file[7] & 1 == 1 { SECTIONS + 1 } else { SECTIONS };
    let mut at = HEADER + sections * 5;
    for (section, length) in lengths(file, SECTIONS).into_iter().enumerate() {
        let row = &file[HEADER + section * 5..HEADER + section * 5 + 5];
        let Some(content) = file.get(at..at.saturating_add(length)) else { return };
        hash.update(row);
        hash.update(content);
        at += length;
    }
    let hash: [u8; 32] = hash.finalize().into();
    file[8..HEADER].copy_from_slice(&hash);
}

/// Does something for each of these numbers on two threads, and gives what was wrong.
fn for_each(numbers: &[usize], work: impl Fn(usize) -> Result<(), String> + Sync) -> Vec<String> {
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(number) = numbers.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let done = catch_unwind(AssertUnwindSafe(|| work(*number)));
                    match done {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => wrong.lock().unwrap().push(format!("{number}: {error}")),
                        Err(_) => wrong.lock().unwrap().push(format!("{number}: a panic")),
                    }
                }
            });
        }
    });
    wrong.into_inner().unwrap()
}

/// The bytes of a file, those left out that another shipped file has in the same section: the library's in the sale alone,
/// and of a whole file the debug section alone, for the rest is in the stripped one.
fn own_bytes(name: &str, file: &[u8]) -> Vec<usize> {
    let whole = file[7] & 1 == 1;
    let sections = SECTIONS + usize::from(whole);
    let mut start = HEADER + sections * 5;
    let mut bytes: Vec<usize> = (0..start).collect();
    for (section, length) in lengths(file, sections).into_iter().enumerate() {
        let alike = name != "sale.till" && OF_THE_LIBRARY.contains(&section);
        if section == SECTIONS || !whole && !alike {
            bytes.extend(start..start + length);
        }
        start += length;
    }
    bytes
}

/// Every bit of the header and the table of sections; of the rest, which a hash covers, one bit of every byte by turns, and
/// every bit with `TILL_FLIP_ONE_IN=1`.
#[test]
fn a_flipped_bit_of_any_byte_of_a_shipped_file_is_refused() {
    for (name, stripped) in SCRIPTS.iter().flat_map(|name| [(name, true), (name, false)]) {
        let bytes = shipped(name, stripped);
        let wrong = for_each(&own_bytes(name, &bytes), |at| {
            let mut flipped = bytes.clone();
            let all = one_in() == 1 || at < HEADER + (SECTIONS + 1) * 5;
            for bit in (0..8).filter(|bit| all || *bit == at % 8) {
                flipped[at] = bytes[at] ^ 1 << bit;
                let error = file::read(&flipped).err().ok_or("taken")?;
                if !error.code.0.starts_with("T090") {
                    return Err(format!("bit {bit}: refused with {}", error.code));
                }
            }
            Ok(())
        });
        assert!(wrong.is_empty(), "{name}, stripped: {stripped}: {wrong:?}");
    }
}

#[test]
fn every_truncation_of_every_shipped_file_is_refused() {
    for (name, stripped) in SCRIPTS.iter().flat_map(|name| [(name, true), (name, false)]) {
        let bytes = shipped(name, stripped);
        let cuts: Vec<usize> = (0..bytes.len()).collect();
        let wrong = for_each(&cuts, |length| match file::read(&bytes[..length]) {
            Ok(_) => Err("taken".into()),
            Err(error) if error.code.0.starts_with("T090") => Ok(()),
            Err(error) => Err(format!("refused with {}", error.code)),
        });
        assert!(wrong.is_empty(), "{name}, stripped: {stripped}: {wrong:?}");
    }
}

/// Somebody makes a section shorter, and says so in its length and in the hash.
#[test]
fn a_section_that_is_cut_short_and_says_so_is_refused() {
    for name in SCRIPTS {
        let bytes = shipped(name, true);
        let mut start = HEADER + SECTIONS * 5;
        for (section, length) in lengths(&bytes, SECTIONS).into_iter().enumerate() {
            let (begins, ends) = (start, start + length);
            start = ends;
            if name != "sale.till" && OF_THE_LIBRARY.contains(&section) {
                continue;
            }
            let kept: Vec<usize> = (0..length.min(8)).chain((8..length).step_by(one_in() / 8 + 1)).collect();
            let wrong = for_each(&kept, |kept| {
                let mut cut = bytes[..begins + kept].to_vec();
                cut.extend(&bytes[ends..]);
                let row = HEADER + section * 5 + 1;
                cut[row..row + 4].copy_from_slice(&(kept as u32).to_le_bytes());
                put_hash_right(&mut cut);
                match from_bytes(&cut) {
                    Ok(_) => Err(format!("section {} was taken", section + 1)),
                    Err(_) => Ok(()),
                }
            });
            assert!(wrong.is_empty(), "{name}: {wrong:?}");
        }
    }
}

/// Defects that a proved program can still have: what the proof leaves to the machine, and what a forged dialect or a
/// text that is no number makes of a message.
const LEFT_TO_THE_MACHINE: &[&str] = &[
    "there is nothing in none",
    "a variant holds no such value",
    "a field of the message is not of its type",
    "the answer is not of the type that was asked for",
    "a reversal was recorded without a trace number",
];

/// What goes wrong in the worlds that a program is run in.
const WORLDS: [&str; 4] = ["", "reply:51", "silent", "bad-mac"];

/// A card whose digits occur nowhere else by chance.
const CARD: &str = "pan = 6299 9913 5792 4684\nexpiry = 3012\nservice = 220\npin = 739164\nbalance = 10000.00 CNY\ninterfaces = chip\n";

/// What of that card nobody may see: the hidden digits of its number, the PIN.
const HIDDEN: [&str; 2] = ["91357924", "739164"];

/// A place that others can look at.
#[derive(Clone, Default)]
struct Paper(Rc<RefCell<Vec<u8>>>);

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Runs a program that was taken, and says what is not safe about it. How it ended, for the first world.
fn is_safe(program: &Program, world: &str) -> Result<String, String> {
    let none = Ok("nothing to run".to_owned());
    let Some(entry) = flow(program, None) else { return none };
    let Ok(dialect) = dialect_of(program) else { return none };
    let mut setup = Setup::new(dialect);
    setup.faults.extend(fault::parse(world).ok());
    let card = profile::parse("needle", "needle", CARD).expect("a card");
    setup.cards = vec![Presented { card, entry: None, pin: None }];
    let Ok(simulation) = Simulation::start(setup) else { return none };
    let arguments: Vec<Value> =
        entry.parameters.iter().map(|_| Value::Amount(Amount::parse("100.00CNY").expect("an amount"))).collect();
    let paper = Paper::default();
    let mut seen = String::new();
    let mut watch = |happening: &Happening| seen.push_str(&format!("{happening:?}\n"));
    let mut session = Session::simulated(program, simulation, &mut watch);
    let head = Head::new(String::new(), String::new(), String::new(), arguments.clone(), 0);
    session.record(Recorder::start(Box::new(paper.clone()), &head));
    let ended = session.run(entry.function, &arguments);
    if let RunResult::Failed(error) = &ended.result
        && error.code == "T9001"
    {
        let said = format!("{:?}", error.facts);
        if !LEFT_TO_THE_MACHINE.iter().any(|detail| said.contains(detail)) {
            return Err(format!("proved, and yet: {said}"));
        }
    }
    if session.open.is_some() {
        return Err(format!("the run left a reversal undecided: {ended:?}"));
    }
    session.restart();
    let pending = session.ports.journal.state().pending.len();
    let world = session.ports.simulation().expect("simulated");
    let (host, batch) = (world.host_ledger().len(), world.batch_ledger().len());
    if pending == 0 && host != batch {
        return Err(format!("{host} at the host, {batch} in the batch, nothing waits: {ended:?}"));
    }
    drop(session);
    let how = format!("{ended:?}");
    let traced = String::from_utf8_lossy(&paper.0.borrow()).into_owned();
    for hidden in HIDDEN {
        for (place, text) in [("what is shown", &seen), ("the trace", &traced), ("the report", &how)] {
            if text.contains(hidden) {
                return Err(format!("{place} holds {hidden}"));
            }
        }
    }
    Ok(how)
}

/// One bit in so many is flipped, unless `TILL_FLIP_ONE_IN` says another number; 1 is every bit, in every world. A prime,
/// so that all bits of a byte have their turn.
const ONE_IN: usize = 397;

fn one_in() -> usize {
    let told = std::env::var("TILL_FLIP_ONE_IN").ok().and_then(|number| number.parse().ok());
    told.unwrap_or(ONE_IN).max(1)
}

/// Flips one bit of a file, puts its hash right, and says whether what is taken is safe.
fn flips(name: &str) {
    let bytes = shipped(name, true);
    let step = one_in();
    let mut start = HEADER + SECTIONS * 5;
    let mut bits: Vec<usize> = (HEADER * 8..start * 8).step_by(step).collect();
    for (section, length) in lengths(&bytes, SECTIONS).into_iter().enumerate() {
        if name == "sale.till" || !OF_THE_LIBRARY.contains(&section) {
            bits.extend((start * 8..(start + length) * 8).step_by(step));
        }
        start += length;
    }
    let taken = AtomicUsize::new(0);
    let codes: Mutex<BTreeMap<String, usize>> = Mutex::default();
    let wrong = for_each(&bits, |bit| {
        let mut forged = bytes.clone();
        forged[bit / 8] ^= 1 << (bit % 8);
        put_hash_right(&mut forged);
        match from_bytes(&forged) {
            Err(error) => {
                *codes.lock().unwrap().entry(error.code.to_string()).or_default() += 1;
                Ok(())
            }
            Ok((program, _)) => {
                taken.fetch_add(1, Ordering::Relaxed);
                let worlds = if step == 1 { &WORLDS[..] } else { &WORLDS[bit % 4..bit % 4 + 1] };
                worlds.iter().try_for_each(|world| is_safe(&program, world).map(drop))
            }
        }
    });
    let (taken, codes) = (taken.into_inner(), codes.into_inner().unwrap());
    println!("{name}: {} bits of {} bytes, {taken} taken and safe, refused {codes:?}", bits.len(), bytes.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), bits.len(), wrong.join("\n"));
    assert!(codes.keys().all(|code| ["T0902", "T0903", "T0904"].contains(&code.as_str())), "{codes:?}");
    assert!(taken > 0 && taken < bits.len(), "{taken} of {}", bits.len());
}

#[test]
fn a_bit_of_the_inquiry_flipped_under_a_right_hash_is_refused_or_safe() {
    flips("balance.till");
}

#[test]
fn a_bit_of_the_sale_flipped_under_a_right_hash_is_refused_or_safe() {
    flips("sale.till");
}

#[test]
fn a_bit_of_the_sign_in_flipped_under_a_right_hash_is_refused_or_safe() {
    flips("sign_in.till");
}

#[test]
fn a_bit_of_the_start_of_day_flipped_under_a_right_hash_is_refused_or_safe() {
    flips("start_of_day.till");
}

/// Does a function end in a `commit` that it can come to from one of these instructions by going forward?
fn commits_from(program: &Program, targets: impl Iterator<Item = u32>, function: usize) -> bool {
    let code = &program.functions[function].code;
    let commits = code.iter().rposition(|instruction| matches!(instruction, Instruction::Commit { .. }));
    let first = targets.min();
    commits.zip(first).is_some_and(|(commit, first)| first as usize <= commit)
}

/// Somebody leads every answer, the refusals too, to the arm of the approval: the host's no is no money all the same.
///
/// Only a switch from which a `commit` can be reached is turned.
#[test]
fn a_switch_that_leads_a_refusal_to_the_approval_books_nothing() {
    let (program, _) = from_bytes(&shipped("sale.till", true)).expect("a shipped script");
    let (mut taken, mut stopped) = (0, 0);
    let switched = program.functions.iter().enumerate().flat_map(|(at, function)| {
        let table = |instruction: &Instruction| match instruction {
            Instruction::SwitchWord { table, .. }
            | Instruction::SwitchText { table, .. }
            | Instruction::SwitchTag { table, .. } => Some(usize::from(*table)),
            _ => None,
        };
        function.code.iter().filter_map(table).map(move |table| (at, table)).collect::<Vec<_>>()
    });
    let books = switched.filter(|(function, table)| {
        let switch = &program.switches[*table];
        let cases = switch.cases.iter().map(|(_, target)| *target);
        commits_from(&program, cases.chain([switch.otherwise]), *function)
    });
    for table in books.map(|(_, table)| table) {
        let cases = program.switches[table].cases.iter().map(|(_, target)| *target);
        let targets: BTreeSet<u32> = cases.chain([program.switches[table].otherwise]).collect();
        for target in targets {
            let mut forged = program.clone();
            forged.switches[table].cases.iter_mut().for_each(|case| case.1 = target);
            forged.switches[table].otherwise = target;
            let Ok((forged, _)) = from_bytes(&file::write(&forged)) else { continue };
            taken += 1;
            let end =
                is_safe(&forged, "reply:51").unwrap_or_else(|wrong| panic!("switch {table} to {target}: {wrong}"));
            // The sale asks the chip before it commits, and a chip that hears of a refusal says no itself.
            stopped += usize::from(end.contains("T8102") || end.contains("E3004"));
        }
    }
    assert!(taken > 0 && stopped > 0, "{taken} taken, {stopped} stopped at the commit");
}

/// The worlds differ: what the flips are judged by would see another end.
#[test]
fn the_worlds_that_flipped_programs_run_in_end_the_sale_in_four_ways() {
    let (program, _) = from_bytes(&shipped("sale.till", true)).expect("a shipped script");
    let ends: Vec<String> = WORLDS.iter().map(|world| is_safe(&program, world).expect("safe")).collect();
    for (at, end) in ends.iter().enumerate() {
        assert!(!ends[..at].contains(end), "{} ends as another world: {end}", WORLDS[at]);
    }
}

/// A stripped file runs as the whole one does: same requests, same answers, same end.
#[test]
fn a_stripped_file_runs_as_the_whole_one() {
    for name in SCRIPTS {
        let (whole, _) = from_bytes(&shipped(name, false)).expect("a shipped script");
        let (stripped, _) = from_bytes(&shipped(name, true)).expect("a shipped script");
        assert_eq!(whole.hash, stripped.hash);
        for world in WORLDS {
            assert!(is_safe(&whole, world).is_ok() && is_safe(&stripped, world).is_ok(), "{name} {world}");
        }
    }
}
