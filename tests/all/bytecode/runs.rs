//! What small programs do when they are run: the compiler and the machine mean the same.

use super::build::{build, built};
use std::path::Path;
use tillscript::language::builtin::row::Op;
use tillscript::language::bytecode::program::Program;
use tillscript::language::vm::limits::Limits;
use tillscript::language::vm::run::{Event, Run, Yield};
use tillscript::language::vm::value::{Answer, Value};
use tillscript::payment::amount::Amount;
use tillscript::payment::currency::Currency;

/// The value of a function without parameters whose body is this expression.
fn value_of(declarations: &str, gives: &str, expression: &str) -> Value {
    let text = format!("{declarations}\npub flow it() -> {gives} {{\n  return {expression}\n}}\n");
    let program = match build("it.till", &text).1 {
        Ok(program) => program,
        Err(findings) => panic!("{text}\n{findings:?}"),
    };
    run(&program, "it", &[], |op| panic!("{op:?} asked for")).unwrap()
}

/// Runs an entry; an answer of `None` means that the device failed with the code beside it.
fn run<'a>(
    program: &Program,
    entry: &str,
    arguments: &[Answer<'_>],
    mut answer: impl FnMut(Op) -> Answer<'a>,
) -> Result<Value, String> {
    let function = program.entries.iter().find(|has| has.name == entry).unwrap().function;
    let mut run = Run::start(program, function, arguments, Limits::default(), 1_000_000).unwrap();
    let mut stopped = run.resume(program, Event::Start);
    loop {
        match stopped {
            Yield::Request => {
                let request = run.request(program).unwrap();
                let (number, op) = (request.number(), request.op());
                stopped = run.resume(program, Event::Answer { request: number, answer: answer(op) });
            }
            Yield::Finished => return Ok(run.result(program).unwrap()),
            Yield::Failed => {
                let failure = run.failure().unwrap();
                return Err(format!("{:?}", failure));
            }
            Yield::OutOfFuel => panic!("out of fuel"),
        }
    }
}

fn page(name: &str) -> Program {
    built(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bytecode").join(name)).0
}

#[test]
fn expressions_have_their_values() {
    let int = Value::Int;
    let text = |text: &str| Value::Text(text.into());
    let cases: &[(&str, &str, Value)] = &[
        ("Int", "1 + 2 * 3 - 4 / 2", int(5)),
        ("Int", "-(7 / 2)", int(-3)),
        ("Bool", "1 < 2 and not (2 <= 1) or false", Value::Bool(true)),
        ("Bool", "3 >= 4", Value::Bool(false)),
        ("Bool", "\"ab\" < \"b\"", Value::Bool(true)),
        ("Amount", "100.00 CNY * 0.6%", Value::Amount(Amount::new(60, Currency::CNY))),
        ("Amount", "1.00 CNY * 3 - 0.50 CNY", Value::Amount(Amount::new(250, Currency::CNY))),
        ("Text", "\"a{1 + 1}b{2.50 CNY}c\"", text("a2b2.50 CNYc")),
        ("Text", "if 1 == 2 { \"x\" } else if 2 == 2 { \"y\" } else { \"z\" }", text("y")),
        ("Int", "[1, 2, 3][1]", int(2)),
        ("Bool", "2 in [1, 2]", Value::Bool(true)),
        ("Bool", "[1, 2] == [1, 2]", Value::Bool(true)),
        ("Int", "pick(5)", int(50)),
        ("Int", "pick(9)", int(90)),
        ("Int", "named(\"two\")", int(2)),
        ("Int", "named(\"a longer name\")", int(3)),
        ("Int", "named(\"none\")", int(0)),
        ("Int", "page(7)", int(8)),
        ("Int", "page(none)", int(-1)),
        ("Int", "opened(later(5))", int(5)),
        ("Int", "opened(no)", int(0)),
        ("Text?", "letter(2)", text("b")),
        ("Text?", "letter(3)", Value::None),
        (
            "Bool",
            "opened(later(FOUR)) == 4 and same(later(FOUR), later(4)) and not same(later(3), later(4))",
            Value::Bool(true),
        ),
    ];
    let declarations = "type Answer = yes | no | later(Int)
const FOUR = 2 + 2
fn pick(n: Int) -> Int = match n { 5 => 50  other x => x * 10 }"
        .replace("  other", "\n  other")
        + "
fn named(t: Text) -> Int = match t {
  \"one\" => 1
  \"two\" => 2
  \"a longer name\" => 3
  other => 0
}
fn page(p: Int?) -> Int = match p {
  none => -1
  some x => x + 1
}
fn opened(a: Answer) -> Int = match a {
  yes => 1
  later(n) => n
  no => 0
}
fn same(a: Answer, b: Answer) -> Bool = a == b
table letter(n: Int) -> Text {
  | 1 | \"a\" |
  | 2 | \"b\" |
}
";
    for (gives, expression, expected) in cases {
        assert_eq!(&value_of(&declarations, gives, expression), expected, "{expression}");
    }
}

#[test]
fn loops_count_and_break() {
    let program = page("loops.till");
    let names = [Answer::Text(b"a"), Answer::Text(b"b"), Answer::Text(b"stop"), Answer::Text(b"c")];
    let mut logged = 0;
    let result = run(&program, "loops", &[Answer::List(&names), Answer::Word(40)], |op| {
        assert_eq!(op, Op::LogInfo);
        logged += 1;
        Answer::Nothing
    });
    assert_eq!((result.unwrap(), logged), (Value::Int(48), 2));
}

#[test]
fn a_retry_repeats_the_request_alone_and_then_gives_up() {
    let program = page("messages.till");
    let card = [
        Answer::Sealed { number: 1, masked: "622202******1234", sound: true },
        Answer::None,
        Answer::None,
        Answer::Variant { tag: 0, payload: None },
        Answer::None,
        Answer::Word(0),
        Answer::None,
        Answer::None,
    ];
    let mut asked = Vec::new();
    let result = run(&program, "balance_of", &[], |op| {
        asked.push(op);
        match op {
            Op::CardRead => Answer::Record(&card),
            Op::HostNextStan => Answer::Text(b"000001"),
            Op::StoreTerminalId => Answer::Text(b"10000001"),
            Op::StoreMerchantId => Answer::Text(b"100000000000001"),
            Op::HostSend => Answer::Failed { code: "T5001", facts: &[] },
            _ => Answer::Nothing,
        }
    });
    assert!(result.unwrap_err().contains("T5001"));
    let count = |op: Op| asked.iter().filter(|has| **has == op).count();
    assert_eq!((count(Op::HostSend), count(Op::Sleep), count(Op::HostNextStan)), (4, 3, 1));
}

#[test]
fn a_handler_gives_the_value() {
    let program = page("handlers.till");
    let result = run(&program, "handlers", &[], |op| match op {
        Op::PinpadSerial => Answer::Text(b"P1"),
        Op::ScreenConfirm => Answer::Failed { code: "T1001", facts: &[] },
        Op::PrinterPrint => Answer::Failed { code: "T6101", facts: &[] },
        _ => Answer::Nothing,
    });
    assert_eq!(result.unwrap(), Value::Bool(false));
}

#[test]
fn a_test_sees_a_failed_flow_and_shows_both_sides() {
    let text = "flow f(n: Int) -> Outcome {\n  if n == 1 { fail NoLine }\n  return cancelled\n}\n
test \"good\" {\n  expect f(1) == failed(NoLine)\n  expect f(2) == cancelled\n  expect f(2) != failed(NoLine)\n  expect [1, 2] == [1, 2]\n}\n
test \"bad\" {\n  expect f(1) == cancelled\n}\n
test \"list\" {\n  expect [1, 2] == [2]\n}\n";
    let program = build("t.till", text).1.unwrap();
    let never = |op: Op| -> Answer<'static> { panic!("{op:?} asked for") };
    assert!(run(&program, "good", &[], never).is_ok());
    let bad = run(&program, "bad", &[], never).unwrap_err();
    assert!(bad.contains("T0801") && bad.contains("\"cancelled\"") && bad.contains("failed(NoLine)"), "{bad}");
    let list = run(&program, "list", &[], never).unwrap_err();
    assert!(list.contains("\"[1, 2]\"") && list.contains("\"[2]\""), "{list}");
}

#[test]
fn a_slip_has_its_lines() {
    let text = "receipt slip(copy: Bool) {\n  centre zh \"单\" en \"SLIP\"\n  if copy { space } else { rule }\n  row zh \"额\" en \"AMOUNT\" = 1.00 CNY\n}\n
pub flow it(copy: Bool)\n  uses printer\n{\n  printer.print(slip(copy))\n}\n";
    let program = build("slip.till", text).1.unwrap();
    let mut run =
        Run::start(&program, program.entries[0].function, &[Answer::Word(1)], Limits::default(), 10_000).unwrap();
    assert_eq!(run.resume(&program, Event::Start), Yield::Request);
    let request = run.request(&program).unwrap();
    let Value::Receipt(lines) = request.argument(0).to_value() else { panic!("no slip") };
    let lines: Vec<(u8, &str, &str)> =
        lines.iter().map(|line| (line.form, line.zh.as_str(), line.value.as_str())).collect();
    assert_eq!(lines, [(0, "单", ""), (4, "", ""), (2, "额", "1.00 CNY")]);
}
