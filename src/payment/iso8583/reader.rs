//! Bytes read in order, each step knowing where it stands.

use crate::payment::iso8583::decode_error::{DecodeError, DecodeProblem, Layer, PartKey};

/// What is being read: layer, field and part, for the error.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub(super) layer: Layer,
    pub(super) field: Option<u8>,
    pub(super) part: Option<PartKey>,
}

impl Place {
    pub(super) fn of(layer: Layer) -> Place {
        Place { layer, field: None, part: None }
    }

    pub(super) fn field(number: u8) -> Place {
        Place { layer: Layer::Field, field: Some(number), part: None }
    }

    /// A part of this field.
    pub(super) fn part(self, key: PartKey) -> Place {
        Place { layer: Layer::Part, part: Some(key), ..self }
    }

    /// An error about `needed` bytes at `offset`, where `available` are there.
    #[cold]
    pub(super) fn error(self, problem: DecodeProblem, offset: usize, needed: usize, available: usize) -> DecodeError {
        let Place { layer, field, part } = self;
        DecodeError { layer, field, part, inner: None, offset, needed, available, problem, suspect: None }
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

    /// Goes on at this byte.
    pub(super) fn at(bytes: &'a [u8], offset: usize) -> Reader<'a> {
        Reader { bytes, offset }
    }

    /// How many bytes have been read.
    #[inline]
    pub(super) fn offset(&self) -> usize {
        self.offset
    }

    /// The next bytes, all of them or an error.
    #[inline]
    pub(super) fn take(&mut self, needed: usize, place: Place) -> Result<&'a [u8], DecodeError> {
        let rest = self.rest();
        match rest.get(..needed) {
            Some(taken) => {
                self.offset += needed;
                Ok(taken)
            }
            None => Err(place.error(DecodeProblem::Truncated, self.offset, needed, rest.len())),
        }
    }

    /// What has not been read yet.
    #[inline]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.offset..).unwrap_or(&[])
    }

    /// An error if bytes are left.
    #[inline]
    pub(super) fn end(&self, place: Place) -> Result<(), DecodeError> {
        match self.rest().len() {
            0 => Ok(()),
            left => Err(place.error(DecodeProblem::Trailing, self.offset, 0, left)),
        }
    }
}
