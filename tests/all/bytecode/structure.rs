//! Each kind of damage is found, and named with its function and instruction.

use super::hand;
use std::sync::Arc;
use tillscript::language::builtin::shapes;
use tillscript::language::bytecode::instruction::Instruction;
use tillscript::language::bytecode::program::Program;
use tillscript::language::bytecode::{file, structure};
use tillscript::language::types::{RecordType, Type};
use tillscript::payment::iso8583::dialect::Mti;
use tillscript::payment::iso8583::response::ResponseCode;
use tillscript::run::world::library_dialect;
use tillscript::script_error::catalogue::bytecode;
use tillscript::script_error::source::FileId;

/// What is done to a program.
type Change = fn(&mut Program);

/// What is changed, how, and a piece of what is said about it.
type Damage = (&'static str, Change, &'static str);

const DAMAGES: &[Damage] = &[
    (
        "a jump past the end",
        |p| p.functions[0].code[9] = Instruction::Jump { target: 99 },
        "function 0 (send), instruction 9 Jump: a jump goes",
    ),
    ("a jump back", |p| p.functions[0].code[9] = Instruction::Jump { target: 3 }, "instruction 9 Jump: a jump goes"),
    ("a jump to itself", |p| p.functions[0].code[9] = Instruction::Jump { target: 9 }, "a jump goes"),
    ("a loop forward", |p| p.functions[0].code[11] = Instruction::Loop { cost: 4, target: 12 }, "a jump goes"),
    ("a loop that costs nothing", |p| p.functions[0].code[11] = Instruction::Loop { cost: 0, target: 8 }, "charged"),
    ("a function that costs less", |p| p.functions[0].cost = 3, "charged"),
    ("a switch past the end", |p| p.switches[0].cases[1].1 = 400, "instruction 13 SwitchWord: a jump goes"),
    ("a switch's rest past the end", |p| p.switches[0].otherwise = 400, "a jump goes"),
    ("a switch out of order", |p| p.switches[0].cases.reverse(), "switch 0 is not sorted"),
    (
        "a switch used twice",
        |p| p.functions[1].code[2] = Instruction::SwitchTag { on: 0, table: 0 },
        "instruction 2 SwitchTag",
    ),
    ("a tag that does not exist", |p| p.switches[1].cases[1].0 = 9, "instruction 2 SwitchTag: an index"),
    (
        "a switch that does not exist",
        |p| p.functions[0].code[13] = Instruction::SwitchWord { on: 11, table: 7 },
        "an index",
    ),
    (
        "a register that does not exist",
        |p| p.functions[0].code[5] = Instruction::Move { to: 200, from: 3 },
        "instruction 5 Move: there is no such register",
    ),
    ("a move between kinds", |p| p.functions[0].code[5] = Instruction::Move { to: 6, from: 3 }, "another type"),
    (
        "a move of an amount into a number",
        |p| p.functions[0].code[7] = Instruction::Move { to: 8, from: 0 },
        "another type",
    ),
    (
        "a number where a truth is tested",
        |p| p.functions[3].code[3] = Instruction::JumpIf { test: 0, target: 7 },
        "another type",
    ),
    (
        "a word that does not exist",
        |p| p.functions[0].code[1] = Instruction::LoadWord { to: 2, word: 3 },
        "instruction 1 LoadWord: an index",
    ),
    (
        "an amount in no currency",
        |p| p.functions[0].code[1] = Instruction::LoadWord { to: 2, word: 2 },
        "no value of its register's type",
    ),
    ("a word into a text", |p| p.functions[0].code[1] = Instruction::LoadWord { to: 1, word: 0 }, "another type"),
    ("a text that does not exist", |p| p.functions[0].code[0] = Instruction::LoadText { to: 1, text: 3 }, "an index"),
    (
        "a text that is cut in a character",
        |p| {
            p.texts[1].1 = 5;
            p.texts[2] = (11, 5);
        },
        "no value of its register's type",
    ),
    ("texts over each other", |p| p.texts[1].0 = 3, "text 1 lies"),
    ("bytes of no text", |p| p.bytes.push(b'x'), "belong to no text"),
    (
        "a shape that does not exist",
        |p| p.functions[0].code[2] = Instruction::MakeMessage { to: 3, base: 1, shape: 1 },
        "an index",
    ),
    (
        "a shape past the registers",
        |p| p.functions[0].code[2] = Instruction::MakeMessage { to: 3, base: 13, shape: 0 },
        "register",
    ),
    (
        "a shape over other types",
        |p| p.functions[0].code[2] = Instruction::MakeMessage { to: 3, base: 2, shape: 0 },
        "another type",
    ),
    ("a shape with a field twice", |p| p.shapes[0].fields[1].0 = 3, "fields of message 0"),
    ("a shape with field 0", |p| p.shapes[0].fields[0].0 = 0, "fields of message 0"),
    (
        "a request nobody answers",
        |p| p.functions[0].code[8] = Instruction::Request { to: 7, op: 99, base: 5, count: 2 },
        "instruction 8 Request: an index",
    ),
    (
        "a request of a statement",
        |p| p.functions[0].code[8] = Instruction::Request { to: 7, op: 62, base: 5, count: 2 },
        "an index",
    ),
    (
        "a request with too little",
        |p| p.functions[0].code[8] = Instruction::Request { to: 7, op: 15, base: 5, count: 1 },
        "number of values",
    ),
    (
        "a request with too much",
        |p| p.functions[0].code[8] = Instruction::Request { to: 7, op: 15, base: 5, count: 3 },
        "number of values",
    ),
    (
        "a request past the registers",
        |p| p.functions[0].code[8] = Instruction::Request { to: 7, op: 15, base: 13, count: 2 },
        "register",
    ),
    (
        "a request with other values",
        |p| p.functions[0].code[8] = Instruction::Request { to: 7, op: 15, base: 6, count: 2 },
        "another type",
    ),
    (
        "an answer into another type",
        |p| p.functions[0].code[8] = Instruction::Request { to: 3, op: 15, base: 5, count: 2 },
        "another type",
    ),
    (
        "a native that does not exist",
        |p| p.functions[0].code[12] = Instruction::CallPure { to: 11, native: 200, base: 7, count: 1 },
        "an index",
    ),
    (
        "a native over another type",
        |p| p.functions[0].code[12] = Instruction::CallPure { to: 11, native: 25, base: 3, count: 1 },
        "another type",
    ),
    ("a call of nothing", |p| p.functions[3].code[1] = Instruction::Call { to: 1, base: 0, function: 9 }, "an index"),
    (
        "a call with other values",
        |p| p.functions[3].code[1] = Instruction::Call { to: 1, base: 2, function: 0 },
        "another type",
    ),
    (
        "a call without arguments whose row begins past the registers",
        |p| p.functions[3].code[1] = Instruction::Call { to: 1, base: 200, function: 2 },
        "instruction 1 Call: there is no such register",
    ),
    (
        "a call's result into another type",
        |p| p.functions[3].code[1] = Instruction::Call { to: 2, base: 0, function: 0 },
        "another type",
    ),
    ("a result of another type", |p| p.functions[0].code[18] = Instruction::Return { from: 11 }, "another type"),
    ("no result", |p| p.functions[0].code[18] = Instruction::ReturnNothing {}, "another type"),
    (
        "an end that runs on",
        |p| {
            p.functions[3].code.pop();
            p.functions[3].code.push(Instruction::Discard {});
        },
        "runs on",
    ),
    ("no code", |p| p.functions[2].code.clear(), "runs on"),
    (
        "a record with too few fields",
        |p| p.functions[2].code[4] = Instruction::MakeRecord { to: 4, base: 0, count: 3 },
        "number of values",
    ),
    (
        "a record over other types",
        |p| p.functions[2].code[4] = Instruction::MakeRecord { to: 4, base: 1, count: 4 },
        "another type",
    ),
    (
        "a slip of texts",
        |p| p.functions[2].code[5] = Instruction::MakeList { to: 5, base: 1, count: 1 },
        "another type",
    ),
    (
        "a variant with another value",
        |p| p.functions[0].code[17] = Instruction::MakeOutcome { to: 12, tag: 2, value: 6 },
        "another type",
    ),
    (
        "a variant that does not exist",
        |p| p.functions[0].code[17] = Instruction::MakeOutcome { to: 12, tag: 9, value: 11 },
        "an index",
    ),
    ("a box of another type", |p| p.functions[1].code[1] = Instruction::MakeSome { to: 2, from: 0 }, "another type"),
    (
        "a text of another type",
        |p| p.functions[1].code[0] = Instruction::ToText { to: 1, from: 0, show: 3 },
        "another type",
    ),
    (
        "a form that does not exist",
        |p| p.functions[1].code[0] = Instruction::ToText { to: 1, from: 0, show: 77 },
        "an index",
    ),
    (
        "an error that does not exist",
        |p| p.functions[3].code[5] = Instruction::MakeError { to: 3, base: 2, error: 9 },
        "an index",
    ),
    (
        "facts that are no texts",
        |p| p.functions[3].code[5] = Instruction::MakeError { to: 3, base: 0, error: 1 },
        "another type",
    ),
    (
        "two values of different types compared",
        |p| p.functions[3].code[2] = Instruction::EqualDeep { to: 4, left: 0, right: 1 },
        "another type",
    ),
    ("a handler that guards nothing", |p| p.functions[0].handlers[0].to = 8, "function 0 (send): a jump"),
    ("a handler past the end", |p| p.functions[0].handlers[0].target = 50, "a jump"),
    ("a handler that goes back", |p| p.functions[0].handlers[0].target = 2, "a jump"),
    ("a handler's error in another register", |p| p.functions[0].handlers[0].error = 6, "another type"),
    ("a handler of no error", |p| p.functions[0].handlers[0].errors = vec![5], "an index"),
    ("a region past the end", |p| p.functions[0].regions[0].1 = 50, "a jump"),
    ("regions over each other", |p| p.functions[0].regions.push((6, 8)), "a jump"),
    ("a type that does not exist", |p| p.functions[1].registers.push(Type::Record(77)), "an index"),
    ("too many registers", |p| p.functions[1].registers.resize(256, Type::Int), "no such register"),
    ("parameters that are no registers", |p| p.functions[1].parameters = vec![Type::Int], "no such register"),
    ("another Outcome", |p| Arc::make_mut(&mut p.types.unions[0]).variants.swap(0, 3), "built-in"),
    (
        "a record of nothing",
        |p| Arc::make_mut(p.types.records.last_mut().unwrap()).fields[0].1 = Type::Union(80),
        "names nothing",
    ),
    ("an entry of nothing", |p| p.entries[0].function = 50, "the entry send"),
    ("an entry with other parameters", |p| p.entries[0].parameters.clear(), "the entry send"),
    ("a device that does not exist", |p| p.manifest.capabilities.push("door".into()), "device"),
    ("a layer that does not exist", |p| p.errors[1].declared.as_mut().unwrap().layer = "weather".into(), "error 1"),
    (
        "a record one past the last",
        |p| {
            let past = one_past(p).0;
            p.functions[1].registers.push(Type::Record(past));
        },
        "an index",
    ),
    (
        "a union one past the last",
        |p| {
            let past = one_past(p).1;
            p.functions[1].registers.push(Type::Union(past));
        },
        "an index",
    ),
    ("a list of nothing", |p| p.functions[1].registers.push(Type::list(Type::Record(77))), "an index"),
    ("a record of too many fields", |p| widen(p, 256), "too many parts"),
    ("a message that copies a field twice", |p| p.shapes[0].copies = vec![2, 2], "fields of message 0"),
    ("a message with a field of no type", |p| p.shapes[0].fields[1].2 = Type::Record(77), "fields of message 0"),
    ("a message with field 129", |p| p.shapes[0].fields[1].0 = 129, "fields of message 0"),
    ("a message that copies field 0", |p| p.shapes[0].copies = vec![0, 2], "fields of message 0"),
    ("a message that copies field 129", |p| p.shapes[0].copies = vec![2, 129], "fields of message 0"),
    ("a message of five digits", |p| p.shapes[0].mti = Mti(10_000), "fields of message 0"),
    ("a switch with a case twice", |p| p.switches[0].cases[1].0 = p.switches[0].cases[0].0, "switch 0 is not sorted"),
    (
        "a tag one past the last",
        |p| p.switches[1].cases[1].0 = entries_of_union(p),
        "instruction 2 SwitchTag: an index",
    ),
    ("an error without a code", |p| p.errors[0].code = "".into(), "error 0 is wrong"),
    ("an error of too many facts", |p| p.errors[0].facts = vec!["at".into(); 256], "error 0 is wrong"),
    ("a handler that begins one past the end", |p| p.functions[0].handlers[0].target = 19, "a jump"),
    ("a handler that guards past the end", |p| p.functions[0].handlers[0].to = 20, "a jump"),
    ("a handler of an error one past the last", |p| p.functions[0].handlers[0].errors = vec![2], "an index"),
    ("a region of nothing", |p| p.functions[0].regions[0] = (17, 17), "a jump"),
    ("a region one past the end", |p| p.functions[0].regions[0].1 = 20, "a jump"),
    ("a jump one past the end", |p| p.functions[0].code[9] = Instruction::Jump { target: 19 }, "a jump goes"),
    (
        "a response code twice",
        |p| {
            let row = p.codes.rows[0].clone();
            p.codes.rows.insert(0, row);
        },
        "not sorted",
    ),
    (
        "response codes out of order",
        |p| {
            let row = p.codes.rows[0].clone();
            p.codes.rows.push(row);
        },
        "not sorted",
    ),
];

/// The numbers behind the last record and the last union.
fn one_past(program: &Program) -> (u16, u16) {
    (program.types.records.len() as u16, program.types.unions.len() as u16)
}

/// How many variants the union has that the second function switches on.
fn entries_of_union(program: &Program) -> u64 {
    program.types.unions[usize::from(shapes::ENTRY)].variants.len() as u64
}

/// Adds a record of so many fields.
fn widen(program: &mut Program, fields: usize) {
    let fields = vec![("f".into(), Type::Int); fields];
    program.types.records.push(Arc::new(RecordType { name: "Wide".into(), fields }));
}

/// What is just allowed: each limit at its last value.
#[test]
fn what_is_at_a_limit_is_taken() {
    let allowed: [(&str, Change); 9] = [
        ("a record of 255 fields", |p| widen(p, 255)),
        ("a message of four digits", |p| p.shapes[0].mti = Mti(9_999)),
        ("an error of 255 facts", |p| p.errors[0].facts = vec!["at".into(); 255]),
        ("a row of no arguments behind the last register", |p| {
            p.functions[3].registers.push(Type::Receipt);
            p.functions[3].code[1] = Instruction::Call { to: 5, base: 6, function: 2 };
        }),
        ("a message with field 128", |p| p.shapes[0].fields[1].0 = 128),
        ("a region right behind another", |p| p.functions[0].regions = vec![(5, 10), (10, 17)]),
        ("255 registers", |p| p.functions[1].registers.resize(255, Type::Int)),
        ("a region up to the end", |p| p.functions[0].regions[0].1 = 19),
        ("a handler right behind what it guards", |p| {
            p.functions[0].handlers[0].from = 8;
            p.functions[0].handlers[0].to = 10;
        }),
    ];
    for (name, change) in allowed {
        let mut program = hand::program();
        file::strip(&mut program);
        change(&mut program);
        if let Err(error) = file::read(&file::write(&program)) {
            panic!("{name}: {}", error.detail.en);
        }
    }
    // A name that is seen nowhere.
    let mut program = hand::program();
    program.debug.as_mut().unwrap().names[0].push((0, "x".into(), 5, 5));
    assert!(file::read(&file::write(&program)).is_ok());
    // One that is seen to the end, and no further.
    program.debug.as_mut().unwrap().names[0].push((0, "y".into(), 5, 19));
    assert!(file::read(&file::write(&program)).is_ok());
    program.debug.as_mut().unwrap().names[0].push((0, "z".into(), 5, 20));
    assert!(file::read(&file::write(&program)).is_err());
    // Codes that ascend.
    let mut program = hand::program();
    let mut next = program.codes.rows[0].clone();
    next.code = ResponseCode(*b"52");
    program.codes.rows.push(next);
    assert!(structure::check(&program).is_ok());
}

/// A program of the library's dialect: its fields are searched by their numbers.
#[test]
fn a_dialect_with_a_field_twice_is_refused() {
    let mut program = hand::program();
    let dialect = library_dialect().unwrap();
    program.dialect = Some(dialect);
    assert!(structure::check(&program).is_ok());
    let fields = &mut program.dialect.as_mut().unwrap().fields;
    let twice = fields[0].clone();
    fields.insert(0, twice);
    assert!(structure::check(&program).unwrap_err().detail.en.contains("not sorted"));
}

#[test]
fn each_damage_is_found_in_its_place() {
    for (name, damage, said) in DAMAGES {
        let mut program = hand::program();
        file::strip(&mut program);
        damage(&mut program);
        // Written again, so the hash is right and only the structure is wrong.
        let error = match file::read(&file::write(&program)) {
            Err(error) => error,
            Ok(_) => panic!("{name} was taken"),
        };
        assert_eq!(error.code, bytecode::TILLC_INVALID, "{name}: {error:?}");
        assert!(error.detail.en.contains(said), "{name}: {}", error.detail.en);
        assert!(!error.detail.zh.is_empty(), "{name}");
    }
}

#[test]
fn a_debug_section_that_does_not_fit_is_refused() {
    let damages: [Change; 8] = [
        |p| p.functions[0].lines.reverse(),
        |p| p.functions[0].lines[2].0 = 90,
        |p| p.functions[0].lines[2].0 = 19,
        |p| p.functions[0].lines[2].0 = 3,
        |p| p.functions[0].file = FileId(1),
        |p| p.debug.as_mut().unwrap().names[0][0].0 = 14,
        |p| p.debug.as_mut().unwrap().names[0][0].0 = 80,
        |p| {
            p.debug.as_mut().unwrap().names.pop();
        },
    ];
    for damage in damages {
        let mut program = hand::program();
        damage(&mut program);
        assert_eq!(file::read(&file::write(&program)).unwrap_err().code, bytecode::TILLC_INVALID);
    }
}
