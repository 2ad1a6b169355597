//! Large programs of shapes that a careless walk takes long for.

use tillscript::language::bytecode::instruction::Instruction as I;
use tillscript::language::bytecode::program::{Function, HandlerRow};
use tillscript::language::types::Type;

pub(crate) const LOAD: I = I::LoadInt { to: 0, value: 1 };
pub(crate) const BACK: I = I::ReturnNothing {};

pub(crate) fn function(code: Vec<I>, handlers: Vec<HandlerRow>) -> Function {
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
pub(crate) fn shapes_of(length: u32) -> Vec<(&'static str, Vec<I>, Vec<HandlerRow>)> {
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
