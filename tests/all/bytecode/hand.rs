//! A program made by hand that has something in every table.

use std::sync::Arc;
use tillscript::language::builtin::row::{Op, Pure};
use tillscript::language::builtin::shapes;
use tillscript::language::bytecode::file;
use tillscript::language::bytecode::instruction::{Instruction, Show};
use tillscript::language::bytecode::program::{
    Debug, DeclaredWords, Entry, ErrorRow, Function, HandlerRow, Manifest, Program, Shape, Switch,
};
use tillscript::language::types::{RecordType, Type};
use tillscript::payment::amount::Amount;
use tillscript::payment::currency::Currency;
use tillscript::payment::iso8583::dialect::Mti;
use tillscript::payment::iso8583::response::{Category, CodeRow, CodeTable, ResponseCode};
use tillscript::script_error::source::{FileId, Span};

/// A flow that sends a message and retries, a function it calls, and a test.
pub(super) fn program() -> Program {
    let mut types = shapes::types();
    types.records.push(Arc::new(RecordType {
        name: "Line".into(),
        fields: vec![
            ("form".into(), Type::Int),
            ("zh".into(), Type::Text),
            ("en".into(), Type::Text),
            ("value".into(), Type::Text),
        ],
    }));
    let line = Type::Record(types.records.len() as u16 - 1);
    let mut program = Program {
        name: "hand".into(),
        edition: 1,
        types,
        words: vec![Amount::new(10_000, Currency::CNY).to_bits().unwrap(), 1 << 40, 0],
        bytes: "000000余额chip".into(),
        texts: vec![(0, 6), (6, 6), (12, 4)],
        shapes: vec![Shape {
            mti: Mti(200),
            fields: vec![(3, 0, Type::Digits(6)), (4, 1, Type::Amount)],
            copies: vec![2, 11],
        }],
        switches: vec![
            Switch {
                cases: vec![(ResponseCode(*b"00").to_bits(), 16), (ResponseCode(*b"51").to_bits(), 14)],
                otherwise: 16,
            },
            Switch { cases: vec![(0, 3), (2, 5)], otherwise: 5 },
        ],
        errors: vec![
            ErrorRow { code: "T5001".into(), name: "NoLine".into(), facts: vec![], declared: None },
            ErrorRow {
                code: "E4102".into(),
                name: "WorkKeyMismatch".into(),
                facts: vec!["slot".into()],
                declared: Some(Box::new(DeclaredWords {
                    layer: "keys".into(),
                    title: ("密钥不符".into(), "keys differ".into()),
                    cashier: ("签到".into(), "Sign in.".into()),
                    cardholder: ("请稍候".into(), "Please wait.".into()),
                    support: ("{slot}".into(), "{slot}".into()),
                })),
            },
        ],
        functions: vec![send(), named(), slip(line), test()],
        entries: vec![
            Entry {
                name: "send".into(),
                function: 0,
                parameters: vec!["amount".into()],
                test: false,
                annotations: vec![],
            },
            Entry {
                name: "发送".into(),
                function: 3,
                parameters: vec![],
                test: true,
                annotations: vec!["every_crash_point".into()],
            },
        ],
        manifest: Manifest { capabilities: vec!["host".into()], dialect: "".into(), messages: vec![Mti(200)] },
        dialect: None,
        codes: CodeTable {
            name: "short".into(),
            rows: vec![CodeRow {
                code: ResponseCode(*b"51"),
                category: Category::Decline,
                name: "insufficient_funds".into(),
                zh: "余额不足".into(),
                en: "insufficient funds".into(),
                cashier_zh: String::new(),
                cashier_en: String::new(),
            }],
        },
        debug: Some(Debug {
            files: vec![("hand.till".into(), vec![0, 10, 30, 31])],
            names: vec![vec![(0, "amount".into(), 0, 18)], vec![], vec![], vec![]],
            ..Debug::default()
        }),
        ..Program::default()
    };
    file::seal(&mut program);
    program
}

fn function(name: &str, parameters: Vec<Type>, gives: Type, registers: Vec<Type>, code: Vec<Instruction>) -> Function {
    Function {
        name: name.into(),
        parameters,
        gives,
        registers,
        cost: code.len() as u32,
        code,
        handlers: vec![],
        regions: vec![],
        lines: vec![],
        file: FileId(0),
    }
}

fn send() -> Function {
    let registers = vec![
        Type::Amount,
        Type::Digits(6),
        Type::Amount,
        Type::Message(None),
        Type::Optional(std::sync::Arc::new(Type::Message(None))),
        Type::Message(None),
        Type::Duration,
        Type::Reply(None),
        Type::Int,
        Type::Int,
        Type::Error,
        Type::ResponseCode,
        Type::Union(shapes::OUTCOME),
        Type::Nothing,
    ];
    let code = vec![
        Instruction::LoadText { to: 1, text: 0 },
        Instruction::LoadWord { to: 2, word: 0 },
        Instruction::MakeMessage { to: 3, base: 1, shape: 0 },
        Instruction::LoadNone { to: 4 },
        Instruction::OpenReversal { request: 3, by: 4 },
        Instruction::Move { to: 5, from: 3 },
        Instruction::LoadInt { to: 6, value: 60_000 },
        Instruction::LoadInt { to: 8, value: -1 },
        Instruction::Request { to: 7, op: Op::HostSend.number(), base: 5, count: 2 },
        Instruction::Jump { target: 12 },
        Instruction::AddIntConstant { to: 8, left: 8, value: 1 },
        Instruction::Loop { cost: 4, target: 8 },
        Instruction::CallPure { to: 11, native: Pure::ReplyCode.number(), base: 7, count: 1 },
        Instruction::SwitchWord { on: 11, table: 0 },
        Instruction::Discard {},
        Instruction::Jump { target: 16 },
        Instruction::LeaveReversal {},
        Instruction::MakeOutcome { to: 12, tag: shapes::outcome::DECLINED, value: 11 },
        Instruction::Return { from: 12 },
    ];
    let mut send = function("send", vec![Type::Amount], Type::Union(shapes::OUTCOME), registers, code);
    send.cost = 15;
    send.handlers.push(HandlerRow { from: 8, to: 9, errors: vec![0], target: 10, error: 10 });
    send.regions.push((5, 17));
    send.lines =
        vec![(0, Span { start: 12, end: 20 }), (3, Span { start: 2, end: 9 }), (9, Span { start: 31, end: 40 })];
    send
}

fn named() -> Function {
    let registers = vec![Type::Union(shapes::ENTRY), Type::Text, Type::Optional(std::sync::Arc::new(Type::Text))];
    let code = vec![
        Instruction::ToText { to: 1, from: 0, show: Show::Union as u8 },
        Instruction::MakeSome { to: 2, from: 1 },
        Instruction::SwitchTag { on: 0, table: 1 },
        Instruction::LoadText { to: 1, text: 2 },
        Instruction::Return { from: 1 },
        Instruction::GetSome { to: 1, from: 2 },
        Instruction::Return { from: 1 },
    ];
    function("named", vec![Type::Union(shapes::ENTRY)], Type::Text, registers, code)
}

fn slip(line: Type) -> Function {
    let registers = vec![Type::Int, Type::Text, Type::Text, Type::Text, line, Type::Receipt];
    let code = vec![
        Instruction::LoadInt { to: 0, value: 1 },
        Instruction::LoadText { to: 1, text: 1 },
        Instruction::LoadText { to: 2, text: 2 },
        Instruction::LoadText { to: 3, text: 0 },
        Instruction::MakeRecord { to: 4, base: 0, count: 4 },
        Instruction::MakeList { to: 5, base: 4, count: 1 },
        Instruction::Return { from: 5 },
    ];
    function("slip", vec![], Type::Receipt, registers, code)
}

fn test() -> Function {
    let registers = vec![Type::Amount, Type::Union(shapes::OUTCOME), Type::Text, Type::Error, Type::Bool];
    let code = vec![
        Instruction::LoadWord { to: 0, word: 0 },
        Instruction::Call { to: 1, base: 0, function: 0 },
        Instruction::EqualDeep { to: 4, left: 1, right: 1 },
        Instruction::JumpIf { test: 4, target: 7 },
        Instruction::LoadText { to: 2, text: 2 },
        Instruction::MakeError { to: 3, base: 2, error: 1 },
        Instruction::Fail { error: 3 },
        Instruction::ReturnNothing {},
    ];
    function("发送", vec![], Type::Nothing, registers, code)
}
