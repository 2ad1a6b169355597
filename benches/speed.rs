//! How long the cases of `support/cases.rs` take here and now; `cargo bench -- NAME` takes only some.
//!
//! Nanoseconds belong to the machine and the moment. What is kept and compared are the counts of `examples/count.rs`
//! and the ratios of `benches/peers`; see docs/performance.md.

#[path = "support/mod.rs"]
mod support;

use divan::Bencher;
use divan::counter::ItemsCount;
use std::process::{Command, Stdio};
use support::cases::{self, CASES};

fn main() {
    divan::main();
}

fn names() -> impl Iterator<Item = &'static str> {
    CASES.iter().map(|case| case.name)
}

/// The rate is that of units: turns, look-ups, sales, bytes.
#[divan::bench(args = names(), max_time = 3)]
fn case(bencher: Bencher<'_, '_>, name: &str) {
    let case = cases::find(name).expect("a case");
    let mut round = (case.set_up)();
    let given = round();
    assert!(cases::wanted(name).is_none_or(|wanted| wanted == given), "{name} gave {given}");
    bencher.counter(ItemsCount::new(case.units)).bench_local(round);
}

/// A whole process: a script of a few lines, and one that sells.
#[divan::bench(args = ["benches/workloads/hello.till", "scripts/start_of_day.till"], max_time = 3)]
fn process(bencher: Bencher<'_, '_>, script: &str) {
    let path = format!("{}/{script}", env!("CARGO_MANIFEST_DIR"));
    bencher.bench_local(|| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_till"));
        let status = command.args(["run", &path]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        assert!(status.expect("till runs").success());
    });
}
