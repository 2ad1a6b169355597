//! Somebody who knows the format changes a bit and puts the hash right: refused, or harmless.

use sha2::{Digest, Sha256};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use tillscript::language::bytecode::file;
use tillscript::language::bytecode::program::Program;
use tillscript::language::vm::value::Value;
use tillscript::payment::amount::Amount;
use tillscript::run::happening::Happening;
use tillscript::run::program::{build, flow, from_bytes};
use tillscript::run::report::Result as RunResult;
use tillscript::run::session::Session;
use tillscript::run::world::dialect_of;
use tillscript::world::simulation::{Setup, Simulation};

/// Magic, format, edition, flags, hash.
const HEADER: usize = 40;

/// Sections with a row each in front.
const SECTIONS: usize = 8;

/// A shipped script as a file without its debug section.
fn shipped(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(name);
    let mut program = build(&path).program.expect("a shipped script");
    file::strip(&mut program);
    file::write(&program)
}

/// As `docs/bytecode.md` says.
fn put_hash_right(file: &mut [u8]) {
    let mut hash = Sha256::new();
    hash.update(&file[0..7]);
    let mut at = HEADER + SECTIONS * 5;
    for section in 0..SECTIONS {
        let row = &file[HEADER + section * 5..HEADER + section * 5 + 5];
        let length = u32::from_le_bytes([row[1], row[2], row[3], row[4]]) as usize;
        let Some(content) = file.get(at..at.saturating_add(length)) else { return };
        hash.update(row);
        hash.update(content);
        at += length;
    }
    let hash: [u8; 32] = hash.finalize().into();
    file[8..HEADER].copy_from_slice(&hash);
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

/// Runs a program that was taken, and says what is wrong with where the money stands.
fn money_is_decided(program: &Program) -> Result<(), String> {
    let Some(entry) = flow(program, None) else { return Ok(()) };
    let Ok(dialect) = dialect_of(program) else { return Ok(()) };
    let Ok(simulation) = Simulation::start(Setup::new(dialect)) else { return Ok(()) };
    let arguments: Vec<Value> =
        entry.parameters.iter().map(|_| Value::Amount(Amount::parse("100.00CNY").expect("an amount"))).collect();
    let mut watch = |_: &Happening| {};
    let mut session = Session::simulated(program, simulation, &mut watch);
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
    Ok(())
}

/// Flips one bit of a file, puts its hash right, and gives whether it was taken.
fn flipped(bytes: &[u8], bit: usize) -> Result<bool, String> {
    let mut forged = bytes.to_vec();
    forged[bit / 8] ^= 1 << (bit % 8);
    put_hash_right(&mut forged);
    let done = catch_unwind(AssertUnwindSafe(|| match from_bytes(&forged) {
        Err(_) => Ok(false),
        Ok((program, _)) => money_is_decided(&program).map(|()| true),
    }));
    match done {
        Ok(Ok(taken)) => Ok(taken),
        Ok(Err(wrong)) => Err(format!("bit {bit}: {wrong}")),
        Err(_) => Err(format!("bit {bit}: a panic")),
    }
}

/// One bit in so many is flipped, unless `TILL_FLIP_ONE_IN` says another number; 1 is every bit. A prime, so that all bits
/// of a byte have their turn.
const ONE_IN: usize = 211;

fn flips(name: &str) {
    let bytes = shipped(name);
    let told = std::env::var("TILL_FLIP_ONE_IN").ok().and_then(|number| number.parse().ok());
    let step = told.unwrap_or(ONE_IN).max(1);
    let bits: Vec<usize> = (HEADER * 8..bytes.len() * 8).step_by(step).collect();
    let (next, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let wrong = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(bit) = bits.get(next.fetch_add(1, Ordering::Relaxed)) {
                    match flipped(&bytes, *bit) {
                        Ok(true) => _ = taken.fetch_add(1, Ordering::Relaxed),
                        Ok(false) => {}
                        Err(error) => wrong.lock().unwrap().push(error),
                    }
                }
            });
        }
    });
    let (wrong, taken) = (wrong.into_inner().unwrap(), taken.into_inner());
    println!("{name}: {} bits of {} bytes, {taken} taken, the rest refused", bits.len(), bytes.len());
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), bits.len(), wrong.join("\n"));
    assert!(taken > 0 && taken < bits.len(), "{taken} of {}", bits.len());
}

#[test]
fn a_flipped_bit_of_the_sale_is_refused_or_leaves_no_money_undecided() {
    flips("sale.till");
}

#[test]
fn a_flipped_bit_of_the_inquiry_is_refused_or_leaves_no_money_undecided() {
    flips("balance.till");
}

#[test]
fn every_truncation_of_a_shipped_program_is_refused() {
    for name in ["sale.till", "balance.till"] {
        let bytes = shipped(name);
        for length in 0..bytes.len() {
            let mut cut = bytes[..length].to_vec();
            assert!(from_bytes(&cut).is_err(), "{name}: {length} bytes were taken for a program");
            if length > HEADER + SECTIONS * 5 {
                // Also by somebody who makes the last section shorter and puts the hash right.
                let whole = bytes.len() - length;
                let row = HEADER + (SECTIONS - 1) * 5 + 1;
                let last = u32::from_le_bytes([cut[row], cut[row + 1], cut[row + 2], cut[row + 3]]) as usize;
                let Some(shorter) = last.checked_sub(whole) else { continue };
                cut[row..row + 4].copy_from_slice(&(shorter as u32).to_le_bytes());
                put_hash_right(&mut cut);
                assert!(from_bytes(&cut).is_err(), "{name}: {length} bytes were taken for a program");
            }
        }
    }
}
