//! What the world answers, taken into the run if it is of the type that was asked for.

use super::heap::Heap;
use super::limits::Limits;
use super::message::{self, Holding};
use super::prepared::Prepared;
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

/// Members of a list that room is looked for at once.
const SHORT_ROW: usize = 16;

/// Most records have no more fields.
const SHORT_RECORD: usize = 16;

/// What a part of an answer has to be, as far as one look tells: worked out of its type before a run. What is not as
/// most are goes the long way, which also says what is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A text, or an optional one, which is the same.
    Text,
    /// A text of so many digits, at most seven.
    Digits(u8),
    /// Card data.
    Sealed,
    Bool,
    /// A word that may have any bits.
    Word,
    /// One of so many variants from the first on that have no value.
    Bare(u8),
    /// Money.
    Amount,
    /// A record: its index.
    Record(u16),
    /// A message or a reply.
    Message,
    Other,
}

impl Part {
    pub(super) fn of(ty: &Type, types: &Types) -> Part {
        match ty {
            Type::Bool => Part::Bool,
            Type::Int | Type::Percent | Type::Duration | Type::Time => Part::Word,
            Type::Union(at) => {
                let variants = types.unions.get(usize::from(*at)).map_or([].as_slice(), |it| &it.variants);
                let bare = variants.iter().take_while(|(_, value)| value.is_none()).count();
                Part::Bare(u8::try_from(bare).unwrap_or(u8::MAX))
            }
            Type::Amount => Part::Amount,
            Type::Record(at) => Part::Record(*at),
            Type::Message(_) | Type::Reply(_) => Part::Message,
            Type::Optional(of) => Part::of_reference(of),
            ty => Part::of_reference(ty),
        }
    }

    /// Of a type whose values lie in an optional as they are.
    fn of_reference(ty: &Type) -> Part {
        match ty {
            Type::Text | Type::Expiry | Type::Kcv => Part::Text,
            Type::Digits(count @ 1..=7) => Part::Digits(*count as u8),
            ty if ty.kind() == Kind::Sealed => Part::Sealed,
            _ => Part::Other,
        }
    }
}

/// Where answers are taken in.
#[derive(Debug)]
pub(super) struct Intake<'a> {
    /// The run's memory.
    pub(super) heap: &'a mut Heap,
    /// Its limits.
    pub(super) limits: &'a Limits,
    /// The program's records and unions.
    pub(super) types: &'a Types,
    /// What was worked out of them.
    pub(super) prepared: &'a Prepared,
}

impl Intake<'_> {
    /// Takes a value of this type in; its slot.
    pub(super) fn take(&mut self, ty: &Type, answer: &Answer<'_>) -> Result<u64, Trap> {
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
            Answer::Text(bytes) => self.take_text(ty, bytes),
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
            let (holding, slot) = self.take_field(*number, value)?;
            message.push(*number, holding, slot)?;
        }
        message.lay(self.heap, self.limits, mti)
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
        let part = Part::of(of, self.types);
        for (cells, members) in (at as usize..).step_by(SHORT_ROW).zip(members.chunks(SHORT_ROW)) {
            let mut room = self.has_room();
            for (cell, member) in (cells..).zip(members) {
                let short = if room { self.quick(part, member) } else { self.short(part, member) };
                let slot = match short {
                    Some(slot) => slot,
                    None => {
                        room = false;
                        self.take_at(of, member, depth + 1)?
                    }
                };
                self.heap.put(cell, slot);
            }
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
        for ((cell, field), (_, ty)) in cells.iter_mut().zip(fields).zip(&record.fields) {
            *cell = self.take_at(ty, field, depth + 1)?;
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
