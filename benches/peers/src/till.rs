//! Till: the scripts of `benches/workloads`. Part of the examples `beside` and `held` of Till's own package.

use crate::work::{self, Engine, Holder, Round};
use tillscript::language::builtin::row::Op;
use tillscript::language::bytecode::program::Program;
use tillscript::language::vm::limits::Limits;
use tillscript::language::vm::packed::Packed;
use tillscript::language::vm::run::{Event, Run, Yield};
use tillscript::language::vm::value::Answer;
use tillscript::payment::amount::Amount;
use tillscript::payment::currency::Currency;
use tillscript::payment::iso8583::dialect::Mti;
use tillscript::run::program::{build_text, flow};

pub(crate) const ENGINE: Engine = Engine { name: "till", round, holder: Some(holder), compile: Some(compile) };

const CARD: Answer<'static> = Answer::Record(&[
    Answer::Sealed { number: 1, masked: work::CARD[6], sound: true },
    Answer::Sealed { number: 2, masked: work::CARD[6], sound: true },
    Answer::Text(work::CARD[2].as_bytes()),
    Answer::Variant { tag: 0, payload: None },
    Answer::Text(work::CARD[4].as_bytes()),
    Answer::Word(0),
    Answer::Text(b"201"),
    Answer::Sealed { number: 3, masked: "****", sound: true },
]);

const REPLY: Answer<'static> = Answer::Message {
    mti: Mti(210),
    fields: &[
        (3, Answer::Text(b"000000")),
        (11, Answer::Text(b"000017")),
        (12, Answer::Text(b"093015")),
        (13, Answer::Text(b"0105")),
        (37, Answer::Text(b"123456789012")),
        (39, Answer::Word(0x3030)),
        (41, Answer::Text(b"T0000001")),
        (42, Answer::Text(b"123456789012345")),
    ],
};

const SHOP: Answer<'static> = Answer::Record(&[
    Answer::Text(work::SHOP[0].1.as_bytes()),
    Answer::Text(work::SHOP[1].1.as_bytes()),
    Answer::Text(work::SHOP[2].1.as_bytes()),
    Answer::Text(work::SHOP[3].1.as_bytes()),
    Answer::Text(work::SHOP[4].1.as_bytes()),
]);

/// A compiled workload.
struct Compiled {
    program: Program,
    function: u16,
    limits: Limits,
}

fn compiled(name: &str, entry: &str) -> Compiled {
    let path = format!("{}/benches/workloads/{name}.till", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).expect("the workload");
    let program = build_text(&format!("{name}.till"), &text).program.expect("it builds");
    let function = flow(&program, Some(entry)).expect("the flow").function;
    // Room for the one long text; everything else runs with what a run is given by default.
    let wide = Limits { heap_bytes: 1 << 28, text_bytes: 1 << 24, ..Limits::default() };
    let limits = if name == "strings" { wide } else { Limits::default() };
    Compiled { program, function, limits }
}

impl Compiled {
    /// A run whose memory is used again for every flow.
    fn run(&self, arguments: &[Answer<'_>]) -> Run {
        Run::start(&self.program, self.function, arguments, self.limits, u64::MAX).expect("it starts")
    }

    fn start(&self, run: &mut Run, arguments: &[Answer<'_>]) -> Yield {
        run.restart(&self.program, self.function, arguments, u64::MAX).expect("it starts");
        run.resume(&self.program, Event::Start)
    }

    /// Answers until the end, or until it waits in `host.send` if that is asked for. Gives the length of what was printed.
    fn go_on(&self, run: &mut Run, mut stopped: Yield, wait: bool) -> u64 {
        let mut printed = 0;
        while stopped == Yield::Request {
            let request = run.request(&self.program).expect("it waits");
            let (number, op) = (request.number(), request.op());
            if wait && op == Op::HostSend {
                return printed;
            }
            let answer = match op {
                Op::CardRead => CARD,
                Op::HostNextStan => Answer::Text(work::STAN.as_bytes()),
                Op::HostSend => REPLY,
                Op::PrinterPrint => {
                    let lines = request.argument(0);
                    printed += lines
                        .receipt_lines()
                        .map(|line| (line.en.as_bytes().len() + line.value.as_bytes().len() + 1) as u64)
                        .sum::<u64>();
                    Answer::Nothing
                }
                _ => Answer::Nothing,
            };
            stopped = run.resume(&self.program, Event::Answer { request: number, answer });
        }
        printed
    }

    fn gave(&self, run: &Run) -> u64 {
        let view = run.result_view(&self.program).expect("it ended well");
        view.as_int().map(|number| number as u64).or(view.tag().map(u64::from)).expect("a number or an outcome")
    }
}

fn sale_arguments() -> Vec<Answer<'static>> {
    vec![Answer::Amount(Amount::new(10_000, Currency::CNY)), SHOP]
}

fn calls(name: &str, entry: &str, arguments: Vec<Answer<'static>>) -> Option<Round> {
    let it = compiled(name, entry);
    let mut run = it.run(&arguments);
    Some(Box::new(move || {
        it.start(&mut run, &arguments);
        it.gave(&run)
    }))
}

fn texts(texts: impl Iterator<Item = String>) -> Answer<'static> {
    let texts: Vec<Answer<'static>> = texts.map(|text| Answer::Text(text.leak().as_bytes())).collect();
    Answer::List(texts.leak())
}

fn codes() -> Answer<'static> {
    texts(work::CODES.iter().cycle().take(6_400).map(|code| code.to_string()))
}

fn sells(name: &str, arguments: Vec<Answer<'static>>) -> Option<Round> {
    let it = compiled(name, "sale");
    let mut run = it.run(&arguments);
    Some(Box::new(move || {
        let mut sum = 0;
        for _ in 0..work::SALES {
            let stopped = it.start(&mut run, &arguments);
            let printed = it.go_on(&mut run, stopped, false);
            sum += it.gave(&run) * 1_000 + printed;
        }
        sum
    }))
}

fn round(row: &str) -> Option<Round> {
    match row {
        "fib" => calls("fib", "fib", vec![Answer::Word(30)]),
        "loop" => calls("loop", "turns", vec![Answer::Word(1_000_000)]),
        "strings" => calls("strings", "join", vec![Answer::Word(0)]),
        "table64" => calls("table", "look_up", vec![codes()]),
        "match64" => calls("match", "choose", vec![codes()]),
        "luhn" => calls("luhn", "count_sound", vec![texts(work::pans())]),
        "sale" => sells("sale", sale_arguments()),
        "sale_luhn" => {
            let mut arguments = sale_arguments();
            arguments.push(Answer::Text(work::CARD[0].as_bytes()));
            sells("sale_luhn", arguments)
        }
        _ => None,
    }
}

struct Waiting {
    it: Compiled,
    arguments: Vec<Answer<'static>>,
    /// The one that is at work; the others are packed.
    run: Run,
    packed: Vec<Packed>,
}

impl Holder for Waiting {
    fn hold(&mut self, count: usize) {
        self.packed = Vec::with_capacity(count);
        for _ in 0..count {
            let stopped = self.it.start(&mut self.run, &self.arguments);
            self.it.go_on(&mut self.run, stopped, true);
            self.packed.push(self.run.pack(&self.it.program));
        }
    }

    fn release(&mut self) -> u64 {
        let mut sum = 0;
        for packed in self.packed.drain(..) {
            self.run.unpack(&packed, &self.it.program).expect("what was packed");
            let printed = self.it.go_on(&mut self.run, Yield::Request, false);
            sum += self.it.gave(&self.run) * 1_000 + printed;
        }
        sum
    }
}

fn holder() -> Box<dyn Holder> {
    let (it, arguments) = (compiled("sale", "sale"), sale_arguments());
    let run = it.run(&arguments);
    Box::new(Waiting { it, arguments, run, packed: Vec::new() })
}

/// Parse, check, compile and prove.
fn compile() -> (usize, Round) {
    let path = format!("{}/benches/workloads/sale.till", env!("CARGO_MANIFEST_DIR"));
    let sale = std::fs::read_to_string(path).expect("the workload");
    let (head, _) = sale.split_once("pub flow sale").expect("a flow");
    let (_, error) = sale.split_once("error WrongCheckDigit").expect("an error");
    let long = work::again(&sale, "pub flow sale", Some("error WrongCheckDigit"), &["flow sale", "slip"], 900_000);
    let long = format!("{head}{long}error WrongCheckDigit{error}");
    // The text of each copy has another name.
    let mut text = String::new();
    for (at, part) in long.split("pub flow ").enumerate() {
        if at > 0 {
            text.push_str("pub flow ");
        }
        text.push_str(&part.replace("print_later", &format!("print_later_{at}")));
    }
    let bytes = text.len();
    (bytes, Box::new(move || build_text("long.till", &text).program.expect("it builds").functions.len() as u64))
}
