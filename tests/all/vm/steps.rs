//! What the machine works out of a program before it runs: steps that do several instructions, and switches.

use super::assemble::{Assembler, FUEL, drive};
use tillscript::language::bytecode::instruction::{Instruction as I, Show};
use tillscript::language::bytecode::program::Switch;
use tillscript::language::types::Type;
use tillscript::language::vm::limits::Limits;
use tillscript::language::vm::run::{Event, Run, Yield};
use tillscript::language::vm::value::{Answer, Value};
use tillscript::payment::amount::Amount;
use tillscript::payment::currency::Currency;

fn given(it: &Assembler, argument: Answer<'_>) -> Value {
    let (run, _) = drive(&it.program, &[argument], Limits::default(), FUEL, &mut |_, _| Answer::Nothing);
    run.result(&it.program).expect("a result")
}

/// A function that says by which case of a switch it was left; 9999: by none.
fn switching(on_text: bool, keys: &[u64], it: &mut Assembler) {
    let cases = keys.iter().zip(1..).map(|(key, number)| (*key, number * 2)).collect();
    let otherwise = 2 * keys.len() as u32 + 2;
    it.program.switches.push(Switch { cases, otherwise });
    let (on, table) = (0, 0);
    let mut code = vec![if on_text { I::SwitchText { on, table } } else { I::SwitchWord { on, table } }];
    code.push(I::Return { from: 1 });
    for number in 0..=keys.len() as i32 {
        let value = if number < keys.len() as i32 { number } else { 9999 };
        code.extend([I::LoadInt { to: 1, value }, I::Return { from: 1 }]);
    }
    let subject = if on_text { Type::Text } else { Type::Int };
    it.function(1, Type::Int, vec![subject, Type::Int], code);
}

#[test]
fn a_switch_on_words_finds_each_of_its_cases_and_no_other() {
    let powers: Vec<u64> = (0..64).map(|bit| 1 << bit).collect();
    let codes: Vec<u64> = (0..64_u64).map(|code| (b'0' as u64 + code / 10) << 8 | (b'0' as u64 + code % 10)).collect();
    let close: Vec<u64> = (0..255).collect();
    let many: Vec<u64> = (0..300).map(|number| number * 0x0101_0101).collect();
    let far = vec![0, u64::MAX - 1, u64::MAX];
    for keys in [vec![], vec![0], vec![7], far, powers, codes, close, many] {
        let mut it = Assembler::new();
        switching(false, &keys, &mut it);
        for (number, key) in keys.iter().enumerate() {
            assert_eq!(given(&it, Answer::Word(*key)), Value::Int(number as i64), "{key} of {} cases", keys.len());
            let next = key.wrapping_add(1);
            if !keys.contains(&next) {
                assert_eq!(given(&it, Answer::Word(next)), Value::Int(9999), "{next} of {} cases", keys.len());
            }
        }
        let none = 0x00AB_CDEF_0123_4567;
        assert_eq!(given(&it, Answer::Word(none)), Value::Int(9999));
    }
}

#[test]
fn a_switch_one_of_whose_ways_leads_back_is_never_followed() {
    for (cases, otherwise) in [(vec![(7, 0)], 1), (vec![(7, 1)], 0), (vec![(1, 1), (7, 1)], 0)] {
        let mut it = Assembler::new();
        it.program.switches.push(Switch { cases, otherwise });
        let code = vec![I::SwitchWord { on: 0, table: 0 }, I::Return { from: 0 }];
        it.function(1, Type::Int, vec![Type::Int], code);
        let (run, _) = drive(&it.program, &[Answer::Word(7)], Limits::default(), FUEL, &mut |_, _| Answer::Nothing);
        assert_eq!(run.failure().map(|failure| failure.code.as_str()), Some("T9001"));
    }
}

#[test]
fn a_switch_on_texts_tells_short_long_and_unknown_ones() {
    let mut it = Assembler::new();
    let words =
        ["", "0", "00", "seven77", "eight888", "余额不足", "a text that is longer", "a text that is longer still"];
    let keys: Vec<u64> = words.iter().map(|word| it.text(word).into()).collect();
    switching(true, &keys, &mut it);
    for (number, word) in words.iter().enumerate() {
        assert_eq!(given(&it, Answer::Text(word.as_bytes())), Value::Int(number as i64), "{word}");
    }
    for word in ["1", "000", "seven7", "eight889", "a text that is longe", "余额不"] {
        assert_eq!(given(&it, Answer::Text(word.as_bytes())), Value::Int(9999), "{word}");
    }
}

#[test]
fn numbers_and_money_are_written_as_everywhere() {
    let written = |ty: Type, show: Show, answer: Answer<'_>| {
        let mut it = Assembler::new();
        let code = vec![I::ToText { to: 1, from: 0, show: show as u8 }, I::Return { from: 1 }];
        it.function(1, Type::Text, vec![ty, Type::Text], code);
        given(&it, answer)
    };
    let mut numbers = vec![0, 7, 10, 99, 100, 101, 999, 1000, 123_456_789, i64::MAX, i64::MIN];
    numbers.extend(numbers.clone().iter().map(|number| number.wrapping_neg()));
    for number in numbers {
        let text = written(Type::Int, Show::Int, Answer::Word(number as u64));
        assert_eq!(text, Value::Text(number.to_string()));
    }
    for currency in Currency::all() {
        for minor in [0, 1, 9, 10, 99, 100, 12_345, -1, -99_999, (1 << 53) - 1] {
            let amount = Amount::new(minor, currency);
            assert_eq!(
                written(Type::Amount, Show::Amount, Answer::Amount(amount)),
                Value::Text(amount.to_string()),
                "{amount}"
            );
        }
    }
}

#[test]
fn instructions_behind_a_step_that_does_them_too_are_there_for_jumps() {
    // From 2 the number is set and compared, to 3 it is only compared; the end of a turn lies at 5 and 6.
    let mut it = Assembler::new();
    it.function(
        1,
        Type::Int,
        vec![Type::Int, Type::Int],
        vec![
            I::JumpIf { test: 0, target: 2 },
            I::Jump { target: 3 },
            I::LoadInt { to: 1, value: 5 },
            I::JumpUnlessLess { left: 1, right: 0, target: 7 },
            I::JumpIf { test: 1, target: 6 },
            I::AddIntConstant { to: 1, left: 1, value: 1 },
            I::Loop { cost: 4, target: 3 },
            I::Return { from: 1 },
        ],
    );
    // 0: not less, so at once to the end; 3: set to 5, which is not less.
    assert_eq!(given(&it, Answer::Word(0)), Value::Int(0));
    assert_eq!(given(&it, Answer::Word(3)), Value::Int(5));
    // 9: from 4 always to the `Loop` alone, so it goes round for ever, and is charged for each turn.
    let mut run = Run::start(&it.program, 0, &[Answer::Word(9)], Limits::default(), 1_000).unwrap();
    assert_eq!(run.resume(&it.program, Event::Start), Yield::OutOfFuel);
    assert!((990..=1_000).contains(&run.executed()), "{}", run.executed());
}

#[test]
fn a_turn_counts_the_same_however_its_fuel_is_portioned() {
    let mut it = Assembler::new();
    it.function(
        1,
        Type::Int,
        vec![Type::Int, Type::Int, Type::Int],
        vec![
            I::LoadInt { to: 1, value: 0 },
            I::JumpUnlessLess { left: 1, right: 0, target: 5 },
            I::AddIntConstant { to: 2, left: 2, value: 3 },
            I::AddIntConstant { to: 1, left: 1, value: 1 },
            I::Loop { cost: 3, target: 1 },
            I::Return { from: 2 },
        ],
    );
    let ended = |portion: u64| {
        let mut run = Run::start(&it.program, 0, &[Answer::Word(20)], Limits::default(), portion).unwrap();
        let mut stopped = run.resume(&it.program, Event::Start);
        while stopped == Yield::OutOfFuel {
            run = run.pack(&it.program).unpack(&it.program).unwrap();
            stopped = run.resume(&it.program, Event::Refuel(portion));
        }
        (run.result(&it.program), run.executed())
    };
    let whole = ended(FUEL);
    assert_eq!(whole.0, Some(Value::Int(60)));
    for portion in 1..20 {
        assert_eq!(ended(portion), whole, "in portions of {portion}");
    }
}

#[test]
fn a_list_of_constants_is_built_once() {
    let mut it = Assembler::new();
    let mut types = vec![Type::Int; 8];
    types.push(Type::list(Type::Int));
    // From 3 on the list is set: 5, 6, 7. Whoever comes by 2 jumps into the middle, with 9 for its first member.
    it.function(
        1,
        Type::Int,
        types,
        vec![
            I::LoadInt { to: 1, value: 0 },
            I::JumpUnlessLess { left: 1, right: 0, target: 14 },
            I::LoadInt { to: 5, value: 3 },
            I::EqualWord { to: 6, left: 1, right: 5 },
            I::LoadInt { to: 2, value: 9 },
            I::JumpIf { test: 6, target: 7 },
            I::LoadInt { to: 2, value: 5 },
            I::LoadInt { to: 3, value: 6 },
            I::LoadInt { to: 4, value: 7 },
            I::MakeList { to: 8, base: 2, count: 3 },
            I::GetItem { to: 6, list: 8, index: 7 },
            I::AddInt { to: 5, left: 6, right: 3 },
            I::AddIntConstant { to: 1, left: 1, value: 1 },
            I::Loop { cost: 12, target: 1 },
            I::Return { from: 5 },
        ],
    );
    let ended = |turns: u64| {
        let mut run = Run::start(&it.program, 0, &[Answer::Word(turns)], Limits::default(), FUEL).unwrap();
        run.resume(&it.program, Event::Start);
        (run.result(&it.program), run.heap_used())
    };
    // The first member and 6: as a rule 5, in the fourth turn 9.
    assert_eq!(ended(3).0, Some(Value::Int(11)));
    assert_eq!(ended(4).0, Some(Value::Int(15)));
    assert_eq!(ended(2).1, ended(1).1, "a turn more takes no memory");
    assert_eq!(ended(4).1, ended(3).1 + 3 * size_of::<u64>(), "but for the list that is no constant");
    assert_eq!(ended(900), (Some(Value::Int(11)), ended(4).1));
}

#[test]
fn a_sum_held_against_a_constant_is_the_same_in_one_step_and_in_three() {
    let mut it = Assembler::new();
    it.function(
        1,
        Type::Int,
        vec![Type::Int, Type::Int, Type::Int],
        vec![
            I::AddInt { to: 1, left: 0, right: 0 },
            I::LoadInt { to: 2, value: 10 },
            I::JumpUnlessLess { left: 2, right: 1, target: 5 },
            I::AddInt { to: 2, left: 2, right: 1 },
            I::Return { from: 2 },
            I::Return { from: 1 },
        ],
    );
    for (given_word, wanted) in [(-3_i64, -6), (0, 0), (5, 10), (6, 22)] {
        assert_eq!(given(&it, Answer::Word(given_word as u64)), Value::Int(wanted), "{given_word}");
    }
    let mut run = Run::start(&it.program, 0, &[Answer::Word(i64::MAX as u64)], Limits::default(), FUEL).unwrap();
    assert_eq!(run.resume(&it.program, Event::Start), Yield::Failed);
    let failure = run.failure().unwrap();
    assert_eq!((failure.code.as_str(), failure.frames[0].pc), ("T8006", 0));
}
