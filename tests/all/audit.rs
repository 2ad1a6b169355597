//! The audit: every kind of wrong is found in books made wrong by hand, and nothing in right ones. And the comparing with an extract.

use std::collections::BTreeSet;
use tillscript::language::vm::value::Value;
use tillscript::payment::amount::Amount;
use tillscript::payment::iso8583::response::ResponseCode;
use tillscript::run::happening::Happening;
use tillscript::run::program::{build_text, flow};
use tillscript::run::session::{Session, Terminal};
use tillscript::run::world::dialect_of;
use tillscript::script_error::catalogue::storage;
use tillscript::script_error::words::Language;
use tillscript::world::audit::books::{Books, Standing as Line, Tally};
use tillscript::world::audit::compare::audit;
use tillscript::world::audit::violation::Wrong;
use tillscript::world::host::ledger::{Authorisation, Ledger, Standing};
use tillscript::world::journal::history::{End, Transaction};
use tillscript::world::port::day::Refused;
use tillscript::world::port::journal::JournalState;
use tillscript::world::port::record::{Booked, Kind, OwedSlip, Record};
use tillscript::world::reconcile::compare::{Finding, compare};
use tillscript::world::reconcile::extract::Extract;
use tillscript::world::simulation::{Setup, Simulation};
use tillscript::world::terminal::printer::Printed;

fn yuan(text: &str) -> Amount {
    Amount::parse(&format!("{text}CNY")).expect("an amount")
}

fn booked(stan: u32, amount: &str) -> Booked {
    Booked {
        stan,
        batch: 1,
        kind: Kind::Sale,
        amount: yuan(amount),
        card: String::new(),
        reference: Some(format!("01050900{stan:04}")),
        authorisation: None,
        at_ms: 0,
    }
}

fn live(stan: u32, amount: &str) -> Authorisation {
    let amount = yuan(amount);
    Authorisation {
        stan,
        batch: Some(1),
        mti: 200,
        processing: "000000".into(),
        amount,
        taken: amount.minor,
        account: "debit".into(),
        reference: String::new(),
        authorisation: String::new(),
        standing: Standing::Live,
        voids: None,
        voids_in: None,
        code: String::new(),
        asked: None,
        foreign: false,
        chip: None,
        certificates: 0,
    }
}

fn refused(stan: u32, amount: &str) -> Refused {
    Refused { stan, name: "tip".into(), amount: Some(yuan(amount)), by: ResponseCode(*b"05") }
}

fn slip(stan: u32, amount: &str) -> Printed {
    Printed { of: Some(stan), is_whole: true, is_marked: false, amounts: vec![yuan(amount)], text: u64::from(stan) }
}

/// Three books of one sale that agree.
fn right() -> (JournalState, Ledger, Vec<Printed>) {
    let mut journal = JournalState::default();
    journal.apply(&Record::Booked(booked(1, "100.00")));
    journal.apply(&Record::PrintStarted { stan: 1 });
    journal.apply(&Record::Printed { stan: 1 });
    let mut ledger = Ledger::default();
    ledger.authorisations.push(live(1, "100.00"));
    (journal, ledger, vec![slip(1, "100.00")])
}

type Change = fn(&mut JournalState, &mut Ledger, &mut Vec<Printed>);

#[test]
fn every_kind_of_wrong_is_found_and_nothing_else() {
    let cases: &[(&[Wrong], Change)] = &[
        (&[], |_, _, _| {}),
        (&[Wrong::Doubled], |_, ledger, _| ledger.authorisations.push(live(1, "100.00"))),
        (&[Wrong::Orphan], |_, ledger, _| ledger.authorisations.push(live(2, "5.00"))),
        (&[Wrong::Lost], |_, ledger, _| ledger.authorisations.clear()),
        (&[Wrong::Lost], |_, ledger, _| ledger.authorisations[0].standing = Standing::Reversed),
        (&[Wrong::AmountsDiffer], |_, ledger, _| {
            ledger.authorisations[0].amount = yuan("99.99");
            ledger.authorisations[0].taken = 9_999;
        }),
        (&[Wrong::TotalsDiffer], |journal, _, _| journal.booked[0].kind = Kind::Refund),
        (&[Wrong::SlipMissing], |_, _, paper| paper.clear()),
        (&[Wrong::SlipMissing], |_, _, paper| paper[0].is_whole = false),
        (&[Wrong::SlipDoubled], |_, _, paper| paper.push(slip(1, "100.00"))),
        // A copy that says so is right, and so is the shop's own copy, which reads otherwise.
        (&[], |_, _, paper| paper.push(Printed { is_marked: true, ..slip(1, "100.00") })),
        (&[], |_, _, paper| paper.push(Printed { text: 9, ..slip(1, "100.00") })),
        (&[Wrong::SlipAmount], |_, _, paper| paper[0].amounts = vec![yuan("1.00")]),
        (&[Wrong::SlipOfNothing], |_, _, paper| paper.push(slip(7, "5.00"))),
        // A slip that was never begun is owed.
        (&[], |journal, _, paper| {
            paper.clear();
            journal.owed.push(OwedSlip { batch: 1, stan: 1, started: false });
        }),
        // What the host says of a notice, and does not do: 94 for what it has not, a refusal of what it has.
        (&[Wrong::HostLacksIt], |journal, ledger, _| {
            journal.day.answered.insert(1, ResponseCode(*b"94"));
            ledger.authorisations.clear();
        }),
        (&[Wrong::Lost], |journal, ledger, _| {
            journal.day.answered.insert(1, ResponseCode(*b"00"));
            ledger.authorisations.clear();
        }),
        (&[Wrong::HostKeptIt], |journal, _, _| {
            journal.booked.clear();
            journal.day.refused.push(refused(1, "100.00"));
        }),
        // A tip: the slip of the sale has the amount before it, and both books the amount with it.
        (&[], |journal, ledger, paper| {
            journal.day.adjusted.insert((1, 1));
            (journal.booked[0].amount, ledger.authorisations[0].amount) = (yuan("115.00"), yuan("115.00"));
            paper[0].amounts = vec![yuan("100.00")];
        }),
        (&[Wrong::HostLacksIt], |journal, _, _| {
            journal.day.adjusted.insert((1, 1));
            journal.day.answered.insert(2, ResponseCode(*b"94"));
            journal.booked[0].amount = yuan("115.00");
        }),
        (&[Wrong::HostKeptIt], |journal, ledger, _| {
            journal.day.adjusted.insert((1, 1));
            journal.day.refused.push(refused(2, "115.00"));
            ledger.authorisations[0].amount = yuan("115.00");
        }),
        // A batch that the journal has put aside is not compared any more.
        (&[], |journal, ledger, _| {
            journal.batch = 3;
            journal.booked[0].batch = 3;
            ledger.authorisations[0].batch = Some(3);
            ledger.authorisations.push(live(9, "5.00"));
        }),
    ];
    let mut found = BTreeSet::new();
    for (at, (wrong, change)) in cases.iter().enumerate() {
        let (mut journal, mut ledger, mut paper) = right();
        change(&mut journal, &mut ledger, &mut paper);
        let books = Books { journal: &journal, ledger: &ledger, paper: Some(&paper), line: None, chip_declined: None };
        let seen: Vec<Wrong> = audit(books).iter().map(|violation| violation.what).collect();
        assert_eq!(seen, *wrong, "case {at}");
        found.extend(seen);
    }
    assert_eq!(found.len(), 11);
}

/// What a chip declined after the host's yes must not be in the batch, whatever the host has.
#[test]
fn what_the_chip_declined_is_not_booked() {
    let (journal, ledger, paper) = right();
    let wrong = |declined: &BTreeSet<u32>, ledger: &Ledger| -> Vec<Wrong> {
        let books = Books { journal: &journal, ledger, paper: Some(&paper), line: None, chip_declined: Some(declined) };
        audit(books).iter().map(|violation| violation.what).collect()
    };
    assert_eq!(wrong(&BTreeSet::from([2]), &ledger), []);
    assert_eq!(wrong(&BTreeSet::from([1]), &ledger), [Wrong::ChipDeclined]);
    assert_eq!(wrong(&BTreeSet::from([1]), &Ledger::default()), [Wrong::Lost, Wrong::ChipDeclined]);
}

/// A notice that the host refused and charged all the same is the host's doing in the next batch too, and behind a checkpoint.
#[test]
fn what_the_host_said_of_a_notice_is_known_when_its_batch_is_closed() {
    let (mut journal, mut ledger, paper) = right();
    journal.day.refused.push(refused(2, "35.00"));
    journal.day.answered.insert(2, ResponseCode(*b"05"));
    ledger.authorisations.push(live(2, "35.00"));
    let printed: Vec<Printed> = paper.iter().cloned().chain([slip(2, "35.00")]).collect();
    let wrong = |journal: &JournalState| -> Vec<Wrong> {
        let books = Books { journal, ledger: &ledger, paper: Some(&printed), line: None, chip_declined: None };
        audit(books).iter().map(|violation| violation.what).collect()
    };
    assert_eq!(wrong(&journal), [Wrong::HostKeptIt]);
    journal.apply(&Record::Batch { number: 2 });
    assert!(journal.day.refused.is_empty(), "the slip of the next batch has no place for it");
    assert_eq!(wrong(&journal), [Wrong::HostKeptIt]);
    let mut again = JournalState::default();
    again.apply(&journal.carried(Vec::new()));
    journal.beside_the_checkpoint().iter().for_each(|record| again.apply(record));
    assert_eq!((again.past.clone(), again.booked.clone()), (journal.past.clone(), journal.booked.clone()));
    assert_eq!(wrong(&again), [Wrong::HostKeptIt]);
    // Without that knowledge it would be an orphan, and its slip one of nothing.
    again.past = Default::default();
    assert_eq!(wrong(&again), [Wrong::Orphan, Wrong::SlipOfNothing]);
}

/// The journal forgets a batch two batches later; the host does not, and a slip is still held against its books.
#[test]
fn a_slip_of_nothing_is_found_when_its_batch_is_put_aside() {
    const SHOP: &str = include_str!("../../src/run/torture/planted/shop.till");
    let wrong = SHOP
        .replace("        commit t\n", "")
        .replace(
            "low_battery => return approved(t)\n",
            "low_battery => {\n            reverse\n            return cancelled\n          }\n        reverse\n",
        )
        .replace("        return approved(t)\n      }", "        return cancelled\n      }");
    for (text, is_wrong) in [(SHOP, false), (&wrong, true)] {
        let program = build_text("shop.till", text).program.expect("the shop builds");
        let entry = flow(&program, Some("sale")).expect("the sale");
        let world = Simulation::start(Setup::new(dialect_of(&program).expect("a dialect"))).expect("a world");
        let mut watcher = |_: &Happening| {};
        let mut session = Session::simulated(&program, world, &mut watcher);
        session.run(entry.function, &[Value::Amount(yuan("100.00"))]);
        session.restart();
        let Terminal::Simulated(mut world) = session.into_terminal();
        assert!(world.ports.journal.state().pending.is_empty(), "the reversal was confirmed");
        // Batches go by until the journal has put the first one aside.
        world.ports.journal.append(Record::Batch { number: 5 }).expect("written");
        let mut state = JournalState::default();
        state.apply(&world.ports.journal.state().carried(Vec::new()));
        assert!(state.booked.is_empty());
        let found = world.look(|stage| {
            let ledger = &stage.acquirer.ledger;
            let paper = Some(&*stage.paper.slips);
            audit(Books { journal: &state, ledger, paper, line: Some(&stage.line), chip_declined: None })
        });
        let slips: Vec<_> = found.iter().filter(|wrong| wrong.what == Wrong::SlipOfNothing).collect();
        assert_eq!(slips.len(), usize::from(is_wrong), "{found:?}");
        assert!(slips.iter().all(|wrong| (wrong.batch, wrong.stan) == (1, 1)), "{found:?}");
    }
}

/// An amount that was changed after its slip stays known as long as its transaction is.
#[test]
fn a_tip_is_known_as_long_as_its_sale() {
    let (mut journal, mut ledger, paper) = right();
    journal.booked[0].amount = yuan("112.00");
    journal.day.adjusted.insert((1, 1));
    ledger.authorisations[0].amount = yuan("112.00");
    for number in 2..5 {
        journal.apply(&Record::Batch { number });
        let books = Books { journal: &journal, ledger: &ledger, paper: Some(&paper), line: None, chip_declined: None };
        assert!(audit(books).is_empty(), "batch {number}");
    }
}

#[test]
fn the_line_says_it_in_both_languages() {
    let line = Line {
        tally: Tally { begun: 12, approved: 10, declined: 1, reversed: 1, slips: 10 },
        unknown: 0,
        owed: 0,
        unheard: 0,
        batch: Some(yuan("1000.00")),
        host: Some(yuan("1000.00")),
        consistent: Some(true),
    };
    assert_eq!(
        line.line(Language::En),
        "sales 12 · approved 10 · declined 1 · reversed 1 · unknown 0 · slips 10 · batch 1000.00 CNY = host 1000.00 CNY CONSISTENT"
    );
    let mut sum = Line::default();
    sum.add(&line);
    let unheard = Line { unheard: 1, host: None, ..line.clone() };
    sum.add(&unheard);
    assert_eq!(
        sum.line(Language::En),
        "sales 24 · approved 20 · declined 2 · reversed 2 · unknown 0 · slips 20 · notices unheard 1 · batch 2000.00 CNY ≠ host 1000.00 CNY OPEN"
    );
    assert!(unheard.line(Language::Zh).ends_with("待上送 1 · 批次 1000.00 CNY ≠ 主机 0 待上送"));
    sum.add(&Line { consistent: Some(false), ..line.clone() });
    assert!(sum.line(Language::En).ends_with("INCONSISTENT"), "one that is wrong makes all of it wrong");
    let other = Line { host: None, consistent: Some(false), owed: 2, ..line };
    assert!(
        other.line(Language::Zh).ends_with("签购单 10 · 待补打 2 · 批次 1000.00 CNY ≠ 主机 0 不一致"),
        "{}",
        other.line(Language::Zh)
    );
}

fn transaction(stan: u32, end: End) -> Transaction {
    let is_booked = end == End::Booked;
    Transaction {
        stan,
        batch: 1,
        at_ms: 0,
        request: None,
        name: "sale".into(),
        card: String::new(),
        amount: Some(yuan("100.00")),
        end,
        attempts: 0,
        booked: is_booked.then(|| booked(stan, "100.00")),
        records: Vec::new(),
        adjusts: None,
        taken_back_by: None,
        chip: None,
    }
}

#[test]
fn each_transaction_is_held_against_the_extract() {
    let journal = [
        transaction(1, End::Booked),
        transaction(2, End::Booked),
        transaction(3, End::Booked),
        transaction(4, End::Booked),
        transaction(5, End::Discarded),
        transaction(6, End::Discarded),
        transaction(7, End::Open),
        transaction(8, End::Waiting { reason: tillscript::payment::iso8583::response::ResponseCode(*b"98") }),
    ];
    let text = "批次号,流水号,参考号,金额,状态\n1,000001,010509000001,100.00,成功\n1,000002,A,100.00,成功\n1,2,B,100.00,成功\n\
                1,3,C,99.00,成功\n1,6,D,100.00,\n1,7,E,100.00,00\n1,000009,F,5.00,approved\n1,10,G,5.00,reversed\n";
    let extract = Extract::parse("host.csv", text.as_bytes()).expect("an extract");
    let found = compare(&journal, &extract, None);
    let found: Vec<(u32, Finding)> = found.iter().map(|line| (line.stan, line.finding)).collect();
    assert_eq!(
        found,
        [
            (1, Finding::ChargedOnce),
            (2, Finding::ChargedTwice),
            (3, Finding::AmountsDiffer),
            (4, Finding::NotAtHost),
            (5, Finding::NotCharged),
            (6, Finding::ChargedWrongly),
            (7, Finding::ReversalWaits),
            (8, Finding::ReversalWaitsForNothing),
            (9, Finding::NotInJournal),
        ]
    );
    let by_reference = Extract::parse("host.csv", b"rrn;amount\r\n010509000001;\"100.00\"\r\n").expect("an extract");
    assert_eq!(compare(&journal[..1], &by_reference, None)[0].finding, Finding::ChargedOnce);
}

#[test]
fn a_hostile_extract_gets_a_code_and_its_line() {
    let long = format!("stan,amount\n1,{}\n", "9".repeat(2_000));
    let wide = format!("{}\n", ",".repeat(200));
    let open = format!("stan,amount\n1,\"{}", "x".repeat(100_000));
    let cases: &[(&[u8], &str)] = &[
        (b"", "line 1: the file is empty"),
        (b"\xff\xfe", "line 1: it is not UTF-8"),
        (b"stan,amount\n1,1.00\n\xb3\xc9,1.00\n", "line 3: it is not UTF-8"),
        (b"name,amount\n", "line 1: there is no column `stan`"),
        (b"stan,name\n", "line 1: there is no column `amount`"),
        (b"stan,stan,amount\n", "line 1: the column `stan` stands twice"),
        (b"stan,amount\n1\n", "line 2: 1 values, and there should be 2"),
        (b"stan,amount\n0,1.00\n", "line 2: the trace number should be"),
        (b"stan,amount\n1000000,1.00\n", "line 2: the trace number should be"),
        (b"stan,amount\n+1,1.00\n", "line 2: the trace number should be"),
        (b"stan,amount\n1,abc\n", "line 2: the amount should be"),
        (b"stan,amount\n1,1e9\n", "line 2: the amount should be"),
        (b"stan,amount\n1,\n", "line 2: no amount"),
        (b"stan,amount\n,1.00\n", "line 2: neither"),
        (b"stan,amount,status\n\n1,1.00,perhaps\n", "line 3: the status is not known"),
        (b"stan,amount,rrn\n1,1.00,\x1b[31m\n", "line 2: the reference should be"),
        (b"stan,amount,currency\n1,1.00,XXQ\n", "line 2: there is no such currency"),
        (long.as_bytes(), "longer than 1,024 bytes"),
        (wide.as_bytes(), "more than 64 columns"),
        (open.as_bytes(), "quotes are left open"),
    ];
    for (bytes, said) in cases {
        let failure = Extract::parse("host.csv", bytes).expect_err(said);
        assert_eq!(failure.code, storage::BAD_EXTRACT, "{said}");
        assert!(format!("{failure:?}").contains(said), "{said}: {failure:?}");
    }
    // Whatever bytes come, an answer comes too.
    let mut state = 1u32;
    for length in 0..400 {
        let bytes: Vec<u8> = (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                b"stan,amount\n\"1.;\t\r\xff\x00"[(state >> 24) as usize % 20]
            })
            .collect();
        let _ = Extract::parse("host.csv", &bytes);
    }
}
