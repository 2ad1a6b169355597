//! Card data of one session: a run holds numbers, the vault holds what they stand for.

use std::fmt;
use zeroize::Zeroizing;

/// What a sealed value of a run stands for. Erased from memory when the session ends.
#[derive(Default)]
pub struct Vault {
    held: Vec<Zeroizing<Vec<u8>>>,
}

impl Vault {
    /// Takes characters or bytes as they will be packed, and gives the number a run may hold.
    pub fn seal(&mut self, clear: &[u8]) -> u32 {
        self.held.push(Zeroizing::new(clear.to_vec()));
        self.held.len() as u32
    }

    /// What a number stands for; `None` for a number of another session.
    pub fn open(&self, number: u32) -> Option<&[u8]> {
        self.held.get((number as usize).checked_sub(1)?).map(|value| value.as_slice())
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<vault of {}>", self.held.len())
    }
}
