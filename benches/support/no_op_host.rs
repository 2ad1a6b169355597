//! A host that does nothing: every request is answered at once, with constants.

use tillscript::language::builtin::row::Op;
use tillscript::language::bytecode::program::Program;
use tillscript::language::vm::limits::Limits;
use tillscript::language::vm::run::{Event, Run, Yield};
use tillscript::language::vm::value::Answer;
use tillscript::payment::amount::Amount;
use tillscript::payment::currency::Currency;
use tillscript::payment::iso8583::dialect::Mti;

/// A card that was inserted: number and track lie in the vault, the run gets their numbers.
pub(crate) const CARD: Answer<'static> = Answer::Record(&[
    Answer::Sealed { number: 1, masked: "622202******5678", sound: true },
    Answer::Sealed { number: 2, masked: "622202******5678", sound: true },
    Answer::Text(b"3012"),
    Answer::Variant { tag: 0, payload: None },
    Answer::Text(b"001"),
    Answer::Word(0),
    Answer::Text(b"201"),
    Answer::Sealed { number: 3, masked: "****", sound: true },
]);

/// An approval of the sale.
pub(crate) const REPLY: Answer<'static> = Answer::Message {
    mti: Mti(210),
    fields: &[
        (3, Answer::Text(b"000000")),
        (11, Answer::Text(b"000017")),
        (12, Answer::Text(b"093015")),
        (13, Answer::Text(b"0105")),
        (37, Answer::Text(b"123456789012")),
        (39, Answer::Word(0x3030)),
        (41, Answer::Text(b"T0000001")),
        (42, Answer::Text(b"123456789012345")),
    ],
};

/// The answer to a request of a sale.
pub(crate) fn answer(op: Op) -> Answer<'static> {
    match op {
        Op::CardRead => CARD,
        Op::HostNextStan => Answer::Text(b"000017"),
        Op::HostSend => REPLY,
        _ => Answer::Nothing,
    }
}

/// 100.00 yuan, and the shop.
pub(crate) fn sale_arguments() -> [Answer<'static>; 2] {
    const SHOP: Answer<'static> = Answer::Record(&[
        Answer::Text(b"CORNER SHOP"),
        Answer::Text(b"123456789012345"),
        Answer::Text(b"T0000001"),
        Answer::Text(b"001"),
        Answer::Text(b"000042"),
    ]);
    [Answer::Amount(Amount::new(10_000, Currency::CNY)), SHOP]
}

/// What the benchmarks grant: the defaults, and room for one long text.
pub(crate) fn limits() -> Limits {
    Limits { heap_bytes: 1 << 28, text_bytes: 1 << 24, ..Limits::default() }
}

/// Begins a run and moves it on until it stops at `until` or ends.
pub(crate) fn start(program: &Program, function: u16, arguments: &[Answer<'_>], until: Option<Op>) -> Run {
    let mut run = Run::start(program, function, arguments, limits(), u64::MAX).expect("the arguments fit");
    let stopped = run.resume(program, Event::Start);
    go_on(program, &mut run, stopped, until);
    run
}

/// Begins again in the memory that the run has, as a terminal does, and moves it on as `start` does.
pub(crate) fn again(run: &mut Run, program: &Program, function: u16, arguments: &[Answer<'_>], until: Option<Op>) {
    run.restart(program, function, arguments, u64::MAX).expect("the arguments fit");
    let stopped = run.resume(program, Event::Start);
    go_on(program, run, stopped, until);
}

/// Answers requests until `until` is asked for, or the end.
pub(crate) fn go_on(program: &Program, run: &mut Run, mut stopped: Yield, until: Option<Op>) {
    while stopped == Yield::Request {
        let request = run.request(program).expect("it waits");
        let (number, op) = (request.number(), request.op());
        if Some(op) == until {
            return;
        }
        stopped = run.resume(program, Event::Answer { request: number, answer: answer(op) });
    }
}

/// Answers what a run waits for, and goes on to the end.
pub(crate) fn finish(program: &Program, run: &mut Run) {
    let request = run.request(program).expect("it waits");
    let (number, op) = (request.number(), request.op());
    let stopped = run.resume(program, Event::Answer { request: number, answer: answer(op) });
    go_on(program, run, stopped, None);
}
