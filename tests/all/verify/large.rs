//! A large program takes steps by its size, whatever its shape.

use super::shapes::{BACK, LOAD, function, shapes_of};
use tillscript::language::builtin::shapes as builtin_shapes;
use tillscript::language::bytecode::instruction::Instruction as I;
use tillscript::language::bytecode::program::{Program, Switch};
use tillscript::language::bytecode::verify::program::{looked_at, verify};
use tillscript::language::bytecode::{file, structure};

/// Instructions of one function.
const LONG: u32 = 65_000;

/// A program of so many functions of a shape, and the bytes it has as a file.
fn program(shape: usize, length: u32, functions: usize) -> (&'static str, Program, usize) {
    let (name, mut code, handlers) = shapes_of(length).swap_remove(shape);
    code.push(BACK);
    let functions = vec![function(code, handlers); functions];
    let program = Program { types: builtin_shapes::types(), functions, ..Program::default() };
    let bytes = file::write(&program).len();
    (name, program, bytes)
}

/// How many places the proof looks at, after the structural check; also what is proved is.
fn looked(name: &str, program: &Program) -> u64 {
    structure::check(program).unwrap_or_else(|error| panic!("{name}: {}", error.detail.en));
    verify(program).unwrap_or_else(|error| panic!("{name}: {}", error.detail.en));
    looked_at(program).unwrap_or_else(|error| panic!("{name}: {}", error.detail.en))
}

#[test]
fn the_proof_takes_steps_by_the_size_of_the_code() {
    for shape in 0..shapes_of(8).len() {
        let [(name, small, _), (_, large, _)] = [LONG / 16, LONG].map(|length| program(shape, length, 1));
        let (few, many) = (looked(name, &small), looked(name, &large));
        println!("{name}: {few} places, {many} places");
        // Sixteen times the size, and what is rounded off it.
        assert!(many <= 16 * (few + 16), "{name}: {few} places in the small one, {many} in the large one");
    }
}

/// Each instruction, case and handler is looked at so often and no more.
#[test]
fn the_proof_looks_at_every_place_a_few_times_and_no_more() {
    for length in [64, 1_024, 16_384] {
        for (name, mut code, handlers) in shapes_of(length) {
            code.push(BACK);
            let most = 3 * code.len() + 2 * handlers.len();
            // Straight code: each place, and the way on from all but the last; each handler where it begins and ends.
            let straight = (!handlers.is_empty()).then_some(2 * code.len() - 1 + 2 * handlers.len());
            let program = Program {
                types: builtin_shapes::types(),
                functions: vec![function(code, handlers)],
                ..Program::default()
            };
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
    let program = Program { types: builtin_shapes::types(), functions, switches, ..Program::default() };
    assert_eq!(looked_at(&program).ok(), Some(3 + 1 + 5_001));
}

#[test]
fn a_mebibyte_of_code_is_proved_in_one_look_at_each_place() {
    let (name, program, bytes) = program(0, LONG, 6);
    assert!(bytes >= 1 << 20, "{bytes}");
    let places: usize = program.functions.iter().map(|function| function.code.len()).sum();
    assert!(looked(name, &program) < 2 * places as u64, "{name}");
}

#[test]
fn a_function_longer_than_the_compiler_writes_is_refused() {
    let with = |length: usize| {
        let mut code = vec![LOAD; length - 1];
        code.push(BACK);
        verify(&Program {
            types: builtin_shapes::types(),
            functions: vec![function(code, vec![])],
            ..Program::default()
        })
    };
    assert!(with(65_535).is_ok());
    assert!(with(65_536).unwrap_err().detail.en.contains("function 0 (f): the function is too long"));
}
