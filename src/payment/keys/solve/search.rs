//! Goes through all choices with at most two mistakes among them.

use crate::payment::keys::solve::mistake::Mistake;
use subtle::ConstantTimeEq;

/// One thing that can be done in several ways; the first is as agreed.
pub(super) struct Choice<T> {
    ways: Vec<(Option<Mistake>, T)>,
}

impl<T> Choice<T> {
    /// A choice whose agreed way is this one.
    pub(super) fn agreed(way: T) -> Choice<T> {
        Choice { ways: vec![(None, way)] }
    }

    /// Adds a way that is a mistake.
    pub(super) fn or(&mut self, mistake: Mistake, way: T) {
        self.ways.push((Some(mistake), way));
    }

    /// Adds a way if there is one.
    pub(super) fn or_if(&mut self, mistake: Mistake, way: Option<T>) {
        self.ways.extend(way.map(|way| (Some(mistake), way)));
    }

    /// The way at a place.
    pub(super) fn way(&self, at: usize) -> Option<&T> {
        self.ways.get(at).map(|(_, way)| way)
    }

    /// The mistakes of its ways, the agreed one first.
    pub(super) fn mistakes(&self) -> Vec<Option<Mistake>> {
        self.ways.iter().map(|(mistake, _)| *mistake).collect()
    }
}

/// What the search came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Solved {
    /// The sets of mistakes that give the value: the smallest ones, at most four. An empty set: the value is as agreed.
    pub found: Vec<Vec<Mistake>>,
    /// Every mistake that was tried.
    pub tried: Vec<Mistake>,
    /// How many values were looked at.
    pub looked_at: usize,
}

/// More answers than these help nobody.
const FOUND_MOST: usize = 4;

/// Looks at every combination with none, one, then two mistakes. `gives` says whether a combination, one place for each
/// choice, gives the value that was observed.
pub(super) fn search(choices: &[Vec<Option<Mistake>>], mut gives: impl FnMut(&[usize]) -> bool) -> Solved {
    let tried = choices.iter().flatten().flatten().copied().collect();
    let mut solved = Solved { found: Vec::new(), tried, looked_at: 0 };
    let mut places = vec![0; choices.len()];
    let mut look = |places: &[usize], solved: &mut Solved| {
        solved.looked_at += 1;
        if solved.found.len() < FOUND_MOST && gives(places) {
            let mistakes = places.iter().zip(choices).filter_map(|(at, ways)| ways.get(*at).copied().flatten());
            solved.found.push(mistakes.collect());
        }
    };
    look(&places, &mut solved);
    if !solved.found.is_empty() {
        return solved;
    }
    for (one, ways) in choices.iter().enumerate() {
        for at in 1..ways.len() {
            set(&mut places, one, at);
            look(&places, &mut solved);
        }
        set(&mut places, one, 0);
    }
    if !solved.found.is_empty() {
        return solved;
    }
    for (one, ways) in choices.iter().enumerate() {
        for (other, others) in choices.iter().enumerate().skip(one + 1) {
            for at in 1..ways.len() {
                for and in 1..others.len() {
                    set(&mut places, one, at);
                    set(&mut places, other, and);
                    look(&places, &mut solved);
                }
            }
            set(&mut places, one, 0);
            set(&mut places, other, 0);
        }
    }
    solved
}

fn set(places: &mut [usize], which: usize, at: usize) {
    places.iter_mut().skip(which).take(1).for_each(|place| *place = at);
}

/// True if the value begins with what was observed; in constant time for one length.
pub(super) fn begins(value: &[u8], observed: &[u8]) -> bool {
    value.get(..observed.len()).is_some_and(|left| left.ct_eq(observed).into())
}
