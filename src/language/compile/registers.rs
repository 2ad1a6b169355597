//! Registers: each has one type for good; what is free again is taken again for a value of the same type.

use super::too_large::{Compiled, REGISTERS};
use crate::language::types::Type;

/// The registers of one function.
#[derive(Debug, Default)]
pub(super) struct Registers {
    types: Vec<Type>,
    used: Vec<bool>,
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
            if let Some(used) = self.used.get_mut(usize::from(register)) {
                *used = false;
            }
        }
    }

    /// Gives back a local.
    pub(super) fn free(&mut self, register: u8) {
        if let Some(used) = self.used.get_mut(usize::from(register)) {
            *used = false;
        }
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
        let fits = |first: usize| {
            types.iter().enumerate().all(|(at, ty)| match self.types.get(first + at) {
                Some(has) => self.used.get(first + at) == Some(&false) && has == ty,
                None => true,
            })
        };
        // Behind the last register everything fits, so a place is always found.
        let first = match types {
            [ty] => self.used.iter().zip(&self.types).position(|(used, has)| !used && has == ty),
            _ => (0..self.types.len()).find(|first| fits(*first)),
        };
        let first = first.unwrap_or(self.types.len());
        if first + types.len() > MOST {
            return Err(REGISTERS);
        }
        for (at, ty) in types.iter().enumerate() {
            match self.used.get_mut(first + at) {
                Some(used) => *used = true,
                None => {
                    self.types.push(ty.clone());
                    self.used.push(true);
                }
            }
        }
        Ok(first as u8)
    }
}
