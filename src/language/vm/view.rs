//! Values of a run as the world sees them: borrowed, and owned where they are kept.

use super::arithmetic;
use super::equal::RECEIPT_LINE;
use super::heap::{Heap, TextBytes};
use super::message::{self, Holding, Message};
use super::run::Run;
use super::slot;
use super::value::{ReceiptValue, Value};
use crate::language::bytecode::program::Program;
use crate::language::types::{Kind, Type};
use crate::payment::amount::Amount;
use crate::payment::iso8583::dialect::Mti;
use crate::payment::iso8583::response::ResponseCode;

/// A value of a run. Asking for what it is not gives `None`.
#[derive(Clone, Copy, Debug)]
pub struct View<'r> {
    run: &'r Run,
    program: &'r Program,
    /// Its type; `none` is seen through.
    ty: &'r Type,
    slot: u64,
    is_none: bool,
}

/// Values that are deeper or have more parts are cut in `to_value`. No checked program has one.
const DEPTH_MAX: u32 = 64;
const PARTS_MAX: u32 = 100_000;

impl<'r> View<'r> {
    pub(super) fn of(run: &'r Run, program: &'r Program, ty: &'r Type, slot: u64) -> View<'r> {
        let (ty, is_none, slot) = match ty {
            Type::Optional(of) if slot == 0 => (of.as_ref(), true, 0),
            Type::Optional(of) => (of.as_ref(), false, message::unbox(&run.rest.heap, of.kind(), slot).unwrap_or(0)),
            ty => (ty, false, slot),
        };
        View { run, program, ty, slot, is_none }
    }

    fn heap(&self) -> &'r Heap {
        &self.run.rest.heap
    }

    fn part(&self, ty: &'r Type, slot: u64) -> View<'r> {
        View::of(self.run, self.program, ty, slot)
    }

    fn is(&self, kind: Kind) -> bool {
        !self.is_none && self.ty.kind() == kind
    }

    /// Its type; of an optional, the type of what may be in it.
    pub fn ty(&self) -> &'r Type {
        self.ty
    }

    /// Is it `none`?
    pub fn is_none(&self) -> bool {
        self.is_none
    }

    /// Its bytes, if it is a text or bytes.
    pub fn text(&self) -> Option<TextBytes<'r>> {
        self.is(Kind::Text).then(|| self.heap().text(&self.program.bytes, self.slot))
    }

    /// Its number, if it is a word: Int, Percent, Duration, Time.
    pub fn as_int(&self) -> Option<i64> {
        self.is(Kind::Word).then_some(self.slot as i64)
    }

    /// Its truth.
    pub fn as_bool(&self) -> Option<bool> {
        (!self.is_none && *self.ty == Type::Bool).then_some(self.slot != 0)
    }

    /// Its money.
    pub fn as_amount(&self) -> Option<Amount> {
        self.is(Kind::Amount).then(|| arithmetic::amount(self.slot).ok()).flatten()
    }

    /// Its response code.
    pub fn as_code(&self) -> Option<ResponseCode> {
        (!self.is_none && *self.ty == Type::ResponseCode).then(|| ResponseCode::from_bits(self.slot)).flatten()
    }

    /// Its number in the vault, whether its check digit is right, and its masked text, if it is card data.
    pub fn sealed(&self) -> Option<(u32, bool, TextBytes<'r>)> {
        if !self.is(Kind::Sealed) {
            return None;
        }
        let (number, sound, masked) = message::sealed(self.heap(), self.slot).ok()?;
        Some((number, sound, self.heap().text(&self.program.bytes, masked)))
    }

    /// The message it is.
    pub fn message(&self) -> Option<MessageView<'r>> {
        if !self.is(Kind::Message) {
            return None;
        }
        Some(MessageView { run: self.run, program: self.program, message: Message::at(self.heap(), self.slot).ok()? })
    }

    /// Its members, if it is a list.
    pub fn members(&self) -> Option<impl ExactSizeIterator<Item = View<'r>> + use<'r>> {
        let Type::List(of) = self.ty else {
            return None;
        };
        if self.is_none {
            return None;
        }
        let view = *self;
        let members = self.heap().members(self.slot).ok()?;
        Some(members.iter().map(move |member| view.part(of, *member)))
    }

    /// A field, if it is a record.
    pub fn field(&self, index: usize) -> Option<View<'r>> {
        let Type::Record(at) = self.ty else {
            return None;
        };
        if self.is_none {
            return None;
        }
        let (_, ty) = self.program.types.records.get(usize::from(*at))?.fields.get(index)?;
        let first = u32::try_from(self.slot).ok()?;
        let cell = first.checked_add(u32::try_from(index).ok()?)?;
        Some(self.part(ty, self.heap().cell(cell).ok()?))
    }

    /// A field by its name, if it is a record that has it.
    pub fn named(&self, name: &str) -> Option<View<'r>> {
        let Type::Record(at) = self.ty else {
            return None;
        };
        let record = self.program.types.records.get(usize::from(*at))?;
        self.field(record.fields.iter().position(|(known, _)| known == name)?)
    }

    /// Its tag, if it is a union.
    pub fn tag(&self) -> Option<u8> {
        self.is(Kind::Union).then(|| slot::variant_parts(self.slot).0)
    }

    /// The value of its variant, if it has one.
    pub fn payload(&self) -> Option<View<'r>> {
        let Type::Union(at) = self.ty else {
            return None;
        };
        let (tag, cell) = slot::variant_parts(self.slot);
        let (_, ty) = self.program.types.unions.get(usize::from(*at))?.variants.get(usize::from(tag))?;
        match (ty, cell) {
            (Some(ty), 1..) if !self.is_none => Some(self.part(ty, self.heap().cell(cell).ok()?)),
            _ => None,
        }
    }

    /// Chinese and English, if it is a phrase.
    pub fn phrase(&self) -> Option<(TextBytes<'r>, TextBytes<'r>)> {
        if self.is_none || *self.ty != Type::Phrase {
            return None;
        }
        let &[zh, en] = self.heap().cells(u32::try_from(self.slot).ok()?, 2).ok()? else {
            return None;
        };
        let text = |slot| self.heap().text(&self.program.bytes, slot);
        Some((text(zh), text(en)))
    }

    /// The lines, if it is a slip, borrowed; none for anything else.
    pub fn receipt_lines(&self) -> impl Iterator<Item = ReceiptLine<'r>> + use<'r> {
        let is_slip = !self.is_none && *self.ty == Type::Receipt;
        let lines = is_slip.then(|| self.heap().members(self.slot).ok()).flatten().unwrap_or_default();
        let view = *self;
        lines.iter().filter_map(move |line| {
            let at = u32::try_from(*line).ok()?;
            let &[form, zh, en, value] = view.heap().cells(at, RECEIPT_LINE.len() as u32).ok()? else {
                return None;
            };
            let text = |slot| view.heap().text(&view.program.bytes, slot);
            Some(ReceiptLine { form: form as u8, zh: text(zh), en: text(en), value: text(value) })
        })
    }

    /// The lines, if it is a slip.
    pub fn receipt(&self) -> Option<Vec<ReceiptValue>> {
        if self.is_none || *self.ty != Type::Receipt {
            return None;
        }
        self.heap().members(self.slot).ok()?;
        let text = |text: TextBytes<'_>| String::from_utf8_lossy(text.as_bytes()).into_owned();
        Some(
            self.receipt_lines()
                .map(|line| ReceiptValue {
                    form: line.form,
                    zh: text(line.zh),
                    en: text(line.en),
                    value: text(line.value),
                })
                .collect(),
        )
    }

    /// The error it is: code, and facts in order.
    pub fn error(&self) -> Option<&'r super::failure::Failure> {
        self.is(Kind::Error).then(|| self.run.rest.failures.at_slot(self.slot)).flatten().map(|(_, error)| error)
    }

    /// An owned copy, for traces and tests. Card data are masked in it.
    pub fn to_value(&self) -> Value {
        let mut parts = PARTS_MAX;
        self.copy(0, &mut parts)
    }

    fn copy(&self, depth: u32, parts: &mut u32) -> Value {
        if self.is_none {
            return Value::None;
        }
        *parts = parts.saturating_sub(1);
        if depth > DEPTH_MAX || *parts == 0 {
            return Value::Nothing;
        }
        match self.ty {
            Type::Bool => Value::Bool(self.slot != 0),
            Type::ResponseCode => self.as_code().map_or(Value::Nothing, Value::Code),
            Type::Mti => Value::Mti(Mti(self.slot as u16)),
            Type::Bytes => self.text().map_or(Value::Nothing, |text| Value::Bytes(text.as_bytes().into())),
            Type::List(_) => self.members().map_or(Value::Nothing, |members| {
                Value::List(members.map(|part| part.copy(depth + 1, parts)).collect())
            }),
            Type::Record(at) => {
                let record = self.program.types.records.get(usize::from(*at));
                let count = record.map_or(0, |record| record.fields.len());
                Value::Record(
                    (0..count).filter_map(|index| self.field(index)).map(|part| part.copy(depth + 1, parts)).collect(),
                )
            }
            Type::Phrase => self.phrase().map_or(Value::Nothing, |(zh, en)| {
                let words = |text: TextBytes<'_>| String::from_utf8_lossy(text.as_bytes()).into_owned();
                Value::Phrase { zh: words(zh), en: words(en) }
            }),
            Type::Receipt => self.receipt().map_or(Value::Nothing, Value::Receipt),
            ty => match ty.kind() {
                Kind::Word => Value::Int(self.slot as i64),
                Kind::Amount => self.as_amount().map_or(Value::Nothing, Value::Amount),
                Kind::Text => text_value(self.text()),
                Kind::Sealed => sealed_value(self.sealed()),
                Kind::Union => Value::Variant {
                    tag: self.slot as u8,
                    payload: self.payload().map(|part| Box::new(part.copy(depth + 1, parts))),
                },
                Kind::Message => self.message().map_or(Value::Nothing, |message| message.to_value()),
                Kind::Error => self.error().map_or(Value::Nothing, |error| Value::Error {
                    code: error.code.to_string(),
                    facts: error.facts.iter().map(|fact| fact.en.clone()).collect(),
                }),
                _ => Value::Nothing,
            },
        }
    }
}

fn text_value(text: Option<TextBytes<'_>>) -> Value {
    text.map_or(Value::Nothing, |text| Value::Text(String::from_utf8_lossy(text.as_bytes()).into_owned()))
}

fn sealed_value(sealed: Option<(u32, bool, TextBytes<'_>)>) -> Value {
    sealed.map_or(Value::Nothing, |(number, sound, masked)| Value::Sealed {
        sound,
        number,
        masked: String::from_utf8_lossy(masked.as_bytes()).into_owned(),
    })
}

/// One line of a slip, borrowed: the words in both languages, and the value on the right of a row.
#[derive(Clone, Copy, Debug)]
pub struct ReceiptLine<'r> {
    /// 0 centre, 1 line, 2 row, 3 rule, 4 space.
    pub form: u8,
    /// The words in Chinese.
    pub zh: TextBytes<'r>,
    /// The words in English.
    pub en: TextBytes<'r>,
    /// The value on the right of a row.
    pub value: TextBytes<'r>,
}

/// A message of a run.
#[derive(Clone, Copy, Debug)]
pub struct MessageView<'r> {
    run: &'r Run,
    program: &'r Program,
    message: Message<'r>,
}

impl<'r> MessageView<'r> {
    /// The message type.
    pub fn mti(&self) -> Mti {
        self.message.mti()
    }

    /// A field.
    pub fn field(&self, number: u8) -> Option<View<'r>> {
        let (holding, slot) = self.message.field(number).ok()??;
        Some(View::of(self.run, self.program, type_of(holding), slot))
    }

    /// Numbers and values of its fields, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (u8, View<'r>)> + use<'r> {
        let view = *self;
        self.message.numbers().filter_map(move |number| Some((number, view.field(number)?)))
    }

    /// An owned copy. Card data are masked in it.
    pub fn to_value(&self) -> Value {
        let mut fields = Vec::with_capacity(self.message.numbers().count());
        fields.extend(self.iter().map(|(number, field)| (number, field.to_value())));
        Value::Message { mti: self.mti(), fields }
    }
}

/// A type under which a field's value can be looked at. Which kind of card data it is, the field's number says.
fn type_of(holding: Holding) -> &'static Type {
    match holding {
        Holding::Text => &Type::Text,
        Holding::Bytes => &Type::Bytes,
        Holding::Word => &Type::Int,
        Holding::Code => &Type::ResponseCode,
        Holding::Amount => &Type::Amount,
        Holding::Sealed => &Type::Pan,
    }
}
