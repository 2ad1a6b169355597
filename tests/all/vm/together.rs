//! Steps that do many instructions at once, beside the same instructions one by one: a jump to the next place stands
//! behind each of those, so that no two are seen together.

use super::assemble::{Assembler, FUEL, drive};
use tillscript::language::builtin::row::Op;
use tillscript::language::builtin::shapes;
use tillscript::language::bytecode::instruction::{Instruction as I, Show};
use tillscript::language::bytecode::program::{Program, Switch};
use tillscript::language::types::Type;
use tillscript::language::vm::limits::Limits;
use tillscript::language::vm::run::Run;
use tillscript::language::vm::value::{Answer, ReceiptValue, Value};
use tillscript::payment::amount::Amount;
use tillscript::payment::currency::Currency;
use tillscript::payment::iso8583::dialect::Mti;

/// The same function, each instruction at twice its place.
fn apart(code: &[I]) -> Vec<I> {
    let moved = |instruction: I| match instruction {
        I::Jump { target } => I::Jump { target: 2 * target },
        I::JumpIf { test, target } => I::JumpIf { test, target: 2 * target },
        I::JumpIfNone { test, target } => I::JumpIfNone { test, target: 2 * target },
        other => other,
    };
    (1..).zip(code).flat_map(|(next, one)| [moved(*one), I::Jump { target: 2 * next }]).collect()
}

/// What a run comes to: its result or the code and the place of its error, what it holds, and what it was charged.
fn comes_to(program: &Program, arguments: &[Answer<'_>], limits: Limits) -> (Result<Value, (String, u32)>, usize, u64) {
    let (run, _) = drive(program, arguments, limits, FUEL, &mut |_, _| Answer::Nothing);
    let result = match run.failure() {
        Some(failure) => Err((failure.code.to_string(), failure.frames.first().map_or(0, |frame| frame.pc))),
        None => Ok(run.result(program).expect("a result")),
    };
    // Errors are counted by their words, which say the place.
    let used = if result.is_ok() { run.heap_used() } else { 0 };
    (result, used, run.executed())
}

/// Both ways come to the same, but for places; the result of the first.
fn same(it: &Assembler, arguments: &[Answer<'_>], limits: Limits) -> Result<Value, (String, u32)> {
    let together = comes_to(&it.program, arguments, limits);
    let mut program = it.program.clone();
    for function in &mut program.functions {
        function.code = apart(&function.code);
    }
    let (result, used, spent) = comes_to(&program, arguments, limits);
    let result = result.map_err(|(code, pc)| (code, pc / 2));
    assert_eq!((&result, used, spent), (&together.0, together.1, together.2), "{limits:?}");
    together.0
}

const REPLY: Answer<'static> = Answer::Message {
    mti: Mti(210),
    fields: &[
        (3, Answer::Text(b"000000")),
        (11, Answer::Text(b"000017")),
        (37, Answer::Text(b"123456789012")),
        (39, Answer::Word(0x3030)),
        (44, Answer::Text("余额不足，请换一张卡".as_bytes())),
        (55, Answer::Text(&[0x9F, 0x26, 0x08, 0xFF, 0xFE, 0x00, 0x01, 0x02, 0x9F, 0x36, 0x02, 0xAB, 0xCD])),
    ],
};

/// A slip of lines of every kind. Registers: 0 the reply, 1 money, 2 a text, 3 a record of the three.
fn slip(it: &mut Assembler) {
    let words = it.text("商户名称 MERCHANT");
    let (short, none) = (it.text("kurz"), it.text(""));
    let mut types = vec![
        Type::Reply(None),
        Type::Amount,
        Type::Text,
        Type::Record(shapes::TXN),
        Type::Receipt,
        Type::Int,
        Type::Text,
        Type::Text,
        Type::Text,
        Type::Reply(None),
        Type::optional(Type::Digits(6)),
        Type::Digits(6),
        Type::optional(Type::Text),
        Type::Text,
        Type::Amount,
        Type::Amount,
        Type::Reply(None),
    ];
    // 20 to 22 hold the fields of the record, 30 on the lines.
    types.resize(40, Type::Text);
    (types[20], types[21]) = (Type::Amount, Type::Reply(None));
    let mut code = vec![
        I::Move { to: 20, from: 1 },
        I::Move { to: 21, from: 0 },
        I::Move { to: 22, from: 2 },
        I::MakeRecord { to: 3, base: 20, count: 3 },
    ];
    let found = |code: &[I], found: u8, some: u8, message: u8, field: u8| {
        let at = code.len() as u32;
        vec![
            I::FindMessageField { to: found, message, field },
            I::JumpIfNone { test: found, target: at + 5 },
            I::GetSome { to: some, from: found },
            I::Move { to: 8, from: some },
            I::Jump { target: at + 6 },
            I::LoadText { to: 8, text: none },
        ]
    };
    for line in 30..39 {
        code.extend([
            I::LoadInt { to: 5, value: i32::from(line % 3) },
            I::LoadText { to: 6, text: words },
            I::LoadText { to: 7, text: short },
        ]);
        let value = match line {
            30 => vec![I::LoadText { to: 8, text: short }],
            31 => vec![I::Move { to: 8, from: 2 }],
            32 => vec![I::GetField { to: 8, record: 3, index: 2 }],
            33 => found(&code, 10, 11, 0, 11),
            34 => {
                code.push(I::GetField { to: 9, record: 3, index: 1 });
                found(&code, 12, 13, 9, 37)
            }
            35 => found(&code, 12, 13, 0, 38),
            36 => vec![
                I::GetField { to: 14, record: 3, index: 0 },
                I::ToText { to: 8, from: 14, show: Show::Amount as u8 },
            ],
            37 => vec![I::ToText { to: 8, from: 1, show: Show::Amount as u8 }],
            _ => found(&code, 12, 13, 0, 44),
        };
        code.extend(value);
        code.push(I::MakeRecord { to: line, base: 5, count: 4 });
    }
    code.extend([I::MakeList { to: 4, base: 30, count: 9 }, I::Return { from: 4 }]);
    it.function(3, Type::Receipt, types, code);
}

fn money() -> Answer<'static> {
    Answer::Amount(Amount::new(1_234_567, Currency::CNY))
}

#[test]
fn lines_of_a_slip_are_the_same_together_and_one_by_one() {
    let mut it = Assembler::new();
    slip(&mut it);
    let arguments = [REPLY, money(), Answer::Text("拐角处的小店 CORNER SHOP".as_bytes())];
    let Ok(Value::Receipt(lines)) = same(&it, &arguments, Limits::default()) else { panic!("no slip") };
    let values: Vec<&str> = lines.iter().map(|line: &ReceiptValue| line.value.as_str()).collect();
    let shop = "拐角处的小店 CORNER SHOP";
    assert_eq!(
        values,
        ["kurz", shop, shop, "000017", "123456789012", "", "12345.67 CNY", "12345.67 CNY", "余额不足，请换一张卡"]
    );
    // However little room there is: the same line says so.
    let whole = comes_to(&it.program, &arguments, Limits::default()).1 as u32;
    let mut refused = 0;
    for heap_bytes in 0..whole + 2 {
        let start = Run::start(&it.program, 0, &arguments, Limits { heap_bytes, ..Limits::default() }, FUEL);
        if start.is_ok() {
            let result = same(&it, &arguments, Limits { heap_bytes, ..Limits::default() });
            assert_eq!(result.is_ok(), heap_bytes >= whole, "{heap_bytes} of {whole}");
            refused += u32::from(result.is_err());
        }
    }
    assert!(refused > 300, "{refused}");
    // A list of nine is too long, and a text of twelve.
    for (list_members, text_bytes) in [(9, 64), (8, 64), (9, 30), (9, 11)] {
        let limits = Limits { list_members, text_bytes, ..Limits::default() };
        if Run::start(&it.program, 0, &arguments, limits, FUEL).is_ok() {
            assert_eq!(same(&it, &arguments, limits).is_ok(), list_members == 9 && text_bytes >= 30);
        }
    }
}

#[test]
fn a_line_whose_field_does_not_fit_says_so_where_it_stands() {
    let mut it = Assembler::new();
    slip(&mut it);
    const WRONG: Answer<'static> =
        Answer::Message { mti: Mti(210), fields: &[(11, Answer::Text(b"12345")), (37, Answer::Text(b"1"))] };
    const CODE: Answer<'static> = Answer::Message { mti: Mti(210), fields: &[(11, Answer::Word(5))] };
    for reply in [WRONG, CODE] {
        let Err((code, pc)) = same(&it, &[reply, money(), Answer::Text(b"x")], Limits::default()) else {
            panic!("it went through")
        };
        // The look-up of the fourth line.
        assert_eq!(
            (code.as_str(), it.program.functions[0].code[pc as usize]),
            ("T9001", I::FindMessageField { to: 10, message: 0, field: 11 })
        );
    }
}

#[test]
fn what_gathers_registers_is_the_same_one_by_one_and_fails_where_it_stands() {
    let mut it = Assembler::new();
    let code = vec![
        I::MakeRecord { to: 1, base: 0, count: 1 },
        I::LoadInt { to: 2, value: 40 },
        I::GetField { to: 3, record: 1, index: 0 },
        I::Move { to: 4, from: 3 },
        I::LoadInt { to: 5, value: 2 },
        I::GetField { to: 6, record: 4, index: 0 },
        I::Move { to: 7, from: 6 },
        I::AddInt { to: 7, left: 7, right: 2 },
        I::Return { from: 7 },
    ];
    it.function(1, Type::Int, vec![Type::Int; 8], code);
    // The argument is a reference: to the record itself it is good, past the heap it is not.
    assert_eq!(same(&it, &[Answer::Word(1)], Limits::default()), Ok(Value::Int(41)));
    assert_eq!(same(&it, &[Answer::Word(2)], Limits::default()), Err(("T9001".into(), 5)));
    assert_eq!(same(&it, &[Answer::Word(u64::MAX)], Limits::default()), Err(("T9001".into(), 5)));
}

/// A function that looks an argument up, and functions that lead to it, each called by the one before.
fn looking_up(subject: Type, calls: u16) -> Assembler {
    let mut it = Assembler::new();
    let cases = match subject {
        Type::Text => vec![(it.text("00").into(), 1), (it.text("a text that is long").into(), 3)],
        _ => vec![(0, 1), (7, 3)],
    };
    it.program.switches.push(Switch { cases, otherwise: 5 });
    for next in 1..=calls {
        let code = vec![I::Call { to: 1, base: 0, function: next }, I::Return { from: 1 }];
        it.function(1, Type::Int, vec![subject.clone(), Type::Int], code);
    }
    let switch = match subject {
        Type::Text => I::SwitchText { on: 0, table: 0 },
        Type::Int => I::SwitchWord { on: 0, table: 0 },
        _ => I::SwitchTag { on: 0, table: 0 },
    };
    let mut code = vec![switch];
    for value in [10, 20, 30] {
        code.extend([I::LoadInt { to: 1, value }, I::Return { from: 1 }]);
    }
    it.function(1, Type::Int, vec![subject, Type::Int], code);
    it
}

#[test]
fn a_call_that_only_looks_something_up_is_limited_and_charged_like_any_other() {
    // Behind the switch of the other way stands a jump, so it is no table there, and its ways are one further apart.
    let both = |it: &Assembler, argument: Answer<'_>, limits: Limits, fuel: u64| {
        let ended = |program: &Program| {
            let (run, _) = drive(program, &[argument], limits, fuel, &mut |_, _| Answer::Nothing);
            (run.result(program), run.failure().map(|failure| failure.code.clone()), run.executed(), run.stopped())
        };
        let mut program = it.program.clone();
        if let Some(function) = program.functions.last_mut() {
            function.code = apart(&function.code);
        }
        for switch in &mut program.switches {
            switch.otherwise *= 2;
            switch.cases.iter_mut().for_each(|(_, target)| *target *= 2);
        }
        let together = ended(&it.program);
        assert_eq!(together, ended(&program));
        (together.0, together.1)
    };
    let found = |value: i64| (Some(Value::Int(value)), None);
    for (subject, argument, value) in [
        (Type::Text, Answer::Text(b"00"), 10),
        (Type::Text, Answer::Text(b"a text that is long"), 20),
        (Type::Text, Answer::Text(b"another text"), 30),
        (Type::Text, Answer::Text(b""), 30),
        (Type::Int, Answer::Word(0), 10),
        (Type::Int, Answer::Word(7), 20),
        (Type::Int, Answer::Word(0x107), 30),
    ] {
        let it = looking_up(subject, 2);
        assert_eq!(both(&it, argument, Limits::default(), FUEL), found(value));
        for depth in 1..4 {
            let (result, code) = both(&it, argument, Limits { depth, ..Limits::default() }, FUEL);
            assert_eq!(result.is_some(), depth == 3, "{code:?}");
        }
        for fuel in 0..12 {
            both(&it, argument, Limits::default(), fuel);
        }
    }
}

#[test]
fn short_texts_are_joined_as_their_bytes_are() {
    const WORDS: [&str; 9] =
        ["", "a", "22", "000", "0042", "12345", "余额", "1234567", "a text that is longer than a slot"];
    let mut it = Assembler::new();
    let code = vec![I::JoinTexts { to: 4, base: 0, count: 4 }, I::Return { from: 4 }];
    it.function(4, Type::Text, vec![Type::Text; 5], code);
    // Three of short ones and one of any, so that the long one stands at each place.
    let mut tried = 0;
    for number in 0..9 * 8 * 8 * 8 * 4 {
        let at = |power: usize| number / power % 8;
        let mut parts = [WORDS[at(1)], WORDS[at(8)], WORDS[at(64)], WORDS[at(64)]];
        parts[number % 4] = WORDS[number / 512 % 9];
        let arguments = parts.map(|part| Answer::Text(part.as_bytes()));
        let mut run = Run::start(&it.program, 0, &arguments, Limits::default(), FUEL).expect("texts");
        run.resume(&it.program, tillscript::language::vm::run::Event::Start);
        assert_eq!(run.result(&it.program), Some(Value::Text(parts.concat())));
        tried += 1;
    }
    assert_eq!(tried, 9 * 2048);
}

#[test]
fn an_answer_is_the_same_whichever_way_it_comes_in() {
    let mut it = Assembler::new();
    let code = vec![I::Request { to: 0, op: Op::HostSend.number(), base: 0, count: 0 }, I::Return { from: 0 }];
    it.function(0, Type::Reply(None), vec![Type::Reply(None)], code);
    let taken = |heap_bytes: u32| {
        let limits = Limits { heap_bytes, ..Limits::default() };
        let (run, _) = drive(&it.program, &[], limits, FUEL, &mut |_, _| REPLY);
        (run.result(&it.program), run.failure().map(|failure| failure.code.to_string()), run.heap_used())
    };
    // With little room it goes the long way, with much the short one.
    let roomy = taken(1 << 20);
    assert!(roomy.0.is_some());
    let used = roomy.2 as u32;
    for heap_bytes in (8..used).chain([used, used + 1, 2 * used, 2_600, 2_800, 3_000, 4_000]) {
        let tight = taken(heap_bytes);
        if heap_bytes < used {
            assert_eq!((tight.0, tight.1.as_deref()), (None, Some("T8002")), "{heap_bytes}");
        } else {
            assert_eq!(tight, roomy, "{heap_bytes}");
        }
    }
}
