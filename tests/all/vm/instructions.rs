//! Each instruction does what its row says.

use super::assemble::{Assembler, alone, cny, code, value};
use tillscript::language::builtin::shapes::{self, outcome};
use tillscript::language::bytecode::instruction::{Instruction as I, Show};
use tillscript::language::bytecode::program::Switch;
use tillscript::language::types::{Type, UnionType};
use tillscript::language::vm::value::Value;
use tillscript::payment::amount::Amount;
use tillscript::payment::currency::Currency;

/// What a two-operand instruction makes of two words.
fn two(ty: Type, gives: Type, words: (u64, u64), make: fn(u8, u8, u8) -> I) -> Assembler {
    let mut it = Assembler::new();
    let (left, right) = (it.word(words.0), it.word(words.1));
    it.function(
        0,
        gives.clone(),
        vec![ty.clone(), ty, gives],
        vec![
            I::LoadWord { to: 0, word: left },
            I::LoadWord { to: 1, word: right },
            make(2, 0, 1),
            I::Return { from: 2 },
        ],
    );
    it
}

fn int(words: (i64, i64), make: fn(u8, u8, u8) -> I) -> Assembler {
    two(Type::Int, Type::Int, (words.0 as u64, words.1 as u64), make)
}

macro_rules! made {
    ($name:ident) => {
        |to, left, right| I::$name { to, left, right }
    };
}

#[test]
fn whole_numbers_are_calculated_exactly_or_not_at_all() {
    type Case = ((i64, i64), fn(u8, u8, u8) -> I, Result<i64, &'static str>);
    let cases: [Case; 12] = [
        ((2, 3), made!(AddInt), Ok(5)),
        ((i64::MAX, 1), made!(AddInt), Err("T8006")),
        ((2, 3), made!(SubtractInt), Ok(-1)),
        ((i64::MIN, 1), made!(SubtractInt), Err("T8006")),
        ((-4, 3), made!(MultiplyInt), Ok(-12)),
        ((i64::MAX, 2), made!(MultiplyInt), Err("T8006")),
        ((-7, 2), made!(DivideInt), Ok(-3)),
        ((1, 0), made!(DivideInt), Err("T8007")),
        ((i64::MIN, -1), made!(DivideInt), Err("T8006")),
        ((-1, 0), made!(LessInt), Ok(1)),
        ((0, 0), made!(LessOrEqualInt), Ok(1)),
        ((1, 2), made!(EqualWord), Ok(0)),
    ];
    for (words, make, wanted) in cases {
        let it = int(words, make);
        match wanted {
            Ok(number) => assert_eq!(value(&it.program), Value::Int(number), "{words:?}"),
            Err(wanted) => assert_eq!(code(&it.program), wanted, "{words:?}"),
        }
    }
    let negated = int((5, 0), |to, left, _| I::NegateInt { to, from: left });
    assert_eq!(value(&negated.program), Value::Int(-5));
    let negated = int((i64::MIN, 0), |to, left, _| I::NegateInt { to, from: left });
    assert_eq!(code(&negated.program), "T8006");
    let added = int((5, 0), |to, left, _| I::AddIntConstant { to, left, value: -7 });
    assert_eq!(value(&added.program), Value::Int(-2));
    let not = int((0, 0), |to, left, _| I::Not { to, from: left });
    assert_eq!(value(&not.program), Value::Int(1));
}

#[test]
fn money_stays_in_its_currency_and_its_range() {
    let usd = |minor| Amount::new(minor, Currency::parse("USD").unwrap()).to_bits().unwrap();
    let amount = |words, make| two(Type::Amount, Type::Amount, words, make);
    let gives = |it: Assembler, minor| {
        assert_eq!(value(&it.program), Value::Amount(Amount::new(minor, Currency::CNY)));
    };
    gives(amount((cny(150), cny(50)), made!(AddAmount)), 200);
    gives(amount((cny(150), cny(250)), made!(SubtractAmount)), -100);
    gives(amount((cny(150), 3), made!(MultiplyAmount)), 450);
    gives(amount((cny(5), 2), made!(DivideAmount)), 3);
    gives(amount((cny(-5), 2), made!(DivideAmount)), -3);
    gives(amount((cny(4), 3), made!(DivideAmount)), 1);
    gives(amount((cny(10_000), 60), made!(PercentOfAmount)), 60);
    gives(amount((cny(7), 0), |to, left, _| I::NegateAmount { to, from: left }), -7);
    assert_eq!(code(&amount((cny(1), usd(1)), made!(AddAmount)).program), "T8008");
    assert_eq!(code(&amount((cny(1), 0), made!(DivideAmount)).program), "T8007");
    let largest = (1 << 53) - 1;
    assert_eq!(code(&amount((cny(largest), cny(1)), made!(AddAmount)).program), "T8006");
    let compare = |words, make| two(Type::Amount, Type::Bool, words, make);
    let holds = |it: Assembler| assert_eq!(value(&it.program), Value::Bool(true));
    holds(compare((cny(1), cny(1)), made!(EqualAmount)));
    holds(compare((cny(1), cny(2)), made!(LessAmount)));
    holds(compare((cny(2), cny(2)), made!(LessOrEqualAmount)));
    assert_eq!(code(&compare((cny(1), usd(1)), made!(EqualAmount)).program), "T8008");
}

#[test]
fn texts_are_joined_compared_and_written() {
    for (left, right, less) in
        [("abc", "abd", true), ("终端设备", "终端设备一号", true), ("b", "aaaaaaaaaaaa", false), ("", "", false)]
    {
        let mut it = Assembler::new();
        let (left_text, right_text) = (it.text(left), it.text(right));
        it.function(
            0,
            Type::list(Type::Text),
            vec![Type::Text, Type::Text, Type::Bool, Type::Bool, Type::Text, Type::Text, Type::list(Type::Text)],
            vec![
                I::LoadText { to: 0, text: left_text },
                I::LoadText { to: 1, text: right_text },
                I::LessText { to: 2, left: 0, right: 1 },
                I::EqualText { to: 3, left: 0, right: 1 },
                I::ToText { to: 4, from: 2, show: Show::Bool as u8 },
                I::ToText { to: 5, from: 3, show: Show::Bool as u8 },
                I::JoinTexts { to: 0, base: 0, count: 2 },
                I::Move { to: 1, from: 0 },
                // Grown at the end of the heap, and the shorter text stays as it was.
                I::JoinTexts { to: 0, base: 0, count: 2 },
                I::Move { to: 2, from: 4 },
                I::Move { to: 3, from: 5 },
                I::MakeList { to: 6, base: 0, count: 4 },
                I::Return { from: 6 },
            ],
        );
        let once = format!("{left}{right}");
        let texts = [format!("{once}{once}"), once, less.to_string(), (left == right).to_string()];
        assert_eq!(value(&it.program), Value::List(texts.into_iter().map(Value::Text).collect()));
    }
}

#[test]
fn values_are_written_as_people_read_them() {
    let cases = [
        (Type::Int, (-12_i64) as u64, Show::Int, "-12"),
        (Type::Amount, cny(10_000), Show::Amount, "100.00 CNY"),
        (Type::Duration, 60_000, Show::Duration, "60s"),
        (Type::Duration, 1_500, Show::Duration, "1500ms"),
        (Type::Percent, 2_000, Show::Percent, "20%"),
        (Type::Percent, 60, Show::Percent, "0.6%"),
        (Type::Percent, (-5_i64) as u64, Show::Percent, "-0.05%"),
        (Type::Time, 1_767_603_600_000, Show::Time, "2026-01-05 09:00:00"),
        (Type::Time, 951_782_400_000, Show::Time, "2000-02-29 00:00:00"),
        (Type::Time, (-1_i64) as u64, Show::Time, "1969-12-31 23:59:59"),
        (Type::ResponseCode, 0x3531, Show::ResponseCode, "51"),
        (Type::Mti, 200, Show::Mti, "0200"),
        (Type::Union(shapes::ENTRY), 1, Show::Union, "tap"),
    ];
    for (ty, word, show, wanted) in cases {
        let mut it = Assembler::new();
        let word = it.word(word);
        it.function(
            0,
            Type::Text,
            vec![ty, Type::Text],
            vec![I::LoadWord { to: 0, word }, I::ToText { to: 1, from: 0, show: show as u8 }, I::Return { from: 1 }],
        );
        assert_eq!(value(&it.program), Value::Text(wanted.into()));
    }
}

#[test]
fn records_variants_and_optionals_hold_what_was_put_in() {
    let mut it = Assembler::new();
    it.program.types.unions.push(UnionType {
        name: "Tip".into(),
        variants: vec![("nothing".into(), None), ("cash".into(), Some(Type::Int))],
    });
    let tip = Type::Union(it.program.types.unions.len() as u16 - 1);
    it.function(
        0,
        Type::optional(Type::Int),
        vec![
            Type::Int,
            tip.clone(),
            Type::optional(tip.clone()),
            tip,
            Type::Int,
            Type::optional(Type::Int),
            Type::Record(shapes::LEDGER_LINE),
        ],
        vec![
            I::LoadInt { to: 0, value: 42 },
            I::MakeVariant { to: 1, tag: 1, value: 0 },
            I::MakeSome { to: 2, from: 1 },
            I::GetSome { to: 3, from: 2 },
            I::GetPayload { to: 4, from: 3, tag: 1 },
            I::MakeRecord { to: 6, base: 3, count: 2 },
            I::GetField { to: 4, record: 6, index: 1 },
            I::MakeSome { to: 5, from: 4 },
            I::JumpIfNone { test: 5, target: 10 },
            I::Return { from: 5 },
            I::LoadNone { to: 5 },
            I::Return { from: 5 },
        ],
    );
    assert_eq!(value(&it.program), Value::Int(42));

    // A payload of another variant, or the content of nothing, is a defect, never a guess.
    let code_of = |instruction| {
        let mut it = Assembler::new();
        it.function(
            0,
            Type::Int,
            vec![Type::Union(0), Type::optional(Type::Int), Type::Int],
            vec![I::LoadInt { to: 0, value: 1 }, I::LoadNone { to: 1 }, instruction, I::Return { from: 2 }],
        );
        code(&it.program)
    };
    assert_eq!(code_of(I::GetPayload { to: 2, from: 0, tag: 4 }), "T9001");
    assert_eq!(code_of(I::GetSome { to: 2, from: 1 }), "T9001");
}

#[test]
fn lists_are_joined_searched_and_indexed() {
    let mut it = Assembler::new();
    let text = it.text("a text that is longer than a slot");
    let list = Type::list(Type::Text);
    it.function(
        0,
        Type::list(Type::Int),
        vec![
            Type::Text,
            list.clone(),
            list.clone(),
            list,
            Type::Int,
            Type::Int,
            Type::Int,
            Type::Text,
            Type::list(Type::Int),
        ],
        vec![
            I::LoadText { to: 0, text },
            I::MakeList { to: 1, base: 0, count: 0 },
            I::MakeList { to: 2, base: 0, count: 1 },
            I::JoinLists { to: 3, left: 1, right: 2 },
            I::JoinLists { to: 3, left: 3, right: 2 },
            I::ListLength { to: 4, list: 3 },
            I::Contains { to: 5, item: 0, list: 3 },
            I::LoadInt { to: 6, value: 1 },
            I::GetItem { to: 7, list: 3, index: 6 },
            I::EqualText { to: 6, left: 7, right: 0 },
            I::MakeList { to: 8, base: 4, count: 3 },
            I::Return { from: 8 },
        ],
    );
    assert_eq!(value(&it.program), Value::List(vec![Value::Int(2), Value::Int(1), Value::Int(1)]));
    for index in [1, -1] {
        let mut it = Assembler::new();
        it.function(
            0,
            Type::Int,
            vec![Type::Int, Type::list(Type::Int)],
            vec![
                I::MakeList { to: 1, base: 0, count: 1 },
                I::LoadInt { to: 0, value: index },
                I::GetItem { to: 0, list: 1, index: 0 },
                I::Return { from: 0 },
            ],
        );
        let run = alone(&it.program);
        let failure = run.failure().unwrap();
        assert_eq!(failure.code, "T8009");
        assert_eq!(failure.facts[0].en, index.to_string());
        assert_eq!(failure.facts[1].zh, "1");
        assert_eq!(failure.frames[0].pc, 2);
    }
}

#[test]
fn equal_values_are_equal_part_by_part() {
    let list = Type::list(Type::optional(Type::Text));
    for (second, equal) in [("a longer text", true), ("another text", false)] {
        let mut it = Assembler::new();
        let texts = [it.text("a longer text"), it.text(second)];
        it.function(
            0,
            Type::Bool,
            vec![Type::optional(Type::Text), Type::optional(Type::Text), list.clone(), list.clone(), Type::Bool],
            vec![
                I::LoadText { to: 0, text: texts[0] },
                I::LoadNone { to: 1 },
                I::MakeList { to: 2, base: 0, count: 2 },
                I::LoadText { to: 0, text: texts[1] },
                I::MakeList { to: 3, base: 0, count: 2 },
                I::EqualDeep { to: 4, left: 2, right: 3 },
                I::Return { from: 4 },
            ],
        );
        assert_eq!(value(&it.program), Value::Bool(equal));
    }
}

#[test]
fn switches_go_to_their_case_or_to_the_rest() {
    let give = |value| [I::LoadInt { to: 1, value }, I::Return { from: 1 }];
    for (on, wanted) in [("abc", 1), ("a case longer than a slot", 2), ("x", 0)] {
        let mut it = Assembler::new();
        let cases = [it.text("abc"), it.text("a case longer than a slot")];
        let on = it.text(on);
        it.program
            .switches
            .push(Switch { cases: vec![(u64::from(cases[0]), 4), (u64::from(cases[1]), 6)], otherwise: 2 });
        let mut code = vec![I::LoadText { to: 0, text: on }, I::SwitchText { on: 0, table: 0 }];
        code.extend([give(0), give(1), give(2)].concat());
        it.function(0, Type::Int, vec![Type::Text, Type::Int], code);
        assert_eq!(value(&it.program), Value::Int(wanted));
    }
    for (on, wanted) in [(0, 1), (3, 2), (2, 0)] {
        for tag in [false, true] {
            let mut it = Assembler::new();
            it.program.switches.push(Switch { cases: vec![(0, 4), (3, 6)], otherwise: 2 });
            let switch = if tag { I::SwitchTag { on: 0, table: 0 } } else { I::SwitchWord { on: 0, table: 0 } };
            let mut code = vec![I::LoadInt { to: 0, value: on }, switch];
            code.extend([give(0), give(1), give(2)].concat());
            it.function(0, Type::Int, vec![Type::Int, Type::Int], code);
            assert_eq!(value(&it.program), Value::Int(wanted));
        }
    }
}

#[test]
fn a_loop_counts_its_turns() {
    let mut it = Assembler::new();
    it.function(
        0,
        Type::Int,
        vec![Type::Int, Type::Int],
        vec![
            I::LoadInt { to: 1, value: 10 },
            I::JumpUnlessLess { left: 0, right: 1, target: 4 },
            I::AddIntConstant { to: 0, left: 0, value: 1 },
            I::Loop { cost: 3, target: 1 },
            I::Return { from: 0 },
        ],
    );
    let run = alone(&it.program);
    assert_eq!(run.result(&it.program), Some(Value::Int(10)));
    assert_eq!(run.executed(), 5 + 10 * 3);
    // A jump that leads back is never followed, so nothing goes round without being counted.
    let mut it = Assembler::new();
    it.function(0, Type::Nothing, vec![], vec![I::Jump { target: 0 }]);
    assert_eq!(code(&it.program), "T9001");
    let mut it = Assembler::new();
    it.function(0, Type::Nothing, vec![], vec![I::Step { text: 0 }]);
    assert_eq!(code(&it.program), "T9001");
}

#[test]
fn calls_pass_arguments_and_bring_results() {
    let mut it = Assembler::new();
    let five = I::LoadInt { to: 2, value: 5 };
    it.function(
        0,
        Type::Int,
        vec![Type::Int; 4],
        vec![
            I::LoadInt { to: 0, value: 1 },
            I::LoadInt { to: 1, value: 7 },
            five,
            I::Call { to: 3, base: 1, function: 1 },
            // The callee's registers are its own.
            I::AddInt { to: 3, left: 3, right: 0 },
            I::Call { to: 0, base: 0, function: 2 },
            I::AddInt { to: 3, left: 3, right: 0 },
            I::Return { from: 3 },
        ],
    );
    it.function(
        2,
        Type::Int,
        vec![Type::Int; 3],
        vec![I::SubtractInt { to: 2, left: 0, right: 1 }, I::LoadInt { to: 0, value: 99 }, I::Return { from: 2 }],
    );
    it.function(0, Type::Nothing, vec![Type::Int], vec![I::ReturnNothing {}]);
    assert_eq!(value(&it.program), Value::Int(7 - 5 + 1 + 1));
}

#[test]
fn every_register_of_a_function_is_empty_at_each_call() {
    for own in [1, 8, 9, 16, 60, 240] {
        let mut it = Assembler::new();
        let last = own - 1;
        it.function(
            0,
            Type::Int,
            vec![Type::Int; 2],
            vec![
                I::Call { to: 0, base: 0, function: 1 },
                I::Call { to: 1, base: 0, function: 1 },
                I::AddInt { to: 0, left: 0, right: 1 },
                I::Return { from: 0 },
            ],
        );
        let counts = I::AddIntConstant { to: last, left: last, value: 5 };
        it.function(0, Type::Int, vec![Type::Int; usize::from(own)], vec![counts, I::Return { from: last }]);
        assert_eq!(value(&it.program), Value::Int(10), "{own} registers");
    }
}

#[test]
fn an_outcome_remembers_where_it_was_made() {
    let mut it = Assembler::new();
    let step = it.text("reading the reply");
    it.function(
        0,
        Type::Union(shapes::OUTCOME),
        vec![Type::ResponseCode, Type::Union(shapes::OUTCOME)],
        vec![
            I::Step { text: step },
            I::LoadInt { to: 0, value: 0x3531 },
            I::MakeOutcome { to: 1, tag: outcome::DECLINED, value: 0 },
            I::Return { from: 1 },
        ],
    );
    let run = alone(&it.program);
    let Some(Value::Variant { tag, payload }) = run.result(&it.program) else {
        panic!("an outcome");
    };
    assert_eq!(tag, outcome::DECLINED);
    assert!(matches!(payload.as_deref(), Some(Value::Code(code)) if code.to_string() == "51"));
    let place = run.outcome_place(&it.program);
    assert_eq!((place.len(), place[0].pc), (1, 2));
    assert_eq!(place[0].step.as_deref(), Some("reading the reply"));
}

#[test]
fn what_was_made_is_never_changed() {
    // Two texts and two lists grow out of the same beginning, one after the other.
    let mut it = Assembler::new();
    let texts = ["a long beginning", " and one end", " and another end"].map(|text| it.text(text));
    let list = Type::list(Type::Text);
    it.function(
        0,
        list.clone(),
        vec![Type::Text, Type::Text, Type::Text, Type::Text, list.clone(), list.clone(), list],
        vec![
            I::LoadText { to: 0, text: texts[0] },
            I::LoadText { to: 1, text: texts[1] },
            // In the heap from here on.
            I::JoinTexts { to: 2, base: 0, count: 2 },
            I::Move { to: 0, from: 2 },
            I::JoinTexts { to: 2, base: 0, count: 2 },
            I::LoadText { to: 1, text: texts[2] },
            I::JoinTexts { to: 3, base: 0, count: 2 },
            I::Move { to: 1, from: 2 },
            I::Move { to: 2, from: 3 },
            I::MakeList { to: 4, base: 0, count: 1 },
            I::MakeList { to: 5, base: 1, count: 1 },
            I::MakeList { to: 6, base: 2, count: 1 },
            I::MakeList { to: 4, base: 0, count: 1 },
            I::JoinLists { to: 5, left: 4, right: 5 },
            I::JoinLists { to: 6, left: 4, right: 6 },
            I::JoinLists { to: 6, left: 5, right: 6 },
            I::Return { from: 6 },
        ],
    );
    let start = "a long beginning and one end";
    let texts =
        [start.to_string(), format!("{start} and one end"), start.to_string(), format!("{start} and another end")];
    assert_eq!(value(&it.program), Value::List(texts.into_iter().map(Value::Text).collect()));
}

#[test]
fn a_function_sees_nothing_of_an_earlier_call() {
    let mut it = Assembler::new();
    it.function(
        0,
        Type::Int,
        vec![Type::Int, Type::Int],
        vec![I::Call { to: 0, base: 0, function: 1 }, I::Call { to: 1, base: 0, function: 2 }, I::Return { from: 1 }],
    );
    it.function(0, Type::Int, vec![Type::Int], vec![I::LoadInt { to: 0, value: 99 }, I::Return { from: 0 }]);
    it.function(0, Type::Int, vec![Type::Int], vec![I::Return { from: 0 }]);
    assert_eq!(value(&it.program), Value::Int(0));
}
