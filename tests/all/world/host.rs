//! The simulated host at byte level: sign-in, sale, balance, void, refund, reversal, and what it refuses.

use super::bench::{self, Came, cny, exchange, sale, sale_request, send_reversals, sign_in, world};
use tillscript::payment::emv::tlv::{self, Reader};
use tillscript::payment::iso8583::dialect::Mti;
use tillscript::world::host::ledger::LedgerLine;
use tillscript::world::port::card_reader::Entry;
use tillscript::world::simulation::Simulation;

fn present(simulation: &mut Simulation, name: &str) {
    simulation.present(name, None, None).unwrap();
}

#[test]
fn signs_in_with_every_layout_and_sells_under_the_new_keys() {
    for network in ["001", "003", "004"] {
        let mut world = world(&[]);
        assert!(sign_in(&mut world, network), "{network}");
        assert_eq!(sale(&mut world, 10_000).code(), "00", "{network}");
        assert_eq!(world.host_ledger(), [LedgerLine { stan: 2, amount: cny(10_000) }]);
        assert_eq!(world.host_ledger(), world.batch_ledger());
        assert_eq!(world.order(), [Mti(800), Mti(200)]);
    }
}

#[test]
fn old_keys_are_worth_nothing_after_a_sign_in_that_the_terminal_did_not_take_over() {
    let mut world = world(&["bad-kcv:MAK"]);
    assert!(!sign_in(&mut world, "004"));
    assert_eq!(sale(&mut world, 10_000).code(), "A0");
}

#[test]
fn a_sale_reply_has_the_fields_of_the_interface() {
    let mut world = world(&[]);
    let came = sale(&mut world, 12_345);
    let Came::Reply { message, mac_is_right } = &came else { panic!("{came:?}") };
    assert_eq!(*mac_is_right, Some(true));
    let numbers: Vec<u8> = message.iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, [2, 3, 4, 11, 12, 13, 14, 15, 25, 32, 37, 38, 39, 41, 42, 44, 49, 53, 55, 60, 63, 64]);
    assert_eq!(message.text(4), Some("000000012345"));
    assert_eq!(message.text(13), Some("0105"));
}

#[test]
fn a_balance_inquiry_is_answered_and_moves_nothing() {
    let mut world = world(&[]);
    let request = bench::balance_request(&mut world);
    let came = exchange(&mut world, &request);
    assert_eq!(came.reply().text(54), Some("1002156C000001000000"));
    let numbers: Vec<u8> = came.reply().iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, [2, 3, 11, 12, 13, 14, 25, 32, 37, 39, 41, 42, 44, 49, 53, 54, 55, 60, 64]);
    assert!(world.host_ledger().is_empty());
}

/// Chip data written anew: `change` takes each tag with its value, and gives what is written in its place.
fn rewritten(data: &[u8], change: impl Fn(u32, &[u8]) -> Option<Vec<u8>>) -> Vec<u8> {
    let mut bytes = Vec::new();
    for node in tlv::read(data, Reader::Strict).whole().unwrap() {
        if let Some(value) = change(node.tag.number(), node.value) {
            tlv::push(&mut bytes, node.tag, &value).unwrap();
        }
    }
    bytes
}

#[test]
fn the_issuer_checks_the_cryptogram_over_what_the_request_says() {
    let with = |change: &dyn Fn(Vec<u8>) -> Vec<u8>| {
        let mut world = world(&[]);
        let mut request = sale_request(&mut world, 10_000);
        request.set(55, change(request.get(55).unwrap().to_vec()));
        let came = exchange(&mut world, &request);
        let moved = !world.host_ledger().is_empty();
        let proof = came.reply().get(55).is_some_and(|data| data.starts_with(&[0x91, 10]) && data.ends_with(b"00"));
        (came.code().to_owned(), moved, proof)
    };
    let answer = |code: &str, moved, proof| (code.to_owned(), moved, proof);
    assert_eq!(with(&|data| data), answer("00", true, true));
    // Whatever is covered, and is another or is not there.
    for tag in [0x9F26, 0x9F02, 0x9F03, 0x9F1A, 0x95, 0x5F2A, 0x9A, 0x9C, 0x9F37, 0x82, 0x9F36, 0x9F10] {
        let spoilt = |data: Vec<u8>| {
            rewritten(&data, |at, value| {
                let mut value = value.to_vec();
                let place = value.len() / 2;
                value[place] ^= if at == tag { 1 } else { 0 };
                Some(value)
            })
        };
        assert_eq!(with(&spoilt), answer("63", false, false), "{tag:X}");
        let gone = |data: Vec<u8>| rewritten(&data, |at, value| (at != tag).then(|| value.to_vec()));
        let short = |data: Vec<u8>| {
            rewritten(&data, |at, value| Some(value[..if at == tag { value.len() - 1 } else { value.len() }].to_vec()))
        };
        // Without a cryptogram there is none to check, and nobody to answer.
        let without = if tag == 0x9F26 { answer("00", true, false) } else { answer("63", false, false) };
        assert_eq!(with(&gone), without, "{tag:X}");
        // The last byte of 9F10 is not covered.
        let shorter = if tag == 0x9F10 { answer("00", true, true) } else { answer("63", false, false) };
        assert_eq!(with(&short), shorter, "{tag:X}");
    }
    // What is no chip data is none; what breaks off has too little in it.
    assert_eq!(with(&|_| vec![0xFF; 40]), answer("00", true, false));
    assert_eq!(with(&|data| data[..60].to_vec()), answer("63", false, false));
    // A card whose keys are not ours.
    let mut world = world(&[]);
    let card = include_str!("../../../scripts/cards/debit.card").to_owned() + "flags = unchecked-chip\n";
    let file = std::env::temp_dir().join(format!("till-unchecked-{}.card", std::process::id()));
    std::fs::write(&file, card).unwrap();
    world.present(file.to_str().unwrap(), None, None).unwrap();
    std::fs::remove_file(&file).unwrap();
    let mut request = sale_request(&mut world, 10_000);
    request.set(55, vec![0x9F, 0x26, 8, 1, 2, 3, 4, 5, 6, 7, 8]);
    let came = exchange(&mut world, &request);
    assert_eq!((came.code(), came.reply().get(55)), ("00", None));
}

#[test]
fn a_sale_takes_money_and_a_reversal_gives_it_back_once() {
    let mut world = world(&[]);
    let request = bench::sale_request(&mut world, 400_000);
    bench::record(&mut world, &request);
    assert_eq!(exchange(&mut world, &request).code(), "00");
    let stan = bench::pending(&*world.ports.journal)[0];
    let due = world.ports.journal.state().pending(stan).unwrap().due.clone();
    assert_eq!(send_reversals(&mut world), ["00"]);
    assert!(world.host_ledger().is_empty());
    assert!(bench::pending(&*world.ports.journal).is_empty());
    // Repeated: said once more, done only once.
    let mut again = due.open(&world.ports.seal).unwrap();
    again.set(39, "98");
    assert_eq!(exchange(&mut world, &again).code(), "00");
    let inquiry = bench::balance_request(&mut world);
    assert_eq!(exchange(&mut world, &inquiry).reply().text(54), Some("1002156C000001000000"));
}

#[test]
fn a_reversal_that_comes_before_its_request_stops_it() {
    let mut world = world(&[]);
    let request = bench::sale_request(&mut world, 10_000);
    bench::record(&mut world, &request);
    assert_eq!(send_reversals(&mut world), ["25"]);
    assert!(bench::pending(&*world.ports.journal).is_empty(), "25 closes");
    assert_eq!(exchange(&mut world, &request).code(), "94");
    assert!(world.host_ledger().is_empty());
}

#[test]
fn a_void_takes_a_sale_back_and_its_reversal_restores_it() {
    let mut world = world(&[]);
    let request = bench::sale_request(&mut world, 10_000);
    assert_eq!(exchange(&mut world, &request).code(), "00");
    let void = bench::void_request(&mut world, &request);
    bench::record(&mut world, &void);
    assert_eq!(exchange(&mut world, &void).code(), "00");
    assert_eq!(world.host_ledger().len(), 2);
    let second = bench::void_request(&mut world, &request);
    assert_eq!(exchange(&mut world, &second).code(), "12", "only once");
    assert_eq!(send_reversals(&mut world), ["00"]);
    let third = bench::void_request(&mut world, &request);
    assert_eq!(exchange(&mut world, &third).code(), "00", "the sale stands again");
}

#[test]
fn a_refund_is_refused_where_the_card_says_so() {
    let mut world = world(&[]);
    let refund = bench::refund_request(&mut world, 5_000);
    assert_eq!(exchange(&mut world, &refund).code(), "00");
    present(&mut world, "prepaid");
    let refund = bench::refund_request(&mut world, 5_000);
    assert_eq!(exchange(&mut world, &refund).code(), "57");
}

#[test]
fn each_card_gets_the_answer_its_profile_says() {
    let expected = [
        ("debit", 10_000, "00"),
        ("credit", 10_000, "00"),
        ("credit", 2_000_001, "61"),
        ("poor", 10_000, "51"),
        ("poor", 100, "00"),
        ("prepaid", 10_000, "00"),
        ("foreign", 10_000, "00"),
        ("stripe-only", 10_000, "00"),
        ("tap-only", 10_000, "00"),
        ("lost", 10_000, "41"),
        ("stolen", 10_000, "43"),
        ("special", 10_000, "07"),
        ("risky", 10_000, "34"),
        ("restricted", 10_000, "62"),
        ("no-sales", 10_000, "57"),
        ("dormant", 10_000, "21"),
        ("expired", 10_000, "54"),
        ("6299990000999996", 10_000, "14"),
    ];
    for (name, minor, code) in expected {
        let mut world = world(&[]);
        present(&mut world, name);
        assert_eq!(sale(&mut world, minor).code(), code, "{name}");
        assert_eq!(world.host_ledger().is_empty(), code != "00", "{name}");
        assert_eq!(world.host_ledger(), world.batch_ledger(), "{name}");
    }
}

#[test]
fn three_wrong_pins_lock_the_card() {
    let mut world = world(&["wrong-pin"]);
    let codes: Vec<String> = (0..4).map(|_| sale(&mut world, 10_000).code().to_owned()).collect();
    assert_eq!(codes, ["55", "55", "75", "75"]);
}

#[test]
fn a_wrong_pin_that_is_followed_by_the_right_one_does_not_count() {
    let mut world = world(&["wrong-pin:2"]);
    assert_eq!(sale(&mut world, 10_000).code(), "55");
    assert_eq!(sale(&mut world, 10_000).code(), "55");
    assert_eq!(sale(&mut world, 10_000).code(), "00");
    world.set_fault("wrong-pin:1").unwrap();
    assert_eq!(sale(&mut world, 10_000).code(), "55");
}

#[test]
fn a_small_amount_by_tap_needs_no_pin() {
    let mut world = world(&[]);
    world.present("debit", Some(Entry::Tap), None).unwrap();
    let request = bench::sale_request(&mut world, 100_000);
    assert!(!request.has(52));
    assert_eq!(exchange(&mut world, &request).code(), "00");
    let request = bench::sale_request(&mut world, 100_001);
    assert!(request.has(52));
    assert_eq!(exchange(&mut world, &request).code(), "00");
}

#[test]
fn a_strict_host_names_what_is_wrong() {
    type Spoil = fn(&mut tillscript::payment::iso8583::message::Message);
    let cases: [(&str, Spoil); 9] = [
        ("97", |message| message.set(41, "99999999")),
        ("03", |message| message.set(42, "898000000000000")),
        ("77", |message| message.set(60, "22000002000")),
        ("30", |message| drop(message.remove(25))),
        ("12", |message| message.set(49, "840")),
        ("13", |message| message.set(4, "000000000000")),
        ("40", |message| message.set(3, "990000")),
        ("14", |message| message.set(2, "6299990000000025")),
        ("55", |message| drop(message.remove(52))),
    ];
    for (code, spoil) in cases {
        let mut world = world(&[]);
        let mut request = bench::sale_request(&mut world, 10_000);
        spoil(&mut request);
        // A message without a rule carries no MAC here, and the host says so before it looks for one.
        assert_eq!(exchange(&mut world, &request).code(), code);
        assert!(world.host_ledger().is_empty(), "{code}");
    }
}

#[test]
fn a_request_is_booked_once() {
    let mut world = world(&[]);
    let request = bench::sale_request(&mut world, 10_000);
    assert_eq!(exchange(&mut world, &request).code(), "00");
    assert_eq!(exchange(&mut world, &request).code(), "94");
    assert_eq!(world.host_ledger().len(), 1);
}

#[test]
fn a_mac_of_other_content_is_refused() {
    use tillscript::payment::iso8583::{frame::frame, pack};
    let mut world = world(&[]);
    let dialect = bench::dialect();
    let mut request = bench::sale_request(&mut world, 10_000);
    let data = pack::pack_for_mac(&request, &dialect).unwrap();
    request.set(64, world.ports.pin_pad.mac(bench::ALGORITHM, &data).unwrap().as_slice());
    request.set(4, "000000000001");
    let body = pack::pack(&request, &dialect).unwrap();
    let waited = world.ports.host.exchange(&frame(&dialect, &body, 0).unwrap(), 60_000);
    let reply = waited.result.unwrap();
    let framed = tillscript::payment::iso8583::frame::unframe(&dialect, &reply).unwrap();
    let reply = tillscript::payment::iso8583::unpack::unpack(framed.body, &dialect).unwrap();
    assert_eq!(reply.text(39), Some("A0"));
    assert!(!reply.has(64) && world.host_ledger().is_empty());
}

#[test]
fn echo_and_sign_off() {
    let mut world = world(&[]);
    let mut echo = bench::request(&mut world, 820, "00301");
    echo.remove(11);
    let came = exchange(&mut world, &echo);
    let numbers: Vec<u8> = came.reply().iter().map(|(number, _)| number).collect();
    assert_eq!(numbers, [12, 13, 39, 41, 42, 60]);
    let sign_off = bench::request(&mut world, 820, "00002");
    assert_eq!(exchange(&mut world, &sign_off).code(), "00");
    assert_eq!(sale(&mut world, 10_000).code(), "77");
}

#[test]
fn bytes_that_are_no_message_are_not_answered() {
    let mut world = world(&[]);
    for bytes in [&[][..], &[0; 3], &[0xFF; 300], b"GET / HTTP/1.1\r\n\r\n"] {
        assert!(world.ports.host.exchange(bytes, 60_000).result.is_err());
    }
    assert!(world.order().is_empty());
}

#[test]
fn what_a_test_gives_is_what_comes() {
    let mut world = world(&[]);
    world.reply_with(vec![(39, b"51".to_vec())]);
    assert_eq!(sale(&mut world, 10_000).code(), "51");
    assert!(world.host_ledger().is_empty());
    world.silent_for(61_000);
    assert_eq!(sale(&mut world, 10_000).code(), "timeout");
    assert_eq!(world.host_ledger().len(), 1, "taken and booked, but not answered");
    world.silent_for(59_000);
    world.reply_with(vec![(38, b"777777".to_vec())]);
    assert_eq!(send_reversals(&mut world), ["00"]);
    assert_eq!(sale(&mut world, 10_000).reply().text(38), Some("777777"));
    assert!(world.received(Mti(200), &[(4, b"000000010000".to_vec())]).is_some());
    assert!(world.received(Mti(200), &[(4, b"000000000001".to_vec())]).is_none());
    assert_eq!(world.order(), [Mti(200), Mti(200), Mti(400), Mti(200)]);
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    let run = |seed: u64| {
        let setup = tillscript::world::simulation::Setup {
            seed,
            ..tillscript::world::simulation::Setup::new(bench::dialect())
        };
        let mut world = Simulation::start(setup).unwrap();
        assert!(sign_in(&mut world, "004"));
        let came = sale(&mut world, 10_000);
        came.reply().iter().map(|(number, value)| (number, value.as_bytes().to_vec())).collect::<Vec<_>>()
    };
    assert_eq!(run(1), run(1));
    assert_ne!(run(1), run(2));
}

#[test]
fn a_dialect_without_macs_and_batches_is_answered_too() {
    use tillscript::payment::iso8583::frame::{frame, unframe};
    use tillscript::payment::iso8583::message::Message;
    use tillscript::payment::iso8583::{pack::pack, unpack::unpack};
    use tillscript::world::simulation::Setup;
    let mut dialect = crate::payment::dialects::iso1987();
    dialect.messages = bench::dialect().messages;
    for rule in &mut dialect.messages {
        rule.mac = false;
        rule.needed = [11, 41].into_iter().collect();
    }
    (dialect.approved, dialect.mac) = (vec![bench::code("00")], None);
    dialect.reversal = bench::dialect().reversal;
    let mut world = Simulation::start(Setup::new(dialect.clone())).unwrap();
    let mut send = |mti: u16, stan: &str, fields: &[(u8, &str)]| {
        let mut message = Message::new(Mti(mti));
        message.set(11, stan);
        message.set(41, "10000007");
        fields.iter().for_each(|(number, value)| message.set(*number, *value));
        let bytes = frame(&dialect, &pack(&message, &dialect).unwrap(), 0).unwrap();
        let reply = world.ports.host.exchange(&bytes, 60_000).result.unwrap();
        let reply = unpack(unframe(&dialect, &reply).unwrap().body, &dialect).unwrap();
        assert_eq!(reply.mti, Mti(mti).reply());
        reply.text(39).unwrap().to_owned()
    };
    let sale = [(2, "6299993000000015"), (3, "000000"), (4, "000000010000"), (22, "051"), (49, "156")];
    let card = tillscript::world::profile::find("prepaid").unwrap();
    let sale = sale.map(|(number, value)| (number, if number == 2 { card.pan.clear_digits() } else { value }));
    assert_eq!(send(820, "000001", &[(70, "301")]), "00");
    assert_eq!(send(800, "000002", &[(70, "002")]), "00");
    assert_eq!(send(200, "000003", &sale), "77");
    assert_eq!(send(800, "000004", &[(70, "001")]), "00");
    assert_eq!(send(200, "000005", &sale), "00");
    assert_eq!(send(400, "000005", &sale), "00");
    assert_eq!(send(400, "000006", &sale), "25");
    assert!(world.host_ledger().is_empty());
}
