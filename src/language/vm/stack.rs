//! The registers of all functions that are running, one function behind the other.

use super::frame::Frame;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Registers a function can name: a window is as wide as an operand can point.
pub(super) const WINDOW: usize = 256;

/// The registers of the innermost frame, one for each number an operand can name.
pub(super) type Window = [u64; WINDOW];

/// Registers. Behind those in use stand some that are nobody's, so that a whole window lies behind every base.
#[derive(Clone, Debug, Default)]
pub(super) struct Stack {
    slots: Vec<u64>,
    /// How many are in use; right whenever the run stands still.
    used: usize,
}

impl Stack {
    /// Those in use.
    pub(super) fn used(&self) -> &[u64] {
        self.slots.get(..self.used).unwrap_or(&self.slots)
    }

    /// All: those in use first.
    pub(super) fn all(&self) -> &[u64] {
        &self.slots
    }

    /// Says that so many are in use.
    pub(super) fn use_first(&mut self, count: usize) {
        self.used = count;
    }

    /// The first registers: these, and so many zeros.
    pub(super) fn begin(&mut self, registers: usize) {
        if self.slots.len() < WINDOW.max(registers) {
            self.slots.resize(WINDOW.max(registers), 0);
        }
        if let Some(first) = self.slots.get_mut(..registers) {
            first.fill(0);
        }
        self.used = registers;
    }

    /// The window that begins at a base.
    #[inline]
    pub(super) fn window(&mut self, base: u32) -> Option<&mut Window> {
        let base = base as usize;
        if self.slots.len() < base + WINDOW {
            self.grow(base);
        }
        self.slots.get_mut(base..base + WINDOW)?.try_into().ok()
    }

    /// The window of a call, at a base: the arguments copied, the other registers empty, so that nothing of an earlier
    /// call is seen.
    #[inline]
    pub(super) fn open(&mut self, from: usize, arguments: u8, base: usize, registers: u8) -> Option<&mut Window> {
        if self.slots.len() < base + WINDOW {
            self.grow(base);
        }
        let (callers, own) = self.slots.split_at_mut_checked(base)?;
        let window: &mut Window = own.first_chunk_mut()?;
        // The first eight at once: they are all there are of most functions, and those behind are nobody's.
        let (first, more) = window.split_first_chunk_mut::<8>()?;
        *first = [0; 8];
        if registers > 8 {
            more.get_mut(..usize::from(registers) - 8)?.fill(0);
        }
        match (arguments, callers.get(from..)?) {
            // One is shorter than a call of `memcpy`.
            (1, [argument, ..]) => window[0] = *argument,
            (_, callers) => {
                let arguments = callers.get(..usize::from(arguments))?;
                window.get_mut(..arguments.len())?.copy_from_slice(arguments);
            }
        }
        Some(window)
    }

    #[inline(never)]
    fn grow(&mut self, base: usize) {
        self.slots.resize(base + WINDOW, 0);
    }

    /// Writes a register of the innermost frame.
    #[inline]
    pub(super) fn set(&mut self, frame: Option<&Frame>, register: u8, value: u64) {
        let base = frame.map_or(0, |frame| frame.base as usize);
        if let Some(slot) = self.slots.get_mut(base + usize::from(register)) {
            *slot = value;
        }
    }

    /// Reads a register of the innermost frame.
    #[inline]
    pub(super) fn register(&self, frame: Option<&Frame>, register: u8) -> u64 {
        let base = frame.map_or(0, |frame| frame.base as usize);
        self.slots.get(base + usize::from(register)).copied().unwrap_or(0)
    }

    /// So many registers from a base on.
    pub(super) fn part(&mut self, base: u32, count: usize) -> Option<&mut [u64]> {
        let base = base as usize;
        self.slots.get_mut(base..base.checked_add(count)?)
    }

    /// Gives back what is not in use.
    pub(super) fn shrink(&mut self) {
        self.slots.truncate(self.used);
        self.slots.shrink_to_fit();
    }

    /// Bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        self.slots.capacity() * size_of::<u64>()
    }
}

impl PartialEq for Stack {
    fn eq(&self, other: &Stack) -> bool {
        self.used() == other.used()
    }
}

impl Serialize for Stack {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.used().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Stack {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Stack, D::Error> {
        let slots = Vec::deserialize(deserializer)?;
        Ok(Stack { used: slots.len(), slots })
    }
}
