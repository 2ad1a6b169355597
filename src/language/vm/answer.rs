//! What the world answers, taken into the run if it is of the type that was asked for.

use super::heap::Heap;
use super::limits::Limits;
use super::message::{self, Draft, Holding};
use super::slot;
use super::trap::Trap;
use super::value::Answer;
use crate::language::types::{Kind, Type, Types};
use crate::payment::iso8583::response::ResponseCode;

/// Deeper answers are none of ours.
const DEPTH_MAX: u32 = 64;

const WRONG_TYPE: Trap = Trap::Defect("the answer is not of the type that was asked for");

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
        match (ty, answer) {
            (Type::Optional(_), Answer::None) => Ok(0),
            (Type::Optional(of), answer) => {
                let value = self.take_at(of, answer, depth + 1)?;
                message::boxed(self.heap, self.limits, of.kind(), value)
            }
            (Type::Amount, Answer::Amount(amount)) => amount.to_bits().ok_or(Trap::Overflow("amount")),
            (ty, Answer::Word(bits)) if ty.kind() == Kind::Word && message::fits_word(ty, *bits) => Ok(*bits),
            (ty, Answer::Text(bytes)) if ty.kind() == Kind::Text && message::fits_text(ty, bytes) => {
                self.heap.keep_text(self.limits, bytes)
            }
            (ty, Answer::Sealed { number, masked, sound }) if ty.kind() == Kind::Sealed => {
                message::keep_sealed(self.heap, self.limits, *number, *sound, masked)
            }
            (Type::List(of), Answer::List(members)) => self.take_list(of, members, depth),
            (Type::Record(at), Answer::Record(fields)) => self.take_record(*at, fields, depth),
            (Type::Phrase, Answer::Record([Answer::Text(zh), Answer::Text(en)])) => {
                let cells = [self.take_at(&Type::Text, &Answer::Text(zh), depth + 1)?, {
                    self.take_at(&Type::Text, &Answer::Text(en), depth + 1)?
                }];
                self.heap.keep_cells(self.limits, &cells).map(u64::from)
            }
            (Type::Union(at), Answer::Variant { tag, payload }) => self.take_variant(*at, *tag, *payload, depth),
            (Type::Message(_) | Type::Reply(_), Answer::Message { mti, fields }) => {
                let mut draft = Draft::new(*mti);
                for (number, value) in *fields {
                    let (holding, slot) = self.take_field(*number, value)?;
                    draft.push(*number, holding, slot)?;
                }
                draft.keep(self.heap, self.limits)
            }
            _ => Err(WRONG_TYPE),
        }
    }

    fn take_list(&mut self, of: &Type, members: &[Answer<'_>], depth: u32) -> Result<u64, Trap> {
        if members.len() > self.limits.list_members as usize {
            return Err(Trap::ListTooLong);
        }
        self.heap.room_for_cells(self.limits, members.len())?;
        let cells =
            members.iter().map(|member| self.take_at(of, member, depth + 1)).collect::<Result<Vec<u64>, Trap>>()?;
        self.heap.keep_list(self.limits, &cells)
    }

    fn take_record(&mut self, at: u16, fields: &[Answer<'_>], depth: u32) -> Result<u64, Trap> {
        let types = self.types;
        let record = types.records.get(usize::from(at)).ok_or(WRONG_TYPE)?;
        if record.fields.len() != fields.len() {
            return Err(WRONG_TYPE);
        }
        let cells = record
            .fields
            .iter()
            .zip(fields)
            .map(|((_, ty), field)| self.take_at(ty, field, depth + 1))
            .collect::<Result<Vec<u64>, Trap>>()?;
        self.heap.keep_cells(self.limits, &cells).map(u64::from)
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
                let holding = if std::str::from_utf8(bytes).is_ok() { Holding::Text } else { Holding::Bytes };
                (holding, self.heap.keep_text(self.limits, bytes)?)
            }
            Answer::Word(bits) if number == RESPONSE_CODE && ResponseCode::from_bits(*bits).is_some() => {
                (Holding::Code, *bits)
            }
            Answer::Word(bits) => (Holding::Word, *bits),
            Answer::Amount(_) => (Holding::Amount, self.take(&Type::Amount, value)?),
            Answer::Sealed { .. } => (Holding::Sealed, self.take(&Type::Pan, value)?),
            _ => return Err(WRONG_TYPE),
        })
    }
}
