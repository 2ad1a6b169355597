//! Other numbers for card numbers: the same one each time, so that what belongs together still does.

use indexmap::IndexMap;
use serde_json::Value;

/// Digits in front of a mask, and behind it.
const SHOWN: (usize, usize) = (6, 4);

/// Masked card numbers that were met, and what stands for each.
#[derive(Clone, Debug, Default)]
pub struct Pseudonyms {
    known: IndexMap<String, String>,
}

impl Pseudonyms {
    /// How many card numbers were met.
    pub fn count(&self) -> usize {
        self.known.len()
    }

    /// A text with every masked card number, `629999******0017`, replaced by another of the same length, such as
    /// `000000******0001`.
    pub fn text(&mut self, text: &str) -> String {
        let characters: Vec<char> = text.chars().collect();
        let mut replaced = String::with_capacity(text.len());
        let mut at = 0;
        while at < characters.len() {
            match masked_length(&characters[at..]) {
                Some(length) => {
                    let masked: String = characters[at..at + length].iter().collect();
                    replaced.push_str(self.for_masked(&masked));
                    at += length;
                }
                None => {
                    replaced.push(characters[at]);
                    at += 1;
                }
            }
        }
        replaced
    }

    /// The same for every text of a value, keys of objects too.
    pub fn value(&mut self, value: &mut Value) {
        match value {
            Value::String(text) if text.contains('*') => *text = self.text(text),
            Value::Array(values) => values.iter_mut().for_each(|value| self.value(value)),
            Value::Object(members) => members.values_mut().for_each(|value| self.value(value)),
            _ => {}
        }
    }

    fn for_masked(&mut self, masked: &str) -> &str {
        let next = self.known.len() + 1;
        self.known.entry(masked.to_owned()).or_insert_with(|| {
            let stars = masked.chars().count() - SHOWN.0 - SHOWN.1;
            format!("{}{}{:04}", "0".repeat(SHOWN.0), "*".repeat(stars), next % 10_000)
        })
    }
}

/// How many characters a masked number has that begins here.
fn masked_length(characters: &[char]) -> Option<usize> {
    let digits = |from: usize, count: usize| {
        let part = characters.get(from..from + count)?;
        part.iter().all(char::is_ascii_digit).then_some(())
    };
    digits(0, SHOWN.0)?;
    let stars = characters[SHOWN.0..].iter().take_while(|character| **character == '*').count();
    if stars < 2 {
        return None;
    }
    digits(SHOWN.0 + stars, SHOWN.1)?;
    Some(SHOWN.0 + stars + SHOWN.1)
}
