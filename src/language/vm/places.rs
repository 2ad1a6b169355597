//! Where the fields of the reply that came in last lie: noted as it comes in, because a script reads several of them.
//!
//! It is no part of the run. Nothing of it is written down or packed, and where it says nothing, a field is found by
//! counting bits, which also sees whether the message counts its fields right. So the short way leads only into messages
//! that this machine laid down itself, never into one that was read back.

use super::message::{FIXED, Holding};

/// Fields up to this number are noted.
const NOTED: usize = 64;

/// Where the fields of one message lie.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// The slot of the message; 0: none.
    message: u64,
    /// For each field, the first first: what it holds, times 256, and its place among the values, plus one; 0: not there.
    fields: [u16; NOTED],
}

impl Default for Places {
    fn default() -> Places {
        Places { message: 0, fields: [0; NOTED] }
    }
}

/// Two runs are as equal without it.
impl PartialEq for Places {
    fn eq(&self, _: &Places) -> bool {
        true
    }
}

impl Eq for Places {}

impl Places {
    /// Forgets the message.
    pub(super) fn clear(&mut self) {
        self.message = 0;
    }

    /// Begins with the next message, of which nothing is known yet.
    pub(super) fn begin(&mut self) {
        *self = Places::default();
    }

    /// Notes a field, and how many are there before it.
    #[inline]
    pub(super) fn note(&mut self, number: u8, holding: Holding, before: usize) {
        if let Some(field) = self.fields.get_mut(usize::from(number).wrapping_sub(1)) {
            *field = (holding as u16) << 8 | (before as u16 + 1);
        }
    }

    /// The message was laid down, with all that was noted.
    pub(super) fn end(&mut self, message: u64) {
        self.message = message;
    }

    /// The number of what a field holds, and its slot; 0 and 0 if it is not there. `None` where nothing is known.
    #[inline]
    pub(super) fn find(&self, cells: &[u64], message: u64, number: u8) -> Option<(u64, u64)> {
        if message != self.message || message == 0 {
            return None;
        }
        let field = *self.fields.get(usize::from(number).wrapping_sub(1))?;
        if field == 0 {
            return Some((0, 0));
        }
        let at = message as usize + FIXED - 1 + usize::from(field & 0xFF);
        Some((u64::from(field >> 8), *cells.get(at)?))
    }
}
