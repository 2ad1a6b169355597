//! The simulated devices: screen, keys, cards, PIN pad, printer, clock, log.

use super::bench::{cny, dialect, world};
use tillscript::payment::card::Pan;
use tillscript::script_error::catalogue::{card, hardware, keys, person, storage};
use tillscript::script_error::code::Fact;
use tillscript::script_error::words::{Language, Said};
use tillscript::script_error::wrap::wrap;
use tillscript::world::port::calendar::Moment;
use tillscript::world::port::card_reader::Entry;
use tillscript::world::port::pin_pad::KeySlot;
use tillscript::world::port::printer::{Slip, SlipLine};
use tillscript::world::profile;
use tillscript::world::scenario;
use tillscript::world::simulation::{SERIAL, Setup, Simulation};
use tillscript::world::terminal::log::masked;
use tillscript::world::terminal::printer::render;

const ALL: [Entry; 3] = [Entry::Chip, Entry::Tap, Entry::Stripe];

fn slip() -> Slip<'static> {
    let said = |zh: &str, en: &str| Said::new(zh, en).into();
    Slip {
        lines: vec![
            SlipLine::Centre(said("签购单", "SALE SLIP")),
            SlipLine::Rule,
            SlipLine::Row { label: said("金额", "AMOUNT"), value: said("100.00 CNY", "100.00 CNY") },
            SlipLine::Row {
                label: said("商户名称", "MERCHANT"),
                value: said("一家名字很长很长很长的测试商户", "A TEST SHOP WITH A VERY LONG NAME"),
            },
            SlipLine::Space,
            SlipLine::Line(said("本人确认以上交易，同意将其记入本卡账户", "I agree to the transaction above")),
        ],
        of: None,
    }
}

#[test]
fn the_screen_breaks_chinese_text_at_two_columns_a_character() {
    assert_eq!(wrap("交易成功请取走您的卡片", 16), ["交易成功请取走您", "的卡片"]);
    assert_eq!(wrap("a交易成功请取走您的", 16), ["a交易成功请取走", "您的"]);
    assert_eq!(wrap("Please take your card", 16), ["Please take your", "card"]);
    assert_eq!(wrap("Insufficient balance", 16), ["Insufficient", "balance"]);
    assert_eq!(wrap("aaaaaaaaaaaaaaaaaaaa", 16), ["aaaaaaaaaaaaaaaa", "aaaa"]);
    assert_eq!(wrap("one\ntwo", 16), ["one", "two"]);
    assert_eq!(wrap("", 16), [""]);
    for columns in 0..20 {
        for text in ["交易 a b 成功 cc dd", "a bb ccc dddd eeeee ffffff", "  双  空 格  "] {
            let joined: String = wrap(text, columns).concat().replace(' ', "");
            assert_eq!(joined, text.replace(' ', ""), "nothing is lost at {columns}");
        }
    }
}

#[test]
fn the_screen_shows_four_lines_and_remembers_all() {
    let mut world = world(&[]);
    let text = "一二三四五六七八".repeat(5);
    world.ports.screen.show(&Said::new(text, "first"));
    let picture = world.look(|stage| stage.glass.picture(Language::Zh));
    assert_eq!(picture, vec!["一二三四五六七八"; 4]);
    world.ports.screen.show(&Said::new("余额不足", "Insufficient balance"));
    assert!(world.shows("余额") && world.shows("Insufficient") && world.shows("first") && !world.shows("third"));
    world.ports.screen.clear();
    assert!(world.look(|stage| stage.glass.picture(Language::Zh)).is_empty());
}

#[test]
fn the_slip_is_as_wide_as_the_paper() {
    for language in [Language::Zh, Language::En] {
        for columns in [32, 48] {
            let text = render(&slip(), columns, language);
            for line in text.lines() {
                let width = tillscript::script_error::source::display_width(line);
                assert!(width <= columns, "{line:?} is {width} wide");
            }
            assert!(text.contains(&"-".repeat(columns)));
        }
    }
    let text = render(&slip(), 32, Language::Zh);
    assert!(text.contains("\n金额                  100.00 CNY\n"), "{text}");
}

#[test]
fn a_slip_is_found_in_either_language() {
    let mut world = world(&[]);
    world.ports.printer.print(&slip()).unwrap();
    for text in ["签购单", "SALE SLIP", "金额 100.00 CNY", "A VERY LONG NAME"] {
        assert!(world.printed(text), "{text}");
    }
    assert!(!world.printed("REFUND"));
    assert_eq!(world.look(|stage| stage.paper.printed.len()), 1);
}

#[test]
fn the_log_masks_what_looks_like_a_card_number() {
    assert_eq!(masked("card 6299990000000017 read"), "card 629999******0017 read");
    assert_eq!(masked("card 6299 9900 0000 0017 read"), "card 629999******0017 read");
    assert_eq!(masked("6299-9900-0000-0017"), "629999******0017");
    assert_eq!(masked("卡号6299990000000017。"), "卡号629999******0017。");
    assert_eq!(masked("at 20260105 090000, stan 000001"), "at 20260105 090000, stan 000001");
    assert_eq!(masked("rrn 010509000001"), "rrn 010509000001");
    let mut world = world(&[]);
    world.ports.log.info("6299990000000017");
    assert_eq!(world.look(|stage| stage.log.clone()), ["629999******0017"]);
}

#[test]
fn the_clock_follows_the_host_and_keeps_its_year() {
    let mut world = world(&[]);
    let clock = &mut world.ports.clock;
    assert_eq!(Moment::from_ms(clock.now_ms()).to_string(), "2026/01/05 09:00:00");
    clock.elapse(61_500);
    assert_eq!(Moment::from_ms(clock.now_ms()).to_string(), "2026/01/05 09:01:01");
    clock.elapse(-5);
    assert!(clock.set_from_host("1231", "235959"));
    clock.elapse(1_000);
    assert_eq!(Moment::from_ms(clock.now_ms()).to_string(), "2027/01/01 00:00:00");
    for (date, time) in
        [("0230", "000000"), ("1301", "000000"), ("0101", "240000"), ("0101", "0000"), ("１２", "000000")]
    {
        assert!(!clock.set_from_host(date, time), "{date} {time}");
    }
    assert_eq!(Moment::from_ms(clock.now_ms()).to_string(), "2027/01/01 00:00:00");
}

#[test]
fn no_clock_leaves_the_calendar() {
    let mut world = world(&[]);
    let clock = &mut world.ports.clock;
    clock.elapse(i64::MAX);
    assert_eq!(Moment::from_ms(clock.now_ms()).to_string(), "9999/12/31 23:59:59");
    clock.set(i64::MIN);
    assert_eq!(Moment::from_ms(clock.now_ms()).to_string(), "1970/01/01 00:00:00");
}

#[test]
fn the_calendar_goes_both_ways() {
    let mut at = Moment { year: 1969, month: 1, day: 1, hour: 0, minute: 0, second: 0 }.to_ms();
    let mut before = Moment::from_ms(at);
    for _ in 0..120 * 366 {
        at += 86_400_000;
        let moment = Moment::from_ms(at);
        assert_eq!(moment.to_ms(), at);
        assert!(moment > before);
        before = moment;
    }
    assert_eq!(Moment::from_ms(1_767_603_600_000).to_string(), "2026/01/05 09:00:00");
    assert_eq!(Moment::parse(2024, "0229", "120000").unwrap().to_ms(), 1_709_208_000_000);
    assert!(Moment::parse(2026, "0229", "120000").is_none());
}

#[test]
fn every_shipped_card_can_be_read_and_has_its_own_number() {
    let cards = profile::shipped();
    assert_eq!(cards.len(), profile::names().count(), "every file can be read");
    let files = std::fs::read_dir("scripts/cards").unwrap().count();
    assert_eq!(cards.len(), files, "every file is shipped");
    for (at, card) in cards.iter().enumerate() {
        assert!(card.pan.passes_luhn(), "{card:?}");
        assert!(["629999", "499999"].contains(&card.pan.issuer_digits()), "{card:?}: the test range");
        assert!(cards.iter().skip(at + 1).all(|other| other.pan != card.pan), "{card:?}");
        assert_eq!(profile::find(&card.name).unwrap().pan, card.pan);
        assert_eq!(profile::find(card.pan.clear_digits()).unwrap().name, card.name);
    }
}

#[test]
fn a_wrong_card_name_and_a_wrong_card_file_say_what_is_wrong() {
    let name = |failure: tillscript::world::port::failure::Failure| {
        assert_eq!(failure.code, storage::UNKNOWN_CARD);
        match &failure.facts[1].1 {
            Fact::Said(hint) => hint.en.clone(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(name(profile::load("debt").unwrap_err()), "Did you mean debit?");
    assert!(name(profile::load("zzz").unwrap_err()).contains("stripe-only"));
    assert_eq!(profile::load("no/such.card").unwrap_err().code, storage::CANNOT_READ);
    assert_eq!(profile::load("/dev/zero").unwrap_err().code, storage::CANNOT_READ);
    assert_eq!(profile::load("Cargo.toml").unwrap_err().code, storage::BAD_CARD_FILE);

    let good = std::fs::read_to_string("scripts/cards/debit.card").unwrap();
    let cases = [
        ("pan = 6299 9900 0000 0017", "pan = 6299 9900 0000 0018", "Luhn"),
        ("pan = 6299 9900 0000 0017", "pan = 12", "3: pan"),
        ("expiry = 3012", "expiry = 3013", "4: expiry"),
        ("expiry = 3012", "", "expiry = ?"),
        ("service = 220", "servise = 220", "service?"),
        ("balance = 10000.00 CNY", "balance = a lot", "9: balance"),
        ("kind = debit", "kind = debit\nkind = debit", "kind ×2"),
        ("kind = debit", "flags = clever", "8: flags"),
        ("kind = debit", "what is this", "8: key = value"),
        ("pin = 123456", "pin = 1", "6: pin"),
    ];
    for (from, to, expected) in cases {
        let failure = profile::parse("x", "x.card", &good.replace(from, to)).unwrap_err();
        assert_eq!(failure.code, storage::BAD_CARD_FILE);
        let shown = format!("{:?}", failure.facts);
        assert!(shown.contains(expected), "{shown} for {to}");
        assert!(!shown.contains("0018"), "{shown}");
    }
}

#[test]
fn cards_are_read_the_way_they_are_presented() {
    let mut world = world(&[]);
    let reader = &mut world.ports.card;
    let read = reader.read(&ALL, None, 60_000);
    assert_eq!(read.after_ms, 2_000);
    let read = read.result.unwrap();
    assert_eq!((read.entry, read.asks_pin, read.sequence.as_deref()), (Entry::Chip, true, Some("001")));
    assert_eq!(reader.read(&[Entry::Stripe], None, 60_000).result.unwrap().entry, Entry::Stripe);

    world.present("debit", Some(Entry::Stripe), None).unwrap();
    assert_eq!(world.ports.card.read(&ALL, None, 60_000).result.unwrap_err().code, card::USE_CHIP);
    let read = world.ports.card.read(&[Entry::Tap, Entry::Stripe], None, 60_000).result.unwrap();
    assert_eq!((read.entry, read.tags.is_none()), (Entry::Stripe, true));
    let waited = world.ports.card.read(&[Entry::Chip], None, 60_000);
    assert_eq!((waited.after_ms, waited.result.unwrap_err().code), (60_000, person::NO_INPUT));

    world.present("blocked", None, None).unwrap();
    world.ports.card.read(&[Entry::Stripe], None, 60_000).result.unwrap();
    assert_eq!(world.ports.card.read(&ALL, None, 60_000).result.unwrap_err().code, card::CARD_BLOCKED);
    world.present("unreadable-chip", None, None).unwrap();
    let _ = world.ports.card.read(&ALL, None, 60_000);
    assert_eq!(world.ports.card.read(&ALL, None, 60_000).result.unwrap_err().code, card::CHIP_UNREADABLE);
}

#[test]
fn the_pin_pad_checks_before_it_takes_keys() {
    let mut world = world(&[]);
    let pad = &mut world.ports.pin_pad;
    assert_eq!(pad.serial().unwrap(), SERIAL);
    assert_eq!(pad.read_keys(&[0; 59]).unwrap_err().code, keys::BAD_KEY_BUNDLE);
    assert_eq!(pad.activate_keys().unwrap_err().code, keys::KEY_REFUSED, "nothing lies ready");
    assert_eq!(pad.load(KeySlot::Tmk, &[1; 16], KeySlot::Tmk).unwrap_err().code, keys::KEY_REFUSED);
    assert_eq!(pad.load(KeySlot::Pik, &[1; 16], KeySlot::Mak).unwrap_err().code, keys::KEY_REFUSED);
    assert_eq!(pad.load(KeySlot::Pik, &[1; 15], KeySlot::Tmk).unwrap_err().code, keys::KEY_REFUSED);
    let before = pad.mac(super::bench::ALGORITHM, b"data").unwrap();
    pad.load(KeySlot::Mak, &[0x5A; 8], KeySlot::Tmk).unwrap();
    assert_eq!(pad.mac(super::bench::ALGORITHM, b"data").unwrap(), before, "keys in use stay");
    let same = pad.load(KeySlot::Pik, &[0x5A; 8], KeySlot::Tmk).unwrap_err();
    assert_eq!(same.code, keys::KEY_REFUSED, "one key in two places");
    pad.drop_keys().unwrap();
    pad.load(KeySlot::Mak, &[0x5B; 8], KeySlot::Tmk).unwrap();
    pad.activate_keys().unwrap();
    let after = pad.mac(super::bench::ALGORITHM, b"data").unwrap();
    assert_ne!(after, before);
    assert!(pad.verify_mac(super::bench::ALGORITHM, b"data", &after).unwrap());
    assert!(!pad.verify_mac(super::bench::ALGORITHM, b"date", &after).unwrap());
    pad.erase_work_keys().unwrap();
    assert_eq!(pad.mac(super::bench::ALGORITHM, b"data").unwrap_err().code, keys::NOT_SIGNED_IN);
    let pan = Pan::parse("6299990000000017").unwrap();
    let pin = pad.enter_pin(&pan, 6, Some(cny(1)), 1_000).result.unwrap_err();
    assert_eq!(pin.code, keys::NOT_SIGNED_IN);
}

#[test]
fn battery_and_software_are_compared_as_numbers() {
    let mut world = world(&["low-battery:7"]);
    assert_eq!(world.ports.battery.level(), 700);
    world.ports.battery.require(700).unwrap();
    let failure = world.ports.battery.require(1_250).unwrap_err();
    assert_eq!(failure.code, hardware::LOW_BATTERY);
    assert_eq!(format!("{:?}", failure.facts), r#"[("level", Text("7%")), ("needed", Text("12.5%"))]"#);
    let parameters = &mut world.ports.parameters;
    "2.10".clone_into(&mut parameters.software);
    for version in ["2", "2.0", "2.1", "2.9", "2.10", "2.10.0"] {
        parameters.require_software(version).unwrap();
    }
    for version in ["2.10.1", "2.11", "3"] {
        assert_eq!(parameters.require_software(version).unwrap_err().code, storage::SOFTWARE_TOO_OLD);
    }
}

#[test]
fn a_scenario_sets_the_stage() {
    let text = "# 一个场景\nfault reply:51\nfault unstable\ncard credit tap pin 654321 # twice\ncard poor\n\
        input amount 12.50CNY\ninput digits 000123\ninput answer no\nset clock 2026-03-01 23:59:59\nset language en\n\
        set seed 9\nset battery 80%\nset mains no\nset paper 48\nset screen 20x2\nset operator 007\nset software 1.2\n";
    let mut setup = Setup::new(dialect());
    setup.apply(scenario::parse("x.scenario", text).unwrap());
    assert_eq!((setup.seed, setup.battery, setup.on_mains), (9, 8_000, false));
    assert_eq!((setup.paper_columns, setup.screen), (48, (20, 2)));
    let mut world = Simulation::start(setup).unwrap();
    assert_eq!(Moment::from_ms(world.ports.clock.now_ms()).to_string(), "2026/03/01 23:59:59");
    let prompt = Said::new("请输入", "Please enter");
    assert_eq!(world.ports.keypad.amount(&prompt, 60_000).result.unwrap(), cny(1_250));
    assert_eq!(world.ports.keypad.amount(&prompt, 60_000).result.unwrap(), cny(10_000));
    assert_eq!(world.ports.keypad.digits(&prompt, 4, 60_000).result.unwrap(), "0001");
    assert_eq!(world.ports.keypad.digits(&prompt, 4, 60_000).result.unwrap_err().code, person::NO_INPUT);
    assert!(!world.ports.screen.confirm(&prompt, 60_000).result.unwrap());
    assert!(world.ports.screen.confirm(&prompt, 60_000).result.unwrap());
    let read = world.ports.card.read(&ALL, Some(cny(100)), 60_000).result.unwrap();
    assert_eq!((read.entry, read.pan.last_four()), (Entry::Tap, profile::find("credit").unwrap().pan.last_four()));
    assert_eq!(world.ports.parameters.operator, "007");
}

#[test]
fn a_wrong_scenario_names_the_line() {
    let cases = [
        ("\n\nfault earthquake", "3: earthquake"),
        ("fault replly:51", "1: replly:51: Did you mean reply?"),
        ("falt reply:51", "1: falt → fault?"),
        ("fault paper-out:3", "1: paper-out:3"),
        ("card debt", "1: debt: Did you mean debit?"),
        ("card debit sing", "1: sing"),
        ("card debit pin 1", "1: pin"),
        ("input amount much", "1: input amount much"),
        ("input digits 12a", "1: input digits 12a"),
        ("set battery 200", "1: set battery 200"),
        ("set colour red", "1: colour"),
        ("set clock 2026-02-30", "1: set clock"),
    ];
    for (text, expected) in cases {
        let failure = scenario::parse("x.scenario", text).unwrap_err();
        assert_eq!(failure.code, storage::BAD_SCENARIO);
        let shown = format!("{:?}", failure.facts);
        assert!(shown.contains(expected), "{shown} for {text}");
    }
}
