//! Errors of a run: code, facts, where they were raised, what brought them about.

use super::heap::Heap;
use crate::script_error::source::Place;
use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// One fact of an error, as words in both languages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Its name.
    pub name: SmolStr,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A function that was running.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrameView {
    /// Index of the function.
    pub function: u16,
    /// Its name.
    pub name: SmolStr,
    /// Index of the instruction.
    pub pc: u32,
    /// The last `step "…"` it passed.
    pub step: Option<String>,
    /// Where in the source, unless the program is stripped.
    pub place: Option<Place>,
    /// Names and values, masked and shortened.
    pub shown: Vec<(SmolStr, String)>,
}

/// An error that was built or raised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// `T5101` or `E4102`.
    pub code: SmolStr,
    /// In the order of the error's row.
    pub facts: Vec<Fact>,
    /// Where it was raised, innermost first; empty as long as it was only built.
    pub frames: Vec<FrameView>,
    /// The error that was being handled when this one was raised.
    pub cause: Option<ErrorId>,
    /// May a script handle it?
    pub can_be_handled: bool,
}

/// Number of an error of a run, from 1, as slots hold it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorId(pub u32);

/// The errors of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failures {
    all: Vec<Failure>,
    /// How many at the front have lost their facts and frames.
    forgotten: u32,
}

impl Failures {
    /// The error a slot names.
    pub fn get(&self, id: ErrorId) -> Option<&Failure> {
        self.all.get((id.0 as usize).checked_sub(1)?)
    }

    /// The error with this slot.
    pub fn at_slot(&self, slot: u64) -> Option<(ErrorId, &Failure)> {
        let id = ErrorId(u32::try_from(slot).ok()?);
        Some((id, self.get(id)?))
    }

    /// Keeps an error. The same error twice is one, so that a retry does not fill the memory; past `kept` of them the
    /// oldest lose all but their codes.
    pub fn keep(&mut self, heap: &mut Heap, kept: u16, failure: Failure) -> ErrorId {
        let forgotten = self.forgotten as usize;
        let remembered = self.all.get(forgotten..).unwrap_or_default();
        if let Some(at) = remembered.iter().rposition(|known| *known == failure) {
            return ErrorId((forgotten + at) as u32 + 1);
        }
        heap.count_elsewhere(size_of::<Failure>());
        self.all.push(failure);
        self.forget_oldest(kept);
        ErrorId(self.all.len() as u32)
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.all.clear();
        self.forgotten = 0;
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Gives back memory that is not needed.
    pub(super) fn shrink(&mut self) {
        self.all.shrink_to_fit();
    }

    /// Bytes they take, about.
    pub(super) fn bytes(&self) -> usize {
        let texts = |failure: &Failure| {
            failure
                .facts
                .iter()
                .map(|fact| size_of::<Fact>() + fact.zh.len() + fact.en.len())
                .chain(failure.frames.iter().map(|frame| {
                    size_of::<FrameView>()
                        + frame
                            .shown
                            .iter()
                            .map(|(_, value)| size_of::<(SmolStr, String)>() + value.len())
                            .sum::<usize>()
                }))
                .sum::<usize>()
        };
        self.all.capacity() * size_of::<Failure>() + self.all.iter().map(texts).sum::<usize>()
    }

    /// True if every error names only older causes.
    pub(super) fn is_sound(&self) -> bool {
        self.forgotten as usize <= self.all.len()
            && self.all.iter().zip(1..).all(|(failure, id)| failure.cause.is_none_or(|cause| cause.0 < id))
    }

    fn forget_oldest(&mut self, kept: u16) {
        while self.all.len() - self.forgotten as usize > usize::from(kept) {
            if let Some(oldest) = self.all.get_mut(self.forgotten as usize) {
                oldest.facts = Vec::new();
                oldest.frames = Vec::new();
                oldest.cause = None;
            }
            self.forgotten += 1;
        }
    }
}
