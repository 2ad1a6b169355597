//! Bytes read in order, each step knowing where it stands.

use crate::payment::iso8583::unpack_error::{Layer, UnpackError, UnpackProblem};

/// What is being read: layer and field, for the error.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) layer: Layer,
    pub(super) field: Option<u8>,
}

impl Place {
    pub(super) fn of(layer: Layer) -> Place {
        Place { layer, field: None }
    }

    pub(super) fn field(number: u8) -> Place {
        Place { layer: Layer::Field, field: Some(number) }
    }

    /// An error about `needed` bytes at `offset`, where `available` are there.
    pub(super) fn error(self, problem: UnpackProblem, offset: usize, needed: usize, available: usize) -> UnpackError {
        UnpackError { layer: self.layer, field: self.field, offset, needed, available, problem }
    }
}

/// A slice and how much of it has been read. It never copies, so a length that was announced allocates nothing.
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Reader<'a> {
        Reader { bytes, offset: 0 }
    }

    /// How many bytes have been read.
    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    /// The next bytes, all of them or an error.
    pub(super) fn take(&mut self, needed: usize, place: Place) -> Result<&'a [u8], UnpackError> {
        let rest = self.rest();
        let taken =
            rest.get(..needed).ok_or_else(|| place.error(UnpackProblem::Truncated, self.offset, needed, rest.len()))?;
        self.offset += needed;
        Ok(taken)
    }

    /// What has not been read yet.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.offset..).unwrap_or(&[])
    }

    /// An error if bytes are left.
    pub(super) fn end(&self, place: Place) -> Result<(), UnpackError> {
        match self.rest().len() {
            0 => Ok(()),
            left => Err(place.error(UnpackProblem::Trailing, self.offset, 0, left)),
        }
    }
}
