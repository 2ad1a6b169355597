//! A run that was written down is read back whole or not at all.

use super::assemble::{Assembler, FUEL};
use tillscript::language::builtin::row::Op;
use tillscript::language::bytecode::instruction::Instruction as I;
use tillscript::language::bytecode::program::{Program, Shape};
use tillscript::language::types::Type;
use tillscript::language::vm::limits::Limits;
use tillscript::language::vm::run::{Event, Run, Yield};
use tillscript::language::vm::snapshot::SnapshotError;
use tillscript::language::vm::value::{Answer, Value};
use tillscript::payment::iso8583::dialect::Mti;

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
    newer[4] = 5;
    assert_eq!(Run::from_bytes(&newer, &program), Err(SnapshotError::Version(5)));
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

#[test]
fn a_forged_count_of_fields_is_found_out_where_a_field_is_read() {
    let mut it = Assembler::new();
    it.program.shapes.push(Shape { mti: Mti(800), fields: vec![], copies: vec![] });
    it.function(
        0,
        Type::optional(Type::Text),
        vec![Type::Message(None), Type::Reply(None), Type::optional(Type::Text), Type::Int],
        vec![
            I::MakeMessage { to: 0, base: 0, shape: 0 },
            I::Request { to: 1, op: Op::HostSend.number(), base: 0, count: 1 },
            I::Request { to: 3, op: Op::BatchCount.number(), base: 0, count: 0 },
            I::FindMessageField { to: 2, message: 1, field: 41 },
            I::Return { from: 2 },
        ],
    );
    let program = it.program;
    let mut run = Run::start(&program, 0, &[], Limits::default(), FUEL).unwrap();
    assert_eq!(run.resume(&program, Event::Start), Yield::Request);
    // Behind a text of sixteen bytes, the second one's slot looks like a row of holdings that says it is a text.
    let fields = [(37, Answer::Text(b"1234567890123456")), (41, Answer::Text(b"T0000001"))];
    let answer = Answer::Message { mti: Mti(810), fields: &fields };
    assert_eq!(run.resume(&program, Event::Answer { request: 1, answer }), Yield::Request);

    let bytes = run.to_bytes(&program);
    let head = |count: u64| {
        let (mut rest, mut written) = (810 | count << 16, Vec::new());
        while rest > 0x7F {
            written.push(rest as u8 | 0x80);
            rest >>= 7;
        }
        written.push(rest as u8);
        written
    };
    let at = bytes.windows(3).position(|three| three == head(2)).expect("the head of the reply");
    let finish = |mut run: Run| {
        let stopped = run.resume(&program, Event::Answer { request: 2, answer: Answer::Word(0) });
        (stopped, run.result(&program))
    };
    let found = (Yield::Finished, Some(Value::Text("T0000001".into())));
    assert_eq!(finish(Run::from_bytes(&bytes, &program).unwrap()), found);
    assert_eq!(finish(run), found);
    // Counted wrong, what a field holds would be taken from a place that says something else.
    for count in [1, 3] {
        let mut forged = bytes.clone();
        forged[at..at + 3].copy_from_slice(&head(count));
        let forged = Run::from_bytes(&sealed(forged), &program).unwrap();
        assert_eq!(finish(forged).0, Yield::Failed, "{count} fields");
    }
}
