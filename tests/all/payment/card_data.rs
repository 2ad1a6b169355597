//! Card numbers, tracks, PINs: validated, compared, and never shown.

use proptest::prelude::{any, proptest};
use std::fmt::{Debug, Display};
use tillscript::payment::card::{CardDataError, Cvn, Expiry, Pan, Pin, ServiceCode, Track2, Track3};

const PAN: &str = "6222021234567895678";

#[test]
fn a_card_number_has_13_to_19_digits_and_may_be_written_in_groups() {
    let pan = Pan::parse("6222 0212 3456 7895 678").unwrap();
    assert_eq!(pan, Pan::parse(PAN).unwrap());
    assert_eq!(pan.clear_digits(), PAN);
    assert_ne!(pan, Pan::parse("6222021234567895679").unwrap());
    assert_ne!(pan, Pan::parse("622202123456789567").unwrap());
    let length = |found| Err(CardDataError::Length { min: 13, max: 19, found });
    assert_eq!(Pan::parse(""), length(0));
    assert_eq!(Pan::parse("622202123456"), length(12));
    assert_eq!(Pan::parse(&"6".repeat(20)), length(20));
    assert_eq!(Pan::parse("6222-0212-3456-7895"), Err(CardDataError::Character { at: 4 }));
    assert_eq!(Pan::parse("６222021234567895"), Err(CardDataError::Character { at: 0 }));
}

#[test]
fn a_check_digit_is_looked_at_only_when_asked() {
    for (digits, right) in [
        ("4111111111111111", true),
        ("4111111111111112", false),
        ("5555555551234567", false),
        ("5555555555554444", true),
    ] {
        assert_eq!(Pan::parse(digits).unwrap().passes_luhn(), right, "{digits}");
    }
}

#[test]
fn a_card_number_shows_six_digits_and_four() {
    for (digits, masked) in [
        ("6222021234567895678", "622202*********5678"),
        ("6222021234565678", "622202******5678"),
        ("4012345678909", "401234***8909"),
    ] {
        let pan = Pan::parse(digits).unwrap();
        assert_eq!(pan.masked(), masked);
        assert_eq!(format!("{pan} {pan:?}"), format!("{masked} {masked}"));
        assert_eq!((pan.issuer_digits(), pan.last_four()), (&masked[..6], &masked[masked.len() - 4..]));
    }
}

#[test]
fn track_2_gives_its_parts() {
    let track = Track2::parse(";6222021234567895678=30122201234567890?").unwrap();
    assert_eq!(track.clear_characters(), "6222021234567895678=30122201234567890");
    assert_eq!(track.pan().clear_digits(), PAN);
    assert_eq!(track.expiry(), Some(Expiry::parse("3012").unwrap()));
    assert!(track.service_code().unwrap().has_chip());
    assert_eq!(track, Track2::parse("6222021234567895678D30122201234567890").unwrap());

    let without_expiry = Track2::parse("6222021234567895678=0000120").unwrap();
    assert_eq!(without_expiry.expiry(), None);
    assert_eq!(without_expiry.service_code(), Some(ServiceCode::parse("120").unwrap()));
    assert!(!without_expiry.service_code().unwrap().has_chip());

    let short = Track2::parse("6222021234567895678=30").unwrap();
    assert_eq!((short.expiry(), short.service_code()), (None, None));

    for wrong in [
        "",
        "6222021234567895678",                       // no separator
        "622202=30122201234567890",                  // no card number
        "6222021234567895678=3012=201",              // two separators
        "6222021234567895678=3012 201",              // a space
        "6222021234567895678=301222012345678901234", // 41 characters
        "=62220212345678956783012",                  // nothing in front
        "６222021234567895678=3012201",
    ] {
        assert!(Track2::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn pins_codes_and_expiries_are_checked() {
    assert!(Pin::parse("1234").is_ok() && Pin::parse("123456789012").is_ok());
    for wrong in ["", "123", "1234567890123", "12a4", "１２３４", "12 4"] {
        assert!(Pin::parse(wrong).is_err(), "{wrong}");
    }
    assert!(Cvn::parse("123").is_ok() && Cvn::parse("1234").is_ok() && Cvn::parse("12").is_err());
    assert_eq!(Expiry::parse("3013"), Err(CardDataError::Month));
    assert_eq!(Expiry::parse("3000"), Err(CardDataError::Month));
    assert!(Expiry::parse("301").is_err() && Expiry::parse("30122").is_err());
    let expiry = Expiry::parse("3012").unwrap();
    assert!(!expiry.is_past(2030, 12) && expiry.is_past(2031, 1) && !expiry.is_past(2029, 12));
    assert!(Track3::parse("").is_err() && Track3::parse(&"1".repeat(105)).is_err());
}

#[test]
fn nothing_prints_what_it_holds() {
    // No three digits of what is hidden may follow each other in what is printed.
    fn hides<T: Debug + Display>(value: &T, secret: &str) {
        for printed in [format!("{value}"), format!("{value:?}"), format!("{:#?}", Some(value))] {
            for window in secret.as_bytes().windows(3) {
                let window = std::str::from_utf8(window).unwrap();
                assert!(!printed.contains(window), "{printed} shows {window}");
            }
        }
    }
    hides(&Pan::parse("6222029871003140001").unwrap(), "987100314");
    hides(&Track2::parse("6222029871003140001=31054571987654333").unwrap(), "987100314");
    hides(&Track2::parse("6222029871003140001=31054571987654333").unwrap(), "31054571987654333");
    hides(
        &Track3::parse("996222021234567895678=1561560500050003000").unwrap(),
        "996222021234567895678=1561560500050003000",
    );
    hides(&Pin::parse("987654").unwrap(), "987654");
    hides(&Cvn::parse("987").unwrap(), "987");
    hides(&Expiry::parse("3012").unwrap(), "3012");
    hides(&ServiceCode::parse("201").unwrap(), "201");
    assert_eq!(Pin::parse("1234").unwrap().to_string(), Pin::parse("123456789012").unwrap().to_string());
    assert!(!format!("{:?}", Pan::parse("622202x234567895678")).contains("622"), "errors do not show it either");
}

proptest! {
    #[test]
    fn no_text_makes_the_readers_panic(text in any::<String>()) {
        let _ = (Pan::parse(&text), Track2::parse(&text), Track3::parse(&text), Pin::parse(&text), Expiry::parse(&text));
    }
}
