//! Lua 5.4 or LuaJIT, by mlua.

use crate::work::{self, CARD, CARD_NAMES, Engine, Holder, REPLY, Round, STAN};
use mlua::{Function, Lua, LuaString, Table, Thread};
use std::cell::Cell;
use std::rc::Rc;

pub const ENGINE: Engine = Engine {
    name: if cfg!(feature = "luajit") { "luajit" } else { "lua54" },
    round,
    holder: Some(holder),
    compile: Some(compile),
};

fn source() -> String {
    let text = include_str!("../scripts/work.lua");
    // Whole numbers are floats in LuaJIT's Lua: the same text takes two words.
    let (integer, hundreds) =
        if cfg!(feature = "luajit") { ("", "math.floor(minor / 100)") } else { ("", "minor // 100") };
    work::script(text, &work::LUA).replace("$INTEGER(i)", &format!("{integer}i")).replace("$HUNDREDS", hundreds)
}

fn reply(lua: &Lua) -> mlua::Result<Table> {
    let table = lua.create_table_with_capacity(0, REPLY.len() + 1)?;
    table.raw_set("mti", 210)?;
    for (number, text) in REPLY {
        table.raw_set(number, text)?;
    }
    Ok(table)
}

struct Host {
    lua: Lua,
    printed: Rc<Cell<u64>>,
}

fn host() -> mlua::Result<Host> {
    let lua = Lua::new();
    let printed = Rc::new(Cell::new(0));
    let globals = lua.globals();
    globals.set(
        "read_card",
        lua.create_function(|lua, ()| {
            let table = lua.create_table_with_capacity(0, CARD.len())?;
            for (name, text) in CARD_NAMES.iter().zip(CARD) {
                table.raw_set(*name, text)?;
            }
            Ok(table)
        })?,
    )?;
    globals.set("next_stan", lua.create_function(|_, ()| Ok(STAN))?)?;
    globals.set("reverse_open", lua.create_function(|_, _request: Table| Ok(()))?)?;
    globals.set("send", lua.create_function(|lua, _request: Table| reply(lua))?)?;
    globals.set("commit", lua.create_function(|_, _: (LuaString, i64, Table, Table)| Ok(()))?)?;
    globals.set("discard", lua.create_function(|_, ()| Ok(()))?)?;
    globals.set("luhn", lua.create_function(|_, pan: LuaString| Ok(work::is_sound(&pan.as_bytes())))?)?;
    let count = printed.clone();
    globals.set(
        "print_slip",
        lua.create_function(move |_, slip: LuaString| {
            count.set(count.get() + slip.as_bytes().len() as u64);
            Ok(())
        })?,
    )?;
    lua.load(source()).exec()?;
    Ok(Host { lua, printed })
}

fn round(row: &str) -> Option<Round> {
    let Host { lua, printed } = host().expect("the script loads");
    let function = |name: &str| -> Function { lua.globals().get(name).expect("a function") };
    let call = |function: Function, argument: i64| -> Round {
        let lua = lua.clone();
        Box::new(move || {
            let _ = &lua;
            function.call::<i64>(argument).expect("it runs") as u64
        })
    };
    Some(match row {
        "fib" => call(function("fib"), 30),
        "loop" => call(function("turns"), 1_000_000),
        "strings" => call(function("join"), 0),
        "table64" => call(function("look_up"), 0),
        "match64" => call(function("choose"), 0),
        "luhn" => call(function("count_sound"), 0),
        "sale" | "sale_luhn" => {
            let function = function(row);
            Box::new(move || {
                let _ = &lua;
                printed.set(0);
                let sum: i64 = (0..work::SALES).map(|_| function.call::<i64>(()).expect("it runs")).sum();
                sum as u64 * 1_000 + printed.get()
            })
        }
        _ => return None,
    })
}

struct Waiting {
    host: Host,
    function: Function,
    threads: Vec<Thread>,
}

impl Holder for Waiting {
    fn hold(&mut self, count: usize) {
        self.threads = Vec::with_capacity(count);
        for _ in 0..count {
            let thread = self.host.lua.create_thread(self.function.clone()).expect("a thread");
            thread.resume::<Table>(()).expect("it waits");
            self.threads.push(thread);
        }
    }

    fn release(&mut self) -> u64 {
        self.host.printed.set(0);
        let mut sum = 0;
        for thread in self.threads.drain(..) {
            let reply = reply(&self.host.lua).expect("a reply");
            sum += thread.resume::<i64>(reply).expect("it ends") as u64 * 1_000;
        }
        sum + self.host.printed.get()
    }
}

fn holder() -> Box<dyn Holder> {
    let host = host().expect("the script loads");
    let function = host.lua.globals().get("waiting_sale").expect("a function");
    Box::new(Waiting { host, function, threads: Vec::new() })
}

fn compile() -> (usize, Round) {
    let script = source();
    let part = work::again(
        &script,
        "local function begin",
        None,
        &["begin", "finish", "sell", "sale", "sale_luhn", "waiting_sale"],
        1_000_000,
    );
    // Lua allows 200 local names at a time: each copy is a block.
    let text = part.replace("local function begin_", "end do local function begin_");
    let text = format!("do local categories, entry_digits, shop, is_sound, amount_text {text} end");
    let lua = Lua::new();
    (
        text.len(),
        Box::new(move || {
            lua.load(text.as_str()).into_function().expect("it compiles");
            1
        }),
    )
}
