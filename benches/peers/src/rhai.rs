//! Rhai: an interpreter that walks the tree. It cannot suspend a script.

use crate::work::{self, CARD, CARD_NAMES, Engine, REPLY, Round, SHOP, STAN, Writing};
use rhai::{AST, Array, CallFnOptions, Dynamic, FuncArgs, ImmutableString, Map, Scope};
use std::cell::Cell;
use std::rc::Rc;

pub const ENGINE: Engine = Engine { name: "rhai", round, holder: None, compile: Some(compile) };

const WRITING: Writing =
    Writing { pair: |_, _| String::new(), arm: |_, code, weight| format!("        \"{code}\" => {weight},") };

fn source() -> String {
    work::script(include_str!("../scripts/work.rhai"), &WRITING)
}

fn engine(printed: &Rc<Cell<u64>>) -> rhai::Engine {
    let mut engine = rhai::Engine::new();
    engine.set_max_expr_depths(0, 0);
    engine.register_fn("read_card", || -> Map {
        CARD_NAMES.iter().zip(CARD).map(|(name, text)| ((*name).into(), text.into())).collect()
    });
    engine.register_fn("next_stan", || -> ImmutableString { STAN.into() });
    engine.register_fn("reverse_open", |_: Map| {});
    engine.register_fn("send", |_: Map| -> Map {
        REPLY.iter().map(|(number, text)| (format!("F{number}").into(), (*text).into())).collect()
    });
    engine.register_fn("commit", |_: ImmutableString, _: i64, _: Map, _: Map| {});
    engine.register_fn("discard", || {});
    engine.register_fn("luhn", |pan: ImmutableString| work::is_sound(pan.as_bytes()));
    let count = printed.clone();
    engine.register_fn("print_slip", move |slip: ImmutableString| count.set(count.get() + slip.len() as u64));
    engine
}

fn codes() -> Array {
    work::CODES.iter().map(|code| (*code).into()).collect()
}

fn call(engine: &rhai::Engine, ast: &AST, name: &str, arguments: impl FuncArgs) -> u64 {
    let options = CallFnOptions::new().eval_ast(false);
    let gave: Dynamic = engine.call_fn_with_options(options, &mut Scope::new(), ast, name, arguments).expect("it runs");
    gave.as_int().expect("a number") as u64
}

fn round(row: &str) -> Option<Round> {
    let printed = Rc::new(Cell::new(0));
    let engine = engine(&printed);
    let ast = engine.compile(source()).expect("the script");
    Some(match row {
        "fib" => Box::new(move || call(&engine, &ast, "fib", (30_i64,))),
        "loop" => Box::new(move || call(&engine, &ast, "turns", (1_000_000_i64,))),
        "strings" => Box::new(move || call(&engine, &ast, "join", (0_i64,))),
        "table64" => {
            let weights: Map = work::CODES
                .iter()
                .enumerate()
                .map(|(at, code)| ((*code).into(), (work::weight(at) as i64).into()))
                .collect();
            Box::new(move || call(&engine, &ast, "look_up", (codes(), weights.clone())))
        }
        "match64" => Box::new(move || call(&engine, &ast, "choose", (codes(),))),
        "luhn" => {
            let pans: Array = work::pans().map(Into::into).collect();
            Box::new(move || call(&engine, &ast, "count_sound", (pans.clone(),)))
        }
        "sale" | "sale_luhn" => {
            let in_script = row == "sale_luhn";
            let shop: Map = SHOP.iter().map(|(name, text)| ((*name).into(), (*text).into())).collect();
            Box::new(move || {
                printed.set(0);
                let sell = || call(&engine, &ast, "sell", (shop.clone(), in_script));
                let sum: u64 = (0..work::SALES).map(|_| sell()).sum();
                sum * 1_000 + printed.get()
            })
        }
        _ => return None,
    })
}

fn compile() -> (usize, Round) {
    let text = work::again(&source(), "fn amount_text", None, &["fn sell", "fn amount_text"], 1_000_000);
    let engine = engine(&Rc::default());
    (
        text.len(),
        Box::new(move || engine.compile(&text).map(|ast| ast.iter_functions().count() as u64).expect("it compiles")),
    )
}
