//! Every value is of the type its register declares: each instruction is held to it, and what types cannot say is a code.

use tillscript::language::builtin::row::{Op, Pure};
use tillscript::language::builtin::shapes;
use tillscript::language::bytecode::cost;
use tillscript::language::bytecode::instruction::{Instruction as I, Show};
use tillscript::language::bytecode::program::{Entry, ErrorRow, Function, HandlerRow, Manifest, Program};
use tillscript::language::bytecode::structure;
use tillscript::language::bytecode::verify::program::verify;
use tillscript::language::types::Type;
use tillscript::language::vm::limits::Limits;
use tillscript::language::vm::run::{Event, Run, Yield};
use tillscript::language::vm::value::Answer;

const BACK: I = I::ReturnNothing {};

/// A program of one function without parameters; its texts are `12`, `ab`, `123` and two bytes that are no characters.
pub(super) fn program(registers: &[Type], code: &[I]) -> Program {
    let mut code = code.to_vec();
    let costs = cost::costs(&code).expect("loops nest");
    for (at, turn) in &costs.loops {
        if let I::Loop { cost, .. } = &mut code[*at as usize] {
            *cost = *turn;
        }
    }
    let function = Function {
        name: "main".into(),
        parameters: vec![],
        gives: Type::Nothing,
        registers: registers.to_vec(),
        code,
        cost: costs.function,
        handlers: vec![],
        regions: vec![],
        lines: vec![],
        file: Default::default(),
    };
    Program {
        types: shapes::types(),
        words: vec![0],
        bytes: b"12ab123\xFF\xFE".to_vec(),
        texts: vec![(0, 2), (2, 2), (4, 3), (7, 2)],
        errors: vec![ErrorRow { code: "T5001".into(), name: "NoLine".into(), facts: vec![], declared: None }],
        functions: vec![function],
        entries: vec![Entry { name: "main".into(), function: 0, parameters: vec![], test: false, annotations: vec![] }],
        manifest: Manifest { capabilities: vec!["log".into()], ..Manifest::default() },
        ..Program::default()
    }
}

/// What the structure says; empty if it says nothing.
fn said(registers: &[Type], code: &[I]) -> String {
    structure::check(&program(registers, code)).err().map(|error| error.detail.en).unwrap_or_default()
}

/// One instruction over these registers, and what it must say; empty for nothing.
#[track_caller]
fn one(registers: &[Type], instruction: I, wanted: &str) {
    let found = said(registers, &[instruction, BACK]);
    assert!(if wanted.is_empty() { found.is_empty() } else { found.contains(wanted) }, "{instruction:?}: {found}");
}

pub(super) const KIND: &str = "another type";
pub(super) const VALUE: &str = "no value of its register's type";

/// Words that are not any 64 bits.
fn narrow() -> [Type; 3] {
    [Type::Bool, Type::ResponseCode, Type::Mti]
}

#[test]
fn numbers_are_reckoned_with_and_other_words_are_not() {
    let all: [fn(u8, u8, u8) -> I; 4] = [
        |to, left, right| I::AddInt { to, left, right },
        |to, left, right| I::SubtractInt { to, left, right },
        |to, left, right| I::MultiplyInt { to, left, right },
        |to, left, right| I::DivideInt { to, left, right },
    ];
    for number in [Type::Int, Type::Duration, Type::Percent, Type::Time] {
        for wrong in narrow() {
            let registers = [number.clone(), wrong];
            for make in all {
                one(&registers, make(0, 0, 0), "");
                for (to, left, right) in [(1, 0, 0), (0, 1, 0), (0, 0, 1)] {
                    one(&registers, make(to, left, right), KIND);
                }
            }
            one(&registers, I::NegateInt { to: 0, from: 0 }, "");
            one(&registers, I::NegateInt { to: 1, from: 0 }, KIND);
            one(&registers, I::NegateInt { to: 0, from: 1 }, KIND);
            one(&registers, I::AddIntConstant { to: 0, left: 0, value: 1 }, "");
            one(&registers, I::AddIntConstant { to: 1, left: 0, value: 1 }, KIND);
            one(&registers, I::AddIntConstant { to: 0, left: 1, value: 1 }, KIND);
        }
    }
}

#[test]
fn comparisons_give_truths_and_jumps_take_them() {
    let registers =
        [Type::Bool, Type::Int, Type::ResponseCode, Type::Amount, Type::Text, Type::list(Type::Int), Type::Error];
    let compares: [fn(u8) -> I; 10] = [
        |to| I::EqualWord { to, left: 1, right: 1 },
        |to| I::LessInt { to, left: 1, right: 1 },
        |to| I::LessOrEqualInt { to, left: 1, right: 1 },
        |to| I::EqualAmount { to, left: 3, right: 3 },
        |to| I::LessAmount { to, left: 3, right: 3 },
        |to| I::LessOrEqualAmount { to, left: 3, right: 3 },
        |to| I::EqualText { to, left: 4, right: 4 },
        |to| I::LessText { to, left: 4, right: 4 },
        |to| I::EqualDeep { to, left: 5, right: 5 },
        |to| I::Contains { to, item: 1, list: 5 },
    ];
    for make in compares {
        one(&registers, make(0), "");
        one(&registers, make(1), KIND);
        one(&registers, make(2), KIND);
    }
    one(&registers, I::IsError { to: 0, value: 6, error: 0 }, "");
    one(&registers, I::IsError { to: 1, value: 6, error: 0 }, KIND);
    one(&registers, I::EqualWord { to: 0, left: 1, right: 2 }, KIND);
    one(&registers, I::EqualWord { to: 0, left: 2, right: 2 }, "");
    one(&registers, I::LessInt { to: 0, left: 2, right: 1 }, KIND);
    one(&registers, I::LessInt { to: 0, left: 1, right: 2 }, KIND);
    one(&registers, I::LessOrEqualInt { to: 0, left: 0, right: 1 }, KIND);
    one(&registers, I::Not { to: 0, from: 0 }, "");
    one(&registers, I::Not { to: 1, from: 0 }, KIND);
    one(&registers, I::Not { to: 0, from: 1 }, KIND);
    for (test, wanted) in [(0, ""), (1, KIND), (2, KIND)] {
        one(&registers, I::JumpIf { test, target: 1 }, wanted);
        one(&registers, I::JumpUnless { test, target: 1 }, wanted);
    }
    one(&registers, I::JumpUnlessLess { left: 1, right: 1, target: 1 }, "");
    one(&registers, I::JumpUnlessLess { left: 2, right: 1, target: 1 }, KIND);
    one(&registers, I::JumpUnlessLess { left: 1, right: 0, target: 1 }, KIND);
}

#[test]
fn amounts_and_lists_take_the_numbers_they_mean() {
    let registers = [Type::Amount, Type::Int, Type::Percent, Type::list(Type::Text), Type::Text];
    one(&registers, I::MultiplyAmount { to: 0, left: 0, right: 1 }, "");
    one(&registers, I::MultiplyAmount { to: 0, left: 0, right: 2 }, KIND);
    one(&registers, I::DivideAmount { to: 0, left: 0, right: 1 }, "");
    one(&registers, I::DivideAmount { to: 0, left: 0, right: 2 }, KIND);
    one(&registers, I::PercentOfAmount { to: 0, left: 0, right: 2 }, "");
    one(&registers, I::PercentOfAmount { to: 0, left: 0, right: 1 }, KIND);
    one(&registers, I::GetItem { to: 4, list: 3, index: 1 }, "");
    one(&registers, I::GetItem { to: 4, list: 3, index: 2 }, KIND);
    one(&registers, I::GetItem { to: 1, list: 3, index: 1 }, KIND);
    one(&registers, I::ListLength { to: 1, list: 3 }, "");
    one(&registers, I::ListLength { to: 2, list: 3 }, KIND);
}

#[test]
fn a_text_is_no_digits_and_bytes_are_no_text() {
    let registers =
        [Type::Text, Type::Digits(0), Type::Digits(2), Type::Digits(3), Type::Bytes, Type::Expiry, Type::Kcv];
    let fits = |from: u8, to: u8| match (from, to) {
        (from, to) if from == to => true,
        // Digits, an expiry and a check value are texts; digits of a known count are digits.
        (1 | 2 | 3 | 5 | 6, 0) | (2 | 3, 1) => true,
        _ => false,
    };
    for from in 0..registers.len() as u8 {
        for to in 0..registers.len() as u8 {
            one(&registers, I::Move { to, from }, if fits(from, to) { "" } else { KIND });
        }
    }
    // The same inside lists and boxes.
    let inside = [Type::list(Type::Text), Type::list(Type::Digits(2)), Type::optional(Type::Text)];
    one(&inside, I::Move { to: 0, from: 1 }, "");
    one(&inside, I::Move { to: 1, from: 0 }, KIND);
    one(&inside, I::Move { to: 2, from: 0 }, KIND);
    // Constants: 0 is `12`, 1 `ab`, 2 `123`, 3 no characters.
    let loads = [(0, [true, true, true, false]), (1, [true, false, true, false]), (2, [true, false, false, false])];
    let more = [(3, [false, false, true, false]), (4, [true, true, true, true])];
    for (to, texts) in loads.into_iter().chain(more) {
        for (text, right) in texts.into_iter().enumerate() {
            one(&registers, I::LoadText { to, text: text as u32 }, if right { "" } else { VALUE });
        }
    }
    one(&registers, I::Step { text: 3 }, VALUE);
    one(&registers, I::ToText { to: 0, from: 4, show: Show::Bytes as u8 }, "");
    one(&registers, I::ToText { to: 1, from: 4, show: Show::Bytes as u8 }, KIND);
}

#[test]
fn digits_are_joined_of_digits_and_are_as_many() {
    let registers = [
        Type::Digits(2),
        Type::Digits(3),
        Type::Text,
        Type::Digits(5),
        Type::Digits(0),
        Type::Digits(6),
        Type::Bytes,
        Type::Digits(0),
    ];
    let join = |to: u8, base: u8, count: u8| I::JoinTexts { to, base, count };
    one(&registers, join(3, 0, 2), "");
    one(&registers, join(4, 0, 2), "");
    one(&registers, join(2, 0, 3), "");
    // One digit too many, a text among them, digits nobody counted, bytes.
    one(&registers, join(5, 0, 2), KIND);
    one(&registers, join(4, 1, 2), KIND);
    one(&registers, join(5, 4, 1), KIND);
    one(&registers, join(4, 4, 2), "");
    one(&registers, join(2, 6, 1), KIND);
    one(&registers, join(6, 0, 2), KIND);
    // `digits` looks, so it may give any count; nothing else may.
    let looks = |to: u8| I::CallPure { to, native: Pure::ToDigits.number(), base: 2, count: 1 };
    one(&registers, looks(3), "");
    one(&registers, looks(4), "");
    one(&registers, looks(6), KIND);
    let cuts = |to: u8| I::CallPure { to, native: Pure::Hex.number(), base: 6, count: 1 };
    one(&registers, cuts(2), "");
    one(&registers, cuts(3), KIND);
}

#[test]
fn an_error_is_told_with_characters() {
    let registers = [Type::Error, Type::Bytes, Type::Digits(2)];
    let mut program = program(&registers, &[I::MakeError { to: 0, base: 1, error: 0 }, BACK]);
    program.errors[0].facts.push("at".into());
    assert!(structure::check(&program).unwrap_err().detail.en.contains(KIND));
    program.functions[0].code[0] = I::MakeError { to: 0, base: 2, error: 0 };
    assert!(structure::check(&program).is_ok());
}

/// Runs function 0 of a proved program; the code it ends with, or nothing.
fn ends(program: &Program, fuel: u64, mut answer: impl FnMut(Op) -> Answer<'static>) -> (Option<String>, u64) {
    structure::check(program).unwrap_or_else(|error| panic!("{}", error.detail.en));
    verify(program).unwrap_or_else(|error| panic!("{}", error.detail.en));
    let mut run = Run::start(program, 0, &[], Limits::default(), fuel).expect("it starts");
    let mut stopped = run.resume(program, Event::Start);
    while stopped == Yield::Request {
        let request = run.request(program).expect("a request");
        let (op, number) = (request.op(), request.number());
        stopped = run.resume(program, Event::Answer { request: number, answer: answer(op) });
    }
    (run.failure().map(|failure| failure.code.to_string()), run.executed())
}

/// What the types cannot say is a code at run time, and never a value of another type.
#[test]
fn a_box_or_a_variant_read_without_its_test_is_a_code_and_no_value() {
    let alone = |op: Op| -> Answer<'static> { panic!("{op:?} was not expected") };
    let none =
        program(&[Type::optional(Type::Int), Type::Int], &[I::LoadNone { to: 0 }, I::GetSome { to: 1, from: 0 }, BACK]);
    assert_eq!(ends(&none, 100, alone).0.as_deref(), Some("T9001"));
    // A decline holds a response code; read as a failure it would be an error by that number.
    let outcome = Type::Union(shapes::OUTCOME);
    let read = |tag: u8, to: Type| {
        let code = [
            I::LoadInt { to: 1, value: 0x3531 },
            I::MakeOutcome { to: 0, tag: shapes::outcome::DECLINED, value: 1 },
            I::GetPayload { to: 2, from: 0, tag },
            BACK,
        ];
        program(&[outcome.clone(), Type::ResponseCode, to], &code)
    };
    assert_eq!(ends(&read(shapes::outcome::DECLINED, Type::ResponseCode), 100, alone).0, None);
    assert_eq!(ends(&read(shapes::outcome::FAILED, Type::Error), 100, alone).0.as_deref(), Some("T9001"));
    let txn = Type::Record(shapes::TXN);
    assert_eq!(ends(&read(shapes::outcome::APPROVED, txn), 100, alone).0.as_deref(), Some("T9001"));
    // A variant without a value holds none.
    let code = [
        I::MakeOutcome { to: 0, tag: shapes::outcome::CANCELLED, value: 0 },
        I::GetPayload { to: 1, from: 0, tag: shapes::outcome::DECLINED },
        BACK,
    ];
    assert_eq!(ends(&program(&[outcome, Type::ResponseCode], &code), 100, alone).0.as_deref(), Some("T9001"));
    // No script takes such an error: the run ends with it.
    let mut taken = none.clone();
    taken.functions[0].registers.push(Type::Error);
    taken.functions[0].handlers.push(HandlerRow { from: 1, to: 2, errors: vec![], target: 2, error: 2 });
    assert_eq!(ends(&taken, 100, alone).0.as_deref(), Some("T9001"));
}

#[test]
fn an_empty_box_of_no_type_goes_into_any_box_and_gives_nothing_out() {
    let nobody = Type::Optional(std::sync::Arc::new(Type::Unknown));
    let registers = [nobody, Type::optional(Type::Pan), Type::Pan, Type::Unknown];
    one(&registers, I::Move { to: 1, from: 0 }, "");
    one(&registers, I::Move { to: 0, from: 1 }, KIND);
    one(&registers, I::GetSome { to: 2, from: 0 }, KIND);
    one(&registers, I::MakeSome { to: 0, from: 2 }, KIND);
}

#[test]
fn sealed_data_are_compared_with_nothing_of_no_type_either() {
    let nobody = Type::Optional(std::sync::Arc::new(Type::Unknown));
    let card = Type::optional(Type::Pan);
    let registers = [nobody, card.clone(), Type::Bool, Type::list(card)];
    let none = |to| I::LoadNone { to };
    let refused = |code: &[I]| {
        let program = program(&registers, code);
        structure::check(&program).unwrap_or_else(|error| panic!("{}", error.detail.en));
        verify(&program).expect_err("taken").detail.en
    };
    let compared = "sealed data are compared";
    assert!(refused(&[none(0), none(1), I::EqualDeep { to: 2, left: 1, right: 0 }, BACK]).contains(compared));
    assert!(refused(&[none(0), none(1), I::EqualDeep { to: 2, left: 0, right: 1 }, BACK]).contains(compared));
    let list = I::MakeList { to: 3, base: 1, count: 1 };
    assert!(refused(&[none(0), none(1), list, I::Contains { to: 2, item: 0, list: 3 }, BACK]).contains(compared));
}

/// A loop that another one skips is charged for: what runs is at most 256 times what is charged.
#[test]
fn code_that_skips_the_loop_it_would_be_charged_for_is_charged_by_its_length() {
    const LONG: u32 = 50_000;
    // Ten turns; in each the inner loop is entered and left before its end.
    let mut code =
        vec![I::LoadInt { to: 0, value: 0 }, I::LoadInt { to: 1, value: 10 }, I::LoadInt { to: 2, value: 1 }];
    let top = code.len() as u32;
    let end = top + LONG + 6;
    code.push(I::JumpUnlessLess { left: 0, right: 1, target: end });
    let inner = code.len() as u32;
    code.extend((0..LONG).map(|_| I::LoadInt { to: 3, value: 1 }));
    code.push(I::JumpIf { test: 2, target: inner + LONG + 2 });
    code.push(I::Loop { cost: 0, target: inner });
    code.push(I::AddIntConstant { to: 0, left: 0, value: 1 });
    code.push(I::Loop { cost: 0, target: top });
    code.push(I::Step { text: 0 });
    code.push(BACK);
    assert_eq!(code.len() as u32, end + 1);
    let program = program(&[Type::Int, Type::Int, Type::Bool, Type::Int], &code);
    let alone = |op: Op| -> Answer<'static> { panic!("{op:?} was not expected") };
    let (failed, executed) = ends(&program, 1_000_000, alone);
    assert_eq!(failed, None);
    assert!(executed >= u64::from(10 * LONG / 256), "{executed} for ten times {LONG}");
    // A call of a long function as well.
    let mut calls = program.clone();
    let mut caller = program.functions[0].clone();
    caller.registers = vec![Type::Nothing];
    caller.code = vec![I::Call { to: 0, base: 0, function: 1 }, BACK];
    caller.cost = 2;
    calls.functions.insert(0, caller);
    let (failed, more) = ends(&calls, 1_000_000, alone);
    assert_eq!(failed, None);
    assert!(more >= u64::from(11 * LONG / 256), "{more} after {executed}");
}

/// What a builtin is given and gives is of the types of its row.
#[test]
fn a_request_takes_and_gives_what_its_row_says() {
    let registers = [Type::Bytes, Type::Text, Type::Nothing, Type::Digits(2)];
    let log = |base: u8, to: u8| I::Request { to, op: Op::LogInfo.number(), base, count: 1 };
    one(&registers, log(1, 2), "");
    one(&registers, log(3, 2), "");
    one(&registers, log(0, 2), KIND);
    one(&registers, log(1, 1), KIND);
    let mut told = Vec::new();
    let program = program(&registers, &[I::LoadText { to: 1, text: 1 }, log(1, 2), BACK]);
    let (failed, _) = ends(&program, 100, |op| {
        told.push(op);
        Answer::Nothing
    });
    assert_eq!((failed, told), (None, vec![Op::LogInfo]));
    // An answer of another type is a code.
    let registers = [Type::Digits(6)];
    let stan = I::Request { to: 0, op: Op::HostNextStan.number(), base: 0, count: 0 };
    let mut program = self::program(&registers, &[stan, BACK]);
    program.manifest.capabilities.insert(0, "host".into());
    assert_eq!(ends(&program, 100, |_| Answer::Text(b"000001")).0, None);
    assert_eq!(ends(&program, 100, |_| Answer::Text(b"00000a")).0.as_deref(), Some("T9001"));
    assert_eq!(ends(&program, 100, |_| Answer::Word(1)).0.as_deref(), Some("T9001"));
}
