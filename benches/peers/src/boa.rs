//! Boa: JavaScript in Rust; suspended scripts are generators.

use crate::work::{self, CARD, CARD_NAMES, Engine, Holder, REPLY, Round, STAN};
use boa_engine::object::{JsObject, builtins::JsFunction};
use boa_engine::property::PropertyKey;
use boa_engine::{Context, JsResult, JsString, JsValue, NativeFunction, Script, Source, js_string};
use std::cell::Cell;

pub const ENGINE: Engine = Engine { name: "boa", round, holder: Some(holder), compile: Some(compile) };

thread_local! {
    static PRINTED: Cell<u64> = const { Cell::new(0) };
}

fn source() -> String {
    work::script(include_str!("../scripts/work.js"), &work::JS)
}

fn reply(context: &mut Context) -> JsResult<JsValue> {
    let object = JsObject::with_object_proto(context.intrinsics());
    object.create_data_property_or_throw(js_string!("mti"), 210, context)?;
    for (number, text) in REPLY {
        object.create_data_property_or_throw(PropertyKey::from(u32::from(number)), JsString::from(text), context)?;
    }
    Ok(object.into())
}

fn read_card(_: &JsValue, _: &[JsValue], context: &mut Context) -> JsResult<JsValue> {
    let object = JsObject::with_object_proto(context.intrinsics());
    for (name, text) in CARD_NAMES.iter().zip(CARD) {
        object.create_data_property_or_throw(JsString::from(*name), JsString::from(text), context)?;
    }
    Ok(object.into())
}

fn text(arguments: &[JsValue]) -> String {
    arguments.first().and_then(|it| it.as_string()).map(|it| it.to_std_string_escaped()).unwrap_or_default()
}

fn load() -> Context {
    let mut context = Context::default();
    let nothing: fn(&JsValue, &[JsValue], &mut Context) -> JsResult<JsValue> = |_, _, _| Ok(JsValue::undefined());
    let functions: [(&str, usize, NativeFunction); 8] = [
        ("read_card", 0, NativeFunction::from_fn_ptr(read_card)),
        ("next_stan", 0, NativeFunction::from_fn_ptr(|_, _, _| Ok(JsString::from(STAN).into()))),
        ("reverse_open", 1, NativeFunction::from_fn_ptr(nothing)),
        ("send", 1, NativeFunction::from_fn_ptr(|_, _, context| reply(context))),
        ("commit", 4, NativeFunction::from_fn_ptr(nothing)),
        ("discard", 0, NativeFunction::from_fn_ptr(nothing)),
        (
            "luhn",
            1,
            NativeFunction::from_fn_ptr(|_, arguments, _| Ok(work::is_sound(text(arguments).as_bytes()).into())),
        ),
        (
            "print_slip",
            1,
            NativeFunction::from_fn_ptr(|_, arguments, _| {
                PRINTED.with(|printed| printed.set(printed.get() + text(arguments).len() as u64));
                Ok(JsValue::undefined())
            }),
        ),
    ];
    for (name, length, function) in functions {
        context.register_global_callable(JsString::from(name), length, function).expect("a new name");
    }
    context.eval(Source::from_bytes(source().as_bytes())).expect("the script");
    context
}

fn function(context: &mut Context, name: &str) -> JsFunction {
    let value = context.global_object().get(JsString::from(name), context).expect("a function");
    JsFunction::from_object(value.as_object().expect("a function").clone()).expect("a function")
}

fn call(function: &JsFunction, arguments: &[JsValue], context: &mut Context) -> u64 {
    function.call(&JsValue::undefined(), arguments, context).expect("it runs").as_number().expect("a number") as u64
}

fn round(row: &str) -> Option<Round> {
    let mut context = load();
    let (name, argument) = match row {
        "fib" => ("fib", Some(30)),
        "loop" => ("turns", Some(1_000_000)),
        "strings" => ("join", Some(0)),
        "table64" => ("look_up", None),
        "match64" => ("choose", None),
        "luhn" => ("count_sound", None),
        "sale" => ("sale", None),
        "sale_luhn" => ("sale_luhn", None),
        _ => return None,
    };
    let function = function(&mut context, name);
    let arguments: Vec<JsValue> = argument.map(JsValue::from).into_iter().collect();
    let mut call = move || call(&function, &arguments, &mut context);
    Some(match row {
        "sale" | "sale_luhn" => Box::new(move || {
            PRINTED.with(|printed| printed.set(0));
            let sum: u64 = (0..work::SALES).map(|_| call()).sum();
            sum * 1_000 + PRINTED.with(Cell::get)
        }),
        _ => Box::new(call),
    })
}

struct Waiting {
    context: Context,
    function: JsFunction,
    next: JsFunction,
    generators: Vec<JsValue>,
}

impl Holder for Waiting {
    fn hold(&mut self, count: usize) {
        self.generators = Vec::with_capacity(count);
        for _ in 0..count {
            let generator = self.function.call(&JsValue::undefined(), &[], &mut self.context).expect("it begins");
            self.next.call(&generator, &[], &mut self.context).expect("it waits");
            self.generators.push(generator);
        }
    }

    fn release(&mut self) -> u64 {
        PRINTED.with(|printed| printed.set(0));
        let mut sum = 0;
        for generator in self.generators.drain(..) {
            let reply = reply(&mut self.context).expect("a reply");
            let gave = self.next.call(&generator, &[reply], &mut self.context).expect("it ends");
            let value =
                gave.as_object().expect("a result").get(js_string!("value"), &mut self.context).expect("a value");
            sum += value.as_number().expect("a number") as u64 * 1_000;
        }
        sum + PRINTED.with(Cell::get)
    }
}

fn holder() -> Box<dyn Holder> {
    let mut context = load();
    let begin = function(&mut context, "waiting_sale");
    let next = context
        .eval(Source::from_bytes(b"Object.getPrototypeOf(Object.getPrototypeOf(waiting_sale())).next"))
        .expect("the method");
    let next = JsFunction::from_object(next.as_object().expect("a function").clone()).expect("a function");
    Box::new(Waiting { context, function: begin, next, generators: Vec::new() })
}

fn compile() -> (usize, Round) {
    let names = ["begin", "finish", "sell", "sale", "sale_luhn", "waiting_sale"];
    let text = work::again(&source(), "function begin", None, &names, 1_000_000);
    (
        text.len(),
        Box::new(move || {
            let mut context = Context::default();
            let script = Script::parse(Source::from_bytes(text.as_bytes()), None, &mut context).expect("it parses");
            script.codeblock(&mut context).expect("it compiles");
            1
        }),
    )
}
