//! In this process and over TCP a run is the same run, apart from the time it takes; and its trace needs no network.

use super::bench::{Host, tcp};
use std::cell::RefCell;
use std::io::Write;
use std::path::Path;
use std::rc::Rc;
use tillscript::language::bytecode::program::Program;
use tillscript::language::vm::value::Value;
use tillscript::payment::amount::Amount;
use tillscript::run::happening::Happening;
use tillscript::run::program::{build, build_text, flow};
use tillscript::run::report::Ended;
use tillscript::run::session::Session;
use tillscript::run::trace::{Head, Recorder, Replay};
use tillscript::run::world::dialect_of;
use tillscript::script_error::error::Money;
use tillscript::world::fault;
use tillscript::world::net::remote::RemoteSetup;
use tillscript::world::simulation::{Setup, Simulation};

fn script(name: &str) -> Program {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(name);
    build(&path).program.expect("a shipped script")
}

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

/// What a run came to: how it ended, its trace, and what in it comes of the host's time: the time, and the MAC over it.
struct Ran {
    ended: Ended,
    trace: String,
    times: Vec<String>,
}

fn run(program: &Program, arguments: &[Value], faults: &[&str], host: Option<&Host>) -> Ran {
    let mut setup = Setup::new(dialect_of(program).expect("a dialect"));
    if host.is_none() {
        setup.faults = faults.iter().map(|name| fault::parse(name).expect("a fault")).collect();
    }
    let mut simulation = Simulation::start(setup).expect("a world");
    if let Some(host) = host {
        simulation.connect(RemoteSetup::new(vec![tcp(host.address)]));
    }
    let paper = Paper::default();
    let mut times = Vec::new();
    let mut watch = |happening: &Happening| {
        if let Happening::Received { fields, .. } | Happening::Stray { fields, .. } = happening {
            let of_time = fields.iter().filter(|field| [12, 64].contains(&field.number));
            times.extend(of_time.map(|field| field.value.en.clone()));
        }
    };
    let entry = flow(program, None).expect("a flow");
    let mut session = Session::simulated(program, simulation, &mut watch);
    let head = Head::new(String::new(), program.name.to_string(), entry.name.to_string(), arguments.to_vec(), 0);
    session.record(Recorder::start(Box::new(paper.clone()), &head));
    let ended = session.run(entry.function, arguments);
    let (terminal, at_ms) = (session.terminal(), session.now_ms());
    let recorder = session.take_recorder().expect("it records");
    recorder.end(ended.money.word(), ended.pending, &terminal, at_ms).expect("a trace");
    drop(session);
    Ran { ended, trace: String::from_utf8(paper.0.take()).expect("text"), times }
}

/// The trace without the times in it: those of the terminal, and those that the host wrote into its replies.
fn timeless(ran: &Ran) -> String {
    let mut text = ran.trace.clone();
    for time in &ran.times {
        text = text.replace(&format!("\"{time}\""), "\"of its time\"");
    }
    let mut kept = String::new();
    let mut rest = text.as_str();
    while let Some(at) =
        ["\"at_ms\":", "\"after_ms\":"].iter().filter_map(|key| Some(rest.find(key)? + key.len())).min()
    {
        kept.push_str(&rest[..at]);
        kept.push('_');
        rest = rest[at..].trim_start_matches(|sign: char| sign.is_ascii_digit());
    }
    kept + rest
}

/// Runs a script in this process and over TCP, with the same faults at the host.
fn compare(program: &Program, arguments: &[Value], faults: &[&str]) -> (Ran, Ran) {
    let here = run(program, arguments, faults, None);
    let host = Host::with(faults);
    let there = run(program, arguments, faults, Some(&host));
    let (standing, _) = host.end();
    let live: usize = standing.iter().map(|books| books.live.len()).sum();
    assert_eq!(timeless(&here), timeless(&there), "{faults:?}");
    assert_eq!((here.ended.money, here.ended.pending), (there.ended.money, there.ended.pending), "{faults:?}");
    let moved = here.ended.money == Money::Moved;
    assert!(live <= 1 && (!moved || live == 1), "{faults:?}: {standing:?}");
    (here, there)
}

fn amount(text: &str) -> Value {
    Value::Amount(Amount::parse(text).expect("an amount"))
}

#[test]
fn a_sale_over_tcp_is_the_sale_in_this_process() {
    let sale = script("sale.till");
    for faults in [
        &[][..],
        &["reply:51"],
        &["reply:41"],
        &["reply:91"],
        &["reply:10"],
        &["bad-mac"],
        &["garbled"],
        &["line-drop"],
        &["wrong-amount"],
        &["no-response-code"],
        &["terminal-unknown"],
        &["merchant-unknown"],
        &["high-risk"],
        &["line-drop:0200", "reply:12@0400"],
    ] {
        compare(&sale, &[amount("100.00CNY")], faults);
    }
}

#[test]
fn a_day_over_tcp_is_the_day_in_this_process() {
    let day = script("start_of_day.till");
    for faults in [&[][..], &["bad-kcv:MAK"], &["wrong-serial"], &["short-keys"], &["weak-key"], &["reply:51@0200"]] {
        compare(&day, &[], faults);
    }
}

const HASTY: &str = r#"
edition 1

import cn_pos.dialect
import cn_pos.codes

pub flow hasty(amount: Amount) -> Outcome uses card, host, store {
  let c = card.read(accept: [stripe], amount: amount, within: 60s)
  let request = message 0200 {
    F2: c.pan
    F3: "000000"
    F4: amount
    F11: host.next_stan()
    F22: "012"
    F25: "00"
    F41: store.terminal_id
    F42: store.merchant_id
    F49: "156"
    F60: "22{store.batch_no}000"
  }
  reversible request {
    let reply = host.send(request, within: 1s)
    match reply.code {
      accept => {
        commit Txn(kind: sale, amount: amount, request: request, reply: reply)
        return done
      }
      capture, rekey, decline, retry, refer => {}
    }
    discard
    return declined(reply.code)
  }
}
"#;

#[test]
fn a_time_out_over_tcp_is_the_time_out_in_this_process() {
    let built = build_text("hasty.till", HASTY);
    let Some(hasty) = built.program else { panic!("{:?}", built.findings) };
    for faults in [&["silent"][..], &["late:3"], &["wrong-stan:0200"], &["host-down"], &["silent:#1"]] {
        let (_, there) = compare(&hasty, &[amount("1.00CNY")], faults);
        assert_eq!((there.ended.money, there.ended.pending), (Money::ReversalQueued, 1), "{faults:?}");
    }
}

#[test]
fn what_was_recorded_over_tcp_is_shown_again_without_a_network() {
    let sale = script("sale.till");
    let host = Host::with(&["wrong-amount"]);
    let there = run(&sale, &[amount("100.00CNY")], &[], Some(&host));
    host.end();
    let mut again = Vec::new();
    let mut watch = |happening: &Happening| again.push(happening.clone());
    let simulation = Simulation::start(Setup::new(dialect_of(&sale).expect("a dialect"))).expect("a world");
    let mut session = Session::simulated(&sale, simulation, &mut watch);
    session.replay(Replay::read(&there.trace).expect("a trace"));
    let entry = flow(&sale, None).expect("a flow");
    let ended = session.run(entry.function, &[amount("100.00CNY")]);
    drop(session);
    assert_eq!((ended.money, ended.pending), (there.ended.money, there.ended.pending));
    assert!(again.iter().any(|happening| matches!(happening, Happening::Sent { mti: 200, .. })));
}
