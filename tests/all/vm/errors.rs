//! Errors find their handlers, carry where they were raised, and name what they followed from.

use super::assemble::{Assembler, FUEL, alone, code, code_of, drive, value};
use tillscript::language::builtin::row::{Op, Pure};
use tillscript::language::bytecode::instruction::Instruction as I;
use tillscript::language::bytecode::program::Debug;
use tillscript::language::types::Type;
use tillscript::language::vm::limits::Limits;
use tillscript::language::vm::value::{Answer, Value};

const TIMEOUT: Answer<'static> =
    Answer::Failed { code: "T5101", facts: &[("after", "60秒", "60s"), ("message", "0200", "0200")] };
const NO_LINE: Answer<'static> = Answer::Failed { code: "T5001", facts: &[] };

fn ask(to: u8, op: Op) -> I {
    I::Request { to, op: op.number(), base: 0, count: 0 }
}

/// Asks for the STAN; `handlers` are the errors whose handlers give 1, 2, ….
fn guarded(handlers: &[&[u16]], errors: &[(&str, &str)]) -> Assembler {
    let mut it = Assembler::new();
    for (code, name) in errors {
        it.error(code, name, &[]);
    }
    let mut code = vec![ask(0, Op::BatchCount), I::LoadInt { to: 1, value: 0 }, I::Return { from: 1 }];
    for index in 0..handlers.len() {
        code.push(I::LoadInt { to: 1, value: index as i32 + 1 });
        code.push(I::Return { from: 1 });
    }
    it.function(0, Type::Int, vec![Type::Int, Type::Int, Type::Error], code);
    for (index, errors) in handlers.iter().enumerate() {
        it.handle(0, (0, 1), errors, 3 + 2 * index as u32, 2);
    }
    it
}

#[test]
fn the_first_handler_that_names_the_error_takes_it() {
    let table = [("T5101", "Timeout"), ("T5001", "NoLine")];
    type Case = (&'static [&'static [u16]], Answer<'static>, Result<i64, &'static str>);
    let cases: [Case; 6] = [
        (&[&[0]], TIMEOUT, Ok(1)),
        (&[&[1], &[0]], TIMEOUT, Ok(2)),
        (&[&[1, 0], &[]], NO_LINE, Ok(1)),
        (&[&[1]], TIMEOUT, Err("T5101")),
        // An error that the program has never heard of is caught by `other` only.
        (&[&[0], &[]], Answer::Failed { code: "T6999", facts: &[] }, Ok(2)),
        (&[&[0]], Answer::Failed { code: "T6999", facts: &[] }, Err("T6999")),
    ];
    for (handlers, answer, wanted) in cases {
        let it = guarded(handlers, &table);
        let (run, _) = drive(&it.program, &[], Limits::default(), FUEL, &mut |_, _| answer);
        match wanted {
            Ok(number) => assert_eq!(run.result(&it.program), Some(Value::Int(number))),
            Err(wanted) => assert_eq!(code_of(&run), wanted),
        }
    }
    // A handler guards its own instructions and no others.
    let mut it = guarded(&[&[]], &[]);
    it.program.functions[0].handlers[0].from = 1;
    it.program.functions[0].handlers[0].to = 3;
    let (run, _) = drive(&it.program, &[], Limits::default(), FUEL, &mut |_, _| TIMEOUT);
    assert_eq!(code_of(&run), "T5101");
}

#[test]
fn limits_and_defects_are_never_handled() {
    for never in ["T8001", "T8002", "T8003", "T8004", "T8005", "T9001"] {
        let answer = Answer::Failed { code: never, facts: &[] };
        let it = guarded(&[&[], &[0]], &[(never, "Never")]);
        let (run, _) = drive(&it.program, &[], Limits::default(), FUEL, &mut |_, _| answer);
        assert_eq!(code_of(&run), never);
    }
}

#[test]
fn an_answer_of_another_type_is_a_defect() {
    let wrong = [
        Answer::Nothing,
        Answer::None,
        Answer::Text(b"1"),
        Answer::List(&[]),
        Answer::Record(&[]),
        Answer::Variant { tag: 0, payload: None },
        Answer::Sealed { number: 1, masked: "*", sound: true },
    ];
    for answer in wrong {
        let it = guarded(&[&[]], &[]);
        let (run, _) = drive(&it.program, &[], Limits::default(), FUEL, &mut |_, _| answer);
        assert_eq!(code_of(&run), "T9001", "{answer:?}");
    }
    let cases: [(Type, Answer<'static>, bool); 12] = [
        (Type::Bool, Answer::Word(1), true),
        (Type::Bool, Answer::Word(2), false),
        (Type::Digits(6), Answer::Text(b"000123"), true),
        (Type::Digits(6), Answer::Text(b"00123"), false),
        (Type::Digits(0), Answer::Text(b"12a"), false),
        (Type::Text, Answer::Text(b"\xFF"), false),
        (Type::Bytes, Answer::Text(b"\xFF"), true),
        (Type::ResponseCode, Answer::Word(0x3030), true),
        (Type::ResponseCode, Answer::Word(7), false),
        (Type::Mti, Answer::Word(10_000), false),
        (Type::optional(Type::Text), Answer::None, true),
        (Type::optional(Type::Int), Answer::Word(0), true),
    ];
    for (ty, answer, fits) in cases {
        let mut it = Assembler::new();
        it.function(0, ty.clone(), vec![ty.clone()], vec![ask(0, Op::StoreOperator), I::Return { from: 0 }]);
        let (run, _) = drive(&it.program, &[], Limits::default(), FUEL, &mut |_, _| answer);
        assert_eq!(run.failure().is_none(), fits, "{ty:?} {answer:?}");
    }
}

/// `host.next_stan on no_line retry 2 every 2s`, as the compiler writes it.
fn retrying() -> Assembler {
    let mut it = Assembler::new();
    let no_line = it.error("T5001", "NoLine", &[]);
    it.function(
        0,
        Type::Int,
        vec![Type::Int, Type::Int, Type::Int, Type::Error, Type::Duration],
        vec![
            I::LoadInt { to: 1, value: 0 },
            ask(0, Op::BatchCount),
            I::Jump { target: 9 },
            I::LoadInt { to: 2, value: 2 },
            I::JumpUnlessLess { left: 1, right: 2, target: 8 },
            I::AddIntConstant { to: 1, left: 1, value: 1 },
            I::Request { to: 4, op: Op::Sleep.number(), base: 4, count: 1 },
            I::Loop { cost: 5, target: 1 },
            I::Fail { error: 3 },
            I::Return { from: 1 },
        ],
    );
    it.handle(0, (1, 2), &[no_line], 3, 3);
    it
}

#[test]
fn a_retry_asks_again_and_gives_up() {
    let it = retrying();
    let (run, asked) = drive(&it.program, &[], Limits::default(), FUEL, &mut |op, number| match (op, number) {
        (Op::Sleep, _) => Answer::Nothing,
        (_, 1 | 3) => NO_LINE,
        _ => Answer::Word(4),
    });
    assert_eq!(run.result(&it.program), Some(Value::Int(2)));
    let ops: Vec<Op> = asked.iter().map(|(op, _)| *op).collect();
    assert_eq!(ops, [Op::BatchCount, Op::Sleep, Op::BatchCount, Op::Sleep, Op::BatchCount]);
    let (run, asked) = drive(&it.program, &[], Limits::default(), FUEL, &mut |op, _| match op {
        Op::Sleep => Answer::Nothing,
        _ => NO_LINE,
    });
    assert_eq!((code_of(&run).as_str(), asked.len()), ("T5001", 5));
    let failure = run.failure().unwrap();
    // The place is where it was raised, not where the retry gave up; and it is not its own cause.
    assert_eq!(failure.frames[0].pc, 1);
    assert_eq!(failure.cause, None);
}

#[test]
fn an_error_in_a_handler_names_what_it_followed_from() {
    let mut it = Assembler::new();
    let timeout = it.error("T5101", "Timeout", &["after", "message"]);
    let own = it.error("E4102", "NoReceipt", &["printer"]);
    let word = it.text("front");
    it.function(
        0,
        Type::Nothing,
        vec![Type::Int, Type::Error, Type::Text, Type::Error],
        vec![
            ask(0, Op::BatchCount),
            I::Jump { target: 5 },
            I::LoadText { to: 2, text: word },
            I::MakeError { to: 3, base: 2, error: own },
            I::Fail { error: 3 },
            ask(0, Op::BatchCount),
            I::ReturnNothing {},
        ],
    );
    it.handle(0, (0, 1), &[timeout], 2, 1);
    let (run, _) = drive(&it.program, &[], Limits::default(), FUEL, &mut |_, _| TIMEOUT);
    let failure = run.failure().unwrap();
    assert_eq!(failure.code, "E4102");
    assert_eq!((failure.facts[0].name.as_str(), failure.facts[0].zh.as_str()), ("printer", "front"));
    let cause = run.error(failure.cause.unwrap()).unwrap();
    assert_eq!(cause.code, "T5101");
    assert_eq!((cause.facts[0].zh.as_str(), cause.frames[0].pc), ("60秒", 0));

    // Behind the handler's body nothing is its consequence.
    let mut calm = it;
    calm.program = calm.program.clone();
    calm.program.functions[0].code[3] = I::Jump { target: 5 };
    let (run, asked) = drive(&calm.program, &[], Limits::default(), FUEL, &mut |_, _| TIMEOUT);
    assert_eq!((code_of(&run).as_str(), asked.len()), ("T5101", 2));
    assert_eq!(run.failure().unwrap().cause, None);
}

#[test]
fn handlers_of_one_call_end_where_the_call_goes_on() {
    let mut it = Assembler::new();
    let (timeout, no_line) = (it.error("T5101", "Timeout", &[]), it.error("T5001", "NoLine", &[]));
    it.function(
        0,
        Type::Int,
        vec![Type::Int, Type::Error],
        vec![
            ask(0, Op::BatchCount),
            I::Jump { target: 4 },
            // on timeout => return 0, and so nothing jumps past the next body but the call itself
            I::Return { from: 0 },
            // on no_line => …
            I::LoadInt { to: 0, value: 1 },
            ask(0, Op::BatchCount),
            I::Return { from: 0 },
        ],
    );
    it.handle(0, (0, 1), &[timeout], 2, 1);
    it.handle(0, (0, 1), &[no_line], 3, 1);
    let (run, asked) = drive(&it.program, &[], Limits::default(), FUEL, &mut |_, _| NO_LINE);
    assert_eq!((code_of(&run).as_str(), asked.len()), ("T5001", 2));
    assert_eq!(run.failure().unwrap().cause, None);
    // In the body it would have been.
    it.program = it.program.clone();
    it.program.functions[0].code[3] = ask(0, Op::BatchCount);
    let (run, _) = drive(&it.program, &[], Limits::default(), FUEL, &mut |_, number| {
        if number == 1 { NO_LINE } else { TIMEOUT }
    });
    let cause = run.failure().unwrap().cause.unwrap();
    assert_eq!(run.error(cause).unwrap().code, "T5001");
}

#[test]
fn an_error_leaves_functions_until_one_handles_it() {
    let mut it = Assembler::new();
    let divided = it.error("T8007", "DivisionByZero", &[]);
    let step = it.text("sharing the bill");
    it.function(
        0,
        Type::list(Type::Text),
        vec![Type::Int, Type::Error, Type::Text, Type::Text, Type::list(Type::Text)],
        vec![
            I::Call { to: 0, base: 0, function: 1 },
            I::Jump { target: 6 },
            I::CallPure { to: 2, native: Pure::ErrorCode.number(), base: 1, count: 1 },
            I::CallPure { to: 3, native: Pure::ErrorName.number(), base: 1, count: 1 },
            I::MakeList { to: 4, base: 2, count: 2 },
            I::Return { from: 4 },
            I::Return { from: 4 },
        ],
    );
    it.function(
        0,
        Type::Int,
        vec![Type::Int],
        vec![I::Step { text: step }, I::Call { to: 0, base: 0, function: 2 }, I::Return { from: 0 }],
    );
    it.function(
        0,
        Type::Int,
        vec![Type::Int, Type::Int],
        vec![I::LoadInt { to: 0, value: 12 }, I::DivideInt { to: 0, left: 0, right: 1 }, I::Return { from: 0 }],
    );
    it.program.debug = Some(Debug { names: vec![vec![], vec![], vec![(0, "bill".into(), 1, 3)]], ..Debug::default() });
    it.handle(0, (0, 1), &[divided], 2, 1);
    assert_eq!(
        value(&it.program),
        Value::List(vec![Value::Text("T8007".into()), Value::Text("DivisionByZero".into())])
    );
    it.program.functions[0].handlers.clear();
    let run = alone(&it.program);
    let frames = &run.failure().unwrap().frames;
    let places: Vec<(u16, u32)> = frames.iter().map(|frame| (frame.function, frame.pc)).collect();
    assert_eq!(places, [(2, 1), (1, 1), (0, 0)]);
    assert_eq!(frames[0].shown, [("bill".into(), "12".to_string())]);
    assert_eq!(frames[1].step.as_deref(), Some("sharing the bill"));
}

#[test]
fn errors_are_told_apart() {
    let mut it = Assembler::new();
    let (first, second) = (it.error("E4001", "One", &[]), it.error("E4002", "Two", &[]));
    it.function(
        0,
        Type::list(Type::Bool),
        vec![Type::Error, Type::Bool, Type::Bool, Type::Error, Type::Bool, Type::list(Type::Bool)],
        vec![
            I::MakeError { to: 0, base: 0, error: first },
            I::IsError { to: 1, value: 0, error: first },
            I::IsError { to: 2, value: 0, error: second },
            I::MakeError { to: 3, base: 0, error: second },
            I::EqualDeep { to: 4, left: 0, right: 3 },
            I::Move { to: 3, from: 4 },
            I::MakeList { to: 5, base: 1, count: 3 },
            I::Return { from: 5 },
        ],
    );
    assert_eq!(value(&it.program), Value::List(vec![Value::Bool(true), Value::Bool(false), Value::Bool(false)]));
}

#[test]
fn broken_programs_are_defects_and_not_panics() {
    let broken = [
        I::LoadWord { to: 0, word: 9 },
        I::LoadText { to: 0, text: 9 },
        I::SwitchWord { on: 0, table: 9 },
        I::MakeRecord { to: 0, base: 250, count: 9 },
        I::GetField { to: 0, record: 1, index: 9 },
        I::GetPayload { to: 0, from: 1, tag: 9 },
        I::GetItem { to: 0, list: 1, index: 2 },
        I::MakeMessage { to: 0, base: 0, shape: 9 },
        I::GetMessageField { to: 0, message: 1, field: 9 },
        I::FindMessageField { to: 0, message: 1, field: 9 },
        I::Call { to: 0, base: 0, function: 9 },
        I::CallPure { to: 0, native: 250, base: 0, count: 0 },
        I::CallPure { to: 0, native: Pure::Part.number(), base: 0, count: 0 },
        I::CallPure { to: 0, native: Pure::Mask.number(), base: 1, count: 1 },
        ask(0, Op::Commit),
        I::Request { to: 0, op: 250, base: 0, count: 0 },
        I::MakeError { to: 0, base: 0, error: 9 },
        I::Fail { error: 0 },
        I::IsError { to: 0, value: 0, error: 0 },
        I::EqualDeep { to: 0, left: 9, right: 1 },
        I::ToText { to: 0, from: 0, show: 99 },
        I::AddAmount { to: 0, left: 0, right: 1 },
    ];
    for instruction in broken {
        let mut it = Assembler::new();
        let odd = it.word(0x40FF_FFFF_0000_FFFF);
        it.function(
            0,
            Type::Int,
            vec![Type::Int; 3],
            vec![I::LoadWord { to: 1, word: odd }, instruction, I::Return { from: 0 }],
        );
        assert_eq!(code(&it.program), "T9001", "{instruction:?}");
    }
}
