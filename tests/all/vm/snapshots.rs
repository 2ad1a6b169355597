//! A run that was written down is read back whole or not at all.

use super::assemble::{Assembler, FUEL};
use tillscript::language::builtin::row::Op;
use tillscript::language::bytecode::instruction::Instruction as I;
use tillscript::language::bytecode::program::Program;
use tillscript::language::types::Type;
use tillscript::language::vm::limits::Limits;
use tillscript::language::vm::run::{Event, Run, Yield};
use tillscript::language::vm::snapshot::SnapshotError;
use tillscript::language::vm::value::Answer;

/// A run in its second function, with texts, lists and an error, waiting.
fn waiting() -> (Program, Run) {
    let mut it = Assembler::new();
    let error = it.error("E4001", "Odd", &["word"]);
    let text = it.text("a text longer than a slot");
    it.function(
        0,
        Type::Int,
        vec![Type::Text, Type::Int],
        vec![I::LoadText { to: 0, text }, I::Call { to: 1, base: 0, function: 1 }, I::Return { from: 1 }],
    );
    it.function(
        1,
        Type::Int,
        vec![Type::Text, Type::list(Type::Text), Type::Error, Type::Text, Type::Int],
        vec![
            I::MakeList { to: 1, base: 0, count: 1 },
            I::MakeError { to: 2, base: 0, error },
            I::Move { to: 3, from: 0 },
            I::JoinTexts { to: 3, base: 3, count: 1 },
            I::Request { to: 4, op: Op::BatchCount.number(), base: 0, count: 4 },
            I::Return { from: 4 },
        ],
    );
    let mut run = Run::start(&it.program, 0, &[], Limits::default(), FUEL).unwrap();
    assert_eq!(run.resume(&it.program, Event::Start), Yield::Request);
    (it.program, run)
}

#[test]
fn a_cut_or_changed_run_is_refused() {
    let (program, run) = waiting();
    let bytes = run.to_bytes(&program);
    assert_eq!(Run::from_bytes(&bytes, &program).as_ref(), Ok(&run));
    for end in 0..bytes.len() {
        assert!(Run::from_bytes(&bytes[..end], &program).is_err(), "cut at {end}");
    }
    for at in 0..bytes.len() {
        for bit in 0..8 {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << bit;
            assert!(Run::from_bytes(&changed, &program).is_err(), "bit {bit} of {at}");
        }
    }
    let longer = [bytes.as_slice(), &[0]].concat();
    assert!(Run::from_bytes(&longer, &program).is_err());
    assert_eq!(Run::from_bytes(b"", &program), Err(SnapshotError::NotARun));
}

#[test]
fn a_run_belongs_to_its_program_and_its_version() {
    let (program, run) = waiting();
    let bytes = run.to_bytes(&program);
    let mut other = program.clone();
    other.hash = [8; 32];
    assert_eq!(Run::from_bytes(&bytes, &other), Err(SnapshotError::OtherProgram));
    let mut newer = bytes;
    newer[4] = 4;
    assert_eq!(Run::from_bytes(&newer, &program), Err(SnapshotError::Version(4)));
}

/// Puts the right checksum behind what was changed.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let end = bytes.len() - 4;
    let checksum = crc32fast::hash(&bytes[..end]);
    bytes[end..].copy_from_slice(&checksum.to_le_bytes());
    bytes
}

#[test]
fn a_forged_run_is_refused_or_fails_but_never_panics() {
    let (program, run) = waiting();
    let bytes = run.to_bytes(&program);
    let mut accepted = 0;
    for at in 38..bytes.len() - 4 {
        for value in [0, 1, 2, 5, 0x7F, 0x80, 0xFF, bytes[at] ^ 1, bytes[at].wrapping_add(1)] {
            let mut changed = bytes.clone();
            changed[at] = value;
            let Ok(mut run) = Run::from_bytes(&sealed(changed), &program) else {
                continue;
            };
            accepted += 1;
            run.frames(&program);
            run.outcome_place(&program);
            if let Some(request) = run.request(&program) {
                for argument in request.arguments() {
                    argument.to_value();
                }
                let number = request.number();
                let answer = Answer::Word(3);
                run.resume(&program, Event::Answer { request: number, answer });
            }
            run.resume(&program, Event::Refuel(FUEL));
            run.resume(&program, Event::Abort { code: "T6001", facts: &[] });
            run.result(&program);
            run.failure();
            run.to_bytes(&program);
        }
    }
    assert!(accepted > 0);
}

#[test]
fn a_clone_goes_its_own_way() {
    let (program, run) = waiting();
    let answered = |mut run: Run, word| {
        run.resume(&program, Event::Answer { request: 1, answer: Answer::Word(word) });
        run.result_view(&program).and_then(|view| view.as_int())
    };
    assert_eq!(answered(run.clone(), 3), Some(3));
    assert_eq!(answered(run, 4), Some(4));
}
