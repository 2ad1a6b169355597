//! The chip has the last word: what it declines is not booked, whatever a script does, and what scripts of the issuer came
//! to is told byte by byte.

use std::collections::BTreeMap;
use std::path::Path;
use tillscript::language::bytecode::program::Program;
use tillscript::language::vm::value::Value;
use tillscript::payment::amount::Amount;
use tillscript::payment::emv::tag::Tag;
use tillscript::payment::emv::tlv::{self, Reader};
use tillscript::payment::hex;
use tillscript::payment::iso8583::dialect::Mti;
use tillscript::payment::keys::block_cipher::Algorithm;
use tillscript::payment::keys::issuer_keys::{
    CardKeyOption, application_cryptogram, card_key, response_cryptogram_1, session_key,
};
use tillscript::payment::keys::mac::Padding;
use tillscript::payment::keys::secret_key::SecretKey;
use tillscript::run::happening::Happening;
use tillscript::run::program::{build, build_text, flow};
use tillscript::run::report::{Ended, Result as RunResult};
use tillscript::run::session::{Session, Terminal};
use tillscript::run::world::dialect_of;
use tillscript::world::audit::books::Books;
use tillscript::world::audit::compare::audit;
use tillscript::world::audit::violation::Wrong;
use tillscript::world::fault;
use tillscript::world::port::card_reader::{ChipAnswer, ChipVerdict, Entry, HostSaid, IssuerProof};
use tillscript::world::profile;
use tillscript::world::simulation::{Setup, Simulation};
use tillscript::world::stage::Presented;
use zeroize::Zeroizing;

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
        // Its chip wants no proof of the issuer: what a host sends here has none.
        let card = include_str!("../../scripts/cards/debit.card").to_owned() + "flags = unchecked-chip\n";
        let card = profile::parse("unchecked", "unchecked.card", &card).expect("a card");
        setup.cards.push(Presented { card, entry: None, pin: None });
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
        assert_eq!(chips, [&Happening::Chip { verdict: "TC".into(), scripts: 1, issuer: None }]);
    });
    for (fault, trouble) in [("bad-arpc", "wrong"), ("no-arpc", "missing")] {
        under(&shipped("sale.till"), &[fault], |ended, world, seen| {
            assert_eq!(code(ended), "E3004", "{fault}");
            let state = world.ports.journal.state();
            assert_eq!((state.pending.len(), state.booked.len()), (1, 0), "{fault}");
            let issuer = Some(trouble.into());
            let chip = Happening::Chip { verdict: "AAC".into(), scripts: 0, issuer };
            assert!(seen.contains(&chip), "{seen:?}");
        });
    }
}

/// Values of chip data, by tag.
fn values(data: &[u8]) -> BTreeMap<u32, Vec<u8>> {
    let reading = tlv::read(data, Reader::Strict);
    assert!(reading.error.is_none(), "{:?}", reading.error);
    reading.nodes.iter().map(|node| (node.tag.number(), node.value.to_vec())).collect()
}

/// The key of one transaction of the debit card, by the functions that are held against published vectors.
fn session(counter: &[u8]) -> SecretKey {
    let issuer = SecretKey::parse_hex(Algorithm::Des, "0123456789ABCDEFFEDCBA9876543210").unwrap();
    let debit = profile::find("debit").unwrap();
    let key = card_key(&issuer, CardKeyOption::A, &debit.pan, *b"01").unwrap();
    session_key(&key, [counter[0], counter[1], 0, 0, 0, 0, 0, 0]).unwrap()
}

/// What the cryptogram of this chip data covers.
fn covered(of: &BTreeMap<u32, Vec<u8>>, amount: &BTreeMap<u32, Vec<u8>>) -> Vec<u8> {
    let order = [0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x82, 0x9F36];
    let mut data: Vec<u8> = order.iter().flat_map(|tag| of.get(tag).unwrap_or_else(|| &amount[tag])).copied().collect();
    data.extend(&of[&0x9F10][3..7]);
    data
}

#[test]
fn chip_and_issuer_compute_what_anybody_can_check() {
    under(&shipped("sale.till"), &["issuer-script:71"], |_, world, _| {
        let asked = values(world.received(Mti(200), &[]).unwrap().get(55).unwrap());
        assert_eq!((asked[&0x9F27].as_slice(), asked[&0x9F02].as_slice()), (&[0x80][..], &[0, 0, 0, 1, 0, 0][..]));
        let key = session(&asked[&0x9F36]);
        let request = application_cryptogram(&key, &covered(&asked, &asked), Padding::OneThenZeros).unwrap();
        assert_eq!(asked[&0x9F26], request);
        // The certificate at the end is one over the same values, and the card's own results.
        let ended = values(world.received(Mti(620), &[]).unwrap().get(55).unwrap());
        assert_eq!((ended[&0x9F27].as_slice(), &ended[&0x9F10][3..7]), (&[0x40][..], &[3, 0x60, 0, 0][..]));
        let end = application_cryptogram(&key, &covered(&ended, &asked), Padding::OneThenZeros).unwrap();
        assert_eq!(ended[&0x9F26], end);
    });
}

/// What the reader says of a host's answer; `change` is done to the tags of the right one.
fn last_word(code: [u8; 2], change: impl FnOnce(&mut Vec<u8>)) -> ChipAnswer {
    let mut world = Simulation::start(Setup::new(dialect_of(&shipped("sale.till")).unwrap())).unwrap();
    let card = &mut world.ports.card;
    let read = card.read(&[Entry::Chip], Some(Amount::parse("1.00CNY").unwrap()), 60_000).result.unwrap();
    let asked = values(&read.tags.unwrap());
    let found: [u8; 8] = asked[&0x9F26].as_slice().try_into().unwrap();
    let response = response_cryptogram_1(&session(&asked[&0x9F36]), found, *b"00").unwrap();
    let mut tags = [&[0x91, 0x0A][..], &response, b"00"].concat();
    change(&mut tags);
    let said = HostSaid { approved: true, code: Some(code), tags: Some(Zeroizing::new(tags)), of: None };
    card.complete(&said, 10_000).result.unwrap().expect("a chip")
}

#[test]
fn a_chip_takes_an_approval_only_from_its_issuer() {
    let right = last_word(*b"00", |_| {});
    assert_eq!((right.verdict, right.issuer), (ChipVerdict::Tc, Some(IssuerProof::Right)));
    assert_eq!(values(&right.tags)[&0x95], [0; 5]);
    // The code may be left out of 91: the terminal's is taken, and has to be the issuer's.
    let short = |tags: &mut Vec<u8>| {
        tags.truncate(10);
        tags[1] = 8;
    };
    assert_eq!(last_word(*b"00", short).verdict, ChipVerdict::Tc);
    let wrong = [
        ("an approval that the issuer did not give", last_word(*b"11", |_| {})),
        ("the same, the code left out", last_word(*b"11", short)),
        ("another code in 91", last_word(*b"11", |tags| tags[10..].copy_from_slice(b"11"))),
        ("one bit", last_word(*b"00", |tags| tags[5] ^= 1)),
        (
            "too short",
            last_word(*b"00", |tags| {
                tags.truncate(6);
                tags[1] = 4;
            }),
        ),
        (
            "too long",
            last_word(*b"00", |tags| {
                tags.push(0x30);
                tags[1] = 11;
            }),
        ),
        ("nothing in it", last_word(*b"00", |tags| *tags = vec![0x91, 0])),
    ];
    for (what, answer) in wrong {
        assert_eq!((answer.verdict, answer.issuer), (ChipVerdict::Aac, Some(IssuerProof::Wrong)), "{what}");
        let told = values(&answer.tags);
        assert_eq!((told[&0x95].as_slice(), told[&0x9F27].as_slice()), (&[0, 0, 0, 0, 0x40][..], &[0][..]), "{what}");
        assert_eq!(told[&0x9F10][3..7], [3, 0x28, 0, 0], "{what}");
    }
    // Nothing that failed, and nothing that was done: the bit of the TVR stays, the card's own result says it.
    let missing = last_word(*b"00", Vec::clear);
    assert_eq!((missing.verdict, missing.issuer), (ChipVerdict::Aac, Some(IssuerProof::Missing)));
    let told = values(&missing.tags);
    assert_eq!((told[&0x95].as_slice(), &told[&0x9F10][3..7]), (&[0; 5][..], &[3, 0x20, 4, 0][..]));
}

#[test]
fn each_reading_counts_and_draws_a_new_number_the_same_in_every_run() {
    let two = |seed: u64| {
        let mut setup = Setup::new(dialect_of(&shipped("sale.till")).unwrap());
        setup.seed = seed;
        let mut world = Simulation::start(setup).unwrap();
        [0, 1].map(|_| {
            let read = world.ports.card.read(&[Entry::Chip], None, 60_000).result.unwrap();
            values(&read.tags.unwrap())
        })
    };
    let [first, second] = two(7);
    assert_eq!((first[&0x9F36].as_slice(), second[&0x9F36].as_slice()), (&[0, 42][..], &[0, 43][..]));
    assert_ne!(first[&0x9F37], second[&0x9F37]);
    assert_eq!(two(7), [first.clone(), second]);
    assert_ne!(two(8)[0][&0x9F37], first[&0x9F37]);
}

/// A reversal has of the chip data of its request what its dialect lists.
#[test]
fn a_reversal_repeats_the_short_list() {
    under(&shipped("sale.till"), &["silent"], |_, world, _| {
        let request = values(world.received(Mti(200), &[]).unwrap().get(55).unwrap());
        let waiting = &world.ports.journal.state().pending[0].due;
        let reversal = waiting.open(&world.ports.seal).unwrap();
        let told = values(reversal.get(55).expect("field 55"));
        assert_eq!(told.keys().copied().collect::<Vec<_>>(), [0x95, 0x9F10, 0x9F1E, 0x9F36]);
        assert!(told.iter().all(|(tag, value)| request[tag] == *value));
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
