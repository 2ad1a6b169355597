//! What the machine does at once, for every input.

use super::assemble::{Assembler, FUEL, code_of, drive};
use tillscript::language::builtin::row::{Op, Pure};
use tillscript::language::bytecode::instruction::Instruction as I;
use tillscript::language::types::Type;
use tillscript::language::vm::limits::Limits;
use tillscript::language::vm::run::Run;
use tillscript::language::vm::value::{Answer, Value};
use tillscript::payment::amount::Amount;
use tillscript::payment::currency::Currency;
use tillscript::payment::iso8583::response::{Category, CodeRow, CodeTable, ResponseCode};
use tillscript::world::port::calendar::Moment;

/// Calls a builtin with these arguments.
fn run(native: Pure, gives: Type, arguments: &[(Type, Answer<'_>)]) -> (Assembler, Run) {
    let mut it = Assembler::new();
    it.program.codes = CodeTable {
        name: "codes".into(),
        rows: vec![CodeRow {
            code: ResponseCode(*b"51"),
            category: Category::Decline,
            name: "insufficient_funds".into(),
            zh: "余额不足".into(),
            en: "Insufficient funds".into(),
            cashier_zh: String::new(),
            cashier_en: String::new(),
        }],
    };
    let count = arguments.len();
    let mut registers: Vec<Type> = arguments.iter().map(|(ty, _)| ty.clone()).collect();
    registers.push(gives.clone());
    it.function(
        count,
        gives,
        registers,
        vec![
            I::CallPure { to: count as u8, native: native.number(), base: 0, count: count as u8 },
            I::Return { from: count as u8 },
        ],
    );
    let values: Vec<Answer<'_>> = arguments.iter().map(|(_, value)| *value).collect();
    let (run, _) = drive(&it.program, &values, Limits::default(), FUEL, &mut |op, _| panic!("{op:?}"));
    (it, run)
}

fn gives(native: Pure, ty: Type, arguments: &[(Type, Answer<'_>)]) -> Value {
    let (it, run) = run(native, ty, arguments);
    run.result(&it.program).unwrap_or_else(|| panic!("{native:?}: {:?}", run.failure()))
}

fn text(text: &str) -> (Type, Answer<'_>) {
    (Type::Text, Answer::Text(text.as_bytes()))
}

fn int(number: i64) -> (Type, Answer<'static>) {
    (Type::Int, Answer::Word(number as u64))
}

fn words(text: &str) -> Value {
    Value::Text(text.into())
}

#[test]
fn card_numbers_are_masked_and_their_check_digit_is_known() {
    let pan = |sound| {
        let masked = "622202******5678";
        (Type::Pan, Answer::Sealed { number: 1, masked, sound })
    };
    assert_eq!(gives(Pure::Mask, Type::Text, &[pan(true)]), words("622202******5678"));
    for sound in [true, false] {
        assert_eq!(gives(Pure::LuhnValid, Type::Bool, &[pan(sound)]), Value::Bool(sound));
    }
}

#[test]
fn texts_become_digits_only_if_they_are() {
    let digits = |wanted, given: &str| {
        let (it, run) = run(Pure::ToDigits, Type::Digits(wanted), &[text(given)]);
        run.result(&it.program).ok_or_else(|| {
            let failure = run.failure().unwrap();
            (failure.code.to_string(), failure.facts[0].en.clone())
        })
    };
    assert_eq!(digits(0, "0017"), Ok(words("0017")));
    assert_eq!(digits(4, "0017"), Ok(words("0017")));
    let error = |length: &str| Err(("T8010".to_string(), length.to_string()));
    assert_eq!(digits(6, "0017"), error("6"));
    assert_eq!(digits(0, "00a7"), error("4"));
    assert_eq!(digits(0, "１２"), error("6"));
}

#[test]
fn numbers_are_padded_or_refused() {
    for (number, width, wanted) in [
        (7, 6, Ok("000007")),
        (123_456, 6, Ok("123456")),
        (0, 12, Ok("000000000000")),
        (1_234_567, 6, Err("T8010")),
        (-1, 6, Err("T8010")),
        (1, -1, Err("T8010")),
        (1, i64::MAX, Err("T8010")),
    ] {
        let (it, run) = run(Pure::ZeroPad, Type::Digits(0), &[int(number), int(width)]);
        match wanted {
            Ok(wanted) => assert_eq!(run.result(&it.program), Some(words(wanted))),
            Err(wanted) => assert_eq!(code_of(&run), wanted),
        }
    }
}

#[test]
fn a_padded_number_is_as_long_as_its_register_says() {
    let padded = |wanted, width| {
        let (it, run) = run(Pure::ZeroPad, Type::Digits(wanted), &[int(7), int(width)]);
        run.result(&it.program).ok_or_else(|| code_of(&run).to_string())
    };
    assert_eq!(padded(6, 6), Ok(words("000007")));
    assert_eq!(padded(6, 4), Err("T8010".to_string()));
    assert_eq!(padded(4, 6), Err("T8010".to_string()));
}

#[test]
fn a_day_gets_the_year_in_which_it_lies_nearest() {
    let at = |year, month, day, hour| Moment { year, month, day, hour, minute: 0, second: 0 }.to_ms();
    let day = |year, month, day| Value::Int(at(year, month, day, 0));
    for (date, near, wanted) in [
        ("0105", at(2026, 1, 5, 9), day(2026, 1, 5)),
        // Over New Year, both ways.
        ("1231", at(2026, 1, 1, 0), day(2025, 12, 31)),
        ("0101", at(2025, 12, 31, 23), day(2026, 1, 1)),
        ("0701", at(2026, 1, 5, 9), day(2026, 7, 1)),
        ("0710", at(2026, 1, 5, 9), day(2025, 7, 10)),
        // A leap day only where one is at hand.
        ("0229", at(2028, 3, 1, 0), day(2028, 2, 29)),
        ("0229", at(2027, 12, 1, 0), day(2028, 2, 29)),
        ("0229", at(2026, 3, 1, 0), Value::None),
        ("1301", at(2026, 1, 5, 9), Value::None),
        ("0431", at(2026, 1, 5, 9), Value::None),
        ("0000", at(2026, 1, 5, 9), Value::None),
        ("0101", 0, day(1970, 1, 1)),
        ("1231", 0, day(1969, 12, 31)),
        ("01", 0, Value::None),
        ("一月", 0, Value::None),
    ] {
        let time = (Type::Time, Answer::Word(near as u64));
        let found = gives(Pure::DayNear, Type::optional(Type::Time), &[text(date), time]);
        assert_eq!(found, wanted, "{date} near {}", Moment::from_ms(near));
    }
    for near in [i64::MIN, i64::MIN + 1, i64::MAX] {
        let time = (Type::Time, Answer::Word(near as u64));
        assert_eq!(gives(Pure::DayNear, Type::optional(Type::Time), &[text("0101"), time]), Value::None);
    }
}

#[test]
fn parts_are_counted_in_characters() {
    for (given, from, length, wanted) in [
        ("终端脚本语言", 2, 2, "脚本"),
        ("abc", 0, 99, "abc"),
        ("abc", 3, 1, ""),
        ("abc", 99, 1, ""),
        ("abc", -5, 2, "ab"),
        ("abc", 1, -1, ""),
        ("abc", i64::MAX, i64::MAX, ""),
        ("ab终端cd", 1, 1, "b"),
        ("ab终端cd", 1, 2, "b终"),
        ("ab终端cd", 4, 1, "c"),
        ("ab终端cd", -1, 1, "a"),
        ("abcdefghijklmnopqrstuvwxyz", 3, 7, "defghij"),
        ("abcdefghijklmnopqrstuvwxyz", 3, 8, "defghijk"),
        ("abcdefghijklmnopqrstuvwxyz", 25, 1, "z"),
        ("abcdefghijklmnopqrstuvwxyz", 26, 1, ""),
    ] {
        let part = gives(Pure::Part, Type::Text, &[text(given), int(from), int(length)]);
        assert_eq!(part, words(wanted), "{given} {from} {length}");
    }
    assert_eq!(gives(Pure::TextLength, Type::Int, &[text("终端ab")]), Value::Int(4));
    let bytes = (Type::Bytes, Answer::Text("终端".as_bytes()));
    assert_eq!(gives(Pure::TextLength, Type::Int, std::slice::from_ref(&bytes)), Value::Int(6));
    assert_eq!(gives(Pure::Hex, Type::Text, &[(Type::Bytes, Answer::Text(&[0, 0xAB]))]), words("00AB"));
    for (native, given, piece, holds) in [
        (Pure::Contains, "CUPABC", "PAB", true),
        (Pure::Contains, "CUP", "X", false),
        (Pure::StartsWith, "CUPABC", "CUP", true),
        (Pure::StartsWith, "CUPABC", "UP", false),
    ] {
        assert_eq!(gives(native, Type::Bool, &[text(given), text(piece)]), Value::Bool(holds));
    }
    let list = (Type::list(Type::Int), Answer::List(&[Answer::Word(1), Answer::Word(2)]));
    assert_eq!(gives(Pure::ListLength, Type::Int, &[list]), Value::Int(2));
}

#[test]
fn the_available_balance_is_read_or_there_is_none() {
    let cny = |minor| Value::Amount(Amount::new(minor, Currency::CNY));
    for (given, wanted) in [
        ("1002156C000000123456", cny(123_456)),
        ("1001156C000000000001 1002156C000000123456", Value::None),
        ("1001156C0000000000011002156D000000123456", cny(-123_456)),
        ("1001156C000000000001", Value::None),
        ("1002156X000000123456", Value::None),
        ("1002157C000000123456", Value::None),
        ("1002156C00000012345", Value::None),
        ("1002156C0000001234-6", Value::None),
        ("余额余额余额余额", Value::None),
        ("", Value::None),
    ] {
        let ty = Type::optional(Type::Amount);
        assert_eq!(gives(Pure::AvailableBalance, ty, &[text(given)]), wanted, "{given}");
    }
}

#[test]
fn amounts_and_codes_tell_their_parts() {
    let amount = || (Type::Amount, Answer::Amount(Amount::new(12_345, Currency::CNY)));
    assert_eq!(gives(Pure::AmountMinor, Type::Int, &[amount()]), Value::Int(12_345));
    assert_eq!(gives(Pure::AmountCurrency, Type::Text, &[amount()]), words("CNY"));
    assert_eq!(gives(Pure::AmountCurrencyNumber, Type::Digits(3), &[amount()]), words("156"));
    let code = |code: &[u8; 2]| (Type::ResponseCode, Answer::Word(ResponseCode(*code).to_bits()));
    assert_eq!(gives(Pure::CodeText, Type::Text, &[code(b"51")]), words("51"));
    let phrase = |zh: &str, en: &str| Value::Phrase { zh: zh.into(), en: en.into() };
    assert_eq!(gives(Pure::CodeMeaning, Type::Phrase, &[code(b"51")]), phrase("余额不足", "Insufficient funds"));
    assert_eq!(
        gives(Pure::CodeMeaning, Type::Phrase, &[code(b"Z9")]),
        phrase("未知应答码 Z9", "unknown response code Z9")
    );
    assert_eq!(gives(Pure::PhraseOf, Type::Phrase, &[text("您好"), text("Hello")]), phrase("您好", "Hello"));
}

#[test]
fn every_builtin_that_needs_no_world_is_total() {
    // Whatever it is given, it gives a value or an error.
    for native in Pure::ALL {
        for word in [0, 1, u64::MAX, 1 << 62, 1 << 63, 0x40FF_FFFF_FFFF_FFFF] {
            let mut it = Assembler::new();
            let word = it.word(word);
            it.function(
                0,
                Type::Nothing,
                vec![Type::Text, Type::Text, Type::Text, Type::Text],
                vec![
                    I::LoadWord { to: 0, word },
                    I::LoadWord { to: 1, word },
                    I::LoadWord { to: 2, word },
                    I::CallPure { to: 3, native: native.number(), base: 0, count: 3 },
                    I::Request { to: 3, op: Op::ScreenClear.number(), base: 3, count: 1 },
                    I::ReturnNothing {},
                ],
            );
            drive(&it.program, &[], Limits::default(), FUEL, &mut |_, _| Answer::Nothing);
        }
    }
}
