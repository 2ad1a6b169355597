//! A large program takes time by its size, whatever its shape.

use std::time::{Duration, Instant};
use tillscript::language::builtin::shapes;
use tillscript::language::bytecode::instruction::Instruction as I;
use tillscript::language::bytecode::program::{Function, HandlerRow, Program, Switch};
use tillscript::language::bytecode::verify::program::{looked_at, verify};
use tillscript::language::bytecode::{file, structure};
use tillscript::language::types::Type;

/// Instructions of one function.
const LONG: u32 = 65_000;

const LOAD: I = I::LoadInt { to: 0, value: 1 };
const BACK: I = I::ReturnNothing {};

fn function(code: Vec<I>, handlers: Vec<HandlerRow>) -> Function {
    let costs = tillscript::language::bytecode::cost::costs(&code).expect("loops nest");
    let mut function = Function {
        name: "f".into(),
        parameters: vec![],
        gives: Type::Nothing,
        registers: vec![Type::Int, Type::Bool, Type::Error],
        code,
        cost: costs.function,
        handlers,
        regions: vec![],
        lines: vec![],
        file: Default::default(),
    };
    for (at, turn) in costs.loops {
        if let I::Loop { cost, .. } = &mut function.code[at as usize] {
            *cost = turn;
        }
    }
    function
}

/// Shapes that a careless walk takes long for, each in about so many instructions.
fn shapes_of(length: u32) -> Vec<(&'static str, Vec<I>, Vec<HandlerRow>)> {
    let half = length / 2;
    let row = |from, to, target| HandlerRow { from, to, errors: vec![], target, error: 2 };
    let straight = || vec![LOAD; length as usize];
    let mut jumps = vec![I::LoadInt { to: 1, value: 1 }];
    jumps.extend((0..length).map(|_| I::JumpIf { test: 1, target: length + 1 }));
    let mut loops = vec![LOAD; half as usize];
    loops.extend((0..half).map(|at| I::Loop { cost: 0, target: half - 1 - at }));
    // Two ways into each turn, so that every top is a place where ways meet.
    let mut ladder = vec![I::LoadInt { to: 1, value: 1 }];
    ladder.extend((0..length).map(|at| I::JumpIf { test: 1, target: at + 3 }));
    ladder.push(LOAD);
    let nested = (0..half / 2).rev().map(|at| row(half / 2 - 1 - at, half / 2 + 1 + at, length)).rev().collect();
    let same = (0..half).map(|_| row(0, half, length)).collect();
    let one_behind_the_other = (0..half).map(|at| row(at, at + 1, length)).collect();
    vec![
        ("straight", straight(), vec![]),
        ("jumps to one place", jumps, vec![]),
        ("a ladder", ladder, vec![]),
        ("nested loops", loops, vec![]),
        ("nested handlers", straight(), nested),
        ("handlers of one range", straight(), same),
        ("handlers one behind the other", straight(), one_behind_the_other),
    ]
}

/// How long the structural check and the proof take for this many functions of the shape.
fn time(shape: usize, length: u32, functions: usize) -> (&'static str, Duration, usize) {
    let (name, mut code, handlers) = shapes_of(length).swap_remove(shape);
    code.push(BACK);
    let function = function(code, handlers);
    let program = Program { types: shapes::types(), functions: vec![function; functions], ..Program::default() };
    let bytes = file::write(&program).len();
    let start = Instant::now();
    structure::check(&program).unwrap_or_else(|error| panic!("{name}: {}", error.detail.en));
    let proof = Instant::now();
    let proved = verify(&program);
    proved.unwrap_or_else(|error| panic!("{name}: {}", error.detail.en));
    println!("{name}: {bytes} bytes, structure {:?}, proof {:?}", proof - start, proof.elapsed());
    (name, proof.elapsed(), bytes)
}

#[test]
fn the_proof_takes_time_by_the_size_of_the_code() {
    for shape in 0..shapes_of(8).len() {
        // The quickest of three: the machine does other things too.
        let best = |length| (0..3).map(|_| time(shape, length, 1)).min_by_key(|(_, took, _)| *took).unwrap();
        let ((_, small, few), (name, large, many)) = (best(LONG / 16), best(LONG));
        // Sixteen times the size takes about sixteen times as long: far from the 256 of a quadratic walk.
        let times = large.as_secs_f64() / small.as_secs_f64().max(1e-5);
        assert!(times < 120.0, "{name}: {few} bytes {small:?}, {many} bytes {large:?}");
    }
}

/// What time cannot say on a busy machine: each instruction, case and handler is looked at so often and no more.
#[test]
fn the_proof_looks_at_every_place_a_few_times_and_no_more() {
    for length in [64, 1_024, 16_384] {
        for (name, mut code, handlers) in shapes_of(length) {
            code.push(BACK);
            let most = 3 * code.len() + 2 * handlers.len();
            // Straight code: each place, and the way on from all but the last; each handler where it begins and ends.
            let straight = (!handlers.is_empty()).then_some(2 * code.len() - 1 + 2 * handlers.len());
            let program =
                Program { types: shapes::types(), functions: vec![function(code, handlers)], ..Program::default() };
            let seen = looked_at(&program).unwrap_or_else(|error| panic!("{name}: {}", error.detail.en));
            assert!(seen <= most as u64, "{name}: {seen} places and ways in {most}");
            assert!(seen >= length as u64, "{name}: {seen} places only");
            assert!(straight.is_none_or(|straight| seen == straight as u64), "{name}: {seen}, not {straight:?}");
        }
    }
    // Every case of a switch is a way of its own.
    let cases: Vec<(u64, u32)> = (0..5_000).map(|key| (key, 2)).collect();
    let code = vec![LOAD, I::SwitchWord { on: 0, table: 0 }, BACK];
    let switches = vec![Switch { cases, otherwise: 2 }];
    let functions = vec![function(code, vec![])];
    let program = Program { types: shapes::types(), functions, switches, ..Program::default() };
    assert_eq!(looked_at(&program).ok(), Some(3 + 1 + 5_001));
}

#[test]
fn a_mebibyte_of_code_is_proved_at_once() {
    let (name, took, bytes) = time(0, LONG, 6);
    assert!(bytes >= 1 << 20, "{bytes}");
    assert!(took < Duration::from_secs(5), "{name}: {took:?}");
}

#[test]
fn a_function_longer_than_the_compiler_writes_is_refused() {
    let with = |length: usize| {
        let mut code = vec![LOAD; length - 1];
        code.push(BACK);
        verify(&Program { types: shapes::types(), functions: vec![function(code, vec![])], ..Program::default() })
    };
    assert!(with(65_535).is_ok());
    assert!(with(65_536).unwrap_err().detail.en.contains("function 0 (f): the function is too long"));
}
