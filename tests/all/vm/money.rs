//! Whatever way a run leaves a reversible region, money in doubt is reversed first.

use super::assemble::{Asked, Assembler, FUEL, code_of, drive};
use tillscript::language::builtin::row::Op;
use tillscript::language::bytecode::instruction::Instruction as I;
use tillscript::language::bytecode::program::Shape;
use tillscript::language::types::Type;
use tillscript::language::vm::limits::Limits;
use tillscript::language::vm::money::{Decision, Region};
use tillscript::language::vm::run::{Event, Run, Yield};
use tillscript::language::vm::value::{Answer, Value};
use tillscript::payment::iso8583::dialect::{Dialect, FieldSet, Framing, MessageRule, Mti, WireForm};
use tillscript::payment::iso8583::response::ResponseCode;

const APPROVED: Answer<'static> = reply(&[(39, Answer::Word(0x3030))]);
const DECLINED: Answer<'static> = reply(&[(39, Answer::Word(0x3531))]);
const TIMEOUT: Answer<'static> = failed("T5101");
const NO_LINE: Answer<'static> = failed("T5001");

const fn reply(fields: &'static [(u8, Answer<'static>)]) -> Answer<'static> {
    Answer::Message { mti: Mti(210), fields }
}

const fn failed(code: &'static str) -> Answer<'static> {
    Answer::Failed { code, facts: &[] }
}

fn dialect() -> Dialect {
    Dialect {
        name: "by hand".into(),
        base: None,
        form: WireForm::BCD,
        framing: Framing::default(),
        fields: Vec::new(),
        messages: vec![MessageRule {
            mti: Mti(200),
            processing: None,
            name: "sale".into(),
            zh: String::new(),
            en: String::new(),
            needed: FieldSet::default(),
            optional: FieldSet::default(),
            reply_needed: FieldSet::default(),
            echoed: FieldSet::default(),
            match_key: FieldSet::default(),
            moves_money: true,
            mac: false,
            wait_s: 60,
        }],
        approved: vec![ResponseCode(*b"00")],
        reversal: None,
        mac: None,
        table: Default::default(),
    }
}

const SEND: fn() -> I = || I::Request { to: 1, op: Op::HostSend.number(), base: 0, count: 1 };

/// `reversible request { … }` around some instructions; then a message is shown, and 7 is given.
/// Register 0 is the request, 1 the reply, 2 an error, 3 a number, 4 another message.
fn region(body: &[I]) -> Assembler {
    let mut it = Assembler::new();
    it.program.dialect = Some(dialect());
    it.program.shapes.push(Shape { mti: Mti(200), fields: vec![], copies: vec![] });
    let mut code = vec![
        I::MakeMessage { to: 0, base: 0, shape: 0 },
        I::MakeMessage { to: 4, base: 0, shape: 0 },
        I::OpenReversal { request: 0, by: 5 },
    ];
    code.extend(body);
    let end = code.len() as u32;
    code.extend([I::LeaveReversal {}, ask(Op::ScreenClear), I::LoadInt { to: 3, value: 7 }, I::Return { from: 3 }]);
    let function = it.function(
        0,
        Type::Int,
        vec![
            Type::Message(None),
            Type::Reply(None),
            Type::Error,
            Type::Int,
            Type::Message(None),
            Type::optional(Type::Message(None)),
        ],
        code,
    );
    it.program.functions[usize::from(function)].regions = vec![(3, end)];
    it
}

fn ask(op: Op) -> I {
    I::Request { to: 6, op: op.number(), base: 0, count: 0 }
}

/// What a run asked for, in short.
fn words(asked: &Asked) -> Vec<String> {
    asked
        .iter()
        .map(|(op, arguments)| match (op, arguments.first()) {
            (Op::Reverse, Some(Value::Text(code))) => format!("reverse {code}"),
            (op, _) => op.word().to_string(),
        })
        .collect()
}

/// Runs with this answer to `host.send`; everything else succeeds.
fn play(it: &Assembler, sent: Answer<'static>) -> (Run, Vec<String>) {
    play_with(it, &mut |op, _| match op {
        Op::HostSend => sent,
        _ => Answer::Nothing,
    })
}

fn play_with(it: &Assembler, world: &mut dyn FnMut(Op, u32) -> Answer<'static>) -> (Run, Vec<String>) {
    let (run, asked) = drive(&it.program, &[], Limits::default(), FUEL, world);
    (run, words(&asked))
}

fn given(it: &Assembler, run: &Run) -> Value {
    run.result(&it.program).unwrap_or_else(|| panic!("it failed: {:?}", run.failure()))
}

const SEVEN: Value = Value::Int(7);

#[test]
fn the_reversal_is_recorded_before_the_request_is_sent() {
    let it = region(&[SEND(), I::Commit { txn: 0 }]);
    let (run, asked) = play(&it, APPROVED);
    assert_eq!(asked, ["reversible", "host.send", "commit", "screen.clear"]);
    assert_eq!(given(&it, &run), SEVEN);
    assert_eq!((run.money().region, run.money().last), (Region::Closed, Some(Decision::Committed)));
    // Without the record nothing is sent, and there is nothing to reverse.
    let (run, asked) = play_with(&it, &mut |_, _| failed("T7001"));
    assert_eq!(asked, ["reversible"]);
    assert_eq!(code_of(&run), "T7001");
}

#[test]
fn every_way_out_that_decided_nothing_reverses() {
    // The end of the block.
    let it = region(&[SEND()]);
    let (run, asked) = play(&it, APPROVED);
    assert_eq!(asked, ["reversible", "host.send", "reverse", "screen.clear"]);
    assert_eq!(given(&it, &run), SEVEN);
    assert_eq!(run.money().last, Some(Decision::Reversed));
    // An error that nobody handles; the reversal knows why.
    let (run, asked) = play(&it, TIMEOUT);
    assert_eq!(asked, ["reversible", "host.send", "reverse T5101"]);
    assert_eq!(code_of(&run), "T5101");
    // Even if the reversal cannot be noted, the error goes on: the record stands.
    let (run, asked) = play_with(&it, &mut |op, _| match op {
        Op::HostSend => TIMEOUT,
        Op::Reverse => failed("T7001"),
        _ => Answer::Nothing,
    });
    assert_eq!(asked, ["reversible", "host.send", "reverse T5101"]);
    assert_eq!(code_of(&run), "T5101");
    // A return that forgot to leave.
    let it = region(&[SEND(), I::LoadInt { to: 3, value: 9 }, I::Return { from: 3 }]);
    let (run, asked) = play(&it, APPROVED);
    assert_eq!(asked, ["reversible", "host.send", "reverse"]);
    assert_eq!(given(&it, &run), Value::Int(9));
    // A commit that could not be written.
    let it = region(&[SEND(), I::Commit { txn: 0 }]);
    let (run, asked) = play_with(&it, &mut |op, _| match op {
        Op::HostSend => APPROVED,
        Op::Commit => failed("T7002"),
        _ => Answer::Nothing,
    });
    assert_eq!(asked, ["reversible", "host.send", "commit", "reverse T7002"]);
    assert_eq!(code_of(&run), "T7002");
    assert_eq!(run.money().last, Some(Decision::Reversed));
}

#[test]
fn a_handler_outside_comes_after_the_reversal_and_one_inside_before_it() {
    let mut outside = region(&[SEND()]);
    // On any error between opening and leaving, go on behind the region.
    outside.handle(0, (2, 5), &[], 5, 2);
    let (run, asked) = play(&outside, TIMEOUT);
    assert_eq!(asked, ["reversible", "host.send", "reverse T5101", "screen.clear"]);
    assert_eq!(given(&outside, &run), SEVEN);

    let mut inside = region(&[SEND(), I::Jump { target: 6 }, I::Reverse {}]);
    inside.handle(0, (3, 4), &[], 5, 2);
    let (run, asked) = play(&inside, TIMEOUT);
    assert_eq!(asked, ["reversible", "host.send", "reverse", "screen.clear"]);
    assert_eq!(given(&inside, &run), SEVEN);
}

#[test]
fn an_error_of_a_function_called_inside_reverses_too() {
    let mut it = region(&[I::Call { to: 1, base: 0, function: 1 }]);
    it.function(
        1,
        Type::Reply(None),
        vec![Type::Message(None), Type::Reply(None)],
        vec![SEND(), I::Return { from: 1 }],
    );
    let (run, asked) = play(&it, TIMEOUT);
    assert_eq!(asked, ["reversible", "host.send", "reverse T5101"]);
    assert_eq!(run.failure().unwrap().frames.len(), 2);
    // Handled inside the called function it stays in the region, and is reversed at its end.
    it.handle(1, (0, 1), &[], 1, 1);
    it.program.functions[1].registers[1] = Type::Error;
    let (run, asked) = play(&it, TIMEOUT);
    assert_eq!(asked, ["reversible", "host.send", "reverse", "screen.clear"]);
    assert_eq!(given(&it, &run), SEVEN);
}

#[test]
fn discard_is_believed_only_if_the_host_has_taken_nothing() {
    let after = |decide: &[I]| {
        let mut body = vec![SEND(), I::Jump { target: 5 }];
        body.extend(decide);
        let mut it = region(&body);
        it.handle(0, (3, 4), &[], 5, 2);
        it
    };
    let it = after(&[I::Discard {}]);
    for (sent, safe) in [
        (DECLINED, true),
        (NO_LINE, true),
        (failed("T4001"), true),
        (failed("T8011"), true),
        (failed("T8012"), true),
        (failed("T5106"), true),
        (APPROVED, false),
        (TIMEOUT, false),
        (failed("T4005"), false),
        (failed("T6999"), false),
        (reply(&[]), false),
    ] {
        let (run, asked) = play(&it, sent);
        if safe {
            assert_eq!(asked, ["reversible", "host.send", "discard", "screen.clear"], "{sent:?}");
            assert_eq!(run.money().last, Some(Decision::Discarded));
        } else {
            assert_eq!(asked, ["reversible", "host.send", "reverse T8101"], "{sent:?}");
            assert_eq!(code_of(&run), "T8101");
            assert_eq!(run.money().last, Some(Decision::Reversed));
        }
    }
    // Nothing was sent at all.
    let it = region(&[I::Discard {}]);
    let (_, asked) = play(&it, APPROVED);
    assert_eq!(asked, ["reversible", "discard", "screen.clear"]);
}

#[test]
fn a_region_is_one_request_and_one_decision() {
    let why = |body: &[I]| {
        let (run, _) = play(&region(body), APPROVED);
        run.failure().expect("it fails").facts.iter().map(|fact| fact.en.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(why(&[SEND(), SEND()]), ["the request was sent before"]);
    assert_eq!(why(&[SEND(), I::Commit { txn: 0 }, SEND()]), ["the request was sent after it was decided"]);
    assert_eq!(why(&[I::Move { to: 0, from: 4 }, SEND()]), ["another request that moves money was sent"]);
    let misused = |body: &[I]| {
        let it = region(body);
        let (run, asked) = play(&it, APPROVED);
        assert_eq!(code_of(&run), "T8102", "{asked:?}");
        asked
    };
    assert_eq!(misused(&[SEND(), I::OpenReversal { request: 4, by: 5 }]), ["reversible", "host.send", "reverse T8102"]);
    assert_eq!(misused(&[SEND(), SEND()]), ["reversible", "host.send", "reverse T8102"]);
    assert_eq!(misused(&[I::Move { to: 0, from: 4 }, SEND()]), ["reversible", "reverse T8102"]);
    // What was decided stays decided.
    assert_eq!(misused(&[SEND(), I::Commit { txn: 0 }, I::Reverse {}]), ["reversible", "host.send", "commit"]);
    assert_eq!(misused(&[SEND(), I::LeaveReversal {}, I::Commit { txn: 0 }]), ["reversible", "host.send", "reverse"]);
    // The line was never up: the same request may be tried again.
    let mut it = region(&[SEND(), I::Jump { target: 6 }, SEND(), I::Commit { txn: 0 }]);
    it.handle(0, (3, 4), &[], 5, 2);
    let (run, asked) = play_with(&it, &mut |op, number| match (op, number) {
        (Op::HostSend, 2) => NO_LINE,
        (Op::HostSend, _) => APPROVED,
        _ => Answer::Nothing,
    });
    assert_eq!(asked, ["reversible", "host.send", "host.send", "commit", "screen.clear"]);
    assert_eq!(given(&it, &run), SEVEN);
}

/// Aborts at the request with this number; what was asked afterwards.
fn aborted_at(it: &Assembler, number: u32) -> (Run, Vec<String>) {
    let program = &it.program;
    let mut run = Run::start(program, 0, &[], Limits::default(), FUEL).unwrap();
    let mut stopped = run.resume(program, Event::Start);
    let mut after = Vec::new();
    let mut is_aborted = false;
    while stopped == Yield::Request {
        run = Run::from_bytes(&run.to_bytes(program), program).unwrap();
        let request = run.request(program).unwrap();
        if is_aborted {
            let arguments = request.arguments().map(|view| view.to_value()).collect();
            after.push((request.op(), arguments));
        }
        let event = if request.number() == number && !is_aborted {
            is_aborted = true;
            Event::Abort { code: "T6001", facts: &[] }
        } else {
            Event::Answer {
                request: request.number(),
                answer: match request.op() {
                    Op::HostSend => APPROVED,
                    _ => Answer::Nothing,
                },
            }
        };
        stopped = run.resume(program, event);
    }
    (run, words(&after))
}

#[test]
fn a_run_that_has_to_end_reverses_what_is_undecided() {
    let mut it = region(&[SEND(), I::Commit { txn: 0 }]);
    // Not even `other` holds it.
    it.handle(0, (0, 9), &[], 6, 2);
    for (number, wanted) in [
        (1, &["reverse T6001"][..]),
        (2, &["reverse T6001"]),
        // Whether the commit was written only the journal knows. If not, the reversal stands there.
        (3, &[]),
        (4, &[]),
    ] {
        let (run, asked) = aborted_at(&it, number);
        assert_eq!(asked, wanted, "at request {number}");
        assert_eq!(code_of(&run), "T6001");
    }
    // Aborted while the reversal is being noted: it is noted once, and the run ends.
    let it = region(&[SEND(), I::LoadInt { to: 3, value: 0 }, I::DivideInt { to: 3, left: 3, right: 3 }]);
    let (run, asked) = aborted_at(&it, 3);
    assert_eq!(asked, ["reverse T6001"]);
    let failure = run.failure().unwrap();
    assert_eq!(failure.code, "T6001");
    assert_eq!(run.error(failure.cause.unwrap()).unwrap().code, "T8007");
}

#[test]
fn fuel_never_leaves_money_hanging() {
    let it = region(&[
        SEND(),
        I::JumpIf { test: 3, target: 7 },
        I::LoadInt { to: 3, value: 0 },
        I::Loop { cost: 5, target: 4 },
    ]);
    let program = &it.program;
    for fuel in 1..80 {
        let mut run = Run::start(program, 0, &[], Limits::default(), fuel).unwrap();
        let mut stopped = run.resume(program, Event::Start);
        let mut asked = Vec::new();
        while matches!(stopped, Yield::Request | Yield::OutOfFuel) {
            run = Run::from_bytes(&run.to_bytes(program), program).unwrap();
            stopped = match run.request(program) {
                Some(request) => {
                    asked.push(request.op());
                    let answer = match request.op() {
                        Op::HostSend => APPROVED,
                        _ => Answer::Nothing,
                    };
                    let request = request.number();
                    run.resume(program, Event::Answer { request, answer })
                }
                None => run.resume(program, Event::Abort { code: "T8001", facts: &[("limit", "80", "80")] }),
            };
        }
        assert_eq!(code_of(&run), "T8001");
        assert_eq!(asked.last() == Some(&Op::Reverse), asked.contains(&Op::ReverseOpen), "fuel {fuel}: {asked:?}");
        assert!(run.executed() <= fuel.max(u64::from(program.functions[0].cost)));
    }
}

#[test]
fn a_request_that_moves_money_is_not_sent_outside_a_region() {
    let mut it = region(&[]);
    // The region is left before the request goes out; without a rule that says it moves money it may.
    it.program.functions[0].code = vec![
        I::MakeMessage { to: 0, base: 0, shape: 0 },
        SEND(),
        I::LoadInt { to: 3, value: 7 },
        I::Return { from: 3 },
    ];
    it.program.functions[0].regions.clear();
    let (run, asked) = play(&it, APPROVED);
    assert_eq!((code_of(&run).as_str(), asked.len()), ("T8102", 0));
    if let Some(dialect) = &mut it.program.dialect {
        dialect.messages[0].moves_money = false;
    }
    let (run, asked) = play(&it, APPROVED);
    assert_eq!(run.result(&it.program), Some(Value::Int(7)));
    assert_eq!(asked, ["host.send"]);
}
