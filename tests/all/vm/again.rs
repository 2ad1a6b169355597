//! A run that begins again, and one that was packed while it waited.

use super::assemble::{Assembler, FUEL};
use tillscript::language::builtin::row::Op;
use tillscript::language::bytecode::instruction::Instruction as I;
use tillscript::language::types::Type;
use tillscript::language::vm::limits::Limits;
use tillscript::language::vm::run::{Event, Run, StartError, Yield};
use tillscript::language::vm::value::{Answer, Value};

/// Asks for a number, joins texts, and fails if the number is 0.
fn asking() -> Assembler {
    let mut it = Assembler::new();
    let error = it.error("E4001", "Odd", &[]);
    let text = it.text("a text that is longer than a slot");
    it.function(
        1,
        Type::Text,
        vec![Type::Text, Type::Text, Type::Int, Type::Error, Type::Int],
        vec![
            I::LoadText { to: 1, text },
            I::LoadInt { to: 4, value: 70_000 },
            I::Request { to: 2, op: Op::BatchCount.number(), base: 0, count: 1 },
            I::JumpIf { test: 2, target: 6 },
            I::MakeError { to: 3, base: 0, error },
            I::Fail { error: 3 },
            I::JoinTexts { to: 1, base: 0, count: 2 },
            I::Return { from: 1 },
        ],
    );
    it
}

const ARGUMENT: [Answer<'static>; 1] = [Answer::Text(b"an argument of some length, ")];

fn ended(run: &mut Run, it: &Assembler, word: u64) -> (Option<Value>, Option<String>) {
    run.resume(&it.program, Event::Answer { request: 1, answer: Answer::Word(word) });
    (run.result(&it.program), run.failure().map(|failure| failure.code.to_string()))
}

#[test]
fn a_run_that_begins_again_is_a_new_run() {
    let it = asking();
    let new = Run::start(&it.program, 0, &ARGUMENT, Limits::default(), FUEL).unwrap();
    let mut run = new.clone();
    for word in [1, 0, 5] {
        assert_eq!(run.resume(&it.program, Event::Start), Yield::Request);
        // Also from the middle.
        run.restart(&it.program, 0, &ARGUMENT, FUEL).unwrap();
        assert_eq!(run, new);
        assert_eq!(run.to_bytes(&it.program), new.to_bytes(&it.program));
        run.resume(&it.program, Event::Start);
        let (result, failure) = ended(&mut run, &it, word);
        assert_eq!((result.is_some(), failure.is_some()), (word != 0, word == 0));
        run.restart(&it.program, 0, &ARGUMENT, FUEL).unwrap();
        assert_eq!(run, new);
    }
}

#[test]
fn a_run_that_cannot_begin_again_says_why() {
    let it = asking();
    let mut run = Run::start(&it.program, 0, &ARGUMENT, Limits::default(), FUEL).unwrap();
    let before = run.clone();
    assert_eq!(run.restart(&it.program, 1, &ARGUMENT, FUEL), Err(StartError::NoFunction(1)));
    assert_eq!(run.restart(&it.program, 0, &[], FUEL), Err(StartError::ArgumentCount { wanted: 1, given: 0 }));
    assert_eq!(run, before);
    assert_eq!(run.restart(&it.program, 0, &[Answer::Word(1)], FUEL), Err(StartError::Argument(0)));
    assert_eq!(run.resume(&it.program, Event::Start), Yield::Finished);
    assert_eq!(run.resume(&it.program, Event::Refuel(FUEL)), Yield::Finished);
}

#[test]
fn a_packed_run_goes_on_as_if_it_had_waited_unpacked() {
    let it = asking();
    let mut waiting = Run::start(&it.program, 0, &ARGUMENT, Limits::default(), FUEL).unwrap();
    // Not started, waiting, ended: each can be packed.
    let mut packed = vec![waiting.pack(&it.program)];
    waiting.resume(&it.program, Event::Start);
    packed.push(waiting.pack(&it.program));
    for word in [1, 0] {
        let expected = ended(&mut waiting.clone(), &it, word);
        let mut unpacked = packed[1].unpack(&it.program).unwrap();
        let request = unpacked.request(&it.program).unwrap();
        assert_eq!((request.op(), request.number()), (Op::BatchCount, 1));
        assert_eq!(request.argument(0).to_value(), waiting.request(&it.program).unwrap().argument(0).to_value());
        assert_eq!(ended(&mut unpacked, &it, word), expected);
        let again = unpacked.pack(&it.program);
        // Into a run that was something else before.
        unpacked.unpack(&packed[1], &it.program).unwrap();
        assert_eq!(unpacked.pack(&it.program), packed[1]);
        unpacked.unpack(&again, &it.program).unwrap();
        assert_eq!((unpacked.result(&it.program), unpacked.failure().map(|it| it.code.to_string())), expected);
        unpacked.unpack(&packed[0], &it.program).unwrap();
        assert_eq!(unpacked.resume(&it.program, Event::Start), Yield::Request);
        assert_eq!(ended(&mut unpacked, &it, word), expected);
    }
}

#[test]
fn what_is_not_read_again_is_not_packed() {
    let it = asking();
    let mut run = Run::start(&it.program, 0, &ARGUMENT, Limits::default(), FUEL).unwrap();
    run.resume(&it.program, Event::Start);
    let unpacked = run.pack(&it.program).unpack(&it.program).unwrap();
    // The number in r4 is read by nobody; with it every other register and the heap are as they were.
    assert_ne!(unpacked, run);
    let mut all = run.clone();
    all.unpack(&run.pack(&it.program), &it.program).unwrap();
    assert_eq!(all, unpacked);
    assert!(unpacked.to_bytes(&it.program).len() < run.to_bytes(&it.program).len());
}
