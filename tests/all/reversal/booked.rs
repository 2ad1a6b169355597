//! What is booked is what was sent and answered, and the books say how.

use super::super::exchange::reply;
use super::{DECIDE, SEND, agree, oblige, program, program_for_a_part, program_without, run, run_by};
use tillscript::run::report::Result as RunResult;
use tillscript::script_error::error::Money;
use tillscript::world::profile;

#[test]
fn another_request_or_amount_than_was_sent_cannot_be_booked() {
    // In a list, so that only the journal can see that it is another one.
    let ways = [
        ("message 0200 from m { F11: host.next_stan() }", "request: m", "request: others[0]"),
        ("amount + 1.00 CNY", "amount: amount", "amount: others[0]"),
    ];
    for (other, own, another) in ways {
        let decide = DECIDE.replace(own, another).replace("KIND", "sale");
        let program = program(&format!("let others = [{other}]\n{SEND}{decide}"));
        run(
            &program,
            "",
            |_| {},
            |session, ended, _| {
                assert!(matches!(&ended.result, RunResult::Failed(error) if error.code == "T8102"), "{ended:?}");
                assert_eq!((ended.money, ended.pending), (Money::ReversalQueued, 1));
                agree(session, other);
            },
        );
    }
}

#[test]
fn what_is_booked_names_its_card_masked() {
    let program = program(&format!("{SEND}{DECIDE}").replace("KIND", "sale"));
    run(
        &program,
        "",
        |_| {},
        |session, _, _| {
            let booked = &session.ports.journal.state().booked;
            assert_eq!(booked.len(), 1);
            let (card, reference) = (&booked[0].card, &booked[0].reference);
            let digits = card.chars().filter(char::is_ascii_digit).count();
            assert_eq!(digits, 10, "first six and last four: {card}");
            assert!(card.contains("****") && !card.starts_with('*'), "{card}");
            assert_eq!(reference.as_ref().map(String::len), Some(12), "{reference:?}");
        },
    );
}

#[test]
fn what_is_booked_without_a_card_number_names_none() {
    // The track is sealed too, but it is no card number.
    let region = format!("{SEND}{DECIDE}").replace("KIND", "sale");
    let program = program_without(&["F2: c.pan", "F14: c.expiry"], &region);
    run(
        &program,
        "",
        |session| {
            oblige(session, |request| Some(reply(request, &[3, 4, 11, 41, 42, 49], "51")));
        },
        |session, _, _| assert!(session.ports.journal.state().booked.is_empty()),
    );
    run(
        &program,
        "",
        |_| {},
        |session, _, _| {
            let booked = &session.ports.journal.state().booked;
            assert_eq!(booked.iter().map(|booked| booked.card.as_str()).collect::<Vec<_>>(), [""]);
        },
    );
}

#[test]
fn the_money_line_says_which_way_the_money_went() {
    let ways = [
        ("sale", Money::Moved),
        ("completion", Money::Moved),
        ("void", Money::TakenBack),
        ("refund", Money::Credited),
        ("preauth", Money::Held),
    ];
    for (kind, money) in ways {
        let program = program(&format!("{SEND}{DECIDE}").replace("KIND", kind));
        run(
            &program,
            "",
            |_| {},
            |_, ended, happened| {
                assert_eq!(happened(), ["recorded", "0200", "booked"]);
                assert_eq!((ended.money, ended.pending), (money, 0), "{kind}");
                assert_eq!(ended.money.word(), "moved", "programs read one word for all of them");
            },
        );
    }
}

#[test]
fn where_a_part_is_approved_the_part_is_booked_and_nothing_else() {
    let paid = "let paid = match reply.F4 {\nsome part => part\nnone => amount\n}\n";
    let book = |amount: &str| DECIDE.replace("amount: amount", &format!("amount: {amount}")).replace("KIND", "sale");
    for (amount, stands) in [("paid", true), ("amount", false)] {
        let paid = if stands { paid } else { "" };
        let program = program_for_a_part(&format!("{SEND}{paid}{}", book(amount)));
        run(
            &program,
            "partial-approval:40",
            |_| {},
            |session, ended, happened| {
                let booked: Vec<String> =
                    session.ports.journal.state().booked.iter().map(|booked| booked.amount.to_string()).collect();
                if stands {
                    assert_eq!(booked, ["40.00 CNY"], "{ended:?}");
                } else {
                    assert!(booked.is_empty(), "{booked:?}");
                    assert!(matches!(&ended.result, RunResult::Failed(error) if error.code == "T8102"), "{ended:?}");
                    assert_eq!(happened().last(), Some(&"queued: 06".to_string()));
                }
                agree(session, amount);
            },
        );
    }
}

#[test]
fn a_sale_by_a_foreign_card_is_counted_apart() {
    let program = program(&format!("{SEND}{DECIDE}").replace("KIND", "sale"));
    for (flags, apart) in [("", 0), ("flags = foreign\n", 1)] {
        let text = format!(
            "pan = 6299 9930 0000 0011\nexpiry = 3012\nservice = 220\nkind = prepaid\nbalance = 500.00 CNY\nlimit = 500.00 CNY\ninterfaces = chip\n{flags}"
        );
        let card = profile::parse("card", "card", &text).expect("a card");
        run_by(
            &program,
            card,
            "",
            |_| {},
            |session, ended, _| {
                let state = session.ports.journal.state();
                assert_eq!(state.booked.len(), 1, "{flags}: {ended:?}");
                assert_eq!(state.day.foreign.len(), apart, "{flags}");
            },
        );
    }
}
