//! The simulated log: a second net under the checker's.

use crate::payment::card::masked_digits;
use crate::world::port::log::Log;
use crate::world::stage::SharedStage;

/// A log in memory.
pub struct SimulatedLog(pub SharedStage);

impl Log for SimulatedLog {
    fn info(&mut self, text: &str) {
        self.0.borrow_mut().log.push(masked(text));
    }
}

/// The text with every run of 13 digits and more masked. A space or a hyphen behind four digits does not end a run:
/// people write card numbers in groups of four.
pub fn masked(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    let (mut run, mut group) = (String::new(), 0);
    for character in text.chars() {
        if character.is_ascii_digit() {
            run.push(character);
            group += 1;
        } else if matches!(character, ' ' | '-') && group == 4 {
            run.push(character);
            group = 0;
        } else {
            close(&mut run, &mut safe);
            group = 0;
            safe.push(character);
        }
    }
    close(&mut run, &mut safe);
    safe
}

fn close(run: &mut String, safe: &mut String) {
    let (body, tail) = run.split_at(run.trim_end_matches([' ', '-']).len());
    let digits: Vec<u8> = body.bytes().filter(u8::is_ascii_digit).collect();
    if digits.len() >= 13 {
        safe.push_str(&masked_digits(&digits));
    } else {
        safe.push_str(body);
    }
    safe.push_str(tail);
    run.clear();
}
