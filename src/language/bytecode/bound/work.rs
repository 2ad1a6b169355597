//! What single instructions may be charged for besides their loop or call: long texts, long lists, deep comparisons.

use super::program::Granted;
use crate::language::builtin::row::Pure;
use crate::language::bytecode::instruction::{Instruction, Show};
use crate::language::bytecode::program::{Function, Program};
use crate::language::types::{Kind, Type};

/// Every so many bytes count as an instruction.
pub(super) const BYTES_PER_INSTRUCTION: u64 = 16;

/// Texts of numbers, amounts and times are shorter.
const SHOWN_MOST: u64 = 64;

/// A variant's name, an error's name, a response code's.
const NAME_MOST: u64 = 512;

/// So often the lengths are worked out anew; what still grows then has no bound but the machine's.
const ROUNDS: usize = 6;

/// How deep a type is followed before its values count as large.
const TYPE_DEPTH: usize = 8;

/// The most that the registers of a function can hold: bytes of a text, members of a list.
#[derive(Clone, Debug)]
pub(super) struct Sizes {
    registers: Vec<u64>,
    /// The most bytes of a text that the function gives.
    pub(super) gives: u64,
}

impl Sizes {
    /// Nothing is known of a function's result.
    pub(super) fn of_result(function: &Function, granted: &Granted) -> u64 {
        by_type(&function.gives, granted)
    }

    /// Works out the sizes of a function whose callees give texts of at most these lengths.
    pub(super) fn of(program: &Program, function: &Function, given: &[u64], granted: &Granted) -> Sizes {
        let mut sizes = Sizes { registers: vec![0; function.registers.len()], gives: 0 };
        for (register, ty) in sizes.registers.iter_mut().zip(&function.parameters) {
            *register = by_type(ty, granted);
        }
        for round in 0..=ROUNDS {
            let mut grew = false;
            for instruction in &function.code {
                let Some((to, size)) = sizes.written(program, function, given, granted, *instruction) else { continue };
                let most = function.registers.get(usize::from(to)).map_or(u64::MAX, |ty| ceiling(ty, granted));
                let size = if round == ROUNDS { most } else { size.min(most) };
                if let Some(known) = sizes.registers.get_mut(usize::from(to))
                    && *known < size
                {
                    *known = size;
                    grew = true;
                }
            }
            if !grew {
                break;
            }
        }
        let returned = function.code.iter().filter_map(|instruction| match instruction {
            Instruction::Return { from } => Some(sizes.get(*from)),
            _ => None,
        });
        sizes.gives = returned.max().unwrap_or(0);
        sizes
    }

    /// The most a register can hold.
    pub(super) fn get(&self, register: u8) -> u64 {
        self.registers.get(usize::from(register)).copied().unwrap_or(u64::MAX)
    }

    fn row(&self, base: u8, count: u8) -> impl Iterator<Item = u64> + '_ {
        (0..count).map(move |at| self.get(base.saturating_add(at)))
    }

    /// The register an instruction writes, and how large the value can be.
    fn written(
        &self,
        program: &Program,
        function: &Function,
        given: &[u64],
        granted: &Granted,
        instruction: Instruction,
    ) -> Option<(u8, u64)> {
        let ty = |register: u8| function.registers.get(usize::from(register)).unwrap_or(&Type::Unknown);
        let of_type = |register: u8| by_type(ty(register), granted);
        Some(match instruction {
            Instruction::Move { to, from } | Instruction::MakeSome { to, from } | Instruction::GetSome { to, from } => {
                (to, self.get(from))
            }
            Instruction::LoadNone { to } => (to, 0),
            Instruction::LoadText { to, text } => {
                (to, program.texts.get(text as usize).map_or(0, |(_, length)| u64::from(*length)))
            }
            Instruction::JoinTexts { to, base, count } => (to, self.row(base, count).fold(0, u64::saturating_add)),
            Instruction::ToText { to, from, show } => {
                let size = match Show::from_number(show) {
                    Some(Show::Bytes) => self.get(from).saturating_mul(2),
                    Some(Show::Union) | None => NAME_MOST.max(longest_variant(program, ty(from))),
                    Some(_) => SHOWN_MOST,
                };
                (to, size)
            }
            Instruction::MakeList { to, count, .. } => (to, count.into()),
            Instruction::JoinLists { to, left, right } => (to, self.get(left).saturating_add(self.get(right))),
            Instruction::Call { to, function, .. } => {
                (to, given.get(usize::from(function)).copied().unwrap_or(u64::MAX))
            }
            Instruction::CallPure { to, native, base, count } => {
                let first = self.row(base, count).next().unwrap_or(0);
                let size = match Pure::from_number(native) {
                    Some(Pure::ToDigits | Pure::Part) => first,
                    Some(Pure::Hex) => first.saturating_mul(2),
                    Some(Pure::AmountCurrency | Pure::AmountCurrencyNumber | Pure::CodeText | Pure::ErrorCode) => {
                        SHOWN_MOST
                    }
                    _ => of_type(to),
                };
                (to, size.min(of_type(to)))
            }
            Instruction::GetField { to, .. }
            | Instruction::GetPayload { to, .. }
            | Instruction::GetItem { to, .. }
            | Instruction::GetMessageField { to, .. }
            | Instruction::FindMessageField { to, .. }
            | Instruction::Request { to, .. } => (to, of_type(to)),
            _ => return None,
        })
    }

    /// What an instruction may be charged besides its place in a loop or function: where the sizes are known, and where
    /// only the machine's limits hold.
    pub(super) fn charge(&self, program: &Program, function: &Function, granted: &Granted, at: Instruction) -> Charge {
        let text = |bytes: u64| {
            let charge = bytes.min(granted.text_bytes) / BYTES_PER_INSTRUCTION;
            if bytes >= granted.text_bytes {
                Charge { known: 0, open: charge }
            } else {
                Charge { known: charge, open: 0 }
            }
        };
        let parts = |register: u8, times: u64| {
            let ty = function.registers.get(usize::from(register)).unwrap_or(&Type::Unknown);
            match parts_of(program, ty, TYPE_DEPTH).map(|parts| parts.saturating_mul(times)) {
                Some(known) if known <= granted.work => Charge { known, open: 0 },
                // One comparison more may begin before the machine sees that it was too much.
                _ => Charge { known: 0, open: granted.work.saturating_mul(2) },
            }
        };
        match at {
            Instruction::JoinTexts { base, count, .. } => {
                let bytes = self.row(base, count).fold(0, u64::saturating_add);
                let any_open = self.row(base, count).any(|bytes| bytes >= granted.text_bytes);
                text(if any_open { granted.text_bytes } else { bytes })
            }
            Instruction::ToText { to, .. } => text(self.get(to)),
            Instruction::CallPure { base, count, .. } => (0..count)
                .map(|at| base.saturating_add(at))
                .filter(|register| {
                    function.registers.get(usize::from(*register)).is_some_and(|ty| ty.kind() == Kind::Text)
                })
                .map(|register| text(self.get(register)))
                .fold(Charge::default(), Charge::and),
            Instruction::JoinLists { left, right, .. } => {
                let members = self.get(left).saturating_add(self.get(right));
                let charge = members.min(granted.list_members) / 2;
                if members >= granted.list_members {
                    Charge { known: 0, open: charge }
                } else {
                    Charge { known: charge, open: 0 }
                }
            }
            Instruction::EqualDeep { left, .. } => parts(left, 1),
            Instruction::Contains { item, list, .. } => parts(item, self.get(list).min(granted.list_members)),
            _ => Charge::default(),
        }
    }
}

/// A charge: what is known of it, and what only the machine's limits bound.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Charge {
    /// By sizes that are known.
    pub(super) known: u64,
    /// By the machine's limits of text, list and comparison.
    pub(super) open: u64,
}

impl Charge {
    /// Both.
    pub(super) fn and(self, other: Charge) -> Charge {
        Charge { known: self.known.saturating_add(other.known), open: self.open.saturating_add(other.open) }
    }

    /// So often.
    pub(super) fn times(self, times: u64) -> Charge {
        Charge { known: self.known.saturating_mul(times), open: self.open.saturating_mul(times) }
    }

    /// At most one of the two, each part by itself.
    pub(super) fn or(self, other: Charge) -> Charge {
        Charge { known: self.known.max(other.known), open: self.open.max(other.open) }
    }
}

/// What a value of this type from outside may be: its type says, else the limits.
fn by_type(ty: &Type, granted: &Granted) -> u64 {
    match ty {
        Type::Digits(length @ 1..) => u64::from(*length),
        Type::Optional(of) => by_type(of, granted),
        _ => ceiling(ty, granted),
    }
}

/// What the machine lets a value of this type be.
fn ceiling(ty: &Type, granted: &Granted) -> u64 {
    match ty {
        Type::Optional(of) => ceiling(of, granted),
        Type::List(_) | Type::Receipt => granted.list_members,
        _ => granted.text_bytes,
    }
}

fn longest_variant(program: &Program, ty: &Type) -> u64 {
    let Type::Union(at) = ty else { return 0 };
    let union = program.types.unions.get(usize::from(*at));
    let names = union.map(|union| union.variants.iter().map(|(name, _)| name.len() as u64));
    names.and_then(Iterator::max).unwrap_or(0)
}

/// How many parts a comparison looks at; `None` where only the value knows.
fn parts_of(program: &Program, ty: &Type, depth: usize) -> Option<u64> {
    let depth = depth.checked_sub(1)?;
    match ty {
        Type::List(_) | Type::Receipt => None,
        Type::Optional(of) => parts_of(program, of, depth)?.checked_add(1),
        Type::Phrase => Some(3),
        Type::Record(at) => {
            let record = program.types.records.get(usize::from(*at))?;
            record.fields.iter().try_fold(1u64, |sum, (_, ty)| sum.checked_add(parts_of(program, ty, depth)?))
        }
        Type::Union(at) => {
            let union = program.types.unions.get(usize::from(*at))?;
            let payloads = union.variants.iter().filter_map(|(_, ty)| ty.as_ref());
            let most =
                payloads.map(|ty| parts_of(program, ty, depth)).try_fold(0, |most, parts| Some(most.max(parts?)));
            most?.checked_add(1)
        }
        _ => Some(1),
    }
}
