//! What the last answer of the host may be, as far as a path has looked at it.

use crate::language::builtin::shapes::outcome;
use crate::language::check::checked::PatternMeaning;
use crate::language::check::declarations::Declarations;
use crate::payment::iso8583::response::{Category, ResponseCode};
use crate::script_error::source::Span;
use std::collections::BTreeSet;

/// A kind of answer, as far as sending again is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Approved.
    Yes,
    /// The card is to be kept.
    Capture,
    /// Declined, or somebody has to be called.
    No,
    /// The PIN was wrong.
    WrongPin,
    /// Worth another try.
    Later,
}

/// Every kind.
const KINDS: [Kind; 5] = [Kind::Yes, Kind::Capture, Kind::No, Kind::WrongPin, Kind::Later];

/// The name every table gives to the code for a wrong PIN.
const WRONG_PIN: &str = "wrong_pin";

/// What the last answer may be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    /// What asked for it.
    pub(super) sent: Span,
    /// What it may be, and the place that told so; none where it was not looked at.
    pub(super) kinds: Kinds,
}

/// Kinds of answers, each with the place that told so. Every path at every branch has some, so they lie in place.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Kinds([Option<Option<Span>>; KINDS.len()]);

impl Kinds {
    /// A kind that is among them, with the place that told so.
    pub(super) fn get(&self, kind: Kind) -> Option<Option<Span>> {
        self.0.get(kind as usize).copied().flatten()
    }

    /// Takes a kind out.
    pub(super) fn remove(&mut self, kind: Kind) {
        if let Some(place) = self.0.get_mut(kind as usize) {
            *place = None;
        }
    }

    /// Adds a kind, or its place where none is known yet.
    fn add(&mut self, kind: Kind, told: Option<Span>) {
        if let Some(place) = self.0.get_mut(kind as usize) {
            *place = Some(place.flatten().or(told));
        }
    }

    /// Forgets who told.
    pub(super) fn untold(&mut self) {
        self.0.iter_mut().flatten().for_each(|told| *told = None);
    }
}

impl Answer {
    /// One that nobody looked at.
    pub(super) fn new(sent: Span) -> Answer {
        Answer { sent, kinds: Kinds([Some(None); KINDS.len()]) }
    }

    /// Only these kinds are left, as told at a place.
    pub(super) fn only(&self, kinds: &BTreeSet<Kind>, told: Span) -> Answer {
        let mut left = Kinds::default();
        let among = KINDS.into_iter().filter(|kind| self.kinds.get(*kind).is_some() && kinds.contains(kind));
        among.for_each(|kind| left.add(kind, Some(told)));
        Answer { sent: self.sent, kinds: left }
    }

    /// Takes in what it may be on another path.
    pub(super) fn join(&mut self, other: &Answer) {
        for kind in KINDS {
            if let Some(told) = other.kinds.get(kind) {
                self.kinds.add(kind, told);
            }
        }
    }
}

/// The kind of a code.
pub(super) fn kind(all: &Declarations<'_>, code: ResponseCode) -> Kind {
    match all.codes.row(code) {
        Some(row) if row.name == WRONG_PIN => Kind::WrongPin,
        _ => of_category(all.codes.category(code)),
    }
}

fn of_category(category: Category) -> Kind {
    match category {
        Category::Accept => Kind::Yes,
        Category::Capture => Kind::Capture,
        Category::Decline | Category::Refer => Kind::No,
        Category::Rekey | Category::Retry => Kind::Later,
    }
}

/// The kinds that a pattern takes of those that are left, which become fewer.
pub(super) fn take(all: &Declarations<'_>, left: &mut Left, pattern: &PatternMeaning) -> BTreeSet<Kind> {
    let taken: BTreeSet<Kind> = match pattern {
        PatternMeaning::Category(category) => {
            left.categories.retain(|other| other != category);
            let mut taken = BTreeSet::from([of_category(*category)]);
            let wrong_pin = all.codes.named(WRONG_PIN);
            if left.wrong_pin && wrong_pin.is_some_and(|row| row.category == *category) {
                left.wrong_pin = false;
                taken.insert(Kind::WrongPin);
            }
            taken
        }
        PatternMeaning::Code(code) => {
            let kind = kind(all, *code);
            left.wrong_pin &= kind != Kind::WrongPin;
            BTreeSet::from([kind])
        }
        PatternMeaning::Other(_) => left.kinds(),
        _ => KINDS.into_iter().collect(),
    };
    taken
}

/// The kinds an outcome of a flow stands for.
pub(super) fn of_outcome(tag: u8) -> BTreeSet<Kind> {
    match tag {
        outcome::APPROVED => BTreeSet::from([Kind::Yes]),
        outcome::DECLINED => BTreeSet::from([Kind::Capture, Kind::No, Kind::WrongPin, Kind::Later]),
        _ => BTreeSet::new(),
    }
}

/// What the arms so far have left.
pub(super) struct Left {
    categories: Vec<Category>,
    wrong_pin: bool,
}

impl Left {
    /// Everything.
    pub(super) fn all() -> Left {
        Left { categories: Category::ALL.to_vec(), wrong_pin: true }
    }

    fn kinds(&self) -> BTreeSet<Kind> {
        let mut kinds: BTreeSet<Kind> = self.categories.iter().copied().map(of_category).collect();
        if self.wrong_pin {
            kinds.insert(Kind::WrongPin);
        }
        kinds
    }
}

/// The kinds of codes that are among these, and of those that are not.
pub(super) fn among(all: &Declarations<'_>, codes: &[ResponseCode]) -> (BTreeSet<Kind>, BTreeSet<Kind>) {
    let inside: BTreeSet<Kind> = codes.iter().map(|code| kind(all, *code)).collect();
    let mut outside: BTreeSet<Kind> =
        all.codes.rows.iter().filter(|row| !codes.contains(&row.code)).map(|row| kind(all, row.code)).collect();
    // Codes that no table names are declines.
    outside.insert(Kind::No);
    (inside, outside)
}
