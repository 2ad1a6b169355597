//! Programs put together by hand, and a driver that suspends them wherever it can.

use tillscript::language::builtin::row::Op;
use tillscript::language::builtin::shapes;
use tillscript::language::bytecode::instruction::Instruction;
use tillscript::language::bytecode::program::{ErrorRow, Function, HandlerRow, Program};
use tillscript::language::types::Type;
use tillscript::language::vm::limits::Limits;
use tillscript::language::vm::run::{Event, Run, Yield};
use tillscript::language::vm::value::{Answer, Value};
use tillscript::payment::amount::Amount;
use tillscript::payment::currency::Currency;

/// More than any of these programs needs.
pub(super) const FUEL: u64 = 1_000_000;

/// A program under construction.
#[derive(Default)]
pub(super) struct Assembler {
    /// What it is so far.
    pub(super) program: Program,
}

impl Assembler {
    pub(super) fn new() -> Assembler {
        let mut program = Program { types: shapes::types(), hash: [7; 32], ..Program::default() };
        program.name = "by hand".into();
        Assembler { program }
    }

    /// Index of a constant text.
    pub(super) fn text(&mut self, text: &str) -> u32 {
        let start = self.program.bytes.len() as u32;
        self.program.bytes.extend(text.as_bytes());
        self.program.texts.push((start, text.len() as u32));
        self.program.texts.len() as u32 - 1
    }

    /// Index of a constant word.
    pub(super) fn word(&mut self, word: u64) -> u32 {
        self.program.words.push(word);
        self.program.words.len() as u32 - 1
    }

    /// Index of an error.
    pub(super) fn error(&mut self, code: &str, name: &str, facts: &[&str]) -> u16 {
        self.program.errors.push(ErrorRow {
            code: code.into(),
            name: name.into(),
            facts: facts.iter().map(|fact| (*fact).into()).collect(),
            declared: None,
        });
        self.program.errors.len() as u16 - 1
    }

    /// Index of a function; its first registers are its parameters.
    pub(super) fn function(
        &mut self,
        parameters: usize,
        gives: Type,
        registers: Vec<Type>,
        code: Vec<Instruction>,
    ) -> u16 {
        let index = self.program.functions.len();
        self.program.functions.push(Function {
            name: format!("f{index}").into(),
            parameters: registers.iter().take(parameters).cloned().collect(),
            gives,
            registers,
            cost: code.len() as u32,
            code,
            handlers: Vec::new(),
            regions: Vec::new(),
            lines: Vec::new(),
            file: Default::default(),
        });
        index as u16
    }

    /// Puts a handler behind those the function has.
    pub(super) fn handle(&mut self, function: u16, range: (u32, u32), errors: &[u16], target: u32, error: u8) {
        self.program.functions[usize::from(function)].handlers.push(HandlerRow {
            from: range.0,
            to: range.1,
            errors: errors.to_vec(),
            target,
            error,
        });
    }
}

/// What a run asked for, in order.
pub(super) type Asked = Vec<(Op, Vec<Value>)>;

/// Runs function 0 to its end. At each request it is written down and read back, packed and unpacked, and gets answers
/// that are not its own.
pub(super) fn drive(
    program: &Program,
    arguments: &[Answer<'_>],
    limits: Limits,
    fuel: u64,
    world: &mut dyn FnMut(Op, u32) -> Answer<'static>,
) -> (Run, Asked) {
    let mut run = Run::start(program, 0, arguments, limits, fuel).expect("it can start");
    let mut asked = Vec::new();
    let mut stopped = run.resume(program, Event::Start);
    loop {
        assert_eq!(run.stopped(), stopped);
        let bytes = run.to_bytes(program);
        let back = Run::from_bytes(&bytes, program).expect("what was written can be read");
        assert_eq!(back, run);
        assert_eq!(back.to_bytes(program), bytes);
        run = back;
        ignores_strangers(&mut run, program, stopped);
        let packed = run.pack(program);
        run.unpack(&packed, program).expect("what was packed can be unpacked");
        assert_eq!(run.pack(program), packed);
        if stopped != Yield::Request {
            return (run, asked);
        }
        let request = run.request(program).expect("a request is given out");
        assert_eq!(request.number() as usize, asked.len() + 1);
        asked.push((request.op(), request.arguments().map(|argument| argument.to_value()).collect()));
        let (op, number) = (request.op(), request.number());
        let answer = world(op, number);
        stopped = run.resume(program, Event::Answer { request: number, answer });
        // The same answer once more changes nothing.
        let before = run.clone();
        let again = run.resume(program, Event::Answer { request: number, answer });
        assert_eq!((again, &run), (stopped, &before));
    }
}

fn ignores_strangers(run: &mut Run, program: &Program, stopped: Yield) {
    let before = run.clone();
    let next = run.requests() + 1;
    for request in [0, next.wrapping_sub(2), next] {
        let answer = Answer::Nothing;
        assert_eq!(run.resume(program, Event::Answer { request, answer }), stopped);
    }
    if stopped != Yield::OutOfFuel {
        assert_eq!(run.resume(program, Event::Start), stopped);
    }
    assert_eq!(*run, before);
}

/// Runs function 0 without a world.
pub(super) fn alone(program: &Program) -> Run {
    drive(program, &[], Limits::default(), FUEL, &mut |op, _| panic!("{op:?} was not expected")).0
}

/// The value function 0 gives without a world.
pub(super) fn value(program: &Program) -> Value {
    let run = alone(program);
    run.result(program).unwrap_or_else(|| panic!("it failed: {:?}", run.failure()))
}

/// The code function 0 fails with without a world.
pub(super) fn code(program: &Program) -> String {
    code_of(&alone(program))
}

/// The code a run failed with.
pub(super) fn code_of(run: &Run) -> String {
    run.failure().expect("it fails").code.to_string()
}

/// An amount of renminbi as a word.
pub(super) fn cny(minor: i64) -> u64 {
    Amount::new(minor, Currency::CNY).to_bits().expect("it fits")
}
