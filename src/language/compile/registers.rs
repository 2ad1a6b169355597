//! Registers: each has one type for good; what is free again is taken again for a value of the same type.

use super::too_large::{Compiled, REGISTERS};
use crate::language::types::Type;

/// The registers of one function.
#[derive(Debug, Default)]
pub(super) struct Registers {
    types: Vec<Type>,
    /// Which of them are free: a bit each.
    free: [u64; 4],
    /// Temporaries in use, in the order they were taken.
    temporaries: Vec<u8>,
}

/// How many a function can have.
const MOST: usize = 255;

impl Registers {
    /// A register that stays taken until `free`.
    pub(super) fn local(&mut self, ty: &Type) -> Compiled<u8> {
        self.take(std::slice::from_ref(ty))
    }

    /// A register that is given back with the next `release`.
    pub(super) fn temporary(&mut self, ty: &Type) -> Compiled<u8> {
        self.row(std::slice::from_ref(ty))
    }

    /// Consecutive temporaries of these types; the first of them.
    pub(super) fn row(&mut self, types: &[Type]) -> Compiled<u8> {
        let first = self.take(types)?;
        for at in 0..types.len() {
            // INVARIANT: `take` gave only registers below `MOST`.
            self.temporaries.push(first + at as u8);
        }
        Ok(first)
    }

    /// Where `release` goes back to.
    pub(super) fn mark(&self) -> usize {
        self.temporaries.len()
    }

    /// Gives back every temporary taken since the mark.
    pub(super) fn release(&mut self, mark: usize) {
        for register in self.temporaries.drain(mark.min(self.temporaries.len())..) {
            set(&mut self.free, usize::from(register), true);
        }
    }

    /// Gives back a local.
    pub(super) fn free(&mut self, register: u8) {
        set(&mut self.free, usize::from(register), true);
    }

    /// The type of a register.
    pub(super) fn ty(&self, register: u8) -> Type {
        self.types.get(usize::from(register)).cloned().unwrap_or(Type::Unknown)
    }

    /// The types of all, for the program.
    pub(super) fn into_types(self) -> Vec<Type> {
        self.types
    }

    fn take(&mut self, types: &[Type]) -> Compiled<u8> {
        // Of a row every register is free; its types are looked at then.
        let fits =
            |first: usize| types.iter().zip(self.types.get(first..).unwrap_or_default()).all(|(ty, has)| has == ty);
        // Behind the last register everything fits, so a place is always found.
        let first = match types {
            [] => Some(0),
            [ty] => ones(self.free).find(|at| self.types.get(*at) == Some(ty)),
            // A row may begin among those that are free and go on behind the last.
            _ => ones(self.rows(types.len())).find(|first| fits(*first)),
        };
        let first = first.unwrap_or(self.types.len());
        if first + types.len() > MOST {
            return Err(REGISTERS);
        }
        for (at, ty) in types.iter().enumerate() {
            match self.types.get(first + at) {
                Some(_) => set(&mut self.free, first + at, false),
                None => self.types.push(ty.clone()),
            }
        }
        Ok(first as u8)
    }

    /// The free registers where so many free ones begin; behind the last register all are.
    fn rows(&self, length: usize) -> [u64; 4] {
        let mut open = self.free;
        for (place, word) in open.iter_mut().enumerate() {
            let taken = self.types.len().saturating_sub(place * 64);
            *word |= u64::MAX.checked_shl(taken as u32).unwrap_or(0);
        }
        let mut rows = self.free;
        for _ in 1..length {
            let [a, b, c, d] = open;
            open = [a >> 1 | b << 63, b >> 1 | c << 63, c >> 1 | d << 63, d >> 1 | 1 << 63];
            rows.iter_mut().zip(open).for_each(|(row, open)| *row &= open);
        }
        rows
    }
}

fn set(bits: &mut [u64; 4], at: usize, to: bool) {
    if let Some(word) = bits.get_mut(at / 64) {
        let bit = 1 << (at % 64);
        if to { *word |= bit } else { *word &= !bit }
    }
}

/// The places of the bits that are set, in their order.
fn ones(bits: [u64; 4]) -> impl Iterator<Item = usize> {
    bits.into_iter().enumerate().flat_map(|(place, word)| {
        let mut rest = word;
        std::iter::from_fn(move || {
            let at = (rest != 0).then(|| rest.trailing_zeros())?;
            rest &= rest - 1;
            Some(place * 64 + at as usize)
        })
    })
}
