//! When a reversal is needless, and that it is kept wherever it might not be.

#[path = "reversal/booked.rs"]
mod booked;

use super::exchange::{Obliging, reply};
use std::cell::RefCell;
use std::rc::Rc;
use tillscript::language::bytecode::program::Program;
use tillscript::language::vm::value::Value;
use tillscript::payment::amount::Amount;
use tillscript::payment::iso8583::dialect::Mti;
use tillscript::payment::iso8583::message::Message;
use tillscript::run::happening::Happening;
use tillscript::run::program::{build_text, flow};
use tillscript::run::report::{Ended, Result as RunResult};
use tillscript::run::session::{CutAt, Session};
use tillscript::run::world::dialect_of;
use tillscript::script_error::catalogue::{self, storage};
use tillscript::script_error::error::Money;
use tillscript::world::fault;
use tillscript::world::port::failure::Failure;
use tillscript::world::port::host_link::{HostLink, LinkFailure};
use tillscript::world::port::journal::{Journal, JournalState};
use tillscript::world::port::record::Record;
use tillscript::world::port::waited::Waited;
use tillscript::world::profile;
use tillscript::world::simulation::{Setup, Simulation};
use tillscript::world::stage::Presented;

/// A flow whose region holds these lines.
fn program(region: &str) -> Program {
    program_with("reversible m", region)
}

/// The same, with a region that begins so.
fn program_with(head: &str, region: &str) -> Program {
    built(head, &[], region)
}

/// The same, with a request that lacks these lines.
fn program_without(lines: &[&str], region: &str) -> Program {
    built("reversible m", lines, region)
}

/// The same, with a request that allows the host to approve a part.
fn program_for_a_part(region: &str) -> Program {
    let field = "F60: \"22{store.batch_no}000";
    let text = text_of("reversible m", &[], region);
    compiled(&text.replace(field, &format!("{field}{{numbers.conditions(false)}}")))
}

fn built(head: &str, without: &[&str], region: &str) -> Program {
    compiled(&text_of(head, without, region))
}

fn compiled(text: &str) -> Program {
    let built = build_text("case.till", text);
    built.program.unwrap_or_else(|| panic!("{:#?}", built.findings))
}

fn text_of(head: &str, without: &[&str], region: &str) -> String {
    let text = format!(
        r#"import cn_pos.dialect
import cn_pos.codes
import cn_pos.numbers

error Stopped E4301 hardware {{
  cashier
    zh "终端停住了。"
    en "The terminal stopped."
  cardholder
    zh "请稍候。"
    en "Please wait."
  support
    zh "自检失败。"
    en "A self-check failed."
}}

receipt slip() {{
  rule
}}

flow decide(m: Message, amount: Amount, reply: Reply) -> Bool {{
  step "{{m.mti}}{{amount}}"
  return reply.code == approved
}}

pub flow f(amount: Amount) -> Outcome
  uses card, host, printer, store
{{
  let c = card.read(accept: [chip, tap, stripe], amount: amount, within: 60s)
  let m = message 0200 {{
    F2: c.pan
    F3: "000000"
    F4: amount
    F11: host.next_stan()
    F14: c.expiry
    F22: numbers.entry_mode(c.entry, false)
    F25: "00"
    F35: c.track2
    F41: store.terminal_id
    F42: store.merchant_id
    F49: amount.currency_number
    F60: "22{{store.batch_no}}000"
  }}
  {head} {{
{region}
  }}
  return done
}}
"#
    );
    without.iter().fold(text, |text, line| text.replace(&format!("    {line}\n"), ""))
}

const SEND: &str = "let reply = host.send(m, within: 60s)\n";
const DECIDE: &str = "match reply.code {
      accept => commit Txn(kind: KIND, amount: amount, request: m, reply: reply)
      decline, capture, rekey, retry, refer => discard
    }\n";

/// Runs the flow in a world; gives how it ended and what happened, with the session for a look around.
fn run(
    program: &Program,
    fault: &str,
    prepare: impl FnOnce(&mut Session<'_>),
    look: impl FnOnce(&mut Session<'_>, &Ended, &dyn Fn() -> Vec<String>),
) {
    run_by(program, profile::find("prepaid").expect("a card"), fault, prepare, look);
}

/// The same by another card.
fn run_by(
    program: &Program,
    card: profile::CardProfile,
    fault: &str,
    prepare: impl FnOnce(&mut Session<'_>),
    look: impl FnOnce(&mut Session<'_>, &Ended, &dyn Fn() -> Vec<String>),
) {
    let mut setup = Setup::new(dialect_of(program).expect("a dialect"));
    setup.cards = vec![Presented { card, entry: None, pin: None }];
    if !fault.is_empty() {
        setup.faults.push(fault::parse(fault).expect("a fault"));
    }
    let happened = Rc::new(RefCell::new(Vec::new()));
    let seen = happened.clone();
    let mut watch = move |happening: &Happening| {
        let word = match happening {
            Happening::ReversalRecorded { .. } => "recorded".to_string(),
            Happening::Sent { mti, .. } => format!("{mti:04}"),
            Happening::NeverSent { cause, .. } => format!("never sent: {cause}"),
            Happening::ReversalQueued { reason, .. } => format!("queued: {reason}"),
            Happening::Booked { .. } => "booked".to_string(),
            Happening::Discarded { .. } => "discarded".to_string(),
            Happening::ReversalClosed { by, .. } => format!("closed: {by}"),
            _ => return,
        };
        seen.borrow_mut().push(word);
    };
    let simulation = Simulation::start(setup).expect("a world");
    let mut session = Session::simulated(program, simulation, &mut watch);
    prepare(&mut session);
    let entry = flow(program, None).expect("a flow");
    let amount = Value::Amount(Amount::parse("100.00CNY").expect("an amount"));
    let ended =
        session.run(entry.function, if entry.parameters.is_empty() { &[] } else { std::slice::from_ref(&amount) });
    look(&mut session, &ended, &|| happened.borrow().clone());
}

/// The host and the terminal agree once the line is mended and the terminal has started again; nothing waits.
fn agree(session: &mut Session<'_>, case: &str) {
    session.ports.simulation().expect("simulated").mend();
    session.restart();
    let world = session.ports.simulation().expect("simulated");
    assert_eq!(world.host_ledger(), world.batch_ledger(), "{case}");
    assert!(session.ports.journal.state().pending.is_empty(), "{case}");
}

#[test]
fn an_error_before_the_request_leaves_needs_no_reversal() {
    let failing = format!("if store.signed_in {{ fail Stopped }}\n{SEND}{DECIDE}").replace("KIND", "sale");
    let program = program(&failing);
    run(
        &program,
        "",
        |_| {},
        |session, ended, happened| {
            assert!(
                matches!(&ended.result, RunResult::Failed(error) if error.code == "E4301" && error.money == Money::NotMoved)
            );
            assert_eq!((ended.money, ended.pending), (Money::NotMoved, 0));
            assert_eq!(happened(), ["recorded", "never sent: E4301"]);
            agree(session, "E4301");
            assert_eq!(happened(), ["recorded", "never sent: E4301"], "nothing goes out afterwards either");
        },
    );
}

#[test]
fn a_line_that_cannot_be_had_needs_no_reversal() {
    let program = program(&format!("{SEND}{DECIDE}").replace("KIND", "sale"));
    run(
        &program,
        "no-line",
        |_| {},
        |session, ended, happened| {
            assert_eq!((ended.money, ended.pending), (Money::NotMoved, 0));
            assert_eq!(happened(), ["recorded", "0200", "never sent: T5001"]);
            agree(session, "no-line");
        },
    );
}

#[test]
fn whatever_may_have_left_keeps_its_reversal() {
    let program = program(&format!("{SEND}{DECIDE}").replace("KIND", "sale"));
    // The reversal says why it comes: no reply, a wrong MAC, anything else.
    for (fault, reason) in [("silent", "98"), ("line-drop", "06"), ("bad-mac", "A0"), ("garbled", "06")] {
        run(
            &program,
            fault,
            |_| {},
            |session, ended, happened| {
                assert_eq!((ended.money, ended.pending), (Money::ReversalQueued, 1), "{fault}");
                assert_eq!(happened().last(), Some(&format!("queued: {reason}")), "{fault}");
                agree(session, fault);
            },
        );
    }
}

/// A line that is not there at first and then swallows what it is given.
struct Treacherous {
    asked: u32,
}

impl HostLink for Treacherous {
    fn exchange(&mut self, _: &[u8], within_ms: i64) -> Waited<Result<Vec<u8>, LinkFailure>> {
        self.asked += 1;
        let failure = if self.asked == 2 { LinkFailure::Timeout } else { LinkFailure::NoLine };
        Waited::new(within_ms, Err(failure))
    }
}

#[test]
fn a_second_attempt_that_may_have_left_keeps_the_reversal() {
    let send = "let reply = host.send(m, within: 60s)\n      on no_line retry 1\n";
    let program = program(&format!("{send}{DECIDE}").replace("KIND", "sale"));
    run(
        &program,
        "",
        |session| session.ports.host = Box::new(Treacherous { asked: 0 }),
        |_, ended, happened| {
            assert_eq!((ended.money, ended.pending), (Money::ReversalQueued, 1));
            assert_eq!(happened(), ["recorded", "0200", "0200", "queued: 98"]);
        },
    );
}

#[test]
fn an_error_after_a_lost_request_keeps_the_reversal_whatever_its_name() {
    // The error that leaves the region is not the one of the line.
    let send = "let reply = host.send(m, within: 60s)\n      on timeout => fail Stopped\n";
    let program = program(&format!("{send}{DECIDE}").replace("KIND", "sale"));
    run(
        &program,
        "silent",
        |_| {},
        |session, ended, happened| {
            assert_eq!((ended.money, ended.pending), (Money::ReversalQueued, 1));
            assert_eq!(happened(), ["recorded", "0200", "queued: 06"]);
            agree(session, "silent");
        },
    );
}

#[test]
fn what_the_script_reverses_is_reversed() {
    let program = program("    reverse\n");
    run(
        &program,
        "",
        |_| {},
        |session, ended, happened| {
            assert_eq!((ended.money, ended.pending), (Money::ReversalQueued, 1));
            assert_eq!(happened(), ["recorded", "queued: 06"]);
            agree(session, "reverse");
        },
    );
}

/// A journal that cannot write why nothing was sent.
struct Stubborn(Box<dyn Journal>);

impl Journal for Stubborn {
    fn append(&mut self, record: Record) -> Result<(), Failure> {
        match record {
            Record::NeverSent { .. } => Err(Failure::new(storage::STORAGE_FULL)),
            record => self.0.append(record),
        }
    }

    fn state(&self) -> &JournalState {
        self.0.state()
    }
}

#[test]
fn a_reason_that_cannot_be_written_keeps_the_reversal() {
    let failing = format!("if store.signed_in {{ fail Stopped }}\n{SEND}{DECIDE}").replace("KIND", "sale");
    let program = program(&failing);
    run(
        &program,
        "",
        |session| {
            let other =
                Simulation::start(Setup::new(dialect_of(session.program).expect("a dialect"))).expect("a world");
            let own = std::mem::replace(&mut session.ports.journal, other.ports.journal);
            session.ports.journal = Box::new(Stubborn(own));
        },
        |session, ended, happened| {
            assert_eq!((ended.money, ended.pending), (Money::ReversalQueued, 1));
            assert_eq!(happened(), ["recorded", "queued: 06"]);
            session.restart();
            assert!(session.ports.journal.state().pending.is_empty());
            assert_eq!(session.ports.simulation().expect("simulated").host_ledger().len(), 0);
        },
    );
}

#[test]
fn a_power_cut_at_any_point_leaves_host_and_terminal_agreed() {
    let regions = [
        format!("if store.signed_in {{ fail Stopped }}\n{SEND}{DECIDE}"),
        format!("printer.print(slip())\n{SEND}{DECIDE}"),
        format!("{SEND}if store.signed_in {{ fail Stopped }}\n{DECIDE}"),
        format!("{SEND}{DECIDE}"),
    ];
    let mut cuts = 0;
    for region in regions {
        let program = program(&region.replace("KIND", "sale"));
        for fault in ["", "no-line", "silent", "line-drop", "bad-mac", "paper-out", "reply:51"] {
            let mut requests = 0;
            run(&program, fault, |_| {}, |session, _, _| requests = session.requests);
            for request in 1..=requests {
                for done in [false, true] {
                    let case = format!("{fault} cut at request {request}, done: {done}\n{region}");
                    run(
                        &program,
                        fault,
                        |session| session.power = Some(CutAt { request, done }),
                        |session, ended, happened| {
                            assert!(matches!(ended.result, RunResult::PowerCut(_)), "{case}: {ended:?}");
                            let sent = happened().iter().filter(|word| *word == "0200").count();
                            let dropped = happened().iter().any(|word| word.starts_with("never sent"));
                            assert!(!dropped || fault == "no-line" || sent == 0, "{case}: {:?}", happened());
                            let waits = session.ports.journal.state().pending.len();
                            assert_eq!(ended.pending, waits, "{case}");
                            if waits == 0 {
                                // What the journal does not hold, it has decided.
                                assert_ne!(ended.money, Money::ReversalQueued, "{case}");
                            }
                            agree(session, &case);
                        },
                    );
                    cuts += 1;
                }
            }
        }
    }
    assert!(cuts > 300, "only {cuts} cuts");
}

/// Puts a host into the session that answers as a test wants; gives what it is asked.
fn oblige(
    session: &mut Session<'_>,
    answer: impl FnMut(&Message) -> Option<Message> + 'static,
) -> Rc<RefCell<Vec<Message>>> {
    let host = Obliging::new(&dialect_of(session.program).expect("a dialect"), answer);
    let asked = host.asked.clone();
    session.ports.host = Box::new(host);
    asked
}

#[test]
fn only_an_authenticated_yes_closes_a_reversal() {
    let program = program(&format!("{SEND}{DECIDE}").replace("KIND", "sale"));
    // The host knows of no such sale, or has reversed it, but nobody can tell that it was the host; or it says no.
    for (code, mac) in [("25", true), ("12", true), ("00", true), ("00", false), ("25", false), ("96", false)] {
        let answer = move |request: &Message| {
            (request.mti == Mti(400)).then(|| {
                let mut reply = reply(request, &[3, 11, 41, 42], code);
                if mac {
                    reply.set(64, [0xA5_u8; 8].as_slice());
                }
                reply
            })
        };
        run(
            &program,
            "",
            |session| {
                oblige(session, answer);
            },
            |session, _, happened| {
                session.restart();
                assert!(!happened().iter().any(|word| word.starts_with("closed")), "{code}: {:?}", happened());
                let pending = &session.ports.journal.state().pending;
                assert_eq!(pending.len(), 1, "{code}");
                assert_eq!(pending[0].attempts, 1, "{code}: it was tried");
                let amount = pending[0].due.amount.expect("its amount is kept for people to read");
                assert_eq!(amount.to_string(), "100.00 CNY");
            },
        );
    }
}

#[test]
fn a_sign_in_sends_what_waits_first_and_goes_out_all_the_same() {
    let region = "let reply = host.send(m, within: 60s)
      on timeout => {
        reverse
        host.send(
          message 0800 {
            F11: host.next_stan()
            F41: store.terminal_id
            F42: store.merchant_id
            F60: \"00{store.batch_no}003\"
            F63: store.operator
          },
          within: 60s
        )
          on timeout => return failed(Stopped)
        return done
      }\n";
    let program = program(&format!("{region}{DECIDE}").replace("KIND", "sale"));
    run(
        &program,
        "",
        |session| {
            oblige(session, |_| None);
        },
        |_, ended, happened| {
            assert_eq!(happened(), ["recorded", "0200", "queued: 06", "0400", "0800"]);
            assert_eq!(ended.pending, 1);
        },
    );
}

#[test]
fn the_reversal_a_script_writes_is_the_one_that_goes_out() {
    let region = format!("{SEND}{DECIDE}").replace("KIND", "sale");
    for (head, written) in [
        ("reversible m by message 0400 from m { F61: \"000001000002\" }", Some("000001000002")),
        ("reversible m", None),
    ] {
        let program = program_with(head, &region);
        let asked = RefCell::new(None);
        run(
            &program,
            "",
            |session| {
                asked.replace(Some(oblige(session, |_| None)));
            },
            |session, _, _| {
                session.restart();
                let asked = asked.borrow().clone().expect("a host");
                let asked = asked.borrow();
                let [sale, reversal] = asked.as_slice() else { panic!("{} messages", asked.len()) };
                assert_eq!((sale.mti, reversal.mti), (Mti(200), Mti(400)));
                assert_eq!(reversal.text(61), written);
                assert_eq!(reversal.text(11), sale.text(11), "the number is that of the sale");
            },
        );
    }
}

#[test]
fn a_request_outside_every_region_is_told_as_that() {
    let example = catalogue::find("T8102").expect("a row").example;
    let program = build_text("case.till", example).program.expect("it builds");
    run(
        &program,
        "",
        |_| {},
        |_, ended, happened| {
            let RunResult::Failed(error) = &ended.result else { panic!("{ended:?}") };
            let detail = error.facts.iter().find(|(name, _)| name == "detail").map(|(_, said)| said.en.as_str());
            assert_eq!(detail, Some("a request that moves money was sent outside a reversible region"));
            assert!(happened().is_empty(), "nothing was recorded, nothing left: {:?}", happened());
        },
    );
}

#[test]
fn a_question_may_be_asked_inside_a_region() {
    let question = "host.send(
        message 0200 {
          F2: c.pan
          F3: \"310000\"
          F11: host.next_stan()
          F22: numbers.entry_mode(c.entry, false)
          F25: \"00\"
          F41: store.terminal_id
          F42: store.merchant_id
          F49: \"156\"
          F60: \"01{store.batch_no}\"
        },
        within: 60s
      )\n";
    let decide = DECIDE.replace("KIND", "sale");
    for region in
        [format!("{question}{SEND}{decide}"), format!("{SEND}{question}{decide}"), format!("{SEND}{decide}{question}")]
    {
        run(
            &program(&region),
            "",
            |_| {},
            |session, ended, happened| {
                assert!(matches!(ended.result, RunResult::Done(_)), "{region}: {ended:?}");
                assert_eq!(ended.money, Money::Moved, "{region}: {:?}", happened());
                agree(session, &region);
            },
        );
    }
}

/// Runs the flow of a session once more, with this amount.
fn again(session: &mut Session<'_>, amount: &str) -> Ended {
    let entry = flow(session.program, None).expect("a flow");
    session.run(entry.function, &[Value::Amount(Amount::parse(amount).expect("an amount"))])
}

#[test]
fn what_is_declined_is_discarded_at_once_and_for_good() {
    let program = program(&format!("{SEND}{DECIDE}").replace("KIND", "sale"));
    run(
        &program,
        "reply:51",
        |_| {},
        |session, ended, happened| {
            assert_eq!(happened(), ["recorded", "0200", "discarded"]);
            assert_eq!((ended.pending, session.open, session.booked), (0, None, None));
            assert!(session.ports.journal.state().pending.is_empty());
            session.restart();
            assert_eq!(happened(), ["recorded", "0200", "discarded"], "nothing goes out afterwards");
        },
    );
}

#[test]
fn a_second_run_knows_nothing_of_the_first() {
    let failing = format!("if amount < 50.00 CNY {{ fail Stopped }}\n{SEND}{DECIDE}").replace("KIND", "sale");
    let program = program(&failing);
    run(
        &program,
        "",
        |_| {},
        |session, _, happened| {
            assert!(session.open.is_none() && session.booked.is_some());
            // The request of the first run left the terminal; that of the second did not.
            let ended = again(session, "10.00CNY");
            assert_eq!(happened(), ["recorded", "0200", "booked", "recorded", "never sent: E4301"]);
            assert_eq!((ended.money, ended.pending, session.booked), (Money::NotMoved, 0, None));
            agree(session, "the second run");
        },
    );
}

#[test]
fn what_waits_goes_first_or_nothing_new_is_intended() {
    let program = program(&format!("{SEND}{DECIDE}").replace("KIND", "sale"));
    run(
        &program,
        "",
        |session| {
            oblige(session, |_| None);
        },
        |session, _, happened| {
            let waits = &session.ports.journal.state().pending;
            assert_eq!(waits.len(), 1);
            assert_eq!(waits[0].due.name, "sale", "for people to read");
            assert!(waits[0].due.card.contains("****"), "{}", waits[0].due.card);
            let ended = again(session, "10.00CNY");
            assert!(matches!(&ended.result, RunResult::Failed(error) if error.code == "T5106"), "{ended:?}");
            // Tried when the run begins, and once more before it would record the next.
            assert_eq!(happened(), ["recorded", "0200", "queued: 98", "0400", "0400"], "no second record");
            assert_eq!(session.ports.journal.state().pending.len(), 1);
        },
    );
}

/// The power goes where the fault says, and not a step later.
#[test]
fn the_power_can_go_before_and_after_each_record_about_the_money() {
    let program = program(&format!("{SEND}{DECIDE}").replace("KIND", "sale"));
    let points = [
        ("before-journal", &[][..], 0),
        ("after-journal", &["recorded"], 1),
        ("after-commit", &["recorded", "0200", "booked"], 0),
    ];
    for (point, happens, waits) in points {
        run(
            &program,
            &format!("power-cut:{point}"),
            |_| {},
            |session, ended, happened| {
                assert!(matches!(ended.result, RunResult::PowerCut(_)), "{point}: {ended:?}");
                assert_eq!(happened(), happens, "{point}");
                assert_eq!(session.ports.journal.state().pending.len(), waits, "{point}");
                agree(session, point);
            },
        );
    }
}
