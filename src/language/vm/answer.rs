//! What the world answers, taken into the run if it is of the type that was asked for.

use super::heap::Heap;
use super::limits::Limits;
use super::message::{self, Holding};
use super::shape::Collected;
use super::slot;
use super::trap::Trap;
use super::value::Answer;
use crate::language::types::{Kind, Type, Types};
use crate::payment::iso8583::dialect::Mti;
use crate::payment::iso8583::response::ResponseCode;

/// Deeper answers are none of ours.
const DEPTH_MAX: u32 = 64;

const WRONG_TYPE: Trap = Trap::Defect("the answer is not of the type that was asked for");

/// Most messages have no more fields, and none has more than the longest.
const SHORT_MESSAGE: usize = 24;
const LONGEST_MESSAGE: usize = 128;

/// Most records have no more fields.
const SHORT_RECORD: usize = 16;

/// Where answers are taken in.
#[derive(Debug)]
pub struct Intake<'a> {
    /// The run's memory.
    pub heap: &'a mut Heap,
    /// Its limits.
    pub limits: &'a Limits,
    /// The program's records and unions.
    pub types: &'a Types,
}

impl Intake<'_> {
    /// Takes a value of this type in; its slot.
    pub fn take(&mut self, ty: &Type, answer: &Answer<'_>) -> Result<u64, Trap> {
        self.take_at(ty, answer, 0)
    }

    fn take_at(&mut self, ty: &Type, answer: &Answer<'_>, depth: u32) -> Result<u64, Trap> {
        if depth > DEPTH_MAX {
            return Err(WRONG_TYPE);
        }
        match ty {
            Type::Optional(_) if matches!(answer, Answer::None) => Ok(0),
            Type::Optional(of) => {
                let value = match of.as_ref() {
                    Type::Optional(_) => self.take_at(of, answer, depth + 1)?,
                    of => self.take_plain(of, answer, depth + 1)?,
                };
                message::boxed(self.heap, self.limits, of.kind(), value)
            }
            ty => self.take_plain(ty, answer, depth),
        }
    }

    /// As `take_at`, where the type is no optional.
    fn take_plain(&mut self, ty: &Type, answer: &Answer<'_>, depth: u32) -> Result<u64, Trap> {
        match *answer {
            Answer::Word(bits) if ty.kind() == Kind::Word && message::fits_word(ty, bits) => Ok(bits),
            Answer::Text(bytes) => match self.quick_text(ty, bytes) {
                Some(slot) => Ok(slot),
                None => self.take_text(ty, bytes),
            },
            Answer::Sealed { number, masked, sound } if ty.kind() == Kind::Sealed => {
                message::keep_sealed(self.heap, self.limits, number, sound, masked)
            }
            Answer::Amount(amount) if matches!(ty, Type::Amount) => amount.to_bits().ok_or(Trap::Overflow("amount")),
            Answer::Variant { tag, payload } => match ty {
                Type::Union(at) => self.take_variant(*at, tag, payload, depth),
                _ => Err(WRONG_TYPE),
            },
            Answer::Record(fields) => match (ty, fields) {
                (Type::Record(at), fields) => self.take_record(*at, fields, depth),
                (Type::Phrase, [Answer::Text(zh), Answer::Text(en)]) => {
                    let cells = [self.take_text(&Type::Text, zh)?, self.take_text(&Type::Text, en)?];
                    self.heap.keep_cells(self.limits, &cells).map(u64::from)
                }
                _ => Err(WRONG_TYPE),
            },
            Answer::List(members) => match ty {
                Type::List(of) => self.take_list(of, members, depth),
                _ => Err(WRONG_TYPE),
            },
            Answer::Message { mti, fields } if matches!(ty, Type::Message(_) | Type::Reply(_)) => {
                if fields.len() <= SHORT_MESSAGE {
                    self.take_message::<SHORT_MESSAGE>(mti, fields)
                } else {
                    self.take_message::<LONGEST_MESSAGE>(mti, fields)
                }
            }
            _ => Err(WRONG_TYPE),
        }
    }

    fn take_message<const MOST: usize>(&mut self, mti: Mti, fields: &[(u8, Answer<'_>)]) -> Result<u64, Trap> {
        let mut message = Collected::<MOST>::new();
        for (number, value) in fields {
            let short = match value {
                Answer::Text(bytes) => self.plain_text(bytes),
                _ => None,
            };
            let (holding, slot) = match short {
                Some(slot) => (Holding::Text, slot),
                None => self.take_field(*number, value)?,
            };
            message.push(*number, holding, slot)?;
        }
        message.lay(self.heap, self.limits, mti)
    }

    /// A text of up to 16 ASCII characters; `None` for any other, and if there is no room.
    #[inline]
    fn plain_text(&mut self, bytes: &[u8]) -> Option<u64> {
        match slot::inline(bytes) {
            Some(slot) => message::is_ascii(slot).then_some(slot),
            None => self.heap.keep_sixteen(self.limits, bytes, false),
        }
    }

    /// A text of this type as most are; `None`: `take_text` looks at it closely.
    #[inline]
    fn quick_text(&mut self, ty: &Type, bytes: &[u8]) -> Option<u64> {
        match ty {
            Type::Text | Type::Expiry | Type::Kcv => self.plain_text(bytes),
            Type::Digits(length) => {
                let slot = slot::inline(bytes)?;
                (message::are_digits(slot) && bytes.len() == usize::from(*length)).then_some(slot)
            }
            _ => None,
        }
    }

    #[inline(never)]
    fn take_text(&mut self, ty: &Type, bytes: &[u8]) -> Result<u64, Trap> {
        let Some(slot) = slot::inline(bytes) else {
            let fits = ty.kind() == Kind::Text && message::fits_text(ty, bytes);
            return if fits { self.heap.keep_long_text(self.limits, bytes) } else { Err(WRONG_TYPE) };
        };
        let fits = match ty {
            Type::Digits(length) => message::are_digits(slot) && (*length == 0 || usize::from(*length) == bytes.len()),
            Type::Bytes => true,
            ty => ty.kind() == Kind::Text && message::is_short_text(slot, bytes),
        };
        if fits { Ok(slot) } else { Err(WRONG_TYPE) }
    }

    fn take_list(&mut self, of: &Type, members: &[Answer<'_>], depth: u32) -> Result<u64, Trap> {
        if members.len() > self.limits.list_members as usize {
            return Err(Trap::ListTooLong);
        }
        let at = self.heap.reserve_cells(self.limits, members.len())?;
        for (cell, member) in (at as usize..).zip(members) {
            let slot = self.take_at(of, member, depth + 1)?;
            self.heap.put(cell, slot);
        }
        Ok(slot::list(at, members.len() as u32))
    }

    fn take_record(&mut self, at: u16, fields: &[Answer<'_>], depth: u32) -> Result<u64, Trap> {
        let types = self.types;
        let record = types.records.get(usize::from(at)).ok_or(WRONG_TYPE)?;
        if record.fields.len() != fields.len() {
            return Err(WRONG_TYPE);
        }
        // Its values are collected before they are laid down, as some of them need cells of their own.
        let mut short = [0; SHORT_RECORD];
        let mut long = Vec::new();
        let cells = match short.get_mut(..fields.len()) {
            Some(cells) => cells,
            None => {
                // They are counted before room is taken for them.
                self.heap.room_for_cells(self.limits, fields.len())?;
                long.resize(fields.len(), 0);
                long.as_mut_slice()
            }
        };
        for (cell, ((_, ty), field)) in cells.iter_mut().zip(record.fields.iter().zip(fields)) {
            // An optional text is the text, so most fields of a card need no more than this.
            let ty = match (ty, field) {
                (Type::Optional(of), Answer::Text(_)) => of.as_ref(),
                _ => ty,
            };
            *cell = match (ty, field) {
                (ty, Answer::Text(bytes)) => match self.quick_text(ty, bytes) {
                    Some(slot) => slot,
                    None => self.take_text(ty, bytes)?,
                },
                (ty, Answer::Sealed { number, masked, sound }) if ty.kind() == Kind::Sealed => {
                    message::keep_sealed(self.heap, self.limits, *number, *sound, masked)?
                }
                (ty, field) => self.take_at(ty, field, depth + 1)?,
            };
        }
        self.heap.keep_cells(self.limits, cells).map(u64::from)
    }

    fn take_variant(&mut self, at: u16, tag: u8, payload: Option<&Answer<'_>>, depth: u32) -> Result<u64, Trap> {
        let types = self.types;
        let (_, ty) = types
            .unions
            .get(usize::from(at))
            .and_then(|union| union.variants.get(usize::from(tag)))
            .ok_or(WRONG_TYPE)?;
        match (ty, payload) {
            (None, None) => Ok(slot::variant(tag, 0)),
            (Some(ty), Some(payload)) => {
                let value = self.take_at(ty, payload, depth + 1)?;
                let cell = self.heap.keep_cells(self.limits, &[value])?;
                Ok(slot::variant(tag, cell))
            }
            _ => Err(WRONG_TYPE),
        }
    }

    fn take_field(&mut self, number: u8, value: &Answer<'_>) -> Result<(Holding, u64), Trap> {
        const RESPONSE_CODE: u8 = 39;
        Ok(match value {
            Answer::Text(bytes) => {
                let (is_text, slot) = match slot::inline(bytes) {
                    Some(slot) => (message::is_short_text(slot, bytes), slot),
                    None => (message::is_characters(bytes), self.heap.keep_long_text(self.limits, bytes)?),
                };
                (if is_text { Holding::Text } else { Holding::Bytes }, slot)
            }
            Answer::Word(bits) if number == RESPONSE_CODE && ResponseCode::from_bits(*bits).is_some() => {
                (Holding::Code, *bits)
            }
            Answer::Word(bits) => (Holding::Word, *bits),
            Answer::Amount(amount) => (Holding::Amount, amount.to_bits().ok_or(Trap::Overflow("amount"))?),
            Answer::Sealed { number, masked, sound } => {
                (Holding::Sealed, message::keep_sealed(self.heap, self.limits, *number, *sound, masked)?)
            }
            _ => return Err(WRONG_TYPE),
        })
    }
}
