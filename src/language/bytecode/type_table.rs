//! The types of a file: each written once, parts before what is made of them, so that reading never recurses.

use super::file_error::FileError;
use super::wire::{Read, Reader, Writer};
use crate::language::types::Type;
use crate::payment::iso8583::dialect::Mti;
use foldhash::fast::RandomState;
use indexmap::IndexSet;
use std::sync::Arc;

/// Types stand in each other at most so deep: brackets nest no deeper in the source.
const DEPTH_MOST: usize = 66;

/// Plain types by their number in the file: append only.
const PLAIN: &[(u8, Type)] = &[
    (1, Type::Bool),
    (2, Type::Int),
    (3, Type::Text),
    (4, Type::Bytes),
    (5, Type::Amount),
    (6, Type::Percent),
    (7, Type::Duration),
    (8, Type::Time),
    (9, Type::ResponseCode),
    (10, Type::Mti),
    (11, Type::Pan),
    (12, Type::Track),
    (13, Type::Expiry),
    (14, Type::PinBlock),
    (15, Type::Keys),
    (16, Type::Cryptogram),
    (17, Type::Kcv),
    (18, Type::Phrase),
    (19, Type::Receipt),
    (20, Type::Error),
    (21, Type::Nothing),
    (22, Type::Never),
    (23, Type::Unknown),
    (24, Type::ChipData),
];
const DIGITS: u8 = 40;
const LIST: u8 = 41;
const OPTIONAL: u8 = 42;
const RECORD: u8 = 43;
const UNION: u8 = 44;
const MESSAGE: u8 = 45;
const REPLY: u8 = 46;

/// The types while a file is written.
#[derive(Debug, Default)]
pub(super) struct TypesWritten {
    types: IndexSet<Type, RandomState>,
}

impl TypesWritten {
    /// The index of a type.
    pub(super) fn index(&mut self, ty: &Type) -> u64 {
        if let Some(at) = self.types.get_index_of(ty) {
            return at as u64;
        }
        if let Type::List(of) | Type::Optional(of) = ty {
            self.index(of);
        }
        self.types.insert_full(ty.clone()).0 as u64
    }

    /// The table.
    pub(super) fn write(&mut self, to: &mut Writer) {
        to.count(self.types.len());
        for ty in &self.types {
            let part = |of: &Type| self.types.get_index_of(of).unwrap_or(0) as u64;
            let mti = |mti: &Option<Mti>| mti.map_or(0, |mti| u64::from(mti.0) + 1);
            let (number, operand) = match ty {
                Type::Digits(n) => (DIGITS, Some(u64::from(*n))),
                Type::List(of) => (LIST, Some(part(of))),
                Type::Optional(of) => (OPTIONAL, Some(part(of))),
                Type::Record(at) => (RECORD, Some(u64::from(*at))),
                Type::Union(at) => (UNION, Some(u64::from(*at))),
                Type::Message(of) => (MESSAGE, Some(mti(of))),
                Type::Reply(of) => (REPLY, Some(mti(of))),
                plain => {
                    let row = PLAIN.iter().find(|(_, ty)| ty == plain);
                    (row.map_or(0, |(number, _)| *number), None)
                }
            };
            to.raw(&[number]);
            if let Some(operand) = operand {
                to.number(operand);
            }
        }
    }
}

/// The types of a file that is being read.
#[derive(Debug)]
pub(super) struct TypesRead {
    /// With how deep each is.
    types: Vec<(Type, usize)>,
    /// Parts that may still be handed out, so that a small file cannot become a large program.
    left: usize,
}

impl TypesRead {
    /// Reads the table. `budget`: how many parts of types the file may unfold to.
    pub(super) fn read(from: &mut Reader<'_>, budget: usize) -> Read<TypesRead> {
        let count = from.count()?;
        let mut table = TypesRead { types: Vec::new(), left: budget };
        for _ in 0..count {
            let (ty, depth) = table.one(from)?;
            if depth > DEPTH_MOST {
                return Err(FileError::invalid("类型嵌套过深", "a type is nested too deep"));
            }
            table.types.push((ty, depth));
        }
        Ok(table)
    }

    /// A type by the index that comes next.
    pub(super) fn next(&mut self, from: &mut Reader<'_>) -> Read<Type> {
        Ok(self.part(from)?.0)
    }

    fn part(&mut self, from: &mut Reader<'_>) -> Read<(Type, usize)> {
        let at: usize = from.number()?;
        let (ty, depth) = self.types.get(at).ok_or_else(unknown)?;
        self.left = self
            .left
            .checked_sub(*depth)
            .ok_or_else(|| FileError::invalid("类型过多", "the types unfold to more than the file may hold"))?;
        Ok((ty.clone(), *depth))
    }

    fn one(&mut self, from: &mut Reader<'_>) -> Read<(Type, usize)> {
        let number = from.byte()?;
        if let Some((_, ty)) = PLAIN.iter().find(|(plain, _)| *plain == number) {
            return Ok((ty.clone(), 1));
        }
        Ok(match number {
            DIGITS => (Type::Digits(from.number()?), 1),
            LIST => {
                let (of, depth) = self.part(from)?;
                (Type::List(Arc::new(of)), depth + 1)
            }
            OPTIONAL => {
                let (of, depth) = self.part(from)?;
                (Type::Optional(Arc::new(of)), depth + 1)
            }
            RECORD => (Type::Record(from.number()?), 1),
            UNION => (Type::Union(from.number()?), 1),
            MESSAGE => (Type::Message(mti(from)?), 1),
            REPLY => (Type::Reply(mti(from)?), 1),
            _ => return Err(unknown()),
        })
    }
}

fn mti(from: &mut Reader<'_>) -> Read<Option<Mti>> {
    let number: u32 = from.number()?;
    match number.checked_sub(1) {
        None => Ok(None),
        Some(mti) => u16::try_from(mti).map(|mti| Some(Mti(mti))).map_err(|_| unknown()),
    }
}

fn unknown() -> FileError {
    FileError::invalid("没有这个类型", "there is no such type")
}
