//! Packs and unpacks one 0200 with 20 fields, beside code written by hand for that one message; BCD and ASCII.
//!
//! ```console
//! $ cargo bench --bench message                    # nanoseconds, and × by hand, from the same run
//! $ cargo bench --bench message -- count           # instructions a message, counted by valgrind
//! $ cargo bench --bench message -- unpack-bcd 1000 # does one of them so often, for a profiler
//! ```
//!
//! Both sides check the same: every length against what is there, every byte against its field. Both reuse one buffer.
//! Nanoseconds belong to the machine and the moment; the ratio and the counts do not.

#[path = "message/by_hand.rs"]
mod by_hand;
#[path = "message/fields.rs"]
mod fields;

use fields::FIELDS;
use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::Instant;
use tillscript::payment::iso8583::codec::Codec;
use tillscript::payment::iso8583::dialect::Mti;
use tillscript::payment::iso8583::view::Offsets;
use tillscript::run::known_dialects::load;

/// Does an operation once; what it gives is compared, so that nothing is left out.
type Round = Box<dyn FnMut() -> u64>;

/// The operations, the table's and the hand's side by side.
const NAMES: [&str; 8] = [
    "pack-bcd",
    "pack-bcd-by-hand",
    "unpack-bcd",
    "unpack-bcd-by-hand",
    "pack-ascii",
    "pack-ascii-by-hand",
    "unpack-ascii",
    "unpack-ascii-by-hand",
];

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with("--")).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["count"] => count(),
        [name, times] => {
            let mut round = round(name).expect("one of the operations");
            let times: u64 = times.parse().expect("a number");
            println!("{}", (0..times).map(|_| black_box(round())).fold(0, u64::wrapping_add));
        }
        _ => time(),
    }
}

fn round(name: &str) -> Option<Round> {
    let (operation, by_hand) = match name.strip_suffix("-by-hand") {
        Some(operation) => (operation, true),
        None => (name, false),
    };
    let (what, form) = operation.split_once('-')?;
    let bcd = form == "bcd";
    let dialect = load(if bcd { "iso1987_binary" } else { "iso1987" }).ok()?.dialect;
    let codec = Codec::new(&dialect);
    let mut body = Vec::new();
    codec.pack(Mti(200), FIELDS.iter().copied(), &mut body).ok()?;
    let mut hand = Vec::new();
    by_hand::pack(bcd, &FIELDS, &mut hand);
    assert_eq!(body, hand, "both write the same bytes");
    let mut out = Vec::with_capacity(512);
    let mut offsets = Offsets::default();
    let mut spans = [(0_u32, 0_u32); 20];
    Some(match (what, by_hand) {
        ("pack", false) => Box::new(move || {
            out.clear();
            codec.pack(Mti(200), black_box(&FIELDS).iter().copied(), &mut out).expect("fits");
            out.len() as u64
        }),
        ("pack", true) => Box::new(move || {
            out.clear();
            by_hand::pack(bcd, black_box(&FIELDS), &mut out);
            out.len() as u64
        }),
        ("unpack", false) => Box::new(move || {
            let view = codec.unpack(black_box(&body), &mut offsets).expect("reads");
            view.raw(64).map_or(0, |mac| mac.len() as u64)
        }),
        ("unpack", true) => Box::new(move || {
            by_hand::unpack(bcd, black_box(&body), &mut spans).expect("reads");
            u64::from(spans[19].1 - spans[19].0)
        }),
        _ => return None,
    })
}

/// The best of many short runs: what else the machine does only ever adds.
fn time() {
    const RUNS: usize = 3_000;
    const TIMES: u32 = 400;
    println!("{:<24} {:>8} {:>10}", "operation", "ns", "x by hand");
    for pair in NAMES.chunks(2) {
        let [ours, hand] = pair else { continue };
        let (mut one, mut other) = (round(ours).expect("known"), round(hand).expect("known"));
        let (mut best, mut best_by_hand) = (f64::MAX, f64::MAX);
        for _ in 0..RUNS {
            for (round, best) in [(&mut one, &mut best), (&mut other, &mut best_by_hand)] {
                let begun = Instant::now();
                for _ in 0..TIMES {
                    black_box(round());
                }
                *best = best.min(begun.elapsed().as_nanos() as f64 / f64::from(TIMES));
            }
        }
        println!("{ours:<24} {best:>8.1} {:>10.2}", best / best_by_hand);
        println!("{hand:<24} {best_by_hand:>8.1}");
    }
}

/// Instructions of one operation: what twice as many execute more, divided.
fn count() {
    const TIMES: u64 = 2_000;
    let own = std::env::current_exe().expect("this program");
    let executed = |name: &str, times: u64| -> u64 {
        let output = Command::new("valgrind")
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(&own)
            .args([name, &times.to_string()])
            .stdout(Stdio::null())
            .output()
            .expect("valgrind is installed");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let line = said.lines().find(|line| line.contains("Collected")).expect("a count");
        line.rsplit(' ').next().and_then(|count| count.parse().ok()).expect("a number")
    };
    println!("{:<24} {:>12} {:>10}", "operation", "instructions", "x by hand");
    for pair in NAMES.chunks(2) {
        let [ours, hand] = pair else { continue };
        let each = |name: &str| (executed(name, 2 * TIMES) - executed(name, TIMES)) as f64 / TIMES as f64;
        let (one, other) = (each(ours), each(hand));
        println!("{ours:<24} {one:>12.0} {:>10.2}", one / other);
        println!("{hand:<24} {other:>12.0}");
    }
}
