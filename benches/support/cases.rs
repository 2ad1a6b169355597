//! The cases by name: what one unit of each is, and how to do so many of them.

use super::{long_source, no_op_host};
use std::hint::black_box;
use tillscript::language::builtin::row::Op;
use tillscript::language::bytecode::program::Program;
use tillscript::language::vm::run::Run;
use tillscript::language::vm::value::Answer;
use tillscript::payment::iso8583::dialect::{Dialect, Mti};
use tillscript::payment::iso8583::message::Message;
use tillscript::payment::iso8583::pack::pack;
use tillscript::payment::iso8583::unpack::unpack;
use tillscript::run::program::{build_text, flow};

/// The 64 response codes of `table` and `match`.
pub(crate) const CODES: [&str; 64] = [
    "00", "01", "02", "03", "04", "05", "06", "07", "09", "10", "11", "12", "13", "14", "15", "19", "20", "21", "22",
    "23", "25", "30", "31", "33", "34", "35", "36", "37", "38", "39", "40", "41", "42", "43", "44", "45", "51", "52",
    "53", "54", "55", "56", "57", "58", "59", "60", "61", "62", "63", "64", "65", "66", "67", "68", "75", "77", "90",
    "91", "92", "94", "96", "97", "98", "A0",
];

/// What one round of a case does.
pub(crate) type Round = Box<dyn FnMut() -> u64>;

/// A case.
pub(crate) struct Case {
    /// Its name, for the command line and the file of counts.
    pub(crate) name: &'static str,
    /// What one unit is.
    pub(crate) unit: &'static str,
    /// How many units one round does.
    pub(crate) units: u64,
    /// Sets the case up and gives what one round does; the number a round gives is the same each time.
    pub(crate) set_up: fn() -> Round,
}

/// All cases.
pub(crate) const CASES: &[Case] = &[
    Case { name: "fib", unit: "fib(30)", units: 1, set_up: fib },
    Case { name: "loop", unit: "turn", units: TURNS, set_up: turns },
    Case { name: "strings", unit: "number joined to a text", units: NUMBERS, set_up: strings },
    Case { name: "table64", unit: "look-up", units: LOOK_UPS, set_up: table },
    Case { name: "match64", unit: "call with a match", units: LOOK_UPS, set_up: choose },
    Case { name: "luhn", unit: "card number, in the script", units: PANS, set_up: luhn },
    Case { name: "sale", unit: "sale", units: 1, set_up: sale },
    Case { name: "sale_luhn", unit: "sale, check digit in the script", units: 1, set_up: sale_luhn },
    Case { name: "suspend", unit: "sale, packed in host.send among others", units: PARKED as u64, set_up: suspend },
    Case { name: "write", unit: "sale that waits, to bytes and back", units: 1, set_up: write },
    Case { name: "parse", unit: "byte parsed", units: MEGABYTE as u64, set_up: parse_long },
    Case { name: "compile", unit: "byte parsed, checked, compiled", units: MEGABYTE as u64, set_up: compile_long },
    Case { name: "lines2000", unit: "script of 2 000 lines, built", units: 1, set_up: lines },
    Case { name: "edit2000", unit: "script of 2 000 lines, built after an edit of one line", units: 1, set_up: edit },
    Case { name: "pack", unit: "0200 of 17 fields packed", units: 1, set_up: pack_one },
    Case { name: "unpack", unit: "0200 of 17 fields unpacked", units: 1, set_up: unpack_one },
];

/// The case with this name.
pub(crate) fn find(name: &str) -> Option<&'static Case> {
    CASES.iter().find(|case| case.name == name)
}

const TURNS: u64 = 10_000;
const NUMBERS: u64 = 100_000;
const LOOK_UPS: u64 = 6_400;
const PANS: u64 = 1_000;
/// Runs that wait at one time.
pub(crate) const PARKED: usize = 1_000;
const MEGABYTE: usize = 1_000_000;

/// The text of a workload.
pub(crate) fn workload(name: &str) -> String {
    let path = format!("{}/benches/workloads/{name}.till", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A workload compiled, and the function of its flow.
pub(crate) fn compiled(name: &str, entry: &str) -> (Program, u16) {
    let built = build_text(&format!("{name}.till"), &workload(name));
    let program = built.program.unwrap_or_else(|| panic!("{name}: {:?}", built.findings));
    let function = flow(&program, Some(entry)).expect("the flow").function;
    (program, function)
}

/// A number that depends on all of a result.
pub(crate) fn checksum(program: &Program, run: &Run) -> u64 {
    match run.result_view(program) {
        Some(view) => view.as_int().map(|number| number as u64).or(view.tag().map(u64::from)).unwrap_or(u64::MAX),
        None => panic!("it failed: {:?}", run.failure()),
    }
}

fn round(name: &str, entry: &str, arguments: Vec<Answer<'static>>) -> Round {
    let (program, function) = compiled(name, entry);
    let mut run = no_op_host::start(&program, function, &arguments, None);
    Box::new(move || {
        no_op_host::again(&mut run, &program, function, black_box(&arguments), None);
        checksum(&program, &run)
    })
}

/// Arguments live as long as the process.
fn texts(texts: impl Iterator<Item = String>) -> Answer<'static> {
    let texts: Vec<Answer<'static>> = texts.map(|text| Answer::Text(text.leak().as_bytes())).collect();
    Answer::List(texts.leak())
}

fn fib() -> Round {
    round("fib", "fib", vec![Answer::Word(30)])
}

fn turns() -> Round {
    round("loop", "turns", vec![Answer::Word(1_000_000)])
}

fn strings() -> Round {
    round("strings", "join", vec![Answer::Word(0)])
}

fn codes() -> Answer<'static> {
    texts(CODES.iter().cycle().take(LOOK_UPS as usize).map(|code| code.to_string()))
}

fn table() -> Round {
    round("table", "look_up", vec![codes()])
}

fn choose() -> Round {
    round("match", "choose", vec![codes()])
}

/// Card numbers, every tenth of them sound.
pub(crate) fn pans() -> impl Iterator<Item = String> {
    (0..PANS).map(|at| format!("{}", 6_222_020_012_340_000 + at))
}

fn luhn() -> Round {
    round("luhn", "count_sound", vec![texts(pans())])
}

fn sale() -> Round {
    round("sale", "sale", no_op_host::sale_arguments().to_vec())
}

fn sale_luhn() -> Round {
    let mut arguments = no_op_host::sale_arguments().to_vec();
    arguments.push(Answer::Text(b"6222020012345671"));
    round("sale_luhn", "sale", arguments)
}

fn suspend() -> Round {
    let (program, function) = compiled("sale", "sale");
    let arguments = no_op_host::sale_arguments();
    let mut run = no_op_host::start(&program, function, &arguments, None);
    let mut waiting = Vec::with_capacity(PARKED);
    Box::new(move || {
        for _ in 0..PARKED {
            no_op_host::again(&mut run, &program, function, black_box(&arguments), Some(Op::HostSend));
            waiting.push(run.pack(&program));
        }
        let mut sum = 0;
        for packed in waiting.drain(..) {
            run.unpack(&packed, &program).expect("what was packed");
            no_op_host::finish(&program, &mut run);
            sum += checksum(&program, &run);
        }
        sum
    })
}

/// A sale that waits for the host.
pub(crate) fn parked(program: &Program, function: u16) -> Run {
    let mut run = no_op_host::start(program, function, &no_op_host::sale_arguments(), Some(Op::HostSend));
    run.park();
    run
}

fn write() -> Round {
    let (program, function) = compiled("sale", "sale");
    let run = parked(&program, function);
    Box::new(move || {
        let bytes = black_box(&run).to_bytes(&program);
        let again = Run::from_bytes(black_box(&bytes), &program).expect("what was written");
        again.requests().into()
    })
}

fn parse_long() -> Round {
    use tillscript::language::syntax::parse::parse;
    use tillscript::script_error::source::FileId;
    let text = long_source::of_bytes(MEGABYTE);
    Box::new(move || parse(FileId(0), black_box(&text)).tree.items.len() as u64)
}

fn building(text: String) -> Round {
    Box::new(move || built(black_box(&text)))
}

fn built(text: &str) -> u64 {
    let built = build_text("long.till", text);
    built.program.unwrap_or_else(|| panic!("{:?}", built.findings.first())).functions.len() as u64
}

fn compile_long() -> Round {
    building(long_source::of_bytes(MEGABYTE))
}

fn lines() -> Round {
    building(long_source::of_lines(2_000))
}

fn edit() -> Round {
    let text = long_source::of_lines(2_000);
    let mut change = 0;
    Box::new(move || {
        change = (change + 1) % 10;
        built(&long_source::edited(&text, change))
    })
}

/// The dialect, and a sale's request in it.
fn request() -> (Dialect, Message) {
    let (program, _) = compiled("sale", "sale");
    let dialect = program.dialect.expect("the sale has a dialect");
    let mut message = Message::new(Mti(200));
    for (number, text) in [
        (2, "6222020012345671"),
        (3, "000000"),
        (4, "000000010000"),
        (11, "000017"),
        (14, "3012"),
        (22, "052"),
        (23, "001"),
        (25, "00"),
        (35, "6222020012345671=30122010000000000"),
        (41, "T0000001"),
        (42, "123456789012345"),
        (49, "156"),
        (55, "\u{1}\u{2}\u{3}\u{4}\u{5}\u{6}\u{7}\u{8}"),
        (57, "TILL"),
        (59, "lane 4"),
        (60, "22000042000"),
        (63, "001"),
    ] {
        message.set(number, text);
    }
    (dialect, message)
}

fn pack_one() -> Round {
    let (dialect, message) = request();
    Box::new(move || pack(black_box(&message), &dialect).expect("it fits").len() as u64)
}

fn unpack_one() -> Round {
    let (dialect, message) = request();
    let body = pack(&message, &dialect).expect("it fits");
    Box::new(move || unpack(black_box(&body), &dialect).expect("what was packed").iter().count() as u64)
}

/// What the result of a case must be, computed here by other means; `None` where only the length of a program is known.
pub(crate) fn wanted(name: &str) -> Option<u64> {
    let weight = |at: usize| ((at * 37 + 11) % 101) as u64;
    Some(match name {
        "fib" => 832_040,
        "loop" => {
            let mut sum = 0;
            for i in 1_000_000..1_000_000 + TURNS {
                sum += i;
                if sum > 1_000_000_007 {
                    sum -= 1_000_000_007;
                }
            }
            sum
        }
        "strings" => (0..NUMBERS).map(|i| i.to_string().len() as u64 + 1).sum(),
        "table64" | "match64" => (0..LOOK_UPS as usize).map(|at| weight(at % 64)).sum(),
        "luhn" => pans().filter(|pan| is_sound(pan)).count() as u64,
        // The tag of `approved`.
        "sale" => 1,
        "sale_luhn" => u64::from(is_sound("6222020012345671")),
        "suspend" => PARKED as u64,
        "unpack" => 17,
        _ => return None,
    })
}

fn is_sound(pan: &str) -> bool {
    let double = |digit: u32| if digit > 4 { 2 * digit - 9 } else { 2 * digit };
    let digits = pan.chars().rev().filter_map(|digit| digit.to_digit(10));
    let sum: u32 = digits.enumerate().map(|(at, digit)| if at % 2 == 0 { digit } else { double(digit) }).sum();
    sum.is_multiple_of(10)
}
