//! Fuzzes `stream` of `tests/all/fuzz_corpus/targets.rs`.
#![no_main]

#[allow(dead_code, reason = "each target uses one body")]
#[path = "../../tests/all/fuzz_corpus/targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| targets::stream(bytes));
