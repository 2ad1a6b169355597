//! Ordinary Rust: a hash map of strings for a message; and the floor, without allocation.

use crate::work::{self, Engine, Holder, REPLY, Round, SHOP, STAN};
use std::collections::HashMap;
use std::fmt::Write;
use std::hint::black_box;

pub const ENGINE: Engine = Engine { name: "native", round, holder: Some(holder), compile: None };
pub const PACKED: Engine =
    Engine { name: "native-packed", round: packed_round, holder: Some(packed_holder), compile: None };

fn fib(n: u64) -> u64 {
    if n < 2 { n } else { fib(n - 1) + fib(n - 2) }
}

fn turns(from: u64) -> u64 {
    let (mut i, mut sum) = (from, 0u64);
    for _ in 0..10_000 {
        // The compiler must not know the whole loop.
        sum = black_box(sum + i);
        if sum > 1_000_000_007 {
            sum -= 1_000_000_007;
        }
        i += 1;
    }
    sum
}

fn join(from: u64) -> u64 {
    let mut text = String::new();
    for i in from..from + 100_000 {
        let _ = write!(text, "{i},");
    }
    text.len() as u64
}

fn weight_of(code: &str) -> u64 {
    macro_rules! arms { ($($code:literal $at:literal)*) => { match code.as_bytes() { $($code => work::weight($at),)* _ => 0 } } }
    arms! {
        b"00" 0 b"01" 1 b"02" 2 b"03" 3 b"04" 4 b"05" 5 b"06" 6 b"07" 7 b"09" 8 b"10" 9 b"11" 10 b"12" 11 b"13" 12 b"14" 13 b"15" 14 b"19" 15
        b"20" 16 b"21" 17 b"22" 18 b"23" 19 b"25" 20 b"30" 21 b"31" 22 b"33" 23 b"34" 24 b"35" 25 b"36" 26 b"37" 27 b"38" 28 b"39" 29
        b"40" 30 b"41" 31 b"42" 32 b"43" 33 b"44" 34 b"45" 35 b"51" 36 b"52" 37 b"53" 38 b"54" 39 b"55" 40 b"56" 41 b"57" 42 b"58" 43
        b"59" 44 b"60" 45 b"61" 46 b"62" 47 b"63" 48 b"64" 49 b"65" 50 b"66" 51 b"67" 52 b"68" 53 b"75" 54 b"77" 55 b"90" 56 b"91" 57
        b"92" 58 b"94" 59 b"96" 60 b"97" 61 b"98" 62 b"A0" 63
    }
}

struct Card {
    pan: String,
    track2: String,
    expiry: String,
    sequence: String,
    tags: String,
    masked: String,
}

#[inline(never)]
fn read_card() -> Card {
    let [pan, track2, expiry, _, sequence, tags, masked] = black_box(work::CARD).map(str::to_string);
    Card { pan, track2, expiry, sequence, tags, masked }
}

type Message = HashMap<u8, String>;

#[inline(never)]
fn reply() -> Message {
    black_box(REPLY).iter().map(|(number, text)| (*number, text.to_string())).collect()
}

fn begin(card: &Card) -> Message {
    HashMap::from([
        (2, card.pan.clone()),
        (3, "000000".to_string()),
        (4, format!("{:012}", 10_000)),
        (11, STAN.to_string()),
        (14, card.expiry.clone()),
        (22, format!("{}2", "05")),
        (23, card.sequence.clone()),
        (25, "00".to_string()),
        (35, card.track2.clone()),
        (41, SHOP[2].1.to_string()),
        (42, SHOP[1].1.to_string()),
        (49, "156".to_string()),
        (55, card.tags.clone()),
        (57, "TILL".to_string()),
        (59, "lane 4".to_string()),
        (60, format!("22{}000", SHOP[4].1)),
        (63, SHOP[3].1.to_string()),
    ])
}

fn finish(card: &Card, request: &Message, reply: &Message) -> u64 {
    black_box(request);
    if work::category(&reply[&39]) != "accept" {
        return 2_000;
    }
    let mut slip = String::new();
    let _ = write!(
        slip,
        "MERCHANT NAME{}\nMERCHANT NO.{}\nTERMINAL NO.{}\nOPERATOR NO.{}\nCARD NO.{}\nVOUCHER NO.{}\nREFER NO.{}\nDATE{}\nTIME{}\nAMOUNT{}.{:02} CNY\n",
        SHOP[0].1,
        SHOP[1].1,
        SHOP[2].1,
        SHOP[3].1,
        card.masked,
        reply[&11],
        reply[&37],
        reply[&13],
        reply[&12],
        black_box(10_000) / 100,
        black_box(10_000) % 100,
    );
    1_000 + black_box(&slip).len() as u64
}

fn sale() -> u64 {
    let card = read_card();
    if !work::is_sound(card.pan.as_bytes()) {
        return 0;
    }
    let request = black_box(begin(&card));
    finish(&card, &request, &reply())
}

fn round(row: &str) -> Option<Round> {
    let codes: Vec<String> = work::CODES.iter().map(|code| code.to_string()).collect();
    Some(match row {
        "fib" => Box::new(|| fib(black_box(30))),
        "loop" => Box::new(|| turns(black_box(1_000_000))),
        "strings" => Box::new(|| join(black_box(0))),
        "table64" => {
            let weights: HashMap<String, u64> =
                codes.iter().enumerate().map(|(at, code)| (code.clone(), work::weight(at))).collect();
            Box::new(move || {
                let round = |_| -> u64 { codes.iter().map(|code| weights[black_box(code.as_str())]).sum() };
                (0..100).map(round).sum()
            })
        }
        "match64" => Box::new(move || {
            let round = |_| -> u64 { codes.iter().map(|code| weight_of(black_box(code))).sum() };
            (0..100).map(round).sum()
        }),
        "luhn" => {
            let pans: Vec<String> = work::pans().collect();
            Box::new(move || pans.iter().filter(|pan| work::is_sound(black_box(pan.as_bytes()))).count() as u64)
        }
        "sale" | "sale_luhn" => Box::new(|| (0..work::SALES).map(|_| sale()).sum()),
        _ => return None,
    })
}

struct Waiting(Vec<(Card, Message)>);

impl Holder for Waiting {
    fn hold(&mut self, count: usize) {
        self.0 = Vec::with_capacity(count);
        for _ in 0..count {
            let card = read_card();
            if work::is_sound(card.pan.as_bytes()) {
                let request = black_box(begin(&card));
                self.0.push((card, request));
            }
        }
    }

    fn release(&mut self) -> u64 {
        self.0.drain(..).map(|(card, request)| finish(&card, &request, &reply())).sum()
    }
}

fn holder() -> Box<dyn Holder> {
    Box::new(Waiting(Vec::new()))
}

/// A request written into one buffer, its fields in order; the card is borrowed and the buffer used again.
fn packed_begin(out: &mut Vec<u8>) -> bool {
    let card = black_box(&work::CARD);
    if !work::is_sound(card[0].as_bytes()) {
        return false;
    }
    out.clear();
    for part in [
        card[0],
        "000000",
        "000000010000",
        STAN,
        card[2],
        "052",
        card[4],
        "00",
        card[1],
        SHOP[2].1,
        SHOP[1].1,
        "156",
        card[5],
        "TILL",
        "lane 4",
        "22",
        SHOP[4].1,
        "000",
        SHOP[3].1,
    ] {
        out.extend_from_slice(part.as_bytes());
    }
    black_box(out);
    true
}

fn packed_finish(slip: &mut Vec<u8>) -> u64 {
    let card = black_box(&work::CARD);
    let reply = black_box(&REPLY);
    if work::category(reply[5].1) != "accept" {
        return 2_000;
    }
    slip.clear();
    for (label, value) in [
        ("MERCHANT NAME", SHOP[0].1),
        ("MERCHANT NO.", SHOP[1].1),
        ("TERMINAL NO.", SHOP[2].1),
        ("OPERATOR NO.", SHOP[3].1),
        ("CARD NO.", card[6]),
        ("VOUCHER NO.", reply[1].1),
        ("REFER NO.", reply[4].1),
        ("DATE", reply[3].1),
        ("TIME", reply[2].1),
    ] {
        slip.extend_from_slice(label.as_bytes());
        slip.extend_from_slice(value.as_bytes());
        slip.push(b'\n');
    }
    slip.extend_from_slice(b"AMOUNT");
    let minor: u32 = black_box(10_000);
    for divisor in [10_000, 1_000, 100] {
        slip.push(b'0' + (minor / divisor % 10) as u8);
    }
    slip.push(b'.');
    slip.push(b'0' + (minor / 10 % 10) as u8);
    slip.push(b'0' + (minor % 10) as u8);
    slip.extend_from_slice(b" CNY\n");
    1_000 + black_box(slip).len() as u64
}

fn packed_round(row: &str) -> Option<Round> {
    let (mut message, mut slip) = (Vec::with_capacity(512), Vec::with_capacity(512));
    matches!(row, "sale" | "sale_luhn").then(|| -> Round {
        Box::new(move || {
            let mut sale = || if packed_begin(&mut message) { packed_finish(&mut slip) } else { 0 };
            (0..work::SALES).map(|_| sale()).sum()
        })
    })
}

/// What a hand-made terminal server keeps of a sale that waits: who, how much, which trace number, since when.
struct PackedWaiting {
    waiting: Vec<[u64; 4]>,
    message: Vec<u8>,
    slip: Vec<u8>,
}

impl Holder for PackedWaiting {
    fn hold(&mut self, count: usize) {
        self.waiting = Vec::with_capacity(count);
        for at in 0..count as u64 {
            if packed_begin(&mut self.message) {
                self.waiting.push([at, 10_000, 17, 0]);
            }
        }
    }

    fn release(&mut self) -> u64 {
        let waiting = std::mem::take(&mut self.waiting);
        waiting
            .iter()
            .map(|state| {
                black_box(state);
                packed_finish(&mut self.slip)
            })
            .sum()
    }
}

fn packed_holder() -> Box<dyn Holder> {
    Box::new(PackedWaiting { waiting: Vec::new(), message: Vec::with_capacity(512), slip: Vec::with_capacity(512) })
}
