//! Programs that no compiler would write: the machine ends them, and neither panics nor goes round for ever.

use super::assemble::Assembler;
use tillscript::language::builtin::shapes;
use tillscript::language::bytecode::instruction::{Instruction, ROWS, Role};
use tillscript::language::bytecode::program::{Shape, Switch};
use tillscript::language::types::Type;
use tillscript::language::vm::limits::Limits;
use tillscript::language::vm::run::{Event, Run, Yield};
use tillscript::language::vm::value::Answer;
use tillscript::payment::iso8583::dialect::Mti;

/// xorshift64: the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: u64) -> u32 {
        (self.next() % end) as u32
    }
}

const REGISTERS: u64 = 12;
const LENGTH: u64 = 16;

fn some_type(dice: &mut Dice) -> Type {
    let plain = |dice: &mut Dice| match dice.below(16) {
        0 => Type::Bool,
        1 => Type::Int,
        2 => Type::Text,
        3 => Type::Digits(dice.below(8) as u16),
        4 => Type::Bytes,
        5 => Type::Amount,
        6 => Type::ResponseCode,
        7 => Type::Record(dice.below(7) as u16),
        8 => Type::Union(dice.below(6) as u16),
        9 => Type::Message(None),
        10 => Type::Pan,
        11 => Type::Phrase,
        12 => Type::Receipt,
        13 => Type::Error,
        14 => Type::Record(shapes::CARD),
        _ => Type::Nothing,
    };
    match dice.below(4) {
        0 => Type::list(plain(dice)),
        1 => Type::optional(plain(dice)),
        _ => plain(dice),
    }
}

fn some_instruction(dice: &mut Dice) -> Instruction {
    let row = &ROWS[dice.below(ROWS.len() as u64) as usize];
    let mut operands = row.operands.iter();
    Instruction::read(row.number, || {
        let (_, role, _) = operands.next()?;
        Some(match role {
            Role::Read | Role::Write | Role::Base => match dice.below(40) {
                0 => dice.below(256),
                _ => dice.below(REGISTERS),
            },
            Role::Jump => dice.below(LENGTH + 1),
            Role::Number => dice.next() as u32 % 300,
            Role::Op => match dice.below(3) {
                0 => 15,
                _ => dice.below(70),
            },
            Role::Native => dice.below(34),
            Role::Count => dice.below(6),
            Role::Field => dice.below(130),
            _ => dice.below(4),
        })
    })
    .expect("these operands fit their places")
}

fn some_program(dice: &mut Dice) -> Assembler {
    let mut it = Assembler::new();
    for text in ["", "51", "a text longer than a slot"] {
        it.text(text);
    }
    it.program.bytes.push(0xFF);
    it.program.texts.push((20, 6));
    for _ in 0..3 {
        let word = match dice.below(3) {
            0 => dice.next(),
            1 => u64::from(dice.below(300)),
            _ => 1 << dice.below(64),
        };
        it.word(word);
    }
    for code in ["T5101", "T8007", "E4001"] {
        it.error(code, "Odd", &["one"]);
    }
    for _ in 0..2 {
        let copies = vec![dice.below(60) as u8 + 3, 64];
        let fields = (0..dice.below(4)).map(|at| (3 + 2 * at as u8, dice.below(6) as u8, some_type(dice))).collect();
        it.program.shapes.push(Shape { mti: Mti(200), fields, copies });
        let cases = (0..3).map(|key| (key, dice.below(LENGTH))).collect();
        let otherwise = dice.below(LENGTH);
        it.program.switches.push(Switch { cases, otherwise });
    }
    for function in 0..3 {
        let registers: Vec<Type> = (0..REGISTERS).map(|_| some_type(dice)).collect();
        let mut code: Vec<Instruction> = (0..LENGTH).map(|_| some_instruction(dice)).collect();
        code.push(Instruction::Return { from: 1 });
        let parameters = if function == 0 { 0 } else { 1 };
        it.function(parameters, some_type(dice), registers, code);
        for _ in 0..dice.below(4) {
            let from = dice.below(LENGTH);
            let errors: Vec<u16> = (0..dice.below(2)).map(|error| error as u16).collect();
            let (target, error) = (dice.below(LENGTH + 4), dice.below(REGISTERS) as u8);
            it.handle(function, (from, from + dice.below(8)), &errors, target, error);
        }
        let from = dice.below(LENGTH);
        it.program.functions[usize::from(function)].regions = vec![(from, from + dice.below(8))];
    }
    it
}

fn some_answer(dice: &mut Dice) -> Answer<'static> {
    match dice.below(12) {
        0..4 => Answer::Nothing,
        4 => Answer::None,
        5 => Answer::Word(u64::from(dice.below(300))),
        6 => Answer::Text(b"a text of the world"),
        7 => Answer::Message {
            mti: Mti(210),
            fields: &[(37, Answer::Text(b"123456789012")), (39, Answer::Word(0x3030))],
        },
        8 => Answer::Sealed { number: 1, masked: "622202******5678", sound: true },
        9 => Answer::List(&[Answer::Word(1), Answer::Text(b"x")]),
        _ => Answer::Failed { code: "T5101", facts: &[("after", "60秒", "60s")] },
    }
}

#[test]
fn no_program_makes_the_machine_panic_or_hang() {
    let mut dice = Dice(0x7111_2026);
    let limits = Limits { heap_bytes: 64 << 10, ..Limits::default() };
    let (mut requests, mut finished) = (0_u32, 0_u32);
    for _ in 0..20_000 {
        let it = some_program(&mut dice);
        let program = &it.program;
        let mut run = Run::start(program, 0, &[], limits, 2_000).expect("it can start");
        let mut stopped = run.resume(program, Event::Start);
        for _ in 0..20 {
            run.frames(program);
            stopped = match stopped {
                Yield::Request => {
                    requests += 1;
                    let request = run.request(program).expect("a request");
                    for argument in request.arguments() {
                        argument.to_value();
                    }
                    let number = request.number();
                    let bytes = run.to_bytes(program);
                    assert_eq!(Run::from_bytes(&bytes, program).as_ref(), Ok(&run));
                    let answer = some_answer(&mut dice);
                    run.resume(program, Event::Answer { request: number, answer })
                }
                Yield::OutOfFuel => break,
                Yield::Finished => {
                    finished += 1;
                    run.result(program);
                    break;
                }
                Yield::Failed => break,
            };
        }
        let mut stopped = run.resume(program, Event::Abort { code: "T8001", facts: &[] });
        // Wherever it was, it is at its end after at most one reversal.
        if stopped == Yield::Request {
            let request = run.requests();
            let answer = Answer::Nothing;
            stopped = run.resume(program, Event::Answer { request, answer });
        }
        assert!(matches!(stopped, Yield::Failed | Yield::Finished));
        assert!(!run.money().is_undecided());
    }
    assert!(requests > 1_000 && finished > 1_000, "{requests} {finished}");
}
