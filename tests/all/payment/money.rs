//! Amounts: read exactly, calculated exactly, held in one word.

use proptest::prelude::{any, proptest};
use proptest::sample::select;
use proptest::{prop_assert, prop_assert_eq};
use tillscript::payment::amount::{Amount, AmountError, AmountParseError, MINOR_MAX};
use tillscript::payment::currency::Currency;

fn currency(name: &str) -> Currency {
    Currency::parse(name).unwrap()
}

fn cny(minor: i64) -> Amount {
    Amount::new(minor, Currency::CNY)
}

#[test]
fn the_table_is_sorted_and_says_each_thing_once() {
    let all: Vec<Currency> = Currency::all().collect();
    assert!(all.len() >= 40);
    assert!(all.is_sorted_by(|left, right| left.numeric() < right.numeric()));
    for one in &all {
        assert!(one.numeric() <= 999 && one.exponent() <= 3, "{one}");
        assert!(one.alpha().len() == 3 && one.alpha().bytes().all(|byte| byte.is_ascii_uppercase()), "{one}");
        assert_eq!(Currency::parse(one.alpha()), Some(*one), "{one} is there twice");
        assert_eq!(Currency::from_numeric(one.numeric()), Some(*one));
    }
    let decimals = |name: &str| currency(name).exponent();
    assert_eq!(["CNY", "USD", "EUR", "HKD", "MOP", "TWD"].map(decimals), [2; 6]);
    assert_eq!(["JPY", "KRW", "VND"].map(decimals), [0; 3]);
    assert_eq!(["KWD", "BHD", "JOD", "TND"].map(decimals), [3; 4]);
    assert_eq!(Currency::CNY, Currency::from_numeric(156).unwrap());
    assert_eq!(Currency::CNY, currency("CNY"));
    assert_eq!((Currency::parse("cny"), Currency::parse("RMB"), Currency::from_numeric(0)), (None, None, None));
}

#[test]
fn amounts_are_read_exactly_and_shown_with_their_decimals() {
    for (text, minor, shown) in [
        ("100.00CNY", 10_000, "100.00 CNY"),
        ("100.00 CNY", 10_000, "100.00 CNY"),
        ("100CNY", 10_000, "100.00 CNY"),
        ("100.5 CNY", 10_050, "100.50 CNY"),
        ("0.01 CNY", 1, "0.01 CNY"),
        ("0 CNY", 0, "0.00 CNY"),
        ("500 JPY", 500, "500 JPY"),
        ("1.234 KWD", 1_234, "1.234 KWD"),
        ("1.2KWD", 1_200, "1.200 KWD"),
        ("9999999999.99 CNY", MINOR_MAX, "9999999999.99 CNY"),
        ("999999999999 JPY", MINOR_MAX, "999999999999 JPY"),
    ] {
        let amount = Amount::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((amount.minor, amount.to_string().as_str()), (minor, shown), "{text}");
    }
}

#[test]
fn what_is_no_amount_is_refused_with_its_reason() {
    let digit_at = |at| AmountParseError::DigitExpected { at };
    let no_currency = |found: &str| AmountParseError::UnknownCurrency { found: found.to_owned() };
    for (text, reason) in [
        ("", digit_at(0)),
        ("CNY", digit_at(0)),
        ("-1.00 CNY", digit_at(0)),
        ("+1.00 CNY", digit_at(0)),
        (" 1.00 CNY", digit_at(0)),
        (".50 CNY", digit_at(0)),
        ("100. CNY", digit_at(4)),
        ("１００ CNY", digit_at(0)),
        ("¥100", digit_at(0)),
        ("1.５0 CNY", digit_at(2)),
        ("1e3 CNY", no_currency("e3 CNY")),
        ("1,000.00 CNY", no_currency(",000.00 CNY")),
        ("1.00.00 CNY", no_currency(".00 CNY")),
        ("100", no_currency("")),
        ("100.00", no_currency("")),
        ("100 cny", no_currency("cny")),
        ("100  CNY", no_currency(" CNY")),
        ("100 CNY ", no_currency("CNY ")),
        ("100 元", no_currency("元")),
        ("100\u{3000}CNY", no_currency("\u{3000}CNY")),
        ("01.00 CNY", AmountParseError::LeadingZero),
        ("00 CNY", AmountParseError::LeadingZero),
        ("1.005 CNY", AmountParseError::TooManyDecimals { currency: Currency::CNY, allowed: 2, found: 3 }),
        ("1.0 JPY", AmountParseError::TooManyDecimals { currency: currency("JPY"), allowed: 0, found: 1 }),
        ("10000000000.00 CNY", AmountParseError::TooManyDigits),
        ("10000000000 CNY", AmountParseError::TooManyDigits),
        ("99999999999999999999999999 CNY", AmountParseError::TooManyDigits),
    ] {
        assert_eq!(Amount::parse(text), Err(reason), "{text:?}");
    }
    let Err(AmountParseError::UnknownCurrency { found }) = Amount::parse(&format!("1 {}", "X".repeat(10_000))) else {
        panic!("a long name is no currency")
    };
    assert_eq!(found.len(), 16);
}

#[test]
fn two_currencies_do_not_mix_and_nothing_wraps_around() {
    let yen = Amount::new(1, currency("JPY"));
    let mismatch = AmountError::CurrencyMismatch { left: Currency::CNY, right: currency("JPY") };
    assert_eq!(cny(1).checked_add(yen), Err(mismatch));
    assert_eq!(cny(1).checked_sub(yen), Err(mismatch));
    assert_eq!(cny(2).checked_add(cny(3)), Ok(cny(5)));
    assert_eq!(cny(2).checked_sub(cny(3)), Ok(cny(-1)));
    assert_eq!(cny(2).checked_mul(-3), Ok(cny(-6)));
    assert_eq!(cny(2).checked_neg(), Ok(cny(-2)));
    assert_eq!(cny(i64::MAX).checked_add(cny(1)), Err(AmountError::Overflow));
    assert_eq!(cny(i64::MIN).checked_sub(cny(1)), Err(AmountError::Overflow));
    assert_eq!(cny(i64::MIN).checked_neg(), Err(AmountError::Overflow));
    assert_eq!(cny(i64::MAX).checked_mul(2), Err(AmountError::Overflow));
    assert_eq!(cny(i64::MAX).percent(10_001), Err(AmountError::Overflow));
    assert_eq!(cny(i64::MIN).to_string(), "-92233720368547758.08 CNY");
    assert_eq!(cny(-1).to_string(), "-0.01 CNY");
}

#[test]
fn a_percentage_rounds_a_half_away_from_zero() {
    for (minor, basis, rounded) in [
        (10_000, 60, 60),   // 0.60 % of 100.00
        (125, 60, 1),       // 0.75 fen
        (1, 5_000, 1),      // half a fen
        (-1, 5_000, -1),    // and half a fen owed
        (1, 4_999, 0),      // just below
        (-1, 4_999, 0),     //
        (3, 5_000, 2),      // 1.5
        (1, -5_000, -1),    // a discount
        (333, 10_000, 333), // all of it
        (10_000, 20_000, 20_000),
        (i64::MAX, 10_000, i64::MAX),
        (i64::MIN, 10_000, i64::MIN),
    ] {
        assert_eq!(cny(minor).percent(basis), Ok(cny(rounded)), "{basis} of {minor}");
    }
}

#[test]
fn one_word_holds_54_bits_of_minor_units() {
    let (max, min) = ((1 << 53) - 1, -(1 << 53));
    for amount in [cny(0), cny(1), cny(-1), cny(MINOR_MAX), cny(max), cny(min), Amount::new(7, currency("BRL"))] {
        assert_eq!(Amount::from_bits(amount.to_bits().unwrap()), Some(amount));
    }
    assert_eq!(cny(10_000).to_bits(), Some(10_000 << 10 | 156));
    assert_eq!((cny(max + 1).to_bits(), cny(min - 1).to_bits()), (None, None));
    assert_eq!(
        (Amount::from_bits(0), Amount::from_bits(u64::MAX)),
        (None, None),
        "no currency has the number 0 or 1023"
    );
}

#[test]
fn an_amount_written_down_names_its_currency() {
    let amount = cny(10_050);
    let json = serde_json::to_string(&amount).unwrap();
    assert_eq!(json, r#"{"minor":10050,"currency":"CNY"}"#);
    assert_eq!(serde_json::from_str::<Amount>(&json).unwrap(), amount);
    assert_eq!(postcard::from_bytes::<Amount>(&postcard::to_allocvec(&amount).unwrap()).unwrap(), amount);
    assert!(serde_json::from_str::<Amount>(r#"{"minor":1,"currency":"XYZ"}"#).is_err());
}

proptest! {
    #[test]
    fn every_amount_reads_as_it_is_shown(minor in 0..=MINOR_MAX, unit in select(Currency::all().collect::<Vec<_>>())) {
        let amount = Amount::new(minor, unit);
        prop_assert_eq!(Amount::parse(&amount.to_string()), Ok(amount));
        prop_assert_eq!(Amount::from_bits(amount.to_bits().unwrap()), Some(amount));
    }

    #[test]
    fn any_word_is_an_amount_or_none(bits in any::<u64>()) {
        if let Some(amount) = Amount::from_bits(bits) {
            prop_assert_eq!(amount.to_bits(), Some(bits));
        }
    }

    #[test]
    fn a_percentage_is_off_by_half_a_unit_at_most(minor in any::<i32>(), basis in -20_000_i64..20_000) {
        let exact = i64::from(minor) * basis;
        let rounded = cny(i64::from(minor)).percent(basis).unwrap().minor;
        prop_assert!((rounded * 10_000 - exact).abs() <= 5_000);
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        let _ = Amount::parse(&text);
    }
}
