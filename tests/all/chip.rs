//! The chip has the last word: what it declines is not booked, whatever a script does, and what scripts of the issuer came
//! to is told byte by byte.

use std::path::Path;
use tillscript::language::bytecode::program::Program;
use tillscript::language::vm::value::Value;
use tillscript::payment::amount::Amount;
use tillscript::payment::emv::tag::Tag;
use tillscript::payment::emv::tlv::{self, Reader};
use tillscript::payment::hex;
use tillscript::payment::iso8583::dialect::Mti;
use tillscript::run::happening::Happening;
use tillscript::run::program::{build, build_text, flow};
use tillscript::run::report::{Ended, Result as RunResult};
use tillscript::run::session::{Session, Terminal};
use tillscript::run::world::dialect_of;
use tillscript::world::audit::books::Books;
use tillscript::world::audit::compare::audit;
use tillscript::world::audit::violation::Wrong;
use tillscript::world::fault;
use tillscript::world::simulation::{Setup, Simulation};

fn program(text: &str) -> Program {
    let built = build_text("chip.till", text);
    built.program.unwrap_or_else(|| panic!("{:?}", built.findings))
}

fn shipped(name: &str) -> Program {
    let built = build(&Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts").join(name));
    built.program.unwrap_or_else(|| panic!("{:?}", built.findings))
}

/// Runs the first flow for 100.00 CNY under faults, and looks at the world afterwards.
fn under<T>(program: &Program, faults: &[&str], look: impl FnOnce(&Ended, &Simulation, &[Happening]) -> T) -> T {
    let mut setup = Setup::new(dialect_of(program).expect("a dialect"));
    setup.faults.extend(faults.iter().map(|name| fault::parse(name).expect("a fault")));
    let simulation = Simulation::start(setup).expect("a world");
    let mut seen = Vec::new();
    let mut watch = |happening: &Happening| seen.push(happening.clone());
    let mut session = Session::simulated(program, simulation, &mut watch);
    let entry = flow(program, None).expect("a flow");
    let ended = session.run(entry.function, &[Value::Amount(Amount::parse("100.00CNY").unwrap())]);
    let Terminal::Simulated(world) = session.into_terminal();
    look(&ended, &world, &seen)
}

fn code(ended: &Ended) -> String {
    match &ended.result {
        RunResult::Failed(error) => error.code.to_string(),
        other => format!("{other:?}"),
    }
}

/// A sale that asks the chip where `BEFORE` or `BEHIND` stands, and does not look at what it says.
const DEAF: &str = r#"
import cn_pos.dialect
import cn_pos.codes
import cn_pos.numbers

pub flow deaf(amount: Amount) -> Outcome uses card, host, pinpad, store {
  let c = card.read(accept: [chip], within: 60s)
    on cancel, timeout => return cancelled
  let pin = pinpad.enter_pin(for: c.pan, digits: 6, within: 60s)
    on cancel, timeout => return cancelled
  let request = message 0200 {
    F2: c.pan
    F3: "000000"
    F4: amount
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
    F55: c.tags
    F60: "22{store.batch_no}000"
  }
  reversible request {
    let reply = host.send(request, within: 60s)
    match reply.code {
      accept => {
        BEFORE
        commit Txn(kind: sale, amount: amount, request: request, reply: reply)
        BEHIND
        return done
      }
      capture, rekey, decline, retry, refer => {}
    }
    discard
    return declined(reply.code)
  }
}
"#;

fn deaf(place: &str) -> Program {
    let ask = "if card.complete(reply, within: 10s) == none {\n          return cancelled\n        }";
    let other = if place == "BEFORE" { "BEHIND" } else { "BEFORE" };
    // A chip that was read gives an answer, so the way out is never taken; before `commit` it has to decide.
    let ask = if place == "BEFORE" {
        ask.replace("return cancelled", "reverse\n          return cancelled")
    } else {
        ask.into()
    };
    program(&DEAF.replace(place, &ask).replace(other, ""))
}

#[test]
fn what_the_chip_declined_cannot_be_committed() {
    under(&deaf("BEFORE"), &["chip-declines"], |ended, world, _| {
        assert_eq!(code(ended), "T8102");
        let state = world.ports.journal.state();
        assert_eq!((state.pending.len(), state.booked.len()), (1, 0), "it is reversed");
        assert_eq!(state.pending[0].reason.map(|reason| reason.to_string()).as_deref(), Some("06"));
    });
    under(&deaf("BEFORE"), &[], |ended, world, _| {
        assert!(matches!(ended.result, RunResult::Done(_)), "{ended:?}");
        assert_eq!(world.ports.journal.state().booked.len(), 1);
    });
}

#[test]
fn a_chip_that_is_asked_too_late_is_found_by_the_audit() {
    let wrong = |faults: &[&str]| {
        under(&deaf("BEHIND"), faults, |_, world, _| {
            world.look(|stage| {
                let journal = world.ports.journal.state();
                let ledger = &stage.acquirer.ledger;
                let chip_declined = Some(&stage.chip_declined);
                let found = audit(Books { journal, ledger, paper: None, line: None, chip_declined });
                found.iter().map(|violation| violation.what).collect::<Vec<_>>()
            })
        })
    };
    assert_eq!(wrong(&[]), []);
    assert_eq!(wrong(&["chip-declines"]), [Wrong::ChipDeclined]);
}

/// The value of a tag in field 55 of the script result that the host has.
fn told(faults: &[&str], tag: u32) -> String {
    under(&shipped("sale.till"), faults, |_, world, _| {
        let message = world.received(Mti(620), &[]).expect("a script result");
        let bytes = message.get(55).expect("field 55").to_vec();
        let reading = tlv::read(&bytes, Reader::Strict);
        assert!(reading.error.is_none(), "{:?}", reading.error);
        hex::encode(tlv::find(&reading.nodes, Tag::new(tag)).expect("the tag").value).to_string()
    })
}

#[test]
fn the_result_of_a_script_says_what_became_of_it() {
    // Performed: 2; failed at the first command: 11. Then the script's identifier.
    for (faults, result, verification) in [
        (&["issuer-script:71"][..], "2000000001", "0000000000"),
        (&["issuer-script:72"], "2000000001", "0000000000"),
        (&["issuer-script:71", "script-fails"], "1100000001", "0000000020"),
        (&["issuer-script:72", "script-fails"], "1100000001", "0000000010"),
    ] {
        assert_eq!(told(faults, 0xDF31), result, "{faults:?}");
        assert_eq!(told(faults, 0x95), verification, "{faults:?}");
        assert_eq!(told(faults, 0x9F27), "40", "{faults:?}");
    }
    // It is kept before the flow fails, and goes out with the next message.
    under(&shipped("sale.till"), &["issuer-script", "chip-declines"], |ended, world, _| {
        assert_eq!(code(ended), "E3004");
        let notices = &world.ports.journal.state().day.notices;
        assert_eq!(notices.iter().map(|notice| notice.due.mti).collect::<Vec<_>>(), [Mti(620)]);
    });
}

#[test]
fn a_script_that_is_none_is_not_performed_and_harms_nothing() {
    let program = shipped("sale.till");
    let (many, all_alike) = ("7200".repeat(127), "0000000000".repeat(20));
    let cases: [(&str, Option<&str>); 5] = [
        // No command; a command of two bytes; longer than a terminal has to take.
        ("72079F180400000002", Some("0000000002")),
        ("72048602841E", Some("0000000000")),
        // So many that their results would not fit, and so long that none is run.
        (&many, Some(&all_alike)),
        // Not BER at all: the chip is asked all the same, and nothing is told.
        ("72FFFFFFFF", None),
        ("", None),
    ];
    for (bytes, result) in cases {
        let mut setup = Setup::new(dialect_of(&program).expect("a dialect"));
        setup.now_ms += 1;
        let mut simulation = Simulation::start(setup).expect("a world");
        simulation.reply_with(vec![(55, hex::decode(bytes.as_bytes()).expect("hex").to_vec())]);
        let mut watch = |_: &Happening| {};
        let mut session = Session::simulated(&program, simulation, &mut watch);
        let entry = flow(&program, None).expect("a flow");
        let ended = session.run(entry.function, &[Value::Amount(Amount::parse("100.00CNY").unwrap())]);
        assert!(matches!(ended.result, RunResult::Approved(_)), "{bytes}: {ended:?}");
        let Terminal::Simulated(world) = session.into_terminal();
        let told = world.received(Mti(620), &[]).map(|message| {
            let bytes = message.get(55).expect("field 55").to_vec();
            let reading = tlv::read(&bytes, Reader::Strict);
            hex::encode(tlv::find(&reading.nodes, Tag::new(0xDF31)).expect("DF31").value).to_string()
        });
        assert_eq!(told.as_deref(), result, "{bytes}");
    }
}

/// What the terminal shows of a chip holds nothing of its data.
#[test]
fn what_is_shown_of_a_chip_is_its_verdict() {
    under(&shipped("sale.till"), &["issuer-script"], |_, _, seen| {
        let chips: Vec<&Happening> = seen.iter().filter(|one| matches!(one, Happening::Chip { .. })).collect();
        assert_eq!(chips, [&Happening::Chip { verdict: "TC".into(), scripts: 1 }]);
    });
}

/// A host that may answer a notice without field 39.
const LAX: &str = r#"
import cn_pos.dialect
import cn_pos.codes
import cn_pos.numbers

dialect lax extends cn_pos {
  message 0220 for "20" refund zh "退货" en "Refund" {
    needs F3 F4 F11 F22 F25 F37 F41 F42 F49 F60 F61 F63
    may F2
    reply F3 F11 F41 F42
    echoes F3 F4 F11 F41 F42 F49
    match F3 F11 F41 F42
    mac wait 60s
  }
}

pub flow give_back(amount: Amount) -> Outcome uses card, host, notices, store {
  let c = card.read(accept: [chip], within: 60s)
    on cancel, timeout => return cancelled
  notices.keep(message 0220 {
    F2: c.pan
    F3: "200000"
    F4: amount
    F11: host.next_stan()
    F22: numbers.entry_mode(c.entry, false)
    F25: "00"
    F37: "010509000001"
    F41: store.terminal_id
    F42: store.merchant_id
    F49: "156"
    F60: "25{store.batch_no}000"
    F61: "0000000000000104"
    F63: "CUP"
  }, books: refund)
  notices.send(within: 60s)
  return done
}

test "a reply without field 39 is named" {
  given terminal.fault("no-response-code:0220")
  expect give_back(1.00 CNY) == done
  expect notices.waiting == 1
  expect notices.trouble == "000001 T5105"
}
"#;

#[test]
fn a_reply_to_a_notice_without_a_response_code_is_named() {
    let program = program(LAX);
    for verdict in tillscript::run::suite::run(&program, 0, None) {
        assert!(verdict.failure.is_none(), "{verdict:?}");
    }
}
