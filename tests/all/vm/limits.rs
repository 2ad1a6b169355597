//! One below, at and one above each limit.

use super::assemble::{Assembler, FUEL, code_of, drive};
use tillscript::language::builtin::row::Op;
use tillscript::language::bytecode::instruction::Instruction as I;
use tillscript::language::types::Type;
use tillscript::language::vm::limits::Limits;
use tillscript::language::vm::run::{Event, Run, StartError, Yield};
use tillscript::language::vm::value::{Answer, Value};

fn ends(it: &Assembler, limits: Limits, fuel: u64) -> Result<Value, String> {
    let (run, _) = drive(&it.program, &[], limits, fuel, &mut |op, _| panic!("{op:?}"));
    match run.stopped() {
        Yield::OutOfFuel => Err("out of fuel".into()),
        _ => run.result(&it.program).ok_or_else(|| code_of(&run)),
    }
}

fn fails(result: Result<Value, String>) -> Option<String> {
    result.err()
}

#[test]
fn a_text_is_at_most_so_long() {
    let mut it = Assembler::new();
    let text = it.text("0123456789");
    it.function(
        0,
        Type::Text,
        vec![Type::Text, Type::Text],
        vec![
            I::LoadText { to: 0, text },
            I::LoadText { to: 1, text },
            I::JoinTexts { to: 0, base: 0, count: 2 },
            I::Return { from: 0 },
        ],
    );
    for (text_bytes, wanted) in [(21, None), (20, None), (19, Some("T8003"))] {
        let limits = Limits { text_bytes, ..Limits::default() };
        assert_eq!(fails(ends(&it, limits, FUEL)).as_deref(), wanted);
    }
}

#[test]
fn a_list_has_at_most_so_many_members() {
    let mut it = Assembler::new();
    let list = Type::list(Type::Int);
    it.function(
        0,
        list.clone(),
        vec![Type::Int, Type::Int, list],
        vec![
            I::MakeList { to: 2, base: 0, count: 2 },
            I::JoinLists { to: 2, left: 2, right: 2 },
            I::Return { from: 2 },
        ],
    );
    for (list_members, wanted) in [(5, None), (4, None), (3, Some("T8004"))] {
        let limits = Limits { list_members, ..Limits::default() };
        assert_eq!(fails(ends(&it, limits, FUEL)).as_deref(), wanted);
    }
}

#[test]
fn memory_is_at_most_so_large() {
    let mut it = Assembler::new();
    it.function(
        0,
        Type::list(Type::Int),
        vec![Type::Int, Type::Int, Type::list(Type::Int)],
        vec![I::MakeList { to: 2, base: 0, count: 2 }, I::Return { from: 2 }],
    );
    // The cell that is never used, and two.
    for (heap_bytes, wanted) in [(25, None), (24, None), (23, Some("T8002"))] {
        let limits = Limits { heap_bytes, ..Limits::default() };
        assert_eq!(fails(ends(&it, limits, FUEL)).as_deref(), wanted);
    }
}

#[test]
fn what_the_world_sends_counts_too() {
    let mut it = Assembler::new();
    it.function(
        0,
        Type::Text,
        vec![Type::Text],
        vec![I::Request { to: 0, op: Op::StoreMerchantName.number(), base: 0, count: 0 }, I::Return { from: 0 }],
    );
    for (text_bytes, heap_bytes, wanted) in [(10, 18, None), (9, 18, Some("T8003")), (10, 17, Some("T8002"))] {
        let limits = Limits { text_bytes, heap_bytes, ..Limits::default() };
        let (run, _) = drive(&it.program, &[], limits, FUEL, &mut |_, _| Answer::Text(b"0123456789"));
        assert_eq!(run.failure().map(|failure| failure.code.as_str()), wanted);
    }
    // Arguments as well.
    let mut it = Assembler::new();
    it.function(1, Type::Text, vec![Type::Text], vec![I::Return { from: 0 }]);
    let limits = Limits { text_bytes: 9, ..Limits::default() };
    let start = |arguments: &[Answer<'_>]| Run::start(&it.program, 0, arguments, limits, FUEL).err();
    assert_eq!(start(&[Answer::Text(b"0123456789")]), Some(StartError::Argument(0)));
    assert_eq!(start(&[Answer::Word(1)]), Some(StartError::Argument(0)));
    assert_eq!(start(&[]), Some(StartError::ArgumentCount { wanted: 1, given: 0 }));
    assert_eq!(Run::start(&it.program, 1, &[], limits, FUEL).err(), Some(StartError::NoFunction(1)));
}

#[test]
fn functions_call_one_another_at_most_so_deep() {
    for (calls, wanted) in [(62, None), (63, None), (64, Some("T8005"))] {
        let mut it = Assembler::new();
        for next in 1..=calls {
            it.function(
                0,
                Type::Int,
                vec![Type::Int],
                vec![I::Call { to: 0, base: 0, function: next }, I::Return { from: 0 }],
            );
        }
        it.function(0, Type::Int, vec![Type::Int], vec![I::Return { from: 0 }]);
        assert_eq!(fails(ends(&it, Limits::default(), FUEL)).as_deref(), wanted, "{calls}");
    }
    // A program that calls itself ends the same way.
    let mut it = Assembler::new();
    it.function(0, Type::Int, vec![Type::Int], vec![I::Call { to: 0, base: 0, function: 0 }, I::Return { from: 0 }]);
    let (run, _) = drive(&it.program, &[], Limits::default(), FUEL, &mut |op, _| panic!("{op:?}"));
    assert_eq!((code_of(&run).as_str(), run.failure().unwrap().frames.len()), ("T8005", 64));
}

/// Counts to ten, asking for something at each turn.
fn counting() -> Assembler {
    let mut it = Assembler::new();
    it.function(
        0,
        Type::Int,
        vec![Type::Int, Type::Int, Type::Int],
        vec![
            I::LoadInt { to: 1, value: 10 },
            I::JumpUnlessLess { left: 0, right: 1, target: 6 },
            I::Request { to: 2, op: Op::BatchCount.number(), base: 0, count: 1 },
            I::Call { to: 2, base: 2, function: 1 },
            I::AddInt { to: 0, left: 0, right: 2 },
            I::Loop { cost: 5, target: 1 },
            I::Return { from: 0 },
        ],
    );
    it.function(1, Type::Int, vec![Type::Int], vec![I::Return { from: 0 }]);
    it
}

#[test]
fn a_run_executes_what_it_is_granted_and_not_one_more() {
    let it = counting();
    let whole = 7 + 10 * 6;
    for (fuel, is_enough) in [(whole - 1, false), (whole, true), (whole + 1, true)] {
        let (run, _) = drive(&it.program, &[], Limits::default(), fuel, &mut |_, _| Answer::Word(1));
        assert_eq!(run.stopped() == Yield::Finished, is_enough);
        assert!(run.executed() <= fuel);
    }
}

#[test]
fn a_run_in_slices_is_the_same_run() {
    let it = counting();
    let program = &it.program;
    let (whole, asked) = drive(program, &[], Limits::default(), FUEL, &mut |_, _| Answer::Word(1));
    for slice in [1, 2, 5, 7, 100] {
        let mut run = Run::start(program, 0, &[], Limits::default(), 0).unwrap();
        let mut stopped = run.resume(program, Event::Start);
        let mut requests = Vec::new();
        loop {
            stopped = match stopped {
                Yield::OutOfFuel => {
                    run = Run::from_bytes(&run.to_bytes(program), program).unwrap();
                    run.resume(program, Event::Refuel(slice))
                }
                Yield::Request => {
                    let request = run.request(program).unwrap();
                    requests.push((request.op(), vec![request.argument(0).to_value()]));
                    let request = request.number();
                    let answer = Answer::Word(1);
                    run.resume(program, Event::Answer { request, answer })
                }
                _ => break,
            };
        }
        assert_eq!(requests, asked);
        assert_eq!(run.executed(), whole.executed());
        assert_eq!(run.result(program), whole.result(program));
    }
}

#[test]
fn errors_of_a_long_run_are_forgotten_but_not_their_codes() {
    let mut it = Assembler::new();
    // Fails and goes on, a thousand times, each time a little differently.
    it.function(
        0,
        Type::Error,
        vec![Type::Int, Type::Int, Type::Error, Type::list(Type::Int), Type::Error],
        vec![
            I::LoadInt { to: 1, value: 1000 },
            I::JumpUnlessLess { left: 0, right: 1, target: 8 },
            I::MakeList { to: 3, base: 0, count: 0 },
            I::GetItem { to: 1, list: 3, index: 0 },
            I::ReturnNothing {},
            I::LoadInt { to: 1, value: 1 },
            I::AddInt { to: 0, left: 0, right: 1 },
            I::Loop { cost: 6, target: 0 },
            I::Return { from: 2 },
        ],
    );
    it.handle(0, (3, 4), &[], 5, 2);
    let (run, _) = drive(&it.program, &[], Limits::default(), FUEL, &mut |op, _| panic!("{op:?}"));
    let Some(Value::Error { code, facts }) = run.result(&it.program) else {
        panic!("an error");
    };
    assert_eq!((code.as_str(), facts), ("T8009", vec!["999".into(), "0".into()]));
    // With little memory, that many errors are too many.
    let limits = Limits { heap_bytes: 16 << 10, ..Limits::default() };
    assert_eq!(fails(ends(&it, limits, FUEL)).as_deref(), Some("T8002"));
}
