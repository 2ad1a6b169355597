//! Torture: that it goes through everything it says, that a power cut in earnest leaves what the camera saw, that it finds what is wrong.

use super::rehearse::script;
use std::collections::BTreeSet;
use std::process::{Command, Stdio};
use tillscript::language::bytecode::program::Program;
use tillscript::run::program::build_text;
use tillscript::run::torture::bench::{Bench, Watch};
use tillscript::run::torture::cells::Phase;
use tillscript::run::torture::customers::{Customer, PLAIN, ROWS as CUSTOMERS};
use tillscript::run::torture::engine::{Options, torture};
use tillscript::run::torture::plan::{Choice, Plan};
use tillscript::run::torture::planted::hunt::{Caught, hunt};
use tillscript::run::torture::planted::rows::ROWS;
use tillscript::run::torture::random::{Calendar, Days, Event};
use tillscript::run::torture::report::Report;
use tillscript::run::torture::story;
use tillscript::run::torture::subject::{Subject, setup, subjects};
use tillscript::world::audit::violation::Wrong;
use tillscript::world::crash::camera::{CutHere, Moment, Shot};
use tillscript::world::crash::outside::Plant;
use tillscript::world::fault;

const SHOP: &str = include_str!("../../src/run/torture/planted/shop.till");

fn shop() -> Program {
    build_text("shop.till", SHOP).program.expect("the shop builds")
}

fn first<'p>(program: &'p Program) -> Subject<'p> {
    let (mut found, _) = subjects(program, &setup(program, 0).expect("a world"));
    found.swap_remove(0)
}

fn tortured(program: &Program, choice: Choice, crashes: u8) -> Report {
    let options = Options { crashes, ..Options::new(choice) };
    torture(&first(program), &options, Plant::default(), &mut |_| {}).expect("a report")
}

fn named(names: &[&str]) -> Choice {
    Choice::Named(names.iter().map(|name| (*name).to_owned()).collect())
}

/// One run of a subject with the camera on.
fn film(subject: &Subject<'_>, plan: &Plan) -> Vec<Shot> {
    let mut bench = Bench::new(subject, Plant::default()).expect("a bench");
    let first = bench.first.clone();
    let mut terminal = bench.enter(&first, plan, Watch::Film).expect("a terminal");
    terminal.run(&mut |_| {});
    terminal.shots()
}

#[test]
fn a_power_cut_in_earnest_leaves_what_the_camera_saw() {
    let program = script("sale.till");
    let subject = first(&program);
    for plan in [Plan::default(), Plan::fault("reply-later:#1".into()), Plan { turns: true, ..Plan::default() }] {
        let shots = film(&subject, &plan);
        let mut bench = Bench::new(&subject, Plant::default()).expect("a bench");
        let world = bench.first.clone();
        let mut cuts = 0;
        for shot in shots.iter().filter(|shot| shot.moment != Moment::End) {
            // Every tear of some moments, the first and the last of all.
            for (at, (tear, print)) in shot.states.iter().enumerate() {
                if at > 1 && shot.at % 5 != 0 {
                    continue;
                }
                let cut = CutHere { at: shot.at, tear: *tear };
                let mut terminal = bench.enter(&world, &plan, Watch::Cut(cut)).expect("a terminal");
                terminal.run(&mut |_| {});
                let stand = terminal.stand().expect("a stand");
                assert_eq!(stand.camera.borrow().went_at(), Some(shot.moment), "{cut:?}");
                assert_eq!(terminal.shoot(), Some(*print), "{plan:?} {cut:?} {:?}", shot.moment);
                cuts += 1;
            }
        }
        assert!(cuts > 30, "{cuts} cuts only");
    }
}

#[test]
fn every_request_every_record_every_message_and_the_slip_have_their_moments() {
    let program = script("sale.till");
    let shots = film(&first(&program), &Plan::default());
    let requests = shots.iter().filter(|shot| matches!(shot.moment, Moment::Request { done: false, .. })).count();
    let after = shots.iter().filter(|shot| matches!(shot.moment, Moment::Request { done: true, .. })).count();
    assert_eq!(requests, after, "each request has a moment before it and one after it");
    let phases = Phase::of(&shots);
    for phase in Phase::ALL.into_iter().filter(|phase| *phase != Phase::Recovering) {
        assert!(phases.contains(&phase), "{phase:?}");
    }
    // A record can be torn in every kind of byte.
    let torn = shots.iter().map(|shot| shot.states.len()).max();
    assert!(torn > Some(20), "{torn:?}");
    assert!(matches!(shots.last().map(|shot| shot.moment), Some(Moment::End)));
}

#[test]
fn the_shipped_sale_stands_every_power_cut_and_the_worst_faults() {
    let program = script("sale.till");
    let report = tortured(&program, named(&["silent", "delayed-request", "stranded-request", "disk-error"]), 1);
    assert!(!report.is_wrong(), "{:?}", report.found);
    assert!(report.points > 3_000 && report.worlds > 300, "{} {}", report.points, report.worlds);
    assert!(report.cells.0.len() > 20);
}

#[test]
fn two_power_cuts_are_stood_too() {
    let report = tortured(&shop(), named(&["silent"]), 2);
    let once = tortured(&shop(), named(&["silent"]), 1);
    assert!(!report.is_wrong(), "{:?}", report.found);
    assert!(report.points > once.points, "the second cut adds crash points");
}

#[test]
fn a_part_and_the_other_parts_are_the_whole() {
    let program = shop();
    let whole = tortured(&program, named(&["silent", "line-drop", "noise", "late"]), 1);
    let part = |part| {
        let choice = named(&["silent", "line-drop", "noise", "late"]);
        let options = Options { shard: (part, 2), ..Options::new(choice) };
        torture(&first(&program), &options, Plant::default(), &mut |_| {}).expect("a report")
    };
    let parts = [part(1), part(2)];
    // Each part has the run without a fault.
    assert_eq!(parts.iter().map(|report| report.plans).sum::<u64>(), whole.plans + 1);
}

#[test]
fn every_fault_there_is_has_a_form_to_be_tried_in() {
    let choice = Choice::All;
    let tried: Vec<String> = choice.of_message(1).into_iter().chain(choice.standing()).collect();
    for row in fault::ROWS.iter().filter(|row| !["power-cut", "any-message"].contains(&row.name)) {
        let is_tried = tried.iter().any(|name| name == row.name || name.starts_with(&format!("{}:", row.name)));
        assert!(is_tried, "{} is tried in no form", row.name);
    }
    for name in tried {
        assert!(fault::parse(&name).is_ok(), "{name}");
    }
}

/// A flow whose reversal is dropped by `discard` where the host may have taken the money does not compile; one that books wrongly does.
#[test]
fn a_wrong_script_is_found_and_its_story_comes_up_again() {
    let text = SHOP.replace("Txn(kind: sale", "Txn(kind: refund");
    let program = build_text("shop.till", &text).program.expect("it builds");
    let report = tortured(&program, Choice::None, 1);
    let found = report.found.first().expect("a violation");
    assert_eq!(found.violation.what, Wrong::TotalsDiffer);
    assert!(
        found.origin.cut.is_none() && found.origin.plan == Plan::default(),
        "the shortest way needs nothing to go wrong"
    );
    let story = story::play(&first(&program), Plant::default(), &found.origin, None).expect("a story");
    assert!(story.violations.iter().any(|violation| violation.what == Wrong::TotalsDiffer));
}

#[test]
fn the_six_defects_of_the_field_are_found_and_harmless_changes_are_not() {
    let names = [
        "yesterday-deleted",
        "any-answer-closes",
        "unpackable-deleted",
        "given-up",
        "send-error-drops",
        "cleared-by-hand",
        "no-sync",
        "due-written-late",
    ];
    for row in ROWS.iter().filter(|row| names.contains(&row.name)) {
        let caught = hunt(row).expect("a hunt");
        assert_ne!(caught, Caught::No, "{}", row.name);
    }
    assert!(ROWS.iter().filter(|row| row.is_wrong).count() >= 40);
    let program = shop();
    assert!(!tortured(&program, Choice::None, 1).is_wrong(), "the shop itself is right");
}

#[test]
fn a_chip_that_is_asked_after_the_commit_is_found_by_name() {
    let row = ROWS.iter().find(|row| row.name == "script-asks-the-chip-too-late").expect("a row");
    let caught = hunt(row).expect("a hunt");
    assert!(matches!(caught, Caught::Matrix { what: Wrong::ChipDeclined, .. }), "{caught:?}");
}

#[test]
fn days_at_random_are_the_same_for_the_same_seed_and_others_for_another() {
    let program = shop();
    let (subjects, _) = subjects(&program, &setup(&program, 0).expect("a world"));
    let days = |seed| {
        let mut calendar = Calendar::new(&subjects, &Choice::All, Plant::default()).expect("a calendar");
        calendar.days(seed, 300, &mut |_| {})
    };
    let (one, again, other) = (days(7), days(7), days(8));
    assert!(one.wrong.is_none() && other.wrong.is_none(), "{:?} {:?}", one.wrong, other.wrong);
    assert_eq!((one.hash, one.tally, one.cuts), (again.hash, again.tally, again.cuts));
    assert_ne!(one.hash, other.hash);
    assert!(one.cuts > 10 && one.faults > 30, "{} {}", one.cuts, one.faults);
    // Written down here, so that another build is compared with this one.
    let hash: String = one.hash.0.iter().map(|byte| format!("{byte:02x}")).collect();
    insta::assert_snapshot!("random-seed-7", format!("{hash}\n{:?}", one.tally));
}

#[test]
fn customers_come_with_different_cards() {
    assert_eq!(Customer::all(), 100, "shares of a hundred");
    let turns: Vec<usize> = (0..100).map(Customer::at).collect();
    for (at, row) in CUSTOMERS.iter().enumerate() {
        assert_eq!(turns.iter().filter(|turn| **turn == at).count() as u64, row.share, "{row:?}");
    }
    let program = shop();
    let (subjects, _) = subjects(&program, &setup(&program, 0).expect("a world"));
    let mut calendar = Calendar::new(&subjects, &Choice::All, Plant::default()).expect("a calendar");
    let events = calendar.day(7, 0, 100);
    let customers: BTreeSet<usize> = events.iter().map(|event| event.customer).collect();
    assert!(customers.len() >= 6, "{customers:?}");
    let days = calendar.days(7, 100, &mut |_| {});
    assert!(days.wrong.is_none(), "{:?}", days.wrong);
    // What stood on the host's books that evening, by the cards that paid it.
    let stage = calendar.stand().expect("a stand").stage().borrow();
    let live = stage.acquirer.ledger.authorisations.iter().filter(|line| line.is_live());
    let paid: BTreeSet<&str> = live.filter_map(|line| line.account.split(' ').next()).collect();
    let paid: Vec<&str> = paid.into_iter().collect();
    assert_eq!(paid, ["credit", "debit", "foreign", "stripe-only", "tap-only"]);
}

/// The host confirms a reversal and charges all the same, and the batch is closed: nobody owes it a certificate of that.
#[test]
fn what_a_host_kept_needs_no_certificate() {
    let programs = [script("sale.till"), script("whole_day.till")];
    let of = |program| subjects(program, &setup(program, 0).expect("a world")).0;
    let subjects: Vec<Subject<'_>> = programs.iter().flat_map(of).collect();
    let subject = |name: &str| subjects.iter().position(|subject| subject.name() == name).expect("a flow");
    let (sale, day) = (subject("sale"), subject("whole_day"));
    let mut calendar = Calendar::new(&subjects, &Choice::All, Plant::default()).expect("a calendar");
    let quiet = |subject, plan, start| Event {
        subject,
        minor: 911,
        customer: PLAIN,
        plan,
        cut: None,
        start,
        is_morning: false,
    };
    let fault = |name: &str| Plan::fault(name.into());
    let kept = quiet(sale, fault("line-drop:#1"), Some(fault("reply:25@#1")));
    let mut sums = Days::none();
    let wrong = calendar.play(&[kept, quiet(day, Plan::default(), None)], &mut sums);
    assert!(wrong.is_empty(), "{wrong:?}");
    // That the host did keep it is named.
    assert_eq!(sums.of_host, 1);
}

#[test]
fn who_names_cards_is_given_no_others() {
    let program = shop();
    let (subjects, _) = subjects(&program, &setup(&program, 0).expect("a world"));
    let make = Calendar::with_cards_of_setup;
    let mut calendar = make(&subjects, &Choice::All, Plant::default()).expect("a calendar");
    assert!(calendar.day(7, 0, 100).iter().all(|event| event.customer == PLAIN));
    let days = calendar.days(7, 100, &mut |_| {});
    assert!(days.wrong.is_none() && days.tally.approved > 60, "{days:?}");
    let stage = calendar.stand().expect("a stand").stage().borrow();
    let accounts: Vec<&str> = stage.acquirer.ledger.accounts.keys().map(|account| &**account).collect();
    assert_eq!(accounts.len(), 1, "{accounts:?}");
}

/// A shop that gives those who tap a second slip, which is no duplicate by its looks.
#[test]
fn a_wrong_day_names_the_card_that_it_takes() {
    let folder = std::env::temp_dir().join(format!("till-customers-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("shop.till");
    let print = "        printer.print(slip(t))\n          on paper_out, printer_hot, printer_fault, low_battery => return approved(t)\n";
    let again = print.replace("        ", "          ");
    let text = SHOP.replace(print, &format!("{print}        if c.entry == tap {{\n{again}        }}\n"));
    assert_ne!(text, SHOP);
    std::fs::write(&file, text).expect("a script");
    let file = file.display().to_string();
    let words = ["torture", &file, "--random", "--seed", "7", "--sales", "100"];
    let (seen, code) = till(&words);
    assert_eq!(code, Some(1), "{seen}");
    let uses: Vec<&str> = seen.lines().filter(|line| line.starts_with(" 1. ") || line.starts_with(" 2. ")).collect();
    assert_eq!(uses.len(), 1, "one use is enough: {seen}");
    let tapped = [", card tap-only", ", card debit (tapped)", ", card credit (tapped)"];
    assert!(tapped.iter().any(|card| uses.iter().all(|line| line.ends_with(card))), "{seen}");
    let (zh, _) = till(&[&words[..], &["--lang", "zh"]].concat());
    assert!(zh.contains("，卡 "), "{zh}");
    // With a card that is inserted nothing is wrong.
    let cards = folder.join("chip.scenario").display().to_string();
    std::fs::write(&cards, "card debit insert\n").expect("a scenario");
    let (seen, code) = till(&[&words[..], &["--scenario", &cards]].concat());
    assert_eq!(code, Some(0), "{seen}");
    std::fs::remove_dir_all(&folder).expect("cleaned up");
}

fn till(words: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_till"))
        .args(words)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("TILL_LANG", "en")
        .stdin(Stdio::null())
        .output()
        .expect("till runs");
    let mut text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.push_str(&String::from_utf8_lossy(&output.stderr));
    (text, output.status.code())
}

#[test]
fn a_violation_is_told_with_its_lines_and_its_trace_can_be_looked_at_again() {
    let folder = std::env::temp_dir().join(format!("till-torture-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("shop.till");
    let text = SHOP.replace("        commit t\n", "").replace(
        "          on paper_out, printer_hot, printer_fault, low_battery => return approved(t)\n",
        "        commit t\n",
    );
    std::fs::write(&file, text).expect("a script");
    let (file, folder_name) = (file.display().to_string(), folder.display().to_string());
    let (seen, code) = till(&["torture", &file, "--faults", "none", "--save", &folder_name]);
    assert_eq!(code, Some(1), "{seen}");
    assert!(seen.contains("violation slip_of_nothing"), "{seen}");
    assert!(seen.contains("the power goes") && seen.contains("shop.till:"), "{seen}");
    let trace = folder.join("shop-sale-slip_of_nothing.trace").display().to_string();
    let (again, _) = till(&["run", &file, "--replay", &trace]);
    assert!(again.contains("power cut (simulated)") && again.contains("reversal confirmed"), "{again}");
    std::fs::remove_dir_all(&folder).expect("cleaned up");
}

#[test]
fn wrong_words_are_told() {
    for (words, said, exit) in [
        (&["torture", "scripts/sale.till", "--faults", "earthquake"][..], "T7104", 2),
        (&["torture", "scripts/sale.till", "--shard", "3/2"], "--shard", 2),
        (&["torture", "scripts/cards"], "no flow that can be run", 2),
        (&["torture", "nowhere.till"], "T7005", 5),
        (&["torture", "scripts/sign_in.till", "--random"], "no flow that moves money", 2),
        (&["torture"], "PATH", 2),
    ] {
        let (seen, code) = till(words);
        assert!(seen.contains(said), "{words:?}: {seen}");
        assert_eq!(code, Some(exit), "{words:?}: {seen}");
    }
}
