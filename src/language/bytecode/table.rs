//! Tables that postcard writes and reads; how many rows a table says it has is not believed.

use super::file_error::FileError;
use super::wire::Read;
use postcard::de_flavors::Flavor;
use postcard::{Deserializer, Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A row that takes a hundred bytes of memory has about so many in the file: room is made at once for no more rows.
const BYTES_OF_A_ROW: usize = 32;

/// A table that postcard writes.
pub(super) fn write<T: Serialize>(table: &T) -> Vec<u8> {
    // INVARIANT: postcard into a growing vector fails only for values our tables do not have (sequences of unknown length).
    postcard::to_stdvec(table).unwrap_or_default()
}

/// A table that postcard reads; nothing may be left over.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Read<T> {
    let mut from = Deserializer::from_flavor(Doubting { rest: bytes });
    let table = T::deserialize(&mut from).ok();
    match (table, from.finalize()) {
        (Some(table), Ok([])) => Ok(table),
        _ => Err(FileError::damaged("表格读不出来", "a table cannot be read")),
    }
}

/// Bytes of a table.
struct Doubting<'b> {
    rest: &'b [u8],
}

impl<'b> Flavor<'b> for Doubting<'b> {
    type Remainder = &'b [u8];
    type Source = &'b [u8];

    fn pop(&mut self) -> Result<u8> {
        let (first, rest) = self.rest.split_first().ok_or(Error::DeserializeUnexpectedEnd)?;
        self.rest = rest;
        Ok(*first)
    }

    /// As many rows as the rest may hold: postcard makes no room at once for a list that says it is longer.
    fn size_hint(&self) -> Option<usize> {
        Some(self.rest.len() / BYTES_OF_A_ROW)
    }

    fn try_take_n(&mut self, count: usize) -> Result<&'b [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or(Error::DeserializeUnexpectedEnd)?;
        self.rest = rest;
        Ok(taken)
    }

    fn finalize(self) -> Result<&'b [u8]> {
        Ok(self.rest)
    }
}
