//! Messages of a run where they lie: in the machine, or kept by a trace or a test. Reading one copies nothing.

use crate::language::vm::heap::TextBytes;
use crate::language::vm::value::Value;
use crate::language::vm::view::{MessageView, View};
use crate::payment::amount::Amount;
use crate::payment::iso8583::dialect::Mti;
use crate::payment::iso8583::response::ResponseCode;

/// What a field of a message holds.
#[derive(Clone, Copy, Debug)]
pub enum Content<'m> {
    /// Nothing.
    Nothing,
    /// Money.
    Amount(Amount),
    /// Characters.
    Text(TextBytes<'m>),
    /// Bytes.
    Bytes(TextBytes<'m>),
    /// Field 39.
    Code(ResponseCode),
    /// A message type.
    Mti(Mti),
    /// A whole number.
    Int(i64),
    /// Card data: its number in the vault, and what may be shown of it.
    Sealed(u32, TextBytes<'m>),
    /// A value that no field can hold.
    Other,
}

impl<'m> Content<'m> {
    fn of_view(view: View<'m>) -> Content<'m> {
        use crate::language::types::Type;
        if view.is_none() {
            return Content::Nothing;
        }
        match view.ty() {
            Type::Bytes => view.text().map_or(Content::Nothing, Content::Bytes),
            Type::ResponseCode => view.as_code().map_or(Content::Nothing, Content::Code),
            Type::Bool | Type::Mti => Content::of_rare(&view.to_value()),
            _ => {
                if let Some(text) = view.text() {
                    Content::Text(text)
                } else if let Some(amount) = view.as_amount() {
                    Content::Amount(amount)
                } else if let Some((number, _, masked)) = view.sealed() {
                    Content::Sealed(number, masked)
                } else if let Some(number) = view.as_int() {
                    Content::Int(number)
                } else {
                    Content::of_rare(&view.to_value())
                }
            }
        }
    }

    /// What is no longer than a word, and what no field can hold.
    fn of_rare(value: &Value) -> Content<'m> {
        match value {
            Value::None | Value::Nothing => Content::Nothing,
            Value::Mti(mti) => Content::Mti(*mti),
            _ => Content::Other,
        }
    }

    fn of_value(value: &'m Value) -> Content<'m> {
        match value {
            Value::Amount(amount) => Content::Amount(*amount),
            Value::Text(text) => Content::Text(TextBytes::Slice(text.as_bytes())),
            Value::Bytes(bytes) => Content::Bytes(TextBytes::Slice(bytes)),
            Value::Code(code) => Content::Code(*code),
            Value::Int(number) => Content::Int(*number),
            Value::Sealed { number, masked, .. } => Content::Sealed(*number, TextBytes::Slice(masked.as_bytes())),
            rare => Content::of_rare(rare),
        }
    }
}

/// A message of a run.
#[derive(Clone, Copy, Debug)]
pub enum RunMessage<'m> {
    /// In the machine.
    Lent(MessageView<'m>),
    /// Kept: its type, and its fields ascending.
    Kept(Mti, &'m [(u8, Value)]),
}

impl<'m> RunMessage<'m> {
    /// The message that a value is.
    pub fn of(value: &'m Value) -> Option<RunMessage<'m>> {
        match value {
            Value::Message { mti, fields } => Some(RunMessage::Kept(*mti, fields)),
            _ => None,
        }
    }

    /// The message that a view shows.
    pub fn seen(view: View<'m>) -> Option<RunMessage<'m>> {
        view.message().map(RunMessage::Lent)
    }

    /// Its type.
    pub fn mti(&self) -> Mti {
        match self {
            RunMessage::Lent(view) => view.mti(),
            RunMessage::Kept(mti, _) => *mti,
        }
    }

    /// Numbers and contents of its fields, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (u8, Content<'m>)> + use<'m> {
        let (lent, kept) = match *self {
            RunMessage::Lent(view) => (Some(view.iter()), [].as_slice()),
            RunMessage::Kept(_, fields) => (None, fields),
        };
        let lent = lent.into_iter().flatten().map(|(number, view)| (number, Content::of_view(view)));
        lent.chain(kept.iter().map(|(number, value)| (*number, Content::of_value(value))))
    }

    /// What a field holds, if it is there.
    pub fn field(&self, wanted: u8) -> Option<Content<'m>> {
        match *self {
            RunMessage::Lent(view) => view.field(wanted).map(Content::of_view),
            RunMessage::Kept(_, fields) => {
                let (_, value) = fields.iter().find(|(number, _)| *number == wanted)?;
                Some(Content::of_value(value))
            }
        }
    }

    /// The text in a field.
    pub fn text(&self, wanted: u8) -> Option<String> {
        match self.field(wanted)? {
            Content::Text(text) => Some(characters(text.as_bytes())),
            _ => None,
        }
    }

    /// True if a field holds just this text.
    pub fn says(&self, wanted: u8, text: &str) -> bool {
        matches!(self.field(wanted), Some(Content::Text(found)) if found.as_bytes() == text.as_bytes())
    }

    /// The amount in field 4.
    pub fn amount(&self) -> Option<Amount> {
        match self.field(4)? {
            Content::Amount(amount) => Some(amount),
            _ => None,
        }
    }

    /// The first amount in any field.
    pub fn any_amount(&self) -> Option<Amount> {
        self.iter().find_map(|(_, content)| match content {
            Content::Amount(amount) => Some(amount),
            _ => None,
        })
    }

    /// Field 39.
    pub fn code(&self) -> Option<ResponseCode> {
        match self.field(39)? {
            Content::Code(code) => Some(code),
            _ => None,
        }
    }

    /// Its card, masked; empty where it has none.
    pub fn card(&self) -> String {
        match self.field(2) {
            Some(Content::Sealed(_, masked)) => characters(masked.as_bytes()),
            _ => String::new(),
        }
    }
}

/// Bytes as characters: what is no UTF-8 shows as such. Nearly all of them are, which is quicker to see in one go.
pub(super) fn characters(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    }
}
