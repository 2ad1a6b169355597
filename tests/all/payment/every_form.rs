//! Every way of writing a field, a bitmap and a frame: the bytes of each, and that whatever is written comes back.

use crate::payment::messages::any_message;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, proptest};
use proptest::sample::select;
use std::sync::OnceLock;
use tillscript::payment::hex;
use tillscript::payment::iso8583::canonical::canonical;
use tillscript::payment::iso8583::codec::{Codec, CodecCell};
use tillscript::payment::iso8583::decode::{Begin, decode};
use tillscript::payment::iso8583::decode_error::{DecodeProblem, Layer, PartKey};
use tillscript::payment::iso8583::dialect::{BitmapForm, Dialect, Framing, HeaderHolds, HeaderPart, Mti, WireForm};
use tillscript::payment::iso8583::field::{Class, Counts, Encoding, Field, Holds, Length, Padding};
use tillscript::payment::iso8583::frame::{frame, frame_reply, unframe};
use tillscript::payment::iso8583::guess::guess;
use tillscript::payment::iso8583::header;
use tillscript::payment::iso8583::layout::{Layout, LayoutKind, Part};
use tillscript::payment::iso8583::message::Message;
use tillscript::payment::iso8583::number::NumberForm;
use tillscript::payment::iso8583::pack::pack;
use tillscript::payment::iso8583::pack_error::{PackError, PartProblem};
use tillscript::payment::iso8583::unpack::unpack;
use tillscript::payment::iso8583::view::Offsets;
use tillscript::payment::iso8583::what_if::{WhatIf, what_if};
use tillscript::run::known_dialects;

fn field(number: u8, class: Class, encoding: Encoding, length: Length, padding: Padding) -> Field {
    Field {
        number,
        name: format!("field_{number}"),
        zh: format!("域{number}"),
        en: format!("field {number}"),
        holds: Holds::Plain,
        class,
        encoding,
        length,
        padding,
        layouts: Vec::new(),
    }
}

fn dialect(form: WireForm, fields: Vec<Field>) -> Dialect {
    Dialect {
        name: "test".into(),
        base: None,
        form,
        framing: Framing::default(),
        fields,
        messages: Vec::new(),
        approved: Vec::new(),
        reversal: None,
        mac: None,
        table: CodecCell::default(),
    }
}

fn variable(digits: u8, max: u16, prefix: NumberForm, counts: Counts) -> Length {
    Length::Variable { digits, max, prefix: Some(prefix), counts }
}

/// The bytes of one value in one field, and that they are read as that value again.
fn written(class: Class, encoding: Encoding, length: Length, padding: Padding, text: &str) -> String {
    let dialect = dialect(WireForm::BCD, vec![field(2, class, encoding, length, padding)]);
    let mut message = Message::new(Mti(200));
    message.set(2, text);
    let body = pack(&message, &dialect).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(unpack(&body, &dialect), canonical(&message, &dialect).map_err(|_| unreachable!()), "{text}");
    hex::encode(&body[10..])
}

#[test]
fn each_choice_gives_its_bytes() {
    use Encoding::{Ascii, Bcd, Ebcdic037, Ebcdic1047, HexText};
    let units = |digits, max, prefix| variable(digits, max, prefix, Counts::Units);
    let bytes = |digits, max, prefix| variable(digits, max, prefix, Counts::Bytes);
    let fixed = |max| Length::Fixed { max };
    let (n, ans, none) = (Class::Digits, Class::Text, Padding::None);
    let rows: &[(Class, Encoding, Length, Padding, &str, &str)] = &[
        // The length in front, in each form.
        (n, Bcd, units(2, 19, NumberForm::Bcd), none, "1234", "041234"),
        (n, Bcd, units(2, 19, NumberForm::Ascii), none, "1234", "30341234"),
        (n, Bcd, units(2, 19, NumberForm::Binary), none, "12345678901", "0B123456789010"),
        (n, Bcd, units(2, 19, NumberForm::Ebcdic), none, "1234", "F0F41234"),
        (ans, Ascii, units(1, 9, NumberForm::Ascii), none, "AB", "324142"),
        (ans, Ascii, units(3, 999, NumberForm::Bcd), none, "AB", "00024142"),
        (ans, Ascii, units(3, 999, NumberForm::Binary), none, "AB", "00024142"),
        (ans, Ascii, units(4, 9999, NumberForm::Ascii), none, "AB", "303030324142"),
        (ans, Ascii, units(4, 9999, NumberForm::Bcd), none, "AB", "00024142"),
        // What it counts.
        (n, Bcd, bytes(2, 20, NumberForm::Bcd), none, "1234", "021234"),
        (n, Bcd, bytes(2, 20, NumberForm::Bcd), Padding::FRight, "123", "02123F"),
        (ans, Ebcdic037, bytes(2, 20, NumberForm::Binary), none, "AB", "02C1C2"),
        // Odd counts: the spare nibble behind, in front, and an F in it.
        (n, Bcd, units(2, 19, NumberForm::Bcd), none, "123", "031230"),
        (n, Bcd, units(2, 19, NumberForm::Bcd), Padding::ZerosLeft, "123", "030123"),
        (n, Bcd, units(2, 19, NumberForm::Bcd), Padding::FRight, "123", "03123F"),
        (n, Bcd, fixed(3), Padding::ZerosLeft, "021", "0021"),
        (n, Bcd, fixed(3), Padding::ZerosRight, "021", "0210"),
        // EBCDIC: letters and digits alike on both pages, brackets not.
        (ans, Ebcdic037, fixed(6), Padding::SpacesRight, "Ab1", "C182F1404040"),
        (n, Ebcdic037, fixed(4), Padding::ZerosLeft, "12", "F0F0F1F2"),
        (ans, Ebcdic037, fixed(2), none, "[]", "BABB"),
        (ans, Ebcdic1047, fixed(2), none, "[]", "ADBD"),
        (Class::Track, Ebcdic037, units(2, 37, NumberForm::Ebcdic), none, "12=3", "F0F4F1F27EF3"),
        (Class::SignedDigits, Ebcdic037, fixed(9), Padding::ZerosLeft, "C5", "C3F0F0F0F0F0F0F0F5"),
        // A sign in ASCII before digits in BCD.
        (Class::SignedDigits, Bcd, fixed(9), Padding::ZerosLeft, "D123", "4400000123"),
        (Class::SignedDigits, Bcd, fixed(9), none, "C12345678", "4312345678"),
        // Bytes as text.
        (Class::Bytes, HexText, units(2, 20, NumberForm::Ascii), none, "\u{1}\u{2}", "303230313032"),
        (Class::Bytes, HexText, bytes(2, 20, NumberForm::Ascii), none, "\u{1}\u{2}", "303430313032"),
    ];
    for (class, encoding, length, padding, text, expected) in rows {
        assert_eq!(
            written(*class, *encoding, *length, *padding, text),
            *expected,
            "{encoding:?} {length:?} {padding:?}"
        );
    }
}

#[test]
fn an_odd_count_that_nobody_could_tell_is_refused() {
    let length = variable(2, 9, NumberForm::Bcd, Counts::Bytes);
    let dialect = dialect(WireForm::BCD, vec![field(2, Class::Digits, Encoding::Bcd, length, Padding::None)]);
    let mut message = Message::new(Mti(200));
    message.set(2, "123");
    assert_eq!(pack(&message, &dialect).err(), Some(PackError::TooShort { number: 2, needed: 4, found: 3 }));
    let read = |fields: &str| {
        let body = format!("02004000000000000000{fields}");
        unpack(&hex::decode(body.as_bytes()).unwrap(), &dialect).map_err(|error| error.problem)
    };
    assert_eq!(read("02123F").unwrap().text(2), Some("123"));
    assert_eq!(read("05123456789F").unwrap().text(2), Some("123456789"), "nine digits and their filling");
    assert_eq!(read("051234567890").unwrap_err(), DecodeProblem::TooLong, "ten digits");
}

#[test]
fn a_sign_before_bcd_is_looked_at_like_any_other() {
    let length = |max| Length::Fixed { max };
    let of = |max| {
        let field = field(28, Class::SignedDigits, Encoding::Bcd, length(max), Padding::ZerosLeft);
        dialect(WireForm::BCD, vec![field])
    };
    let nine = of(9);
    let read = |fields: &str| {
        let body = format!("02000000001000000000{fields}");
        unpack(&hex::decode(body.as_bytes()).unwrap(), &nine).map_err(|error| (error.problem, error.offset))
    };
    assert_eq!(read("4400000123").unwrap().text(28), Some("D00000123"));
    assert_eq!(read("5800000123").unwrap_err(), (DecodeProblem::Character, 10));
    assert_eq!(read("44000001A3").unwrap_err(), (DecodeProblem::Character, 14));
    assert_eq!(read("44000001").unwrap_err(), (DecodeProblem::Truncated, 10));
    let mut message = Message::new(Mti(200));
    for (text, refused) in [
        ("X123", PackError::Character { number: 28, place: 0 }),
        ("D1234567890", PackError::TooLong { number: 28, max: 9, found: 11 }),
    ] {
        message.set(28, text);
        assert_eq!(pack(&message, &nine).err(), Some(refused));
    }
    // Half a byte would be left.
    message.set(28, "D1");
    assert_eq!(pack(&message, &of(8)).err(), Some(PackError::Unwritable { number: 28 }));
}

#[test]
fn a_third_bitmap_is_there_where_a_field_above_128_is() {
    let one = |number| field(number, Class::Digits, Encoding::Bcd, Length::Fixed { max: 2 }, Padding::ZerosLeft);
    for (form, width) in [(BitmapForm::Binary, 8), (BitmapForm::Hex, 16), (BitmapForm::EbcdicHex, 16)] {
        let dialect = dialect(WireForm { bitmap: form, ..WireForm::BCD }, vec![one(2), one(70), one(129), one(192)]);
        for (fields, bitmaps) in [(&[2][..], 1), (&[2, 70], 2), (&[129], 3), (&[2, 70, 129, 192], 3)] {
            let mut message = Message::new(Mti(200));
            fields.iter().for_each(|number| message.set(*number, "12"));
            let body = pack(&message, &dialect).unwrap();
            assert_eq!(body.len(), 2 + bitmaps * width + fields.len(), "{form:?} {fields:?}");
            assert_eq!(unpack(&body, &dialect), Ok(message));
        }
    }
    // Without such a field 65 is a field like others.
    let plain = dialect(WireForm::BCD, vec![one(65)]);
    let mut message = Message::new(Mti(200));
    message.set(65, "07");
    assert_eq!(unpack(&pack(&message, &plain).unwrap(), &plain), Ok(message));
}

#[test]
fn a_view_gives_the_bytes_where_they_are() {
    let dialect = &library()[0];
    let codec = Codec::new(dialect);
    let mut body = Vec::new();
    let fields: [(u8, &[u8]); 3] = [(2, b"6299990000000007"), (4, b"000000010000"), (41, b"T1")];
    codec.pack(Mti(200), fields.into_iter(), &mut body).unwrap();
    let mut offsets = Offsets::default();
    for _ in 0..2 {
        let view = codec.unpack(&body, &mut offsets).unwrap();
        assert_eq!(view.raw(2), Some(&body[11..19]));
        assert_eq!(view.raw(41).map(<[u8]>::len), Some(8));
        assert_eq!(view.value(41).map(|value| value.as_bytes().to_vec()), Some(b"T1".to_vec()));
        assert_eq!((view.raw(3), view.value(5), view.present().count()), (None, None, 3));
        assert!(!format!("{view:?}").contains("6299"));
    }
}

#[test]
fn a_frame_has_its_length_in_every_form() {
    let mut dialect = dialect(WireForm::BCD, Vec::new());
    let rows: &[(u8, NumberForm, bool, &str)] = &[
        (0, NumberForm::Binary, false, ""),
        (2, NumberForm::Binary, false, "000A"),
        (2, NumberForm::Binary, true, "000C"),
        (4, NumberForm::Binary, false, "0000000A"),
        (2, NumberForm::Bcd, false, "0010"),
        (4, NumberForm::Ascii, false, "30303130"),
        (4, NumberForm::Ascii, true, "30303134"),
        (4, NumberForm::Ebcdic, false, "F0F0F1F0"),
    ];
    let body = [0x08, 0x00, 0, 0, 0, 0, 0, 0, 0, 0];
    for (bytes, form, inclusive, front) in rows {
        dialect.framing =
            Framing { length_bytes: *bytes, length_form: *form, length_inclusive: *inclusive, ..Framing::default() };
        let framed = frame(&dialect, &body, 0).unwrap();
        assert_eq!(hex::encode(&framed[..usize::from(*bytes)]), *front, "{form:?}");
        assert_eq!(unframe(&dialect, &framed).map(|framed| framed.body.to_vec()), Ok(body.to_vec()), "{form:?}");
    }
    dialect.framing = Framing { length_bytes: 2, length_form: NumberForm::Bcd, ..Framing::default() };
    assert_eq!(
        frame(&dialect, &[0; 10_000], 0).map(|_| ()),
        Err(PackError::FrameTooLong { max: 9_999, found: 10_000 })
    );
    assert_eq!(unframe(&dialect, &[0x00, 0x0A]).map(|_| ()).map_err(|error| error.problem), Err(DecodeProblem::Digit));
    dialect.framing = Framing { length_bytes: 2, length_inclusive: true, ..Framing::default() };
    let short = unframe(&dialect, &[0, 1, 8, 0]).map(|_| ()).map_err(|error| (error.problem, error.layer));
    assert_eq!(short, Err((DecodeProblem::TooShort, Layer::Frame)));
}

#[test]
fn a_header_knows_its_length_its_command_and_both_ends() {
    let part = |name: &str, encoding, length, holds| HeaderPart {
        name: name.into(),
        zh: name.into(),
        en: name.into(),
        encoding,
        length,
        holds,
    };
    let mut dialect = dialect(WireForm::BCD, Vec::new());
    dialect.framing.header = b"\x12\x300000AABB".to_vec();
    dialect.framing.header_parts = vec![
        part("version", Encoding::Bcd, 1, HeaderHolds::Plain),
        part("command", Encoding::Bcd, 1, HeaderHolds::HostCommand),
        part("state", Encoding::Bcd, 2, HeaderHolds::Plain),
        part("length", Encoding::Ascii, 4, HeaderHolds::MessageLength),
        part("target", Encoding::Ascii, 2, HeaderHolds::Target),
        part("source", Encoding::Ascii, 2, HeaderHolds::Source),
    ];
    assert_eq!(header::width(&dialect.framing.header_parts), 2 * dialect.framing.header.len());
    let body = [0x08, 0x00, 0, 0, 0, 0, 0, 0, 0, 0];
    let request = frame(&dialect, &body, 3).unwrap();
    assert_eq!(&request[..10], b"\x13\x300020AABB");
    assert_eq!(&frame_reply(&dialect, &body, 0).unwrap()[..10], b"\x10\x300020BBAA");
    assert_eq!(unframe(&dialect, &request).unwrap().host_command, 3);
    let texts: Vec<String> = header::places(&dialect.framing.header_parts)
        .map(|(part, place)| header::text(part, place, &request).unwrap())
        .collect();
    assert_eq!(texts, ["1", "3", "30", "0020", "AA", "BB"]);
    assert!(unframe(&dialect, b"\x1A\x300020AABB").is_err_and(|error| error.layer == Layer::Header));
}

// ── Parts of a field ──

fn part(key: PartKey, class: Class, encoding: Encoding, length: Length) -> Part {
    Part { key, field: field(48, class, encoding, length, Padding::None) }
}

#[test]
fn parts_in_a_row_end_behind_any_part() {
    let number = |at, max| part(PartKey::Number(at), Class::Digits, Encoding::Ascii, Length::Fixed { max });
    let layout = Layout { mti: None, kind: LayoutKind::Row, parts: vec![number(1, 2), number(2, 6), number(3, 3)] };
    let read = |content: &[u8]| {
        let parts = layout.read(60, content);
        let texts: Vec<String> =
            parts.values.iter().map(|part| String::from_utf8_lossy(part.value.as_bytes()).into_owned()).collect();
        (texts, parts.error.map(|error| (error.path(), error.problem, error.offset)))
    };
    assert_eq!(read(b"22000001001"), (vec!["22".into(), "000001".into(), "001".into()], None));
    assert_eq!(read(b"22000001"), (vec!["22".into(), "000001".into()], None));
    assert_eq!(read(b"220000"), (vec!["22".into()], Some(("F60.2".into(), DecodeProblem::Truncated, 2))));
    assert_eq!(read(b"220000010019").1, Some(("F60".into(), DecodeProblem::Trailing, 11)));
    let write = |parts: &[(u8, &[u8])]| {
        let parts: Vec<(PartKey, &[u8])> = parts.iter().map(|(at, value)| (PartKey::Number(*at), *value)).collect();
        layout.write(60, &parts).map(|content| content.to_vec())
    };
    assert_eq!(write(&[(1, b"22"), (2, b"000001")]), Ok(b"22000001".to_vec()));
    let wrong = |key, problem| Err(PackError::Part { number: 60, key: PartKey::Number(key), problem });
    assert_eq!(write(&[(1, b"22"), (3, b"001")]), wrong(2, PartProblem::Missing));
    assert_eq!(write(&[(7, b"22")]), wrong(7, PartProblem::Unknown));
    assert_eq!(write(&[(1, b"2")]), wrong(1, PartProblem::DoesNotFit));
}

#[test]
fn unknown_tags_are_kept_and_written_again() {
    let known = part(PartKey::text(b"AS").unwrap(), Class::Text, Encoding::Ascii, Length::Fixed { max: 4 });
    let layout =
        Layout { mti: None, kind: LayoutKind::Tags { tag: 2, digits: 3, form: NumberForm::Ascii }, parts: vec![known] };
    let content = b"AS003abcZZ002\xFF\x00";
    let parts = layout.read(48, content);
    assert_eq!(parts.error, None);
    let again: Vec<(PartKey, &[u8])> = parts.values.iter().map(|part| (part.key, part.value.as_bytes())).collect();
    assert_eq!(layout.write(48, &again).unwrap().as_slice(), content);
    let cut = layout.read(48, b"AS003ab").error.unwrap();
    assert_eq!((cut.path(), cut.layer, cut.needed, cut.available), ("F48.AS".into(), Layer::Part, 3, 2));
    assert_eq!(layout.read(48, b"AS005abcde").error.unwrap().problem, DecodeProblem::TooLong);
    assert_eq!(layout.read(48, b"AS0x3abc").error.unwrap().problem, DecodeProblem::Digit);

    let ber = Layout { mti: None, kind: LayoutKind::Ber, parts: Vec::new() };
    let content = hex::decode(b"9F2608A1B2C3D4E5F60708DF810101018A0230307281820011").unwrap();
    let cut = ber.read(55, &content).error.unwrap();
    assert_eq!((cut.path(), cut.problem), ("F55.72".into(), DecodeProblem::Truncated));
    let content = hex::decode(b"9F2608A1B2C3D4E5F60708DF810100008A023030").unwrap();
    let parts = ber.read(55, &content);
    assert_eq!(parts.values.iter().map(|part| part.key.to_string()).collect::<Vec<_>>(), ["9F26", "DF8101", "8A"]);
    let long = vec![7; 300];
    let written = ber.write(55, &[(PartKey::ber(&[0x72]).unwrap(), &long)]).unwrap();
    assert_eq!(
        (&written[..4], ber.read(55, &written).values[0].value.as_bytes()),
        (&[0x72, 0x82, 1, 44][..], &long[..])
    );
    // A tag that would be read as another one.
    assert!(ber.write(55, &[(PartKey::ber(&[0xDF, 0x81]).unwrap(), b"x")]).is_err());
    for indefinite in ["9F2680", "9F2685FFFFFFFFFF", "9FFFFFFFFF01"] {
        assert!(ber.read(55, &hex::decode(indefinite.as_bytes()).unwrap()).error.is_some(), "{indefinite}");
    }
}

#[test]
fn bits_in_front_announce_parts() {
    let one = |at| part(PartKey::Number(at), Class::Text, Encoding::Ascii, Length::variable(2, 9));
    for form in [BitmapForm::Binary, BitmapForm::Hex, BitmapForm::EbcdicHex] {
        let layout =
            Layout { mti: None, kind: LayoutKind::Bits { bytes: 2, form }, parts: vec![one(1), one(9), one(16)] };
        let written = layout.write(127, &[(PartKey::Number(9), b"nine"), (PartKey::Number(1), b"one")]).unwrap();
        let read = layout.read(127, &written);
        assert_eq!(read.error, None, "{form:?}");
        assert_eq!(
            read.values.iter().map(|part| part.key).collect::<Vec<_>>(),
            [PartKey::Number(1), PartKey::Number(9)]
        );
        let unknown = layout.read(127, &[0x20, 0x00]).error;
        assert!(
            form != BitmapForm::Binary || unknown.is_some_and(|error| error.problem == DecodeProblem::UnknownField)
        );
    }
}

// ── Whatever is written comes back ──

/// Every dialect of the library.
fn library() -> &'static [Dialect] {
    static FOUND: OnceLock<Vec<Dialect>> = OnceLock::new();
    FOUND.get_or_init(|| {
        let all = known_dialects::all().unwrap_or_else(|unknown| panic!("{unknown:?}"));
        all.into_iter().map(|known| known.dialect).collect()
    })
}

/// Any field that makes sense: encoding, length, padding, form and meaning of the length are drawn apart.
fn any_field(number: u8) -> impl Strategy<Value = Field> {
    let classes = [Class::Digits, Class::Alphanumeric, Class::Text, Class::Bytes, Class::Track, Class::SignedDigits];
    let forms = [NumberForm::Bcd, NumberForm::Ascii, NumberForm::Binary, NumberForm::Ebcdic];
    (
        select(classes.to_vec()),
        any::<usize>(),
        0_u8..=4,
        1_u16..40,
        select(forms.to_vec()),
        any::<bool>(),
        any::<usize>(),
    )
        .prop_map(move |(class, encoding, digits, max, form, bytes, padding)| {
            let encodings: &[Encoding] = match class {
                Class::Bytes => &[Encoding::Binary, Encoding::HexText],
                Class::Digits | Class::Track => {
                    &[Encoding::Bcd, Encoding::Ascii, Encoding::Ebcdic037, Encoding::Ebcdic1047]
                }
                // A sign and pairs of digits.
                Class::SignedDigits if digits == 0 && max % 2 == 1 => {
                    &[Encoding::Bcd, Encoding::Ascii, Encoding::Ebcdic037, Encoding::Ebcdic1047]
                }
                _ => &[Encoding::Ascii, Encoding::Ebcdic037, Encoding::Ebcdic1047],
            };
            let encoding = encodings[encoding % encodings.len()];
            // A digit of length reaches to 9, and twice that where it counts half bytes' worth.
            let max = if digits == 1 { max.min(4) } else { max };
            let counts = if bytes { Counts::Bytes } else { Counts::Units };
            let length = if digits == 0 { Length::Fixed { max } } else { variable(digits, max, form, counts) };
            let paddings: &[Padding] = match (class, encoding, digits) {
                // Counted in bytes, only an F tells an odd count.
                (_, Encoding::Bcd, 1..) if bytes => &[Padding::FRight],
                (_, Encoding::Bcd, 1..) => &[Padding::None, Padding::ZerosLeft, Padding::FRight],
                (Class::Digits, _, 0) => &[Padding::None, Padding::ZerosLeft, Padding::ZerosRight],
                (Class::Alphanumeric | Class::Text, _, 0) => &[Padding::None, Padding::SpacesRight],
                _ => &[Padding::None],
            };
            field(number, class, encoding, length, paddings[padding % paddings.len()])
        })
}

fn any_dialect() -> impl Strategy<Value = Dialect> {
    let forms = [NumberForm::Bcd, NumberForm::Ascii, NumberForm::Ebcdic];
    let bitmaps = [BitmapForm::Binary, BitmapForm::Hex, BitmapForm::EbcdicHex];
    let numbers = [2_u8, 3, 35, 55, 64, 66, 100, 128, 130, 192];
    let fields: Vec<_> = numbers.into_iter().map(any_field).collect();
    (select(forms.to_vec()), select(bitmaps.to_vec()), fields)
        .prop_map(|(mti, bitmap, fields)| dialect(WireForm { mti, bitmap, lengths: mti }, fields))
}

fn with_message() -> impl Strategy<Value = (Dialect, Message)> {
    any_dialect().prop_flat_map(|dialect| {
        let message = any_message(&dialect);
        (Just(dialect), message)
    })
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(200))]

    #[test]
    fn any_message_of_any_dialect_comes_back((dialect, message) in with_message()) {
        let expected = canonical(&message, &dialect).unwrap();
        let body = pack(&message, &dialect).unwrap();
        prop_assert_eq!(unpack(&body, &dialect), Ok(expected.clone()));
        // What was read is written to the same bytes.
        prop_assert_eq!(pack(&expected, &dialect).unwrap(), body.clone());
        let decoded = decode(&body, &dialect, Some(Begin::Body));
        prop_assert!(decoded.is_ok());
        prop_assert_eq!(decoded.to_message(), Some(expected));
    }

    #[test]
    fn damage_is_survived_and_what_was_understood_is_true((dialect, message) in with_message(), at in any::<usize>(), to in any::<u8>(), cut in any::<bool>()) {
        let body = pack(&message, &dialect).unwrap();
        let at = at % body.len();
        let mut damaged = body.to_vec();
        damaged[at] = to;
        if cut {
            damaged.truncate(at);
        }
        let decoded = decode(&damaged, &dialect, Some(Begin::Body));
        prop_assert_eq!(decoded.is_ok(), unpack(&damaged, &dialect).is_ok());
        prop_assert!(decoded.problems.iter().all(|problem| problem.offset <= damaged.len()));
        // Fields that lie wholly before the damage are what was sent, if bitmap and type are whole.
        let whole = canonical(&message, &dialect).unwrap();
        let head = decoded.fields.first().map_or(damaged.len(), |field| field.at.start);
        for field in decoded.fields.iter().filter(|field| at >= head && field.at.end <= at) {
            prop_assert_eq!(whole.get(field.number), Some(field.value.as_bytes()));
        }
    }
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(24))]

    #[test]
    fn any_message_of_the_library_comes_back(messages in library().iter().map(any_message).collect::<Vec<_>>()) {
        for (dialect, message) in library().iter().zip(messages) {
            let body = pack(&message, dialect).unwrap();
            prop_assert_eq!(unpack(&body, dialect), canonical(&message, dialect).map_err(|_| unreachable!()));
            // Four digits of length count to 9999.
            if let Ok(framed) = frame(dialect, &body, 0) {
                let opened = unframe(dialect, &framed).unwrap();
                prop_assert_eq!(opened.body, body.as_slice());
            } else {
                prop_assert!(body.len() > 9_000);
            }
        }
    }

    #[test]
    fn any_parts_come_back(texts in vec("[A-Z]{2}", 0..6), values in vec(vec(any::<u8>(), 0..40), 6)) {
        for (kind, ber) in [
            (LayoutKind::Tags { tag: 2, digits: 2, form: NumberForm::Ascii }, false),
            (LayoutKind::Tags { tag: 2, digits: 3, form: NumberForm::Bcd }, false),
            (LayoutKind::Ber, true),
        ] {
            let layout = Layout { mti: None, kind, parts: Vec::new() };
            let key = |text: &String| if ber { PartKey::ber(&[0x9F, text.as_bytes()[0]]) } else { PartKey::text(text.as_bytes()) };
            let parts: Vec<(PartKey, &[u8])> =
                texts.iter().zip(&values).map(|(text, value)| (key(text).unwrap(), value.as_slice())).collect();
            let content = layout.write(48, &parts).unwrap();
            let read = layout.read(48, &content);
            prop_assert_eq!(read.error, None);
            let read: Vec<(PartKey, &[u8])> = read.values.iter().map(|part| (part.key, part.value.as_bytes())).collect();
            prop_assert_eq!(read, parts);
        }
    }

    #[test]
    fn any_bytes_are_taken_apart_and_guessed_at(bytes in vec(any::<u8>(), 0..120)) {
        for dialect in library() {
            let decoded = decode(&bytes, dialect, None);
            prop_assert_eq!(decoded.left.end, bytes.len());
            what_if(&bytes, dialect, &decoded);
        }
        prop_assert_eq!(guess(&bytes, library().iter()).len(), library().len());
    }
}

// ── What would mend it ──

/// A sale of `cn_pos`, framed.
fn sale() -> (Dialect, Message, Vec<u8>) {
    let dialect = library().iter().find(|dialect| dialect.name == "cn_pos").unwrap().clone();
    let mut message = Message::new(Mti(200));
    for (number, text) in [
        (2, "6299990000000009"),
        (3, "000000"),
        (4, "000000010000"),
        (11, "000012"),
        (22, "051"),
        (25, "00"),
        (35, "6299990000000009=30121010000012300"),
        (41, "10000007"),
        (42, "898310053110007"),
        (49, "156"),
        (60, "22000001000"),
    ] {
        message.set(number, text);
    }
    let body = pack(&message, &dialect).unwrap();
    let framed = frame(&dialect, &body, 0).unwrap().to_vec();
    (dialect, message, framed)
}

#[test]
fn the_change_that_mends_is_found() {
    let (dialect, message, framed) = sale();
    let changes = |bytes: &[u8]| what_if(bytes, &dialect, &decode(bytes, &dialect, None));
    assert_eq!(changes(&framed), []);
    let wrong_length = [&[0, 90], &framed[2..]].concat();
    assert_eq!(changes(&wrong_length), [WhatIf::LengthWrong { should_be: framed.len() - 2 }]);
    let inclusive = [&(framed.len() as u16).to_be_bytes()[..], &framed[2..]].concat();
    assert_eq!(changes(&inclusive).first(), Some(&WhatIf::LengthInclusive(true)));
    assert!(changes(hex::encode(&framed).as_bytes()).contains(&WhatIf::HexText));
    assert_eq!(changes(&[&framed[..], b"\r\n"].concat()), [WhatIf::Behind(2)]);
    let sent = |change: &dyn Fn(&mut Dialect)| {
        let mut other = dialect.clone();
        change(&mut other);
        let body = pack(&message, &other).unwrap();
        frame(&other, &body, 0).unwrap().to_vec()
    };
    assert_eq!(changes(&sent(&|d| d.framing.header = vec![0x60; 8])), [WhatIf::HeaderBytes(8)]);
    assert_eq!(changes(&sent(&|d| d.framing.header.clear())), [WhatIf::NoHeader]);
    assert_eq!(changes(&sent(&|d| d.form.bitmap = BitmapForm::Hex)), [WhatIf::Bitmap(BitmapForm::Hex)]);
    let by_number = |d: &mut Dialect, number: u8, change: &dyn Fn(&mut Field)| {
        d.fields.iter_mut().filter(|field| field.number == number).for_each(change);
    };
    let right = sent(&|d| by_number(d, 22, &|field| field.padding = Padding::ZerosLeft));
    assert_eq!(changes(&right), [WhatIf::FieldRight(22)]);
    let ascii = sent(&|d| by_number(d, 2, &|field| field.length = variable(2, 19, NumberForm::Ascii, Counts::Units)));
    assert!(changes(&ascii).contains(&WhatIf::FieldPrefix(2, NumberForm::Ascii)), "{:?}", changes(&ascii));
}

#[test]
fn the_field_in_front_is_suspected() {
    let (dialect, _, framed) = sale();
    // The length of the track says one digit pair less: everything behind it is out of place.
    let body = &framed[13..];
    let view = decode(body, &dialect, Some(Begin::Body));
    let at = view.field(35).unwrap().at.start;
    let mut damaged = body.to_vec();
    damaged[at] = 0x33 - 1;
    let decoded = decode(&damaged, &dialect, Some(Begin::Body));
    let problem = decoded.problems.last().unwrap();
    assert!(!decoded.is_ok() && decoded.field(25).is_some());
    assert!(decoded.problems.iter().any(|problem| problem.suspect == Some(35)), "{problem:?}");
}

#[test]
fn each_message_is_guessed_by_its_own_dialect() {
    for dialect in library() {
        let mut message = Message::new(Mti(if dialect.name == "iso1993" { 1200 } else { 200 }));
        for number in [3, 4, 11, 41, 42, 49] {
            let field = dialect.field(number).unwrap();
            let digits = matches!(field.class, Class::Digits);
            message.set(
                number,
                &(if digits { b"000001000000" } else { b"AB1234567890" })[..usize::from(field.length.max().min(12))],
            );
        }
        let body = pack(&message, dialect).unwrap();
        let framed = frame(dialect, &body, 0).unwrap();
        let best = &guess(&framed, library().iter())[0];
        // ISO 1987 and 1993 write these six fields alike; the message type tells them apart only by its first digit.
        let name = &library()[best.dialect].name;
        assert!(
            name == &dialect.name || dialect.name == "iso1993" && name == "iso1987",
            "{} taken for {name}",
            dialect.name
        );
        assert!(best.decoded.is_ok() && best.fit >= 50);
    }
}
