//! A million sales that wait for the host at the same time, in one thread: a run that waits is plain data.
//!
//! ```console
//! $ cargo run --release --example million              # a million
//! $ cargo run --release --example million -- 10000     # fewer
//! $ cargo run --release --example million -- 10000 7   # in another order
//! ```
//!
//! Each sale of another amount is begun, stops in `host.send` with its 17 fields and its reversal recorded, and is finished
//! later, in a random order. Then the same again with all of them on disk in between: written by `to_bytes`, read by `from_bytes`.
//! The terminals and the host are *simulated* by constants; the journal here only counts. Heap is counted by an
//! allocator of the crate `allocation-counter`; it slows the rates a little.

#[path = "../benches/support/mod.rs"]
mod support;

use allocation_counter::measure;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::time::Instant;
use support::cases::compiled;
use support::no_op_host::{self, answer};
use tillscript::language::builtin::row::Op;
use tillscript::language::builtin::shapes::outcome::APPROVED;
use tillscript::language::bytecode::program::Program;
use tillscript::language::vm::limits::Limits;
use tillscript::language::vm::money::Decision;
use tillscript::language::vm::packed::Packed;
use tillscript::language::vm::run::{Event, Run, Yield};
use tillscript::language::vm::value::Answer;
use tillscript::payment::amount::Amount;
use tillscript::payment::currency::Currency;

/// What the terminals' journals hold.
#[derive(Default)]
struct Books {
    recorded: u64,
    committed: u64,
    discarded: u64,
    reversed: u64,
    /// Minor units that were committed.
    sum: i64,
}

/// One program, shared by all sales, and the one run that is at work; those that wait are packed.
struct Till {
    program: Program,
    function: u16,
    run: Run,
}

fn main() -> io::Result<()> {
    let mut words = std::env::args().skip(1).map(|word| word.parse::<u64>().expect("a number"));
    let count = words.next().unwrap_or(1_000_000) as usize;
    let seed = words.next().unwrap_or(1);
    let (program, function) = compiled("sale", "sale");
    let run = Run::start(&program, function, &arguments(0), Limits::default(), FUEL).expect("it starts");
    let mut till = Till { program, function, run };
    // What is made once is made before anything is counted.
    let mut books = Books::default();
    till.begin(0, &mut books);
    till.finish(&mut books);

    println!("{} sales, seed {seed}", thousands(count as u64));
    till.in_memory(count, seed);
    till.on_disk(count, seed)
}

impl Till {
    fn in_memory(&mut self, count: usize, seed: u64) {
        let mut books = Books::default();
        let mut runs: Vec<Packed> = Vec::new();
        let before = resident();
        let began = Instant::now();
        let heap = measure(|| {
            runs = Vec::with_capacity(count);
            for at in 0..count {
                self.begin(at, &mut books);
                runs.push(self.run.pack(&self.program));
            }
        });
        let took = began.elapsed();
        println!("waiting in host.send, each with its 17 fields:");
        println!("  heap       {:6} bytes each, by the allocator", heap.bytes_current / count as i64);
        println!("  resident   {:6} bytes each, by the system", resident().saturating_sub(before) / count as u64);
        println!("  begun      {:6.2} µs each, {} a second", rate(count, took).0, rate(count, took).1);
        books.tell("  money: ");

        shuffle(&mut runs, seed);
        let began = Instant::now();
        for packed in runs {
            self.run.unpack(&packed, &self.program).expect("what was packed");
            self.finish(&mut books);
        }
        let took = began.elapsed();
        println!("finished in a random order:");
        println!("  finished   {:6.2} µs each, {} a second", rate(count, took).0, rate(count, took).1);
        books.tell("  money: ");
        books.must_balance(count);
    }

    fn on_disk(&mut self, count: usize, seed: u64) -> io::Result<()> {
        let path = std::env::temp_dir().join(format!("till-million-{}.runs", std::process::id()));
        let mut books = Books::default();
        let began = Instant::now();
        let mut file = BufWriter::new(File::create(&path)?);
        let mut bytes = 0;
        for at in 0..count {
            self.begin(at, &mut books);
            let written = self.run.to_bytes(&self.program);
            bytes += written.len();
            file.write_all(&(written.len() as u32).to_le_bytes())?;
            file.write_all(&written)?;
        }
        file.into_inner()?.sync_all()?;
        let took = began.elapsed();
        println!("begun, written to disk and dropped:");
        println!("  on disk    {:6} bytes each", bytes / count);
        println!("  begun      {:6.2} µs each, {} a second", rate(count, took).0, rate(count, took).1);

        let began = Instant::now();
        let mut file = BufReader::new(File::open(&path)?);
        let mut runs = Vec::with_capacity(count);
        let mut buffer = Vec::new();
        for _ in 0..count {
            let mut length = [0; 4];
            file.read_exact(&mut length)?;
            buffer.resize(u32::from_le_bytes(length) as usize, 0);
            file.read_exact(&mut buffer)?;
            let run = Run::from_bytes(&buffer, &self.program).expect("what was written");
            runs.push(run.pack(&self.program));
        }
        fs::remove_file(&path)?;
        shuffle(&mut runs, seed);
        for packed in runs {
            self.run.unpack(&packed, &self.program).expect("what was packed");
            self.finish(&mut books);
        }
        let took = began.elapsed();
        println!("read back and finished in a random order:");
        println!("  finished   {:6.2} µs each, {} a second", rate(count, took).0, rate(count, took).1);
        books.tell("  money: ");
        books.must_balance(count);
        Ok(())
    }

    /// A sale of `at` and one fen, up to where it waits for the host with its reversal recorded.
    fn begin(&mut self, at: usize, books: &mut Books) {
        self.run.restart(&self.program, self.function, &arguments(at), FUEL).expect("it starts");
        let stopped = self.run.resume(&self.program, Event::Start);
        self.go_on(stopped, books, true);
        assert!(self.run.stopped() == Yield::Request && self.run.money().is_undecided());
    }

    fn finish(&mut self, books: &mut Books) {
        self.go_on(Yield::Request, books, false);
        let tag = self.run.result_view(&self.program).and_then(|outcome| outcome.tag());
        assert_eq!((tag, self.run.money().last), (Some(APPROVED), Some(Decision::Committed)));
    }

    /// Answers requests and keeps the books, until the host is asked if the run is to wait there.
    fn go_on(&mut self, mut stopped: Yield, books: &mut Books, wait: bool) {
        while stopped == Yield::Request {
            let request = self.run.request(&self.program).expect("it waits");
            let (number, op) = (request.number(), request.op());
            match op {
                Op::HostSend if wait => return,
                Op::ReverseOpen => books.recorded += 1,
                Op::Commit => {
                    books.committed += 1;
                    let amount = request.argument(0).named("amount").and_then(|amount| amount.as_amount());
                    books.sum += amount.expect("a transaction has an amount").minor;
                }
                Op::Discard => books.discarded += 1,
                Op::Reverse => books.reversed += 1,
                _ => {}
            }
            stopped = self.run.resume(&self.program, Event::Answer { request: number, answer: answer(op) });
        }
    }
}

/// An amount of its own for each sale; the shop is one.
fn arguments(at: usize) -> [Answer<'static>; 2] {
    let [_, shop] = no_op_host::sale_arguments();
    [Answer::Amount(Amount::new(at as i64 + 1, Currency::CNY)), shop]
}

/// Instructions that a sale is granted.
const FUEL: u64 = 100_000;

impl Books {
    /// The money line: what was recorded before a byte left, and what became of it.
    fn tell(&self, before: &str) {
        let undecided = self.recorded - self.committed - self.discarded - self.reversed;
        println!(
            "{before}{} reversals recorded; {} committed ({}.{:02} CNY), {} dropped, {} reversed, {} undecided",
            thousands(self.recorded),
            thousands(self.committed),
            thousands(self.sum as u64 / 100),
            self.sum % 100,
            thousands(self.discarded),
            thousands(self.reversed),
            thousands(undecided)
        );
    }

    fn must_balance(&self, count: usize) {
        let count = count as u64;
        assert_eq!((self.recorded, self.committed, self.discarded, self.reversed), (count, count, 0, 0));
        assert_eq!(self.sum as u64, count * (count + 1) / 2);
    }
}

/// Microseconds each, and how many a second.
fn rate(count: usize, took: std::time::Duration) -> (f64, String) {
    let seconds = took.as_secs_f64();
    (1e6 * seconds / count as f64, thousands((count as f64 / seconds) as u64))
}

/// `1 000 000`
fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().map(|it| std::str::from_utf8(it).expect("digits")).collect();
    groups.join(" ")
}

/// Fisher and Yates, with xorshift: the same seed gives the same order.
fn shuffle<T>(items: &mut [T], seed: u64) {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for at in (1..items.len()).rev() {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        items.swap(at, (state % (at as u64 + 1)) as usize);
    }
}

/// Bytes of memory that this process has.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok()).unwrap_or(0) * 1024
}
