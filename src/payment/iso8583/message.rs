//! A message: its type and its fields by number.
//!
//! The contents of all fields lie one behind the other in one place, so that a message costs two allocations however many
//! fields it has.

use crate::payment::iso8583::dialect::{FieldSet, Mti};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

/// The content of a field: characters as they are read by people, or bytes where the field's class is `Bytes`.
///
/// Wiped when dropped, and `Debug` shows its length only: any field may hold card data.
#[derive(Clone)]
pub struct Value(Zeroizing<Vec<u8>>);

impl Value {
    /// The characters or bytes. Card data is among them: show them only through `describe`.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq for Value {
    /// In constant time: a field may be a MAC.
    fn eq(&self, other: &Value) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Value {}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} bytes>", self.0.len())
    }
}

impl AsRef<[u8]> for Value {
    fn as_ref(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl From<&[u8]> for Value {
    fn from(bytes: &[u8]) -> Value {
        Value(Zeroizing::new(bytes.to_vec()))
    }
}

impl From<Vec<u8>> for Value {
    fn from(bytes: Vec<u8>) -> Value {
        Value(Zeroizing::new(bytes))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::from(text.as_bytes())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::from(text.into_bytes())
    }
}

/// The content of a field where it lies in its message; as a `Value`, it shows its length only.
#[derive(Clone, Copy)]
pub struct ValueRef<'m>(&'m [u8]);

impl<'m> ValueRef<'m> {
    /// The characters or bytes. Card data is among them: show them only through `describe`.
    pub fn as_bytes(&self) -> &'m [u8] {
        self.0
    }
}

impl AsRef<[u8]> for ValueRef<'_> {
    fn as_ref(&self) -> &[u8] {
        self.0
    }
}

impl PartialEq for ValueRef<'_> {
    /// In constant time: a field may be a MAC.
    fn eq(&self, other: &ValueRef<'_>) -> bool {
        self.0.ct_eq(other.0).into()
    }
}

impl Eq for ValueRef<'_> {}

impl fmt::Debug for ValueRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{} bytes>", self.0.len())
    }
}

/// Fields of most messages.
const FIELDS_USUAL: usize = 24;
/// Bytes that the fields of most messages hold together.
const BYTES_USUAL: usize = 256;

/// Where the content of a field lies.
#[derive(Clone, Copy)]
struct Place {
    number: u8,
    start: u32,
    end: u32,
}

/// A message. Sorted by field number, no number twice. What its fields hold is wiped when it is dropped.
#[derive(Clone)]
pub struct Message {
    /// The message type.
    pub mti: Mti,
    places: Vec<Place>,
    /// What the fields hold; between them may lie wiped bytes of what was replaced. Grows by `room` only.
    bytes: Zeroizing<Vec<u8>>,
}

impl Message {
    /// A message without fields. There is room for those of most messages, so that setting them moves none.
    pub fn new(mti: Mti) -> Message {
        Message::with_room(mti, FIELDS_USUAL, BYTES_USUAL)
    }

    /// A message without fields, with room for so many that hold so many bytes together.
    pub(super) fn with_room(mti: Mti, fields: usize, bytes: usize) -> Message {
        Message { mti, places: Vec::with_capacity(fields), bytes: Zeroizing::new(Vec::with_capacity(bytes)) }
    }

    /// The content of a field, if the message has it.
    pub fn get(&self, number: u8) -> Option<&[u8]> {
        self.find(number).ok().and_then(|at| self.places.get(at)).map(|place| self.at(*place))
    }

    /// The content of a field as text, if the message has it and it is text.
    pub fn text(&self, number: u8) -> Option<&str> {
        self.get(number).and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// True if the message has the field.
    pub fn has(&self, number: u8) -> bool {
        self.find(number).is_ok()
    }

    /// Puts a field in, in place of the one that was there.
    ///
    /// The value is copied: what is secret in it has to be wiped where it came from.
    pub fn set(&mut self, number: u8, value: impl AsRef<[u8]>) {
        let value = value.as_ref();
        // Who builds a message mostly does so in order.
        let at = match self.places.last() {
            Some(last) if last.number < number => Err(self.places.len()),
            _ => self.find(number),
        };
        if let Ok(at) = at {
            self.wipe(at);
        }
        let place = self.write(number, |bytes| bytes.extend_from_slice(value), value.len());
        match at {
            Ok(at) => {
                if let Some(known) = self.places.get_mut(at) {
                    *known = place;
                }
            }
            Err(at) => self.places.insert(at, place),
        }
    }

    /// Puts a field behind all others; its number must be the highest so far. `fill` adds at most `most` bytes.
    pub(super) fn append(&mut self, number: u8, most: usize, fill: impl FnOnce(&mut Vec<u8>)) {
        debug_assert!(self.places.last().is_none_or(|last| last.number < number), "ascending");
        let place = self.write(number, fill, most);
        self.places.push(place);
    }

    /// Takes a field out.
    pub fn remove(&mut self, number: u8) -> Option<Value> {
        let at = self.find(number).ok()?;
        let value = self.places.get(at).map(|place| Value::from(self.at(*place)));
        self.wipe(at);
        self.places.remove(at);
        value
    }

    /// Every field, ascending by number.
    pub fn iter(&self) -> impl Iterator<Item = (u8, ValueRef<'_>)> + Clone {
        self.places.iter().map(|place| (place.number, ValueRef(self.at(*place))))
    }

    /// The highest number of a field there is.
    pub fn last(&self) -> Option<u8> {
        self.places.last().map(|place| place.number)
    }

    /// How many fields there are.
    pub(super) fn count(&self) -> usize {
        self.places.len()
    }

    /// The field that stands so far behind the first one.
    pub(super) fn nth(&self, at: usize) -> Option<(u8, ValueRef<'_>)> {
        self.places.get(at).map(|place| (place.number, ValueRef(self.at(*place))))
    }

    /// The numbers of the fields there are; 128 is in no set.
    pub fn numbers(&self) -> FieldSet {
        self.places.iter().map(|place| place.number).collect()
    }

    fn find(&self, number: u8) -> Result<usize, usize> {
        self.places.binary_search_by_key(&number, |place| place.number)
    }

    fn at(&self, place: Place) -> &[u8] {
        self.bytes.get(place.start as usize..place.end as usize).unwrap_or_default()
    }

    fn wipe(&mut self, at: usize) {
        let Some(place) = self.places.get(at) else { return };
        if let Some(bytes) = self.bytes.get_mut(place.start as usize..place.end as usize) {
            bytes.zeroize();
        }
    }

    /// Adds at most `most` bytes behind those that are there.
    fn write(&mut self, number: u8, fill: impl FnOnce(&mut Vec<u8>), most: usize) -> Place {
        self.room(most);
        let start = self.bytes.len();
        fill(&mut self.bytes);
        debug_assert!(self.bytes.len() - start <= most, "a vector that grows by itself leaves card data behind");
        // Fields hold 9,999 bytes each at most, and there are 191: far from the end of 32 bits.
        let narrow = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Place { number, start: narrow(start), end: narrow(self.bytes.len()) }
    }

    /// Makes room. A vector that grows by itself leaves card data behind where it was; here that is wiped.
    fn room(&mut self, more: usize) {
        let needed = self.bytes.len() + more;
        if needed > self.bytes.capacity() {
            let mut roomier = Zeroizing::new(Vec::with_capacity(needed.max(2 * self.bytes.capacity())));
            roomier.extend_from_slice(&self.bytes);
            self.bytes = roomier;
        }
    }
}

impl PartialEq for Message {
    fn eq(&self, other: &Message) -> bool {
        self.mti == other.mti && self.places.len() == other.places.len() && self.iter().eq(other.iter())
    }
}

impl Eq for Message {}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.mti)?;
        f.debug_map().entries(self.iter()).finish()
    }
}
