//! A message: its type and its fields by number.

use crate::payment::iso8583::dialect::{FieldSet, Mti};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

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

/// Fields of most messages.
const FIELDS_USUAL: usize = 24;

/// A message. A row of values sorted by field number, no number twice.
#[derive(Clone, PartialEq, Eq)]
pub struct Message {
    /// The message type.
    pub mti: Mti,
    fields: Vec<(u8, Value)>,
}

impl Message {
    /// A message without fields. There is room for those of most messages, so that setting them moves none.
    pub fn new(mti: Mti) -> Message {
        Message { mti, fields: Vec::with_capacity(FIELDS_USUAL) }
    }

    /// The content of a field, if the message has it.
    pub fn get(&self, number: u8) -> Option<&[u8]> {
        self.value(number).map(Value::as_bytes)
    }

    /// The content of a field as text, if the message has it and it is text.
    pub fn text(&self, number: u8) -> Option<&str> {
        self.get(number).and_then(|bytes| std::str::from_utf8(bytes).ok())
    }

    /// The value of a field, to hand on without a look inside.
    pub fn value(&self, number: u8) -> Option<&Value> {
        self.find(number).ok().and_then(|at| self.fields.get(at)).map(|(_, value)| value)
    }

    /// True if the message has the field.
    pub fn has(&self, number: u8) -> bool {
        self.find(number).is_ok()
    }

    /// Puts a field in, in place of the one that was there.
    pub fn set(&mut self, number: u8, value: impl Into<Value>) {
        let value = value.into();
        match self.find(number) {
            Ok(at) => {
                if let Some(place) = self.fields.get_mut(at) {
                    place.1 = value;
                }
            }
            Err(at) => self.fields.insert(at, (number, value)),
        }
    }

    /// Puts a field behind all others; its number must be the highest so far.
    pub(super) fn append(&mut self, number: u8, value: Value) {
        debug_assert!(self.fields.last().is_none_or(|(last, _)| *last < number), "ascending");
        self.fields.push((number, value));
    }

    /// Takes a field out.
    pub fn remove(&mut self, number: u8) -> Option<Value> {
        self.find(number).ok().map(|at| self.fields.remove(at).1)
    }

    /// Every field, ascending by number.
    pub fn iter(&self) -> impl Iterator<Item = (u8, &Value)> + Clone {
        self.fields.iter().map(|(number, value)| (*number, value))
    }

    /// Every field, ascending by number, to be changed in place.
    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = (u8, &mut Value)> {
        self.fields.iter_mut().map(|(number, value)| (*number, value))
    }

    /// The numbers of the fields there are; 128 is in no set.
    pub fn numbers(&self) -> FieldSet {
        self.fields.iter().map(|(number, _)| *number).collect()
    }

    fn find(&self, number: u8) -> Result<usize, usize> {
        self.fields.binary_search_by_key(&number, |(number, _)| *number)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.mti)?;
        f.debug_map().entries(self.iter()).finish()
    }
}
