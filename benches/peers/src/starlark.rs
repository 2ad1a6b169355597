//! Starlark, as starlark-rust runs it: a frozen module, a heap for each round. It cannot suspend a script.

use crate::work::{self, CARD, CARD_NAMES, Engine, REPLY, Round, STAN};
use starlark::environment::{FrozenModule, Globals, GlobalsBuilder, Module};
use starlark::eval::Evaluator;
use starlark::starlark_module;
use starlark::syntax::{AstModule, Dialect};
use starlark::values::dict::AllocDict;
use starlark::values::none::NoneType;
use starlark::values::{Heap, Value};
use std::cell::Cell;

pub const ENGINE: Engine = Engine { name: "starlark", round, holder: None, compile: Some(compile) };

thread_local! {
    static PRINTED: Cell<u64> = const { Cell::new(0) };
}

#[starlark_module]
fn host(builder: &mut GlobalsBuilder) {
    fn read_card<'v>(heap: Heap<'v>) -> starlark::Result<Value<'v>> {
        Ok(heap.alloc(AllocDict(CARD_NAMES.iter().copied().zip(CARD))))
    }
    fn next_stan() -> starlark::Result<String> {
        Ok(STAN.to_string())
    }
    fn reverse_open<'v>(#[starlark(require = pos)] request: Value<'v>) -> starlark::Result<NoneType> {
        let _ = request;
        Ok(NoneType)
    }
    fn send<'v>(#[starlark(require = pos)] request: Value<'v>, heap: Heap<'v>) -> starlark::Result<Value<'v>> {
        let _ = request;
        Ok(heap.alloc(AllocDict(REPLY.iter().map(|(number, text)| (i32::from(*number), *text)))))
    }
    fn commit<'v>(
        #[starlark(require = pos)] kind: Value<'v>,
        #[starlark(require = pos)] amount: Value<'v>,
        #[starlark(require = pos)] request: Value<'v>,
        #[starlark(require = pos)] reply: Value<'v>,
    ) -> starlark::Result<NoneType> {
        let _ = (kind, amount, request, reply);
        Ok(NoneType)
    }
    fn discard() -> starlark::Result<NoneType> {
        Ok(NoneType)
    }
    fn luhn(#[starlark(require = pos)] pan: &str) -> starlark::Result<bool> {
        Ok(work::is_sound(pan.as_bytes()))
    }
    fn print_slip(#[starlark(require = pos)] slip: &str) -> starlark::Result<NoneType> {
        PRINTED.with(|printed| printed.set(printed.get() + slip.len() as u64));
        Ok(NoneType)
    }
    fn ord(#[starlark(require = pos)] text: &str) -> starlark::Result<i32> {
        Ok(i32::from(text.as_bytes()[0]))
    }
}

fn source() -> String {
    work::script(include_str!("../scripts/work.py"), &work::PYTHON)
}

fn globals() -> Globals {
    GlobalsBuilder::standard().with(host).build()
}

fn load(text: String) -> FrozenModule {
    let ast = AstModule::parse("work.star", text, &Dialect::Extended).expect("the script");
    Module::with_temp_heap(|module| {
        {
            let globals = globals();
            let mut evaluator = Evaluator::new(&module);
            evaluator.eval_module(ast, &globals)?;
        }
        Ok::<_, starlark::Error>(module.freeze().expect("it freezes"))
    })
    .expect("the script runs")
}

fn round(row: &str) -> Option<Round> {
    let (name, argument, times) = match row {
        "fib" => ("fib", Some(30), 1),
        "loop" => ("turns", Some(1_000_000), 1),
        "strings" => ("join", Some(0), 1),
        "table64" => ("look_up", None, 1),
        "match64" => ("choose", None, 1),
        "luhn" => ("count_sound", None, 1),
        "sale" => ("sale", None, work::SALES),
        "sale_luhn" => ("sale_luhn", None, work::SALES),
        _ => return None,
    };
    let module = load(source());
    Some(Box::new(move || {
        PRINTED.with(|printed| printed.set(0));
        let sum: starlark::Result<i64> = Module::with_temp_heap(|scratch| {
            let function = scratch.heap().access_owned_frozen_value(&module.get(name)?);
            let mut evaluator = Evaluator::new(&scratch);
            let arguments: Vec<Value> = argument.map(|it: i32| scratch.heap().alloc(it)).into_iter().collect();
            let mut sum = 0;
            for _ in 0..times {
                let gave = evaluator.eval_function(function, &arguments, &[])?;
                sum += i64::from(gave.unpack_i32().expect("a number"));
            }
            Ok(sum)
        });
        let sum = sum.expect("it runs") as u64;
        match PRINTED.with(Cell::get) {
            0 => sum,
            printed => sum * 1_000 + printed,
        }
    }))
}

fn compile() -> (usize, Round) {
    let names = ["begin", "finish", "sell", "sale", "sale_luhn"];
    let script = source();
    let (head, _) = script.split_once("def begin").expect("a part");
    let text = format!("{head}{}", work::again(&script, "def begin", None, &names, 1_000_000));
    (
        text.len(),
        Box::new(move || {
            load(text.clone());
            1
        }),
    )
}
