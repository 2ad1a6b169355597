//! Money flows in the simulated world: the real session beside the reference, each with a terminal of its own.
//!
//! The machine runs in `Session::run`. The reference asks the same world through `devices::answer`, from an equal
//! start. Compared are how the run ended, the bytes of the journal, the host's ledger and the batch.

use super::dice::Dice;
use super::planted::Planted;
use super::reference::evaluator::{Ended, Evaluator, Told, World};
use super::reference::value::Value;
use bumpalo::Bump;
use std::path::{Path, PathBuf};
use tillscript::language::builtin::row::Op;
use tillscript::language::bytecode::program::Program;
use tillscript::language::check::checked::{Checked, FunctionId};
use tillscript::language::check::program::check;
use tillscript::language::compile::program::compile;
use tillscript::language::vm::value::{Answer, Value as Border};
use tillscript::payment::amount::Amount;
use tillscript::payment::currency::Currency;
use tillscript::run::answer::Said;
use tillscript::run::devices::{self, Stop};
use tillscript::run::happening::Happening;
use tillscript::run::report::Result as RunResult;
use tillscript::run::session::Session;
use tillscript::run::source_files;
use tillscript::run::world::dialect_of;
use tillscript::script_error::finding::Severity;
use tillscript::script_error::source::FileId;
use tillscript::world::fault;
use tillscript::world::simulation::{Setup, Simulation};

/// The world of a session, as the reference asks it.
struct InSession<'s, 'w> {
    session: &'s mut Session<'w>,
}

impl World for InSession<'_, '_> {
    fn answer(&mut self, op: Op, arguments: &[Border]) -> Told {
        match devices::answer(self.session, op, arguments) {
            Ok(value) => Told::Value(value),
            Err(Stop::Failed(failure)) => Said::Failed(failure).lend(&Bump::new(), |answer| match answer {
                Answer::Failed { code, facts } => {
                    let fact = |fact: &(&str, &str, &str)| (fact.0.into(), fact.1.into(), fact.2.into());
                    Told::Failed(code.into(), facts.iter().map(fact).collect())
                }
                _ => unreachable!("a failure is lent as one"),
            }),
            Err(Stop::PowerCut(_)) => unreachable!("no fault here cuts the power"),
        }
    }
}

/// One or two sales, with every legal way out.
fn write(seed: u64) -> String {
    let mut dice = Dice::new(seed ^ 0x5A1E);
    let word = |dice: &mut Dice, words: &[&'static str]| words[dice.below(words.len())];
    let no_line = match dice.below(4) {
        0 => String::new(),
        1 => "      on no_line => {\n        discard\n        fail NoLine\n      }\n".into(),
        2 => "      on no_line retry 2 every 1s => {\n        reverse\n        return cancelled\n      }\n".into(),
        _ => "      on no_line => {\n        discard\n        return cancelled\n      }\n".into(),
    };
    let timeout = match dice.below(4) {
        0 => "      on timeout, line_dropped => {\n        reverse\n        return failed(Timeout)\n      }\n",
        1 => "      on other e => fail e\n",
        2 => "      on timeout => fail Cancelled\n",
        _ => "",
    };
    let approved = match dice.below(6) {
        0 => "        reverse\n".to_string(),
        1 => "        fail Overflow\n".to_string(),
        _ => format!(
            "        let t = Txn(kind: {}, amount: amount, request: request, reply: reply)\n        commit t\n{}{}",
            word(&mut dice, &["sale", "refund"]),
            word(&mut dice, &["", "        log.info(\"booked {reply.code}\")\n", "        screen.clear()\n"]),
            word(&mut dice, &["", "        return approved(t)\n"]),
        ),
    };
    let refused = word(
        &mut dice,
        &[
            "        discard\n        return declined(reply.code)\n",
            "        discard\n",
            "        reverse\n",
            "        screen.show(reply.code.meaning)\n        discard\n",
        ],
    );
    let pin = dice.percent(60);
    let pin_step = if pin {
        "  let pin: PinBlock? = pinpad.enter_pin(for: c.pan, digits: 6, within: 60s)\n"
    } else {
        "  let pin: PinBlock? = none\n"
    };
    let taken =
        word(&mut dice, &["amount: Amount = asked", "amount: Amount = asked + 0.01 CNY", "amount = asked * 50%"]);
    let before = word(&mut dice, &["", "    log.info(\"in the region\")\n", "    step \"联机\"\n"]);
    format!(
        "edition 1

import cn_pos.dialect
import cn_pos.codes
import cn_pos.numbers

pub flow sell(asked: Amount) -> Outcome uses card, host, log, pinpad, screen, store {{
  let c = card.read(accept: [chip, tap, stripe], within: 60s)
{pin_step}  let {taken}
  let request = message 0200 {{
    F2: c.pan
    F3: \"000000\"
    F4: amount
    F11: host.next_stan()
    F14: c.expiry
    F22: numbers.entry_mode(c.entry, {pin})
    F23: c.sequence
    F25: \"00\"
    F26: numbers.pin_length({pin})
    F35: c.track2
    F41: store.terminal_id
    F42: store.merchant_id
    F49: amount.currency_number
    F52: pin
    F53: numbers.pin_security({pin})
    F55: c.tags
    F60: \"22{{store.batch_no}}000\"
  }}
  reversible request {{
{before}    let reply = host.send(request, within: 60s)
{no_line}{timeout}    match reply.code {{
      accept => {{
{approved}      }}
      capture, decline, rekey, retry, refer => {{
{refused}      }}
    }}
  }}
  return done
}}
"
    )
}

const FAULTS: &[&str] = &[
    "",
    "",
    "no-line",
    "silent",
    "line-drop",
    "garbled",
    "bad-mac",
    "wrong-stan",
    "wrong-amount",
    "reply:51",
    "reply:41",
    "reply:97",
    "reply:00",
    "not-signed-in",
    "unstable:1",
    "journal-failed",
    "no-response-code",
    "cancel",
];

/// What is left in the world when a run is over.
#[derive(Debug, PartialEq)]
struct Left {
    ended: String,
    journal: Vec<(String, Vec<u8>)>,
    host: String,
    batch: String,
    pending: usize,
}

fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<(String, Vec<u8>)> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_file())
        .map(|path| (path.file_name().expect("a name").to_string_lossy().into(), std::fs::read(&path).expect("a file")))
        .collect();
    files.sort();
    files
}

fn left(session: &mut Session<'_>, folder: &Path, ended: String) -> Left {
    let pending = session.ports.journal.state().pending.len();
    let simulation = session.ports.simulation().expect("the simulated world");
    Left {
        ended,
        host: format!("{:?}", simulation.host_ledger()),
        batch: format!("{:?}", simulation.batch_ledger()),
        pending,
        journal: files(folder),
    }
}

fn with_session<R>(
    program: &Program,
    fault: &str,
    folder: PathBuf,
    run: impl FnOnce(&mut Session<'_>, &Path) -> R,
) -> R {
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    let mut setup = Setup::new(dialect_of(program).expect("a dialect"));
    setup.directory = Some(folder.clone());
    if !fault.is_empty() {
        setup.faults.push(fault::parse(fault).expect("a fault of the table"));
    }
    let simulation = Simulation::start(setup).expect("a world");
    let mut watch = |_: &Happening| {};
    let mut session = Session::simulated(program, simulation, &mut watch);
    let done = run(&mut session, &folder);
    drop(session);
    let _ = std::fs::remove_dir_all(&folder);
    done
}

fn built(text: &str) -> (Checked, Program) {
    let files = source_files::from_text("program.till", text);
    let (checked, findings) = check(files.units, FileId(0));
    let errors: Vec<_> =
        files.findings.into_iter().chain(findings).filter(|finding| finding.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{text}\n{errors:?}");
    let program = compile(&checked, &files.sources, "program").expect("a program");
    (checked, program)
}

/// Sells three times on each side in one world; what differs, if anything does.
fn compare(seed: u64, planted: Option<Planted>) -> Option<String> {
    let text = write(seed);
    let built = built(&text);
    // A defect may also make the reference stop where a checked program never comes: that is a difference too.
    let compared = std::panic::catch_unwind(|| compare_built(seed, &text, &built, planted));
    match (compared, planted) {
        (Ok(page), _) => page,
        (Err(_), Some(_)) => Some("the reference stopped".into()),
        (Err(panic), None) => std::panic::resume_unwind(panic),
    }
}

fn compare_built(seed: u64, text: &str, built: &(Checked, Program), planted: Option<Planted>) -> Option<String> {
    let (checked, program) = built;
    let mut dice = Dice::new(seed);
    let fault = FAULTS[dice.below(FAULTS.len())];
    let amounts: Vec<Border> = (0..3)
        .map(|_| {
            Border::Amount(Amount::new(1 + dice.below(100_000) as i64, Currency::from_numeric(156).expect("yuan")))
        })
        .collect();
    let home = std::env::temp_dir().join(format!("till-differential-{}-{seed}-{planted:?}", std::process::id()));
    let function = program.entries.iter().find(|entry| entry.name == "sell").expect("a flow").function;
    let machine = with_session(program, fault, home.join("machine"), |session, folder| {
        let mut ended = Vec::new();
        for amount in &amounts {
            let outcome = session.run(function, std::slice::from_ref(amount));
            ended.push(match outcome.result {
                RunResult::Failed(error) => format!("failed {}", error.code),
                RunResult::PowerCut(error) => format!("cut {}", error.code),
                other => format!("{other:?}").split(['(', '{']).next().unwrap_or_default().trim().to_string(),
            });
        }
        left(session, folder, format!("{ended:?}"))
    });
    let texts: Vec<&str> = checked.units.iter().map(|_| text).collect();
    let reference = with_session(program, fault, home.join("reference"), |session, folder| {
        let mut ended = Vec::new();
        for amount in &amounts {
            // What waits from earlier goes out before a run begins; that is the session's part, not the program's.
            if !session.ports.journal.state().pending.is_empty() {
                let open = session.open;
                session.restart();
                session.open = open;
            }
            let mut world = InSession { session: &mut *session };
            let mut evaluator = Evaluator::new(checked, &texts, &mut world, planted);
            let outcome = evaluator.run(FunctionId(function), vec![Value::from_border(amount)]);
            ended.push(words(&outcome));
        }
        left(session, folder, format!("{ended:?}"))
    });
    let _ = std::fs::remove_dir_all(&home);
    (machine != reference).then(|| {
        let sizes =
            |left: &Left| left.journal.iter().map(|(name, bytes)| (name.clone(), bytes.len())).collect::<Vec<_>>();
        format!(
            "money flow {seed}, fault {fault:?}\n{text}\nmachine   {} {} {} {} {:?}\nreference {} {} {} {} {:?}\n",
            machine.ended,
            machine.host,
            machine.batch,
            machine.pending,
            sizes(&machine),
            reference.ended,
            reference.host,
            reference.batch,
            reference.pending,
            sizes(&reference),
        )
    })
}

/// How the reference ended, in the words of the report.
fn words(ended: &Ended) -> String {
    match ended {
        Ended::Failed(fault) => format!("failed {}", fault.code),
        Ended::Value(Border::Variant { tag, payload }) => match (tag, payload.as_deref()) {
            (1, _) => "Approved".into(),
            (2, _) => "Declined".into(),
            (3, _) => "Cancelled".into(),
            (4, Some(Border::Error { code, .. })) => format!("failed {code}"),
            _ => "Done".into(),
        },
        Ended::Value(_) => "Done".into(),
    }
}

#[test]
fn the_journal_and_both_ledgers_are_the_same() {
    let count: u64 = std::env::var("TILL_SALES").ok().and_then(|count| count.parse().ok()).unwrap_or(150);
    for seed in 0..count {
        if let Some(page) = compare(seed, None) {
            panic!("{page}");
        }
    }
}

#[test]
fn a_defect_that_loses_money_is_seen_in_the_journal() {
    for planted in [Planted::ReasonForgotten, Planted::HalfDown] {
        let found = (0..150).find(|seed| compare(*seed, Some(planted)).is_some());
        assert!(found.is_some(), "{planted:?} is not found");
    }
}
