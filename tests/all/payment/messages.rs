//! Messages written, read back, and described.

use crate::payment::dialects::{cup, iso1987};
use proptest::collection::vec;
use proptest::prelude::{BoxedStrategy, Just, Strategy, any, prop_assert_eq, proptest};
use proptest::sample::select;
use tillscript::payment::hex;
use tillscript::payment::iso8583::canonical::{canonical, canonical_value};
use tillscript::payment::iso8583::describe::{Wording, describe};
use tillscript::payment::iso8583::dialect::{Dialect, FieldSet, Mti};
use tillscript::payment::iso8583::field::{Class, Encoding, Field, Length, Padding};
use tillscript::payment::iso8583::message::{Message, Value};
use tillscript::payment::iso8583::number::digits;
use tillscript::payment::iso8583::pack::{pack, pack_for_mac, pack_with_mac};
use tillscript::payment::iso8583::pack_error::PackError;
use tillscript::payment::iso8583::unpack::{mac_input, unpack};

fn message(mti: &str, fields: &[(u8, &str)]) -> Message {
    let mut message = Message::new(Mti::parse(mti).unwrap());
    for (number, text) in fields {
        message.set(*number, *text);
    }
    message
}

fn packed(message: &Message, dialect: &Dialect) -> String {
    hex::encode(&pack(message, dialect).unwrap())
}

#[test]
fn a_message_is_a_row_sorted_by_number() {
    let mut one = message("0200", &[(64, "MAC"), (2, "x"), (11, "000001"), (2, "y")]);
    assert_eq!(one.iter().map(|(number, _)| number).collect::<Vec<_>>(), [2, 11, 64]);
    assert_eq!((one.text(2), one.get(11), one.text(3)), (Some("y"), Some(&b"000001"[..]), None));
    assert_eq!(one.numbers().iter().collect::<Vec<_>>(), [2, 11, 64]);
    assert_eq!(one.remove(2), Some(Value::from("y")));
    assert!(one.remove(2).is_none() && !one.has(2) && one.has(11));
    one.set(2, vec![0xFF]);
    assert_eq!((one.text(2), one.get(2)), (None, Some(&[0xFF][..])));
    assert_ne!(one, message("0200", &[(11, "000001"), (64, "MAC")]));
}

#[test]
fn each_way_of_writing_gives_the_bytes_of_the_trade() {
    let cup = cup();
    let field = |number: u8, value: &str| {
        // Message type and bitmap take ten bytes.
        packed(&message("0200", &[(number, value)]), &cup)[20..].to_owned()
    };
    assert_eq!(field(2, "6222021234567895"), "166222021234567895");
    assert_eq!(field(2, "6222021234567895678"), "1962220212345678956780", "odd: spare nibble behind");
    assert_eq!(field(4, "10000"), "000000010000");
    assert_eq!(field(22, "021"), "0210", "left-justified");
    assert_eq!(field(23, "001"), "0001", "right-justified");
    assert_eq!(field(23, "1"), "0001");
    assert_eq!(field(35, "6222021234567895=3012"), "216222021234567895D30120");
    assert_eq!(field(35, "6222021234567895D3012"), "216222021234567895D30120");
    assert_eq!(field(41, "T1"), "5431202020202020");
    assert_eq!(field(44, ""), "00");
    assert_eq!(field(60, "22000001001"), "0011220000010010");
    assert_eq!(field(63, "001"), "0003303031");
    assert_eq!(field(62, "AB"), "00024142");
    assert_eq!(packed(&message("0200", &[(11, "1")]), &cup), "02000020000000000000000001");

    let ascii = iso1987();
    let text = |message: &Message| String::from_utf8(pack(message, &ascii).unwrap().to_vec()).unwrap();
    assert_eq!(text(&message("0800", &[(11, "1"), (70, "301")])), "080080200000000000000400000000000000000001301");
    assert_eq!(text(&message("0200", &[(28, "C5")])), "02000000001000000000C00000005");
    assert_eq!(text(&message("0200", &[(2, "6222021234567895")])), "02004000000000000000166222021234567895");
    assert_eq!(text(&message("0200", &[(52, "8 bytes!")])), "02000000000000001000".to_owned() + "3820627974657321");
    assert_eq!(text(&message("0200", &[(46, "")])), "02000000000000040000000");
}

#[test]
fn what_cannot_be_written_is_named_by_field() {
    let cup = cup();
    let refused = |number: u8, value: &str| pack(&message("0200", &[(number, value)]), &cup).err();
    assert_eq!(refused(5, "1"), Some(PackError::UnknownField { number: 5 }));
    assert_eq!(refused(0, "1"), Some(PackError::UnknownField { number: 0 }));
    assert_eq!(refused(1, "1"), Some(PackError::UnknownField { number: 1 }));
    assert_eq!(refused(200, "1"), Some(PackError::UnknownField { number: 200 }));
    assert_eq!(refused(4, "1234567890123"), Some(PackError::TooLong { number: 4, max: 12, found: 13 }));
    assert_eq!(refused(2, &"6".repeat(20)), Some(PackError::TooLong { number: 2, max: 19, found: 20 }));
    assert_eq!(refused(4, ""), Some(PackError::TooShort { number: 4, needed: 12, found: 0 }));
    assert_eq!(refused(39, "0"), Some(PackError::TooShort { number: 39, needed: 2, found: 1 }));
    assert_eq!(refused(52, "1234567"), Some(PackError::TooShort { number: 52, needed: 8, found: 7 }));
    assert_eq!(refused(4, "-1"), Some(PackError::Character { number: 4, place: 0 }));
    assert_eq!(refused(4, "1０"), Some(PackError::Character { number: 4, place: 1 }));
    assert_eq!(refused(37, "12*4"), Some(PackError::Character { number: 37, place: 2 }));
    assert_eq!(refused(35, "6222 "), Some(PackError::Character { number: 35, place: 4 }));
    assert_eq!(pack(&Message::new(Mti(10_000)), &cup).err(), Some(PackError::MessageType));

    let ascii = iso1987();
    let refused = |number: u8, value: &str| pack(&message("0200", &[(number, value)]), &ascii).err();
    assert_eq!(refused(28, "05"), Some(PackError::Character { number: 28, place: 0 }));
    assert_eq!(refused(28, "CC"), Some(PackError::Character { number: 28, place: 1 }));

    let mut odd = cup.clone();
    let by_number = |dialect: &mut Dialect, number, change: &dyn Fn(&mut Field)| {
        change(dialect.fields.iter_mut().find(|field| field.number == number).unwrap());
    };
    by_number(&mut odd, 37, &|field| field.encoding = Encoding::Bcd);
    by_number(&mut odd, 2, &|field| field.length = Length::variable(0, 19));
    by_number(&mut odd, 62, &|field| field.length = Length::variable(2, 512));
    by_number(&mut odd, 4, &|field| field.padding = Padding::SpacesRight);
    by_number(&mut odd, 64, &|field| field.padding = Padding::SpacesRight);
    let spaces = message("0200", &[(64, "bytes   ")]);
    assert_eq!(unpack(&pack(&spaces, &odd).unwrap(), &odd), Ok(spaces), "bytes are never taken for filling");
    let refused = |number: u8, value: &str| pack(&message("0200", &[(number, value)]), &odd).err();
    for (number, value) in [(37, "1"), (2, "6222021234567895"), (62, "x".repeat(100).as_str()), (4, "1")] {
        assert_eq!(refused(number, value), Some(PackError::Unwritable { number }));
    }
    assert_eq!(refused(64, "bytes"), Some(PackError::TooShort { number: 64, needed: 8, found: 5 }));
}

#[test]
fn values_come_back_without_the_spaces_that_fill_them() {
    let cup = cup();
    let sent = message("0210", &[(4, "1"), (23, "1"), (37, "REF  1 "), (38, ""), (41, "T1"), (42, "  M  ")]);
    let read = unpack(&pack(&sent, &cup).unwrap(), &cup).unwrap();
    let expected =
        message("0210", &[(4, "000000000001"), (23, "001"), (37, "REF  1"), (38, ""), (41, "T1"), (42, "  M")]);
    assert_eq!(read, expected);
    assert_eq!(canonical(&sent, &cup), Ok(expected));
    assert_eq!(canonical(&message("0210", &[(5, "1")]), &cup), Err(PackError::UnknownField { number: 5 }));
    let amount = cup.field(4).unwrap();
    assert_eq!(canonical_value(amount, b"100"), Ok(Value::from("000000000100")));
    assert_eq!(canonical_value(amount, b"1.0"), Err(PackError::Character { number: 4, place: 1 }));
    assert_eq!(canonical_value(cup.field(35).unwrap(), b"6222D30"), Ok(Value::from("6222=30")));
}

#[test]
fn a_set_gives_its_numbers_in_order() {
    for numbers in [vec![], vec![0], vec![127], vec![0, 1, 63, 64, 65, 126, 127], (0..128).collect()] {
        let set: FieldSet = numbers.iter().rev().copied().chain([128, 200]).collect();
        assert_eq!(set.iter().collect::<Vec<u8>>(), numbers);
    }
    assert_eq!((digits::<6>(0), digits::<6>(1_234), digits::<3>(1_234)), (*b"000000", *b"001234", *b"234"));
}

#[test]
fn the_mac_covers_all_in_front_of_field_64_and_its_bit() {
    let cup = cup();
    let mut sale = message("0200", &[(3, "000000"), (4, "1234"), (11, "2"), (41, "00000019")]);
    let covered = pack_for_mac(&sale, &cup).unwrap();
    assert_ne!(covered[..], pack(&sale, &cup).unwrap()[..], "the bit of field 64 is set");
    sale.set(64, &b"B3A092AE"[..]);
    let body = pack(&sale, &cup).unwrap();
    assert_eq!(covered, pack_for_mac(&sale, &cup).unwrap(), "with or without its MAC");
    assert_eq!(body[..body.len() - 8], covered[..]);
    assert_eq!(mac_input(&body, &sale, &cup), Some(&covered[..]));
    assert_eq!(pack_with_mac(covered.clone(), b"B3A092AE", &cup), Ok(body.clone()), "each field written once");
    assert_eq!(pack_with_mac(Vec::clone(&covered).into(), b"B3A092AE", &cup), Ok(body.clone()), "without room for it");
    assert_eq!(mac_input(&body, &message("0200", &[(3, "000000")]), &cup), None);
    assert_eq!(mac_input(&[1, 2, 3], &sale, &cup), None);

    let ascii = iso1987();
    let sale = message("0200", &[(3, "000000"), (64, "12345678")]);
    let body = pack(&sale, &ascii).unwrap();
    assert_eq!(mac_input(&body, &sale, &ascii), Some(&body[..body.len() - 16]));
    let covered = pack_for_mac(&sale, &ascii).unwrap();
    assert_eq!(mac_input(&body, &sale, &ascii), Some(&covered[..]));
    assert_eq!(pack_with_mac(covered, b"12345678", &ascii), Ok(body));
    let beyond = message("0800", &[(64, "12345678"), (70, "301")]);
    assert_eq!(pack_for_mac(&beyond, &ascii).err(), Some(PackError::BehindMac { number: 70 }));
    assert_eq!(mac_input(&pack(&beyond, &ascii).unwrap(), &beyond, &ascii), None);
}

#[test]
fn a_description_masks_by_what_a_field_holds() {
    let mut dialect = cup();
    for (number, name, zh, en) in [(2, "pan", "主账号", "Card number"), (4, "amount", "交易金额", "Amount")] {
        let field = dialect.fields.iter_mut().find(|field| field.number == number).unwrap();
        (field.name, field.zh, field.en) = (name.to_owned(), zh.to_owned(), en.to_owned());
    }
    let mut sale = message(
        "0200",
        &[
            (2, "6222021234567895678"),
            (4, "000000010000"),
            (14, "3012"),
            (35, "6222021234567895678=30122201234567890"),
            (39, "00"),
            (49, "156"),
            (52, "\u{1}\u{2}345678"),
            (55, "Z\u{8}bbUgfT2"),
            (62, "0123456789ABCDEF01234567"),
            (63, "OK 交易成功，\u{1b}[2J\\\u{202e}"),
            (64, "B3A092AE"),
        ],
    );
    sale.set(5, "secret");
    let lines = |wording| describe(&sale, &dialect, wording).iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        lines(Wording::Zh),
        [
            "F2 pan 主账号 622202*********5678",
            "F4 amount 交易金额 100.00 CNY",
            "F5 <6 字节>",
            "F14 field_14 域14 **/**",
            "F35 field_35 域35 <不显示>",
            "F39 field_39 域39 00",
            "F49 field_49 域49 156",
            "F52 field_52 域52 <不显示>",
            "F55 field_55 域55 <9 字节>",
            "F62 field_62 域62 <不显示>",
            "F63 field_63 域63 OK 交易成功，\\u{1b}[2J\\\\\\u{202e}",
            "F64 field_64 域64 B3A092AE",
        ]
    );
    let english = lines(Wording::En);
    assert_eq!(english[1], "F4 amount Amount 100.00 CNY");
    assert_eq!((english[2].as_str(), english[4].as_str()), ("F5 <6 bytes>", "F35 field_35 Field 35 <hidden>"));

    let shown = |fields: &[(u8, &str)]| describe(&message("0200", fields), &dialect, Wording::En)[0].shown.clone();
    assert_eq!(shown(&[(4, "000000010000")]), "000000010000", "no currency, no decimals");
    assert_eq!(shown(&[(4, "000000010000"), (49, "392")]), "10000 JPY");
    assert_eq!(shown(&[(4, "000000010000"), (49, "USD")]), "100.00 USD");
    assert_eq!(shown(&[(2, "622202123456")]), "************", "too short to show any of it");

    let mut broken = Message::new(Mti(210));
    broken.set(63, vec![0xBD, 0xBB, b'A', 0]);
    assert_eq!(describe(&broken, &dialect, Wording::En)[0].shown, "\\xBD\\xBBA\\u{0}");
}

#[test]
fn a_message_never_prints_what_it_holds() {
    let sale = message("0200", &[(2, "6222021234567895678"), (35, "6222021234567895678=3012")]);
    assert_eq!(format!("{sale:?}"), "0200 {2: <19 bytes>, 35: <24 bytes>}");
}

/// Any value that a field can hold and that comes back as it was.
pub(super) fn value(field: &Field) -> BoxedStrategy<Vec<u8>> {
    let max = usize::from(field.length.max());
    let fixed = matches!(field.length, Length::Fixed { .. });
    let spaced = fixed && field.padding == Padding::SpacesRight && field.class != Class::Bytes;
    // Longer values show nothing that shorter ones do not, save at the very end of what is allowed.
    let lengths = match (fixed, spaced) {
        (true, false) => Just(max).boxed(),
        _ => proptest::prop_oneof![0..=max.min(40), Just(max), Just(max.saturating_sub(1))].boxed(),
    };
    let class = field.class;
    let in_bcd = field.encoding == Encoding::Bcd;
    let character = move |place: usize| match class {
        Class::Digits => select(b"0123456789".to_vec()).boxed(),
        Class::Alphanumeric => select(b"0123456789ABCXYZabcxyz ".to_vec()).boxed(),
        Class::Text | Class::Bytes => any::<u8>().boxed(),
        // In BCD both signs of the separator are the same nibble.
        Class::Track if in_bcd => select(b"0123456789=".to_vec()).boxed(),
        Class::Track => select(b"0123456789=D".to_vec()).boxed(),
        Class::SignedDigits if place == 0 => select(b"CD".to_vec()).boxed(),
        Class::SignedDigits => select(b"0123456789".to_vec()).boxed(),
    };
    lengths
        .prop_flat_map(move |length| (0..length).map(character).collect::<Vec<_>>())
        .prop_map(move |mut value| {
            while spaced && value.last() == Some(&b' ') {
                value.pop();
            }
            value
        })
        .boxed()
}

/// Any message of the dialect, with a quarter of its fields.
pub(super) fn any_message(dialect: &Dialect) -> BoxedStrategy<Message> {
    let fields: Vec<_> = dialect
        .fields
        .iter()
        .map(|field| {
            let number = field.number;
            proptest::option::weighted(0.25, value(field).prop_map(move |value| (number, value)))
        })
        .collect();
    (0..10_000_u16, fields)
        .prop_map(|(mti, fields)| {
            let mut message = Message::new(Mti(mti));
            for (number, value) in fields.into_iter().flatten() {
                message.set(number, value);
            }
            message
        })
        .boxed()
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(64))]

    #[test]
    fn every_bcd_message_comes_back(message in any_message(&cup())) {
        let body = pack(&message, &cup()).unwrap();
        prop_assert_eq!(unpack(&body, &cup()), Ok(message));
    }

    #[test]
    fn every_ascii_message_comes_back(message in any_message(&iso1987())) {
        let body = pack(&message, &iso1987()).unwrap();
        prop_assert_eq!(unpack(&body, &iso1987()), Ok(message));
    }

    #[test]
    fn what_is_read_is_the_canonical_form_of_what_was_sent(fields in vec((2_u8..=64, "[0-9D]{1,6} {0,2}"), 1..6)) {
        for dialect in [cup(), iso1987()] {
            let mut sent = Message::new(Mti(200));
            for (number, text) in &fields {
                sent.set(*number, text.as_str());
                if pack(&sent, &dialect).is_err() {
                    sent.remove(*number);
                }
            }
            let body = pack(&sent, &dialect).unwrap();
            prop_assert_eq!(unpack(&body, &dialect).unwrap(), canonical(&sent, &dialect).unwrap());
        }
    }

    #[test]
    fn the_description_of_any_message_can_be_printed(fields in vec((2_u8..=128, any::<Vec<u8>>()), 0..20)) {
        let mut message = Message::new(Mti(200));
        for (number, value) in fields {
            message.set(number, value);
        }
        for line in describe(&message, &iso1987(), Wording::Zh) {
            prop_assert_eq!(line.to_string().find(char::is_control), None);
        }
    }
}
