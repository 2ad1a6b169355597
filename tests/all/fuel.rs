//! Instructions that run out: the run ends, and terminal and host agree about the money whenever it is.

use crate::rehearse;
use tillscript::language::bytecode::program::Program;
use tillscript::language::vm::value::Value;
use tillscript::payment::amount::Amount;
use tillscript::run::happening::Happening;
use tillscript::run::program::{build_text, flow};
use tillscript::run::report::Result as RunResult;
use tillscript::run::session::Session;
use tillscript::run::spending::Spending;
use tillscript::script_error::error::Money;
use tillscript::world::simulation::Simulation;

const AMOUNT: &str = "2000.00CNY";

fn amount() -> Value {
    Value::Amount(Amount::parse(AMOUNT).expect("an amount"))
}

/// Runs a flow with every number of instructions that it can end on; gives how often it was stopped, and how often
/// that left a reversal.
fn sweep(program: &Program) -> (u32, u32) {
    let entry = flow(program, None).expect("a flow").function;
    let whole = rehearse::run(program, entry, &[amount()], rehearse::world(program, &[], 0), false);
    assert!(matches!(whole.ended.result, RunResult::Approved(_)), "{:?}", whole.ended);
    let (mut stopped, mut reversed) = (0, 0);
    for fuel in 1..=whole.ended.executed {
        let simulation = Simulation::start(rehearse::world(program, &[], 0)).expect("a world");
        let mut watch = |_: &Happening| {};
        let mut session = Session::simulated(program, simulation, &mut watch);
        session.fuel = fuel;
        let ended = session.run(entry, &[amount()]);
        match &ended.result {
            RunResult::Failed(error) => {
                stopped += 1;
                assert_eq!(error.code, "T8001", "{fuel}");
                assert_eq!(ended.pending > 0, ended.money == Money::ReversalQueued, "{fuel}: {ended:?}");
                reversed += u32::from(ended.pending > 0);
            }
            _ => assert!(matches!(ended.result, RunResult::Approved(_)), "{fuel}: {ended:?}"),
        }
        session.restart();
        let world = session.ports.simulation().expect("simulated");
        assert_eq!(world.host_ledger(), world.batch_ledger(), "{fuel}: {ended:?}");
        assert!(session.ports.journal.state().pending.is_empty(), "{fuel}");
    }
    (stopped, reversed)
}

/// Whoever asks what a run spends gets the same run, however much it is granted, and all of it is accounted for.
#[test]
fn keeping_what_a_run_spends_changes_nothing() {
    let program = build_text("sale.till", include_str!("../../scripts/sale.till")).program.expect("it builds");
    let entry = flow(&program, None).expect("a flow").function;
    let run = |fuel: Option<u64>, kept: bool, fault: &str| {
        let simulation = Simulation::start(rehearse::world(&program, &[fault], 0)).expect("a world");
        let mut seen = Vec::new();
        let mut watch = |what: &Happening| seen.push(format!("{what:?}"));
        let mut session = Session::simulated(&program, simulation, &mut watch);
        session.fuel = fuel.unwrap_or(session.fuel);
        session.spending = kept.then(Spending::default);
        let ended = session.run(entry, &[amount()]);
        let spending = session.spending.take();
        drop(session);
        (format!("{ended:?}"), seen, ended.executed, spending)
    };
    for fault in ["silent", "reply:51", "chip-error"] {
        let whole = run(None, false, fault);
        assert!(whole.2 > 60, "{whole:?}");
        for fuel in (1..=whole.2).step_by(7).map(Some).chain([None]) {
            let (plain, kept) = (run(fuel, false, fault), run(fuel, true, fault));
            assert_eq!((&plain.0, &plain.1), (&kept.0, &kept.1), "{fault}, {fuel:?}");
            let spending = kept.3.expect("it was kept");
            let by_step: u64 = spending.steps.values().map(|spent| spent.instructions).sum();
            assert_eq!(by_step, kept.2, "{fault}, {fuel:?}: {spending:?}");
            let requests: u64 = spending.steps.values().map(|spent| spent.requests).sum();
            assert_eq!(requests, spending.requests.values().map(|spent| spent.requests).sum::<u64>());
        }
    }
}

#[test]
fn a_sale_with_any_number_of_instructions_leaves_terminal_and_host_of_one_mind() {
    // The shipped sale asks the chip between answer and decision, in a flow that is charged when it is called.
    let (stopped, reversed) = sweep(&rehearse::script("sale.till"));
    assert!(stopped > 10 && reversed > 0, "{stopped} stopped, {reversed} reversed");
}

#[test]
fn a_sale_that_is_stopped_between_answer_and_decision_is_reversed_whatever_the_instruction() {
    let (stopped, reversed) = sweep(&slow(20));
    assert!(stopped > 100 && reversed > 50, "{stopped} stopped, {reversed} reversed");
}

/// A sale that counts between the answer and its decision.
const SLOW: &str = r#"
import cn_pos.dialect
import cn_pos.codes
import cn_pos.numbers

pub flow slow(amount: Amount) -> Outcome uses card, host, pinpad, store {
  let c = card.read(accept: [chip], amount: amount, within: 60s)
    on cancel, timeout => return cancelled
  let pin = pinpad.enter_pin(for: c.pan, digits: 6, within: 60s)
    on cancel, timeout => return cancelled
  let request = message 0200 {
    F2: c.pan
    F3: "000000"
    F4: amount
    F11: host.next_stan()
    F14: c.expiry
    F22: numbers.entry_mode(c.entry, true)
    F23: c.sequence
    F25: "00"
    F26: numbers.pin_length(true)
    F35: c.track2
    F41: store.terminal_id
    F42: store.merchant_id
    F49: amount.currency_number
    F52: pin
    F53: numbers.pin_security(true)
    F55: c.tags
    F60: "22{store.batch_no}000"
  }
  reversible request {
    let reply = host.send(request, within: 60s)
    var turns = 0
    repeat TURNS times {
      repeat TURNS times {
        turns = turns + 1
      }
    }
    match reply.code {
      accept => {
        let t = Txn(kind: sale, amount: amount, request: request, reply: reply)
        commit t
        return approved(t)
      }
      capture, rekey, decline, retry, refer => {}
    }
    discard
    return declined(reply.code)
  }
}
"#;

fn slow(turns: u32) -> Program {
    let built = build_text("slow.till", &SLOW.replace("TURNS", &turns.to_string()));
    built.program.unwrap_or_else(|| panic!("{:?}", built.findings))
}

#[test]
fn fuel_that_runs_out_in_a_reversible_reverses() {
    let program = slow(1_000);
    let entry = flow(&program, None).expect("a flow").function;
    let simulation = Simulation::start(rehearse::world(&program, &[], 0)).expect("a world");
    let mut seen = Vec::new();
    let mut watch = |happening: &Happening| seen.push(happening.clone());
    let mut session = Session::simulated(&program, simulation, &mut watch);
    let ended = session.run(entry, &[amount()]);
    let RunResult::Failed(error) = &ended.result else { panic!("{ended:?}") };
    assert_eq!(error.code, "T8001");
    assert_eq!(error.money, Money::ReversalQueued);
    assert_eq!((ended.money, ended.pending), (Money::ReversalQueued, 1));
    let pending = session.ports.journal.state().pending.clone();
    assert_eq!(pending.len(), 1, "the journal holds the reversal");
    // The host has taken the money; the next start gives it back.
    let world = session.ports.simulation().expect("simulated");
    assert_ne!(world.host_ledger(), world.batch_ledger());
    session.restart();
    let world = session.ports.simulation().expect("simulated");
    assert_eq!(world.host_ledger(), world.batch_ledger());
    assert!(world.host_ledger().is_empty());
    assert!(session.ports.journal.state().pending.is_empty());
    drop(session);
    assert!(seen.iter().any(|happening| matches!(happening, Happening::ReversalSent { .. })), "{seen:?}");
    assert!(seen.iter().any(|happening| matches!(happening, Happening::ReversalClosed { .. })), "{seen:?}");
}
