//! Bytes that no host should send: each gives an error that says where, or a message that can be written again.

use crate::payment::dialects::{cup, iso1987};
use crate::payment::keys::{bytes, vector};
use crate::payment::messages::any_message;
use proptest::prelude::{any, prop_assert_eq, proptest};
use tillscript::payment::hex;
use tillscript::payment::iso8583::decode_error::{DecodeError, DecodeProblem, Layer};
use tillscript::payment::iso8583::describe::{Wording, describe};
use tillscript::payment::iso8583::dialect::{Dialect, FieldSet, Mti};
use tillscript::payment::iso8583::frame::unframe;
use tillscript::payment::iso8583::message::Message;
use tillscript::payment::iso8583::pack::pack;
use tillscript::payment::iso8583::unpack::{mac_input, unpack};

/// Reads, and if that gives a message: it can be described, written, and read again as the same.
fn survives(body: &[u8], dialect: &Dialect) {
    match unpack(body, dialect) {
        Ok(message) => {
            describe(&message, dialect, Wording::En);
            let _ = mac_input(body, &message, dialect);
            let again = pack(&message, dialect).unwrap_or_else(|error| panic!("read but not written: {error}"));
            assert_eq!(unpack(&again, dialect).as_ref(), Ok(&message));
        }
        Err(error) => assert!(error.offset <= body.len() && !error.to_string().is_empty()),
    }
}

/// The error a body in hexadecimal gives.
fn error(body: &str, dialect: &Dialect) -> DecodeError {
    unpack(&hex::decode(body.replace(' ', "").as_bytes()).unwrap(), dialect).expect_err(body)
}

fn field_error(number: u8, offset: usize, needed: usize, available: usize, problem: DecodeProblem) -> DecodeError {
    DecodeError {
        layer: Layer::Field,
        field: Some(number),
        part: None,
        inner: None,
        offset,
        needed,
        available,
        problem,
        suspect: None,
    }
}

#[test]
fn every_cut_and_every_changed_byte_of_the_published_frame_is_survived() {
    let (wire, dialect) = (bytes(&vector("cup-mac-v2-wire-frame")["in"]["wire_frame"]), cup());
    let body = &wire[13..];
    for cut in 0..wire.len() {
        assert!(unframe(&dialect, &wire[..cut]).is_err(), "a frame of {cut} bytes");
    }
    for cut in 0..body.len() {
        let cut_short = unpack(&body[..cut], &dialect).expect_err("cut short");
        assert_eq!(cut_short.problem, DecodeProblem::Truncated, "cut at {cut}");
        assert_eq!(cut_short.offset + cut_short.available, cut, "cut at {cut}: {cut_short}");
        assert!(cut_short.needed > cut_short.available);
    }
    for at in 0..wire.len() {
        for value in 0..=255 {
            let mut changed = wire.clone();
            changed[at] = value;
            if let Ok(framed) = unframe(&dialect, &changed) {
                survives(framed.body, &dialect);
            }
        }
    }
}

#[test]
fn every_cut_and_every_changed_byte_of_an_ascii_message_is_survived() {
    let dialect = iso1987();
    let mut sent = Message::new(Mti(210));
    for (number, text) in [(2, "6222021234567895"), (4, "000000010000"), (28, "C00000005"), (39, "00"), (70, "301")] {
        sent.set(number, text);
    }
    let body = pack(&sent, &dialect).unwrap();
    for cut in 0..body.len() {
        assert!(unpack(&body[..cut], &dialect).is_err(), "cut at {cut}");
    }
    for at in 0..body.len() {
        for value in 0..=255 {
            let mut changed = body.clone();
            changed[at] = value;
            survives(&changed, &dialect);
        }
    }
}

#[test]
fn bitmaps_that_lie_are_named() {
    let dialect = cup();
    assert_eq!(error("", &dialect).layer, Layer::MessageType);
    assert_eq!(error("02", &dialect).to_string(), "the message type needs 2 bytes, 1 are there (at byte 0)");
    assert_eq!(error("0A00 0000000000000000", &dialect).problem, DecodeProblem::Digit);
    assert_eq!(error("0200 00000000000000", &dialect).layer, Layer::Bitmap);
    // The second half is announced and missing; there and empty; there and naming a field we do not have.
    assert_eq!(
        error("0200 8000000000000000", &dialect).to_string(),
        "the bitmap needs 8 bytes, 0 are there (at byte 10)"
    );
    let empty = unpack(&hex::decode(b"020080000000000000000000000000000000").unwrap(), &dialect).unwrap();
    assert_eq!(empty.numbers(), FieldSet::default());
    let unknown = field_error(128, 18, 0, 0, DecodeProblem::UnknownField);
    assert_eq!(error("0200 8000000000000000 0000000000000001", &dialect), unknown);
    assert_eq!(error("0200 FFFFFFFFFFFFFFFF FFFFFFFFFFFFFFFF", &dialect).field, Some(2));
    assert_eq!(error("0200 0800000000000000", &dialect), field_error(5, 10, 0, 0, DecodeProblem::UnknownField));
    let trailing = DecodeError {
        layer: Layer::Field,
        field: None,
        part: None,
        inner: None,
        suspect: None,
        offset: 10,
        needed: 0,
        available: 1,
        problem: DecodeProblem::Trailing,
    };
    assert_eq!(error("0200 0000000000000000 00", &dialect), trailing);

    let ascii = iso1987();
    assert!(unpack(b"020000000000G0000000", &ascii).is_err_and(|error| error.offset == 12));
    assert!(unpack(b"02x00000000000000000", &ascii).is_err_and(|error| error.offset == 2));
    assert!(unpack(b"0200400000000000000016", &ascii).is_err_and(|error| error.needed == 16 && error.available == 0));
}

#[test]
fn lengths_that_lie_are_named_and_allocate_nothing() {
    let dialect = cup();
    // Field 2 announces 99 digits, then 19 that are not all there, then A0.
    assert_eq!(error("0200 4000000000000000 99 622202", &dialect), field_error(2, 10, 19, 99, DecodeProblem::TooLong));
    assert_eq!(error("0200 4000000000000000 19 622202", &dialect), field_error(2, 11, 10, 3, DecodeProblem::Truncated));
    assert_eq!(error("0200 4000000000000000 A0 622202", &dialect), field_error(2, 10, 1, 1, DecodeProblem::Digit));
    // Field 62: the fourth digit of a length of three counts, and 9A9 is no length.
    assert_eq!(
        error("0200 0000000000000004 1003 414243", &dialect),
        field_error(62, 10, 512, 1003, DecodeProblem::TooLong)
    );
    assert_eq!(error("0200 0000000000000004 09A9 414243", &dialect), field_error(62, 11, 1, 1, DecodeProblem::Digit));
    assert_eq!(
        error("0200 0000000000000004 0512 414243", &dialect),
        field_error(62, 12, 512, 3, DecodeProblem::Truncated)
    );
    assert!(unpack(b"0200000000000004000" as &[u8], &iso1987()).is_err());
    assert!(unpack(b"020000000000000400009A9abc", &iso1987()).is_err_and(|error| error.offset == 21));
}

#[test]
fn digits_that_are_none_and_digits_in_the_wrong_place_are_named() {
    let dialect = cup();
    assert_eq!(error("0200 0020000000000000 0A0001", &dialect), field_error(11, 10, 1, 1, DecodeProblem::Digit));
    assert_eq!(error("0200 0020000000000000 00000D", &dialect), field_error(11, 12, 1, 1, DecodeProblem::Digit));
    // Entry mode 021 right-justified by the other side.
    assert_eq!(error("0200 0000040000000000 0021", &dialect), field_error(22, 10, 2, 2, DecodeProblem::SpareNibble));
    assert_eq!(error("0200 0000020000000000 1001", &dialect), field_error(23, 10, 2, 2, DecodeProblem::SpareNibble));
    for (body, number, text) in [
        ("0200 0000040000000000 0210", 22, "021"),
        ("0200 0000040000000000 021F", 22, "021"),
        ("0200 4000000000000000 13 40123456789090", 2, "4012345678909"),
        // What fills an odd card number or track differs between hosts.
        ("0200 4000000000000000 13 4012345678909F", 2, "4012345678909"),
        ("0200 0000000020000000 15 4012345678909D3F", 35, "4012345678909=3"),
    ] {
        let message = unpack(&hex::decode(body.replace(' ', "").as_bytes()).unwrap(), &dialect).expect(body);
        assert_eq!(message.text(number), Some(text), "{body}");
    }
    assert_eq!(error("0200 0000000020000000 15 4012345678909E30", &dialect).problem, DecodeProblem::Digit);
    // A reference number with a control character, a response code with a sign.
    assert_eq!(
        error("0210 0000000008000000 303100303132333435363738", &dialect),
        field_error(37, 12, 1, 1, DecodeProblem::Character)
    );
    assert_eq!(error("0210 0000000002000000 302A", &dialect), field_error(39, 11, 1, 1, DecodeProblem::Character));
}

#[test]
fn an_error_says_nothing_of_what_was_read() {
    let dialect = cup();
    let error = error("0200 4000000000000000 19 622202123456789A", &dialect);
    assert_eq!(error.to_string(), "field 2 needs 10 bytes, 8 are there (at byte 11)");
    assert!(!format!("{error:?}").contains("622"));
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(200))]

    #[test]
    fn any_bytes_are_survived(bytes in any::<Vec<u8>>()) {
        for dialect in [cup(), iso1987()] {
            survives(&bytes, &dialect);
            if let Ok(framed) = unframe(&dialect, &bytes) {
                survives(framed.body, &dialect);
            }
        }
    }

    #[test]
    fn any_bytes_behind_an_honest_head_are_survived(bitmap in any::<u64>(), rest in any::<Vec<u8>>()) {
        let dialect = cup();
        let known = dialect.fields.iter().fold(0, |all, field| all | 1_u64 << (64 - field.number));
        let body = [&[0x02, 0x10], &(bitmap & known).to_be_bytes()[..], &rest].concat();
        survives(&body, &dialect);
    }
}

proptest! {
    #![proptest_config(proptest::test_runner::Config::with_cases(48))]

    #[test]
    fn a_changed_byte_of_any_message_is_survived(message in any_message(&cup()), at in any::<usize>(), to in any::<u8>()) {
        let dialect = cup();
        let mut body = pack(&message, &dialect).unwrap().to_vec();
        let at = at % body.len();
        body[at] = to;
        survives(&body, &dialect);
        body.truncate(at);
        survives(&body, &dialect);
        prop_assert_eq!(unpack(&body, &dialect).is_ok(), false);
    }
}
