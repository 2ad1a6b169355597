//! Koto: a bytecode machine; suspended scripts are generators, which are given nothing when they go on.

use crate::work::{self, CARD, CARD_NAMES, Engine, Holder, REPLY, Round, SHOP, STAN, Writing};
use koto::prelude::*;
use koto::runtime::KIteratorOutput;
use std::cell::Cell;

pub const ENGINE: Engine = Engine { name: "koto", round, holder: Some(holder), compile: Some(compile) };

thread_local! {
    static PRINTED: Cell<u64> = const { Cell::new(0) };
}

const WRITING: Writing =
    Writing { pair: |_, _| String::new(), arm: |_, code, weight| format!("    '{code}' then {weight}") };

fn source() -> String {
    work::script(include_str!("../scripts/work.koto"), &WRITING)
}

fn map<'a>(pairs: impl Iterator<Item = (String, &'a str)>) -> KMap {
    let map = KMap::with_capacity(8);
    for (name, text) in pairs {
        map.insert(name.as_str(), text);
    }
    map
}

fn load() -> Koto {
    let mut koto = Koto::default();
    let prelude = koto.prelude().clone();
    let strings = |texts: Vec<String>| {
        KList::from_slice(&texts.into_iter().map(|it| KValue::from(it.as_str())).collect::<Vec<_>>())
    };
    prelude.insert("codes", strings(work::CODES.iter().map(|code| code.to_string()).collect()));
    prelude.insert("pans", strings(work::pans().collect()));
    let weights = KMap::default();
    for (at, code) in work::CODES.iter().enumerate() {
        weights.insert(*code, work::weight(at) as i64);
    }
    prelude.insert("weights", weights);
    prelude.insert("shop", map(SHOP.iter().map(|(name, text)| (name.to_string(), *text))));
    prelude.add_fn("read_card", |_| Ok(map(CARD_NAMES.iter().map(|name| name.to_string()).zip(CARD)).into()));
    prelude.add_fn("next_stan", |_| Ok(STAN.into()));
    prelude.add_fn("reverse_open", |_| Ok(KValue::Null));
    prelude.add_fn("send", |_| Ok(map(REPLY.iter().map(|(number, text)| (format!("F{number}"), *text))).into()));
    prelude.add_fn("commit", |_| Ok(KValue::Null));
    prelude.add_fn("discard", |_| Ok(KValue::Null));
    prelude.add_fn("luhn", |context| match context.args() {
        [KValue::Str(pan)] => Ok(work::is_sound(pan.as_bytes()).into()),
        unexpected => koto::runtime::unexpected_args("|String|", unexpected),
    });
    prelude.add_fn("print_slip", |context| match context.args() {
        [KValue::Str(slip)] => {
            PRINTED.with(|printed| printed.set(printed.get() + slip.len() as u64));
            Ok(KValue::Null)
        }
        unexpected => koto::runtime::unexpected_args("|String|", unexpected),
    });
    koto.compile_and_run(source().as_str()).expect("the script");
    koto
}

fn number(value: KValue) -> u64 {
    match value {
        KValue::Number(number) => i64::from(number) as u64,
        other => panic!("{}", other.type_as_string()),
    }
}

fn round(row: &str) -> Option<Round> {
    let mut koto = load();
    let name = match row {
        "fib" => "fib",
        "loop" => "turns",
        "strings" => "join",
        "table64" => "look_up",
        "match64" => "choose",
        "luhn" => "count_sound",
        "sale" => "sale",
        "sale_luhn" => "sale_luhn",
        _ => return None,
    };
    let function = koto.exports().get(name).expect("a function");
    let argument: Option<i64> = match row {
        "fib" => Some(30),
        "loop" => Some(1_000_000),
        "strings" => Some(0),
        _ => None,
    };
    let mut call = move || -> u64 {
        let gave = match argument {
            Some(argument) => koto.call_function(function.clone(), KValue::from(argument)),
            None => koto.call_function(function.clone(), &[]),
        };
        number(gave.expect("it runs"))
    };
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
    koto: Koto,
    iterators: Vec<KIterator>,
}

fn next(iterator: &mut KIterator) -> u64 {
    match iterator.next() {
        Some(KIteratorOutput::Value(value)) => number(value),
        _ => panic!("it gives no value"),
    }
}

impl Holder for Waiting {
    fn hold(&mut self, count: usize) {
        self.iterators = Vec::with_capacity(count);
        let function = self.koto.exports().get("waiting_sale").expect("a function");
        for _ in 0..count {
            match self.koto.call_function(function.clone(), &[]).expect("it begins") {
                KValue::Iterator(mut iterator) => {
                    next(&mut iterator);
                    self.iterators.push(iterator);
                }
                other => panic!("{}", other.type_as_string()),
            }
        }
    }

    fn release(&mut self) -> u64 {
        PRINTED.with(|printed| printed.set(0));
        let sum: u64 = self.iterators.drain(..).map(|mut iterator| next(&mut iterator) * 1_000).sum();
        sum + PRINTED.with(Cell::get)
    }
}

fn holder() -> Box<dyn Holder> {
    Box::new(Waiting { koto: load(), iterators: Vec::new() })
}

/// A chunk keeps each of its names in one of 255 registers, so the source is short.
fn compile() -> (usize, Round) {
    let script = source();
    let text = work::again(&script, "amount_text =", None, &[], 50_000);
    let mut koto = Koto::default();
    (
        text.len(),
        Box::new(move || {
            koto.compile(text.as_str()).expect("it compiles");
            1
        }),
    )
}
