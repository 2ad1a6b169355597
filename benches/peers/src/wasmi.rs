//! WebAssembly by wasmi, an interpreter: the arithmetic rows. Texts, maps and messages would have to cross its border as bytes.

use crate::work::{self, Engine, Round};
use wasmi::{Instance, Linker, Module, Store};

pub const ENGINE: Engine = Engine { name: "wasmi", round, holder: None, compile: None };

fn round(row: &str) -> Option<Round> {
    let (name, argument) = match row {
        "fib" => ("fib", 30),
        "loop" => ("turns", 1_000_000),
        "luhn" => ("count_sound", 0),
        _ => return None,
    };
    let engine = wasmi::Engine::default();
    let bytes = wat::parse_str(include_str!("../scripts/work.wat")).expect("the text form");
    let module = Module::new(&engine, &bytes).expect("a module");
    let mut store = Store::new(&engine, ());
    let instance: Instance = Linker::new(&engine).instantiate_and_start(&mut store, &module).expect("an instance");
    let pans: Vec<u8> = work::pans().flat_map(String::into_bytes).collect();
    instance.get_memory(&store, "memory").expect("a memory").write(&mut store, 0, &pans).expect("room");
    let function = instance.get_typed_func::<i64, i64>(&store, name).expect("a function");
    Some(Box::new(move || function.call(&mut store, argument).expect("it runs") as u64))
}
