//! Which faults there are for a flow: each fault of a message at each of its messages, each fault of a device, each
//! operation of the disk.

use crate::world::crash::disk::Trouble;
use crate::world::fault::{self, Fault, FaultRow};

/// What goes wrong in one run, besides the power.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Plan {
    /// Faults by name, as `--fault` takes them.
    pub faults: Vec<String>,
    /// The operation of the disk at which something goes wrong, counted from 0.
    pub disk: Option<(u32, Trouble)>,
    /// The journal begins a new segment at every pause, not only at a long one.
    pub turns: bool,
}

impl Plan {
    /// One fault.
    pub fn fault(name: String) -> Plan {
        Plan { faults: vec![name], ..Plan::default() }
    }

    /// The fault without its value, for counting.
    pub fn kind(&self) -> String {
        match (self.faults.first(), self.disk) {
            (Some(name), _) => kind(name).to_owned(),
            (None, Some((_, trouble))) => trouble_word(trouble).to_owned(),
            (None, None) if self.turns => SEGMENT_CHANGE.to_owned(),
            (None, None) => "none".to_owned(),
        }
    }

    /// All of it, for people.
    pub fn shown(&self) -> String {
        match (self.faults.is_empty(), self.disk) {
            (false, _) => self.faults.join(" + "),
            (true, Some((at, trouble))) => format!("{}@{}", trouble_word(trouble), at + 1),
            (true, None) if self.turns => SEGMENT_CHANGE.to_owned(),
            (true, None) => "none".to_owned(),
        }
    }

    /// How much it asks of a reader.
    pub fn weight(&self) -> usize {
        self.faults.len() + usize::from(self.disk.is_some()) + usize::from(self.turns)
    }
}

/// What a plan is called whose journal changes segments at every pause.
pub const SEGMENT_CHANGE: &str = "segment-change";

/// A fault's name without its value.
pub fn kind(name: &str) -> &str {
    name.split_once(':').map_or(name, |(kind, _)| kind)
}

/// What goes wrong with a disk, in a word.
pub fn trouble_word(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Full => "disk-full",
        Trouble::Failed => "disk-error",
        Trouble::ReadOnly => "disk-read-only",
    }
}

/// Which faults are tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Only power cuts.
    None,
    /// All there are.
    All,
    /// These: kinds, or whole faults.
    Named(Vec<String>),
}

/// The words for faults of the disk that a choice may name besides the rows.
pub const DISK: [(&str, Trouble); 3] =
    [("disk-full", Trouble::Full), ("disk-error", Trouble::Failed), ("disk-read-only", Trouble::ReadOnly)];

/// What the engine does by itself, what only sets others off, and what would keep every flow from beginning.
const NOT_TRIED: [&str; 2] = ["power-cut", "any-message"];

/// Response codes that are tried: an ordinary no, and each that a flow or a reversal may treat in its own way.
const CODES: [&str; 12] = ["05", "12", "25", "40", "41", "51", "77", "91", "94", "96", "A0", "Z9"];

impl Choice {
    /// A word that names no fault, if there is one.
    pub fn unknown(&self) -> Option<&str> {
        let Choice::Named(names) = self else { return None };
        let known = |name: &str| {
            fault::ROWS.iter().any(|row| row.name == name && !NOT_TRIED.contains(&name))
                || DISK.iter().any(|(word, _)| *word == name)
                || fault::parse(name).is_ok() && !NOT_TRIED.contains(&kind(name))
        };
        names.iter().find(|name| !known(name)).map(String::as_str)
    }

    fn takes(&self, word: &str) -> bool {
        match self {
            Choice::None => false,
            Choice::All => true,
            Choice::Named(names) => names.iter().any(|name| name == word),
        }
    }

    /// Every fault of messages for the so-many-th one.
    pub fn of_message(&self, nth: u32) -> Vec<String> {
        let rows = fault::ROWS.iter().filter(|row| self.takes(row.name) && !NOT_TRIED.contains(&row.name));
        let mut names: Vec<String> = rows.flat_map(|row| at_message(row, nth)).collect();
        // A whole fault that was named stays as it is, but for the message that it hits.
        if let (Choice::Named(named), 1) = (self, nth) {
            names.extend(named.iter().filter(|name| name.contains(':')).cloned());
        }
        names
    }

    /// Every fault of devices, line and host that is there from the beginning.
    pub fn standing(&self) -> Vec<String> {
        let rows = fault::ROWS.iter().filter(|row| self.takes(row.name) && !NOT_TRIED.contains(&row.name));
        rows.filter(|row| at_message(row, 1).is_empty()).flat_map(standing).collect()
    }

    /// Every fault of the disk.
    pub fn of_disk(&self) -> Vec<Trouble> {
        DISK.iter().filter(|(word, _)| self.takes(word)).map(|(_, trouble)| *trouble).collect()
    }
}

/// The forms of a row that hit one message; empty for a row that is about none.
fn at_message(row: &FaultRow, nth: u32) -> Vec<String> {
    let is_at = |value: &str| matches!((row.make)(value), Some(Fault::At(_)));
    let plain = format!("#{nth}");
    if is_at(&plain) {
        return vec![format!("{}:{plain}", row.name)];
    }
    let mut values: Vec<String> = row.value.split('|').map(|word| format!("{word}@#{nth}")).collect();
    values.push(format!("@#{nth}"));
    values.extend(CODES.iter().map(|code| format!("{code}@#{nth}")));
    values.retain(|value| is_at(value));
    // A row that takes any of these takes seconds, or codes.
    if values.first().is_some_and(|value| value.starts_with('@')) {
        values.truncate(1);
    }
    values.into_iter().map(|value| format!("{}:{value}", row.name)).collect()
}

/// The forms of a row that stands from the beginning.
fn standing(row: &FaultRow) -> Vec<String> {
    let words: Vec<&str> = row.value.split('|').filter(|word| (row.make)(word).is_some() && !word.is_empty()).collect();
    if row.value.contains('|') && !words.is_empty() {
        return words.into_iter().map(|word| format!("{}:{word}", row.name)).collect();
    }
    if row.value == "NN" {
        return CODES
            .iter()
            .filter(|code| (row.make)(code).is_some())
            .map(|code| format!("{}:{code}", row.name))
            .collect();
    }
    if (row.make)("").is_some() { vec![row.name.to_owned()] } else { Vec::new() }
}
