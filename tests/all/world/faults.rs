//! Each fault does what its row says.

use super::bench::{self, Came, code, sale, send_reversals, sign_in, world};
use tillscript::payment::iso8583::dialect::Mti;
use tillscript::script_error::catalogue::{card, hardware, keys, person, storage};
use tillscript::script_error::code::{Code, Fact};
use tillscript::world::fault;
use tillscript::world::port::card_reader::Entry;
use tillscript::world::port::pin_pad::KeySlot;
use tillscript::world::port::power::PowerPoint;
use tillscript::world::port::printer::{Slip, SlipLine};
use tillscript::world::port::record::Record;
use tillscript::world::simulation::Simulation;

const ALL: [Entry; 3] = [Entry::Chip, Entry::Tap, Entry::Stripe];

/// What a fault of the line or the host does to a sale, and how many transactions the host has booked then.
const OF_THE_HOST: &[(&str, &str, usize)] = &[
    ("reply:51", "51", 0),
    ("reply:A7", "A7", 0),
    ("reply:00", "00", 1),
    ("silent", "timeout", 1),
    ("late", "timeout", 1),
    ("late:59", "00", 1),
    ("late:60s", "timeout", 1),
    ("no-line", "no line", 0),
    ("line-drop", "dropped", 1),
    ("unstable", "no line", 0),
    ("host-down", "timeout", 0),
    ("garbled", "garbage", 1),
    ("no-response-code", "--", 1),
    ("insufficient-funds", "51", 0),
    ("issuer-down", "91", 0),
    ("terminal-unknown", "97", 0),
    ("merchant-unknown", "03", 0),
    ("high-risk", "34", 0),
    ("capture", "41", 0),
    ("capture-special", "07", 0),
    ("type-not-supported", "57", 0),
    ("type-not-supported:40", "40", 0),
];

#[test]
fn the_host_and_the_line_fail_as_told() {
    for (name, expected, booked) in OF_THE_HOST {
        let mut world = world(&[name]);
        assert_eq!(sale(&mut world, 10_000).code(), *expected, "{name}");
        assert_eq!(world.host_ledger().len(), *booked, "{name}");
    }
}

#[test]
fn after_any_fault_a_reversal_makes_both_ledgers_equal() {
    for (name, ..) in OF_THE_HOST {
        // These stay until somebody repairs them.
        if ["no-line", "host-down", "unstable", "terminal-unknown", "merchant-unknown"].contains(name) {
            continue;
        }
        let mut world = world(&[name]);
        sale(&mut world, 10_000);
        send_reversals(&mut world);
        assert!(world.ports.journal.state().pending.is_empty(), "{name}");
        assert_eq!(world.host_ledger(), world.batch_ledger(), "{name}");
        assert_eq!(sale(&mut world, 10_000).code(), "00", "{name}: used up");
        assert_eq!(world.host_ledger(), world.batch_ledger(), "{name}");
    }
}

#[test]
fn a_line_that_is_down_lets_nothing_through() {
    let mut world = world(&["no-line"]);
    for _ in 0..4 {
        assert_eq!(sale(&mut world, 10_000).code(), "no line");
    }
    assert!(world.order().is_empty());
}

#[test]
fn an_unstable_line_holds_at_the_third_try() {
    for (name, tries) in [("unstable", 2), ("unstable:1", 1), ("unstable:4", 4)] {
        let mut world = world(&[name]);
        for _ in 0..tries {
            assert_eq!(sale(&mut world, 10_000).code(), "no line");
        }
        assert_eq!(sale(&mut world, 10_000).code(), "00");
    }
}

#[test]
fn a_wait_takes_the_time_it_says() {
    let mut world = world(&["silent"]);
    let before = world.ports.clock.now_ms();
    let request = bench::sale_request(&mut world, 10_000);
    bench::exchange(&mut world, &request);
    assert_eq!(world.ports.clock.now_ms() - before, 60_000);
}

#[test]
fn a_wrong_mac_comes_with_the_right_content() {
    let mut world = world(&["bad-mac"]);
    let came = sale(&mut world, 10_000);
    let Came::Reply { message, mac_is_right } = &came else { panic!("{came:?}") };
    assert_eq!((message.text(39), *mac_is_right), (Some("00"), Some(false)));
    assert_eq!(world.ports.journal.state().pending[0].reason, Some(code("A0")));
    assert_eq!(world.host_ledger().len(), 1);
    assert_eq!(send_reversals(&mut world), ["00"]);
    assert!(world.host_ledger().is_empty());
}

#[test]
fn wrong_content_comes_with_the_right_mac() {
    for (name, field) in [("wrong-stan", 11), ("wrong-amount", 4)] {
        let mut world = world(&[name]);
        let request = bench::sale_request(&mut world, 10_000);
        let came = bench::exchange(&mut world, &request);
        let Came::Reply { message, mac_is_right } = &came else { panic!("{came:?}") };
        assert_eq!(*mac_is_right, Some(true), "{name}");
        assert!(message.get(field).is_some() && message.get(field) != request.get(field), "{name}");
    }
}

#[test]
fn a_host_that_is_silent_on_reversals_carries_them_out() {
    let mut world = world(&["silent", "keep-silent-on-reversal"]);
    sale(&mut world, 10_000);
    assert_eq!(send_reversals(&mut world), ["timeout"]);
    assert_eq!(world.ports.journal.state().pending[0].attempts, 1, "it still waits");
    assert!(world.host_ledger().is_empty());
}

#[test]
fn faults_of_the_host_leave_a_sign_in_alone() {
    let mut world = world(&["silent", "reply:51", "bad-mac", "garbled"]);
    assert!(sign_in(&mut world, "004"));
    assert_eq!(sale(&mut world, 10_000).code(), "timeout");
}

#[test]
fn one_wrong_check_value_is_the_one_named() {
    for (name, wrong) in [("bad-kcv", 0), ("bad-kcv:PIK", 0), ("bad-kcv:MAK", 1), ("bad-kcv:TDK", 2)] {
        let mut world = world(&[name]);
        let keys = keys_of(&mut world).unwrap();
        let pad = &mut world.ports.pin_pad;
        for (at, key) in keys.iter().enumerate() {
            let found = pad.load(key.slot.into(), key.cryptogram(), KeySlot::Tmk).unwrap();
            assert_eq!(found == key.check_value, at != wrong, "{name}: {}", key.slot);
        }
    }
}

type Keys = Vec<tillscript::payment::keys::sign_in::WrappedKey>;

fn keys_of(world: &mut Simulation) -> Result<Keys, tillscript::world::port::failure::Failure> {
    let message = bench::request(world, 800, "00004");
    let came = bench::exchange(world, &message);
    let bundle = came.reply().get(62).unwrap().to_vec();
    world.ports.pin_pad.read_keys(&bundle)
}

#[test]
fn weak_and_short_keys_are_refused() {
    let mut weak = world(&["weak-key"]);
    let keys = keys_of(&mut weak).unwrap();
    let refused = weak.ports.pin_pad.load(KeySlot::Pik, keys[0].cryptogram(), KeySlot::Tmk).unwrap_err();
    assert_eq!(refused.code, keys::KEY_REFUSED);
    let mut short = world(&["short-keys"]);
    let failure = keys_of(&mut short).unwrap_err();
    assert_eq!((failure.code, &failure.facts[0].1), (keys::BAD_KEY_BUNDLE, &Fact::Count(59)));
}

#[test]
fn the_serial_number_on_record_is_another() {
    for (faults, same) in [(&[][..], true), (&["wrong-serial"], false)] {
        let mut world = world(faults);
        let message = bench::request(&mut world, 800, "00004");
        let came = bench::exchange(&mut world, &message);
        assert_eq!(came.reply().text(59) == Some(world.ports.pin_pad.serial().unwrap().as_str()), same);
    }
}

#[test]
fn devices_fail_as_told() {
    let slip = Slip { lines: vec![SlipLine::Rule, SlipLine::Space], of: None };
    type Try = fn(&mut Simulation, &Slip) -> Option<Code>;
    let print: Try = |world, slip| world.ports.printer.print(slip).err().map(|failure| failure.code);
    let read: Try = |world, _| world.ports.card.read(&ALL, None, 60_000).result.err().map(|failure| failure.code);
    let swipe: Try =
        |world, _| world.ports.card.read(&[Entry::Stripe], None, 60_000).result.err().map(|failure| failure.code);
    let serial: Try = |world, _| world.ports.pin_pad.serial().err().map(|failure| failure.code);
    let load: Try =
        |world, _| world.ports.pin_pad.load(KeySlot::Mak, &[3; 8], KeySlot::Tmk).err().map(|failure| failure.code);
    let pin: Try = |world, _| {
        let read = world.ports.card.read(&ALL, None, 60_000).result.ok()?;
        world.ports.pin_pad.enter_pin(&read.pan, 6, None, 60_000).result.err().map(|failure| failure.code)
    };
    let stan: Try = |world, _| world.ports.journal.take_stan().err().map(|failure| failure.code);
    let software: Try = |world, _| world.ports.parameters.require_software("1.0").err().map(|failure| failure.code);
    let battery: Try = |world, _| world.ports.battery.require(1_000).err().map(|failure| failure.code);
    let cases: &[(&str, Try, Code)] = &[
        ("paper-out", print, hardware::PAPER_OUT),
        ("printer-fault", print, hardware::PRINTER_FAULT),
        ("printer-hot", print, hardware::PRINTER_HOT),
        ("low-battery", print, hardware::LOW_BATTERY),
        ("low-battery", battery, hardware::LOW_BATTERY),
        ("reader-fault", read, hardware::READER_FAULT),
        ("chip-error", read, card::CHIP_UNREADABLE),
        ("stripe-error", swipe, card::STRIPE_UNREADABLE),
        ("card-pulled", read, card::CARD_REMOVED),
        ("card-blocked", read, card::CARD_BLOCKED),
        ("no-card", read, person::NO_INPUT),
        ("cancel", pin, person::CANCELLED),
        ("pinpad-unplugged", serial, hardware::PIN_PAD_UNPLUGGED),
        ("pinpad-unplugged", pin, hardware::PIN_PAD_UNPLUGGED),
        ("pinpad-locked", pin, hardware::PIN_PAD_LOCKED),
        ("no-master-key", load, keys::NO_MASTER_KEY),
        ("not-signed-in", pin, keys::NOT_SIGNED_IN),
        ("storage-full", stan, storage::STORAGE_FULL),
        ("journal-failed", stan, storage::JOURNAL_FAILED),
        ("old-software", software, storage::SOFTWARE_TOO_OLD),
    ];
    for (name, attempt, code) in cases {
        assert_eq!(attempt(&mut world(&[]), &slip), None, "{name}: nothing is wrong without it");
        let mut broken = world(&[name]);
        assert_eq!(attempt(&mut broken, &slip), Some(*code), "{name}");
        assert_eq!(attempt(&mut broken, &slip), Some(*code), "{name}: it stays");
    }
}

#[test]
fn a_terminal_that_is_not_signed_in_is_so_for_the_host_too() {
    let mut world = world(&["not-signed-in"]);
    assert!(!world.ports.journal.state().signed_in);
    assert!(sign_in(&mut world, "004"));
    assert_eq!(sale(&mut world, 10_000).code(), "00");
}

#[test]
fn faults_can_stand_in_any_order() {
    use tillscript::world::simulation::Setup;
    for names in [["storage-full", "not-signed-in"], ["not-signed-in", "storage-full"]] {
        let faults = names.map(|name| fault::parse(name).unwrap()).to_vec();
        let mut world = Simulation::start(Setup { faults, ..Setup::new(bench::dialect()) }).unwrap();
        assert!(!world.ports.journal.state().signed_in);
        assert_eq!(world.ports.journal.take_stan().unwrap_err().code, storage::STORAGE_FULL);
    }
}

#[test]
fn a_full_disk_changes_nothing_and_a_failed_one_is_not_trusted_again() {
    for name in ["storage-full", "journal-failed"] {
        let mut world = world(&[]);
        let before = world.ports.journal.state().clone();
        world.set_fault(name).unwrap();
        assert!(world.ports.journal.append(Record::StanTaken { stan: 9 }).is_err());
        assert_eq!(world.ports.journal.state(), &before, "{name}");
    }
}

#[test]
fn the_power_goes_once_at_the_point_named() {
    for point in PowerPoint::ALL {
        let mut world = world(&[&format!("power-cut:{}", point.word())]);
        if point == PowerPoint::InPrint {
            let lines = vec![SlipLine::Rule, SlipLine::Rule, SlipLine::Rule, SlipLine::Rule];
            let failure = world.ports.printer.print(&Slip { lines, of: None }).unwrap_err();
            assert_eq!(failure.code, hardware::POWER_CUT);
            assert_eq!(world.look(|stage| stage.paper.printed[0].lines().count()), 2, "half of it is on paper");
            assert!(world.look(|stage| stage.slips.is_empty()));
            continue;
        }
        for other in PowerPoint::ALL.into_iter().filter(|other| *other != point) {
            assert!(!world.ports.power.cut_at(other));
        }
        assert!(world.ports.power.cut_at(point));
        assert!(!world.ports.power.cut_at(point));
    }
}

#[test]
fn every_row_can_be_set_and_says_what_it_does_in_both_languages() {
    for row in fault::ROWS {
        let value = match row.value {
            "NN[@MTI]" => ":51@0200#2",
            "MTI" => ":0200#2",
            "SECONDS[@MTI]" => ":5@0200",
            "POINT" => ":after-send",
            "NN" => ":25",
            _ => "",
        };
        let name = format!("{}{value}", row.name);
        assert!(fault::parse(&name).is_ok(), "{name}");
        world(&[&name]);
        assert!(row.about.zh.ends_with('。') && row.about.en.ends_with('.'), "{name}");
        assert_eq!(fault::ROWS.iter().filter(|other| other.name == row.name).count(), 1, "{name}");
    }
}

#[test]
fn a_fault_for_certain_messages_hits_those_and_no_others() {
    // Whatever their kind: the sign-in too.
    let mut world = world(&["reply:91@0800"]);
    let message = bench::request(&mut world, 800, "00004");
    assert_eq!(bench::exchange(&mut world, &message).code(), "91");
    assert_eq!(sale(&mut world, 10_000).code(), "00");
    assert_eq!(bench::exchange(&mut world, &message).code(), "91", "every such message");

    let mut world = bench::world(&["silent:0200#2"]);
    assert_eq!(sale(&mut world, 10_000).code(), "00");
    assert_eq!(sale(&mut world, 10_000).code(), "timeout");
    assert_eq!(send_reversals(&mut world), ["00"]);
    assert_eq!(sale(&mut world, 10_000).code(), "00", "only the second");

    let mut world = bench::world(&["line-drop:#1", "garbled:0400"]);
    assert_eq!(sale(&mut world, 10_000).code(), "dropped");
    assert_eq!(send_reversals(&mut world), ["garbage"]);
    assert_eq!(world.host_ledger().len(), 0);
}

#[test]
fn a_terminal_or_merchant_nobody_knows_cannot_sign_in() {
    for (name, code) in [("terminal-unknown", "97"), ("merchant-unknown", "03")] {
        let mut world = world(&[name]);
        let message = bench::request(&mut world, 800, "00004");
        assert_eq!(bench::exchange(&mut world, &message).code(), code);
    }
}

#[test]
fn the_page_names_every_fault_and_every_card() {
    let page = std::fs::read_to_string("docs/simulated-world.md").unwrap();
    for row in fault::ROWS {
        let value = if row.value.is_empty() { String::new() } else { format!(":{}", row.value.replace('|', "/")) };
        let line = format!("| `{}{value}` | {} | {} |", row.name, row.about.zh, row.about.en);
        assert!(page.contains(&line), "docs/simulated-world.md lacks this line:\n{line}");
    }
    for name in tillscript::world::profile::names() {
        assert!(page.contains(&format!("\n| `{name}` |")), "docs/simulated-world.md lacks the card {name}");
    }
}

#[test]
fn a_wrong_name_gets_the_nearest() {
    let hint = |text: &str| match fault::parse(text).unwrap_err() {
        failure if failure.code == storage::UNKNOWN_FAULT => {
            assert_eq!(failure.facts[0].1, Fact::Text(text.to_owned()));
            match &failure.facts[1].1 {
                Fact::Said(hint) => hint.en.clone(),
                other => panic!("{other:?}"),
            }
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(hint("paper-ot"), "Did you mean paper-out?");
    assert_eq!(hint("silnt"), "Did you mean silent?");
    assert_eq!(hint("earthquake"), "`till run --help` lists the faults.");
    assert_eq!(hint("reply:5"), "Write reply:NN[@MTI].");
    assert_eq!(hint("reply"), "Write reply:NN[@MTI].");
    assert_eq!(hint("silent:1"), "Write silent:MTI.");
    assert_eq!(hint("silent:0200#0"), "Write silent:MTI.");
    assert_eq!(hint("paper-out:1"), "Write paper-out, without a value.");
    assert_eq!(hint("power-cut:lunch"), "Write power-cut:POINT.");
    assert_eq!(hint(&"x".repeat(100_000)), "`till run --help` lists the faults.");
}

#[test]
fn messages_are_counted_as_they_came() {
    let mut world = world(&["unstable:1"]);
    sale(&mut world, 10_000);
    sale(&mut world, 10_000);
    assert_eq!(world.order(), [Mti(200)], "what never left never came");
}
