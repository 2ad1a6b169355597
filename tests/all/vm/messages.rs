//! Messages are built, copied and read field by field; a waiting run is small.

use super::assemble::{Assembler, FUEL, cny, code_of, drive, value};
use tillscript::language::builtin::row::{Op, Pure};
use tillscript::language::builtin::shapes;
use tillscript::language::bytecode::instruction::Instruction as I;
use tillscript::language::bytecode::program::Shape;
use tillscript::language::types::Type;
use tillscript::language::vm::limits::Limits;
use tillscript::language::vm::run::{Event, Run, Yield};
use tillscript::language::vm::value::{Answer, Value};
use tillscript::payment::amount::Amount;
use tillscript::payment::currency::Currency;
use tillscript::payment::iso8583::dialect::Mti;
use tillscript::payment::iso8583::response::ResponseCode;

#[test]
fn a_message_leaves_out_what_is_none_and_copies_what_it_lacks() {
    let mut it = Assembler::new();
    let texts = ["000000", "000017", "T0000001", "910000"].map(|text| it.text(text));
    let amount = it.word(cny(10_000));
    it.program.shapes.push(Shape {
        mti: Mti(200),
        fields: vec![
            (3, 0, Type::Digits(6)),
            (4, 1, Type::Amount),
            (11, 2, Type::Digits(6)),
            (14, 3, Type::optional(Type::Expiry)),
            (41, 4, Type::Text),
            (54, 5, Type::optional(Type::Amount)),
            (128, 6, Type::ResponseCode),
        ],
        copies: vec![],
    });
    it.program.shapes.push(Shape {
        mti: Mti(400),
        fields: vec![(3, 0, Type::Digits(6)), (14, 3, Type::optional(Type::Expiry))],
        copies: vec![3, 4, 11, 14, 41, 64, 128],
    });
    it.function(
        0,
        Type::list(Type::Message(None)),
        vec![
            Type::Digits(6),
            Type::Amount,
            Type::Digits(6),
            Type::optional(Type::Expiry),
            Type::Text,
            Type::optional(Type::Amount),
            Type::ResponseCode,
            Type::Message(None),
            Type::Message(None),
            Type::list(Type::Message(None)),
        ],
        vec![
            I::LoadText { to: 0, text: texts[0] },
            I::LoadWord { to: 1, word: amount },
            I::LoadText { to: 2, text: texts[1] },
            I::LoadNone { to: 3 },
            I::LoadText { to: 4, text: texts[2] },
            I::MakeSome { to: 5, from: 1 },
            I::LoadInt { to: 6, value: 0x3036 },
            I::MakeMessage { to: 7, base: 0, shape: 0 },
            I::LoadText { to: 0, text: texts[3] },
            I::MakeMessageFrom { to: 8, from: 7, base: 0, shape: 1 },
            I::MakeList { to: 9, base: 7, count: 2 },
            I::Return { from: 9 },
        ],
    );
    let text = |text: &str| Value::Text(text.into());
    let money = Value::Amount(Amount::new(10_000, Currency::CNY));
    let code = Value::Code(ResponseCode(*b"06"));
    assert_eq!(
        value(&it.program),
        Value::List(vec![
            Value::Message {
                mti: Mti(200),
                fields: vec![
                    (3, text("000000")),
                    (4, money.clone()),
                    (11, text("000017")),
                    (41, text("T0000001")),
                    (54, money.clone()),
                    (128, code.clone()),
                ],
            },
            Value::Message {
                mti: Mti(400),
                fields: vec![
                    (3, text("910000")),
                    (4, money),
                    (11, text("000017")),
                    (41, text("T0000001")),
                    (128, code),
                ],
            },
        ])
    );
}

/// Sends an empty message and reads one field of the reply.
fn reads(ty: Type, read: I) -> Assembler {
    let mut it = Assembler::new();
    it.program.shapes.push(Shape { mti: Mti(200), fields: vec![], copies: vec![] });
    it.function(
        0,
        ty.clone(),
        vec![Type::Message(None), Type::Reply(None), ty],
        vec![
            I::MakeMessage { to: 0, base: 0, shape: 0 },
            I::Request { to: 1, op: Op::HostSend.number(), base: 0, count: 1 },
            read,
            I::Return { from: 2 },
        ],
    );
    it
}

const REPLY: Answer<'static> = Answer::Message {
    mti: Mti(210),
    fields: &[
        (4, Answer::Text(b"000000010000")),
        (37, Answer::Text(b"123456789012")),
        (39, Answer::Word(0x3531)),
        (55, Answer::Text(&[0x9F, 0x26, 0xFF])),
        (62, Answer::Sealed { number: 3, masked: "****", sound: true }),
    ],
};

#[test]
fn a_reply_is_read_by_the_type_that_is_asked_for() {
    let get = |field| I::GetMessageField { to: 2, message: 1, field };
    let find = |field| I::FindMessageField { to: 2, message: 1, field };
    let code = Value::Code(ResponseCode(*b"51"));
    let rrn = Value::Text("123456789012".into());
    let cases = [
        (Type::Digits(12), get(37), Ok(rrn.clone())),
        (Type::Text, get(37), Ok(rrn.clone())),
        (Type::Bytes, get(55), Ok(Value::Bytes(vec![0x9F, 0x26, 0xFF]))),
        (Type::ResponseCode, get(39), Ok(code.clone())),
        (Type::Keys, get(62), Ok(Value::Sealed { number: 3, masked: "****".into(), sound: true })),
        (Type::optional(Type::ResponseCode), find(39), Ok(code.clone())),
        (Type::optional(Type::Text), find(37), Ok(rrn)),
        (Type::optional(Type::Text), find(38), Ok(Value::None)),
        (Type::optional(Type::Amount), find(54), Ok(Value::None)),
        (Type::ResponseCode, I::CallPure { to: 2, native: Pure::ReplyCode.number(), base: 1, count: 1 }, Ok(code)),
        (
            Type::Mti,
            I::CallPure { to: 2, native: Pure::ReplyMti.number(), base: 1, count: 1 },
            Ok(Value::Mti(Mti(210))),
        ),
        // What is not there, and what is not what it should be.
        (Type::Text, get(38), Err("T5105")),
        (Type::Text, get(55), Err("T9001")),
        (Type::Digits(6), get(37), Err("T9001")),
        (Type::Amount, get(4), Err("T9001")),
        (Type::Text, get(62), Err("T9001")),
        (Type::Text, get(0), Err("T5105")),
        (Type::Text, get(200), Err("T5105")),
    ];
    for (ty, read, wanted) in cases {
        let it = reads(ty.clone(), read);
        let (run, _) = drive(&it.program, &[], Limits::default(), FUEL, &mut |_, _| REPLY);
        match wanted {
            Ok(wanted) => assert_eq!(run.result(&it.program), Some(wanted), "{ty:?} {read:?}"),
            Err(wanted) => assert_eq!(code_of(&run), wanted, "{ty:?} {read:?}"),
        }
    }
    // Fields must ascend.
    let it = reads(Type::Text, get(37));
    let (run, _) = drive(&it.program, &[], Limits::default(), FUEL, &mut |_, _| Answer::Message {
        mti: Mti(210),
        fields: &[(39, Answer::Word(0x3030)), (37, Answer::Text(b"1"))],
    });
    assert_eq!(code_of(&run), "T9001");
}

#[test]
fn the_world_sees_arguments_without_copies() {
    let mut it = Assembler::new();
    let texts = ["余额不足", "Insufficient funds", "a slip's right side"].map(|text| it.text(text));
    it.function(
        0,
        Type::Nothing,
        vec![
            Type::Phrase,
            Type::Receipt,
            Type::Union(shapes::TXN_KIND),
            Type::Int,
            Type::Text,
            Type::Text,
            Type::Text,
            Type::Record(shapes::CARD),
        ],
        vec![
            I::Request { to: 7, op: Op::CardRead.number(), base: 0, count: 0 },
            I::LoadInt { to: 3, value: 2 },
            I::LoadText { to: 4, text: texts[0] },
            I::LoadText { to: 5, text: texts[1] },
            I::LoadText { to: 6, text: texts[2] },
            I::MakeRecord { to: 0, base: 4, count: 2 },
            I::MakeRecord { to: 1, base: 3, count: 4 },
            I::MakeList { to: 1, base: 1, count: 1 },
            I::LoadInt { to: 2, value: 2 },
            I::Request { to: 3, op: Op::ScreenShow.number(), base: 0, count: 3 },
            I::Request { to: 3, op: Op::PinpadEnterPin.number(), base: 7, count: 1 },
            I::ReturnNothing {},
        ],
    );
    let program = &it.program;
    let card = Answer::Record(&[
        Answer::Sealed { number: 9, masked: "622202******5678", sound: false },
        Answer::None,
        Answer::Text(b"3012"),
        Answer::Variant { tag: 0, payload: None },
        Answer::Text(b"001"),
        Answer::Word(1),
        Answer::None,
        Answer::None,
    ]);
    let mut run = Run::start(program, 0, &[], Limits::default(), FUEL).unwrap();
    run.resume(program, Event::Start);
    run.resume(program, Event::Answer { request: 1, answer: card });
    let request = run.request(program).unwrap();
    assert_eq!((request.number(), request.op(), request.count()), (2, Op::ScreenShow, 3));
    let (zh, en) = request.argument(0).phrase().unwrap();
    assert_eq!((zh.as_str(), en.as_str()), (Some("余额不足"), Some("Insufficient funds")));
    let lines = request.argument(1).receipt().unwrap();
    assert_eq!((lines[0].form, lines[0].value.as_str()), (2, "a slip's right side"));
    assert_eq!(request.argument(2).tag(), Some(2));
    assert!(request.argument(2).payload().is_none());
    assert!(request.argument(3).is_none());
    // Asking for what a value is not gives nothing.
    assert!(request.argument(0).message().is_none() && request.argument(1).as_amount().is_none());
    run.resume(program, Event::Answer { request: 2, answer: Answer::Nothing });
    let request = run.request(program).unwrap();
    let card = request.argument(0);
    let (number, _, masked) = card.named("pan").unwrap().sealed().unwrap();
    assert_eq!((number, masked.as_str()), (9, Some("622202******5678")));
    assert!(card.named("track2").unwrap().is_none());
    assert_eq!(card.named("asks_pin").unwrap().as_bool(), Some(true));
    assert_eq!(card.field(4).unwrap().text().unwrap().as_str(), Some("001"));
    assert!(card.field(8).is_none() && card.named("none").is_none());
}

#[test]
fn a_run_that_waits_for_the_host_is_small() {
    let mut it = Assembler::new();
    let fields: Vec<u8> = vec![2, 3, 4, 11, 14, 22, 25, 26, 35, 41, 42, 49, 52, 53, 55, 60, 62];
    let mut registers = vec![Type::Record(shapes::CARD), Type::Message(None), Type::Reply(None)];
    let mut code = vec![I::Request { to: 0, op: Op::CardRead.number(), base: 0, count: 0 }];
    let mut shape = Vec::new();
    for (at, field) in fields.iter().enumerate() {
        let register = registers.len() as u8;
        let (ty, load) = match field {
            2 | 35 | 52 => {
                let record = 0;
                (Type::Pan, I::GetField { to: register, record, index: 0 })
            }
            4 => (Type::Amount, I::LoadWord { to: register, word: it.word(cny(10_000)) }),
            41 | 42 | 55 | 60 | 62 => {
                let text = it.text("a constant of a terminal");
                (Type::Text, I::LoadText { to: register, text })
            }
            _ => (Type::Digits(6), I::LoadText { to: register, text: it.text("000017") }),
        };
        registers.push(ty.clone());
        code.push(load);
        shape.push((*field, at as u8, ty));
    }
    it.program.shapes.push(Shape { mti: Mti(200), fields: shape, copies: vec![] });
    code.extend([
        I::MakeMessage { to: 1, base: 3, shape: 0 },
        I::Request { to: 2, op: Op::HostSend.number(), base: 1, count: 1 },
        I::ReturnNothing {},
    ]);
    it.function(0, Type::Nothing, registers, code);
    let program = &it.program;
    let mut run = Run::start(program, 0, &[], Limits::default(), FUEL).unwrap();
    run.resume(program, Event::Start);
    let card = Answer::Record(&[
        Answer::Sealed { number: 1, masked: "622202******5678", sound: true },
        Answer::Sealed { number: 2, masked: "622202******5678", sound: true },
        Answer::Text(b"3012"),
        Answer::Variant { tag: 0, payload: None },
        Answer::Text(b"001"),
        Answer::Word(1),
        Answer::Text(b"201"),
        Answer::None,
    ]);
    let stopped = run.resume(program, Event::Answer { request: 1, answer: card });
    assert_eq!(stopped, Yield::Request);
    let message = run.request(program).unwrap().argument(0).message().unwrap();
    assert_eq!(message.iter().count(), 17);
    assert_eq!(message.field(60).unwrap().text().unwrap().as_str(), Some("a constant of a terminal"));
    run.park();
    let (beside, own) = (run.bytes_used(), size_of::<Run>());
    let (written, packed) = (run.to_bytes(program).len(), run.pack(program).size());
    println!("a run that waits: {beside} bytes beside itself, {own} itself, {written} written down, {packed} packed");
    assert!(packed <= 256, "{packed} bytes packed");
    assert!(beside + own <= 1024, "{beside} + {own} bytes");
    assert!(written <= 1024, "{written} bytes");
}
