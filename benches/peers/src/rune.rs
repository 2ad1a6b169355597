//! Rune: a bytecode machine; suspended scripts are generators.

use crate::work::{self, CARD, CARD_NAMES, Engine, Holder, REPLY, Round, SHOP, STAN, Writing};
use rune::runtime::{Generator, GeneratorState, Object, VmResult};
use rune::{Context, Module, Source, Sources, Unit, Value, Vm};
use std::cell::Cell;
use std::sync::Arc;

pub const ENGINE: Engine = Engine { name: "rune", round, holder: Some(holder), compile: Some(compile) };

thread_local! {
    static PRINTED: Cell<u64> = const { Cell::new(0) };
}

const WRITING: Writing =
    Writing { pair: |_, _| String::new(), arm: |_, code, weight| format!("        \"{code}\" => {weight},") };

fn source() -> String {
    work::script(include_str!("../scripts/work.rn"), &WRITING)
}

fn object<'a>(pairs: impl Iterator<Item = (String, &'a str)>) -> Object {
    let mut object = Object::new();
    for (name, text) in pairs {
        let name = rune::alloc::String::try_from(name.as_str()).expect("memory");
        let text = rune::alloc::String::try_from(text).expect("memory");
        object.insert(name, rune::to_value(text).expect("a value")).expect("memory");
    }
    object
}

fn reply() -> Object {
    object(REPLY.iter().map(|(number, text)| (format!("F{number}"), *text)))
}

fn context() -> Context {
    let mut module = Module::new();
    let build = |module: &mut Module| -> Result<(), rune::ContextError> {
        module.function("read_card", || object(CARD_NAMES.iter().map(|name| name.to_string()).zip(CARD))).build()?;
        module.function("next_stan", || STAN.to_string()).build()?;
        module.function("reverse_open", |_: Value| ()).build()?;
        module.function("send", |_: Value| reply()).build()?;
        module.function("commit", |_: Value, _: i64, _: Value, _: Value| ()).build()?;
        module.function("discard", || ()).build()?;
        module.function("luhn", |pan: &str| work::is_sound(pan.as_bytes())).build()?;
        module
            .function("print_slip", |slip: &str| PRINTED.with(|printed| printed.set(printed.get() + slip.len() as u64)))
            .build()?;
        Ok(())
    };
    build(&mut module).expect("the host functions");
    let mut context = Context::with_default_modules().expect("the modules");
    context.install(module).expect("the host module");
    context
}

fn unit(context: &Context, text: &str) -> Unit {
    let mut sources = Sources::new();
    sources.insert(Source::memory(text).expect("a source")).expect("memory");
    rune::prepare(&mut sources).with_context(context).build().expect("it compiles")
}

fn vm() -> Vm {
    let context = context();
    let runtime = Arc::new(context.runtime().expect("memory"));
    Vm::new(runtime, Arc::new(unit(&context, &source())))
}

fn shop() -> Value {
    rune::to_value(object(SHOP.iter().map(|(name, text)| (name.to_string(), *text)))).expect("a value")
}

fn number(value: Value) -> u64 {
    rune::from_value::<i64>(value).expect("a number") as u64
}

fn round(row: &str) -> Option<Round> {
    let mut vm = vm();
    let codes = || -> Vec<String> { work::CODES.iter().map(|code| code.to_string()).collect() };
    let mut call = move |name: &'static str, arguments: Vec<Value>| -> u64 {
        number(vm.call([name], arguments).expect("it runs"))
    };
    let value = |it: i64| rune::to_value(it).expect("a value");
    Some(match row {
        "fib" => Box::new(move || call("fib", vec![value(30)])),
        "loop" => Box::new(move || call("turns", vec![value(1_000_000)])),
        "strings" => Box::new(move || call("join", vec![value(0)])),
        "table64" => {
            let mut weights = Object::new();
            for (at, code) in work::CODES.iter().enumerate() {
                let code = rune::alloc::String::try_from(*code).expect("memory");
                weights.insert(code, value(work::weight(at) as i64)).expect("memory");
            }
            let (codes, weights) =
                (rune::to_value(codes()).expect("a value"), rune::to_value(weights).expect("a value"));
            Box::new(move || call("look_up", vec![codes.clone(), weights.clone()]))
        }
        "match64" => {
            let codes = rune::to_value(codes()).expect("a value");
            Box::new(move || call("choose", vec![codes.clone()]))
        }
        "luhn" => {
            let pans = rune::to_value(work::pans().collect::<Vec<String>>()).expect("a value");
            Box::new(move || call("count_sound", vec![pans.clone()]))
        }
        "sale" | "sale_luhn" => {
            let name = if row == "sale" { "sale" } else { "sale_luhn" };
            let shop = shop();
            Box::new(move || {
                PRINTED.with(|printed| printed.set(0));
                let sum: u64 = (0..work::SALES).map(|_| call(name, vec![shop.clone()])).sum();
                sum * 1_000 + PRINTED.with(Cell::get)
            })
        }
        _ => return None,
    })
}

struct Waiting {
    vm: Vm,
    shop: Value,
    generators: Vec<Generator>,
}

impl Holder for Waiting {
    fn hold(&mut self, count: usize) {
        self.generators = Vec::with_capacity(count);
        for _ in 0..count {
            let value = self.vm.call(["waiting_sale"], (self.shop.clone(),)).expect("it begins");
            let mut generator: Generator = rune::from_value(value).expect("a generator");
            match generator.resume(Value::from(())) {
                VmResult::Ok(GeneratorState::Yielded(_)) => self.generators.push(generator),
                _ => panic!("the sale neither waited nor ended"),
            }
        }
    }

    fn release(&mut self) -> u64 {
        PRINTED.with(|printed| printed.set(0));
        let mut sum = 0;
        for mut generator in self.generators.drain(..) {
            match generator.resume(rune::to_value(reply()).expect("a value")) {
                VmResult::Ok(GeneratorState::Complete(value)) => sum += number(value) * 1_000,
                _ => panic!("the sale neither waited nor ended"),
            }
        }
        sum + PRINTED.with(Cell::get)
    }
}

fn holder() -> Box<dyn Holder> {
    Box::new(Waiting { vm: vm(), shop: shop(), generators: Vec::new() })
}

fn compile() -> (usize, Round) {
    let script = source();
    let names = ["begin", "finish", "sale", "sale_luhn", "waiting", "waiting_sale"];
    let (head, _) = script.split_once("fn begin").expect("a part");
    let text = format!("{head}{}", work::again(&script, "fn begin", None, &names, 1_000_000));
    let context = context();
    (
        text.len(),
        Box::new(move || {
            unit(&context, &text);
            1
        }),
    )
}
