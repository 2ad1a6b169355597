//! One 0200 of 20 fields in ASCII, packed and unpacked by Till, by code written for that one message, and by other crates, taking turns.
//!
//! The others do less: `i8583` compares lengths and hands out slices; `iso8583-core` copies each field, fills it up or cuts it. Each reads what it
//! wrote (they write fields 52 and 64 as bytes, Till and the code by hand as hexadecimal text) and has to find the MAC in field 64.

#[path = "../../message/by_hand.rs"]
mod by_hand;
#[path = "../../message/fields.rs"]
mod fields;

use fields::FIELDS;
use i8583::{Packer, Unpacker, v1987};
use iso8583_core::field::FieldValue;
use iso8583_core::{Field, ISO8583Message, MessageType};
use std::hint::black_box;
use std::time::Instant;
use tillscript::payment::iso8583::codec::Codec;
use tillscript::payment::iso8583::dialect::{Dialect, Mti};
use tillscript::payment::iso8583::view::Offsets;
use tillscript::run::known_dialects::load;

/// The best of so many short runs: what else the machine does only ever adds.
const RUNS: usize = 2_000;
const TIMES: u32 = 100;

/// Does an operation once; gives the bytes written, or the length of the field asked for.
type Round<'a> = Box<dyn FnMut() -> u64 + 'a>;

struct Row<'a> {
    name: &'static str,
    what: &'static str,
    pack: Round<'a>,
    unpack: Round<'a>,
}

fn till<'a>(dialect: &'a Dialect, body: &'a [u8]) -> Row<'a> {
    let (writer, reader) = (Codec::new(dialect), Codec::new(dialect));
    let (mut out, mut offsets) = (Vec::with_capacity(512), Offsets::default());
    Row {
        name: "till",
        what: "each value checked against its field; views",
        pack: Box::new(move || {
            out.clear();
            writer.pack(Mti(200), black_box(&FIELDS).iter().copied(), &mut out).expect("it fits");
            out.len() as u64
        }),
        unpack: Box::new(move || {
            let view = reader.unpack(black_box(body), &mut offsets).expect("it can be read");
            view.raw(64).map_or(0, |mac| mac.len() as u64)
        }),
    }
}

fn by_hand(body: &[u8]) -> Row<'_> {
    let mut out = Vec::with_capacity(512);
    let mut spans = [(0_u32, 0_u32); 20];
    Row {
        name: "by hand",
        what: "the same checks, this message only",
        pack: Box::new(move || {
            out.clear();
            by_hand::pack(false, black_box(&FIELDS), &mut out);
            out.len() as u64
        }),
        unpack: Box::new(move || {
            by_hand::unpack(false, black_box(body), &mut spans).expect("it can be read");
            u64::from(spans[19].1 - spans[19].0)
        }),
    }
}

fn i8583_pack() -> Result<Vec<u8>, String> {
    let mut packer = Packer::new(&v1987::SPEC);
    packer.set_field(0, b"0200".as_slice().into())?;
    for (number, value) in black_box(&FIELDS) {
        packer.set_field(usize::from(*number), (*value).into())?;
    }
    Ok(packer.pack(Vec::with_capacity(512))?)
}

fn i8583(own: &[u8]) -> Row<'_> {
    Row {
        name: "i8583 0.1",
        what: "lengths checked; slices",
        pack: Box::new(|| i8583_pack().expect("it fits").len() as u64),
        unpack: Box::new(move || {
            let mut unpacker = Unpacker::new(black_box(own));
            let fields = unpacker.unpack(&v1987::SPEC).expect("it can be read");
            fields[64].map_or(0, |mac| mac.len() as u64)
        }),
    }
}

fn core_pack() -> Vec<u8> {
    let mut message = ISO8583Message::new(MessageType::FINANCIAL_REQUEST);
    for (number, value) in black_box(&FIELDS) {
        let field = Field::from_number(*number).expect("a field");
        let value = match number {
            52 | 64 => FieldValue::Binary(value.to_vec()),
            _ => FieldValue::String(String::from_utf8_lossy(value).into_owned()),
        };
        message.set_field(field, value).expect("it fits");
    }
    message.to_bytes()
}

fn iso8583_core(own: &[u8]) -> Row<'_> {
    Row {
        name: "iso8583-core 0.1",
        what: "fields copied, filled up or cut",
        pack: Box::new(|| core_pack().len() as u64),
        unpack: Box::new(move || {
            let message = ISO8583Message::from_bytes(black_box(own)).expect("it can be read");
            let mac = message.get_field(Field::from_number(64).expect("a field"));
            mac.map_or(0, |_| 8)
        }),
    }
}

fn main() {
    let dialect = load("iso1987").expect("the library has it").dialect;
    let mut body = Vec::new();
    Codec::new(&dialect).pack(Mti(200), FIELDS.iter().copied(), &mut body).expect("it fits");
    let (slices, copies) = (i8583_pack().expect("it fits"), core_pack());
    let mut rows = [till(&dialect, &body), by_hand(&body), i8583(&slices), iso8583_core(&copies)];
    let mut best = [[f64::MAX; 2]; 4];
    for row in &mut rows {
        assert_ne!((row.unpack)(), 0, "{} finds the MAC", row.name);
    }
    for _ in 0..RUNS {
        for (row, best) in rows.iter_mut().zip(&mut best) {
            for (round, best) in [&mut row.pack, &mut row.unpack].into_iter().zip(best) {
                let begun = Instant::now();
                for _ in 0..TIMES {
                    black_box(round());
                }
                *best = best.min(begun.elapsed().as_nanos() as f64 / f64::from(TIMES));
            }
        }
    }
    println!("| who | pack | × Till | unpack | × Till | what it does |\n|---|---:|---:|---:|---:|---|");
    let [pack, unpack] = best[0];
    for (row, best) in rows.iter().zip(best) {
        println!(
            "| {} | {:.0} ns | {:.2} | {:.0} ns | {:.2} | {} |",
            row.name,
            best[0],
            best[0] / pack,
            best[1],
            best[1] / unpack,
            row.what
        );
    }
}
